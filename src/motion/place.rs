//! From landmarks to the tracking crop, and how far a track has drifted from them.

use super::plane::TRACK_TOP_PX;
use crate::types::{Affine, CROP_ICD_PX, FaceMeasurement};

/// From track to crop coordinates.
pub const CROP_FROM_TRACK: Affine = Affine { rows: [[1.0, 0.0, 0.0], [0.0, 1.0, -(TRACK_TOP_PX as f32)]] };
/// Between the inner eye corners, in track coordinates.
pub const EYES_IN_TRACK: [f32; 2] = [128.0, 60.0 + TRACK_TOP_PX as f32];
/// Eye corners and bridge of the nose: what drift is judged by.
const STABLE: [usize; 6] = [33, 133, 362, 263, 168, 6];

/// Where the landmarks put the tracking crop, `track_from_image`; `None` for a face that is too small or not a shape.
pub fn track_from_landmarks(measurement: &FaceMeasurement, min_icd_px: f32) -> Option<Affine> {
    let points = &measurement.landmarks;
    let point = |i: usize| -> [f32; 2] { [points[i][0], points[i][1]] };
    let (right, left) = (point(133), point(362));
    let icd = (left[0] - right[0]).hypot(left[1] - right[1]);
    if !(icd >= min_icd_px) || !icd.is_finite() {
        return None;
    }
    let (a, b) = (point(33), point(263));
    let angle = (b[1] - a[1]).atan2(b[0] - a[0]);
    let turn = Affine::similarity(CROP_ICD_PX / icd, -angle, [0.0; 2]);
    let middle = turn.apply([0.5 * (right[0] + left[0]), 0.5 * (right[1] + left[1])]);
    let [[m00, m01, _], [m10, m11, _]] = turn.rows;
    let shift = [EYES_IN_TRACK[0] - middle[0], EYES_IN_TRACK[1] - middle[1]];
    let map = Affine { rows: [[m00, m01, shift[0]], [m10, m11, shift[1]]] };
    map.rows.iter().flatten().all(|v| v.is_finite()).then_some(map)
}

/// The largest distance between where two maps put the stable points of a face, in track pixels.
pub fn drift_px(measurement: &FaceMeasurement, one: &Affine, other: &Affine) -> f32 {
    let mut largest = 0.0f32;
    for index in STABLE {
        let [x, y, _] = measurement.landmarks[index];
        let (a, b) = (one.apply([x, y]), other.apply([x, y]));
        largest = largest.max((a[0] - b[0]).hypot(a[1] - b[1]));
    }
    largest
}
