//! `--profile`: which calibration profile is in force, and whether it holds for the source.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::UsageError;
use crate::calibration::{Profile, SourceFacts, SourceKind};
use crate::capture::SourceInfo;
use crate::expression::RestExpression;
use crate::tables::ProfileFacts;

/// Where profiles are kept, below the working directory.
pub(super) const FOLDER: &str = "calibration";
/// The profile that the program carries.
const BUILT_IN: &str = "default";

/// Options that choose a profile.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct ProfileArgs {
    /// Calibration profile: a file, or the name of one in ./calibration (see `onset calibrate`).
    #[arg(long, value_name = "FILE|NAME")]
    profile: Option<String>,
    /// Use the profile although it was made with another camera, frame size or frame rate.
    #[arg(long, requires = "profile")]
    profile_anyway: bool,
}

/// The profile in force.
#[derive(Clone, Debug)]
pub(super) struct InForce {
    pub(super) profile: Profile,
    pub(super) facts: ProfileFacts,
    /// How expressions are corrected for the person.
    pub(super) rest: RestExpression,
    /// What of the profile is not used, and why.
    pub(super) warnings: Vec<String>,
    is_forced: bool,
}

impl ProfileArgs {
    /// Reads the profile that was asked for, or the one that the program carries.
    pub(super) fn load(&self) -> Result<InForce> {
        let (profile, sha256) = match self.profile.as_deref() {
            None | Some(BUILT_IN) => (Profile::built_in()?, Profile::built_in_sha256()),
            Some(wanted) => {
                let path = path_of(wanted);
                if !path.is_file() {
                    return Err(missing(wanted, &path).into());
                }
                Profile::load(&path)?
            }
        };
        let facts = ProfileFacts { name: profile.identity.name.clone(), sha256 };
        let (rest, warnings) = profile.rest_expression();
        Ok(InForce { profile, facts, rest, warnings, is_forced: self.profile_anyway })
    }
}

impl InForce {
    /// Refuses the profile where it was made with something else than this source, unless told otherwise.
    pub(super) fn check(&self, info: &SourceInfo, is_demo: bool) -> Result<()> {
        match self.profile.check_fit(&facts_of(info, is_demo)) {
            Err(mismatch) if !self.is_forced => bail!(
                "the profile {} does not hold for {}: {mismatch}; make one with `onset calibrate`, leave --profile away, or give \
                 --profile-anyway",
                self.facts.name,
                info.name
            ),
            _ => Ok(()),
        }
    }

    /// What to warn of where the frame rate, as measured, proves another one than the profile's.
    pub(super) fn rate_warning(&self, measured_fps: Option<f64>) -> Option<String> {
        let camera = self.profile.camera.as_ref()?;
        let source = SourceFacts {
            kind: camera.kind,
            source: camera.source.clone(),
            width_px: camera.width_px,
            height_px: camera.height_px,
            fps: Some(measured_fps?),
        };
        let mismatch = self.profile.check_fit(&source).err()?;
        Some(format!("the profile {} does not hold: {mismatch}", self.facts.name))
    }
}

/// What a source says of itself, for a profile.
pub(super) fn facts_of(info: &SourceInfo, is_demo: bool) -> SourceFacts {
    SourceFacts {
        kind: match (is_demo, info.is_live) {
            (true, _) => SourceKind::Demo,
            (false, true) => SourceKind::Camera,
            (false, false) => SourceKind::File,
        },
        source: info.name.clone(),
        width_px: info.width,
        height_px: info.height,
        fps: info.nominal_fps,
    }
}

/// A path where it looks like one, else a name in [`FOLDER`].
fn path_of(wanted: &str) -> PathBuf {
    let looks_like_path = wanted.ends_with(".toml") || wanted.contains(['/', '\\']);
    if looks_like_path { PathBuf::from(wanted) } else { Path::new(FOLDER).join(format!("{wanted}.toml")) }
}

fn missing(wanted: &str, path: &Path) -> UsageError {
    let there = names();
    let there = if there.is_empty() {
        "there are none yet".to_owned()
    } else {
        format!("there are {}", there.join(", "))
    };
    UsageError(format!(
        "--profile {wanted}: there is no file {}; {there}; make one with `onset calibrate --name NAME`",
        path.display()
    ))
}

/// The profiles in [`FOLDER`], by name.
fn names() -> Vec<String> {
    let files = std::fs::read_dir(FOLDER).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_profile = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "toml");
    let mut names: Vec<String> = files
        .filter(is_profile)
        .filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    names
}
