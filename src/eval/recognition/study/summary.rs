//! How optimistic the frame split is, in figures and in plain words.

use serde::Serialize;

use super::results::{RunResult, StudyResults};
use super::{HOLDOUT, SUBJECT};

/// How much higher figures are when frames of one person may be in both training and test.
///
/// Over every network and data set of all participants that has both protocols.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Optimism {
    /// How many networks and data sets have both.
    pub pairs: usize,
    /// Mean accuracy of the frame split, `[0, 1]`.
    pub holdout_accuracy: f64,
    /// Mean accuracy of the subject-disjoint protocol.
    pub subject_accuracy: f64,
    /// Mean macro F1 of the frame split.
    pub holdout_macro_f1: f64,
    /// Mean macro F1 of the subject-disjoint protocol.
    pub subject_macro_f1: f64,
    /// Smallest difference of accuracy, frame split less subject-disjoint.
    pub least: f64,
    /// Largest difference.
    pub most: f64,
}

/// Pairs of runs that differ in the protocol alone: frame split, subject-disjoint.
pub(super) fn pairs(runs: &[RunResult]) -> Vec<(&RunResult, &RunResult)> {
    let by = |protocol: &'static str| runs.iter().filter(move |run| run.protocol == protocol);
    let same = |a: &RunResult, b: &RunResult| a.network == b.network && a.data_set() == b.data_set();
    by(HOLDOUT)
        .filter_map(|holdout| by(SUBJECT).find(|run| same(run, holdout)).map(|run| (holdout, run)))
        .collect()
}

/// `None` where nothing has both protocols.
pub(super) fn optimism(runs: &[RunResult]) -> Option<Optimism> {
    let scores: Vec<[f64; 4]> = pairs(runs)
        .into_iter()
        .filter(|(holdout, _)| holdout.gender.is_none())
        .filter_map(|(holdout, subject)| {
            let (a, b) =
                (&holdout.recognition.as_ref()?.pooled.scores, &subject.recognition.as_ref()?.pooled.scores);
            Some([a.accuracy, b.accuracy, a.macro_f1, b.macro_f1])
        })
        .collect();
    if scores.is_empty() {
        return None;
    }
    let [mut sums, n] = [[0.0; 4], [scores.len() as f64; 4]];
    let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
    for four in &scores {
        let [holdout, subject, ..] = four;
        (least, most) = (least.min(holdout - subject), most.max(holdout - subject));
        sums.iter_mut().zip(four).for_each(|(sum, value)| *sum += value);
    }
    sums.iter_mut().zip(n).for_each(|(sum, n)| *sum /= n);
    let [holdout_accuracy, subject_accuracy, holdout_macro_f1, subject_macro_f1] = sums;
    Some(Optimism {
        pairs: scores.len(),
        holdout_accuracy,
        subject_accuracy,
        holdout_macro_f1,
        subject_macro_f1,
        least,
        most,
    })
}

impl StudyResults {
    /// What the study says, in sentences.
    pub(super) fn summary(&self) -> Vec<String> {
        let mut sentences = Vec::new();
        match &self.optimism {
            Some(one) => sentences.extend(one.sentences()),
            None => sentences.push(
                "No network has figures by both protocols, so this study does not say how optimistic a split by frame is."
                    .to_owned(),
            ),
        }
        if let Some(best) = self.best() {
            sentences.push(best);
        }
        let missing = self.runs.iter().filter(|run| run.why_not.is_some()).count();
        if missing > 0 {
            sentences.push(format!(
                "{missing} of {} runs were not possible; the tables say why.",
                self.runs.len()
            ));
        }
        sentences
    }

    /// The network with the best accuracy on each data set of all participants, with people kept apart.
    fn best(&self) -> Option<String> {
        let mut parts = Vec::new();
        for (data_set, runs) in self.by_data_set() {
            let scored = runs.iter().filter(|run| run.protocol == SUBJECT && data_set.gender.is_none());
            let accuracy = |run: &RunResult| Some(run.recognition.as_ref()?.pooled.scores.accuracy);
            let best =
                scored.filter_map(|run| Some((accuracy(run)?, run))).max_by(|a, b| a.0.total_cmp(&b.0));
            let Some((accuracy, run)) = best else { continue };
            let intervals = run.recognition.as_ref().and_then(|figures| figures.pooled.intervals.as_ref());
            let range = intervals.map_or_else(String::new, |intervals| {
                let [low, high] = intervals.accuracy;
                format!(" (95 %: {:.1} to {:.1})", 100.0 * low, 100.0 * high)
            });
            parts.push(format!("{}: {}, {:.1} %{range}", data_set.title(), run.network, 100.0 * accuracy));
        }
        if parts.is_empty() {
            return None;
        }
        Some(format!("Highest accuracy with people kept apart. {}.", parts.join("; ")))
    }
}

impl Optimism {
    fn sentences(&self) -> [String; 2] {
        let apart = 100.0 * (self.holdout_accuracy - self.subject_accuracy);
        let (holdout, subject) = (100.0 * self.holdout_accuracy, 100.0 * self.subject_accuracy);
        let over = format!(
            "over {} pairs of network and data set, from {:+.1} to {:+.1} points",
            self.pairs,
            100.0 * self.least,
            100.0 * self.most
        );
        let first = if apart >= 0.05 {
            format!(
                "The frame split is the optimistic protocol: its accuracy is {apart:.1} points higher ({holdout:.1} % against \
                 {subject:.1} % where nobody is in both training and test; {over})."
            )
        } else {
            format!(
                "Here the frame split is not the optimistic protocol: its accuracy is {holdout:.1} %, against {subject:.1} % where \
                 nobody is in both training and test ({over})."
            )
        };
        let second = format!(
            "Macro F1: {:.1} % and {:.1} %. A split by frame puts frames of one person into both parts, so a network may know the \
             person instead of the expression; how it does on new people is what the subject-disjoint figures say.",
            100.0 * self.holdout_macro_f1,
            100.0 * self.subject_macro_f1
        );
        [first, second]
    }
}
