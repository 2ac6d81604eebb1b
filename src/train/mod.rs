//! Training: recordings in, a model file out.
//!
//! The spotter's network ([`crate::spot::network::NetworkDetector`]) is trained by *injection*: there are no videos with enough coded
//! micro-expressions that may be used freely, but plenty in which people talk, listen and turn their heads. So synthetic
//! events with the patterns of FACS are added to the measured motion of real faces, beside look-alikes that must be left
//! alone, and the network learns to tell them:
//!
//! ```text
//! videos -> corpus (tracks, cached) -> sampler (background + injected events, ticks, features, targets)
//!        -> fit (AdamW) -> validate (people left out: threshold by false alarms, F1) -> export (ONNX, card, record)
//! ```
//!
//! [`expression`] holds the training of the expression classifiers.
//!
//! Everything follows from the split file, the data and a seed. What needs the training library is built with the feature
//! `train` only; the rest is plain code and tested with everything else.

#[cfg(feature = "train")]
mod average;
#[cfg(feature = "train")]
mod bank;
#[cfg(feature = "train")]
mod checkpoint;
mod corpus;
mod envelope;
#[cfg(feature = "train")]
mod export;
#[cfg(feature = "train")]
pub mod expression;
#[cfg(feature = "train")]
mod files;
#[cfg(feature = "train")]
mod fit;
#[cfg(feature = "train")]
pub mod graph;
#[cfg(feature = "train")]
mod loss;
#[cfg(feature = "train")]
mod model;
#[cfg(feature = "train")]
pub mod onnx;
mod pattern;
pub mod recogniser;
mod sampler;
mod score;
mod softmax;
mod split;
mod targets;
mod track;
#[cfg(feature = "train")]
mod usual;
#[cfg(feature = "train")]
mod validate;
mod window;
#[cfg(feature = "train")]
mod window_net;

#[cfg(all(test, feature = "train"))]
mod test_fit;
#[cfg(test)]
mod test_injection;

use std::path::{Path, PathBuf};

pub use corpus::{Corpus, LoadStep, Recording};
pub use envelope::{Envelope, Pulse};
#[cfg(feature = "train")]
pub use export::Exported;
#[cfg(feature = "train")]
pub use files::AGREEMENT;
#[cfg(feature = "train")]
pub use fit::{FitParams, FitStep, Fitted, fit};
#[cfg(feature = "train")]
pub use loss::LossParams;
#[cfg(feature = "train")]
pub use model::{ModelParams, SpotterNet};
pub use pattern::PatternParams;
pub use sampler::{Sample, SampleParams, Sampler, features_of};
pub use score::{Counts, Stretch, count, thresholds_for};
pub use split::{Base, ClipEntry, Fold, Kind, PhotoEntry, Set, Split, held_out};
pub use targets::{SAY_FOR_S, TARGET_COUNT, Truth, targets};
pub use track::Track;
#[cfg(feature = "train")]
pub use validate::{Validation, ValidationParams};
pub use window::{BackgroundParams, Window};

use crate::capture::CaptureError;
use crate::dataset::DatasetError;
use crate::face::FaceError;
use crate::pipeline::AnalyzerError;

/// Why training cannot go on. Each message names the file and the next step.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// The split file is not usable.
    #[error("split file {}: {why}", path.display())]
    Split {
        /// The file.
        path: PathBuf,
        /// What is wrong and what to do.
        why: String,
    },
    /// A file cannot be read or written.
    #[error("{}: {why}; check the path and its permissions", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's message.
        why: String,
    },
    /// A recording cannot be read.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// A recording cannot be analysed.
    #[error(transparent)]
    Analyzer(#[from] AnalyzerError),
    /// A corpus cannot be read.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The face stage failed.
    #[error(transparent)]
    Face(#[from] FaceError),
    /// A backbone cannot be used.
    #[cfg(feature = "train")]
    #[error(transparent)]
    Backbone(#[from] onnx::BackboneError),
    /// A network cannot be run or built.
    #[error("{0}")]
    Network(String),
    /// A recogniser's input cannot be made.
    #[error(transparent)]
    Recogniser(#[from] recogniser::RecogniserError),
    /// A run cannot go on from a file.
    #[error("checkpoint {}: {why}; leave out --resume to start anew", path.display())]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Too little to train on.
    #[error("{0}")]
    TooLittle(String),
    /// A thread could not be started or did not end as it should.
    #[error("a training thread has ended early; please report this with the command")]
    Thread,
    /// The user asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// The trained network cannot be used.
    #[error("the trained network cannot be exported: {0}; please report this with the command")]
    Export(String),
}

impl TrainError {
    fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::File { path: path.to_owned(), why: error.to_string() }
    }
}
