//! Cameras on Linux: V4L2 itself, and nokhwa for a driver that our own path cannot run.
//!
//! nokhwa hides what we need of V4L2: rates that are no whole number (a device set to 30000/1001 cannot even be opened),
//! the layout GREY, sequence numbers, and the driver's own clock; and its reads have no time limit.
//!
//! | | here | through nokhwa |
//! |---|---|---|
//! | capture time | the driver's monotonic clock | the same, by way of the wall clock |
//! | skipped frames | by the driver's sequence numbers | not seen |
//! | rates | fractions, as the driver says them | whole numbers |
//! | a stalled camera | noticed by the reader | blocks the reader's thread |

mod controls;
mod modes;
mod node;
mod stream;

use std::sync::Arc;

use v4l::Device;

use self::modes::Mode;
use self::node::{Node, guarded};
use self::stream::V4lStream;
use super::backend::{CameraBackend, OpenedCamera};
use super::devices::CameraDevice;
use super::fault::CameraFault;
use super::format::{no_such_format, rank_formats};
use super::native::Native;
use super::request::{CameraControls, CameraRequest, DeviceChoice};

/// Formats tried, best first, when a camera refuses one that it announced.
const MAX_TRIES: usize = 4;

/// Cameras of this machine.
pub(super) struct Linux {
    /// Tried when V4L2 fails for a reason that another program, the user or the cable has no part in.
    fall_back: Arc<dyn CameraBackend>,
}

impl Default for Linux {
    fn default() -> Self {
        Self { fall_back: Arc::new(Native) }
    }
}

impl CameraBackend for Linux {
    fn open(&self, request: &CameraRequest) -> Result<OpenedCamera, CameraFault> {
        let nodes = node::all();
        let mut fault = None;
        for node in node::choose(&nodes, &request.device) {
            match guarded(|| open_node(node, request)) {
                Ok(Some(opened)) => return Ok(opened),
                // It is no camera: a webcam's file for metadata, an output.
                Ok(None) => {}
                // Of "any camera", one that works is wanted; the first one's trouble is told when none does.
                Err(found) => fault = fault.or(Some((node, found))),
            }
        }
        match fault {
            Some((node, CameraFault::Failed(why))) => self.open_otherwise(node, request, why),
            Some((_, fault)) => Err(fault),
            None => Err(CameraFault::NotFound(node::listed(&nodes))),
        }
    }
}

impl Linux {
    /// Opens a camera through nokhwa; `why` V4L2 did not serve is a warning, or the error when nokhwa fails too.
    fn open_otherwise(
        &self,
        node: &Node,
        request: &CameraRequest,
        why: String,
    ) -> Result<OpenedCamera, CameraFault> {
        let device = DeviceChoice::Index(node.index);
        let plain = CameraRequest { device, controls: CameraControls::default(), ..request.clone() };
        let Ok(mut opened) = guarded(|| self.fall_back.open(&plain)) else {
            return Err(CameraFault::Failed(why));
        };
        opened.warnings.push(format!(
            "{}: opened through nokhwa, which sees no skipped frames ({why}){}",
            opened.name,
            if request.controls == plain.controls { "" } else { "; its controls were left alone" },
        ));
        Ok(opened)
    }
}

/// The cameras with what they can do.
pub(super) fn list() -> Vec<CameraDevice> {
    node::all().iter().filter_map(list_one).collect()
}

/// `None` for a device file that is no camera.
fn list_one(node: &Node) -> Option<CameraDevice> {
    let asked = guarded(|| {
        let Some(device) = node.open()? else { return Ok(None) };
        let formats: Vec<_> =
            modes::of(&device, &CameraRequest::default())?.iter().map(|m| m.format).collect();
        Ok(Some((device, formats)))
    });
    let (formats, controls, fault) = match asked {
        Ok(None) => return None,
        Ok(Some((_, formats))) if formats.is_empty() => return None,
        Ok(Some((device, formats))) => (formats, controls::list(&device), None),
        Err(fault) => (Vec::new(), Vec::new(), Some(fault)),
    };
    Some(CameraDevice { index: node.index, name: node.name.clone(), formats, controls, fault })
}

/// `None` for a device file that is no camera.
fn open_node(node: &Node, request: &CameraRequest) -> Result<Option<OpenedCamera>, CameraFault> {
    let Some(device) = node.open()? else { return Ok(None) };
    let modes = modes::of(&device, request)?;
    let formats: Vec<_> = modes.iter().map(|mode| mode.format).collect();
    let name = &node.name;
    let mut warnings = Vec::new();
    let mut fault = None;
    for format in rank_formats(&formats, request).into_iter().take(MAX_TRIES) {
        let Some(mode) = modes.iter().find(|mode| mode.format == format) else { continue };
        match start(&device, mode, request, name, &mut warnings) {
            Ok((format, stream)) => {
                let stream = Box::new(stream);
                return Ok(Some(OpenedCamera { name: name.clone(), format, warnings, stream }));
            }
            Err(found @ (CameraFault::Busy | CameraFault::Gone(_))) => return Err(found),
            Err(found) => {
                warnings.push(format!("{name}: refused {format} ({found}); the next best is used"));
                fault = Some(found);
            }
        }
    }
    Err(fault.unwrap_or_else(|| no_such_format(&formats)))
}

/// Sets a mode and starts the camera in it; the format with the rate that it really runs at.
fn start(
    device: &Device,
    mode: &Mode,
    request: &CameraRequest,
    name: &str,
    warnings: &mut Vec<String>,
) -> Result<(super::CameraFormat, V4lStream), CameraFault> {
    let (format, layout) = modes::set(device, mode)?;
    let differs = |fps: f64| (format.fps - fps).abs() > 0.5;
    if request.fps.is_some_and(differs) {
        return Err(CameraFault::Failed(format!("it runs at {:.2} fps then", format.fps)));
    }
    if differs(mode.format.fps) {
        warnings.push(format!("{name}: asked for {}, it runs at {:.2} fps", mode.format, format.fps));
    }
    controls::set(device, &request.controls, name, warnings);
    Ok((format, V4lStream::start(device, layout)?))
}

#[cfg(test)]
mod tests {
    use super::super::backend::{CameraStream, FrameNote};
    use super::super::{Adjust, CameraFormat, CameraPixels};
    use super::*;

    struct Other(Option<CameraFault>);

    struct Nothing;

    impl CameraStream for Nothing {
        fn read(&mut self, _: &mut Vec<u8>) -> Result<Option<FrameNote>, CameraFault> {
            Ok(None)
        }
    }

    impl CameraBackend for Other {
        fn open(&self, request: &CameraRequest) -> Result<OpenedCamera, CameraFault> {
            assert_eq!(
                (&request.device, request.controls),
                (&DeviceChoice::Index(3), CameraControls::default())
            );
            let format = CameraFormat { width: 4, height: 2, fps: 30.0, pixels: CameraPixels::Gray };
            match &self.0 {
                Some(fault) => Err(fault.clone()),
                None => Ok(OpenedCamera {
                    name: "Odd".into(),
                    format,
                    warnings: vec![],
                    stream: Box::new(Nothing),
                }),
            }
        }
    }

    fn otherwise(fault: Option<CameraFault>) -> Result<Vec<String>, CameraFault> {
        let linux = Linux { fall_back: Arc::new(Other(fault)) };
        let controls = CameraControls { exposure: Some(Adjust::Auto), ..Default::default() };
        let request =
            CameraRequest { device: DeviceChoice::Name("Odd".into()), controls, ..Default::default() };
        let node = Node { index: 3, name: "Odd".into() };
        linux.open_otherwise(&node, &request, "no buffers".into()).map(|opened| opened.warnings)
    }

    #[test]
    fn what_v4l2_cannot_run_is_opened_through_nokhwa_and_says_so() {
        let warnings = otherwise(None).unwrap();
        assert!(warnings[0].contains("nokhwa") && warnings[0].contains("no buffers"), "{warnings:?}");
        assert!(warnings[0].contains("controls were left alone"), "{warnings:?}");
        // When both fail, our own words are told.
        assert_eq!(otherwise(Some(CameraFault::Busy)), Err(CameraFault::Failed("no buffers".into())));
    }

    #[test]
    fn without_such_a_device_file_there_is_no_camera() {
        let request = CameraRequest { device: DeviceChoice::Index(63_999), ..Default::default() };
        assert!(matches!(Linux::default().open(&request), Err(CameraFault::NotFound(_))));
    }
}
