//! Tables in memory for whoever reads Apache Arrow's C stream interface: pyarrow, pandas, polars, DuckDB. Values are not copied.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, RecordBatchIterator, StringArray};
use arrow_buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use bytes::Bytes;
use onset::tables::{Kind as CellKind, MemoryColumn, MemoryTable, Values};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::error::Kind;

/// A table whose memory Arrow's readers share.
#[pyclass(frozen, module = "onset._onset")]
pub(crate) struct Table(pub(crate) Arc<MemoryTable>);

#[pymethods]
impl Table {
    /// The Arrow PyCapsule interface. One record batch; a requested schema is not looked at, which the interface allows.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        drop(requested_schema);
        let batch = batch_of(&self.0).map_err(|error| {
            Kind::Analysis.with(format!("the table cannot be given to Arrow: {error}; this is a bug"))
        })?;
        let schema = batch.schema();
        let batches = RecordBatchIterator::new([Ok(batch)], schema);
        PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(Box::new(batches)), c"arrow_array_stream")
    }

    fn __len__(&self) -> usize {
        self.0.row_count
    }
}

/// Which bytes of a table.
#[derive(Clone, Copy)]
enum Part {
    Values,
    Offsets,
}

/// Bytes of a column, kept alive by the table that they are in.
struct Owned {
    table: Arc<MemoryTable>,
    column: usize,
    part: Part,
}

impl AsRef<[u8]> for Owned {
    fn as_ref(&self) -> &[u8] {
        let Some(column) = self.table.columns.get(self.column) else { return &[] };
        match (&column.values, self.part) {
            (Values::Int(values), Part::Values) => bytemuck::cast_slice(values),
            (Values::Real(values), Part::Values) => bytemuck::cast_slice(values),
            (Values::Text { bytes, .. }, Part::Values) => bytes,
            (Values::Text { offsets, .. }, Part::Offsets) => bytemuck::cast_slice(offsets),
            (_, Part::Offsets) => &[],
        }
    }
}

fn batch_of(table: &Arc<MemoryTable>) -> Result<RecordBatch, ArrowError> {
    let arrays: Result<Vec<_>, _> = (0..table.columns.len()).map(|index| array_of(table, index)).collect();
    RecordBatch::try_new(Arc::new(schema_of(table)), arrays?)
}

/// The schema that pyarrow reads from the Parquet file of the same table: units and version in its metadata.
fn schema_of(table: &MemoryTable) -> Schema {
    let field = |column: &MemoryColumn| {
        let kind = match column.kind {
            CellKind::Int => DataType::Int64,
            CellKind::Real { .. } => DataType::Float64,
            CellKind::Text => DataType::Utf8,
        };
        Field::new(&column.name, kind, column.is_optional)
    };
    let with_unit = table.columns.iter().filter(|column| column.unit != "-");
    let mut metadata: HashMap<String, String> =
        with_unit.map(|column| (format!("unit:{}", column.name), column.unit.to_owned())).collect();
    metadata.insert("onset_version".to_owned(), env!("CARGO_PKG_VERSION").to_owned());
    Schema::new_with_metadata(table.columns.iter().map(field).collect::<Vec<_>>(), metadata)
}

fn array_of(table: &Arc<MemoryTable>, index: usize) -> Result<ArrayRef, ArrowError> {
    let column = table
        .columns
        .get(index)
        .ok_or_else(|| ArrowError::SchemaError(format!("there is no column {index}")))?;
    let part =
        |part| Buffer::from(Bytes::from_owner(Owned { table: Arc::clone(table), column: index, part }));
    let nulls = column.is_optional.then(|| NullBuffer::from(column.is_present.as_slice()));
    // A column without a missing value says so by having no mask, as Arrow's own writers do.
    let nulls = nulls.filter(|nulls| nulls.null_count() > 0);
    let rows = table.row_count;
    Ok(match column.values {
        Values::Int(_) => {
            Arc::new(Int64Array::try_new(ScalarBuffer::new(part(Part::Values), 0, rows), nulls)?)
        }
        Values::Real(_) => {
            Arc::new(Float64Array::try_new(ScalarBuffer::new(part(Part::Values), 0, rows), nulls)?)
        }
        Values::Text { .. } => {
            let offsets = OffsetBuffer::new(ScalarBuffer::new(part(Part::Offsets), 0, rows + 1));
            Arc::new(StringArray::try_new(offsets, part(Part::Values), nulls)?)
        }
    })
}
