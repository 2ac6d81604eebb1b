//! The seam between the camera source and what talks to a camera: V4L2 or nokhwa in the program, a fake in the tests.

use super::fault::CameraFault;
use super::format::CameraFormat;
use super::request::CameraRequest;
use crate::capture::session_clock::DriverStamp;

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

/// What a camera says of one frame, beside its bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrameNote {
    /// When the driver had it, where the driver says so.
    pub stamp: Option<DriverStamp>,
    /// The driver's count of frames, where it counts: a jump means that it lost some. It may wrap and start anew.
    pub sequence: Option<u32>,
    /// The driver or the bus says that the picture is broken.
    pub is_broken: bool,
}

/// A running camera.
pub trait CameraStream {
    /// Waits for the next frame and copies its bytes into `data`, rows tightly packed.
    ///
    /// `None` when no frame came within a fraction of a second: so the caller can stop. A backend whose library has no
    /// time limit waits for ever instead.
    ///
    /// # Errors
    /// [`CameraFault`]; the stream is dropped after it.
    fn read(&mut self, data: &mut Vec<u8>) -> Result<Option<FrameNote>, CameraFault>;
}
