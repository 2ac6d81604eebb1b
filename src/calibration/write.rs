//! A profile as the text of its file: every value with its unit, every table with what it is.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::{CameraFacts, NeutralFace, Profile, ProfileError};
use crate::types::{BLENDSHAPE_NAMES, RegionId};

impl Profile {
    /// The text of the profile's file. Thresholds are left out: a learned profile takes them from the default one.
    ///
    /// [`Profile::parse`] reads it back to an equal profile where the thresholds are the default ones.
    pub fn to_toml(&self) -> String {
        let mut text = String::from(
            "# Made by `onset calibrate`: this camera, this face at rest. Use it with `onset live --profile NAME` and\n\
             # `onset analyze --profile NAME`. A table [thresholds.<stage>] may be added; calibration/default.toml names every\n\
             # threshold with its unit and source.\n\n[profile]\n",
        );
        // Writing to a String cannot fail.
        let _ = writeln!(text, "name = {}", quoted(&self.identity.name));
        let _ = writeln!(text, "created = {}", quoted(&self.identity.created));
        let _ = writeln!(text, "onset_version = {}", quoted(&self.identity.onset_version));
        if let Some(camera) = &self.camera {
            push_camera(&mut text, camera);
        }
        if let Some(face) = &self.face {
            push_face(&mut text, face);
        }
        if let Some(expression) = &self.expression {
            expression.push(&mut text);
        }
        if self.noise_icd.iter().any(Option::is_some) {
            text.push_str(
                "\n# How much each region moves by itself while the face rests: standard deviations, in inner-canthal\n\
                 # distances. The spotter's noise model starts from these.\n[noise]\n",
            );
            for id in RegionId::all() {
                if let Some(noise) = self.noise_icd[id.index()] {
                    let _ = writeln!(text, "{}_icd = {}", id.name(), float(noise));
                }
            }
        }
        text
    }

    /// Writes the profile's file, with the folders above it. It appears only when it is complete.
    ///
    /// # Errors
    /// [`ProfileError::Io`], naming the file.
    pub fn save(&self, path: &Path) -> Result<(), ProfileError> {
        let io = |source| ProfileError::Io { doing: "write", path: path.to_owned(), source };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(io)?;
        }
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        fs::write(&partial, self.to_toml()).map_err(io)?;
        fs::rename(&partial, path).map_err(io)
    }
}

fn push_camera(text: &mut String, camera: &CameraFacts) {
    text.push_str("\n# The camera that it holds for. Another one, another size or frame rate (by more than 10 %) is refused.\n");
    let _ = writeln!(text, "[camera]\nkind = {}", quoted(camera.kind.name()));
    let _ = writeln!(text, "source = {}", quoted(&camera.source));
    let _ = writeln!(text, "width_px = {}\nheight_px = {}", camera.width_px, camera.height_px);
    let _ = writeln!(text, "measured_fps = {}", float(camera.measured_fps));
    if let Some(fps) = camera.nominal_fps {
        let _ = writeln!(text, "nominal_fps = {}", float(fps));
    }
    let _ = writeln!(text, "format = {}", quoted(&camera.format));
}

fn push_face(text: &mut String, face: &NeutralFace) {
    text.push_str("\n# The face at rest: medians.\n[face]\n");
    for (key, value) in [
        ("icd_px", face.icd_px),
        ("pitch_deg", face.pitch_deg),
        ("yaw_deg", face.yaw_deg),
        ("roll_deg", face.roll_deg),
    ] {
        let _ = writeln!(text, "{key} = {}", float(value));
    }
    text.push_str("\n# Blendshape scores of the neutral expression, 0 to 1.\n[face.blendshapes]\n");
    for name in BLENDSHAPE_NAMES {
        if let Some(score) = face.blendshapes.get(name) {
            let _ = writeln!(text, "{name} = {}", float(*score));
        }
    }
    text.push_str(
        "\n# Where each region lies, [x, y] in inner-canthal distances of the upright face: from midway between the inner eye\n\
         # corners, x to image right, y down.\n[face.regions_icd]\n",
    );
    for id in RegionId::all() {
        if let Some([x, y]) = face.regions_icd.get(&id.name()) {
            let _ = writeln!(text, "{} = [{}, {}]", id.name(), float(*x), float(*y));
        }
    }
}

/// A number as TOML has it: with a point, so that it stays one.
fn float(value: impl std::fmt::Debug) -> String {
    format!("{value:?}")
}

/// A string as TOML has it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
