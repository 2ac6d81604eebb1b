//! Two runs side by side.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::report::{BenchReport, Figures};
use crate::eval::quantile;
use crate::eval::text_table::TextTable;

/// Resamples of the seconds of both runs.
const RESAMPLES: usize = 2000;
/// Seed of the resampling: the same two files give the same intervals.
const SEED: u64 = 1;

/// How one time changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Stage, network or stretch.
    pub name: String,
    /// Median before, in ms.
    pub old_ms: f64,
    /// Median now, in ms.
    pub new_ms: f64,
    /// Mean of the seconds' medians now over that before.
    pub ratio: f64,
    /// 95 % interval of the ratio: seconds of both runs drawn again with replacement (Efron's percentile bootstrap). A second is a
    /// block: times within one depend on each other. `None` with fewer than three seconds.
    pub interval: Option<[f64; 2]>,
}

/// What both reports measured.
pub fn compare(old: &BenchReport, new: &BenchReport) -> Vec<Change> {
    let all = |report: &BenchReport| -> Vec<Figures> {
        [&report.end_to_end, &report.stages, &report.networks].into_iter().flatten().cloned().collect()
    };
    let old = all(old);
    let both = all(new).into_iter().filter_map(|new| {
        let old = old.iter().find(|old| old.name == new.name)?;
        change(old, &new)
    });
    both.collect()
}

fn change(old: &Figures, new: &Figures) -> Option<Change> {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let before = mean(&old.second_medians_ms);
    // Also where nothing was measured.
    let is_known = before > 0.0 && !new.second_medians_ms.is_empty();
    is_known.then(|| Change {
        name: new.name.clone(),
        old_ms: old.p50_ms,
        new_ms: new.p50_ms,
        ratio: mean(&new.second_medians_ms) / before,
        interval: interval(&old.second_medians_ms, &new.second_medians_ms),
    })
}

fn interval(old: &[f64], new: &[f64]) -> Option<[f64; 2]> {
    if old.len().min(new.len()) < 3 {
        return None;
    }
    let mut random = Pcg64Mcg::seed_from_u64(SEED);
    let mut drawn = |values: &[f64]| -> f64 {
        let draw = |_| values.get(random.random_range(0..values.len())).copied().unwrap_or(0.0);
        (0..values.len()).map(draw).sum::<f64>() / values.len() as f64
    };
    let mut ratios: Vec<f64> = (0..RESAMPLES).map(|_| drawn(new) / drawn(old)).collect();
    ratios.sort_by(f64::total_cmp);
    Some([quantile(&ratios, 0.025)?, quantile(&ratios, 0.975)?])
}

/// A table of changes; those whose interval does not hold 1 are marked.
pub fn comparison_text(old: &BenchReport, new: &BenchReport) -> String {
    let mut table = TextTable::new(&["median, ms", "before", "now", "ratio", "95 %", ""]);
    for change in compare(old, new) {
        let (interval, mark) = match change.interval {
            None => ("too short".to_owned(), ""),
            Some([low, high]) => {
                let mark = if high < 1.0 {
                    "faster"
                } else if low > 1.0 {
                    "slower"
                } else {
                    ""
                };
                (format!("{low:.2} to {high:.2}"), mark)
            }
        };
        table.row(vec![
            change.name,
            format!("{:.3}", change.old_ms),
            format!("{:.3}", change.new_ms),
            format!("{:.2}", change.ratio),
            interval,
            mark.to_owned(),
        ]);
    }
    let mut text = table.text();
    if old.machine.cpu != new.machine.cpu || old.machine.cores != new.machine.cores {
        text += "The machines differ: the ratios say nothing of the program.\n";
    }
    if (old.input.width, old.input.height, old.input.fps)
        != (new.input.width, new.input.height, new.input.fps)
    {
        text += "The inputs differ in size or rate.\n";
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(medians: &[f64]) -> Figures {
        Figures {
            name: "motion".into(),
            count: 100,
            mean_ms: 1.0,
            p50_ms: medians[0],
            p95_ms: 2.0,
            p99_ms: 3.0,
            max_ms: 4.0,
            percentiles_ms: vec![],
            second_medians_ms: medians.to_vec(),
        }
    }

    #[test]
    fn a_change_beyond_the_noise_is_seen_and_one_within_is_not() {
        let old = figures(&[2.0, 2.1, 1.9, 2.0, 2.2, 1.8]);
        let faster = change(&old, &figures(&[1.0, 1.1, 0.9, 1.0, 1.0, 1.0])).unwrap();
        assert!((faster.ratio - 0.5).abs() < 1e-9);
        let [low, high] = faster.interval.unwrap();
        assert!(low > 0.4 && low < faster.ratio && faster.ratio < high && high < 0.6, "{low} {high}");
        let [low, high] = change(&old, &old).unwrap().interval.unwrap();
        assert!(low < 1.0 && high > 1.0);
    }

    #[test]
    fn too_short_runs_have_no_interval() {
        assert_eq!(change(&figures(&[2.0, 2.0]), &figures(&[1.0, 1.0])).unwrap().interval, None);
        assert_eq!(change(&figures(&[0.0]), &figures(&[1.0])), None);
    }
}
