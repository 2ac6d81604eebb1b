//! What the tables of one input are made of, wherever they go: rows as they settle, events as they last stood, and the
//! counts of the summary.

use std::sync::Arc;

use super::observed::ObservedTime;
use super::summary::{Tally, candidate_counts, event_counts};
use super::{EventLog, FrameRow, MeasuredRate, RowAssembler, RunFacts, Summary, TableError};
use crate::types::{Event, Gap, LandmarkUpdate, Observation};

/// Which rows are wanted beside the usual ones.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wanted {
    /// Rows of candidates that are not claimed too.
    pub(super) candidates: bool,
    /// The table `label_evidence`.
    pub(super) label_evidence: bool,
}

impl Wanted {
    /// The events that get a row.
    pub(super) fn events(self, log: &EventLog) -> impl Iterator<Item = &Event> {
        log.all().filter(move |event| self.candidates || event.veto.is_none())
    }

    /// The events that get a row in `label_evidence`.
    pub(super) fn label_evidence(self, log: &EventLog) -> impl Iterator<Item = &Event> {
        self.events(log).filter(|event| event.label_evidence.is_some())
    }
}

/// Observations in; settled rows to the caller's `write`, everything else kept and counted.
#[derive(Default)]
pub(super) struct Rows {
    assembler: RowAssembler,
    tally: Tally,
    observed: ObservedTime,
    events: EventLog,
}

impl Rows {
    pub(super) fn push(
        &mut self,
        observation: &Observation,
        mut write: impl FnMut(&FrameRow) -> Result<(), TableError>,
    ) -> Result<(), TableError> {
        self.push_events(&observation.events);
        let Self { assembler, tally, observed, .. } = self;
        assembler.push(observation, |row| {
            tally.count(row);
            observed.count(row);
            write(row)
        })
    }

    pub(super) fn push_events(&mut self, events: &[Event]) {
        for event in events {
            self.events.push(event);
        }
    }

    pub(super) fn push_gap(&mut self, gap: &Gap) {
        self.assembler.push_gap(gap);
    }

    pub(super) fn push_update(&mut self, update: &Arc<LandmarkUpdate>) {
        self.assembler.push_update(update);
    }

    /// Gives out the rows that still wait: once, at the end.
    pub(super) fn finish(
        &mut self,
        mut write: impl FnMut(&FrameRow) -> Result<(), TableError>,
    ) -> Result<(), TableError> {
        let Self { assembler, tally, observed, .. } = self;
        assembler.finish(|row| {
            tally.count(row);
            observed.count(row);
            write(row)
        })
    }

    pub(super) fn rate(&self) -> MeasuredRate {
        self.tally.rate()
    }

    pub(super) fn events(&self) -> &EventLog {
        &self.events
    }

    /// The summary of all that was taken; `files` are the tables beside it.
    pub(super) fn summary(&self, mut run: RunFacts, files: Vec<String>) -> Summary {
        let late = self.assembler.late_updates();
        if late > 0 {
            run.warnings.push(format!(
                "{late} landmark measurements came too late for their rows and are missing: report this as a bug"
            ));
        }
        Summary {
            onset_version: env!("CARGO_PKG_VERSION"),
            run,
            frames: self.tally.counts().clone(),
            measured: self.tally.rate(),
            observed: self.observed.total(),
            events: event_counts(self.events.claimed()),
            candidates: candidate_counts(self.events.all()),
            files,
        }
    }
}
