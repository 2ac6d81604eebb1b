//! Probabilities smoothed over time, for the eye that reads them and for rules that must not flicker; without what the person's face
//! shows at rest, where that is known. Tables hold the raw ones.

use serde::{Deserialize, Serialize};

use super::RestExpression;
use crate::types::{Expression, LABEL_COUNT, LandmarkUpdate, Probabilities, Timestamp};

/// How expression probabilities are smoothed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExpressionParams {
    /// Time constant of the smoothing, in seconds; 0 for none. 0.4: a smile shows within half a second, and a syllable (0.1-0.25 s)
    /// leaves no more than half of its mark.
    pub smooth_s: f64,
    /// After so long without a measurement of the face smoothing starts anew, in seconds. 2: five time constants.
    pub forget_s: f64,
    /// How much of what a person's face shows at rest is taken off (with a profile that knows it), `[0, 1]`; 0 for nothing. 1: a face at
    /// rest then is as neutral as a typical one ([`RestExpression`]).
    pub rest_strength: f32,
    /// At most so much is taken off a label's log-odds against neutral, in nats. 2.5, a factor of 12: what is read as sad with up to 92 %
    /// to 8 % at rest comes out as neutral, and an expression that the network is surer of outlives it. Ours, from development clips.
    pub rest_limit_nats: f32,
}

impl Default for ExpressionParams {
    fn default() -> Self {
        Self { smooth_s: 0.4, forget_s: 2.0, rest_strength: 1.0, rest_limit_nats: 2.5 }
    }
}

/// Smooths the primary face's probabilities: a first-order low-pass over media time, whatever the cadence.
#[derive(Clone, Debug)]
pub struct ExpressionSmoother {
    params: ExpressionParams,
    rest: RestExpression,
    last: Option<(u32, Timestamp, Expression)>,
}

impl ExpressionSmoother {
    /// A smoother that has seen nothing.
    pub fn new(params: ExpressionParams) -> Self {
        Self { params, rest: RestExpression::default(), last: None }
    }

    /// The same for a person whose face at rest is known: what it shows then is taken off before it is smoothed.
    pub fn with_rest(self, rest: RestExpression) -> Self {
        Self { rest, ..self }
    }

    /// Takes a measurement. Gives what it shows, corrected and not smoothed; `None` without a face.
    pub fn push(&mut self, update: &LandmarkUpdate) -> Option<Expression> {
        let at = update.measured_at;
        let Some((face, raw)) = update.faces.first().and_then(|face| Some((face.id, face.expression?)))
        else {
            self.last = None;
            return None;
        };
        let raw = self.rest.corrected(&raw);
        let before = self.last.take().filter(|(id, since, _)| {
            *id == face && (0.0..=self.params.forget_s).contains(&at.seconds_since(*since))
        });
        let smoothed = before.map_or(raw, |(_, since, old)| {
            // Step response of the low-pass: after one time constant 63 % of the way.
            let share = if self.params.smooth_s > 0.0 {
                1.0 - (-at.seconds_since(since) / self.params.smooth_s).exp()
            } else {
                1.0
            };
            let eyes = match (old.eyes, raw.eyes) {
                (Some(old), Some(new)) => Some(mixed(&old, &new, share as f32)),
                (_, new) => new,
            };
            Expression { face: mixed(&old.face, &raw.face, share as f32), eyes }
        });
        self.last = Some((face, at, smoothed));
        Some(raw)
    }

    /// What the face shows, corrected and smoothed; `None` while no face is measured.
    pub fn smoothed(&self) -> Option<Expression> {
        self.last.map(|(_, _, expression)| expression)
    }
}

/// `share` of the way from `old` to `new`; what either does not know is taken from `new`.
fn mixed(old: &Probabilities, new: &Probabilities, share: f32) -> Probabilities {
    let mut out = *new;
    for index in 0..LABEL_COUNT {
        if let (Some(old), Some(new)) = (old[index], new[index]) {
            out[index] = Some(old + share * (new - old));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::{ExpressionRecord, FaceRegion, RestProbabilities};
    use crate::types::FaceMeasurement;
    use proptest::prelude::*;

    fn probabilities(happy: f32) -> Probabilities {
        let mut out = [Some(0.0); LABEL_COUNT];
        (out[0], out[1]) = (Some(1.0 - happy), Some(happy));
        out
    }

    fn update(at_s: f64, id: u32, happy: Option<f32>) -> LandmarkUpdate {
        let face = FaceMeasurement {
            expression: happy.map(|happy| Expression {
                face: probabilities(happy),
                eyes: Some(probabilities(1.0 - happy)),
            }),
            ..FaceMeasurement::blank(id)
        };
        let measured_at = Timestamp::from_secs_f64(at_s);
        LandmarkUpdate { seq: 0, measured_at, unchanged_until: measured_at, faces: vec![face] }
    }

    fn happy(smoother: &ExpressionSmoother) -> f32 {
        smoother.smoothed().unwrap().face[1].unwrap()
    }

    #[test]
    fn after_one_time_constant_it_is_63_percent_of_the_way_at_any_cadence() {
        for steps in [1, 4, 40] {
            let mut smoother = ExpressionSmoother::new(ExpressionParams::default());
            smoother.push(&update(0.0, 1, Some(0.0)));
            for step in 1..=steps {
                smoother.push(&update(0.4 * f64::from(step) / f64::from(steps), 1, Some(1.0)));
            }
            assert!((happy(&smoother) - 0.632).abs() < 1e-3, "{}", happy(&smoother));
            let eyes = smoother.smoothed().unwrap().eyes.unwrap()[1].unwrap();
            assert!((eyes - 0.368).abs() < 1e-3);
        }
    }

    #[test]
    fn another_face_a_long_gap_or_no_smoothing_start_anew() {
        let mut smoother = ExpressionSmoother::new(ExpressionParams::default());
        smoother.push(&update(0.0, 1, Some(0.0)));
        smoother.push(&update(0.1, 2, Some(1.0)));
        assert_eq!(happy(&smoother), 1.0);
        smoother.push(&update(3.0, 2, Some(0.0)));
        assert_eq!(happy(&smoother), 0.0);
        smoother.push(&update(3.1, 2, None));
        assert_eq!(smoother.smoothed(), None);
        let mut off =
            ExpressionSmoother::new(ExpressionParams { smooth_s: 0.0, ..ExpressionParams::default() });
        off.push(&update(0.0, 1, Some(0.0)));
        off.push(&update(0.01, 1, Some(1.0)));
        assert_eq!(happy(&off), 1.0);
    }

    #[test]
    fn what_rest_shows_is_taken_off_before_smoothing_and_measurements_stay() {
        let record = ExpressionRecord::embedded(FaceRegion::Face).unwrap();
        let mut at_rest = [0.02; LABEL_COUNT];
        (at_rest[0], at_rest[1]) = (0.3, 0.58);
        let rest = RestProbabilities { model_sha256: record.sha256.clone(), probabilities: at_rest };
        let params = ExpressionParams { smooth_s: 0.0, ..ExpressionParams::default() };
        let mut correction = RestExpression::default();
        correction.learn(FaceRegion::Face, &rest, &record, &params).unwrap();
        let mut smoother = ExpressionSmoother::new(params).with_rest(correction);
        let measured = update(0.0, 1, Some(0.6));
        smoother.push(&measured);
        let raw = measured.faces[0].expression.unwrap();
        assert_eq!(raw.face, probabilities(0.6), "the tables have what was measured");
        let shown = smoother.smoothed().unwrap();
        assert_eq!(shown, correction.corrected(&raw));
        // Odds of 1.5 over exp(2.5), the most that is taken off.
        let odds = 1.5 / 2.5f32.exp();
        assert!((shown.face[1].unwrap() - odds / (1.0 + odds)).abs() < 1e-3, "{shown:?}");
        assert_eq!(shown.eyes, raw.eyes);
    }

    proptest! {
        #[test]
        fn what_is_smoothed_still_adds_up_to_one(steps in proptest::collection::vec((0.0f64..1.0, 0.0f32..=1.0), 1..40)) {
            let (mut smoother, mut at) = (ExpressionSmoother::new(ExpressionParams::default()), 0.0);
            for (elapsed, value) in steps {
                at += elapsed;
                smoother.push(&update(at, 1, Some(value)));
                let sum: f32 = smoother.smoothed().unwrap().face.iter().flatten().sum();
                prop_assert!((sum - 1.0).abs() < 1e-4);
            }
        }
    }
}
