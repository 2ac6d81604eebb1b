//! From the network's outputs to rises and returns: causal peak picking, and which return ends which rise.

use serde::{Deserialize, Serialize};

use crate::spot::Stage;
use crate::types::Timestamp;

/// Numbers that the network gives for each tick.
pub const HEAD_COUNT: usize = 7;

/// When an output counts. A network goes with its thresholds, which its record holds (`models/spotter.toml`).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionParams {
    /// Probability of a completed rise from which it is proposed, `[0, 1]`. From people left out of training.
    pub rise_threshold: f32,
    /// Probability of a completed return from which it is proposed, `[0, 1]`. From people left out of training, by the rate
    /// of false alarms.
    pub return_threshold: f32,
    /// Ticks for which a higher probability is waited for, at most; the wait ends as soon as it falls. Two ticks are 66 ms.
    pub settle_ticks: u32,
    /// Share of the threshold below which the next one may come, `[0, 1]`. Ours: against flicker around the threshold.
    pub release_share: f32,
    /// Time from its apex after which a rise without a return is withdrawn, in seconds. A micro-expression lasts at most
    /// 0.5 s (FACTS).
    pub withdraw_after_s: f64,
    /// A return ends the rise whose apex lies within it, or no further outside than this, in seconds. Ours: three ticks.
    pub merge_s: f64,
}

impl Default for DecisionParams {
    fn default() -> Self {
        Self {
            rise_threshold: 0.5,
            return_threshold: 0.5,
            settle_ticks: 2,
            release_share: 0.7,
            withdraw_after_s: 0.6,
            merge_s: 0.1,
        }
    }
}

/// The network's outputs for one tick, put in words.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Heads {
    /// Probability that an apex was reached within the last 100 ms.
    pub rise: f32,
    /// Probability that an offset was reached within the last 100 ms.
    pub returned: f32,
    /// If it rose: seconds since onset and apex.
    pub rise_ago_s: [f32; 2],
    /// If it returned: seconds since onset, apex and offset.
    pub return_ago_s: [f32; 3],
}

impl Heads {
    /// From the network's row: two logits, then times.
    pub fn from_row(row: &[f32; HEAD_COUNT]) -> Self {
        let probability = |logit: f32| 1.0 / (1.0 + (-logit).exp());
        Self {
            rise: probability(row[0]),
            returned: probability(row[1]),
            rise_ago_s: [row[2], row[3]],
            return_ago_s: [row[4], row[5], row[6]],
        }
    }
}

/// Where a proposed movement stands; given again under the same key when that changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// Number of the movement.
    pub key: u64,
    /// Where it stands.
    pub stage: Stage,
    /// First change.
    pub onset: Timestamp,
    /// Strongest moment.
    pub apex: Timestamp,
    /// Return.
    pub offset: Option<Timestamp>,
    /// Probability.
    pub score: f32,
}

/// The highest value above a threshold, known as soon as the values fall or `settle_ticks` have passed.
#[derive(Clone, Debug, Default)]
enum Peak {
    #[default]
    Below,
    Climbing {
        best: (f32, Timestamp, Heads),
        ticks: u32,
    },
    /// Given out: nothing more until the value has fallen.
    Past,
}

impl Peak {
    fn push(
        &mut self,
        value: f32,
        threshold: f32,
        at: Timestamp,
        heads: &Heads,
        params: &DecisionParams,
    ) -> Option<(f32, Timestamp, Heads)> {
        match self {
            Self::Below => {
                if value < threshold {
                    return None;
                }
                let best = (value, at, *heads);
                if params.settle_ticks == 0 {
                    *self = Self::Past;
                    return Some(best);
                }
                *self = Self::Climbing { best, ticks: 0 };
                None
            }
            Self::Climbing { best, ticks } => {
                *ticks += 1;
                let is_falling = value < best.0;
                if !is_falling {
                    *best = (value, at, *heads);
                }
                if !is_falling && *ticks < params.settle_ticks {
                    return None;
                }
                let best = *best;
                *self = Self::Past;
                Some(best)
            }
            Self::Past => {
                if value < params.release_share * threshold {
                    *self = Self::Below;
                }
                None
            }
        }
    }
}

/// Follows the outputs tick by tick.
#[derive(Clone, Debug)]
pub struct Decider {
    params: DecisionParams,
    rise: Peak,
    returned: Peak,
    /// Rises that await their return.
    pending: Vec<Outcome>,
    next_key: u64,
}

impl Decider {
    /// A decider that has seen nothing.
    pub fn new(params: DecisionParams) -> Self {
        Self { params, rise: Peak::Below, returned: Peak::Below, pending: Vec::new(), next_key: 0 }
    }

    /// Parameters in force.
    pub fn params(&self) -> &DecisionParams {
        &self.params
    }

    /// Takes the outputs of the tick whose motion is of `at`; all zero where there was none. What is new is appended.
    pub fn push(&mut self, at: Timestamp, heads: &Heads, outcomes: &mut Vec<Outcome>) {
        let params = self.params;
        self.withdraw_late(at, outcomes);
        if let Some((score, then, heads)) =
            self.rise.push(heads.rise, params.rise_threshold, at, heads, &params)
        {
            self.take_rise(score, then, &heads, outcomes);
        }
        if let Some((score, then, heads)) =
            self.returned.push(heads.returned, params.return_threshold, at, heads, &params)
        {
            self.take_return(score, then, &heads, outcomes);
        }
    }

    /// Forgets what was going on; keys go on.
    pub fn reset(&mut self) {
        (self.rise, self.returned) = (Peak::Below, Peak::Below);
        self.pending.clear();
    }

    fn take_rise(&mut self, score: f32, then: Timestamp, heads: &Heads, outcomes: &mut Vec<Outcome>) {
        let [onset_s, apex_s] = ordered(heads.rise_ago_s);
        let (onset, apex) = (ago(then, onset_s), ago(then, apex_s));
        let outcome =
            Outcome { key: self.next_key, stage: Stage::Provisional, onset, apex, offset: None, score };
        self.next_key += 1;
        self.pending.push(outcome);
        outcomes.push(outcome);
    }

    fn take_return(&mut self, score: f32, then: Timestamp, heads: &Heads, outcomes: &mut Vec<Outcome>) {
        let [onset_s, apex_s, offset_s] = ordered(heads.return_ago_s);
        let (onset, apex, offset) = (ago(then, onset_s), ago(then, apex_s), ago(then, offset_s));
        let distance_s = |pending: &Outcome| {
            let before = onset.seconds_since(pending.apex);
            let after = pending.apex.seconds_since(offset);
            before.max(after) <= self.params.merge_s
        };
        let mut own: Vec<Outcome> =
            self.pending.iter().filter(|pending| distance_s(pending)).copied().collect();
        self.pending.retain(|pending| !own.iter().any(|taken| taken.key == pending.key));
        // The nearest apex is this movement's own; others within it were the same movement seen twice.
        own.sort_by(|a, b| {
            let to = |outcome: &Outcome| outcome.apex.seconds_since(apex).abs();
            to(a).total_cmp(&to(b)).then(a.key.cmp(&b.key))
        });
        let mut own = own.into_iter();
        let key = own.next().map(|nearest| nearest.key).unwrap_or_else(|| {
            self.next_key += 1;
            self.next_key - 1
        });
        outcomes.extend(own.map(|double| Outcome { stage: Stage::Withdrawn, ..double }));
        outcomes.push(Outcome { key, stage: Stage::Returned, onset, apex, offset: Some(offset), score });
    }

    fn withdraw_late(&mut self, at: Timestamp, outcomes: &mut Vec<Outcome>) {
        let limit_s = self.params.withdraw_after_s;
        self.pending.retain(|pending| {
            let is_late = at.seconds_since(pending.apex) > limit_s;
            if is_late {
                outcomes.push(Outcome { stage: Stage::Withdrawn, ..*pending });
            }
            !is_late
        });
    }
}

/// Times ago must fall towards the present and none lies ahead; a network's may not quite.
fn ordered<const N: usize>(ago_s: [f32; N]) -> [f32; N] {
    let mut ordered = ago_s.map(|s| if s.is_finite() { s.max(0.0) } else { 0.0 });
    ordered.sort_by(|a, b| b.total_cmp(a));
    ordered
}

fn ago(then: Timestamp, seconds: f32) -> Timestamp {
    Timestamp::from_nanos(then.as_nanos() - (f64::from(seconds) * 1e9).round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(params: DecisionParams, rows: &[(f32, f32)]) -> Vec<(usize, Outcome)> {
        let mut decider = Decider::new(params);
        let mut given = Vec::new();
        for (index, (rise, returned)) in rows.iter().enumerate() {
            let heads = Heads {
                rise: *rise,
                returned: *returned,
                rise_ago_s: [0.15, 0.05],
                return_ago_s: [0.4, 0.3, 0.05],
            };
            let mut outcomes = Vec::new();
            decider.push(super::super::ticks::time_of(index as i64), &heads, &mut outcomes);
            given.extend(outcomes.into_iter().map(|outcome| (index, outcome)));
        }
        given
    }

    #[test]
    fn a_peak_is_given_out_when_it_falls_or_after_two_ticks_and_once_only() {
        let given = run(
            DecisionParams::default(),
            &[(0.1, 0.0), (0.6, 0.0), (0.8, 0.0), (0.7, 0.0), (0.6, 0.0), (0.9, 0.0)],
        );
        let [(3, first)] = given[..] else { panic!("{given:?}") };
        assert_eq!((first.stage, first.score), (Stage::Provisional, 0.8));
        assert_eq!(first.apex, ago(super::super::ticks::time_of(2), 0.05));
        // A plateau: no fall, so the wait ends after two ticks.
        let given = run(DecisionParams::default(), &[(0.6, 0.0); 6]);
        assert_eq!(given.iter().map(|g| g.0).collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn a_return_ends_its_rise_under_the_same_key() {
        let mut rows = vec![(0.0, 0.0); 30];
        rows[5].0 = 0.9;
        rows[12].1 = 0.9;
        let given = run(DecisionParams::default(), &rows);
        let stages: Vec<_> = given.iter().map(|(at, o)| (*at, o.key, o.stage)).collect();
        assert_eq!(stages, [(6, 0, Stage::Provisional), (13, 0, Stage::Returned)]);
        let returned = given[1].1;
        assert!(returned.onset < returned.apex && Some(returned.apex) < returned.offset);
        assert!(returned.offset < Some(super::super::ticks::time_of(12)));
    }

    #[test]
    fn a_rise_without_return_is_withdrawn_after_600_ms() {
        let mut rows = vec![(0.0, 0.0); 40];
        rows[5].0 = 0.9;
        let given = run(DecisionParams::default(), &rows);
        // Its apex lies 50 ms before tick 5: 600 ms later is between ticks 21 and 22.
        let stages: Vec<_> = given.iter().map(|(at, o)| (*at, o.stage)).collect();
        assert_eq!(stages, [(6, Stage::Provisional), (22, Stage::Withdrawn)]);
    }

    #[test]
    fn two_rises_of_one_movement_leave_one_proposal() {
        let mut rows = vec![(0.0, 0.0); 20];
        rows[4].0 = 0.9;
        rows[7].0 = 0.9;
        rows[12].1 = 0.9;
        let given = run(DecisionParams::default(), &rows);
        let stages: Vec<_> = given.iter().map(|(_, o)| (o.key, o.stage)).collect();
        let expected =
            [(0, Stage::Provisional), (1, Stage::Provisional), (1, Stage::Withdrawn), (0, Stage::Returned)];
        assert_eq!(stages, expected);
    }

    #[test]
    fn times_in_disorder_are_put_in_order() {
        assert_eq!(ordered([0.1, 0.3, -0.2]), [0.3, 0.1, 0.0]);
        assert_eq!(ordered([f32::NAN, 0.3]), [0.3, 0.0]);
    }
}
