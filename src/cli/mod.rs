//! The command line: parse, dispatch, exit code.

mod analyze;
mod analyze_one;
mod bench;
mod bench_session;
mod calibrate;
mod dataset;
mod dataset_agreement;
mod dataset_build;
mod dataset_export;
mod dataset_label;
mod dataset_split;
mod dataset_stats;
mod devices;
mod evaluate;
mod evaluate_compare;
mod evaluate_expression;
mod evaluate_masked;
mod evaluate_megc;
mod evaluate_occlusion;
#[cfg(feature = "train")]
mod evaluate_recognition;
mod evaluate_spotting;
#[cfg(feature = "train")]
mod evaluate_study;
mod expression_part;
#[cfg(feature = "train")]
mod fold_progress;
mod identity;
mod input;
mod interrupt;
mod live;
mod live_headless;
mod live_window;
#[cfg(feature = "audio")]
mod microphones;
mod models;
mod overlay_video;
mod print;
mod profile;
mod progress;
#[cfg(feature = "train")]
mod recogniser_args;
mod record;
mod record_calibration;
mod record_extras;
mod record_run;
mod record_window;
mod region_arg;
mod session;
mod session_check;
mod session_export;
mod session_frames;
mod session_import;
mod session_withdraw;
#[cfg(feature = "train")]
mod study_parts;
mod synth;
mod synth_chimeras;
mod train;
#[cfg(feature = "train")]
mod train_expression;
#[cfg(feature = "train")]
mod train_recogniser;
#[cfg(feature = "train")]
mod train_spotter;
mod view;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::analysis::AnalysisError;

/// Notices facial micro-expressions and masked smiles through a webcam, as they happen.
#[derive(Debug, Parser)]
#[command(name = "onset", version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    live: live::Args,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Watch a camera (or a file, as if live) and show what is seen. The default.
    Live(live::Args),
    /// Learn a camera and a face at rest: some seconds of a neutral face to a profile.
    Calibrate(calibrate::Args),
    /// List cameras with their formats and true frame rates.
    Devices(devices::Args),
    /// Record a session by protocol: consent, questions or images, every frame, what was seen, markers.
    Record(record::Args),
    /// Look after recorded sessions: check, export, import, withdraw.
    Session(session::Args),
    /// Turn videos, image folders or sessions into tables.
    Analyze(analyze::Args),
    /// Recorded sessions to labelled datasets: build, stats, split, export.
    Dataset(dataset::Args),
    /// Measure how good predictions are, against known truth.
    Evaluate(evaluate::Args),
    /// Measure latency and throughput on this machine.
    Bench(bench::Args),
    /// Make test material with truth: clips with known micro-expressions, composite faces.
    Synth(synth::Args),
    /// List, verify and attribute the embedded models.
    Models(models::Args),
    /// Train a network of this project again.
    Train(train::Args),
}

/// Wrong usage that clap cannot see: exit code 2 instead of 1.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct UsageError(String);

/// The same error; of a path or profile that is not there as wrong usage.
fn usage(error: AnalysisError) -> anyhow::Error {
    match error {
        AnalysisError::Missing { .. } | AnalysisError::NoProfile { .. } => {
            UsageError(error.to_string()).into()
        }
        other => other.into(),
    }
}

/// Runs the program on this process's arguments. `allocations` gives the allocations of the process so far.
pub fn run(allocations: fn() -> u64) -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        None => live::run(cli.live),
        Some(Command::Live(args)) => live::run(args),
        Some(Command::Calibrate(args)) => calibrate::run(args),
        Some(Command::Devices(args)) => devices::run(args),
        Some(Command::Record(args)) => record::run(args),
        Some(Command::Session(args)) => session::run(args),
        Some(Command::Analyze(args)) => analyze::run(args),
        Some(Command::Dataset(args)) => dataset::run(args),
        Some(Command::Evaluate(args)) => evaluate::run(args),
        Some(Command::Bench(args)) => bench::run(args, allocations),
        Some(Command::Synth(args)) => synth::run(args),
        Some(Command::Models(args)) => models::run(args),
        Some(Command::Train(args)) => train::run(args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("onset: {error:#}");
            if error.is::<UsageError>() { ExitCode::from(2) } else { ExitCode::FAILURE }
        }
    }
}
