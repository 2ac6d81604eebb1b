//! Reads a session: its record, its steps, markers and events, and its frames as a [`Source`](crate::capture::Source).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::media::{self, Identities};
use super::source::SessionSource;
use super::topics::Topic;
use super::walk::{End, Head, Walker};
use super::{EventRecord, Marker, SessionError, SessionRecord, StepSpan, StoredAudio, cdr, files};
use crate::types::Timestamp;

/// An opened session. What is small has been read; frames are read as they are asked for.
pub struct SessionReader {
    dir: PathBuf,
    record: SessionRecord,
    steps: Vec<StepSpan>,
    markers: Vec<Marker>,
    events: Vec<EventRecord>,
    last_s: f64,
    warnings: Vec<String>,
}

/// What `/stimulus` holds.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct StepMessage {
    pub(super) t_s: f64,
    /// `begin` or `end`.
    pub(super) what: String,
    pub(super) step: usize,
    pub(super) id: String,
    pub(super) kind: String,
    #[serde(default)]
    pub(super) target: String,
    #[serde(default)]
    pub(super) stimulus: String,
}

impl SessionReader {
    /// True for a folder that holds a session.
    pub fn is_session(dir: &Path) -> bool {
        dir.join(files::RECORD).is_file()
    }

    /// The session folders that `path` means: itself, or those one level down, in the order of their names.
    ///
    /// # Errors
    /// [`SessionError::NotASession`] where there is none, [`SessionError::Io`] where the folder cannot be read.
    pub fn find(path: &Path) -> Result<Vec<PathBuf>, SessionError> {
        if Self::is_session(path) {
            return Ok(vec![path.to_owned()]);
        }
        let entries = fs::read_dir(path).map_err(SessionError::io("read", path))?;
        let mut found: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|dir| Self::is_session(dir))
            .collect();
        found.sort();
        if found.is_empty() {
            return Err(SessionError::NotASession { dir: path.to_owned() });
        }
        Ok(found)
    }

    /// Opens a session folder and reads everything but frames, sound and observations.
    ///
    /// # Errors
    /// [`SessionError`], naming the file. A file that breaks off is no error: see [`SessionReader::warnings`].
    pub fn open(dir: &Path, identities: &Identities) -> Result<Self, SessionError> {
        if dir.is_file() {
            return Err(SessionError::NotASession { dir: dir.to_owned() });
        }
        let record = SessionRecord::load(dir)?;
        let mut reader = Self {
            dir: dir.to_owned(),
            record,
            steps: Vec::new(),
            markers: Vec::new(),
            events: Vec::new(),
            last_s: 0.0,
            warnings: Vec::new(),
        };
        reader.read_notes(identities)?;
        Ok(reader)
    }

    fn read_notes(&mut self, identities: &Identities) -> Result<(), SessionError> {
        let mut walker = self.walker(identities)?;
        let mut events = BTreeMap::new();
        let mut unreadable = 0u64;
        // A message that is no frame comes at least a few times a second: the last one tells how far the file goes.
        let wanted = |topic| !matches!(topic, Topic::Camera | Topic::Audio | Topic::Preview);
        while let Some((head, body)) = walker.next(wanted) {
            self.last_s = self.last_s.max(seconds(head.log_ns, self.record.started_unix_ns));
            match head.topic {
                Topic::Stimulus => match parsed::<StepMessage>(body) {
                    Some(message) => self.take_step(message),
                    None => unreadable += 1,
                },
                Topic::Marker => match parsed::<Marker>(body) {
                    Some(marker) => self.markers.push(marker),
                    None => unreadable += 1,
                },
                Topic::Event => match parsed::<EventRecord>(body) {
                    Some(event) => {
                        events.insert(event.event, event);
                    }
                    None => unreadable += 1,
                },
                Topic::Camera | Topic::Preview | Topic::Audio | Topic::Gap | Topic::Observation => {}
            }
        }
        self.events = events.into_values().collect();
        if let Some(End::Torn(why)) = walker.end() {
            self.warnings.push(format!(
                "{}: {why}; what is before is whole. `onset session check {}` says what is there and repairs it",
                self.dir.join(files::MEDIA).display(),
                self.dir.display()
            ));
        }
        if unreadable > 0 {
            self.warnings.push(format!("{}: {unreadable} messages could not be read", self.dir.display()));
        }
        Ok(())
    }

    fn take_step(&mut self, message: StepMessage) {
        let StepMessage { t_s, what, step, id, kind, target, stimulus } = message;
        if what == "begin" {
            self.steps.push(StepSpan { step, id, kind, target, stimulus, start_s: t_s, end_s: None });
        } else if let Some(open) = self.steps.iter_mut().rfind(|open| open.step == step) {
            open.end_s = Some(t_s);
        }
    }

    /// The session's folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// `session.toml`.
    pub fn record(&self) -> &SessionRecord {
        &self.record
    }

    /// The steps in the order in which they were shown. One without an end was broken off.
    pub fn steps(&self) -> &[StepSpan] {
        &self.steps
    }

    /// The markers, in order.
    pub fn markers(&self) -> &[Marker] {
        &self.markers
    }

    /// The spotted events in their last state, by number, vetoed ones included.
    pub fn events(&self) -> &[EventRecord] {
        &self.events
    }

    /// Time of the last message that is not a frame, in seconds on the session's clock.
    pub fn last_s(&self) -> f64 {
        self.last_s
    }

    /// What was odd: a file that breaks off, messages that could not be read.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The frames, with the times and the losses that were recorded.
    ///
    /// # Errors
    /// [`SessionError`], naming the file.
    pub fn source(&self, identities: &Identities) -> Result<SessionSource, SessionError> {
        Ok(SessionSource::new(self.walker(identities)?, &self.dir, &self.record, self.last_s))
    }

    /// Hands each observation to `take`, in order: an object with the columns of `frames.csv`.
    ///
    /// # Errors
    /// [`SessionError`], naming the file.
    pub fn observations(
        &self,
        identities: &Identities,
        mut take: impl FnMut(serde_json::Map<String, serde_json::Value>),
    ) -> Result<(), SessionError> {
        let mut walker = self.walker(identities)?;
        while let Some((_, body)) = walker.next(|topic| topic == Topic::Observation) {
            if let Some(row) = parsed(body) {
                take(row);
            }
        }
        Ok(())
    }

    /// Hands each block of sound to `take`, in order, with its time.
    ///
    /// # Errors
    /// [`SessionError`], naming the file.
    pub fn sound(
        &self,
        identities: &Identities,
        mut take: impl FnMut(Timestamp, StoredAudio<'_>),
    ) -> Result<(), SessionError> {
        let mut walker = self.walker(identities)?;
        while let Some((head, body)) = walker.next(|topic| topic == Topic::Audio) {
            if let Some(block) = cdr::audio_from(body) {
                take(head.at(self.record.started_unix_ns), block);
            }
        }
        Ok(())
    }

    fn walker(&self, identities: &Identities) -> Result<Walker, SessionError> {
        let opened = media::open(&self.dir, identities)?;
        let path = opened.path.clone();
        Walker::new(opened).map_err(|why| SessionError::Media { path, why })
    }
}

fn parsed<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    serde_json::from_slice(body).ok()
}

/// Seconds on the session's clock.
pub(super) fn seconds(log_ns: u64, started_unix_ns: u64) -> f64 {
    log_ns.cast_signed().wrapping_sub(started_unix_ns.cast_signed()) as f64 * 1e-9
}

/// What a walker says of a message, without its bytes.
impl Head {
    /// Time on the session's clock.
    pub(super) fn at(self, started_unix_ns: u64) -> Timestamp {
        Timestamp::from_nanos(self.log_ns.cast_signed().wrapping_sub(started_unix_ns.cast_signed()))
    }
}
