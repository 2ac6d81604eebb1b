//! `onset train expression`: pictures with crowd votes in, `models/expression.onnx` (or `expression_eyes.onnx`) with its record and card out.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::json;

use super::expression_part::{PartReport, judge_part, words};
use super::region_arg::RegionArg;
use super::{UsageError, interrupt, progress};
use crate::capture::SessionClock;
use crate::dataset::Part;
use crate::eval::expression::text_of;
use crate::expression::{ExpressionClassifier, FaceRegion};
use crate::infer::Network;
use crate::train::expression::{Exported, FaceSet, FacesStep, FitParams, FitStep, Fitted, RefineParams, fit};
use crate::types::Label;

/// Options of `onset train expression`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder in the form of FER+: labels.csv with crowd votes, and the pictures of each part.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The part to learn from: PART.tar.gz, PART.tar or a folder PART. A tenth of it is watched instead.
    #[arg(long, value_name = "NAME", default_value = "train")]
    part: String,
    /// Which part of the face is seen.
    #[arg(long, value_enum, default_value = "face")]
    region: RegionArg,
    /// The part for the figures on the card; it decides nothing. `none`: no figures.
    #[arg(long, value_name = "NAME", default_value = "valid")]
    test_part: String,
    /// Where the network goes; its record is written beside it (.toml), and its card into a models.toml there. `models/expression.onnx`
    /// or `models/expression_eyes.onnx` unless told otherwise.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Folder for the pictures' faces and for the run after each epoch, so that a second run need not start anew.
    #[arg(long, value_name = "DIR", default_value = "target/train-cache")]
    cache: PathBuf,
    /// Go on where an earlier run with the same options was cut off.
    #[arg(long)]
    resume: bool,
    /// Seed of everything random.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Times that each picture is seen.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    epochs: u32,
    /// Times that each picture is seen in a second round, which learns the votes mixed with what the first network says; 0 for none.
    #[arg(long, default_value_t = 0)]
    refine_epochs: u32,
    /// Pictures in each step.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(4..=1024))]
    batch: u32,
    /// Highest learning rate.
    #[arg(long, default_value_t = 0.06)]
    learning_rate: f32,
    /// Channels of the network's three levels.
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "32,64,128")]
    channels: Vec<usize>,
    /// Print JSON, for machines.
    #[arg(long)]
    json: bool,
}

/// Runs the subcommand.
pub(super) fn run(args: &Args) -> Result<()> {
    interrupt::install()?;
    let params = params(args)?;
    let region = params.region;
    let part = Part::read(&args.data, &args.part)?;
    if !part.unlisted.is_empty() || !part.missing.is_empty() {
        eprintln!(
            "onset: {} pictures of {} are not listed, {} that are listed are missing: left out",
            part.unlisted.len(),
            part.path.display(),
            part.missing.len()
        );
    }
    let faces = find_faces(&part, region, args)?;
    let fitted = run_fit(&part, &faces, &params, args)?;
    let exported = Exported::new(&fitted, (&params, &refine(args)), &command(args))?;
    let (exported, tested) = test(exported, region, args)?;
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from("models").join(&exported.card.file));
    let written = exported.write(&out)?;
    report(args, &fitted, &exported, tested.as_ref(), &written)
}

/// Figures on the test part, with the very files that are written.
fn test(exported: Exported, region: FaceRegion, args: &Args) -> Result<(Exported, Option<PartReport>)> {
    if args.test_part == "none" {
        return Ok((exported, None));
    }
    let part = Part::read(&args.data, &args.test_part)?;
    let network = Network::load(&exported.card, &exported.onnx)?;
    let mut classifier = ExpressionClassifier::with(region, network, &exported.record)?;
    let report = judge_part(&args.test_part, &part, region, &mut classifier)?;
    let scores = &report.scores;
    let recall = |label: &Label| {
        let one = scores.classes.per_class.get(label.name()).copied().unwrap_or_default();
        format!("{} {:.0} % of {}", label.name(), 100.0 * one.recall, one.support)
    };
    let words = format!(
        "On the part `{}` of FER+, never learned from, by what most people said: accuracy {:.1} % of {} pictures, macro F1 {:.3}, \
         calibration error {:.1} %; found: {}.",
        args.test_part,
        100.0 * scores.classes.accuracy,
        scores.classes.count,
        scores.classes.macro_f1,
        100.0 * scores.ece,
        Label::ALL.iter().map(recall).collect::<Vec<_>>().join(", ")
    );
    let rounded = |value: f64| toml::Value::Float((value * 1e4).round() / 1e4);
    let mut figures = toml::Table::new();
    figures.insert("tested_part".to_owned(), toml::Value::String(args.test_part.clone()));
    figures.insert("tested_count".to_owned(), toml::Value::Integer(i64::try_from(scores.classes.count)?));
    for (name, value) in [
        ("tested_accuracy", scores.classes.accuracy),
        ("tested_balanced_accuracy", scores.classes.balanced_accuracy),
        ("tested_macro_f1", scores.classes.macro_f1),
        ("tested_calibration_error", scores.ece),
        ("tested_accuracy_clear_majority", report.clear_majority.accuracy),
    ] {
        figures.insert(name.to_owned(), rounded(value));
    }
    Ok((exported.with_figures(&words, figures), Some(report)))
}

/// What makes the same network again: every option that matters, spelled out. Paths are left as they were given.
fn command(args: &Args) -> String {
    format!(
        "onset train expression --data DIR --part {} --region {} --seed {} --epochs {} --refine-epochs {} --batch {} --learning-rate {} --channels {}",
        args.part,
        FaceRegion::from(args.region).name(),
        args.seed,
        args.epochs,
        args.refine_epochs,
        args.batch,
        args.learning_rate,
        args.channels.iter().map(usize::to_string).collect::<Vec<_>>().join(",")
    )
}

fn report(
    args: &Args,
    fitted: &Fitted,
    exported: &Exported,
    tested: Option<&PartReport>,
    written: &[PathBuf],
) -> Result<()> {
    if args.json {
        let value = json!({
            "files": written, "sha256": exported.record.sha256, "temperature": exported.record.temperature,
            "pictures_learned": fitted.learned, "pictures_watched": fitted.watched.len(),
            "watched_accuracy": fitted.watched_accuracy(), "tested": tested, "tract_difference": exported.difference,
        });
        println!("{value:#}");
        return Ok(());
    }
    println!(
        "learned from {} pictures; {:.1} % right on {} others of the part; temperature {:.3}; tract agrees within {:.0e}",
        fitted.learned,
        100.0 * fitted.watched_accuracy(),
        fitted.watched.len(),
        exported.record.temperature,
        exported.difference
    );
    if let Some(report) = tested {
        println!("\npart `{}`: {}\n{}", report.part, text_of(&report.scores), words(report));
    }
    for path in written {
        println!("wrote {}", path.display());
    }
    Ok(())
}

fn params(args: &Args) -> Result<FitParams> {
    let channels = <[usize; 3]>::try_from(args.channels.as_slice())
        .ok()
        .filter(|channels| channels.iter().all(|count| (1..=512).contains(count)))
        .ok_or_else(|| {
            UsageError(format!("--channels {:?}: give three numbers from 1 to 512", args.channels))
        })?;
    let params = FitParams::new(args.region.into());
    let mut optimiser = params.optimiser;
    optimiser.learning_rate = args.learning_rate;
    Ok(FitParams {
        seed: args.seed,
        epochs: args.epochs as usize,
        batch: args.batch as usize,
        channels,
        optimiser,
        ..params
    })
}

fn refine(args: &Args) -> RefineParams {
    RefineParams { epochs: args.refine_epochs as usize, ..RefineParams::default() }
}

fn find_faces(part: &Part, region: FaceRegion, args: &Args) -> Result<FaceSet> {
    let bar = progress::counted(part.pictures.len() as u64, "faces");
    let progress = |step: FacesStep| {
        bar.set_position(step.done as u64);
        !interrupt::is_asked()
    };
    let faces = FaceSet::load(part, region, &args.cache, progress)?;
    bar.finish_and_clear();
    let found = faces.faces.iter().filter(|face| face.is_found).count();
    eprintln!("faces found in {found} of {} pictures", faces.faces.len());
    Ok(faces)
}

fn run_fit(part: &Part, faces: &FaceSet, params: &FitParams, args: &Args) -> Result<Fitted> {
    let checkpoint = args.cache.join(format!("expression-{}.ckpt", params.region.name()));
    let bar = progress::counted(0, "training");
    let clock = SessionClock::start();
    let mut smooth = None::<f32>;
    let progress = |step: &FitStep| {
        match step {
            FitStep::Step(number, steps, loss) => {
                let value = smooth.map_or(*loss, |before: f32| before + 0.02 * (loss - before));
                smooth = Some(value);
                bar.set_length(*steps as u64);
                bar.set_position(*number as u64);
                bar.set_message(format!("loss {value:.4}"));
            }
            FitStep::Epoch(report) => bar.suspend(|| {
                eprintln!(
                    "epoch {}: loss {:.4}; watched: loss {:.4}, accuracy {:.4}; {:.0} s",
                    report.epoch,
                    report.loss,
                    report.watched_loss,
                    report.watched_accuracy,
                    clock.now().as_secs_f64()
                );
            }),
        }
        !interrupt::is_asked()
    };
    let fitted = fit(part, faces, (params, &refine(args)), (&checkpoint, args.resume), progress)?;
    bar.finish_and_clear();
    Ok(fitted)
}
