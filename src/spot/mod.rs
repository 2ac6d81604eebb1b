//! From measurements to events. For now blinks; the micro-expression spotter builds on the region signals.

mod blink;

pub use blink::{BlinkParams, BlinkSpotter};
