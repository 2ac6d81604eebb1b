//! ROC and calibration curves.

use super::super::results::RunResult;
use super::plot::{Unit, colour, cut};
use crate::eval::html::{Anchor, Svg};

const WIDTH: f64 = 336.0;
const PLOT: Unit = Unit { left: 42.0, top: 24.0, side: 278.0 };
/// Height of the counts below a calibration curve, px.
const COUNTS: f64 = 52.0;

/// Curves of each class against the rest; empty where the run has none.
pub(super) fn roc(run: &RunResult) -> String {
    let Some(pooled) = run.recognition.as_ref().map(|found| &found.pooled) else { return String::new() };
    if pooled.roc.is_empty() {
        return String::new();
    }
    let bottom = PLOT.top + PLOT.side;
    let mut svg = Svg::new(WIDTH, bottom + 38.0);
    PLOT.axes(&mut svg);
    svg.text([PLOT.left + PLOT.side / 2.0, bottom + 32.0], Anchor::Middle, "axis", "false positive rate");
    svg.text([0.0, 11.0], Anchor::Start, "axis", "true positive rate");
    let labels = &pooled.confusion.labels;
    for (index, label) in labels.iter().enumerate() {
        let Some(points) = pooled.roc.get(label) else { continue };
        let places =
            points.iter().map(|point| PLOT.at([point.false_positive_rate, point.true_positive_rate]));
        svg.polyline(places, &format!("curve {}", colour(index)));
    }
    // The corner under the diagonal is empty but for the worst classifiers.
    let first = bottom - 12.0 - 15.0 * (labels.len() as f64 - 1.0);
    let widest = PLOT.left + PLOT.side;
    svg.rect([widest - 176.0, first - 14.0, 172.0, bottom - first + 8.0], "under");
    for (index, label) in labels.iter().enumerate() {
        let y = first + 15.0 * index as f64;
        svg.line([widest - 170.0, y - 4.0], [widest - 156.0, y - 4.0], &format!("curve {}", colour(index)));
        svg.text([widest - 150.0, y], Anchor::Start, "name", &cut(label, 16));
        let auc = pooled.per_class.get(label).and_then(|class| class.auc);
        svg.text(
            [widest - 8.0, y],
            Anchor::End,
            "name",
            &auc.map_or_else(|| "–".to_owned(), |auc| format!("{auc:.2}")),
        );
    }
    svg.finish("chart", "true against false positive rate of each class")
}

/// Share right against probability, and how many examples each bin has.
pub(super) fn calibration(run: &RunResult) -> String {
    let Some(pooled) = run.recognition.as_ref().map(|found| &found.pooled) else { return String::new() };
    let bins = &pooled.calibration.bins;
    let most = bins.iter().map(|bin| bin.count).max().unwrap_or(0);
    if most == 0 {
        return String::new();
    }
    let bottom = PLOT.top + PLOT.side;
    let base = bottom + 38.0 + COUNTS;
    let mut svg = Svg::new(WIDTH, base + 4.0);
    PLOT.axes(&mut svg);
    svg.text(
        [PLOT.left + PLOT.side / 2.0, bottom + 30.0],
        Anchor::Middle,
        "axis",
        "probability of the chosen class",
    );
    svg.text([0.0, 11.0], Anchor::Start, "axis", "share right");
    let points: Vec<[f64; 2]> =
        bins.iter().filter_map(|bin| Some(PLOT.at([bin.confidence?, bin.right?]))).collect();
    svg.polyline(points.iter().copied(), "curve n0");
    points.iter().for_each(|point| svg.circle(*point, 3.5, "dot n0"));
    if let Some(ece) = pooled.calibration.ece {
        let [x, y] = PLOT.at([1.0, 0.0]);
        svg.text([x - 6.0, y - 8.0], Anchor::End, "name", &format!("ECE {:.1} %", 100.0 * ece));
    }
    let wide = PLOT.side / bins.len() as f64;
    for bin in bins.iter().filter(|bin| bin.count > 0) {
        let x = PLOT.left + PLOT.side * bin.from;
        let high = ((COUNTS - 14.0) * bin.count as f64 / most as f64).max(1.0);
        svg.rect([x + 1.0, base - high, wide - 2.0, high], "tally");
        svg.text([x + wide / 2.0, base - high - 3.0], Anchor::Middle, "tiny", &short(bin.count));
    }
    svg.text([PLOT.left - 6.0, base - 2.0], Anchor::End, "axis", "n");
    svg.finish("chart", "share right against probability, with counts")
}

/// `950`, `1.2k`.
fn short(count: usize) -> String {
    if count < 1000 { count.to_string() } else { format!("{:.1}k", count as f64 / 1000.0) }
}
