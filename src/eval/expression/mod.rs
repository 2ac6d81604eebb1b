//! `onset evaluate expression`: probabilities of labels against what most people said.
//!
//! [`score`] counts, [`text_of`] writes the tables. Where the probabilities come from is the caller's business.

mod report;
mod scores;

pub use report::text_of;
pub use scores::{FIVE, Judged, Scores, score};
