//! Plain data that every stage shares: no pixels are touched and no decision is taken here.
//!
//! Spaces: *image* pixels (x right, y down, pixel centres at +0.5), *crop* pixels (the aligned 256 x 256
//! crop, same convention) and *ICD* units (inner-canthal distances). Names carry the space and the unit.
//! Sides are the subject's own left and right.

mod event;
mod face;
mod frame;
mod geometry;
mod label;
mod mismatch;
mod observability;
mod observation;
mod region;
mod signal;
mod stage;
mod time;

pub use event::{Definition, Event, EventKind, Veto};
pub use face::{
    AlignedFace, BLENDSHAPE_COUNT, BLENDSHAPE_NAMES, Blendshapes, CROP_ICD_PX, CROP_SIZE_PX, FaceMeasurement,
    FaceTrack, HeadPose, LANDMARK_COUNT, LandmarkUpdate, Landmarks, Quality,
};
pub use frame::{Frame, Gap, GapReason, PixelFormat, TimestampSource};
pub use geometry::{Affine, RectPx};
pub use label::{
    Expression, ExpressionChange, LABEL_COUNT, Label, LabelEvidence, MaskedLabel, OTHER_LABEL, Probabilities,
    complete,
};
pub use mismatch::{MaskedEvidence, MaskedForm, Mismatch};
pub use observability::{OBSERVABLE_ICD, Observability};
pub use observation::{FrameStatus, MAX_FACES, Observation};
pub use region::{REGION_COUNT, Region, RegionId, Side};
pub use signal::{MAX_PATCHES, PatchMotion, RegionMotion, Signal};
pub use stage::{NoProbe, Stage, StageProbe};
pub use time::Timestamp;
