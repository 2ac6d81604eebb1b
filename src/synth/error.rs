//! Why a clip cannot be made.

use std::path::{Path, PathBuf};

/// Each message says what happened and what to do next.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SynthError {
    /// The base cannot be read.
    #[error(transparent)]
    Capture(#[from] crate::capture::CaptureError),
    /// A network failed.
    #[error(transparent)]
    Face(#[from] crate::face::FaceError),
    /// A frame of the base is no picture.
    #[error("{base}: {why}; export the base again")]
    Pixels {
        /// The base.
        base: String,
        /// What is wrong.
        why: String,
    },
    /// There is nothing to animate.
    #[error(
        "{base}: no face was found in it; choose a base that shows a face from the front, at least 10 px between the eyes"
    )]
    NoFace {
        /// The base.
        base: String,
    },
    /// A request that cannot be met.
    #[error("{0}")]
    BadRequest(String),
    /// The ffmpeg program is missing or failed.
    #[error("cannot encode {path}: {why}")]
    Encode {
        /// The clip.
        path: PathBuf,
        /// What happened and the next step.
        why: String,
    },
    /// A file cannot be written.
    #[error("cannot write {path}: {why}; check the path and the free space")]
    Write {
        /// The file.
        path: PathBuf,
        /// What happened.
        why: String,
    },
    /// A file cannot be read.
    #[error("cannot read {}: {why}; check the path and its permissions", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's message.
        why: String,
    },
    /// A table that lists pictures cannot be used.
    #[error("{}, line {line}: {why}", path.display())]
    Row {
        /// The table.
        path: PathBuf,
        /// Line in it, from 1.
        line: u64,
        /// What is wrong, and what would be right.
        why: String,
    },
    /// There are no pictures for composites, or none that go together.
    #[error("{0}")]
    NoChimera(String),
    /// The user asked to stop.
    #[error("interrupted: {what} was not completed; the clips before it are")]
    Interrupted {
        /// The clip, or the base that was being measured.
        what: String,
    },
}

impl SynthError {
    pub(super) fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::File { path: path.to_owned(), why: error.to_string() }
    }
}
