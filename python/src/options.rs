//! Keyword options to what the library takes. Their names, defaults and messages are the command line's.

use std::path::PathBuf;

use onset::analysis::{
    AnalysisOptions, ProfileChoice, Setup, landmark_hz_from, positive_from, spotter_from, veto_from,
};
use onset::tables::TableFormat;
use pyo3::prelude::*;

use crate::error::{Kind, raise};

/// Faces that can be followed.
const FACES: std::ops::RangeInclusive<i64> = 1..=8;

/// The options of an analysis, as a dict from `onset._options`.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Options {
    fps: Option<f64>,
    landmark_hz: f64,
    landmark_still_hz: f64,
    faces: Option<i64>,
    spotter: String,
    without_veto: Vec<String>,
    profile: Option<String>,
    profile_anyway: bool,
    identity: Vec<PathBuf>,
    threads: i64,
    pub(crate) candidates: bool,
    pub(crate) label_evidence: bool,
}

impl Options {
    /// What a recording or an analyzer is set up with.
    pub(crate) fn setup(&self) -> PyResult<Setup> {
        if let Some(fps) = self.fps {
            checked("fps", positive_from(&fps.to_string()))?;
        }
        let faces = match self.faces {
            None => None,
            Some(faces) if FACES.contains(&faces) => u8::try_from(faces).ok(),
            Some(faces) => {
                return Err(Kind::Option.with(format!("faces: {faces} is not a number from 1 to 8")));
            }
        };
        let is_threaded = match self.threads {
            1 => false,
            2 => true,
            other => return Err(Kind::Option.with(format!("threads: {other} is neither 1 nor 2"))),
        };
        let options = AnalysisOptions {
            landmark_hz: checked("landmark_hz", landmark_hz_from(&self.landmark_hz.to_string()))?,
            landmark_still_hz: checked(
                "landmark_still_hz",
                positive_from(&self.landmark_still_hz.to_string()),
            )?,
            faces,
            spotter: checked("spotter", spotter_from(&self.spotter))?,
            without_veto: self
                .without_veto
                .iter()
                .map(|veto| checked("without_veto", veto_from(veto)))
                .collect::<PyResult<_>>()?,
        };
        let choice = ProfileChoice { profile: self.profile.clone(), anyway: self.profile_anyway };
        let in_force = choice.load().map_err(raise)?;
        Ok(Setup {
            fps: self.fps,
            identities: self.identity.clone(),
            analysis: options.params(&in_force),
            in_force,
            is_threaded,
        })
    }
}

/// Table formats by name.
pub(crate) fn formats_from(names: &[String]) -> PyResult<Vec<TableFormat>> {
    if names.is_empty() {
        return Err(Kind::Option.with("formats: none is named; use csv, parquet or jsonl"));
    }
    names.iter().map(|name| checked("formats", name.parse())).collect()
}

/// The option's name before what is wrong with it.
fn checked<T>(option: &str, value: Result<T, String>) -> PyResult<T> {
    value.map_err(|why| Kind::Option.with(format!("{option}: {why}")))
}
