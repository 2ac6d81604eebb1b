//! Accuracy, F1 and confusion of labels, from how often each was taken for each.

use std::collections::BTreeMap;

use serde::Serialize;

use super::text_table::TextTable;

/// How one label fares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct ClassScores {
    /// Share of those called so that are so; 0 where none was called so.
    pub precision: f64,
    /// Share of those that are so that were called so; 0 where there is none.
    pub recall: f64,
    /// Harmonic mean of the two.
    pub f1: f64,
    /// How many are so.
    pub support: usize,
}

/// How often each label was taken for each.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Confusion {
    /// Names of rows and columns.
    pub labels: Vec<&'static str>,
    /// Row: the truth; column: what was said; pictures.
    pub matrix: Vec<Vec<usize>>,
}

/// Figures that follow from a confusion.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassFigures {
    /// How many were counted.
    pub count: usize,
    /// Share of them that were called what they are.
    pub accuracy: f64,
    /// Mean recall over the labels that occur.
    pub balanced_accuracy: f64,
    /// Mean F1 over the labels that occur or were said.
    pub macro_f1: f64,
    /// By label.
    pub per_class: BTreeMap<&'static str, ClassScores>,
    /// Truth against what was said.
    pub confusion: Confusion,
}

/// `part` of `all`; 0 of nothing.
pub fn share(part: usize, all: usize) -> f64 {
    if all == 0 { 0.0 } else { part as f64 / all as f64 }
}

impl ClassFigures {
    /// Of a square matrix with one row and one column a label. Zeros where nothing was counted.
    pub fn of(labels: Vec<&'static str>, matrix: Vec<Vec<usize>>) -> Self {
        let said = |index: usize| matrix.iter().map(|row| row[index]).sum::<usize>();
        let classes: Vec<(ClassScores, usize)> = (0..labels.len())
            .map(|index| {
                let (right, support, said) = (matrix[index][index], matrix[index].iter().sum(), said(index));
                let scores = ClassScores {
                    precision: share(right, said),
                    recall: share(right, support),
                    f1: share(2 * right, support + said),
                    support,
                };
                (scores, said)
            })
            .collect();
        let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len().max(1) as f64;
        let occurring = classes.iter().filter(|(scores, _)| scores.support > 0);
        let mentioned = classes.iter().filter(|(scores, said)| scores.support + said > 0);
        let count = matrix.iter().flatten().sum();
        let right = (0..labels.len()).map(|index| matrix[index][index]).sum();
        Self {
            count,
            accuracy: share(right, count),
            balanced_accuracy: mean(occurring.map(|(scores, _)| scores.recall).collect()),
            macro_f1: mean(mentioned.map(|(scores, _)| scores.f1).collect()),
            per_class: labels.iter().zip(&classes).map(|(label, (scores, _))| (*label, *scores)).collect(),
            confusion: Confusion { labels, matrix },
        }
    }

    /// Tables for people: by label, and the confusion. `said` and `truth` name what columns and rows are.
    pub fn tables(&self, truth: &str, said: &str) -> String {
        let percent = |share: f64| format!("{:.1}", 100.0 * share);
        let mut classes = TextTable::new(&["label", "pictures", "precision", "recall", "F1"]);
        for label in &self.confusion.labels {
            let Some(one) = self.per_class.get(label) else { continue };
            classes.row(vec![
                (*label).to_owned(),
                one.support.to_string(),
                percent(one.precision),
                percent(one.recall),
                percent(one.f1),
            ]);
        }
        let mut text = classes.text();
        text += &format!("\nrow: {truth}; column: {said}\n\n");
        let mut header = vec![""];
        header.extend(&self.confusion.labels);
        let mut confusion = TextTable::new(&header);
        for (label, row) in self.confusion.labels.iter().zip(&self.confusion.matrix) {
            let mut cells = vec![(*label).to_owned()];
            cells.extend(row.iter().map(usize::to_string));
            confusion.row(cells);
        }
        text + &confusion.text()
    }
}
