//! What is said of one frame, as Python objects. They hold the library's own values; each is made when it is asked for.

use numpy::ndarray::Array2;
use numpy::{PyArray2, ToPyArray};
use onset::tables::{FaceCells, not_observable_names};
use onset::types::{self, BLENDSHAPE_NAMES, FaceTrack, LANDMARK_COUNT, Label, Probabilities, RegionId};
use pyo3::prelude::*;
use pyo3::types::PyDict;

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
        not_observable_names(self.inner.observability.as_ref()).split('+').filter(|name| !name.is_empty()).map(str::to_owned).collect()
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

/// A face as it stands in one frame.
#[pyclass(frozen, module = "onset")]
pub(crate) struct Face(FaceTrack);

impl Face {
    fn cells(&self) -> Option<FaceCells> {
        FaceCells::from_track(&self.0)
    }
}

#[pymethods]
impl Face {
    /// Stays with the person for as long as the face is followed.
    #[getter]
    fn id(&self) -> u32 {
        self.0.id
    }

    /// Left, top, width and height of the box around the landmarks, in pixels.
    #[getter]
    fn box_px(&self) -> Option<(f32, f32, f32, f32)> {
        self.cells().map(|cells| (cells.box_px.x, cells.box_px.y, cells.box_px.w, cells.box_px.h))
    }

    /// Inner-canthal distance: between the inner corners of the eyes, in pixels.
    #[getter]
    fn icd_px(&self) -> Option<f32> {
        self.cells().map(|cells| cells.icd_px)
    }

    /// The network's certainty that this is a face, 0 to 1.
    #[getter]
    fn confidence(&self) -> f32 {
        self.0.measurement().confidence
    }

    /// 478 landmarks, float32 of shape (478, 3): x right, y down in pixels, moved along with the head since they were measured; z in
    /// the scale of x, smaller is nearer.
    #[getter]
    fn landmarks<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray2<f32>> {
        let map = &self.0.now_from_measured;
        let measured = self.0.measurement();
        let mut landmarks = Array2::zeros((LANDMARK_COUNT, 3));
        for (mut row, [x, y, z]) in landmarks.rows_mut().into_iter().zip(measured.landmarks.iter()) {
            let [now_x, now_y] = map.apply([*x, *y]);
            row.assign(&numpy::ndarray::arr1(&[now_x, now_y, z * map.scale()]));
        }
        landmarks.to_pyarray(py)
    }

    /// 52 scores by the names of MediaPipe, 0 to 1, of the newest measurement; None where the network did not run.
    #[getter]
    fn blendshapes<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        let Some(scores) = &self.0.measurement().blendshapes else { return Ok(None) };
        let blendshapes = PyDict::new(py);
        for (name, score) in BLENDSHAPE_NAMES.iter().zip(scores.iter()) {
            blendshapes.set_item(name, score)?;
        }
        Ok(Some(blendshapes))
    }

    /// Head rotation in degrees at the newest measurement; positive: the chin goes up.
    #[getter]
    fn pitch_deg(&self) -> f32 {
        self.0.measurement().pose.pitch_deg
    }

    /// The same; positive: the head turns to the subject's left.
    #[getter]
    fn yaw_deg(&self) -> f32 {
        self.0.measurement().pose.yaw_deg
    }

    /// The same; positive: the head tilts to the subject's left shoulder.
    #[getter]
    fn roll_deg(&self) -> f32 {
        self.0.measurement().pose.roll_deg
    }

    fn __repr__(&self) -> String {
        format!("Face(id={}, icd_px={:.1})", self.0.id, self.icd_px().unwrap_or_default())
    }
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

/// Something that was spotted. Its names are those of the columns of the events table; times are as pushed, in seconds.
#[pyclass(frozen, module = "onset")]
pub(crate) struct Event(types::Event);

#[pymethods]
impl Event {
    /// Number within the analysis, in order of flagging; the same when the event changes.
    #[getter]
    fn event(&self) -> u64 {
        self.0.id
    }

    /// `micro`, `macro`, `masked` or `blink`.
    #[getter]
    fn kind(&self) -> &'static str {
        self.0.kind.name()
    }

    /// The expression or mismatch that the motion resembles; empty where none is claimed.
    #[getter]
    fn label(&self) -> &str {
        &self.0.label
    }

    /// Confidence, 0 to 1.
    #[getter]
    fn score(&self) -> f32 {
        self.0.score
    }

    /// First visible change.
    #[getter]
    fn onset_s(&self) -> f64 {
        self.0.onset.as_secs_f64()
    }

    /// Strongest moment.
    #[getter]
    fn apex_s(&self) -> f64 {
        self.0.apex.as_secs_f64()
    }

    /// Return; None while it lasts.
    #[getter]
    fn offset_s(&self) -> Option<f64> {
        self.0.offset.map(types::Timestamp::as_secs_f64)
    }

    /// Strongest motion in inner-canthal distances; None where the event does not come from region motion.
    #[getter]
    fn amplitude_icd(&self) -> Option<f32> {
        self.0.amplitude_icd
    }

    /// The regions that moved.
    #[getter]
    fn regions(&self) -> Vec<String> {
        self.0.regions.iter().map(|id| id.name()).collect()
    }

    /// FACS action units that the motion matches.
    #[getter]
    fn action_units(&self) -> Vec<u32> {
        self.0.action_units.iter().map(|unit| u32::from(*unit)).collect()
    }

    /// For micro-expressions: `classic` when the whole event lies within 1/5 s, else `extended`.
    #[getter]
    fn definition(&self) -> Option<&'static str> {
        self.0.definition.map(types::Definition::name)
    }

    /// The shortest event that this frame rate could resolve, in ms.
    #[getter]
    fn min_resolvable_ms(&self) -> f32 {
        self.0.min_resolvable_ms
    }

    /// Time of the frame with which it was first flagged.
    #[getter]
    fn flagged_at_s(&self) -> f64 {
        self.0.flagged_at.as_secs_f64()
    }

    /// The same for its confirmation; None while it is provisional.
    #[getter]
    fn confirmed_at_s(&self) -> Option<f64> {
        self.0.confirmed_at.map(types::Timestamp::as_secs_f64)
    }

    /// The face that it belongs to.
    #[getter]
    fn face_id(&self) -> u32 {
        self.0.face_id
    }

    /// Why it is not claimed, or no longer; None for an event that is.
    #[getter]
    fn veto(&self) -> Option<&'static str> {
        self.0.veto.map(types::Veto::name)
    }

    fn __repr__(&self) -> String {
        let offset = self.0.offset.map_or("None".to_owned(), |offset| format!("{:.3}", offset.as_secs_f64()));
        format!(
            "Event(event={}, kind='{}', label='{}', score={:.2}, onset_s={:.3}, apex_s={:.3}, offset_s={offset})",
            self.0.id,
            self.0.kind.name(),
            self.0.label,
            self.0.score,
            self.0.onset.as_secs_f64(),
            self.0.apex.as_secs_f64()
        )
    }
}
