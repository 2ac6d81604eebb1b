//! The Cholesky factor of a symmetric positive matrix, kept for solving with it again and again.

/// A factored matrix of fixed size.
#[derive(Clone, Debug)]
pub struct Cholesky {
    size: usize,
    /// Lower triangle, row by row; the diagonal holds reciprocals.
    factor: Vec<f64>,
}

impl Cholesky {
    /// Room for a matrix of `size` rows; the identity until one is factored.
    pub fn new(size: usize) -> Self {
        let mut factor = vec![0.0; size * size];
        factor.iter_mut().step_by(size + 1).for_each(|v| *v = 1.0);
        Self { size, factor }
    }

    /// Factors the matrix whose lower triangle `cell(row, column)` gives. A pivot that is not positive (which rounding may
    /// cause in a nearly singular matrix) is replaced by a tiny one.
    pub fn factor(&mut self, cell: impl Fn(usize, usize) -> f64) {
        let n = self.size;
        for row in 0..n {
            let (above, own) = self.factor.split_at_mut(row * n);
            let own = &mut own[..=row];
            for column in 0..row {
                let other = &above[column * n..=column * n + column];
                let sum = dot(&own[..column], &other[..column]);
                own[column] = (cell(row, column) - sum) * other[column];
            }
            let pivot = cell(row, row) - dot(&own[..row], &own[..row]);
            own[row] = pivot.max(1e-15).sqrt().recip();
        }
    }

    /// Replaces `vector` by the solution of `factor x = vector`: white where `vector` has the matrix for its covariance.
    pub fn forward(&self, vector: &mut [f64]) {
        let n = self.size;
        for row in 0..n {
            let own = &self.factor[row * n..=row * n + row];
            let sum = dot(&own[..row], &vector[..row]);
            vector[row] = (vector[row] - sum) * own[row];
        }
    }

    /// Replaces `vector` by the solution of `matrix x = vector`.
    pub fn solve(&self, vector: &mut [f64]) {
        self.forward(vector);
        let n = self.size;
        for row in (0..n).rev() {
            let own = &self.factor[row * n..=row * n + row];
            vector[row] *= own[row];
            let value = vector[row];
            for (below, factor) in vector[..row].iter_mut().zip(own) {
                *below -= factor * value;
            }
        }
    }
}

/// Four sums side by side: the order of additions is fixed, and the loop can use vector instructions.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a4, b4) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 = a4.remainder().iter().zip(b4.remainder()).map(|(a, b)| a * b).sum();
    let mut sums = [0.0f64; 4];
    for (a, b) in a4.zip(b4) {
        for i in 0..4 {
            sums[i] += a[i] * b[i];
        }
    }
    sums[0] + sums[1] + (sums[2] + sums[3]) + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_what_was_multiplied() {
        let cell = |row: usize, column: usize| {
            if row == column { 3.0 + row as f64 } else { 1.0 / (1.0 + (row + column) as f64) }
        };
        let (size, x) = (9, [1.0, -2.0, 0.5, 3.0, 0.0, -1.0, 2.0, 0.25, 7.0]);
        let mut vector: Vec<f64> =
            (0..size).map(|row| (0..size).map(|column| cell(row, column) * x[column]).sum()).collect();
        let mut cholesky = Cholesky::new(size);
        cholesky.factor(cell);
        cholesky.solve(&mut vector);
        assert!(vector.iter().zip(x).all(|(a, b)| (a - b).abs() < 1e-12), "{vector:?}");
    }
}
