//! The tables of one input, from the first observation to `summary.json`.

use std::path::Path;
use std::sync::Arc;

use super::rows::{Rows, Wanted};
use super::{
    Column, CsvTable, FrameRow, JsonlTable, MeasuredRate, OutputDir, ParquetTable, RunFacts, Summary,
    TableError, TableFormat, TableSink, TableTarget, Timing, event_columns, frame_columns,
    label_evidence_columns,
};
use crate::types::{Event, Gap, LandmarkUpdate, Observation, Timestamp};

/// Milliseconds of media between flushes: what a crash may cost.
const FLUSH_MS: f64 = 1000.0;

/// Writes `frames.*`, `events.*`, `summary.json` and `timing.json` of one input.
///
/// Frames are written as they settle. Events change until their end, so they are written once, by [`Tables::finish`];
/// `summary.json` comes last and whole: a folder that has it is complete.
pub struct Tables {
    out: OutputDir,
    formats: Vec<TableFormat>,
    frames: FrameSinks,
    rows: Rows,
    wanted: Wanted,
}

struct FrameSinks {
    sinks: Vec<Box<dyn TableSink<FrameRow>>>,
    flushed_at: Option<Timestamp>,
}

impl FrameSinks {
    fn write(&mut self, row: &FrameRow) -> Result<(), TableError> {
        for sink in &mut self.sinks {
            sink.write(row)?;
        }
        if let Some(at) = row.captured_at
            && self.flushed_at.is_none_or(|last| at.millis_since(last) >= FLUSH_MS)
        {
            self.sinks.iter_mut().try_for_each(|sink| sink.flush())?;
            self.flushed_at = Some(at);
        }
        Ok(())
    }
}

impl Tables {
    /// Opens the frames tables in `out`, one for each format (named twice, written once).
    ///
    /// # Errors
    /// [`TableError::Io`], naming the file that cannot be created.
    pub fn create(out: &OutputDir, formats: &[TableFormat]) -> Result<Self, TableError> {
        let formats = once_each(formats);
        let sinks = open(out, "frames", &formats, frame_columns())?;
        Ok(Self {
            out: out.clone(),
            formats,
            frames: FrameSinks { sinks, flushed_at: None },
            rows: Rows::default(),
            wanted: Wanted::default(),
        })
    }

    /// The same with rows for candidates that are not claimed too (their column `veto` says why), if `yes`.
    pub fn with_candidates(mut self, yes: bool) -> Self {
        self.wanted.candidates = yes;
        self
    }

    /// The same with the table `label_evidence`, if `yes`.
    pub fn with_label_evidence(mut self, yes: bool) -> Self {
        self.wanted.label_evidence = yes;
        self
    }
}

impl TableTarget for Tables {
    type Done = Summary;

    fn push(&mut self, observation: &Observation) -> Result<(), TableError> {
        self.rows.push(observation, |row| self.frames.write(row))
    }

    fn push_events(&mut self, events: &[Event]) {
        self.rows.push_events(events);
    }

    fn push_gap(&mut self, gap: &Gap) {
        self.rows.push_gap(gap);
    }

    fn push_update(&mut self, update: &Arc<LandmarkUpdate>) {
        self.rows.push_update(update);
    }

    fn measured(&self) -> MeasuredRate {
        self.rows.rate()
    }

    /// Writes what is left, the events, `timing.json` if there is a timing, and `summary.json` as the last.
    fn finish(mut self, run: RunFacts, timing: Option<Timing>) -> Result<Summary, TableError> {
        self.rows.finish(|row| self.frames.write(row))?;
        let mut files = Vec::new();
        for sink in self.frames.sinks {
            files.push(file_name(&sink.finish()?));
        }
        let log = self.rows.events();
        let events = open(&self.out, "events", &self.formats, event_columns())?;
        files.extend(write_all(events, || self.wanted.events(log))?);
        if self.wanted.label_evidence {
            let evidence = open(&self.out, "label_evidence", &self.formats, label_evidence_columns())?;
            files.extend(write_all(evidence, || self.wanted.label_evidence(log))?);
        }
        let summary = self.rows.summary(run, files);
        write_json(&self.out, timing, &summary)?;
        Ok(summary)
    }
}

/// The formats in their order, none twice.
pub(super) fn once_each(formats: &[TableFormat]) -> Vec<TableFormat> {
    let mut formats = formats.to_vec();
    formats.sort_unstable();
    formats.dedup();
    formats
}

/// Writes the same rows into each of `sinks`; gives the names of the files.
pub(super) fn write_all<'a, R: 'a, I: Iterator<Item = &'a R>>(
    sinks: Vec<Box<dyn TableSink<R>>>,
    rows: impl Fn() -> I,
) -> Result<Vec<String>, TableError> {
    let write = |mut sink: Box<dyn TableSink<R>>| {
        rows().try_for_each(|row| sink.write(row))?;
        Ok(file_name(&sink.finish()?))
    };
    sinks.into_iter().map(write).collect()
}

/// Writes `timing.json`, and `summary.json` as the last.
pub(super) fn write_json(
    out: &OutputDir,
    timing: Option<Timing>,
    summary: &Summary,
) -> Result<(), TableError> {
    if let Some(timing) = timing {
        out.write_whole("timing.json", &pretty(&timing, out)?)?;
    }
    out.write_whole("summary.json", &pretty(summary, out)?)?;
    Ok(())
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// One writer a format for the table `stem`.
pub(super) fn open<R: 'static>(
    out: &OutputDir,
    stem: &str,
    formats: &[TableFormat],
    columns: Vec<Column<R>>,
) -> Result<Vec<Box<dyn TableSink<R>>>, TableError> {
    let columns = Arc::new(columns);
    formats
        .iter()
        .map(|format| {
            let path = out.table(stem, *format);
            let columns = Arc::clone(&columns);
            Ok(match format {
                TableFormat::Csv => Box::new(CsvTable::create(&path, columns)?) as Box<dyn TableSink<R>>,
                TableFormat::Parquet => Box::new(ParquetTable::create(&path, columns)?),
                TableFormat::Jsonl => Box::new(JsonlTable::create(&path, columns)?),
            })
        })
        .collect()
}

fn pretty(content: &impl serde::Serialize, out: &OutputDir) -> Result<Vec<u8>, TableError> {
    let mut bytes = serde_json::to_vec_pretty(content)
        .map_err(|error| TableError::io("write", out.path())(std::io::Error::from(error)))?;
    bytes.push(b'\n');
    Ok(bytes)
}
