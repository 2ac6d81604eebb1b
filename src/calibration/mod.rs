//! Calibration profiles: a person before a camera as TOML, and how one is learned.
//!
//! A [`Profile`] holds the thresholds of all stages and, where it was learned by a [`Calibrator`], the camera, the neutral
//! face, what the expression networks say of it, and the noise of each region. Every key says its unit. The program carries one profile, `calibration/default.toml`, which
//! names every threshold with its source; others need name only what differs.

mod calibrator;
mod date;
mod error;
mod expression;
mod facts;
mod fit;
mod profile;
mod refusal;
mod rest;
#[cfg(test)]
mod tests;
mod thresholds;
mod write;

pub use calibrator::{Calibrator, Learned};
pub use date::utc_text;
pub use error::ProfileError;
pub use expression::NeutralExpression;
pub use facts::{CameraFacts, Identity, NeutralFace, SourceKind};
pub use fit::{Mismatch, SourceFacts};
pub use profile::Profile;
pub use refusal::{CalibratorParams, Refusal};
pub use thresholds::Thresholds;
