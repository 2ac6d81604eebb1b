//! One way to open any source.

use std::path::PathBuf;

use super::camera::{CameraRequest, CameraSource};
use super::images::{self, ImageSource};
use super::session_clock::SessionClock;
use super::source::{CaptureError, Source};
use super::synthetic::{SyntheticParams, SyntheticSource};
use super::video::VideoSource;

/// Which source.
#[derive(Clone, Debug, PartialEq)]
pub enum SourceSpec {
    /// A camera.
    Camera(CameraRequest),
    /// A video file, a picture, or a folder of pictures.
    Path {
        /// The file or folder.
        path: PathBuf,
        /// Frames a second, for folders without a timestamps file; videos carry their own times and ignore it.
        fps: Option<f64>,
    },
    /// The animated portrait.
    Synthetic(SyntheticParams),
}

/// Opens a source. `clock` is the session's; only a camera, which runs in real time, uses it.
///
/// A folder is read as pictures, a file with a picture's extension as one picture, anything else as a video.
///
/// # Errors
/// [`CaptureError`], as the sources' own constructors say.
pub fn open_source(spec: &SourceSpec, clock: SessionClock) -> Result<Box<dyn Source>, CaptureError> {
    Ok(match spec {
        SourceSpec::Camera(request) => Box::new(CameraSource::open(request, clock)?),
        SourceSpec::Path { path, fps } if path.is_dir() => Box::new(ImageSource::open(path, *fps)?),
        SourceSpec::Path { path, .. } if images::is_picture(path) => Box::new(ImageSource::open(path, None)?),
        SourceSpec::Path { path, .. } => Box::new(VideoSource::open(path)?),
        SourceSpec::Synthetic(params) => Box::new(SyntheticSource::new(params.clone())?),
    })
}
