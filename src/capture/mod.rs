//! Where frames come from: camera, video file, image folder, synthetic face. All behind [`Source`].

mod clock;
mod images;
mod source;
mod synthetic;
mod video;

pub use images::{IMAGE_EXTENSIONS, ImageSource};
pub use source::{CaptureError, Captured, Source, SourceInfo};
pub use synthetic::{FaceState, SyntheticEvent, SyntheticParams, SyntheticScript, SyntheticSource};
pub use video::{FfmpegPrograms, VideoSource};
