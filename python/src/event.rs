//! Something that was spotted, as a Python object.

use onset::types;
use pyo3::prelude::*;

/// Divided, not multiplied by 1e-9: gives the number that was pushed, to the nanosecond, without a digit of rounding.
pub(crate) fn seconds(at: types::Timestamp) -> f64 {
    at.as_nanos() as f64 / 1e9
}

/// Something that was spotted. Its names are those of the columns of the events table; times are as pushed, in seconds.
#[pyclass(frozen, module = "onset")]
pub(crate) struct Event(pub(crate) types::Event);

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
        seconds(self.0.onset)
    }

    /// Strongest moment.
    #[getter]
    fn apex_s(&self) -> f64 {
        seconds(self.0.apex)
    }

    /// Return; None while it lasts.
    #[getter]
    fn offset_s(&self) -> Option<f64> {
        self.0.offset.map(seconds)
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
        seconds(self.0.flagged_at)
    }

    /// The same for its confirmation; None while it is provisional.
    #[getter]
    fn confirmed_at_s(&self) -> Option<f64> {
        self.0.confirmed_at.map(seconds)
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
