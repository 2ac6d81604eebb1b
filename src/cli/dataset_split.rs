//! `onset dataset split`: which samples are for training and which for the test.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::Result;
use serde::Serialize;

use super::dataset::exit_code;
use super::print::print;
use crate::dataset::{DatasetFolder, Split, SplitBy, SplitParams, split_samples, write_split};

/// Options of `onset dataset split`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The dataset.
    #[arg(value_name = "DATASET")]
    dataset: PathBuf,
    /// What is split: single frames (people are in both parts), subjects, or each subject out once.
    #[arg(long, value_enum)]
    by: By,
    /// Only samples of participants who gave this gender.
    #[arg(long, value_name = "GENDER")]
    gender: Option<String>,
    /// Share of samples for the test.
    #[arg(long, value_name = "SHARE", default_value = "0.2")]
    test: f64,
    /// Another number, another split.
    #[arg(long, value_name = "N", default_value = "0")]
    seed: u64,
    /// The table that is written: sample, path, participant, label, part, fold.
    #[arg(long, value_name = "FILE.csv")]
    out: PathBuf,
    /// Print JSON, for machines.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum By {
    Frame,
    Subject,
    Loso,
}

/// What is printed.
#[derive(Serialize)]
struct Report<'a> {
    out: &'a PathBuf,
    by: SplitBy,
    seed: u64,
    samples: usize,
    train: usize,
    test: usize,
    train_participants: usize,
    test_participants: usize,
    folds: usize,
    other_gender: usize,
    participants_in_both: &'a BTreeSet<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<String>,
}

/// Runs `onset dataset split`.
pub(super) fn run(args: &Args) -> Result<()> {
    let by = match args.by {
        By::Frame => SplitBy::Frame,
        By::Subject => SplitBy::Subject,
        By::Loso => SplitBy::Loso,
    };
    let params = SplitParams { by, gender: args.gender.clone(), test: args.test, seed: args.seed };
    let folder = DatasetFolder::open(&args.dataset).map_err(exit_code)?;
    let split = split_samples(&folder.samples, &params).map_err(exit_code)?;
    write_split(&args.out, &split).map_err(exit_code)?;
    let report = report(args, by, &split);
    if let Some(warning) = &report.warning {
        eprintln!("onset: {warning}");
    }
    print(&if args.json { serde_json::to_string_pretty(&report)? + "\n" } else { words(&report) })
}

fn report<'a>(args: &'a Args, by: SplitBy, split: &'a Split) -> Report<'a> {
    let count = |is_test| split.rows.iter().filter(|row| row.is_test == Some(is_test)).count();
    let people = |is_test| -> usize {
        let part = split.rows.iter().filter(|row| row.is_test == Some(is_test));
        part.map(|row| row.participant.as_str()).collect::<BTreeSet<_>>().len()
    };
    let both = split.in_both.len();
    let warning = (both > 0).then(|| {
        format!(
            "{both} {} in both parts: figures of this test say little about people whom the network has not seen; use \
             --by subject or --by loso for that",
            if both == 1 { "participant is" } else { "participants are" }
        )
    });
    Report {
        out: &args.out,
        by,
        seed: args.seed,
        samples: split.rows.len(),
        train: count(false),
        test: count(true),
        train_participants: people(false),
        test_participants: people(true),
        folds: split.rows.iter().filter_map(|row| row.fold).collect::<BTreeSet<_>>().len(),
        other_gender: split.other_gender,
        participants_in_both: &split.in_both,
        warning,
    }
}

fn words(report: &Report<'_>) -> String {
    let mut text = if report.folds > 0 {
        format!(
            "{}: {} samples in {} folds, one participant each\n",
            report.out.display(),
            report.samples,
            report.folds
        )
    } else {
        format!(
            "{}: {} samples for training ({} participants), {} for the test ({} participants)\n",
            report.out.display(),
            report.train,
            report.train_participants,
            report.test,
            report.test_participants
        )
    };
    if report.other_gender > 0 {
        text += &format!(
            "left out: {} samples of another gender, or of none that is known\n",
            report.other_gender
        );
    }
    text
}
