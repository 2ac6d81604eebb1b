//! Accuracy, F1, confusion and calibration of eight probabilities.

use serde::Serialize;

use crate::eval::classes::ClassFigures;
use crate::types::{LABEL_COUNT, Label};

/// Bins of the calibration error, over the probability of the top label. 15: Guo et al. 2017, arXiv:1706.04599.
const BINS: usize = 15;

/// One picture: what it shows, and what was said of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    /// The truth.
    pub truth: Label,
    /// A probability for each label, in the order of [`Label::ALL`].
    pub probabilities: [f32; LABEL_COUNT],
}

/// All figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scores {
    /// What follows from the most probable labels.
    #[serde(flatten)]
    pub classes: ClassFigures,
    /// Expected calibration error: how far the top label's probability is from how often it is right, in the mean (15 bins).
    pub ece: f64,
}

/// Counts. Zeros where nothing was judged.
pub fn score(judged: &[Judged]) -> Scores {
    let mut matrix = vec![vec![0usize; LABEL_COUNT]; LABEL_COUNT];
    let mut bins = [(0usize, 0.0f64, 0usize); BINS];
    for one in judged {
        let (said, probability) = top(&one.probabilities);
        matrix[one.truth.index()][said] += 1;
        let bin = ((probability * BINS as f32) as usize).min(BINS - 1);
        bins[bin].0 += 1;
        bins[bin].1 += f64::from(probability);
        bins[bin].2 += usize::from(said == one.truth.index());
    }
    let errors = bins.iter().map(|(_, probability, right)| (probability - *right as f64).abs());
    Scores {
        classes: ClassFigures::of(Label::ALL.iter().map(|label| label.name()).collect(), matrix),
        ece: errors.sum::<f64>() / judged.len().max(1) as f64,
    }
}

/// The most probable label, the first of equals.
fn top(probabilities: &[f32; LABEL_COUNT]) -> (usize, f32) {
    let mut best = (0, probabilities[0]);
    for (index, probability) in probabilities.iter().enumerate() {
        if *probability > best.1 {
            best = (index, *probability);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(truth: Label, said: Label, probability: f32) -> Judged {
        let rest = (1.0 - probability) / (LABEL_COUNT - 1) as f32;
        let mut probabilities = [rest; LABEL_COUNT];
        probabilities[said.index()] = probability;
        Judged { truth, probabilities }
    }

    #[test]
    fn a_small_case_by_hand() {
        use Label::{Anger, Happiness, Neutral};
        let scores = score(&[
            judged(Neutral, Neutral, 0.9),
            judged(Neutral, Neutral, 0.9),
            judged(Neutral, Anger, 0.5),
            judged(Happiness, Happiness, 0.9),
        ]);
        assert_eq!(scores.classes.count, 4);
        assert_eq!(scores.classes.accuracy, 0.75);
        assert!((scores.classes.balanced_accuracy - (2.0 / 3.0 + 1.0) / 2.0).abs() < 1e-12);
        // F1: neutral 0.8, happiness 1, anger 0 (said, never true).
        assert!((scores.classes.macro_f1 - 1.8 / 3.0).abs() < 1e-12);
        assert_eq!(scores.classes.per_class["neutral"].support, 3);
        assert_eq!(scores.classes.per_class["neutral"].precision, 1.0);
        assert_eq!(scores.classes.confusion.matrix[0][4], 1);
        // 0.9 is right three times of three, 0.5 never: (3 * 0.1 + 0.5) / 4.
        assert!((scores.ece - 0.2).abs() < 1e-6, "{}", scores.ece);
    }

    #[test]
    fn nothing_gives_zeros() {
        let scores = score(&[]);
        assert_eq!(
            (scores.classes.count, scores.classes.accuracy, scores.classes.macro_f1, scores.ece),
            (0, 0.0, 0.0, 0.0)
        );
    }
}
