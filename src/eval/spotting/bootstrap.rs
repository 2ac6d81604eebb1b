//! How sure the figures are: intervals by drawing clips or people again.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde::Serialize;

use super::figures::Counts;
use super::outcome::ClipOutcome;
use crate::eval::stats::quantile;

/// The smallest number of clips or people whose spread says anything.
const MIN_UNITS: usize = 2;

/// 95 % intervals, `[low, high]`; `None` where fewer than two units, or a figure without a basis in most draws, say nothing.
///
/// Percentile bootstrap (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, section 13.3): as many units as
/// there are, drawn with replacement; figures from the sums of what was drawn; 2.5 and 97.5 % quantiles. The unit is the
/// person, since events of one person are alike; the clip where the person is unknown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Intervals {
    /// `person` or `clip`.
    pub unit: &'static str,
    /// How many there are.
    pub units: usize,
    /// How often they were drawn.
    pub resamples: u32,
    /// Seed of the draws.
    pub seed: u64,
    /// Of precision.
    pub precision: Option<[f64; 2]>,
    /// Of recall.
    pub recall: Option<[f64; 2]>,
    /// Of F1.
    pub f1: Option<[f64; 2]>,
    /// Of false alarms a minute over all time. After no false alarm at all it is `[0, 0]`: see `highest_rate_after_none`.
    pub false_alarms_per_minute: Option<[f64; 2]>,
    /// Of recall over observable events.
    pub observable_recall: Option<[f64; 2]>,
    /// Of false alarms a minute over observed time.
    pub observed_false_alarms_per_minute: Option<[f64; 2]>,
    /// Where there was no false alarm at all: the highest rate, a minute, at which that would still happen 5 times in 100,
    /// `-ln 0.05 / minutes` for independent alarms. `None` otherwise.
    pub highest_rate_after_none: Option<f64>,
}

impl Intervals {
    /// From `resamples` draws; `None` where there are none to make.
    pub(super) fn of(outcomes: &[ClipOutcome], resamples: u32, seed: u64) -> Option<Self> {
        let mut units: BTreeMap<&str, Counts> = BTreeMap::new();
        let mut all = Counts::default();
        for outcome in outcomes {
            let counts = Counts::of(outcome);
            *units.entry(outcome.clip.unit()).or_default() += counts;
            all += counts;
        }
        if resamples == 0 || units.is_empty() {
            return None;
        }
        let is_by_person = outcomes.iter().all(|outcome| !outcome.clip.person.is_empty());
        // In order of name, not of rows, so that the order of the files is of no account.
        let units: Vec<Counts> = units.into_values().collect();
        let mut rng = Pcg64::seed_from_u64(seed);
        let draws: Vec<Counts> = (0..resamples)
            .map(|_| {
                let mut sum = Counts::default();
                for _ in 0..units.len() {
                    if let Some(unit) = units.get(rng.random_range(0..units.len())) {
                        sum += *unit;
                    }
                }
                sum
            })
            .collect();
        let interval = |figure: fn(&Counts) -> Option<f64>| {
            let mut values: Vec<f64> = draws.iter().filter_map(figure).collect();
            if units.len() < MIN_UNITS || values.len() * 2 < draws.len() {
                return None;
            }
            values.sort_by(f64::total_cmp);
            Some([quantile(&values, 0.025)?, quantile(&values, 0.975)?])
        };
        let is_without_alarm = all.timed_false_alarms == 0 && all.seconds > 0.0;
        Some(Self {
            unit: if is_by_person { "person" } else { "clip" },
            units: units.len(),
            resamples,
            seed,
            precision: interval(Counts::precision),
            recall: interval(Counts::recall),
            f1: interval(Counts::f1),
            false_alarms_per_minute: interval(Counts::false_alarms_per_minute),
            observable_recall: interval(Counts::observable_recall),
            observed_false_alarms_per_minute: interval(Counts::observed_false_alarms_per_minute),
            highest_rate_after_none: is_without_alarm.then(|| -(0.05f64.ln()) * 60.0 / all.seconds),
        })
    }
}
