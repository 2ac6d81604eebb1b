//! Labelled pictures: datasets that are built from sessions, and corpora as they are published.
//!
//! [`build_dataset`] makes a dataset folder from recorded sessions: aligned crops, a manifest with one row a sample, and candidates for
//! coders. [`Part`] is one part (`train`, `valid`, ...) of a folder in the form of FER+: a table of crowd votes and the pictures.
//! [`label`] is the page on which people code candidates. [`Dataset`] is any of them, and an image folder, the field's corpora as they are
//! distributed and flow maps too, as examples on which a recogniser is trained.

mod build;
mod corpora;
mod error;
mod examples;
mod export;
mod ferplus;
mod folder;
pub mod label;
mod listing;
mod manifest;
mod pictures;
mod split;
mod stats;
#[cfg(test)]
mod test_dataset;
mod votes;

pub use build::{
    AddedSession, BuildParams, BuildReport, BuildStep, CandidateChoice, CodedEvent, CodingsBySession,
    EVERY_S, MotionRow, RecordedSession, SessionData, TRACE_COUNT, TRACE_REGIONS, build_dataset,
    codings_of_dataset, trace_regions,
};
pub use corpora::{CodedClip, Column, Corpus, CorpusKind, Emotion, Valence, parse_coding_table};
pub use error::DatasetError;
pub use examples::{
    ClassScheme, Clip, Dataset, Example, FLOW_SIDE_PX, Form, LeftOutExample, Media, OpenParams, Unit,
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
