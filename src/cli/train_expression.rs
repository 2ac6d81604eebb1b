//! `onset train expression`: pictures with crowd votes in, `models/expression.onnx` (or `expression_eyes.onnx`) with its record and card out.

use std::path::PathBuf;

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};

use super::interrupt;
use crate::dataset::Part;
use crate::expression::FaceRegion;
use crate::train::expression::{FaceSet, FacesStep, FitParams, FitStep, Fitted, fit};

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
    /// Pictures in each step.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(4..=1024))]
    batch: u32,
    /// Highest learning rate.
    #[arg(long, default_value_t = 0.06)]
    learning_rate: f32,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum RegionArg {
    Face,
    Eyes,
}

impl From<RegionArg> for FaceRegion {
    fn from(region: RegionArg) -> Self {
        match region {
            RegionArg::Face => Self::Face,
            RegionArg::Eyes => Self::Eyes,
        }
    }
}

/// Runs the subcommand.
pub(super) fn run(args: &Args) -> Result<()> {
    interrupt::install()?;
    let region = FaceRegion::from(args.region);
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
    let params = params(args);
    let _fitted = run_fit(&part, &faces, &params, args)?;
    Ok(())
}

fn params(args: &Args) -> FitParams {
    let params = FitParams::new(args.region.into());
    let mut optimiser = params.optimiser;
    optimiser.learning_rate = args.learning_rate;
    FitParams {
        seed: args.seed,
        epochs: args.epochs as usize,
        batch: args.batch as usize,
        optimiser,
        ..params
    }
}

fn bar(count: u64, what: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix} {wide_bar} {pos}/{len}  {eta} left  {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(count).with_style(style).with_prefix(what.to_owned())
}

fn find_faces(part: &Part, region: FaceRegion, args: &Args) -> Result<FaceSet> {
    let bar = bar(part.pictures.len() as u64, "faces");
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
    let bar = bar(0, "training");
    let started = std::time::Instant::now();
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
                    started.elapsed().as_secs_f64()
                );
            }),
        }
        !interrupt::is_asked()
    };
    let fitted = fit(part, faces, params, (&checkpoint, args.resume), progress)?;
    bar.finish_and_clear();
    Ok(fitted)
}
