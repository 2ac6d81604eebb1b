//! What a classifier said of each example.

/// One example: its truth, and a probability for each class.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prediction {
    /// Name of the example, the same for every classifier that saw it.
    pub example: String,
    /// Pseudonym of the person; empty where it is not known.
    pub subject: String,
    /// The corpus; empty where there is only one.
    pub corpus: String,
    /// What the participant gave as gender; empty where it is not known.
    pub gender: String,
    /// What called the expression forth: `questionnaire`, `image`; empty where it is not known.
    pub stimulus: String,
    /// `micro` or `masked`; empty where it is not known.
    pub kind: String,
    /// The fold in whose test part the example was, from 0.
    pub fold: usize,
    /// The true class: an index into [`Predictions::classes`].
    pub truth: usize,
    /// One probability a class, `[0, 1]`, sum 1, in the order of [`Predictions::classes`].
    pub shares: Vec<f64>,
}

impl Prediction {
    /// The most probable class, the first of equals; `None` without a number among the probabilities.
    pub fn said(&self) -> Option<usize> {
        let mut best: Option<(usize, f64)> = None;
        for (class, share) in self.shares.iter().enumerate() {
            if !share.is_nan() && best.is_none_or(|(_, most)| *share > most) {
                best = Some((class, *share));
            }
        }
        best.map(|(class, _)| class)
    }

    /// Truth and the most probable class; `None` where this is no prediction over `classes` classes.
    pub(super) fn judged(&self, classes: usize) -> Option<(usize, usize)> {
        let is_whole = self.truth < classes
            && self.shares.len() == classes
            && self.shares.iter().all(|share| share.is_finite());
        if is_whole { self.said().map(|said| (self.truth, said)) } else { None }
    }
}

/// Predictions of one classifier, by whatever protocol.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Predictions {
    /// Names of the classes.
    pub classes: Vec<String>,
    /// Every example once.
    pub rows: Vec<Prediction>,
}
