//! Counts of hits and false alarms at every threshold, and the threshold for a given rate of false alarms.

use crate::spot::Stage;
use crate::spot::network::{Decider, DecisionParams, HEAD_COUNT, Heads};
use crate::types::Timestamp;

use super::targets::Truth;

/// Least overlap (intersection over union) of a prediction and a truth that count as the same event. MEGC's rule.
const MIN_IOU: f64 = 0.5;

/// The network's outputs over one stretch, and what was injected there.
#[derive(Clone, Debug)]
pub struct Stretch {
    /// Time and outputs of each tick; `None` without motion.
    pub rows: Vec<Option<(f64, [f32; HEAD_COUNT])>>,
    /// What should be found.
    pub truths: Vec<Truth>,
}

/// Hits and misses.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counts {
    /// Truths that are not hidden.
    pub truths: usize,
    /// Those found.
    pub hits: usize,
    /// Returns that match no truth, hidden ones included.
    pub false_alarms: usize,
    /// Rises that match no truth.
    pub false_rises: usize,
    /// Minutes with motion.
    pub minutes: f64,
}

impl Counts {
    /// F1 of returns; 0 without any truth.
    pub fn f1(&self) -> f64 {
        let all = self.hits + self.false_alarms + self.truths;
        if all == 0 { 0.0 } else { 2.0 * self.hits as f64 / all as f64 }
    }

    /// Share of truths found, `[0, 1]`.
    pub fn recall(&self) -> f64 {
        self.hits as f64 / self.truths.max(1) as f64
    }

    /// False alarms a minute.
    pub fn alarms_per_min(&self) -> f64 {
        self.false_alarms as f64 / self.minutes.max(1e-9)
    }

    /// Rises without a truth, a minute.
    pub fn rises_per_min(&self) -> f64 {
        self.false_rises as f64 / self.minutes.max(1e-9)
    }

    fn add(&mut self, other: &Self) {
        self.truths += other.truths;
        self.hits += other.hits;
        self.false_alarms += other.false_alarms;
        self.false_rises += other.false_rises;
        self.minutes += other.minutes;
    }
}

/// Runs the decisions over all stretches, each from a fresh start.
pub fn count(stretches: &[Stretch], params: &DecisionParams) -> Counts {
    let mut counts = Counts::default();
    for stretch in stretches {
        counts.add(&count_one(stretch, params).0);
    }
    counts
}

/// Least recall of events that are called observable. Issue 3.
#[cfg(feature = "train")]
const OBSERVABLE_RECALL: f64 = 0.7;
/// Fewer events than this say nothing of a recall.
#[cfg(feature = "train")]
const LEAST_EVENTS: usize = 10;

/// How many standard deviations an event must have (see [`Truth::sigmas`]) for [`OBSERVABLE_RECALL`] of those that have as many or more
/// to be found; infinite where no number is enough.
#[cfg(feature = "train")]
pub fn observable_sigmas(stretches: &[Stretch], params: &DecisionParams) -> f64 {
    let mut events: Vec<(f64, bool)> = Vec::new();
    for stretch in stretches {
        let (_, found) = count_one(stretch, params);
        let visible = stretch.truths.iter().zip(found).filter(|(truth, _)| !truth.is_hidden);
        events.extend(visible.map(|(truth, is_found)| (truth.sigmas, is_found)));
    }
    events.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut found, mut needed) = (0usize, f64::INFINITY);
    for (index, (sigmas, is_found)) in events.iter().enumerate() {
        found += usize::from(*is_found);
        let is_last = events.get(index + 1).is_none_or(|(next, _)| next < sigmas);
        if is_last && index + 1 >= LEAST_EVENTS && found as f64 >= OBSERVABLE_RECALL * (index + 1) as f64 {
            needed = *sigmas;
        }
    }
    needed
}

/// Counts, and which truths were found.
fn count_one(stretch: &Stretch, params: &DecisionParams) -> (Counts, Vec<bool>) {
    let mut decider = Decider::new(*params);
    let mut outcomes = Vec::new();
    for row in stretch.rows.iter().flatten() {
        decider.push(Timestamp::from_secs_f64(row.0), &Heads::from_row(&row.1), &mut outcomes);
    }
    let visible: Vec<&Truth> = stretch.truths.iter().filter(|truth| !truth.is_hidden).collect();
    let mut counts = Counts {
        truths: visible.len(),
        minutes: stretch.rows.iter().flatten().count() as f64 / crate::spot::network::TICK_HZ as f64 / 60.0,
        ..Counts::default()
    };
    let mut is_taken = vec![false; stretch.truths.len()];
    for outcome in &outcomes {
        let (onset_s, apex_s) = (outcome.onset.as_secs_f64(), outcome.apex.as_secs_f64());
        match (outcome.stage, outcome.offset) {
            (Stage::Returned, Some(offset)) => {
                let span = [onset_s, offset.as_secs_f64()];
                let hit = stretch.truths.iter().enumerate().find(|(index, truth)| {
                    !is_taken[*index] && iou(span, [truth.pulse.onset_s, truth.pulse.offset_s()]) >= MIN_IOU
                });
                match hit {
                    Some((index, truth)) => {
                        is_taken[index] = true;
                        counts.hits += usize::from(!truth.is_hidden);
                    }
                    None => counts.false_alarms += 1,
                }
            }
            (Stage::Provisional, _) => {
                let is_true = stretch
                    .truths
                    .iter()
                    .any(|truth| (truth.pulse.onset_s - 0.1..=truth.pulse.offset_s()).contains(&apex_s));
                counts.false_rises += usize::from(!is_true);
            }
            _ => {}
        }
    }
    (counts, is_taken)
}

fn iou(a: [f64; 2], b: [f64; 2]) -> f64 {
    let both = (a[1].min(b[1]) - a[0].max(b[0])).max(0.0);
    let union = (a[1] - a[0]) + (b[1] - b[0]) - both;
    if union > 0.0 { both / union } else { 0.0 }
}

/// Thresholds that are tried, as probabilities: even steps of the logit, from high to low.
fn thresholds() -> impl Iterator<Item = f32> {
    (-30..=90).rev().map(|step| 1.0 / (1.0 + (-0.1 * step as f32).exp()))
}

/// The lowest thresholds of return and rise at which stretches without events raise at most so many false alarms a minute.
pub fn thresholds_for(
    quiet: &[Stretch],
    alarms_per_min: f64,
    rises_per_min: f64,
    base: &DecisionParams,
) -> DecisionParams {
    let highest = thresholds().next().unwrap_or(1.0);
    let mut chosen = DecisionParams { rise_threshold: highest, return_threshold: highest, ..*base };
    for threshold in thresholds() {
        let tried = DecisionParams { return_threshold: threshold, rise_threshold: 2.0, ..*base };
        if count(quiet, &tried).alarms_per_min() > alarms_per_min {
            break;
        }
        chosen.return_threshold = threshold;
    }
    for threshold in thresholds() {
        let tried = DecisionParams { rise_threshold: threshold, ..chosen };
        if count(quiet, &tried).rises_per_min() > rises_per_min {
            break;
        }
        chosen.rise_threshold = threshold;
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::super::envelope::Pulse;
    use super::*;

    /// Ten seconds of ticks; returns of these heights at these ticks, each saying 0.4 s long and ended 50 ms ago.
    fn stretch(returns: &[(usize, f32)], truths: &[(f64, bool)]) -> Stretch {
        let mut rows: Vec<_> = (0..300)
            .map(|tick| Some((tick as f64 / 30.0, [-9.0, -9.0, 0.2, 0.05, 0.45, 0.3, 0.05])))
            .collect();
        for (tick, logit) in returns {
            rows[*tick].as_mut().unwrap().1[1] = *logit;
        }
        let truth = |(onset_s, is_hidden): &(f64, bool)| Truth {
            pulse: Pulse {
                onset_s: *onset_s,
                rise_s: 0.15,
                hold_s: 0.0,
                fall_s: 0.25,
                skew: [1.0; 2],
                rest: 0.0,
            },
            amplitude_icd: 0.03,
            sigmas: 10.0 / *onset_s,
            is_hidden: *is_hidden,
        };
        Stretch { rows, truths: truths.iter().map(truth).collect() }
    }

    #[test]
    fn overlap_makes_a_hit_and_each_truth_counts_once() {
        // Tick 60 is 2.0 s: the return says 1.55-1.95 s.
        let one = stretch(&[(60, 3.0), (75, 3.0), (200, 3.0)], &[(1.55, false), (4.0, false), (6.21, true)]);
        let counts = count(&[one], &DecisionParams::default());
        assert_eq!((counts.truths, counts.hits, counts.false_alarms), (2, 1, 1));
        assert!((counts.minutes - 10.0 / 60.0).abs() < 1e-9);
        assert!((counts.f1() - 2.0 / 4.0).abs() < 1e-9);
    }

    #[cfg(feature = "train")]
    #[test]
    fn events_that_stand_out_are_observable() {
        // Ten seconds each: an event of 10 / 1.55 standard deviations that is found in 12 of 15, one of 10 / 4 that never is.
        let stretches: Vec<_> = (0..15)
            .map(|n| stretch(if n < 12 { &[(60, 3.0)] } else { &[] }, &[(1.55, false), (4.0, false)]))
            .collect();
        assert_eq!(observable_sigmas(&stretches, &DecisionParams::default()), 10.0 / 1.55);
        assert_eq!(observable_sigmas(&stretches[8..], &DecisionParams::default()), f64::INFINITY);
    }

    #[test]
    fn the_threshold_lets_through_no_more_than_it_may() {
        // A minute in six stretches, with alarms of rising height.
        let quiet: Vec<_> = (0..6).map(|index| stretch(&[(100, index as f32)], &[])).collect();
        let chosen = thresholds_for(&quiet, 2.5, 1.0, &DecisionParams::default());
        let logit = |p: f32| (p / (1.0 - p)).ln();
        assert!((3.0..3.2).contains(&logit(chosen.return_threshold)), "{}", logit(chosen.return_threshold));
        assert_eq!(count(&quiet, &chosen).false_alarms, 2);
    }
}
