//! The label of an event from two witnesses: how well its motion fits each emotion's action units, and how the expression networks'
//! word changed from its onset to its apex.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::types::{
    ExpressionChange, LABEL_COUNT, Label, LabelEvidence, LandmarkUpdate, OTHER_LABEL, Probabilities,
    Timestamp, complete,
};

/// Measurements of so many seconds are kept: an event from onset to its confirmation, and what was before it.
const KEPT_S: f64 = 2.0;
/// Most measurements that this makes, at 60 Hz.
const MOST: usize = 120;
/// A measurement stands for an onset that it precedes by no more than this, and for an apex that it is this near, in seconds.
const NEAR_S: f64 = 0.4;
/// Probabilities below this are taken for it: what changes among unlikely labels says nothing.
const LEAST: f32 = 0.01;

/// How the two are weighed. From 0 up; fitted on injected events by `benches/label_fit.py` (benches/results/2026-11-expression.md).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JointParams {
    /// Log-odds for a motion that is explained as a whole.
    pub motion: f32,
    /// Log-odds for each log-odds by which the whole-face network's word rises.
    pub face: f32,
    /// The same for the eyes' network.
    pub eyes: f32,
    /// An emotion is named from this probability; below, the label is `other`.
    pub least_probability: f32,
}

impl Default for JointParams {
    fn default() -> Self {
        Self { motion: 5.3, face: 1.6, eyes: 3.3, least_probability: 0.5 }
    }
}

/// What the networks said lately.
#[derive(Clone, Debug)]
pub struct ExpressionHistory {
    /// Oldest first: when, of whom, face, eyes.
    measured: VecDeque<(Timestamp, u32, [f32; LABEL_COUNT], [f32; LABEL_COUNT])>,
}

impl Default for ExpressionHistory {
    fn default() -> Self {
        Self { measured: VecDeque::with_capacity(MOST) }
    }
}

impl ExpressionHistory {
    /// Takes a measurement of the primary face.
    pub fn push(&mut self, update: &LandmarkUpdate) {
        let at = update.measured_at;
        let Some(face) = update.faces.first() else { return self.measured.clear() };
        let Some((whole, eyes)) = face.expression.and_then(|e| Some((logs(&e.face)?, logs(&e.eyes?)?)))
        else {
            return;
        };
        while self.measured.len() >= MOST
            || self.measured.front().is_some_and(|(first, id, ..)| {
                *id != face.id || at.seconds_since(*first) > KEPT_S || *first > at
            })
        {
            self.measured.pop_front();
        }
        self.measured.push_back((at, face.id, whole, eyes));
    }

    /// The change from the last measurement at or before `onset` to the one nearest to `apex`; `None` where they are the same one, or too
    /// far away.
    pub fn change(&self, onset: Timestamp, apex: Timestamp) -> Option<ExpressionChange> {
        let before = self.measured.iter().rev().find(|(at, ..)| *at <= onset)?;
        let at_apex = self
            .measured
            .iter()
            .min_by_key(|(at, ..)| (at.as_nanos() - apex.as_nanos()).abs())
            .filter(|(at, ..)| *at > before.0)?;
        let is_near =
            onset.seconds_since(before.0) <= NEAR_S && at_apex.0.seconds_since(apex).abs() <= NEAR_S;
        is_near.then(|| ExpressionChange {
            face: rise(&before.2, &at_apex.2),
            eyes: rise(&before.3, &at_apex.3),
        })
    }
}

fn logs(probabilities: &Probabilities) -> Option<[f32; LABEL_COUNT]> {
    Some(complete(probabilities)?.map(|probability| probability.max(LEAST).ln()))
}

fn rise(from: &[f32; LABEL_COUNT], to: &[f32; LABEL_COUNT]) -> [f32; LABEL_COUNT] {
    let rises: [f32; LABEL_COUNT] = std::array::from_fn(|i| to[i] - from[i]);
    let mean = rises.iter().sum::<f32>() / LABEL_COUNT as f32;
    rises.map(|rise| rise - mean)
}

/// The probability of each label; neutral has none. Networks that did not measure say nothing.
pub fn probabilities(evidence: &LabelEvidence, params: &JointParams) -> [f32; LABEL_COUNT] {
    let change = evidence.change.unwrap_or_default();
    let odds: [f32; LABEL_COUNT] = std::array::from_fn(|i| {
        params.motion * evidence.fits[i] + params.face * change.face[i] + params.eyes * change.eyes[i]
    });
    let shown = || Label::ALL.into_iter().filter(|label| *label != Label::Neutral).map(Label::index);
    let most = shown().map(|i| odds[i]).fold(f32::NEG_INFINITY, f32::max);
    let mut powers = [0.0; LABEL_COUNT];
    shown().for_each(|i| powers[i] = (odds[i] - most).exp());
    let sum: f32 = powers.iter().sum();
    powers.map(|power| if sum > 0.0 { power / sum } else { 0.0 })
}

/// The label's name, or [`OTHER_LABEL`].
pub fn label_of(evidence: &LabelEvidence, params: &JointParams) -> &'static str {
    let all = probabilities(evidence, params);
    let best = Label::ALL.into_iter().max_by(|a, b| all[a.index()].total_cmp(&all[b.index()]));
    // Networks alone name nothing: what is named has moved.
    best.filter(|label| evidence.fits[label.index()] > 0.0 && all[label.index()] >= params.least_probability)
        .map_or(OTHER_LABEL, Label::name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{Expression, FaceMeasurement};
    use proptest::prelude::*;

    fn update(at_s: f64, id: u32, anger: f32) -> LandmarkUpdate {
        let mut all = [Some(0.01); LABEL_COUNT];
        all[Label::Anger.index()] = Some(anger);
        all[Label::Neutral.index()] = Some(0.94 - anger);
        let measured_at = Timestamp::from_secs_f64(at_s);
        let face = FaceMeasurement {
            expression: Some(Expression { face: all, eyes: Some(all) }),
            ..FaceMeasurement::blank(id)
        };
        LandmarkUpdate { seq: 0, measured_at, unchanged_until: measured_at, faces: vec![face] }
    }

    fn label(pairs: &[(Label, f32)], change: Option<ExpressionChange>) -> &'static str {
        let mut fits = [0.0; LABEL_COUNT];
        pairs.iter().for_each(|(label, fit)| fits[label.index()] = *fit);
        label_of(&LabelEvidence { fits, change }, &JointParams::default())
    }

    #[test]
    fn the_networks_decide_between_motions_that_fit_alike() {
        assert_eq!(label(&[(Label::Happiness, 0.9)], None), "happiness");
        let mut history = ExpressionHistory::default();
        history.push(&update(1.0, 1, 0.02));
        history.push(&update(1.2, 1, 0.3));
        let at = Timestamp::from_secs_f64;
        let change = history.change(at(1.05), at(1.2)).unwrap();
        assert!(change.face[Label::Anger.index()] > 2.0, "{change:?}");
        assert_eq!(label(&[(Label::Anger, 0.8), (Label::Sadness, 0.81)], Some(change)), "anger");
        assert_eq!(label(&[], Some(change)), OTHER_LABEL, "nothing moved");
        let three = [(Label::Anger, 0.5), (Label::Sadness, 0.5), (Label::Disgust, 0.5)];
        assert_eq!(label(&three, None), OTHER_LABEL);
    }

    #[test]
    fn changes_need_a_measurement_before_and_one_at_the_apex_of_the_same_face() {
        let at = Timestamp::from_secs_f64;
        let mut history = ExpressionHistory::default();
        assert_eq!(history.change(at(1.0), at(1.1)), None);
        history.push(&update(1.0, 1, 0.02));
        assert_eq!(history.change(at(1.05), at(1.2)), None, "one and the same");
        history.push(&update(1.2, 1, 0.1));
        assert!(history.change(at(1.05), at(1.2)).is_some());
        assert_eq!(history.change(at(0.9), at(1.2)), None, "before the first");
        assert_eq!(history.change(at(1.05), at(1.8)), None, "too far");
        history.push(&update(1.3, 2, 0.1));
        assert_eq!(history.change(at(1.05), at(1.3)), None, "another face");
    }

    proptest! {
        #[test]
        fn probabilities_add_up_and_neutral_has_none(
            fits in proptest::array::uniform8(0.0f32..1.0), change in proptest::array::uniform8(-5.0f32..5.0),
        ) {
            let change = Some(ExpressionChange { face: change, eyes: change });
            let all = probabilities(&LabelEvidence { fits, change }, &JointParams::default());
            prop_assert!((all.iter().sum::<f32>() - 1.0).abs() < 1e-4);
            prop_assert_eq!(all[Label::Neutral.index()], 0.0);
        }
    }
}
