//! Accuracies as dots on a line: both protocols of every network, and fold by fold.

use super::super::HOLDOUT;
use super::super::data_set::{DataSet, protocol_name};
use super::super::results::{RunResult, StudyResults};
use super::plot::{cut, percent_axis, percent_grid, percent_names};
use crate::eval::html::{Anchor, Svg};

/// Every network on every data set: accuracy by both protocols with intervals. Empty without figures.
pub(super) fn overview(results: &StudyResults) -> String {
    const LEFT: f64 = 190.0;
    const LENGTH: f64 = 800.0;
    const ROW: f64 = 22.0;
    const HEAD: f64 = 26.0;
    let networks = results.networks();
    let groups: Vec<(DataSet<'_>, Vec<&RunResult>)> = results
        .by_data_set()
        .into_iter()
        .map(|(data_set, runs)| {
            (data_set, runs.into_iter().filter(|run| run.recognition.is_some()).collect())
        })
        .filter(|(_, runs): &(_, Vec<&RunResult>)| !runs.is_empty())
        .collect();
    if groups.is_empty() {
        return String::new();
    }
    let rows_of = |runs: &[&RunResult]| -> Vec<String> {
        let has = |network: &str| runs.iter().any(|run| run.network == network);
        networks.iter().filter(|network| has(network)).map(|network| (*network).to_owned()).collect()
    };
    let height: f64 = groups.iter().map(|(_, runs)| HEAD + ROW * rows_of(runs).len() as f64).sum();
    let mut svg = Svg::new(LEFT + LENGTH + 110.0, height + 38.0);
    percent_names(&mut svg, LEFT, LENGTH, height + 4.0);
    svg.text([LEFT + LENGTH / 2.0, height + 34.0], Anchor::Middle, "axis", "accuracy");
    svg.text([LEFT + LENGTH + 100.0, 18.0], Anchor::End, "axis", "difference, points");
    let x = |share: f64| LEFT + LENGTH * share;
    let mut top = 0.0;
    for (data_set, runs) in &groups {
        svg.text([0.0, top + 18.0], Anchor::Start, "heading", &data_set.title());
        let rows = rows_of(runs);
        let classes = runs
            .iter()
            .filter_map(|run| run.recognition.as_ref())
            .map(|found| found.pooled.confusion.labels.len())
            .max();
        let ends = [top + HEAD, top + HEAD + ROW * rows.len() as f64];
        percent_grid(&mut svg, LEFT, LENGTH, ends);
        if let Some(classes) = classes.filter(|classes| *classes > 0) {
            let guess = x(1.0 / classes as f64);
            svg.line([guess, ends[0]], [guess, ends[1]], "guess");
        }
        for (row, network) in rows.iter().enumerate() {
            let y = top + HEAD + ROW * (row as f64 + 0.5);
            svg.text([LEFT - 10.0, y + 4.0], Anchor::End, "name", &cut(network, 26));
            let mut accuracies = [None, None];
            for run in runs.iter().filter(|run| run.network == *network) {
                let Some(pooled) = run.recognition.as_ref().map(|found| &found.pooled) else { continue };
                let is_split = run.protocol == HOLDOUT;
                // A little apart, so that intervals don't hide each other.
                let (class, y) = if is_split { ("hollow", y - 4.0) } else { ("full", y + 4.0) };
                if let Some([low, high]) = pooled.intervals.as_ref().map(|intervals| intervals.accuracy) {
                    svg.line([x(low), y], [x(high), y], &format!("interval {class}"));
                }
                svg.circle([x(pooled.scores.accuracy), y], 4.0, class);
                accuracies[usize::from(!is_split)] = Some(pooled.scores.accuracy);
            }
            if let [Some(split), Some(apart)] = accuracies {
                let text = format!("{:+.1}", 100.0 * (split - apart));
                svg.text([LEFT + LENGTH + 100.0, y + 4.0], Anchor::End, "value", &text);
            }
        }
        top += HEAD + ROW * rows.len() as f64;
    }
    let chart = svg.finish("wide", "accuracy of every network by both protocols");
    format!("<figure class=\"scroll\">{chart}</figure>")
}

/// Accuracy of each fold, one line a network and protocol. Empty where no run has more than one fold.
pub(super) fn folds(runs: &[&RunResult]) -> String {
    const LEFT: f64 = 178.0;
    const LENGTH: f64 = 262.0;
    const ROW: f64 = 30.0;
    if runs.iter().filter_map(|run| run.recognition.as_ref()).all(|found| found.folds.len() < 2) {
        return String::new();
    }
    let bottom = ROW * runs.len() as f64;
    let mut svg = Svg::new(LEFT + LENGTH + 48.0, bottom + 38.0);
    percent_axis(&mut svg, LEFT, LENGTH, [0.0, bottom]);
    svg.text([LEFT + LENGTH / 2.0, bottom + 32.0], Anchor::Middle, "axis", "accuracy");
    for (row, run) in runs.iter().enumerate() {
        let Some(found) = &run.recognition else { continue };
        let middle = ROW * (row as f64 + 0.5);
        let class = if run.protocol == HOLDOUT { "hollow" } else { "full" };
        svg.text([LEFT - 10.0, middle], Anchor::End, "name", &cut(&run.network, 24));
        let folds =
            if found.folds.len() == 1 { "1 fold".to_owned() } else { format!("{} folds", found.folds.len()) };
        let what = format!("{}, {folds}", protocol_name(&run.protocol));
        svg.text([LEFT - 10.0, middle + 11.0], Anchor::End, "tiny", &what);
        for (index, fold) in found.folds.iter().enumerate() {
            // Three heights in turn, so that equal folds are seen.
            let y = middle + (index % 3) as f64 * 5.0 - 5.0;
            svg.circle([LEFT + LENGTH * fold.figures.scores.accuracy, y], 3.0, class);
        }
        let all = LEFT + LENGTH * found.pooled.scores.accuracy;
        svg.line([all, middle - 11.0], [all, middle + 11.0], "together");
        let text = format!("{:.1}", 100.0 * found.pooled.scores.accuracy);
        svg.text([LEFT + LENGTH + 44.0, middle + 4.0], Anchor::End, "value", &text);
    }
    svg.finish("chart", "accuracy of each fold")
}
