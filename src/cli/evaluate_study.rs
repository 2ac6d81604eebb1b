//! `onset evaluate study`: the seed paper's comparison on a lab's own dataset, with people kept apart beside it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::json;

use super::evaluate_recognition::work_folder;
use super::fold_progress::FoldProgress;
use super::print::print;
use super::recogniser_args::{self, BackboneArgs, DataArgs, FitArgs, PlanArgs};
use super::study_parts::{CellId, cells, facts, maps_of, study_data};
use super::{UsageError, interrupt};
use crate::capture::SessionClock;
use crate::dataset::{Dataset, Form, SampleKind};
use crate::eval::recognition::study::{Study, StudyResults, StudyRun};
use crate::train::TrainError;
use crate::train::recogniser::{NetworkKind, Prepared, Protocol, Run, RunParams};

/// Options of `onset evaluate study`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder of a dataset, as `onset dataset build` makes it.
    #[arg(value_name = "DATASET")]
    data: PathBuf,
    /// Folder for study.html, study.json, tables/, predictions/ and (not with --no-maps) networks/.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// A network: cnn (the seed paper's), compact, or the ONNX file of a backbone; give several.
    #[arg(long = "network", value_name = "NAME|FILE.onnx", default_value = "cnn")]
    networks: Vec<String>,
    /// Replace a study that is in --out.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    data_args: DataArgs,
    #[command(flatten)]
    backbone: BackboneArgs,
    #[command(flatten)]
    plan: PlanArgs,
    #[command(flatten)]
    fit: FitArgs,
    /// Leave out the maps of what decided, which take as long as a training where networks are large.
    #[arg(long)]
    no_maps: bool,
    /// Print JSON, for machines.
    #[arg(long)]
    json: bool,
}

/// Runs `onset evaluate study`.
pub(super) fn run(args: &Args) -> Result<()> {
    interrupt::install()?;
    let clock = SessionClock::start();
    if args.out.join("study.json").exists() && !args.force {
        return Err(UsageError(format!(
            "{} has a study already; choose another --out, or replace it with --force",
            args.out.display()
        ))
        .into());
    }
    let networks = args
        .networks
        .iter()
        .map(|name| recogniser_args::network(name, &args.backbone))
        .collect::<Result<Vec<NetworkKind>>>()?;
    if Form::found_in(&args.data).ok() != Some(Form::Manifest) || !args.data.is_dir() {
        return Err(UsageError(format!(
            "{}: a study needs the folder of an Onset dataset, with manifest.csv; make one with `onset dataset build`",
            args.data.display()
        ))
        .into());
    }
    std::fs::create_dir_all(&args.out)
        .with_context(|| format!("cannot create {}; choose another --out", args.out.display()))?;
    let names: BTreeSet<String> = networks.iter().map(NetworkKind::name).collect();
    if names.len() < networks.len() {
        return Err(UsageError("two of the networks have the same name; rename a file".to_owned()).into());
    }
    let mut study = Study { title: "Recognisers compared".to_owned(), ..Study::default() };
    for kind in SampleKind::ALL {
        for network in &networks {
            let data = match args.data_args.open(std::slice::from_ref(&args.data), network, Some(kind)) {
                Ok(data) => data,
                Err(error) => {
                    study.left_out.push((format!("{} samples", kind.name()), format!("{error:#}")));
                    break;
                }
            };
            if network.name() == networks[0].name() {
                study_data(&data, &mut study.dataset);
            }
            let prepared = args.data_args.prepare(&data, network, &args.fit.cache)?;
            for (name, why) in &prepared.left_out {
                if !study.left_out.iter().any(|(known, _)| known == name) {
                    study.left_out.push((name.clone(), why.clone()));
                }
            }
            run_cells(args, (&data, &prepared, network), kind, &clock, &mut study)?;
            if !args.no_maps {
                match maps_of(args.fit.params(), (&data, &prepared, network), kind, &args.out, &mut study) {
                    Err(error) if !interrupt::is_asked() => {
                        let what = format!("maps of {}, {}", network.name(), kind.name());
                        study.left_out.push((what, format!("{error:#}")));
                    }
                    outcome => outcome?,
                }
            }
        }
    }
    if study.runs.iter().all(|run| run.why_not.is_some()) {
        let why = study.runs.iter().find_map(|run| run.why_not.clone());
        let why = why.or_else(|| study.left_out.last().map(|(_, why)| why.clone())).unwrap_or_default();
        bail!("{}: no network could be trained: {why}", args.data.display());
    }
    study.facts = facts(&args.data, &networks, &args.fit)?;
    study.seconds = clock.now().as_secs_f64();
    let results = StudyResults::of(&study);
    for stale in ["tables", "predictions"] {
        // Of the study that is replaced, which may have had other networks; that there is none is usual.
        let _ = std::fs::remove_dir_all(args.out.join(stale));
    }
    let written = results.write(&study, &args.out)?;
    if args.json {
        let value = json!({ "seconds": study.seconds, "files": written, "results": results });
        return print(&(serde_json::to_string_pretty(&value)? + "\n"));
    }
    let files: Vec<String> = written
        .iter()
        .filter(|path| path.extension().is_some_and(|e| e == "html" || e == "json"))
        .map(|path| format!("wrote {}", path.display()))
        .collect();
    print(&format!("{}\n{:.0} s\n{}\n", results.text(), study.seconds, files.join("\n")))
}

/// One network on every data set of the paper's tables, by both protocols.
fn run_cells(
    args: &Args,
    (data, prepared, network): (&Dataset, &Prepared, &NetworkKind),
    kind: SampleKind,
    clock: &SessionClock,
    study: &mut Study,
) -> Result<()> {
    for cell in cells(data, kind) {
        for protocol in [Protocol::Holdout, Protocol::Subject] {
            let before = clock.now().as_secs_f64();
            let what = format!("{} {} {}", network.name(), cell.name(), protocol.name());
            let outcome = run_cell(args, (data, prepared, network), &cell, protocol, &what);
            let (predictions, why_not) = match outcome {
                Ok(predictions) => (predictions, None),
                // Too little of something is an answer too; the other runs go on.
                Err(TrainError::TooLittle(why)) => (Default::default(), Some(why)),
                Err(error) => return Err(recogniser_args::kept_in(error, &args.fit.cache)),
            };
            let shape = network.shape(prepared.classes.len()).map_err(anyhow::Error::msg)?;
            study.runs.push(StudyRun {
                network: network.name(),
                kind: kind.name().to_owned(),
                stimulus: cell.stimulus.clone(),
                gender: cell.gender.clone(),
                protocol: protocol.name().to_owned(),
                learned: shape.learned_count(),
                seconds: clock.now().as_secs_f64() - before,
                predictions,
                why_not,
            });
        }
    }
    Ok(())
}

fn run_cell(
    args: &Args,
    (data, prepared, network): (&Dataset, &Prepared, &NetworkKind),
    cell: &CellId,
    protocol: Protocol,
    what: &str,
) -> Result<crate::eval::recognition::Predictions, TrainError> {
    let own = prepared.filtered(|index| cell.has(&data.examples[index]));
    let classes: BTreeSet<usize> = own.class.iter().copied().collect();
    if classes.len() < 2 {
        return Err(TrainError::TooLittle(format!("{} examples of {} classes", own.len(), classes.len())));
    }
    let params = RunParams { plan: args.plan.params(protocol, args.fit.seed), fit: args.fit.params() };
    let work = work(&args.fit.cache, &args.data, &format!("{what} {:?} {:?}", params.plan, args.data_args));
    let run = Run { data, prepared: &own, network, params: &params, work: (&work, args.fit.resume) };
    let mut bar = FoldProgress::new(what);
    let outcome = run.all(|step| bar.step(step));
    bar.finish();
    Ok(outcome?.0)
}

fn work(cache: &Path, data: &Path, what: &str) -> PathBuf {
    work_folder(cache, &[data.to_owned()], what)
}
