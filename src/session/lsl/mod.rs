//! Markers to and from the Lab Streaming Layer (feature `lsl`): what other programs of a lab show and record, on one
//! clock.
//!
//! liblsl (sccn/liblsl) is loaded while the program runs ([`Lsl::open`]); a lab that uses LSL has it. Its calls here
//! never wait; it runs threads of its own. All times go through its clock: a session time becomes a stamp by its age
//! now, a stamp becomes a session time likewise, so that the two clocks are never assumed to share a start.

mod ffi;
mod inlet;
mod outlet;
#[cfg(test)]
mod tests;

use std::env;
use std::ffi::{CString, OsString};

use ffi::Library;

pub use inlet::MarkerInlet;
pub use outlet::{FrameOutlet, MarkerOutlet};

use crate::types::Timestamp;

/// Names under which the library is usually installed.
const NAMES: [&str; 4] = if cfg!(target_os = "windows") {
    ["lsl.dll", "liblsl64.dll", "liblsl.dll", "liblsl32.dll"]
} else if cfg!(target_os = "macos") {
    ["liblsl.dylib", "liblsl.2.dylib", "/opt/homebrew/lib/liblsl.dylib", "/usr/local/lib/liblsl.dylib"]
} else {
    ["liblsl.so", "liblsl.so.2", "/usr/local/lib/liblsl.so", "/usr/lib/liblsl.so"]
};

/// The type of marker streams, which all LSL programs agree on.
const MARKERS: &std::ffi::CStr = c"Markers";

/// Why there are no LSL streams.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LslError {
    /// The library is not there.
    #[error(
        "liblsl, the library of the Lab Streaming Layer, is not found ({tried}). Install it from \
         https://github.com/sccn/liblsl/releases (or `conda install -c conda-forge liblsl`, or `brew install \
         labstreaminglayer/tap/lsl`), or name its file by the environment variable LSL_LIB"
    )]
    Missing {
        /// What was tried, and what the system said last.
        tried: String,
    },
    /// `LSL_LIB` names something else.
    #[error("LSL_LIB={}: {why}; name the file of liblsl (1.13 or newer), or unset LSL_LIB", path.display())]
    Named {
        /// Its value.
        path: std::path::PathBuf,
        /// What the system said.
        why: String,
    },
    /// The library refused.
    #[error("liblsl cannot {what}; its settings (lsl_api.cfg) or the network may forbid it")]
    Refused {
        /// `open an outlet`, ...
        what: &'static str,
    },
}

/// An error with its causes: the loader's own message is one.
fn in_words(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", in_words(cause)),
        None => error.to_string(),
    }
}

/// liblsl, loaded. Streams that are made by one of these know each other: an inlet leaves out its outlets.
#[derive(Clone)]
pub struct Lsl {
    library: &'static Library,
    /// Tells our own streams from those of others, and from those of other instances of this program.
    source: String,
}

impl Lsl {
    /// Loads the library: the file that `LSL_LIB` names, else one of the usual names.
    ///
    /// # Errors
    /// It is not there, or not liblsl.
    pub fn open() -> Result<Self, LslError> {
        let library = match env::var_os("LSL_LIB").filter(|path| !path.is_empty()) {
            Some(path) => Library::load(&path)
                .map_err(|error| LslError::Named { path: path.into(), why: in_words(&error) })?,
            None => Self::usual()?,
        };
        let random = getrandom::u64().map_err(|_| LslError::Refused { what: "be given a random name" })?;
        Ok(Self { library, source: format!("onset-{random:016x}") })
    }

    fn usual() -> Result<&'static Library, LslError> {
        let mut last = String::new();
        for name in NAMES {
            match Library::load(&OsString::from(name)) {
                Ok(library) => return Ok(library),
                Err(error) => last = in_words(&error),
            }
        }
        Err(LslError::Missing { tried: format!("tried {}; the system said last: {last}", NAMES.join(", ")) })
    }

    /// The library's version: `1.16`.
    pub fn version(&self) -> String {
        let version = self.library.version();
        format!("{}.{}", version / 100, version % 100)
    }

    /// The stamp of a session time, by how long ago it was.
    fn stamp_s(&self, at: Timestamp, now: Timestamp) -> f64 {
        self.library.clock_s() - now.seconds_since(at)
    }

    /// The name of a stream of ours that stays the same for as long as this lives.
    fn source_id(&self, stream: &str) -> CString {
        CString::new(format!("{}-{stream}", self.source)).unwrap_or_default()
    }
}
