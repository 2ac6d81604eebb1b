//! Runs a plan: which step is shown when, and what the keys do. A pure state machine; time is an argument.
//!
//! There is no pause, since cameras go on; the operator can skip a step and stop. A step is recorded as it took place: its
//! change has the time of the call that made it, and one call ends at most one step, so that a program that was held up
//! never passes over a step that nobody saw. What a step lasted too long is taken off the next one, up to
//! [`RunnerParams::carried_s`], so that lateness of a picture at a time does not add up over a session.

use super::StepRecord;
use super::protocol::{MarkerKey, Plan, PlannedLength, length_of};
use crate::types::Timestamp;

/// How the runner behaves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RunnerParams {
    /// Nobody is at the keys: steps that wait for one end by themselves.
    pub is_headless: bool,
    /// Seconds of a step that waits for a key without end, where nobody is at the keys. 5 s: long enough to see in a
    /// recording, short enough for tests.
    pub headless_key_s: f64,
    /// A participant's key this soon after a step began, in seconds, still belongs to the one before: a double press.
    /// 0.3 s is above the time between the presses of a double click (0.2 s) and below a reaction to new words.
    pub guard_s: f64,
    /// Lateness of one step, in seconds, that is taken off the next; beyond it the program was held up.
    pub carried_s: f64,
}

impl Default for RunnerParams {
    fn default() -> Self {
        Self { is_headless: false, headless_key_s: 5.0, guard_s: 0.3, carried_s: 0.1 }
    }
}

/// A key, and who pressed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunnerKey {
    /// The participant's, or the operator's for them: ends a step that waits for a key.
    Answer,
    /// The operator's: ends any step.
    Next,
    /// The operator's: ends the session.
    Stop,
    /// The operator's: marks this moment by a digit of the protocol. Digits without a marker do nothing.
    Marker(char),
}

/// What changed.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A step is shown from now on.
    Began {
        /// Its position in the plan.
        step: usize,
        /// When.
        at: Timestamp,
    },
    /// It is no longer shown.
    Ended {
        /// Its position in the plan.
        step: usize,
        /// When.
        at: Timestamp,
        /// Why.
        by: EndedBy,
    },
    /// The operator marked a moment.
    Marked {
        /// What the protocol calls the key.
        name: String,
        /// When.
        at: Timestamp,
    },
    /// The last step has ended. Nothing follows.
    Finished {
        /// When.
        at: Timestamp,
    },
    /// The operator stopped. Nothing follows.
    Stopped {
        /// When.
        at: Timestamp,
    },
}

/// Why a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedBy {
    /// Its time was over.
    Time,
    /// The key that it waited for.
    Answer,
    /// The operator went on.
    Operator,
    /// The session was stopped within it.
    Stop,
}

impl EndedBy {
    /// The name used in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Answer => "answer",
            Self::Operator => "operator",
            Self::Stop => "stop",
        }
    }
}

/// Where the session is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Waiting,
    /// A step is shown.
    Showing {
        step: usize,
        began: Timestamp,
        /// When it began by plan, up to [`RunnerParams::carried_s`] earlier: its time counts from there.
        planned: Timestamp,
    },
    Over,
}

/// Runs one plan, once.
#[derive(Clone, Debug)]
pub struct Runner {
    steps: Vec<StepRecord>,
    markers: Vec<MarkerKey>,
    params: RunnerParams,
    state: State,
    now: Timestamp,
}

impl Runner {
    /// Waits for the first call of [`Runner::advance`].
    pub fn new(plan: &Plan, params: RunnerParams) -> Self {
        let mut steps = plan.steps.clone();
        if params.is_headless {
            for step in &mut steps {
                step.duration_s = step.duration_s.or(Some(params.headless_key_s));
                step.until_key = false;
            }
        }
        Self { steps, markers: plan.markers.clone(), params, state: State::Waiting, now: Timestamp::ZERO }
    }

    /// Goes on to `now` with the keys that were pressed since the last call, in their order. The first call begins the
    /// first step. Time that goes back counts as standing still.
    pub fn advance(&mut self, now: Timestamp, keys: &[RunnerKey]) -> Vec<Change> {
        let mut changes = Vec::new();
        if self.state == State::Waiting {
            self.now = now;
            self.begin(0, now, &mut changes);
        }
        let now = now.max(self.now);
        self.now = now;
        let State::Showing { step, began, planned } = self.state else { return changes };

        let mut by = None;
        for key in keys {
            match *key {
                RunnerKey::Stop => {
                    changes.push(Change::Ended { step, at: now, by: EndedBy::Stop });
                    changes.push(Change::Stopped { at: now });
                    self.state = State::Over;
                    return changes;
                }
                RunnerKey::Next => by = by.or(Some(EndedBy::Operator)),
                RunnerKey::Answer => {
                    let is_due = now.seconds_since(began) >= self.params.guard_s;
                    if is_due && self.steps.get(step).is_some_and(|step| step.until_key) {
                        by = by.or(Some(EndedBy::Answer));
                    }
                }
                RunnerKey::Marker(key) => {
                    let known = self.markers.iter().find(|marker| marker.key == key);
                    changes.extend(known.map(|marker| Change::Marked { name: marker.name.clone(), at: now }));
                }
            }
        }
        let due = self.due(step, planned).filter(|due| *due <= now);
        let Some(by) = by.or(due.map(|_| EndedBy::Time)) else { return changes };
        changes.push(Change::Ended { step, at: now, by });
        let carried =
            due.filter(|due| by == EndedBy::Time && now.seconds_since(*due) <= self.params.carried_s);
        self.begin(step + 1, carried.unwrap_or(now), &mut changes);
        changes
    }

    fn begin(&mut self, step: usize, planned: Timestamp, changes: &mut Vec<Change>) {
        let at = self.now;
        if step < self.steps.len() {
            self.state = State::Showing { step, began: at, planned };
            changes.push(Change::Began { step, at });
        } else {
            self.state = State::Over;
            changes.push(Change::Finished { at });
        }
    }

    /// When a step's time is over; `None` where it waits for a key without end.
    fn due(&self, step: usize, planned: Timestamp) -> Option<Timestamp> {
        let seconds = self.steps.get(step)?.duration_s?;
        // A step that is worth recording is seen by one call at least, however short it is.
        Some(Timestamp::from_nanos(
            planned.as_nanos().saturating_add((seconds * 1e9).round().max(1.0) as i64),
        ))
    }

    /// The steps as they are run; without a person at the keys none waits for one.
    pub fn steps(&self) -> &[StepRecord] {
        &self.steps
    }

    /// Position of the step that is shown; `None` before the first and after the last.
    pub fn step(&self) -> Option<usize> {
        match self.state {
            State::Showing { step, .. } => Some(step),
            _ => None,
        }
    }

    /// The session has ended.
    pub fn is_over(&self) -> bool {
        self.state == State::Over
    }

    /// Seconds until the present step ends by itself; `None` where it waits for a key without end, or none is shown.
    pub fn step_left_s(&self, now: Timestamp) -> Option<f64> {
        let State::Showing { step, planned, .. } = self.state else { return None };
        Some(self.due(step, planned)?.seconds_since(now.max(self.now)).max(0.0))
    }

    /// Seconds until the session ends by itself: the present step and all that follow.
    pub fn left(&self, now: Timestamp) -> PlannedLength {
        let (from, present) = match self.state {
            State::Waiting => (0, None),
            State::Showing { step, .. } => (step + 1, Some(step)),
            State::Over => (self.steps.len(), None),
        };
        let rest = length_of(self.steps.get(from..).unwrap_or_default());
        let Some(step) = present else { return rest };
        let step_left_s = self.step_left_s(now);
        let waits = self.steps.get(step).is_some_and(|step| step.until_key);
        PlannedLength {
            min_s: rest.min_s + step_left_s.filter(|_| !waits).unwrap_or(0.0),
            max_s: rest.max_s.zip(step_left_s).map(|(rest_s, step_s)| rest_s + step_s),
        }
    }
}

#[cfg(test)]
#[path = "runner/tests.rs"]
mod tests;
