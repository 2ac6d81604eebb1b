//! `onset train responses`: pictures in, `src/spot/network/landmark_responses.csv` out.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::interrupt;
use crate::train::{Split, measure_responses};

/// Options of `onset train responses`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Split file: whose recordings may be used for tuning.
    #[arg(long, value_name = "FILE")]
    split: PathBuf,
    /// Folder that the split file's paths start from.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Where the table goes; the spotter is built with it, and trained after it.
    #[arg(long, value_name = "FILE", default_value = "src/spot/network/landmark_responses.csv")]
    out: PathBuf,
}

/// Runs the subcommand.
pub(super) fn run(args: &Args) -> Result<()> {
    interrupt::install()?;
    let bases = Split::read(&args.split)?.tune();
    let measured = measure_responses(&bases, &args.data, |index, base| {
        eprintln!("{} of {}: {}", index + 1, bases.len(), base.path.display());
        !interrupt::is_asked()
    })?;
    let text = format!(
        "# How landmarks answer to action units: means of {} pictures of {} people (the tuning set of benches/spotting/split.toml), made by\n\
         # `onset train responses --split {} --data {}` with version {}. Averages: nobody can be told from them. Licence: as the program.\n\
         # A row for each action unit, acting on the subject's left: its number, then x and y of each landmark in thousandths of the\n\
         # displacement of the skin's strongest point, in the order of spot/network/points.rs.\n{}",
        measured.pictures,
        measured.people,
        args.split.display(),
        args.data.display(),
        env!("CARGO_PKG_VERSION"),
        measured.responses.rows()
    );
    std::fs::write(&args.out, text)
        .with_context(|| format!("cannot write {}; choose another with --out", args.out.display()))?;
    println!("{} pictures of {} people, written to {}", measured.pictures, measured.people, args.out.display());
    Ok(())
}
