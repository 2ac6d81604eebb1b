//! From measurements to events: blinks, and brief and longer expressions.
//!
//! [`Spotter`] does the latter, causally, frame by frame:
//!
//! ```text
//! Signal -> what could be seen (observability, noise, channels)
//!        -> detectors (state_machine | matched | network) -> Proposal
//!        -> brought together (candidate), judged (judge, vetoes), named (label) -> Event
//! ```
//!
//! A detector only says that something moved like an expression; everything else is the spotter's.

mod blink;
mod candidate;
mod channels;
mod detector;
mod envelope;
mod history;
mod joint;
mod judge;
mod label;
mod lasting;
mod matched;
pub mod network;
mod noise;
mod observability;
mod params;
mod spotter;
mod state_machine;
mod templates;
#[cfg(test)]
mod test_signals;
#[cfg(test)]
mod tests;
mod vetoes;
mod whiten;
mod window;

pub use blink::{BlinkParams, BlinkSpotter};
pub use detector::{Detector, Proposal, SpotInput, Stage};
pub use joint::{ExpressionHistory, JointParams};
pub use label::{MotionFit, fit_motion};
pub use matched::{MatchedFilters, MatchedParams};
pub use noise::{LAG_S, NoiseModel, UNKNOWN_ICD};
pub use params::{SpotMethod, SpotParams};
pub use spotter::{Spotter, Surroundings};
pub use state_machine::{StateMachine, StateMachineParams};
pub use vetoes::VetoParams;
