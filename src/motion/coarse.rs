//! Follows the whole upper face at a quarter of the resolution, so that the patches start within reach.
//!
//! Inverse-compositional Gauss-Newton for a similarity over brows, eyes and nose (Baker and Matthews, IJCV 2004), gain and
//! bias estimated along. Pixels that do not fit are trusted less (Geman and McClure's weights): a glance to the side or a
//! blink moves the strongest edges of the face, and would otherwise pull the head along. The template is cut from the
//! frame before; what errors that leaves are taken out by the patches, which answer to the reference.

use super::linear::solve;
use super::plane::Plane;
use crate::types::Affine;

/// Width and height of the template, in quarter-resolution pixels: 3.25 ICD by 2 ICD.
const WIDTH: usize = 52;
const HEIGHT: usize = 32;
const COUNT: usize = WIDTH * HEIGHT;
/// Rows of the template above the eyes.
const ABOVE_EYES: f32 = 13.0;
const MAX_STEPS: usize = 12;
/// A step that moves no corner further than this ends the search, in quarter-resolution pixels.
const CONVERGED_PX: f32 = 0.02;
/// Residuals are weighed against this many times their mean size, but at least this many luma steps.
const SPREADS: f32 = 2.0;
const MIN_SPREAD_LUMA: f32 = 2.0;

/// The upper face as the frame before showed it.
#[derive(Clone, Debug)]
pub struct FaceTemplate {
    left: f32,
    top: f32,
    is_cut: bool,
    values: Vec<f32>,
    /// Derivatives by scale, rotation, x and y.
    descent: Vec<[f32; 4]>,
    /// The picture at the template's places, and the weight of each.
    picture: Vec<f32>,
    weights: Vec<f32>,
}

impl FaceTemplate {
    /// An empty template, to be [cut](Self::cut).
    pub fn new() -> Self {
        Self {
            left: 0.0,
            top: 0.0,
            is_cut: false,
            values: vec![0.0; COUNT],
            descent: vec![[0.0; 4]; COUNT],
            picture: vec![0.0; COUNT],
            weights: vec![1.0; COUNT],
        }
    }

    fn centre(&self) -> [f32; 2] {
        [self.left + WIDTH as f32 / 2.0, self.top + HEIGHT as f32 / 2.0]
    }

    /// Cuts it around `eyes`, the point between the eyes in quarter-resolution coordinates.
    pub fn cut(&mut self, plane: &Plane, eyes: [f32; 2]) {
        self.left = (eyes[0] - WIDTH as f32 / 2.0).round();
        self.top = (eyes[1] - ABOVE_EYES).round();
        self.is_cut = true;
        let centre = self.centre();
        for (i, (value, descent)) in self.values.iter_mut().zip(&mut self.descent).enumerate() {
            let (x, y) = (self.left + (i % WIDTH) as f32 + 0.5, self.top + (i / WIDTH) as f32 + 0.5);
            *value = sample(plane, x, y);
            let gx = 0.5 * (sample(plane, x + 1.0, y) - sample(plane, x - 1.0, y));
            let gy = 0.5 * (sample(plane, x, y + 1.0) - sample(plane, x, y - 1.0));
            let (u, v) = (x - centre[0], y - centre[1]);
            *descent = [gx * u + gy * v, gy * u - gx * v, gx, gy];
        }
    }

    /// Where the face is now: the similarity from template to current coordinates, both at quarter resolution, and the
    /// weighted correlation there. `None` where it was not found.
    pub fn find(&mut self, plane: &Plane) -> Option<(Affine, f32)> {
        if !self.is_cut {
            return None;
        }
        self.weights.fill(1.0);
        let centre = self.centre();
        let mut now_from_template = Affine::IDENTITY;
        for step_index in 0..=MAX_STEPS {
            self.look(plane, &now_from_template);
            let light = Light::between(&self.values, &self.picture, &self.weights)?;
            let step = self.step(&light)?;
            let reach = (step[0].abs() + step[1].abs()) * WIDTH as f32 / 2.0 + step[2].hypot(step[3]);
            if step_index == MAX_STEPS || reach < CONVERGED_PX {
                return Some((now_from_template, light.correlation));
            }
            // Compose with the inverse of the step, which is a similarity about the template's centre.
            let (a, b) = (1.0 + step[0], step[1]);
            let moved = Affine {
                rows: [
                    [a, -b, centre[0] - a * centre[0] + b * centre[1] + step[2]],
                    [b, a, centre[1] - b * centre[0] - a * centre[1] + step[3]],
                ],
            };
            now_from_template = now_from_template.after(&moved.inverse()?);
            // NaN ends the search too.
            let is_plausible = (0.6..1.6).contains(&now_from_template.scale());
            if !is_plausible {
                return None;
            }
        }
        None
    }

    /// Resamples the picture at the template's places.
    fn look(&mut self, plane: &Plane, now_from_template: &Affine) {
        let [[a, _, _], [c, _, _]] = now_from_template.rows;
        for (y, row) in self.picture.chunks_exact_mut(WIDTH).enumerate() {
            let start = now_from_template.apply([self.left + 0.5, self.top + y as f32 + 0.5]);
            for (x, out) in row.iter_mut().enumerate() {
                *out = sample(plane, start[0] + a * x as f32, start[1] + c * x as f32);
            }
        }
    }

    /// One weighted Gauss-Newton step; updates the weights on the way.
    fn step(&mut self, light: &Light) -> Option<[f32; 4]> {
        let residual = |picture: f32, value: f32| (picture - light.bias) / light.gain - value;
        let pairs = self.picture.iter().zip(&self.values);
        let mean = pairs.map(|(p, v)| residual(*p, *v).abs()).sum::<f32>() / COUNT as f32;
        let spread = (SPREADS * mean).max(MIN_SPREAD_LUMA);
        let (mut matrix, mut vector) = ([[0.0f32; 4]; 4], [0.0f32; 4]);
        let places = self.picture.iter().zip(&self.values).zip(&self.descent).zip(&mut self.weights);
        for (((picture, value), descent), weight) in places {
            let r = residual(*picture, *value);
            let ratio = r / spread;
            *weight = 1.0 / ((1.0 + ratio * ratio) * (1.0 + ratio * ratio));
            for i in 0..4 {
                let weighted = *weight * descent[i];
                vector[i] += weighted * r;
                for j in 0..4 {
                    matrix[i][j] += weighted * descent[j];
                }
            }
        }
        Some(solve(&matrix.map(|row| row.map(f64::from)), &vector.map(f64::from))?.map(|v| v as f32))
    }
}

/// How the picture's luma follows from the template's: `gain * value + bias`.
struct Light {
    gain: f32,
    bias: f32,
    correlation: f32,
}

impl Light {
    /// The weighted regression; `None` where either has no texture or the picture is a negative.
    fn between(values: &[f32], picture: &[f32], weights: &[f32]) -> Option<Self> {
        let total: f32 = weights.iter().sum();
        let mean = |of: &[f32]| of.iter().zip(weights).map(|(v, w)| v * w).sum::<f32>() / total;
        let (mean_value, mean_picture) = (mean(values), mean(picture));
        let (mut vv, mut vp, mut pp) = (0.0f32, 0.0f32, 0.0f32);
        for ((value, picture), weight) in values.iter().zip(picture).zip(weights) {
            let (v, p) = (value - mean_value, picture - mean_picture);
            vv += weight * v * v;
            vp += weight * v * p;
            pp += weight * p * p;
        }
        // A spread of one luma step in each; NaN fails too.
        let has_texture = vv > total && pp > total;
        let gain = vp / vv;
        let is_alike = gain > 0.05;
        (has_texture && is_alike).then(|| Self {
            gain,
            bias: mean_picture - gain * mean_value,
            correlation: vp / (vv * pp).sqrt(),
        })
    }
}

/// Bilinear look-up at project coordinates, borders repeated.
fn sample(plane: &Plane, x: f32, y: f32) -> f32 {
    let x = (x - 0.5).max(0.0).min(plane.width as f32 - 1.001);
    let y = (y - 0.5).max(0.0).min(plane.height as f32 - 1.001);
    let (ix, iy) = (x as usize, y as usize);
    let (fx, fy) = (x - ix as f32, y - iy as f32);
    let start = iy * plane.width + ix;
    let (Some(above), Some(below)) =
        (plane.data.get(start..start + 2), plane.data.get(start + plane.width..start + plane.width + 2))
    else {
        return 0.0;
    };
    let upper = above[0] + fx * (above[1] - above[0]);
    let lower = below[0] + fx * (below[1] - below[0]);
    upper + fy * (lower - upper)
}
