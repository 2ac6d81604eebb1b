//! Fits a network to some examples, until those that are watched gain no more.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::augment::AugmentParams;
use super::plan::{Fold, shuffle};
use super::prepared::Prepared;
use crate::train::TrainError;
use crate::train::checkpoint::Checkpoint;
use crate::train::graph::{Adam, AdamParams, Batch, Graph, Mode, Pass, Shape, Stepper, cross_entropy};

/// What decides how a network turns out, besides the examples.
#[derive(Clone, Debug, PartialEq)]
pub struct FitParams {
    /// Seed of everything random.
    pub seed: u64,
    /// Most times that each example is seen; `None`: 60, or as many as make 1,500 steps.
    pub epochs: Option<usize>,
    /// Epochs without a gain on the watched examples after which it ends; `None`: 10, or as many as make 300 steps.
    pub patience: Option<usize>,
    /// Examples in a step.
    pub batch: usize,
    /// Optimiser.
    pub adam: AdamParams,
    /// Examples of rare classes weigh more: by the inverse of their number.
    pub has_class_weights: bool,
    /// Learn the votes of several people where they are known, else the one class.
    pub learns_votes: bool,
    /// What is done to examples.
    pub augment: AugmentParams,
}

impl Default for FitParams {
    fn default() -> Self {
        Self {
            seed: 1,
            epochs: None,
            patience: None,
            batch: 64,
            adam: AdamParams::default(),
            has_class_weights: true,
            learns_votes: true,
            augment: AugmentParams::default(),
        }
    }
}

/// Usual epochs in all, and the fewest steps that they make. On small data an epoch is a few steps, in which a network may not even leave
/// its start: with ten of them as patience, `cnn` ended on 600 pictures of five classes without having learned anything.
const EPOCHS: (usize, usize) = (60, 1500);
/// The same for those without a gain.
const PATIENCE: (usize, usize) = (10, 300);

impl FitParams {
    /// Epochs in all and without a gain, where an epoch has so many steps.
    fn epochs_of(&self, steps: usize) -> (usize, usize) {
        let usual = |(epochs, fewest): (usize, usize)| epochs.max(fewest.div_ceil(steps.max(1)));
        (self.epochs.unwrap_or_else(|| usual(EPOCHS)), self.patience.unwrap_or_else(|| usual(PATIENCE)))
    }
}

/// How an epoch went.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct EpochReport {
    /// Epochs done.
    pub epoch: usize,
    /// Mean loss of the epoch's steps.
    pub loss: f32,
    /// Loss on the watched examples; that of learning where none are watched.
    pub watched_loss: f32,
    /// Share of the watched examples that is right.
    pub watched_accuracy: f32,
}

/// What [`fit`] tells of itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FitStep {
    /// A step was taken: number and all of the most that can come.
    Step(usize, usize),
    /// An epoch is done.
    Epoch(EpochReport),
}

/// A fitted network: that of the epoch with the lowest loss on the watched examples.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// The network.
    pub graph: Graph,
    /// Its epoch.
    pub best: EpochReport,
    /// All epochs.
    pub history: Vec<EpochReport>,
}

/// Fits a network. After each epoch the run is written to `checkpoint`, if there is one; with `resume` it goes on from there.
///
/// # Errors
/// [`TrainError::Interrupted`], [`TrainError::Checkpoint`], [`TrainError::File`], [`TrainError::TooLittle`] without examples.
pub fn fit(
    shape: &Shape,
    prepared: &Prepared,
    fold: &Fold,
    params: &FitParams,
    checkpoint: Option<(&Path, bool)>,
    mut progress: impl FnMut(&FitStep) -> bool,
) -> Result<Fitted, TrainError> {
    if fold.learn.is_empty() {
        return Err(TrainError::TooLittle(format!("fold {}: nothing is left to learn from", fold.name)));
    }
    let fingerprint = fingerprint(shape, prepared, fold, params);
    let mut state = State::start(shape, params);
    if let Some((path, true)) = checkpoint
        && path.exists()
    {
        state = State::resumed(shape, &Checkpoint::read(path, &fingerprint)?);
    }
    let weights = class_weights(prepared, fold, params);
    let steps = fold.learn.len().div_ceil(params.batch);
    let (epochs, patience) = params.epochs_of(steps);
    while state.history.len() < epochs && !state.is_settled(patience) {
        let epoch = state.history.len();
        let mut order = fold.learn.clone();
        shuffle(&mut order, params.seed ^ (epoch as u64 + 1) << 32);
        let mut loss = 0.0;
        for (number, indices) in order.chunks(params.batch).enumerate() {
            let seed = params.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (epoch * steps + number) as u64;
            let batch = batch(prepared, indices, params, &weights, seed);
            let own = state.stepper.step(&batch, &params.adam, 1.0, seed).ok_or(TrainError::Thread)?;
            loss += own * indices.len() as f32 / order.len() as f32;
            if !progress(&FitStep::Step(epoch * steps + number + 1, steps * epochs)) {
                return Err(TrainError::Interrupted);
            }
        }
        let (watched_loss, watched_accuracy) = match fold.watch.is_empty() {
            true => (loss, 0.0),
            false => watch(&state.stepper.graph, prepared, &fold.watch, params, &weights),
        };
        let report = EpochReport { epoch: epoch + 1, loss, watched_loss, watched_accuracy };
        state.note(report);
        if let Some((path, _)) = checkpoint {
            state.checkpoint(fingerprint).write(path)?;
        }
        if !progress(&FitStep::Epoch(report)) {
            return Err(TrainError::Interrupted);
        }
    }
    let best = state.best_epoch();
    Ok(Fitted { graph: state.best, best, history: state.history })
}

/// Logits of some examples as they are.
pub(super) fn logits(graph: &Graph, prepared: &Prepared, indices: &[usize]) -> Vec<Vec<f32>> {
    let mut pass = Pass::default();
    let mut all = Vec::with_capacity(indices.len());
    for chunk in indices.chunks(64) {
        let mut input = Vec::new();
        chunk.iter().for_each(|index| prepared.plain(*index, &mut input));
        let logits = graph.forward(&input, Mode::Use, &mut pass);
        all.extend(logits.chunks_exact(graph.shape.outputs.max(1)).map(<[f32]>::to_vec));
    }
    all
}

/// A run as it stands.
struct State {
    stepper: Stepper,
    best: Graph,
    history: Vec<EpochReport>,
}

impl State {
    fn start(shape: &Shape, params: &FitParams) -> Self {
        let graph = Graph::new(shape, params.seed);
        Self { best: graph.clone(), stepper: Stepper::new(graph, Adam::default()), history: Vec::new() }
    }

    fn resumed(shape: &Shape, from: &Checkpoint) -> Self {
        let graph = |numbers: &[f32]| {
            let (weights, stats) = numbers.split_at(shape.weight_count().min(numbers.len()));
            Graph { shape: shape.clone(), weights: weights.to_vec(), stats: stats.to_vec() }
        };
        let [own, means, squares, best, history] = &from.parts;
        let adam = Adam { steps: from.averaged_steps as u64, means: means.clone(), squares: squares.clone() };
        let report = |(epoch, values): (usize, &[f32])| EpochReport {
            epoch: epoch + 1,
            loss: values[0],
            watched_loss: values[1],
            watched_accuracy: values[2],
        };
        Self {
            stepper: Stepper::new(graph(own), adam),
            best: graph(best),
            history: history.chunks_exact(3).enumerate().map(report).collect(),
        }
    }

    fn checkpoint(&self, fingerprint: [u8; 32]) -> Checkpoint {
        let numbers = |graph: &Graph| [graph.weights.as_slice(), &graph.stats].concat();
        let adam = &self.stepper.adam;
        let history = self.history.iter().flat_map(|one| [one.loss, one.watched_loss, one.watched_accuracy]);
        Checkpoint {
            fingerprint,
            epochs: self.history.len(),
            averaged_steps: usize::try_from(adam.steps).unwrap_or(usize::MAX),
            parts: [
                numbers(&self.stepper.graph),
                adam.means.clone(),
                adam.squares.clone(),
                numbers(&self.best),
                history.collect(),
            ],
        }
    }

    fn best_epoch(&self) -> EpochReport {
        let lowest = self.history.iter().min_by(|a, b| a.watched_loss.total_cmp(&b.watched_loss));
        lowest.copied().unwrap_or_default()
    }

    fn note(&mut self, report: EpochReport) {
        let is_best = self.history.iter().all(|before| report.watched_loss < before.watched_loss);
        self.history.push(report);
        if is_best {
            self.best = self.stepper.graph.clone();
        }
    }

    fn is_settled(&self, patience: usize) -> bool {
        self.history.len() >= self.best_epoch().epoch + patience && !self.history.is_empty()
    }
}

/// Says for which options and examples a checkpoint is good.
fn fingerprint(shape: &Shape, prepared: &Prepared, fold: &Fold, params: &FitParams) -> [u8; 32] {
    let mut hash = Sha256::new();
    // The number of epochs may grow from run to run.
    let rest = FitParams { epochs: None, patience: None, ..params.clone() };
    hash.update(format!("{shape:?} {rest:?} {:?} {:?} {:?}", prepared.spec, prepared.classes, fold));
    for index in &fold.learn {
        let mut input = Vec::new();
        prepared.plain(*index, &mut input);
        hash.update(input.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>());
        hash.update(prepared.class[*index].to_le_bytes());
        hash.update(format!("{:?}", prepared.wanted[*index]));
    }
    hash.finalize().into()
}

/// Weight of each class: its examples together weigh as much as those of every other that occurs.
fn class_weights(prepared: &Prepared, fold: &Fold, params: &FitParams) -> Vec<f32> {
    let mut counts = vec![0usize; prepared.classes.len()];
    fold.learn.iter().for_each(|index| counts[prepared.class[*index]] += 1);
    let occurring = counts.iter().filter(|count| **count > 0).count().max(1);
    let weight = |count: &usize| match (params.has_class_weights, *count) {
        (false, _) | (_, 0) => 1.0,
        (true, count) => fold.learn.len() as f32 / (occurring * count) as f32,
    };
    counts.iter().map(weight).collect()
}

fn batch(prepared: &Prepared, indices: &[usize], params: &FitParams, weights: &[f32], seed: u64) -> Batch {
    let mut batch = Batch::default();
    for (at, index) in indices.iter().enumerate() {
        let mut shares = Vec::new();
        let own = seed.wrapping_mul(0xD129_0D3B_39CA_F6A1) ^ (at as u64) << 40;
        prepared.changed(*index, &params.augment, own, &mut batch.input, &mut shares);
        let class = prepared.class[*index];
        if params.learns_votes {
            batch.wanted.extend(shares);
        } else {
            batch.wanted.extend(one_class(&shares));
        }
        batch.weights.push(weights[class]);
    }
    batch
}

/// All of it for the largest share.
fn one_class(shares: &[f32]) -> Vec<f32> {
    let most = (0..shares.len()).max_by(|a, b| shares[*a].total_cmp(&shares[*b]).then(b.cmp(a)));
    (0..shares.len()).map(|class| f32::from(u8::from(Some(class) == most))).collect()
}

/// Loss and share that is right.
fn watch(
    graph: &Graph,
    prepared: &Prepared,
    indices: &[usize],
    params: &FitParams,
    weights: &[f32],
) -> (f32, f32) {
    let logits = logits(graph, prepared, indices);
    let wanted = |index: &usize| match params.learns_votes {
        true => prepared.wanted[*index].clone(),
        false => one_class(&prepared.wanted[*index]),
    };
    let wanted: Vec<f32> = indices.iter().flat_map(wanted).collect();
    let weights: Vec<f32> = indices.iter().map(|index| weights[prepared.class[*index]]).collect();
    let loss = cross_entropy(&logits.concat(), &wanted, &weights, weights.iter().sum(), &mut Vec::new());
    let is_right = |(logits, index): (&Vec<f32>, &usize)| said(logits) == Some(prepared.class[*index]);
    let right = logits.iter().zip(indices).filter(|pair| is_right(*pair)).count();
    (loss, right as f32 / indices.len().max(1) as f32)
}

/// The class with the largest output.
pub(super) fn said(logits: &[f32]) -> Option<usize> {
    (0..logits.len()).max_by(|a, b| logits[*a].total_cmp(&logits[*b]).then(b.cmp(a)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_examples_are_seen_more_often() {
        let usual = FitParams::default();
        assert_eq!(usual.epochs_of(400), (60, 10));
        assert_eq!(usual.epochs_of(10), (150, 30));
        let told = FitParams { epochs: Some(2), patience: Some(1), ..usual };
        assert_eq!(told.epochs_of(1), (2, 1));
    }
}
