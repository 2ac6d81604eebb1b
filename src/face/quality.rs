//! How well a face is seen: sharpness, exposure, how much of it lies in the picture, and whether something covers it.

use image::GrayImage;

use crate::image::measure;
use crate::types::{Affine, CROP_SIZE_PX, HeadPose, Landmarks, Quality, RectPx};

use super::QualityParams;
use super::align::{align_into, icd_px};

/// Inner lips, upper and lower.
const INNER_LIPS: [usize; 2] = [13, 14];

/// Rows and columns of the crop that hold face on everyone.
const FACE_ROWS: std::ops::Range<usize> = 16..240;
const FACE_COLUMNS: std::ops::Range<usize> = 32..224;

/// Assesses faces; owns the buffers for it.
#[derive(Default)]
pub(super) struct QualityMeter {
    crop: Vec<u8>,
    face: Vec<u8>,
}

impl QualityMeter {
    /// Quality of one face; `is_covered` is the answer of [`is_covered`]. Without a crop (points without a shape)
    /// nothing can be said: occluded.
    pub fn assess(
        &mut self,
        params: &QualityParams,
        luma: &GrayImage,
        crop_from_image: Option<&Affine>,
        box_px: &RectPx,
        pose: &HeadPose,
        is_covered: bool,
    ) -> Quality {
        let Some(crop_from_image) = crop_from_image else {
            return Quality { is_occluded: true, ..Quality::default() };
        };
        align_into(luma, crop_from_image, &mut self.crop);
        self.face.clear();
        for row in self.crop.chunks_exact(CROP_SIZE_PX).take(FACE_ROWS.end).skip(FACE_ROWS.start) {
            self.face.extend_from_slice(row.get(FACE_COLUMNS).unwrap_or_default());
        }
        let sharpness = measure::sharpness(&self.crop, CROP_SIZE_PX);
        let is_turned =
            pose.yaw_deg.abs() > params.max_yaw_deg || pose.pitch_deg.abs() > params.max_pitch_deg;
        Quality {
            sharpness,
            face_luma_mean: measure::luma_mean(&self.face),
            clipped_share: measure::clipped_share(&self.face),
            visible_share: visible_share(box_px, luma.dimensions()),
            is_occluded: is_turned || is_covered,
            is_blurred: sharpness < params.min_sharpness,
        }
    }
}

/// Whether something covers the face, from the landmark network's presence logit. `was_covered` is the answer at the
/// previous measurement, `None` at the first.
pub(super) fn is_covered(
    params: &QualityParams,
    landmarks: &Landmarks,
    presence_logit: f32,
    was_covered: Option<bool>,
) -> bool {
    let [upper, lower] = INNER_LIPS.map(|index| landmarks[index]);
    let opening_icd = (lower[0] - upper[0]).hypot(lower[1] - upper[1]) / icd_px(landmarks).max(1.0);
    let excess_icd = (opening_icd - params.open_mouth_icd).max(0.0);
    let steady =
        (params.min_clear_logit - params.logit_per_icd * excess_icd).max(params.min_open_mouth_logit);
    let limit = match was_covered {
        None => params.min_first_logit,
        Some(false) => steady,
        Some(true) => steady + params.clear_again_logit,
    };
    presence_logit < limit
}

/// Share of the box inside a picture of this size, `[0, 1]`; 0 for an empty box.
fn visible_share(box_px: &RectPx, (width, height): (u32, u32)) -> f32 {
    let inside = |start: f32, length: f32, limit: u32| {
        ((start + length).min(limit as f32) - start.max(0.0)).clamp(0.0, length.max(0.0))
    };
    let area = box_px.area();
    if area > 0.0 {
        inside(box_px.x, box_px.w, width) * inside(box_px.y, box_px.h, height) / area
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::LANDMARK_COUNT;

    #[test]
    fn a_low_logit_covers_but_an_open_mouth_excuses() {
        let mut landmarks: Landmarks = [[0.0; 3]; LANDMARK_COUNT];
        landmarks[362][0] = 60.0;
        let params = QualityParams::default();
        assert!(!is_covered(&params, &landmarks, 13.0, Some(false)));
        assert!(is_covered(&params, &landmarks, 12.0, Some(false)));
        assert!(is_covered(&params, &landmarks, 13.0, Some(true)), "it must rise further to be clear again");
        assert!(!is_covered(&params, &landmarks, 15.0, Some(true)));
        assert!(!is_covered(&params, &landmarks, 9.0, None), "the first region fits less well");
        landmarks[14][1] = 40.0;
        assert!(!is_covered(&params, &landmarks, 9.0, Some(false)));
        assert!(is_covered(&params, &landmarks, 7.0, Some(false)));
        assert!(is_covered(&params, &landmarks, f32::NEG_INFINITY, Some(false)));
    }

    #[test]
    fn the_visible_share_is_an_area() {
        let share = |x, y| visible_share(&RectPx { x, y, w: 10.0, h: 20.0 }, (100, 50));
        assert_eq!((share(0.0, 0.0), share(-5.0, 0.0), share(95.0, 40.0)), (1.0, 0.5, 0.25));
        assert_eq!((share(-50.0, 0.0), share(500.0, 0.0)), (0.0, 0.0));
        assert_eq!(visible_share(&RectPx::default(), (10, 10)), 0.0);
    }
}
