//! What every detector of brief movements is given, and what it proposes.
//!
//! A detector only says that something moved like an expression. Whether it is claimed (vetoes, the rest after an event),
//! what it is called and when it is reported is the spotter's.

use crate::types::{FrameStatus, Gap, LandmarkUpdate, Observability, REGION_COUNT, Signal, Timestamp};

/// One frame, as the spotter sees it.
#[derive(Clone, Copy, Debug)]
pub struct SpotInput<'a> {
    /// When the frame was captured.
    pub now: Timestamp,
    /// What could be seen of the primary face.
    pub status: FrameStatus,
    /// Motion of the regions; `None` without a face.
    pub signal: Option<&'a Signal>,
    /// A measurement that took effect with this frame.
    pub update: Option<&'a LandmarkUpdate>,
    /// Frames lost just before this one.
    pub gaps: &'a [Gap],
    /// Mean luma of the face's crop (of the frame where there is no face), `[0, 255]`.
    pub luma_mean: f32,
    /// Mean luma of the whole frame, `[0, 255]`.
    pub frame_luma_mean: f32,
}

/// Where a proposal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The rise is complete, the return is awaited.
    Provisional,
    /// It returned in time: a micro-expression.
    Returned,
    /// It stays or returned too late: a longer expression.
    Lasting,
    /// A macro-expression that has returned.
    Ended,
    /// It was nothing.
    Withdrawn,
}

/// What a detector says of one movement; given again under the same `key` when it changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// Number within the detector.
    pub key: u64,
    /// Where it stands.
    pub stage: Stage,
    /// First visible change.
    pub onset: Timestamp,
    /// Strongest moment so far.
    pub apex: Timestamp,
    /// Return; `None` while it lasts.
    pub offset: Option<Timestamp>,
    /// Confidence, `[0, 1]`.
    pub score: f32,
    /// Displacement of each region from onset to apex, in ICD units; zero where it was not measured.
    pub motion_icd: [[f32; 2]; REGION_COUNT],
    /// The detector itself has weighed the regions against each other, and against speech, blinks and turns, on which it was trained:
    /// there is no vote, and only what hides the face or moves its picture speaks against it.
    pub is_weighed: bool,
}

/// Confidence from a multiple of the threshold: 0.5 at the threshold, 0.8 at twice the threshold; 0 where it is not finite (a face that never
/// moved has no noise to compare with).
pub fn score_of(ratio: f32) -> f32 {
    let squared = ratio * ratio;
    if squared.is_finite() { squared / (1.0 + squared) } else { 0.0 }
}

/// How far the region went that went farthest, in ICD units.
pub fn farthest_icd(motion_icd: &[[f32; 2]; REGION_COUNT]) -> f32 {
    motion_icd.iter().fold(0.0, |farthest: f32, [x, y]| farthest.max(x.hypot(*y)))
}

/// Finds brief movements in the region signals, causally: what it says at `now` rests on frames up to `now`.
pub trait Detector: Send {
    /// Takes one frame; new and changed proposals are appended to `proposals`.
    fn push(&mut self, input: &SpotInput, observability: &Observability, proposals: &mut Vec<Proposal>);

    /// Smallest movement of each region that it would find now, in ICD units, infinite where none; `None` for a detector that cannot say.
    fn smallest_icd(&self) -> Option<[f32; REGION_COUNT]> {
        None
    }

    /// Forgets everything: another face, a long gap.
    fn reset(&mut self);
}
