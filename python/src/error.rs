//! From the library's errors to the exceptions of `onset._errors`.

use onset::analysis::AnalysisError;
use onset::capture::CaptureError;
use onset::eval::EvalError;
use onset::session::SessionError;
use onset::tables::TableError;
use pyo3::prelude::*;
use pyo3::types::PyType;

/// The exceptions, by the names of their classes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Analysis,
    Closed,
    Evaluation,
    Frame,
    MissingProgram,
    MissingSource,
    Option,
    Output,
    Session,
    Source,
}

impl Kind {
    const fn class(self) -> &'static str {
        match self {
            Self::Analysis => "AnalysisError",
            Self::Closed => "ClosedError",
            Self::Evaluation => "EvaluationError",
            Self::Frame => "FrameError",
            Self::MissingProgram => "MissingProgramError",
            Self::MissingSource => "MissingSourceError",
            Self::Option => "OptionError",
            Self::Output => "OutputError",
            Self::Session => "SessionError",
            Self::Source => "SourceError",
        }
    }

    /// An exception with this message; where the package is broken, the interpreter's own about that.
    pub(crate) fn with(self, message: impl std::fmt::Display) -> PyErr {
        Python::attach(|py| {
            let class = py.import("onset._errors").and_then(|module| module.getattr(self.class()));
            match class.and_then(|class| Ok(class.cast_into::<PyType>()?)) {
                Ok(class) => PyErr::from_type(class, message.to_string()),
                Err(error) => error,
            }
        })
    }
}

/// Errors of the library that have an exception of their own.
pub(crate) trait Raise {
    /// Which exception.
    fn kind(&self) -> Kind;
}

impl Raise for AnalysisError {
    fn kind(&self) -> Kind {
        match self {
            Self::Missing { .. } => Kind::MissingSource,
            Self::NoProfile { .. } | Self::ProfileMismatch { .. } | Self::Profile(_) => Kind::Option,
            Self::Capture(error) => error.kind(),
            Self::NoFrames { .. } => Kind::Source,
            Self::Session(error) => error.kind(),
            Self::Table(error) => error.kind(),
            _ => Kind::Analysis,
        }
    }
}

impl Raise for CaptureError {
    fn kind(&self) -> Kind {
        match self {
            Self::MissingProgram { .. } => Kind::MissingProgram,
            _ => Kind::Source,
        }
    }
}

impl Raise for SessionError {
    fn kind(&self) -> Kind {
        Kind::Session
    }
}

impl Raise for TableError {
    fn kind(&self) -> Kind {
        match self {
            // The hash of the input: it can be gone by then.
            Self::Io { doing: "read", .. } => Kind::Source,
            Self::OutOfOrder { .. } => Kind::Analysis,
            _ => Kind::Output,
        }
    }
}

impl Raise for EvalError {
    fn kind(&self) -> Kind {
        Kind::Evaluation
    }
}

/// For `map_err`: the exception for an error of the library.
pub(crate) fn raise<E: Raise + std::fmt::Display>(error: E) -> PyErr {
    error.kind().with(error)
}

/// The same for values that are turned into JSON, which cannot fail by what they hold.
pub(crate) fn bug(error: serde_json::Error) -> PyErr {
    Kind::Analysis.with(format!("{error}; this is a bug, please report it"))
}
