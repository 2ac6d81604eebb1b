//! Why a camera does not work: as a backend says it, and as the user is told.

use super::request::CameraRequest;
use crate::capture::source::CaptureError;

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

impl CameraFault {
    /// From a Linux error number (errno-base.h) and the text that came with it.
    pub(super) fn of_linux(code: Option<i32>, text: &str) -> Self {
        match code {
            Some(16) => Self::Busy,
            Some(1 | 13) => Self::PermissionDenied,
            Some(2) => Self::NotFound("its device file is gone".to_owned()),
            Some(5 | 6 | 19) => Self::Gone(text.to_owned()),
            _ => Self::Failed(text.to_owned()),
        }
    }
}

/// The fault of a driver library that crashed.
pub(super) fn broken_driver(device: &str) -> CaptureError {
    CaptureError::CameraFailed {
        device: device.to_owned(),
        why: "its driver library crashed; unplug the camera, plug it in again and restart".to_owned(),
    }
}

impl CaptureError {
    /// A fault of a camera, with the next step.
    pub(super) fn from_fault(device: &str, request: &CameraRequest, fault: CameraFault) -> Self {
        let device = device.to_owned();
        match fault {
            CameraFault::NotFound(there) => Self::NoCamera { asked: device, there },
            CameraFault::Busy => Self::CameraBusy { device },
            CameraFault::PermissionDenied => Self::CameraPermission { device },
            CameraFault::NoSuchFormat(has) => Self::CameraFormat { device, asked: request.to_string(), has },
            CameraFault::Gone(why) | CameraFault::Failed(why) => {
                let why = format!("{why}; unplug it, plug it in again, and see `onset devices`");
                Self::CameraFailed { device, why }
            }
        }
    }
}
