//! The traces of the last 5 s: a lane for each region, left solid and right dashed, with events, markers and gaps.
//!
//! Up is up in the upright face, in % of the ICD. All lanes share one scale: ±6 %, or the next doubling that holds them.

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
const LEAST_SCALE: f32 = 6.0;
const LARGEST_SCALE: f32 = 96.0;
/// Dashes of the right side, in seconds: fixed in time, so that they move with the trace.
const DASH_S: [f64; 2] = [0.11, 0.07];
/// A trace is interrupted where two signals are farther apart than this many usual periods.
const BREAK_PERIODS: f64 = 2.5;

/// The shared geometry of the lanes.
struct Plot {
    area: Area,
    now_s: f64,
    full_scale: f32,
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
    let gutter = brush.px(if is_narrow { 78.0 } else { 96.0 });
    let scale_width = brush.px(22.0);
    let inner = area.inset(pad.min(area.h / 12));
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
    let full_scale = full_scale(scene);
    let plot = Plot { area: plot, now_s: now_s(scene), full_scale };
    time_axis(brush, &plot);
    absences(brush, scene, &plot);
    let lanes = lanes_of(scene.traced);
    let count = lanes.len().max(1) as i32;
    for (i, (region, sides)) in lanes.iter().enumerate() {
        let i = i as i32;
        let top = plot.area.y + plot.area.h * i / count;
        let lane = Area { y: top, h: plot.area.y + plot.area.h * (i + 1) / count - top, ..plot.area };
        lane_grid(brush, &plot, lane, i == 0);
        lane_label(brush, scene, lane, inner.x, gutter, *region, *sides);
    }
    happenings(brush, scene, &plot);
    for (i, (region, sides)) in lanes.iter().enumerate() {
        let i = i as i32;
        let top = plot.area.y + plot.area.h * i / count;
        let lane = Area { y: top, h: plot.area.y + plot.area.h * (i + 1) / count - top, ..plot.area };
        for side in [Side::Right, Side::Left] {
            if sides[side as usize] {
                trace(brush, scene.signals, &plot, lane, RegionId { region: *region, side });
            }
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

/// The lanes in the order in which their regions first occur, with the sides that are shown.
fn lanes_of(traced: &[RegionId]) -> Vec<(Region, [bool; 2])> {
    let mut lanes: Vec<(Region, [bool; 2])> = Vec::new();
    for id in traced {
        let at = lanes.iter().position(|(region, _)| *region == id.region).unwrap_or_else(|| {
            lanes.push((id.region, [false; 2]));
            lanes.len() - 1
        });
        lanes[at].1[id.side as usize] = true;
    }
    lanes
}

fn full_scale(scene: &Scene<'_>) -> f32 {
    let values =
        scene.signals.iter().flat_map(|s| scene.traced.iter().filter_map(|id| upward_percent(s, *id)));
    let largest = values.fold(0.0_f32, |a, v| a.max(v.abs()));
    let mut scale = LEAST_SCALE;
    while scale < largest && scale < LARGEST_SCALE {
        scale *= 2.0;
    }
    scale
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

fn lane_grid(brush: &mut Brush<'_>, plot: &Plot, lane: Area, is_first: bool) {
    let (x0, x1) = (lane.x, lane.right());
    let middle = lane.y + lane.h / 2;
    let half = lane_half_px(lane);
    if !is_first {
        brush.rule(x0, x1, lane.y, theme::RULE.at(0.12));
    }
    brush.rule(x0, x1, middle, theme::RULE.at(0.14));
    let style = brush.fonts.small;
    let guide = plot.full_scale / 2.0;
    for (value, sign) in [(guide, "+"), (-guide, "−")] {
        let y = middle - (half * value / plot.full_scale).round() as i32;
        let (dash, gap) = (brush.px(2.0).max(1), brush.px(4.0).max(2));
        let mut x = x0;
        while x < x1 {
            brush.rule(x, (x + dash).min(x1), y, theme::RULE.at(0.2));
            x += dash + gap;
        }
        if lane.h as f32 > 26.0 * brush.unit {
            let y = style.baseline_px(y, 0);
            brush.text(
                [x1 as f32 + 4.0 * brush.unit, y],
                &format!("{sign}{guide:.0}"),
                style,
                theme::FAINT,
                18.0 * brush.unit,
            );
        }
    }
}

/// Half of a lane's usable height, in pixels.
fn lane_half_px(lane: Area) -> f32 {
    lane.h as f32 * 0.47
}

/// The region's name and its present values, at the left of its lane.
fn lane_label(
    brush: &mut Brush<'_>,
    scene: &Scene<'_>,
    lane: Area,
    left: i32,
    gutter: i32,
    region: Region,
    sides: [bool; 2],
) {
    let (name_style, style) = (brush.fonts.strong, brush.fonts.small);
    let color = theme::region_color(region);
    let (x, room) = (left as f32, gutter as f32 - 6.0 * brush.unit);
    let line = brush.px(13.0);
    let shown: Vec<Side> = [Side::Left, Side::Right].into_iter().filter(|s| sides[*s as usize]).collect();
    // Name alone, name and one line, or name and two lines, as the lane allows.
    let rows = if lane.h >= line * 3 { 2 } else { i32::from(lane.h >= line * 2 - brush.px(2.0)) };
    let mut y = lane.y + (lane.h - line * (rows + 1)) / 2;
    if lane.h < brush.px(9.0) {
        return;
    }
    brush.text([x, name_style.baseline_px(y, line)], words::region_words(region), name_style, color, room);
    let column = if rows == 2 { room } else { room / 2.0 };
    for (i, side) in shown.iter().enumerate().filter(|_| rows > 0) {
        if rows == 2 || i == 0 {
            y += line;
        }
        let x = if rows == 2 { x } else { x + column * i as f32 };
        let baseline = style.baseline_px(y, line);
        let value = scene.signals.last().and_then(|s| upward_percent(s, RegionId { region, side: *side }));
        let letter = if *side == Side::Left { "L" } else { "R" };
        let mut pen = x;
        if rows == 2 {
            swatch(brush, [x, (y + line / 2) as f32], color, theme::is_dashed(*side));
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
fn trace(brush: &mut Brush<'_>, signals: &[Signal], plot: &Plot, lane: Area, id: RegionId) {
    let middle = lane.y as f32 + lane.h as f32 / 2.0;
    let half = lane_half_px(lane);
    let y_of = |percent: f32| middle - half * (percent / plot.full_scale).clamp(-1.0, 1.0);
    let first = signals.partition_point(|s| s.captured_at.as_secs_f64() < plot.now_s - SPAN_S);
    let shown = signals.get(first..).unwrap_or_default();
    let longest_step_s = BREAK_PERIODS * usual_period_s(shown);
    let mut before: Option<(f64, f32)> = None;
    for signal in shown {
        let time_s = signal.captured_at.as_secs_f64();
        let here = upward_percent(signal, id).map(|percent| (time_s, y_of(percent)));
        if let (Some(from), Some(to)) = (before, here) {
            if to.0 > from.0 && to.0 - from.0 <= longest_step_s {
                segment(brush, plot, from, to, theme::is_dashed(id.side));
            }
        }
        before = here;
    }
    brush.stroke(&[(1.5 * brush.unit, theme::region_color(id.region))], LineJoin::Bevel);
    if let Some((time_s, y)) = before {
        brush.canvas.fill_disc([plot.x(time_s), y], 2.2 * brush.unit, theme::region_color(id.region));
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
