//! Quantiles, as every report states them.

use serde::Serialize;

/// Middle and tail of some values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Quantiles {
    /// How many values.
    pub n: usize,
    /// Their median; `None` without values.
    pub p50: Option<f64>,
    /// Their 95th percentile; `None` without values.
    pub p95: Option<f64>,
}

impl Quantiles {
    /// Of `values`, in any order and unit.
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        Self { n: values.len(), p50: quantile(&values, 0.5), p95: quantile(&values, 0.95) }
    }
}

/// The `q` quantile of sorted values, linear between the two nearest: at `h = q (n - 1)`, `x[⌊h⌋] + (h - ⌊h⌋) (x[⌊h⌋ + 1] -
/// x[⌊h⌋])`; `None` without values.
///
/// `q` is held to `[0, 1]`. Reference: Hyndman and Fan, "Sample quantiles in statistical packages", 1996, type 7, which
/// numpy and R use unless told otherwise.
pub fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let at = q.clamp(0.0, 1.0) * last as f64;
    let below = (at.floor() as usize).min(last);
    let (low, high) = (sorted.get(below)?, sorted.get((below + 1).min(last))?);
    Some(low + (at - below as f64) * (high - low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_match_numpy() {
        // numpy.quantile([1, 2, 4, 8], [0, .5, .95, 1])
        let values = [1.0, 2.0, 4.0, 8.0];
        for (q, expected) in [(0.0, 1.0), (0.5, 3.0), (0.95, 7.4), (1.0, 8.0)] {
            assert!((quantile(&values, q).unwrap() - expected).abs() < 1e-12, "{q}");
        }
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(Quantiles::of(vec![3.0]), Quantiles { n: 1, p50: Some(3.0), p95: Some(3.0) });
    }
}
