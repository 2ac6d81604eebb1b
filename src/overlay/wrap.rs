//! Text over several lines: broken at spaces, as large as fits its area.

use super::canvas::{Area, Canvas, Color};
use super::text::{Style, Typesetter, Weight};

/// Distance of baselines over the font size: open enough to keep the line from a metre away.
pub(super) const LEADING: f32 = 1.38;

/// Lines of at most `max_width_px`. Line breaks of the text are kept; a word that is too long is broken.
pub(super) fn lines(setter: &Typesetter, text: &str, style: Style, max_width_px: f32) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if setter.width_px(&longer, style) <= max_width_px {
                line = longer;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            for c in word.chars() {
                line.push(c);
                if line.len() > c.len_utf8() && setter.width_px(&line, style) > max_width_px {
                    line.pop();
                    lines.push(std::mem::replace(&mut line, c.to_string()));
                }
            }
        }
        lines.push(line);
    }
    lines
}

/// A text in its lines, at one size.
pub(super) struct Block {
    pub(super) style: Style,
    pub(super) lines: Vec<String>,
}

impl Block {
    /// The largest size in `sizes_px` (largest, smallest) at which the text fits; at the smallest one the end is left out.
    pub(super) fn fitted(
        setter: &Typesetter,
        text: &str,
        weight: Weight,
        sizes_px: [f32; 2],
        area: Area,
    ) -> Self {
        /// Each size tried over the one before: fine enough that texts of a session look alike.
        const STEP: f32 = 0.92;
        let [mut size_px, smallest_px] = sizes_px;
        loop {
            let style = Style { size_px, weight, tracking: 0.0 };
            let width_px = area.w as f32;
            let longest_px =
                text.split_whitespace().map(|word| setter.width_px(word, style)).fold(0.0, f32::max);
            let block = Self { style, lines: lines(setter, text, style, width_px) };
            if block.height_px() <= area.h as f32 && longest_px <= width_px {
                return block;
            }
            if size_px <= smallest_px || !size_px.is_finite() {
                return block.cut_to(area.h as f32);
            }
            size_px = (size_px * STEP).max(smallest_px);
        }
    }

    /// The same number of lines, but of similar lengths: no last word stands alone.
    pub(super) fn balanced(self, setter: &Typesetter, text: &str, width_px: f32) -> Self {
        /// Each width tried over the one before.
        const STEP: f32 = 0.97;
        let mut best = self;
        let mut narrower_px = width_px * STEP;
        while best.lines.len() > 1 && narrower_px > width_px * 0.5 {
            let lines = lines(setter, text, best.style, narrower_px);
            let is_whole = lines.iter().all(|line| setter.width_px(line, best.style) <= narrower_px);
            if lines.len() != best.lines.len() || !is_whole {
                break;
            }
            best.lines = lines;
            narrower_px *= STEP;
        }
        best
    }

    /// Leaves out what does not fit into a height; the last line says so.
    pub(super) fn cut_to(mut self, height_px: f32) -> Self {
        let room = ((height_px / (self.style.size_px * LEADING)) as usize).max(1);
        if self.lines.len() > room {
            self.lines.truncate(room);
            if let Some(last) = self.lines.last_mut() {
                last.push_str(" …");
            }
        }
        self
    }

    pub(super) fn line_px(&self) -> f32 {
        self.style.size_px * LEADING
    }

    pub(super) fn height_px(&self) -> f32 {
        self.lines.len() as f32 * self.line_px()
    }

    /// Draws the lines, each centred on `centre_x`, from `top` down.
    pub(super) fn draw_centred(
        &self,
        setter: &mut Typesetter,
        canvas: &mut Canvas,
        centre_x: f32,
        top: f32,
        color: Color,
    ) {
        for (index, line) in self.lines.iter().enumerate() {
            let x = centre_x - setter.width_px(line, self.style) / 2.0;
            setter.draw(canvas, [x, self.baseline_px(top, index)], line, self.style, color, f32::INFINITY);
        }
    }

    /// Draws the lines from a left edge, from `top` down.
    pub(super) fn draw_left(
        &self,
        setter: &mut Typesetter,
        canvas: &mut Canvas,
        [left, top]: [f32; 2],
        color: Color,
        max_width_px: f32,
    ) {
        for (index, line) in self.lines.iter().enumerate() {
            setter.draw(canvas, [left, self.baseline_px(top, index)], line, self.style, color, max_width_px);
        }
    }

    fn baseline_px(&self, top: f32, index: usize) -> f32 {
        let line_top = top + index as f32 * self.line_px();
        self.style.baseline_px(line_top.round() as i32, self.line_px().round() as i32)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STYLE: Style = Style { size_px: 14.0, weight: Weight::Medium, tracking: 0.0 };

    #[test]
    fn lines_break_at_spaces_and_keep_breaks() {
        let setter = Typesetter::new().unwrap();
        let width = setter.width_px("one two", STYLE) + 1.0;
        assert_eq!(lines(&setter, "one two three\n\nfour", STYLE, width), ["one two", "three", "", "four"]);
    }

    #[test]
    fn balancing_keeps_the_lines_and_leaves_no_word_alone() {
        let setter = Typesetter::new().unwrap();
        let text = "Please look at the camera with a relaxed face.";
        let width = setter.width_px(text, STYLE) - 1.0;
        let area = Area::new(0, 0, width as i32, 100);
        let block = Block::fitted(&setter, text, Weight::Medium, [14.0, 14.0], area);
        assert_eq!(block.lines, ["Please look at the camera with a relaxed", "face."]);
        let balanced = block.balanced(&setter, text, area.w as f32);
        assert_eq!(balanced.lines, ["Please look at the camera", "with a relaxed face."]);
    }

    proptest! {
        #[test]
        fn no_character_is_lost_and_no_line_too_wide(text in "[a-zé ]{0,80}", width in 1.0f32..300.0) {
            let setter = Typesetter::new().unwrap();
            let lines = lines(&setter, &text, STYLE, width);
            let solid = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(solid(&lines.concat()), solid(&text));
            for line in lines {
                prop_assert!(setter.width_px(&line, STYLE) <= width || line.chars().count() <= 1);
            }
        }

        #[test]
        fn any_area_takes_any_text(text in ".{0,60}", w in -5i32..400, h in -5i32..300, big in 0.1f32..90.0) {
            let setter = Typesetter::new().unwrap();
            let block =
                Block::fitted(&setter, &text, Weight::Medium, [big, 6.0], Area::new(0, 0, w, h));
            prop_assert!(block.height_px() <= h.max(0) as f32 || block.lines.len() <= 1);
        }
    }
}
