//! The figures as tables for a terminal.

use super::interval::TimeUnit;
use super::report::{MegcFigures, MegcReport};
use crate::eval::text_table::TextTable;

impl MegcReport {
    /// Tables for people: spotting, recognition of what was spotted, and where micro-expressions ended up.
    pub fn text(&self) -> String {
        let unit = match self.params.unit {
            Some(TimeUnit::Seconds) => "seconds",
            Some(TimeUnit::Frames) | None => "frames, both ends inside",
        };
        let people = match self.subjects {
            0 => "people not known".to_owned(),
            subjects => format!("{subjects} people"),
        };
        let mut text = format!(
            "{} videos, {people}; matched one to one at IoU >= {}, in {unit}\n\n",
            self.videos, self.params.min_iou
        );
        let kinds = [("micro", &self.micro), ("macro", &self.macro_), ("overall", &self.overall)];
        let mut spotting = TextTable::new(&[
            "spotting",
            "truth",
            "predicted",
            "TP",
            "FP",
            "FN",
            "precision",
            "recall",
            "F1",
            "IoU",
        ]);
        for (name, figures) in kinds {
            spotting.row(spotting_row(name, figures));
        }
        text += &spotting.text();
        let mut recognition =
            TextTable::new(&["recognition", "spotted", "right", "precision", "recall", "F1", "UF1", "STRS"]);
        let mut has_labels = false;
        for (name, figures) in kinds {
            let (Some(analysis), Some(strs)) = (&figures.analysis, figures.strs) else { continue };
            has_labels = true;
            let figures = [analysis.precision, analysis.recall, analysis.f1, analysis.uf1, strs].map(four);
            let counts = [name.to_owned(), analysis.count.to_string(), analysis.right.to_string()];
            recognition.row(counts.into_iter().chain(figures).collect());
        }
        if !has_labels {
            return text + "\nthe truth has no labels: no recognition, no STRS\n";
        }
        text += &format!("\n{}", recognition.text());
        text += "STRS: F1 of spotting times F1 of recognition\n";
        for (name, figures) in [("micro", &self.micro), ("macro", &self.macro_)] {
            if figures.truth + figures.predicted > 0 {
                text += &format!("\n{name}: row the truth, column what became of it\n\n{}", ends(figures));
            }
        }
        text
    }
}

fn four(value: f64) -> String {
    format!("{value:.4}")
}

fn spotting_row(name: &str, figures: &MegcFigures) -> Vec<String> {
    let counts = [
        figures.truth,
        figures.predicted,
        figures.true_positives,
        figures.false_positives,
        figures.false_negatives,
    ];
    let iou = figures.mean_iou.map_or_else(|| "-".to_owned(), |iou| format!("{iou:.2}"));
    let mut row = vec![name.to_owned()];
    row.extend(counts.map(|count| count.to_string()));
    row.extend([figures.precision, figures.recall, figures.f1].map(four));
    row.push(iou);
    row
}

fn ends(figures: &MegcFigures) -> String {
    let confusion = &figures.confusion;
    let named = |label: &String| if label.is_empty() { "no label".to_owned() } else { label.clone() };
    let columns: Vec<String> = confusion.labels.iter().map(named).collect();
    let mut header = vec![""];
    header.extend(columns.iter().map(String::as_str));
    header.push("missed");
    let mut table = TextTable::new(&header);
    for ((label, row), missed) in columns.iter().zip(&confusion.matrix).zip(&confusion.missed) {
        // A label that only predictions have is no row.
        if row.iter().sum::<usize>() + missed > 0 {
            let counts = row.iter().chain([missed]).map(usize::to_string);
            table.row([label.clone()].into_iter().chain(counts).collect());
        }
    }
    let alarms = confusion.false_alarms.iter().map(usize::to_string);
    table.row(["nothing there".to_owned()].into_iter().chain(alarms).collect());
    table.text()
}
