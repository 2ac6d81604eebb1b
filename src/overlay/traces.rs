//! The traces of the last 5 s: a lane for each region, left solid and right dashed, with events, markers and gaps.
//!
//! Up is up in the upright face, in % of the ICD. Each lane has its own scale: ±4 %, or the next doubling that holds its
//! values. The dotted guides at ±3 % stand where published thresholds for micro-expressions lie (2-3 % ICD).

use tiny_skia::LineJoin;

use super::brush::Brush;
use super::canvas::{Area, Color};
use super::scene::Scene;
use super::theme;
use super::words;
use crate::types::{FrameStatus, Region, RegionId, Side, Signal};

/// Seconds shown.
const SPAN_S: f64 = 5.0;
/// The least full scale, in % ICD; it doubles until all values fit, up to [`LARGEST_SCALE`].
const LEAST_SCALE: f32 = 4.0;
const LARGEST_SCALE: f32 = 64.0;
/// The guides, in % ICD, on scales up to [`GUIDE_UP_TO`]; on larger ones they stand at half the scale.
const GUIDE: f32 = 3.0;
const GUIDE_UP_TO: f32 = 8.0;
/// Dashes of the right side, in seconds: fixed in time, so that they move with the trace.
const DASH_S: [f64; 2] = [0.11, 0.07];
/// A value older than this, in seconds, is not shown as the present one.
const PRESENT_S: f64 = 0.25;
/// A trace is interrupted where two signals are farther apart than this many usual periods.
const BREAK_PERIODS: f64 = 2.5;

/// The shared geometry of the lanes.
struct Plot {
    area: Area,
    now_s: f64,
}

/// One region's share of the plot.
struct Lane {
    area: Area,
    region: Region,
    /// Left, right: which are shown.
    sides: [bool; 2],
    /// What the lane's upper edge stands for, in % ICD.
    full_scale: f32,
}

impl Lane {
    /// Half of the usable height, in pixels.
    fn half_px(&self) -> f32 {
        self.area.h as f32 * 0.47
    }

    fn middle_px(&self) -> f32 {
        self.area.y as f32 + self.area.h as f32 / 2.0
    }

    /// The row of a value in % ICD; beyond the scale, the lane's edge.
    fn y(&self, percent: f32) -> f32 {
        self.middle_px() - self.half_px() * (percent / self.full_scale).clamp(-1.0, 1.0)
    }

    fn ids(&self) -> impl Iterator<Item = RegionId> + use<> {
        let (region, sides) = (self.region, self.sides);
        [Side::Left, Side::Right]
            .into_iter()
            .filter(move |s| sides[*s as usize])
            .map(move |side| RegionId { region, side })
    }
}

impl Plot {
    fn x(&self, time_s: f64) -> f32 {
        let age = ((self.now_s - time_s) / SPAN_S).clamp(0.0, 1.0);
        self.area.right() as f32 - (age * f64::from(self.area.w)) as f32
    }

    fn span(&self, from_s: f64, to_s: f64) -> Option<Area> {
        if !(from_s.is_finite() && to_s.is_finite()) || to_s < self.now_s - SPAN_S || from_s > self.now_s {
            return None;
        }
        let (x0, x1) = (self.x(from_s).round() as i32, self.x(to_s).round() as i32);
        Some(Area { x: x0, w: (x1 - x0).max(1), ..self.area })
    }
}

/// Upward motion in % ICD, or `None` where it was not measured.
fn upward_percent(signal: &Signal, id: RegionId) -> Option<f32> {
    let motion = signal.regions.get(id.index()).filter(|motion| motion.is_valid)?;
    Some(-100.0 * motion.displacement_icd[1]).filter(|value| value.is_finite())
}

/// The latest time in the scene, in seconds: the right edge of the traces.
pub(super) fn now_s(scene: &Scene<'_>) -> f64 {
    let observed = scene.observation.map(|o| o.captured_at.as_secs_f64());
    let signals = scene.signals.last().map(|s| s.captured_at.as_secs_f64());
    let statuses = scene.statuses.last().map(|(time_s, _)| *time_s).filter(|t| t.is_finite());
    observed.or(signals).into_iter().chain(statuses).reduce(f64::max).unwrap_or(0.0)
}

/// Draws the panel into `area`.
pub(super) fn draw(brush: &mut Brush<'_>, scene: &Scene<'_>, area: Area) {
    brush.panel(area);
    let pad = brush.px(8.0);
    let (top_row, axis_row) = (brush.px(15.0), brush.px(13.0));
    let is_narrow = area.w < brush.px(420.0);
    let gutter = brush.px(if is_narrow { 84.0 } else { 98.0 });
    let scale_width = brush.px(22.0);
    let pad_y = brush.px(6.0).min(area.h / 12);
    let inner = Area::new(area.x + pad, area.y + pad_y, area.w - 2 * pad, area.h - 2 * pad_y);
    let plot = Area::new(
        inner.x + gutter,
        inner.y + top_row,
        inner.w - gutter - scale_width,
        inner.h - top_row - axis_row,
    );
    let title_style = brush.fonts.title;
    let title_y = title_style.baseline_px(inner.y, brush.px(9.0));
    brush.text(
        [inner.x as f32, title_y],
        "MOTION, % ICD",
        title_style,
        theme::SOFT,
        gutter as f32 + 40.0 * brush.unit,
    );
    if plot.w < 8 || plot.h < 8 {
        return;
    }
    let plot = Plot { area: plot, now_s: now_s(scene) };
    time_axis(brush, &plot);
    absences(brush, scene, &plot);
    let lanes = lanes_of(scene, plot.area);
    for (i, lane) in lanes.iter().enumerate() {
        lane_grid(brush, lane, i == 0);
        lane_label(brush, scene, lane, inner.x, gutter);
    }
    happenings(brush, scene, &plot);
    for lane in &lanes {
        for id in lane.ids() {
            trace(brush, scene.signals, &plot, lane, id);
        }
    }
    if lanes.is_empty() {
        let style = brush.fonts.small;
        let y = style.baseline_px(plot.area.y, plot.area.h);
        brush.text_centred(
            [(plot.area.x + plot.area.w / 2) as f32, y],
            "no regions chosen: press tab",
            style,
            theme::FAINT,
        );
    }
}

/// The lanes, one below the other, in the order in which their regions first occur.
fn lanes_of(scene: &Scene<'_>, area: Area) -> Vec<Lane> {
    let mut regions: Vec<(Region, [bool; 2])> = Vec::new();
    for id in scene.traced {
        let at = regions.iter().position(|(region, _)| *region == id.region).unwrap_or_else(|| {
            regions.push((id.region, [false; 2]));
            regions.len() - 1
        });
        regions[at].1[id.side as usize] = true;
    }
    let count = regions.len() as i32;
    let edge = |i: i32| area.y + area.h * i / count;
    (0..)
        .zip(regions)
        .map(|(i, (region, sides))| {
            let mut lane = Lane {
                area: Area { y: edge(i), h: edge(i + 1) - edge(i), ..area },
                region,
                sides,
                full_scale: LEAST_SCALE,
            };
            let values = scene.signals.iter().flat_map(|s| lane.ids().filter_map(|id| upward_percent(s, id)));
            let largest = values.fold(0.0_f32, |a, v| a.max(v.abs()));
            while lane.full_scale < largest && lane.full_scale < LARGEST_SCALE {
                lane.full_scale *= 2.0;
            }
            lane
        })
        .collect()
}

fn time_axis(brush: &mut Brush<'_>, plot: &Plot) {
    let style = brush.fonts.small;
    let y = style.baseline_px(plot.area.bottom() + brush.px(3.0), brush.px(9.0));
    for seconds in 0..=SPAN_S as i32 {
        let x = plot.x(plot.now_s - f64::from(seconds));
        brush.rule_down(
            x as i32,
            plot.area.y,
            plot.area.bottom(),
            theme::RULE.at(if seconds == 0 { 0.16 } else { 0.06 }),
        );
        let label = if seconds == 0 { "now".to_owned() } else { format!("−{seconds} s") };
        brush.text_centred([x, y], &label, style, theme::FAINT);
    }
}

/// Greys the spans in which nothing was measured, and says why.
fn absences(brush: &mut Brush<'_>, scene: &Scene<'_>, plot: &Plot) {
    let style = brush.fonts.small;
    let mut i = 0;
    while let Some(&(start_s, status)) = scene.statuses.get(i) {
        let rest = &scene.statuses[i..];
        let length = rest.iter().take_while(|(_, s)| *s == status).count();
        // A span lasts until the next frame of another status.
        let end_s = scene.statuses.get(i + length).map_or(plot.now_s, |(time_s, _)| *time_s);
        i += length;
        let Some(span) = plot.span(start_s, end_s).filter(|_| status != FrameStatus::Ok) else { continue };
        let opacity = if status == FrameStatus::Gap { 0.22 } else { 0.10 };
        brush.canvas.fill(span, Color::rgb(0xA9B4C0).at(opacity));
        let label = words::status_label(status);
        if brush.setter.width_px(label, style) + 6.0 * brush.unit < span.w as f32 {
            let y = style.baseline_px(span.y, span.h);
            brush.text_centred([(span.x + span.w / 2) as f32, y], label, style, theme::SOFT);
        }
    }
}

/// Zero line, guides, and what the guides stand for.
fn lane_grid(brush: &mut Brush<'_>, lane: &Lane, is_first: bool) {
    let (x0, x1) = (lane.area.x, lane.area.right());
    let middle = lane.middle_px() as i32;
    if !is_first {
        brush.rule(x0, x1, lane.area.y, theme::RULE.at(0.12));
    }
    brush.rule(x0, x1, middle, theme::RULE.at(0.14));
    let guide = if lane.full_scale <= GUIDE_UP_TO { GUIDE } else { lane.full_scale / 2.0 };
    let (dash, gap) = (brush.px(2.0).max(1), brush.px(4.0).max(2));
    for y in [lane.y(guide), lane.y(-guide)] {
        let mut x = x0;
        while x < x1 {
            brush.rule(x, (x + dash).min(x1), y as i32, theme::RULE.at(0.2));
            x += dash + gap;
        }
    }
    let style = brush.fonts.small;
    if lane.area.h as f32 >= style.size_px {
        let pen = [x1 as f32 + 4.0 * brush.unit, style.baseline_px(middle, 0)];
        brush.text(pen, &format!("±{guide:.0}"), style, theme::FAINT, 20.0 * brush.unit);
    }
}

/// The region's name and its present values, at the left of its lane.
fn lane_label(brush: &mut Brush<'_>, scene: &Scene<'_>, lane: &Lane, left: i32, gutter: i32) {
    let (region, area) = (lane.region, lane.area);
    let (name_style, style) = (brush.fonts.strong, brush.fonts.small);
    let color = theme::region_color(region);
    let (x, room) = (left as f32, gutter as f32 - 6.0 * brush.unit);
    let line = brush.px(13.0);
    // Name alone, name and one line, or name and two lines, as the lane allows.
    let rows = if area.h >= line * 3 { 2 } else { i32::from(area.h >= line * 2 - brush.px(2.0)) };
    let mut y = area.y + (area.h - line * (rows + 1)) / 2;
    if area.h < brush.px(9.0) {
        return;
    }
    brush.text([x, name_style.baseline_px(y, line)], words::region_words(region), name_style, color, room);
    let column = if rows == 2 { room } else { room / 2.0 };
    let newest = scene.signals.last().filter(|s| now_s(scene) - s.captured_at.as_secs_f64() < PRESENT_S);
    for (i, id) in lane.ids().enumerate().filter(|_| rows > 0) {
        if rows == 2 || i == 0 {
            y += line;
        }
        let x = if rows == 2 { x } else { x + column * i as f32 };
        let baseline = style.baseline_px(y, line);
        let value = newest.and_then(|s| upward_percent(s, id));
        let letter = if id.side == Side::Left { "L" } else { "R" };
        let mut pen = x;
        if rows == 2 {
            swatch(
                brush,
                [x, (y + line / 2) as f32],
                theme::side_color(region, *side),
                theme::is_dashed(*side),
            );
            pen += 18.0 * brush.unit;
        }
        let pen = brush.text([pen, baseline], letter, style, theme::SOFT, column);
        let text = value.map_or("–".to_owned(), |v| words::signed(v, 1));
        brush.text([pen + 3.0 * brush.unit, baseline], &text, style, theme::INK, column);
    }
}

/// A short piece of line as a legend.
fn swatch(brush: &mut Brush<'_>, left: [f32; 2], color: Color, is_dashed: bool) {
    let unit = brush.unit;
    let pieces: &[[f32; 2]] = if is_dashed { &[[0.0, 5.0], [8.0, 13.0]] } else { &[[0.0, 13.0]] };
    for [from, to] in pieces {
        brush.polyline(&[[left[0] + from * unit, left[1]], [left[0] + to * unit, left[1]]], false);
    }
    brush.stroke(&[(1.5 * unit, color)], LineJoin::Round);
}

/// Events as bands with their mark on top, markers as numbered flags.
fn happenings(brush: &mut Brush<'_>, scene: &Scene<'_>, plot: &Plot) {
    let mark_y = plot.area.y as f32 - 6.5 * brush.unit;
    for event in scene.events {
        let (onset_s, apex_s) = (event.onset.as_secs_f64(), event.apex.as_secs_f64());
        let offset_s = event.offset.map_or(plot.now_s, |t| t.as_secs_f64());
        let Some(band) = plot.span(onset_s, offset_s) else { continue };
        let color = theme::kind_color(event.kind);
        brush.canvas.fill(band, color.at(0.15));
        if apex_s >= plot.now_s - SPAN_S && apex_s <= plot.now_s {
            let x = plot.x(apex_s);
            brush.rule_down(x as i32, plot.area.y, plot.area.bottom(), color.at(0.6));
            brush.kind_mark(event.kind, [x, mark_y], 4.5 * brush.unit, event.confirmed_at.is_none());
        }
    }
    let style = brush.fonts.title;
    for (i, time_s) in scene.markers_s.iter().enumerate() {
        if plot.span(*time_s, *time_s).is_none() {
            continue;
        }
        let x = plot.x(*time_s) as i32;
        brush.rule_down(x, plot.area.y - brush.px(11.0), plot.area.bottom(), theme::MARKER.at(0.75));
        let label = (i + 1).to_string();
        let width = brush.setter.width_px(&label, style).ceil() as i32 + brush.px(5.0);
        let flag =
            Area::new(x.min(plot.area.right() - width), plot.area.y - brush.px(12.0), width, brush.px(11.0));
        brush.canvas.fill(flag, theme::MARKER.at(0.9));
        let baseline = style.baseline_px(flag.y, flag.h);
        brush.text_centred([flag.x as f32 + flag.w as f32 / 2.0, baseline], &label, style, theme::ON_MARK);
    }
}

/// One region's line.
fn trace(brush: &mut Brush<'_>, signals: &[Signal], plot: &Plot, lane: &Lane, id: RegionId) {
    let first = signals.partition_point(|s| s.captured_at.as_secs_f64() < plot.now_s - SPAN_S);
    let shown = signals.get(first..).unwrap_or_default();
    let longest_step_s = BREAK_PERIODS * usual_period_s(shown);
    let mut before: Option<(f64, f32)> = None;
    for signal in shown {
        let time_s = signal.captured_at.as_secs_f64();
        let here = upward_percent(signal, id).map(|percent| (time_s, lane.y(percent)));
        if let (Some(from), Some(to)) = (before, here) {
            if to.0 > from.0 && to.0 - from.0 <= longest_step_s {
                segment(brush, plot, from, to, theme::is_dashed(id.side));
            }
        }
        before = here;
    }
    let color = theme::side_color(id.region, id.side);
    brush.stroke(&[(1.5 * brush.unit, color)], LineJoin::Bevel);
    if let Some((time_s, y)) = before {
        brush.canvas.fill_disc([plot.x(time_s), y], 2.2 * brush.unit, color);
    }
}

/// One step of a trace, or the dashes of it.
fn segment(brush: &mut Brush<'_>, plot: &Plot, from: (f64, f32), to: (f64, f32), is_dashed: bool) {
    let at = |time_s: f64| {
        let share = ((time_s - from.0) / (to.0 - from.0)) as f32;
        [plot.x(time_s), from.1 + (to.1 - from.1) * share]
    };
    if !is_dashed {
        brush.move_to(at(from.0));
        brush.line_to(at(to.0));
        return;
    }
    let period = DASH_S[0] + DASH_S[1];
    let mut start = (from.0 / period).floor() * period;
    while start < to.0 {
        let (on, off) = (start.max(from.0), (start + DASH_S[0]).min(to.0));
        if off > on {
            brush.move_to(at(on));
            brush.line_to(at(off));
        }
        start += period;
    }
}

/// The median step between signals, in seconds; 0 without any.
fn usual_period_s(signals: &[Signal]) -> f64 {
    let mut steps: Vec<i64> =
        signals.windows(2).map(|w| w[1].captured_at.as_nanos() - w[0].captured_at.as_nanos()).collect();
    if steps.is_empty() {
        return 0.0;
    }
    let middle = steps.len() / 2;
    *steps.select_nth_unstable(middle).1 as f64 * 1e-9
}
