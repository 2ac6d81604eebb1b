//! Recorded sessions: what was asked, what was filmed, what was seen, and what people said of it, in one folder.
//!
//! A session folder holds `session.toml` ([`SessionRecord`]: everything needed to understand it), `session.mcap` (every
//! stream with its capture time) and `log.jsonl`. Metadata of the participant (`participant.toml`) and codings made by
//! people (`codings/`) lie apart from the media, so that they can be withheld.

mod cdr;
mod check;
pub mod codec;
pub mod coding;
mod consent;
mod data;
mod error;
pub mod exchange;
mod index;
mod log;
#[cfg(feature = "lsl")]
pub mod lsl;
mod media;
mod notes;
mod participant;
mod preview;
pub mod protocol;
mod reader;
mod record;
mod recorder;
mod rescue;
mod runner;
mod scan;
mod source;
mod status;
#[cfg(test)]
mod tests;
mod topics;
mod walk;
mod whole;
mod withdraw;
mod writer;

pub use cdr::StoredAudio;
pub use check::{CheckReport, check};
pub use coding::Coding;
pub use consent::{ConsentError, ConsentText, DEFAULT_TEXT, GivenBy, check_pseudonym, purpose_from_name};
pub use data::{EventRecord, Marker, StepSpan};
pub use error::SessionError;
pub use log::SessionLog;
pub use media::{Identities, Recipient, media_of};
pub use participant::Participant;
pub use reader::SessionReader;
pub use record::{
    CalibrationRecord, ConsentRecord, Ended, FORMAT, ModelRecord, ProtocolRecord, Purpose, SessionRecord,
    SourceRecord, StepRecord, Totals,
};
pub use recorder::{Recorded, Recorder, RecorderSetup};
pub use runner::{Change, EndedBy, Runner, RunnerKey, RunnerParams};
pub use source::SessionSource;
pub use status::{RecorderFigures, RecorderStatus};
pub use topics::Topic;
pub(crate) use whole::write_whole;
pub use withdraw::{Finding, Findings, ParquetFromCsv, Removal, Removed, Rows};
pub use writer::SessionWriter;

/// Names of the files of a session folder.
pub mod files {
    /// What is needed to understand the session.
    pub const RECORD: &str = "session.toml";
    /// Every stream.
    pub const MEDIA: &str = "session.mcap";
    /// Every stream, encrypted.
    pub const ENCRYPTED_MEDIA: &str = "session.mcap.age";
    /// What happened, a line each.
    pub const LOG: &str = "log.jsonl";
    /// Metadata of the participant.
    pub const PARTICIPANT: &str = "participant.toml";
    /// The neutral face that was learned at the session's opening, as a calibration profile.
    pub const PROFILE: &str = "profile.toml";
    /// Codings that people made: one `CODER.csv` each.
    pub const CODINGS: &str = "codings";
    /// Everything that a session folder may hold of its own.
    pub(super) const OWN: [&str; 7] = [RECORD, MEDIA, ENCRYPTED_MEDIA, LOG, PARTICIPANT, PROFILE, CODINGS];
}
