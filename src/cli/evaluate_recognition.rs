//! `onset evaluate recognition`: a recogniser is trained and tested by a protocol, and all its figures are printed.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::fold_progress::FoldProgress;
use super::interrupt;
use super::print::print;
use super::recogniser_args::{self, BackboneArgs, DataArgs, FitArgs, PlanArgs, ProtocolArg};
use crate::capture::SessionClock;
use crate::dataset::SampleKind;
use crate::eval::recognition::Recognition;
use crate::train::recogniser::{Run, RunParams};

/// Options of `onset evaluate recognition`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// cnn (the seed paper's), compact, flow, flow42, sequence, or the ONNX file of a backbone.
    #[arg(long, value_name = "NAME|FILE.onnx")]
    network: String,
    /// The data; several are joined, each as a corpus of its own.
    #[arg(long, value_name = "PATH", required = true)]
    data: Vec<PathBuf>,
    /// Who is tested by a network that learned from whom.
    #[arg(long, value_enum)]
    protocol: ProtocolArg,
    /// Of an Onset dataset: micro or masked.
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Option<SampleKind>,
    #[command(flatten)]
    data_args: DataArgs,
    #[command(flatten)]
    backbone: BackboneArgs,
    #[command(flatten)]
    plan: PlanArgs,
    #[command(flatten)]
    fit: FitArgs,
    /// Draws for the 95 % intervals; 0 for none.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    resamples: u32,
    /// Write what was said of each example (for `onset evaluate compare`) into this table.
    #[arg(long, value_name = "FILE.csv")]
    out: Option<PathBuf>,
    /// Print JSON, for machines.
    #[arg(long)]
    json: bool,
}

pub(super) fn kind(text: &str) -> Result<SampleKind, String> {
    SampleKind::of(text).ok_or_else(|| format!("{text} is neither micro nor masked"))
}

/// Runs `onset evaluate recognition`.
pub(super) fn run(args: &Args) -> Result<()> {
    interrupt::install()?;
    let clock = SessionClock::start();
    if let Some(out) = &args.out {
        recogniser_args::check_folder_of(out)?;
    }
    let network = recogniser_args::network(&args.network, &args.backbone)?;
    let data = args.data_args.open(&args.data, &network, args.kind)?;
    let prepared = args.data_args.prepare(&data, &network, &args.fit.cache)?;
    let params =
        RunParams { plan: args.plan.params(args.protocol.into(), args.fit.seed), fit: args.fit.params() };
    let options = format!("{} {:?} {:?} {:?}", network.name(), params.plan, args.data_args, args.kind);
    let work = work_folder(&args.fit.cache, &args.data, &options);
    let mut bar = FoldProgress::new("training");
    let run = Run {
        data: &data,
        prepared: &prepared,
        network: &network,
        params: &params,
        work: (&work, args.fit.resume),
    };
    let outcome = run.all(|step| bar.step(step));
    bar.finish();
    let (predictions, outcomes) = outcome.map_err(|error| recogniser_args::kept_in(error, &work))?;
    if let Some(out) = &args.out {
        predictions.write_csv(out)?;
    }
    let recognition = Recognition::of(&predictions, args.resamples, args.fit.seed);
    let seconds = clock.now().as_secs_f64();
    if args.json {
        let mut value = serde_json::to_value(&recognition)?;
        if let Some(object) = value.as_object_mut() {
            object.insert("network".to_owned(), json!(network.name()));
            object.insert("protocol".to_owned(), json!(params.plan.protocol.name()));
            object.insert(
                "data_sha256".to_owned(),
                json!(crate::infer::hex(&prepared.used(&data).fingerprint()?)),
            );
            object.insert("examples".to_owned(), json!(prepared.len()));
            object.insert("left_out".to_owned(), json!(prepared.left_out));
            object.insert("training".to_owned(), json!(outcomes));
            object.insert("seconds".to_owned(), json!(seconds));
        }
        return print(&(serde_json::to_string_pretty(&value)? + "\n"));
    }
    let learned = outcomes.iter().filter(|outcome| outcome.why_not.is_none()).count();
    let head = format!(
        "{}, protocol {}: {} examples, {learned} of {} folds trained, {seconds:.0} s\n{}",
        network.name(),
        params.plan.protocol.name(),
        prepared.len(),
        outcomes.len(),
        if params.plan.protocol == crate::train::recogniser::Protocol::Holdout {
            "frames of one person are in both parts, so these figures say little about people whom the network has not seen\n"
        } else {
            ""
        }
    );
    print(&format!("{head}\n{}", recognition.text()))
}

/// The folder in which a run keeps what it has finished: the same data and options have the same.
pub(super) fn work_folder(cache: &Path, data: &[PathBuf], options: &str) -> PathBuf {
    let mut hash = Sha256::new();
    for path in data {
        hash.update(path.as_os_str().as_encoded_bytes());
        hash.update([0]);
    }
    hash.update(options);
    cache.join(format!("run-{}", &crate::infer::hex(&hash.finalize())[..12]))
}
