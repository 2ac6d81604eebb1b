//! What a dataset folder holds of a participant: crops, candidates, and rows of every table in it.

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::rule::{Rule, text_of};
use super::scan::Size;
use super::{Finding, Findings, Form, Removal, Rows};

/// The folder of candidates: `ID/clip.json` and its frames.
pub(super) const CANDIDATES: &str = "candidates";
const MANIFEST: &str = "manifest.csv";

/// Whether a folder is a dataset.
pub(super) fn is_dataset(dir: &Path) -> bool {
    dir.join("dataset.toml").is_file() || dir.join(MANIFEST).is_file()
}

/// Adds everything of a participant.
pub(super) fn push_dataset(participant: &str, dir: &Path, findings: &mut Findings) {
    let mut rule = Rule { participant: participant.to_owned(), ..Rule::default() };
    let manifest = dir.join(MANIFEST);
    if manifest.is_file()
        && let Err(why) = push_crops(dir, &manifest, &mut rule, findings)
    {
        findings.cannot(&manifest, why);
    }
    push_candidates(dir, &mut rule, findings);
    let rule = Arc::new(rule);
    for path in tables_in(dir, findings) {
        let Some(form) = Form::of(&path) else { continue };
        match text_of(&path).and_then(|text| rule.without(form, &text)) {
            Ok((_, 0)) => {}
            Ok((_, count)) => {
                let what = format!("{count} {}", if count == 1 { "row" } else { "rows" });
                let removal = Removal::Rows(Rows { count, form, rule: Arc::clone(&rule) });
                findings.found.push(Finding { path, what, removal, dataset: Some(dir.to_owned()) });
            }
            Err(why) => findings.cannot(&path, why),
        }
    }
}

/// The files of the manifest's rows; fills the rule with the names under which other tables know them.
fn push_crops(dir: &Path, manifest: &Path, rule: &mut Rule, findings: &mut Findings) -> Result<(), String> {
    let text = text_of(manifest)?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let broken = |error: csv::Error| format!("{error}; correct the table");
    let header = reader.headers().map_err(broken)?.clone();
    if !header.iter().any(|name| name == "participant") {
        return Err("it has no column `participant`; look into it yourself".to_owned());
    }
    for record in reader.records() {
        let record = record.map_err(broken)?;
        let value = |name: &str| {
            header
                .iter()
                .zip(&record)
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value)
                .unwrap_or_default()
        };
        findings.participants.insert(value("participant").to_owned());
        if value("participant") != rule.participant {
            continue;
        }
        rule.sessions.extend(Some(value("session").to_owned()).filter(|name| !name.is_empty()));
        rule.samples.extend(Some(value("sample").to_owned()).filter(|name| !name.is_empty()));
        for column in ["path", "path_colour"] {
            let name = value(column);
            if name.is_empty() || !rule.paths.insert(name.to_owned()) {
                continue;
            }
            match file_below(dir, name) {
                Ok(Some(path)) => findings.found.push(Finding {
                    path,
                    what: "image".to_owned(),
                    removal: Removal::File,
                    dataset: Some(dir.to_owned()),
                }),
                Ok(None) => {}
                Err(why) => findings.cannot(manifest, format!("{name:?} {why}")),
            }
        }
    }
    Ok(())
}

/// A file that the manifest names; `None` where it is gone already.
///
/// # Errors
/// It lies outside the dataset: nothing is removed there on a table's word.
fn file_below(dir: &Path, name: &str) -> Result<Option<PathBuf>, String> {
    const OUTSIDE: &str = "lies outside the dataset, and is left alone; remove it yourself if it is theirs";
    if !Path::new(name).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Err(OUTSIDE.to_owned());
    }
    let path = dir.join(name);
    if path.symlink_metadata().is_err() {
        return Ok(None);
    }
    // Folders on the way may be links; the file itself may be one too, then the link goes.
    let parent = path.parent().and_then(|parent| parent.canonicalize().ok());
    match (parent, path.file_name()) {
        (Some(parent), Some(file)) if parent.starts_with(dir) => {
            let path = parent.join(file);
            if path.is_dir() && !path.is_symlink() { Err("is a folder".to_owned()) } else { Ok(Some(path)) }
        }
        _ => Err(OUTSIDE.to_owned()),
    }
}

/// Candidates of theirs, as a folder each.
fn push_candidates(dir: &Path, rule: &mut Rule, findings: &mut Findings) {
    let folder = dir.join(CANDIDATES);
    let mut clips: Vec<PathBuf> =
        fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    clips.sort();
    for clip in clips.into_iter().filter(|clip| clip.is_dir() && !clip.is_symlink()) {
        let path = clip.join("clip.json");
        let facts = text_of(&path).and_then(|text| {
            serde_json::from_str::<serde_json::Value>(&text).map_err(|error| {
                format!("{error}; look at it, and remove the folder yourself if it is theirs")
            })
        });
        let facts = match facts {
            Ok(facts) => facts,
            Err(why) => {
                findings.cannot(&path, why);
                continue;
            }
        };
        let text = |key: &str| facts.get(key).and_then(serde_json::Value::as_str).unwrap_or_default();
        findings.participants.insert(text("participant").to_owned());
        if text("participant") != rule.participant {
            continue;
        }
        rule.sessions.extend(Some(text("session").to_owned()).filter(|name| !name.is_empty()));
        let name = clip.file_name().map(|name| name.to_string_lossy().into_owned());
        rule.candidates
            .extend(Some(text("id").to_owned()).filter(|id| !id.is_empty()).into_iter().chain(name));
        findings.found.push(Finding {
            what: format!("candidate, {}", Size::of(&clip)),
            path: clip,
            removal: Removal::Folder,
            dataset: Some(dir.to_owned()),
        });
    }
}

/// Tables at the top of the dataset and one folder below: manifest, codings, splits, and what later versions add.
fn tables_in(dir: &Path, findings: &mut Findings) -> Vec<PathBuf> {
    let mut tables = Vec::new();
    let mut folders = vec![dir.to_owned()];
    let mut is_top = true;
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                findings.cannot(&folder, format!("{error}; check its permissions"));
                continue;
            }
        };
        for entry in entries.flatten() {
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_file() && Form::of(&entry.path()).is_some() {
                tables.push(entry.path());
            } else if kind.is_dir() && is_top && entry.file_name() != CANDIDATES {
                folders.push(entry.path());
            }
        }
        is_top = false;
    }
    tables.sort();
    tables
}
