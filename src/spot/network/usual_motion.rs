//! What people's faces do all the time: what the beams of a new face start from.

use serde::{Deserialize, Serialize};

use super::beam_templates::AXES;

/// What people's faces do: the mean covariance of changes, of trace [`AXES`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UsualMotion {
    /// Lower triangle, row by row, in thousandths; empty where nothing is known: every axis by itself.
    lower_triangle: Vec<i32>,
}

impl UsualMotion {
    /// Of a covariance, `AXES` rows; `None` where it has another size or no trace.
    pub fn of(covariance: &[f64]) -> Option<Self> {
        let trace: f64 = covariance.iter().step_by(AXES + 1).sum();
        let is_usable = covariance.len() == AXES * AXES && trace.is_finite() && trace > 0.0;
        let cell = |(row, column): (usize, usize)| {
            (1e3 * covariance[row * AXES + column] * AXES as f64 / trace).round() as i32
        };
        let lower = (0..AXES).flat_map(|row| (0..=row).map(move |column| (row, column)));
        is_usable.then(|| Self { lower_triangle: lower.map(cell).collect() })
    }

    /// The covariance, row by row.
    pub fn covariance(&self) -> Vec<f64> {
        let mut covariance = vec![0.0; AXES * AXES];
        let is_known = self.lower_triangle.len() == AXES * (AXES + 1) / 2;
        for row in 0..AXES {
            for column in 0..=row {
                let known = self.lower_triangle.get(row * (row + 1) / 2 + column).filter(|_| is_known);
                let value = known.map_or(f64::from(u8::from(row == column)), |v| 1e-3 * f64::from(*v));
                covariance[row * AXES + column] = value;
                covariance[column * AXES + row] = value;
            }
        }
        covariance
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_do_is_kept_to_a_thousandth() {
        let mut covariance = vec![0.0; AXES * AXES];
        for row in 0..AXES {
            for column in 0..AXES {
                covariance[row * AXES + column] = 5e-4 / (1.0 + (row as f64 - column as f64).abs());
            }
        }
        let usual = UsualMotion::of(&covariance).expect("it has a trace");
        let back = usual.covariance();
        let worst = covariance.iter().zip(&back).map(|(a, b)| (a / 5e-4 - b).abs()).fold(0.0, f64::max);
        assert!(worst <= 5.1e-4, "{worst}");
        assert_eq!(UsualMotion::of(&covariance[1..]), None);
        let unknown = UsualMotion::default().covariance();
        assert_eq!((unknown[0], unknown[1], unknown[AXES + 1]), (1.0, 0.0, 1.0));
    }
}
