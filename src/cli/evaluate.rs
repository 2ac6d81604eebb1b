//! `onset evaluate`: figures of predictions against known truth. One subcommand for each thing that is predicted.

use anyhow::Result;

use super::{evaluate_expression, evaluate_masked, evaluate_spotting};

/// Options of `onset evaluate`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Are expressions recognised as most people see them?
    Expression(evaluate_expression::Args),
    /// Are smiles that the eyes contradict told from others?
    Masked(evaluate_masked::Args),
    /// Were the micro-expressions found, how soon, and how often was something found that is not there?
    Spotting(evaluate_spotting::Args),
}

/// Runs `onset evaluate`.
pub(super) fn run(args: Args) -> Result<()> {
    match args.what {
        What::Expression(args) => evaluate_expression::run(&args),
        What::Masked(args) => evaluate_masked::run(&args),
        What::Spotting(args) => evaluate_spotting::run(args),
    }
}
