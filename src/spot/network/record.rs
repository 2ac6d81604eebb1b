//! The record that goes with a trained spotter network (`models/spotter.toml`): which features it was shown, which thresholds
//! it needs, how it was made.

use serde::{Deserialize, Serialize};

use super::decide::DecisionParams;
use super::features::FeatureParams;

/// The record of the embedded network.
const EMBEDDED: &str = include_str!("../../../models/spotter.toml");

/// Everything but the weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpotterRecord {
    /// SHA-256 of the ONNX file that it describes.
    pub sha256: String,
    /// Ticks that each run of the network sees, the newest last.
    pub window_ticks: usize,
    /// When an output counts.
    pub decision: DecisionParams,
    /// By how many standard deviations of what a face does an event must stand out, along its best beam, for 70 % of such events to
    /// be found: what is called observable. From people left out of training.
    pub observable_sigmas: f64,
    /// What each tick is turned into.
    pub features: FeatureParams,
    /// How it was trained: command, seed, data, figures. For readers; the program uses none of it.
    pub training: toml::Table,
}

impl SpotterRecord {
    /// The record of the network that was built into the program.
    ///
    /// # Errors
    /// The embedded file is damaged.
    pub fn embedded() -> Result<Self, toml::de::Error> {
        Self::parse(EMBEDDED)
    }

    /// Reads a record.
    ///
    /// # Errors
    /// With the line at fault.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}
