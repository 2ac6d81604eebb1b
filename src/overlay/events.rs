//! The list of events, newest first: what moved, when, how sure.

use super::brush::Brush;
use super::canvas::Area;
use super::scene::Scene;
use super::theme;
use super::words;

/// Draws the panel into `area`; in a layered layout it is only as tall as its content.
pub(super) fn draw(brush: &mut Brush<'_>, scene: &Scene<'_>, area: Area, shrinks: bool) {
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
    for (i, event) in scene.events.iter().rev().take(shown).enumerate() {
        let y = top + i as i32 * row_h;
        let (style, small) = (if shrinks { brush.fonts.small } else { brush.fonts.body }, brush.fonts.small);
        let (first, second) =
            (style.baseline_px(y, brush.px(13.0)), small.baseline_px(y + brush.px(13.0), brush.px(12.0)));
        let mark = brush.px(12.0);
        let centre = [inner.x as f32 + 4.5 * brush.unit, y as f32 + 6.5 * brush.unit];
        brush.kind_mark(event.kind, centre, 4.2 * brush.unit, event.confirmed_at.is_none());
        let x = (inner.x + mark) as f32;
        let room = (inner.right() - inner.x - mark) as f32;
        let ink = if i == 0 { theme::INK } else { theme::INK.at(0.85) };
        brush.text([x, first], &words::event_title(event), style, ink, room);
        let score = if event.score.is_finite() { format!("{:.2}", event.score) } else { "–".to_owned() };
        let time = words::clock(event.apex.as_secs_f64(), true);
        let time_end = brush.text([x, second], &time, small, theme::SOFT, room);
        let detail_x =
            brush.text([time_end + 7.0 * brush.unit, second], &score, small, theme::INK.at(0.8), room);
        let detail_x = detail_x + 7.0 * brush.unit;
        brush.text([detail_x, second], &words::event_detail(event), small, theme::FAINT, x + room - detail_x);
    }
}
