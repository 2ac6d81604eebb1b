//! Why annotations of another program cannot be taken over.

use std::path::PathBuf;

/// Each message names the file, the place in it, and the next step.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The file is no EAF document, or a broken one.
    #[error("{}, line {line}: {problem}", path.display())]
    Document {
        /// The file.
        path: PathBuf,
        /// Line in the file, from 1.
        line: u64,
        /// What is wrong, and the next step.
        problem: String,
    },
    /// What the document says makes no sense, or cannot be used.
    #[error("{}: {problem}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong, and the next step.
        problem: String,
    },
    /// Annotations that are no codings, all at once.
    #[error(
        "{}, tier {tier:?}: {} of its annotations {} no coding; correct {} in ELAN and import again. Known labels are \
         {known}; an annotation reads like `anger AU4+7 note`.\n  {}",
        path.display(), problems.len(), if problems.len() == 1 { "is" } else { "are" },
        if problems.len() == 1 { "it" } else { "them" }, problems.join("\n  ")
    )]
    Values {
        /// The file.
        path: PathBuf,
        /// The tier.
        tier: String,
        /// The labels that there are.
        known: String,
        /// One line for each: time, value, problem.
        problems: Vec<String>,
    },
}
