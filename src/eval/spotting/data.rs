//! What is compared: clips with the events that are known to be in them and the events that were predicted.

use super::matching::Interval;
use super::observed::Observed;
use crate::types::{Event, EventKind, RegionId, Side, Timestamp};

/// The kind of truth and prediction that is scored.
pub const MICRO: &str = EventKind::Micro.name();

/// On which sides of the face an event is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sides {
    /// The truth does not say.
    #[default]
    Unknown,
    /// On both.
    Both,
    /// On one, the subject's own left or right.
    One(Side),
}

/// An event that is known to be in a clip: a row of `truth.csv`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TruthEvent {
    /// `micro`, or what else happens there: `macro`, `blink`, `speech`, `head_turn`, `luminance`, `occlusion`, ...
    pub kind: String,
    /// First change.
    pub onset: Timestamp,
    /// Strongest moment; the onset where the truth names none.
    pub apex: Timestamp,
    /// Return.
    pub offset: Timestamp,
    /// FACS action units; empty where unknown.
    pub action_units: Vec<u8>,
    /// Sides of the face.
    pub sides: Sides,
    /// The emotion that the action units stand for; empty where there is none.
    pub emotion: String,
    /// Strongest displacement, in ICD units; `None` where unknown.
    pub amplitude_icd: Option<f64>,
}

impl TruthEvent {
    /// From onset to offset.
    pub fn interval(&self) -> Interval {
        Interval { onset: self.onset, offset: self.offset }
    }

    /// True for the events that should be found.
    pub fn is_micro(&self) -> bool {
        self.kind == MICRO
    }
}

/// An event as it was predicted: a row of `events.csv`, candidates included.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PredictedEvent {
    /// Number of the event in its table.
    pub id: u64,
    /// `micro`, `macro`, `masked`, `blink`, ...
    pub kind: String,
    /// The emotion that is claimed; empty where none is.
    pub label: String,
    /// Confidence.
    pub score: f64,
    /// First change.
    pub onset: Timestamp,
    /// Strongest moment.
    pub apex: Timestamp,
    /// Return; `None` where there was none.
    pub offset: Option<Timestamp>,
    /// When it was first flagged; `None` where the table does not say.
    pub flagged_at: Option<Timestamp>,
    /// When it was confirmed; `None` where it was not or the table does not say.
    pub confirmed_at: Option<Timestamp>,
    /// It has an offset and was confirmed (an offset is enough where the table does not say when it was confirmed).
    pub is_confirmed: bool,
    /// Why it is only a candidate; empty for claims.
    pub veto: String,
    /// Regions that moved.
    pub regions: Vec<RegionId>,
}

impl PredictedEvent {
    /// From onset to offset; to the apex where there is no offset.
    pub fn interval(&self) -> Interval {
        Interval { onset: self.onset, offset: self.offset.unwrap_or(self.apex) }
    }

    /// True for a confirmed micro-expression without a veto: what counts as a hit or a false alarm, if its score is high
    /// enough.
    pub fn is_claim(&self) -> bool {
        self.kind == MICRO && self.veto.is_empty() && self.is_confirmed && self.offset.is_some()
    }
}

impl From<&Event> for PredictedEvent {
    fn from(event: &Event) -> Self {
        Self {
            id: event.id,
            kind: event.kind.name().to_owned(),
            label: event.label.clone(),
            score: event.score.into(),
            onset: event.onset,
            apex: event.apex,
            offset: event.offset,
            flagged_at: Some(event.flagged_at),
            confirmed_at: event.confirmed_at,
            is_confirmed: event.offset.is_some() && event.confirmed_at.is_some(),
            veto: event.veto.map_or_else(String::new, |veto| veto.name().to_owned()),
            regions: event.regions.clone(),
        }
    }
}

/// One clip: what it is, what is in it, what was predicted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clip {
    /// Its name.
    pub name: String,
    /// Frames a second; 0 where unknown.
    pub fps: f64,
    /// `still`, `calm`, `talking`; empty where unknown.
    pub base_kind: String,
    /// Pseudonym of the person in it; empty where unknown.
    pub person: String,
    /// How it was disturbed (`gaps`, `low_light`, ...); empty where unknown.
    pub condition: String,
    /// What was put into it on purpose (`blink`, `noise`, ...), sorted; empty where nothing was, or the truth does not say.
    pub distractors: Vec<String>,
    /// How long it is, in s; `None` where unknown: then its false alarms count, but in no rate.
    pub duration_s: Option<f64>,
    /// Everything that is known to be in it, of every kind.
    pub truth: Vec<TruthEvent>,
    /// Everything that was predicted, of every kind.
    pub predicted: Vec<PredictedEvent>,
    /// What could be seen when; `None` where unknown.
    pub observed: Option<Observed>,
}

impl Clip {
    /// The person, or the clip itself where the person is unknown: what the bootstrap draws.
    pub(super) fn unit(&self) -> &str {
        if self.person.is_empty() { &self.name } else { &self.person }
    }
}
