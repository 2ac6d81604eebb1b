//! `onset train`: makes the networks of this project again, from recordings and a seed.
//!
//! Only builds with the feature `train` can; others say how to get one.

use anyhow::Result;

#[cfg(feature = "train")]
use super::{train_expression, train_recogniser, train_spotter};

/// Options of `onset train`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// The classifiers of expressions, trained on pictures with crowd votes.
    #[cfg(feature = "train")]
    Expression(train_expression::Args),
    /// The classifiers of expressions (this build cannot: it lacks the feature `train`).
    #[cfg(not(feature = "train"))]
    Expression(Ignored),
    /// A recogniser of your own data, to be used as an ONNX file.
    #[cfg(feature = "train")]
    Recogniser(train_recogniser::Args),
    /// A recogniser of your own data (this build cannot: it lacks the feature `train`).
    #[cfg(not(feature = "train"))]
    Recogniser(Ignored),
    /// The temporal network that finds micro-expressions, trained by injection.
    #[cfg(feature = "train")]
    Spotter(train_spotter::Args),
    /// The temporal network that finds micro-expressions (this build cannot: it lacks the feature `train`).
    #[cfg(not(feature = "train"))]
    Spotter(Ignored),
}

/// Options of a command that this build does not have.
#[cfg(not(feature = "train"))]
#[derive(Debug, clap::Args)]
pub(super) struct Ignored {
    /// As in builds with the feature `train`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    rest: Vec<String>,
}

/// Says how to get a build that can train.
#[cfg(not(feature = "train"))]
pub(super) fn cannot() -> Result<()> {
    anyhow::bail!(
        "this build cannot train: it was made without the feature `train`; build one with `cargo build --release \
         --features train` (Rust 1.95, about 30 CPU-minutes the first time)"
    )
}

/// Runs the subcommand.
pub(super) fn run(args: Args) -> Result<()> {
    match args.what {
        #[cfg(feature = "train")]
        What::Expression(args) => train_expression::run(&args),
        #[cfg(feature = "train")]
        What::Recogniser(args) => train_recogniser::run(&args),
        #[cfg(feature = "train")]
        What::Spotter(args) => train_spotter::run(&args),
        #[cfg(not(feature = "train"))]
        What::Expression(_) | What::Recogniser(_) | What::Spotter(_) => cannot(),
    }
}
