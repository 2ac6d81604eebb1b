//! One row of the frames table: what is known of one source frame.

use std::sync::Arc;

use crate::types::{
    Affine, FaceMeasurement, FaceTrack, FrameStatus, GapReason, LandmarkUpdate, Mismatch, Observability,
    Observation, RectPx, Signal, Timestamp,
};

/// Everything that the frames table says of one source frame, lost frames included.
#[derive(Clone, Debug)]
pub struct FrameRow {
    /// The frame's number in its source, from 0.
    pub frame: u64,
    /// When it was captured; `None` where a lost frame's time is unknown.
    pub captured_at: Option<Timestamp>,
    /// What could be seen.
    pub status: FrameStatus,
    /// Why it was lost; `None` for every frame that was analysed, and where a loss has no known reason.
    pub gap_reason: Option<GapReason>,
    /// Number of faces followed.
    pub face_count: Option<usize>,
    /// The primary face; `None` where none was followed.
    pub face: Option<FaceCells>,
    /// The networks' measurement of *this* frame; `None` between two landmark updates.
    pub measured: Option<Measured>,
    /// Time since the newest landmark measurement of this face at or before this frame, in ms.
    pub landmark_age_ms: Option<f64>,
    /// Mean luma of the frame, `[0, 255]`.
    pub luma_mean: Option<f32>,
    /// Sharpness of the primary face's crop (see [`crate::types::Quality::sharpness`]).
    pub sharpness: Option<f32>,
    /// Region motion of the primary face.
    pub signal: Option<Box<Signal>>,
    /// How small a motion could be seen in each region of the primary face.
    pub observability: Option<Box<Observability>>,
    /// How far mouth and eyes of the primary face disagree.
    pub mismatch: Option<Mismatch>,
}

/// Where the primary face is in one frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FaceCells {
    /// The person's track.
    pub id: u32,
    /// The landmark network's presence probability, `[0, 1]`, of the newest measurement.
    pub confidence: f32,
    /// The face box: measured, or moved along with the head since.
    pub box_px: RectPx,
    /// Inner-canthal distance, in image pixels, likewise.
    pub icd_px: f32,
}

/// A face of a landmark update.
#[derive(Clone, Debug)]
pub struct Measured {
    update: Arc<LandmarkUpdate>,
    index: usize,
}

impl Measured {
    /// The face `face_id` of `update`, if it is among them.
    pub fn find(update: &Arc<LandmarkUpdate>, face_id: u32) -> Option<Self> {
        let index = update.faces.iter().position(|face| face.id == face_id)?;
        Some(Self { update: Arc::clone(update), index })
    }

    /// All that was measured in the same frame.
    pub fn update(&self) -> &Arc<LandmarkUpdate> {
        &self.update
    }

    /// The measurement.
    pub fn face(&self) -> Option<&FaceMeasurement> {
        self.update.faces.get(self.index)
    }
}

impl FaceCells {
    fn from_measurement(face: &FaceMeasurement) -> Self {
        Self { id: face.id, confidence: face.confidence, box_px: face.box_px, icd_px: face.icd_px }
    }

    /// The track's newest measurement, moved to where the head is now.
    pub fn from_track(track: &FaceTrack) -> Option<Self> {
        let face = track.update.faces.get(track.index)?;
        let map = &track.now_from_measured;
        let measured = Self::from_measurement(face);
        Some(Self {
            id: track.id,
            box_px: moved(face.box_px, map),
            icd_px: face.icd_px * map.scale(),
            ..measured
        })
    }
}

/// The box carried along by `map`: its centre moves, its sides scale. It is not turned, since the box around a turned
/// box would grow with every degree of roll.
fn moved(box_px: RectPx, map: &Affine) -> RectPx {
    let [x, y] = map.apply(box_px.centre());
    let (w, h) = (box_px.w * map.scale(), box_px.h * map.scale());
    RectPx { x: x - w / 2.0, y: y - h / 2.0, w, h }
}

impl FrameRow {
    /// The row of a frame that was lost.
    pub fn lost(frame: u64, at: Option<Timestamp>, reason: Option<GapReason>) -> Self {
        Self {
            frame,
            captured_at: at,
            status: FrameStatus::Gap,
            gap_reason: reason,
            face_count: None,
            face: None,
            measured: None,
            landmark_age_ms: None,
            luma_mean: None,
            sharpness: None,
            signal: None,
            observability: None,
            mismatch: None,
        }
    }

    /// The row of a frame that was analysed, without what a later landmark update may still say of it.
    ///
    /// `landmark_age_ms` is the age of the measurement that the analysis itself went by; the newest measurement may
    /// prove younger once it has arrived.
    pub fn analysed(observation: &Observation) -> Self {
        let track = observation.faces.first();
        let face = track.and_then(FaceCells::from_track);
        let is_of_face = |id| face.is_some_and(|face| face.id == id);
        let signal = observation.signal.as_ref().filter(|signal| is_of_face(signal.face_id));
        let observability = observation.observability.as_ref().filter(|known| is_of_face(known.face_id));
        Self {
            frame: observation.seq,
            captured_at: Some(observation.captured_at),
            status: observation.status,
            gap_reason: None,
            face_count: Some(observation.faces.len()),
            face,
            measured: None,
            landmark_age_ms: track
                .map(|track| observation.captured_at.millis_since(track.update.measured_at)),
            luma_mean: Some(observation.luma_mean),
            sharpness: observation.sharpness,
            signal: signal.map(|signal| Box::new(signal.clone())),
            observability: observability.map(|known| Box::new(known.clone())),
            mismatch: observation.mismatch.filter(|_| face.is_some()),
        }
    }

    /// Adds the measurement of this very frame, if it holds this row's face.
    pub fn attach(&mut self, update: &Arc<LandmarkUpdate>) {
        let Some(face_id) = self.face.map(|face| face.id) else { return };
        let Some(measured) = Measured::find(update, face_id) else { return };
        if let Some(face) = measured.face() {
            self.face = Some(FaceCells::from_measurement(face));
        }
        self.measured = Some(measured);
        self.landmark_age_ms = Some(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_moves_and_grows_with_the_head_but_does_not_turn() {
        let box_px = RectPx { x: 10.0, y: 20.0, w: 40.0, h: 60.0 };
        let map = Affine::similarity(2.0, std::f32::consts::FRAC_PI_2, [0.0, 0.0]);
        // Centre (30, 50) turned by 90 degrees clockwise and doubled: (-100, 60).
        let now = moved(box_px, &map);
        assert!((now.x + 140.0).abs() < 1e-3 && now.y.abs() < 1e-3, "{now:?}");
        assert!((now.w - 80.0).abs() < 1e-3 && (now.h - 120.0).abs() < 1e-3, "{now:?}");
    }
}
