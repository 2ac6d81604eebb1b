//! Tables in memory, column by column, in the layout of Apache Arrow: for programs that go on with the values at once.

use std::sync::Arc;

use super::cell::{Cell, Column, Kind};
use super::rows::{Rows, Wanted};
use super::run::{once_each, open, write_all, write_json};
use super::{
    MeasuredRate, OutputDir, RunFacts, Summary, TableError, TableFormat, TableTarget, Timing, event_columns,
    frame_columns, label_evidence_columns,
};
use crate::types::{Event, Gap, LandmarkUpdate, Observation};

/// The values of one column. A missing one has a zero, or no bytes, in its place.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Whole numbers.
    Int(Vec<i64>),
    /// Real numbers, rounded to the column's decimals as in every file.
    Real(Vec<f64>),
    /// UTF-8 texts one after the other; text `i` is `bytes[offsets[i]..offsets[i + 1]]`.
    Text {
        /// One more than there are rows; the first is 0.
        offsets: Vec<i32>,
        /// All texts.
        bytes: Vec<u8>,
    },
}

/// One column of a table in memory.
#[derive(Clone, Debug)]
pub struct MemoryColumn {
    /// The name, as in the files.
    pub name: String,
    /// The unit; `-` where there is none.
    pub unit: &'static str,
    /// What sort of value it holds.
    pub kind: Kind,
    /// False where every row has a value.
    pub is_optional: bool,
    /// One value a row.
    pub values: Values,
    /// Whether the row has a value.
    pub is_present: Vec<bool>,
}

impl MemoryColumn {
    fn new<R>(column: &Column<R>) -> Self {
        let values = match column.kind {
            Kind::Int => Values::Int(Vec::new()),
            Kind::Real { .. } => Values::Real(Vec::new()),
            Kind::Text => Values::Text { offsets: vec![0], bytes: Vec::new() },
        };
        Self {
            name: column.name.clone(),
            unit: column.unit,
            kind: column.kind,
            is_optional: column.is_optional,
            values,
            is_present: Vec::new(),
        }
    }

    fn push(&mut self, cell: &Cell) -> Result<(), TableError> {
        let is_present = match (&mut self.values, cell) {
            (Values::Int(values), Cell::Int(value)) => {
                values.push(*value);
                true
            }
            (Values::Real(values), Cell::Real(value)) => {
                values.push(*value);
                true
            }
            (Values::Text { offsets, bytes }, Cell::Text(text)) => {
                bytes.extend_from_slice(text.as_bytes());
                offsets.push(end_of(bytes).ok_or_else(|| TableError::TooLong { column: self.name.clone() })?);
                true
            }
            // Missing: the place is kept.
            (Values::Int(values), _) => {
                values.push(0);
                false
            }
            (Values::Real(values), _) => {
                values.push(0.0);
                false
            }
            (Values::Text { offsets, .. }, _) => {
                offsets.push(offsets.last().copied().unwrap_or(0));
                false
            }
        };
        self.is_present.push(is_present);
        Ok(())
    }

    /// The value of a row; missing where there is no such row.
    pub fn cell(&self, row: usize) -> Cell {
        if !self.is_present.get(row).copied().unwrap_or(false) {
            return Cell::Missing;
        }
        let cell = match &self.values {
            Values::Int(values) => values.get(row).map(|value| Cell::Int(*value)),
            Values::Real(values) => values.get(row).map(|value| Cell::Real(*value)),
            Values::Text { offsets, bytes } => text_at(offsets, bytes, row).map(Cell::from_text),
        };
        cell.unwrap_or(Cell::Missing)
    }
}

/// Where the texts end so far; `None` beyond what 32 bits can say.
fn end_of(bytes: &[u8]) -> Option<i32> {
    i32::try_from(bytes.len()).ok()
}

fn text_at(offsets: &[i32], bytes: &[u8], row: usize) -> Option<String> {
    let start = usize::try_from(*offsets.get(row)?).ok()?;
    let end = usize::try_from(*offsets.get(row + 1)?).ok()?;
    Some(String::from_utf8_lossy(bytes.get(start..end)?).into_owned())
}

/// A table in memory.
#[derive(Clone, Debug)]
pub struct MemoryTable {
    /// The columns, in file order.
    pub columns: Vec<MemoryColumn>,
    /// How many rows each has.
    pub row_count: usize,
}

impl MemoryTable {
    /// A table without rows.
    pub fn new<R>(columns: &[Column<R>]) -> Self {
        Self { columns: columns.iter().map(MemoryColumn::new).collect(), row_count: 0 }
    }

    /// Adds a row, read by the columns that the table was made with.
    ///
    /// # Errors
    /// [`TableError::TooLong`] where a column's texts exceed 2 GiB; the table must not be used any more.
    pub fn push<R>(&mut self, columns: &[Column<R>], row: &R) -> Result<(), TableError> {
        self.push_cells(columns.iter().map(|column| column.cell(row)))
    }

    /// Adds a row by its cells, one a column; one of another kind than its column counts as missing.
    ///
    /// # Errors
    /// As [`MemoryTable::push`].
    pub fn push_cells(&mut self, cells: impl IntoIterator<Item = Cell>) -> Result<(), TableError> {
        for (cell, kept) in cells.into_iter().zip(&mut self.columns) {
            kept.push(&cell)?;
        }
        self.row_count += 1;
        Ok(())
    }

    /// The same table for the writers of files, its rows by number. `about` are the columns that it was made with.
    fn columns_by_row<R>(self: &Arc<Self>, about: &[Column<R>]) -> Vec<Column<usize>> {
        let by_row = |(index, column): (usize, &Column<R>)| {
            let table = Arc::clone(self);
            let cell =
                move |row: &usize| table.columns.get(index).map_or(Cell::Missing, |kept| kept.cell(*row));
            let texts = [column.unit, column.range, column.meaning];
            let by_row = Column::new(column.doc_name, column.kind, texts, cell).named(column.name.clone());
            if column.is_optional { by_row } else { by_row.required() }
        };
        about.iter().enumerate().map(by_row).collect()
    }

    fn write<R>(
        self: &Arc<Self>,
        about: &[Column<R>],
        stem: &str,
        out: &OutputDir,
        formats: &[TableFormat],
    ) -> Result<Vec<String>, TableError> {
        let rows: Vec<usize> = (0..self.row_count).collect();
        write_all(open(out, stem, formats, self.columns_by_row(about))?, || rows.iter())
    }
}

/// Keeps the tables of one input in memory: about 2 KB a frame.
pub struct MemoryTables {
    about: Vec<Column<super::FrameRow>>,
    frames: MemoryTable,
    has_frames: bool,
    rows: Rows,
    wanted: Wanted,
}

impl Default for MemoryTables {
    fn default() -> Self {
        let about = frame_columns();
        Self {
            frames: MemoryTable::new(&about),
            about,
            has_frames: true,
            rows: Rows::default(),
            wanted: Wanted::default(),
        }
    }
}

impl MemoryTables {
    /// The same with rows for candidates that are not claimed too, if `yes`.
    pub fn with_candidates(mut self, yes: bool) -> Self {
        self.wanted.candidates = yes;
        self
    }

    /// The same with the table `label_evidence`, if `yes`.
    pub fn with_label_evidence(mut self, yes: bool) -> Self {
        self.wanted.label_evidence = yes;
        self
    }

    /// The same with rows in the frames table, if `yes`; without, frames are counted only, and memory grows with the events alone.
    pub fn with_frames(mut self, yes: bool) -> Self {
        self.has_frames = yes;
        self
    }
}

/// Adds a row where frames are kept.
fn keep(
    frames: &mut MemoryTable,
    about: &[Column<super::FrameRow>],
    yes: bool,
) -> impl FnMut(&super::FrameRow) -> Result<(), TableError> {
    move |row| if yes { frames.push(about, row) } else { Ok(()) }
}

impl TableTarget for MemoryTables {
    type Done = Collected;

    fn push(&mut self, observation: &Observation) -> Result<(), TableError> {
        self.rows.push(observation, keep(&mut self.frames, &self.about, self.has_frames))
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

    fn finish(mut self, run: RunFacts, timing: Option<Timing>) -> Result<Collected, TableError> {
        self.rows.finish(keep(&mut self.frames, &self.about, self.has_frames))?;
        let log = self.rows.events();
        let events = collected(&event_columns(), self.wanted.events(log))?;
        let label_evidence = match self.wanted.label_evidence {
            true => Some(collected(&label_evidence_columns(), self.wanted.label_evidence(log))?),
            false => None,
        };
        let summary = self.rows.summary(run, Vec::new());
        Ok(Collected { frames: Arc::new(self.frames), events, label_evidence, summary, timing })
    }
}

fn collected<'a, R: 'a>(
    columns: &[Column<R>],
    rows: impl Iterator<Item = &'a R>,
) -> Result<Arc<MemoryTable>, TableError> {
    let mut table = MemoryTable::new(columns);
    for row in rows {
        table.push(columns, row)?;
    }
    Ok(Arc::new(table))
}

/// The tables of one input, complete.
#[derive(Clone, Debug)]
pub struct Collected {
    /// One row a frame.
    pub frames: Arc<MemoryTable>,
    /// One row an event.
    pub events: Arc<MemoryTable>,
    /// What the label of each event was decided on, where that was asked for.
    pub label_evidence: Option<Arc<MemoryTable>>,
    /// The summary; it names no files.
    pub summary: Summary,
    /// What the run cost.
    pub timing: Option<Timing>,
}

impl Collected {
    /// Writes the same files, byte by byte, as [`super::Tables`] would have. Gives the summary, which then names them.
    ///
    /// # Errors
    /// [`TableError`], naming the file.
    pub fn write(&self, out: &OutputDir, formats: &[TableFormat]) -> Result<Summary, TableError> {
        let formats = once_each(formats);
        let mut files = self.frames.write(&frame_columns(), "frames", out, &formats)?;
        files.extend(self.events.write(&event_columns(), "events", out, &formats)?);
        if let Some(evidence) = &self.label_evidence {
            files.extend(evidence.write(&label_evidence_columns(), "label_evidence", out, &formats)?);
        }
        let summary = Summary { files, ..self.summary.clone() };
        write_json(out, self.timing, &summary)?;
        Ok(summary)
    }
}
