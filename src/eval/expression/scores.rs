//! Accuracy, F1, confusion and calibration of eight probabilities.

use serde::Serialize;

use crate::eval::classes::ClassFigures;
use crate::types::{LABEL_COUNT, Label};

/// Bins of the calibration error, over the probability of the top label. 15: Guo et al. 2017, arXiv:1706.04599.
const BINS: usize = 15;

/// The five classes of published work on masked smiles and micro-expressions before a camera (questionnaires and images that call
/// forth one of them each), for figures beside theirs.
pub const FIVE: [Label; 5] =
    [Label::Anger, Label::Sadness, Label::Happiness, Label::Disgust, Label::Contempt];

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
    /// Mean F1 of a choice among the [`FIVE`] alone: pictures of other labels are left out, and the most probable of the five counts.
    pub macro_f1_five: f64,
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
        macro_f1_five: macro_f1_among(judged, &FIVE),
        ece: errors.sum::<f64>() / judged.len().max(1) as f64,
    }
}

/// Mean F1 over those of `labels` that occur or were said, where there is nothing else to say; 0 where none occurs.
fn macro_f1_among(judged: &[Judged], labels: &[Label]) -> f64 {
    // Of each label: how often it was said and true, said, true.
    let mut counts = [[0usize; 3]; LABEL_COUNT];
    for one in judged.iter().filter(|one| labels.contains(&one.truth)) {
        let mut known = [f32::NEG_INFINITY; LABEL_COUNT];
        labels.iter().for_each(|label| known[label.index()] = one.probabilities[label.index()]);
        let (said, truth) = (top(&known).0, one.truth.index());
        counts[said][0] += usize::from(said == truth);
        counts[said][1] += 1;
        counts[truth][2] += 1;
    }
    let f1s: Vec<f64> = counts
        .iter()
        .filter(|[_, said, occurring]| said + occurring > 0)
        .map(|[right, said, occurring]| 2.0 * *right as f64 / (said + occurring) as f64)
        .collect();
    f1s.iter().sum::<f64>() / f1s.len().max(1) as f64
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
    fn among_five_the_others_are_neither_true_nor_said() {
        use Label::{Anger, Fear, Happiness, Neutral, Sadness};
        let mut sad = judged(Sadness, Neutral, 0.6);
        sad.probabilities[Sadness.index()] = 0.3;
        let scores = score(&[
            sad,
            judged(Happiness, Happiness, 0.9),
            judged(Anger, Happiness, 0.9),
            judged(Neutral, Anger, 0.9),
            judged(Fear, Anger, 0.9),
        ]);
        // F1: sadness 1 (neutral is no choice), happiness 2/3, anger 0.
        assert!((scores.macro_f1_five - (1.0 + 2.0 / 3.0) / 3.0).abs() < 1e-12, "{}", scores.macro_f1_five);
        assert!(scores.classes.macro_f1 < scores.macro_f1_five);
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
