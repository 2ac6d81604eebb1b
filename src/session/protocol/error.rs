//! Why a protocol cannot be used.

use std::path::Path;

/// Names the file, the places in it and the next step.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProtocolError {
    /// The file cannot be read.
    #[error(
        "cannot read the protocol {file}: {source}; give a protocol file, or one of {}",
        super::shipped::names()
    )]
    Read {
        /// The file.
        file: String,
        /// The system's word.
        source: std::io::Error,
    },
    /// It is no TOML, or holds a key that protocols don't have.
    #[error("{file}: {why}")]
    Form {
        /// The file.
        file: String,
        /// The parser's words, with the line.
        why: String,
    },
    /// It can be read but not used: everything that is wrong, a line each.
    #[error("{file}: {}", list(problems))]
    Problems {
        /// The file.
        file: String,
        /// Place, what is wrong there, the next step.
        problems: Vec<String>,
    },
}

impl ProtocolError {
    pub(super) fn read(path: &Path, source: std::io::Error) -> Self {
        Self::Read { file: path.display().to_string(), source }
    }

    pub(super) fn problems(file: &str) -> impl FnOnce(Vec<String>) -> Self {
        let file = file.to_owned();
        move |problems| Self::Problems { file, problems }
    }
}

/// One problem behind the file's name, several below it.
fn list(problems: &[String]) -> String {
    match problems {
        [one] => one.clone(),
        some => format!("{} problems:\n  {}", some.len(), some.join("\n  ")),
    }
}
