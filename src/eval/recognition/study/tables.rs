//! The seed paper's tables: which runs they hold, and as CSV.

use std::path::Path;

use super::data_set::PaperTable;
use super::results::{RunResult, StudyResults};
use crate::eval::EvalError;
use crate::eval::recognition::Figures;

/// The paper's tables, with the names of their files and their titles.
pub(super) const TABLES: [(PaperTable, &str, &str); 4] = [
    (PaperTable::Micro, "table4_micro.csv", "Table 4: micro-expressions"),
    (PaperTable::Female, "table5_female.csv", "Table 5: micro-expressions of women"),
    (PaperTable::Male, "table6_male.csv", "Table 6: micro-expressions of men"),
    (PaperTable::Masked, "table7_masked.csv", "Table 7: masked expressions"),
];

/// Columns of the files; docs/evaluate.md explains them.
pub(super) const COLUMNS: [&str; 26] = [
    "network",
    "stimulus",
    "gender",
    "protocol",
    "examples",
    "people",
    "accuracy",
    "accuracy_low",
    "accuracy_high",
    "precision",
    "recall",
    "f1",
    "f1_low",
    "f1_high",
    "weighted_precision",
    "weighted_recall",
    "weighted_f1",
    "uf1",
    "uf1_low",
    "uf1_high",
    "uar",
    "uar_low",
    "uar_high",
    "learned",
    "seconds",
    "why_not",
];

impl StudyResults {
    /// The runs of one of the paper's tables.
    pub(super) fn runs_of(&self, table: PaperTable) -> Vec<&RunResult> {
        self.runs.iter().filter(|run| run.data_set().table() == table).collect()
    }

    /// Writes one table: one row a network, stimulus and protocol; shares with four decimals, empty where there was no run.
    pub(super) fn write_table(&self, table: PaperTable, path: &Path) -> Result<(), EvalError> {
        let failed = |error: csv::Error| EvalError::io("write", path)(error.into());
        let file = std::fs::File::create(path).map_err(EvalError::io("write", path))?;
        let mut writer = csv::Writer::from_writer(file);
        writer.write_record(COLUMNS).map_err(failed)?;
        for run in self.runs_of(table) {
            writer.write_record(row_of(run)).map_err(failed)?;
        }
        writer.flush().map_err(EvalError::io("write", path))
    }
}

fn row_of(run: &RunResult) -> Vec<String> {
    let figures = run.recognition.as_ref().map(|recognition| &recognition.pooled);
    let count =
        |value: fn(&Figures) -> usize| figures.map_or_else(String::new, |figures| value(figures).to_string());
    let share = |value: fn(&Figures) -> f64| {
        figures.map_or_else(String::new, |figures| format!("{:.4}", value(figures)))
    };
    let interval = |value: fn(&super::super::Intervals) -> [f64; 2]| {
        let interval = figures.and_then(|figures| figures.intervals.as_ref()).map(value);
        interval.map_or_else(Default::default, |ends| ends.map(|end| format!("{end:.4}")))
    };
    let [accuracy_low, accuracy_high] = interval(|i| i.accuracy);
    let [f1_low, f1_high] = interval(|i| i.macro_f1);
    let [uf1_low, uf1_high] = interval(|i| i.uf1);
    let [uar_low, uar_high] = interval(|i| i.uar);
    vec![
        run.network.clone(),
        run.stimulus.clone().unwrap_or_default(),
        run.gender.clone().unwrap_or_default(),
        run.protocol.clone(),
        count(|figures| figures.count),
        count(|figures| figures.subjects),
        share(|figures| figures.scores.accuracy),
        accuracy_low,
        accuracy_high,
        share(|figures| figures.scores.macro_precision),
        share(|figures| figures.scores.macro_recall),
        share(|figures| figures.scores.macro_f1),
        f1_low,
        f1_high,
        share(|figures| figures.scores.weighted_precision),
        share(|figures| figures.scores.weighted_recall),
        share(|figures| figures.scores.weighted_f1),
        share(|figures| figures.scores.uf1),
        uf1_low,
        uf1_high,
        share(|figures| figures.scores.uar),
        uar_low,
        uar_high,
        run.learned.to_string(),
        format!("{:.1}", run.seconds),
        run.why_not.clone().unwrap_or_default(),
    ]
}
