//! Where frames come from: camera, video file, image folder, synthetic face. All behind [`Source`].
//!
//! Threads: sources are synchronous, with two exceptions, both named. `onset-camera` owns a camera, whose reads may
//! block for ever (see [`camera`]); `onset-ffmpeg` empties the error stream of ffmpeg, which would otherwise stop it.

#[cfg(feature = "audio")]
pub mod audio;
pub mod camera;
mod clock;
mod images;
mod open;
mod session_clock;
mod source;
mod synthetic;
mod video;

pub use camera::{CameraRequest, CameraSource};
pub(crate) use images::natural_order;
pub use images::{IMAGE_EXTENSIONS, ImageSource};
pub use open::{SourceSpec, open_source};
pub use session_clock::{SessionClock, thread_cpu};
pub use source::{CaptureError, Captured, Source, SourceInfo};
pub use synthetic::{FaceState, SyntheticEvent, SyntheticParams, SyntheticScript, SyntheticSource};
pub use video::{FfmpegPrograms, VideoSource};
