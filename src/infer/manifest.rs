//! What is embedded in the program: the model files and the card of each (`models/models.toml`).

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::InferError;

const MANIFEST: &str = include_str!("../../models/models.toml");

/// An embedded network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Model {
    /// BlazeFace short range.
    FaceDetector,
    /// 478 landmarks.
    FaceLandmarks,
    /// 52 blendshapes from landmarks.
    FaceBlendshapes,
    /// Expressions of the whole face.
    Expression,
    /// Expressions of eyes and brows.
    ExpressionEyes,
    /// Temporal network of the spotter.
    Spotter,
}

impl Model {
    /// Every embedded network.
    pub const ALL: [Self; 6] = [
        Self::FaceDetector,
        Self::FaceLandmarks,
        Self::FaceBlendshapes,
        Self::Expression,
        Self::ExpressionEyes,
        Self::Spotter,
    ];

    /// The name on its card.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FaceDetector => "face_detector",
            Self::FaceLandmarks => "face_landmarks_detector",
            Self::FaceBlendshapes => "face_blendshapes",
            Self::Expression => "expression",
            Self::ExpressionEyes => "expression_eyes",
            Self::Spotter => "spotter",
        }
    }

    /// The ONNX file: embedded packed (`build.rs`) and unpacked here, in some ms.
    pub fn bytes(self) -> Vec<u8> {
        let packed: &[u8] = match self {
            Self::FaceDetector => include_bytes!(concat!(env!("OUT_DIR"), "/face_detector.onnx.zst")),
            Self::FaceLandmarks => {
                include_bytes!(concat!(env!("OUT_DIR"), "/face_landmarks_detector.onnx.zst"))
            }
            Self::FaceBlendshapes => include_bytes!(concat!(env!("OUT_DIR"), "/face_blendshapes.onnx.zst")),
            Self::Expression => include_bytes!(concat!(env!("OUT_DIR"), "/expression.onnx.zst")),
            Self::ExpressionEyes => include_bytes!(concat!(env!("OUT_DIR"), "/expression_eyes.onnx.zst")),
            Self::Spotter => include_bytes!(concat!(env!("OUT_DIR"), "/spotter.onnx.zst")),
        };
        // Part of the program, so it cannot be damaged; should it be, the empty file's hash is not the card's.
        zstd::stream::decode_all(packed).unwrap_or_default()
    }
}

/// A named input or output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TensorCard {
    /// Its name in the ONNX file.
    pub name: String,
    /// Dimensions, batch first.
    pub shape: Vec<usize>,
    /// Order of the dimensions, channels, padding; inputs only.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub layout: String,
    /// Smallest and largest value expected; inputs only.
    #[serde(default)]
    pub range: Option<[f32; 2]>,
    /// What the values mean; outputs only.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub what: String,
}

impl TensorCard {
    /// Number of values.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// True where a dimension is zero: never so on a valid card.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What is known of one model file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelCard {
    /// Short name.
    pub name: String,
    /// File name in `models/`.
    pub file: String,
    /// What it does.
    pub what: String,
    /// Where the weights come from and how the file was made.
    pub source: String,
    /// Version of the weights.
    pub version: String,
    /// SPDX identifier of the weights' licence.
    pub licence: String,
    /// The line that must be shown with the program.
    pub attribution: String,
    /// SHA-256 of the file, in lower-case hex.
    pub sha256: String,
    /// What it must not be used for, and how well it does.
    pub limits: String,
    /// Its only input.
    pub input: TensorCard,
    /// Its outputs, in the file's order.
    #[serde(rename = "output")]
    pub outputs: Vec<TensorCard>,
}

/// All cards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The cards, in the file's order.
    #[serde(rename = "model")]
    pub models: Vec<ModelCard>,
}

impl Manifest {
    /// The cards that were built into the program.
    ///
    /// # Errors
    /// [`InferError::Manifest`] where the embedded file is damaged.
    pub fn embedded() -> Result<Self, InferError> {
        Self::parse(MANIFEST)
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// [`InferError::Manifest`] with the line at fault.
    pub fn parse(text: &str) -> Result<Self, InferError> {
        toml::from_str(text).map_err(|error| InferError::Manifest(error.to_string()))
    }

    /// What must accompany the networks wherever they go: makers, sources, licences.
    pub fn attribution(&self) -> String {
        let of = |card: &ModelCard| {
            format!("{}\n  weights: {}\n  licence: {}\n", card.attribution, card.source, card.licence)
        };
        self.models.iter().map(of).collect()
    }

    /// The card called `name`.
    ///
    /// # Errors
    /// [`InferError::Manifest`] where there is none.
    pub fn card(&self, name: &str) -> Result<&ModelCard, InferError> {
        self.models
            .iter()
            .find(|card| card.name == name)
            .ok_or_else(|| InferError::Manifest(format!("no card is called {name}")))
    }
}

impl ModelCard {
    /// Compares the bytes with the card.
    ///
    /// # Errors
    /// [`InferError::Hash`] where they differ.
    pub fn verify(&self, bytes: &[u8]) -> Result<(), InferError> {
        let found = sha256_hex(bytes);
        if found == self.sha256 {
            return Ok(());
        }
        Err(InferError::Hash { model: self.name.clone(), found, expected: self.sha256.clone() })
    }
}

/// SHA-256 in lower-case hex.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut hex = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha256_of_a_known_text() {
        assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn a_changed_file_is_named_with_the_next_step() {
        let manifest = Manifest::embedded().unwrap();
        let card = manifest.card("face_detector").unwrap();
        let mut bytes = Model::FaceDetector.bytes();
        bytes[1000] ^= 1;
        let message = card.verify(&bytes).unwrap_err().to_string();
        assert!(message.contains("face_detector") && message.contains("models/make.sh"), "{message}");
    }

    #[test]
    fn a_missing_card_is_an_error() {
        assert!(Manifest::embedded().unwrap().card("no_such_model").is_err());
        assert!(Manifest::parse("[[model]]\nname = 3").is_err());
    }
}
