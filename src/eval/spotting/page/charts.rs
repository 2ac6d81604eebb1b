//! The small plots: curve, bars, confusion matrix, observed time.

use crate::eval::html::{Anchor, Svg};
use crate::eval::spotting::groups::Group;
use crate::eval::spotting::report::{SpottingReport, Tally};

/// Width of every small plot, in px; the page scales them down where there is less room.
pub(super) const WIDTH: f64 = 520.0;
/// Height of a row of bars.
const ROW: f64 = 26.0;
/// Where bars begin: their names are left of it.
const BAR_X: f64 = 142.0;
/// Length of a full bar: the rest is for figures.
const BAR_LENGTH: f64 = 180.0;

/// Frame of a plot with a horizontal and a vertical axis, `left, top, right, bottom`.
pub(super) const PLOT: [f64; 4] = [44.0, 12.0, WIDTH - 14.0, 250.0];

/// A round step that divides `range` into three to six.
pub(super) fn round_step(range: f64) -> f64 {
    let rough = (range / 5.0).max(1e-9);
    let magnitude = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0].into_iter().find(|step| step * magnitude >= rough * 0.999);
    step.unwrap_or(10.0) * magnitude
}

/// Recall against false alarms a minute, with F1 along it. `None` without claims, without truth or without a known length.
pub(super) fn curve(report: &SpottingReport) -> Option<String> {
    /// Beyond this rate nobody would use it.
    const MOST_PER_MINUTE: f64 = 10.0;
    let points = &report.curve.points;
    let last = points.last()?.false_alarms_per_minute?;
    points.last()?.recall?;
    let most = last.clamp(1.0, MOST_PER_MINUTE);
    let [left, top, right, bottom] = PLOT;
    let x = |rate: f64| left + (right - left) * (rate / most).min(1.0);
    let y = |value: f64| bottom - (bottom - top) * value;
    let mut svg = Svg::new(WIDTH, bottom + 40.0);
    for tenth in [0.0, 0.25, 0.5, 0.75, 1.0] {
        svg.line([left, y(tenth)], [right, y(tenth)], "grid");
        svg.text([left - 6.0, y(tenth) + 4.0], Anchor::End, "axis", &format!("{tenth}"));
    }
    let step = round_step(most);
    for n in 0..=(most / step + 1e-9) as usize {
        let rate = n as f64 * step;
        svg.line([x(rate), bottom], [x(rate), bottom + 4.0], "grid");
        svg.text([x(rate), bottom + 17.0], Anchor::Middle, "axis", &format!("{:.1}", rate));
    }
    svg.text([(left + right) / 2.0, bottom + 34.0], Anchor::Middle, "axis", "false alarms a minute");
    // A step each: between two scores there is nothing.
    let within = points.iter().filter(|point| point.false_alarms_per_minute.is_some_and(|rate| rate <= most));
    let (mut recall, mut f1) = (vec![[x(0.0), y(0.0)]], Vec::new());
    for point in within {
        let at = x(point.false_alarms_per_minute.unwrap_or(0.0));
        let before = recall.last().map_or(y(0.0), |[_, y]| *y);
        recall.extend([[at, before], [at, y(point.recall.unwrap_or(0.0))]]);
        f1.push([at, y(point.f1.unwrap_or(0.0))]);
    }
    svg.polyline(f1, "line f1");
    svg.polyline(recall, "line recall");
    let alarms = report.overall.alarms.as_ref().and_then(|alarms| alarms.false_alarms_per_minute);
    if let (Some(rate), Some(recall)) = (alarms, report.overall.recall) {
        svg.circle([x(rate), y(recall)], 5.0, "dot");
    }
    Some(svg.finish("chart", "recall and F1 against false alarms a minute"))
}

/// One bar a group: recall over all events, and as an outline over observable ones. `None` without groups.
pub(super) fn recall_bars(groups: &[Group]) -> Option<String> {
    let groups: Vec<&Group> = groups.iter().filter(|group| group.figures.truth > 0).collect();
    if groups.is_empty() {
        return None;
    }
    let mut svg = Svg::new(WIDTH, ROW * groups.len() as f64 + 22.0);
    axis(&mut svg, groups.len());
    for (index, group) in groups.iter().enumerate() {
        let y = ROW * index as f64;
        let figures = &group.figures;
        name(&mut svg, [BAR_X, y], &group.name);
        svg.rect([BAR_X, y + 6.0, BAR_LENGTH * figures.recall.unwrap_or(0.0), 14.0], "bar");
        if let Some(recall) = figures.observable.as_ref().and_then(|seen| seen.recall) {
            svg.rect([BAR_X, y + 4.0, BAR_LENGTH * recall, 18.0], "outline");
        }
        let mut text =
            format!("{:.2} · {} of {}", figures.recall.unwrap_or(0.0), figures.found, figures.truth);
        if let Some(rate) = figures.alarms.as_ref().and_then(|alarms| alarms.false_alarms_per_minute) {
            text += &format!(" · {rate:.2} FA/min");
        }
        svg.text([BAR_X + BAR_LENGTH + 8.0, y + 17.0], Anchor::Start, "value", &text);
    }
    Some(svg.finish("chart", "recall of each group"))
}

/// One bar a row, by count. `None` without rows.
pub(super) fn tally_bars(tallies: &[Tally], class: &str) -> Option<String> {
    /// Where bars begin: these names are longer than those of groups.
    const LEFT: f64 = BAR_X + 36.0;
    let most = tallies.iter().map(|tally| tally.count).max()? as f64;
    let mut svg = Svg::new(WIDTH, ROW * tallies.len() as f64);
    for (index, tally) in tallies.iter().enumerate() {
        let y = ROW * index as f64;
        let length = BAR_LENGTH * tally.count as f64 / most;
        name(&mut svg, [LEFT, y], &tally.what.replace('_', " "));
        svg.rect([LEFT, y + 6.0, length, 14.0], &format!("bar {class}"));
        svg.text([LEFT + length + 8.0, y + 17.0], Anchor::Start, "value", &tally.count.to_string());
    }
    Some(svg.finish("chart", "how often"))
}

/// Share of the time in which each region was observable. `None` where no table says.
pub(super) fn seen(report: &SpottingReport) -> Option<String> {
    let seen = report.seen.as_ref().filter(|seen| seen.seconds > 0.0)?;
    let sums = [("brows or mouth", seen.brow_or_mouth_s), ("brows", seen.brow_s), ("mouth", seen.mouth_s)];
    let mut rows: Vec<(String, f64, Option<f64>)> =
        sums.into_iter().map(|(what, seconds)| (what.to_owned(), seconds, None)).collect();
    let regions = seen.regions.iter();
    rows.extend(
        regions.map(|region| (region.region.replace('_', " "), region.seconds, region.smallest_icd_p50)),
    );
    const LOW_ROW: f64 = 19.0;
    let mut svg = Svg::new(WIDTH, LOW_ROW * rows.len() as f64 + 4.0);
    for (index, (what, seconds, smallest)) in rows.iter().enumerate() {
        let y = LOW_ROW * index as f64;
        let share = (seconds / seen.seconds).min(1.0);
        svg.text([BAR_X - 8.0, y + 14.0], Anchor::End, "name", what);
        svg.rect([BAR_X, y + 4.0, BAR_LENGTH, 11.0], "empty");
        svg.rect([BAR_X, y + 4.0, BAR_LENGTH * share, 11.0], if index < 3 { "bar" } else { "bar pale" });
        let smallest = smallest.map_or_else(String::new, |icd| format!(" · {:.2}", icd * 100.0));
        let text = format!("{share:.2} · {:.1} min{smallest}", seconds / 60.0);
        svg.text([BAR_X + BAR_LENGTH + 8.0, y + 14.0], Anchor::Start, "value", &text);
    }
    Some(svg.finish("chart", "observable share of the time by region"))
}

/// Emotions in rows, labels in columns, and how many were missed. `None` where the truth has no emotions.
pub(super) fn confusion(report: &SpottingReport) -> Option<String> {
    const CELL: [f64; 2] = [54.0, 30.0];
    const LEFT: f64 = 88.0;
    const TOP: f64 = 46.0;
    let confusion = &report.confusion;
    if confusion.emotions.iter().all(String::is_empty) {
        return None;
    }
    let columns = confusion.labels.len() + 1;
    let width = LEFT + CELL[0] * columns as f64 + 44.0;
    let mut svg = Svg::new(width.max(WIDTH), TOP + CELL[1] * confusion.emotions.len() as f64 + 8.0);
    let labels =
        confusion.labels.iter().map(|label| if label.is_empty() { "no label" } else { label.as_str() });
    for (column, label) in labels.chain(["missed"]).enumerate() {
        // Every other one higher, so that long names have room.
        let y = if column % 2 == 0 { TOP - 10.0 } else { TOP - 28.0 };
        let x = LEFT + CELL[0] * (column as f64 + 0.5);
        svg.line([x, y + 4.0], [x, TOP - 2.0], "grid");
        svg.text([x, y], Anchor::Middle, "name", label);
    }
    for (row, (emotion, counts)) in confusion.emotions.iter().zip(&confusion.counts).enumerate() {
        let y = TOP + CELL[1] * row as f64;
        let missed = confusion.missed.get(row).copied().unwrap_or_default();
        let sum: usize = counts.iter().sum::<usize>() + missed;
        let named = if emotion.is_empty() { "unknown" } else { emotion };
        svg.text([LEFT - 8.0, y + 19.0], Anchor::End, "name", named);
        for (column, count) in counts.iter().chain([&missed]).enumerate() {
            let x = LEFT + CELL[0] * column as f64;
            let is_missed = column == counts.len();
            let is_right =
                confusion.labels.get(column).is_some_and(|label| label == emotion && !label.is_empty());
            // Shade in ten steps, by classes.
            let shade = (10.0 * *count as f64 / sum.max(1) as f64).round() as usize;
            let class = match (is_missed, is_right) {
                (true, _) => "cell missed",
                (_, true) => "cell right",
                _ => "cell",
            };
            svg.rect([x + 1.0, y + 1.0, CELL[0] - 2.0, CELL[1] - 2.0], &format!("{class} s{shade}"));
            let ink = if shade > 5 && !is_missed { "count strong" } else { "count" };
            let text = if *count == 0 { "·".to_owned() } else { count.to_string() };
            svg.text([x + CELL[0] / 2.0, y + 20.0], Anchor::Middle, ink, &text);
        }
        let end = LEFT + CELL[0] * columns as f64 + 6.0;
        svg.text([end, y + 20.0], Anchor::Start, "axis", &format!("n {sum}"));
    }
    Some(svg.finish("chart", "confusion of emotions"))
}

/// The name of a bar that begins at `x`.
fn name(svg: &mut Svg, [x, y]: [f64; 2], text: &str) {
    /// Longer names would reach beyond the left edge.
    const MOST_CHARACTERS: usize = 24;
    let mut shown: String = text.chars().take(MOST_CHARACTERS).collect();
    if shown.len() < text.len() {
        shown.pop();
        shown.push('…');
    }
    svg.text([x - 8.0, y + 17.0], Anchor::End, "name", &shown);
}

fn axis(svg: &mut Svg, rows: usize) {
    let bottom = ROW * rows as f64;
    for quarter in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let x = BAR_X + BAR_LENGTH * quarter;
        svg.line([x, 0.0], [x, bottom], "grid");
        svg.text([x, bottom + 15.0], Anchor::Middle, "axis", &format!("{quarter}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round() {
        for (range, step) in [(1.0, 0.2), (10.0, 2.0), (7.3, 2.0), (0.45, 0.1), (1200.0, 500.0), (0.0, 1e-9)]
        {
            let is = round_step(range);
            assert!((is - step).abs() < step * 1e-6, "{range}: {is}");
        }
    }
}
