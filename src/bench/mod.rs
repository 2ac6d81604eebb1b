//! `onset bench`: how long each stage and the whole take on this machine, and what that costs.
//!
//! [`Stopwatch`] times the stages of a live session over frames that [`HeldSource`] keeps in memory, so that neither a disk nor a
//! renderer is measured. [`BenchReport`] is what a run found, as JSON, as text and as a page; [`compare`] sets two of them side by side.

mod compare;
mod held;
mod machine;
mod networks;
mod page;
mod report;
mod sustain;
mod text;
mod times;
mod usage;

pub use compare::{Change, compare, comparison_text};
pub use held::{HeldSource, hold_source, hold_synthetic};
pub use machine::Machine;
pub use networks::time_networks;
pub use page::page_of;
pub use report::{BenchReport, Figures, InputCard, SCHEMA, read_report};
pub use sustain::{Attempt, Sustainable, search};
pub use text::text_of;
pub use times::{Stopwatch, Times, clock_overhead_ns};
pub use usage::{Usage, UsageAt, peak_memory_mb};

/// Why a benchmark cannot be run or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BenchError {
    /// The source gave no frame to hold.
    #[error(
        "{name} has no frame that could be held in memory; choose an input that `onset analyze` can read"
    )]
    NoFrames {
        /// The source.
        name: String,
    },
    /// The source failed.
    #[error(transparent)]
    Capture(#[from] crate::capture::CaptureError),
    /// A network failed.
    #[error(transparent)]
    Infer(#[from] crate::infer::InferError),
    /// An earlier report that cannot be used.
    #[error("{path}: {why}; give a file written by `onset bench --json`")]
    Report {
        /// The file.
        path: std::path::PathBuf,
        /// What is wrong.
        why: String,
    },
}
