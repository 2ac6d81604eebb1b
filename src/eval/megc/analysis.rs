//! Recognition of what was spotted.

use std::collections::BTreeSet;

use serde::Serialize;

use super::matching::Matched;
use crate::eval::classes::share;

/// How the correctly spotted intervals were recognised; `[0, 1]`, 0 where there is nothing to take a share of.
///
/// As the challenge's script defines it (github.com/genbing99/STRS-Metric, after Liong, See and Chan, "Spot-then-recognize: A
/// micro-expression analysis network for seamless evaluation of long videos", Signal Processing: Image Communication 110, 2023,
/// doi:10.1016/j.image.2022.116875): classes are the labels that the truth has, spotted or not; figures are over the spotted
/// intervals whose true label is one of them. We differ where the script slips: a class that is all there is and always right
/// counts as 1 there as elsewhere (there: 0).
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Analysis {
    /// The classes, by name.
    pub classes: Vec<String>,
    /// Correctly spotted intervals of these classes.
    pub count: usize,
    /// How many of them have the right label.
    pub right: usize,
    /// Mean precision over the classes.
    pub precision: f64,
    /// Mean recall over the classes.
    pub recall: f64,
    /// Harmonic mean of these two means: the F1 of the challenge's STRS.
    pub f1: f64,
    /// Mean of the classes' F1 (UF1): lower than `f1` where precision and recall of a class differ.
    pub uf1: f64,
}

/// Truth against what became of it, from the video to the label.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SpotThenRecognize {
    /// Labels of truth and predictions, by name; rows and columns. An empty name: no label.
    pub labels: Vec<String>,
    /// Row: true label; column: predicted one; correctly spotted intervals.
    pub matrix: Vec<Vec<usize>>,
    /// True intervals of each label that were not spotted.
    pub missed: Vec<usize>,
    /// False alarms by the label that they were given.
    pub false_alarms: Vec<usize>,
}

impl SpotThenRecognize {
    /// Of what was matched in any number of videos.
    pub(super) fn of(all: &[&Matched<'_>]) -> Self {
        let mut labels = BTreeSet::new();
        for matched in all {
            labels.extend(matched.pairs.iter().flat_map(|pair| [&pair.truth.label, &pair.predicted.label]));
            labels.extend(matched.missed.iter().chain(&matched.false_alarms).map(|interval| &interval.label));
        }
        let labels: Vec<String> = labels.into_iter().cloned().collect();
        // How often each label is the one of `these`.
        let tally = |these: Vec<&str>| -> Vec<usize> {
            labels.iter().map(|label| these.iter().filter(|one| **one == label.as_str()).count()).collect()
        };
        let row = |truth: &String| {
            let pairs =
                all.iter().flat_map(|matched| &matched.pairs).filter(|pair| pair.truth.label == *truth);
            tally(pairs.map(|pair| pair.predicted.label.as_str()).collect())
        };
        let missed = all.iter().flat_map(|matched| &matched.missed).map(|one| one.label.as_str());
        let false_alarms = all.iter().flat_map(|matched| &matched.false_alarms).map(|one| one.label.as_str());
        Self {
            matrix: labels.iter().map(row).collect(),
            missed: tally(missed.collect()),
            false_alarms: tally(false_alarms.collect()),
            labels,
        }
    }
}

impl Analysis {
    /// Of what was matched; `None` where no true interval has a label that counts.
    pub(super) fn of(all: &[&Matched<'_>], without: &[String]) -> Option<Self> {
        let truth = all.iter().flat_map(|matched| {
            matched.pairs.iter().map(|pair| pair.truth).chain(matched.missed.iter().copied())
        });
        let classes: BTreeSet<&str> = truth
            .map(|interval| interval.label.as_str())
            .filter(|label| !label.is_empty() && !without.iter().any(|other| other == label))
            .collect();
        if classes.is_empty() {
            return None;
        }
        let pairs: Vec<(&str, &str)> = all
            .iter()
            .flat_map(|matched| &matched.pairs)
            .map(|pair| (pair.truth.label.as_str(), pair.predicted.label.as_str()))
            .filter(|(truth, _)| classes.contains(truth))
            .collect();
        let count_of = |is: &dyn Fn(&(&str, &str)) -> bool| pairs.iter().filter(|pair| is(pair)).count();
        let (mut precision, mut recall, mut uf1) = (0.0, 0.0, 0.0);
        for class in &classes {
            let right = count_of(&|(truth, said)| truth == class && said == class);
            let (true_count, said_count) =
                (count_of(&|pair| pair.0 == *class), count_of(&|pair| pair.1 == *class));
            precision += share(right, said_count);
            recall += share(right, true_count);
            uf1 += share(2 * right, true_count + said_count);
        }
        let [precision, recall, uf1] = [precision, recall, uf1].map(|sum| sum / classes.len() as f64);
        let sum = precision + recall;
        Some(Self {
            count: pairs.len(),
            right: count_of(&|(truth, said)| truth == said),
            precision,
            recall,
            f1: if sum > 0.0 { 2.0 * precision * recall / sum } else { 0.0 },
            uf1,
            classes: classes.into_iter().map(str::to_owned).collect(),
        })
    }
}
