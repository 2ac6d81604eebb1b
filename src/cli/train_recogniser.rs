//! `onset train recogniser`: labelled data in, an ONNX file with its record and card out.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::json;

use super::print::print;
use super::recogniser_args::{self, BackboneArgs, DataArgs, FitArgs, PlanArgs};
use super::{UsageError, evaluate_recognition, interrupt, progress};
use crate::dataset::SampleKind;
use crate::eval::recognition::Figures;
use crate::train::recogniser::{ExportedRecogniser, FitStep, Fitted, NetworkKind, Protocol, all_of, fit};

/// Options of `onset train recogniser`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// cnn (the seed paper's), compact, flow, flow42, sequence, or the ONNX file of a backbone.
    #[arg(long, value_name = "NAME|FILE.onnx")]
    network: String,
    /// The data; several are joined, each as a corpus of its own.
    #[arg(long, value_name = "PATH", required = true)]
    data: Vec<PathBuf>,
    /// Of an Onset dataset: micro or masked.
    #[arg(long, value_name = "KIND", value_parser = evaluate_recognition::kind)]
    kind: Option<SampleKind>,
    #[command(flatten)]
    data_args: DataArgs,
    #[command(flatten)]
    backbone: BackboneArgs,
    #[command(flatten)]
    fit: FitArgs,
    /// Other data on which the network is tested once it is done, for its card.
    #[arg(long, value_name = "PATH")]
    test_data: Option<PathBuf>,
    /// The part of the data (or of --test-data) on which it is tested; --part then says what is learned from.
    #[arg(long, value_name = "NAME", requires = "part")]
    test_part: Option<String>,
    /// Where the network goes; its record (.toml) and card (.card.toml) are written beside it.
    #[arg(long, value_name = "FILE.onnx")]
    out: PathBuf,
    /// Print JSON, for machines.
    #[arg(long)]
    json: bool,
}

/// Runs `onset train recogniser`.
pub(super) fn run(args: &Args) -> Result<()> {
    interrupt::install()?;
    if args.out.extension().is_none_or(|extension| extension != "onnx") {
        return Err(
            UsageError(format!("--out {}: give a name that ends in .onnx", args.out.display())).into()
        );
    }
    recogniser_args::check_folder_of(&args.out)?;
    if args.out.exists() && args.out.canonicalize().ok() == PathBuf::from(&args.network).canonicalize().ok() {
        return Err(UsageError("--out would replace the backbone; give another name".to_owned()).into());
    }
    let network = recogniser_args::network(&args.network, &args.backbone)?;
    let data = args.data_args.open(&args.data, &network, args.kind)?;
    let prepared = args.data_args.prepare(&data, &network, &args.fit.cache)?;
    let params = args.fit.params();
    let plan = PlanArgs::usual(Protocol::Subject, args.fit.seed);
    let fold = ExportedRecogniser::fold(&data, &prepared, &plan);
    let options = format!("all {} {:?} {:?}", network.name(), args.data_args, args.kind);
    let work = evaluate_recognition::work_folder(&args.fit.cache, &args.data, &options);
    std::fs::create_dir_all(&work)
        .with_context(|| format!("cannot create {}; choose another --cache", work.display()))?;
    let checkpoint = work.join("all.ckpt");
    if args.fit.resume && !checkpoint.exists() {
        return Err(UsageError(format!(
            "--resume: there is no unfinished run of these options in {}; leave --resume out",
            args.fit.cache.display()
        ))
        .into());
    }
    let shape = network.shape(prepared.classes.len()).map_err(anyhow::Error::msg)?;
    let bar = progress::counted(0, "training");
    let fitted = fit(&shape, &prepared, &fold, &params, Some((&checkpoint, args.fit.resume)), |step| {
        match step {
            FitStep::Step(done, all) => {
                bar.set_length(*all as u64);
                bar.set_position(*done as u64);
            }
            FitStep::Epoch(report) => bar.set_message(format!(
                "epoch {}: loss {:.3}, watched {:.3}, {:.0} % right",
                report.epoch,
                report.loss,
                report.watched_loss,
                100.0 * report.watched_accuracy
            )),
        }
        !interrupt::is_asked()
    });
    bar.finish_and_clear();
    let fitted = fitted.map_err(|error| recogniser_args::kept_in(error, &work))?;
    let figures = tested(args, &network, &fitted)?;
    let exported = ExportedRecogniser::new(
        (&network, &fitted),
        (&data, &prepared, &fold),
        &params,
        &recogniser_args::command_line(),
        figures.clone(),
    )?;
    let written = exported.write(&args.out)?;
    if args.json {
        let value = json!({
            "files": written, "sha256": exported.record.sha256, "classes": exported.record.classes,
            "learned": fold.learn.len(), "watched": fold.watch.len(), "left_out": prepared.left_out,
            "epoch": fitted.best.epoch, "watched_accuracy": fitted.best.watched_accuracy,
            "tract_difference": exported.difference, "tested": figures,
        });
        return print(&format!("{value:#}\n"));
    }
    let mut text = format!(
        "learned from {} examples, epoch {} of {}; {:.1} % right on {} others, which decided when to stop; tract agrees within {:.0e}\n",
        fold.learn.len(),
        fitted.best.epoch,
        fitted.history.len(),
        100.0 * fitted.best.watched_accuracy,
        fold.watch.len(),
        exported.difference
    );
    for (name, value) in &figures {
        text += &format!("{name} = {value}\n");
    }
    for path in written {
        text += &format!("wrote {}\n", path.display());
    }
    print(&text)
}

/// Figures on other data, for the record and the card; they decide nothing.
fn tested(args: &Args, network: &NetworkKind, fitted: &Fitted) -> Result<toml::Table> {
    let mut figures = toml::Table::new();
    if args.test_data.is_none() && args.test_part.is_none() {
        return Ok(figures);
    }
    let paths = args.test_data.clone().map_or_else(|| args.data.clone(), |path| vec![path]);
    let data_args = args.data_args.with_part(args.test_part.as_deref());
    let data = data_args.open(&paths, network, args.kind)?;
    let prepared = data_args.prepare(&data, network, &args.fit.cache)?;
    let predictions = all_of(&data, &prepared, &fitted.graph);
    let found = Figures::plain(&predictions);
    figures.insert("tested_count".to_owned(), toml::Value::Integer(i64::try_from(found.count)?));
    for (name, value) in [
        ("tested_accuracy", found.scores.accuracy),
        ("tested_macro_f1", found.scores.macro_f1),
        ("tested_uf1", found.scores.uf1),
        ("tested_uar", found.scores.uar),
    ] {
        figures.insert(name.to_owned(), toml::Value::Float((value * 1e4).round() / 1e4));
    }
    Ok(figures)
}
