//! A recorded session folder as what a dataset is built from.

use std::path::Path;
use std::sync::Arc;

use super::page_codings::tables_in;
use super::session_data::{CodedEvent, MotionRow, SessionData, trace_regions};
use crate::capture::Source;
use crate::dataset::FolderError;
use crate::session::{EventRecord, Identities, Participant, SessionReader, StepSpan, files, media_of};
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
        Ok(Self { reader, identities, gender: Participant::load(dir)?.gender, codings: codings_of(dir)? })
    }

    /// Adds codings that were made elsewhere.
    pub fn add_codings(&mut self, codings: Vec<CodedEvent>) {
        self.codings.extend(codings);
    }

    /// What was odd, in words.
    pub fn warnings(&self) -> &[String] {
        self.reader.warnings()
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
        let dir = self.reader.dir();
        Ok(input_sha256(&media_of(dir).unwrap_or_else(|| dir.join(files::MEDIA)))?)
    }
}

/// What people coded in this session: one table for each coder, in the order of their names.
fn codings_of(dir: &Path) -> Result<Vec<CodedEvent>, FolderError> {
    let tables = tables_in(&dir.join(files::CODINGS))?;
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
