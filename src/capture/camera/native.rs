//! Cameras through nokhwa 0.10: AVFoundation on macOS, Media Foundation on Windows; on Linux only as a fall-back.
//!
//! | | macOS | Windows | Linux (see `linux`) |
//! |---|---|---|---|
//! | capture time from the driver | where the backend gives it, else arrival | where given, else arrival | yes |
//! | skipped frames | not seen: nokhwa passes no sequence numbers | same | same |
//! | rates such as 29.97 (30000/1001) | rounded | may read 1 (nokhwa issue 144) | hidden |
//! | exposure, gain, white balance | some cameras | some cameras | left alone |
//! | power-line filter | no | no | left alone |

#[cfg_attr(
    target_os = "linux",
    expect(dead_code, reason = "there V4L2 is asked; compiled all the same, to stay whole")
)]
pub(super) mod list;

use std::time::Duration;

use nokhwa::utils::{
    ApiBackend, CameraFormat as NokhwaFormat, CameraInfo, ControlValueSetter, FrameFormat,
    KnownCameraControl, RequestedFormat, RequestedFormatType, Resolution,
};
use nokhwa::{Camera, NokhwaError};

use super::backend::{CameraBackend, CameraStream, FrameNote, OpenedCamera};
use super::fault::CameraFault;
use super::format::{CameraFormat, CameraPixels, no_such_format, rank_formats, sort_formats_by};
use super::request::{Adjust, CameraControls, CameraRequest, DeviceChoice};
use crate::capture::session_clock::DriverStamp;

/// Layouts that we read.
const LAYOUTS: [FrameFormat; 6] = [
    FrameFormat::GRAY,
    FrameFormat::NV12,
    FrameFormat::YUYV,
    FrameFormat::MJPEG,
    FrameFormat::RAWRGB,
    FrameFormat::RAWBGR,
];
/// Formats tried, best first, when a camera refuses one that it announced.
const MAX_TRIES: usize = 4;

/// Cameras of this machine.
pub(super) struct Native;

impl CameraBackend for Native {
    fn open(&self, request: &CameraRequest) -> Result<OpenedCamera, CameraFault> {
        allow_cameras()?;
        let infos = query()?;
        let mut fault = None;
        for info in choose(&infos, &request.device)? {
            match open_one(info, request) {
                Ok(opened) => return Ok(opened),
                // Of "any camera", one that works is wanted; the first one's trouble is told when none does.
                Err(found) => fault = fault.or(Some(found)),
            }
        }
        Err(fault.unwrap_or_else(|| CameraFault::NotFound(listed(&infos))))
    }
}

/// Cameras that the system announces, in the order of their numbers.
fn query() -> Result<Vec<CameraInfo>, CameraFault> {
    let mut infos = nokhwa::query(ApiBackend::Auto).map_err(|e| CameraFault::Failed(e.to_string()))?;
    infos.sort_by_key(|info| info.index().as_index().unwrap_or(u32::MAX));
    Ok(infos)
}

/// macOS asks the user; elsewhere nothing happens.
fn allow_cameras() -> Result<(), CameraFault> {
    if cfg!(target_os = "macos") && !nokhwa::nokhwa_check() {
        let (sender, answer) = crossbeam_channel::bounded(1);
        nokhwa::nokhwa_initialize(move |is_allowed| {
            // Only the first answer counts.
            let _ = sender.try_send(is_allowed);
        });
        if answer.recv_timeout(Duration::from_secs(60)) != Ok(true) {
            return Err(CameraFault::PermissionDenied);
        }
    }
    Ok(())
}

/// The cameras that a choice can mean, best first.
fn choose<'a>(infos: &'a [CameraInfo], choice: &DeviceChoice) -> Result<Vec<&'a CameraInfo>, CameraFault> {
    let wanted = |info: &&CameraInfo| match choice {
        DeviceChoice::Any => true,
        DeviceChoice::Index(index) => info.index().as_index().is_ok_and(|i| i == *index),
        DeviceChoice::Name(name) => info.human_name().to_lowercase().contains(&name.to_lowercase()),
    };
    let chosen: Vec<_> = infos.iter().filter(wanted).collect();
    if chosen.is_empty() { Err(CameraFault::NotFound(listed(infos))) } else { Ok(chosen) }
}

fn listed(infos: &[CameraInfo]) -> String {
    if infos.is_empty() {
        return "the system has no camera".to_owned();
    }
    let names: Vec<String> = infos.iter().map(|i| format!("{} \"{}\"", i.index(), i.human_name())).collect();
    format!("there are: {}", names.join(", "))
}

/// Opens a camera without starting it, in whatever format it likes.
fn open_idle(info: &CameraInfo) -> Result<Camera, CameraFault> {
    let any = RequestedFormat::with_formats(RequestedFormatType::None, &LAYOUTS);
    Camera::new(info.index().clone(), any).map_err(|e| fault_of(&e))
}

/// The formats of an opened camera that we can read.
fn formats_of(camera: &mut Camera) -> Result<Vec<CameraFormat>, CameraFault> {
    let mut formats: Vec<CameraFormat> =
        camera.compatible_camera_formats().map_err(|e| fault_of(&e))?.into_iter().map(from_nokhwa).collect();
    sort_formats_by(&mut formats, |format| format);
    Ok(formats)
}

fn open_one(info: &CameraInfo, request: &CameraRequest) -> Result<OpenedCamera, CameraFault> {
    let mut camera = open_idle(info)?;
    let formats = formats_of(&mut camera)?;
    let ranked = rank_formats(&formats, request);
    let mut warnings = Vec::new();
    let mut fault = None;
    for format in ranked.iter().take(MAX_TRIES) {
        let exact = RequestedFormatType::Exact(to_nokhwa(format));
        match camera.set_camera_requset(RequestedFormat::with_formats(exact, &LAYOUTS)) {
            Ok(_) => {
                let name = info.human_name();
                set_controls(&mut camera, &request.controls, &name, &mut warnings);
                camera.open_stream().map_err(|e| fault_of(&e))?;
                let stream = Box::new(NativeStream { camera });
                return Ok(OpenedCamera { name, format: *format, warnings, stream });
            }
            Err(error) => {
                let found = fault_of(&error);
                if found == CameraFault::Busy {
                    return Err(found);
                }
                warnings.push(format!(
                    "{}: refused {format} ({found}); the next best is used",
                    info.human_name()
                ));
                fault = Some(found);
            }
        }
    }
    Err(fault.unwrap_or_else(|| no_such_format(&formats)))
}

struct NativeStream {
    camera: Camera,
}

impl CameraStream for NativeStream {
    fn read(&mut self, data: &mut Vec<u8>) -> Result<Option<FrameNote>, CameraFault> {
        let buffer = self.camera.frame().map_err(|e| fault_of(&e))?;
        data.clear();
        data.extend_from_slice(buffer.buffer());
        let stamp = buffer.capture_timestamp().map(DriverStamp::Wall);
        Ok(Some(FrameNote { stamp, ..FrameNote::default() }))
    }
}

fn from_nokhwa(format: NokhwaFormat) -> CameraFormat {
    let pixels = match format.format() {
        FrameFormat::GRAY => CameraPixels::Gray,
        FrameFormat::NV12 => CameraPixels::Nv12,
        FrameFormat::YUYV => CameraPixels::Yuyv,
        FrameFormat::MJPEG => CameraPixels::Mjpeg,
        FrameFormat::RAWRGB => CameraPixels::Rgb,
        FrameFormat::RAWBGR => CameraPixels::Bgr,
    };
    CameraFormat {
        width: format.width(),
        height: format.height(),
        fps: f64::from(format.frame_rate()),
        pixels,
    }
}

fn to_nokhwa(format: &CameraFormat) -> NokhwaFormat {
    let layout = match format.pixels {
        CameraPixels::Gray => FrameFormat::GRAY,
        CameraPixels::Nv12 => FrameFormat::NV12,
        CameraPixels::Yuyv => FrameFormat::YUYV,
        CameraPixels::Mjpeg => FrameFormat::MJPEG,
        CameraPixels::Rgb => FrameFormat::RAWRGB,
        CameraPixels::Bgr => FrameFormat::RAWBGR,
    };
    // Rates come from nokhwa as whole numbers, so nothing is lost.
    NokhwaFormat::new(Resolution::new(format.width, format.height), layout, format.fps.round() as u32)
}

/// Sets what was asked; what the camera would not take becomes a warning.
fn set_controls(camera: &mut Camera, controls: &CameraControls, name: &str, warnings: &mut Vec<String>) {
    use KnownCameraControl::{Exposure, Gain, WhiteBalance};
    let mut set = |what: &str, control: KnownCameraControl, value: i64| {
        if let Err(error) = camera.set_camera_control(control, ControlValueSetter::Integer(value)) {
            warnings
                .push(format!("{name}: {what} was not set ({error}); see `onset devices` for its controls"));
        }
    };
    if let Some(Adjust::Fixed(value)) = controls.exposure {
        set("exposure", Exposure, value);
    }
    if let Some(gain) = controls.gain {
        set("gain", Gain, gain);
    }
    if let Some(Adjust::Fixed(kelvin)) = controls.white_balance {
        set("white balance", WhiteBalance, kelvin);
    }
    if controls.power_line_hz.is_some() {
        warnings.push(format!("{name}: the power-line filter cannot be set on this system"));
    }
}

/// Backends wrap the system's error into text; its number is still in it.
fn fault_of(error: &NokhwaError) -> CameraFault {
    let text = error.to_string();
    let code = text.split_once("os error ").and_then(|(_, rest)| {
        rest.split(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok())
    });
    // Other systems' numbers mean other things.
    CameraFault::of_linux(code.filter(|_| cfg!(target_os = "linux")), &text)
}

#[cfg(test)]
mod tests {
    use nokhwa::utils::CameraIndex;

    use super::*;

    fn infos() -> Vec<CameraInfo> {
        [(0, "Integrated Camera"), (2, "Logitech C920"), (4, "Logitech BRIO")]
            .map(|(index, name)| CameraInfo::new(name, "", "", CameraIndex::Index(index)))
            .to_vec()
    }

    fn chosen(choice: DeviceChoice) -> Result<Vec<String>, CameraFault> {
        choose(&infos(), &choice).map(|found| found.iter().map(|i| i.human_name()).collect())
    }

    #[test]
    fn a_camera_is_chosen_by_number_or_by_part_of_its_name() {
        assert_eq!(chosen(DeviceChoice::Index(2)).unwrap(), ["Logitech C920"]);
        assert_eq!(chosen(DeviceChoice::Name("brio".to_owned())).unwrap(), ["Logitech BRIO"]);
        assert_eq!(chosen(DeviceChoice::Name("LOGI".to_owned())).unwrap().len(), 2);
        assert_eq!(chosen(DeviceChoice::Any).unwrap().len(), 3);
        let text = chosen(DeviceChoice::Index(1)).unwrap_err().to_string();
        assert!(text.contains("2 \"Logitech C920\""), "{text}");
        assert!(choose(&[], &DeviceChoice::Any).unwrap_err().to_string().contains("no camera"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn system_errors_are_told_apart_even_inside_text() {
        let error = |text: &str| fault_of(&NokhwaError::OpenStreamError(text.to_owned()));
        assert_eq!(error("Device or resource busy (os error 16)"), CameraFault::Busy);
        assert_eq!(error("Permission denied (os error 13)"), CameraFault::PermissionDenied);
        assert!(matches!(error("No such device (os error 19)"), CameraFault::Gone(_)));
        assert!(matches!(error("Not same/Rejected"), CameraFault::Failed(_)));
        assert!(matches!(error("os error "), CameraFault::Failed(_)));
    }

    #[test]
    fn formats_survive_the_way_to_nokhwa_and_back() {
        for layout in LAYOUTS {
            let format = NokhwaFormat::new(Resolution::new(640, 480), layout, 60);
            assert_eq!(to_nokhwa(&from_nokhwa(format)), format);
        }
    }
}
