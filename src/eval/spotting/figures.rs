//! The figures themselves: plain sums, and the ratios made of them.

use std::collections::BTreeSet;
use std::ops::AddAssign;

use serde::Serialize;

use super::outcome::{ClipOutcome, TruthOutcome, has_brow_or_mouth};
use crate::eval::stats::Quantiles;
use crate::types::Timestamp;

/// What is counted. Everything else is a ratio of these.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Counts {
    /// True events.
    pub(super) truth: usize,
    /// True events with a claim of their own.
    pub(super) found: usize,
    /// True events whose apex lies inside a claim of its own.
    pub(super) apex_inside: usize,
    /// Claims without a truth.
    pub(super) false_alarms: usize,
    /// The same in clips of known length.
    pub(super) timed_false_alarms: usize,
    /// Length of the clips whose length is known.
    pub(super) seconds: f64,
    /// True events of clips whose observability is known.
    pub(super) judged: usize,
    /// Of these, the observable ones.
    pub(super) observable: usize,
    /// Of these, the found ones.
    pub(super) observable_found: usize,
    /// False alarms during observed time.
    pub(super) observed_false_alarms: usize,
    /// Observed time.
    pub(super) observed_seconds: f64,
}

impl Counts {
    /// Of one true event.
    fn of_event(event: &TruthOutcome) -> Self {
        let is_observable = event.is_observable == Some(true);
        Self {
            truth: 1,
            found: usize::from(event.spotted.is_some()),
            apex_inside: usize::from(event.is_apex_inside),
            judged: usize::from(event.is_observable.is_some()),
            observable: usize::from(is_observable),
            observable_found: usize::from(is_observable && event.spotted.is_some()),
            ..Self::default()
        }
    }

    /// Of a clip's false alarms and time.
    fn of_time(outcome: &ClipOutcome) -> Self {
        let false_alarms = outcome.false_alarms.len();
        let clip = outcome.clip;
        Self {
            false_alarms,
            timed_false_alarms: if clip.duration_s.is_some() { false_alarms } else { 0 },
            seconds: clip.duration_s.unwrap_or(0.0),
            observed_false_alarms: outcome
                .false_alarms
                .iter()
                .filter(|a| a.is_observed == Some(true))
                .count(),
            observed_seconds: clip.observed.as_ref().map_or(0.0, |o| o.seconds(has_brow_or_mouth)),
            ..Self::default()
        }
    }

    /// Of a whole clip.
    pub(super) fn of(outcome: &ClipOutcome) -> Self {
        let mut counts = Self::of_time(outcome);
        outcome.events.iter().for_each(|event| counts += Self::of_event(event));
        counts
    }

    pub(super) fn precision(&self) -> Option<f64> {
        ratio(self.found, self.found + self.false_alarms)
    }

    pub(super) fn recall(&self) -> Option<f64> {
        ratio(self.found, self.truth)
    }

    /// `2 TP / (2 TP + FP + FN)`.
    pub(super) fn f1(&self) -> Option<f64> {
        ratio(2 * self.found, self.found + self.false_alarms + self.truth)
    }

    pub(super) fn false_alarms_per_minute(&self) -> Option<f64> {
        per_minute(self.timed_false_alarms, self.seconds)
    }

    pub(super) fn observable_recall(&self) -> Option<f64> {
        ratio(self.observable_found, self.observable)
    }

    pub(super) fn observed_false_alarms_per_minute(&self) -> Option<f64> {
        per_minute(self.observed_false_alarms, self.observed_seconds)
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.truth += other.truth;
        self.found += other.found;
        self.apex_inside += other.apex_inside;
        self.false_alarms += other.false_alarms;
        self.timed_false_alarms += other.timed_false_alarms;
        self.seconds += other.seconds;
        self.judged += other.judged;
        self.observable += other.observable;
        self.observable_found += other.observable_found;
        self.observed_false_alarms += other.observed_false_alarms;
        self.observed_seconds += other.observed_seconds;
    }
}

/// `part / whole`; `None` of nothing.
pub(super) fn ratio(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// `None` without time.
pub(super) fn per_minute(count: usize, seconds: f64) -> Option<f64> {
    (seconds > 0.0).then(|| count as f64 * 60.0 / seconds)
}

/// The figures of all events, or of a group of them, with what stands behind them. A figure without a basis is `None`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// Clips.
    pub clips: usize,
    /// Known people in them; 0 where the truth does not say.
    pub people: usize,
    /// Length of the clips whose length is known, in s.
    pub seconds: f64,
    /// True micro-expressions.
    pub truth: usize,
    /// Of these, found: with a claim of their own.
    pub found: usize,
    /// `found / truth`.
    pub recall: Option<f64>,
    /// Share of true events whose apex lies inside a claim of its own.
    pub apex_inside_recall: Option<f64>,
    /// Precision and false alarms; `None` of groups that a false alarm cannot be said to belong to.
    pub alarms: Option<Alarms>,
    /// Over the time that the program called observable; `None` where the tables don't say.
    pub observable: Option<Observable>,
    /// From the true onset to the flag, in ms, of the found events.
    pub flag_after_onset_ms: Quantiles,
    /// From the true apex, when the rise is complete, to the flag, in ms, of the found events; negative where it came before.
    pub flag_after_apex_ms: Quantiles,
    /// From the true offset to the confirmation, in ms, of the found events.
    pub confirmed_after_offset_ms: Quantiles,
}

/// What claims are worth.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Alarms {
    /// Claims: confirmed micro-expressions without a veto, with at least the smallest score.
    pub claims: usize,
    /// Claims without a truth.
    pub false_alarms: usize,
    /// `found / claims`.
    pub precision: Option<f64>,
    /// `2 found / (claims + truth)`.
    pub f1: Option<f64>,
    /// False alarms a minute over all time (clips of known length).
    pub false_alarms_per_minute: Option<f64>,
}

/// The same over observable time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Observable {
    /// True events of clips whose tables say what was observable.
    pub judged: usize,
    /// Of these, the ones that could be seen.
    pub truth: usize,
    /// Of these, found.
    pub found: usize,
    /// `truth / judged`.
    pub share: Option<f64>,
    /// `found / truth`.
    pub recall: Option<f64>,
    /// Time during which any region of brows or mouth was observable, in s; 0 of groups that time cannot be said to belong
    /// to.
    pub seconds: f64,
    /// False alarms during that time.
    pub false_alarms: usize,
    /// The same a minute of that time.
    pub false_alarms_per_minute: Option<f64>,
}

/// Which events and clips belong to a group.
pub(super) enum Member<'a> {
    /// Whole clips, with their time and false alarms.
    Clips(&'a dyn Fn(&ClipOutcome) -> bool),
    /// Single events: time and false alarms belong to no such group.
    Events(&'a dyn Fn(&ClipOutcome, &TruthOutcome) -> bool),
}

impl Figures {
    /// Of a group.
    pub(super) fn of(outcomes: &[ClipOutcome], member: &Member) -> Self {
        let mut counts = Counts::default();
        let mut delays = [const { Vec::new() }; 3];
        let (mut clips, mut people) = (0, BTreeSet::new());
        for outcome in outcomes {
            let is_in = |event: &TruthOutcome| match member {
                Member::Clips(is_in) => is_in(outcome),
                Member::Events(is_in) => is_in(outcome, event),
            };
            let mut has_any = false;
            if let Member::Clips(is_in) = member
                && is_in(outcome)
            {
                has_any = true;
                counts += Counts::of_time(outcome);
            }
            for event in outcome.events.iter().filter(|event| is_in(event)) {
                has_any = true;
                counts += Counts::of_event(event);
                for (all, delay) in delays.iter_mut().zip(delays_ms(outcome, event)) {
                    all.extend(delay);
                }
            }
            if has_any {
                clips += 1;
                people.insert(outcome.clip.person.as_str());
                // Events have no time of their own: say how much was searched for them.
                if let Member::Events(_) = member {
                    counts.seconds += outcome.clip.duration_s.unwrap_or(0.0);
                }
            }
        }
        people.remove("");
        let [flag_after_onset_ms, flag_after_apex_ms, confirmed_after_offset_ms] = delays.map(Quantiles::of);
        Self {
            clips,
            people: people.len(),
            seconds: counts.seconds,
            truth: counts.truth,
            found: counts.found,
            recall: counts.recall(),
            apex_inside_recall: ratio(counts.apex_inside, counts.truth),
            alarms: matches!(member, Member::Clips(_)).then(|| Alarms::of(&counts)),
            observable: (counts.judged > 0 || counts.observed_seconds > 0.0).then(|| Observable::of(&counts)),
            flag_after_onset_ms,
            flag_after_apex_ms,
            confirmed_after_offset_ms,
        }
    }
}

impl Alarms {
    fn of(counts: &Counts) -> Self {
        Self {
            claims: counts.found + counts.false_alarms,
            false_alarms: counts.false_alarms,
            precision: counts.precision(),
            f1: counts.f1(),
            false_alarms_per_minute: counts.false_alarms_per_minute(),
        }
    }
}

impl Observable {
    fn of(counts: &Counts) -> Self {
        Self {
            judged: counts.judged,
            truth: counts.observable,
            found: counts.observable_found,
            share: ratio(counts.observable, counts.judged),
            recall: counts.observable_recall(),
            seconds: counts.observed_seconds,
            false_alarms: counts.observed_false_alarms,
            false_alarms_per_minute: counts.observed_false_alarms_per_minute(),
        }
    }
}

/// Flag after onset, flag after apex, confirmation after offset, in ms; of found events, where the tables say when.
pub(super) fn delays_ms(outcome: &ClipOutcome, event: &TruthOutcome) -> [Option<f64>; 3] {
    let truth = outcome.clip.truth.get(event.truth);
    let predicted = event.spotted.and_then(|spotted| outcome.clip.predicted.get(spotted.predicted));
    let (Some(truth), Some(predicted)) = (truth, predicted) else { return [None; 3] };
    [
        predicted.flagged_at.map(|at| millis(truth.onset, at)),
        predicted.flagged_at.map(|at| millis(truth.apex, at)),
        predicted.confirmed_at.map(|at| millis(truth.offset, at)),
    ]
}

/// From one time to another, in ms. Dividing by a power of ten gives the decimal that it is, where multiplying would not.
fn millis(from: Timestamp, to: Timestamp) -> f64 {
    to.as_nanos().saturating_sub(from.as_nanos()) as f64 / 1e6
}
