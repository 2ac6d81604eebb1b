//! Recorded sessions.

use std::path::PathBuf;
use std::sync::Mutex;

use image::RgbImage;
use numpy::ndarray::ArrayViewD;
use numpy::{PyArrayDyn, ToPyArray};
use onset::capture::{Captured, Source};
use onset::image::convert::rgb_from_frame;
use onset::session::coding::{read_codings, text_from_action_units};
use onset::session::{Coding, Identities, Participant, SessionReader, SessionSource, files};
use onset::tables::{Cell, Kind as CellKind, MemoryTable, frame_columns};
use onset::types::{Frame, Gap, PixelFormat};
use pyo3::prelude::*;
use pyo3::sync::MutexExt;

use crate::arrow::Table;
use crate::error::{Kind, bug, raise};
use crate::event::seconds;

/// A session that was recorded with `onset record`.
#[pyclass(frozen, module = "onset._onset")]
pub(crate) struct Session {
    reader: SessionReader,
    identity: Vec<PathBuf>,
}

#[pymethods]
impl Session {
    #[new]
    fn new(py: Python<'_>, path: PathBuf, identity: Vec<PathBuf>) -> PyResult<Self> {
        py.detach(|| {
            onset::analysis::require(&path).map_err(raise)?;
            let identities = Identities::load(&identity).map_err(raise)?;
            let reader = SessionReader::open(&path, &identities).map_err(raise)?;
            Ok(Self { reader, identity })
        })
    }

    /// Everything that is small, as JSON by name.
    fn facts_json(&self) -> PyResult<String> {
        let dir = self.reader.dir();
        let participant = Participant::load(dir).map_err(raise)?;
        let facts = serde_json::json!({
            "record": self.reader.record(),
            "participant": if participant.is_empty() { serde_json::Value::Null } else { serde_json::json!(participant) },
            "steps": self.reader.steps(),
            "markers": self.reader.markers(),
            "events": self.reader.events(),
            "warnings": self.reader.warnings(),
            "duration_s": self.reader.last_s(),
        });
        serde_json::to_string(&facts).map_err(bug)
    }

    /// The tables in `codings/` as JSON: coder and rows.
    fn codings_json(&self) -> PyResult<String> {
        let dir = self.reader.dir().join(files::CODINGS);
        if !dir.is_dir() {
            return Ok("[]".to_owned());
        }
        let entries = std::fs::read_dir(&dir)
            .map_err(|error| Kind::Session.with(format!("cannot read {}: {error}", dir.display())))?;
        let mut paths: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension == "csv"))
            .collect();
        paths.sort();
        let tables: Vec<_> = paths
            .iter()
            .map(|path| {
                let coder = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                let codings = read_codings(path, &coder).map_err(|error| Kind::Session.with(error))?;
                Ok(serde_json::json!([coder, codings.iter().map(coding_json).collect::<Vec<_>>()]))
            })
            .collect::<PyResult<_>>()?;
        serde_json::to_string(&tables).map_err(bug)
    }

    /// What was seen live, a row a frame.
    fn observations(&self, py: Python<'_>) -> PyResult<Table> {
        py.detach(|| {
            let columns = frame_columns();
            let mut table = MemoryTable::new(&columns);
            let identities = Identities::load(&self.identity).map_err(raise)?;
            let mut error = None;
            self.reader
                .observations(&identities, |row| {
                    let cells = columns.iter().map(|column| cell_of(row.get(&column.name), column.kind));
                    if let Err(why) = table.push_cells(cells) {
                        error.get_or_insert(why);
                    }
                })
                .map_err(raise)?;
            match error {
                Some(error) => Err(raise(error)),
                None => Ok(Table(std::sync::Arc::new(table))),
            }
        })
    }

    /// The frames and what was lost between them, in order.
    fn frames(&self) -> PyResult<SessionFrames> {
        let identities = Identities::load(&self.identity).map_err(raise)?;
        let source = self.reader.source(&identities).map_err(raise)?;
        Ok(SessionFrames(Mutex::new(Walk { source, frame: Frame::default(), rgb: RgbImage::default() })))
    }
}

/// A coding by the columns of its file.
fn coding_json(coding: &Coding) -> serde_json::Value {
    serde_json::json!({
        "kind": coding.kind.name(),
        "label": coding.label,
        "onset_s": coding.onset_s,
        "apex_s": coding.apex_s,
        "offset_s": coding.offset_s,
        "action_units": text_from_action_units(&coding.action_units),
        "note": coding.note.trim(),
    })
}

fn cell_of(value: Option<&serde_json::Value>, kind: CellKind) -> Cell {
    use serde_json::Value;
    match (value, kind) {
        (Some(Value::Number(number)), CellKind::Int) => number.as_i64().map_or(Cell::Missing, Cell::Int),
        (Some(Value::Number(number)), CellKind::Real { .. }) => {
            number.as_f64().map_or(Cell::Missing, Cell::Real)
        }
        (Some(Value::String(text)), CellKind::Text) => Cell::from_text(text.clone()),
        _ => Cell::Missing,
    }
}

/// Where a walk through a session's frames is.
struct Walk {
    source: SessionSource,
    frame: Frame,
    rgb: RgbImage,
}

/// What a walk came across.
enum Step {
    Gray,
    Color,
    Lost(Gap),
    End,
}

/// Walks through a session's frames.
#[pyclass(frozen, module = "onset._onset")]
pub(crate) struct SessionFrames(Mutex<Walk>);

#[pymethods]
impl SessionFrames {
    fn __iter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let mut guard = self.0.lock_py_attached(py).unwrap_or_else(std::sync::PoisonError::into_inner);
        let walk = &mut *guard;
        let shape = |walk: &Walk| (walk.frame.height as usize, walk.frame.width as usize);
        let pixels = match py.detach(|| walk.step())? {
            Step::End => return Ok(None),
            Step::Lost(gap) => return Ok(Some(Bound::new(py, Lost(gap))?.into_any())),
            Step::Gray => {
                let (height, width) = shape(walk);
                ArrayViewD::from_shape(vec![height, width], &walk.frame.data).map(|view| view.to_pyarray(py))
            }
            Step::Color => {
                let (height, width) = shape(walk);
                ArrayViewD::from_shape(vec![height, width, 3], walk.rgb.as_raw())
                    .map(|view| view.to_pyarray(py))
            }
        };
        let pixels = pixels.map_err(|error| {
            Kind::Session.with(format!("frame {}: its size and bytes disagree: {error}", walk.frame.seq))
        })?;
        let frame = SessionFrame {
            frame: walk.frame.seq,
            t: seconds(walk.frame.captured_at),
            pixels: pixels.unbind(),
        };
        Ok(Some(Bound::new(py, frame)?.into_any()))
    }
}

impl Walk {
    fn step(&mut self) -> PyResult<Step> {
        loop {
            match self.source.next(&mut self.frame).map_err(raise)? {
                Captured::End => return Ok(Step::End),
                Captured::Waiting => {}
                Captured::Gap(gap) => return Ok(Step::Lost(gap)),
                Captured::Frame if self.frame.format == PixelFormat::Gray8 => return Ok(Step::Gray),
                Captured::Frame => {
                    rgb_from_frame(&self.frame, &mut self.rgb).map_err(|error| {
                        Kind::Session.with(format!("frame {} cannot be decoded: {error}", self.frame.seq))
                    })?;
                    return Ok(Step::Color);
                }
            }
        }
    }
}

/// One frame of a session.
#[pyclass(frozen, module = "onset")]
pub(crate) struct SessionFrame {
    frame: u64,
    t: f64,
    pixels: Py<PyArrayDyn<u8>>,
}

#[pymethods]
impl SessionFrame {
    /// Number of the frame, from 0, lost frames counted.
    #[getter]
    fn frame(&self) -> u64 {
        self.frame
    }

    /// When it was captured, in seconds on the session's clock.
    #[getter]
    fn t(&self) -> f64 {
        self.t
    }

    /// uint8 of shape (H, W) for gray cameras, else (H, W, 3) in the order red, green, blue; an array of its own.
    #[getter]
    fn pixels(&self, py: Python<'_>) -> Py<PyArrayDyn<u8>> {
        self.pixels.clone_ref(py)
    }

    fn __repr__(&self) -> String {
        format!("SessionFrame(frame={}, t={:.6})", self.frame, self.t)
    }
}

/// Frames that were lost.
#[pyclass(frozen, module = "onset")]
pub(crate) struct Lost(Gap);

#[pymethods]
impl Lost {
    /// Number of the first lost frame.
    #[getter]
    fn frame(&self) -> u64 {
        self.0.first_seq
    }

    /// How many were lost, 1 or more.
    #[getter]
    fn count(&self) -> u64 {
        self.0.count
    }

    /// When the first of them was, or should have been, captured, in seconds on the session's clock.
    #[getter]
    fn t(&self) -> f64 {
        seconds(self.0.at)
    }

    /// `overrun`, `driver`, `stalled`, `corrupt` or `recorder`.
    #[getter]
    fn reason(&self) -> &'static str {
        self.0.reason.name()
    }

    fn __repr__(&self) -> String {
        format!("Lost(frame={}, count={}, reason='{}')", self.0.first_seq, self.0.count, self.0.reason.name())
    }
}
