//! From landmarks to the tracking crop, and how far a track has drifted from them.

use super::plane::TRACK_TOP_PX;
use super::vector::distance;
use crate::face::{EYES_AT_PX, crop_from_image, icd_px};
use crate::types::{Affine, FaceMeasurement};

/// From crop to track coordinates.
const TRACK_FROM_CROP: Affine = Affine { rows: [[1.0, 0.0, 0.0], [0.0, 1.0, TRACK_TOP_PX as f32]] };
/// From track to crop coordinates.
pub const CROP_FROM_TRACK: Affine = Affine { rows: [[1.0, 0.0, 0.0], [0.0, 1.0, -(TRACK_TOP_PX as f32)]] };
/// Between the inner eye corners, in track coordinates.
pub const EYES_IN_TRACK: [f32; 2] = [EYES_AT_PX[0], EYES_AT_PX[1] + TRACK_TOP_PX as f32];
/// Eye corners and bridge of the nose: what drift is judged by.
const STABLE: [usize; 6] = [33, 133, 362, 263, 168, 6];

/// Where the landmarks put the tracking crop, `track_from_image`; `None` for a face that is too small or not a shape.
pub fn track_from_landmarks(measurement: &FaceMeasurement, min_icd_px: f32) -> Option<Affine> {
    let icd = icd_px(&measurement.landmarks);
    // NaN is no size either.
    let is_large = icd >= min_icd_px;
    let map = TRACK_FROM_CROP.after(&crop_from_image(&measurement.landmarks).filter(|_| is_large)?);
    map.rows.iter().flatten().all(|v| v.is_finite()).then_some(map)
}

/// The largest distance between where two maps put the stable points of a face, in track pixels.
pub fn drift_px(measurement: &FaceMeasurement, one: &Affine, other: &Affine) -> f32 {
    let mut largest = 0.0f32;
    for index in STABLE {
        let [x, y, _] = measurement.landmarks[index];
        largest = largest.max(distance(one.apply([x, y]), other.apply([x, y])));
    }
    largest
}
