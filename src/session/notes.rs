//! What the analysis said, as messages: the columns of `frames.csv` and `events.csv` as JSON objects.

use super::writer::SessionWriter;
use super::{SessionError, Topic};
use crate::pipeline::LiveItem;
use crate::tables::{Column, EventLog, FrameRow, JsonRow, RowAssembler, event_columns, frame_columns};
use crate::types::{Event, Gap, Timestamp};

/// Events whose last state is remembered, for sessions of hours: none changes once so many newer ones have come.
const EVENTS: usize = 256;

/// Turns results into messages. Rows settle up to 250 ms after their frame, when all that was measured in it is known.
pub(super) struct Notes {
    assembler: RowAssembler,
    frame_columns: Vec<Column<FrameRow>>,
    event_columns: Vec<Column<Event>>,
    events: EventLog,
    /// Frames that the analysis did not see.
    not_analysed: u64,
}

impl Default for Notes {
    fn default() -> Self {
        Self {
            assembler: RowAssembler::default(),
            frame_columns: frame_columns(),
            event_columns: event_columns(),
            events: EventLog::of_newest(EVENTS),
            not_analysed: 0,
        }
    }
}

impl Notes {
    /// Takes a result.
    pub(super) fn item(&mut self, item: &LiveItem, writer: &mut SessionWriter) -> Result<(), SessionError> {
        match item {
            LiveItem::Observation { observation, .. } => {
                self.not_analysed += observation.gaps.iter().map(overrun).sum::<u64>();
                self.events(&observation.events, observation.captured_at, writer)?;
                let columns = &self.frame_columns;
                self.assembler.push(observation, |row| write_row(row, columns, writer))
            }
            LiveItem::Gap(gap) => {
                self.not_analysed += overrun(gap);
                self.assembler.push_gap(gap);
                Ok(())
            }
            LiveItem::LastUpdate(update) => {
                self.assembler.push_update(update);
                Ok(())
            }
            LiveItem::LastEvents(events) => {
                let at = events.iter().map(|event| event.flagged_at).max().unwrap_or_default();
                self.events(events, at, writer)
            }
        }
    }

    fn events(
        &mut self,
        events: &[Event],
        at: Timestamp,
        writer: &mut SessionWriter,
    ) -> Result<(), SessionError> {
        for event in events {
            self.events.push(event);
            writer.json(Topic::Event, at, &JsonRow { columns: &self.event_columns, row: event })?;
        }
        Ok(())
    }

    /// Writes the rows that have not settled yet.
    pub(super) fn finish(&mut self, writer: &mut SessionWriter) -> Result<(), SessionError> {
        let columns = &self.frame_columns;
        self.assembler.finish(|row| write_row(row, columns, writer))
    }

    /// Events that are claimed.
    pub(super) fn claimed(&self) -> u64 {
        self.events.claimed_count()
    }

    /// Frames that came too fast for the analysis.
    pub(super) fn not_analysed(&self) -> u64 {
        self.not_analysed
    }
}

fn overrun(gap: &Gap) -> u64 {
    if gap.reason == crate::types::GapReason::Overrun { gap.count } else { 0 }
}

fn write_row(
    row: &FrameRow,
    columns: &[Column<FrameRow>],
    writer: &mut SessionWriter,
) -> Result<(), SessionError> {
    // A lost frame is told of by `/gap`, where its time is sure.
    let Some(at) = row.captured_at else { return Ok(()) };
    writer.json(Topic::Observation, at, &JsonRow { columns, row })
}
