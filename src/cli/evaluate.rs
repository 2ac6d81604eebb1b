//! `onset evaluate`: figures of predictions against known truth. One subcommand for each thing that is predicted.

use anyhow::Result;

use super::{evaluate_compare, evaluate_expression, evaluate_masked, evaluate_megc, evaluate_spotting};

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
    /// Were the micro-expressions found, how soon, and how often was something found that is not there?
    Spotting(evaluate_spotting::Args),
}

/// Runs `onset evaluate`.
pub(super) fn run(args: Args) -> Result<()> {
    match args.what {
        What::Compare(args) => evaluate_compare::run(&args),
        What::Expression(args) => evaluate_expression::run(&args),
        What::Masked(args) => evaluate_masked::run(&args),
        What::Megc(args) => evaluate_megc::run(args),
        What::Spotting(args) => evaluate_spotting::run(args),
    }
}
