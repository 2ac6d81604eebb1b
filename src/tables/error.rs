//! Why an output could not be written, and what to do next.

use std::io;
use std::path::{Path, PathBuf};

/// A failed output. Each message names the file and the next step.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The output folder holds something already.
    #[error("{dir} already holds files: choose another --out, or give --force to replace the tables in it")]
    Exists {
        /// The folder.
        dir: PathBuf,
    },
    /// Where the output folder should be, there is a file.
    #[error("{path} is a file, not a folder: choose another --out")]
    NotAFolder {
        /// The file.
        path: PathBuf,
    },
    /// The system refused.
    #[error("cannot {doing} {path}: {why}; {next_step}", why = source, next_step = next_step(source))]
    Io {
        /// What was tried: `write`, `create`, `read`, `list`.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The Parquet library refused.
    #[error("cannot write {path} as Parquet: {source}; try --format csv, and report this as a bug")]
    Parquet {
        /// The file.
        path: PathBuf,
        /// Its reason.
        source: parquet::errors::ParquetError,
    },
    /// A table in memory has an end.
    #[error(
        "the column {column} has more than 2 GiB of text: this recording is too long to be kept in memory; write its tables to files \
         instead (`onset analyze`, `onset.analyze_to_files`)"
    )]
    TooLong {
        /// The column.
        column: String,
    },
    /// Frames came in the wrong order: a fault of the program.
    #[error("frame {frame} came after frame {expected} was due: this is a bug in onset, please report it")]
    OutOfOrder {
        /// The frame that came.
        frame: u64,
        /// The smallest number that would have been right.
        expected: u64,
    },
}

impl TableError {
    /// For `map_err`: an [`TableError::Io`] about `path`.
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source }
    }

    /// For `map_err`: the system's reason where there is one, else Parquet's own.
    pub(super) fn parquet(path: &Path) -> impl Fn(parquet::errors::ParquetError) -> Self {
        move |source| {
            let path = path.to_owned();
            match source {
                parquet::errors::ParquetError::External(inner) => match inner.downcast::<io::Error>() {
                    Ok(source) => Self::Io { doing: "write", path, source: *source },
                    Err(inner) => {
                        Self::Parquet { path, source: parquet::errors::ParquetError::External(inner) }
                    }
                },
                source => Self::Parquet { path, source },
            }
        }
    }
}

fn next_step(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "free some space or choose another --out, then run again with --force"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "choose an --out folder that you may write to"
        }
        io::ErrorKind::NotFound => "check the path",
        _ => "check the disk, or choose another --out",
    }
}
