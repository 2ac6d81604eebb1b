//! What building needs to know of a session: a seam, so that it can be tested without a recording.

use crate::capture::Source;
use crate::dataset::FolderError;
use crate::session::{EventRecord, StepSpan};
use crate::types::{Region, RegionId, Side};

/// Regions whose motion coders see under a clip, left before right.
pub const TRACE_REGIONS: [Region; 5] =
    [Region::InnerBrow, Region::Lid, Region::Cheek, Region::NoseWing, Region::MouthCorner];

/// Number of traces.
pub const TRACE_COUNT: usize = 2 * TRACE_REGIONS.len();

/// The traces, in order.
pub fn trace_regions() -> [RegionId; TRACE_COUNT] {
    std::array::from_fn(|index| RegionId {
        region: TRACE_REGIONS[index / 2],
        side: if index.is_multiple_of(2) { Side::Left } else { Side::Right },
    })
}

/// Motion of the regions of [`trace_regions`] in one frame, in ICD; `None` where it could not be measured.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MotionRow {
    /// When, in seconds on the session's clock.
    pub t_s: f64,
    /// By region.
    pub amplitude_icd: [Option<f64>; TRACE_COUNT],
}

/// An event as a person coded it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CodedEvent {
    /// The person.
    pub coder: String,
    /// `micro`, `masked`; anything else (`macro`, `blink`, `none`) says that it is neither.
    pub kind: String,
    /// The label; empty where they gave none.
    pub label: String,
    /// First visible change, in seconds on the session's clock.
    pub onset_s: f64,
    /// Strongest moment.
    pub apex_s: f64,
    /// End.
    pub offset_s: Option<f64>,
    /// FACS action units, as `4+7`.
    pub action_units: String,
}

/// A session that a dataset can be built from.
pub trait SessionData {
    /// Its name.
    fn id(&self) -> &str;
    /// Pseudonym of the participant.
    fn participant(&self) -> &str;
    /// Gender as the participant gave it; empty where it is not known.
    fn gender(&self) -> &str;
    /// The protocol's stimulus, for moments outside every step.
    fn stimulus(&self) -> &str;
    /// The steps as they took place.
    fn steps(&self) -> &[StepSpan];
    /// What the program spotted.
    fn events(&self) -> &[EventRecord];
    /// What people coded.
    fn codings(&self) -> &[CodedEvent];
    /// The frames, from the start.
    ///
    /// # Errors
    /// The media cannot be read.
    fn source(&self) -> Result<Box<dyn Source>, FolderError>;
    /// Motion as it was measured while recording; empty where it was not.
    ///
    /// # Errors
    /// The media cannot be read.
    fn motion(&self) -> Result<Vec<MotionRow>, FolderError>;
    /// SHA-256 of the media file, in hex.
    ///
    /// # Errors
    /// It cannot be read.
    fn media_sha256(&self) -> Result<String, FolderError>;
}
