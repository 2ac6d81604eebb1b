//! Spotting: were the micro-expressions found, how soon, and how often was something found that is not there?
//!
//! [`score`] is pure: [`Clip`]s (truth, predictions, what could be seen) in, a [`SpottingReport`] out. [`find`] and
//! [`load`] read the files that `onset analyze` and `onset synth` write; [`text_of`] and [`page_of`] show a report.
//! `docs/evaluate.md` defines every figure.
//!
//! ```
//! use onset::eval::spotting::{Clip, PredictedEvent, ScoreParams, TruthEvent, score};
//! use onset::types::Timestamp;
//!
//! let at = Timestamp::from_secs_f64;
//! let truth =
//!     TruthEvent { kind: "micro".into(), onset: at(1.0), apex: at(1.1), offset: at(1.3), ..Default::default() };
//! let claim = PredictedEvent {
//!     kind: "micro".into(), onset: at(1.05), apex: at(1.1), offset: Some(at(1.3)), is_confirmed: true, ..Default::default()
//! };
//! let clip = Clip { duration_s: Some(60.0), truth: vec![truth], predicted: vec![claim], ..Default::default() };
//! let report = score(&[clip], &ScoreParams::default());
//! assert_eq!(report.overall.recall, Some(1.0));
//! ```

mod action_units;
mod bootstrap;
mod clip_report;
mod confusion;
mod curve;
mod data;
mod figures;
mod groups;
mod inputs;
mod matching;
mod observed;
mod outcome;
mod page;
mod read_events;
mod read_frames;
mod read_truth;
mod report;
mod seen;
#[cfg(test)]
mod tests;
mod text;

pub use action_units::main_regions;
pub use bootstrap::Intervals;
pub use clip_report::{ClipReport, EventReport, FalseAlarmReport, FoundReport};
pub use confusion::Confusion;
pub use curve::{Curve, CurvePoint};
pub use data::{Clip, MICRO, PredictedEvent, Sides, TruthEvent};
pub use figures::{Alarms, Figures, Observable};
pub use groups::{Breakdown, Group};
pub use inputs::{Found, FoundAll, Inputs, find, load};
pub use matching::{Interval, Pair, match_one_to_one};
pub use observed::{Observed, RegionMask, SeenFrame};
pub use page::page_of;
pub use read_events::read_events;
pub use read_frames::{Frames, Traces, read_frames};
pub use read_truth::read_truth;
pub use report::{ScoreParams, SpottingReport, Tally, score};
pub use seen::{Seen, SeenRegion};
pub use text::text_of;
