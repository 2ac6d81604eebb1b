//! `onset dataset build`: recorded sessions to a dataset.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use indicatif::ProgressBar;

use super::dataset::exit_code;
use super::identity::IdentityArgs;
use super::print::print;
use super::{UsageError, interrupt, progress};
use crate::dataset::{
    BuildParams, BuildReport, BuildStep, CandidateChoice, CodingsBySession, RecordedSession, SessionData,
    build_dataset, codings_of_dataset,
};
use crate::session::{SessionError, SessionReader};

/// Options of `onset dataset build`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Session folders that `onset record` made, or folders that hold such folders.
    #[arg(required = true, value_name = "SESSION")]
    sessions: Vec<PathBuf>,
    /// Where the dataset goes: a folder that is empty or not there yet.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Seconds of media between the frames that are taken of a step [default: 0.5].
    #[arg(long, value_name = "SECONDS")]
    every: Option<f64>,
    /// Add sessions to a dataset that is there; those that are in it already are passed over.
    #[arg(long)]
    add: bool,
    /// Which events coders are shown: flagged and coded ones, or vetoed ones too [default: flagged].
    #[arg(long, value_enum, value_name = "WHICH")]
    candidates: Option<Candidates>,
    /// Take codings of this person only; several times: the first wins where two coded the same event.
    #[arg(long, value_name = "CODER")]
    coder: Vec<String>,
    /// A dataset whose label page people have coded on: their codings count as if they lay beside the sessions.
    #[arg(long, value_name = "DATASET")]
    codings: Option<PathBuf>,
    #[command(flatten)]
    identity: IdentityArgs,
    /// Print JSON, for machines.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Candidates {
    Flagged,
    All,
}

/// Runs `onset dataset build`.
pub(super) fn run(args: &Args) -> Result<()> {
    interrupt::install()?;
    let identities = Arc::new(args.identity.load()?);
    let mut codings = match &args.codings {
        Some(dir) => codings_of_dataset(dir).map_err(exit_code)?,
        None => CodingsBySession::new(),
    };
    let mut sessions: Vec<Box<dyn SessionData>> = Vec::new();
    for path in &args.sessions {
        if !path.is_dir() {
            let text = format!(
                "{}: there is no such folder; give a folder that `onset record` made",
                path.display()
            );
            return Err(UsageError(text).into());
        }
        let found = SessionReader::find(path).map_err(|error| match error {
            SessionError::NotASession { .. } => UsageError(error.to_string()).into(),
            other => anyhow::Error::from(other),
        })?;
        for dir in found {
            let mut session = RecordedSession::open(&dir, Arc::clone(&identities))?;
            session.warnings().iter().for_each(|warning| eprintln!("onset: {warning}"));
            session.add_codings(codings.remove(session.id()).unwrap_or_default());
            sessions.push(Box::new(session));
        }
    }
    for (session, codings) in &codings {
        let count = codings.len();
        eprintln!(
            "onset: {count} codings are of session {session}, which is not among the sessions that were given"
        );
    }
    let params = BuildParams {
        every_s: args.every,
        candidates: args.candidates.map(|which| match which {
            Candidates::Flagged => CandidateChoice::Flagged,
            Candidates::All => CandidateChoice::All,
        }),
        coders: args.coder.clone(),
        add: args.add,
    };
    let bar = progress::counted(0, "frames");
    let built = build_dataset(&sessions, &args.out, &params, &mut |step| {
        show(&bar, step);
        !interrupt::is_asked()
    });
    bar.finish_and_clear();
    let report = built.map_err(exit_code)?;
    print(&if args.json { serde_json::to_string_pretty(&report)? + "\n" } else { words(&report) })
}

fn show(bar: &ProgressBar, step: BuildStep<'_>) {
    if step.done == 1 {
        bar.set_length(step.all.max(1));
        bar.set_message(format!("{}, {}", step.session, if step.pass == 1 { "samples" } else { "clips" }));
    }
    bar.set_position(step.done);
}

/// The report for people.
fn words(report: &BuildReport) -> String {
    let mut text = String::new();
    for added in &report.added {
        text += &format!(
            "{} ({}): {} samples, {} candidates, {} frames left out\n",
            added.session, added.participant, added.samples, added.candidates, added.left_out
        );
        for warning in &added.warnings {
            text += &format!("  {warning}\n");
        }
    }
    for session in &report.already_in {
        text += &format!("{session}: it is in the dataset already\n");
    }
    if !report.left_out.is_empty() {
        let reasons: Vec<String> =
            report.left_out.iter().map(|(why, count)| format!("{count} {why}")).collect();
        text += &format!("left out (listed in left_out.csv): {}\n", reasons.join(", "));
    }
    text + &format!("{}: {} samples\n", report.dataset.display(), report.samples)
}
