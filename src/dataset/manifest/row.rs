//! One row of the manifest.

/// Which moment a sample shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// One of the evenly spaced frames of a step.
    Interval,
    /// First visible change of an event.
    Onset,
    /// Its strongest moment.
    Apex,
    /// Its end.
    Offset,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 4] = [Self::Interval, Self::Onset, Self::Apex, Self::Offset];

    /// The name used in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Interval => "interval",
            Self::Onset => "onset",
            Self::Apex => "apex",
            Self::Offset => "offset",
        }
    }
}

/// The two sorts of samples, each with its own set of labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SampleKind {
    /// An expression: one of the eight labels.
    Micro,
    /// A smile that the upper face contradicts: one of the masked labels.
    Masked,
}

impl SampleKind {
    /// Both kinds.
    pub const ALL: [Self; 2] = [Self::Micro, Self::Masked];

    /// The name used in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Micro => "micro",
            Self::Masked => "masked",
        }
    }

    /// The kind of that name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Who says what a sample shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LabelSource {
    /// The protocol: what the step was to bring about. Nobody has looked.
    Step,
    /// The program.
    Spotter,
    /// A person.
    Coder,
}

impl LabelSource {
    /// All sources.
    pub const ALL: [Self; 3] = [Self::Step, Self::Spotter, Self::Coder];

    /// The name used in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Spotter => "spotter",
            Self::Coder => "coder",
        }
    }
}

/// A sample: two aligned crops of one frame, and what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Its name, unique within the dataset.
    pub sample: String,
    /// The gray crop, from the dataset's folder, with `/`.
    pub path: String,
    /// The colour crop likewise.
    pub path_colour: String,
    /// Pseudonym of the participant.
    pub participant: String,
    /// Gender as the participant gave it; empty where it is not known or withheld.
    pub gender: String,
    /// Name of the session.
    pub session: String,
    /// `questionnaire`, `image` or `interview`.
    pub stimulus: String,
    /// Name of the step; empty for an event outside every step.
    pub step: String,
    /// Capture time of the frame, in seconds on the session's clock.
    pub time_s: f64,
    /// Which moment it shows.
    pub role: Role,
    /// Which set of labels is meant.
    pub kind: SampleKind,
    /// The label; empty where nobody gave one.
    pub label: String,
    /// Who gave it.
    pub label_source: LabelSource,
    /// The coder's name; empty where no person coded it.
    pub coder: String,
    /// Name of the event (that of its candidate); empty where the sample belongs to none.
    pub event: String,
    /// Onset of this event, in seconds on the session's clock.
    pub onset_s: Option<f64>,
    /// Its apex.
    pub apex_s: Option<f64>,
    /// Its offset; `None` also where the recording ended first.
    pub offset_s: Option<f64>,
    /// Its FACS action units, as `4+7`.
    pub action_units: String,
    /// SHA-256 of the session's media file, in hex.
    pub source_sha256: String,
}
