//! The list of events, newest first: what moved, when, how sure.

use super::brush::Brush;
use super::canvas::Area;
use super::scene::{Scene, ShownEvent};
use super::text::Style;
use super::theme;
use super::words;

/// Draws the panel into `area`; in a layered layout it is only as tall as its content.
pub(super) fn draw(brush: &mut Brush<'_>, scene: &Scene<'_>, area: Area, shrinks: bool, now_s: f64) {
    let pad = brush.px(8.0);
    let title_h = brush.px(9.0);
    let row_h = brush.px(30.0).max(1);
    let head = pad + title_h + brush.px(7.0);
    let room = ((area.h - head - brush.px(2.0)) / row_h).max(0) as usize;
    let shown = scene.events.len().min(room);
    let area = if shrinks {
        let rows = if scene.events.is_empty() { brush.px(18.0) } else { shown as i32 * row_h };
        Area { h: (head + rows + brush.px(2.0)).min(area.h), ..area }
    } else {
        area
    };
    brush.panel(area);
    let title = brush.fonts.title;
    let inner = Area::new(area.x + pad, area.y + pad, area.w - 2 * pad + brush.px(2.0), area.h - 2 * pad);
    let baseline = title.baseline_px(inner.y, title_h);
    brush.text([inner.x as f32, baseline], "EVENTS", title, theme::SOFT, inner.w as f32);
    let top = area.y + head;
    if scene.events.is_empty() {
        if room > 0 || shrinks {
            let style = brush.fonts.body;
            let baseline = style.baseline_px(top, brush.px(12.0));
            brush.text([inner.x as f32, baseline], "none yet", style, theme::FAINT, inner.w as f32);
        }
        return;
    }
    let style = if shrinks { brush.fonts.small } else { brush.fonts.body };
    for (i, shown) in scene.events.iter().rev().take(shown).enumerate() {
        let y = top + i as i32 * row_h;
        row(brush, shown, Area { y, h: row_h, ..inner }, style, i == 0, shown.opacity(now_s));
    }
}

/// One event: what moved, for how long and how far; below it when, how sure, what it resembles and where.
fn row(brush: &mut Brush<'_>, shown: &ShownEvent, area: Area, style: Style, is_newest: bool, opacity: f32) {
    let event = &shown.event;
    let small = brush.fonts.small;
    let first = style.baseline_px(area.y, brush.px(13.0));
    let second = small.baseline_px(area.y + brush.px(13.0), brush.px(12.0));
    let centre = [area.x as f32 + 4.5 * brush.unit, area.y as f32 + 6.5 * brush.unit];
    brush.kind_mark(event.kind, centre, 4.2 * brush.unit, event.confirmed_at.is_none(), opacity);
    let gap = 7.0 * brush.unit;
    let x = (area.x + brush.px(12.0)) as f32;
    let right = area.right() as f32;
    let ink = theme::INK.at(if is_newest { opacity } else { 0.85 * opacity });
    let (faint, soft) = (theme::FAINT.at(opacity), theme::SOFT.at(opacity));

    // Figures follow the title where both fit, else they lead the second line.
    let (title, figures) = (words::event_title(event), words::event_figures(event));
    let title_end = brush.text([x, first], &title, style, ink, right - x);
    let fits = title_end + gap + brush.setter.width_px(&figures, small) <= right;
    if fits && !figures.is_empty() {
        brush.text([title_end + gap, first], &figures, small, soft, right - title_end - gap);
    }
    let mut pen =
        brush.text([x, second], &words::clock(event.apex.as_secs_f64(), true), small, soft, right - x);
    if !fits {
        pen = brush.text([pen + gap, second], &figures, small, soft, right - pen - gap);
    }
    let score = if event.score.is_finite() { format!("{:.2}", event.score) } else { "–".to_owned() };
    pen = brush.text([pen + gap, second], &score, small, theme::INK.at(0.8 * opacity), right - pen - gap);
    let detail = words::event_detail(event);
    brush.text([pen + gap, second], &detail, small, faint, right - pen - gap);
}
