//! `left_out.csv`: frames that were wanted and could not become samples, with the reason. Never silent.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{FolderError, write_whole};

/// Why a frame is no sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyLeftOut {
    /// No face was found.
    NoFace,
    /// The face is covered, or turned too far away.
    Covered,
    /// The face is too blurred to be read.
    Blurred,
    /// The frame is not in the recording: it was lost, or the recording ended before.
    NotRecorded,
    /// Its bytes are no picture.
    Undecodable,
}

impl WhyLeftOut {
    /// All reasons.
    pub const ALL: [Self; 5] =
        [Self::NoFace, Self::Covered, Self::Blurred, Self::NotRecorded, Self::Undecodable];

    /// The name used in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoFace => "no_face",
            Self::Covered => "covered",
            Self::Blurred => "blurred",
            Self::NotRecorded => "not_recorded",
            Self::Undecodable => "undecodable",
        }
    }
}

/// A frame that is no sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The session.
    pub session: String,
    /// The step; empty outside every step.
    pub step: String,
    /// When the frame was wanted, in seconds on the session's clock.
    pub time_s: f64,
    /// `interval`, `onset`, `apex`, `offset`.
    pub role: String,
    /// The event; empty for interval frames.
    pub event: String,
    /// Why.
    pub why: WhyLeftOut,
}

const HEADER: [&str; 6] = ["session", "step", "time_s", "role", "event", "why"];

/// Writes the table whole.
pub(super) fn write(path: &Path, rows: &[LeftOut]) -> Result<(), FolderError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |error: csv::Error| FolderError::file(path, error.to_string());
    writer.write_record(HEADER).map_err(failed)?;
    for row in rows {
        let time = format!("{:.6}", row.time_s);
        writer
            .write_record([&row.session, &row.step, &time, &row.role, &row.event, row.why.name()])
            .map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|error| FolderError::file(path, error.to_string()))?;
    write_whole(path, &bytes)
}

/// Reads the table; nothing where there is none.
pub(super) fn read(path: &Path) -> Result<Vec<LeftOut>, FolderError> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(FolderError::io("read", path)(error)),
    };
    csv::Reader::from_reader(bytes.as_slice()).deserialize().collect::<Result<_, _>>().map_err(|error| {
        FolderError::file(path, format!("{error}; remove the file, or build the dataset again"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_comes_back_and_a_broken_one_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("left_out.csv");
        assert!(read(&path).unwrap().is_empty());
        let rows: Vec<LeftOut> = WhyLeftOut::ALL
            .into_iter()
            .map(|why| LeftOut {
                session: "P,1".to_owned(),
                step: String::new(),
                time_s: 1.25,
                role: "interval".to_owned(),
                event: "e\"1".to_owned(),
                why,
            })
            .collect();
        write(&path, &rows).unwrap();
        assert_eq!(read(&path).unwrap(), rows);
        std::fs::write(&path, "session,step,time_s,role,event,why\na,b,c,d,e,f\n").unwrap();
        let error = read(&path).unwrap_err().to_string();
        assert!(error.contains("left_out.csv") && error.contains("line: 2"), "{error}");
    }
}
