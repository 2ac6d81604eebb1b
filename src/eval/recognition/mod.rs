//! Recognisers against known labels: every figure of a classifier, and one classifier against another.
//!
//! [`Predictions`] hold what was said of each example; [`Recognition`] is all figures of them, pooled, by fold and by subset;
//! [`mcnemar`] compares two classifiers on the same examples; [`study`] writes a whole study as tables and a page.
//! Definitions are scikit-learn's where it has them, with `zero_division=0`; `tests/golden/recognition` holds them to that.

mod calibration;
mod figures;
mod intervals;
mod matrix;
mod mcnemar;
mod predictions;
mod predictions_csv;
mod report;
mod roc;
mod scores;
pub mod study;
mod subsets;
mod text;

pub use calibration::{Calibration, CalibrationBin};
pub use figures::{Figures, Roc, TruthAndSaid};
pub use intervals::Intervals;
pub use mcnemar::{McNemar, mcnemar};
pub use predictions::{Prediction, Predictions};
pub use report::{FoldFigures, MeanOverFolds, Recognition, Spread};
pub use roc::RocPoint;
pub use scores::{ClassResult, Scores};
pub use subsets::SubsetFigures;

#[cfg(test)]
mod tests;
