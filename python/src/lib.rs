//! The compiled part of the Python package: `onset._onset`. What users call is in `package/onset`, in Python.
//!
//! Everything that takes long lets go of the interpreter; what goes wrong becomes an exception of `onset._errors` with the
//! message that the program would print.
#![warn(missing_docs)]
// Bad input is an exception with a message, never a panic.
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::unreachable)]

mod analysis;
mod analyzer;
mod arrow;
mod error;
mod event;
mod face;
mod models;
mod observation;
mod options;
mod picture;
mod session;
mod spotting;

use pyo3::prelude::*;

#[pymodule]
mod _onset {
    #[pymodule_export]
    use super::analysis::{Collected, analyze, analyze_to_files};
    #[pymodule_export]
    use super::analyzer::Analyzer;
    #[pymodule_export]
    use super::arrow::Table;
    #[pymodule_export]
    use super::event::Event;
    #[pymodule_export]
    use super::face::Face;
    #[pymodule_export]
    use super::models::{attribution, models_json};
    #[pymodule_export]
    use super::observation::{Motion, Observation};
    #[pymodule_export]
    use super::session::{Lost, Session, SessionFrame, SessionFrames};
    #[pymodule_export]
    use super::spotting::{Report, evaluate_spotting};

    #[pymodule_init]
    fn init(module: &pyo3::Bound<'_, pyo3::types::PyModule>) -> pyo3::PyResult<()> {
        use pyo3::types::PyModuleMethods;
        // NumPy's functions are looked up at first use, which must not be when the interpreter ends.
        drop(numpy::dtype::<u8>(module.py()));
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
