//! Every figure of some predictions together.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::calibration::Calibration;
use super::intervals::Intervals;
use super::matrix::Matrix;
use super::roc::{RocPoint, roc};
use super::scores::{ClassResult, Scores, class_results};
use super::{Prediction, Predictions};

/// How often each class was taken for each.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TruthAndSaid {
    /// Names of rows and columns.
    pub labels: Vec<String>,
    /// Row: the truth; column: what was said; examples.
    pub matrix: Vec<Vec<usize>>,
}

/// Curves of each class against the rest, by class; those that cannot be drawn are missing.
pub type Roc = BTreeMap<String, Vec<RocPoint>>;

/// Every figure of some predictions.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    /// How many examples.
    pub count: usize,
    /// How many people; 0 where none is known.
    pub subjects: usize,
    /// What follows from the most probable classes.
    #[serde(flatten)]
    pub scores: Scores,
    /// Mean area under the curves, over the classes that have one; `None` where none has. Equals scikit-learn's
    /// `roc_auc_score(multi_class="ovr", average="macro")` where every class occurs.
    pub macro_auc: Option<f64>,
    /// How good the probabilities are.
    #[serde(flatten)]
    pub calibration: Calibration,
    /// 95 % intervals; `None` without draws, or where there are too few people.
    pub intervals: Option<Intervals>,
    /// By class.
    pub per_class: BTreeMap<String, ClassResult>,
    /// Truth against what was said.
    pub confusion: TruthAndSaid,
    /// Curves; of the pooled figures only.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub roc: Roc,
}

/// What is worked out beside the figures themselves.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Extras {
    /// Draws for the intervals; 0 for none.
    pub(super) resamples: u32,
    /// Seed of the draws.
    pub(super) seed: u64,
    /// Whether the curves are kept.
    pub(super) with_roc: bool,
}

impl Figures {
    /// Of the rows; those that are no prediction over these classes are not counted.
    pub(super) fn of(classes: &[String], rows: &[&Prediction], extras: Extras) -> Self {
        let judged: Vec<(&Prediction, usize, usize)> = rows
            .iter()
            .filter_map(|row| row.judged(classes.len()).map(|(truth, said)| (*row, truth, said)))
            .collect();
        let matrix = Matrix::of(classes.len(), judged.iter().map(|(_, truth, said)| (*truth, *said)));
        let mut curves = Roc::new();
        let mut per_class = BTreeMap::new();
        let mut areas = Vec::new();
        for (class, (name, mut result)) in classes.iter().zip(class_results(&matrix)).enumerate() {
            let share = |row: &Prediction| row.shares.get(class).copied().unwrap_or(0.0);
            if let Some((points, area)) =
                roc(judged.iter().map(|(row, truth, _)| (share(row), *truth == class)))
            {
                result.auc = Some(area);
                areas.push(area);
                if extras.with_roc {
                    curves.insert(name.clone(), points);
                }
            }
            per_class.insert(name.clone(), result);
        }
        let subjects: BTreeSet<(&str, &str)> = judged
            .iter()
            .filter(|(row, _, _)| !row.subject.is_empty())
            .map(|(row, _, _)| (row.corpus.as_str(), row.subject.as_str()))
            .collect();
        Self {
            count: judged.len(),
            subjects: subjects.len(),
            scores: Scores::of(&matrix),
            macro_auc: if areas.is_empty() {
                None
            } else {
                Some(areas.iter().sum::<f64>() / areas.len() as f64)
            },
            calibration: Calibration::of(&judged),
            intervals: Intervals::of(&judged, classes.len(), extras.resamples, extras.seed),
            per_class,
            confusion: TruthAndSaid { labels: classes.to_vec(), matrix: matrix.rows() },
            roc: curves,
        }
    }

    /// Of all rows, without intervals and curves.
    pub fn plain(predictions: &Predictions) -> Self {
        let rows: Vec<&Prediction> = predictions.rows.iter().collect();
        Self::of(&predictions.classes, &rows, Extras::default())
    }
}
