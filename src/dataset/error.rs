//! Why data cannot be used: each message names the file (and line or picture) and the next step.

use std::path::{Path, PathBuf};

use super::manifest::ManifestError;

/// Why a corpus cannot be read. Each message names the file (and line or picture) and the next step.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// The system refused.
    #[error("{}: {why}; check the path and its permissions", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// The system's message.
        why: String,
    },
    /// A line of a table cannot be used.
    #[error("{}, line {line}: {why}", path.display())]
    Labels {
        /// The table.
        path: PathBuf,
        /// Line in it, from 1.
        line: u64,
        /// What is wrong, and what would be right.
        why: String,
    },
    /// The folder has no such part.
    #[error("{}: there is no part {part}: neither {part}.tar.gz nor {part}.tar nor a folder {part}; {found}", dir.display())]
    NoPart {
        /// The corpus.
        dir: PathBuf,
        /// The part that was asked for.
        part: String,
        /// What is there instead.
        found: String,
    },
    /// A picture cannot be decoded.
    #[error("{}: {name}: {why}; unpack the original again", path.display())]
    Picture {
        /// The archive or folder.
        path: PathBuf,
        /// The picture's name in it.
        name: String,
        /// The decoder's message.
        why: String,
    },
    /// The table has none of the part's pictures.
    #[error(
        "{}: none of its {pictures} pictures is listed in {}; are they of the same corpus?",
        path.display(),
        labels.display()
    )]
    NothingListed {
        /// The archive or folder.
        path: PathBuf,
        /// The table.
        labels: PathBuf,
        /// How many pictures there are.
        pictures: usize,
    },
    /// A coding table has not all columns.
    #[error(
        "{}: there is no column for {column} (one of: {known_as}); the header has {found}; rename the column, or use \
         the table as it was distributed",
        path.display()
    )]
    NoColumn {
        /// The table.
        path: PathBuf,
        /// What the column is to say.
        column: &'static str,
        /// The names under which it is known.
        known_as: String,
        /// What the header has.
        found: String,
    },
    /// A coding table cannot be read at all.
    #[error("{}: {why}", path.display())]
    Table {
        /// The table.
        path: PathBuf,
        /// What is wrong, and what would be right.
        why: String,
    },
    /// What lies there is none of the forms that are known, or could be several.
    #[error("{}: {why}", path.display())]
    Form {
        /// What was to be opened.
        path: PathBuf,
        /// What would be recognised, or what it could be.
        why: String,
    },
    /// A folder that stands for a class has nothing in it.
    #[error("{}: this class has no pictures; put pictures into the folder, or remove it", path.display())]
    EmptyClass {
        /// The folder.
        path: PathBuf,
    },
    /// The form cannot give what was asked for.
    #[error("{}: {why}", path.display())]
    Unfit {
        /// What was opened.
        path: PathBuf,
        /// What it cannot give, and what can.
        why: String,
    },
    /// There is no example that can be used.
    #[error("{}: there is no example that can be used; {why}", path.display())]
    NoExamples {
        /// What was opened.
        path: PathBuf,
        /// What was left out, and why.
        why: String,
    },
    /// Datasets cannot be joined.
    #[error("{}: {why}", path.display())]
    Join {
        /// The dataset that does not fit.
        path: PathBuf,
        /// What differs, and what to do.
        why: String,
    },
    /// The manifest of a dataset cannot be used.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}

impl DatasetError {
    pub(super) fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::File { path: path.to_owned(), why: error.to_string() }
    }
}
