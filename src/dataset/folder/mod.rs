//! A dataset as a folder: `dataset.toml`, the manifest, what was left out, the crops and the candidates.

mod description;
mod error;
mod left_out;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub use description::{Description, FORMAT, SessionEntry, Settings, StepEntry};
pub use error::FolderError;
pub use left_out::{LeftOut, WhyLeftOut};

use super::manifest::{MANIFEST_CSV, Sample, read_manifest};

/// Names within a dataset folder.
pub mod files {
    /// Version, settings, sessions with hashes.
    pub const DESCRIPTION: &str = "dataset.toml";
    /// Frames that could not become samples, and why.
    pub const LEFT_OUT: &str = "left_out.csv";
    /// What coders look at: a folder for each event.
    pub const CANDIDATES: &str = "candidates";
    /// What coders said.
    pub const CODINGS: &str = "codings";
}

/// A dataset that was opened.
#[derive(Clone, Debug)]
pub struct DatasetFolder {
    /// The folder.
    pub dir: PathBuf,
    /// `dataset.toml`.
    pub description: Description,
    /// The manifest's rows.
    pub samples: Vec<Sample>,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
}

impl DatasetFolder {
    /// Opens a dataset and checks that it is whole.
    ///
    /// # Errors
    /// [`FolderError::NotADataset`], [`FolderError::BrokenOff`], or an error that names the file at fault.
    pub fn open(dir: &Path) -> Result<Self, FolderError> {
        let description = Description::load(dir)?;
        let manifest = dir.join(MANIFEST_CSV);
        if !manifest.is_file() {
            return Err(FolderError::BrokenOff { dir: dir.to_owned() });
        }
        let samples = read_manifest(&manifest)?;
        let left_out = left_out::read(&dir.join(files::LEFT_OUT))?;
        Ok(Self { dir: dir.to_owned(), description, samples, left_out })
    }

    /// Opens a dataset that sessions are to be added to. One whose build broke off counts as empty; of the sessions that are given, those
    /// whose adding broke off count as not there.
    ///
    /// # Errors
    /// As [`DatasetFolder::open`].
    pub fn open_to_add(dir: &Path, is_given: impl Fn(&str) -> bool) -> Result<Self, FolderError> {
        let mut folder = match Self::open(dir) {
            Err(FolderError::BrokenOff { .. }) => Self {
                dir: dir.to_owned(),
                description: Description { sessions: Vec::new(), ..Description::load(dir)? },
                samples: Vec::new(),
                left_out: Vec::new(),
            },
            other => other?,
        };
        let broken = folder.incomplete_sessions();
        let is_kept = |session: &str| !(is_given(session) && broken.iter().any(|id| id == session));
        folder.samples.retain(|sample| is_kept(&sample.session));
        folder.left_out.retain(|left| is_kept(&left.session));
        folder.description.sessions.retain(|entry| is_kept(&entry.id));
        Ok(folder)
    }

    /// Sessions that `dataset.toml` and the manifest do not agree on: one has samples of it and the other has none, as where adding it broke
    /// off. Single rows may be missing: a lab takes out what it does not want.
    pub fn incomplete_sessions(&self) -> Vec<String> {
        let with_rows: BTreeSet<&str> = self.samples.iter().map(|sample| sample.session.as_str()).collect();
        let entries = &self.description.sessions;
        let told: BTreeSet<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
        let without_rows = entries.iter().filter(|entry| entry.samples > 0).map(|entry| entry.id.as_str());
        let mut ids: Vec<String> = without_rows
            .filter(|id| !with_rows.contains(id))
            .chain(with_rows.difference(&told).copied())
            .map(str::to_owned)
            .collect();
        ids.sort();
        ids
    }

    /// Writes everything but the crops: what was left out, `dataset.toml`, and last the manifest.
    ///
    /// # Errors
    /// [`FolderError`], naming the file.
    pub fn save(&self) -> Result<(), FolderError> {
        left_out::write(&self.dir.join(files::LEFT_OUT), &self.left_out)?;
        self.description.save(&self.dir)?;
        super::manifest::write_manifest(&self.dir, &self.samples)?;
        Ok(())
    }
}

/// Writes a file that appears only when it is complete.
pub(in crate::dataset) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), FolderError> {
    crate::session::write_whole(path, bytes).map_err(FolderError::io("write", path))
}

/// Makes sure that `dir` can be filled: it is made where it is missing, and refused where something is in it.
pub(in crate::dataset) fn create_empty(dir: &Path) -> Result<(), FolderError> {
    if is_empty_or_missing(dir)? {
        return fs::create_dir_all(dir).map_err(FolderError::io("create", dir));
    }
    Err(FolderError::NotEmpty { dir: dir.to_owned() })
}

/// Whether nothing is there yet.
pub(in crate::dataset) fn is_empty_or_missing(dir: &Path) -> Result<bool, FolderError> {
    match fs::read_dir(dir) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(FolderError::io("read", dir)(error)),
    }
}
