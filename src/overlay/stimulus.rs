//! The participant's screen: words, a picture, a cross, nothing; and before everything the text that asks for consent.
//!
//! The ground is one gray throughout, so that the light that the screen throws on a face changes little from step to step
//! (a jump of light keeps motion from being measured). Words are as large as fits, for a reader a metre away.

use image::RgbImage;

use super::OverlayError;
use super::canvas::{Area, Canvas, Color};
use super::picture::{PictureScaler, fitted};
use super::text::{DrawnText, Style, Typesetter, Weight};
use super::wrap::{self, Block, LEADING};

/// Ground: about half of white's light, as the mean of usual pictures.
const GROUND: Color = Color::rgb(0xB8BDC2);
/// Words. Contrast to the ground 9.5 : 1 (WCAG 2 asks for 7 : 1 of small text).
const WORDS: Color = Color::rgb(0x14181C);
/// Hints, and the bar's filled part. Contrast 4.9 : 1.
const QUIET: Color = Color::rgb(0x3F474E);
/// The bar's ground.
const TRACK: Color = Color::rgb(0xA3A9AF);
/// Largest and smallest size of words, over the window's height: 54 px and 24 px of 720.
const WORDS_SIZE: [f32; 2] = [0.075, 0.033];
/// Size of the text that asks for consent, over the window's height, and over its width in narrow windows.
const CONSENT_SIZE: [f32; 2] = [0.038, 0.027];
/// Width of the words at most, over the window's width.
const WORDS_WIDTH: f32 = 0.84;
/// Lines of a page of consent are at most this wide, in font sizes: about 75 characters.
const CONSENT_WIDTH: f32 = 36.0;

/// What the participant sees.
#[derive(Clone, Copy, Debug)]
pub enum Shown<'a> {
    /// Words: a prompt, a question, a topic.
    Words(&'a str),
    /// A picture, as large as fits, with its aspect kept; words under it where there are some.
    Picture {
        /// The picture.
        image: &'a RgbImage,
        /// Words under it; may be empty.
        words: &'a str,
    },
    /// Nothing.
    Blank,
    /// A cross to look at, with words above it where there are some.
    Cross(&'a str),
    /// A page of the text that asks for consent.
    Consent {
        /// The whole text. Blank lines part paragraphs; a short line without a full stop is a heading.
        text: &'a str,
        /// The page, from 0; beyond the last one the last is shown.
        page: usize,
    },
}

/// One picture of the participant's screen.
#[derive(Clone, Copy, Debug)]
pub struct StimulusScene<'a> {
    /// What is shown.
    pub shown: Shown<'a>,
    /// How much of the session is over, `[0, 1]`: a thin bar at the lower edge.
    pub progress: Option<f32>,
    /// What the keys do, in small words at the lower edge; may be empty.
    pub hint: &'a str,
}

/// Draws [`StimulusScene`]s. The same scene gives the same pixels.
pub struct StimulusPainter {
    setter: Typesetter,
    scaler: PictureScaler,
    keeps_log: bool,
}

impl StimulusPainter {
    /// Reads the fonts.
    ///
    /// # Errors
    /// [`OverlayError::Font`] if an embedded font cannot be read.
    pub fn new() -> Result<Self, OverlayError> {
        Ok(Self { setter: Typesetter::new()?, scaler: PictureScaler::default(), keeps_log: false })
    }

    /// Keeps a list of the texts of each picture from now on, for tests.
    pub fn keep_texts(&mut self, keep: bool) {
        self.keeps_log = keep;
    }

    /// The texts of the last picture; empty unless [`StimulusPainter::keep_texts`] is on.
    pub fn texts(&self) -> &[DrawnText] {
        self.setter.log()
    }

    /// The characters of a text that our fonts don't have, each once: they would be shown as boxes.
    pub fn missing_characters(&self, text: &str) -> Vec<char> {
        let mut missing: Vec<char> =
            text.chars().filter(|c| !c.is_control() && !self.setter.has(*c)).collect();
        missing.sort_unstable();
        missing.dedup();
        missing
    }

    /// How many pages a text that asks for consent takes on a canvas of this size; at least 1.
    pub fn consent_pages(&self, text: &str, width_px: usize, height_px: usize) -> usize {
        let canvas = Area::new(0, 0, width_px.max(1) as i32, height_px.max(1) as i32);
        self.pages(text, content(canvas), consent_style(canvas)).len()
    }

    /// Draws over the whole canvas, at its size.
    pub fn draw(&mut self, scene: &StimulusScene<'_>, canvas: &mut Canvas) {
        self.setter.keep_log(self.keeps_log);
        let all = canvas.area();
        canvas.fill(all, GROUND);
        let area = content(all);
        match scene.shown {
            Shown::Blank => {}
            Shown::Words(text) => self.words(canvas, text, area),
            Shown::Picture { image, words } => {
                let words_h = if words.is_empty() { 0 } else { area.h / 6 };
                let stage = Area { x: all.x, w: all.w, y: all.y, h: area.bottom() - words_h };
                let picture = fitted(image.dimensions(), stage.inset(all.h / 40));
                self.scaler.draw(image, picture, false, canvas);
                self.words(canvas, words, Area { y: stage.bottom(), h: words_h, ..area });
            }
            Shown::Cross(words) => {
                cross(canvas, all);
                let above = Area { h: area.h * 2 / 5, ..area };
                self.words(canvas, words, above);
            }
            Shown::Consent { text, page } => self.consent(canvas, text, page),
        }
        self.hint(canvas, scene.hint);
        if let Some(progress) = scene.progress.filter(|progress| progress.is_finite()) {
            let thick = (all.h / 160).max(2);
            let track = Area { y: all.h - thick, h: thick, ..all };
            canvas.fill(track, TRACK);
            canvas.fill(Area { w: (all.w as f32 * progress.clamp(0.0, 1.0)) as i32, ..track }, QUIET);
        }
    }

    /// Words in the middle of an area.
    fn words(&mut self, canvas: &mut Canvas, text: &str, area: Area) {
        if text.is_empty() || area.is_empty() {
            return;
        }
        let sizes = WORDS_SIZE.map(|size| (size * canvas.area().h as f32).min(canvas.area().w as f32 * 0.06));
        let block = Block::fitted(&self.setter, text, Weight::Medium, sizes, area);
        let block = block.balanced(&self.setter, text, area.w as f32);
        let top = area.y as f32 + (area.h as f32 - block.height_px()) / 2.0;
        let centre_x = area.x as f32 + area.w as f32 / 2.0;
        block.draw_centred(&mut self.setter, canvas, centre_x, top, WORDS);
    }

    fn consent(&mut self, canvas: &mut Canvas, text: &str, page: usize) {
        let all = canvas.area();
        let (area, style) = (content(all), consent_style(all));
        let pages = self.pages(text, area, style);
        let page = page.min(pages.len().saturating_sub(1));
        let column = column(area, style);
        let mut top = column.y as f32;
        let line_px = style.size_px * LEADING;
        for line in pages.get(page).into_iter().flatten() {
            let style = line.style(style);
            let baseline = style.baseline_px(top.round() as i32, line_px.round() as i32);
            let pen = [column.x as f32, baseline];
            self.setter.draw(canvas, pen, &line.text, style, WORDS, f32::INFINITY);
            top += line_px;
        }
        if pages.len() > 1 {
            let small = hint_style(all);
            let words = format!("page {} of {}", page + 1, pages.len());
            let x = column.right() as f32 - self.setter.width_px(&words, small);
            let baseline = small.baseline_px(column.y - (line_px * 1.2) as i32, line_px as i32);
            self.setter.draw(canvas, [x, baseline], &words, small, QUIET, f32::INFINITY);
        }
    }

    /// The lines of a text on pages.
    fn pages(&self, text: &str, area: Area, style: Style) -> Vec<Vec<Line>> {
        let width = column(area, style).w as f32;
        let mut all: Vec<Line> = Vec::new();
        for paragraph in text.lines() {
            let is_heading = is_heading(paragraph);
            let style = Line { text: String::new(), is_heading }.style(style);
            let wrapped = wrap::lines(&self.setter, paragraph, style, width);
            let blank = paragraph.trim().is_empty().then(String::new);
            all.extend(wrapped.into_iter().chain(blank).map(|text| Line { text, is_heading }));
        }
        all.dedup_by(|later, earlier| later.text.is_empty() && earlier.text.is_empty());
        let room = ((area.h as f32 / (style.size_px * LEADING)) as usize).max(2);
        let (mut pages, mut page) = (Vec::new(), Vec::new());
        for line in all {
            if page.len() >= room {
                let rest = page.split_off(page_end(&page));
                pages.push(std::mem::replace(&mut page, rest));
            }
            // No page starts with a gap.
            if !(page.is_empty() && line.text.is_empty()) {
                page.push(line);
            }
        }
        if !page.is_empty() || pages.is_empty() {
            pages.push(page);
        }
        pages
    }

    fn hint(&mut self, canvas: &mut Canvas, text: &str) {
        let all = canvas.area();
        let style = hint_style(all);
        let y = all.h - (all.h as f32 * 0.085) as i32;
        let baseline = style.baseline_px(y, (all.h as f32 * 0.05) as i32);
        let width = self.setter.width_px(text, style).min(all.w as f32 * 0.94);
        let x = (all.w as f32 - width) / 2.0;
        self.setter.draw(canvas, [x, baseline], text, style, QUIET, all.w as f32 * 0.94 + 1.0);
    }
}

/// A line of a page of consent.
struct Line {
    text: String,
    is_heading: bool,
}

impl Line {
    fn style(&self, style: Style) -> Style {
        if self.is_heading { Style { weight: Weight::SemiBold, ..style } } else { style }
    }
}

/// How many lines of a full page stay on it: a paragraph that starts in its lower half goes to the next one with its
/// heading, and no heading stays behind alone.
fn page_end(page: &[Line]) -> usize {
    let gap = page.iter().rposition(|line| line.text.is_empty()).filter(|gap| *gap >= page.len() / 2);
    let end = gap.map_or(page.len(), |gap| gap + 1);
    if end == page.len() && page.last().is_some_and(|line| line.is_heading) && end > 1 {
        end - 1
    } else {
        end
    }
}

/// A short line that does not end like a sentence.
fn is_heading(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty()
        && line.chars().count() <= 48
        && !line.ends_with(['.', '!', '?', ':', ';', ',', ')', '…'])
}

/// The part of the screen for what is shown: above the hint.
fn content(all: Area) -> Area {
    let w = (all.w as f32 * WORDS_WIDTH) as i32;
    let (top, bottom) = ((all.h as f32 * 0.09) as i32, (all.h as f32 * 0.1) as i32);
    Area::new(all.x + (all.w - w) / 2, all.y + top, w, all.h - top - bottom)
}

/// Where the lines of consent stand: not wider than can be read.
fn column(area: Area, style: Style) -> Area {
    let w = area.w.min((CONSENT_WIDTH * style.size_px) as i32).max(1);
    Area { x: area.x + (area.w - w) / 2, w, ..area }
}

fn consent_style(all: Area) -> Style {
    let [of_height, of_width] = CONSENT_SIZE;
    let size_px = (all.h as f32 * of_height).min(all.w as f32 * of_width).max(1.0);
    Style { size_px, weight: Weight::Medium, tracking: 0.0 }
}

fn hint_style(all: Area) -> Style {
    let size_px = (all.h as f32 * 0.027).max(all.w.min(all.h) as f32 * 0.03).max(1.0);
    Style { size_px, weight: Weight::Medium, tracking: 0.01 }
}

/// A cross in the middle.
fn cross(canvas: &mut Canvas, all: Area) {
    let reach = (all.w.min(all.h) / 26).max(3);
    let thick = (reach / 6).max(1);
    let (x, y) = (all.w / 2, all.h / 2);
    canvas.fill(Area::new(x - reach, y - thick / 2, 2 * reach + 1, thick), WORDS);
    canvas.fill(Area::new(x - thick / 2, y - reach, thick, 2 * reach + 1), WORDS);
}
