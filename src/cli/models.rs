//! `onset models`: list, verify and attribute the embedded models.

use std::io::Write;

use anyhow::{Context, Result, bail};

use crate::infer::{Manifest, Model, ModelCard, TensorCard, sha256_hex};

/// Options of `onset models`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Recompute each file's SHA-256, load it, and compare with its card; exit code 1 on any difference.
    #[arg(long, conflicts_with = "attribution")]
    verify: bool,
    /// Print the attributions that must accompany the program.
    #[arg(long)]
    attribution: bool,
    /// Print JSON, for machines.
    #[arg(long)]
    json: bool,
}

/// Runs the subcommand.
pub(super) fn run(args: Args) -> Result<()> {
    let manifest = Manifest::embedded()?;
    let mut out = std::io::stdout().lock();
    if args.verify {
        return verify(&manifest, args.json, &mut out);
    }
    if args.json {
        let cards: Vec<_> = manifest.models.iter().map(card_json).collect();
        return print_json(&cards.into(), &mut out);
    }
    if args.attribution {
        write!(out, "{}", manifest.attribution())?;
        return Ok(());
    }
    list(&manifest, &mut out)
}

fn list(manifest: &Manifest, out: &mut impl Write) -> Result<()> {
    writeln!(out, "{:24} {:>8} {:17} {:24} {:24} SHA-256", "model", "kB", "licence", "input", "outputs")?;
    for card in &manifest.models {
        let outputs: Vec<_> = card.outputs.iter().map(shape).collect();
        let kilobytes = bytes_of(card)?.len().div_ceil(1000);
        writeln!(
            out,
            "{:24} {kilobytes:>8} {:17} {:24} {:24} {}",
            card.name,
            card.licence,
            shape(&card.input),
            outputs.join(" "),
            card.sha256.get(..16).unwrap_or(&card.sha256),
        )?;
    }
    writeln!(out)?;
    for card in &manifest.models {
        writeln!(out, "{}: {}\n  {}", card.name, card.what, card.limits)?;
    }
    Ok(())
}

/// One model's result of [`verify`].
struct Check {
    name: String,
    expected: String,
    found: String,
    problem: Option<String>,
}

fn check(card: &ModelCard) -> Check {
    let bytes = bytes_of(card);
    let found = bytes.as_ref().map(|bytes| sha256_hex(bytes)).unwrap_or_default();
    let problem = bytes.and_then(|bytes| {
        card.verify(&bytes)?;
        crate::infer::Network::load(card, &bytes)?;
        Ok(())
    });
    Check {
        name: card.name.clone(),
        expected: card.sha256.clone(),
        found,
        problem: problem.err().map(|error| format!("{error:#}")),
    }
}

fn verify(manifest: &Manifest, json: bool, out: &mut impl Write) -> Result<()> {
    let checks: Vec<Check> = manifest.models.iter().map(check).collect();
    if json {
        let rows = checks.iter().map(|check| {
            serde_json::json!({
                "name": check.name, "sha256": check.found, "expected_sha256": check.expected,
                "ok": check.problem.is_none(), "problem": check.problem,
            })
        });
        print_json(&rows.collect(), out)?;
    } else {
        for check in &checks {
            match &check.problem {
                None => writeln!(out, "ok      {:24} {}", check.name, check.found)?,
                Some(problem) => writeln!(out, "FAILED  {:24} {problem}", check.name)?,
            }
        }
    }
    let failed = checks.iter().filter(|check| check.problem.is_some()).count();
    if failed > 0 {
        bail!(
            "{failed} of {} models do not match their cards; rebuild the program from clean sources",
            checks.len()
        );
    }
    Ok(())
}

fn bytes_of(card: &ModelCard) -> Result<Vec<u8>> {
    Model::ALL.iter().find(|model| model.name() == card.name).map(|model| model.bytes()).with_context(|| {
        format!("model {}: there is a card but no embedded file; rebuild the program", card.name)
    })
}

/// `1x128x128x3`.
fn shape(tensor: &TensorCard) -> String {
    let dimensions: Vec<_> = tensor.shape.iter().map(usize::to_string).collect();
    dimensions.join("x")
}

fn card_json(card: &ModelCard) -> serde_json::Value {
    let outputs: Vec<_> = card
        .outputs
        .iter()
        .map(|output| serde_json::json!({"name": output.name, "shape": output.shape, "what": output.what}))
        .collect();
    serde_json::json!({
        "name": card.name, "file": card.file, "what": card.what, "version": card.version,
        "licence": card.licence, "source": card.source, "attribution": card.attribution,
        "limits": card.limits, "sha256": card.sha256,
        "input": {
            "name": card.input.name, "shape": card.input.shape,
            "layout": card.input.layout, "range": card.input.range,
        },
        "outputs": outputs,
    })
}

fn print_json(value: &serde_json::Value, out: &mut impl Write) -> Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)?;
    Ok(())
}
