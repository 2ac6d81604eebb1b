//! Temperature scaling: outputs divided by one number, so that probabilities are as often right as they say. And what is then said of
//! a typical neutral face.

use crate::dataset::{Majority, Votes};
use crate::expression::{arithmetic_mean, softmax};
use crate::types::{LABEL_COUNT, Label};

/// Range of temperatures that are looked through.
const RANGE: [f32; 2] = [0.2, 5.0];

/// The temperature with the least negative log-likelihood of what most people said (Guo et al. 2017, arXiv:1706.04599); 1 where no
/// picture has a majority.
///
/// The network learns how votes are shared out, and says 0.6 where six of ten say so; that most say so is surer.
pub(super) fn temperature(watched: &[([f32; LABEL_COUNT], Votes)]) -> f32 {
    let known: Vec<(&[f32; LABEL_COUNT], usize)> = watched
        .iter()
        .filter_map(|(logits, votes)| match votes.majority() {
            Majority::Label(label) => Some((logits, label.index())),
            _ => None,
        })
        .collect();
    if known.is_empty() {
        return 1.0;
    }
    let loss = |log_temperature: f64| -> f64 {
        let by = log_temperature.exp();
        let each = known.iter().map(|(logits, truth)| {
            let most = logits.iter().copied().fold(f32::MIN, f32::max);
            let scaled = logits.map(|logit| f64::from(logit - most) / by);
            scaled.iter().map(|v| v.exp()).sum::<f64>().ln() - scaled[*truth]
        });
        each.sum()
    };
    // The loss is convex in 1 / temperature, so it has one lowest point; thirds close in on it.
    let [mut low, mut high] = RANGE.map(|t| f64::from(t).ln());
    for _ in 0..60 {
        let third = (high - low) / 3.0;
        if loss(low + third) < loss(high - third) { high -= third } else { low += third }
    }
    ((low + high) / 2.0).exp() as f32
}

/// The mean of what is said of the pictures that most people call neutral; `None` where there is none. Six digits, as the
/// record has them.
pub(super) fn typical_neutral(
    watched: &[([f32; LABEL_COUNT], Votes)],
    temperature: f32,
) -> Option<[f32; LABEL_COUNT]> {
    let is_neutral = |votes: &Votes| matches!(votes.majority(), Majority::Label(Label::Neutral));
    let neutral = watched.iter().filter(|(_, votes)| is_neutral(votes));
    arithmetic_mean(neutral.map(|(logits, _)| softmax(logits, temperature)))
        .map(|mean| mean.map(|p| (p * 1e6).round() / 1e6))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_typical_neutral_face_is_a_mean_of_the_neutral_ones() {
        let logits = |neutral: f32| [neutral, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        let votes = |at: usize| {
            let mut votes = [0; 10];
            votes[at] = 10;
            Votes(votes)
        };
        let watched = [(logits(4.0), votes(0)), (logits(2.0), votes(0)), (logits(-9.0), votes(1))];
        let typical = typical_neutral(&watched, 1.0).unwrap();
        let [sure, less] = [4.0, 2.0].map(|neutral| softmax(&logits(neutral), 1.0));
        for ((is, a), b) in typical.iter().zip(sure).zip(less) {
            assert!((is - (a + b) / 2.0).abs() < 2e-6, "{typical:?}");
        }
        assert_eq!(typical_neutral(&watched[2..], 1.0), None);
    }

    #[test]
    fn logits_that_are_too_sure_are_cooled() {
        // 3 against 0 is right three times of four, which is what a difference of ln(7 * 3) = 3.04 would say of eight labels.
        let logits = [6.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        let votes = |at: usize| {
            let mut votes = [0; 10];
            votes[at] = 10;
            Votes(votes)
        };
        let found =
            temperature(&[(logits, votes(0)), (logits, votes(0)), (logits, votes(0)), (logits, votes(3))]);
        assert!((found - 6.0 / 21f32.ln()).abs() < 0.01, "{found}");
        assert_eq!(temperature(&[]), 1.0);
    }
}
