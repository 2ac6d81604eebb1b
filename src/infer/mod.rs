//! The networks: what is embedded ([`ModelCard`], [`Model`]), and running one with tract ([`Network`]).
//!
//! Inference is single-threaded and its results do not depend on the number of cores: tract is built without its
//! thread pool, and each [`Network`] belongs to one thread.

mod depthwise;
mod frame;
mod manifest;
mod maxpool;
mod network;
mod planes;
mod prelu;
mod rewrite;

pub use manifest::{Manifest, Model, ModelCard, TensorCard, hex, sha256_hex};
pub use network::{Network, OnnxInterface, Outputs, onnx_interface};

/// Why a network cannot be loaded or run. Each message names the model and the next step.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InferError {
    /// `models/models.toml` is damaged or lacks a card.
    #[error(
        "the model manifest (models/models.toml) is not usable: {0}; rebuild the program from clean sources"
    )]
    Manifest(String),
    /// The bytes are not those that the card describes.
    #[error(
        "model {model}: SHA-256 is {found}, the card says {expected}; restore the file with models/make.sh and rebuild"
    )]
    Hash {
        /// The card's name.
        model: String,
        /// SHA-256 of the bytes, in hex.
        found: String,
        /// SHA-256 on the card, in hex.
        expected: String,
    },
    /// tract cannot read or prepare the file.
    #[error("model {model}: tract cannot load it: {why}; run `onset models --verify`")]
    Load {
        /// The card's name.
        model: String,
        /// tract's message.
        why: String,
    },
    /// Names or shapes differ from the card.
    #[error(
        "model {model}: the network has {found}, the card says {expected}; correct models/models.toml or the file"
    )]
    Interface {
        /// The card's name.
        model: String,
        /// What the file holds.
        found: String,
        /// What the card says.
        expected: String,
    },
    /// The caller's input has the wrong length.
    #[error("model {model}: {found} input values given, it takes {expected}")]
    InputLength {
        /// The card's name.
        model: String,
        /// Values given.
        found: usize,
        /// Values wanted.
        expected: usize,
    },
    /// tract failed while running.
    #[error("model {model}: inference failed: {why}; please report this with the input")]
    Run {
        /// The card's name.
        model: String,
        /// tract's message.
        why: String,
    },
}
