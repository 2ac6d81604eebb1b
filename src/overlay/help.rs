//! The help panel: every key from [`KEYS`], over a dimmed picture.

use super::brush::Brush;
use super::canvas::{Area, Color};
use super::keys::KEYS;
use super::theme;

/// What the panel says below the keys.
const NOTE: [&str; 2] =
    ["L and R are the person's own left and right.", "Scores describe motion, not what a person feels."];

/// Draws the panel in the middle of `stage`.
pub(super) fn draw(brush: &mut Brush<'_>, stage: Area) {
    brush.canvas.fill(stage, Color::rgb(0x06080A).at(0.55));
    let (title, strong, body, small) =
        (brush.fonts.title, brush.fonts.strong, brush.fonts.body, brush.fonts.small);
    let row = brush.px(19.0);
    let pad = brush.px(16.0);
    let width = brush.px(316.0);
    let height = 2 * pad
        + brush.px(18.0)
        + row * KEYS.len() as i32
        + brush.px(10.0)
        + NOTE.len() as i32 * brush.px(13.0);
    let panel = Area::new(stage.x + (stage.w - width) / 2, stage.y + (stage.h - height) / 2, width, height);
    brush.canvas.fill_round(panel, 8.0 * brush.unit, theme::CARD.at(0.97));
    let inner = panel.inset(pad);
    brush.text(
        [inner.x as f32, title.baseline_px(inner.y, brush.px(9.0))],
        "KEYS",
        title,
        theme::SOFT,
        inner.w as f32,
    );
    let mut y = inner.y + brush.px(18.0);
    let key_column = brush.px(86.0);
    for binding in KEYS {
        let text_width = brush.setter.width_px(binding.label, strong).ceil() as i32;
        let cap = Area::new(inner.x, y + brush.px(1.5), text_width + brush.px(12.0), row - brush.px(3.0));
        brush.canvas.fill_round(cap, 3.0 * brush.unit, Color::rgb(0xFFFFFF).at(0.10));
        let baseline = strong.baseline_px(cap.y, cap.h);
        let x = cap.x as f32 + cap.w as f32 / 2.0;
        brush.text_centred([x, baseline], binding.label, strong, theme::ACCENT);
        let x = (inner.x + key_column) as f32;
        brush.text([x, baseline], binding.help, body, theme::INK, inner.right() as f32 - x);
        y += row;
    }
    y += brush.px(10.0);
    for line in NOTE {
        brush.text(
            [inner.x as f32, small.baseline_px(y, brush.px(13.0))],
            line,
            small,
            theme::SOFT,
            inner.w as f32,
        );
        y += brush.px(13.0);
    }
}
