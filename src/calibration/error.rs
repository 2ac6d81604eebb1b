//! Why a profile cannot be read or written, and what to do next.

use std::io;
use std::path::PathBuf;

/// A profile that cannot be used. Each message names the file and the key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// The system refused.
    #[error("cannot {doing} the calibration profile {path}: {source}; check the path")]
    Io {
        /// What was tried: `read`, `write`.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The file is no profile, or one of its values cannot be.
    #[error(
        "{origin} is not a calibration profile: {why}; correct it, or make one anew with `onset calibrate` (its keys are \
         explained in calibration/README.md)"
    )]
    Bad {
        /// The file, or `the profile`.
        origin: String,
        /// The key and what is wrong with it.
        why: String,
    },
}
