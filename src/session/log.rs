//! `log.jsonl`: what happened in a session, one object a line, flushed as it is written.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use super::{SessionError, files};
use crate::types::Timestamp;

/// The log of a session that is being recorded.
pub struct SessionLog {
    file: File,
    /// The first line that could not be written; the recording goes on without.
    failed: Option<io::Error>,
}

#[derive(Serialize)]
struct Line<'a> {
    t_s: f64,
    what: &'a str,
    text: &'a str,
}

impl SessionLog {
    /// Creates the log, or goes on with one that is there.
    ///
    /// # Errors
    /// [`SessionError::Io`], naming the file.
    pub fn open(dir: &Path) -> Result<Self, SessionError> {
        let path = dir.join(files::LOG);
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(SessionError::io("create", &path))?;
        Ok(Self { file, failed: None })
    }

    /// Writes a line: `what` is a word (`start`, `gap`, `disk`, `clock`, `end`, ...), `text` says the rest.
    pub fn line(&mut self, at: Timestamp, what: &str, text: &str) {
        let line = Line { t_s: (at.as_secs_f64() * 1e6).round() / 1e6, what, text };
        let written = serde_json::to_vec(&line).map_err(io::Error::from).and_then(|mut bytes| {
            bytes.push(b'\n');
            self.file.write_all(&bytes)
        });
        if let Err(error) = written {
            self.failed.get_or_insert(error);
        }
    }

    /// Why lines are missing; `None` where none is.
    pub fn failed(&self) -> Option<&io::Error> {
        self.failed.as_ref()
    }
}
