//! Which moments of a session are wanted, in the order of time.

use super::events::DatasetEvent;
use crate::dataset::Role;
use crate::session::StepSpan;
use crate::types::Frame;

/// The target of steps that are to bring about nothing.
const NO_TARGET: &str = "none";
/// A frame this far from a moment of an event is still taken for it, in seconds: half a period at 2 fps, where nothing was lost.
const EVENT_TOLERANCE_S: f64 = 0.25;
/// The same where frames were lost beside it: half a period of 25 fps.
const BESIDE_GAP_S: f64 = 0.02;
/// Seconds of a clip before the onset and after the offset.
const CLIP_AROUND_S: f64 = 1.0;
/// No clip is longer, in seconds: a smile may last minutes, and what is to be judged is how it begins.
pub(super) const MAX_CLIP_S: f64 = 30.0;
/// Seconds between the frames of a clip in which the face is looked for.
const LOOK_EVERY_S: f64 = 0.25;
/// A recording that broke off is read to its end, and none is longer than this, in seconds (a day).
const MAX_SESSION_S: f64 = 86_400.0;

/// Whole microseconds, as tables have times: so that a frame, and an event at this frame that was written and read, are at one time.
pub(super) fn micros(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e6
}

/// When a frame was captured, in seconds.
pub(super) fn time_of(frame: &Frame) -> f64 {
    micros(frame.captured_at.as_secs_f64())
}

/// What a frame is wanted for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum What {
    /// An evenly spaced frame of the step at this index.
    Interval { step: usize },
    /// A moment of the event at this index.
    Moment { event: usize, role: Role },
    /// Where the face is in the clip of the event at this index.
    Look { event: usize },
}

/// A wanted moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Want {
    pub at_s: f64,
    pub what: What,
    /// The step has no known end, so that it is no loss where the recording ends before.
    pub is_open_ended: bool,
}

impl Want {
    /// Whether a frame at `time_s` will do.
    pub fn is_met_by(&self, time_s: f64, end_of_step_s: f64, every_s: f64, is_beside_gap: bool) -> bool {
        let most = if is_beside_gap { BESIDE_GAP_S } else { EVENT_TOLERANCE_S };
        match self.what {
            // The first frame from then on, and of the same step.
            What::Interval { .. } => {
                time_s < micros(end_of_step_s) && time_s - self.at_s <= most.min(every_s / 2.0)
            }
            What::Moment { .. } | What::Look { .. } => (time_s - self.at_s).abs() <= most,
        }
    }
}

/// Whether a step gives interval frames.
pub(super) fn has_target(step: &StepSpan) -> bool {
    !step.target.is_empty() && step.target != NO_TARGET
}

/// From when to when the clip of an event goes, and whether it was cut short.
pub(super) fn clip_span(event: &DatasetEvent) -> (f64, f64, bool) {
    let from = micros((event.onset_s - CLIP_AROUND_S).max(0.0));
    let to = micros(event.end_s() + CLIP_AROUND_S);
    if to - from > MAX_CLIP_S { (from, from + MAX_CLIP_S, true) } else { (from, to, false) }
}

/// All wanted moments by time. `duration_s` is how long the session is, where that is known.
pub(super) fn plan(
    steps: &[StepSpan],
    events: &[DatasetEvent],
    every_s: f64,
    duration_s: Option<f64>,
) -> Vec<Want> {
    let mut wants = Vec::new();
    let longest = duration_s.unwrap_or(MAX_SESSION_S).clamp(0.0, MAX_SESSION_S);
    // Times come from a file: what lies outside of any session would be counted through for ever.
    let is_time = |time_s: f64| (0.0..=MAX_SESSION_S).contains(&time_s);
    let with_target = steps.iter().enumerate().filter(|(_, span)| has_target(span) && is_time(span.start_s));
    for (step, span) in with_target {
        let end_s = micros(span.end_s.unwrap_or(longest).min(MAX_SESSION_S));
        let times = (0..).map(|number| micros(span.start_s + f64::from(number) * every_s));
        wants.extend(times.take_while(|at_s| *at_s < end_s).map(|at_s| Want {
            at_s,
            what: What::Interval { step },
            is_open_ended: span.end_s.is_none(),
        }));
    }
    for (index, event) in events.iter().enumerate() {
        if event.is_claimed() {
            let moments = [
                (Role::Onset, Some(event.onset_s)),
                (Role::Apex, Some(event.apex_s)),
                (Role::Offset, event.offset_s),
            ];
            wants.extend(moments.into_iter().filter_map(|(role, at_s)| {
                let what = What::Moment { event: index, role };
                at_s.map(|at_s| Want { at_s, what, is_open_ended: false })
            }));
        }
        let (from, to, _) = clip_span(event);
        if !is_time(from) {
            continue;
        }
        let times = (0..).map(|number| micros(from + f64::from(number) * LOOK_EVERY_S));
        wants.extend(times.take_while(|at_s| *at_s <= to).map(|at_s| Want {
            at_s,
            what: What::Look { event: index },
            is_open_ended: true,
        }));
    }
    // Stable: at one time, steps come before events.
    wants.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
    wants
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{LabelSource, SampleKind};

    fn step(target: &str, start_s: f64, end_s: Option<f64>) -> StepSpan {
        StepSpan {
            step: 0,
            id: "s".to_owned(),
            kind: "question".to_owned(),
            target: target.to_owned(),
            stimulus: "questionnaire".to_owned(),
            start_s,
            end_s,
        }
    }

    #[test]
    fn steps_with_a_target_are_sampled_from_their_start_to_before_their_end() {
        let steps = [step("anger", 1.0, Some(2.5)), step("none", 3.0, Some(9.0)), step("", 3.0, Some(9.0))];
        let at: Vec<f64> = plan(&steps, &[], 0.5, None).iter().map(|want| want.at_s).collect();
        assert_eq!(at, [1.0, 1.5, 2.0]);
        let open = plan(&[step("anger", 1.0, None)], &[], 0.5, Some(2.2));
        assert_eq!(open.len(), 3);
        assert!(open.iter().all(|want| want.is_open_ended));
        for start_s in [f64::NAN, -1e300, 1e300] {
            assert!(plan(&[step("anger", start_s, Some(2.0))], &[], 0.5, None).is_empty());
        }
    }

    #[test]
    fn times_that_are_none_end() {
        for onset_s in [f64::NAN, -1e300, 1e300, 5.0] {
            for offset_s in [None, Some(f64::INFINITY), Some(1e300), Some(-1.0)] {
                let event = DatasetEvent {
                    id: String::new(),
                    kind: SampleKind::Micro,
                    label: String::new(),
                    label_source: LabelSource::Coder,
                    coder: String::new(),
                    onset_s,
                    apex_s: onset_s,
                    offset_s,
                    action_units: String::new(),
                    score: None,
                    veto: String::new(),
                };
                assert!(plan(&[], &[event], 0.5, None).len() < 200);
            }
        }
    }

    #[test]
    fn a_lost_frame_is_not_replaced_by_a_distant_one() {
        let want =
            Want { at_s: 1.0, what: What::Moment { event: 0, role: Role::Apex }, is_open_ended: false };
        assert!(want.is_met_by(1.1, 9.0, 0.5, false) && !want.is_met_by(1.1, 9.0, 0.5, true));
        let want = Want { what: What::Interval { step: 0 }, ..want };
        assert!(want.is_met_by(1.03, 9.0, 0.5, false));
        assert!(!want.is_met_by(1.03, 1.02, 0.5, false), "it is of the next step");
        assert!(!want.is_met_by(1.3, 9.0, 0.5, false));
    }
}
