//! `Recognition`: predictions in, every figure out.

use std::collections::BTreeMap;

use serde::Serialize;

use super::figures::{Extras, Figures};
use super::subsets::SubsetFigures;
use super::{Prediction, Predictions};

/// Every figure of a classifier.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Recognition {
    /// Over the test parts of all folds together, with curves and intervals.
    pub pooled: Figures,
    /// By fold, in order of their numbers.
    pub folds: Vec<FoldFigures>,
    /// Mean and spread of the folds' figures.
    pub mean_over_folds: MeanOverFolds,
    /// By stimulus, kind, gender, corpus, and pairs of these.
    pub subsets: Vec<SubsetFigures>,
    /// Rows that are no prediction over the classes (wrong number of probabilities, not a number, an unknown class): not counted.
    pub unusable: usize,
}

/// One fold.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FoldFigures {
    /// Its number.
    pub fold: usize,
    /// Its figures, without curves and intervals.
    #[serde(flatten)]
    pub figures: Figures,
}

/// Mean of a figure over folds, and its standard deviation (of a sample, n - 1; `None` of one fold).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Spread {
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: Option<f64>,
}

/// Means over folds. A small fold may lack classes, so means over folds and pooled figures differ; papers on small corpora give
/// pooled ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct MeanOverFolds {
    /// How many folds.
    pub folds: usize,
    /// Accuracy.
    pub accuracy: Spread,
    /// Macro F1.
    pub macro_f1: Spread,
    /// UF1.
    pub uf1: Spread,
    /// UAR.
    pub uar: Spread,
}

impl MeanOverFolds {
    fn of(folds: &[FoldFigures]) -> Self {
        let spread = |value: fn(&Figures) -> f64| {
            let values: Vec<f64> = folds.iter().map(|fold| value(&fold.figures)).collect();
            let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
            let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
            let sd = if values.len() < 2 { None } else { Some((squares / (values.len() - 1) as f64).sqrt()) };
            Spread { mean, sd }
        };
        Self {
            folds: folds.len(),
            accuracy: spread(|figures| figures.scores.accuracy),
            macro_f1: spread(|figures| figures.scores.macro_f1),
            uf1: spread(|figures| figures.scores.uf1),
            uar: spread(|figures| figures.scores.uar),
        }
    }
}

impl Recognition {
    /// All figures.
    ///
    /// # Arguments
    /// * `resamples`: draws for the 95 % intervals; 0 for none. 1000 is usual.
    /// * `seed`: of the draws. The same predictions, draws and seed give the same figures.
    pub fn of(predictions: &Predictions, resamples: u32, seed: u64) -> Self {
        let classes = &predictions.classes;
        let all: Vec<&Prediction> = predictions.rows.iter().collect();
        let mut by_fold: BTreeMap<usize, Vec<&Prediction>> = BTreeMap::new();
        for row in &predictions.rows {
            by_fold.entry(row.fold).or_default().push(row);
        }
        let folds: Vec<FoldFigures> = by_fold
            .into_iter()
            .map(|(fold, rows)| FoldFigures { fold, figures: Figures::of(classes, &rows, Extras::default()) })
            .collect();
        let pooled = Figures::of(classes, &all, Extras { resamples, seed, with_roc: true });
        Self {
            unusable: all.len() - pooled.count,
            pooled,
            mean_over_folds: MeanOverFolds::of(&folds),
            folds,
            subsets: SubsetFigures::all_of(predictions, Extras { resamples, seed, with_roc: false }),
        }
    }
}
