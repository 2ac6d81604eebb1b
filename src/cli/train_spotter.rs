//! `onset train spotter`: recordings in, `models/spotter.onnx` with its record and card out.

use std::cell::RefCell;
use std::path::PathBuf;

use anyhow::Result;
use serde_json::json;

use super::{UsageError, interrupt, progress};
use crate::spot::network::{FeatureParams, Pooling};
use crate::train::{
    Corpus, Exported, FitParams, FitStep, Fitted, Fold, LoadStep, ModelParams, SampleParams, Split,
    Validation, ValidationParams, fit,
};

/// Options of `onset train spotter`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Split file: which recordings there are, who is in them, what they may be used for.
    #[arg(long, value_name = "FILE")]
    split: PathBuf,
    /// Folder that the split file's paths start from.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Where the network goes; its record is written beside it (.toml), and its card into a models.toml there.
    #[arg(long, value_name = "FILE", default_value = "models/spotter.onnx")]
    out: PathBuf,
    /// Folder for the recordings' motion, so that a second run need not analyse them again.
    #[arg(long, value_name = "DIR", default_value = "target/train-cache")]
    cache: PathBuf,
    /// Seed of everything random.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Optimiser steps.
    #[arg(long, default_value_t = 1500, value_parser = clap::value_parser!(u32).range(1..))]
    steps: u32,
    /// Different examples that are made, each drawn several times; 0.2 MB of memory each.
    #[arg(long, default_value_t = 6000, value_parser = clap::value_parser!(u32).range(1..))]
    examples: u32,
    /// Examples in each step.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..=1024))]
    batch: u32,
    /// Highest learning rate.
    #[arg(long, default_value_t = 3e-3)]
    learning_rate: f64,
    /// Steps between validations.
    #[arg(long, default_value_t = 250, value_parser = clap::value_parser!(u32).range(1..))]
    validate_every: u32,
    /// Which part of the people is held out for validation, from 0.
    #[arg(long, default_value_t = 0)]
    fold: usize,
    /// How many parts the people are dealt into.
    #[arg(long, default_value_t = 5)]
    folds: usize,
    /// False alarms a minute that the threshold allows on the held-out people's recordings as they are.
    #[arg(long, default_value_t = 0.5)]
    alarms_per_min: f64,
    /// What the network is shown: every patch, or the mean of each region.
    #[arg(long, value_enum)]
    pooling: Option<PoolingArg>,
    /// Plain changes that it is shown besides the beams: their lags, in ticks of 1/30 s; none unless told.
    #[arg(long, value_delimiter = ',', value_name = "TICKS")]
    lags: Option<Vec<usize>>,
    /// Channels between its layers.
    #[arg(long)]
    hidden: Option<usize>,
    /// Dilation of each of its blocks, in ticks.
    #[arg(long, value_delimiter = ',', value_name = "TICKS")]
    dilations: Option<Vec<usize>>,
    /// Print JSON, for machines.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum PoolingArg {
    Patches,
    Regions,
}

/// Runs the subcommand.
pub(super) fn run(args: &Args) -> Result<()> {
    let params = params(args)?;
    interrupt::install()?;
    let split = Split::read(&args.split)?;
    let corpus = load(&split, args)?;
    for warning in &corpus.warnings {
        eprintln!("onset: {warning}");
    }
    let fitted = run_fit(&corpus, &params)?;
    let exported = Exported::new(&fitted, &params, &split, &command(args))?;
    let written = exported.write(&args.out)?;
    report(args, &fitted, &exported, &written)
}

fn params(args: &Args) -> Result<FitParams> {
    if args.fold >= args.folds || args.folds < 2 {
        return Err(UsageError(format!(
            "--fold {} of --folds {}: give at least 2 folds and a fold below their number",
            args.fold, args.folds
        ))
        .into());
    }
    let features = FeatureParams::default();
    let features = FeatureParams {
        pooling: match args.pooling {
            Some(PoolingArg::Patches) => Pooling::Patches,
            Some(PoolingArg::Regions) => Pooling::Regions,
            None => features.pooling,
        },
        lags: args.lags.clone().unwrap_or(features.lags),
        ..features
    };
    let model = ModelParams::default();
    let model = ModelParams {
        hidden: args.hidden.unwrap_or(model.hidden),
        dilations: args.dilations.clone().unwrap_or(model.dilations),
        ..model
    };
    let within = |what: &str, values: &[usize], most: usize| {
        if values.is_empty() || values.iter().any(|value| !(1..=most).contains(value)) {
            return Err(UsageError(format!("--{what} {values:?}: give values from 1 to {most}")));
        }
        Ok(())
    };
    if let Some(lags) = &args.lags {
        within("lags", lags, 30)?;
    }
    within("dilations", &model.dilations, 32)?;
    within("hidden", &[model.hidden], 256)?;
    let samples = SampleParams { context_ticks: model.receptive_field() - 1, ..SampleParams::default() };
    if samples.context_ticks + 45 > samples.ticks {
        return Err(UsageError(format!(
            "--dilations {:?}: a receptive field of {} ticks leaves too little of an example of {}; use smaller ones",
            model.dilations,
            model.receptive_field(),
            samples.ticks
        ))
        .into());
    }
    Ok(FitParams {
        seed: args.seed,
        steps: args.steps as usize,
        examples: args.examples as usize,
        batch: args.batch as usize,
        learning_rate: args.learning_rate,
        validate_every: args.validate_every as usize,
        fold: Fold { index: args.fold, count: args.folds },
        features,
        model,
        samples,
        validation: ValidationParams { alarms_per_min: args.alarms_per_min, ..ValidationParams::default() },
        ..FitParams::default()
    })
}

fn load(split: &Split, args: &Args) -> Result<Corpus> {
    let bases = split.tune();
    let bar = progress::counted(bases.len() as u64, "motion");
    let progress = |step: LoadStep| {
        bar.set_position(step.index as u64);
        bar.set_message(step.base.path.display().to_string());
        !interrupt::is_asked()
    };
    let corpus = Corpus::load(&bases, &args.data, &args.cache, progress)?;
    bar.finish_and_clear();
    Ok(corpus)
}

fn run_fit(corpus: &Corpus, params: &FitParams) -> Result<Fitted> {
    let bar = progress::counted(params.steps as u64, "training");
    let smooth = RefCell::new(None::<f32>);
    let progress = |step: &FitStep| {
        match step {
            FitStep::Made(count) => {
                bar.set_message(format!("example {count} of {}", params.examples));
                bar.tick();
            }
            FitStep::Step(number, loss) => {
                let mut smooth = smooth.borrow_mut();
                let value = smooth.map_or(*loss, |before| before + 0.02 * (loss - before));
                *smooth = Some(value);
                bar.set_position(*number as u64);
                bar.set_message(format!("loss {value:.4}"));
            }
            FitStep::Validated(number, validation) => {
                let loss = smooth.borrow().unwrap_or_default();
                bar.suspend(|| eprintln!("step {number}: loss {loss:.4}, {}", words(validation)));
            }
        }
        !interrupt::is_asked()
    };
    let fitted = fit(&corpus.recordings, params, progress)?;
    bar.finish_and_clear();
    Ok(fitted)
}

fn words(validation: &Validation) -> String {
    let (injected, untouched) = (&validation.injected, &validation.untouched);
    format!(
        "injected F1 {:.3} (recall {:.3}, {:.2} false alarms/min), untouched {:.2} false alarms/min and {:.2} false \
         rises/min in {:.1} min, thresholds {:.4} and {:.4}",
        injected.f1(),
        injected.recall(),
        injected.alarms_per_min(),
        untouched.alarms_per_min(),
        untouched.rises_per_min(),
        untouched.minutes,
        validation.decision.return_threshold,
        validation.decision.rise_threshold,
    )
}

/// What makes the same network again: every option that matters, spelled out. Paths are left as they were given.
fn command(args: &Args) -> String {
    let mut words = format!(
        "onset train spotter --split {} --seed {} --steps {} --examples {} --batch {} --learning-rate {} --validate-every {} --fold {} \
         --folds {} --alarms-per-min {}",
        args.split.display(),
        args.seed,
        args.steps,
        args.examples,
        args.batch,
        args.learning_rate,
        args.validate_every,
        args.fold,
        args.folds,
        args.alarms_per_min
    );
    let list = |values: &[usize]| values.iter().map(usize::to_string).collect::<Vec<_>>().join(",");
    if let Some(pooling) = args.pooling {
        words += &format!(" --pooling {}", format!("{pooling:?}").to_lowercase());
    }
    if let Some(lags) = &args.lags {
        words += &format!(" --lags {}", list(lags));
    }
    if let Some(hidden) = args.hidden {
        words += &format!(" --hidden {hidden}");
    }
    if let Some(dilations) = &args.dilations {
        words += &format!(" --dilations {}", list(dilations));
    }
    words
}

fn report(args: &Args, fitted: &Fitted, exported: &Exported, written: &[PathBuf]) -> Result<()> {
    if args.json {
        let (injected, untouched) = (&fitted.validation.injected, &fitted.validation.untouched);
        let value = json!({
            "files": written, "sha256": exported.record.sha256, "best_step": fitted.best_step,
            "people_trained": fitted.people[0], "people_held_out": fitted.people[1],
            "return_threshold": exported.record.decision.return_threshold,
            "rise_threshold": exported.record.decision.rise_threshold,
            "injected": {"f1": injected.f1(), "recall": injected.recall(), "false_alarms_per_min": injected.alarms_per_min()},
            "untouched": {"minutes": untouched.minutes, "false_alarms_per_min": untouched.alarms_per_min()},
            "tract_difference": exported.difference,
        });
        println!("{value:#}");
        return Ok(());
    }
    println!("best after step {}: {}", fitted.best_step, words(&fitted.validation));
    println!(
        "trained on {} people ({} recordings), validated on {} others ({}); tract agrees within {:.0e}",
        fitted.people[0], fitted.recordings[0], fitted.people[1], fitted.recordings[1], exported.difference
    );
    for path in written {
        println!("wrote {}", path.display());
    }
    Ok(())
}
