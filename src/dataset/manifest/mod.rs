//! The manifest of a dataset: one row a sample, as CSV and Parquet with the same values.
//!
//! Every column is described once, in [`manifest_columns`]; the writers and `docs/dataset.md` are made from this list.

mod columns;
mod parse;
mod read;
mod row;
#[cfg(test)]
mod tests;
mod write;

pub use columns::manifest_columns;
pub use read::{ManifestError, parse_manifest, read_manifest};
pub use row::{LabelSource, Role, Sample, SampleKind};
pub use write::{write_manifest, write_manifest_parquet};

/// The manifest as CSV: written last, so that a dataset that has it is complete.
pub const MANIFEST_CSV: &str = "manifest.csv";
/// The manifest as Parquet.
pub const MANIFEST_PARQUET: &str = "manifest.parquet";
