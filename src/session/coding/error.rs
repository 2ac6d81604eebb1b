//! Why codings cannot be read or written.

use std::path::{Path, PathBuf};

/// Each message names file, line and column, and what would be right.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CodingError {
    /// The system refused.
    #[error("cannot {what} {}: {source}; check the path", path.display())]
    Io {
        /// `read`, `write`.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file as a whole cannot be used.
    #[error("{}: {problem}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what would be right.
        problem: String,
    },
    /// A line cannot be used.
    #[error("{}, line {line}: {problem}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Line in the file, from 1; the header is the first.
        line: u64,
        /// What is wrong, and what would be right.
        problem: String,
    },
    /// A value cannot be used.
    #[error("{}, line {line}, column {column}: {problem}", path.display())]
    Cell {
        /// The file.
        path: PathBuf,
        /// Line in the file, from 1; the header is the first.
        line: u64,
        /// The column.
        column: String,
        /// What is wrong, and what would be right.
        problem: String,
    },
}

impl CodingError {
    /// For `map_err` on calls of the system.
    pub(super) fn io(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { what, path, source }
    }
}
