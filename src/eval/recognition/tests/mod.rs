//! Figures of recognisers: against scikit-learn, by hand, and what must hold of all.

mod by_hand;
mod files;
mod golden;
mod properties;

use super::{Prediction, Predictions};

/// An example with one probability a class.
pub(super) fn row(example: &str, subject: &str, truth: usize, shares: &[f64]) -> Prediction {
    Prediction {
        example: example.to_owned(),
        subject: subject.to_owned(),
        truth,
        shares: shares.to_vec(),
        ..Prediction::default()
    }
}

pub(super) fn of(classes: &[&str], rows: Vec<Prediction>) -> Predictions {
    Predictions { classes: classes.iter().map(|class| (*class).to_owned()).collect(), rows }
}
