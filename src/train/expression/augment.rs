//! Training pictures as webcams might show them: misplaced, badly lit, blurred, compressed, noisy, partly hidden.

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, GrayImage};
use rand::RngExt;
use rand_pcg::Pcg64;

use super::faces::{Face, VIEW_MARGIN, VIEW_SCALE};
use crate::expression::{FaceRegion, normalise};
use crate::image::warp::{Border, warp_gray_rows};
use crate::types::Affine;

/// What is done to a picture, how often, and how much of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AugmentParams {
    /// Largest turn, in degrees.
    pub turn_deg: f32,
    /// Largest change of size, as a share.
    pub size: f32,
    /// Largest change of width against height, as a share.
    pub stretch: f32,
    /// Largest shift, in pixels of the input.
    pub shift_px: f32,
    /// Chance of another gamma, and the largest logarithm of it.
    pub gamma: (f64, f32),
    /// Chance of light from a side, and the largest change at the picture's edge, as a share.
    pub side_light: (f64, f32),
    /// Chance of low light: a fifth to a half of it, in whole steps of luma, with noise.
    pub low_light: f64,
    /// Chance of blur, and the largest standard deviation, in pixels of the input.
    pub blur: (f64, f32),
    /// Chance of noise, and the largest standard deviation, in steps of luma.
    pub noise: (f64, f32),
    /// Chance of JPEG compression, and its quality.
    pub jpeg: (f64, [u8; 2]),
    /// Chance that a rectangle is hidden, and the largest share of the width and height (Zhong et al. 2020, arXiv:1708.04896).
    pub hidden: (f64, f32),
}

impl Default for AugmentParams {
    fn default() -> Self {
        Self {
            turn_deg: 10.0,
            size: 0.1,
            stretch: 0.06,
            shift_px: 3.0,
            gamma: (0.5, 0.5),
            side_light: (0.25, 0.4),
            low_light: 0.1,
            blur: (0.2, 1.2),
            noise: (0.2, 8.0),
            jpeg: (0.1, [20, 70]),
            hidden: (0.25, 0.45),
        }
    }
}

/// Share of the epochs at the end in which less is done to the pictures, and how much of it is left. Networks end better on pictures as
/// they are after having learned from changed ones (He et al. 2019, arXiv:1909.09148); what webcams do must not be forgotten, though.
const CALM_EPOCHS: f32 = 0.3;
const CALM_SHARE: f32 = 0.4;

impl AugmentParams {
    /// What is done in an epoch, counted from 0, of so many: less in the last ones.
    pub(super) fn in_epoch(&self, epoch: usize, epochs: usize) -> Self {
        if (epoch as f32) < (1.0 - CALM_EPOCHS) * epochs as f32 {
            return *self;
        }
        let chance = f64::from(CALM_SHARE);
        Self {
            turn_deg: CALM_SHARE * self.turn_deg,
            size: CALM_SHARE * self.size,
            stretch: CALM_SHARE * self.stretch,
            shift_px: CALM_SHARE * self.shift_px,
            gamma: (chance * self.gamma.0, self.gamma.1),
            side_light: (chance * self.side_light.0, self.side_light.1),
            low_light: chance * self.low_light,
            blur: (chance * self.blur.0, self.blur.1),
            noise: (chance * self.noise.0, self.noise.1),
            jpeg: (chance * self.jpeg.0, self.jpeg.1),
            hidden: (chance * self.hidden.0, self.hidden.1),
        }
    }
}

/// Where each pixel of the input is sampled: means of four places, as live input is a mean of sixteen.
const PLACES: [[f32; 2]; 4] = [[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]];

/// A face as the classifier would see it, nothing changed; or mirrored.
pub(super) fn plain(face: &Face, region: FaceRegion, is_mirrored: bool, input: &mut Vec<f32>) {
    let view = View { angle: 0.0, size: [1.0; 2], shift: [0.0; 2], is_mirrored };
    let (pixels, rows) = view.sample(face, region);
    let plane: Vec<f32> = pixels.iter().map(|v| f32::from(*v)).collect();
    normalise(&plane, rows * region.framing().width, input);
}

/// A face as a webcam might show it.
pub(super) fn augmented(
    face: &Face,
    region: FaceRegion,
    params: &AugmentParams,
    rng: &mut Pcg64,
    input: &mut Vec<f32>,
) {
    let mut within = |most: f32| most * (2.0 * rng.random::<f32>() - 1.0);
    let (size, stretch) = (1.0 + within(params.size), within(params.stretch));
    let view = View {
        angle: within(params.turn_deg).to_radians(),
        size: [size * (1.0 + stretch), size * (1.0 - stretch)],
        shift: [within(params.shift_px), within(params.shift_px)],
        is_mirrored: within(1.0) > 0.0,
    };
    let (pixels, rows) = view.sample(face, region);
    let framing = region.framing();
    let (width, height) = (framing.width, framing.height);
    let mut plane: Vec<f32> = pixels.iter().map(|v| f32::from(*v)).collect();
    relight(&mut plane, (width, height), params, rng);
    if rng.random_bool(params.blur.0) {
        blur(&mut plane, width, (params.blur.1 * rng.random::<f32>()).max(0.3));
    }
    if rng.random_bool(params.noise.0) {
        add_noise(&mut plane, params.noise.1 * rng.random::<f32>(), rng);
    }
    if rng.random_bool(params.low_light) {
        let light = 0.2 + 0.3 * rng.random::<f32>();
        plane.iter_mut().for_each(|v| *v *= light);
        add_noise(&mut plane, 1.0 + 2.0 * rng.random::<f32>(), rng);
    }
    plane.iter_mut().for_each(|v| *v = v.round().clamp(0.0, 255.0));
    if rng.random_bool(params.jpeg.0) {
        let [low, high] = params.jpeg.1;
        compress(&mut plane, (width, height), rng.random_range(low..=high));
    }
    if rng.random_bool(params.hidden.0) {
        hide(&mut plane, (width, height), params.hidden.1, rng);
    }
    normalise(&plane, rows * width, input);
}

/// How a face is placed in the input.
struct View {
    angle: f32,
    size: [f32; 2],
    shift: [f32; 2],
    is_mirrored: bool,
}

impl View {
    /// The input's pixels, and how many rows of them may be seen: for the eyes, none below the nose base.
    fn sample(&self, face: &Face, region: FaceRegion) -> (Vec<u8>, usize) {
        let framing = region.framing();
        let middle = [framing.width as f32 / 2.0, framing.height as f32 / 2.0];
        let scale = VIEW_SCALE as f32;
        let centre = middle.map(|at| VIEW_MARGIN as f32 + scale * at);
        let (sin, cos) = self.angle.sin_cos();
        let across = if self.is_mirrored { -self.size[0] } else { self.size[0] };
        let [a, b] = [scale * cos * across, -scale * sin * self.size[1]];
        let [c, d] = [scale * sin * across, scale * cos * self.size[1]];
        let [x, y] = [middle[0] + self.shift[0], middle[1] + self.shift[1]];
        let view_from_input =
            Affine { rows: [[a, b, centre[0] - a * x - b * y], [c, d, centre[1] - c * x - d * y]] };
        let mut pixels = vec![0; framing.width * framing.height];
        warp_gray_rows(&face.view, &view_from_input, framing.width, &PLACES, Border::Replicate, &mut pixels);
        let rows = match (region, view_from_input.inverse()) {
            (FaceRegion::Eyes, Some(input_from_view)) => {
                // On the midline, and a row for the neighbours that sampling reads.
                let [_, row] = input_from_view.apply([centre[0], face.nose_y]);
                ((row - 1.0).max(0.0) as usize).min(framing.height)
            }
            _ => framing.height,
        };
        (pixels, rows)
    }
}

fn relight(plane: &mut [f32], (width, height): (usize, usize), params: &AugmentParams, rng: &mut Pcg64) {
    if rng.random_bool(params.gamma.0) {
        let gamma = (params.gamma.1 * (2.0 * rng.random::<f32>() - 1.0)).exp();
        plane.iter_mut().for_each(|v| *v = 255.0 * (*v / 255.0).powf(gamma));
    }
    if rng.random_bool(params.side_light.0) {
        let from = std::f32::consts::TAU * rng.random::<f32>();
        let most = params.side_light.1 * rng.random::<f32>();
        let (down, across) = from.sin_cos();
        for (y, row) in plane.chunks_exact_mut(width).enumerate() {
            let y = 2.0 * y as f32 / height as f32 - 1.0;
            for (x, v) in row.iter_mut().enumerate() {
                let x = 2.0 * x as f32 / width as f32 - 1.0;
                *v = (*v * (1.0 + most * (across * x + down * y))).min(255.0);
            }
        }
    }
}

/// A Gaussian, along rows and then along columns.
fn blur(plane: &mut [f32], width: usize, deviation: f32) {
    let weight = |at: usize| (-0.5 * (at as f32 / deviation).powi(2)).exp();
    let weights = [weight(0), weight(1), weight(2), weight(3)];
    let sum = weights[0] + 2.0 * (weights[1] + weights[2] + weights[3]);
    let height = plane.len() / width.max(1);
    for (lines, count, [line_step, step]) in [(height, width, [width, 1]), (width, height, [1, width])] {
        for line in 0..lines {
            let values: Vec<f32> = (0..count).map(|at| plane[line * line_step + at * step]).collect();
            for at in 0..count {
                let pair = |away: usize| values[at.saturating_sub(away)] + values[(at + away).min(count - 1)];
                let total: f32 = (1..4).map(|away| weights[away] * pair(away)).sum();
                plane[line * line_step + at * step] = (weights[0] * values[at] + total) / sum;
            }
        }
    }
}

fn add_noise(plane: &mut [f32], deviation: f32, rng: &mut Pcg64) {
    for v in plane {
        // The sum of four evenly distributed values is close to normal; its variance is a third.
        let sum: f32 = (0..4).map(|_| rng.random::<f32>() - 0.5).sum();
        *v += deviation * 1.732 * sum;
    }
}

fn compress(plane: &mut [f32], (width, height): (usize, usize), quality: u8) {
    let pixels: Vec<u8> = plane.iter().map(|v| *v as u8).collect();
    let mut bytes = Vec::new();
    let (wide, high) = (width as u32, height as u32);
    let encoded =
        JpegEncoder::new_with_quality(&mut bytes, quality).encode(&pixels, wide, high, ExtendedColorType::L8);
    let decoded: Option<GrayImage> =
        encoded.and_then(|()| image::load_from_memory(&bytes)).ok().map(|decoded| decoded.into_luma8());
    // A picture of this size can be encoded and decoded; else it would stay as it is.
    for (v, new) in plane.iter_mut().zip(decoded.iter().flat_map(|decoded| decoded.as_raw())) {
        *v = f32::from(*new);
    }
}

fn hide(plane: &mut [f32], (width, height): (usize, usize), most: f32, rng: &mut Pcg64) {
    let mut side =
        |all: usize| ((all as f32 * (0.1 + (most - 0.1) * rng.random::<f32>())) as usize).clamp(1, all);
    let (w, h) = (side(width), side(height));
    let (left, top) = (rng.random_range(0..=width - w), rng.random_range(0..=height - h));
    let level = 255.0 * rng.random::<f32>();
    for row in plane.chunks_exact_mut(width).skip(top).take(h) {
        row[left..left + w].fill(level);
    }
}
