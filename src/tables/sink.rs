//! What every table writer does, whatever its format and its rows.

use std::path::PathBuf;

use super::TableError;

/// A file format for tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TableFormat {
    /// Comma-separated values with a header line.
    Csv,
    /// Apache Parquet, compressed with Snappy.
    Parquet,
    /// One JSON object a line.
    Jsonl,
}

impl TableFormat {
    /// All formats.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Parquet, Self::Jsonl];

    /// The name on the command line, which is also the file's extension.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Jsonl => "jsonl",
        }
    }
}

impl std::str::FromStr for TableFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|format| format.name() == text)
            .ok_or_else(|| format!("{text} is not a table format: use csv, parquet or jsonl"))
    }
}

/// A table being written, row by row.
pub trait TableSink<R>: Send {
    /// Adds a row.
    ///
    /// # Errors
    /// [`TableError`], naming the file.
    fn write(&mut self, row: &R) -> Result<(), TableError>;

    /// Brings what was written to the file, so that a crash leaves it readable. Parquet cannot: it needs its footer.
    ///
    /// # Errors
    /// [`TableError`], naming the file.
    fn flush(&mut self) -> Result<(), TableError>;

    /// Completes the file and says where it is.
    ///
    /// # Errors
    /// [`TableError`], naming the file.
    fn finish(self: Box<Self>) -> Result<PathBuf, TableError>;
}
