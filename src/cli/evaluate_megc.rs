//! `onset evaluate megc`: intervals of long videos as the field's challenges score them.

use std::path::PathBuf;

use anyhow::Result;

use super::UsageError;
use super::print::print;
use crate::eval::megc::{MegcParams, MegcReport, TimeUnit, read_videos};

/// Options of `onset evaluate megc`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What is known to be there: columns video, kind (micro, macro, none), onset, offset and, where known, subject and label.
    #[arg(long, value_name = "FILE.csv")]
    truth: PathBuf,
    /// What was found: columns video, kind, onset, offset and, where there are, label and subject.
    #[arg(long, value_name = "FILE.csv")]
    predictions: PathBuf,
    /// Smallest intersection over union of a true positive.
    #[arg(long, value_name = "SHARE", default_value = "0.5", value_parser = share)]
    iou: f64,
    /// What onset and offset count; frames where all are whole numbers, unless told otherwise.
    #[arg(long, value_enum)]
    unit: Option<UnitArg>,
    /// Labels that recognition leaves out, comma-separated, as the challenges leave out `others`.
    #[arg(long, value_name = "LABEL", value_delimiter = ',')]
    without: Vec<String>,
    /// Print JSON, for machines.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum UnitArg {
    /// Whole frames, both ends inside.
    Frames,
    /// Seconds.
    Seconds,
}

/// Runs `onset evaluate megc`.
pub(super) fn run(args: Args) -> Result<()> {
    for path in [&args.truth, &args.predictions] {
        if !path.is_file() {
            return Err(UsageError(format!(
                "{}: there is no such file; give a table with columns video,kind,onset,offset",
                path.display()
            ))
            .into());
        }
    }
    let videos = read_videos(&args.truth, &args.predictions)?;
    let unit = args.unit.map(|unit| match unit {
        UnitArg::Frames => TimeUnit::Frames,
        UnitArg::Seconds => TimeUnit::Seconds,
    });
    let report = MegcReport::of(&videos, &MegcParams { min_iou: args.iou, unit, without: args.without });
    print(&if args.json { serde_json::to_string_pretty(&report)? + "\n" } else { report.text() })
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value <= 1.0 => Ok(value),
        _ => Err(format!("{text} is not above 0 and at most 1")),
    }
}
