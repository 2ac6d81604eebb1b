//! A calibration profile: read, checked, hashed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::expression::RawExpression;
use super::thresholds::impossible;
use super::{CameraFacts, Identity, NeutralExpression, NeutralFace, ProfileError, Thresholds};
use crate::spot::SpotParams;
use crate::types::{BLENDSHAPE_NAMES, REGION_COUNT, RegionId};

/// The profile that the program carries.
const BUILT_IN: &str = include_str!("../../calibration/default.toml");
/// Larger files are no profiles, in bytes: a full one has 12 kB.
const MAX_BYTES: u64 = 1 << 20;
/// Noise above this is no noise, in ICD units.
const MAX_NOISE_ICD: f32 = 0.5;

/// A calibration profile.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// Name and making.
    pub identity: Identity,
    /// The camera that it was made with; `None` where it fits any.
    pub camera: Option<CameraFacts>,
    /// The person's face at rest; `None` where it fits any.
    pub face: Option<NeutralFace>,
    /// What the expression networks say of it; `None` where it was not learned (profiles of versions before that).
    pub expression: Option<NeutralExpression>,
    /// Noise of each region at rest, by [`RegionId::index`], in ICD units: the standard deviation of its change over 200 ms,
    /// from which the spotter's noise model starts. `None` where it was not learned.
    pub noise_icd: [Option<f32>; REGION_COUNT],
    /// The thresholds in force.
    pub thresholds: Thresholds,
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileFile {
    profile: Identity,
    camera: Option<CameraFacts>,
    face: Option<NeutralFace>,
    expression: Option<RawExpression>,
    #[serde(default)]
    noise: BTreeMap<String, f32>,
    #[serde(default)]
    thresholds: Thresholds,
}

impl Profile {
    /// The profile that the program carries: fits every camera and every face.
    ///
    /// # Errors
    /// [`ProfileError::Bad`]: the build is broken (a test reads it).
    pub fn built_in() -> Result<Self, ProfileError> {
        Self::parse(BUILT_IN.as_bytes(), "calibration/default.toml")
    }

    /// SHA-256 of the profile that the program carries, lower-case hex.
    pub fn built_in_sha256() -> String {
        hex_sha256(BUILT_IN.as_bytes())
    }

    /// Reads a profile file; gives its SHA-256 too.
    ///
    /// # Errors
    /// [`ProfileError`], naming the file and the key.
    pub fn load(path: &Path) -> Result<(Self, String), ProfileError> {
        let io = |source| ProfileError::Io { doing: "read", path: path.to_owned(), source };
        let length = fs::metadata(path).map_err(io)?.len();
        let origin = path.display().to_string();
        if length > MAX_BYTES {
            let why = format!("it has {length} bytes, a profile at most {MAX_BYTES}");
            return Err(ProfileError::Bad { origin, why });
        }
        let bytes = fs::read(path).map_err(io)?;
        Ok((Self::parse(&bytes, &origin)?, hex_sha256(&bytes)))
    }

    /// Reads a profile from the bytes of its file. `origin` names it in messages.
    ///
    /// # Errors
    /// [`ProfileError::Bad`], naming the key.
    pub fn parse(bytes: &[u8], origin: &str) -> Result<Self, ProfileError> {
        let bad = |why: String| ProfileError::Bad { origin: origin.to_owned(), why };
        let text = str::from_utf8(bytes).map_err(|error| bad(format!("it is not text ({error})")))?;
        let raw: toml::Value = toml::from_str(text).map_err(|error| bad(in_one_line(&error)))?;
        if let Some(why) = raw.get("thresholds").and_then(|table| impossible(table, "thresholds")) {
            return Err(bad(why));
        }
        let file: ProfileFile = toml::from_str(text).map_err(|error| bad(in_one_line(&error)))?;
        check_name(&file.profile.name).map_err(bad)?;
        file.camera.as_ref().map_or(Ok(()), check_camera).map_err(bad)?;
        file.face.as_ref().map_or(Ok(()), check_face).map_err(bad)?;
        Ok(Self {
            noise_icd: noise_of(&file.noise).map_err(bad)?,
            expression: file.expression.as_ref().map(NeutralExpression::read).transpose().map_err(bad)?,
            identity: file.profile,
            camera: file.camera,
            face: file.face,
            thresholds: file.thresholds,
        })
    }

    /// The thresholds of the spotter, with the noise that it starts from.
    pub fn spot_params(&self) -> SpotParams {
        let mut spot = self.thresholds.spot.clone();
        for (seed, known) in spot.seed_sigma_icd.iter_mut().zip(self.noise_icd) {
            *seed = known.unwrap_or(*seed);
        }
        spot
    }

    /// Whether `name` can name a profile: letters, digits, `-`, `_` and `.`, at most 64 of them, a letter or digit first.
    pub fn is_name(name: &str) -> bool {
        let is_inner = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        name.chars().count() <= 64
            && name.chars().next().is_some_and(char::is_alphanumeric)
            && name.chars().all(is_inner)
    }
}

/// toml's message, which spans lines and points at the place, in one: `line 3: unknown field ...`.
fn in_one_line(error: &toml::de::Error) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn hex_sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn check_name(name: &str) -> Result<(), String> {
    if Profile::is_name(name) {
        return Ok(());
    }
    Err(format!("profile.name = {name:?} must consist of letters, digits, '-', '_' and '.', at most 64"))
}

fn check_camera(camera: &CameraFacts) -> Result<(), String> {
    for (key, value) in [("width_px", camera.width_px), ("height_px", camera.height_px)] {
        if !(1..=65_536).contains(&value) {
            return Err(format!("camera.{key} = {value} must lie within 1 and 65536"));
        }
    }
    let rates = [("measured_fps", Some(camera.measured_fps)), ("nominal_fps", camera.nominal_fps)];
    for (key, value) in rates.into_iter().filter_map(|(key, value)| Some((key, value?))) {
        if !(value.is_finite() && value > 0.0 && value <= 10_000.0) {
            return Err(format!("camera.{key} = {value} must be above 0, at most 10000"));
        }
    }
    Ok(())
}

fn check_face(face: &NeutralFace) -> Result<(), String> {
    if !(face.icd_px.is_finite() && face.icd_px > 0.0) {
        return Err(format!("face.icd_px = {} must be above 0", face.icd_px));
    }
    for (key, value) in
        [("pitch_deg", face.pitch_deg), ("yaw_deg", face.yaw_deg), ("roll_deg", face.roll_deg)]
    {
        if !(-180.0..=180.0).contains(&value) {
            return Err(format!("face.{key} = {value} must lie within -180 and 180"));
        }
    }
    for (name, score) in &face.blendshapes {
        if !BLENDSHAPE_NAMES.contains(&name.as_str()) {
            return Err(format!("face.blendshapes.{name}: there is no such blendshape"));
        }
        if !(0.0..=1.0).contains(score) {
            return Err(format!("face.blendshapes.{name} = {score} must lie within 0 and 1"));
        }
    }
    for (name, point) in &face.regions_icd {
        if !RegionId::all().any(|id| id.name() == *name) {
            return Err(format!("face.regions_icd.{name}: there is no such region"));
        }
        if !point.iter().all(|v| v.is_finite() && v.abs() < 100.0) {
            return Err(format!("face.regions_icd.{name} = {point:?} cannot be a place on a face"));
        }
    }
    Ok(())
}

/// `<region>_<side>_icd` to region indices.
fn noise_of(table: &BTreeMap<String, f32>) -> Result<[Option<f32>; REGION_COUNT], String> {
    let mut noise = [None; REGION_COUNT];
    for (key, value) in table {
        let id = RegionId::all().find(|id| key.strip_suffix("_icd") == Some(id.name().as_str()));
        let Some(id) = id else {
            return Err(format!("noise.{key}: there is no such region; the keys are <region>_<side>_icd"));
        };
        if !(value.is_finite() && *value > 0.0 && *value <= MAX_NOISE_ICD) {
            return Err(format!("noise.{key} = {value} must be above 0, at most {MAX_NOISE_ICD}"));
        }
        noise[id.index()] = Some(*value);
    }
    Ok(noise)
}
