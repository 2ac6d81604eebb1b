//! Small dense linear algebra: symmetric systems of a handful of unknowns.

/// The inverse of a matrix by Gauss-Jordan with row pivoting; `None` where it is singular to working precision or not
/// finite.
pub fn inverse<const N: usize>(matrix: &[[f64; N]; N]) -> Option<[[f64; N]; N]> {
    let mut left = *matrix;
    let mut right = [[0.0; N]; N];
    for (i, row) in right.iter_mut().enumerate() {
        row[i] = 1.0;
    }
    let largest = left.iter().flatten().fold(0.0f64, |m, v| m.max(v.abs()));
    for column in 0..N {
        let pivot = (column..N).max_by(|a, b| left[*a][column].abs().total_cmp(&left[*b][column].abs()))?;
        // Written so that NaN fails too.
        let is_regular = left[pivot][column].abs() > 1e-12 * largest;
        if !is_regular {
            return None;
        }
        left.swap(column, pivot);
        right.swap(column, pivot);
        let by = 1.0 / left[column][column];
        left[column].iter_mut().chain(&mut right[column]).for_each(|cell| *cell *= by);
        for row in (0..N).filter(|r| *r != column) {
            let factor = left[row][column];
            let (left_pivot, right_pivot) = (left[column], right[column]);
            for i in 0..N {
                left[row][i] -= factor * left_pivot[i];
                right[row][i] -= factor * right_pivot[i];
            }
        }
    }
    right.iter().flatten().all(|v| v.is_finite()).then_some(right)
}

/// `matrix vector`.
pub fn times<const N: usize>(matrix: &[[f64; N]; N], vector: &[f64; N]) -> [f64; N] {
    std::array::from_fn(|row| (0..N).map(|column| matrix[row][column] * vector[column]).sum())
}

/// The solution of `matrix x = vector`; `None` where the matrix is singular.
pub fn solve<const N: usize>(matrix: &[[f64; N]; N], vector: &[f64; N]) -> Option<[f64; N]> {
    Some(times(&inverse(matrix)?, vector))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_solution_solves_and_a_singular_matrix_has_none() {
        let matrix = [[0.0, 2.0, 1.0], [2.0, 5.0, -1.0], [1.0, -1.0, 4.0]];
        let x = solve(&matrix, &[3.0, 1.0, -2.0]).unwrap();
        for (got, expected) in times(&matrix, &x).iter().zip([3.0, 1.0, -2.0]) {
            assert!((got - expected).abs() < 1e-12, "{got} for {expected}");
        }
        assert_eq!(solve(&[[1.0, 2.0], [2.0, 4.0]], &[1.0, 1.0]), None);
        assert_eq!(solve(&[[f64::NAN, 0.0], [0.0, 1.0]], &[1.0, 1.0]), None);
    }
}
