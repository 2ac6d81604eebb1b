//! A smooth map of the plane through pairs of points: a thin-plate spline (Bookstein 1989), which bends as little as it can.

/// Pairs are met to within what this allows, in squared units of the points: jitter of single landmarks does not fold the skin.
const STIFFNESS: f64 = 2e-3;

/// A map that was fitted.
#[derive(Clone, Debug)]
pub(super) struct Spline {
    anchors: Vec<[f64; 2]>,
    /// One for each anchor, then constant, x and y; for each coordinate of the result.
    weights: [Vec<f64>; 2],
}

impl Spline {
    /// The spline that takes `from[i]` close to `to[i]`. `None` where the points lie on a line, are fewer than three, or not finite.
    pub fn through(from: &[[f32; 2]], to: &[[f32; 2]]) -> Option<Self> {
        let anchors: Vec<[f64; 2]> = from.iter().map(|point| point.map(f64::from)).collect();
        let count = anchors.len();
        if count < 3 || to.len() != count {
            return None;
        }
        // Rows: one an anchor, then the side conditions (the weights bend, they do not carry the affine part).
        let size = count + 3;
        let mut rows = vec![vec![0.0; size + 2]; size];
        for (i, (anchor, target)) in anchors.iter().zip(to).enumerate() {
            for (j, other) in anchors.iter().enumerate() {
                rows[i][j] = bend(*anchor, *other) + if i == j { STIFFNESS } else { 0.0 };
            }
            for (k, value) in [1.0, anchor[0], anchor[1]].into_iter().enumerate() {
                rows[i][count + k] = value;
                rows[count + k][i] = value;
            }
            rows[i][size] = f64::from(target[0]);
            rows[i][size + 1] = f64::from(target[1]);
        }
        let weights = solve(rows)?;
        Some(Self { anchors, weights })
    }

    /// Where a point goes.
    pub fn at(&self, point: [f32; 2]) -> [f32; 2] {
        let [x, y] = point.map(f64::from);
        let mut sums = [0.0; 2];
        for (i, anchor) in self.anchors.iter().enumerate() {
            let bend = bend([x, y], *anchor);
            for (sum, weights) in sums.iter_mut().zip(&self.weights) {
                *sum += weights[i] * bend;
            }
        }
        let count = self.anchors.len();
        for (sum, weights) in sums.iter_mut().zip(&self.weights) {
            *sum += weights[count] + weights[count + 1] * x + weights[count + 2] * y;
        }
        sums.map(|sum| sum as f32)
    }

    /// How much it enlarges areas at a point; not above 0 where it folds.
    pub fn enlarges(&self, [x, y]: [f32; 2]) -> f32 {
        const STEP: f32 = 0.02;
        let along = |dx: f32, dy: f32| {
            let (a, b) = (self.at([x - dx, y - dy]), self.at([x + dx, y + dy]));
            [(b[0] - a[0]) / (2.0 * STEP), (b[1] - a[1]) / (2.0 * STEP)]
        };
        let (across, down) = (along(STEP, 0.0), along(0.0, STEP));
        across[0] * down[1] - across[1] * down[0]
    }
}

/// r² ln r, from r².
fn bend(a: [f64; 2], b: [f64; 2]) -> f64 {
    let squared = (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2);
    if squared > 0.0 { 0.5 * squared * squared.ln() } else { 0.0 }
}

/// Solves for the last two columns by elimination with row pivots. `None` where the system is singular.
fn solve(mut rows: Vec<Vec<f64>>) -> Option<[Vec<f64>; 2]> {
    let size = rows.len();
    for column in 0..size {
        let pivot =
            (column..size).max_by(|a, b| rows[*a][column].abs().total_cmp(&rows[*b][column].abs()))?;
        rows.swap(column, pivot);
        let (above, below) = rows.split_at_mut(column + 1);
        let lead = above.last()?;
        if !lead[column].is_finite() || lead[column].abs() < 1e-9 {
            return None;
        }
        for row in below {
            let factor = row[column] / lead[column];
            for (value, lead) in row.iter_mut().zip(lead).skip(column) {
                *value -= factor * lead;
            }
        }
    }
    let mut solved = [vec![0.0; size], vec![0.0; size]];
    for (k, values) in solved.iter_mut().enumerate() {
        for row in (0..size).rev() {
            let known: f64 = (row + 1..size).map(|column| rows[row][column] * values[column]).sum();
            values[row] = (rows[row][size + k] - known) / rows[row][row];
        }
    }
    solved.iter().flatten().all(|value| value.is_finite()).then_some(solved)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: [[f32; 2]; 6] = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.4, 0.6], [2.0, 0.5]];

    #[test]
    fn an_affine_map_is_met_everywhere() {
        let map = |[x, y]: [f32; 2]| [0.9 * x - 0.2 * y + 3.0, 0.1 * x + 1.2 * y - 1.0];
        let spline = Spline::through(&FROM, &FROM.map(map)).unwrap();
        for point in [[0.3, 0.3], [5.0, -2.0], [1.0, 0.0]] {
            let (got, expected) = (spline.at(point), map(point));
            assert!((0..2).all(|i| (got[i] - expected[i]).abs() < 1e-4), "{got:?} {expected:?}");
        }
        assert!((spline.enlarges([0.5, 0.5]) - 1.1).abs() < 1e-2);
    }

    #[test]
    fn single_points_pull_their_surroundings() {
        let mut to = FROM;
        to[4] = [0.5, 0.7];
        let spline = Spline::through(&FROM, &to).unwrap();
        let [x, y] = spline.at([0.4, 0.6]);
        assert!((x - 0.5).abs() < 0.02 && (y - 0.7).abs() < 0.02, "{x} {y}");
        let [x, y] = spline.at([1.0, 1.0]);
        assert!((x - 1.0).abs() < 0.02 && (y - 1.0).abs() < 0.02, "{x} {y}");
    }

    #[test]
    fn points_without_a_plane_have_no_spline() {
        assert!(Spline::through(&FROM[..2], &FROM[..2]).is_none());
        let line = [[0.0, 0.0], [1.0, 1.0], [2.0, 2.0], [3.0, 3.0]];
        assert!(Spline::through(&line, &line).is_none());
        let broken = [[0.0, 0.0], [f32::NAN, 1.0], [2.0, 0.0]];
        assert!(Spline::through(&broken, &broken).is_none());
    }
}
