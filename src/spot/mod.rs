//! From measurements to events. For now blinks; the micro-expression spotter builds on the region signals.

mod blink;
mod detector;

pub use blink::{BlinkParams, BlinkSpotter};
pub use detector::{Detector, Proposal, SpotInput, Stage};
