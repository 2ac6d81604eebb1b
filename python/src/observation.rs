//! What is said of one frame, as Python objects. They hold the library's own values; each is made when it is asked for.

use onset::tables::not_observable_names;
use onset::types::{self, Label, Probabilities, RegionId};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::event::Event;
use crate::face::Face;

/// What was seen in one frame.
#[pyclass(frozen, module = "onset")]
pub(crate) struct Observation {
    inner: types::Observation,
    told: Vec<types::Event>,
    t: f64,
}

impl Observation {
    pub(crate) fn new(inner: types::Observation, told: Vec<types::Event>, t: f64) -> Self {
        Self { inner, told, t }
    }
}

#[pymethods]
impl Observation {
    /// Number of the frame, from 0, lost frames counted.
    #[getter]
    fn frame(&self) -> u64 {
        self.inner.seq
    }

    /// Its time as it was pushed, in seconds.
    #[getter]
    fn t(&self) -> f64 {
        self.t
    }

    /// What could be seen: `ok`, `no_face`, `blurred` or `occluded`.
    #[getter]
    fn status(&self) -> &'static str {
        self.inner.status.name()
    }

    /// Mean luma of the whole frame, 0 to 255.
    #[getter]
    fn luma_mean(&self) -> f32 {
        self.inner.luma_mean
    }

    /// Sharpness of the primary face in this frame, above 0; None without a face.
    #[getter]
    fn sharpness(&self) -> Option<f32> {
        self.inner.sharpness
    }

    /// Every face followed, the primary one first.
    #[getter]
    fn faces(&self) -> Vec<Face> {
        self.inner.faces.iter().cloned().map(Face).collect()
    }

    /// Number of the frame whose landmark measurement became available with this one, which is up to 67 ms older; None where none did.
    #[getter]
    fn measured_frame(&self) -> Option<u64> {
        self.inner.update.as_ref().map(|update| update.seq)
    }

    /// What the primary face shows, smoothed: label to probability, 0 to 1 (None for one that is not known); None without a face.
    #[getter]
    fn expression<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        self.inner.expression.as_ref().map(|expression| by_label(py, &expression.face)).transpose()
    }

    /// The same for its eyes and brows alone.
    #[getter]
    fn expression_eyes<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        let eyes = self.inner.expression.as_ref().and_then(|expression| expression.eyes.as_ref());
        eyes.map(|eyes| by_label(py, eyes)).transpose()
    }

    /// The probability that mouth and eyes disagree, 0 to 1, smoothed; None where that cannot be said.
    #[getter]
    fn mismatch(&self) -> Option<f32> {
        self.inner.mismatch.map(|mismatch| mismatch.score)
    }

    /// Motion of each of 22 regions of the primary face, by name; empty without one.
    #[getter]
    fn motion<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let motion = PyDict::new(py);
        if let Some(signal) = &self.inner.signal {
            for (id, region) in RegionId::all().zip(&signal.regions) {
                motion.set_item(id.name(), Motion(*region))?;
            }
        }
        Ok(motion)
    }

    /// Speed of the head in the picture, in inner-canthal distances a second; None without a face.
    #[getter]
    fn head_speed_icd_s(&self) -> Option<f32> {
        self.inner.signal.as_ref().map(|signal| signal.head_speed_icd_s)
    }

    /// The smallest motion that would be seen, by region, in inner-canthal distances (inf where nothing would); empty without a face.
    #[getter]
    fn smallest_icd<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let smallest = PyDict::new(py);
        if let Some(known) = &self.inner.observability {
            for (id, icd) in RegionId::all().zip(known.smallest_icd) {
                smallest.set_item(id.name(), icd)?;
            }
        }
        Ok(smallest)
    }

    /// The regions in which a micro-expression would not be seen now; all of them without a face.
    #[getter]
    fn not_observable(&self) -> Vec<String> {
        not_observable_names(self.inner.observability.as_ref())
            .split('+')
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// Events that were flagged, changed, ended or withdrawn (`veto`) with this frame.
    #[getter]
    fn events(&self) -> Vec<Event> {
        self.told.iter().cloned().map(Event).collect()
    }

    fn __repr__(&self) -> String {
        let faces = self.inner.faces.len();
        let events = self.told.len();
        format!(
            "Observation(frame={}, t={}, status='{}', faces={faces}, events={events})",
            self.inner.seq,
            self.t,
            self.inner.status.name()
        )
    }
}

fn by_label<'py>(py: Python<'py>, probabilities: &Probabilities) -> PyResult<Bound<'py, PyDict>> {
    let labels = PyDict::new(py);
    for (label, probability) in Label::ALL.iter().zip(probabilities) {
        labels.set_item(label.name(), probability)?;
    }
    Ok(labels)
}

/// Motion of one region, head motion removed, in inner-canthal distances.
#[pyclass(frozen, module = "onset")]
pub(crate) struct Motion(types::RegionMotion);

#[pymethods]
impl Motion {
    /// Displacement to the right of the upright picture, against the reference; use changes, not levels.
    #[getter]
    fn dx(&self) -> f32 {
        self.0.displacement_icd[0]
    }

    /// The same downwards.
    #[getter]
    fn dy(&self) -> f32 {
        self.0.displacement_icd[1]
    }

    /// The strongest motion within the region, 0 and up: column `m_<region>` of the frames table.
    #[getter]
    fn amplitude(&self) -> f32 {
        self.0.amplitude_icd
    }

    /// Change of the displacement over the last 100 ms, 0 and up.
    #[getter]
    fn velocity(&self) -> f32 {
        self.0.velocity_icd
    }

    /// Standard error of the displacement.
    #[getter]
    fn sigma(&self) -> f32 {
        self.0.sigma_icd
    }

    /// False where the region could not be measured in this frame: the other values are then those before.
    #[getter]
    fn valid(&self) -> bool {
        self.0.is_valid
    }

    fn __repr__(&self) -> String {
        let [dx, dy] = self.0.displacement_icd;
        let valid = if self.0.is_valid { "True" } else { "False" };
        format!("Motion(dx={dx:.4}, dy={dy:.4}, amplitude={:.4}, valid={valid})", self.0.amplitude_icd)
    }
}
