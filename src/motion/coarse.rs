//! Follows the whole upper face at a quarter of the resolution, so that the patches start within reach.
//!
//! Inverse-compositional Gauss-Newton for a similarity over brows, eyes and nose (Baker and Matthews, IJCV 2004), gain and
//! bias projected out. Expressions bias it by a fraction of a pixel, which the fit through the rigid patches takes out.

use super::plane::Plane;
use crate::types::Affine;

/// Width and height of the template, in quarter-resolution pixels: 3.25 ICD by 2 ICD.
const WIDTH: usize = 52;
const HEIGHT: usize = 32;
/// Rows of the template above the eyes.
const ABOVE_EYES: f32 = 13.0;
const MAX_STEPS: usize = 12;
/// A step that moves no corner further than this ends the search, in quarter-resolution pixels.
const CONVERGED_PX: f32 = 0.02;

/// The upper face as the reference showed it.
#[derive(Clone, Debug)]
pub struct FaceTemplate {
    left: f32,
    top: f32,
    values: Vec<f32>,
    /// Derivatives by scale, rotation, x and y, orthogonal to constant and values.
    descent: [Vec<f32>; 4],
    solve: [[f32; 4]; 4],
    mean: f32,
    energy: f32,
}

impl FaceTemplate {
    /// An empty template, to be [cut](Self::cut).
    pub fn new() -> Self {
        let zeros = || vec![0.0; WIDTH * HEIGHT];
        Self {
            left: 0.0,
            top: 0.0,
            values: zeros(),
            descent: [zeros(), zeros(), zeros(), zeros()],
            solve: [[0.0; 4]; 4],
            mean: 0.0,
            energy: 0.0,
        }
    }

    fn centre(&self) -> [f32; 2] {
        [self.left + WIDTH as f32 / 2.0, self.top + HEIGHT as f32 / 2.0]
    }

    /// Cuts it around `eyes`, the point between the eyes in quarter-resolution coordinates. False where it has no texture.
    pub fn cut(&mut self, plane: &Plane, eyes: [f32; 2]) -> bool {
        self.left = (eyes[0] - WIDTH as f32 / 2.0).round();
        self.top = (eyes[1] - ABOVE_EYES).round();
        self.energy = 0.0;
        let centre = self.centre();
        for y in 0..HEIGHT {
            for x in 0..WIDTH {
                let i = y * WIDTH + x;
                let (px, py) = (self.left + x as f32 + 0.5, self.top + y as f32 + 0.5);
                self.values[i] = sample(plane, px, py);
                let gx = 0.5 * (sample(plane, px + 1.0, py) - sample(plane, px - 1.0, py));
                let gy = 0.5 * (sample(plane, px, py + 1.0) - sample(plane, px, py - 1.0));
                let (u, v) = (px - centre[0], py - centre[1]);
                let parts = [gx * u + gy * v, gy * u - gx * v, gx, gy];
                for (descent, part) in self.descent.iter_mut().zip(parts) {
                    descent[i] = part;
                }
            }
        }
        self.mean = remove_mean(&mut self.values);
        let energy = dot(&self.values, &self.values);
        // A spread of one luma step; NaN fails too.
        let has_texture = energy > (WIDTH * HEIGHT) as f32;
        if !has_texture {
            return false;
        }
        for descent in &mut self.descent {
            remove_mean(descent);
            let share = dot(descent, &self.values) / energy;
            descent.iter_mut().zip(&self.values).for_each(|(d, v)| *d -= share * v);
        }
        let mut matrix = [[0.0; 4]; 4];
        for (row, a) in matrix.iter_mut().zip(&self.descent) {
            for (cell, b) in row.iter_mut().zip(&self.descent) {
                *cell = dot(a, b);
            }
        }
        let Some(solve) = inverse(matrix) else { return false };
        (self.solve, self.energy) = (solve, energy);
        true
    }

    /// Where the face is now: the similarity from reference to current coordinates, both at quarter resolution, and the
    /// correlation there. `None` where it was not found.
    pub fn find(&self, plane: &Plane) -> Option<(Affine, f32)> {
        if self.energy <= 0.0 {
            return None;
        }
        let centre = self.centre();
        let mut now_from_reference = Affine::IDENTITY;
        for step_index in 0..=MAX_STEPS {
            let [[a, _, _], [c, _, _]] = now_from_reference.rows;
            let (mut total, mut squares, mut with_values) = (0.0f32, 0.0f32, 0.0f32);
            let mut with_descent = [0.0f32; 4];
            for y in 0..HEIGHT {
                let start = now_from_reference.apply([self.left + 0.5, self.top + y as f32 + 0.5]);
                let first = y * WIDTH;
                for x in 0..WIDTH {
                    let value = sample(plane, start[0] + a * x as f32, start[1] + c * x as f32) - self.mean;
                    total += value;
                    squares += value * value;
                    with_values += value * self.values[first + x];
                    for (sum, descent) in with_descent.iter_mut().zip(&self.descent) {
                        *sum += value * descent[first + x];
                    }
                }
            }
            let gain = with_values / self.energy;
            let is_alike = gain > 0.05;
            if !is_alike {
                return None;
            }
            let step: [f32; 4] = std::array::from_fn(|i| dot(&self.solve[i], &with_descent) / gain);
            let reach = (step[0].abs() + step[1].abs()) * WIDTH as f32 / 2.0 + step[2].hypot(step[3]);
            if step_index == MAX_STEPS || reach < CONVERGED_PX {
                let variance = squares - total * total / (WIDTH * HEIGHT) as f32;
                let correlation = with_values / (self.energy * variance.max(1e-3)).sqrt();
                return Some((now_from_reference, correlation));
            }
            // Compose with the inverse of the step, which is a similarity about the template's centre.
            let (sa, sb) = (1.0 + step[0], step[1]);
            let moved = Affine {
                rows: [
                    [sa, -sb, centre[0] - sa * centre[0] + sb * centre[1] + step[2]],
                    [sb, sa, centre[1] - sb * centre[0] - sa * centre[1] + step[3]],
                ],
            };
            now_from_reference = now_from_reference.after(&moved.inverse()?);
            // NaN ends the search too.
            let is_plausible = (0.6..1.6).contains(&now_from_reference.scale());
            if !is_plausible {
                return None;
            }
        }
        None
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

fn remove_mean(values: &mut [f32]) -> f32 {
    let mean = values.iter().sum::<f32>() / values.len().max(1) as f32;
    values.iter_mut().for_each(|v| *v -= mean);
    mean
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Gauss-Jordan with row pivoting; `None` where the matrix is singular.
fn inverse(matrix: [[f32; 4]; 4]) -> Option<[[f32; 4]; 4]> {
    let mut left = matrix.map(|row| row.map(f64::from));
    let mut right: [[f64; 4]; 4] =
        std::array::from_fn(|r| std::array::from_fn(|c| f64::from(u8::from(r == c))));
    let largest = left.iter().flatten().fold(0.0f64, |m, v| m.max(v.abs()));
    for column in 0..4 {
        let pivot = (column..4).max_by(|a, b| left[*a][column].abs().total_cmp(&left[*b][column].abs()))?;
        let is_regular = left[pivot][column].abs() > 1e-9 * largest;
        if !is_regular {
            return None;
        }
        left.swap(column, pivot);
        right.swap(column, pivot);
        let scale = 1.0 / left[column][column];
        for c in 0..4 {
            left[column][c] *= scale;
            right[column][c] *= scale;
        }
        for row in (0..4).filter(|r| *r != column) {
            let factor = left[row][column];
            for c in 0..4 {
                left[row][c] -= factor * left[column][c];
                right[row][c] -= factor * right[column][c];
            }
        }
    }
    Some(right.map(|row| row.map(|v| v as f32)))
}
