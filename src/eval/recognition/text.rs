//! The figures as tables for a terminal.

use super::figures::Figures;
use super::report::{Recognition, Spread};
use crate::eval::text_table::TextTable;

/// More folds than this are not listed one by one: leave-one-subject-out has one for each person.
const MOST_FOLDS: usize = 12;

impl Recognition {
    /// Tables for people: pooled figures, classes, confusion, folds, subsets.
    pub fn text(&self) -> String {
        let pooled = &self.pooled;
        let people = match pooled.subjects {
            0 => "people not known".to_owned(),
            subjects => format!("{subjects} people"),
        };
        let mut text = format!("{} examples, {people}, {} folds\n\n", pooled.count, self.folds.len());
        if self.unusable > 0 {
            text += &format!(
                "{} rows are no prediction over these classes and were not counted\n\n",
                self.unusable
            );
        }
        text += &overall(pooled);
        text += &format!("\n{}", classes(pooled));
        text += &format!("\nrow: the truth; column: what was said\n\n{}", confusion(pooled));
        text += &self.folds_text();
        text += &self.subsets_text();
        text
    }

    fn folds_text(&self) -> String {
        if self.folds.len() < 2 {
            return String::new();
        }
        let mut table = TextTable::new(&["fold", "examples", "people", "accuracy", "macro F1", "UF1", "UAR"]);
        if self.folds.len() <= MOST_FOLDS {
            for fold in &self.folds {
                table.row(row_of(&fold.fold.to_string(), &fold.figures));
            }
        }
        let mean = &self.mean_over_folds;
        let both = |spread: Spread| match spread.sd {
            Some(sd) => format!("{} ± {}", percent(spread.mean), percent(sd)),
            None => percent(spread.mean),
        };
        table.row(vec![
            "mean ± sd".to_owned(),
            String::new(),
            String::new(),
            both(mean.accuracy),
            both(mean.macro_f1),
            both(mean.uf1),
            both(mean.uar),
        ]);
        format!("\n{}", table.text())
    }

    fn subsets_text(&self) -> String {
        if self.subsets.is_empty() {
            return String::new();
        }
        let mut table =
            TextTable::new(&["subset", "examples", "people", "accuracy", "macro F1", "UF1", "UAR"]);
        for subset in &self.subsets {
            table.row(row_of(&subset.name(), &subset.figures));
        }
        format!("\n{}", table.text())
    }
}

/// In percent, with one decimal.
pub(super) fn percent(share: f64) -> String {
    format!("{:.1}", 100.0 * share)
}

fn row_of(name: &str, figures: &Figures) -> Vec<String> {
    let scores = &figures.scores;
    let people = if figures.subjects == 0 { "-".to_owned() } else { figures.subjects.to_string() };
    let shares = [scores.accuracy, scores.macro_f1, scores.uf1, scores.uar].map(percent);
    [name.to_owned(), figures.count.to_string(), people].into_iter().chain(shares).collect()
}

fn overall(figures: &Figures) -> String {
    let (scores, intervals) = (&figures.scores, figures.intervals.as_ref());
    let mut table = TextTable::new(&["figure", "%", "95 % interval"]);
    let mut row = |name: &str, value: f64, interval: Option<[f64; 2]>| {
        let interval =
            interval.map_or(String::new(), |[low, high]| format!("{} to {}", percent(low), percent(high)));
        table.row(vec![name.to_owned(), percent(value), interval]);
    };
    row("accuracy", scores.accuracy, intervals.map(|i| i.accuracy));
    row("macro F1", scores.macro_f1, intervals.map(|i| i.macro_f1));
    row("UF1", scores.uf1, intervals.map(|i| i.uf1));
    row("UAR (balanced accuracy)", scores.uar, intervals.map(|i| i.uar));
    row("macro precision", scores.macro_precision, None);
    row("macro recall", scores.macro_recall, None);
    row("weighted precision", scores.weighted_precision, None);
    row("weighted recall", scores.weighted_recall, None);
    row("weighted F1", scores.weighted_f1, None);
    let mut text = table.text();
    if let Some(intervals) = intervals {
        text += &format!(
            "intervals: {} draws of {} {}s, seed {}\n",
            intervals.resamples, intervals.units, intervals.unit, intervals.seed
        );
    }
    let three = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
    let calibration = &figures.calibration;
    text += &format!(
        "kappa {}, macro AUC {}, calibration error {}, Brier {}, log loss {}\n",
        three(scores.kappa),
        three(figures.macro_auc),
        three(calibration.ece),
        three(calibration.brier),
        three(calibration.log_loss)
    );
    text
}

fn classes(figures: &Figures) -> String {
    let mut table = TextTable::new(&["class", "examples", "precision", "recall", "F1", "specificity", "AUC"]);
    for label in &figures.confusion.labels {
        let Some(class) = figures.per_class.get(label) else { continue };
        table.row(vec![
            label.clone(),
            class.support.to_string(),
            percent(class.precision),
            percent(class.recall),
            percent(class.f1),
            percent(class.specificity),
            class.auc.map_or_else(|| "-".to_owned(), |auc| format!("{auc:.3}")),
        ]);
    }
    table.text()
}

fn confusion(figures: &Figures) -> String {
    let mut header = vec![""];
    header.extend(figures.confusion.labels.iter().map(String::as_str));
    let mut table = TextTable::new(&header);
    for (label, row) in figures.confusion.labels.iter().zip(&figures.confusion.matrix) {
        table.row([label.clone()].into_iter().chain(row.iter().map(usize::to_string)).collect());
    }
    table.text()
}
