//! Draws a whole scene: picture, face, then everything beside and over them.

use super::OverlayError;
use super::bars;
use super::brush::Brush;
use super::canvas::{Area, Canvas};
use super::events;
use super::face::{self, View};
use super::header;
use super::help;
use super::layout::Layout;
use super::lines::Lines;
use super::mismatch;
use super::notices;
use super::operator::{self, OperatorView};
use super::picture::PictureScaler;
use super::scene::Scene;
use super::text::{DrawnText, Typesetter};
use super::theme::{self, Type};
use super::traces;

/// At a smaller scale (a third of VGA) no text could be read: only the picture and the face are drawn.
const SMALLEST_UNIT_PX: f32 = 0.33;

/// Draws scenes. Holds fonts, drawn glyphs and working memory, none of which changes what is drawn: the same scene gives
/// the same pixels, whatever was drawn before.
pub struct Painter {
    setter: Typesetter,
    scaler: PictureScaler,
    lines: Lines,
    keeps_log: bool,
}

impl Painter {
    /// Reads the fonts.
    ///
    /// # Errors
    /// [`OverlayError::Font`] if an embedded font cannot be read.
    pub fn new() -> Result<Self, OverlayError> {
        let setter = Typesetter::new()?;
        Ok(Self { setter, scaler: PictureScaler::default(), lines: Lines::default(), keeps_log: false })
    }

    /// Keeps a list of the texts of each picture from now on, for tests and descriptions of the screen. Off at first.
    pub fn keep_texts(&mut self, keep: bool) {
        self.keeps_log = keep;
    }

    /// The texts of the last picture, in drawing order; empty unless [`Painter::keep_texts`] is on.
    pub fn texts(&self) -> &[DrawnText] {
        self.setter.log()
    }

    /// Draws `scene` over the whole of `canvas`, at the canvas' size.
    ///
    /// Time comes from the scene alone; values that are no numbers are left out or shown as a dash.
    pub fn draw(&mut self, scene: &Scene<'_>, canvas: &mut Canvas) {
        self.setter.keep_log(self.keeps_log);
        let area = canvas.area();
        self.draw_above(scene, canvas, area);
    }

    /// Draws `scene` in the upper part of `canvas` and the operator's strip below it, over the whole of both.
    pub fn draw_session(&mut self, scene: &Scene<'_>, operator: &OperatorView<'_>, canvas: &mut Canvas) {
        self.setter.keep_log(self.keeps_log);
        let all = canvas.area();
        let unit = theme::unit_px(canvas.width(), canvas.height());
        let strip = operator::strip(all, unit);
        self.draw_above(scene, canvas, Area { h: all.h - strip.h, ..all });
        let Self { setter, lines, .. } = self;
        let mut brush = Brush { canvas, setter, lines, unit, fonts: Type::at(unit), panel: theme::CARD };
        if unit >= SMALLEST_UNIT_PX {
            operator::draw(&mut brush, operator, strip);
        }
    }

    /// Draws the scene into `area`, which starts at the canvas' upper left corner, and covers everything outside it.
    fn draw_above(&mut self, scene: &Scene<'_>, canvas: &mut Canvas, area: Area) {
        let Self { setter, scaler, lines, .. } = self;
        let layers = &scene.layers;
        let has_panels = layers.traces || layers.bars || layers.events || layers.stats;
        let size = scene.picture.dimensions();
        let unit = theme::unit_px(canvas.width(), canvas.height());
        let layout = Layout::at_unit(area, unit, size, has_panels);
        let view = View::new(layout.picture, size, scene.is_mirrored);
        let panel = if layout.is_wide { theme::CARD } else { theme::GLASS };
        scaler.draw(scene.picture, layout.picture, scene.is_mirrored, canvas);
        let mut brush =
            Brush { canvas, setter, lines, unit: layout.unit, fonts: Type::at(layout.unit), panel };

        let now_s = traces::now_s(scene);
        face::draw(&mut brush, scene, &view, now_s);
        fill_around(brush.canvas, layout.picture);
        if layout.unit < SMALLEST_UNIT_PX {
            if scene.text.is_demo {
                notices::demo_frame(&mut brush, &layout);
            }
            return;
        }
        if layers.traces {
            traces::draw(&mut brush, scene, layout.traces);
        }
        if layers.bars {
            bars::draw(&mut brush, scene, layout.bars);
        }
        if layers.events {
            events::draw(&mut brush, scene, layout.events, !layout.is_wide, now_s);
        }
        if layers.stats && layout.is_wide {
            header::draw_card(&mut brush, scene, layout.header);
        } else if layers.stats {
            let left = if scene.text.is_demo { brush.px(50.0) } else { 0 };
            header::draw_bar(&mut brush, scene, layout.header, left);
        }
        if scene.text.is_demo {
            notices::demo_mark(&mut brush, &layout);
        }
        if layers.events {
            mismatch::draw(&mut brush, scene, &layout, now_s);
        }
        notices::draw(&mut brush, scene, &layout, &view);
        if layers.help {
            help::draw(&mut brush, layout.stage);
        }
    }
}

/// Covers everything outside the picture, and with it what was drawn of a face beyond the picture's edge.
fn fill_around(canvas: &mut Canvas, picture: Area) {
    let all = canvas.area();
    for side in [
        Area { h: picture.y, ..all },
        Area { y: picture.bottom(), h: all.h - picture.bottom(), ..all },
        Area { w: picture.x, y: picture.y, h: picture.h, ..all },
        Area { x: picture.right(), w: all.w - picture.right(), y: picture.y, h: picture.h },
    ] {
        canvas.fill(side, theme::BACKDROP);
    }
}
