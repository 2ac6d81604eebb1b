//! One lane of the traces: a region's left and right motion, upwards, with zero line, guides, name and present values.
//!
//! Each lane has its own scale: ±4 %, or the next doubling that holds its values. The dotted guides at ±3 % stand where
//! published thresholds for micro-expressions lie (2-3 % ICD); on large scales they stand at half the scale.

use super::blind;
use super::brush::Brush;
use super::canvas::{Area, Color};
use super::lines::Ends;
use super::scene::Scene;
use super::theme;
use super::traces::{Plot, SPAN_S};
use super::words;
use crate::types::{Region, RegionId, Side, Signal};

/// Smaller steps of a trace are not drawn, in pixels across and up.
const SMALLEST_STEP_PX: f32 = 0.75;
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

/// One region's share of the plot.
pub(super) struct Lane {
    area: Area,
    region: Region,
    /// Left, right: which are shown. Indexed by [`Side`], which has these two values.
    sides: [bool; 2],
    /// What the lane's upper edge stands for, in % ICD.
    full_scale: f32,
}

impl Lane {
    /// Its part of the plot.
    pub(super) fn area(&self) -> Area {
        self.area
    }

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

    /// The signals shown, left first.
    pub(super) fn ids(&self) -> impl Iterator<Item = RegionId> + use<> {
        let (region, sides) = (self.region, self.sides);
        [Side::Left, Side::Right]
            .into_iter()
            .filter(move |s| sides[*s as usize])
            .map(move |side| RegionId { region, side })
    }
}

/// Upward motion in % ICD, or `None` where it was not measured.
fn upward_percent(signal: &Signal, id: RegionId) -> Option<f32> {
    let motion = signal.regions.get(id.index()).filter(|motion| motion.is_valid)?;
    Some(-100.0 * motion.displacement_icd[1]).filter(|value| value.is_finite())
}

/// The lanes, one below the other, in the order in which their regions first occur.
pub(super) fn lanes_of(scene: &Scene<'_>, area: Area) -> Vec<Lane> {
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

/// Zero line, guides, and what the guides stand for.
pub(super) fn grid(brush: &mut Brush<'_>, lane: &Lane, is_first: bool) {
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
        brush.text(pen, &format!("±{guide:.0}"), style, theme::FAINT, 27.0 * brush.unit);
    }
}

/// The region's name and its present values, at the left of its lane.
pub(super) fn label(
    brush: &mut Brush<'_>,
    scene: &Scene<'_>,
    now_s: f64,
    lane: &Lane,
    left: i32,
    gutter: i32,
) {
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
    let newest = scene.signals.last().filter(|s| now_s - s.captured_at.as_secs_f64() < PRESENT_S);
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
            let color = theme::side_color(region, id.side);
            swatch(brush, [x, (y + line / 2) as f32], color, theme::is_dashed(id.side));
            pen += 18.0 * brush.unit;
        }
        let pen = brush.text([pen, baseline], letter, style, theme::SOFT, column);
        let text = value.map_or("–".to_owned(), |v| words::signed(v, 1));
        let ink = if blind::is_blind_now(scene, id) { theme::FAINT } else { theme::INK };
        brush.text([pen + 3.0 * brush.unit, baseline], &text, style, ink, column);
    }
}

/// A short piece of line as a legend.
fn swatch(brush: &mut Brush<'_>, left: [f32; 2], color: Color, is_dashed: bool) {
    let unit = brush.unit;
    let pieces: &[[f32; 2]] = if is_dashed { &[[0.0, 5.0], [8.0, 13.0]] } else { &[[0.0, 13.0]] };
    for [from, to] in pieces {
        brush.polyline(&[[left[0] + from * unit, left[1]], [left[0] + to * unit, left[1]]], false);
    }
    brush.stroke(&[(1.5 * unit, color)], Ends::Round);
}

/// One region's line; gray where a motion of 3 % ICD would not have been seen in it.
pub(super) fn trace(brush: &mut Brush<'_>, scene: &Scene<'_>, plot: &Plot, lane: &Lane, id: RegionId) {
    let signals = scene.signals;
    let first = signals.partition_point(|s| s.captured_at.as_secs_f64() < plot.now_s - SPAN_S);
    let shown = signals.get(first..).unwrap_or_default();
    let longest_step_s = BREAK_PERIODS * usual_period_s(shown);
    let color = theme::side_color(id.region, id.side);
    let mut newest = None;
    for (is_grey, color) in [(true, theme::FAINT), (false, color)] {
        let mut before: Option<Step> = None;
        for signal in shown {
            let at = Step::of(signal, lane, id, blind::is_blind(scene.observability, signal.captured_at, id));
            if let (Some(from), Some(to)) = (&before, &at)
                && from.time_s >= plot.now_s - SPAN_S
                && to.time_s > from.time_s
                && to.time_s - from.time_s <= longest_step_s
                && to.is_blind == is_grey
            {
                if from.is_close_to(to, plot) && from.is_blind == is_grey {
                    continue;
                }
                segment(brush, plot, (from.time_s, from.y), (to.time_s, to.y), theme::is_dashed(id.side));
            }
            before = at;
        }
        brush.stroke(&[(1.5 * brush.unit, color)], Ends::Flat);
        newest = before.filter(|step| step.is_blind == is_grey).map(|step| (step, color)).or(newest);
    }
    if let Some((step, color)) = newest {
        brush.canvas.fill_disc([plot.x(step.time_s), step.y], 2.2 * brush.unit, color);
    }
}

/// A point of a trace.
struct Step {
    time_s: f64,
    y: f32,
    is_blind: bool,
}

impl Step {
    fn of(signal: &Signal, lane: &Lane, id: RegionId, is_blind: bool) -> Option<Self> {
        let percent = upward_percent(signal, id)?;
        Some(Self { time_s: signal.captured_at.as_secs_f64(), y: lane.y(percent), is_blind })
    }

    /// Whether the step to `next` is too small to be seen: it is joined with the one after, and a peak is a step that can
    /// be seen.
    fn is_close_to(&self, next: &Self, plot: &Plot) -> bool {
        let smallest_step_s = SPAN_S * f64::from(SMALLEST_STEP_PX) / f64::from(plot.area.w.max(1));
        next.time_s - self.time_s < smallest_step_s && (next.y - self.y).abs() < SMALLEST_STEP_PX
    }
}

/// One step of a trace, or the dashes of it.
fn segment(brush: &mut Brush<'_>, plot: &Plot, from: (f64, f32), to: (f64, f32), is_dashed: bool) {
    let at = |time_s: f64| {
        let share = ((time_s - from.0) / (to.0 - from.0)) as f32;
        [plot.x(time_s), from.1 + (to.1 - from.1) * share]
    };
    if !is_dashed {
        brush.line(at(from.0), at(to.0));
        return;
    }
    let period = DASH_S[0] + DASH_S[1];
    let mut start = (from.0 / period).floor() * period;
    while start < to.0 {
        let (on, off) = (start.max(from.0), (start + DASH_S[0]).min(to.0));
        if off > on {
            brush.line(at(on), at(off));
        }
        start += period;
    }
}

/// The median step between signals, in seconds; 0 without any.
fn usual_period_s(signals: &[Signal]) -> f64 {
    let mut steps: Vec<f64> =
        signals.windows(2).map(|w| w[1].captured_at.seconds_since(w[0].captured_at)).collect();
    let middle = steps.len() / 2;
    if steps.is_empty() { 0.0 } else { *steps.select_nth_unstable_by(middle, f64::total_cmp).1 }
}
