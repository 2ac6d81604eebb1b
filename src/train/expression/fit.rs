//! Fits the network to pictures with vote distributions, for a fixed number of epochs; the running average of the weights is kept.

use std::path::Path;

use super::augment::{self, AugmentParams};
use super::examples::{Example, examples};
use super::faces::{Face, FaceSet};
use super::net::{Net, Pass, cross_entropy};
use super::optimise::OptimiserParams;
use super::round::{RefineParams, Round};
use super::shape::NetShape;
use crate::dataset::{Majority, Part, Votes};
use crate::expression::FaceRegion;
use crate::train::TrainError;
use crate::types::{LABEL_COUNT, Label};

/// Everything that decides what comes out, besides the pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct FitParams {
    /// Which part of the face is seen.
    pub region: FaceRegion,
    /// Seed of everything random.
    pub seed: u64,
    /// Times that each picture is seen.
    pub epochs: usize,
    /// Pictures in a step; halves are normalised by themselves.
    pub batch: usize,
    /// Channels of the network's three levels.
    pub channels: [usize; 3],
    /// Optimiser.
    pub optimiser: OptimiserParams,
    /// Share of itself that the running average of the weights keeps at each step.
    pub average_keep: f32,
    /// What is done to the pictures.
    pub augment: AugmentParams,
    /// A picture is seen more often where people saw something rare in it: by this many times the share of votes for each label,
    /// in the order of [`Label::ALL`].
    pub repeats: [f32; LABEL_COUNT],
}

impl FitParams {
    /// For a region.
    pub fn new(region: FaceRegion) -> Self {
        let mut repeats = [0.0; LABEL_COUNT];
        // Disgust and contempt have 0.7 and 0.6 % of the majorities, fear 2.3 %.
        repeats[Label::Disgust.index()] = 3.0;
        repeats[Label::Contempt.index()] = 3.0;
        repeats[Label::Fear.index()] = 1.0;
        Self {
            region,
            seed: 1,
            epochs: 30,
            batch: 64,
            channels: [32, 64, 128],
            optimiser: OptimiserParams::default(),
            average_keep: 0.999,
            augment: AugmentParams::default(),
            repeats,
        }
    }
}

impl FitParams {
    /// Form of the network.
    pub fn shape(&self) -> NetShape {
        NetShape::new(self.channels)
    }
}

/// How the averaged network does on pictures of the training part that are never learned from.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct EpochReport {
    /// Epochs done.
    pub epoch: usize,
    /// Mean loss of the epoch's steps.
    pub loss: f32,
    /// Cross-entropy against the votes on the watched pictures.
    pub watched_loss: f32,
    /// Share of watched pictures with a majority whose label is right.
    pub watched_accuracy: f32,
}

/// What [`fit`] tells of itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FitStep {
    /// A step was taken: number, all, loss.
    Step(usize, usize, f32),
    /// An epoch is done.
    Epoch(EpochReport),
}

/// A fitted network.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// The averaged weights.
    pub net: Net,
    /// Pictures learned from.
    pub learned: usize,
    /// Logits and votes of the watched pictures.
    pub watched: Vec<([f32; LABEL_COUNT], Votes)>,
}

impl Fitted {
    /// Share of the watched pictures with a majority whose label is right.
    pub fn watched_accuracy(&self) -> f32 {
        accuracy(self.watched.iter().map(|(logits, votes)| (logits.as_slice(), votes)))
    }
}

/// Share of pictures with a majority whose largest output is that label.
fn accuracy<'a>(pictures: impl Iterator<Item = (&'a [f32], &'a Votes)>) -> f32 {
    let (mut right, mut count) = (0usize, 0usize);
    for (logits, votes) in pictures {
        let Majority::Label(label) = votes.majority() else { continue };
        let best = (0..logits.len()).max_by(|a, b| logits[*a].total_cmp(&logits[*b]));
        count += 1;
        right += usize::from(best == Some(label.index()));
    }
    right as f32 / count.max(1) as f32
}

/// Fits a network, in two rounds: to the votes, then (see [`RefineParams`]) to the votes and its own word. `progress` is told of each step
/// and says whether to go on; after each epoch the run is written to `checkpoint` (the second round beside it), and with `resume` it goes
/// on from there.
///
/// # Errors
/// [`TrainError::TooLittle`] without pictures, [`TrainError::Interrupted`], [`TrainError::File`] and [`TrainError::Checkpoint`].
pub fn fit(
    part: &Part,
    faces: &FaceSet,
    (params, refine): (&FitParams, &RefineParams),
    (checkpoint, resume): (&Path, bool),
    mut progress: impl FnMut(&FitStep) -> bool,
) -> Result<Fitted, TrainError> {
    let second_checkpoint = checkpoint.with_extension("second.ckpt");
    if !resume {
        // One of another run would be taken for this one's. That there is none is usual.
        let _ = std::fs::remove_file(&second_checkpoint);
    }
    let [watched, learned] = examples(part, faces)?;
    let mut round = Round::new(params.clone(), learned, &watched, [0, refine.epochs]);
    let run = round.start(checkpoint, resume)?;
    let mut net = round.finish(run, checkpoint, &mut progress)?;
    if refine.epochs > 0 {
        let run = round.second(refine, &net, &second_checkpoint, resume)?;
        net = round.finish(run, &second_checkpoint, &mut progress)?;
    }
    let learned = round.learned();
    let watched = watched.iter().map(|one| (logits(&net, one.face, params.region), one.votes)).collect();
    Ok(Fitted { net, learned, watched })
}

/// What the network says of a picture as it is.
pub(super) fn logits(net: &Net, face: &Face, region: FaceRegion) -> [f32; LABEL_COUNT] {
    let framing = region.framing();
    let mut picture = Vec::new();
    augment::plain(face, region, false, &mut picture);
    let found = net.forward(&picture, (framing.height, framing.width), false, &mut Pass::default());
    let mut logits = [0.0; LABEL_COUNT];
    logits.iter_mut().zip(found).for_each(|(logit, found)| *logit = found);
    logits
}

/// Loss, and accuracy on pictures with a majority.
pub(super) fn watch(net: &Net, watched: &[Example<'_>], region: FaceRegion) -> (f32, f32) {
    let framing = region.framing();
    let (mut pass, mut picture, mut loss) = (Pass::default(), Vec::new(), 0.0);
    let mut all_logits = Vec::with_capacity(watched.len() * LABEL_COUNT);
    for batch in watched.chunks(64) {
        let (mut input, mut wanted) = (Vec::new(), Vec::new());
        for example in batch {
            augment::plain(example.face, region, false, &mut picture);
            input.extend_from_slice(&picture);
            wanted.extend_from_slice(&example.shares);
        }
        let logits = net.forward(&input, (framing.height, framing.width), false, &mut pass);
        let share = batch.len() as f32 / watched.len() as f32;
        loss += share * cross_entropy(&logits, &wanted, batch.len(), &mut Vec::new());
        all_logits.extend(logits);
    }
    let votes = watched.iter().map(|example| &example.votes);
    (loss, accuracy(all_logits.chunks_exact(LABEL_COUNT).zip(votes)))
}
