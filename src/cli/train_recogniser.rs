//! `onset train recogniser`: labelled data in, an ONNX file with its record and card out.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::json;

use super::recogniser_args::{self, BackboneArgs, DataArgs, FitArgs, PlanArgs};
use super::{evaluate_recognition, interrupt, progress};
use crate::dataset::SampleKind;
use crate::train::recogniser::{ExportedRecogniser, FitStep, Protocol, fit};

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
    let network = recogniser_args::network(&args.network, &args.backbone)?;
    let data = args.data_args.open(&args.data, &network, args.kind)?;
    let prepared = args.data_args.prepare(&data, &network, &args.fit.cache)?;
    let params = args.fit.params();
    let plan = PlanArgs::usual(Protocol::Subject, args.fit.seed);
    let fold = ExportedRecogniser::fold(&data, &prepared, &plan);
    let work = evaluate_recognition::work_folder(&args.fit.cache, &args.data, &format!("{} {params:?}", network.name()));
    std::fs::create_dir_all(&work)?;
    let checkpoint = work.join("all.ckpt");
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
    let fitted = fitted?;
    let exported = ExportedRecogniser::new(
        (&network, &fitted),
        (&data, &prepared, &fold),
        &params,
        &command(args),
        toml::Table::new(),
    )?;
    let written = exported.write(&args.out)?;
    if args.json {
        let value = json!({
            "files": written, "sha256": exported.record.sha256, "classes": exported.record.classes,
            "learned": fold.learn.len(), "watched": fold.watch.len(), "left_out": prepared.left_out,
            "epoch": fitted.best.epoch, "watched_accuracy": fitted.best.watched_accuracy,
            "tract_difference": exported.difference,
        });
        println!("{value:#}");
        return Ok(());
    }
    println!(
        "learned from {} examples, epoch {} of {}; {:.1} % right on {} others, which decided when to stop; tract agrees within {:.0e}",
        fold.learn.len(),
        fitted.best.epoch,
        fitted.history.len(),
        100.0 * fitted.best.watched_accuracy,
        fold.watch.len(),
        exported.difference
    );
    for path in written {
        println!("wrote {}", path.display());
    }
    Ok(())
}

/// What makes the same network again; paths are left as they were given.
fn command(args: &Args) -> String {
    let fit = args.fit.params();
    let name = std::path::Path::new(&args.network);
    let network = name.file_name().map_or_else(|| args.network.clone(), |name| name.to_string_lossy().into_owned());
    format!(
        "onset train recogniser --network {network} --data PATH --seed {} --epochs {} --patience {} --batch {} --learning-rate {}{}{}{}",
        fit.seed,
        fit.epochs,
        fit.patience,
        fit.batch,
        fit.adam.learning_rate,
        if fit.augment.mirror { "" } else { " --no-augment" },
        if fit.has_class_weights { "" } else { " --no-class-weights" },
        if fit.learns_votes { "" } else { " --majority" },
    )
}
