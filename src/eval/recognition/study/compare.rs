//! Networks against each other on the same examples.

use serde::Serialize;

use super::StudyRun;
use super::results::data_set_of;
use crate::eval::recognition::{McNemar, mcnemar};

/// Two networks on one data set by one protocol.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// `micro` or `masked`.
    pub kind: String,
    /// Only samples of this stimulus.
    pub stimulus: Option<String>,
    /// Only participants of this gender.
    pub gender: Option<String>,
    /// How training and test were kept apart.
    pub protocol: String,
    /// The first network.
    pub first: String,
    /// The second network.
    pub second: String,
    /// The test; `None` where they were not tested on the same examples.
    pub mcnemar: Option<McNemar>,
    /// `p` after Holm's correction (1979) for the other pairs on this data set by this protocol.
    pub p_holm: Option<f64>,
    /// Why there is no test.
    pub why_not: Option<String>,
}

/// All pairs of networks with figures on the same data set by the same protocol. `runs` are in the order of the study's results.
pub(super) fn comparisons(runs: &[&StudyRun]) -> Vec<Comparison> {
    let usable: Vec<&StudyRun> = runs
        .iter()
        .copied()
        .filter(|run| run.why_not.is_none() && !run.predictions.rows.is_empty())
        .collect();
    let same_test = |a: &StudyRun, b: &StudyRun| data_set_of(a) == data_set_of(b) && a.protocol == b.protocol;
    let mut all = Vec::new();
    for (index, first_of_test) in usable.iter().enumerate() {
        // Each data set and protocol once, at its first run.
        if usable.iter().take(index).any(|earlier| same_test(earlier, first_of_test)) {
            continue;
        }
        let these: Vec<&StudyRun> =
            usable.iter().copied().filter(|run| same_test(run, first_of_test)).collect();
        let mut pairs = Vec::new();
        for (index, first) in these.iter().enumerate() {
            pairs.extend(these.iter().skip(index + 1).map(|second| compare(first, second)));
        }
        holm(&mut pairs);
        all.extend(pairs);
    }
    all
}

fn compare(first: &StudyRun, second: &StudyRun) -> Comparison {
    let test = mcnemar(&first.predictions, &second.predictions);
    Comparison {
        kind: first.kind.clone(),
        stimulus: first.stimulus.clone(),
        gender: first.gender.clone(),
        protocol: first.protocol.clone(),
        first: first.network.clone(),
        second: second.network.clone(),
        why_not: test.as_ref().err().map(ToString::to_string),
        mcnemar: test.ok(),
        p_holm: None,
    }
}

/// Holm's correction: the smallest p times the number of tests, the next times one less, and so on, never falling.
fn holm(pairs: &mut [Comparison]) {
    let mut tests: Vec<(&mut Comparison, f64)> = pairs
        .iter_mut()
        .filter_map(|pair| {
            let p = pair.mcnemar.map(|test| test.p)?;
            Some((pair, p))
        })
        .collect();
    tests.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut highest = 0.0f64;
    let count = tests.len();
    for (rank, (pair, p)) in tests.iter_mut().enumerate() {
        highest = highest.max(*p * (count - rank) as f64).min(1.0);
        pair.p_holm = Some(highest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_correction_by_hand() {
        let with = |p: f64| Comparison {
            kind: String::new(),
            stimulus: None,
            gender: None,
            protocol: String::new(),
            first: String::new(),
            second: String::new(),
            mcnemar: Some(McNemar {
                both_right: 0,
                only_first: 0,
                only_second: 0,
                both_wrong: 0,
                p,
                exact: true,
                statistic: 0.0,
            }),
            p_holm: None,
            why_not: None,
        };
        // Sorted .01 .03 .04: times 3, 2, 1 gives .03 .06 .04, and what falls is raised to .06.
        let mut pairs = [with(0.04), with(0.01), with(0.03)];
        holm(&mut pairs);
        let corrected = pairs.map(|pair| (pair.p_holm.unwrap() * 1e6).round() / 1e6);
        assert_eq!(corrected, [0.06, 0.03, 0.06]);
    }
}
