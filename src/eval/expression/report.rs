//! The figures as text.

use super::Scores;

/// Tables for people: the figures, by label, and the confusion.
pub fn text_of(scores: &Scores) -> String {
    let percent = |share: f64| format!("{:.1}", 100.0 * share);
    let classes = &scores.classes;
    let text = format!(
        "accuracy {} %, balanced accuracy {} %, macro F1 {:.3}, calibration error {} %, on {} pictures\n\
         among anger, sadness, happiness, disgust and contempt alone: macro F1 {:.3}\n\n",
        percent(classes.accuracy),
        percent(classes.balanced_accuracy),
        classes.macro_f1,
        percent(scores.ece),
        classes.count,
        scores.macro_f1_five
    );
    text + &classes.tables("what most people said", "what the classifier said")
}
