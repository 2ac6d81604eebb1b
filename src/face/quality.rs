//! How well a face is seen: sharpness, exposure, how much of it lies in the picture, and whether something covers it.

use image::GrayImage;

use crate::image::measure;
use crate::types::{Affine, CROP_SIZE_PX, HeadPose, Quality, RectPx};

use super::align::align_into;

/// Turned further than this, half of the face is hidden and its landmarks are guesses.
const MAX_YAW_DEG: f32 = 40.0;
const MAX_PITCH_DEG: f32 = 35.0;
/// Presence below which something covers the face.
const MIN_CLEAR_PRESENCE: f32 = 0.9;
/// Sharpness below which the crop is blurred.
const MIN_SHARPNESS: f32 = 0.002;

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
    /// Quality of one face. Without a crop (points without a shape) nothing can be said: occluded.
    pub fn assess(
        &mut self,
        luma: &GrayImage,
        crop_from_image: Option<&Affine>,
        box_px: &RectPx,
        pose: &HeadPose,
        presence: f32,
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
            is_occluded: is_turned || presence < MIN_CLEAR_PRESENCE,
            is_blurred: sharpness < MIN_SHARPNESS,
        }
    }
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

    #[test]
    fn the_visible_share_is_an_area() {
        let share = |x, y| visible_share(&RectPx { x, y, w: 10.0, h: 20.0 }, (100, 50));
        assert_eq!((share(0.0, 0.0), share(-5.0, 0.0), share(95.0, 40.0)), (1.0, 0.5, 0.25));
        assert_eq!((share(-50.0, 0.0), share(500.0, 0.0)), (0.0, 0.0));
        assert_eq!(visible_share(&RectPx::default(), (10, 10)), 0.0);
    }
}
