//! A recorded session folder as what a dataset is built from.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::session_data::{CodedEvent, MotionRow, SessionData, trace_regions};
use crate::capture::Source;
use crate::dataset::FolderError;
use crate::session::{EventRecord, Identities, SessionReader, StepSpan, files};
use crate::tables::input_sha256;

/// A session that was recorded.
pub struct RecordedSession {
    reader: SessionReader,
    identities: Arc<Identities>,
    gender: String,
    codings: Vec<CodedEvent>,
}

impl RecordedSession {
    /// Opens a session folder.
    ///
    /// # Errors
    /// [`FolderError`], naming the file.
    pub fn open(dir: &Path, identities: Arc<Identities>) -> Result<Self, FolderError> {
        let reader = SessionReader::open(dir, &identities)?;
        Ok(Self { reader, identities, gender: gender_of(dir)?, codings: codings_of(dir)? })
    }

    /// What was odd, in words.
    pub fn warnings(&self) -> &[String] {
        self.reader.warnings()
    }

    fn media(&self) -> PathBuf {
        let plain = self.reader.dir().join(files::MEDIA);
        if plain.is_file() { plain } else { self.reader.dir().join(files::ENCRYPTED_MEDIA) }
    }
}

impl SessionData for RecordedSession {
    fn id(&self) -> &str {
        &self.reader.record().id
    }

    fn participant(&self) -> &str {
        &self.reader.record().participant
    }

    fn gender(&self) -> &str {
        &self.gender
    }

    fn stimulus(&self) -> &str {
        &self.reader.record().protocol.stimulus
    }

    fn steps(&self) -> &[StepSpan] {
        self.reader.steps()
    }

    fn events(&self) -> &[EventRecord] {
        self.reader.events()
    }

    fn codings(&self) -> &[CodedEvent] {
        &self.codings
    }

    fn source(&self) -> Result<Box<dyn Source>, FolderError> {
        Ok(Box::new(self.reader.source(&self.identities)?))
    }

    fn motion(&self) -> Result<Vec<MotionRow>, FolderError> {
        let names = trace_regions().map(|region| format!("m_{}", region.name()));
        let mut rows = Vec::new();
        self.reader.observations(&self.identities, |row| {
            let number = |name: &str| row.get(name).and_then(serde_json::Value::as_f64);
            if let Some(t_s) = number("timestamp_s") {
                let amplitude_icd =
                    std::array::from_fn(|index| names.get(index).and_then(|name| number(name)));
                rows.push(MotionRow { t_s, amplitude_icd });
            }
        })?;
        Ok(rows)
    }

    fn media_sha256(&self) -> Result<String, FolderError> {
        Ok(input_sha256(&self.media())?)
    }
}

/// Gender as the participant gave it; empty where it is not known or was withheld.
fn gender_of(dir: &Path) -> Result<String, FolderError> {
    let path = dir.join(files::PARTICIPANT);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(String::new()),
        Err(error) => return Err(FolderError::io("read", &path)(error)),
    };
    let table: toml::Table =
        toml::from_str(&text).map_err(|error| FolderError::file(&path, error.to_string()))?;
    match table.get("gender") {
        None => Ok(String::new()),
        Some(toml::Value::String(gender)) => Ok(gender.clone()),
        Some(_) => Err(FolderError::file(&path, "gender is no text; write it like gender = \"female\"")),
    }
}

/// What people coded in this session: one table for each coder, in the order of their names.
fn codings_of(dir: &Path) -> Result<Vec<CodedEvent>, FolderError> {
    let folder = dir.join(files::CODINGS);
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(FolderError::io("read", &folder)(error)),
    };
    let mut tables = Vec::new();
    for entry in entries {
        let path = entry.map_err(FolderError::io("read", &folder))?.path();
        if path.extension().is_some_and(|extension| extension == "csv") {
            tables.push(path);
        }
    }
    tables.sort();
    let mut all = Vec::new();
    for path in tables {
        let coder = path.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        all.extend(read_codings(&path, &coder)?);
    }
    Ok(all)
}

#[derive(serde::Deserialize)]
struct CodingRow {
    kind: String,
    #[serde(default)]
    label: String,
    onset_s: f64,
    apex_s: Option<f64>,
    offset_s: Option<f64>,
    #[serde(default)]
    action_units: String,
}

fn read_codings(path: &Path, coder: &str) -> Result<Vec<CodedEvent>, FolderError> {
    let wrong = |error: csv::Error| {
        FolderError::file(
            path,
            format!("{error}; its columns are kind,label,onset_s,apex_s,offset_s,action_units,note"),
        )
    };
    let mut reader = csv::Reader::from_path(path).map_err(wrong)?;
    let mut all = Vec::new();
    for row in reader.deserialize() {
        let CodingRow { kind, label, onset_s, apex_s, offset_s, action_units } = row.map_err(wrong)?;
        let apex_s = apex_s.unwrap_or(onset_s);
        all.push(CodedEvent {
            coder: coder.to_owned(),
            kind,
            label,
            onset_s,
            apex_s,
            offset_s,
            action_units,
        });
    }
    Ok(all)
}
