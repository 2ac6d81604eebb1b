//! Codings that were made on the label page of a dataset: they name candidates, and lie in its `codings/`.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::session_data::CodedEvent;
use crate::dataset::folder::{FolderError, files};

/// Codings by the name of the session that they belong to.
pub type CodingsBySession = BTreeMap<String, Vec<CodedEvent>>;

/// What is needed of a `clip.json`.
#[derive(Clone, Deserialize)]
struct Clip {
    session: String,
    proposal: Proposal,
}

#[derive(Clone, Deserialize)]
struct Proposal {
    onset_s: f64,
    apex_s: f64,
    offset_s: Option<f64>,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    kind: String,
    label: String,
    onset_s: Option<f64>,
    apex_s: Option<f64>,
    offset_s: Option<f64>,
    #[serde(default)]
    action_units: String,
}

/// Reads `codings/CODER.csv` of a dataset. Rows without a kind (nothing was decided yet) are passed over; times that the coder left out are
/// those of the proposal, and so is the span in which a coder saw nothing.
///
/// # Errors
/// [`FolderError`], naming the file; also where a coding names a candidate that is not there.
pub fn codings_of_dataset(dir: &Path) -> Result<CodingsBySession, FolderError> {
    if !dir.join(files::DESCRIPTION).is_file() {
        return Err(FolderError::NotADataset { dir: dir.to_owned() });
    }
    let mut clips: HashMap<String, Clip> = HashMap::new();
    let mut all = CodingsBySession::new();
    for path in tables_in(&dir.join(files::CODINGS))? {
        let coder = path.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let wrong = |why: String| FolderError::file(&path, why);
        let mut reader = csv::Reader::from_path(&path)
            .map_err(|error| wrong(format!("{error}; check the path and its permissions")))?;
        for row in reader.deserialize() {
            let row: Row = row.map_err(|error| {
                wrong(format!(
                    "{error}; its columns are id,kind,label,onset_s,apex_s,offset_s,action_units,note"
                ))
            })?;
            if row.kind.is_empty() {
                continue;
            }
            let clip = match clips.get(&row.id) {
                Some(clip) => clip.clone(),
                None => {
                    let clip = clip_of(dir, &row.id).map_err(&wrong)?;
                    clips.insert(row.id.clone(), clip.clone());
                    clip
                }
            };
            let onset_s = row.onset_s.unwrap_or(clip.proposal.onset_s);
            all.entry(clip.session).or_default().push(CodedEvent {
                coder: coder.clone(),
                kind: row.kind,
                label: row.label,
                onset_s,
                apex_s: row.apex_s.unwrap_or(clip.proposal.apex_s).max(onset_s),
                offset_s: row.offset_s.or(clip.proposal.offset_s),
                action_units: row.action_units,
            });
        }
    }
    Ok(all)
}

/// The tables of a folder of codings, in the order of their names; none where there is no such folder.
fn tables_in(folder: &Path) -> Result<Vec<PathBuf>, FolderError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(FolderError::io("read", folder)(error)),
    };
    let mut tables = Vec::new();
    for entry in entries {
        let path = entry.map_err(FolderError::io("read", folder))?.path();
        if path.extension().is_some_and(|extension| extension == "csv") {
            tables.push(path);
        }
    }
    tables.sort();
    Ok(tables)
}

fn clip_of(dir: &Path, id: &str) -> Result<Clip, String> {
    // A name, not a path that leads elsewhere.
    if id.is_empty() || id.contains(['/', '\\']) || id.starts_with('.') {
        return Err(format!("{id:?} is not the name of a candidate"));
    }
    let path = dir.join(files::CANDIDATES).join(id).join("clip.json");
    let text = fs::read(&path).map_err(|error| {
        format!("candidate {id}: cannot read {}: {error}; was it removed? remove its row too", path.display())
    })?;
    serde_json::from_slice(&text).map_err(|error| format!("candidate {id}: {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codings_find_their_session_and_the_times_that_were_left_out() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path();
        assert!(matches!(codings_of_dataset(dir), Err(FolderError::NotADataset { .. })));
        fs::write(dir.join("dataset.toml"), "").unwrap();
        assert!(codings_of_dataset(dir).unwrap().is_empty());
        fs::create_dir_all(dir.join("candidates/S-e0001")).unwrap();
        fs::create_dir(dir.join("codings")).unwrap();
        let clip = r#"{"session":"S","frames":[],"proposal":{"kind":"micro","onset_s":1.0,"apex_s":1.1,"offset_s":1.3}}"#;
        fs::write(dir.join("candidates/S-e0001/clip.json"), clip).unwrap();
        let header = "id,kind,label,onset_s,apex_s,offset_s,action_units,note\n";
        let table = dir.join("codings/ann.csv");
        fs::write(
            &table,
            format!("{header}S-e0001,none,none,,,,,\nS-e0001,,,1.0,,,,\nS-e0001,micro,fear,1.05,,,1+2,x\n"),
        )
        .unwrap();
        let all = codings_of_dataset(dir).unwrap();
        let of_session = &all["S"];
        assert_eq!(of_session.len(), 2);
        assert_eq!((of_session[0].kind.as_str(), of_session[0].onset_s), ("none", 1.0));
        assert_eq!(
            (of_session[1].onset_s, of_session[1].apex_s, of_session[1].offset_s),
            (1.05, 1.1, Some(1.3))
        );
        assert_eq!((of_session[1].coder.as_str(), of_session[1].action_units.as_str()), ("ann", "1+2"));
        for (id, expected) in [("S-e0002", "S-e0002"), ("../S-e0001", "not the name of a candidate")] {
            fs::write(&table, format!("{header}{id},micro,fear,1.0,,,,\n")).unwrap();
            let error = codings_of_dataset(dir).unwrap_err().to_string();
            assert!(error.contains("ann.csv") && error.contains(expected), "{error}");
        }
    }
}
