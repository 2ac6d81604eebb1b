//! Confusion matrices: truth from top to bottom, what was said from left to right.

use super::super::results::RunResult;
use super::plot::cut;
use crate::eval::html::{Anchor, Svg};

/// Size of a cell where names are short, px.
const CELL: [f64; 2] = [50.0, 40.0];
/// Room above for the names of columns, px.
const TOP: f64 = 56.0;
/// Width of a character of a name, px, in the widest of the usual fonts.
const CHARACTER: f64 = 7.2;
/// Names are cut to so many characters.
const MOST_CHARACTERS: usize = 16;
/// With so few classes the names of columns have room in one line.
const FEW: usize = 3;

/// The matrix of a run; empty where it has no figures.
pub(super) fn matrix(run: &RunResult) -> String {
    let Some(recognition) = &run.recognition else { return String::new() };
    let confusion = &recognition.pooled.confusion;
    let names: Vec<String> = confusion.labels.iter().map(|label| cut(label, MOST_CHARACTERS)).collect();
    let longest = CHARACTER * names.iter().map(|name| name.chars().count()).max().unwrap_or(0) as f64;
    let is_few = names.len() <= FEW;
    // Else names of columns stand in two heights, so each may be nearly two cells wide.
    let [wide, high] = [CELL[0].max(if is_few { longest + 8.0 } else { longest / 1.9 }), CELL[1]];
    let left = longest + 12.0;
    let classes = names.len() as f64;
    let mut svg = Svg::new(left + wide * classes + 48.0, TOP + high * classes + 6.0);
    svg.text([0.0, 12.0], Anchor::Start, "axis", "truth ↓  said →");
    for (column, name) in names.iter().enumerate() {
        let x = left + wide * (column as f64 + 0.5);
        let y = if is_few || column % 2 == 0 { TOP - 10.0 } else { TOP - 28.0 };
        svg.line([x, y + 4.0], [x, TOP - 2.0], "grid");
        svg.text([x, y], Anchor::Middle, "name", name);
    }
    for (row, (name, counts)) in names.iter().zip(&confusion.matrix).enumerate() {
        let y = TOP + high * row as f64;
        let sum: usize = counts.iter().sum();
        svg.text([left - 8.0, y + high / 2.0 + 4.0], Anchor::End, "name", name);
        for (column, count) in counts.iter().enumerate() {
            let x = left + wide * column as f64;
            let share = *count as f64 / sum.max(1) as f64;
            let shade = (10.0 * share).round() as usize;
            let right = if row == column { " right" } else { "" };
            let title =
                format!("{name} called {}: {count} of {sum}", names.get(column).map_or("", String::as_str));
            svg.titled_rect(
                [x + 1.0, y + 1.0, wide - 2.0, high - 2.0],
                &format!("cell h{shade}{right}"),
                &title,
            );
            let ink = if shade > 5 { "on dark" } else { "on" };
            if *count == 0 {
                svg.text([x + wide / 2.0, y + high / 2.0 + 4.0], Anchor::Middle, "on faint", "·");
                continue;
            }
            svg.text([x + wide / 2.0, y + 19.0], Anchor::Middle, ink, &format!("{:.0}", 100.0 * share));
            svg.text([x + wide / 2.0, y + 32.0], Anchor::Middle, &format!("{ink} small"), &count.to_string());
        }
        svg.text(
            [left + wide * classes + 6.0, y + high / 2.0 + 4.0],
            Anchor::Start,
            "axis",
            &format!("n {sum}"),
        );
    }
    svg.finish("chart", "confusion matrix; rows are the truth")
}
