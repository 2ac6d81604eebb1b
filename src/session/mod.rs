//! Recorded sessions: what was asked, what was filmed, what was seen, and what people said of it, in one folder.
//!
//! A session folder holds `session.toml` ([`SessionRecord`]: everything needed to understand it), `session.mcap` (every
//! stream with its capture time) and `log.jsonl`. Metadata of the participant (`participant.toml`) and codings made by
//! people (`codings/`) lie apart from the media, so that they can be withheld.

mod consent;
mod data;
mod error;
mod participant;
pub mod protocol;
mod record;
mod runner;
mod whole;
mod withdraw;

pub use consent::{
    ConsentError, ConsentText, DEFAULT_TEXT, GivenBy, check_pseudonym, purpose_from_name,
};
pub use data::{EventRecord, Marker, StepSpan};
pub use error::SessionError;
pub use participant::Participant;
pub use record::{
    CalibrationRecord, ConsentRecord, Ended, ModelRecord, ProtocolRecord, Purpose, SessionRecord,
    SourceRecord, StepRecord, Totals,
};
pub use runner::{Change, EndedBy, Runner, RunnerKey, RunnerParams};
pub(crate) use whole::write_whole;
pub use withdraw::{Finding, Findings, ParquetFromCsv, Removal, Removed, Rows};

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
    /// Codings that people made: one `CODER.csv` each.
    pub const CODINGS: &str = "codings";
}
