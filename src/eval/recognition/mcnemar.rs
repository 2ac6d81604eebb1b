//! Whether two classifiers differ on the same examples: McNemar's test.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Prediction, Predictions};
use crate::eval::EvalError;

/// Discordant pairs from which the approximation by chi-square is used.
const APPROXIMATE_FROM: usize = 25;

/// How two classifiers differ on the same examples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct McNemar {
    /// Examples that both call what they are.
    pub both_right: usize,
    /// Only the first does.
    pub only_first: usize,
    /// Only the second does.
    pub only_second: usize,
    /// Neither does.
    pub both_wrong: usize,
    /// Probability of a difference at least as large if both were right equally often, `[0, 1]`.
    pub p: f64,
    /// Whether `p` is exact (binomial) and not by chi-square.
    pub exact: bool,
    /// The smaller of the two discordant counts where exact; else chi-square with continuity correction,
    /// (|only first - only second| - 1)² / (only first + only second), 1 degree of freedom.
    pub statistic: f64,
}

impl McNemar {
    /// The counts and the test in words, for a terminal.
    pub fn text(&self) -> String {
        let how = if self.exact {
            "exact, from the binomial distribution".to_owned()
        } else {
            format!("chi-square {:.3}, 1 degree of freedom, continuity correction", self.statistic)
        };
        let p = if self.p < 1e-4 { "p < 0.0001".to_owned() } else { format!("p = {:.4}", self.p) };
        format!(
            "both right {}, only the first {}, only the second {}, both wrong {}\nMcNemar: {p} ({how})\n",
            self.both_right, self.only_first, self.only_second, self.both_wrong
        )
    }
}

/// McNemar's test (1947, doi:10.1007/BF02295996) on the examples of two classifiers, paired by name.
///
/// Exact under 25 discordant pairs, else by chi-square with continuity correction; statsmodels' `mcnemar` gives the same with
/// `exact=True` and `exact=False, correction=True`. It takes examples as independent: where one person gave many, `p` is too small.
///
/// # Errors
/// [`EvalError::NotPaired`]: an example is missing on one side, is there twice, or has another truth there.
pub fn mcnemar(a: &Predictions, b: &Predictions) -> Result<McNemar, EvalError> {
    let (first, second) = (by_name(a, "first")?, by_name(b, "second")?);
    let not_paired = |why: String| EvalError::NotPaired { why };
    let missing = |one: &BTreeMap<&str, Judged>, other: &BTreeMap<&str, Judged>| {
        one.keys().find(|name| !other.contains_key(**name)).map(|name| (*name).to_owned())
    };
    if let Some(name) = missing(&first, &second) {
        return Err(not_paired(format!("the second lacks example {name}")));
    }
    if let Some(name) = missing(&second, &first) {
        return Err(not_paired(format!("the first lacks example {name}")));
    }
    let [mut both_right, mut only_first, mut only_second, mut both_wrong] = [0; 4];
    for ((name, one), other) in first.iter().zip(second.values()) {
        if one.truth != other.truth {
            return Err(not_paired(format!(
                "example {name} is {} in the first and {} in the second",
                one.truth, other.truth
            )));
        }
        match (one.is_right, other.is_right) {
            (true, true) => both_right += 1,
            (true, false) => only_first += 1,
            (false, true) => only_second += 1,
            (false, false) => both_wrong += 1,
        }
    }
    let (p, statistic) = test(only_first, only_second);
    let exact = only_first + only_second < APPROXIMATE_FROM;
    Ok(McNemar { both_right, only_first, only_second, both_wrong, p, exact, statistic })
}

/// The truth of an example, and whether it was said.
struct Judged<'a> {
    truth: &'a str,
    is_right: bool,
}

fn by_name<'a>(
    predictions: &'a Predictions,
    which: &str,
) -> Result<BTreeMap<&'a str, Judged<'a>>, EvalError> {
    let mut judged = BTreeMap::new();
    for row in &predictions.rows {
        let Prediction { example, truth, .. } = row;
        let name = predictions.classes.get(*truth).map_or("", String::as_str);
        let one = Judged { truth: name, is_right: row.said() == Some(*truth) };
        if judged.insert(example.as_str(), one).is_some() {
            return Err(EvalError::NotPaired { why: format!("the {which} has example {example} twice") });
        }
    }
    Ok(judged)
}

/// Probability and statistic of the two discordant counts.
pub(super) fn test(only_first: usize, only_second: usize) -> (f64, f64) {
    let pairs = only_first + only_second;
    if pairs < APPROXIMATE_FROM {
        let fewer = only_first.min(only_second);
        // 2 P(X <= fewer) for X ~ Binomial(pairs, 1/2): counts below 2^25 are exact.
        let mut ways = 1.0f64;
        let mut sum = 0.0f64;
        for k in 0..=fewer {
            sum += ways;
            ways = ways * (pairs - k) as f64 / (k + 1) as f64;
        }
        return ((2.0 * sum / 2f64.powi(pairs as i32)).min(1.0), fewer as f64);
    }
    let apart = only_first.abs_diff(only_second) as f64 - 1.0;
    let statistic = apart * apart / pairs as f64;
    // P(chi-square of 1 degree of freedom >= x) = erfc(sqrt(x / 2)).
    (erfc((statistic / 2.0).sqrt()), statistic)
}

/// Complementary error function of `x >= 0`, to about 1e-14.
///
/// Below 2 by the series with positive terms, erf x = 2/√π e^(-x²) Σ 2^n x^(2n+1) / (1·3·..·(2n+1)) (DLMF 7.6.2); from there by the
/// continued fraction, erfc x = e^(-x²)/√π · 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + ..)))) (DLMF 7.9.1), from its end.
fn erfc(x: f64) -> f64 {
    let tail = (-x * x).exp() / std::f64::consts::PI.sqrt();
    if x < 2.0 {
        let (mut term, mut sum) = (x, x);
        for n in 1..100 {
            term *= 2.0 * x * x / f64::from(2 * n + 1);
            sum += term;
        }
        return 1.0 - 2.0 * tail * sum;
    }
    let fraction = (1..=100).rev().fold(x, |below, n| x + f64::from(n) / 2.0 / below);
    tail / fraction
}
