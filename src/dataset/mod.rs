//! Labelled pictures: datasets that are built from sessions, and corpora as they are published.
//!
//! [`build_dataset`] makes a dataset folder from recorded sessions: aligned crops, a manifest with one row a sample, and candidates for
//! coders. [`Part`] is one part (`train`, `valid`, ...) of a folder in the form of FER+: a table of crowd votes and the pictures.
//! [`label`] is the page on which people code candidates.

mod build;
mod export;
mod ferplus;
mod folder;
pub mod label;
mod manifest;
mod pictures;
mod split;
mod stats;
#[cfg(test)]
mod test_dataset;
mod votes;

use std::path::{Path, PathBuf};

pub use build::{
    AddedSession, BuildParams, BuildReport, BuildStep, CandidateChoice, CodedEvent, CodingsBySession,
    EVERY_S, MotionRow, RecordedSession, SessionData, TRACE_COUNT, TRACE_REGIONS, build_dataset,
    codings_of_dataset, trace_regions,
};
pub use export::{ExportFormat, ExportParams, ExportReport, export_samples};
pub use ferplus::{Part, Picture};
pub use folder::{
    DatasetFolder, Description, FolderError, LeftOut, SessionEntry, Settings, StepEntry, WhyLeftOut, files,
};
pub use manifest::{
    LabelSource, MANIFEST_CSV, MANIFEST_PARQUET, ManifestError, Role, Sample, SampleKind, manifest_columns,
    parse_manifest, read_manifest, write_manifest, write_manifest_parquet,
};
pub use split::{Split, SplitBy, SplitParams, SplitRow, read_split, split_samples, write_split};
pub use stats::{Counts, DatasetStats, EventFigures, Missing, NOT_KNOWN, stats_of};
pub use votes::{Majority, Votes};

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
    /// The table of votes cannot be used.
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
}

impl DatasetError {
    fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::File { path: path.to_owned(), why: error.to_string() }
    }
}
