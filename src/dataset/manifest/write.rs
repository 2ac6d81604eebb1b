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
    let partial = dir.join(format!("{MANIFEST_CSV}.partial"));
    let mut csv = Box::new(CsvTable::create(&partial, Arc::new(manifest_columns()))?);
    for sample in samples {
        csv.write(sample)?;
    }
    <CsvTable<Sample> as TableSink<Sample>>::finish(csv)?;
    write_manifest_parquet(&dir.join(MANIFEST_PARQUET), samples)?;
    let path = dir.join(MANIFEST_CSV);
    fs::rename(&partial, &path).map_err(|source| TableError::Io { doing: "write", path, source })
}

/// Writes the Parquet form alone: where rows of the CSV were removed, and both are to hold the same again.
///
/// # Errors
/// As [`write_manifest`].
pub fn write_manifest_parquet(path: &Path, samples: &[Sample]) -> Result<(), TableError> {
    let mut parquet = Box::new(ParquetTable::create(path, Arc::new(manifest_columns()))?);
    for sample in samples {
        parquet.write(sample)?;
    }
    parquet.finish().map(drop)
}
