//! `onset dataset stats`: what a dataset holds, and what it lacks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::Result;

use super::dataset::exit_code;
use super::print::print;
use crate::dataset::{Counts, DatasetFolder, DatasetStats, Missing, stats_of};
use crate::eval::text_table::TextTable;

/// Options of `onset dataset stats`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The dataset.
    #[arg(value_name = "DATASET")]
    dataset: PathBuf,
    /// Print JSON, for machines.
    #[arg(long)]
    json: bool,
}

/// Names are listed up to so many.
const MOST_NAMES: usize = 8;

/// Runs `onset dataset stats`.
pub(super) fn run(args: &Args) -> Result<()> {
    let folder = DatasetFolder::open(&args.dataset).map_err(exit_code)?;
    let stats = stats_of(&folder);
    print(&if args.json { serde_json::to_string_pretty(&stats)? + "\n" } else { words(&stats) })
}

fn words(stats: &DatasetStats) -> String {
    let mut text = format!(
        "{} samples, {} sessions, {} participants\n\n",
        stats.samples, stats.sessions, stats.participants
    );
    for (what, counts) in [
        ("label", &stats.by_label),
        ("stimulus", &stats.by_stimulus),
        ("kind", &stats.by_kind),
        ("gender", &stats.by_gender),
        ("label from", &stats.by_label_source),
        ("role", &stats.by_role),
    ] {
        text += &format!("by {what}: {}\n", listed(counts));
    }
    text += &format!("\n{}", cross_table(&stats.by_participant));
    text += "\nseconds of steps by target:";
    for (target, seconds) in &stats.step_seconds {
        text += &format!(" {target} {seconds:.1}");
    }
    text.push('\n');
    for (kind, events) in &stats.events {
        text += &format!("{kind} events: {}", events.count);
        if let (Some(median), Some(shortest), Some(longest)) =
            (events.median_ms, events.shortest_ms, events.longest_ms)
        {
            text += &format!(", median {median:.0} ms, {shortest:.0} to {longest:.0} ms");
        }
        if events.without_offset > 0 {
            text += &format!(", {} without an offset", events.without_offset);
        }
        text.push('\n');
    }
    text + "\n" + &missing_words(&stats.missing)
}

fn listed(counts: &Counts) -> String {
    if counts.is_empty() {
        return "none".to_owned();
    }
    counts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
}

/// Participants down, labels across.
fn cross_table(by_participant: &BTreeMap<String, Counts>) -> String {
    let labels: BTreeSet<&str> =
        by_participant.values().flat_map(|counts| counts.keys().map(String::as_str)).collect();
    let header: Vec<&str> = std::iter::once("participant").chain(labels.iter().copied()).collect();
    let mut table = TextTable::new(&header);
    for (participant, counts) in by_participant {
        let cells = labels.iter().map(|label| counts.get(*label).copied().unwrap_or(0).to_string());
        table.row(std::iter::once(participant.clone()).chain(cells).collect());
    }
    table.text()
}

fn missing_words(missing: &Missing) -> String {
    let mut text = String::new();
    let mut line = |what: &str, names: &[String]| {
        if names.is_empty() {
            return;
        }
        let shown = names.iter().take(MOST_NAMES).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = names.len().saturating_sub(MOST_NAMES);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        text += &format!("{what}: {shown}{more}\n");
    };
    line("files that the manifest names and that are not there", &missing.files);
    line("sessions that are not complete (run `onset dataset build --add`)", &missing.incomplete_sessions);
    line("sessions without samples", &missing.sessions_without_samples);
    line("sessions whose clips have no motion traces", &missing.sessions_without_traces);
    line("gender not known", &missing.participants_without_gender);
    line("targets without samples", &missing.targets_without_samples);
    let lacking: Vec<String> = missing
        .labels_without_samples
        .iter()
        .map(|(participant, labels)| format!("{participant} ({})", labels.join(" ")))
        .collect();
    line("participants without samples of a label", &lacking);
    if missing.without_label > 0 {
        text += &format!("samples without a label: {}\n", missing.without_label);
    }
    if !missing.left_out.is_empty() {
        text += &format!("frames left out (see left_out.csv): {}\n", listed(&missing.left_out));
    }
    if text.is_empty() { "nothing is missing\n".to_owned() } else { format!("missing\n{text}") }
}
