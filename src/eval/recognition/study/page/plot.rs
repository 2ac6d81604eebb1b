//! What the page's plots share: a square of axes from 0 to 1, names cut to length, colours of networks and classes.

use crate::eval::html::{Anchor, Svg};

/// Colours there are; style.css has as many.
const COLOURS: usize = 8;

/// The class that colours the `index`th network or class of a plot.
pub(super) fn colour(index: usize) -> String {
    format!("n{}", index % COLOURS)
}

/// At most `most` characters, with an ellipsis where there are more; underscores become spaces.
pub(super) fn cut(name: &str, most: usize) -> String {
    let name = name.replace('_', " ");
    if name.chars().count() <= most {
        return name;
    }
    name.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// Place of a plot whose axes both go from 0 to 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) side: f64,
}

impl Unit {
    pub(super) fn at(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [self.left + self.side * x, self.top + self.side * (1.0 - y)]
    }

    /// Grid, figures along both axes, and the diagonal.
    pub(super) fn axes(&self, svg: &mut Svg) {
        for quarter in [0.0, 0.25, 0.5, 0.75, 1.0] {
            svg.line(self.at([0.0, quarter]), self.at([1.0, quarter]), "grid");
            svg.line(self.at([quarter, 0.0]), self.at([quarter, 1.0]), "grid");
            let [x, y] = self.at([quarter, 0.0]);
            svg.text([x, y + 15.0], Anchor::Middle, "axis", &format!("{quarter}"));
            let [x, y] = self.at([0.0, quarter]);
            svg.text([x - 6.0, y + 4.0], Anchor::End, "axis", &format!("{quarter}"));
        }
        svg.line(self.at([0.0, 0.0]), self.at([1.0, 1.0]), "diagonal");
    }
}

/// Percent along a horizontal axis from `left`, with grid lines from `top` to `bottom`.
pub(super) fn percent_axis(svg: &mut Svg, left: f64, width: f64, [top, bottom]: [f64; 2]) {
    percent_grid(svg, left, width, [top, bottom]);
    percent_names(svg, left, width, bottom);
}

/// Its grid lines alone.
pub(super) fn percent_grid(svg: &mut Svg, left: f64, width: f64, [top, bottom]: [f64; 2]) {
    for quarter in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let x = left + width * quarter;
        svg.line([x, top], [x, bottom], "grid");
    }
}

/// Its figures alone, below `bottom`.
pub(super) fn percent_names(svg: &mut Svg, left: f64, width: f64, bottom: f64) {
    for quarter in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let x = left + width * quarter;
        svg.text([x, bottom + 15.0], Anchor::Middle, "axis", &format!("{:.0} %", 100.0 * quarter));
    }
}
