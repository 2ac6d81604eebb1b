//! Sessions to a dataset: frames every N seconds of the steps that have a target, and the moments of events.
//!
//! One walk through a session's frames gives the samples, a second one the clips that coders look at. Each frame is looked at by itself, so that
//! the same sessions give the same bytes. The manifest is written last.

mod clips;
mod crops;
mod events;
mod frames;
mod names;
mod page_codings;
mod plan;
mod recorded;
mod session;
mod session_data;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

pub(in crate::dataset) use names::file_name;
pub use page_codings::{CodingsBySession, codings_of_dataset};
pub use recorded::RecordedSession;
pub use session_data::{CodedEvent, MotionRow, SessionData, TRACE_COUNT, TRACE_REGIONS, trace_regions};

use self::crops::Cutter;
use self::session::{Wishes, extract};
use super::folder::{
    DatasetFolder, Description, FolderError, Settings, create_empty, files, is_empty_or_missing,
};
use crate::types::{CROP_ICD_PX, CROP_SIZE_PX};

/// Seconds between interval frames, as in the seed paper.
pub const EVERY_S: f64 = 0.5;

/// Which events coders are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CandidateChoice {
    /// What was flagged or coded.
    #[default]
    Flagged,
    /// Vetoed ones too.
    All,
}

impl CandidateChoice {
    /// The name on the command line and in `dataset.toml`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Flagged => "flagged",
            Self::All => "all",
        }
    }
}

/// How a dataset is built.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BuildParams {
    /// Seconds of media between interval frames, `0.01..=3600`; `None`: [`EVERY_S`], or what the dataset was built with.
    pub every_s: Option<f64>,
    /// Which events coders are shown; `None`: flagged ones, or as the dataset was built.
    pub candidates: Option<CandidateChoice>,
    /// Whose codings are taken, the one that wins first; empty: all, or as the dataset was built.
    pub coders: Vec<String>,
    /// Add to a dataset that is there.
    pub add: bool,
}

/// What [`build_dataset`] is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuildStep<'a> {
    /// The session.
    pub session: &'a str,
    /// 1: samples; 2: clips.
    pub pass: u8,
    /// Frames that were read.
    pub done: u64,
    /// Frames in all; 0 where that is not known.
    pub all: u64,
}

/// What was built.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BuildReport {
    /// The dataset.
    pub dataset: PathBuf,
    /// Sessions that were added.
    pub added: Vec<AddedSession>,
    /// Sessions that were in it already.
    pub already_in: Vec<String>,
    /// Samples in it now.
    pub samples: usize,
    /// Frames that were left out now, by reason.
    pub left_out: std::collections::BTreeMap<&'static str, usize>,
}

/// What was made of a session.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AddedSession {
    /// Its name.
    pub session: String,
    /// Pseudonym of the participant.
    pub participant: String,
    /// Samples.
    pub samples: u64,
    /// Events that coders are shown.
    pub candidates: u64,
    /// Frames that could not become samples; `left_out.csv` lists them.
    pub left_out: u64,
    /// Whether its clips have motion traces.
    pub has_traces: bool,
    /// What is odd, in words.
    pub warnings: Vec<String>,
}

/// Builds a dataset in `out`, or adds to it. `progress` is told of every frame that is read, and says whether to go on.
///
/// # Errors
/// [`FolderError`], naming the file and the next step. A dataset that was there is as before then.
pub fn build_dataset(
    sessions: &[Box<dyn SessionData>],
    out: &Path,
    params: &BuildParams,
    progress: &mut dyn FnMut(BuildStep<'_>) -> bool,
) -> Result<BuildReport, FolderError> {
    check_names(sessions)?;
    let mut folder = open_or_create(sessions, out, params)?;
    let settings = folder.description.settings.clone();
    let candidates = if settings.candidates == CandidateChoice::All.name() {
        CandidateChoice::All
    } else {
        CandidateChoice::Flagged
    };
    let wishes = Wishes { every_s: settings.every_s, candidates, coders: &settings.coders };
    let (mut added, mut already_in) = (Vec::new(), Vec::new());
    let mut left_out = std::collections::BTreeMap::new();
    let mut cutter = None;
    for data in sessions {
        if is_in(&folder, data.as_ref())? {
            already_in.push(data.id().to_owned());
            continue;
        }
        let cutter = match &mut cutter {
            Some(cutter) => cutter,
            none => none.insert(Cutter::new()?),
        };
        let extracted = extract(data.as_ref(), out, &wishes, cutter, progress)?;
        for left in &extracted.left_out {
            *left_out.entry(left.why.name()).or_default() += 1;
        }
        added.push(AddedSession {
            session: extracted.entry.id.clone(),
            participant: extracted.entry.participant.clone(),
            samples: extracted.entry.samples,
            candidates: extracted.entry.candidates,
            left_out: extracted.entry.left_out,
            has_traces: extracted.entry.has_traces,
            warnings: extracted.warnings,
        });
        folder.description.sessions.push(extracted.entry);
        folder.samples.extend(extracted.samples);
        folder.left_out.extend(extracted.left_out);
    }
    fs::create_dir_all(out.join(files::CANDIDATES)).map_err(FolderError::io("create", out))?;
    folder.save()?;
    Ok(BuildReport { dataset: out.to_owned(), added, already_in, samples: folder.samples.len(), left_out })
}

/// No two sessions may share a name: files are named after it.
fn check_names(sessions: &[Box<dyn SessionData>]) -> Result<(), FolderError> {
    let mut names = BTreeSet::new();
    for data in sessions {
        if !names.insert(file_name(data.id())) {
            return Err(FolderError::Asked(format!("session {} is given twice; give it once", data.id())));
        }
    }
    Ok(())
}

/// Whether the dataset has this session already.
fn is_in(folder: &DatasetFolder, data: &dyn SessionData) -> Result<bool, FolderError> {
    let sessions = &folder.description.sessions;
    let Some(entry) = sessions.iter().find(|entry| entry.id == data.id()) else {
        let name = file_name(data.id());
        return match sessions.iter().find(|entry| file_name(&entry.id) == name) {
            None => Ok(false),
            Some(entry) => Err(FolderError::Asked(format!(
                "sessions {} and {} would have files of the same names; build them into two datasets",
                entry.id,
                data.id()
            ))),
        };
    };
    if entry.source_sha256 == data.media_sha256()? {
        return Ok(true);
    }
    Err(FolderError::Asked(format!(
        "session {} is in {} already, with another recording; was the recording changed? build a new dataset",
        data.id(),
        folder.dir.display()
    )))
}

fn open_or_create(
    sessions: &[Box<dyn SessionData>],
    out: &Path,
    params: &BuildParams,
) -> Result<DatasetFolder, FolderError> {
    let every_s = params.every_s.unwrap_or(EVERY_S);
    if !(0.01..=3600.0).contains(&every_s) {
        return Err(FolderError::Asked(format!("--every {every_s} cannot be; choose 0.01 to 3600 seconds")));
    }
    if params.add && !is_empty_or_missing(out)? {
        let folder = DatasetFolder::open_to_add(out, |id| sessions.iter().any(|data| data.id() == id))?;
        check_settings(&folder, params)?;
        return Ok(folder);
    }
    match create_empty(out) {
        Err(FolderError::NotEmpty { dir }) if dir.join(files::DESCRIPTION).is_file() => {
            return Err(FolderError::Asked(format!(
                "{}: there is a dataset in this folder already, and nothing is ever overwritten; add sessions to it with \
                 --add, or choose another --out",
                dir.display()
            )));
        }
        result => result?,
    }
    let settings = Settings {
        every_s,
        candidates: params.candidates.unwrap_or_default().name().to_owned(),
        coders: params.coders.clone(),
        crop_px: CROP_SIZE_PX as u32,
        icd_px: f64::from(CROP_ICD_PX),
    };
    let description = Description {
        format: super::folder::FORMAT,
        onset_version: env!("CARGO_PKG_VERSION").to_owned(),
        settings,
        sessions: Vec::new(),
    };
    // From now on it can be told that a dataset was begun here.
    description.save(out)?;
    Ok(DatasetFolder { dir: out.to_owned(), description, samples: Vec::new(), left_out: Vec::new() })
}

/// All sessions of a dataset are read in the same way.
fn check_settings(folder: &DatasetFolder, params: &BuildParams) -> Result<(), FolderError> {
    let settings = &folder.description.settings;
    let dir = folder.dir.display();
    let unlike = |flag: &str, is: &str, asked: &str| {
        Err(FolderError::Asked(format!(
            "{dir} was built with {flag} {is}, not {asked}; leave {flag} out, or choose another --out"
        )))
    };
    match params.every_s {
        Some(asked) if asked != settings.every_s => {
            return unlike("--every", &settings.every_s.to_string(), &asked.to_string());
        }
        _ => {}
    }
    match params.candidates {
        Some(asked) if asked.name() != settings.candidates => {
            return unlike("--candidates", &settings.candidates, asked.name());
        }
        _ => {}
    }
    if !params.coders.is_empty() && params.coders != settings.coders {
        return unlike("--coder", &settings.coders.join(", "), &params.coders.join(", "));
    }
    Ok(())
}
