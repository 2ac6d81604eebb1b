//! `onset dataset export`: samples in the form that other programs read.

use std::path::PathBuf;

use anyhow::Result;

use super::dataset::exit_code;
use super::print::print;
use super::{interrupt, progress};
use crate::dataset::{
    DatasetFolder, ExportFormat, ExportParams, ExportReport, SampleKind, export_samples, read_split,
};

/// Options of `onset dataset export`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The dataset.
    #[arg(value_name = "DATASET")]
    dataset: PathBuf,
    /// imagefolder: LABEL/NAME.png, below train/ and test/ with a split; csv: images/NAME.png and samples.csv.
    #[arg(long, value_enum)]
    format: Format,
    /// The gray crops. The default.
    #[arg(long, conflicts_with = "colour")]
    gray: bool,
    /// The colour crops.
    #[arg(long)]
    colour: bool,
    /// Samples of this kind only.
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// A table that `onset dataset split` wrote.
    #[arg(long, value_name = "FILE.csv")]
    split: Option<PathBuf>,
    /// The fold whose participant is the test, of a split that leaves one subject out.
    #[arg(long, value_name = "N", requires = "split")]
    fold: Option<usize>,
    /// Where the pictures go: a folder that is empty or not there yet.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Print JSON, for machines.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    Imagefolder,
    Csv,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Kind {
    Micro,
    Masked,
}

/// Runs `onset dataset export`.
pub(super) fn run(args: &Args) -> Result<()> {
    interrupt::install()?;
    let folder = DatasetFolder::open(&args.dataset).map_err(exit_code)?;
    let split = match &args.split {
        Some(path) => Some(read_split(path, args.fold).map_err(exit_code)?),
        None => None,
    };
    let params = ExportParams {
        format: match args.format {
            Format::Imagefolder => ExportFormat::ImageFolder,
            Format::Csv => ExportFormat::Csv,
        },
        is_colour: args.colour,
        kind: args.kind.map(|kind| match kind {
            Kind::Micro => SampleKind::Micro,
            Kind::Masked => SampleKind::Masked,
        }),
        split,
    };
    let bar = progress::counted(folder.samples.len() as u64, "samples");
    let exported = export_samples(&folder, &args.out, &params, &mut |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
        !interrupt::is_asked()
    });
    bar.finish_and_clear();
    let report = exported.map_err(exit_code)?;
    print(&if args.json { serde_json::to_string_pretty(&report)? + "\n" } else { words(&report) })
}

fn words(report: &ExportReport) -> String {
    let mut text = format!("{}: {} samples\n", report.out.display(), report.samples);
    for (part, labels) in &report.by_part {
        let counts: Vec<String> = labels.iter().map(|(label, count)| format!("{label} {count}")).collect();
        let part = if part.is_empty() { String::new() } else { format!("{part}: ") };
        text += &format!("{part}{}\n", counts.join(", "));
    }
    for (count, why) in [
        (report.without_label, "without a label"),
        (report.other_kind, "of the other kind"),
        (report.not_in_split, "not in the split"),
    ] {
        if count > 0 {
            text += &format!("left out: {count} {why}\n");
        }
    }
    text
}
