//! The record that goes with a trained classifier (`models/expression.toml`, `models/expression_eyes.toml`): how its outputs become
//! probabilities, and how it was made.

use serde::{Deserialize, Serialize};

use super::FaceRegion;
use crate::types::LABEL_COUNT;

const FACE: &str = include_str!("../../models/expression.toml");
const EYES: &str = include_str!("../../models/expression_eyes.toml");

/// Everything but the weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpressionRecord {
    /// SHA-256 of the ONNX file that it describes.
    pub sha256: String,
    /// What the network sees: `face` or `eyes`.
    pub region: String,
    /// The outputs are divided by this before they become probabilities (temperature scaling: Guo et al. 2017, arXiv:1706.04599); above
    /// 0. Fitted on pictures that were not learned from.
    pub temperature: f32,
    /// What the network says of a typical neutral face, in the order of [`Label::ALL`](crate::types::Label::ALL), adding up to 1: the mean
    /// of its probabilities over neutral pictures that were not learned from. A person's face at rest is compared with
    /// it ([`RestExpression`](super::RestExpression)); where it is not known, expressions are not corrected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typical_neutral: Option<[f32; LABEL_COUNT]>,
    /// How it was trained: command, seed, data, figures. For readers; the program uses none of it.
    pub training: toml::Table,
}

impl ExpressionRecord {
    /// The record of the network that was built into the program.
    ///
    /// # Errors
    /// The embedded file is damaged.
    pub fn embedded(region: FaceRegion) -> Result<Self, toml::de::Error> {
        Self::parse(match region {
            FaceRegion::Face => FACE,
            FaceRegion::Eyes => EYES,
        })
    }

    /// Reads a record.
    ///
    /// # Errors
    /// With the line at fault.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}
