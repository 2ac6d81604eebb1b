//! Accuracy, precision, recall, F1, UF1, UAR, kappa: what follows from a confusion alone.

use serde::Serialize;

use super::matrix::Matrix;
use crate::eval::classes::share;

/// How one class fares, as one against the rest. Shares are `[0, 1]`, and 0 where there is nothing to take a share of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct ClassResult {
    /// Share of those called so that are so: TP / (TP + FP).
    pub precision: f64,
    /// Share of those that are so that were called so: TP / (TP + FN).
    pub recall: f64,
    /// 2 TP / (2 TP + FP + FN).
    pub f1: f64,
    /// Share of the others that were not called so: TN / (TN + FP).
    pub specificity: f64,
    /// How many are so.
    pub support: usize,
    /// How many were called so.
    pub said: usize,
    /// Area under the curve of this class against the rest; `None` where the truth has no such example, or no other.
    pub auc: Option<f64>,
}

/// Figures over all classes, `[0, 1]` (kappa `[-1, 1]`); 0 where nothing was counted.
///
/// `macro_*` are means over *all* classes of the scheme, also those that the examples lack, as scikit-learn gives them when
/// told the labels; `weighted_*` weigh each class by how many examples are so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Scores {
    /// Share that was called what it is.
    pub accuracy: f64,
    /// Mean recall over the classes that the truth has (scikit-learn's `balanced_accuracy_score`).
    pub balanced_accuracy: f64,
    /// Unweighted F1 of the Micro-Expression Grand Challenge (See et al., "MEGC 2019", FG 2019, doi:10.1109/FG.2019.8756611):
    /// mean of 2 TP / (2 TP + FP + FN) over all folds together. Over the classes that occur in the truth or were said: the
    /// challenge's own code leaves out a class of which there is neither. One that was said and never true counts as 0.
    pub uf1: f64,
    /// Unweighted average recall of the same challenge: over the classes that the truth has, since a class without
    /// examples has no recall. The same number as the balanced accuracy, under the name of the field.
    pub uar: f64,
    /// Mean precision.
    pub macro_precision: f64,
    /// Mean recall.
    pub macro_recall: f64,
    /// Mean F1.
    pub macro_f1: f64,
    /// Precision, weighted.
    pub weighted_precision: f64,
    /// Recall, weighted; equals the accuracy.
    pub weighted_recall: f64,
    /// F1, weighted.
    pub weighted_f1: f64,
    /// Cohen's kappa: agreement beyond what the frequencies of classes alone would give; `None` where they leave nothing beyond.
    pub kappa: Option<f64>,
}

/// Of each class, without areas under curves.
pub(super) fn class_results(matrix: &Matrix) -> Vec<ClassResult> {
    let count = matrix.count();
    (0..matrix.size())
        .map(|class| {
            let (right, support, said) =
                (matrix.at(class, class), matrix.true_count(class), matrix.said_count(class));
            let others = count - support;
            ClassResult {
                precision: share(right, said),
                recall: share(right, support),
                f1: share(2 * right, support + said),
                specificity: share(others - (said - right), others),
                support,
                said,
                auc: None,
            }
        })
        .collect()
}

impl Scores {
    /// Of a confusion.
    pub(super) fn of(matrix: &Matrix) -> Self {
        let classes = class_results(matrix);
        let count = matrix.count();
        let over = |which: fn(&ClassResult) -> bool, value: fn(&ClassResult) -> f64| {
            let values: Vec<f64> = classes.iter().filter(|class| which(class)).map(value).collect();
            values.iter().sum::<f64>() / values.len().max(1) as f64
        };
        let weighted = |value: fn(&ClassResult) -> f64| {
            classes.iter().map(|class| class.support as f64 * value(class)).sum::<f64>() / count.max(1) as f64
        };
        let balanced_accuracy = over(|class| class.support > 0, |class| class.recall);
        Self {
            accuracy: share(matrix.right(), count),
            balanced_accuracy,
            uf1: over(|class| class.support + class.said > 0, |class| class.f1),
            uar: balanced_accuracy,
            macro_precision: over(|_| true, |class| class.precision),
            macro_recall: over(|_| true, |class| class.recall),
            macro_f1: over(|_| true, |class| class.f1),
            weighted_precision: weighted(|class| class.precision),
            weighted_recall: weighted(|class| class.recall),
            weighted_f1: weighted(|class| class.f1),
            kappa: kappa(&classes, matrix),
        }
    }
}

/// 1 - (n² - n Σ right) / (n² - Σ true × said), in whole numbers up to the last division.
fn kappa(classes: &[ClassResult], matrix: &Matrix) -> Option<f64> {
    let count = matrix.count();
    let by_chance: usize = classes.iter().map(|class| class.support * class.said).sum();
    let beyond = count * count - by_chance;
    if beyond == 0 {
        return None;
    }
    Some(1.0 - (count * (count - matrix.right())) as f64 / beyond as f64)
}
