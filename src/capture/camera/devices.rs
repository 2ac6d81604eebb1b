//! What cameras there are and what they can do, for `onset devices`.

use nokhwa::utils::{CameraControl as NokhwaControl, ControlValueDescription};

use super::format::CameraFormat;
use super::{backend::CameraFault, native};
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
/// On Linux a webcam often has a second device file for metadata: files without a picture format are left out.
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
    native::allow_cameras().map_err(refused)?;
    let mut devices = Vec::new();
    for info in native::query().map_err(refused)? {
        let mut device = CameraDevice {
            index: info.index().as_index().unwrap_or_default(),
            name: info.human_name(),
            formats: Vec::new(),
            controls: Vec::new(),
            fault: None,
        };
        match native::open_idle(&info) {
            Ok(mut camera) => {
                match native::formats_of(&mut camera) {
                    Ok(formats) => device.formats = formats,
                    Err(fault) => device.fault = Some(fault),
                }
                device.controls = camera.camera_controls().unwrap_or_default().iter().map(control).collect();
            }
            // A metadata file has no format that could be fulfilled (nokhwa spells it so).
            Err(CameraFault::Failed(text)) if text.contains("Failed to Fufill") => {}
            Err(fault) => device.fault = Some(fault),
        }
        if !device.formats.is_empty() || device.fault.is_some() {
            devices.push(device);
        }
    }
    Ok(devices)
}

fn control(control: &NokhwaControl) -> CameraControl {
    let (value, range) = match control.description() {
        ControlValueDescription::IntegerRange { min, max, value, .. } => {
            (value.to_string(), Some((*min, *max)))
        }
        ControlValueDescription::Integer { value, .. } => (value.to_string(), None),
        ControlValueDescription::Boolean { value, .. } => (value.to_string(), Some((0, 1))),
        other => (other.to_string(), None),
    };
    CameraControl { name: control.name().to_owned(), value, range }
}
