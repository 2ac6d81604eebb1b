//! What happens to the picture as a whole: steps of light, flicker, darkness, sensor noise.

use std::f64::consts::TAU;

use image::RgbImage;

use super::distractor::{Distractor, Distractors};
use super::motions::{LightStep, light_at};
use super::random::Stream;
use crate::image::convert::luma_of_rgb;

/// Lamps on 50 Hz mains are brightest twice a period.
const FLICKER_HZ: f64 = 100.0;
/// The mains keep their frequency to this share.
const FLICKER_DRIFT: f64 = 0.001;
/// Seconds in which a rolling shutter reads the picture from top to bottom.
const READOUT_S: f64 = 0.012;
/// Noise of a dark picture where no other was asked for, in levels of 255.
const LOW_LIGHT_NOISE: f64 = 4.0;
/// Values in the noise table.
const TABLE_LEN: usize = 1 << 16;

/// Light and sensor of one clip.
pub(super) struct Light {
    steps: Vec<LightStep>,
    /// Depth, frequency in Hz and phase.
    flicker: Option<[f64; 3]>,
    /// Mean luma that the picture is darkened to.
    low_luma: Option<f64>,
    gain: Option<f64>,
    noise: Vec<f32>,
    noise_seed: u64,
}

impl Light {
    pub(super) fn new(seed: u64, steps: Vec<LightStep>, distractors: &Distractors) -> Self {
        let flicker = distractors.strength(Distractor::Flicker).map(|percent| {
            let mut random = Stream::new(seed, Distractor::Flicker.name());
            [
                percent / 100.0,
                FLICKER_HZ * (1.0 + random.within(-FLICKER_DRIFT, FLICKER_DRIFT)),
                random.within(0.0, TAU),
            ]
        });
        let low_luma = distractors.strength(Distractor::LowLight);
        let sigma = distractors.strength(Distractor::Noise).or(low_luma.map(|_| LOW_LIGHT_NOISE));
        let mut random = Stream::new(seed, Distractor::Noise.name());
        let noise_seed = random.bits();
        let noise = sigma.map_or_else(Vec::new, |sigma| {
            (0..TABLE_LEN).map(|_| (sigma * random.normal()) as f32).collect()
        });
        Self { steps, flicker, low_luma, gain: None, noise, noise_seed }
    }

    /// Lights the picture as at `time_s`; the noise is that of the frame `index`.
    pub(super) fn apply(&mut self, time_s: f64, index: usize, picture: &mut RgbImage) {
        let darkness = match self.low_luma {
            None => 1.0,
            // The first picture sets the exposure of the clip.
            Some(luma) => *self.gain.get_or_insert_with(|| (luma / mean_luma(picture).max(1.0)).min(1.0)),
        };
        let light = darkness * light_at(&self.steps, time_s);
        let (width, height) = (picture.width() as usize, picture.height());
        if self.flicker.is_none() && self.noise.is_empty() && light == 1.0 {
            return;
        }
        for (row, line) in picture.chunks_exact_mut((3 * width).max(1)).enumerate() {
            let flicker = self.flicker.map_or(1.0, |[depth, hz, phase]| {
                let at_s = time_s + READOUT_S * row as f64 / f64::from(height);
                1.0 + depth * (TAU * hz * at_s + phase).cos()
            });
            let gain = (light * flicker) as f32;
            let noise = self.row_of_noise(index, row, width);
            let mut noise = noise.iter().copied();
            for pixel in line.as_chunks_mut::<3>().0 {
                let noise = noise.next().unwrap_or(0.0);
                *pixel = pixel.map(|value| (f32::from(value) * gain + noise + 0.5).clamp(0.0, 255.0) as u8);
            }
        }
    }

    /// A slice of the table from a place that the frame and the row decide.
    fn row_of_noise(&self, index: usize, row: usize, width: usize) -> &[f32] {
        let room = self.noise.len().saturating_sub(width).max(1) as u64;
        let start = (Stream::hashed(self.noise_seed ^ Stream::hashed((index as u64) << 20 ^ row as u64))
            % room) as usize;
        self.noise.get(start..(start + width).min(self.noise.len())).unwrap_or_default()
    }
}

fn mean_luma(picture: &RgbImage) -> f64 {
    let sum: u64 = picture.pixels().map(|pixel| u64::from(luma_of_rgb(pixel.0))).sum();
    sum as f64 / f64::from(picture.width() * picture.height()).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn light(names: &[&str], steps: Vec<LightStep>) -> Light {
        Light::new(1, steps, &Distractors::new(names.iter().map(|name| name.parse().unwrap())))
    }

    fn gray(level: u8) -> RgbImage {
        RgbImage::from_pixel(320, 240, image::Rgb([level; 3]))
    }

    #[test]
    fn without_distractors_nothing_changes() {
        let mut picture = gray(77);
        light(&[], Vec::new()).apply(1.0, 3, &mut picture);
        assert_eq!(picture, gray(77));
    }

    #[test]
    fn noise_has_its_sigma_and_differs_from_frame_to_frame() {
        let mut light = light(&["noise=3"], Vec::new());
        let noisy = [0, 1].map(|index| {
            let mut picture = gray(128);
            light.apply(0.0, index, &mut picture);
            picture
        });
        assert_ne!(noisy[0], noisy[1]);
        let deviations = noisy[0].pixels().map(|p| (f64::from(p.0[0]) - 128.0).powi(2)).sum::<f64>();
        let sigma = (deviations / f64::from(320 * 240)).sqrt();
        assert!((2.9..3.1).contains(&sigma), "{sigma}");
    }

    #[test]
    fn low_light_is_as_dark_as_asked() {
        let mut picture = gray(150);
        light(&["low_light=40"], Vec::new()).apply(0.0, 0, &mut picture);
        assert!((mean_luma(&picture) - 40.0).abs() < 1.0, "{}", mean_luma(&picture));
    }

    #[test]
    fn steps_and_flicker_change_the_light() {
        let step = LightStep { onset_s: 1.0, offset_s: 1.0, gain: 1.1 };
        let mut picture = gray(100);
        light(&[], vec![step]).apply(2.0, 0, &mut picture);
        assert_eq!(picture, gray(110));
        let mut flickering = light(&["flicker=5"], Vec::new());
        let means: Vec<f64> = (0..60)
            .map(|i| {
                let mut picture = gray(100);
                // 27 frames a second: 100 Hz shows up as 8 Hz.
                flickering.apply(f64::from(i) / 27.0, 0, &mut picture);
                mean_luma(&picture)
            })
            .collect();
        let (low, high) =
            (means.iter().copied().fold(f64::MAX, f64::min), means.iter().copied().fold(0.0, f64::max));
        assert!(high - low > 1.0 && high < 106.0, "{low} to {high}");
    }
}
