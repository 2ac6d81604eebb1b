//! The tracking crop as float planes: full, half and quarter resolution, lightly smoothed.
//!
//! The tracking crop has the aligned crop's scale and x axis but reaches further up and down, so that forehead and chin
//! fit: an upright face is about 5 ICD tall and the aligned crop only 4. Track y = crop y + [`TRACK_TOP_PX`].
//! Coordinates follow the project: pixel `i` has its centre at `i + 0.5`; half resolution is coordinate / 2.

use image::GrayImage;

use crate::types::{Affine, CROP_SIZE_PX};

/// Width of the tracking crop, in pixels.
pub const TRACK_WIDTH_PX: usize = CROP_SIZE_PX;
/// Height of the tracking crop, in pixels.
pub const TRACK_HEIGHT_PX: usize = 352;
/// Rows of the tracking crop above the aligned crop.
pub const TRACK_TOP_PX: usize = 52;

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
        warp_into(luma, image_from_track, &mut self.pixels);
        self.smooth();
        let Self { full, half, quarter, .. } = self;
        full.halve_into(half);
        half.halve_into(quarter);
    }

    /// Smooths with the binomial kernel (1 2 1)/4 in both directions, borders repeated: takes off most of the error of bilinear
    /// resampling, and four fifths of white noise, at the cost of nothing that is wider than 2 crop pixels.
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

/// Resamples `luma` bilinearly into the tracking crop; pixels outside the image repeat its border.
///
/// Where the crop shrinks the image by more than 1.5, each pixel is the mean of 2 x 2 samples against aliasing.
fn warp_into(luma: &GrayImage, image_from_track: &Affine, out: &mut [u8]) {
    let (width, height) = (luma.width() as usize, luma.height() as usize);
    if width == 0 || height == 0 {
        out.fill(0);
        return;
    }
    if image_from_track.scale() > 1.5 {
        let samples = [[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]];
        for (y, row) in out.chunks_exact_mut(TRACK_WIDTH_PX).enumerate() {
            for (x, out) in row.iter_mut().enumerate() {
                let sum: f32 = samples
                    .iter()
                    .map(|s| {
                        let [px, py] = image_from_track.apply([x as f32 + s[0], y as f32 + s[1]]);
                        sample_clamped(luma.as_raw(), width, height, px - 0.5, py - 0.5)
                    })
                    .sum();
                *out = (0.25 * sum + 0.5) as u8;
            }
        }
        return;
    }
    let [[a, _, _], [c, _, _]] = image_from_track.rows;
    let (max_x, max_y) = (width as f32 - 1.0, height as f32 - 1.0);
    for (y, row) in out.chunks_exact_mut(TRACK_WIDTH_PX).enumerate() {
        let first = image_from_track.apply([0.5, y as f32 + 0.5]);
        let last = image_from_track.apply([TRACK_WIDTH_PX as f32 - 0.5, y as f32 + 0.5]);
        // The map is affine: with both ends a pixel inside, so is the whole row.
        let is_inside = [first, last]
            .iter()
            .all(|p| p[0] - 0.5 >= 0.0 && p[1] - 0.5 >= 0.0 && p[0] + 0.5 < max_x && p[1] + 0.5 < max_y);
        let (x0, y0) = (first[0] - 0.5, first[1] - 0.5);
        for (i, out) in row.iter_mut().enumerate() {
            let (x, y) = (x0 + a * i as f32, y0 + c * i as f32);
            let value = if is_inside {
                sample_inside(luma.as_raw(), width, x, y)
            } else {
                sample_clamped(luma.as_raw(), width, height, x, y)
            };
            *out = (value + 0.5) as u8;
        }
    }
}

fn blend(corners: [u8; 4], fx: f32, fy: f32) -> f32 {
    let [a, b, c, d] = corners.map(f32::from);
    let above = a + fx * (b - a);
    let below = c + fx * (d - c);
    above + fy * (below - above)
}

fn sample_inside(data: &[u8], width: usize, x: f32, y: f32) -> f32 {
    let (ix, iy) = (x as usize, y as usize);
    let start = iy * width + ix;
    let (Some(above), Some(below)) = (data.get(start..start + 2), data.get(start + width..start + width + 2))
    else {
        return 0.0;
    };
    blend([above[0], above[1], below[0], below[1]], x - ix as f32, y - iy as f32)
}

fn sample_clamped(data: &[u8], width: usize, height: usize, x: f32, y: f32) -> f32 {
    // `max` then `min` also turns NaN into a number.
    let x = x.max(0.0).min(width as f32 - 1.0);
    let y = y.max(0.0).min(height as f32 - 1.0);
    let (ix, iy) = (x as usize, y as usize);
    let (right, below) = ((ix + 1).min(width - 1), (iy + 1).min(height - 1));
    let at = |x: usize, y: usize| data.get(y * width + x).copied().unwrap_or(0);
    blend([at(ix, iy), at(right, iy), at(ix, below), at(right, below)], x - ix as f32, y - iy as f32)
}
