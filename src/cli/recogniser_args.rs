//! Options that `onset train recogniser`, `onset evaluate recognition` and `onset evaluate study` share: data, network, fitting.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::{UsageError, interrupt, progress};
use crate::dataset::{ClassScheme, Dataset, Form, OpenParams, Role, SampleKind, Unit};
use crate::train::TrainError;
use crate::train::graph::AdamParams;
use crate::train::onnx::Backbone;
use crate::train::recogniser::{
    AugmentParams, FitParams, NetworkKind, PlanParams, Prepared, Prepares, Protocol,
};

/// What is learned from and tested on.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct DataArgs {
    /// Form of the data: manifest, imagefolder, ferplus, flow-table, flow-folder, or a corpus (docs/corpora.md) [default: found out].
    #[arg(long, value_name = "FORM")]
    form: Option<Form>,
    /// Classes: as-found, eight, five (the seed paper's), three (MEGC 2019), masked [default: as found; five for an Onset dataset, eight
    /// for FER+, three for corpora and flow].
    #[arg(long, value_name = "SCHEME")]
    classes: Option<ClassScheme>,
    /// Only this part of the data, where they are divided already: train, valid, test.
    #[arg(long, value_name = "NAME")]
    part: Option<String>,
    /// Moments of an Onset dataset that are taken, comma-separated: interval, onset, apex, offset.
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = role, default_value = "interval,apex")]
    roles: Vec<Role>,
    /// Share of each picture that is used, from its middle: less than 1 for pictures with much around the face.
    #[arg(long, value_name = "SHARE", value_parser = share, default_value = "1")]
    middle: f32,
}

/// How networks are fitted.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct FitArgs {
    /// Seed of everything random.
    #[arg(long, default_value_t = 1)]
    pub(super) seed: u64,
    /// Most times that each example is seen [default: 60, or as many as make 1,500 steps].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    epochs: Option<u32>,
    /// Epochs without a gain on the watched examples after which fitting ends [default: 10, or as many as make 300 steps].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    patience: Option<u32>,
    /// Examples in a step.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(2..=1024))]
    batch: u32,
    /// Learning rate of Adam.
    #[arg(long, value_name = "RATE", default_value = "0.001", value_parser = rate)]
    learning_rate: f32,
    /// Show examples as they are: not mirrored, moved or relit.
    #[arg(long)]
    no_augment: bool,
    /// Let every example weigh the same, however rare its class.
    #[arg(long)]
    no_class_weights: bool,
    /// Learn the majority's class even where the votes of several people are known.
    #[arg(long)]
    majority: bool,
    /// Folder for features of backbones and for unfinished runs, so that nothing is computed twice.
    #[arg(long, value_name = "DIR", default_value = "target/train-cache")]
    pub(super) cache: PathBuf,
    /// Go on where an earlier run with the same options was cut off.
    #[arg(long)]
    pub(super) resume: bool,
}

/// How a backbone's features are found.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct BackboneArgs {
    /// The tensor of a backbone to take for its features [default: what goes into its last dense layer].
    #[arg(long, value_name = "TENSOR")]
    features: Option<String>,
}

fn role(text: &str) -> Result<Role, String> {
    Role::ALL
        .into_iter()
        .find(|role| role.name() == text)
        .ok_or_else(|| format!("{text} is not one of {}", Role::ALL.map(Role::name).join(", ")))
}

fn share(text: &str) -> Result<f32, String> {
    let value: f32 = text.parse().map_err(|_| format!("{text} is not a number"))?;
    (value > 0.1 && value <= 1.0)
        .then_some(value)
        .ok_or_else(|| "give a number above 0.1, up to 1".to_owned())
}

fn part(text: &str) -> Result<f32, String> {
    let value: f32 = text.parse().map_err(|_| format!("{text} is not a number"))?;
    (value > 0.0 && value < 1.0).then_some(value).ok_or_else(|| "give a number above 0, below 1".to_owned())
}

fn rate(text: &str) -> Result<f32, String> {
    let value: f32 = text.parse().map_err(|_| format!("{text} is not a number"))?;
    (value > 0.0 && value <= 1.0).then_some(value).ok_or_else(|| "give a number above 0, up to 1".to_owned())
}

/// The network of a name, or of a backbone's file.
pub(super) fn network(name: &str, args: &BackboneArgs) -> Result<NetworkKind> {
    match NetworkKind::by_name(name) {
        Ok(kind) => Ok(kind),
        Err(path) if path.extension().is_some_and(|extension| extension == "onnx") => {
            Ok(NetworkKind::Transfer(Box::new(Backbone::read(&path, args.features.as_deref())?)))
        }
        Err(_) => Err(UsageError(format!(
            "--network {name}: choose cnn, compact, flow, flow42, sequence, or give a backbone's ONNX file"
        ))
        .into()),
    }
}

impl DataArgs {
    /// Opens and joins data sets, and says on the terminal what is left out.
    pub(super) fn open(
        &self,
        paths: &[PathBuf],
        network: &NetworkKind,
        kind: Option<SampleKind>,
    ) -> Result<Dataset> {
        let mut sets = Vec::with_capacity(paths.len());
        for path in paths {
            if !path.exists() {
                return Err(UsageError(format!("{}: there is no such file or folder", path.display())).into());
            }
            sets.push(Dataset::open(path, &self.params(path, network, kind)?)?);
        }
        let names: Vec<BTreeSet<&str>> = sets
            .iter()
            .map(|set| set.examples.iter().map(|example| example.corpus.as_str()).collect())
            .collect();
        for (number, own) in names.iter().enumerate() {
            if let Some(twice) = names[..number].iter().find_map(|before| own.intersection(before).next()) {
                return Err(UsageError(format!(
                    "{}: another --data is called {twice} too; rename one of the folders, so that people are not mixed up",
                    paths[number].display()
                ))
                .into());
            }
        }
        Ok(match <[Dataset; 1]>::try_from(sets) {
            Ok([one]) => one,
            Err(sets) => Dataset::join(sets)?,
        })
    }

    /// As told, but another part of the data.
    pub(super) fn with_part(&self, part: Option<&str>) -> Self {
        Self { part: part.map(str::to_owned).or_else(|| self.part.clone()), ..self.clone() }
    }

    fn params(&self, path: &Path, network: &NetworkKind, kind: Option<SampleKind>) -> Result<OpenParams> {
        let form = match self.form {
            Some(form) => form,
            None => Form::found_in(path)?,
        };
        let classes = match (form, kind, self.classes) {
            // What is said of the eight expressions is not said of masked smiles.
            (Form::Manifest, Some(SampleKind::Masked), Some(ClassScheme::AsFound)) => ClassScheme::AsFound,
            (Form::Manifest, Some(SampleKind::Masked), _) => ClassScheme::Masked,
            (_, _, Some(classes)) => classes,
            (Form::Manifest, ..) => ClassScheme::Five,
            (Form::FerPlus, ..) => ClassScheme::Eight,
            (Form::ImageFolder, ..) => ClassScheme::AsFound,
            _ => ClassScheme::Three,
        };
        let kind = kind.or(match (form, classes) {
            (Form::Manifest, ClassScheme::Masked) => Some(SampleKind::Masked),
            (Form::Manifest, ClassScheme::AsFound) => None,
            (Form::Manifest, _) => Some(SampleKind::Micro),
            _ => None,
        });
        let unit = if network.takes_events() { Unit::Clip } else { Unit::Picture };
        Ok(OpenParams {
            form: Some(form),
            unit,
            classes,
            part: self.part.clone(),
            roles: self.roles.clone(),
            kind,
        })
    }

    /// Reads all examples as the network takes them, with a progress bar.
    pub(super) fn prepare(&self, data: &Dataset, network: &NetworkKind, cache: &Path) -> Result<Prepared> {
        let prepares = Prepares { network, middle: self.middle, cache };
        let bar = progress::counted(data.examples.len() as u64, &format!("examples for {}", network.name()));
        let prepared = Prepared::read(data, &prepares, |step| {
            bar.set_position(step.done as u64);
            !interrupt::is_asked()
        });
        bar.finish_and_clear();
        let prepared = prepared?;
        tell_left_out(&prepared.left_out);
        tell_classes(&prepared);
        Ok(prepared)
    }
}

/// The first of what is left out, and how much it is.
fn tell_left_out(left_out: &[(String, String)]) {
    const SHOWN: usize = 5;
    if left_out.is_empty() {
        return;
    }
    match left_out.len() {
        1 => eprintln!("onset: one example is left out:"),
        count => eprintln!("onset: {count} examples are left out:"),
    }
    for (name, why) in left_out.iter().take(SHOWN) {
        eprintln!("  {name}: {why}");
    }
    if left_out.len() > SHOWN {
        eprintln!("  and {} more; --json lists them all", left_out.len() - SHOWN);
    }
}

/// Classes from which little can be learned.
fn tell_classes(prepared: &Prepared) {
    for (class, name) in prepared.classes.iter().enumerate() {
        match prepared.class.iter().filter(|own| **own == class).count() {
            0 => eprintln!("onset: class {name} has no example: it cannot be learned or tested"),
            1 => eprintln!("onset: class {name} has one example: it can be learned from or tested, not both"),
            _ => {}
        }
    }
}

/// Refuses a file to be written whose folder is not there, before hours are spent.
pub(super) fn check_folder_of(path: &Path) -> Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => return Ok(()),
    };
    if !folder.is_dir() {
        return Err(UsageError(format!(
            "{}: there is no folder {}; create it first",
            path.display(),
            folder.display()
        ))
        .into());
    }
    Ok(())
}

/// The command as it was typed, for records: what makes the same again.
pub(super) fn command_line() -> String {
    let quoted = |argument: String| match argument.contains([' ', '\'', '"']) {
        true => format!("'{}'", argument.replace('\'', "'\\''")),
        false => argument,
    };
    let rest = std::env::args_os().skip(1).map(|argument| quoted(argument.to_string_lossy().into_owned()));
    std::iter::once("onset".to_owned()).chain(rest).collect::<Vec<_>>().join(" ")
}

/// Says where finished work is, where it was the user who broke off.
pub(super) fn kept_in(error: TrainError, work: &Path) -> anyhow::Error {
    match error {
        TrainError::Interrupted => anyhow::anyhow!(
            "interrupted; what was finished is in {}, and --resume with the same options goes on from there",
            work.display()
        ),
        other => other.into(),
    }
}

impl FitArgs {
    /// What decides how a network is fitted.
    pub(super) fn params(&self) -> FitParams {
        FitParams {
            seed: self.seed,
            epochs: self.epochs.map(|epochs| epochs as usize),
            patience: self.patience.map(|epochs| epochs as usize),
            batch: self.batch as usize,
            adam: AdamParams { learning_rate: self.learning_rate, ..AdamParams::default() },
            has_class_weights: !self.no_class_weights,
            learns_votes: !self.majority,
            augment: if self.no_augment { AugmentParams::NONE } else { AugmentParams::default() },
        }
    }
}

/// How examples are parted.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct PlanArgs {
    /// Folds of --protocol subject.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(2..=1000))]
    folds: u32,
    /// Share that --protocol holdout tests.
    #[arg(long, value_name = "SHARE", default_value = "0.2", value_parser = part)]
    test: f32,
}

impl PlanArgs {
    /// As without options.
    pub(super) fn usual(protocol: Protocol, seed: u64) -> PlanParams {
        PlanParams { protocol, seed, ..PlanParams::default() }
    }

    pub(super) fn params(&self, protocol: Protocol, seed: u64) -> PlanParams {
        PlanParams {
            protocol,
            test: f64::from(self.test),
            folds: self.folds as usize,
            seed,
            ..PlanParams::default()
        }
    }
}

/// A protocol on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum ProtocolArg {
    /// 80/20 by frame, as in the seed paper: people are in both parts, so it flatters.
    Holdout,
    /// People are parted into folds.
    Subject,
    /// Each person is a fold.
    Loso,
    /// Each corpus is tested by a network that saw the others.
    CrossCorpus,
    /// The data's own parts: train is learned from, the others are tested.
    Parts,
}

impl From<ProtocolArg> for Protocol {
    fn from(protocol: ProtocolArg) -> Self {
        match protocol {
            ProtocolArg::Holdout => Self::Holdout,
            ProtocolArg::Subject => Self::Subject,
            ProtocolArg::Loso => Self::Loso,
            ProtocolArg::CrossCorpus => Self::CrossCorpus,
            ProtocolArg::Parts => Self::Parts,
        }
    }
}
