//! `dataset.toml`: version, settings, and the sessions with their hashes.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{FolderError, files, write_whole};

/// Version of the folder's form. Readers refuse a newer one.
pub const FORMAT: u32 = 1;

/// `dataset.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// Version of the folder's form.
    pub format: u32,
    /// Version of the program that built it.
    pub onset_version: String,
    /// How frames were chosen and cut.
    pub settings: Settings,
    /// What it is made from, in the order in which sessions were added.
    #[serde(default, rename = "session")]
    pub sessions: Vec<SessionEntry>,
}

/// How frames were chosen and cut.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Seconds of media between the interval frames of a step.
    pub every_s: f64,
    /// Which events have a folder in `candidates`: `flagged` (and coded), or `all`.
    pub candidates: String,
    /// Coders whose codings were taken, the one that wins first; empty: all, none before another.
    #[serde(default)]
    pub coders: Vec<String>,
    /// Width and height of the crops, in pixels.
    pub crop_px: u32,
    /// Distance of the inner eye corners in the crops, in pixels.
    pub icd_px: f64,
}

/// A session that is in the dataset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionEntry {
    /// Its name.
    pub id: String,
    /// Pseudonym of the participant.
    pub participant: String,
    /// SHA-256 of its media file, in hex.
    pub source_sha256: String,
    /// Rows of it in the manifest.
    pub samples: u64,
    /// Frames of it that could not become samples.
    pub left_out: u64,
    /// Folders of it in `candidates`.
    pub candidates: u64,
    /// Whether these have motion traces.
    pub has_traces: bool,
    /// Its steps that have a target.
    #[serde(default, rename = "step")]
    pub steps: Vec<StepEntry>,
}

/// A step that has a target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepEntry {
    /// Its name.
    pub id: String,
    /// Target emotion.
    pub target: String,
    /// `questionnaire`, `image` or `interview`.
    pub stimulus: String,
    /// When it began, in seconds on the session's clock.
    pub start_s: f64,
    /// When it ended, or the recording.
    pub end_s: f64,
}

impl Description {
    /// Reads `dataset.toml`.
    ///
    /// # Errors
    /// [`FolderError::NotADataset`] where there is none; else an error naming the file.
    pub fn load(dir: &Path) -> Result<Self, FolderError> {
        let path = dir.join(files::DESCRIPTION);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(FolderError::NotADataset { dir: dir.to_owned() });
            }
            Err(error) => return Err(FolderError::io("read", &path)(error)),
        };
        let read: Self =
            toml::from_str(&text).map_err(|error| FolderError::file(&path, error.to_string()))?;
        if read.format > FORMAT {
            let why = format!(
                "it has form {}, and this program knows up to {FORMAT}; use a newer onset",
                read.format
            );
            return Err(FolderError::file(&path, why));
        }
        Ok(read)
    }

    /// Writes it whole.
    ///
    /// # Errors
    /// [`FolderError`], naming the file.
    pub fn save(&self, dir: &Path) -> Result<(), FolderError> {
        let path = dir.join(files::DESCRIPTION);
        let text =
            toml::to_string_pretty(self).map_err(|error| FolderError::file(&path, error.to_string()))?;
        write_whole(&path, text.as_bytes())
    }
}
