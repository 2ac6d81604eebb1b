//! What a coder sees: a short clip, its motion traces, and what the spotter proposes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::LabelError;
use super::clip_file::{self, ClipFile};

/// Folder of the candidates in a dataset.
pub(super) const FOLDER: &str = "candidates";
/// File of one candidate.
pub(super) const CLIP: &str = "clip.json";

/// What the spotter says of a candidate: shown to coders who do not work blind.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
pub struct Proposal {
    /// `micro`, `macro`, `masked` or `blink`.
    #[serde(default)]
    pub kind: String,
    /// The emotion or mismatch; empty where none is claimed.
    #[serde(default)]
    pub label: String,
    /// First visible change, in seconds on the session's clock.
    pub onset_s: Option<f64>,
    /// Strongest moment.
    pub apex_s: Option<f64>,
    /// Return.
    pub offset_s: Option<f64>,
    /// As `4+7`.
    #[serde(default)]
    pub action_units: String,
    /// Confidence, `[0, 1]`; `None` for what a coder said in an earlier round, which no other coder is shown.
    pub score: Option<f64>,
}

/// One picture of a clip.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
pub struct ClipFrame {
    /// Capture time, in seconds on the session's clock.
    pub t_s: f64,
    /// File in the candidate's folder.
    pub file: String,
}

/// A clip to be coded.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Its name: that of its folder.
    pub id: String,
    /// The session that it is from.
    pub session: String,
    /// Pictures in the order of time; at least one, times rising.
    pub frames: Vec<ClipFrame>,
    /// Motion by the region's name, one value for each of `trace_t_s`; `None` where it could not be measured.
    pub traces: BTreeMap<String, Vec<Option<f64>>>,
    /// Times of the traces, in seconds on the session's clock.
    pub trace_t_s: Vec<f64>,
    /// What the spotter says.
    pub proposal: Option<Proposal>,
    dir: PathBuf,
}

impl Candidate {
    /// First and last time of the clip, in seconds.
    pub fn span_s(&self) -> (f64, f64) {
        let at = |frame: Option<&ClipFrame>| frame.map_or(0.0, |frame| frame.t_s);
        (at(self.frames.first()), at(self.frames.last()))
    }

    /// Path of a picture of this clip: `None` for every name that the clip does not list.
    pub(super) fn picture(&self, file: &str) -> Option<PathBuf> {
        let frame = self.frames.iter().find(|frame| frame.file == file)?;
        Some(self.dir.join(&frame.file))
    }
}

/// All candidates of a dataset, in the natural order of their names, and what could not be read.
#[derive(Debug, Default)]
pub struct Candidates {
    /// Those that can be labelled.
    pub all: Vec<Candidate>,
    /// Messages about the others, each naming its file.
    pub unreadable: Vec<String>,
}

impl Candidates {
    /// Reads `DS/candidates/*/clip.json`.
    ///
    /// # Errors
    /// [`LabelError::NoCandidates`] where not one can be used and none is broken, [`LabelError::Io`] where the folder cannot be
    /// read. Broken candidates are listed, not refused: the others can be labelled meanwhile.
    pub fn read(dataset: &Path) -> Result<Self, LabelError> {
        let folder = dataset.join(FOLDER);
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(LabelError::NoCandidates { dir: dataset.to_owned() });
            }
            Err(error) => return Err(LabelError::io("read", &folder)(error)),
        };
        let mut found = Self::default();
        for entry in entries {
            let dir = entry.map_err(LabelError::io("read", &folder))?.path();
            if !dir.is_dir() {
                continue;
            }
            match read_one(&dir) {
                Ok(candidate) => found.all.push(candidate),
                Err(why) => found.unreadable.push(format!("{}: {why}", dir.join(CLIP).display())),
            }
        }
        if found.all.is_empty() && found.unreadable.is_empty() {
            return Err(LabelError::NoCandidates { dir: dataset.to_owned() });
        }
        found.all.sort_by_cached_key(|candidate| natural(&candidate.id));
        found.unreadable.sort();
        Ok(found)
    }

    /// The one of this name.
    pub fn get(&self, id: &str) -> Option<&Candidate> {
        self.all.iter().find(|candidate| candidate.id == id)
    }
}

fn read_one(dir: &Path) -> Result<Candidate, String> {
    let id =
        dir.file_name().and_then(|name| name.to_str()).ok_or("its folder's name is not UTF-8; rename it")?;
    let text = fs::read_to_string(dir.join(CLIP)).map_err(|error| error.to_string())?;
    let ClipFile { session, frames, traces, trace_t_s, proposal } = clip_file::parse(&text, id)?;
    Ok(Candidate { id: id.to_owned(), session, frames, traces, trace_t_s, proposal, dir: dir.to_owned() })
}

/// A key for which `c2` comes before `c10`: runs of digits count by their value.
fn natural(name: &str) -> Vec<(u8, u64, String)> {
    let mut parts: Vec<(u8, u64, String)> = Vec::new();
    for c in name.chars() {
        match (c.to_digit(10), parts.last_mut()) {
            (Some(digit), Some((0, value, text))) => {
                *value = value.saturating_mul(10).saturating_add(u64::from(digit));
                text.push(c);
            }
            (Some(digit), _) => parts.push((0, u64::from(digit), c.to_string())),
            (None, Some((1, _, text))) => text.push(c),
            (None, _) => parts.push((1, 0, c.to_string())),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_as_people_count() {
        let mut names = ["c10", "c2", "c1-b", "c1-a", "b99", "7"];
        names.sort_by_key(|name| natural(name));
        assert_eq!(names, ["7", "b99", "c1-a", "c1-b", "c2", "c10"]);
    }

    #[test]
    fn a_broken_candidate_does_not_hide_the_others() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(Candidates::read(dir.path()), Err(LabelError::NoCandidates { .. })));
        for (id, text) in [
            ("good", r#"{"id":"good","frames":[{"t_s":1.0,"file":"0.jpg"}]}"#),
            ("bad", r#"{"id":"bad","frames":[]}"#),
        ] {
            let dir = dir.path().join(FOLDER).join(id);
            fs::create_dir_all(&dir).unwrap();
            fs::write(dir.join(CLIP), text).unwrap();
        }
        let found = Candidates::read(dir.path()).unwrap();
        assert_eq!(found.all.len(), 1);
        assert!(found.unreadable[0].contains("bad") && found.unreadable[0].contains("no frames"));
        let good = found.get("good").unwrap();
        assert!(good.picture("0.jpg").unwrap().ends_with("good/0.jpg"));
        assert_eq!(good.picture("clip.json"), None);
        assert_eq!(good.picture("../good/0.jpg"), None);
    }
}
