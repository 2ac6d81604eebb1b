//! A trained recogniser as it is used: its ONNX file and the record beside it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::input::InputSpec;
use crate::dataset::{DatasetError, Media};
use crate::infer::{InferError, Network, sha256_hex};
use crate::train::softmax::softmax;

/// What `NAME.toml` beside `NAME.onnx` says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecogniserRecord {
    /// SHA-256 of the ONNX file, in hex.
    pub sha256: String,
    /// Which network: `cnn`, `compact`, `flow`, `sequence`, or the backbone's name.
    pub network: String,
    /// What its outputs stand for, in order.
    pub classes: Vec<String>,
    /// What goes in.
    pub input: InputSpec,
    /// How it came about: command, seed, hash of the data, figures.
    #[serde(default)]
    pub training: toml::Table,
}

/// Why a recogniser cannot be used. Each message names the file and the next step.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecogniserError {
    /// A file cannot be read.
    #[error("{}: {source}; a recogniser is NAME.onnx with NAME.toml beside it, as `onset train recogniser` writes them", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's message.
        source: std::io::Error,
    },
    /// The record is not usable.
    #[error("{}: {why}; write both files again with `onset train recogniser`", path.display())]
    Record {
        /// The record.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The ONNX file is not usable.
    #[error("{}: {source}", path.display())]
    Network {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: InferError,
    },
    /// An example cannot be read.
    #[error(transparent)]
    Data(#[from] DatasetError),
    /// This recogniser takes another kind of example.
    #[error("{what}")]
    Kind {
        /// What was given and what is needed.
        what: String,
    },
    /// The analysis of a clip failed.
    #[error(transparent)]
    Analyzer(#[from] crate::pipeline::AnalyzerError),
}

/// A recogniser that is ready to be asked.
pub struct Recogniser {
    /// Its record.
    pub record: RecogniserRecord,
    network: Network,
}

impl Recogniser {
    /// Reads `NAME.onnx` and `NAME.toml`.
    ///
    /// # Errors
    /// [`RecogniserError`], naming the file.
    pub fn read(path: &Path) -> Result<Self, RecogniserError> {
        let read = |path: &Path| {
            std::fs::read(path).map_err(|source| RecogniserError::Io { path: path.to_owned(), source })
        };
        let bytes = read(path)?;
        let beside = path.with_extension("toml");
        let wrong = |why: String| RecogniserError::Record { path: beside.clone(), why };
        let text = String::from_utf8(read(&beside)?).map_err(|_| wrong("it is not UTF-8".to_owned()))?;
        let record: RecogniserRecord =
            toml::from_str(&text).map_err(|error| wrong(error.message().to_owned()))?;
        if record.sha256 != sha256_hex(&bytes) {
            return Err(wrong(format!("its sha256 is not that of {}", path.display())));
        }
        Self::new(record, &bytes, path)
    }

    /// From contents. `path`: for messages.
    ///
    /// # Errors
    /// [`RecogniserError`], naming the file.
    pub fn new(record: RecogniserRecord, onnx: &[u8], path: &Path) -> Result<Self, RecogniserError> {
        let failed = |source: InferError| RecogniserError::Network { path: path.to_owned(), source };
        let wrong = |why: String| RecogniserError::Record { path: path.to_owned(), why };
        let network =
            Network::without_card(&record.network, &path.display().to_string(), onnx).map_err(failed)?;
        let (given, wanted) = (network.card().input.len(), record.input.len());
        if given != wanted {
            return Err(wrong(format!(
                "the network takes {given} values, the record's input gives {wanted}"
            )));
        }
        let output: &[usize] = network.card().outputs.first().map_or(&[], |output| &output.shape);
        if output.last() != Some(&record.classes.len()) {
            return Err(wrong(format!(
                "the network gives {output:?} values for {} classes",
                record.classes.len()
            )));
        }
        Ok(Self { network, record })
    }

    /// Probability of each class for an input as [`InputSpec`] gives it, shape `(channels, height, width)`.
    ///
    /// # Errors
    /// [`RecogniserError::Network`].
    pub fn ask(&mut self, input: &[f32]) -> Result<Vec<f64>, RecogniserError> {
        let path = PathBuf::from(&self.network.card().file);
        let outputs = self.network.run(input).map_err(|source| RecogniserError::Network { path, source })?;
        Ok(softmax(outputs.values(0)))
    }

    /// Probability of each class for an example.
    ///
    /// # Errors
    /// [`RecogniserError`], naming the example's file.
    pub fn recognise(&mut self, media: &Media) -> Result<Vec<f64>, RecogniserError> {
        let input = self.record.input.read(media)?;
        self.ask(&self.record.input.planes(&input))
    }
}
