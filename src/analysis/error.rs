//! Why a recording could not be analysed.

use std::path::PathBuf;

use crate::calibration::{Mismatch, ProfileError};
use crate::capture::CaptureError;
use crate::infer::InferError;
use crate::pipeline::AnalyzerError;
use crate::session::SessionError;
use crate::tables::TableError;

/// Each message names the file or option and the next step.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnalysisError {
    /// Nothing is there.
    #[error("{}: there is no such file or folder; check the path", path.display())]
    Missing {
        /// The path.
        path: PathBuf,
    },
    /// The profile that was asked for is not there.
    #[error(
        "--profile {wanted}: there is no file {}; {there}; make one with `onset calibrate --name NAME`",
        path.display()
    )]
    NoProfile {
        /// As it was asked for.
        wanted: String,
        /// Where it was looked for.
        path: PathBuf,
        /// Which profiles there are.
        there: String,
    },
    /// The profile was made with another camera, frame size or frame rate.
    #[error(
        "the profile {profile} does not hold for {input}: {mismatch}; make one with `onset calibrate`, leave --profile away, or give \
         --profile-anyway"
    )]
    ProfileMismatch {
        /// The profile's name.
        profile: String,
        /// The source's.
        input: String,
        /// In what they differ.
        mismatch: Mismatch,
    },
    /// The profile cannot be read or used.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// The input cannot be read.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// The input is a session that cannot be read.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The input broke off before its first frame.
    #[error("{why}")]
    NoFrames {
        /// What happened and the next step.
        why: String,
    },
    /// The analysis failed.
    #[error(transparent)]
    Analyzer(#[from] AnalyzerError),
    /// The cards of the embedded networks are damaged.
    #[error(transparent)]
    Models(#[from] InferError),
    /// The system gave no thread.
    #[error("cannot start the landmarks thread: {0}; close other programs and try again")]
    Thread(std::io::Error),
    /// The tables cannot be written.
    #[error(transparent)]
    Table(#[from] TableError),
}
