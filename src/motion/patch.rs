//! One small patch: cut once from a reference crop, then found again with sub-pixel precision.
//!
//! Inverse-compositional Gauss-Newton for a translation (Baker and Matthews, IJCV 2004, doi:10.1023/B:VISI.0000011205.11775.fd)
//! with gain and bias projected out of the gradients (Hager and Belhumeur, PAMI 1998, doi:10.1109/34.722606): adding a
//! constant to the picture or scaling it changes nothing. As the displacement is a pure translation, the four bilinear
//! weights are the same for the whole patch, and a step costs one pass over it. A weak pull to where the search starts
//! decides what the picture leaves open: the position along an edge, or on bare skin.

use super::plane::Plane;
use super::vector::{distance, length};
use crate::image::vector::vectorised;

/// Gauss-Newton steps at most; three or four are usual.
const MAX_STEPS: usize = 8;
/// A step shorter than this ends the search, in pixels: a tenth of the noise.
const CONVERGED_PX: f32 = 0.005;

/// A symmetric 2 x 2 matrix `[xx, xy, yy]`.
pub type Symmetric2 = [f32; 3];

/// The inverse, or `None` where the matrix is singular.
pub fn inverse(m: Symmetric2) -> Option<Symmetric2> {
    let det = m[0] * m[2] - m[1] * m[1];
    (det > 1e-12).then(|| [m[2] / det, -m[1] / det, m[0] / det])
}

/// `m v`.
pub fn multiply(m: Symmetric2, v: [f32; 2]) -> [f32; 2] {
    [m[0] * v[0] + m[1] * v[1], m[1] * v[0] + m[2] * v[1]]
}

/// A patch of `N` x `N` pixels as the reference showed it.
#[derive(Clone, Debug)]
pub struct Template<const N: usize> {
    /// Pixel index of its first sample.
    left: f32,
    top: f32,
    /// Values less their mean, and gradients orthogonal to constant and values; `N * N` each.
    values: Vec<f32>,
    gradient_x: Vec<f32>,
    gradient_y: Vec<f32>,
    energy: f32,
    mean: f32,
    /// Gauss-Newton matrix of the gradients, in luma² per px².
    pub information: Symmetric2,
    solve: Symmetric2,
    /// Pull to the start of the search, in luma² per px².
    pull: f32,
    /// Sums of gradient products times the distance from the middle: `gx² x, gx² y, gx gy x, gx gy y, gy² x, gy² y`.
    moments: [f32; 6],
}

/// Where a patch was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// Displacement from where it was cut, in pixels of the plane.
    pub displacement: [f32; 2],
    /// Zero-mean normalised correlation there, `[-1, 1]`.
    pub correlation: f32,
}

impl<const N: usize> Template<N> {
    /// An empty template, to be [cut](Self::cut).
    pub fn empty() -> Self {
        let zeros = || vec![0.0; N * N];
        Self {
            left: 0.0,
            top: 0.0,
            values: zeros(),
            gradient_x: zeros(),
            gradient_y: zeros(),
            energy: 0.0,
            mean: 0.0,
            information: [0.0; 3],
            solve: [0.0; 3],
            pull: 0.0,
            moments: [0.0; 6],
        }
    }

    /// Cuts the patch whose first pixel is `left, top`. `pull` is the weight of the start of a search against the picture,
    /// in luma² per px²: noise variance over the variance of the displacement expected. False, and never found again, where it does not lie inside the
    /// plane or shows no texture.
    pub fn cut(&mut self, plane: &Plane, left: i32, top: i32, pull: f32) -> bool {
        self.energy = 0.0;
        self.information = [0.0; 3];
        let (x, y) = (left as f32, top as f32);
        (self.left, self.top) = (x, y);
        // Central differences: the neighbours on either side must be inside too.
        if !(x >= 1.0 && y >= 1.0 && plane.sample_patch::<N>(x, y, &mut self.values)) {
            return false;
        }
        let mut other = [0.0f32; MAX_SAMPLES];
        let Some(other) = other.get_mut(..N * N) else { return false };
        for (step, gradient) in [([1.0, 0.0], &mut self.gradient_x), ([0.0, 1.0], &mut self.gradient_y)] {
            let is_inside = plane.sample_patch::<N>(x + step[0], y + step[1], gradient)
                && plane.sample_patch::<N>(x - step[0], y - step[1], other);
            if !is_inside {
                return false;
            }
            for (g, o) in gradient.iter_mut().zip(other.iter()) {
                *g = 0.5 * (*g - o);
            }
        }
        self.mean = remove_mean(&mut self.values);
        let energy = dot(&self.values, &self.values);
        if energy < 1e-3 * (N * N) as f32 {
            return false;
        }
        for gradient in [&mut self.gradient_x, &mut self.gradient_y] {
            remove_mean(gradient);
            let share = dot(gradient, &self.values) / energy;
            for (g, v) in gradient.iter_mut().zip(&self.values) {
                *g -= share * v;
            }
        }
        let (gx, gy) = (&self.gradient_x, &self.gradient_y);
        let information = [dot(gx, gx), dot(gx, gy), dot(gy, gy)];
        let Some(solve) = inverse([information[0] + pull, information[1], information[2] + pull]) else {
            return false;
        };
        self.moments = [0.0; 6];
        for (i, (gx, gy)) in gx.iter().zip(gy).enumerate() {
            let middle = N as f32 / 2.0 - 0.5;
            let (x, y) = ((i % N) as f32 - middle, (i / N) as f32 - middle);
            for (sum, product) in self.moments.chunks_exact_mut(2).zip([gx * gx, gx * gy, gy * gy]) {
                sum[0] += product * x;
                sum[1] += product * y;
            }
        }
        (self.energy, self.information, self.solve, self.pull) = (energy, information, solve, pull);
        true
    }

    /// How far off its middle's displacement the patch is found when the picture is deformed by `gradient` (rows: change of
    /// the displacement's x and y along x and y): texture that is not in the middle moves otherwise than the middle.
    pub fn offset_under(&self, gradient: [[f32; 2]; 2]) -> [f32; 2] {
        let [xxx, xxy, xyx, xyy, yyx, yyy] = self.moments;
        let [[a, b], [c, d]] = gradient;
        multiply(self.solve, [a * xxx + b * xxy + c * xyx + d * xyy, a * xyx + b * xyy + c * yyx + d * yyy])
    }

    /// Finds the patch near `start` (a displacement from where it was cut). `None` where the search leaves the plane,
    /// runs further than `max_run_px` from the start, or ends on a picture without texture.
    pub fn find(&self, plane: &Plane, start: [f32; 2], max_run_px: f32) -> Option<Match> {
        vectorised(
            #[inline(always)]
            || self.search(plane, start, max_run_px),
        )
    }

    #[inline(always)]
    fn search(&self, plane: &Plane, start: [f32; 2], max_run_px: f32) -> Option<Match> {
        if self.energy <= 0.0 {
            return None;
        }
        let mut buffer = [0.0f32; MAX_SAMPLES];
        let buffer = buffer.get_mut(..N * N)?;
        let mut at = start;
        for step_index in 0..=MAX_STEPS {
            if !plane.sample_patch::<N>(self.left + at[0], self.top + at[1], buffer) {
                return None;
            }
            let sums = self.sums(buffer);
            // Gain of the picture against the template; a reversed or flat picture has nothing to say.
            let gain = sums.with_values / self.energy;
            if gain < 0.05 {
                return None;
            }
            let slope = [
                sums.with_gradient_x / gain + self.pull * (at[0] - start[0]),
                sums.with_gradient_y / gain + self.pull * (at[1] - start[1]),
            ];
            let step = multiply(self.solve, slope);
            if step_index == MAX_STEPS || length(step) < CONVERGED_PX {
                let variance = sums.squares - sums.total * sums.total / (N * N) as f32;
                let correlation = sums.with_values / (self.energy * variance.max(1e-6)).sqrt();
                return Some(Match { displacement: at, correlation });
            }
            at = [at[0] - step[0], at[1] - step[1]];
            // NaN ends the search too.
            let is_near = distance(at, start) <= max_run_px;
            if !is_near {
                return None;
            }
        }
        None
    }

    #[inline(always)]
    fn sums(&self, picture: &[f32]) -> Sums {
        let mut lanes = [[0.0f32; LANES]; 5];
        let rows = picture
            .chunks_exact(LANES)
            .zip(self.values.chunks_exact(LANES))
            .zip(self.gradient_x.chunks_exact(LANES))
            .zip(self.gradient_y.chunks_exact(LANES));
        // Separate lanes let the compiler use vector registers without changing the order of additions.
        for (((p, v), gx), gy) in rows {
            for i in 0..LANES {
                // Less the template's mean, so that sums stay small enough for f32.
                let value = p[i] - self.mean;
                lanes[0][i] += value;
                lanes[1][i] += value * value;
                lanes[2][i] += value * v[i];
                lanes[3][i] += value * gx[i];
                lanes[4][i] += value * gy[i];
            }
        }
        let [total, squares, with_values, with_gradient_x, with_gradient_y] = lanes.map(|l| l.iter().sum());
        Sums { total, squares, with_values, with_gradient_x, with_gradient_y }
    }
}

/// Samples of the largest template in use.
const MAX_SAMPLES: usize = 256;
/// Sums run in this many lanes; divides `N * N` of every template in use (16 and 12).
const LANES: usize = 8;

struct Sums {
    total: f32,
    squares: f32,
    with_values: f32,
    with_gradient_x: f32,
    with_gradient_y: f32,
}

fn remove_mean(values: &mut [f32]) -> f32 {
    let mean = values.iter().sum::<f32>() / values.len().max(1) as f32;
    values.iter_mut().for_each(|v| *v -= mean);
    mean
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
