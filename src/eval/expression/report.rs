//! The figures as text.

use super::Scores;
use crate::eval::text_table::TextTable;

/// Tables for people: the figures, by label, and the confusion.
pub fn text_of(scores: &Scores) -> String {
    let percent = |share: f64| format!("{:.1}", 100.0 * share);
    let mut text = format!(
        "accuracy {} %, balanced accuracy {} %, macro F1 {:.3}, calibration error {} %, on {} pictures\n\
         among anger, sadness, happiness, disgust and contempt alone: macro F1 {:.3}\n\n",
        percent(scores.accuracy),
        percent(scores.balanced_accuracy),
        scores.macro_f1,
        percent(scores.ece),
        scores.count,
        scores.macro_f1_five
    );
    let mut classes = TextTable::new(&["label", "pictures", "precision", "recall", "F1"]);
    for label in &scores.confusion.labels {
        let Some(one) = scores.per_class.get(label) else { continue };
        classes.row(vec![
            (*label).to_owned(),
            one.support.to_string(),
            percent(one.precision),
            percent(one.recall),
            percent(one.f1),
        ]);
    }
    text += &classes.text();
    text += "\nrow: what most people said; column: what the classifier said\n\n";
    let mut header = vec![""];
    header.extend(&scores.confusion.labels);
    let mut confusion = TextTable::new(&header);
    for (label, row) in scores.confusion.labels.iter().zip(&scores.confusion.matrix) {
        let mut cells = vec![(*label).to_owned()];
        cells.extend(row.iter().map(usize::to_string));
        confusion.row(cells);
    }
    text + &confusion.text()
}
