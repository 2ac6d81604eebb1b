//! Affine resampling of gray and colour pictures into caller-owned buffers.
//!
//! Coordinates have pixel centres at +0.5. The map given is *backwards*, `image_from_out`: for each pixel of the output
//! it says where in the image to look. Sampling is bilinear without a low-pass filter, so an output much smaller than
//! the region it shows aliases; MediaPipe samples so too, and its networks were trained on it.

use image::{GrayImage, RgbImage};

use super::vector::vectorised;
use crate::types::Affine;

/// What lies beyond the picture's edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Border {
    /// The nearest edge pixel goes on.
    Replicate,
    /// Black.
    Zero,
}

/// Pixels of a row that are looked up together.
const RUN: usize = 16;

/// Resamples luma into `out`, `width * height` bytes, row by row. An empty picture gives black.
pub fn warp_gray(
    src: &GrayImage,
    image_from_out: &Affine,
    (width, height): (usize, usize),
    border: Border,
    out: &mut Vec<u8>,
) {
    out.resize(width * height, 0);
    warp_gray_rows(src, image_from_out, width, &[[0.5; 2]], border, out);
}

/// Resamples luma into whole rows of `width` bytes. Each pixel is the mean of what is seen at `places` within it, where its middle is
/// `[0.5, 0.5]`. An empty picture gives black.
pub fn warp_gray_rows(
    src: &GrayImage,
    image_from_out: &Affine,
    width: usize,
    places: &[[f32; 2]],
    border: Border,
    out: &mut [u8],
) {
    let Some(sampler) = Sampler::<1>::new(src.as_raw(), src.dimensions(), border) else {
        out.fill(0);
        return;
    };
    vectorised(
        #[inline(always)]
        || sampler.fill_gray(image_from_out, width, places, out),
    );
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
    out.resize(width * height * 3, 0.0);
    let Some(sampler) = Sampler::<3>::new(src.as_raw(), src.dimensions(), border) else {
        out.fill(range[0]);
        return;
    };
    vectorised(
        #[inline(always)]
        || sampler.fill_colour(image_from_out, width, range, out),
    );
}

/// Bilinear look-up in an interleaved picture of `C` channels.
struct Sampler<'a, const C: usize> {
    pixels: &'a [u8],
    width: i32,
    height: i32,
    border: Border,
}

/// What is seen at [`RUN`] places, channel by channel.
type Run<const C: usize> = [[f32; RUN]; C];

impl<'a, const C: usize> Sampler<'a, C> {
    fn new(pixels: &'a [u8], (width, height): (u32, u32), border: Border) -> Option<Self> {
        let (w, h) = (i32::try_from(width).ok()?, i32::try_from(height).ok()?);
        // Offsets within the picture are reckoned in i32.
        let len = w.checked_mul(h)?.checked_mul(C as i32)?;
        (len > 0 && pixels.len() >= len as usize).then_some(Self { pixels, width: w, height: h, border })
    }

    /// Where the pixel `column` of a row is looked for, in index coordinates (pixel centres at whole numbers): minus a half, from
    /// a position to the index of the pixel whose centre is left of or above it.
    #[inline(always)]
    fn place(map: &Affine, column: f32, row: f32) -> [f32; 2] {
        let [[a, b, tx], [c, d, ty]] = map.rows;
        [a * column + b * row + tx - 0.5, c * column + d * row + ty - 0.5]
    }

    /// What pixels `first..first + RUN` of a row see.
    #[inline(always)]
    fn run(&self, map: &Affine, first: f32, row: f32) -> Run<C> {
        let (mut x, mut y) = ([0.0f32; RUN], [0.0f32; RUN]);
        for i in 0..RUN {
            [x[i], y[i]] = Self::place(map, first + i as f32, row);
        }
        // The map is affine: with both ends inside, so is what lies between. NaN is not inside.
        let (right, bottom) = ((self.width - 1) as f32, (self.height - 1) as f32);
        let is_inside =
            [0, RUN - 1].iter().all(|&i| x[i] >= 0.0 && y[i] >= 0.0 && x[i] < right && y[i] < bottom);
        if is_inside { self.inside(&x, &y) } else { self.anywhere(&x, &y) }
    }

    /// Values at places that are all inside the picture, a pixel from its right and lower edge.
    #[inline(always)]
    fn inside(&self, x: &[f32; RUN], y: &[f32; RUN]) -> Run<C> {
        let stride = self.width * C as i32;
        let (mut first, mut fx, mut fy) = ([0i32; RUN], [0.0f32; RUN], [0.0f32; RUN]);
        for i in 0..RUN {
            let (left, top) = (x[i] as i32, y[i] as i32);
            first[i] = top * stride + left * C as i32;
            (fx[i], fy[i]) = (x[i] - left as f32, y[i] - top as f32);
        }
        let mut corners = [[[0u8; RUN]; 4]; C];
        for i in 0..RUN {
            let (upper, lower) = (first[i] as usize, (first[i] + stride) as usize);
            // Always there, as the places are inside.
            let (Some(upper), Some(lower)) =
                (self.pixels.get(upper..upper + 2 * C), self.pixels.get(lower..lower + 2 * C))
            else {
                continue;
            };
            for (channel, corners) in corners.iter_mut().enumerate() {
                corners[0][i] = upper[channel];
                corners[1][i] = upper[C + channel];
                corners[2][i] = lower[channel];
                corners[3][i] = lower[C + channel];
            }
        }
        let mut out = [[0.0; RUN]; C];
        for (out, corners) in out.iter_mut().zip(&corners) {
            for i in 0..RUN {
                out[i] = blend([corners[0][i], corners[1][i], corners[2][i], corners[3][i]], fx[i], fy[i]);
            }
        }
        out
    }

    /// Values at places some of which are outside.
    #[inline(never)]
    fn anywhere(&self, x: &[f32; RUN], y: &[f32; RUN]) -> Run<C> {
        let mut out = [[0.0; RUN]; C];
        for i in 0..RUN {
            let (left, top) = (x[i].floor(), y[i].floor());
            let (fx, fy) = (x[i] - left, y[i] - top);
            // Float to integer casts saturate and turn NaN into 0, so wild maps end at the border.
            let (left, top) = (left as i32, top as i32);
            let (right, below) = (left.saturating_add(1), top.saturating_add(1));
            let corners =
                [(left, top), (right, top), (left, below), (right, below)].map(|(x, y)| self.edge(x, y));
            for (channel, out) in out.iter_mut().enumerate() {
                out[i] = blend(corners.map(|corner| corner[channel]), fx, fy);
            }
        }
        out
    }

    fn edge(&self, x: i32, y: i32) -> [u8; C] {
        let (inside_x, inside_y) = (x.clamp(0, self.width - 1), y.clamp(0, self.height - 1));
        if self.border == Border::Zero && (inside_x != x || inside_y != y) {
            return [0; C];
        }
        let first = (inside_y as usize * self.width as usize + inside_x as usize) * C;
        std::array::from_fn(|i| self.pixels.get(first + i).copied().unwrap_or(0))
    }
}

impl Sampler<'_, 1> {
    #[inline(always)]
    fn fill_gray(&self, map: &Affine, width: usize, places: &[[f32; 2]], out: &mut [u8]) {
        let share = 1.0 / places.len().max(1) as f32;
        for (row, line) in out.chunks_exact_mut(width.max(1)).enumerate() {
            for (run, pixels) in line.chunks_mut(RUN).enumerate() {
                let mut sums = [0.0f32; RUN];
                for place in places {
                    let [seen] = self.run(map, (run * RUN) as f32 + place[0], row as f32 + place[1]);
                    for i in 0..RUN {
                        sums[i] += seen[i];
                    }
                }
                // A mean of bytes is within 0..=255; the cast takes NaN for 0.
                let bytes = sums.map(|sum| (sum * share + 0.5) as u8);
                for (pixel, byte) in pixels.iter_mut().zip(bytes) {
                    *pixel = byte;
                }
            }
        }
    }
}

impl Sampler<'_, 3> {
    #[inline(always)]
    fn fill_colour(&self, map: &Affine, width: usize, range: [f32; 2], out: &mut [f32]) {
        let (scale, offset) = ((range[1] - range[0]) / 255.0, range[0]);
        for (row, line) in out.chunks_exact_mut((width * 3).max(1)).enumerate() {
            for (run, pixels) in line.chunks_mut(RUN * 3).enumerate() {
                let seen = self.run(map, (run * RUN) as f32 + 0.5, row as f32 + 0.5);
                for (i, pixel) in pixels.as_chunks_mut::<3>().0.iter_mut().enumerate() {
                    *pixel = [0, 1, 2].map(|channel: usize| seen[channel][i] * scale + offset);
                }
            }
        }
    }
}

#[inline(always)]
fn blend(corners: [u8; 4], fx: f32, fy: f32) -> f32 {
    let [p00, p10, p01, p11] = corners.map(f32::from);
    let upper = p00 + (p10 - p00) * fx;
    let lower = p01 + (p11 - p01) * fx;
    upper + (lower - upper) * fy
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::vector::scalar;

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

    /// Coarse but not regular, so that a wrong corner shows.
    fn texture(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            image::Rgb([0, 1, 2].map(|c: u32| (x * 37 + y * 91 + c * 53 + (x * y) % 29) as u8))
        })
    }

    fn maps() -> Vec<Affine> {
        let turned = [0.0, 0.3, -1.2, 3.0].map(|angle| Affine::similarity(0.7, angle, [21.3, 40.2]));
        // The last two are partly, and wholly, outside of the picture.
        [
            turned.as_slice(),
            &[Affine::similarity(2.3, 0.1, [-30.0, 5.0]), Affine::similarity(1.0, 0.0, [900.0, 0.0])],
        ]
        .concat()
    }

    #[test]
    fn wide_registers_give_the_same_bits() {
        let colour = texture(83, 61);
        let luma = image::DynamicImage::from(colour.clone()).into_luma8();
        for map in maps() {
            for border in [Border::Replicate, Border::Zero] {
                let gray = Sampler::<1>::new(luma.as_raw(), luma.dimensions(), border).unwrap();
                let (mut wide, mut narrow) = (vec![0u8; 50 * 40], vec![0u8; 50 * 40]);
                let places = [[0.25, 0.75], [0.75, 0.25]];
                warp_gray_rows(&luma, &map, 50, &places, border, &mut wide);
                scalar(|| gray.fill_gray(&map, 50, &places, &mut narrow));
                assert_eq!(wide, narrow, "{map:?}");
                let rgb = Sampler::<3>::new(colour.as_raw(), colour.dimensions(), border).unwrap();
                let (mut wide, mut narrow) = (Vec::new(), vec![0.0f32; 50 * 40 * 3]);
                warp_rgb_to_f32(&colour, &map, (50, 40), border, [-1.0, 1.0], &mut wide);
                scalar(|| rgb.fill_colour(&map, 50, [-1.0, 1.0], &mut narrow));
                assert!(wide.iter().zip(&narrow).all(|(a, b)| a.to_bits() == b.to_bits()), "{map:?}");
            }
        }
    }

    #[test]
    fn runs_agree_with_one_look_up_after_the_other() {
        let colour = texture(83, 61);
        for map in maps() {
            let mut out = Vec::new();
            warp_rgb_to_f32(&colour, &map, (50, 40), Border::Replicate, [0.0, 255.0], &mut out);
            for (i, seen) in out.as_chunks::<3>().0.iter().enumerate() {
                let [x, y] = map.apply([(i % 50) as f32 + 0.5, (i / 50) as f32 + 0.5]).map(|v| v - 0.5);
                let (left, top) = (x.floor(), y.floor());
                let at = |dx: f32, dy: f32, c: usize| {
                    let (x, y) = ((left + dx).clamp(0.0, 82.0) as u32, (top + dy).clamp(0.0, 60.0) as u32);
                    f32::from(colour.get_pixel(x, y)[c])
                };
                for (c, seen) in seen.iter().enumerate() {
                    let (fx, fy) = (x - left, y - top);
                    let expected = (1.0 - fy) * ((1.0 - fx) * at(0.0, 0.0, c) + fx * at(1.0, 0.0, c))
                        + fy * ((1.0 - fx) * at(0.0, 1.0, c) + fx * at(1.0, 1.0, c));
                    assert!((seen - expected).abs() < 0.05, "{seen} {expected} at {i} of {map:?}");
                }
            }
        }
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
