//! Intervals as the field's challenges score them: spotting, recognition of what was spotted, and both in one number.
//!
//! The Micro-Expression Grand Challenge (MEGC) gives truth and predictions as intervals of long videos. [`read_videos`] reads
//! them, [`MegcReport::of`] counts. Where the definitions come from is said at [`MegcFigures`] and [`Analysis`].

mod analysis;
mod interval;
mod matching;
mod read;
mod report;
mod text;

pub use analysis::{Analysis, SpotThenRecognize};
pub use interval::{Interval, IntervalKind, TimeUnit, Video};
pub use read::read_videos;
pub use report::{MegcFigures, MegcParams, MegcReport, VideoCounts};

#[cfg(test)]
mod tests;
