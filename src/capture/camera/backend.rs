//! The seam between the camera source and what talks to a camera: nokhwa in the program, a fake in the tests.

use std::time::Duration;

use super::format::CameraFormat;
use super::request::CameraRequest;

/// Why a camera does not work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CameraFault {
    /// There is no such camera. The text lists those that are there.
    #[error("not found ({0})")]
    NotFound(String),
    /// Another program uses it.
    #[error("used by another program")]
    Busy,
    /// The system does not let this user or program use it.
    #[error("permission denied")]
    PermissionDenied,
    /// It was there and is not any more.
    #[error("unplugged or switched off ({0})")]
    Gone(String),
    /// It has no format that meets the request. The text lists what it has.
    #[error("no such format; it has {0}")]
    NoSuchFormat(String),
    /// Anything else, in the backend's words.
    #[error("{0}")]
    Failed(String),
}

/// A camera that was opened and delivers.
pub struct OpenedCamera {
    /// Its name.
    pub name: String,
    /// What it was set to.
    pub format: CameraFormat,
    /// Settings that it would not take.
    pub warnings: Vec<String>,
    /// Reads its frames. Lives on the camera's thread and never leaves it.
    pub stream: Box<dyn CameraStream>,
}

/// Opens a camera; called on the camera's thread, again after each loss.
pub trait CameraBackend: Send + Sync {
    /// Opens the camera of `request`, sets format and controls, and starts it.
    ///
    /// # Errors
    /// [`CameraFault`].
    fn open(&self, request: &CameraRequest) -> Result<OpenedCamera, CameraFault>;
}

/// A running camera.
pub trait CameraStream {
    /// Waits for the next frame (for ever, if the camera stalls) and copies its bytes into `data`.
    ///
    /// Gives the driver's capture time as wall-clock time since 1970, where there is one.
    ///
    /// # Errors
    /// [`CameraFault`]; the stream is dropped after it.
    fn read(&mut self, data: &mut Vec<u8>) -> Result<Option<Duration>, CameraFault>;
}
