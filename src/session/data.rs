//! What readers of a session are told beside its frames: steps, markers, events.

use serde::{Deserialize, Serialize};

/// One step of the protocol as it took place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepSpan {
    /// Position in the session, from 0, in the order in which steps were shown.
    pub step: usize,
    /// Name of the step in the record: `anger-03`.
    pub id: String,
    /// `prompt`, `question`, `image`, `blank`, `rest`, `interview` or `calibration`.
    pub kind: String,
    /// Target emotion of its block; empty where it has none.
    pub target: String,
    /// `questionnaire`, `image` or `interview`.
    pub stimulus: String,
    /// When it began, in seconds on the session's clock.
    pub start_s: f64,
    /// When it ended; `None` where the recording broke off within it.
    pub end_s: Option<f64>,
}

/// A moment that the operator, or another program, marked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Marker {
    /// When, in seconds on the session's clock.
    pub t_s: f64,
    /// Its name: the protocol's for the key, or what the other program sent.
    pub name: String,
    /// `key`, `step` or `lsl`.
    pub origin: String,
}

/// A spotted event as the session holds it: the columns of `events.csv` that others build on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EventRecord {
    /// Number within the session.
    pub event: u64,
    /// `micro`, `macro`, `masked` or `blink`.
    pub kind: String,
    /// The emotion or mismatch that is suggested; empty where none is.
    #[serde(default, deserialize_with = "or_empty")]
    pub label: String,
    /// Confidence, `[0, 1]`.
    pub score: f64,
    /// First visible change, in seconds on the session's clock.
    pub onset_s: f64,
    /// Strongest moment.
    pub apex_s: f64,
    /// Return; `None` where the session ended first.
    pub offset_s: Option<f64>,
    /// FACS action units, as `4+7`.
    #[serde(default, deserialize_with = "or_empty")]
    pub action_units: String,
    /// Why it is not claimed; empty for events that are.
    #[serde(default, deserialize_with = "or_empty")]
    pub veto: String,
}

/// Text that may be null.
fn or_empty<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}
