//! Text: the embedded font, a cache of drawn glyphs, measuring and drawing with an ellipsis.
//!
//! Glyphs are rasterised at three times the width and averaged at the nearest third of a pixel, so that spacing stays
//! even at small sizes; the result is gray coverage, without colour fringes. Digits are tabular in the font files.

use std::collections::HashMap;

use fontdue::{Font, FontSettings};

use super::OverlayError;
use super::canvas::{Area, Canvas, Color};

const MEDIUM_OTF: &[u8] = include_bytes!("../../assets/fonts/inter-medium-subset.otf");
const SEMI_BOLD_OTF: &[u8] = include_bytes!("../../assets/fonts/inter-semibold-subset.otf");
/// Height of a capital over the font size (Inter: 2048 of 2816 units).
const CAP_HEIGHT: f32 = 2048.0 / 2816.0;
/// Glyphs kept before the cache starts afresh: far above what one picture needs, so only sizes long gone are lost.
const CACHE_LIMIT: usize = 4096;
/// Largest font size that is rasterised, in pixels.
const MAX_SIZE_PX: f32 = 400.0;

/// Stroke weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Weight {
    Medium,
    SemiBold,
}

/// How a text is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Style {
    /// Font size, in canvas pixels.
    pub(super) size_px: f32,
    /// Stroke weight.
    pub(super) weight: Weight,
    /// Extra space after each glyph, as a share of the font size.
    pub(super) tracking: f32,
}

impl Style {
    /// The baseline that centres capitals between `top` and `top + height`.
    pub(super) fn baseline_px(&self, top: i32, height: i32) -> f32 {
        (top as f32 + (height as f32 + self.size_px * CAP_HEIGHT) / 2.0).round()
    }
}

/// A text that was drawn, and where: what tests and screen descriptions read.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnText {
    /// The text as it was drawn, shortened where it did not fit.
    pub text: String,
    /// The ink's bounds, not clipped to the canvas.
    pub area: Area,
}

/// The key of a drawn glyph: weight, character, size in quarter pixels, thirds of a pixel to the right.
type GlyphKey = (Weight, char, u16, u8);

#[derive(Debug, Default)]
struct Glyph {
    /// Left edge against the pen's whole pixel, and top edge against the baseline.
    left: i32,
    top: i32,
    width: usize,
    coverage: Vec<u8>,
}

/// Both weights of the font, and the glyphs drawn so far.
pub(super) struct Typesetter {
    medium: Font,
    semi_bold: Font,
    glyphs: HashMap<GlyphKey, Glyph>,
    log: Option<Vec<DrawnText>>,
}

impl Typesetter {
    /// Reads the embedded fonts.
    pub(super) fn new() -> Result<Self, OverlayError> {
        let read = |bytes: &[u8]| {
            Font::from_bytes(bytes, FontSettings::default())
                .map_err(|why| OverlayError::Font { why: why.to_owned() })
        };
        Ok(Self {
            medium: read(MEDIUM_OTF)?,
            semi_bold: read(SEMI_BOLD_OTF)?,
            glyphs: HashMap::new(),
            log: None,
        })
    }

    /// Starts the log of drawn texts anew (`true`) or stops it.
    pub(super) fn keep_log(&mut self, keep: bool) {
        self.log = keep.then(Vec::new);
    }

    /// The texts drawn since the log was started.
    pub(super) fn log(&self) -> &[DrawnText] {
        self.log.as_deref().unwrap_or_default()
    }

    /// Whether both weights can draw a character.
    pub(super) fn has(&self, c: char) -> bool {
        [&self.medium, &self.semi_bold].iter().all(|font| font.lookup_glyph_index(c) != 0)
    }

    fn font(&self, weight: Weight) -> &Font {
        match weight {
            Weight::Medium => &self.medium,
            Weight::SemiBold => &self.semi_bold,
        }
    }

    /// Width of a text, in pixels.
    pub(super) fn width_px(&self, text: &str, style: Style) -> f32 {
        let font = self.font(style.weight);
        text.chars().map(|c| advance_px(font, c, style)).sum()
    }

    /// Draws a text from a pen position (left, baseline), shortened with an ellipsis to at most `max_width_px`; returns
    /// where the pen ends.
    pub(super) fn draw(
        &mut self,
        canvas: &mut Canvas,
        pen: [f32; 2],
        text: &str,
        style: Style,
        color: Color,
        max_width_px: f32,
    ) -> f32 {
        let [mut x, baseline] = pen;
        let drawable = |v: f32| v.is_finite() && v.abs() < 1e6;
        if !(style.size_px > 0.0 && drawable(x) && drawable(baseline)) {
            return x;
        }
        let style = Style { size_px: style.size_px.min(MAX_SIZE_PX), ..style };
        let (kept, ellipsis) = self.shortened(text, style, max_width_px);
        let mut ink: Option<[i32; 4]> = None;
        for c in kept.chars().chain(ellipsis) {
            if let Some([x0, y0, x1, y1]) = self.draw_glyph(canvas, [x, baseline], c, style, color) {
                let [left, top, right, bottom] = ink.unwrap_or([x0, y0, x1, y1]);
                ink = Some([left.min(x0), top.min(y0), right.max(x1), bottom.max(y1)]);
            }
            x += advance_px(self.font(style.weight), c, style);
        }
        if let (Some(log), Some([x0, y0, x1, y1])) = (&mut self.log, ink) {
            let text = kept.chars().chain(ellipsis).collect();
            log.push(DrawnText { text, area: Area::new(x0, y0, x1 - x0, y1 - y0) });
        }
        x
    }

    /// The start of `text` that fits, and the ellipsis where something is left out.
    fn shortened<'t>(&self, text: &'t str, style: Style, max_width_px: f32) -> (&'t str, Option<char>) {
        let font = self.font(style.weight);
        let room = max_width_px - advance_px(font, '…', style);
        let (mut width, mut kept) = (0.0, 0);
        for (at, c) in text.char_indices() {
            width += advance_px(font, c, style);
            if width <= room {
                kept = at + c.len_utf8();
            }
            if width > max_width_px + 0.01 {
                return (text[..kept].trim_end(), (room >= 0.0).then_some('…'));
            }
        }
        (text, None)
    }

    /// Draws one glyph; returns its bounds `[left, top, right, bottom]`, or `None` where it has no ink.
    fn draw_glyph(
        &mut self,
        canvas: &mut Canvas,
        pen: [f32; 2],
        c: char,
        style: Style,
        color: Color,
    ) -> Option<[i32; 4]> {
        let quarter_px = (style.size_px * 4.0).round() as u16;
        let thirds = (pen[0] * 3.0).round() as i32;
        let (pixel, phase) = (thirds.div_euclid(3), thirds.rem_euclid(3) as u8);
        if self.glyphs.len() >= CACHE_LIMIT {
            self.glyphs.clear();
        }
        let font = match style.weight {
            Weight::Medium => &self.medium,
            Weight::SemiBold => &self.semi_bold,
        };
        let glyph = self
            .glyphs
            .entry((style.weight, c, quarter_px, phase))
            .or_insert_with(|| rasterised(font, c, f32::from(quarter_px) / 4.0, phase));
        if glyph.width == 0 {
            return None;
        }
        let (left, top) = (pixel + glyph.left, pen[1].round() as i32 - glyph.top);
        let mut y = top;
        for row in glyph.coverage.chunks_exact(glyph.width) {
            canvas.cover_row(left, y, color, row);
            y += 1;
        }
        Some([left, top, left + glyph.width as i32, y])
    }
}

/// How far the pen moves after a character, in pixels.
fn advance_px(font: &Font, c: char, style: Style) -> f32 {
    font.metrics(c, style.size_px).advance_width + style.tracking * style.size_px
}

/// Gray coverage of a glyph whose pen stands `phase` thirds of a pixel right of a pixel's edge.
fn rasterised(font: &Font, c: char, size_px: f32, phase: u8) -> Glyph {
    let (metrics, fine) = font.rasterize_subpixel(c, size_px);
    if metrics.width == 0 || metrics.height == 0 {
        return Glyph::default();
    }
    // fontdue shifts the outline by the fraction of its left edge *after* the stretch by three, so the first fine column
    // stands a third of that fraction left of the true edge, not the whole of it.
    let left_edge = metrics.bounds.xmin;
    let first_third = ((left_edge - left_edge.rem_euclid(1.0) / 3.0) * 3.0).round() as i32 + i32::from(phase);
    let (left, lead) = (first_third.div_euclid(3), first_third.rem_euclid(3) as usize);
    let width = metrics.width + 1;
    let mut coverage = vec![0; width * metrics.height];
    for (to, from) in coverage.chunks_exact_mut(width).zip(fine.chunks_exact(metrics.width * 3)) {
        for (i, value) in to.iter_mut().enumerate() {
            let sum: u16 =
                (0..3).filter_map(|k| from.get((i * 3 + k).checked_sub(lead)?)).map(|v| u16::from(*v)).sum();
            *value = (sum / 3) as u8;
        }
    }
    Glyph { left, top: metrics.ymin + metrics.height as i32, width, coverage }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: Style = Style { size_px: 14.0, weight: Weight::Medium, tracking: 0.0 };

    #[test]
    fn digits_and_signs_have_one_width() {
        let setter = Typesetter::new().unwrap();
        for weight in [Weight::Medium, Weight::SemiBold] {
            let style = Style { weight, ..STYLE };
            let widths: Vec<f32> =
                "0123456789+−".chars().map(|c| setter.width_px(c.encode_utf8(&mut [0; 4]), style)).collect();
            assert!(widths.iter().all(|w| (w - widths[0]).abs() < 0.02 * widths[0]), "{widths:?}");
        }
    }

    #[test]
    fn a_long_text_is_shortened_to_its_room() {
        let mut setter = Typesetter::new().unwrap();
        let mut canvas = Canvas::new(200, 30);
        setter.keep_log(true);
        let end = setter.draw(
            &mut canvas,
            [5.0, 20.0],
            "a very long name of a camera",
            STYLE,
            Color::rgb(!0),
            80.0,
        );
        assert!(end <= 85.1);
        assert!(setter.log()[0].text.ends_with('…') && setter.log()[0].text.starts_with("a very"));
        setter.draw(&mut canvas, [5.0, 20.0], "short", STYLE, Color::rgb(!0), 80.0);
        assert_eq!(setter.log()[1].text, "short");
    }

    #[test]
    fn the_pen_moves_ink_by_thirds_of_a_pixel() {
        let mut setter = Typesetter::new().unwrap();
        let mut centre_of_ink = |x: f32| {
            let mut canvas = Canvas::new(30, 30);
            setter.draw(&mut canvas, [x, 20.0], "l", STYLE, Color::rgb(0xFFFFFF), 100.0);
            let (mut sum, mut weight) = (0.0, 0.0);
            for (px, _, pixel) in canvas.to_rgb_image().enumerate_pixels() {
                sum += f64::from(pixel.0[0]) * f64::from(px);
                weight += f64::from(pixel.0[0]);
            }
            sum / weight
        };
        // A pixel grid keeps the centre only roughly in between, and exactly after a whole pixel.
        let centres: Vec<f64> = (0..=6).map(|thirds| centre_of_ink(10.0 + thirds as f32 / 3.0)).collect();
        assert!(centres.windows(2).all(|w| (0.15..0.55).contains(&(w[1] - w[0]))), "{centres:?}");
        assert!(centres.windows(4).all(|w| (w[3] - w[0] - 1.0).abs() < 1e-6), "{centres:?}");
    }

    #[test]
    fn texts_anywhere_and_of_any_size_do_not_panic() {
        let mut setter = Typesetter::new().unwrap();
        let mut canvas = Canvas::new(8, 8);
        for size_px in [f32::NAN, -1.0, 0.0, 0.1, 5.0, 1e9] {
            for x in [f32::NAN, -1e9, -3.0, 4.0, 1e9] {
                setter.draw(
                    &mut canvas,
                    [x, x],
                    "Ωж日 g",
                    Style { size_px, ..STYLE },
                    Color::rgb(0),
                    f32::NAN,
                );
            }
        }
    }
}
