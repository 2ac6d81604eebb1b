//! The offline loop: every frame of a source through the analyzer, as fast as it goes, losing nothing.

use std::sync::Arc;

use super::{Analyzer, AnalyzerError, FrameCounts};
use crate::capture::{CaptureError, Captured, Source};
use crate::types::{Event, Frame, Gap, LandmarkUpdate, Observation, Timestamp};

/// Takes results in the order of the source.
pub trait ObservationSink {
    /// The sink's own error.
    type Error: std::error::Error + Send + Sync + 'static;

    /// One analysed frame. `observation.gaps` lists the frames lost before it.
    ///
    /// # Errors
    /// The sink's; the analysis stops.
    fn observation(
        &mut self,
        frame: &Frame,
        observation: &Observation,
        analyzer: &Analyzer,
    ) -> Result<(), Self::Error>;

    /// Frames lost after the last analysed one.
    ///
    /// # Errors
    /// The sink's; the analysis stops.
    fn gap_at_end(&mut self, gap: &Gap) -> Result<(), Self::Error>;

    /// A measurement that was still under way when the source ended.
    ///
    /// # Errors
    /// The sink's; the analysis stops.
    fn last_update(&mut self, update: &Arc<LandmarkUpdate>) -> Result<(), Self::Error>;

    /// Events that changed with the end of the source; not called where there are none.
    ///
    /// # Errors
    /// The sink's; the analysis stops.
    fn last_events(&mut self, events: &[Event]) -> Result<(), Self::Error>;
}

/// Why an offline analysis stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OfflineError<E: std::error::Error + 'static> {
    /// The input cannot be read.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// The analysis failed.
    #[error(transparent)]
    Analyzer(#[from] AnalyzerError),
    /// The output cannot be written.
    #[error(transparent)]
    Sink(E),
}

/// What an offline analysis went through.
#[derive(Clone, Copy, Debug, Default)]
pub struct OfflineTotals {
    /// Frames by outcome.
    pub counts: FrameCounts,
    /// Time of the last frame.
    pub last: Timestamp,
    /// False when `keep_going` ended it early.
    pub is_complete: bool,
}

/// Runs every frame of `source` through `analyzer` into `sink`, until the end or until `keep_going` (asked once a
/// frame, told the time and the count so far) says no; what was analysed so far is complete either way.
///
/// # Errors
/// See [`OfflineError`]. Results already given to the sink stand.
pub fn analyze_source<S: ObservationSink>(
    source: &mut dyn Source,
    analyzer: &mut Analyzer,
    sink: &mut S,
    mut keep_going: impl FnMut(Timestamp, &FrameCounts) -> bool,
) -> Result<OfflineTotals, OfflineError<S::Error>> {
    let mut frame = Frame::default();
    let mut totals = OfflineTotals { is_complete: true, ..OfflineTotals::default() };
    loop {
        match source.next(&mut frame)? {
            Captured::End => break,
            Captured::Gap(gap) => analyzer.note_gap(gap),
            Captured::Waiting => {}
            Captured::Frame => {
                if let Some(observation) = analyzer.push(&frame)? {
                    totals.counts.add(&observation);
                    totals.last = observation.captured_at;
                    sink.observation(&frame, &observation, analyzer).map_err(OfflineError::Sink)?;
                }
            }
        }
        if !keep_going(totals.last, &totals.counts) {
            totals.is_complete = false;
            break;
        }
    }
    for gap in analyzer.take_gaps() {
        totals.counts.add_gap(&gap);
        sink.gap_at_end(&gap).map_err(OfflineError::Sink)?;
    }
    if let Some(update) = analyzer.finish()? {
        sink.last_update(&update).map_err(OfflineError::Sink)?;
    }
    let last_events = analyzer.take_last_events();
    if !last_events.is_empty() {
        sink.last_events(&last_events).map_err(OfflineError::Sink)?;
    }
    Ok(totals)
}
