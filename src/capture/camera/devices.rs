//! What cameras there are and what they can do, for `onset devices`.

use super::fault::CameraFault;
use super::format::CameraFormat;
use crate::capture::source::CaptureError;

/// One camera of this machine.
#[derive(Clone, Debug, PartialEq)]
pub struct CameraDevice {
    /// Number to choose it by; on Linux the N of /dev/videoN.
    pub index: u32,
    /// Name, as the driver gives it.
    pub name: String,
    /// Modes, by layout, size and rate; empty where it could not be asked.
    pub formats: Vec<CameraFormat>,
    /// Picture controls.
    pub controls: Vec<CameraControl>,
    /// Why it could not be asked: used by another program, no permission.
    pub fault: Option<CameraFault>,
}

impl CameraDevice {
    /// The highest frame rate in any mode; `None` without modes.
    pub fn max_fps(&self) -> Option<f64> {
        self.formats.iter().map(|f| f.fps).max_by(f64::total_cmp)
    }
}

/// One picture control with its range, in the driver's unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CameraControl {
    /// Name, as the driver gives it.
    pub name: String,
    /// Current value.
    pub value: String,
    /// Lowest and highest value, where it has them.
    pub range: Option<(i64, i64)>,
}

/// Lists the cameras, in order of their numbers. Each is opened for a moment, but not started.
///
/// On Linux a webcam often has a second device file for metadata: files that give no pictures are left out.
///
/// # Errors
/// [`CaptureError::CameraPermission`] where the system refuses all cameras, [`CaptureError::CameraFailed`] where it
/// cannot list them. A camera that cannot be asked is no error: see [`CameraDevice::fault`].
pub fn list_cameras() -> Result<Vec<CameraDevice>, CaptureError> {
    let refused = |fault| match fault {
        CameraFault::PermissionDenied => CaptureError::CameraPermission { device: "the cameras".to_owned() },
        fault => {
            CaptureError::CameraFailed { device: "the list of cameras".to_owned(), why: fault.to_string() }
        }
    };
    #[cfg(target_os = "linux")]
    let listed = Ok(super::linux::list());
    #[cfg(not(target_os = "linux"))]
    let listed = super::native::list::list();
    listed.map_err(refused)
}
