//! The parts of the evidence, from one measurement of a face.

use super::MaskedParams;
use crate::types::{
    BLENDSHAPE_COUNT, Blendshapes, Expression, FaceMeasurement, Label, Mismatch, Probabilities,
};

/// `mouthSmileLeft` and `mouthSmileRight` in [`crate::types::BLENDSHAPE_NAMES`].
const MOUTH_SMILE: [usize; 2] = [44, 45];
/// Probabilities are taken to lie within this and one minus it: no single network may settle the matter.
const LEAST: f32 = 1e-3;

/// What one measurement of a face says, before motion and time are looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StillEvidence {
    /// Log-odds of a smile: of the mouth's own score and of the whole face, weighed.
    pub smile: f32,
    /// Log-odds of something negative around the eyes, as the network says.
    pub eyes: f32,
    /// Log-odds of anger against sadness around the eyes.
    pub anger_over_sadness: f32,
}

impl StillEvidence {
    /// Of a measured face; `None` where the classifiers or the blendshapes did not run.
    ///
    /// # Arguments
    /// * `expression`: the face's own, or that corrected by what is known of the person.
    pub fn of(face: &FaceMeasurement, expression: &Expression, params: &MaskedParams) -> Option<Self> {
        Self::of_scores(face.blendshapes.as_deref()?, expression, params)
    }

    fn of_scores(scores: &Blendshapes, expression: &Expression, params: &MaskedParams) -> Option<Self> {
        const { assert!(MOUTH_SMILE[1] < BLENDSHAPE_COUNT) };
        let mouth = MOUTH_SMILE.iter().map(|index| scores[*index]).sum::<f32>() / MOUTH_SMILE.len() as f32;
        let [neutral, happiness, _, sadness, anger, _, _, _] = known(&expression.eyes?)?;
        let smile = params.smile_from_mouth * log_odds(mouth)
            + params.smile_from_face * log_odds(known(&expression.face)?[Label::Happiness.index()])
            + params.smile_added;
        let eyes = log_ratio(sadness + anger, neutral + happiness);
        let evidence = Self { smile, eyes, anger_over_sadness: log_ratio(anger, sadness) };
        [smile, eyes, evidence.anger_over_sadness].iter().all(|v| v.is_finite()).then_some(evidence)
    }

    /// The mismatch that it makes by itself: no motion is known.
    pub fn mismatch(&self, params: &MaskedParams) -> Mismatch {
        let parts = Mismatch {
            smile: logistic(self.smile),
            negative: logistic(params.negative_from_eyes * self.eyes + params.negative_added),
            posed: 0.5,
            cheek: 0.0,
            score: 0.0,
            anger_over_sadness: self.anger_over_sadness,
        };
        Mismatch { score: score(&parts, params), ..parts }
    }
}

/// The score of these parts: the logistic of their weighted sum.
pub fn score(parts: &Mismatch, params: &MaskedParams) -> f32 {
    logistic(
        params.weight_smile * parts.smile
            + params.weight_negative * parts.negative
            + params.weight_posed * (parts.posed - 0.5)
            - params.weight_cheek_against * parts.cheek
            - params.weight_against,
    )
}

/// `1 / (1 + exp(-x))`.
pub(super) fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

fn log_odds(p: f32) -> f32 {
    log_ratio(p, 1.0 - p)
}

fn log_ratio(a: f32, b: f32) -> f32 {
    (a.max(LEAST) / b.max(LEAST)).ln()
}

/// All eight, or `None` where one is missing.
fn known(probabilities: &Probabilities) -> Option<[f32; crate::types::LABEL_COUNT]> {
    let mut all = [0.0; crate::types::LABEL_COUNT];
    for (to, from) in all.iter_mut().zip(probabilities) {
        *to = (*from)?;
    }
    Some(all)
}
