//! Why a dataset folder cannot be made or used.

use std::io;
use std::path::{Path, PathBuf};

use super::super::manifest::ManifestError;
use crate::capture::CaptureError;
use crate::face::FaceError;
use crate::session::SessionError;
use crate::session::coding::CodingError;
use crate::tables::TableError;

/// Each message names the file and the next step.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// The folder has no `dataset.toml`.
    #[error("{}: this is no dataset: there is no dataset.toml in it; give a folder that `onset dataset build` made", dir.display())]
    NotADataset {
        /// The folder.
        dir: PathBuf,
    },
    /// The folder has no manifest.
    #[error(
        "{}: building this dataset broke off: there is no manifest.csv; run `onset dataset build` again with --add, \
         or remove the folder",
        dir.display()
    )]
    BrokenOff {
        /// The folder.
        dir: PathBuf,
    },
    /// There is something there already.
    #[error("{}: there is something in this folder already, and nothing is ever overwritten; choose another --out", dir.display())]
    NotEmpty {
        /// The folder.
        dir: PathBuf,
    },
    /// The system refused.
    #[error("cannot {doing} {}: {source}; {}", path.display(), next_step(source))]
    Io {
        /// `read`, `write`, `create`, `copy`.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A file cannot be used.
    #[error("{}: {why}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong and the next step.
        why: String,
    },
    /// What was asked for cannot be.
    #[error("{0}")]
    Asked(String),
    /// The user stopped it.
    #[error("interrupted: {0}")]
    Interrupted(String),
    /// The manifest.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// Writing the manifest.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A session.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// Codings of a session.
    #[error(transparent)]
    Coding(#[from] CodingError),
    /// A session's frames.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// The networks that find faces.
    #[error(transparent)]
    Face(#[from] FaceError),
}

impl FolderError {
    /// For `map_err` on calls of the system.
    pub(in crate::dataset) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { doing, path, source }
    }

    /// A file that cannot be used.
    pub(in crate::dataset) fn file(path: &Path, why: impl Into<String>) -> Self {
        Self::File { path: path.to_owned(), why: why.into() }
    }
}

fn next_step(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "make room on the disk",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "choose a folder that your user may write to"
        }
        _ => "check the path",
    }
}
