//! `onset dataset`: one subcommand for each thing that is done with a dataset.

use anyhow::Result;

use super::{
    UsageError, dataset_agreement, dataset_build, dataset_export, dataset_label, dataset_split, dataset_stats,
};
use crate::dataset::FolderError;

/// Options of `onset dataset`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Make a dataset from recorded sessions: aligned crops, a manifest, clips for coders.
    Build(dataset_build::Args),
    /// Code candidates by hand, on a page in the browser: keys only, every keystroke saved.
    Label(dataset_label::Args),
    /// How far do coders agree? Cohen's kappa, times, and the list of disagreements.
    Agreement(dataset_agreement::Args),
    /// Count samples by label, stimulus, gender and participant; say what is missing.
    Stats(dataset_stats::Args),
    /// Split samples into training and test: by frame, by subject, or leaving one subject out.
    Split(dataset_split::Args),
    /// Copy samples into a folder that other programs read.
    Export(dataset_export::Args),
}

/// Runs `onset dataset`.
pub(super) fn run(args: Args) -> Result<()> {
    match args.what {
        What::Build(args) => dataset_build::run(&args),
        What::Label(args) => dataset_label::run(&args),
        What::Agreement(args) => dataset_agreement::run(&args),
        What::Stats(args) => dataset_stats::run(&args),
        What::Split(args) => dataset_split::run(&args),
        What::Export(args) => dataset_export::run(&args),
    }
}

/// What was asked for wrongly is wrong usage.
pub(super) fn exit_code(error: FolderError) -> anyhow::Error {
    match error {
        FolderError::NotADataset { .. } | FolderError::NotEmpty { .. } | FolderError::Asked(_) => {
            UsageError(error.to_string()).into()
        }
        other => other.into(),
    }
}
