//! A face as it stands in one frame, as a Python object.

use numpy::ndarray::{Array2, arr1};
use numpy::{PyArray2, ToPyArray};
use onset::tables::FaceCells;
use onset::types::{BLENDSHAPE_NAMES, FaceTrack, LANDMARK_COUNT};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// A face as it stands in one frame.
#[pyclass(frozen, module = "onset")]
pub(crate) struct Face(pub(crate) FaceTrack);

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
            row.assign(&arr1(&[now_x, now_y, z * map.scale()]));
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
