//! The tables of one input, from the first observation to `summary.json`.

use std::sync::Arc;

use super::observed::ObservedTime;
use super::summary::{Tally, candidate_counts, event_counts};
use super::{
    Column, CsvTable, EventLog, FrameRow, JsonlTable, MeasuredRate, OutputDir, ParquetTable, RowAssembler,
    RunFacts, Summary, TableError, TableFormat, TableSink, Timing, event_columns, frame_columns,
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
    assembler: RowAssembler,
    events: EventLog,
    has_candidates: bool,
    has_label_evidence: bool,
}

struct FrameSinks {
    sinks: Vec<Box<dyn TableSink<FrameRow>>>,
    tally: Tally,
    observed: ObservedTime,
    flushed_at: Option<Timestamp>,
}

impl FrameSinks {
    fn write(&mut self, row: &FrameRow) -> Result<(), TableError> {
        self.tally.count(row);
        self.observed.count(row);
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
        let mut formats = formats.to_vec();
        formats.sort_unstable();
        formats.dedup();
        let sinks = open(out, "frames", &formats, frame_columns())?;
        Ok(Self {
            out: out.clone(),
            formats,
            frames: FrameSinks {
                sinks,
                tally: Tally::default(),
                observed: ObservedTime::default(),
                flushed_at: None,
            },
            assembler: RowAssembler::default(),
            events: EventLog::default(),
            has_candidates: false,
            has_label_evidence: false,
        })
    }

    /// The same with rows for candidates that are not claimed too (their column `veto` says why), if `yes`.
    pub fn with_candidates(mut self, yes: bool) -> Self {
        self.has_candidates = yes;
        self
    }

    /// The same with the table `label_evidence`, if `yes`.
    pub fn with_label_evidence(mut self, yes: bool) -> Self {
        self.has_label_evidence = yes;
        self
    }

    /// Takes the result for the next frame.
    ///
    /// # Errors
    /// [`TableError`], naming the file or the frame.
    pub fn push(&mut self, observation: &Observation) -> Result<(), TableError> {
        self.push_events(&observation.events);
        self.assembler.push(observation, |row| self.frames.write(row))
    }

    /// Takes events; one that is known already is replaced.
    pub fn push_events(&mut self, events: &[Event]) {
        for event in events {
            self.events.push(event);
        }
    }

    /// The frame rate so far, as the frames themselves tell it (the newest 250 ms may be missing).
    pub fn measured(&self) -> MeasuredRate {
        self.frames.tally.rate()
    }

    /// Takes lost frames that no observation tells of: those at the end of the input. (A gap that an observation
    /// repeats is counted once.)
    pub fn push_gap(&mut self, gap: &Gap) {
        self.assembler.push_gap(gap);
    }

    /// Takes a measurement that no observation tells of: the one under way when the input ended.
    pub fn push_update(&mut self, update: &Arc<LandmarkUpdate>) {
        self.assembler.push_update(update);
    }

    /// Writes what is left, the events, `timing.json` if there is a timing, and `summary.json` as the last.
    ///
    /// # Errors
    /// [`TableError`], naming the file.
    pub fn finish(mut self, run: RunFacts, timing: Option<Timing>) -> Result<Summary, TableError> {
        self.assembler.finish(|row| self.frames.write(row))?;
        let mut files = Vec::new();
        for sink in self.frames.sinks {
            files.push(sink.finish()?);
        }
        let is_written = |event: &&Event| self.has_candidates || event.veto.is_none();
        for mut sink in open(&self.out, "events", &self.formats, event_columns())? {
            self.events.all().filter(is_written).try_for_each(|event| sink.write(event))?;
            files.push(sink.finish()?);
        }
        if self.has_label_evidence {
            for mut sink in open(&self.out, "label_evidence", &self.formats, label_evidence_columns())? {
                let mut rows = self.events.all().filter(is_written).filter(|e| e.label_evidence.is_some());
                rows.try_for_each(|event| sink.write(event))?;
                files.push(sink.finish()?);
            }
        }
        if let Some(timing) = timing {
            self.out.write_whole("timing.json", &pretty(&timing, &self.out)?)?;
        }
        let mut run = run;
        let late = self.assembler.late_updates();
        if late > 0 {
            run.warnings.push(format!(
                "{late} landmark measurements came too late for their rows and are missing: report this as a bug"
            ));
        }
        let summary = Summary {
            onset_version: env!("CARGO_PKG_VERSION"),
            run,
            frames: self.frames.tally.counts().clone(),
            measured: self.frames.tally.rate(),
            observed: self.frames.observed.total(),
            events: event_counts(self.events.claimed()),
            candidates: candidate_counts(self.events.all()),
            files: files
                .iter()
                .filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
                .collect(),
        };
        self.out.write_whole("summary.json", &pretty(&summary, &self.out)?)?;
        Ok(summary)
    }
}

fn open<R: 'static>(
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
