//! How well a face is seen: sharpness, exposure, how much of it lies in the picture, and whether something covers it.

use image::GrayImage;

use crate::image::measure;
use crate::types::{Affine, CROP_SIZE_PX, HeadPose, Landmarks, Quality, RectPx};

use super::align::{align_into, icd_px};

/// Turned further than this, half of the face is hidden and its landmarks are guesses: at 40 degrees of yaw the far
/// inner eye corner lies behind the nose on the canonical face.
const MAX_YAW_DEG: f32 = 40.0;
/// The same for looking up and down: at 35 degrees brows (down) or chin (up) foreshorten by a fifth.
const MAX_PITCH_DEG: f32 = 35.0;
/// Crop sharpness below which motion cannot be measured: a Gaussian blur of about 3 px (5 % of the ICD) on sharp photos.
const MIN_SHARPNESS: f32 = 0.0008;

/// Presence logit of a closed-mouthed face below which something covers it. The five thresholds that follow were set on
/// the development clips at 15 Hz: hands flag in each clip where one crosses the face; of 5,402 frames without a hand
/// 73 flag (tongue out, eyes crossed, turned by over 30 degrees).
const MIN_CLEAR_LOGIT: f32 = 12.5;
/// Mouth opening (inner lips, in ICD) up to which the limit above holds.
const OPEN_MOUTH_ICD: f32 = 0.3;
/// A wide mouth lowers the logit too: so much less for each ICD that it opens further ...
const LOGIT_PER_ICD: f32 = 12.0;
/// ... down to this.
const MIN_OPEN_MOUTH_LOGIT: f32 = 8.0;
/// Once covered, the logit must rise by so much more to count as clear again: hands leave slowly.
const CLEAR_AGAIN_LOGIT: f32 = 2.0;
/// On the first measurement the region comes from the detector, fits less well, and the logit is lower.
const MIN_FIRST_LOGIT: f32 = 6.0;
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
        let is_turned = pose.yaw_deg.abs() > MAX_YAW_DEG || pose.pitch_deg.abs() > MAX_PITCH_DEG;
        Quality {
            sharpness,
            face_luma_mean: measure::luma_mean(&self.face),
            clipped_share: measure::clipped_share(&self.face),
            visible_share: visible_share(box_px, luma.dimensions()),
            is_occluded: is_turned || is_covered,
            is_blurred: sharpness < MIN_SHARPNESS,
        }
    }
}

/// Whether something covers the face, from the landmark network's presence logit. `was_covered` is the answer at the
/// previous measurement, `None` at the first.
pub(super) fn is_covered(landmarks: &Landmarks, presence_logit: f32, was_covered: Option<bool>) -> bool {
    let [upper, lower] = INNER_LIPS.map(|index| landmarks[index]);
    let opening_icd = (lower[0] - upper[0]).hypot(lower[1] - upper[1]) / icd_px(landmarks).max(1.0);
    let steady =
        (MIN_CLEAR_LOGIT - LOGIT_PER_ICD * (opening_icd - OPEN_MOUTH_ICD).max(0.0)).max(MIN_OPEN_MOUTH_LOGIT);
    let limit = match was_covered {
        None => MIN_FIRST_LOGIT,
        Some(false) => steady,
        Some(true) => steady + CLEAR_AGAIN_LOGIT,
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
        assert!(!is_covered(&landmarks, 13.0, Some(false)));
        assert!(is_covered(&landmarks, 12.0, Some(false)));
        assert!(is_covered(&landmarks, 13.0, Some(true)), "it must rise further to be clear again");
        assert!(!is_covered(&landmarks, 15.0, Some(true)));
        assert!(!is_covered(&landmarks, 9.0, None), "the first region fits less well");
        landmarks[14][1] = 40.0;
        assert!(!is_covered(&landmarks, 9.0, Some(false)));
        assert!(is_covered(&landmarks, 7.0, Some(false)));
        assert!(is_covered(&landmarks, f32::NEG_INFINITY, Some(false)));
    }

    #[test]
    fn the_visible_share_is_an_area() {
        let share = |x, y| visible_share(&RectPx { x, y, w: 10.0, h: 20.0 }, (100, 50));
        assert_eq!((share(0.0, 0.0), share(-5.0, 0.0), share(95.0, 40.0)), (1.0, 0.5, 0.25));
        assert_eq!((share(-50.0, 0.0), share(500.0, 0.0)), (0.0, 0.0));
        assert_eq!(visible_share(&RectPx::default(), (10, 10)), 0.0);
    }
}
