//! Sharpness and exposure of a gray picture, given as rows of bytes.

use super::vector::vectorised;

/// Pixels whose moments are summed in 32 bits.
const RUN: usize = 1024;

/// Luma below this is clipped dark: sensors and video-range conversion leave a few levels of noise at the ends.
pub const CLIPPED_BELOW: u8 = 4;
/// Luma above this is clipped bright.
pub const CLIPPED_ABOVE: u8 = 251;

/// What rounding to whole luma levels adds to the Laplacian's variance: 1/12 a pixel, times 4^2 + 4 weights.
const ROUNDING_VARIANCE: f64 = 20.0 / 12.0;

/// Variance of the Laplacian over the variance of the picture itself; unitless, not negative, higher is sharper.
///
/// The Laplacian is `4 p - left - right - up - down` inside the picture. Its variance is the common measure of focus
/// (Pech-Pacheco et al. 2000); dividing by the picture's variance removes contrast and exposure. What rounding to
/// bytes adds is taken off, or blurred pictures would all seem equally sharp. White noise gives 20, a smooth ramp 0. A
/// picture of under 3 x 3 pixels, or without any contrast, gives 0.
pub fn sharpness(pixels: &[u8], width: usize) -> f32 {
    let rows = pixels.len().checked_div(width).unwrap_or(0);
    if width < 3 || rows < 3 {
        return 0.0;
    }
    let [laplacian, own] = vectorised(
        #[inline(always)]
        || moments(pixels, width, rows),
    );
    let contrast = own.variance();
    if contrast > 0.0 { ((laplacian.variance() - ROUNDING_VARIANCE).max(0.0) / contrast) as f32 } else { 0.0 }
}

/// Moments of the Laplacian and of the picture, inside its edge; there are at least three rows of at least three pixels.
#[inline(always)]
fn moments(pixels: &[u8], width: usize, rows: usize) -> [Moments; 2] {
    let (mut laplacian, mut own) = (Moments::default(), Moments::default());
    for three in (0..rows - 2).filter_map(|row| pixels.get(row * width..(row + 3) * width)) {
        let (above, rest) = three.split_at(width);
        let (line, below) = rest.split_at(width);
        for first in (1..width - 1).step_by(RUN) {
            let end = (first + RUN).min(width - 1);
            let (left, centre, right) =
                (&line[first - 1..end - 1], &line[first..end], &line[first + 1..end + 1]);
            let (up, down) = (&above[first..end], &below[first..end]);
            // |Laplacian| is at most 1020, so 1024 squares stay below 2^31.
            let (mut sum, mut sum_of_squares, mut own_sum, mut own_squares) = (0i32, 0i32, 0i32, 0i32);
            for ((((&up, &down), &left), &right), &centre) in
                up.iter().zip(down).zip(left).zip(right).zip(centre)
            {
                let centre = i32::from(centre);
                let value = 4 * centre - i32::from(left) - i32::from(right) - i32::from(up) - i32::from(down);
                sum += value;
                sum_of_squares += value * value;
                own_sum += centre;
                own_squares += centre * centre;
            }
            laplacian.add(end - first, sum, sum_of_squares);
            own.add(end - first, own_sum, own_squares);
        }
    }
    [laplacian, own]
}

#[derive(Default)]
struct Moments {
    count: f64,
    sum: f64,
    sum_of_squares: f64,
}

impl Moments {
    #[inline(always)]
    fn add(&mut self, count: usize, sum: i32, sum_of_squares: i32) {
        self.count += count as f64;
        self.sum += f64::from(sum);
        self.sum_of_squares += f64::from(sum_of_squares);
    }

    fn variance(&self) -> f64 {
        let mean = self.sum / self.count;
        (self.sum_of_squares / self.count - mean * mean).max(0.0)
    }
}

/// Mean luma, `[0, 255]`; 0 for no pixels.
pub fn luma_mean(pixels: &[u8]) -> f32 {
    if pixels.is_empty() {
        return 0.0;
    }
    let sum: u64 = pixels.iter().map(|&value| u64::from(value)).sum();
    (sum as f64 / pixels.len() as f64) as f32
}

/// Share of pixels under [`CLIPPED_BELOW`] or over [`CLIPPED_ABOVE`], `[0, 1]`; 0 for no pixels.
pub fn clipped_share(pixels: &[u8]) -> f32 {
    if pixels.is_empty() {
        return 0.0;
    }
    let clipped = pixels.iter().filter(|&&value| !(CLIPPED_BELOW..=CLIPPED_ABOVE).contains(&value)).count();
    (clipped as f64 / pixels.len() as f64) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(len: usize) -> Vec<u8> {
        let mut state = 7u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        (0..len).map(|_| next()).collect()
    }

    #[test]
    fn white_noise_gives_twenty_and_a_ramp_nothing() {
        let value = sharpness(&noise(128 * 128), 128);
        assert!((value - 20.0).abs() < 0.6, "{value}");
        let ramp: Vec<u8> = (0..64 * 64).map(|i| (2 * (i % 64) + i / 64) as u8).collect();
        assert_eq!(sharpness(&ramp, 64), 0.0);
    }

    #[test]
    fn blur_lowers_it_and_contrast_does_not_change_it() {
        let sharp = noise(64 * 64);
        let blurred: Vec<u8> = (0..sharp.len())
            .map(|i| ((u32::from(sharp[i]) + u32::from(sharp[(i + 1) % sharp.len()])) / 2) as u8)
            .collect();
        assert!(sharpness(&blurred, 64) < 0.8 * sharpness(&sharp, 64));
        let dim: Vec<u8> = sharp.iter().map(|v| v / 2 + 30).collect();
        assert!((sharpness(&dim, 64) / sharpness(&sharp, 64) - 1.0).abs() < 0.02);
    }

    #[test]
    fn tiny_and_flat_pictures_give_zero() {
        assert_eq!(sharpness(&[], 0), 0.0);
        assert_eq!(sharpness(&[9], 1), 0.0);
        assert_eq!(sharpness(&[9; 100], 10), 0.0);
        assert_eq!((luma_mean(&[]), clipped_share(&[])), (0.0, 0.0));
    }

    #[test]
    fn exposure_of_a_known_picture() {
        let pixels = [0, 3, 4, 100, 251, 252, 255, 105];
        assert_eq!(luma_mean(&pixels), 121.25);
        assert_eq!(clipped_share(&pixels), 0.5);
    }
}
