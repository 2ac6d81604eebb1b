//! The head's own motion: a robust fit of turn and similarity through the rigid patches.
//!
//! Six unknowns, the shape of the head given: Gauss-Newton inside iteratively reweighted least squares. An affine map has as
//! many, but takes every brow raise for a stretch; a turn can only move points by their depth.

use super::head::{HeadMotion, Point3};
use super::linear::{inverse, times};
use super::vector::{distance, sub};
use crate::types::Affine;

/// Rounds of reweighting; the weights settle in three or four.
const ROUNDS: usize = 6;
/// Huber's constant: 95 % efficiency under Gaussian noise (Huber, Robust Statistics, 1981).
const HUBER: f32 = 1.345;
/// The spread is not taken to be smaller than this, in pixels: below lies sensor noise, where reweighting only adds noise.
const MIN_SPREAD_PX: f32 = 0.1;
/// Scale, rotation (both times this many pixels), shift by x and y, turn about x and y: keeps the unknowns alike in size.
const REACH_PX: f32 = 64.0;

/// One patch: where it was in the reference, where it is now, how far it is trusted.
#[derive(Clone, Copy, Debug)]
pub struct Correspondence {
    /// In the reference.
    pub from: Point3,
    /// In the current frame.
    pub to: [f32; 2],
    /// Inverse variance, per px².
    pub weight: f32,
}

/// What is known of the turn before the picture is looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TurnPrior {
    /// Turn since the reference that is expected, as [`HeadMotion::turn_rad`].
    pub turn_rad: [f32; 2],
    /// Standard deviation of each, in radians.
    pub sigma_rad: f32,
}

/// A fitted motion.
#[derive(Clone, Copy, Debug)]
pub struct RigidFit {
    /// Maps `from` to `to`.
    pub head: HeadMotion,
    /// Weighted root mean square of what is left, in pixels of the input, outliers counted as far as they were believed.
    pub residual: f32,
}

/// Fits a head motion about `pivot` with Huber's weights; `None` with fewer than three points, or all in one place.
/// `scratch` is reused between calls.
pub fn fit_head(
    points: &[Correspondence],
    pivot: Point3,
    prior: &TurnPrior,
    scratch: &mut Vec<f32>,
) -> Option<RigidFit> {
    if points.len() < 3 {
        return None;
    }
    let mut spread = f32::INFINITY;
    let mut head = HeadMotion { to_from: Affine::IDENTITY, turn_rad: prior.turn_rad, pivot };
    for _ in 0..ROUNDS {
        // The first round has no fit to judge by: its spread is infinite.
        head = step(points, &head, prior, spread)?;
        scratch.clear();
        scratch.extend(points.iter().map(|p| left_over(&head, p)));
        scratch.sort_unstable_by(f32::total_cmp);
        // The median length of a two-dimensional Gaussian is 1.18 of its spread on each axis.
        spread = (scratch.get(scratch.len() / 2)? / 1.18).max(MIN_SPREAD_PX);
    }
    let (mut sum, mut total) = (0.0, 0.0);
    for p in points {
        let length = left_over(&head, p);
        let weight = huber(p.weight, length, spread);
        sum += weight * length * length;
        total += weight;
    }
    let residual = (sum / total).sqrt();
    residual.is_finite().then_some(RigidFit { head, residual })
}

fn huber(weight: f32, length: f32, spread: f32) -> f32 {
    if length <= HUBER * spread { weight } else { weight * HUBER * spread / length }
}

fn left_over(head: &HeadMotion, p: &Correspondence) -> f32 {
    distance(p.to, head.apply(p.from))
}

/// One Gauss-Newton step.
fn step(points: &[Correspondence], head: &HeadMotion, prior: &TurnPrior, spread: f32) -> Option<HeadMotion> {
    let [[a, minus_b, _], _] = head.to_from.rows;
    let b = -minus_b;
    let (mut matrix, mut vector) = ([[0.0f64; 6]; 6], [0.0f64; 6]);
    for p in points {
        let [x, y, z] = head.seen(p.from);
        let rest = sub(p.to, head.to_from.apply([x + head.pivot[0], y + head.pivot[1]]));
        let weight = f64::from(huber(p.weight, rest[0].hypot(rest[1]), spread));
        let unit = REACH_PX.recip();
        // Derivatives by scale, rotation, shift and turn; a turn about x moves y by -z, about y moves x by z.
        let columns = [
            [x * unit, -y * unit, 1.0, 0.0, b * z * unit, a * z * unit],
            [y * unit, x * unit, 0.0, 1.0, -a * z * unit, b * z * unit],
        ];
        for (row, rest) in columns.map(|row| row.map(f64::from)).iter().zip(rest) {
            for i in 0..6 {
                let weighted = weight * row[i];
                vector[i] += weighted * f64::from(rest);
                for j in i..6 {
                    matrix[i][j] += weighted * row[j];
                }
            }
        }
    }
    let upper = matrix;
    for (i, row) in matrix.iter_mut().enumerate() {
        for (cell, column) in row.iter_mut().zip(&upper).take(i) {
            *cell = column[i];
        }
    }
    let is_spread = matrix[0][0] > 1e-6 * matrix[2][2];
    if !is_spread {
        return None;
    }
    for axis in 0..2 {
        let certainty = f64::from((prior.sigma_rad * REACH_PX).recip().powi(2));
        matrix[4 + axis][4 + axis] += certainty;
        vector[4 + axis] += certainty * f64::from((prior.turn_rad[axis] - head.turn_rad[axis]) * REACH_PX);
    }
    let found = times(&inverse(&matrix)?, &vector).map(|v| v as f32);
    let (a, b) = (a + found[0] / REACH_PX, b + found[1] / REACH_PX);
    let at_pivot = head.to_from.apply([head.pivot[0], head.pivot[1]]);
    let centre = [at_pivot[0] + found[2], at_pivot[1] + found[3]];
    let shift = [
        centre[0] - (a * head.pivot[0] - b * head.pivot[1]),
        centre[1] - (b * head.pivot[0] + a * head.pivot[1]),
    ];
    let turn_rad = [0, 1].map(|axis| head.turn_rad[axis] + found[4 + axis] / REACH_PX);
    Some(HeadMotion { to_from: Affine { rows: [[a, -b, shift[0]], [b, a, shift[1]]] }, turn_rad, ..*head })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: TurnPrior = TurnPrior { turn_rad: [0.0; 2], sigma_rad: 1.0 };
    const PIVOT: Point3 = [116.0, 100.0, 0.0];

    /// 20 points 32 px wide and 21 high, up to 30 px deep, moved by `head`.
    fn cloud(head: &HeadMotion) -> Vec<Correspondence> {
        (0..20)
            .map(|i| {
                let depth = [0.0, -20.0, 10.0, -30.0, 5.0, -10.0, 15.0][i % 7];
                let from = [100.0 + 8.0 * (i % 5) as f32, 90.0 + 7.0 * (i / 5) as f32, depth];
                Correspondence { from, to: head.apply(from), weight: 1.0 }
            })
            .collect()
    }

    fn fit(points: &[Correspondence], prior: &TurnPrior) -> Option<RigidFit> {
        fit_head(points, PIVOT, prior, &mut Vec::new())
    }

    #[test]
    fn turn_and_similarity_are_told_apart() {
        let to_from = Affine::similarity(1.03, 0.05, [3.0, -2.0]);
        let truth = HeadMotion { to_from, turn_rad: [0.06, -0.1], pivot: PIVOT };
        let found = fit(&cloud(&truth), &FREE).unwrap();
        for axis in 0..2 {
            let (got, expected) = (found.head.turn_rad[axis], truth.turn_rad[axis]);
            assert!((got - expected).abs() < 2e-3, "{got} for {expected}");
        }
        for (got, expected) in found.head.to_from.rows.iter().flatten().zip(to_from.rows.iter().flatten()) {
            assert!((got - expected).abs() < 0.02 * expected.abs().max(1.0), "{got} for {expected}");
        }
        assert!(found.residual < 0.01, "{}", found.residual);
    }

    #[test]
    fn a_flat_face_does_not_turn() {
        let mut points = cloud(&HeadMotion::NONE);
        for p in &mut points {
            p.from[2] = 0.0;
            p.to[0] += 4.0;
        }
        let found = fit(&points, &FREE).unwrap();
        assert!(found.head.turn_rad.iter().all(|v| v.abs() < 1e-3), "{:?}", found.head);
        assert!((found.head.to_from.rows[0][2] - 4.0).abs() < 0.01 && found.residual < 1e-3);
    }

    #[test]
    fn a_fifth_of_outliers_moves_the_fit_by_under_a_tenth_of_them() {
        let mut points = cloud(&HeadMotion { pivot: PIVOT, ..HeadMotion::NONE });
        for p in points.iter_mut().step_by(5) {
            p.to[1] += 6.0;
        }
        let found = fit(&points, &FREE).unwrap();
        let centre = found.head.apply(PIVOT);
        assert!((centre[1] - 100.0).abs() < 0.4, "moved by {}", centre[1] - 100.0);
        assert!(found.residual < 1.0, "{} for outliers of 6", found.residual);
    }

    #[test]
    fn a_firm_prior_holds_the_turn() {
        let truth = HeadMotion { turn_rad: [0.0, 0.1], pivot: PIVOT, ..HeadMotion::NONE };
        let firm = TurnPrior { sigma_rad: 1e-5, ..FREE };
        assert!(fit(&cloud(&truth), &firm).unwrap().head.turn_rad[1].abs() < 1e-3);
    }

    #[test]
    fn too_few_or_coincident_points_give_nothing() {
        let points = cloud(&HeadMotion::NONE);
        assert!(fit(&points[..2], &FREE).is_none());
        assert!(fit(&[points[0]; 5], &FREE).is_none());
    }
}
