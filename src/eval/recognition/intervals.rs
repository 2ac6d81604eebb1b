//! How sure the figures are: intervals by drawing people again.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde::Serialize;

use super::Prediction;
use super::matrix::Matrix;
use super::scores::Scores;
use crate::eval::stats::quantile;

/// The smallest number of people or examples whose spread says anything.
const MIN_UNITS: usize = 2;

/// 95 % intervals, `[low, high]`.
///
/// Percentile bootstrap (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, section 13.3): as many units as
/// there are, drawn with replacement; figures from all examples of what was drawn; 2.5 and 97.5 % quantiles. The unit is the
/// person, since pictures of one person are alike; the example where not every example names its person.
///
/// They say how the figures would vary with other people in the test; not how they would with another training run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Intervals {
    /// `subject` or `example`.
    pub unit: &'static str,
    /// How many there are.
    pub units: usize,
    /// How often they were drawn.
    pub resamples: u32,
    /// Seed of the draws.
    pub seed: u64,
    /// Of the accuracy.
    pub accuracy: [f64; 2],
    /// Of the macro F1.
    pub macro_f1: [f64; 2],
    /// Of the UF1.
    pub uf1: [f64; 2],
    /// Of the UAR.
    pub uar: [f64; 2],
}

impl Intervals {
    /// From `resamples` draws; `None` where there are no draws to make, or fewer than two units.
    pub(super) fn of(
        judged: &[(&Prediction, usize, usize)],
        classes: usize,
        resamples: u32,
        seed: u64,
    ) -> Option<Self> {
        let is_by_subject = judged.iter().all(|(prediction, _, _)| !prediction.subject.is_empty());
        // In order of names, not of rows, so that the order of a file is of no account.
        let mut units: BTreeMap<(&str, &str, usize), Matrix> = BTreeMap::new();
        let mut same_name: BTreeMap<&str, usize> = BTreeMap::new();
        for (prediction, truth, said) in judged {
            let key = if is_by_subject {
                (prediction.corpus.as_str(), prediction.subject.as_str(), 0)
            } else {
                let nth = same_name.entry(&prediction.example).or_default();
                *nth += 1;
                (prediction.example.as_str(), "", *nth)
            };
            units.entry(key).or_insert_with(|| Matrix::new(classes)).add(*truth, *said);
        }
        let units: Vec<Matrix> = units.into_values().collect();
        if resamples == 0 || units.len() < MIN_UNITS {
            return None;
        }
        let mut rng = Pcg64::seed_from_u64(seed);
        let mut draws: [Vec<f64>; 4] = Default::default();
        for _ in 0..resamples {
            let mut sum = Matrix::new(classes);
            for _ in 0..units.len() {
                if let Some(unit) = units.get(rng.random_range(0..units.len())) {
                    sum.merge(unit);
                }
            }
            let scores = Scores::of(&sum);
            for (draws, value) in
                draws.iter_mut().zip([scores.accuracy, scores.macro_f1, scores.uf1, scores.uar])
            {
                draws.push(value);
            }
        }
        let [accuracy, macro_f1, uf1, uar] = draws.map(|mut values| {
            values.sort_by(f64::total_cmp);
            // There is a quantile, as resamples is above 0.
            [0.025, 0.975].map(|q| quantile(&values, q).unwrap_or(f64::NAN))
        });
        let unit = if is_by_subject { "subject" } else { "example" };
        Some(Self { unit, units: units.len(), resamples, seed, accuracy, macro_f1, uf1, uar })
    }
}
