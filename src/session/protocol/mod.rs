//! The protocol of a session: what is shown to the participant, for how long, in which order.
//!
//! A protocol is a TOML file ([`ProtocolFile`] is its form). [`Protocol::load`] finds everything that is wrong with it,
//! pictures included, before a session starts; [`Protocol::plan`] sets the order by a seed.
//!
//! ```toml
//! name = "questionnaire"
//! title = "Questions"
//! stimulus = "questionnaire"   # questionnaire | image | interview
//! calibration_s = 10           # neutral face; opens every session
//! order = "blocks"             # as_written | blocks | steps
//! images = "images"            # folder of the lab's own images, relative to this file
//!
//! [[marker]]                   # keys of the operator, 0 to 9
//! key = "1"
//! name = "laughs"
//!
//! [[block]]
//! target = "anger"             # a label, a masked label, or "none"
//!
//! [[block.step]]
//! kind = "question"            # prompt | question | image | blank | rest | interview
//! text = "..."
//! duration_s = 20              # or until_key = true, with an optional at_most_s
//! ```

mod check;
mod error;
mod file;
mod kinds;
mod pictures;
mod plan;
mod shipped;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::{Path, PathBuf};

pub use check::{MAX_SHOWN_S, MAX_TEXT_CHARS};
pub use error::ProtocolError;
pub use file::{BlockFile, MarkerFile, ProtocolFile, StepFile};
pub use kinds::{Order, StepKind, Stimulus, Target};
pub use pictures::picture_from_file;
pub(super) use plan::length_of;
pub use plan::{CALIBRATION_TEXT, Plan, PlannedLength};
pub use shipped::{SHIPPED, Shipped};

use crate::infer::sha256_hex;

/// A protocol that was checked, its pictures included.
#[derive(Clone, Debug, PartialEq)]
pub struct Protocol {
    /// Its name, for files.
    pub name: String,
    /// What it is called on the screen.
    pub title: String,
    /// What it shows.
    pub stimulus: Stimulus,
    /// Seconds of a neutral face that open the session.
    pub calibration_s: f64,
    /// What is shuffled.
    pub order: Order,
    /// Keys of the operator.
    pub markers: Vec<MarkerKey>,
    /// Groups of steps, as written.
    pub blocks: Vec<Block>,
    /// Where it was read from.
    pub file: String,
    /// SHA-256 of the file's bytes, in hex.
    pub sha256: String,
}

/// A key with which the operator marks a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkerKey {
    /// A digit.
    pub key: char,
    /// What it marks.
    pub name: String,
}

/// Steps with one target.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// What its steps are meant to evoke.
    pub target: Target,
    /// As written; `each` is spelled out.
    pub steps: Vec<Step>,
}

/// One thing that is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What it is.
    pub kind: StepKind,
    /// What is said; empty where nothing is.
    pub text: String,
    /// The picture that is shown.
    pub picture: Option<Picture>,
    /// When it ends.
    pub end: StepEnd,
}

/// A picture that was found, read and decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Its name below the protocol's image folder, with `/`: `anger/01.jpg`.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
}

/// When a step ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StepEnd {
    /// After so many seconds.
    After(f64),
    /// When the participant presses a key, after so many seconds at the latest.
    AtKey {
        /// `None`: waits without end.
        at_most_s: Option<f64>,
    },
}

impl Protocol {
    /// Reads a protocol by a path, or by the name of one that the program carries ([`SHIPPED`]): a file of that name
    /// goes first. The images of a carried one are looked for from the current folder.
    ///
    /// # Errors
    /// As [`Protocol::load`].
    pub fn open(path_or_name: &str) -> Result<Self, ProtocolError> {
        let path = Path::new(path_or_name);
        match SHIPPED.iter().find(|shipped| shipped.name == path_or_name) {
            Some(shipped) if !path.is_file() => {
                Self::from_text(shipped.text, &format!("{path_or_name} (shipped)"), Path::new(""))
            }
            _ => Self::load(path),
        }
    }

    /// Reads a file, checks it, and decodes every picture that it shows.
    ///
    /// # Errors
    /// [`ProtocolError`], naming the file and *everything* that is wrong with it.
    pub fn load(path: &Path) -> Result<Self, ProtocolError> {
        let text = fs::read_to_string(path).map_err(|source| ProtocolError::read(path, source))?;
        let dir = path.parent().unwrap_or_else(|| Path::new(""));
        Self::from_text(&text, &path.display().to_string(), dir)
    }

    /// Checks the text of a protocol file. `file` names it in messages; `dir` is where `images` starts.
    ///
    /// # Errors
    /// As [`Protocol::load`].
    pub fn from_text(text: &str, file: &str, dir: &Path) -> Result<Self, ProtocolError> {
        let form = ProtocolFile::parse(text, file)?;
        let draft = check::draft_from_file(&form).map_err(ProtocolError::problems(file))?;
        let blocks = pictures::blocks_from_draft(&draft, dir).map_err(ProtocolError::problems(file))?;
        Ok(Self {
            name: form.name,
            title: form.title,
            stimulus: draft.stimulus,
            calibration_s: form.calibration_s,
            order: draft.order,
            markers: draft.markers,
            blocks,
            file: file.to_owned(),
            sha256: sha256_hex(text.as_bytes()),
        })
    }
}
