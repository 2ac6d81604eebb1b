//! What was spotted.

use super::{LabelEvidence, MaskedEvidence, RegionId, Timestamp};

/// What sort of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// A micro-expression: rise within 40-200 ms, total within 500 ms.
    Micro,
    /// A longer expression.
    Macro,
    /// A smile that the upper face contradicts.
    Masked,
    /// Both lids closed and opened again.
    Blink,
}

impl EventKind {
    /// The name used in files and on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Micro => "micro",
            Self::Macro => "macro",
            Self::Masked => "masked",
            Self::Blink => "blink",
        }
    }
}

/// Which definition of a micro-expression an event meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Definition {
    /// The whole event lies within 1/5 s.
    Classic,
    /// Only its rise does; the whole is within 1/2 s.
    Extended,
}

impl Definition {
    /// The name used in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Classic => "classic",
            Self::Extended => "extended",
        }
    }
}

/// Why a candidate is not claimed as an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Veto {
    /// The lids closed at the same time, and only what a blink moves has moved.
    Blink,
    /// The mouth was speaking, and only the mouth has moved.
    Speech,
    /// The head moved or turned too fast.
    Head,
    /// The light changed.
    Luminance,
    /// Frames were lost within it.
    Gap,
    /// Something covered the face.
    Occlusion,
    /// Another face came across, or another person became the primary one.
    FaceCrossing,
    /// Only one region moved.
    Lone,
    /// It lasted less than three frame periods.
    TooShort,
    /// The regions were too restless for a motion of this size to mean anything.
    NotObservable,
    /// It came within the rest after another event.
    Refractory,
    /// What looked brief lasted: it is not a brief motion during a smile.
    Lasting,
}

impl Veto {
    /// All reasons.
    pub const ALL: [Self; 12] = [
        Self::Blink,
        Self::Speech,
        Self::Head,
        Self::Luminance,
        Self::Gap,
        Self::Occlusion,
        Self::FaceCrossing,
        Self::Lone,
        Self::TooShort,
        Self::NotObservable,
        Self::Refractory,
        Self::Lasting,
    ];

    /// The name used in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Blink => "blink",
            Self::Speech => "speech",
            Self::Head => "head",
            Self::Luminance => "luminance",
            Self::Gap => "gap",
            Self::Occlusion => "occlusion",
            Self::FaceCrossing => "face_crossing",
            Self::Lone => "lone",
            Self::TooShort => "too_short",
            Self::NotObservable => "not_observable",
            Self::Refractory => "refractory",
            Self::Lasting => "lasting",
        }
    }
}

/// One spotted event, confirmed or provisional.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Number within the session, from 0, in order of flagging.
    pub id: u64,
    /// What sort of event.
    pub kind: EventKind,
    /// The emotion or mismatch that the motion suggests; empty where none is claimed.
    pub label: String,
    /// Confidence, `[0, 1]`.
    pub score: f32,
    /// First visible change.
    pub onset: Timestamp,
    /// Strongest moment.
    pub apex: Timestamp,
    /// Return; `None` while it still lasts.
    pub offset: Option<Timestamp>,
    /// Strongest motion, in ICD units; `None` where the event does not come from region motion.
    pub amplitude_icd: Option<f32>,
    /// Regions that moved.
    pub regions: Vec<RegionId>,
    /// FACS action units that the motion matches.
    pub action_units: Vec<u8>,
    /// For micro-expressions only.
    pub definition: Option<Definition>,
    /// The shortest event that this frame rate could resolve, in ms: three frame periods.
    pub min_resolvable_ms: f32,
    /// When the provisional flag was raised.
    pub flagged_at: Timestamp,
    /// When it was confirmed; `None` while it is provisional.
    pub confirmed_at: Option<Timestamp>,
    /// The face that it belongs to.
    pub face_id: u32,
    /// Why it is only a candidate; `None` for events that are claimed. Candidates are given out on request only.
    pub veto: Option<Veto>,
    /// For events of kind `masked`: what speaks for it.
    pub masked: Option<MaskedEvidence>,
    /// What the label was decided on; `None` where it does not come from region motion.
    pub label_evidence: Option<LabelEvidence>,
}
