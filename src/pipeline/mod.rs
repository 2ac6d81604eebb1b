//! From frames to observations: the synchronous [`Analyzer`], the offline loop and the live threads around it.

mod analyzer;
mod beside;
mod live;
mod live_threads;
mod measure;
mod offline;
mod ring;
mod schedule;
mod stats;
mod threads;

pub use analyzer::{Analyzer, AnalyzerError, AnalyzerParams};
pub use beside::Beside;
pub use live::{
    DisplayFrame, LiveError, LiveItem, LiveOptions, LiveSession, Probes, start, start_recorded, start_timed,
};
pub use measure::{Inline, Measure, MeasureJob, Measurer};
pub use offline::{ObservationSink, OfflineError, OfflineTotals, analyze_source};
pub use ring::{Closed, FrameReader, FrameWriter, Gaps, Policy, Slot, frame_ring, record_policy};
pub use schedule::LandmarkSchedule;
pub use stats::{FrameCounts, LatencyHistogram, RateMeter};
pub use threads::spawn_named;
