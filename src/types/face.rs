//! A face as the networks measured it, as it is tracked, and as the aligned crop shows it.

use std::sync::Arc;

use super::{Affine, Expression, RectPx, Timestamp};

/// Points of the MediaPipe face mesh with irises.
pub const LANDMARK_COUNT: usize = 478;
/// Blendshape scores of the MediaPipe blendshape network.
pub const BLENDSHAPE_COUNT: usize = 52;
/// Width and height of the aligned crop, in pixels.
pub const CROP_SIZE_PX: usize = 256;
/// Inner-canthal distance inside the aligned crop, in crop pixels.
pub const CROP_ICD_PX: f32 = 64.0;

/// 478 points `[x, y, z]` in image pixels; z has the scale of x, smaller is nearer to the camera.
pub type Landmarks = [[f32; 3]; LANDMARK_COUNT];
/// 52 scores in `[0, 1]`, in the order of [`BLENDSHAPE_NAMES`].
pub type Blendshapes = [f32; BLENDSHAPE_COUNT];

/// The network's own names, in its output order. Index 0 is its neutral score.
pub const BLENDSHAPE_NAMES: [&str; BLENDSHAPE_COUNT] = [
    "_neutral",
    "browDownLeft",
    "browDownRight",
    "browInnerUp",
    "browOuterUpLeft",
    "browOuterUpRight",
    "cheekPuff",
    "cheekSquintLeft",
    "cheekSquintRight",
    "eyeBlinkLeft",
    "eyeBlinkRight",
    "eyeLookDownLeft",
    "eyeLookDownRight",
    "eyeLookInLeft",
    "eyeLookInRight",
    "eyeLookOutLeft",
    "eyeLookOutRight",
    "eyeLookUpLeft",
    "eyeLookUpRight",
    "eyeSquintLeft",
    "eyeSquintRight",
    "eyeWideLeft",
    "eyeWideRight",
    "jawForward",
    "jawLeft",
    "jawOpen",
    "jawRight",
    "mouthClose",
    "mouthDimpleLeft",
    "mouthDimpleRight",
    "mouthFrownLeft",
    "mouthFrownRight",
    "mouthFunnel",
    "mouthLeft",
    "mouthLowerDownLeft",
    "mouthLowerDownRight",
    "mouthPressLeft",
    "mouthPressRight",
    "mouthPucker",
    "mouthRight",
    "mouthRollLower",
    "mouthRollUpper",
    "mouthShrugLower",
    "mouthShrugUpper",
    "mouthSmileLeft",
    "mouthSmileRight",
    "mouthStretchLeft",
    "mouthStretchRight",
    "mouthUpperUpLeft",
    "mouthUpperUpRight",
    "noseSneerLeft",
    "noseSneerRight",
];

/// Head rotation against the camera, in degrees. Zero looks straight into it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HeadPose {
    /// Positive: the chin goes up.
    pub pitch_deg: f32,
    /// Positive: the head turns to the subject's left (image right).
    pub yaw_deg: f32,
    /// Positive: the head tilts to the subject's left shoulder (clockwise in the image).
    pub roll_deg: f32,
}

/// What can be said of how well a face is seen.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quality {
    /// Sharpness of the aligned crop: variance of its Laplacian over its variance; unitless, above 0. Higher is sharper.
    pub sharpness: f32,
    /// Mean luma of the face, `[0, 255]`.
    pub face_luma_mean: f32,
    /// Share of face pixels that are clipped (luma under 4 or over 251), `[0, 1]`.
    pub clipped_share: f32,
    /// Share of the face box inside the image, `[0, 1]`.
    pub visible_share: f32,
    /// Something seems to cover the face (a hand), or it is turned too far to be read.
    pub is_occluded: bool,
    /// Too blurred for motion to be measured.
    pub is_blurred: bool,
}

/// What the networks said of one face in one frame.
#[derive(Clone, Debug)]
pub struct FaceMeasurement {
    /// The track that it belongs to.
    pub id: u32,
    /// The landmark network's presence probability, `[0, 1]`.
    pub confidence: f32,
    /// Bounding box of the landmarks.
    pub box_px: RectPx,
    /// 478 points in image pixels.
    pub landmarks: Box<Landmarks>,
    /// 52 scores; `None` where the network did not run for this face.
    pub blendshapes: Option<Box<Blendshapes>>,
    /// Head rotation.
    pub pose: HeadPose,
    /// Inner-canthal distance, in image pixels.
    pub icd_px: f32,
    /// What the classifiers said, not smoothed; `None` where they did not run.
    pub expression: Option<Expression>,
    /// How well the face is seen.
    pub quality: Quality,
}

#[cfg(test)]
impl FaceMeasurement {
    /// A face of which nothing is known, for tests to fill in.
    pub(crate) fn blank(id: u32) -> Self {
        Self {
            id,
            confidence: 1.0,
            box_px: RectPx::default(),
            landmarks: Box::new([[0.0; 3]; LANDMARK_COUNT]),
            blendshapes: None,
            pose: HeadPose::default(),
            icd_px: 60.0,
            expression: None,
            quality: Quality::default(),
        }
    }
}

/// All faces measured in one frame; the primary face comes first.
#[derive(Clone, Debug)]
pub struct LandmarkUpdate {
    /// The frame that was measured.
    pub seq: u64,
    /// When it was captured.
    pub measured_at: Timestamp,
    /// Until when the primary face had still looked as in the measurement before this one; the time of that one where it changed
    /// at once, and of this one where there is none before it.
    pub unchanged_until: Timestamp,
    /// The faces, primary first; empty where none was found.
    pub faces: Vec<FaceMeasurement>,
}

/// A face as it stands in the current frame: an identity and where the newest landmarks and motion put it.
#[derive(Clone, Debug)]
pub struct FaceTrack {
    /// Stays with the person for as long as the face is followed; never reused in a session.
    pub id: u32,
    /// The newest measurement; its landmarks are those of `measured_at`, not of this frame.
    pub update: Arc<LandmarkUpdate>,
    /// Index of this face in `update.faces`.
    pub index: usize,
    /// Maps image pixels of the measured frame to image pixels of this one (head motion since).
    pub now_from_measured: Affine,
}

impl FaceTrack {
    /// The measurement behind this track.
    pub fn measurement(&self) -> &FaceMeasurement {
        &self.update.faces[self.index]
    }
}

/// The face, turned upright and scaled to an ICD of 64 px, as a 256 x 256 gray picture.
#[derive(Clone, Debug)]
pub struct AlignedFace {
    /// 256 x 256 luma, row by row, full range.
    pub pixels: Vec<u8>,
    /// Similarity from image pixels of this frame to crop pixels.
    pub crop_from_image: Affine,
    /// When the frame was captured.
    pub captured_at: Timestamp,
    /// Inner-canthal distance in image pixels: below 64 the crop is magnified.
    pub icd_px: f32,
}
