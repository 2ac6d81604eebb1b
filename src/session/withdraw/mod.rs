//! Everything of one participant in given folders: found, listed, and removed on request.
//!
//! [`Findings::find`] looks and changes nothing. It knows session folders (`session.toml` with the participant) and
//! dataset folders (`manifest.csv`, `candidates/`, `codings/`, `dataset.toml`), at any depth, and reads tables by the
//! names of their columns, so that a newer dataset's further tables are found too. [`Findings::remove`] takes away files
//! first and rows of tables last, the manifest's at the very end: where it breaks off, a second run finds the rest.
//!
//! Not found: copies and backups elsewhere, exports of datasets, tables that `onset analyze` wrote, studies (their pages hold
//! faces, their tables pseudonyms), networks that were trained, and what training keeps in its cache.

mod dataset;
mod remove;
mod rule;
mod scan;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use remove::{ParquetFromCsv, Removed};
use rule::Rule;

/// What was found of a participant.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// In the order in which it is removed.
    pub found: Vec<Finding>,
    /// What could not be looked into, and why: it may hold more.
    pub unreadable: Vec<(PathBuf, String)>,
    /// Every participant that was seen, for whoever mistyped one.
    pub participants: BTreeSet<String>,
}

/// A folder, a file, or rows of a table.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The folder or file.
    pub path: PathBuf,
    /// What it is, in words: `session of 2026-11-26T11:15:00Z, 4 files, 812.4 MB`.
    pub what: String,
    /// What becomes of it.
    pub removal: Removal,
    /// The dataset that it belongs to: empty folders are removed up to there.
    dataset: Option<PathBuf>,
}

/// What becomes of a finding.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Removal {
    /// The folder goes with all that is in it.
    Folder,
    /// The file goes.
    File,
    /// The file stays, without some of its rows.
    Rows(Rows),
}

/// Rows of a table.
#[derive(Clone, Debug)]
pub struct Rows {
    /// How many.
    pub count: usize,
    form: Form,
    rule: Arc<Rule>,
}

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Csv,
    JsonLines,
    Toml,
}

impl Form {
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "csv" => Some(Self::Csv),
            "jsonl" => Some(Self::JsonLines),
            "toml" => Some(Self::Toml),
            _ => None,
        }
    }
}

impl Findings {
    /// Looks through folders for everything of a participant. Links to folders are not followed, but named.
    pub fn find(participant: &str, dirs: &[PathBuf]) -> Self {
        let mut findings = Self::default();
        let mut roots: Vec<PathBuf> = Vec::new();
        for dir in dirs {
            match dir.canonicalize() {
                Ok(root) if root.is_dir() => roots.push(root),
                Ok(_) => findings.cannot(dir, "is no folder; give the folder that it lies in"),
                Err(error) => findings.cannot(dir, format!("{error}; check the path")),
            }
        }
        // A folder within another one that was given is found there.
        roots.sort();
        roots.dedup_by(|inner, outer| inner.starts_with(&*outer));
        for root in &roots {
            scan::scan(participant, root, 0, &mut findings);
        }
        // Files before rows, and the manifest's rows last: a second run still finds what the first one left.
        findings.found.sort_by_key(|finding| match &finding.removal {
            Removal::Rows(_) if is_manifest(&finding.path) => 2,
            Removal::Rows(_) => 1,
            _ => 0,
        });
        findings
    }

    /// Nothing of the participant was found.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    fn cannot(&mut self, path: &Path, why: impl Into<String>) {
        self.unreadable.push((path.to_owned(), why.into()));
    }
}

fn is_manifest(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "manifest.csv")
}
