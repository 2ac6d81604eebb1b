//! `onset evaluate spotting`: events that were spotted against events that are known to be there.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};

use super::print::print;
use super::{UsageError, interrupt, usage};
use crate::analysis::require;
use crate::eval::EvalError;
use crate::eval::spotting::{
    Clip, FoundAll, Inputs, ScoreParams, Traces, find, load, page_of, score, text_of,
};

/// Options of `onset evaluate spotting`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What is known to be in the clips (`onset synth` writes such a file; docs/evaluate.md has its columns).
    #[arg(long, value_name = "FILE.csv")]
    truth: PathBuf,
    /// What `onset analyze --out DIR` wrote: DIR/CLIP/events.csv and what lies beside it; or the events.csv of one clip.
    #[arg(long, value_name = "DIR|FILE.csv")]
    predictions: PathBuf,
    /// Only these clips of the truth, comma-separated; needed with the events.csv of one clip when the truth has several.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    clip: Vec<String>,
    /// Count the events of clips without predictions as missed, instead of stopping.
    #[arg(long)]
    missing_as_empty: bool,
    /// Smallest score of a claim: weaker ones don't count.
    #[arg(long, value_name = "SCORE", value_parser = finite, allow_negative_numbers = true)]
    min_score: Option<f64>,
    /// Draws of clips (or people) for the 95 % intervals; 0 for none.
    #[arg(long, value_name = "N", default_value = "1000", value_parser = clap::value_parser!(u32).range(0..=100_000))]
    bootstrap: u32,
    /// Seed of the draws.
    #[arg(long, value_name = "N", default_value = "1")]
    seed: u64,
    /// Write the report into this folder: spotting.json, and spotting.html with plots. Replaces an earlier report.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print JSON, for machines.
    #[arg(long)]
    json: bool,
}

/// Traces of this many regions are drawn for each clip.
const TRACED_REGIONS: usize = 4;

/// Runs `onset evaluate spotting`.
pub(super) fn run(args: Args) -> Result<()> {
    [&args.truth, &args.predictions].into_iter().try_for_each(|path| require(path)).map_err(usage)?;
    interrupt::install()?;
    let inputs = Inputs {
        truth: args.truth.clone(),
        predictions: args.predictions.clone(),
        clips: args.clip.clone(),
        missing_as_empty: args.missing_as_empty,
    };
    let found = find(&inputs).map_err(|error| match error {
        EvalError::WhichClip { .. } | EvalError::NoSuchClip { .. } => UsageError(error.to_string()).into(),
        other => anyhow::Error::from(other),
    })?;
    let traced = if args.out.is_some() { TRACED_REGIONS } else { 0 };
    let (clips, traces, warnings) = load_all(found, traced)?;
    for warning in &warnings {
        eprintln!("onset: {warning}");
    }
    let params = ScoreParams {
        min_score: args.min_score,
        resamples: args.bootstrap,
        seed: args.seed,
        ..ScoreParams::default()
    };
    let mut report = score(&clips, &params);
    report.notes.extend(warnings);
    let json = serde_json::to_string_pretty(&report)? + "\n";
    if let Some(dir) = &args.out {
        write_report(dir, &json, &page_of(&report, &clips, &traces))?;
    }
    let text = if args.json { json } else { text_of(&report) };
    print(&text)?;
    if let Some(dir) = args.out.as_ref().filter(|_| !args.json) {
        print(&format!("\nreport in {0}/spotting.html and {0}/spotting.json\n", dir.display()))?;
    }
    Ok(())
}

fn load_all(found: FoundAll, traced: usize) -> Result<(Vec<Clip>, Vec<Traces>, Vec<String>)> {
    let FoundAll { clips: found, mut warnings } = found;
    let style = ProgressStyle::with_template("{msg:24!} {wide_bar} {pos} of {len}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(found.len() as u64).with_style(style);
    let (mut clips, mut traces) = (Vec::new(), Vec::new());
    for one in found {
        if interrupt::is_asked() {
            bar.finish_and_clear();
            bail!("interrupted: nothing was written");
        }
        bar.set_message(one.clip.name.clone());
        let (clip, clip_traces) = load(one, traced, &mut warnings)?;
        clips.push(clip);
        traces.push(clip_traces);
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok((clips, traces, warnings))
}

fn write_report(dir: &Path, json: &str, page: &str) -> Result<()> {
    fs::create_dir_all(dir)
        .with_context(|| format!("cannot make the folder {}; choose another with --out", dir.display()))?;
    for (name, content) in [("spotting.json", json), ("spotting.html", page)] {
        let path = dir.join(name);
        fs::write(&path, content)
            .with_context(|| format!("cannot write {}; choose another folder with --out", path.display()))?;
    }
    Ok(())
}

fn finite(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err(format!("{text} is not a number")),
    }
}
