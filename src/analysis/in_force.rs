//! Which calibration profile is in force, and whether it holds for the source.

use std::path::{Path, PathBuf};

use super::AnalysisError;
use crate::calibration::{Profile, SourceFacts, SourceKind};
use crate::capture::SourceInfo;
use crate::expression::RestExpression;
use crate::tables::ProfileFacts;

/// Where profiles are kept, below the working directory.
pub const PROFILE_FOLDER: &str = "calibration";
/// The profile that the program carries.
const BUILT_IN: &str = "default";

/// Which profile is asked for.
#[derive(Clone, Debug, Default)]
pub struct ProfileChoice {
    /// A file, or the name of one in [`PROFILE_FOLDER`]; `None` or `default` for the one that the program carries.
    pub profile: Option<String>,
    /// Use it although it was made with another camera, frame size or frame rate.
    pub anyway: bool,
}

/// The profile in force.
#[derive(Clone, Debug)]
pub struct InForce {
    /// What it holds.
    pub profile: Profile,
    /// Its name and hash, for the summary.
    pub facts: ProfileFacts,
    /// How expressions are corrected for the person.
    pub rest: RestExpression,
    /// What of the profile is not used, and why.
    pub warnings: Vec<String>,
    is_forced: bool,
}

impl ProfileChoice {
    /// Reads the profile that was asked for, or the one that the program carries.
    ///
    /// # Errors
    /// [`AnalysisError::NoProfile`], [`AnalysisError::Profile`].
    pub fn load(&self) -> Result<InForce, AnalysisError> {
        let (profile, sha256) = match self.profile.as_deref() {
            None | Some(BUILT_IN) => (Profile::built_in()?, Profile::built_in_sha256()),
            Some(wanted) => {
                let path = path_of(wanted);
                if !path.is_file() {
                    return Err(missing(wanted, path));
                }
                Profile::load(&path)?
            }
        };
        let facts = ProfileFacts { name: profile.identity.name.clone(), sha256 };
        let (rest, warnings) = profile.rest_expression();
        Ok(InForce { profile, facts, rest, warnings, is_forced: self.anyway })
    }
}

impl InForce {
    /// Refuses the profile where it was made with something else than this source, unless told otherwise.
    ///
    /// # Errors
    /// [`AnalysisError::ProfileMismatch`].
    pub fn check(&self, info: &SourceInfo, is_demo: bool) -> Result<(), AnalysisError> {
        self.refuse(&info.name, &facts_of(info, is_demo))
    }

    /// The same for frames of which nothing but the size is known, in pixels.
    ///
    /// # Errors
    /// [`AnalysisError::ProfileMismatch`].
    pub fn check_size(&self, name: &str, width_px: u32, height_px: u32) -> Result<(), AnalysisError> {
        let source =
            SourceFacts { kind: SourceKind::File, source: name.to_owned(), width_px, height_px, fps: None };
        self.refuse(name, &source)
    }

    fn refuse(&self, name: &str, source: &SourceFacts) -> Result<(), AnalysisError> {
        match self.profile.check_fit(source) {
            Err(mismatch) if !self.is_forced => Err(AnalysisError::ProfileMismatch {
                profile: self.facts.name.clone(),
                input: name.to_owned(),
                mismatch,
            }),
            _ => Ok(()),
        }
    }

    /// What to warn of where the frame rate, as measured, proves another one than the profile's.
    pub fn rate_warning(&self, measured_fps: Option<f64>) -> Option<String> {
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
pub fn facts_of(info: &SourceInfo, is_demo: bool) -> SourceFacts {
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

/// A path where it looks like one, else a name in [`PROFILE_FOLDER`].
fn path_of(wanted: &str) -> PathBuf {
    let looks_like_path = wanted.ends_with(".toml") || wanted.contains(['/', '\\']);
    if looks_like_path {
        PathBuf::from(wanted)
    } else {
        Path::new(PROFILE_FOLDER).join(format!("{wanted}.toml"))
    }
}

fn missing(wanted: &str, path: PathBuf) -> AnalysisError {
    let there = names();
    let there = if there.is_empty() {
        "there are none yet".to_owned()
    } else {
        format!("there are {}", there.join(", "))
    };
    AnalysisError::NoProfile { wanted: wanted.to_owned(), path, there }
}

/// The profiles in [`PROFILE_FOLDER`], by name.
fn names() -> Vec<String> {
    let files = std::fs::read_dir(PROFILE_FOLDER).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_profile = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "toml");
    let mut names: Vec<String> = files
        .filter(is_profile)
        .filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    names
}
