//! `onset dataset agreement`: coders against each other.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};

use super::UsageError;
use super::print::print;
use crate::eval::agreement::{Agreement, disagreements_csv, read_codings, text_of};

/// Options of `onset dataset agreement`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The dataset: a folder with codings/CODER.csv in it.
    #[arg(value_name = "DS")]
    dataset: PathBuf,
    /// Only these coders, comma-separated; all of them otherwise. More than two are compared in pairs.
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    coders: Vec<String>,
    /// Write the list of disagreements into this table.
    #[arg(long, value_name = "FILE.csv")]
    out: Option<PathBuf>,
    /// Print JSON, for machines.
    #[arg(long)]
    json: bool,
}

/// Runs `onset dataset agreement`.
pub(super) fn run(args: &Args) -> Result<()> {
    let folder = args.dataset.join("codings");
    let names = chosen(&folder, &args.coders)?;
    let coders = names
        .iter()
        .map(|name| read_codings(&folder.join(format!("{name}.csv")), name))
        .collect::<Result<Vec<_>, _>>()?;
    let agreements = Agreement::of_pairs(&coders);
    if let Some(path) = &args.out {
        let table = disagreements_csv(&agreements).map_err(|why| anyhow!("{why}"))?;
        fs::write(path, table)
            .with_context(|| format!("cannot write {}; choose another --out", path.display()))?;
    }
    let text = if args.json {
        serde_json::to_string_pretty(&agreements)? + "\n"
    } else {
        agreements.iter().map(text_of).collect::<Vec<_>>().join("\n\n")
    };
    print(&text)
}

/// The coders to compare: those asked for, or all that are there.
fn chosen(folder: &Path, asked: &[String]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    match fs::read_dir(folder) {
        Ok(entries) => {
            for entry in entries {
                let path = entry.with_context(|| format!("cannot read {}", folder.display()))?.path();
                let is_table = path.extension().is_some_and(|extension| extension == "csv");
                if let Some(name) = path.file_stem().and_then(|name| name.to_str()).filter(|_| is_table) {
                    found.push(name.to_owned());
                }
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", folder.display())),
    }
    found.sort();
    let there = if found.is_empty() { "nobody yet".to_owned() } else { found.join(", ") };
    if let Some(missing) = asked.iter().find(|name| !found.contains(name)) {
        return Err(UsageError(format!(
            "--coders {missing}: there is no {}; those who coded: {there}",
            folder.join(format!("{missing}.csv")).display()
        ))
        .into());
    }
    let names = if asked.is_empty() { found } else { asked.to_vec() };
    let twice = names.iter().enumerate().find(|(index, name)| names[..*index].contains(name));
    if let Some((_, name)) = twice {
        return Err(UsageError(format!("--coders: {name} is named twice; name different coders")).into());
    }
    if names.len() < 2 {
        return Err(UsageError(format!(
            "{}: agreement needs two coders or more, and those who coded are: {there}; `onset dataset label DS --coder NAME` is \
             where they code",
            folder.display()
        ))
        .into());
    }
    Ok(names)
}
