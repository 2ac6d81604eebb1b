//! What is known of the face that is followed, and how far maps move it.

use super::place::{CROP_FROM_TRACK, EYES_IN_TRACK};
use super::plane::{TRACK_TOP_PX, TRACK_WIDTH_PX, TrackCrop};
use super::vector::distance;
use crate::types::{Affine, AlignedFace, CROP_ICD_PX, CROP_SIZE_PX, FaceMeasurement, HeadPose, Timestamp};

/// A face and where it stands.
#[derive(Debug)]
pub struct Face {
    pub id: u32,
    /// From image to track coordinates in the newest frame that was followed.
    pub track_from_image: Affine,
    /// The same in the frame that the newest measurement describes.
    pub track_from_measured: Affine,
    /// From the reference's track coordinates to those that the coarse template was cut in.
    pub template_from_reference: Affine,
    pub image_size: (u32, u32),
    pub reference_at: Timestamp,
    pub reference_pose: HeadPose,
    pub last_at: Timestamp,
    /// Running frame period, in seconds.
    pub period_s: Option<f64>,
    /// Since when the face is not followed.
    pub lost_at: Option<Timestamp>,
    pub residual_px: f32,
    pub head_speed_icd_s: f32,
    pub aligned: AlignedFace,
}

impl Face {
    /// A face at first sight.
    pub fn new(
        measurement: &FaceMeasurement,
        track_from_image: Affine,
        image_size: (u32, u32),
        at: Timestamp,
    ) -> Self {
        Self {
            id: measurement.id,
            track_from_image,
            track_from_measured: track_from_image,
            template_from_reference: Affine::IDENTITY,
            image_size,
            reference_at: at,
            reference_pose: measurement.pose,
            last_at: at,
            period_s: None,
            lost_at: None,
            residual_px: 0.0,
            head_speed_icd_s: 0.0,
            aligned: AlignedFace {
                pixels: vec![0; CROP_SIZE_PX * CROP_SIZE_PX],
                crop_from_image: CROP_FROM_TRACK.after(&track_from_image),
                captured_at: at,
                icd_px: measurement.icd_px,
            },
        }
    }

    /// Copies the aligned part of the tracking crop. Called while `track_from_image` is the map it was resampled with.
    pub fn store_aligned(&mut self, crop: &TrackCrop, at: Timestamp) {
        let first = TRACK_TOP_PX * TRACK_WIDTH_PX;
        if let Some(rows) = crop.pixels.get(first..first + CROP_SIZE_PX * CROP_SIZE_PX) {
            self.aligned.pixels.clear();
            self.aligned.pixels.extend_from_slice(rows);
        }
        self.aligned.crop_from_image = CROP_FROM_TRACK.after(&self.track_from_image);
        self.aligned.captured_at = at;
        self.aligned.icd_px = CROP_ICD_PX / self.track_from_image.scale().max(1e-6);
    }

    /// How far the head moved since `before` was its map, in ICD units: of the point between the eyes and one at the mouth the
    /// larger.
    pub fn moved_icd(&self, before: &Affine) -> f32 {
        let Some(image_from_track) = self.track_from_image.inverse() else { return 0.0 };
        let mouth = [EYES_IN_TRACK[0], EYES_IN_TRACK[1] + 2.0 * CROP_ICD_PX];
        [EYES_IN_TRACK, mouth].iter().fold(0.0, |largest: f32, point| {
            let back = before.apply(image_from_track.apply(*point));
            largest.max(distance(*point, back) / CROP_ICD_PX)
        })
    }
}

/// The largest shift that a map gives to a point of the face, in track pixels.
pub fn moves_face(map: &Affine) -> f32 {
    let [x, y] = EYES_IN_TRACK;
    let points = [[x - 100.0, y], [x + 100.0, y], [x, y - 60.0], [x, y + 200.0]];
    points.iter().fold(0.0, |largest, p| largest.max(distance(*p, map.apply(*p))))
}
