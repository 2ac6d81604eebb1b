//! The result for one frame.

use std::sync::Arc;

use arrayvec::ArrayVec;

use super::{Event, Expression, FaceTrack, Gap, LandmarkUpdate, Mismatch, Observability, Signal, Timestamp};

/// Most faces that are followed at once.
pub const MAX_FACES: usize = 8;

/// What could be seen in a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FrameStatus {
    /// The primary face was measured.
    Ok,
    /// No face.
    NoFace,
    /// The frame was lost before analysis.
    Gap,
    /// The face is too blurred to be measured.
    Blurred,
    /// The face is covered or turned too far away.
    Occluded,
}

impl FrameStatus {
    /// The name used in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::NoFace => "no_face",
            Self::Gap => "gap",
            Self::Blurred => "blurred",
            Self::Occluded => "occluded",
        }
    }
}

/// What `Analyzer::push` says of one frame.
#[derive(Clone, Debug)]
pub struct Observation {
    /// The frame's sequence number.
    pub seq: u64,
    /// When it was captured.
    pub captured_at: Timestamp,
    /// What could be seen.
    pub status: FrameStatus,
    /// Frames lost just before this one, in order; mostly empty.
    pub gaps: Vec<Gap>,
    /// Mean luma of the whole frame, `[0, 255]`.
    pub luma_mean: f32,
    /// Sharpness of the primary face's crop in *this* frame (see [`super::Quality::sharpness`]); `None` without a face.
    pub sharpness: Option<f32>,
    /// Every face followed, primary first.
    pub faces: ArrayVec<FaceTrack, MAX_FACES>,
    /// A measurement that became available with this frame. It describes frame `update.seq`, which is this one or an
    /// earlier one: live and offline apply it after the same delay of media time.
    pub update: Option<Arc<LandmarkUpdate>>,
    /// What the primary face shows, smoothed over time; `None` without one. The raw probabilities are in `update`.
    pub expression: Option<Expression>,
    /// How far eyes and brows of the primary face contradict its mouth, smoothed over time; `None` where that cannot be said.
    pub mismatch: Option<Mismatch>,
    /// Region motion of the primary face; `None` without one.
    pub signal: Option<Signal>,
    /// What could be seen of each region of the primary face; `None` without one.
    pub observability: Option<Observability>,
    /// Events that were flagged, confirmed or ended with this frame (same `id` again when it changes).
    pub events: Vec<Event>,
}
