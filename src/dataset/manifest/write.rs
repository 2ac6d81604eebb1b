//! Writes the manifest in both forms: each file appears only when it is complete, the CSV last.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::row::Sample;
use super::{MANIFEST_CSV, MANIFEST_PARQUET, manifest_columns};
use crate::tables::{CsvTable, ParquetTable, TableError, TableSink};

/// Writes `manifest.parquet`, then `manifest.csv`, into `dir`. Earlier ones are replaced as a whole.
///
/// # Errors
/// [`TableError`], naming the file.
pub fn write_manifest(dir: &Path, samples: &[Sample]) -> Result<(), TableError> {
    let columns = Arc::new(manifest_columns());
    let mut parquet = Box::new(ParquetTable::create(&dir.join(MANIFEST_PARQUET), Arc::clone(&columns))?);
    let partial = dir.join(format!("{MANIFEST_CSV}.partial"));
    let mut csv = Box::new(CsvTable::create(&partial, columns)?);
    for sample in samples {
        parquet.write(sample)?;
        csv.write(sample)?;
    }
    parquet.finish()?;
    <CsvTable<Sample> as TableSink<Sample>>::finish(csv)?;
    let path = dir.join(MANIFEST_CSV);
    fs::rename(&partial, &path).map_err(|source| TableError::Io { doing: "write", path, source })
}
