//! Short notices over the picture: the demo's mark, paused, what keeps the face from being measured, a passing message.

use super::blind;
use super::brush::Brush;
use super::canvas::{Area, Color};
use super::face::{View, arrow_gain, icd_now_px};
use super::layout::Layout;
use super::scene::Scene;
use super::theme;
use super::words;
use crate::types::FrameStatus;

/// Faces with a smaller inner-canthal distance, in image pixels, are too coarse for motions of 2-3 % of it.
const SMALL_FACE_ICD_PX: f32 = 40.0;

/// Draws the demo's frame around the picture.
pub(super) fn demo_frame(brush: &mut Brush<'_>, layout: &Layout) {
    let framed = if layout.is_wide { layout.picture } else { layout.stage };
    let thick = brush.px(1.5).max(1);
    for edge in [
        Area { h: thick, ..framed },
        Area { y: framed.bottom() - thick, h: thick, ..framed },
        Area { w: thick, ..framed },
        Area { x: framed.right() - thick, w: thick, ..framed },
    ] {
        brush.canvas.fill(edge, theme::DEMO.at(0.9));
    }
}

/// Draws the demo's mark: the frame and a badge in its upper left corner.
pub(super) fn demo_mark(brush: &mut Brush<'_>, layout: &Layout) {
    demo_frame(brush, layout);
    let picture = if layout.is_wide { layout.picture } else { layout.stage };
    let style = brush.fonts.strong;
    let text_width = brush.setter.width_px("DEMO", style).ceil() as i32;
    let badge = if layout.is_wide {
        Area::new(
            picture.x + brush.px(8.0),
            picture.y + brush.px(8.0),
            text_width + brush.px(16.0),
            brush.px(22.0),
        )
    } else {
        Area::new(
            picture.x + brush.px(5.0),
            picture.y + brush.px(4.0),
            text_width + brush.px(12.0),
            brush.px(18.0),
        )
    };
    brush.canvas.fill_round(badge, 3.0 * brush.unit, theme::DEMO);
    let x = badge.x as f32 + badge.w as f32 / 2.0;
    brush.text_centred([x, style.baseline_px(badge.y, badge.h)], "DEMO", style, theme::ON_MARK);
}

/// Draws the status, the pause, the arrows' gain and the passing message.
pub(super) fn draw(brush: &mut Brush<'_>, scene: &Scene<'_>, layout: &Layout, view: &View) {
    let free = layout.free;
    let centre = free.x + free.w / 2;
    let mut y = free.y;
    if scene.text.is_paused {
        y = pill(brush, centre, y, "PAUSED", Some(theme::INK)) + brush.px(6.0);
    }
    if let Some(words) = status(scene) {
        pill(brush, centre, y, words, Some(theme::ALERT));
    }
    if !scene.text.notice.is_empty() {
        let height = brush.px(24.0);
        pill(brush, centre, free.bottom() - height - brush.px(4.0), &scene.text.notice, None);
    }
    let gain = arrow_gain(scene, view, brush.unit).filter(|_| !scene.region_points_px.is_empty());
    if let (true, Some(gain)) = (scene.layers.arrows, gain) {
        tag(brush, free, &format!("motion ×{gain:.0}"), false);
    }
    tag(brush, free, "h  help", true);
}

/// A small tag in a lower corner of `area`.
fn tag(brush: &mut Brush<'_>, area: Area, text: &str, is_right: bool) {
    let style = brush.fonts.small;
    let (width, height) = (brush.setter.width_px(text, style).ceil() as i32 + brush.px(12.0), brush.px(17.0));
    let x = if is_right { area.right() - width } else { area.x };
    let tag = Area::new(x, area.bottom() - height, width, height);
    brush.canvas.fill_round(tag, 3.0 * brush.unit, theme::GLASS.at(0.6));
    let baseline = style.baseline_px(tag.y, tag.h);
    brush.text([tag.x as f32 + 6.0 * brush.unit, baseline], text, style, theme::INK.at(0.75), width as f32);
}

/// What keeps the face from being measured, or is about to.
fn status(scene: &Scene<'_>) -> Option<&'static str> {
    let Some(observation) = scene.observation else { return Some("waiting for the first picture") };
    if observation.status != FrameStatus::Ok {
        return words::status_words(observation.status);
    }
    if blind::is_all_blind(scene) {
        return Some("not observable: hold still, look at the camera");
    }
    let icd_px = icd_now_px(observation.faces.first()?)?;
    (icd_px < SMALL_FACE_ICD_PX).then_some("the face is small: come closer")
}

/// A centred pill with an optional dot; returns its lower edge.
fn pill(brush: &mut Brush<'_>, centre_x: i32, top: i32, text: &str, dot: Option<Color>) -> i32 {
    let style = brush.fonts.strong;
    let (pad, height) = (brush.px(12.0), brush.px(24.0));
    let lead = if dot.is_some() { brush.px(13.0) } else { 0 };
    let most = brush.canvas.area().w - brush.px(24.0);
    let text_width = brush.setter.width_px(text, style).ceil() as i32 + 1;
    let width = (text_width + lead + 2 * pad).min(most);
    let area = Area::new(centre_x - width / 2, top, width, height);
    brush.canvas.fill_round(area, height as f32 / 2.0, theme::GLASS.at(0.86));
    if let Some(color) = dot {
        let middle = [(area.x + pad) as f32 + 3.0 * brush.unit, area.y as f32 + height as f32 / 2.0];
        if text == "PAUSED" {
            let (w, h) = (brush.px(2.5).max(1), brush.px(9.0));
            for x in [-3.5, 1.0] {
                let left = middle[0] as i32 + brush.px(x);
                brush.canvas.fill(Area::new(left, middle[1] as i32 - h / 2, w, h), color);
            }
        } else {
            brush.canvas.fill_disc(middle, 3.2 * brush.unit, color);
        }
    }
    let pen = [(area.x + pad + lead) as f32, style.baseline_px(area.y, height)];
    brush.text(pen, text, style, theme::INK, (width - 2 * pad - lead) as f32);
    area.bottom()
}
