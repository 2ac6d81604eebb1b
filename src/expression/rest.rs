//! A person's face at rest: what a network takes for sadness or anger there is how the face is built, and is taken off again.

use super::{ExpressionParams, ExpressionRecord, FaceRegion};
use crate::types::{Expression, LABEL_COUNT, Label, Probabilities, complete};

/// Below this a probability counts as this, so that its logarithm is finite. Ours: a thousandth of what decides anything.
const LEAST: f32 = 1e-6;

/// What a network says of a person's face at rest.
#[derive(Clone, Debug, PartialEq)]
pub struct RestProbabilities {
    /// SHA-256 of the network's file, lower-case hex: another one would say something else.
    pub model_sha256: String,
    /// In the order of [`Label::ALL`], `[0, 1]`, adding up to 1.
    pub probabilities: [f32; LABEL_COUNT],
}

/// Why a face at rest cannot be taken into account.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RestError {
    /// It was learned with a network that is not the present one.
    #[error("it was learned with another network (SHA-256 {learned_with:.16}, now {now:.16})")]
    OtherNetwork {
        /// SHA-256 of the network then.
        learned_with: String,
        /// SHA-256 of the network now.
        now: String,
    },
    /// Nobody knows what the present network says of other people's faces at rest.
    #[error("the record of the network has no `typical_neutral` to compare it with")]
    NoTypical,
    /// Negative, no number, or all zero.
    #[error("its values are not probabilities")]
    NotProbabilities,
}

/// What a person's face at rest takes off expressions; nothing by default.
///
/// With `p` a network's probabilities, `r` what it says of this face at rest and `q` what it says of a typical neutral face, the
/// probabilities become `p'(k) = p(k) exp(-e(k)) / sum`, with
///
/// `e(k) = clamp(s (ln(r(k) / r(neutral)) - ln(q(k) / q(neutral))), 0, limit)` and `e(neutral) = 0`:
///
/// the odds of each label against neutral are divided by how much higher they are at rest than on a typical neutral face. Nothing else is
/// changed: a face that is read as neutral at rest keeps its expressions to the last digit. A label that rest shows too little of is
/// not raised: on development clips that turned moments of speech into sadness. `q` is a mean over people, not a geometric one, so
/// that ordinary differences between faces cost no expressions: with the geometric mean (0.94 neutral instead of 0.76) a frowning woman
/// lost her frown. `s` and `limit` are [`ExpressionParams::rest_strength`] and [`ExpressionParams::rest_limit_nats`]; the measurements
/// are in benches/results/2026-11-expression.md.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RestExpression {
    /// `e` of the whole face, in nats, by label.
    face: [f32; LABEL_COUNT],
    /// `e` of the eyes.
    eyes: [f32; LABEL_COUNT],
}

impl RestExpression {
    /// Takes in what the network of a region, which `record` describes, says of the face at rest.
    ///
    /// # Errors
    /// [`RestError`]: this region is not corrected then.
    pub fn learn(
        &mut self,
        region: FaceRegion,
        rest: &RestProbabilities,
        record: &ExpressionRecord,
        params: &ExpressionParams,
    ) -> Result<(), RestError> {
        if rest.model_sha256 != record.sha256 {
            let (learned_with, now) = (rest.model_sha256.clone(), record.sha256.clone());
            return Err(RestError::OtherNetwork { learned_with, now });
        }
        let typical = record.typical_neutral.ok_or(RestError::NoTypical)?;
        if !(is_distribution(&rest.probabilities) && is_distribution(&typical)) {
            return Err(RestError::NotProbabilities);
        }
        let excess = excess_nats(&rest.probabilities, &typical, params);
        match region {
            FaceRegion::Face => self.face = excess,
            FaceRegion::Eyes => self.eyes = excess,
        }
        Ok(())
    }

    /// The expression without what the face shows at rest. Not smoothed; an expression that is not complete stays as it is.
    pub fn corrected(&self, expression: &Expression) -> Expression {
        Expression {
            face: without(&expression.face, &self.face),
            eyes: expression.eyes.map(|eyes| without(&eyes, &self.eyes)),
        }
    }
}

/// `e` of [`RestExpression`], in nats.
fn excess_nats(
    rest: &[f32; LABEL_COUNT],
    typical: &[f32; LABEL_COUNT],
    params: &ExpressionParams,
) -> [f32; LABEL_COUNT] {
    let neutral = Label::Neutral.index();
    let log_odds = |p: &[f32; LABEL_COUNT], k: usize| p[k].max(LEAST).ln() - p[neutral].max(LEAST).ln();
    let excess = |k: usize| params.rest_strength * (log_odds(rest, k) - log_odds(typical, k));
    std::array::from_fn(|k| excess(k).max(0.0).min(params.rest_limit_nats))
}

fn without(probabilities: &Probabilities, excess: &[f32; LABEL_COUNT]) -> Probabilities {
    if *excess == [0.0; LABEL_COUNT] {
        return *probabilities;
    }
    let Some(mut weighted) = complete(probabilities) else { return *probabilities };
    weighted.iter_mut().zip(excess).for_each(|(p, excess)| *p *= (-excess).exp());
    let sum: f32 = weighted.iter().sum();
    // Only numbers come from a classifier, and they add up to 1; anything else is not made worse.
    if sum.is_finite() && sum > 0.0 { weighted.map(|p| Some(p / sum)) } else { *probabilities }
}

fn is_distribution(p: &[f32; LABEL_COUNT]) -> bool {
    p.iter().all(|p| (0.0..=1.0).contains(p)) && p.iter().sum::<f32>() > 0.5
}

/// Mean of probabilities, label by label; `None` without any.
pub fn arithmetic_mean(all: impl IntoIterator<Item = [f32; LABEL_COUNT]>) -> Option<[f32; LABEL_COUNT]> {
    let (mut sums, mut count) = ([0.0f64; LABEL_COUNT], 0u32);
    for p in all {
        sums.iter_mut().zip(p).for_each(|(sum, p)| *sum += f64::from(p));
        count += 1;
    }
    (count > 0).then(|| sums.map(|sum| (sum / f64::from(count)) as f32))
}

/// Geometric mean of probabilities, label by label, made to add up to 1; `None` without any.
///
/// The mean of logarithms: a face's own, undisturbed look, from which a moment of something else leads away only a little.
pub fn geometric_mean(all: impl IntoIterator<Item = [f32; LABEL_COUNT]>) -> Option<[f32; LABEL_COUNT]> {
    let (mut logs, mut count) = ([0.0f64; LABEL_COUNT], 0u32);
    for p in all {
        logs.iter_mut().zip(p).for_each(|(log, p)| *log += f64::from(p.max(LEAST)).ln());
        count += 1;
    }
    let means = logs.map(|log| (log / f64::from(count)).exp());
    let sum: f64 = means.iter().sum();
    (count > 0 && sum > 0.0).then(|| means.map(|mean| (mean / sum) as f32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SADNESS: usize = 3;
    const ANGER: usize = 4;
    const TYPICAL: [f32; LABEL_COUNT] = [0.76, 0.04, 0.02, 0.13, 0.025, 0.005, 0.005, 0.015];
    /// A face that looks sad at rest.
    const SAD: [f32; LABEL_COUNT] = [0.35, 0.02, 0.02, 0.55, 0.03, 0.01, 0.01, 0.01];

    fn record(typical_neutral: Option<[f32; LABEL_COUNT]>) -> ExpressionRecord {
        ExpressionRecord {
            sha256: "aa".to_owned(),
            region: "face".to_owned(),
            temperature: 1.0,
            typical_neutral,
            training: toml::Table::new(),
        }
    }

    fn rest(probabilities: [f32; LABEL_COUNT]) -> RestProbabilities {
        RestProbabilities { model_sha256: "aa".to_owned(), probabilities }
    }

    /// A correction of the face alone.
    fn learned(probabilities: [f32; LABEL_COUNT], params: &ExpressionParams) -> RestExpression {
        let mut correction = RestExpression::default();
        correction.learn(FaceRegion::Face, &rest(probabilities), &record(Some(TYPICAL)), params).unwrap();
        correction
    }

    fn full() -> ExpressionParams {
        ExpressionParams { rest_strength: 1.0, rest_limit_nats: 9.0, ..ExpressionParams::default() }
    }

    fn corrected(correction: &RestExpression, p: [f32; LABEL_COUNT]) -> [f32; LABEL_COUNT] {
        let expression = Expression { face: p.map(Some), eyes: Some(p.map(Some)) };
        let out = correction.corrected(&expression);
        assert_eq!(out.eyes, expression.eyes, "nothing is known of the eyes");
        out.face.map(Option::unwrap)
    }

    fn near(a: [f32; LABEL_COUNT], b: [f32; LABEL_COUNT]) -> bool {
        a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5)
    }

    #[test]
    fn the_face_at_rest_becomes_a_typical_neutral_one_and_its_frown_stays_anger() {
        let correction = learned(SAD, &full());
        let at_rest = corrected(&correction, SAD);
        assert!(at_rest[0] > 0.75 && at_rest[SADNESS] < 0.14, "{at_rest:?}");
        let mut frown = [0.02; LABEL_COUNT];
        (frown[0], frown[ANGER]) = (0.04, 0.84);
        assert!(corrected(&learned(SAD, &ExpressionParams::default()), frown)[ANGER] > 0.7);
    }

    #[test]
    fn what_rest_shows_too_little_of_is_not_raised() {
        let calm = [0.991, 0.003, 0.001, 0.002, 0.001, 0.0005, 0.0005, 0.001];
        let correction = learned(calm, &full());
        assert_eq!(correction, RestExpression::default());
        assert!(near(corrected(&correction, SAD), SAD));
    }

    #[test]
    fn strength_and_limit_bound_the_correction() {
        let none = ExpressionParams { rest_strength: 0.0, ..full() };
        assert_eq!(learned(SAD, &none), RestExpression::default());
        let limited = learned(SAD, &ExpressionParams { rest_limit_nats: 0.5, ..full() });
        let [before, after] = [SAD, corrected(&limited, SAD)].map(|p| (p[SADNESS] / p[0]).ln());
        assert!((before - after - 0.5).abs() < 1e-4, "{before} {after}");
    }

    #[test]
    fn another_network_and_what_is_not_known_are_told() {
        let mut correction = RestExpression::default();
        let mut learn = |rest: RestProbabilities, record: ExpressionRecord| {
            correction.learn(FaceRegion::Face, &rest, &record, &full()).unwrap_err()
        };
        let other = RestProbabilities { model_sha256: "b".repeat(64), ..rest(SAD) };
        let error = learn(other, record(Some(TYPICAL)));
        assert!(error.to_string().contains("bbbbbbbbbbbbbbbb, now aa"), "{error}");
        assert_eq!(learn(rest(SAD), record(None)), RestError::NoTypical);
        for bad in [[0.0; LABEL_COUNT], [f32::NAN; LABEL_COUNT], [-0.1; LABEL_COUNT]] {
            assert_eq!(learn(rest(bad), record(Some(TYPICAL))), RestError::NotProbabilities);
            assert_eq!(learn(rest(SAD), record(Some(bad))), RestError::NotProbabilities);
        }
        assert_eq!(correction, RestExpression::default());
    }

    #[test]
    fn what_is_not_complete_or_no_number_stays_as_it_is() {
        let correction = learned(SAD, &full());
        let mut gaps = SAD.map(Some);
        gaps[7] = None;
        let expression = Expression { face: gaps, eyes: None };
        assert_eq!(correction.corrected(&expression), expression);
        let odd = Expression { face: [Some(f32::NAN); LABEL_COUNT], eyes: None };
        assert!(correction.corrected(&odd).face.iter().all(|p| p.unwrap().is_nan()));
        assert_eq!((geometric_mean([]), arithmetic_mean([])), (None, None));
    }

    #[test]
    fn the_embedded_records_know_a_typical_neutral_face() {
        for region in [FaceRegion::Face, FaceRegion::Eyes] {
            let typical = ExpressionRecord::embedded(region).unwrap().typical_neutral.expect(
                "a record without `typical_neutral`: take the line from `onset evaluate expression --json` on part valid",
            );
            assert!((typical.iter().sum::<f32>() - 1.0).abs() < 1e-3, "{typical:?}");
            assert!(typical[0] > 0.5, "{typical:?}");
        }
    }

    fn distribution() -> impl Strategy<Value = [f32; LABEL_COUNT]> {
        prop::array::uniform8(1e-6f32..1.0).prop_map(|weights| {
            let sum: f32 = weights.iter().sum();
            weights.map(|weight| weight / sum)
        })
    }

    proptest! {
        #[test]
        fn it_adds_up_to_one_and_a_typical_face_changes_nothing(p in distribution(), r in distribution()) {
            let out = corrected(&learned(r, &ExpressionParams::default()), p);
            prop_assert!((out.iter().sum::<f32>() - 1.0).abs() < 1e-4);
            prop_assert!(out.iter().all(|p| (0.0..=1.0).contains(p)));
            prop_assert!(near(corrected(&learned(TYPICAL, &ExpressionParams::default()), p), p));
        }

        #[test]
        fn more_evidence_stays_more_and_neutral_never_falls(
            p in distribution(), r in distribution(), k in 0..LABEL_COUNT, by in 1.0f32..20.0,
        ) {
            let correction = learned(r, &ExpressionParams::default());
            let mut more = p;
            more[k] *= by;
            let sum: f32 = more.iter().sum();
            let [before, after] = [p, more.map(|p| p / sum)].map(|p| corrected(&correction, p));
            prop_assert!(after[k] >= before[k] - 1e-6);
            prop_assert!(before[0] >= p[0] - 1e-6);
        }

        #[test]
        fn a_mean_lies_between(a in distribution(), b in distribution()) {
            let mean = geometric_mean([a, b]).unwrap();
            prop_assert!((mean.iter().sum::<f32>() - 1.0).abs() < 1e-4);
            let odds = |p: &[f32; LABEL_COUNT]| p[1] / p[0];
            let (low, high) = (odds(&a).min(odds(&b)), odds(&a).max(odds(&b)));
            prop_assert!((low * 0.999..=high * 1.001).contains(&odds(&mean)));
        }
    }
}
