//! A whole study: every network on every data set by both protocols, as tables, JSON and one page.
//!
//! After the seed paper, whose Tables 4 to 7 and Figures 8 to 15 give accuracy, precision, recall and F1, confusion matrices and
//! results by class, of networks on micro-expressions by questionnaire and by image, of women and of men, and on masked
//! expressions. It splits by frame; here each figure stands beside that of the subject-disjoint protocol.

mod compare;
mod data_set;
mod maps;
mod page;
mod results;
mod summary;
mod tables;
mod text;
mod write;

use std::collections::BTreeMap;

use serde::Serialize;

use super::Predictions;

pub use compare::Comparison;
pub use maps::AttentionMap;
pub use results::{RunResult, StudyResults};
pub use summary::Optimism;
pub use write::write_study;

/// The protocol of the seed paper: 80/20 by frame, so that people are in both parts.
pub const HOLDOUT: &str = "holdout";
/// Nobody is in both parts.
pub const SUBJECT: &str = "subject";
/// The kind of a data set of micro-expressions.
pub const MICRO: &str = "micro";
/// The kind of a data set of masked expressions.
pub const MASKED: &str = "masked";

/// What a study was, and what came of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Study {
    /// Title of the page.
    pub title: String,
    /// What another lab needs to know to repeat it: data hash, participants, machine, version, command, seed; name and value.
    pub facts: Vec<(String, String)>,
    /// What the data is.
    pub dataset: StudyData,
    /// Every run, in the order in which networks and data sets are to be shown.
    pub runs: Vec<StudyRun>,
    /// Which parts of a face decided.
    pub maps: Vec<AttentionMap>,
    /// What was not used, and why.
    pub left_out: Vec<(String, String)>,
    /// How long everything took, s.
    pub seconds: f64,
}

/// Counts of the data.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct StudyData {
    /// Participants by gender; an empty name: not known.
    pub participants: BTreeMap<String, usize>,
    /// Samples of each kind, stimulus, label and gender that occur.
    pub samples: Vec<SampleCount>,
}

/// How many samples there are of one sort.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SampleCount {
    /// `micro` or `masked`.
    pub kind: String,
    /// `questionnaire`, `image`; empty where it is not known.
    pub stimulus: String,
    /// The class.
    pub label: String,
    /// Empty where it is not known.
    pub gender: String,
    /// How many.
    pub count: usize,
}

/// One network, trained and tested on one data set by one protocol.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StudyRun {
    /// Its name.
    pub network: String,
    /// [`MICRO`] or [`MASKED`].
    pub kind: String,
    /// Only samples of this stimulus; `None`: of any.
    pub stimulus: Option<String>,
    /// Only participants of this gender; `None`: all.
    pub gender: Option<String>,
    /// [`HOLDOUT`] or [`SUBJECT`]; other protocols are shown under their name.
    pub protocol: String,
    /// Values that training set.
    pub learned: usize,
    /// How long training and testing took, s.
    pub seconds: f64,
    /// What was said of the test examples.
    pub predictions: Predictions,
    /// Why there could be no run: too few examples, people, classes.
    pub why_not: Option<String>,
}

#[cfg(test)]
mod tests;
