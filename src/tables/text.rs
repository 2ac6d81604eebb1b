//! Tables as text: CSV and JSON lines. Both are written in place and flushed as they grow, so that whatever a crash
//! leaves can be read up to its last full line.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::cell::{Cell, Column, Kind};
use super::{TableError, TableSink};

/// Buffered bytes before the system is called.
const BUFFER_BYTES: usize = 1 << 16;

/// A CSV file: UTF-8, comma, header line, `\n`, empty where missing, fixed decimals by column.
pub struct CsvTable<R> {
    path: PathBuf,
    writer: csv::Writer<File>,
    columns: Arc<Vec<Column<R>>>,
    field: Vec<u8>,
}

impl<R> CsvTable<R> {
    /// Creates the file and writes its header.
    ///
    /// # Errors
    /// [`TableError::Io`] naming the file.
    pub fn create(path: &Path, columns: Arc<Vec<Column<R>>>) -> Result<Self, TableError> {
        let file = File::create(path).map_err(TableError::io("create", path))?;
        let mut writer = csv::WriterBuilder::new().buffer_capacity(BUFFER_BYTES).from_writer(file);
        writer
            .write_record(columns.iter().map(|column| column.name.as_str()))
            .map_err(|error| TableError::io("write", path)(error.into()))?;
        Ok(Self { path: path.to_owned(), writer, columns, field: Vec::new() })
    }

    fn write_row(&mut self, row: &R) -> Result<(), csv::Error> {
        for column in self.columns.iter() {
            self.field.clear();
            match (column.cell(row), column.kind) {
                (Cell::Missing, _) => {}
                (Cell::Int(value), _) => write!(self.field, "{value}")?,
                (Cell::Real(value), Kind::Real { decimals }) => {
                    write!(self.field, "{value:.0$}", usize::from(decimals))?;
                }
                (Cell::Real(value), _) => write!(self.field, "{value}")?,
                (Cell::Text(text), _) => self.field.extend_from_slice(text.as_bytes()),
            }
            self.writer.write_field(&self.field)?;
        }
        self.writer.write_record(None::<&[u8]>)
    }
}

impl<R> TableSink<R> for CsvTable<R> {
    fn write(&mut self, row: &R) -> Result<(), TableError> {
        self.write_row(row).map_err(|error| TableError::io("write", &self.path)(error.into()))
    }

    fn flush(&mut self) -> Result<(), TableError> {
        self.writer.flush().map_err(TableError::io("write", &self.path))
    }

    fn finish(mut self: Box<Self>) -> Result<PathBuf, TableError> {
        TableSink::flush(&mut *self)?;
        Ok(self.path)
    }
}

/// One row as a JSON object, its fields in column order, `null` where missing.
#[derive(Clone, Copy, Debug)]
pub struct JsonRow<'a, R> {
    /// The columns.
    pub columns: &'a [Column<R>],
    /// The row.
    pub row: &'a R,
}

impl<R> JsonRow<'_, R> {
    /// Adds this row's fields to an object that may have others.
    ///
    /// # Errors
    /// What the serializer says.
    pub fn add_to<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        for column in self.columns {
            let name = &column.name;
            match column.cell(self.row) {
                Cell::Missing => map.serialize_entry(name, &())?,
                Cell::Int(value) => map.serialize_entry(name, &value)?,
                Cell::Real(value) => map.serialize_entry(name, &value)?,
                Cell::Text(text) => map.serialize_entry(name, &text)?,
            }
        }
        Ok(())
    }
}

impl<R> Serialize for JsonRow<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.columns.len()))?;
        self.add_to(&mut map)?;
        map.end()
    }
}

/// A file of JSON lines.
pub struct JsonlTable<R> {
    path: PathBuf,
    writer: BufWriter<File>,
    columns: Arc<Vec<Column<R>>>,
}

impl<R> JsonlTable<R> {
    /// Creates the file.
    ///
    /// # Errors
    /// [`TableError::Io`] naming the file.
    pub fn create(path: &Path, columns: Arc<Vec<Column<R>>>) -> Result<Self, TableError> {
        let file = File::create(path).map_err(TableError::io("create", path))?;
        Ok(Self { path: path.to_owned(), writer: BufWriter::with_capacity(BUFFER_BYTES, file), columns })
    }
}

impl<R> TableSink<R> for JsonlTable<R> {
    fn write(&mut self, row: &R) -> Result<(), TableError> {
        serde_json::to_writer(&mut self.writer, &JsonRow { columns: &self.columns, row })
            .map_err(std::io::Error::from)
            .and_then(|()| self.writer.write_all(b"\n"))
            .map_err(TableError::io("write", &self.path))
    }

    fn flush(&mut self) -> Result<(), TableError> {
        self.writer.flush().map_err(TableError::io("write", &self.path))
    }

    fn finish(mut self: Box<Self>) -> Result<PathBuf, TableError> {
        TableSink::<R>::flush(&mut *self)?;
        Ok(self.path)
    }
}
