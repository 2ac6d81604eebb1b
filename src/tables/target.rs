//! Where the results of one input go: files, or memory.

use std::sync::Arc;

use super::{MeasuredRate, RunFacts, TableError, Timing};
use crate::types::{Event, Gap, LandmarkUpdate, Observation};

/// Takes the results of one input in the order of its frames.
pub trait TableTarget {
    /// What is there in the end.
    type Done;

    /// Takes the result for the next frame.
    ///
    /// # Errors
    /// [`TableError`], naming the file or the frame.
    fn push(&mut self, observation: &Observation) -> Result<(), TableError>;

    /// Takes events; one that is known already is replaced.
    fn push_events(&mut self, events: &[Event]);

    /// Takes lost frames that no observation tells of: those at the end of the input. (A gap that an observation
    /// repeats is counted once.)
    fn push_gap(&mut self, gap: &Gap);

    /// Takes a measurement that no observation tells of: the one under way when the input ended.
    fn push_update(&mut self, update: &Arc<LandmarkUpdate>);

    /// The frame rate so far, as the frames themselves tell it (the newest 250 ms may be missing).
    fn measured(&self) -> MeasuredRate;

    /// Completes the tables, the summary last.
    ///
    /// # Errors
    /// [`TableError`], naming the file.
    fn finish(self, run: RunFacts, timing: Option<Timing>) -> Result<Self::Done, TableError>
    where
        Self: Sized;
}
