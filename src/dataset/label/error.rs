//! Why candidates cannot be labelled.

use std::io;
use std::path::{Path, PathBuf};

/// Each message names the file or flag and the next step.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LabelError {
    /// The system refused.
    #[error("cannot {what} {}: {source}; check the path, its permissions and the room on the disk", path.display())]
    Io {
        /// `read`, `write`, `create`, `lock`.
        what: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's word.
        source: io::Error,
    },
    /// There is nothing to label.
    #[error("{}: there are no candidates here (candidates/ID/clip.json); make them with `onset dataset build`", dir.display())]
    NoCandidates {
        /// The dataset.
        dir: PathBuf,
    },
    /// A name that would not make a file name.
    #[error("--coder {name:?}: use 1 to 64 letters, digits, `-` and `_`, such as a pseudonym")]
    CoderName {
        /// The name.
        name: String,
    },
    /// Somebody labels under this name already.
    #[error("coder {coder} is at work already{by}: end that one first (Ctrl-C), or choose another --coder; the lock is {}", path.display())]
    Locked {
        /// The coder.
        coder: String,
        /// ` (process 123)`, where it is known.
        by: String,
        /// The lock file.
        path: PathBuf,
    },
    /// A line of the journal, other than the last, cannot be read.
    #[error("{}, line {line}: {why}; nothing was changed: restore the file from a copy, or move it away to begin anew", path.display())]
    Journal {
        /// The journal.
        path: PathBuf,
        /// Line in it, from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
    /// The port is taken, or not ours to take.
    #[error("cannot listen on 127.0.0.1:{port}: {source}; choose another --port, or 0 for any that is free")]
    Listen {
        /// The port.
        port: u16,
        /// The system's word.
        source: io::Error,
    },
    /// The server broke off.
    #[error("the label page broke off: {source}; start it again, nothing is lost")]
    Serve {
        /// The system's word.
        source: io::Error,
    },
    /// No randomness for the token.
    #[error("cannot make a token for the page: the system gives no random bytes ({why})")]
    Random {
        /// The system's word.
        why: String,
    },
}

impl LabelError {
    /// For `map_err` on calls of the system.
    pub(super) fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { what, path, source }
    }
}
