//! Pixels of the synthetic frames: four 16-bit lanes in one word, so that one multiplication weighs all channels.
//!
//! Lanes from the lowest: red, green, blue (RGB); luma alone (gray); Y, U, V in limited range (YUYV).

use super::noise::NOISE_BIAS;
use crate::types::PixelFormat;

/// Low byte of each 16-bit lane.
const LANES: u64 = 0x00FF_00FF_00FF_00FF;
/// One half in each lane, for rounding.
const HALF: u64 = 0x0080_0080_0080_0080;

/// The resampled portrait, one word a pixel.
pub(super) struct Base {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Base pixels around the frame at rest.
    pub(super) margin: usize,
    pub(super) data: Vec<u64>,
}

impl Base {
    /// Bilinear sample at a position in 16.16 fixed point, exact to 1/256 px; black outside.
    #[inline(always)]
    pub(super) fn sample(&self, u: i32, v: i32) -> u64 {
        let (x, y) = ((u >> 16) as usize, (v >> 16) as usize);
        let start = y * self.width + x;
        let (Some(&[a, b]), Some(&[c, d])) = (
            self.data.get(start..).and_then(<[u64]>::first_chunk::<2>),
            self.data.get(start + self.width..).and_then(<[u64]>::first_chunk::<2>),
        ) else {
            return 0;
        };
        let (fx, fy) = ((u >> 8 & 0xFF) as u64, (v >> 8 & 0xFF) as u64);
        lerp(lerp(a, b, fx), lerp(c, d, fx), fy)
    }
}

/// `a` at weight 0, `b` at weight 256, lane by lane. No lane overflows: 255 * 256 + 128 < 65,536.
#[inline(always)]
pub(super) fn lerp(a: u64, b: u64, weight: u64) -> u64 {
    (a * (256 - weight) + b * weight + HALF) >> 8 & LANES
}

/// An RGB colour in `[0, 255]` in the lanes of `format`.
pub(super) fn packed(rgb: [f32; 3], format: PixelFormat) -> u64 {
    let [r, g, b] = rgb;
    let y = 0.299 * r + 0.587 * g + 0.114 * b;
    let lanes = match format {
        PixelFormat::Rgb8 => rgb,
        // ITU-R BT.601-7, limited range.
        PixelFormat::Yuyv => [
            16.0 + y * (219.0 / 255.0),
            128.0 + (b - y) / 1.772 * (224.0 / 255.0),
            128.0 + (r - y) / 1.402 * (224.0 / 255.0),
        ],
        _ => [y, 0.0, 0.0],
    };
    lanes.iter().rev().fold(0, |word, &v| word << 16 | v.round().clamp(0.0, 255.0) as u64)
}

/// The pixel with `levels` less light.
pub(super) fn darker(pixel: u64, levels: f32, format: PixelFormat) -> u64 {
    let [r, g, b] = lanes(pixel);
    let less = |v: usize| v.saturating_sub(levels.round() as usize) as u64;
    match format {
        PixelFormat::Rgb8 => less(r) | less(g) << 16 | less(b) << 32,
        _ => less(r) | (g as u64) << 16 | (b as u64) << 32,
    }
}

#[inline(always)]
fn lanes(pixel: u64) -> [usize; 3] {
    [pixel & 0xFF, pixel >> 16 & 0xFF, pixel >> 32 & 0xFF].map(|v| v as usize)
}

/// Clamped byte of a value plus biased noise, for every sum that can occur.
pub(super) fn clamp_table() -> [u8; 512] {
    std::array::from_fn(|v| v.saturating_sub(NOISE_BIAS).min(255) as u8)
}

/// One row as RGB bytes; all channels get the same noise, as luma noise dominates in a camera's output.
pub(super) fn emit_rgb(row: &[u64], noise: &[u8], clamped: &[u8; 512], out: &mut [u8]) {
    for ((pixel, noise), out) in row.iter().zip(noise).zip(out.as_chunks_mut::<3>().0) {
        *out = lanes(*pixel).map(|v| clamped[(v + usize::from(*noise)) & 511]);
    }
}

/// One row as luma bytes.
pub(super) fn emit_gray(row: &[u64], noise: &[u8], clamped: &[u8; 512], out: &mut [u8]) {
    for ((pixel, noise), out) in row.iter().zip(noise).zip(out) {
        *out = clamped[(lanes(*pixel)[0] + usize::from(*noise)) & 511];
    }
}

/// One row as YUYV: noise on luma, chroma averaged over each pair.
pub(super) fn emit_yuyv(row: &[u64], noise: &[u8], clamped: &[u8; 512], out: &mut [u8]) {
    let pairs = row.as_chunks::<2>().0.iter().zip(noise.as_chunks::<2>().0);
    for ((&[a, b], &[noise_a, noise_b]), out) in pairs.zip(out.as_chunks_mut::<4>().0) {
        let ([ya, ua, va], [yb, ub, vb]) = (lanes(a), lanes(b));
        let y = |v: usize, noise: u8| clamped[(v + usize::from(noise)) & 511];
        *out = [y(ya, noise_a), (ua + ub).div_ceil(2) as u8, y(yb, noise_b), (va + vb).div_ceil(2) as u8];
    }
}
