//! `onset analyze`: files and folders to tables, several at a time.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::analyze_one::{Job, Settings, analyze_one};
use super::identity::IdentityArgs;
use super::live::AnalysisArgs;
use super::{interrupt, usage};
use crate::analysis::{Setup, require, with_sessions_found};
use crate::pipeline::spawn_named;
use crate::tables::{Summary, TableFormat, output_names};

/// Options of `onset analyze`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Videos, images, image folders or recorded sessions.
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    /// Folder for the tables: one folder an input is made in it.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Table formats, comma-separated: csv, parquet, jsonl.
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "csv")]
    format: Vec<TableFormat>,
    /// Inputs analysed side by side.
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u8).range(1..=64))]
    jobs: u8,
    /// Write the picture with the overlay as a video too: this file for one input; for several, a file of this name in
    /// each input's folder.
    #[arg(long, value_name = "FILE.mp4")]
    overlay: Option<PathBuf>,
    /// Frame rate of image folders, in frames a second.
    #[arg(long, value_name = "N", value_parser = crate::analysis::positive_from)]
    fps: Option<f64>,
    /// Replace tables that are already there.
    #[arg(long)]
    force: bool,
    /// Write rows for movements that looked like an expression and were not claimed too, with the reason (column `veto`).
    #[arg(long)]
    candidates: bool,
    /// Write the table `label_evidence` too: what the label of each event was decided on.
    #[arg(long)]
    label_evidence: bool,
    /// Print the summaries as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    identity: IdentityArgs,
    #[command(flatten)]
    analysis: AnalysisArgs,
}

/// Runs `onset analyze`.
pub(super) fn run(mut args: Args) -> Result<()> {
    args.inputs.iter().try_for_each(|input| require(input)).map_err(usage)?;
    args.inputs = with_sessions_found(&args.inputs);
    let in_force = args.analysis.profile()?;
    interrupt::install()?;
    std::fs::create_dir_all(&args.out).with_context(|| {
        format!("cannot make the output folder {}; choose another with --out", args.out.display())
    })?;
    let settings = Arc::new(Settings {
        out: args.out.clone(),
        formats: args.format.clone(),
        overlay: args.overlay.clone(),
        is_single: args.inputs.len() == 1,
        force: args.force,
        candidates: args.candidates,
        label_evidence: args.label_evidence,
        setup: Setup {
            fps: args.fps,
            identities: args.identity.paths().to_vec(),
            analysis: args.analysis.params(&in_force),
            in_force,
            is_threaded: true,
        },
    });
    let results = run_jobs(&args, &settings)?;
    report(&args, results)
}

type JobResult = (usize, Result<Summary>);

/// Analyses every input on `--jobs` named threads; results come back in the order of the inputs.
fn run_jobs(args: &Args, settings: &Arc<Settings>) -> Result<Vec<JobResult>> {
    let bars = MultiProgress::new();
    let names = output_names(&args.inputs);
    let (jobs_in, jobs) = crossbeam_channel::bounded(args.inputs.len());
    let (results_in, results) = crossbeam_channel::bounded(args.inputs.len());
    for (index, (input, name)) in args.inputs.iter().zip(names).enumerate() {
        // There is room for all.
        let _ = jobs_in.send((index, Job { input: input.clone(), name }));
    }
    drop(jobs_in);
    let threads = (1..=usize::from(args.jobs).min(args.inputs.len()))
        .map(|n| {
            let (jobs, results) = (jobs.clone(), results_in.clone());
            let (settings, bars) = (Arc::clone(settings), bars.clone());
            spawn_named(&format!("analyze-{n}"), move || {
                for (index, job) in jobs {
                    if interrupt::is_asked() {
                        break;
                    }
                    let bar = bars.add(bar(&job.name));
                    let result = analyze_one(&job, &settings, &bar);
                    bar.finish_and_clear();
                    let _ = results.send((index, result));
                }
            })
            .context("cannot start an analysis thread; use fewer --jobs")
        })
        .collect::<Result<Vec<_>>>()?;
    drop(results_in);
    let mut done: Vec<JobResult> = results.iter().collect();
    for thread in threads {
        if thread.join().is_err() {
            bail!(
                "an analysis thread failed unexpectedly; this is a bug, please report it with the message above"
            );
        }
    }
    done.sort_by_key(|(index, _)| *index);
    Ok(done)
}

fn bar(name: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:24!} {wide_bar} {percent:>3} %  {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(1000).with_style(style).with_message(name.to_owned())
}

fn report(args: &Args, results: Vec<JobResult>) -> Result<()> {
    let mut failed = 0;
    let mut summaries = Vec::new();
    let finished = results.len();
    for (index, result) in results {
        match result {
            Ok(summary) => summaries.push(summary),
            Err(error) => {
                failed += 1;
                eprintln!("onset: {}: {error:#}", args.inputs[index].display());
            }
        }
    }
    if args.json {
        println!("{}", serde_json::to_string_pretty(&summaries)?);
    } else {
        for summary in &summaries {
            println!("{}", line(summary));
            summary
                .run
                .warnings
                .iter()
                .for_each(|warning| eprintln!("onset: {}: {warning}", summary.run.input));
        }
        if !summaries.is_empty() {
            println!("tables in {}", args.out.display());
        }
    }
    if interrupt::is_asked() {
        bail!(
            "interrupted: {} of {} inputs were begun; what was written is readable",
            finished,
            args.inputs.len()
        );
    }
    if failed > 0 {
        bail!("{failed} of {} inputs failed; the messages above say why", args.inputs.len());
    }
    Ok(())
}

/// One line for people.
fn line(summary: &Summary) -> String {
    let frames = &summary.frames;
    let events: u64 = summary.events.values().flat_map(|labels| labels.values()).sum();
    format!(
        "{}: {} frames in {:.2} s, {} with a face ({} covered, {} blurred), {} without, {} lost, {events} events",
        summary.run.input,
        frames.rows,
        summary.measured.duration_s,
        frames.ok + frames.occluded + frames.blurred,
        frames.occluded,
        frames.blurred,
        frames.no_face,
        frames.lost,
    )
}
