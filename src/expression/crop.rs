//! The picture that a classifier sees: cut from the frame by landmarks, upright, gray, in the lighting's own units.
//!
//! Training cuts its pictures with the same functions, so that what is learned is what is met.

use image::GrayImage;

use crate::face::{EYES_AT_PX, crop_from_image, icd_px};
use crate::image::warp::{Border, warp_gray};
use crate::types::{Affine, CROP_ICD_PX, Landmarks};

/// The face is sampled this many times finer in each direction, then averaged: a large face would alias otherwise.
/// 4: up to an ICD of 85 px (a face 390 px wide) no more than two pixels of the picture lie between samples.
const OVERSAMPLING: usize = 4;
/// Faces smaller than this are not classified, in image pixels: they would be magnified over five times.
pub(super) const MIN_ICD_PX: f32 = 2.0;
/// The landmark at the nose base, where the septum meets the upper lip's groove (subnasale).
const NOSE_BASE: usize = 2;
/// Contrast (standard deviation, luma 0..255) that is added before dividing by it: a blank picture stays nearly blank
/// instead of becoming noise. Ours: a fifth of a dim webcam face's.
const LEAST_CONTRAST: f32 = 4.0;

/// Which part of the face a classifier sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaceRegion {
    /// The whole face.
    Face,
    /// From the forehead to the nose base. The mouth is not even read.
    Eyes,
}

/// What of the face a classifier's input shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Framing {
    /// Columns of the input, in pixels.
    pub width: usize,
    /// Rows of the input, in pixels.
    pub height: usize,
    /// What the columns span, in ICD units; the face's midline is in the middle.
    pub width_icd: f32,
    /// How far the top lies above the inner eye corners, in ICD units.
    pub above_eyes_icd: f32,
}

impl FaceRegion {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Face, Self::Eyes];

    /// The name on the command line and in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Face => "face",
            Self::Eyes => "eyes",
        }
    }

    /// How the classifier of this region frames the face.
    ///
    /// Face: FER2013's own framing, from the middle of the forehead to the chin, ear to ear; about 10 pixels an ICD is also what
    /// its pictures have. Eyes: the brows' tails and room for a raise, down to where the nose base of a frontal face lies.
    pub const fn framing(self) -> Framing {
        match self {
            Self::Face => Framing { width: 48, height: 48, width_icd: 4.7, above_eyes_icd: 1.45 },
            Self::Eyes => Framing { width: 48, height: 32, width_icd: 3.6, above_eyes_icd: 1.25 },
        }
    }
}

impl Framing {
    /// Pixels of the input for each ICD.
    pub fn px_per_icd(&self) -> f32 {
        self.width as f32 / self.width_icd
    }

    /// The map from the aligned crop to the input, made `scale` times as large and with `margin` pixels (of that scale) more on every
    /// side.
    pub fn view_from_crop(&self, scale: f32, margin: f32) -> Affine {
        let px = scale * self.px_per_icd();
        let factor = px / CROP_ICD_PX;
        let middle = margin + scale * self.width as f32 / 2.0;
        let eyes_y = margin + px * self.above_eyes_icd;
        Affine::similarity(factor, 0.0, [middle - factor * EYES_AT_PX[0], eyes_y - factor * EYES_AT_PX[1]])
    }
}

/// How far a face's nose base lies below its inner eye corners, in pixels of the aligned crop.
pub fn nose_base_y(landmarks: &Landmarks, crop_from_image: &Affine) -> f32 {
    let [x, y, _] = landmarks[NOSE_BASE];
    crop_from_image.apply([x, y])[1]
}

/// Cuts inputs for a classifier. Owns its buffers.
#[derive(Clone, Debug)]
pub struct FaceCropper {
    region: FaceRegion,
    samples: Vec<u8>,
    plane: Vec<f32>,
}

impl FaceCropper {
    /// For this region.
    pub fn new(region: FaceRegion) -> Self {
        Self { region, samples: Vec::new(), plane: Vec::new() }
    }

    /// Cuts a face out into `input`: shape `(height, width)` of the region's framing, row by row, normalised (see [`normalise`]).
    /// `None` (and nothing written) where the landmarks have no shape or are too close together.
    ///
    /// For the eye region no pixel is read whose centre lies at or below the nose base; rows that would need one are 0.
    ///
    /// # Arguments
    /// * `luma`: the frame that the landmarks describe. What lies outside it repeats its edge.
    /// * `landmarks`: 478 points in its pixels.
    pub fn cut(&mut self, luma: &GrayImage, landmarks: &Landmarks, input: &mut Vec<f32>) -> Option<()> {
        if icd_px(landmarks) < MIN_ICD_PX {
            return None;
        }
        let crop_from_image = crop_from_image(landmarks)?;
        let nose_y = nose_base_y(landmarks, &crop_from_image);
        self.cut_mapped(luma, &crop_from_image, nose_y, input)
    }

    /// As [`FaceCropper::cut`], with the face's place given: the map to the aligned crop, and where in it the nose base lies
    /// ([`nose_base_y`]).
    pub fn cut_mapped(
        &mut self,
        luma: &GrayImage,
        crop_from_image: &Affine,
        nose_y: f32,
        input: &mut Vec<f32>,
    ) -> Option<()> {
        let framing = self.region.framing();
        let samples_from_crop = framing.view_from_crop(OVERSAMPLING as f32, 0.0);
        let samples_from_image = samples_from_crop.after(crop_from_image);
        let image_from_samples = samples_from_image.inverse()?;
        let (width, height) = (framing.width * OVERSAMPLING, framing.height * OVERSAMPLING);
        let rows = match self.region {
            FaceRegion::Face => framing.height,
            FaceRegion::Eyes => {
                let limit = samples_from_crop.apply([0.0, nose_y])[1];
                let maps = (&samples_from_image, &image_from_samples);
                rows_above(limit, maps, (width, height), luma.dimensions()) / OVERSAMPLING
            }
        };
        let size = (width, rows * OVERSAMPLING);
        warp_gray(luma, &image_from_samples, size, Border::Replicate, &mut self.samples);
        shrink(&self.samples, framing.width, &mut self.plane);
        self.plane.resize(framing.width * framing.height, 0.0);
        normalise(&self.plane, rows * framing.width, input);
        Some(())
    }
}

/// How many rows of samples can be read without touching a pixel of the picture at or below `limit` (in sample rows).
///
/// Bilinear sampling reads the four pixels around a place: their centres lie less than one pixel away along both axes of the picture,
/// which is at most `|sin| + |cos|` pixels downwards on an upright face. Places outside the picture read its edge, which may lie
/// further down than they do.
fn rows_above(
    limit: f32,
    (samples_from_image, image_from_samples): (&Affine, &Affine),
    (width, height): (usize, usize),
    (image_width, image_height): (u32, u32),
) -> usize {
    let [_, [across, down, _]] = samples_from_image.rows;
    // A thousandth of a row for rounding.
    let lowest = limit - across.abs() - down.abs() - 0.001;
    // The middle of row r is at r + 0.5. The cast saturates, and NaN gives 0.
    let rows = ((lowest - 0.5).ceil().max(0.0) as usize).min(height);
    let (right, bottom) = (image_width as f32, image_height as f32);
    let corners = [[0, 0], [width, 0], [0, rows], [width, rows]].map(|at| at.map(|at| at as f32));
    let is_inside = corners.iter().all(|corner| {
        let [x, y] = image_from_samples.apply(*corner);
        x >= 0.0 && y >= 0.0 && x <= right && y <= bottom
    });
    if is_inside {
        return rows;
    }
    let reads_below = |row: usize| {
        (0..width).any(|column| {
            let [x, y] = image_from_samples.apply([column as f32 + 0.5, row as f32 + 0.5]);
            let read = [x.clamp(0.5, right.max(1.0) - 0.5), y.clamp(0.5, bottom.max(1.0) - 0.5)];
            samples_from_image.apply(read)[1] > lowest
        })
    };
    (0..rows).find(|row| reads_below(*row)).unwrap_or(rows)
}

/// Means of blocks of [`OVERSAMPLING`] squared samples.
fn shrink(samples: &[u8], width: usize, plane: &mut Vec<f32>) {
    let stride = width * OVERSAMPLING;
    let area = (OVERSAMPLING * OVERSAMPLING) as f32;
    plane.clear();
    for rows in samples.chunks_exact(stride * OVERSAMPLING) {
        for x in 0..width {
            let block = rows
                .chunks_exact(stride)
                .flat_map(|row| row.iter().skip(x * OVERSAMPLING).take(OVERSAMPLING));
            let sum: u32 = block.map(|v| u32::from(*v)).sum();
            plane.push(sum as f32 / area);
        }
    }
}

/// Luma in the lighting's own units: minus the mean, by the standard deviation (plus a little) of the first `valid` pixels. The others
/// become 0.
pub fn normalise(plane: &[f32], valid: usize, input: &mut Vec<f32>) {
    let seen = &plane[..valid.min(plane.len())];
    let count = seen.len().max(1) as f32;
    let mean = seen.iter().sum::<f32>() / count;
    let variance = seen.iter().map(|v| (v - mean) * (v - mean)).sum::<f32>() / count;
    let scale = 1.0 / (variance.sqrt() + LEAST_CONTRAST);
    input.clear();
    input.extend(seen.iter().map(|v| (v - mean) * scale));
    input.resize(plane.len(), 0.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture in which no two neighbours are alike.
    fn noise(width: u32, height: u32, seed: u32) -> GrayImage {
        GrayImage::from_fn(width, height, |x, y| {
            let hash =
                (x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77) ^ seed).wrapping_mul(0xC2B2_AE3D);
            image::Luma([(hash >> 24) as u8])
        })
    }

    /// Upright and turned faces, large and small, whole and cut off by any edge of a 320 x 240 picture.
    fn places() -> Vec<Affine> {
        let mut places = Vec::new();
        for icd_px in [4.0, 10.0, 30.0, 70.0] {
            for angle in [0.0, 0.3, -0.5, 1.4, 3.0] {
                for [x, y] in [[160.0, 100.0], [5.0, 120.0], [310.0, 60.0], [160.0, 2.0], [150.0, 235.0]] {
                    // From the aligned crop, turned about its eyes, to the picture.
                    let scale = icd_px / CROP_ICD_PX;
                    let turned = Affine::similarity(scale, angle, [0.0; 2]);
                    let [ex, ey] = turned.apply(EYES_AT_PX);
                    let image_from_crop = Affine::similarity(scale, angle, [x - ex, y - ey]);
                    places.push(image_from_crop.inverse().unwrap());
                }
            }
        }
        places
    }

    #[test]
    fn eyes_see_no_pixel_below_the_nose_base() {
        let mut cropper = FaceCropper::new(FaceRegion::Eyes);
        let (mut seen, mut again) = (Vec::new(), Vec::new());
        let luma = noise(320, 240, 1);
        let mut changed_rows = 0;
        for crop_from_image in places() {
            for nose_y in [100.0, 126.0, 134.8, 160.0] {
                cropper.cut_mapped(&luma, &crop_from_image, nose_y, &mut seen).unwrap();
                let mut other = luma.clone();
                for (x, y, pixel) in other.enumerate_pixels_mut() {
                    if crop_from_image.apply([x as f32 + 0.5, y as f32 + 0.5])[1] >= nose_y {
                        pixel.0[0] = 255 - pixel.0[0] / 2;
                    }
                }
                cropper.cut_mapped(&other, &crop_from_image, nose_y, &mut again).unwrap();
                let same = seen.iter().zip(&again).all(|(a, b)| a.to_bits() == b.to_bits());
                assert!(same, "{crop_from_image:?} with the nose at {nose_y}");
                changed_rows += seen.chunks_exact(48).filter(|row| row.iter().any(|v| *v != 0.0)).count();
            }
        }
        // Not because nothing is seen at all: of 400 faces with 32 rows.
        assert!(changed_rows > 400 * 10, "{changed_rows}");
    }

    #[test]
    fn a_frontal_face_keeps_almost_all_of_its_upper_half() {
        let mut cropper = FaceCropper::new(FaceRegion::Eyes);
        let mut seen = Vec::new();
        // An ICD of 40 px in the middle of the picture, with the usual nose base.
        let crop_from_image = Affine::similarity(64.0 / 40.0, 0.0, [128.0 - 1.6 * 160.0, 60.0 - 1.6 * 100.0]);
        cropper.cut_mapped(&noise(320, 240, 2), &crop_from_image, 134.8, &mut seen).unwrap();
        let rows = seen.chunks_exact(48).filter(|row| row.iter().any(|v| *v != 0.0)).count();
        assert!(rows >= 31, "{rows}");
        cropper.cut_mapped(&noise(320, 240, 2), &crop_from_image, 110.0, &mut seen).unwrap();
        let rows = seen.chunks_exact(48).filter(|row| row.iter().any(|v| *v != 0.0)).count();
        assert_eq!(rows, 26, "0.78 ICD below the eyes");
    }

    #[test]
    fn the_face_is_where_the_framing_says() {
        // Bright above the eyes, dark below.
        let luma = GrayImage::from_fn(320, 240, |_, y| image::Luma([if y < 100 { 200 } else { 50 }]));
        let crop_from_image = Affine::similarity(64.0 / 40.0, 0.0, [128.0 - 1.6 * 160.0, 60.0 - 1.6 * 100.0]);
        for region in FaceRegion::ALL {
            let framing = region.framing();
            let mut seen = Vec::new();
            FaceCropper::new(region).cut_mapped(&luma, &crop_from_image, 1000.0, &mut seen).unwrap();
            assert_eq!(seen.len(), framing.width * framing.height);
            let edge = framing.above_eyes_icd * framing.px_per_icd();
            for (row, values) in seen.chunks_exact(framing.width).enumerate() {
                let middle = row as f32 + 0.5;
                assert!(
                    (middle - edge).abs() < 1.0 || (values[20] > 0.0) == (middle < edge),
                    "{region:?} {row}"
                );
            }
        }
    }

    #[test]
    fn light_and_contrast_make_little_difference() {
        let plane: Vec<f32> = noise(48, 48, 3).as_raw().iter().map(|v| f32::from(*v)).collect();
        let dimmed: Vec<f32> = plane.iter().map(|v| 0.5 * v + 20.0).collect();
        let (mut bright, mut dim) = (Vec::new(), Vec::new());
        normalise(&plane, plane.len(), &mut bright);
        normalise(&dimmed, plane.len(), &mut dim);
        assert!(bright.iter().zip(&dim).all(|(a, b)| (a - b).abs() < 0.1));
        normalise(&[7.0; 8], 4, &mut dim);
        assert_eq!(dim, [0.0; 8], "a blank picture is no noise");
    }

    #[test]
    fn what_has_no_shape_is_refused() {
        let landmarks = [[f32::NAN; 3]; crate::types::LANDMARK_COUNT];
        let mut input = vec![1.0];
        assert!(FaceCropper::new(FaceRegion::Face).cut(&noise(8, 8, 1), &landmarks, &mut input).is_none());
        assert_eq!(input, [1.0]);
        let flat = Affine { rows: [[0.0; 3]; 2] };
        let mut cropper = FaceCropper::new(FaceRegion::Eyes);
        assert!(cropper.cut_mapped(&noise(8, 8, 1), &flat, 60.0, &mut input).is_none());
    }
}
