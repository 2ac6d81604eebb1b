//! Affine resampling of gray and colour pictures into caller-owned buffers.
//!
//! Coordinates have pixel centres at +0.5. The map given is *backwards*, `image_from_out`: for each pixel of the output
//! it says where in the image to look. Sampling is bilinear without a low-pass filter, so an output much smaller than
//! the region it shows aliases; MediaPipe samples so too, and its networks were trained on it.

use image::{GrayImage, RgbImage};

use crate::types::Affine;

/// What lies beyond the picture's edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Border {
    /// The nearest edge pixel goes on.
    Replicate,
    /// Black.
    Zero,
}

/// Resamples luma into `out`, `width * height` bytes, row by row. An empty picture gives black.
pub fn warp_gray(
    src: &GrayImage,
    image_from_out: &Affine,
    (width, height): (usize, usize),
    border: Border,
    out: &mut Vec<u8>,
) {
    out.clear();
    out.resize(width * height, 0);
    let Some(sampler) = Sampler::<1>::new(src.as_raw(), src.dimensions(), border) else { return };
    sampler.fill(image_from_out, width, out.as_mut_slice(), |[value], out| {
        // The value is a weighted mean of bytes, so it is within 0..=255.
        if let [out] = out {
            *out = (value + 0.5) as u8;
        }
    });
}

/// Resamples colour into `out`, `width * height * 3` values, row by row, R G B; luma 0..255 is mapped to `range`.
///
/// Beyond the edge, [`Border::Zero`] gives the range's lower end, as black does. An empty picture gives black.
pub fn warp_rgb_to_f32(
    src: &RgbImage,
    image_from_out: &Affine,
    (width, height): (usize, usize),
    border: Border,
    range: [f32; 2],
    out: &mut Vec<f32>,
) {
    let (scale, offset) = ((range[1] - range[0]) / 255.0, range[0]);
    out.clear();
    out.resize(width * height * 3, offset);
    let Some(sampler) = Sampler::<3>::new(src.as_raw(), src.dimensions(), border) else { return };
    sampler.fill(image_from_out, width, out.as_mut_slice(), |values, out| {
        for (out, value) in out.iter_mut().zip(values) {
            *out = value * scale + offset;
        }
    });
}

/// Bilinear look-up in an interleaved picture of `C` channels.
struct Sampler<'a, const C: usize> {
    pixels: &'a [u8],
    width: i32,
    height: i32,
    border: Border,
}

impl<'a, const C: usize> Sampler<'a, C> {
    fn new(pixels: &'a [u8], (width, height): (u32, u32), border: Border) -> Option<Self> {
        let (w, h) = (i32::try_from(width).ok()?, i32::try_from(height).ok()?);
        let is_whole = pixels.len() >= width as usize * height as usize * C;
        (w > 0 && h > 0 && is_whole).then_some(Self { pixels, width: w, height: h, border })
    }

    fn fill<T>(
        &self,
        image_from_out: &Affine,
        out_width: usize,
        out: &mut [T],
        mut store: impl FnMut([f32; C], &mut [T]),
    ) {
        let [[a, b, tx], [c, d, ty]] = image_from_out.rows;
        for (row, line) in out.chunks_exact_mut((out_width * C).max(1)).enumerate() {
            let y = row as f32 + 0.5;
            for (column, pixel) in line.chunks_exact_mut(C).enumerate() {
                let x = column as f32 + 0.5;
                // Minus a half: from a position to the index of the pixel whose centre is left of or above it.
                store(self.at(a * x + b * y + tx - 0.5, c * x + d * y + ty - 0.5), pixel);
            }
        }
    }

    /// The value at index coordinates (pixel centres at whole numbers).
    #[inline(always)]
    fn at(&self, x: f32, y: f32) -> [f32; C] {
        let (left, top) = (x.floor(), y.floor());
        let (fx, fy) = (x - left, y - top);
        // Float to integer casts saturate and turn NaN into 0, so wild maps end at the border.
        let (left, top) = (left as i32, top as i32);
        let corners = if left >= 0 && top >= 0 && left < self.width - 1 && top < self.height - 1 {
            let stride = self.width as usize * C;
            let first = top as usize * stride + left as usize * C;
            // Both corners of both rows are inside, as just compared.
            let upper = &self.pixels[first..first + 2 * C];
            let lower = &self.pixels[first + stride..first + stride + 2 * C];
            let take = |half: &[u8], at: usize| std::array::from_fn(|i| f32::from(half[at + i]));
            [take(upper, 0), take(upper, C), take(lower, 0), take(lower, C)]
        } else {
            let (right, below) = (left.saturating_add(1), top.saturating_add(1));
            [self.edge(left, top), self.edge(right, top), self.edge(left, below), self.edge(right, below)]
        };
        let [p00, p10, p01, p11]: [[f32; C]; 4] = corners;
        std::array::from_fn(|i| {
            let upper = p00[i] + (p10[i] - p00[i]) * fx;
            let lower = p01[i] + (p11[i] - p01[i]) * fx;
            upper + (lower - upper) * fy
        })
    }

    #[cold]
    fn edge(&self, x: i32, y: i32) -> [f32; C] {
        let (inside_x, inside_y) = (x.clamp(0, self.width - 1), y.clamp(0, self.height - 1));
        if self.border == Border::Zero && (inside_x != x || inside_y != y) {
            return [0.0; C];
        }
        let first = (inside_y as usize * self.width as usize + inside_x as usize) * C;
        std::array::from_fn(|i| self.pixels.get(first + i).copied().map_or(0.0, f32::from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(width: u32, height: u32) -> GrayImage {
        GrayImage::from_fn(width, height, |x, y| image::Luma([(10 * x + 20 * y) as u8]))
    }

    #[test]
    fn identity_copies() {
        let src = ramp(7, 5);
        let mut out = Vec::new();
        warp_gray(&src, &Affine::IDENTITY, (7, 5), Border::Zero, &mut out);
        assert_eq!(out, src.into_raw());
    }

    #[test]
    fn half_a_pixel_is_the_mean_of_two() {
        let shift = Affine::similarity(1.0, 0.0, [0.5, 0.0]);
        let mut out = Vec::new();
        warp_gray(&ramp(4, 1), &shift, (4, 1), Border::Replicate, &mut out);
        assert_eq!(out, [5, 15, 25, 30]);
        warp_gray(&ramp(4, 1), &shift, (4, 1), Border::Zero, &mut out);
        assert_eq!(out, [5, 15, 25, 15]);
    }

    #[test]
    fn halving_looks_at_block_centres() {
        let mut out = Vec::new();
        warp_gray(&ramp(4, 4), &Affine::similarity(2.0, 0.0, [0.0; 2]), (2, 2), Border::Zero, &mut out);
        assert_eq!(out, [15, 35, 55, 75]);
    }

    #[test]
    fn a_quarter_turn_moves_the_right_column_to_the_top() {
        // Image position of output (x, y): (height - y, x).
        let turn = Affine { rows: [[0.0, -1.0, 3.0], [1.0, 0.0, 0.0]] };
        let src = GrayImage::from_raw(3, 2, vec![1, 2, 3, 4, 5, 6]).unwrap();
        let mut out = Vec::new();
        warp_gray(&src, &turn, (2, 3), Border::Zero, &mut out);
        assert_eq!(out, [3, 6, 2, 5, 1, 4]);
    }

    #[test]
    fn colour_is_mapped_to_the_range() {
        let src = RgbImage::from_pixel(2, 2, image::Rgb([0, 255, 51]));
        let mut out = Vec::new();
        warp_rgb_to_f32(&src, &Affine::IDENTITY, (3, 2), Border::Zero, [-1.0, 1.0], &mut out);
        assert_eq!(out.len(), 18);
        assert!(out[..3].iter().zip([-1.0, 1.0, -0.6]).all(|(a, b)| (a - b).abs() < 1e-6), "{out:?}");
        assert_eq!(out[6..9], [-1.0; 3]);
    }

    #[test]
    fn wild_maps_and_empty_pictures_do_not_panic() {
        let mut out = Vec::new();
        for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30] {
            let map = Affine { rows: [[1.0, value, value], [value, 1.0, 0.0]] };
            for border in [Border::Replicate, Border::Zero] {
                warp_gray(&ramp(3, 3), &map, (4, 4), border, &mut out);
                assert_eq!(out.len(), 16);
            }
        }
        warp_gray(&GrayImage::new(0, 0), &Affine::IDENTITY, (2, 2), Border::Replicate, &mut out);
        assert_eq!(out, [0; 4]);
        warp_gray(&ramp(1, 1), &Affine::IDENTITY, (2, 2), Border::Replicate, &mut out);
        assert_eq!(out, [0; 4]);
        warp_gray(&ramp(3, 3), &Affine::IDENTITY, (0, 4), Border::Replicate, &mut out);
        assert!(out.is_empty());
    }
}
