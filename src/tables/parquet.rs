//! Tables as Parquet, through the crate's column writers (without Arrow, which would double the build).
//!
//! A Parquet file can be read only with its footer, so it grows under a temporary name and gets its own when complete:
//! a `frames.parquet` that exists can be read.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as PhysicalType};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;

use super::cell::{Cell, Column, Kind};
use super::output_dir::partial_path;
use super::{TableError, TableSink};

/// Rows kept before they are written as a row group: about 10 MB for the frames table.
const ROWS_PER_GROUP: usize = 8192;

/// The values of one column that are not yet written. Missing cells have a level of 0 and no value.
struct Buffered {
    values: Values,
    levels: Vec<i16>,
}

enum Values {
    Int(Vec<i64>),
    Real(Vec<f64>),
    Text(Vec<ByteArray>),
}

impl Buffered {
    fn new(kind: Kind) -> Self {
        let values = match kind {
            Kind::Int => Values::Int(Vec::new()),
            Kind::Real { .. } => Values::Real(Vec::new()),
            Kind::Text => Values::Text(Vec::new()),
        };
        Self { values, levels: Vec::new() }
    }

    fn push(&mut self, cell: Cell) {
        let level = match (&mut self.values, cell) {
            (Values::Int(values), Cell::Int(value)) => {
                values.push(value);
                1
            }
            (Values::Real(values), Cell::Real(value)) => {
                values.push(value);
                1
            }
            (Values::Text(values), Cell::Text(text)) => {
                values.push(ByteArray::from(text.as_ref()));
                1
            }
            _ => 0,
        };
        self.levels.push(level);
    }

    /// Writes and empties the buffer.
    fn write(
        &mut self,
        writer: &mut SerializedColumnWriter<'_>,
        is_optional: bool,
    ) -> Result<(), ParquetError> {
        let levels = is_optional.then_some(self.levels.as_slice());
        match &mut self.values {
            Values::Int(values) => {
                writer.typed::<Int64Type>().write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Real(values) => {
                writer.typed::<DoubleType>().write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Text(values) => {
                writer.typed::<ByteArrayType>().write_batch(values, levels, None)?;
                values.clear();
            }
        }
        self.levels.clear();
        Ok(())
    }
}

/// A Parquet file: one flat column a table column, Snappy, the units in the file's metadata as `unit:<column>`.
pub struct ParquetTable<R> {
    path: PathBuf,
    partial: PathBuf,
    writer: SerializedFileWriter<File>,
    columns: Arc<Vec<Column<R>>>,
    buffered: Vec<Buffered>,
    row_count: usize,
}

impl<R> ParquetTable<R> {
    /// Creates the file under its temporary name.
    ///
    /// # Errors
    /// [`TableError`] naming the file.
    pub fn create(path: &Path, columns: Arc<Vec<Column<R>>>) -> Result<Self, TableError> {
        let partial = partial_path(path);
        let file = File::create(&partial).map_err(TableError::io("create", &partial))?;
        let writer = schema(&columns)
            .and_then(|schema| {
                SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties(&columns)))
            })
            .map_err(TableError::parquet(path))?;
        let buffered = columns.iter().map(|column| Buffered::new(column.kind)).collect();
        Ok(Self { path: path.to_owned(), partial, writer, columns, buffered, row_count: 0 })
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        if self.row_count == 0 {
            return Ok(());
        }
        let mut group = self.writer.next_row_group()?;
        for (column, buffered) in self.columns.iter().zip(&mut self.buffered) {
            let Some(mut writer) = group.next_column()? else { break };
            buffered.write(&mut writer, column.is_optional)?;
            writer.close()?;
        }
        group.close()?;
        self.row_count = 0;
        Ok(())
    }
}

impl<R> TableSink<R> for ParquetTable<R> {
    fn write(&mut self, row: &R) -> Result<(), TableError> {
        for (column, buffered) in self.columns.iter().zip(&mut self.buffered) {
            buffered.push(column.cell(row));
        }
        self.row_count += 1;
        if self.row_count < ROWS_PER_GROUP {
            return Ok(());
        }
        self.write_group().map_err(TableError::parquet(&self.path))
    }

    fn flush(&mut self) -> Result<(), TableError> {
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<PathBuf, TableError> {
        self.write_group()
            .and_then(|()| self.writer.finish().map(drop))
            .map_err(TableError::parquet(&self.path))?;
        fs::rename(&self.partial, &self.path).map_err(TableError::io("write", &self.path))?;
        Ok(self.path)
    }
}

fn schema<R>(columns: &[Column<R>]) -> Result<Type, ParquetError> {
    let fields = columns.iter().map(|column| {
        let repetition = if column.is_optional { Repetition::OPTIONAL } else { Repetition::REQUIRED };
        let (physical, logical) = match column.kind {
            Kind::Int => (PhysicalType::INT64, None),
            Kind::Real { .. } => (PhysicalType::DOUBLE, None),
            Kind::Text => (PhysicalType::BYTE_ARRAY, Some(LogicalType::String)),
        };
        Type::primitive_type_builder(&column.name, physical)
            .with_repetition(repetition)
            .with_logical_type(logical)
            .build()
            .map(Arc::new)
    });
    Type::group_type_builder("onset").with_fields(fields.collect::<Result<Vec<_>, _>>()?).build()
}

fn properties<R>(columns: &[Column<R>]) -> WriterProperties {
    let units = columns
        .iter()
        .filter(|column| column.unit != "-")
        .map(|column| KeyValue::new(format!("unit:{}", column.name), column.unit.to_owned()));
    let version = KeyValue::new("onset_version".to_owned(), env!("CARGO_PKG_VERSION").to_owned());
    WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_key_value_metadata(Some(std::iter::once(version).chain(units).collect()))
        .build()
}
