//! Whether a face still looks as it did when it was last measured: landmarks of a face that has not changed need no measuring.

use crate::image::vector::vectorised;
use crate::types::CROP_SIZE_PX;

/// Side of a block, in crop pixels: an eighth of the inner-canthal distance. An iris is as large, and the mean of its 64 pixels has an
/// eighth of the sensor's noise.
const BLOCK_PX: usize = 8;
/// Blocks in a row, and rows of them.
const BLOCKS: usize = CROP_SIZE_PX / BLOCK_PX;
/// Middle and half axes of the ellipse that counts, in crop pixels: an upright face of usual shape from the brows to below the lips.
/// Outside lies background, which moves against a head that moves.
const FACE_MIDDLE_PX: [f32; 2] = [128.0, 112.0];
const FACE_HALF_PX: [f32; 2] = [104.0, 140.0];

/// Compares the aligned crop of each frame with that of the frame that was measured last.
#[derive(Clone, Debug, Default)]
pub struct ChangeMonitor {
    /// Mean luma of each block, in the newest frame.
    newest: Vec<f32>,
    /// The same in the frame that was measured last.
    measured: Vec<f32>,
}

impl ChangeMonitor {
    /// Takes a frame's aligned crop (256 x 256 luma, row by row) and tells how far it has changed since
    /// [`ChangeMonitor::measured`]: the largest change of any block on the face, in luma levels, where a change that is common to all
    /// (exposure) does not count. `None` before anything was measured, and for a crop of another size, after which
    /// nothing is known.
    pub fn push(&mut self, pixels: &[u8]) -> Option<f32> {
        if pixels.len() != CROP_SIZE_PX * CROP_SIZE_PX {
            self.newest.clear();
            self.measured.clear();
            return None;
        }
        self.newest.resize(BLOCKS * BLOCKS, 0.0);
        let newest = &mut self.newest;
        vectorised(
            #[inline(always)]
            || block_means(pixels, newest),
        );
        (self.measured.len() == self.newest.len()).then(|| largest_change(&self.measured, &self.newest))
    }

    /// The newest frame is the one that is measured now.
    pub fn measured(&mut self) {
        self.measured.clone_from(&self.newest);
    }
}

#[inline(always)]
fn block_means(pixels: &[u8], means: &mut [f32]) {
    for (rows, means) in pixels.chunks_exact(CROP_SIZE_PX * BLOCK_PX).zip(means.chunks_exact_mut(BLOCKS)) {
        let mut columns = [0u16; CROP_SIZE_PX];
        for row in rows.chunks_exact(CROP_SIZE_PX) {
            for (sum, pixel) in columns.iter_mut().zip(row) {
                *sum += u16::from(*pixel);
            }
        }
        for (mean, block) in means.iter_mut().zip(columns.chunks_exact(BLOCK_PX)) {
            let sum: u32 = block.iter().map(|sum| u32::from(*sum)).sum();
            *mean = sum as f32 / (BLOCK_PX * BLOCK_PX) as f32;
        }
    }
}

/// Whether a block's middle lies on the face.
fn is_on_face(index: usize) -> bool {
    let at = [index % BLOCKS, index / BLOCKS].map(|i| ((i * BLOCK_PX) + BLOCK_PX / 2) as f32);
    let [x, y] = [0, 1].map(|axis| (at[axis] - FACE_MIDDLE_PX[axis]) / FACE_HALF_PX[axis]);
    x * x + y * y <= 1.0
}

fn largest_change(before: &[f32], now: &[f32]) -> f32 {
    let changes = || {
        before.iter().zip(now).enumerate().filter(|(index, _)| is_on_face(*index)).map(|(_, (a, b))| b - a)
    };
    let (sum, count) = changes().fold((0.0, 0.0), |(sum, count), change| (sum + change, count + 1.0));
    let common = sum / f32::max(count, 1.0);
    changes().fold(0.0, |largest, change| largest.max((change - common).abs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SIDE: usize = CROP_SIZE_PX;

    /// A picture with texture, the square from `[100, 40]` moved down by `down` pixels.
    fn picture(down: usize, lighter: u8) -> Vec<u8> {
        let value = |x: usize, y: usize| {
            let in_square = (100..130).contains(&x) && (40 + down..52 + down).contains(&y);
            let texture = (x * 7 + y * 13) % 5;
            (if in_square { 60 } else { 140 }) + texture as u8 + lighter
        };
        (0..SIDE * SIDE).map(|i| value(i % SIDE, i / SIDE)).collect()
    }

    fn change(before: &[u8], now: &[u8]) -> Option<f32> {
        let mut monitor = ChangeMonitor::default();
        assert_eq!(monitor.push(before), None);
        monitor.measured();
        monitor.push(now)
    }

    #[test]
    fn a_brow_that_moves_by_two_pixels_is_a_change_and_more_light_is_none() {
        let rest = picture(0, 0);
        assert_eq!(change(&rest, &rest), Some(0.0));
        assert!(change(&rest, &picture(2, 0)).unwrap() > 10.0);
        assert!(change(&rest, &picture(0, 30)).unwrap() < 1e-3);
    }

    #[test]
    fn what_happens_beside_the_face_does_not_count() {
        let (rest, mut now) = (picture(0, 0), picture(0, 0));
        for row in now.chunks_exact_mut(SIDE) {
            row[..16].fill(255);
        }
        assert_eq!(change(&rest, &now), Some(0.0));
    }

    #[test]
    fn a_crop_of_another_size_is_no_crop_and_nothing_is_known_after_it() {
        let mut monitor = ChangeMonitor::default();
        monitor.push(&picture(0, 0));
        monitor.measured();
        assert_eq!(monitor.push(&[0; 12]), None);
        assert_eq!(monitor.push(&picture(0, 0)), None);
    }

    proptest! {
        #[test]
        fn sensor_noise_stays_far_below_the_threshold(seed in any::<u32>()) {
            let noisy = |seed: u32| -> Vec<u8> {
                let mut state = seed | 1;
                let noise = |p: u8| {
                    state ^= state << 13;
                    state ^= state >> 17;
                    state ^= state << 5;
                    // Standard deviation 4.
                    (i32::from(p) + (state % 15) as i32 - 7) as u8
                };
                picture(0, 0).into_iter().map(noise).collect()
            };
            prop_assert!(change(&noisy(seed), &noisy(seed ^ 0x5bd1_e995)).unwrap() < 4.0);
        }
    }
}
