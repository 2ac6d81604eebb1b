//! What cameras there are, as nokhwa sees them.

use nokhwa::utils::{CameraControl as NokhwaControl, CameraInfo, ControlValueDescription};

use super::{allow_cameras, formats_of, open_idle, query};
use crate::capture::camera::devices::{CameraControl, CameraDevice};
use crate::capture::camera::fault::CameraFault;

/// The cameras with what they can do.
pub(in crate::capture::camera) fn list() -> Result<Vec<CameraDevice>, CameraFault> {
    allow_cameras()?;
    Ok(query()?.iter().map(list_one).filter(|d| !d.formats.is_empty() || d.fault.is_some()).collect())
}

fn list_one(info: &CameraInfo) -> CameraDevice {
    let mut device = CameraDevice {
        index: info.index().as_index().unwrap_or_default(),
        name: info.human_name(),
        formats: Vec::new(),
        controls: Vec::new(),
        fault: None,
    };
    match open_idle(info) {
        Ok(mut camera) => {
            match formats_of(&mut camera) {
                Ok(formats) => device.formats = formats,
                Err(fault) => device.fault = Some(fault),
            }
            device.controls = camera.camera_controls().unwrap_or_default().iter().map(control).collect();
        }
        Err(fault) => device.fault = Some(fault),
    }
    device
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
