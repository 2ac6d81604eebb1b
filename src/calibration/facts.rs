//! What a profile knows of its own making: who, which camera, which face.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Where a profile comes from: table `[profile]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Its name, as in `--profile NAME`.
    pub name: String,
    /// When it was made, RFC 3339 in UTC; empty where that does not matter.
    #[serde(default)]
    pub created: String,
    /// The version of this program that made it; empty likewise.
    #[serde(default)]
    pub onset_version: String,
}

/// What sort of source a profile was made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// A camera: its name must be the same again.
    Camera,
    /// A recording: its name says nothing of the camera.
    File,
    /// The built-in demo.
    Demo,
}

impl SourceKind {
    /// The name in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Camera => "camera",
            Self::File => "file",
            Self::Demo => "demo",
        }
    }
}

/// The camera, or what stood for it: table `[camera]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CameraFacts {
    /// What sort of source.
    pub kind: SourceKind,
    /// The camera's name; the file's for a recording.
    pub source: String,
    /// Width of the frames, in pixels.
    pub width_px: u32,
    /// Height of the frames, in pixels.
    pub height_px: u32,
    /// Frames a second as measured: the inverse of the median time between frames.
    pub measured_fps: f64,
    /// Frames a second that the source claimed, where it claimed any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nominal_fps: Option<f64>,
    /// Layout of the pixels: `yuyv`, `mjpeg`, `rgb` ...
    pub format: String,
}

/// The face at rest: table `[face]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeutralFace {
    /// Inner-canthal distance, in image pixels (median).
    pub icd_px: f32,
    /// Head rotation as in the frames table, in degrees (median).
    pub pitch_deg: f32,
    /// The same.
    pub yaw_deg: f32,
    /// The same.
    pub roll_deg: f32,
    /// Blendshape scores of the neutral expression, `[0, 1]`, by name (medians, so that blinks do not count).
    pub blendshapes: BTreeMap<String, f32>,
    /// Where each region lies, `<region>_<side>`, in ICD units of the upright face: origin midway between the inner eye
    /// corners, x to image right, y down.
    pub regions_icd: BTreeMap<String, [f32; 2]>,
}
