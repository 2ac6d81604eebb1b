//! `onset synth --chimeras`: composite faces with truth, from a corpus with crowd votes or a table of photos.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::json;

use super::synth::{bar, exit_code, tick};
use super::{UsageError, interrupt};
use crate::dataset::{DatasetError, Part};
use crate::synth::{
    CHIMERA_TABLE, CLASSES, Candidate, ChimeraParams, ChimeraReport, ChimeraStep, Half, PARTS,
    candidates_of_part, candidates_of_table, write_chimeras,
};

/// Options of `onset synth --chimeras`.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Composite faces")]
pub(super) struct ChimeraArgs {
    /// Make composite faces instead of clips: the mouth of one picture under the eyes of another.
    #[arg(long, conflicts_with_all = [
        "bases", "clips", "duration", "start", "fps", "events_per_minute", "amplitude", "emotions", "distractors", "icd_px", "size",
        "jitter", "base_kind", "person", "no_strips",
    ])]
    chimeras: bool,
    /// Folder in the form of FER+: labels.csv with crowd votes, and the pictures of each part.
    #[arg(long, value_name = "DIR", requires_all = ["chimeras", "part"], conflicts_with = "faces")]
    ferplus: Option<PathBuf>,
    /// The part: its pictures are in NAME.tar.gz, NAME.tar or a folder NAME.
    #[arg(long, value_name = "NAME", requires = "ferplus")]
    part: Option<String>,
    /// Table of photos: columns path (relative to the table) and label (happiness, sadness, anger or neutral).
    #[arg(long, value_name = "FILE.csv", requires = "chimeras")]
    faces: Option<PathBuf>,
    /// How many composites, of all classes together; rounded up to as many of each class. Fewer where pictures run out.
    #[arg(long, value_name = "N", default_value = "300", requires = "chimeras",
          value_parser = clap::value_parser!(u32).range(1..=30_000))]
    count: u32,
    /// Split the pictures into two halves, fit and report: both parts of a composite come from the same half.
    #[arg(long, requires = "chimeras")]
    split: bool,
}

/// Options that it shares with clips.
pub(super) struct Common<'a> {
    pub(super) out: &'a Path,
    pub(super) seed: u64,
    pub(super) force: bool,
    pub(super) json: bool,
}

impl ChimeraArgs {
    /// Whether composites are wanted.
    pub(super) const fn is_asked(&self) -> bool {
        self.chimeras
    }
}

/// Runs `onset synth --chimeras`.
pub(super) fn run(args: &ChimeraArgs, common: &Common<'_>) -> Result<()> {
    let table = common.out.join(CHIMERA_TABLE);
    if table.exists() && !common.force {
        return Err(UsageError(format!(
            "{} is already there; choose another --out, or replace it with --force",
            table.display()
        ))
        .into());
    }
    interrupt::install()?;
    let candidates = candidates(args)?;
    let params = ChimeraParams { count: args.count as usize, seed: common.seed, split: args.split };
    let (measuring, making) = (bar("measuring pictures".to_owned()), bar("making composites".to_owned()));
    let written = write_chimeras(candidates, params, common.out, &mut |step| match step {
        ChimeraStep::Measured(done, all) => tick(&measuring, done, all),
        ChimeraStep::Made(done, all) => {
            measuring.finish_and_clear();
            tick(&making, done, all)
        }
    });
    measuring.finish_and_clear();
    making.finish_and_clear();
    let report = written.map_err(exit_code)?;
    if common.json {
        println!("{}", serde_json::to_string_pretty(&summary(&report, &table))?);
    } else {
        print!("{}", words(&report, &table));
    }
    Ok(())
}

fn candidates(args: &ChimeraArgs) -> Result<Vec<Candidate>> {
    let usage = |text: String| Err(UsageError(text).into());
    match (&args.ferplus, &args.part, &args.faces) {
        (Some(dir), Some(_), _) if !dir.is_dir() => {
            usage(format!("{}: there is no such folder; give the one with labels.csv", dir.display()))
        }
        (Some(dir), Some(name), _) => {
            let part = Part::read(dir, name).map_err(|error| match error {
                DatasetError::NoPart { .. } => UsageError(error.to_string()).into(),
                other => anyhow::Error::from(other),
            })?;
            Ok(candidates_of_part(&part)?)
        }
        (_, _, Some(table)) if !table.is_file() => {
            usage(format!("{}: there is no such file; give a table with path,label", table.display()))
        }
        (_, _, Some(table)) => Ok(candidates_of_table(table)?),
        _ => {
            usage("--chimeras needs pictures: give --ferplus DIR --part NAME, or --faces FILE.csv".to_owned())
        }
    }
}

fn made(report: &ChimeraReport, class: &str, half: Option<Half>) -> usize {
    report.rows.iter().filter(|row| row.label == class && (half.is_none() || row.half == half)).count()
}

fn summary(report: &ChimeraReport, table: &Path) -> serde_json::Value {
    let by_class = |half| CLASSES.iter().map(|class| (*class, made(report, class, half))).collect::<Vec<_>>();
    let object = |counts: Vec<(&str, usize)>| {
        counts
            .into_iter()
            .map(|(name, count)| (name.to_owned(), json!(count)))
            .collect::<serde_json::Map<_, _>>()
    };
    let by_label = |counts: [usize; PARTS.len()]| {
        object(PARTS.iter().zip(counts).map(|(label, count)| (label.name(), count)).collect())
    };
    let halves = Half::ALL.map(|half| (half.name().to_owned(), json!(object(by_class(Some(half))))));
    json!({
        "table": table, "count": report.rows.len(), "classes": object(by_class(None)),
        "halves": halves.into_iter().collect::<serde_json::Map<_, _>>(), "missing": report.missing,
        "candidates": by_label(report.candidates), "usable": by_label(report.usable),
        "left_out": report.left_out, "refused_pairs": report.refused,
    })
}

/// The same for people.
fn words(report: &ChimeraReport, table: &Path) -> String {
    let mut text = format!("{}: {} composites", table.display(), report.rows.len());
    for class in CLASSES {
        text += &format!(", {} {class}", made(report, class, None));
    }
    let usable: usize = report.usable.iter().sum();
    text += &format!(
        "\npictures: {} candidates, {usable} measured and usable\n",
        report.candidates.iter().sum::<usize>()
    );
    for (what, reasons) in [("left out", &report.left_out), ("pairs refused", &report.refused)] {
        for (why, count) in reasons {
            text += &format!("{what}: {count} {why}\n");
        }
    }
    for class in &report.missing {
        text += &format!("no {class}: no two pictures for it go together, or there are none\n");
    }
    text
}
