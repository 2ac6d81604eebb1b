//! Where frames come from: camera, video file, image folder, synthetic face. All behind [`Source`].

mod source;
mod synthetic;

pub use source::{CaptureError, Captured, Source, SourceInfo};
pub use synthetic::{FaceState, SyntheticEvent, SyntheticParams, SyntheticScript, SyntheticSource};
