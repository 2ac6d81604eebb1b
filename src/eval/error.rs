//! Why an evaluation could not be made, and what to do next.

use std::io;
use std::path::{Path, PathBuf};

/// A failed evaluation. Each message names the file, line and column, and the next step.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvalError {
    /// The system refused.
    #[error("cannot {doing} {path}: {source}; check the path")]
    Io {
        /// What was tried: `read`, `write`, `create`.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A row has more or fewer cells than the header has columns.
    #[error("{path}, line {line}: {cells} cells, but the header has {columns} columns; is the file cut off?")]
    RowLength {
        /// The file.
        path: PathBuf,
        /// Line in the file, from 1.
        line: u64,
        /// Cells of the row.
        cells: usize,
        /// Columns of the header.
        columns: usize,
    },
    /// Not text in UTF-8.
    #[error("{path}: {source}; write the file again as UTF-8 CSV with a header line")]
    Csv {
        /// The file.
        path: PathBuf,
        /// The reader's reason, with the line.
        source: csv::Error,
    },
    /// A column is missing.
    #[error("{path}, line 1: there is no column {column}; the header has {found}")]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// The column that is needed.
        column: String,
        /// The columns that are there.
        found: String,
    },
    /// A column is there twice.
    #[error("{path}, line 1: there are two columns {column}; remove or rename one")]
    ColumnTwice {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
    },
    /// A value cannot be used.
    #[error("{path}, line {line}, column {column}: {problem}")]
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
    /// The truth names no clip.
    #[error("{path}: there are no rows; a clip without events has one row of kind `none`")]
    NoClips {
        /// The truth.
        path: PathBuf,
    },
    /// A table of pictures has no row.
    #[error("{path}: there are no rows; give one picture a line, with columns path,label")]
    NoPictures {
        /// The table.
        path: PathBuf,
    },
    /// A table of predictions has no row.
    #[error(
        "{path}: there are no rows; give one example a line, with columns example,truth and p_CLASS for each class"
    )]
    NoPredictedExamples {
        /// The table.
        path: PathBuf,
    },
    /// Predictions of two classifiers are not of the same examples.
    #[error(
        "the two sets of predictions cannot be paired: {why}; compare predictions of the same examples, by the same protocol"
    )]
    NotPaired {
        /// Where they differ.
        why: String,
    },
    /// Intervals are predicted for videos that the truth does not have.
    #[error(
        "{path}: the truth has no video {videos}; where nothing happens in it, give it one row of kind `none` in the truth"
    )]
    UnknownVideos {
        /// The predictions.
        path: PathBuf,
        /// The videos.
        videos: String,
    },
    /// Two people have videos of the same name, and predictions name no person.
    #[error("{path}: several subjects have a video {video}; add a column subject to the predictions")]
    WhichSubject {
        /// The predictions.
        path: PathBuf,
        /// The video.
        video: String,
    },
    /// Clips of the truth have no predictions.
    #[error(
        "{dir}: no predictions for {clips}; run `onset analyze` on them with --out {dir}, or count their events as missed \
         with --missing-as-empty"
    )]
    NoPredictions {
        /// The folder with the predictions.
        dir: PathBuf,
        /// The clips.
        clips: String,
    },
    /// The tables are there in another format only.
    #[error(
        "{dir} has {found} but no events.csv; run `onset analyze` again with --force and --format csv,{format}"
    )]
    OtherFormat {
        /// The clip's folder.
        dir: PathBuf,
        /// What is there.
        found: &'static str,
        /// Its format.
        format: &'static str,
    },
    /// A clip was asked for that the truth does not have.
    #[error("{path} has no clip {clip}; it has {found}")]
    NoSuchClip {
        /// The truth.
        path: PathBuf,
        /// The clip.
        clip: String,
        /// The clips that it has.
        found: String,
    },
    /// One table of events, several clips.
    #[error(
        "{events} is one table of events, and the truth has several clips ({found}): name one with --clip"
    )]
    WhichClip {
        /// The table.
        events: PathBuf,
        /// The clips of the truth.
        found: String,
    },
}

impl EvalError {
    /// For `map_err`: an [`EvalError::Io`] about `path`.
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source }
    }
}

/// At most five names, and how many more there are.
pub(super) fn some_of<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 5;
    let names: Vec<&str> = names.into_iter().collect();
    let shown = names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
