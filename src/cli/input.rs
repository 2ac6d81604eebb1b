//! Which source to open, from the command line: shared by `live` and whatever else takes one input.

use std::path::PathBuf;

use anyhow::Result;

use super::UsageError;
use super::identity::IdentityArgs;
use crate::analysis::{open_path, positive_from};
use crate::capture::camera::{Adjust, CameraControls, DeviceChoice};
use crate::capture::{
    CameraRequest, CaptureError, SessionClock, Source, SourceSpec, SyntheticParams, open_source,
};
use crate::types::PixelFormat;

/// Which source, and how.
#[derive(Debug, clap::Args)]
pub(super) struct InputArgs {
    /// Play this video, image, image folder or session as if live; `synthetic` is the built-in demo.
    #[arg(long, value_name = "FILE|FOLDER", conflicts_with_all = ["camera", "demo"])]
    input: Option<PathBuf>,
    /// Camera by number or by part of its name (see `onset devices`).
    #[arg(long, value_name = "N|NAME", conflicts_with = "demo")]
    camera: Option<DeviceChoice>,
    /// The built-in demo: an animated public-domain portrait.
    #[arg(long)]
    demo: bool,
    /// Width of the camera or demo picture, in pixels.
    #[arg(long, value_name = "PX", value_parser = clap::value_parser!(u32).range(16..=16384))]
    width: Option<u32>,
    /// Height of the camera or demo picture, in pixels.
    #[arg(long, value_name = "PX", value_parser = clap::value_parser!(u32).range(16..=16384))]
    height: Option<u32>,
    /// Frames a second: of the camera or the demo, or of an image folder.
    #[arg(long, value_name = "N", value_parser = positive_from)]
    fps: Option<f64>,
    /// Raw format of the camera: yuyv, nv12, mjpeg, gray.
    #[arg(long, value_name = "FORMAT", value_parser = pixel_format)]
    pixel_format: Option<PixelFormat>,
    /// Exposure time of the camera, in the driver's unit (V4L2: 100 us), or `auto`.
    #[arg(long, value_name = "N|auto", value_parser = adjust)]
    exposure: Option<Adjust>,
    /// Gain of the camera, in the driver's units.
    #[arg(long, value_name = "N")]
    gain: Option<i64>,
    /// White balance of the camera, in kelvin, or `auto`.
    #[arg(long, value_name = "KELVIN|auto", value_parser = adjust)]
    white_balance: Option<Adjust>,
    /// Power-line frequency, against flicker: 50, 60, or 0 for none.
    #[arg(long, value_name = "HZ", value_parser = power_line)]
    power_line: Option<u32>,
    #[command(flatten)]
    identity: IdentityArgs,
}

/// An opened source.
pub(super) struct Opened {
    /// The source.
    pub(super) source: Box<dyn Source>,
    /// True when it is the demo, asked for or not.
    pub(super) is_demo: bool,
    /// Why it is the demo although nobody asked for it.
    pub(super) note: Option<String>,
}

impl InputArgs {
    /// Opens what was asked for; the demo where no camera was asked for and none is there.
    pub(super) fn open(&self, clock: SessionClock) -> Result<Opened> {
        let is_demo = self.demo || self.is_synthetic();
        if let Some(path) = self.input.as_ref().filter(|_| !is_demo) {
            let source = open_path(path, self.fps, self.identity.paths(), clock)?;
            return Ok(Opened { source, is_demo: false, note: None });
        }
        if is_demo {
            return Ok(Opened { source: self.open_demo(clock)?, is_demo: true, note: None });
        }
        match open_source(&SourceSpec::Camera(self.camera_request()), clock) {
            Ok(source) => Ok(Opened { source, is_demo: false, note: None }),
            Err(error @ CaptureError::NoCamera { .. }) if self.camera.is_none() => {
                let note = format!("{error}. Playing the built-in demo instead");
                Ok(Opened { source: self.open_demo(clock)?, is_demo: true, note: Some(note) })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// `--input synthetic`, unless there is a file of that name.
    fn is_synthetic(&self) -> bool {
        self.input.as_ref().is_some_and(|path| path.as_os_str() == "synthetic" && !path.exists())
    }

    fn open_demo(&self, clock: SessionClock) -> Result<Box<dyn Source>> {
        let standard = SyntheticParams::default();
        let params = SyntheticParams {
            width: self.width.unwrap_or(standard.width),
            height: self.height.unwrap_or(standard.height),
            fps: self.fps.unwrap_or(standard.fps),
            format: match self.pixel_format {
                None => standard.format,
                Some(format @ (PixelFormat::Gray8 | PixelFormat::Yuyv | PixelFormat::Rgb8)) => format,
                Some(_) => {
                    return Err(
                        UsageError("--pixel-format: the demo makes yuyv, gray or rgb only".into()).into()
                    );
                }
            },
            ..standard
        };
        Ok(open_source(&SourceSpec::Synthetic(params), clock)?)
    }

    fn camera_request(&self) -> CameraRequest {
        CameraRequest {
            device: self.camera.clone().unwrap_or_default(),
            width: self.width,
            height: self.height,
            fps: self.fps,
            pixel_format: self.pixel_format,
            controls: CameraControls {
                exposure: self.exposure,
                gain: self.gain,
                white_balance: self.white_balance,
                power_line_hz: self.power_line,
            },
            ..CameraRequest::default()
        }
    }
}

/// A camera control: a number, or `auto`.
fn adjust(text: &str) -> Result<Adjust, String> {
    match text {
        "auto" => Ok(Adjust::Auto),
        _ => text.parse().map(Adjust::Fixed).map_err(|_| format!("{text} is neither a number nor `auto`")),
    }
}

/// A power-line frequency that cameras know.
fn power_line(text: &str) -> Result<u32, String> {
    match text {
        "0" | "none" => Ok(0),
        "50" => Ok(50),
        "60" => Ok(60),
        _ => Err(format!("{text} is not a power-line frequency: use 50, 60 or 0")),
    }
}

/// A size such as 1280x720.
pub(super) fn size(text: &str) -> Result<(usize, usize), String> {
    let parsed = text.split_once('x').and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
    match parsed {
        Some((w, h)) if (320..=7680).contains(&w) && (240..=4320).contains(&h) => Ok((w, h)),
        _ => Err(format!("{text} is not a size from 320x240 to 7680x4320, such as 1280x720")),
    }
}

fn pixel_format(text: &str) -> Result<PixelFormat, String> {
    match text.to_ascii_lowercase().as_str() {
        "yuyv" | "yuy2" => Ok(PixelFormat::Yuyv),
        "nv12" => Ok(PixelFormat::Nv12),
        "mjpeg" | "mjpg" => Ok(PixelFormat::Mjpeg),
        "gray" | "grey" | "gray8" => Ok(PixelFormat::Gray8),
        "rgb" | "rgb8" => Ok(PixelFormat::Rgb8),
        _ => Err(format!("{text} is not a pixel format: use yuyv, nv12, mjpeg, gray or rgb")),
    }
}
