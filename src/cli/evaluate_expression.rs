//! `onset evaluate expression`: the embedded classifiers against pictures with crowd votes.

use std::path::PathBuf;

use anyhow::Result;

use super::expression_part::{judge_part, words};
use super::print::print;
use super::region_arg::RegionArg;
use super::{UsageError, interrupt};
use crate::dataset::{DatasetError, Part};
use crate::eval::expression::text_of;
use crate::expression::{ExpressionClassifier, FaceRegion};

/// Options of `onset evaluate expression`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder in the form of FER+: labels.csv with crowd votes, and the pictures of each part.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The part: its pictures are in NAME.tar.gz, NAME.tar or a folder NAME.
    #[arg(long, value_name = "NAME")]
    part: String,
    /// Which classifier: of the whole face, or of eyes and brows alone.
    #[arg(long, value_enum, default_value = "face")]
    region: RegionArg,
    /// Print JSON, for machines.
    #[arg(long)]
    json: bool,
}

/// Runs `onset evaluate expression`.
pub(super) fn run(args: &Args) -> Result<()> {
    if !args.data.is_dir() {
        return Err(UsageError(format!(
            "{}: there is no such folder; give the one with labels.csv",
            args.data.display()
        ))
        .into());
    }
    interrupt::install()?;
    let part = Part::read(&args.data, &args.part).map_err(|error| match error {
        DatasetError::NoPart { .. } => UsageError(error.to_string()).into(),
        other => anyhow::Error::from(other),
    })?;
    let region = FaceRegion::from(args.region);
    let mut classifier = ExpressionClassifier::of(region)?;
    let report = judge_part(&args.part, &part, region, &mut classifier)?;
    let text = if args.json {
        serde_json::to_string_pretty(&report)? + "\n"
    } else {
        format!("{}\n{}", text_of(&report.scores), words(&report))
    };
    print(&text)
}
