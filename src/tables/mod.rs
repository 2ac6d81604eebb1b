//! The files that researchers read: one row a frame, one row an event, a summary. Knows the shared types only.
//!
//! [`Tables`] (files) and [`MemoryTables`] (memory) take [`Observation`](crate::types::Observation)s. [`RowAssembler`] turns them into one [`FrameRow`] for
//! each source frame, with each measurement in the row of the frame that was measured; the [`TableSink`]s write rows as
//! CSV, Parquet and JSON lines. Every column is described once, in [`frame_columns`], [`event_columns`] and [`label_evidence_columns`], and
//! explained to users in `docs/outputs.md`.
//!
//! All formats hold equal values, and equal input gives equal bytes; only `timing.json` varies.

mod assembler;
mod cell;
mod error;
mod event_columns;
mod event_log;
mod frame_columns;
mod input_hash;
mod label_evidence_columns;
mod live_lines;
mod memory;
mod mismatch_columns;
mod observability_columns;
mod observed;
mod output_dir;
mod parquet;
mod row;
mod rows;
mod run;
mod sink;
mod summary;
mod target;
#[cfg(test)]
mod test_memory;
#[cfg(test)]
mod test_session;
#[cfg(test)]
mod tests;
mod text;

pub use assembler::{HOLD_MS, HOLD_ROWS, RowAssembler};
pub use cell::{Cell, Column, Kind};
pub use error::TableError;
pub use event_columns::event_columns;
pub use event_log::EventLog;
pub use frame_columns::frame_columns;
pub use input_hash::input_sha256;
pub use label_evidence_columns::label_evidence_columns;
pub use live_lines::{LiveLine, LiveLines, micros};
pub use memory::{Collected, MemoryColumn, MemoryTable, MemoryTables, Values};
pub use observability_columns::not_observable_names;
pub use observed::Observed;
pub use output_dir::{OutputDir, output_names};
pub use parquet::ParquetTable;
pub use row::{FaceCells, FrameRow, Measured};
pub use run::Tables;
pub use sink::{TableFormat, TableSink};
pub use summary::{
    Ended, FrameCounts, MeasuredRate, ModelFacts, ProfileFacts, RunFacts, SourceFacts, Summary, Timing,
};
pub use target::TableTarget;
pub use text::{CsvTable, JsonRow, JsonlTable};
