//! `onset evaluate compare`: two recognisers on the same examples.

use std::path::PathBuf;

use anyhow::Result;
use serde::Serialize;

use super::UsageError;
use super::print::print;
use crate::eval::recognition::{McNemar, Predictions, Recognition, mcnemar};

/// Options of `onset evaluate compare`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Predictions of the first: columns example, truth and p_CLASS for each class (docs/evaluate.md).
    #[arg(value_name = "A.csv")]
    first: PathBuf,
    /// Predictions of the second, on the same examples.
    #[arg(value_name = "B.csv")]
    second: PathBuf,
    /// Draws of people (or examples) for the 95 % intervals; 0 for none.
    #[arg(long, value_name = "N", default_value = "1000", value_parser = clap::value_parser!(u32).range(0..=100_000))]
    bootstrap: u32,
    /// Seed of the draws.
    #[arg(long, value_name = "N", default_value = "1")]
    seed: u64,
    /// Print JSON, for machines.
    #[arg(long)]
    json: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Report {
    first: Recognition,
    second: Recognition,
    mcnemar: McNemar,
}

/// Runs `onset evaluate compare`.
pub(super) fn run(args: &Args) -> Result<()> {
    for path in [&args.first, &args.second] {
        if !path.is_file() {
            return Err(UsageError(format!(
                "{}: there is no such file; give predictions as `onset evaluate recognition` writes them",
                path.display()
            ))
            .into());
        }
    }
    let (first, second) = (Predictions::read_csv(&args.first)?, Predictions::read_csv(&args.second)?);
    let test = mcnemar(&first, &second)?;
    let figures = |predictions: &Predictions| Recognition::of(predictions, args.bootstrap, args.seed);
    let report = Report { first: figures(&first), second: figures(&second), mcnemar: test };
    if args.json {
        return print(&(serde_json::to_string_pretty(&report)? + "\n"));
    }
    print(&format!(
        "first: {}\n{}\nsecond: {}\n{}\n{}",
        args.first.display(),
        report.first.text(),
        args.second.display(),
        report.second.text(),
        test.text()
    ))
}
