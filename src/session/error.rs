//! Why a session cannot be recorded or read.

use std::path::{Path, PathBuf};

/// Each message names the file and the next step.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The system refused.
    #[error("cannot {what} {}: {}", path.display(), io_words(error))]
    Io {
        /// `read`, `write`, `create`.
        what: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's word.
        error: std::io::Error,
    },
    /// The folder has no `session.toml`.
    #[error("{}: this is no session: there is no session.toml in it; give a folder that `onset record` made", dir.display())]
    NotASession {
        /// The folder.
        dir: PathBuf,
    },
    /// `session.toml` cannot be used.
    #[error("{}: {why}", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// What is wrong and the next step.
        why: String,
    },
    /// There is a session there already.
    #[error("{}: there is something in this folder already, and nothing is ever overwritten; choose another --out", dir.display())]
    NotEmpty {
        /// The folder.
        dir: PathBuf,
    },
    /// `session.mcap` cannot be used.
    #[error("{}: {why}", path.display())]
    Media {
        /// The file.
        path: PathBuf,
        /// What is wrong and the next step.
        why: String,
    },
    /// Encrypted, and none of the identities opens it.
    #[error("{}: {why}", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
        /// What is wrong and the next step.
        why: String,
    },
    /// A row of the observations could not be made.
    #[error(transparent)]
    Table(#[from] crate::tables::TableError),
}

impl SessionError {
    /// For `map_err` on calls of the system.
    pub fn io(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::Io { what, path, error }
    }
}

/// The system's message with the next step.
fn io_words(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "the disk is full; make room, or record to another disk".to_owned()
        }
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            format!("{error}; choose a folder that your user may write to")
        }
        ErrorKind::NotFound => format!("{error}; check the path"),
        _ => format!("{error}; check the disk and try again"),
    }
}
