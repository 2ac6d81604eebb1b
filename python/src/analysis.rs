//! Whole recordings: into memory, or into files as `onset analyze` writes them.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use onset::analysis::{AnalysisError, Recording, Setup, require};
use onset::capture::SessionClock;
use onset::tables::{self, MemoryTables, OutputDir, TableTarget, Tables, output_names};
use pyo3::prelude::*;

use crate::arrow::Table;
use crate::error::{Kind, bug, raise};
use crate::options::{Options, formats_from};

/// How often the interpreter is asked for signals, and told of progress.
const ASK_EVERY_S: f64 = 0.1;

/// The tables of a recording, complete.
#[pyclass(frozen, module = "onset._onset")]
pub(crate) struct Collected(pub(crate) tables::Collected);

#[pymethods]
impl Collected {
    /// The frames table.
    #[getter]
    fn frames(&self) -> Table {
        Table(Arc::clone(&self.0.frames))
    }

    /// The events table.
    #[getter]
    fn events(&self) -> Table {
        Table(Arc::clone(&self.0.events))
    }

    /// The table of what labels were decided on, where it was asked for.
    #[getter]
    fn label_evidence(&self) -> Option<Table> {
        self.0.label_evidence.as_ref().map(|table| Table(Arc::clone(table)))
    }

    /// The content of `summary.json`.
    #[getter]
    fn summary_json(&self) -> PyResult<String> {
        serde_json::to_string(&self.0.summary).map_err(bug)
    }

    /// Writes the files that `onset analyze` would have written, into `out/name`; gives that folder.
    fn write(
        &self,
        py: Python<'_>,
        out: PathBuf,
        name: Option<String>,
        formats: Vec<String>,
        force: bool,
    ) -> PyResult<PathBuf> {
        let formats = formats_from(&formats)?;
        let name = match name {
            Some(name) => checked_name(name)?,
            None => name_of(&PathBuf::from(&self.0.summary.run.input)),
        };
        py.detach(|| {
            let dir = OutputDir::create(&out, &name, force)?;
            self.0.write(&dir, &formats)?;
            Ok(dir.path().to_owned())
        })
        .map_err(|error: tables::TableError| raise(error))
    }
}

/// Analyses `path` into memory.
#[pyfunction]
pub(crate) fn analyze(
    py: Python<'_>,
    path: PathBuf,
    options: Options,
    progress: Option<Py<PyAny>>,
) -> PyResult<Collected> {
    let setup = options.setup()?;
    run(py, &path, &setup, progress, || {
        Ok(MemoryTables::default()
            .with_candidates(options.candidates)
            .with_label_evidence(options.label_evidence))
    })
    .map(Collected)
}

/// Analyses `path` into files in `out/name`; gives the content of `summary.json`.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "the keywords of the Python function")]
pub(crate) fn analyze_to_files(
    py: Python<'_>,
    path: PathBuf,
    out: PathBuf,
    name: Option<String>,
    formats: Vec<String>,
    force: bool,
    options: Options,
    progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    let setup = options.setup()?;
    let formats = formats_from(&formats)?;
    let name = name.map(checked_name).transpose()?;
    let summary = run(py, &path, &setup, progress, || {
        let name = name.unwrap_or_else(|| name_of(&path));
        let dir = OutputDir::create(&out, &name, force)?;
        Ok(Tables::create(&dir, &formats)?
            .with_candidates(options.candidates)
            .with_label_evidence(options.label_evidence))
    })?;
    serde_json::to_string(&summary).map_err(bug)
}

/// The folder's name for one input, as the program chooses it.
fn name_of(path: &PathBuf) -> String {
    output_names(std::slice::from_ref(path)).pop().unwrap_or_default()
}

/// The name of a folder in `out`, not a way out of it.
fn checked_name(name: String) -> PyResult<String> {
    let mut parts = Path::new(&name).components();
    match (parts.next(), parts.next()) {
        (Some(Component::Normal(part)), None) if part == name.as_str() => Ok(name),
        _ => Err(Kind::Option.with(format!("name: {name:?} is not the name of one folder"))),
    }
}

/// Runs a recording without the interpreter, which is asked for Ctrl-C and told of progress ten times a second. `tables` are opened
/// once the recording is.
fn run<T: TableTarget<Done: Send> + Send>(
    py: Python<'_>,
    path: &Path,
    setup: &Setup,
    progress: Option<Py<PyAny>>,
    tables: impl FnOnce() -> Result<T, tables::TableError> + Send,
) -> PyResult<T::Done> {
    let clock = SessionClock::start();
    let mut asked_at = clock.now();
    let mut stopped: Option<PyErr> = None;
    let done = py.detach(|| -> Result<T::Done, AnalysisError> {
        require(path)?;
        let recording = Recording::open(path, setup)?;
        let tables = tables()?;
        recording.run(
            tables,
            |_, _, _| {},
            |share| {
                if clock.now().seconds_since(asked_at) < ASK_EVERY_S {
                    return true;
                }
                asked_at = clock.now();
                let told = Python::attach(|py| {
                    py.check_signals()?;
                    progress.as_ref().map_or(Ok(()), |progress| progress.call1(py, (share,)).map(drop))
                });
                match told {
                    Ok(()) => true,
                    Err(error) => {
                        stopped = Some(error);
                        false
                    }
                }
            },
        )
    });
    if let Some(error) = stopped {
        return Err(error);
    }
    let done = done.map_err(raise)?;
    if let Some(progress) = progress {
        progress.call1(py, (1.0,))?;
    }
    Ok(done)
}
