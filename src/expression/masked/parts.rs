//! The parts of the evidence, from one measurement of a face.

use super::MaskedParams;
use crate::types::{BLENDSHAPE_COUNT, Expression, FaceMeasurement, Label, Mismatch, complete};

/// `mouthSmileLeft` and `mouthSmileRight` in [`crate::types::BLENDSHAPE_NAMES`].
const MOUTH_SMILE: [usize; 2] = [44, 45];
/// Probabilities are taken to lie within this and one minus it: no single network may settle the matter.
const LEAST: f32 = 1e-3;

/// What the networks say of one measurement of a face, in log-odds: what the score's weights are fitted to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StillLogOdds {
    /// Of a smile, by the mouth's own score.
    pub mouth: f32,
    /// Of happiness, by the whole face.
    pub face: f32,
    /// Of sadness and anger against neutral and happiness, around the eyes.
    pub eyes: f32,
    /// Of anger against sadness, around the eyes.
    pub anger_over_sadness: f32,
}

impl StillLogOdds {
    /// Of a measured face; `None` where the classifiers or the blendshapes did not run.
    ///
    /// # Arguments
    /// * `expression`: the face's own, or that corrected by what is known of the person.
    pub fn of(face: &FaceMeasurement, expression: &Expression) -> Option<Self> {
        const { assert!(MOUTH_SMILE[1] < BLENDSHAPE_COUNT) };
        let scores = face.blendshapes.as_deref()?;
        let mouth = MOUTH_SMILE.iter().map(|index| scores[*index]).sum::<f32>() / MOUTH_SMILE.len() as f32;
        let [neutral, happiness, _, sadness, anger, _, _, _] = complete(&expression.eyes?)?;
        let all = Self {
            mouth: log_odds(mouth),
            face: log_odds(complete(&expression.face)?[Label::Happiness.index()]),
            eyes: log_ratio(sadness + anger, neutral + happiness),
            anger_over_sadness: log_ratio(anger, sadness),
        };
        [all.mouth, all.face, all.eyes, all.anger_over_sadness].iter().all(|v| v.is_finite()).then_some(all)
    }
}

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
    /// Weighs them.
    pub fn of(odds: &StillLogOdds, params: &MaskedParams) -> Self {
        let smile =
            params.smile_from_mouth * odds.mouth + params.smile_from_face * odds.face + params.smile_added;
        Self { smile, eyes: odds.eyes, anger_over_sadness: odds.anger_over_sadness }
    }

    /// The mismatch that it makes by itself: no motion is known, and nothing of the person.
    pub fn mismatch(&self, params: &MaskedParams) -> Mismatch {
        self.mismatch_with(&Context::default(), params)
    }

    /// The mismatch that it makes with what is known besides.
    pub(super) fn mismatch_with(&self, context: &Context, params: &MaskedParams) -> Mismatch {
        let Context { usual, corners_up_icd, brows_icd, brows_down_icd, posed, cheek } = *context;
        let from_rise = (params.smile_from_rise * corners_up_icd).min(params.smile_most_from_rise);
        let parts = Mismatch {
            smile: logistic(self.smile + from_rise),
            negative: logistic(
                params.negative_from_eyes * (self.eyes - usual.eyes)
                    + params.negative_from_brows * brows_icd
                    + params.negative_added,
            ),
            posed,
            cheek,
            score: 0.0,
            anger_over_sadness: self.anger_over_sadness - usual.anger_over_sadness
                + params.anger_from_brows * brows_icd.copysign(brows_down_icd),
        };
        Mismatch { score: score(&parts, params), ..parts }
    }
}

/// What the eyes' network usually says of a person, in log-odds as in [`StillEvidence`]; 0 takes nothing off.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Usual {
    pub(super) eyes: f32,
    pub(super) anger_over_sadness: f32,
}

/// What is known besides one measurement: the person, and the motion since before the smile, less what is noise.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context {
    pub(super) usual: Usual,
    pub(super) corners_up_icd: f32,
    /// How far the inner brows moved, whichever way.
    pub(super) brows_icd: f32,
    /// Only its sign counts: above 0 down, below it up.
    pub(super) brows_down_icd: f32,
    /// D.
    pub(super) posed: f32,
    /// E.
    pub(super) cheek: f32,
}

impl Default for Context {
    /// Nothing is known.
    fn default() -> Self {
        Self {
            usual: Usual::default(),
            corners_up_icd: 0.0,
            brows_icd: 0.0,
            brows_down_icd: 0.0,
            posed: 0.5,
            cheek: 0.0,
        }
    }
}

/// The score of these parts: the logistic of their weighted sum.
pub(super) fn score(parts: &Mismatch, params: &MaskedParams) -> f32 {
    logistic(
        params.weight_smile * parts.smile
            + params.weight_negative * parts.negative
            + params.weight_posed * (parts.posed - 0.5)
            - params.weight_cheek_against * parts.cheek
            - params.weight_against,
    )
}

/// `1 / (1 + exp(-x))`.
fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

fn log_odds(p: f32) -> f32 {
    log_ratio(p, 1.0 - p)
}

fn log_ratio(a: f32, b: f32) -> f32 {
    (a.max(LEAST) / b.max(LEAST)).ln()
}
