//! A recorded session folder as what a dataset is built from.

use std::path::Path;
use std::sync::Arc;

use super::session_data::{CodedEvent, MotionRow, SessionData, trace_regions};
use crate::capture::Source;
use crate::dataset::FolderError;
use crate::session::coding::{read_session_codings, text_from_action_units};
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

/// What people coded in this session, coder by coder.
fn codings_of(dir: &Path) -> Result<Vec<CodedEvent>, FolderError> {
    let codings = read_session_codings(dir)?.into_iter().map(|coding| CodedEvent {
        apex_s: coding.apex_s.unwrap_or(coding.onset_s),
        offset_s: Some(coding.offset_s),
        action_units: text_from_action_units(&coding.action_units),
        kind: coding.kind.name().to_owned(),
        coder: coding.coder,
        label: coding.label,
        onset_s: coding.onset_s,
    });
    Ok(codings.collect())
}
