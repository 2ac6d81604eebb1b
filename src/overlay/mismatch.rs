//! Why a smile was flagged: the mouth's trace and that of brows and eyes beside each other, while a mismatch lasts and a little longer.

use super::brush::Brush;
use super::canvas::{Area, Color};
use super::layout::Layout;
use super::lines::Ends;
use super::scene::{FADE_S, Scene, ShownEvent};
use super::theme;
use super::traces::{Plot, SPAN_S};
use crate::types::{EventKind, Mismatch, Region};

/// How long the panel stays after the mismatch has ended, in seconds: long enough to be read.
const STAYS_S: f64 = 3.0;
/// Size of the panel, in layout units.
const SIZE: [f32; 2] = [300.0, 78.0];
/// A trace is interrupted where two values are farther apart, in seconds.
const BREAK_S: f64 = 0.25;
/// Smaller steps of a trace are not drawn, in pixels.
const SMALLEST_STEP_PX: f32 = 0.75;

/// One of the two traces.
struct Side {
    name: &'static str,
    color: Color,
    get: fn(&Mismatch) -> f32,
}

/// Draws the panel for the newest mismatch.
pub(super) fn draw(brush: &mut Brush<'_>, scene: &Scene<'_>, layout: &Layout, now_s: f64) {
    let shown = scene.events.iter().rev().find(|shown| shown.event.kind == EventKind::Masked);
    let Some((shown, opacity)) = shown.map(|shown| (shown, opacity(shown, now_s))).filter(|(_, o)| *o > 0.0)
    else {
        return;
    };
    let Some(area) = place(brush, layout) else { return };
    brush.canvas.fill_round(area, 5.0 * brush.unit, theme::GLASS.at(0.86 * opacity));
    let pad = brush.px(9.0);
    let inner = Area::new(area.x + pad, area.y + brush.px(6.0), area.w - 2 * pad, area.h - brush.px(12.0));
    title(brush, shown, inner, opacity);
    let top = inner.y + brush.px(18.0);
    let gap = brush.px(10.0);
    let half = (inner.w - gap) / 2;
    let eyes = match (layout.is_wide, shown.event.label.as_str()) {
        (true, "happy_but_sad") => "BROWS AND EYES: SAD",
        (true, "happy_but_angry") => "BROWS AND EYES: ANGRY",
        (true, _) => "BROWS AND EYES: NO SMILE",
        (false, "happy_but_sad") => "EYES: SAD",
        (false, "happy_but_angry") => "EYES: ANGRY",
        (false, _) => "EYES: NO SMILE",
    };
    let sides = [
        Side {
            name: "MOUTH: SMILE",
            color: theme::region_color(Region::MouthCorner),
            get: |parts| parts.smile,
        },
        Side { name: eyes, color: theme::region_color(Region::InnerBrow), get: |parts| parts.negative },
    ];
    for (i, side) in (0..).zip(&sides) {
        let area = Area::new(inner.x + i * (half + gap), top, half, inner.bottom() - top);
        trace(brush, scene, shown, side, area, (now_s, opacity));
    }
}

/// At the picture's foot, above the tags and the passing message; where panels lie over the picture, below the events, beside the face.
/// `None` where there is no room.
fn place(brush: &Brush<'_>, layout: &Layout) -> Option<Area> {
    let (free, h) = (layout.free, brush.px(SIZE[1]));
    if layout.is_wide {
        let (w, foot) = (brush.px(SIZE[0]).min(free.w), brush.px(34.0));
        return (h + foot <= free.h)
            .then(|| Area::new(free.x + (free.w - w) / 2, free.bottom() - foot - h, w, h));
    }
    let events = layout.events;
    let area = Area::new(events.x, events.bottom() + brush.px(8.0), events.w, h);
    // The tag of the arrows' gain stands at the foot.
    (area.bottom() <= free.bottom() - brush.px(20.0)).then_some(area)
}

/// How much of the panel is still to be seen, `[0, 1]`.
fn opacity(shown: &ShownEvent, now_s: f64) -> f32 {
    let until_s = match (shown.withdrawn_s, shown.event.offset) {
        (Some(_), _) => return shown.opacity(now_s),
        (None, Some(offset)) => offset.as_secs_f64() + STAYS_S,
        (None, None) => return 1.0,
    };
    (1.0 - (now_s - until_s) / FADE_S).clamp(0.0, 1.0) as f32
}

fn title(brush: &mut Brush<'_>, shown: &ShownEvent, inner: Area, opacity: f32) {
    let style = brush.fonts.strong;
    let y = style.baseline_px(inner.y, brush.px(13.0));
    let mark = [inner.x as f32 + 4.5 * brush.unit, inner.y as f32 + 6.5 * brush.unit];
    let is_hollow = shown.event.confirmed_at.is_none();
    brush.kind_mark(EventKind::Masked, mark, 4.2 * brush.unit, is_hollow, opacity);
    let x = inner.x as f32 + 13.0 * brush.unit;
    let room = inner.right() as f32 - x;
    brush.text([x, y], "mouth and eyes disagree", style, theme::INK.at(opacity), room);
    if shown.event.score.is_finite() {
        let score = format!("{:.2}", shown.event.score);
        brush.text_right([inner.right() as f32, y], &score, brush.fonts.small, theme::SOFT.at(opacity));
    }
}

/// A small plot of the last 5 s, from 0 at its foot to 1.
fn trace(
    brush: &mut Brush<'_>,
    scene: &Scene<'_>,
    shown: &ShownEvent,
    side: &Side,
    area: Area,
    (now_s, opacity): (f64, f32),
) {
    let style = brush.fonts.title;
    let name = [area.x as f32, style.baseline_px(area.y, brush.px(9.0))];
    brush.text(name, side.name, style, side.color.at(opacity), area.w as f32);
    let top = area.y + brush.px(13.0);
    let plot = Plot { area: Area::new(area.x, top, area.w, area.bottom() - top), now_s };
    if plot.area.w < 8 || plot.area.h < 4 {
        return;
    }
    let end_s = shown.event.offset.map_or(now_s, |offset| offset.as_secs_f64());
    if let Some(band) = plot.span(shown.event.onset.as_secs_f64(), end_s) {
        brush.canvas.fill(band, theme::kind_color(EventKind::Masked).at(0.22 * opacity));
    }
    for y in [plot.area.y, plot.area.y + plot.area.h / 2, plot.area.bottom()] {
        brush.rule(plot.area.x, plot.area.right(), y, theme::RULE.at(0.16 * opacity));
    }
    let mut last: Option<(f64, [f32; 2])> = None;
    for (time_s, parts) in scene.mismatches {
        let value = (side.get)(parts);
        if !(value.is_finite() && *time_s > now_s - SPAN_S && *time_s <= now_s) {
            continue;
        }
        let point = [plot.x(*time_s), plot.area.bottom() as f32 - value.clamp(0.0, 1.0) * plot.area.h as f32];
        match last {
            Some((before_s, from)) if time_s - before_s <= BREAK_S => {
                if (point[0] - from[0]).abs() < SMALLEST_STEP_PX
                    && (point[1] - from[1]).abs() < SMALLEST_STEP_PX
                {
                    continue;
                }
                brush.line(from, point);
            }
            _ => {}
        }
        last = Some((*time_s, point));
    }
    brush.stroke(&[(1.6 * brush.unit, side.color.at(opacity))], Ends::Round);
}
