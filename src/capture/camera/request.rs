//! What the user asks of a camera.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::types::PixelFormat;

/// Which camera.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DeviceChoice {
    /// The first that can be used.
    #[default]
    Any,
    /// By number, as `onset devices` lists it (on Linux the N of /dev/videoN).
    Index(u32),
    /// By a part of its name, upper or lower case.
    Name(String),
}

impl FromStr for DeviceChoice {
    type Err = Infallible;

    /// A number is an index, anything else a part of a name.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.parse().map_or_else(|_| Self::Name(text.to_owned()), Self::Index))
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => write!(f, "any camera"),
            Self::Index(index) => write!(f, "camera {index}"),
            Self::Name(name) => write!(f, "camera \"{name}\""),
        }
    }
}

/// A control that the camera can also set by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adjust {
    /// By the camera.
    Auto,
    /// Fixed.
    Fixed(i64),
}

/// Picture controls; `None` leaves the camera's setting alone. A control that the camera does not have is a warning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CameraControls {
    /// Exposure time; fixed values in the driver's unit (V4L2: 100 µs).
    pub exposure: Option<Adjust>,
    /// Gain, in the driver's unit.
    pub gain: Option<i64>,
    /// White balance; fixed values in kelvin.
    pub white_balance: Option<Adjust>,
    /// Power-line flicker filter: 50 or 60 Hz, 0 turns it off.
    pub power_line_hz: Option<u32>,
}

/// A camera and how it shall run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CameraRequest {
    /// Which camera.
    pub device: DeviceChoice,
    /// Exact width, in pixels.
    pub width: Option<u32>,
    /// Exact height, in pixels.
    pub height: Option<u32>,
    /// Frames a second, met within 0.5.
    pub fps: Option<f64>,
    /// Layout that the camera shall send.
    pub pixel_format: Option<PixelFormat>,
    /// Exposure, gain, white balance, flicker filter.
    pub controls: CameraControls,
    /// When to call a camera stalled or gone.
    pub timeouts: CameraTimeouts,
}

impl CameraRequest {
    /// The same for opening again the camera that was taken of any: another one would show another person.
    pub(super) fn for_the_same(&self, name: &str) -> Self {
        let device = match &self.device {
            DeviceChoice::Any => DeviceChoice::Name(name.to_owned()),
            named => named.clone(),
        };
        Self { device, ..self.clone() }
    }
}

impl fmt::Display for CameraRequest {
    /// What was asked of the format: `width 640, 30 fps`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            self.width.map(|w| format!("width {w}")),
            self.height.map(|h| format!("height {h}")),
            self.fps.map(|fps| format!("{fps} fps")),
            self.pixel_format.map(|p| format!("{p:?}").to_lowercase()),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        write!(f, "{}", if parts.is_empty() { "any format".to_owned() } else { parts.join(", ") })
    }
}

/// How long to wait for a camera. The defaults suit USB webcams; tests use shorter ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CameraTimeouts {
    /// For opening, and again for the first frame: some cameras take 3 s to wake.
    pub start: Duration,
    /// Without a frame for this long, a stall is reported, and again each time it has passed.
    pub stall: Duration,
    /// A read that blocks for this long is given up, and the camera is opened anew on a new thread.
    pub abandon: Duration,
    /// First pause before the camera is opened again; doubled each time, up to `retry_max`.
    pub retry_first: Duration,
    /// Longest pause before the camera is opened again.
    pub retry_max: Duration,
    /// Without a frame for this long, the camera is gone and the source ends with an error.
    pub gone: Duration,
}

impl Default for CameraTimeouts {
    fn default() -> Self {
        Self {
            start: Duration::from_secs(10),
            stall: Duration::from_secs(2),
            abandon: Duration::from_secs(6),
            retry_first: Duration::from_millis(250),
            retry_max: Duration::from_secs(4),
            gone: Duration::from_secs(30),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_an_index_and_the_rest_a_name() {
        let parse = |text: &str| text.parse::<DeviceChoice>().unwrap();
        assert_eq!(parse("2"), DeviceChoice::Index(2));
        assert_eq!(parse("Logi C920"), DeviceChoice::Name("Logi C920".to_owned()));
        assert_eq!(parse("-1"), DeviceChoice::Name("-1".to_owned()));
    }

    #[test]
    fn any_camera_means_that_one_once_it_is_taken() {
        let request = CameraRequest { width: Some(640), ..Default::default() };
        let again = request.for_the_same("BRIO");
        assert_eq!((again.device.clone(), again.width), (DeviceChoice::Name("BRIO".to_owned()), Some(640)));
        assert_eq!(again.for_the_same("C920"), again);
    }

    #[test]
    fn a_request_says_what_was_asked() {
        assert_eq!(CameraRequest::default().to_string(), "any format");
        let request = CameraRequest {
            width: Some(640),
            fps: Some(60.0),
            pixel_format: Some(PixelFormat::Mjpeg),
            ..Default::default()
        };
        assert_eq!(request.to_string(), "width 640, 60 fps, mjpeg");
    }
}
