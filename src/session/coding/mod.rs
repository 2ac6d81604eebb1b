//! Codings: what people saw in a recording, as one table for each coder.
//!
//! The same CSV everywhere: in a session's `codings/`, beside the candidates of a dataset, and for tables that other
//! programs made. docs/exchange.md has the columns.

mod error;
mod read;
#[cfg(test)]
pub(in crate::session) mod tests;
mod value;
mod write;

use crate::types::{EventKind, Label, MaskedLabel, OTHER_LABEL};

pub use error::CodingError;
pub use read::{codings_from_csv, read_codings, read_session_codings};
pub use value::{action_units_from_text, text_from_action_units};
pub(in crate::session) use write::csv_cell;
pub use write::{csv_from_codings, write_codings};

/// Columns of the CSV form, in the order in which they are written.
pub const COLUMNS: [&str; 7] = ["kind", "label", "onset_s", "apex_s", "offset_s", "action_units", "note"];

/// Kinds that a person may give.
pub const KINDS: [EventKind; 4] = [EventKind::Micro, EventKind::Macro, EventKind::Masked, EventKind::Blink];

/// Labels of masked smiles.
const MASKED: [MaskedLabel; 3] =
    [MaskedLabel::HappyButSad, MaskedLabel::HappyButAngry, MaskedLabel::HappyButOther];

/// One expression that a person saw.
#[derive(Clone, Debug, PartialEq)]
pub struct Coding {
    /// What sort of event.
    pub kind: EventKind,
    /// One of [`labels_of`] its kind; empty where the coder did not decide.
    pub label: String,
    /// First visible change, in seconds on the session's clock, not negative.
    pub onset_s: f64,
    /// Strongest moment, from onset to offset; `None` where the coder gave none.
    pub apex_s: Option<f64>,
    /// Return, not before the onset.
    pub offset_s: f64,
    /// FACS action units, rising, each once.
    pub action_units: Vec<u8>,
    /// The coder's words.
    pub note: String,
    /// The coder's name, as in the name of the file.
    pub coder: String,
    /// The dataset's candidate that was coded; empty elsewhere. A column of its own (`id`), written where one is given.
    pub id: String,
}

/// The labels that an event of this kind may have.
pub fn labels_of(kind: EventKind) -> Vec<&'static str> {
    match kind {
        EventKind::Micro | EventKind::Macro => {
            Label::ALL.iter().map(|label| label.name()).chain([OTHER_LABEL]).collect()
        }
        EventKind::Masked => MASKED.iter().map(|label| label.name()).collect(),
        EventKind::Blink => Vec::new(),
    }
}

/// The kind of this name.
pub fn kind_from_name(name: &str) -> Option<EventKind> {
    KINDS.into_iter().find(|kind| kind.name() == name)
}

impl Coding {
    /// What speaks against these times, in words that follow the name of the column; the name comes with them.
    ///
    /// # Errors
    /// The column and the problem: a time before the start, or onset, apex and offset out of order.
    pub fn check_times(&self) -> Result<(), (&'static str, String)> {
        let Self { onset_s, apex_s, offset_s, .. } = self;
        let times = [("onset_s", Some(*onset_s)), ("apex_s", *apex_s), ("offset_s", Some(*offset_s))];
        for (column, time) in times {
            let Some(time) = time else { continue };
            if !time.is_finite() || time > MAX_TIME_S {
                return Err((column, format!("{time} s is not a time within a recording")));
            }
            if time < 0.0 {
                let words = "is before the session's start; times are seconds on the session's clock, from 0";
                return Err((column, format!("{time} s {words}")));
            }
        }
        if offset_s < onset_s {
            let problem =
                format!("it ends at {offset_s} s, before its onset at {onset_s} s; are they swapped?");
            return Err(("offset_s", problem));
        }
        match apex_s {
            Some(apex_s) if apex_s < onset_s || apex_s > offset_s => Err((
                "apex_s",
                format!("{apex_s} s is not between onset ({onset_s} s) and offset ({offset_s} s)"),
            )),
            _ => Ok(()),
        }
    }
}

/// Whether a name can be a coder's: it becomes the name of a file, and of a tier.
///
/// # Errors
/// What is wrong, and what would be right.
pub fn check_coder_name(name: &str) -> Result<(), String> {
    let is_allowed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.len() > 64 || name.starts_with('.') || !name.chars().all(is_allowed) {
        return Err(
            "a coder's name has letters, digits, `-`, `_` and `.`, 64 bytes at most, such as anna".to_owned()
        );
    }
    Ok(())
}

/// Times beyond this many seconds (30 years) are mistakes.
const MAX_TIME_S: f64 = 1e9;
