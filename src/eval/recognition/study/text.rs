//! A study as tables for a terminal.

use super::data_set::protocol_name;
use super::results::StudyResults;
use super::tables::TABLES;
use crate::eval::recognition::Figures;
use crate::eval::text_table::TextTable;

impl StudyResults {
    /// The summary and the paper's four tables, in percent, both protocols below each other.
    pub fn text(&self) -> String {
        let mut text = self.summary().join("\n") + "\n";
        for (table, _, title) in TABLES {
            let runs = self.runs_of(table);
            if runs.is_empty() {
                continue;
            }
            let mut rows = TextTable::new(&[
                "network",
                "stimulus",
                "gender",
                "protocol",
                "examples",
                "accuracy",
                "95 %",
                "precision",
                "recall",
                "F1",
                "95 %",
            ]);
            let mut missing = String::new();
            for run in runs {
                let all = |part: &Option<String>| part.clone().unwrap_or_else(|| "all".to_owned());
                let mut row = vec![
                    run.network.clone(),
                    all(&run.stimulus),
                    all(&run.gender),
                    protocol_name(&run.protocol).to_owned(),
                ];
                match &run.recognition {
                    Some(recognition) => row.extend(figures_of(&recognition.pooled)),
                    None => {
                        // Below the table: in it, a sentence would push the columns apart.
                        missing += &format!(
                            "no run, {}: {}\n",
                            row.join(", "),
                            run.why_not.as_deref().unwrap_or_default()
                        );
                        row.push("-".to_owned());
                    }
                }
                rows.row(row);
            }
            text += &format!("\n{title}\n\n{}{missing}", rows.text());
        }
        text
    }
}

fn figures_of(figures: &Figures) -> [String; 7] {
    let percent = |share: f64| format!("{:.1}", 100.0 * share);
    let range = |interval: Option<[f64; 2]>| {
        interval
            .map_or_else(|| "-".to_owned(), |[low, high]| format!("{} to {}", percent(low), percent(high)))
    };
    let intervals = figures.intervals.as_ref();
    [
        figures.count.to_string(),
        percent(figures.scores.accuracy),
        range(intervals.map(|i| i.accuracy)),
        percent(figures.scores.macro_precision),
        percent(figures.scores.macro_recall),
        percent(figures.scores.macro_f1),
        range(intervals.map(|i| i.macro_f1)),
    ]
}
