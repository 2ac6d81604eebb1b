//! From a picture to measured faces: detect, follow, 478 landmarks, blendshapes, head pose, quality, aligned crop.
//!
//! [`FaceEngine::measure`] is called on the frames that the landmark cadence picks. It follows each face from its
//! previous landmarks and runs the detector only when a face is missing. [`align_into`] makes the crop in which motion is
//! measured, on every frame.

mod align;
mod blendshapes;
mod change;
mod detector;
mod engine;
mod mesh;
mod params;
mod pose;
mod quality;
mod roi;
mod smooth;
mod tracks;

pub use align::{EYES_AT_PX, align_into, crop_from_image, icd_px};
pub use change::ChangeMonitor;
pub use engine::FaceEngine;
pub use params::{FaceParams, QualityParams};
pub use pose::head_pose;

/// Why faces cannot be measured.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FaceError {
    /// A network failed.
    #[error(transparent)]
    Infer(#[from] crate::infer::InferError),
    /// The colour and the gray picture are not the same.
    #[error(
        "frame {seq}: the colour picture is {rgb:?} and the gray one {luma:?}; give both of the same frame"
    )]
    SizesDiffer {
        /// The frame's number.
        seq: u64,
        /// Width and height of the colour picture.
        rgb: (u32, u32),
        /// Width and height of the gray picture.
        luma: (u32, u32),
    },
}
