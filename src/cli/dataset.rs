//! `onset dataset`: one subcommand for each thing that is done with a dataset.

use anyhow::Result;

use super::{dataset_agreement, dataset_label};

/// Options of `onset dataset`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Code candidates by hand, on a page in the browser: keys only, every keystroke saved.
    Label(dataset_label::Args),
    /// How far do coders agree? Cohen's kappa, times, and the list of disagreements.
    Agreement(dataset_agreement::Args),
}

/// Runs `onset dataset`.
pub(super) fn run(args: Args) -> Result<()> {
    match args.what {
        What::Label(args) => dataset_label::run(&args),
        What::Agreement(args) => dataset_agreement::run(&args),
    }
}
