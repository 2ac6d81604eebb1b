//! `onset evaluate`: figures of predictions against known truth. One subcommand for each thing that is predicted.

use anyhow::Result;

#[cfg(not(feature = "train"))]
use super::train;
use super::{
    evaluate_compare, evaluate_expression, evaluate_masked, evaluate_megc, evaluate_occlusion,
    evaluate_spotting,
};
#[cfg(feature = "train")]
use super::{evaluate_recognition, evaluate_study};

/// Options of `onset evaluate`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Do two recognisers differ on the same examples?
    Compare(evaluate_compare::Args),
    /// Are expressions recognised as most people see them?
    Expression(evaluate_expression::Args),
    /// Are smiles that the eyes contradict told from others?
    Masked(evaluate_masked::Args),
    /// How would a challenge score these intervals: spotting, recognition of what was spotted, both in one number?
    Megc(evaluate_megc::Args),
    /// Which parts of a face decided what a recogniser says?
    Occlusion(evaluate_occlusion::Args),
    /// How well does a recogniser do that is trained and tested by this protocol?
    #[cfg(feature = "train")]
    Recognition(evaluate_recognition::Args),
    /// How well does a recogniser do that is trained and tested by a protocol? (This build cannot: it lacks the feature `train`.)
    #[cfg(not(feature = "train"))]
    Recognition(train::Ignored),
    /// Were the micro-expressions found, how soon, and how often was something found that is not there?
    Spotting(evaluate_spotting::Args),
    /// The seed paper's comparison of networks on a dataset of yours, and the same with people kept apart.
    #[cfg(feature = "train")]
    Study(evaluate_study::Args),
    /// The seed paper's comparison of networks. (This build cannot: it lacks the feature `train`.)
    #[cfg(not(feature = "train"))]
    Study(train::Ignored),
}

/// Runs `onset evaluate`.
pub(super) fn run(args: Args) -> Result<()> {
    match args.what {
        What::Compare(args) => evaluate_compare::run(&args),
        What::Expression(args) => evaluate_expression::run(&args),
        What::Masked(args) => evaluate_masked::run(&args),
        What::Megc(args) => evaluate_megc::run(args),
        What::Occlusion(args) => evaluate_occlusion::run(&args),
        #[cfg(feature = "train")]
        What::Recognition(args) => evaluate_recognition::run(&args),
        #[cfg(not(feature = "train"))]
        What::Recognition(_) | What::Study(_) => train::cannot(),
        #[cfg(feature = "train")]
        What::Study(args) => evaluate_study::run(&args),
        What::Spotting(args) => evaluate_spotting::run(args),
    }
}
