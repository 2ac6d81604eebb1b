//! The thresholds of all stages, as a profile holds them.

use serde::{Deserialize, Serialize};

use crate::expression::{ExpressionParams, MaskedParams};
use crate::face::FaceParams;
use crate::motion::MotionParams;
use crate::spot::{BlinkParams, SpotParams};

/// Every threshold of face, motion and spotter: table `[thresholds]`. What a profile leaves out is as by default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Thresholds {
    /// Finding and following faces.
    pub face: FaceParams,
    /// Following the motion of the face's regions.
    pub motion: MotionParams,
    /// Smoothing of expressions.
    pub expression: ExpressionParams,
    /// Masked smiles.
    pub masked: MaskedParams,
    /// Blinks.
    pub blink: BlinkParams,
    /// Brief and longer expressions.
    pub spot: SpotParams,
}

/// The first value of a table that no threshold can have (negative, infinite, no number), by its dotted key.
pub(super) fn impossible(value: &toml::Value, key: &str) -> Option<String> {
    match value {
        toml::Value::Float(number) if !number.is_finite() || *number < 0.0 => {
            Some(format!("{key} = {number} must be a finite number, 0 or above"))
        }
        toml::Value::Integer(number) if *number < 0 => Some(format!("{key} = {number} must be 0 or above")),
        toml::Value::Table(table) => table.iter().find_map(|(name, value)| {
            impossible(value, &if key.is_empty() { name.clone() } else { format!("{key}.{name}") })
        }),
        toml::Value::Array(items) => items.iter().find_map(|item| impossible(item, key)),
        _ => None,
    }
}
