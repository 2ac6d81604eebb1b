//! The temporal network: a small causal convolutional network that finds brief movements which come and return.
//!
//! ```text
//! Signal (any frame rate) -> Ticker (30 Hz) -> FeatureExtractor, with Beams -> network (tract) -> Decider -> Proposal
//! ```
//!
//! Everything here is causal and a pure function of media time. `train` makes the weights with the same ticks, features
//! and decisions; what goes with a set of weights is in its [`SpotterRecord`].

mod beam_params;
mod beam_templates;
mod beams;
mod cholesky;
mod decide;
mod features;
mod paths;
mod points;
mod record;
mod spotter;
mod ticks;
mod usual_motion;

#[cfg(test)]
mod test_features;
#[cfg(test)]
mod test_ticks;

pub use beam_params::BeamParams;
pub use beam_templates::{AXES as BEAM_AXES, Half, mirrored as mirrored_axis};
pub use beams::Beams;
pub use decide::{Decider, DecisionParams, HEAD_COUNT, Heads, Outcome};
pub use features::{FeatureExtractor, FeatureParams, Pooling};
pub use paths::Paths;
pub use points::{PointMotion, gain, mirror_map, of_regions, points};
pub use record::SpotterRecord;
pub use spotter::{NetworkDetector, NetworkError, Stream};
pub use ticks::{TICK_HZ, Tick, TickParams, Ticker, time_of};
pub use usual_motion::UsualMotion;
