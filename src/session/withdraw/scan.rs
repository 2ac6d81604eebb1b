//! Walks through folders and tells sessions and datasets from everything else.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::rule::text_of;
use super::{Finding, Findings, Removal, dataset};
use crate::session::files;

/// Folders this deep below the one that was given are looked into.
const MAX_DEPTH: usize = 12;

/// Looks into a folder and all below it.
pub(super) fn scan(participant: &str, dir: &Path, depth: usize, findings: &mut Findings) {
    if depth > MAX_DEPTH {
        return findings.cannot(dir, "lies too deep to be looked into; give it as a folder of its own");
    }
    let folders = match folders_in(dir, findings) {
        Ok(folders) => folders,
        Err(error) => return findings.cannot(dir, format!("{error}; check its permissions")),
    };
    if dir.join(files::RECORD).exists() && push_session(participant, dir, findings) {
        return;
    }
    let mut skipped: Option<PathBuf> = None;
    if dataset::is_dataset(dir) {
        dataset::push_dataset(participant, dir, findings);
        skipped = Some(dir.join(dataset::CANDIDATES));
    }
    for folder in folders.into_iter().filter(|folder| Some(folder) != skipped.as_ref()) {
        scan(participant, &folder, depth + 1, findings);
    }
}

/// The folders in a folder, in order. Links are named, not followed.
fn folders_in(dir: &Path, findings: &mut Findings) -> std::io::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            folders.push(entry.path());
        } else if kind.is_symlink() && entry.path().is_dir() {
            findings
                .cannot(&entry.path(), "is a link to a folder, and not followed; give that folder itself");
        }
    }
    folders.sort();
    Ok(folders)
}

/// A session of theirs is a finding as a whole; returns whether everything below it is dealt with.
fn push_session(participant: &str, dir: &Path, findings: &mut Findings) -> bool {
    let path = dir.join(files::RECORD);
    // Read leniently: a record of another version, or half of one, still names its participant.
    let table = text_of(&path).and_then(|text| {
        toml::from_str::<toml::Table>(&text).map_err(|error| {
            format!(
                "{}; look at it, and remove the session yourself if it is theirs",
                error.to_string().trim_end()
            )
        })
    });
    let table = match table {
        Ok(table) => table,
        Err(why) => {
            findings.cannot(&path, why);
            return false;
        }
    };
    let text = |key: &str| table.get(key).and_then(toml::Value::as_str).unwrap_or_default();
    if text("participant").is_empty() {
        findings.cannot(
            &path,
            "names no participant; look at it, and remove the session yourself if it is theirs",
        );
        return false;
    }
    findings.participants.insert(text("participant").to_owned());
    if text("participant") != participant {
        return false;
    }
    let what = format!("session of {}", text("started_utc"));
    if !holds_others(dir, 0) {
        let size = Size::of(dir);
        let others = match size.others.as_slice() {
            [] => String::new(),
            names => format!(", also {}", names.join(", ")),
        };
        findings.found.push(Finding {
            path: dir.to_owned(),
            what: format!("{what}, {size}{others}"),
            removal: Removal::Folder,
            dataset: None,
        });
        return true;
    }
    // Another session or a dataset lies in this one: only its own files go, and the search goes on below.
    for name in files::OWN {
        let path = dir.join(name);
        let removal = if path.is_dir() { Removal::Folder } else { Removal::File };
        if path.exists() {
            findings.found.push(Finding { what: format!("{what}: {name}"), path, removal, dataset: None });
        }
    }
    false
}

/// Whether a session or dataset lies below this folder.
fn holds_others(dir: &Path, depth: usize) -> bool {
    let Ok(entries) = fs::read_dir(dir) else { return true };
    entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).any(|entry| {
        let path = entry.path();
        depth >= MAX_DEPTH
            || path.join(files::RECORD).exists()
            || dataset::is_dataset(&path)
            || holds_others(&path, depth + 1)
    })
}

/// How much a folder holds.
#[derive(Default)]
pub(super) struct Size {
    files: u64,
    bytes: u64,
    /// Names at its top that are not a session's.
    others: Vec<String>,
}

impl Size {
    pub(super) fn of(dir: &Path) -> Self {
        let mut size = Self::default();
        size.add(dir, 0);
        size
    }

    fn add(&mut self, dir: &Path, depth: usize) {
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            let Ok(facts) = entry.metadata() else { continue };
            if depth == 0 && !is_ours(&entry.file_name()) {
                self.others.push(entry.file_name().to_string_lossy().into_owned());
            }
            if facts.is_dir() {
                self.add(&entry.path(), depth + 1);
            } else {
                self.files += 1;
                self.bytes += facts.len();
            }
        }
        self.others.sort();
    }
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let plural = if self.files == 1 { "" } else { "s" };
        write!(f, "{} file{plural}, {:.1} MB", self.files, self.bytes as f64 / 1e6)
    }
}

fn is_ours(name: &OsString) -> bool {
    files::OWN.iter().any(|known| name == known) || name.to_string_lossy().ends_with(".part")
}
