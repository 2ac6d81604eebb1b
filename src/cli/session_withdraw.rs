//! `onset session withdraw`: lists everything of a participant, asks, and removes it.

use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::UsageError;
use crate::dataset::{read_manifest, write_manifest};
use crate::session::{Finding, Findings, Removal};

/// Single images of a dataset that are listed; the rest are counted.
const MAX_LISTED: usize = 5;

/// Options of `onset session withdraw`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The participant's pseudonym, as sessions and datasets have it.
    participant: String,
    /// Folders to look through, at any depth: sessions, datasets, folders of them.
    #[arg(default_value = ".", value_name = "DIR")]
    dirs: Vec<PathBuf>,
    /// Remove without asking.
    #[arg(long)]
    yes: bool,
}

/// Runs the subcommand.
pub(super) fn run(args: Args) -> Result<()> {
    let participant = args.participant.as_str();
    if participant.trim().is_empty() {
        return Err(UsageError("the participant is empty: give a pseudonym, like P07".to_owned()).into());
    }
    let findings = Findings::find(participant, &args.dirs);
    let mut out = std::io::stdout().lock();
    list(&findings, participant, &mut out)?;
    if findings.is_empty() {
        if findings.unreadable.is_empty() {
            return Ok(());
        }
        bail!("some folders could not be looked into (see above): they may hold more of {participant}");
    }
    if !args.yes {
        confirm(participant, &mut out)?;
    }
    let removed = findings.remove(&mut parquet_from_csv);
    writeln!(out, "removed:")?;
    for path in &removed.removed {
        writeln!(out, "  {}", path.display())?;
    }
    for (path, why) in &removed.failed {
        writeln!(out, "not removed: {}: {why}", path.display())?;
    }
    writeln!(
        out,
        "Not looked for: copies and backups elsewhere, exports of datasets, tables of onset analyze, studies (their pages \
         hold faces), trained networks and the cache of training."
    )?;
    if !removed.failed.is_empty() {
        bail!("{} of {participant}'s things could not be removed (see above)", removed.failed.len());
    }
    if !findings.unreadable.is_empty() {
        bail!("some folders could not be looked into (see above): they may hold more of {participant}");
    }
    Ok(())
}

fn list(findings: &Findings, participant: &str, out: &mut impl Write) -> Result<()> {
    if findings.is_empty() {
        let names: Vec<&str> =
            findings.participants.iter().map(String::as_str).filter(|n| !n.is_empty()).collect();
        let known = if names.is_empty() { "nobody".to_owned() } else { names.join(", ") };
        writeln!(out, "nothing of {participant} was found; participants in these folders: {known}")?;
    } else {
        writeln!(out, "everything of {participant}:")?;
    }
    let is_image = |finding: &&Finding| matches!(finding.removal, Removal::File) && finding.what == "image";
    for finding in findings.found.iter().filter(|finding| !is_image(finding)) {
        writeln!(out, "  {}  ({})", finding.path.display(), finding.what)?;
    }
    let mut images: BTreeMap<&Path, usize> = BTreeMap::new();
    for finding in findings.found.iter().filter(is_image) {
        *images.entry(finding.path.parent().unwrap_or(&finding.path)).or_default() += 1;
        if findings.found.iter().filter(is_image).count() <= MAX_LISTED {
            writeln!(out, "  {}  (image)", finding.path.display())?;
        }
    }
    if images.values().sum::<usize>() > MAX_LISTED {
        for (folder, count) in images {
            writeln!(out, "  {}  ({count} image{})", folder.display(), if count == 1 { "" } else { "s" })?;
        }
    }
    for (path, why) in &findings.unreadable {
        writeln!(out, "not looked into: {}: {why}", path.display())?;
    }
    Ok(())
}

/// Asks on the terminal; an error where the answer is anything but the participant.
fn confirm(participant: &str, out: &mut impl Write) -> Result<()> {
    let input = std::io::stdin();
    if !input.is_terminal() {
        return Err(UsageError(
            "nothing was removed: there is no terminal to ask on; look at the list above, and add --yes"
                .to_owned(),
        )
        .into());
    }
    write!(out, "This cannot be undone. Type the participant's name to go on: ")?;
    out.flush()?;
    let mut answer = String::new();
    input.lock().read_line(&mut answer).context("cannot read from the terminal; nothing was removed")?;
    if answer.trim() != participant {
        bail!("nothing was removed: the answer was not {participant}");
    }
    Ok(())
}

/// Writes the manifest's Parquet file anew from its CSV.
fn parquet_from_csv(csv: &Path, _parquet: &Path) -> std::result::Result<(), String> {
    let samples = read_manifest(csv).map_err(|error| error.to_string())?;
    let dir = csv.parent().unwrap_or_else(|| Path::new("."));
    write_manifest(dir, &samples).map_err(|error| error.to_string())
}
