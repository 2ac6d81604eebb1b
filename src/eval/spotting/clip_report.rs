//! What became of every event of one clip, for whoever wants to look at it.

use serde::Serialize;

use super::figures::delays_ms;
use super::outcome::{ClipOutcome, FalseAlarm, TruthOutcome};
use crate::types::Timestamp;

/// One clip.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClipReport {
    /// Its name.
    pub clip: String,
    /// Pseudonym of the person; empty where unknown.
    pub person: String,
    /// Frames a second, as the truth has it.
    pub fps: f64,
    /// `still`, `calm`, `talking`; empty where unknown.
    pub base_kind: String,
    /// Its condition; empty where unknown.
    pub condition: String,
    /// Its length, in s; `None` where unknown.
    pub duration_s: Option<f64>,
    /// Its true micro-expressions, in order of time.
    pub events: Vec<EventReport>,
    /// Its false alarms, in order of time.
    pub false_alarms: Vec<FalseAlarmReport>,
}

/// One true micro-expression.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EventReport {
    /// True onset, in s.
    pub onset_s: f64,
    /// True apex, in s.
    pub apex_s: f64,
    /// True offset, in s.
    pub offset_s: f64,
    /// True action units.
    pub action_units: Vec<u8>,
    /// True emotion; empty where there is none.
    pub emotion: String,
    /// True amplitude, in ICD units.
    pub amplitude_icd: Option<f64>,
    /// What else happens at that time.
    pub during: Vec<String>,
    /// Whether it could be seen; `None` where the tables don't say.
    pub is_observable: Option<bool>,
    /// Whether its apex lies inside a claim of its own.
    pub is_apex_inside: bool,
    /// The claim that found it; `None` where it was missed.
    pub found: Option<FoundReport>,
    /// What the table has in place of a claim; `None` where it was found.
    pub missed_as: Option<String>,
}

/// The claim that found a true event.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FoundReport {
    /// Number of the event in its table.
    pub event: u64,
    /// How well they overlap.
    pub iou: f64,
    /// Score of the claim.
    pub score: f64,
    /// Claimed emotion; empty where none was.
    pub label: String,
    /// From the true onset to the flag, in ms.
    pub flag_after_onset_ms: Option<f64>,
    /// From the true apex to the flag, in ms.
    pub flag_after_apex_ms: Option<f64>,
    /// From the true offset to the confirmation, in ms.
    pub confirmed_after_offset_ms: Option<f64>,
}

/// One claim without a truth.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FalseAlarmReport {
    /// Number of the event in its table.
    pub event: u64,
    /// Its onset, in s.
    pub onset_s: f64,
    /// Its offset, in s.
    pub offset_s: f64,
    /// Its score.
    pub score: f64,
    /// What it fell on.
    pub on: String,
    /// Whether brows or mouth could be seen then; `None` where the tables don't say.
    pub is_observed: Option<bool>,
}

impl ClipReport {
    pub(super) fn of(outcome: &ClipOutcome) -> Self {
        let clip = outcome.clip;
        Self {
            clip: clip.name.clone(),
            person: clip.person.clone(),
            fps: clip.fps,
            base_kind: clip.base_kind.clone(),
            condition: clip.condition.clone(),
            duration_s: clip.duration_s,
            events: outcome.events.iter().filter_map(|event| event_report(outcome, event)).collect(),
            false_alarms: outcome
                .false_alarms
                .iter()
                .filter_map(|alarm| alarm_report(outcome, alarm))
                .collect(),
        }
    }
}

fn event_report(outcome: &ClipOutcome, event: &TruthOutcome) -> Option<EventReport> {
    let truth = outcome.clip.truth.get(event.truth)?;
    let [flag_after_onset_ms, flag_after_apex_ms, confirmed_after_offset_ms] = delays_ms(outcome, event);
    let found = event.spotted.and_then(|spotted| {
        let predicted = outcome.clip.predicted.get(spotted.predicted)?;
        Some(FoundReport {
            event: predicted.id,
            iou: spotted.iou,
            score: predicted.score,
            label: predicted.label.clone(),
            flag_after_onset_ms,
            flag_after_apex_ms,
            confirmed_after_offset_ms,
        })
    });
    Some(EventReport {
        onset_s: seconds(truth.onset),
        apex_s: seconds(truth.apex),
        offset_s: seconds(truth.offset),
        action_units: truth.action_units.clone(),
        emotion: truth.emotion.clone(),
        amplitude_icd: truth.amplitude_icd,
        during: event.during.clone(),
        is_observable: event.is_observable,
        is_apex_inside: event.is_apex_inside,
        found,
        missed_as: event.missed_as.clone(),
    })
}

fn alarm_report(outcome: &ClipOutcome, alarm: &FalseAlarm) -> Option<FalseAlarmReport> {
    let predicted = outcome.clip.predicted.get(alarm.predicted)?;
    Some(FalseAlarmReport {
        event: predicted.id,
        onset_s: seconds(predicted.onset),
        offset_s: seconds(predicted.interval().offset),
        score: predicted.score,
        on: alarm.on.clone(),
        is_observed: alarm.is_observed,
    })
}

/// In s. Dividing by a power of ten gives the decimal that it is, where multiplying would not.
fn seconds(at: Timestamp) -> f64 {
    at.as_nanos() as f64 / 1e9
}
