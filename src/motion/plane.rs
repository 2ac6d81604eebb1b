//! The tracking crop as float planes: full, half and quarter resolution, lightly smoothed.
//!
//! The tracking crop has the aligned crop's scale and x axis but reaches further up and down, so that forehead and chin
//! fit: an upright face is about 5 ICD tall and the aligned crop only 4. Track y = crop y + [`TRACK_TOP_PX`].
//! Coordinates follow the project: pixel `i` has its centre at `i + 0.5`; half resolution is coordinate / 2.

use image::GrayImage;

use crate::image::vector::vectorised;
use crate::image::warp::{Border, warp_gray_rows};
use crate::types::{Affine, CROP_SIZE_PX};

/// Width of the tracking crop, in pixels.
pub const TRACK_WIDTH_PX: usize = CROP_SIZE_PX;
/// Height of the tracking crop, in pixels.
pub const TRACK_HEIGHT_PX: usize = 352;
/// Rows of the tracking crop above the aligned crop.
pub const TRACK_TOP_PX: usize = 52;
/// Where a crop pixel is wider than this many image pixels, it is the mean of four places.
const SHRINKS_FROM: f32 = 1.5;
const FOUR_PLACES: [[f32; 2]; 4] = [[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]];

/// A float picture, row by row.
#[derive(Clone, Debug)]
pub struct Plane {
    /// Width, in pixels.
    pub width: usize,
    /// Height, in pixels.
    pub height: usize,
    /// `width * height` values in luma units.
    pub data: Vec<f32>,
}

impl Plane {
    fn new(width: usize, height: usize) -> Self {
        Self { width, height, data: vec![0.0; width * height] }
    }

    /// Samples an `N` x `N` patch bilinearly; `left` and `top` are pixel indices of its first sample, fractions allowed.
    /// False, with `out` untouched, where the patch does not lie inside the plane. `out` holds `N * N` values.
    #[inline(always)]
    pub fn sample_patch<const N: usize>(&self, left: f32, top: f32, out: &mut [f32]) -> bool {
        let limit = N as f32;
        // Written so that NaN fails too.
        let inside =
            left >= 0.0 && top >= 0.0 && left + limit < self.width as f32 && top + limit < self.height as f32;
        if !inside || out.len() < N * N {
            return false;
        }
        let (x0, y0) = (left as usize, top as usize);
        let (fx, fy) = (left - x0 as f32, top - y0 as f32);
        let weights = [(1.0 - fx) * (1.0 - fy), fx * (1.0 - fy), (1.0 - fx) * fy, fx * fy];
        for (row, out) in out.chunks_exact_mut(N).take(N).enumerate() {
            let start = (y0 + row) * self.width + x0;
            let (Some(above), Some(below)) = (
                self.data.get(start..start + N + 1),
                self.data.get(start + self.width..start + self.width + N + 1),
            ) else {
                return false;
            };
            for i in 0..N {
                out[i] = weights[0] * above[i]
                    + weights[1] * above[i + 1]
                    + weights[2] * below[i]
                    + weights[3] * below[i + 1];
            }
        }
        true
    }

    /// Fills `half` with the mean of each 2 x 2 block.
    #[inline(always)]
    fn halve_into(&self, half: &mut Self) {
        for (rows, out) in self.data.chunks_exact(self.width * 2).zip(half.data.chunks_exact_mut(half.width))
        {
            let (above, below) = rows.split_at(self.width);
            for ((out, a), b) in out.iter_mut().zip(above.chunks_exact(2)).zip(below.chunks_exact(2)) {
                *out = 0.25 * (a[0] + a[1] + b[0] + b[1]);
            }
        }
    }
}

/// The tracking crop of one frame, with buffers that are reused from frame to frame.
#[derive(Clone, Debug)]
pub struct TrackCrop {
    /// Luma as it was resampled.
    pub pixels: Vec<u8>,
    /// Smoothed, full resolution.
    pub full: Plane,
    /// Half resolution.
    pub half: Plane,
    /// Quarter resolution.
    pub quarter: Plane,
    smoothed_rows: Vec<f32>,
}

impl TrackCrop {
    /// An empty crop.
    pub fn new() -> Self {
        let (w, h) = (TRACK_WIDTH_PX, TRACK_HEIGHT_PX);
        Self {
            pixels: vec![0; w * h],
            full: Plane::new(w, h),
            half: Plane::new(w / 2, h / 2),
            quarter: Plane::new(w / 4, h / 4),
            smoothed_rows: vec![0.0; w * h],
        }
    }

    /// Resamples `luma` and fills all planes. `image_from_track` maps tracking-crop to image pixels.
    pub fn fill(&mut self, luma: &GrayImage, image_from_track: &Affine) {
        // Against aliasing, where the crop shrinks the image.
        let places: &[_] = if image_from_track.scale() > SHRINKS_FROM { &FOUR_PLACES } else { &[[0.5; 2]] };
        warp_gray_rows(luma, image_from_track, TRACK_WIDTH_PX, places, Border::Replicate, &mut self.pixels);
        vectorised(
            #[inline(always)]
            || {
                self.smooth();
                let Self { full, half, quarter, .. } = self;
                full.halve_into(half);
                half.halve_into(quarter);
            },
        );
    }

    /// Smooths with the binomial kernel (1 2 1)/4 in both directions, borders repeated: takes off most of the error of bilinear
    /// resampling, and four fifths of white noise, at the cost of nothing that is wider than 2 crop pixels.
    #[inline(always)]
    fn smooth(&mut self) {
        let w = TRACK_WIDTH_PX;
        for (row, out) in self.pixels.chunks_exact(w).zip(self.smoothed_rows.chunks_exact_mut(w)) {
            for (out, near) in out.iter_mut().skip(1).zip(row.windows(3)) {
                *out = 0.25 * (f32::from(near[0]) + 2.0 * f32::from(near[1]) + f32::from(near[2]));
            }
            out[0] = f32::from(row[0]);
            out[w - 1] = f32::from(row[w - 1]);
        }
        let rows = &self.smoothed_rows;
        for (y, out) in self.full.data.chunks_exact_mut(w).enumerate() {
            let row = |y: usize| &rows[y * w..(y + 1) * w];
            let (above, below) = (row(y.saturating_sub(1)), row((y + 1).min(TRACK_HEIGHT_PX - 1)));
            for (((out, a), b), c) in out.iter_mut().zip(above).zip(row(y)).zip(below) {
                *out = 0.25 * (a + 2.0 * b + c);
            }
        }
    }
}
