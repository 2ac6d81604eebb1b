//! The head's own motion: a robust similarity through the rigid patches.

use super::vector::{add, distance, scale, sub};
use crate::types::Affine;

/// Rounds of reweighting; the weights settle in three or four.
const ROUNDS: usize = 5;
/// Huber's constant: 95 % efficiency under Gaussian noise (Huber, Robust Statistics, 1981).
const HUBER: f32 = 1.345;
/// The spread is not taken to be smaller than this, in pixels: below lies sensor noise, where reweighting only adds noise.
const MIN_SPREAD_PX: f32 = 0.1;

/// One rigid patch: where it was in the reference, where it is now, how far it is trusted.
#[derive(Clone, Copy, Debug)]
pub struct Correspondence {
    /// In the reference.
    pub from: [f32; 2],
    /// In the current frame.
    pub to: [f32; 2],
    /// Inverse variance, up to a factor.
    pub weight: f32,
}

/// A fitted similarity.
#[derive(Clone, Copy, Debug)]
pub struct RigidFit {
    /// Maps `from` to `to`.
    pub to_from: Affine,
    /// Weighted root mean square of what is left, in pixels of the input, outliers counted as far as they were believed.
    pub residual: f32,
}

/// Fits a similarity by iteratively reweighted least squares with Huber's weights; `None` with fewer than three points,
/// or all in one place. `scratch` is reused between calls.
pub fn fit_similarity(points: &[Correspondence], scratch: &mut Vec<f32>) -> Option<RigidFit> {
    if points.len() < 3 {
        return None;
    }
    let mut spread = f32::INFINITY;
    let mut to_from = Affine::IDENTITY;
    for round in 0..ROUNDS {
        let current = to_from;
        let weight_of = |p: &Correspondence| {
            let length = residual_length(&current, p);
            // The first round has no fit to judge by.
            if round == 0 || length <= HUBER * spread { p.weight } else { p.weight * HUBER * spread / length }
        };
        to_from = weighted_similarity(points, weight_of)?;
        scratch.clear();
        scratch.extend(points.iter().map(|p| residual_length(&to_from, p)));
        scratch.sort_unstable_by(f32::total_cmp);
        // The median length of a two-dimensional Gaussian is 1.18 of its spread on each axis.
        spread = (scratch.get(scratch.len() / 2)? / 1.18).max(MIN_SPREAD_PX);
    }
    let (mut sum, mut total) = (0.0, 0.0);
    for p in points {
        let length = residual_length(&to_from, p);
        let weight = if length <= HUBER * spread { p.weight } else { p.weight * HUBER * spread / length };
        sum += weight * length * length;
        total += weight;
    }
    let residual = (sum / total).sqrt();
    residual.is_finite().then_some(RigidFit { to_from, residual })
}

fn residual_length(to_from: &Affine, p: &Correspondence) -> f32 {
    distance(p.to, to_from.apply(p.from))
}

/// The weighted least-squares similarity in closed form (Umeyama, PAMI 1991, in two dimensions).
fn weighted_similarity(
    points: &[Correspondence],
    weight_of: impl Fn(&Correspondence) -> f32,
) -> Option<Affine> {
    let mut total = 0.0;
    let (mut from, mut to) = ([0.0f32; 2], [0.0f32; 2]);
    for p in points {
        let w = weight_of(p);
        total += w;
        from = add(from, scale(p.from, w));
        to = add(to, scale(p.to, w));
    }
    let is_known = total > 0.0;
    if !is_known {
        return None;
    }
    let (from, to) = (from.map(|v| v / total), to.map(|v| v / total));
    let (mut along, mut across, mut size) = (0.0f32, 0.0f32, 0.0f32);
    for p in points {
        let w = weight_of(p);
        let (u, v) = (sub(p.from, from), sub(p.to, to));
        along += w * (u[0] * v[0] + u[1] * v[1]);
        across += w * (u[0] * v[1] - u[1] * v[0]);
        size += w * (u[0] * u[0] + u[1] * u[1]);
    }
    let is_spread = size > 1e-3 * total;
    if !is_spread {
        return None;
    }
    let (a, b) = (along / size, across / size);
    let shift = [to[0] - (a * from[0] - b * from[1]), to[1] - (b * from[0] + a * from[1])];
    Some(Affine { rows: [[a, -b, shift[0]], [b, a, shift[1]]] })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cloud(map: &Affine) -> Vec<Correspondence> {
        (0..20)
            .map(|i| {
                let from = [100.0 + 8.0 * (i % 5) as f32, 90.0 + 7.0 * (i / 5) as f32];
                Correspondence { from, to: map.apply(from), weight: 1.0 }
            })
            .collect()
    }

    #[test]
    fn an_exact_similarity_is_found() {
        let map = Affine::similarity(1.03, 0.05, [3.0, -2.0]);
        let fit = fit_similarity(&cloud(&map), &mut Vec::new()).unwrap();
        for (row, expected) in fit.to_from.rows.iter().flatten().zip(map.rows.iter().flatten()) {
            assert!((row - expected).abs() < 2e-3, "{:?} against {map:?}", fit.to_from);
        }
        assert!(fit.residual < 1e-3);
    }

    #[test]
    fn a_fifth_of_outliers_moves_the_fit_by_under_a_tenth_of_them() {
        let mut points = cloud(&Affine::IDENTITY);
        for p in points.iter_mut().step_by(5) {
            p.to[1] += 6.0;
        }
        let fit = fit_similarity(&points, &mut Vec::new()).unwrap();
        let centre = fit.to_from.apply([116.0, 100.0]);
        assert!((centre[1] - 100.0).abs() < 0.4, "moved by {}", centre[1] - 100.0);
        assert!(fit.residual < 1.0, "{} for outliers of 6", fit.residual);
    }

    #[test]
    fn too_few_or_coincident_points_give_nothing() {
        let map = Affine::IDENTITY;
        assert!(fit_similarity(&cloud(&map)[..2], &mut Vec::new()).is_none());
        assert!(fit_similarity(&[cloud(&map)[0]; 5], &mut Vec::new()).is_none());
    }
}
