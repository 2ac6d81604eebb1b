//! Cohen's kappa: agreement of two coders beyond what their habits alone would give.

use serde::Serialize;

/// 97.5 % point of the normal distribution: 95 % lie within ±.
const Z95: f64 = 1.959_963_984_540_054;

/// Agreement of two coders over the same candidates.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Kappa {
    /// Candidates that both labelled.
    pub n: usize,
    /// Share of them with the same label, `[0, 1]`; `None` without candidates.
    pub observed: Option<f64>,
    /// Share that two coders with these habits would share by chance, `[0, 1]`.
    pub expected: Option<f64>,
    /// Kappa, `[-1, 1]`; `None` where it is not defined: see `why_not`.
    pub kappa: Option<f64>,
    /// 95 % interval of kappa, held to `[-1, 1]`; `None` where there is none: see `why_not`.
    pub interval_95: Option<[f64; 2]>,
    /// Why a figure is missing; empty where none is.
    pub why_not: String,
}

impl Kappa {
    /// Of a square matrix of counts. Row: the first coder's label; column: the second one's.
    ///
    /// With `p_ij` the shares, `p_i.` and `p_.j` their sums, `p_o = Σ p_ii`, `p_e = Σ p_i. p_.i`:
    /// `κ = (p_o - p_e) / (1 - p_e)`, and the large-sample standard error
    /// `√(A + B - C) / ((1 - p_e) √n)` with `A = Σ p_ii (1 - (p_i. + p_.i)(1 - κ))²`,
    /// `B = (1 - κ)² Σ_{i≠j} p_ij (p_.i + p_j.)²`, `C = (κ - p_e (1 - κ))²`. The interval is `κ ± 1.96` standard errors; below some
    /// 30 candidates it is too narrow.
    ///
    /// # References
    /// Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20, 1960, 37-46,
    /// doi:10.1177/001316446002000104. Fleiss, Cohen and Everitt, "Large sample standard errors of kappa and weighted kappa",
    /// Psychological Bulletin 72, 1969, 323-327, doi:10.1037/h0028106, equation 13.
    pub fn of(matrix: &[Vec<usize>]) -> Self {
        let count: usize = matrix.iter().flatten().sum();
        if count == 0 {
            return Self {
                n: 0,
                observed: None,
                expected: None,
                kappa: None,
                interval_95: None,
                why_not: "there is no candidate that both labelled".to_owned(),
            };
        }
        let n = count as f64;
        let size = matrix.len();
        let share = |i: usize, j: usize| {
            matrix.get(i).and_then(|row| row.get(j)).map_or(0.0, |count| *count as f64 / n)
        };
        let rows: Vec<f64> = (0..size).map(|i| (0..size).map(|j| share(i, j)).sum()).collect();
        let columns: Vec<f64> = (0..size).map(|j| (0..size).map(|i| share(i, j)).sum()).collect();
        let observed: f64 = (0..size).map(|i| share(i, i)).sum();
        let expected: f64 = rows.iter().zip(&columns).map(|(row, column)| row * column).sum();
        let known = Self {
            n: count,
            observed: Some(observed),
            expected: Some(expected),
            kappa: None,
            interval_95: None,
            why_not: String::new(),
        };
        // Shares of whole candidates: what chance leaves is 0, or far above rounding.
        if 1.0 - expected < 1e-12 {
            let why_not =
                "both coders used one label only, the same: chance alone explains everything".to_owned();
            return Self { why_not, ..known };
        }
        let kappa = (observed - expected) / (1.0 - expected);
        let mut variance = -(kappa - expected * (1.0 - kappa)).powi(2);
        for i in 0..size {
            for j in 0..size {
                variance += if i == j {
                    share(i, i) * (1.0 - (rows[i] + columns[i]) * (1.0 - kappa)).powi(2)
                } else {
                    (1.0 - kappa).powi(2) * share(i, j) * (columns[i] + rows[j]).powi(2)
                };
            }
        }
        let error = variance.max(0.0).sqrt() / ((1.0 - expected) * n.sqrt());
        if error < 1e-9 {
            let why_not =
                "no interval: the coders never differ (or always in the same way), so the spread is unknown";
            return Self { kappa: Some(kappa), why_not: why_not.to_owned(), ..known };
        }
        let bound = |at: f64| (kappa + at * error).clamp(-1.0, 1.0);
        Self { kappa: Some(kappa), interval_95: Some([bound(-Z95), bound(Z95)]), ..known }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn near(value: f64, expected: f64, within: f64) {
        assert!((value - expected).abs() < within, "{value}, expected {expected}");
    }

    #[test]
    fn cohens_example_of_1960() {
        // Two psychologists, 200 patients: rows sum to .6 .3 .1, columns to .5 .3 .2. By hand: p_o = 140/200 = .70,
        // p_e = .30 + .09 + .02 = .41, kappa = .29 / .59.
        let kappa = Kappa::of(&[vec![88, 14, 18], vec![10, 40, 10], vec![2, 6, 12]]);
        assert_eq!(kappa.n, 200);
        near(kappa.observed.unwrap(), 0.70, 1e-12);
        near(kappa.expected.unwrap(), 0.41, 1e-12);
        near(kappa.kappa.unwrap(), 0.29 / 0.59, 1e-12);
        assert_eq!(kappa.why_not, "");
    }

    #[test]
    fn a_two_by_two_table_by_hand() {
        // [[20, 5], [10, 15]]: p_o = .7, rows .5 .5, columns .6 .4, p_e = .5, kappa = .4.
        // A = .4 (1 - 1.1 * .6)^2 + .3 (1 - .9 * .6)^2 = .4 * .1156 + .3 * .2116 = .10972
        // B = .36 (.1 (.6 + .5)^2 + .2 (.4 + .5)^2) = .36 (.121 + .162) = .10188; C = (.4 - .5 * .6)^2 = .01
        // error = sqrt(.2016) / (.5 sqrt 50) = .449 / 3.53553 = .126996...
        let kappa = Kappa::of(&[vec![20, 5], vec![10, 15]]);
        near(kappa.kappa.unwrap(), 0.4, 1e-12);
        let error = 0.2016_f64.sqrt() / (0.5 * 50_f64.sqrt());
        let [low, high] = kappa.interval_95.unwrap();
        near(low, 0.4 - Z95 * error, 1e-12);
        near(high, 0.4 + Z95 * error, 1e-12);
    }

    #[test]
    fn what_is_not_defined_is_said() {
        let nobody = Kappa::of(&[vec![0, 0], vec![0, 0]]);
        assert!(nobody.kappa.is_none() && nobody.why_not.contains("no candidate"));
        assert_eq!(Kappa::of(&[]).n, 0);
        // One class only: everything agrees, and kappa is 0 / 0.
        let one = Kappa::of(&[vec![12, 0], vec![0, 0]]);
        assert_eq!((one.observed, one.kappa, one.interval_95), (Some(1.0), None, None));
        assert!(one.why_not.contains("one label only"));
        // Each used one label, but not the same.
        let apart = Kappa::of(&[vec![0, 7], vec![0, 0]]);
        assert_eq!((apart.observed, apart.expected, apart.kappa), (Some(0.0), Some(0.0), Some(0.0)));
        // They never differ: kappa is 1, of unknown spread.
        let same = Kappa::of(&[vec![5, 0], vec![0, 5]]);
        assert_eq!((same.kappa, same.interval_95), (Some(1.0), None));
        assert!(same.why_not.contains("no interval"));
    }

    proptest! {
        #[test]
        fn kappa_is_the_same_seen_from_either_coder_and_never_above_1(
            counts in proptest::collection::vec(0_usize..20, 16)
        ) {
            let matrix: Vec<Vec<usize>> = counts.chunks(4).map(<[usize]>::to_vec).collect();
            let other: Vec<Vec<usize>> = (0..4).map(|j| (0..4).map(|i| matrix[i][j]).collect()).collect();
            let (a, b) = (Kappa::of(&matrix), Kappa::of(&other));
            match (a.kappa, b.kappa) {
                (Some(a), Some(b)) => {
                    prop_assert!((a - b).abs() < 1e-9);
                    prop_assert!((-1.0..=1.0 + 1e-12).contains(&a));
                }
                (a, b) => prop_assert_eq!(a, b),
            }
            if let (Some([low, high]), Some(kappa)) = (a.interval_95, a.kappa) {
                prop_assert!(low <= kappa && kappa <= high);
            }
        }
    }
}
