//! `onset session check`: what a session folder really holds; a file that was broken off gets its index.

use std::path::PathBuf;

use anyhow::{Result, bail};
use indicatif::ProgressBar;

use super::identity::IdentityArgs;
use crate::session::{CheckReport, SessionReader, check};

/// Options of `onset session check`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Session folder, or a folder that holds some.
    #[arg(value_name = "SESSION", required = true)]
    sessions: Vec<PathBuf>,
    /// Only say what is there: repair nothing.
    #[arg(long)]
    no_repair: bool,
    /// Print the findings as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    identity: IdentityArgs,
}

/// Runs `onset session check`.
pub(super) fn run(args: Args) -> Result<()> {
    let identities = args.identity.load()?;
    let mut reports = Vec::new();
    let mut failed = 0;
    for path in &args.sessions {
        for dir in SessionReader::find(path)? {
            let bar = ProgressBar::new_spinner().with_message(format!("reading {}", dir.display()));
            bar.enable_steady_tick(std::time::Duration::from_millis(120));
            let checked = check(&dir, &identities, !args.no_repair);
            bar.finish_and_clear();
            match checked {
                Ok(report) => {
                    if !args.json {
                        print!("{}", text(&report));
                    }
                    reports.push(report);
                }
                Err(error) => {
                    failed += 1;
                    eprintln!("onset: {error}");
                }
            }
        }
    }
    if args.json {
        println!("{}", serde_json::to_string_pretty(&reports)?);
    }
    let bad = reports.iter().filter(|report| !is_sound(report)).count();
    if failed > 0 {
        bail!("{failed} sessions could not be read; the messages above say why");
    }
    if bad > 0 {
        bail!(
            "{bad} of {} sessions have damage that cannot be repaired; the lines above say which frames",
            reports.len()
        );
    }
    Ok(())
}

/// Everything that was recorded is there, or is in a gap.
fn is_sound(report: &CheckReport) -> bool {
    report.frames_unexplained == 0 && report.frames_damaged == 0 && report.damaged_chunks == 0
}

fn text(report: &CheckReport) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {name:<14} {value}");
    };
    let state = match (report.is_whole, report.has_ended) {
        (true, true) => "whole".to_owned(),
        (true, false) => "whole; session.toml does not say how it ended: it was broken off".to_owned(),
        (false, _) => report.why_not.clone(),
    };
    line("state", state);
    if !report.repaired.is_empty() {
        line("repaired", report.repaired.clone());
    } else if !report.is_whole {
        line("not repaired", format!("{} bytes at the end are no whole message", report.torn_bytes));
    }
    let (first_s, last_s) = (report.first_s.unwrap_or_default(), report.last_s.unwrap_or_default());
    line("time", format!("{first_s:.3} to {last_s:.3} s"));
    line("frames", format!("{}; {} lost in {} gaps", report.frames, report.frames_lost, report.gaps));
    if report.frames_unexplained > 0 {
        line("missing", format!("{} frames that no gap tells of", report.frames_unexplained));
    }
    if report.frames_damaged + report.damaged_chunks > 0 {
        line("damaged", format!("{} frames, {} chunks", report.frames_damaged, report.damaged_chunks));
    }
    line("longest pause", format!("{:.3} s between two frames", report.longest_pause_s));
    line("observations", report.observations.to_string());
    line("events", format!("{} messages", report.event_messages));
    line("steps", report.steps.to_string());
    line("markers", report.markers.to_string());
    if report.audio_blocks > 0 {
        line("sound", format!("{} blocks", report.audio_blocks));
    }
    format!("{} ({}, {:.1} MB)\n{text}", report.session, report.media.display(), report.bytes as f64 * 1e-6)
}
