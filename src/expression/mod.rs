//! Expressions from the picture: how a face looks, as probabilities.

mod classifier;

pub use classifier::{ExpressionClassifier, ExpressionError};
