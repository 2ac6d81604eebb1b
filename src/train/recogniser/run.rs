//! A whole evaluation: every fold is trained and tested, and what was said of each example is kept.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::fit::{EpochReport, FitParams, FitStep, fit, logits};
use super::network::NetworkKind;
use super::plan::{Fold, PlanParams, plan};
use super::prepared::Prepared;
use crate::dataset::Dataset;
use crate::eval::recognition::{Prediction, Predictions};
use crate::train::TrainError;
use crate::train::graph::Graph;
use crate::train::softmax::softmax;

/// What decides how an evaluation turns out, besides the data.
#[derive(Clone, Debug, PartialEq)]
pub struct RunParams {
    /// Who is tested.
    pub plan: PlanParams,
    /// How networks are fitted.
    pub fit: FitParams,
}

/// What a run tells of itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RunStep<'a> {
    /// A fold begins: its number, and of how many.
    Fold(&'a str, usize, usize),
    /// It goes on.
    Fit(FitStep),
    /// It is done.
    Done(&'a FoldOutcome),
}

/// How one fold went.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FoldOutcome {
    /// Its name.
    pub name: String,
    /// Examples that were learned from, that were watched, that were tested.
    pub counts: [usize; 3],
    /// Epoch that was taken; 0 where the fold could not be trained.
    pub epoch: usize,
    /// Loss on the watched examples then.
    pub watched_loss: f32,
    /// It was done before, and its result was read.
    pub was_done: bool,
    /// Why it could not be trained.
    pub why_not: Option<String>,
}

impl FoldOutcome {
    /// Of a fold that is not trained yet.
    fn of(fold: &Fold) -> Self {
        Self {
            name: fold.name.clone(),
            counts: [fold.learn.len(), fold.watch.len(), fold.test.len()],
            epoch: 0,
            watched_loss: 0.0,
            was_done: false,
            why_not: None,
        }
    }
}

/// What is kept of a fold on disk.
#[derive(Serialize, Deserialize)]
struct Kept {
    fingerprint: String,
    epoch: usize,
    watched_loss: f32,
    /// Probabilities as bits: numbers in JSON do not all come back as they were.
    shares: Vec<Vec<u64>>,
}

/// An evaluation.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// The data.
    pub data: &'a Dataset,
    /// The data as the network takes it.
    pub prepared: &'a Prepared,
    /// The network.
    pub network: &'a NetworkKind,
    /// What decides how it turns out.
    pub params: &'a RunParams,
    /// Folder in which finished folds and the checkpoint of the one at work are kept, and whether to go on from there.
    pub work: (&'a Path, bool),
}

impl Run<'_> {
    /// Trains and tests every fold. A fold that cannot be trained is told of and passed over.
    ///
    /// # Errors
    /// [`TrainError::Interrupted`]: what is finished is kept. [`TrainError::TooLittle`] where no fold can be trained.
    pub fn all(
        &self,
        mut progress: impl FnMut(&RunStep<'_>) -> bool,
    ) -> Result<(Predictions, Vec<FoldOutcome>), TrainError> {
        let (work, _) = self.work;
        std::fs::create_dir_all(work).map_err(|error| TrainError::file(work, &error))?;
        if !self.work.1 {
            // One of another run would be taken for this one's. That there is none is usual.
            let _ = std::fs::remove_file(checkpoint_of(work));
        }
        let folds = plan(self.data, self.prepared, &self.params.plan)?;
        let mut predictions = Predictions { classes: self.prepared.classes.clone(), rows: Vec::new() };
        let mut outcomes = Vec::with_capacity(folds.len());
        for (number, fold) in folds.iter().enumerate() {
            if !progress(&RunStep::Fold(&fold.name, number, folds.len())) {
                return Err(TrainError::Interrupted);
            }
            let (outcome, shares) = match self.fold(number, fold, &mut progress) {
                Ok(done) => done,
                Err(TrainError::TooLittle(why)) => {
                    let outcome = FoldOutcome { why_not: Some(why), ..FoldOutcome::of(fold) };
                    (outcome, Vec::new())
                }
                Err(error) => return Err(error),
            };
            predictions.rows.extend(
                fold.test
                    .iter()
                    .zip(shares)
                    .map(|(index, shares)| row_of(self.data, self.prepared, *index, number, shares)),
            );
            if !progress(&RunStep::Done(&outcome)) {
                return Err(TrainError::Interrupted);
            }
            outcomes.push(outcome);
        }
        match outcomes.iter().find_map(|outcome| outcome.why_not.as_ref()) {
            Some(why) if predictions.rows.is_empty() => Err(TrainError::TooLittle(why.clone())),
            _ => Ok((predictions, outcomes)),
        }
    }

    fn fold(
        &self,
        number: usize,
        fold: &Fold,
        progress: &mut impl FnMut(&RunStep<'_>) -> bool,
    ) -> Result<(FoldOutcome, Vec<Vec<f64>>), TrainError> {
        let (work, resume) = self.work;
        let fingerprint = self.fingerprint(fold);
        let place = work.join(format!("fold-{number}.json"));
        let outcome = |epoch: usize, watched_loss: f32, was_done: bool| FoldOutcome {
            epoch,
            watched_loss,
            was_done,
            ..FoldOutcome::of(fold)
        };
        if resume && let Some(kept) = read_kept(&place, &fingerprint, fold.test.len()) {
            let shares = kept.shares.iter().map(|one| one.iter().map(|bits| f64::from_bits(*bits)).collect());
            return Ok((outcome(kept.epoch, kept.watched_loss, true), shares.collect()));
        }
        let shape = self.network.shape(self.prepared.classes.len()).map_err(TrainError::Network)?;
        // A fold of its own seed: folds must not share an unlucky start.
        let params =
            FitParams { seed: self.params.fit.seed.wrapping_add(number as u64), ..self.params.fit.clone() };
        let checkpoint = checkpoint_of(work);
        let at_work = (checkpoint.as_path(), resume && is_for(&checkpoint, work, number));
        mark(work, number)?;
        let fitted =
            fit(&shape, self.prepared, fold, &params, Some(at_work), |step| progress(&RunStep::Fit(*step)))?;
        let EpochReport { epoch, watched_loss, .. } = fitted.best;
        let shares: Vec<Vec<f64>> =
            logits(&fitted.graph, self.prepared, &fold.test).iter().map(|logits| softmax(logits)).collect();
        let bits = shares.iter().map(|one| one.iter().map(|share| share.to_bits()).collect()).collect();
        let kept = Kept { fingerprint, epoch, watched_loss, shares: bits };
        let text = serde_json::to_string(&kept).map_err(crate::train::files::failed)?;
        std::fs::write(&place, text).map_err(|error| TrainError::file(&place, &error))?;
        // It is not needed any more; that it may be gone already is of no account.
        let _ = std::fs::remove_file(&checkpoint);
        Ok((outcome(epoch, watched_loss, false), shares))
    }

    /// Says for which options and data a finished fold is good.
    fn fingerprint(&self, fold: &Fold) -> String {
        let mut hash = Sha256::new();
        let FitParams { seed, .. } = self.params.fit;
        hash.update(format!("{} {seed} {:?} {:?}", self.network.name(), self.params, fold));
        for index in fold.learn.iter().chain(&fold.watch).chain(&fold.test) {
            let mut input = Vec::new();
            self.prepared.plain(*index, &mut input);
            hash.update(input.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>());
            hash.update(self.prepared.class[*index].to_le_bytes());
            hash.update(format!("{:?}", self.prepared.wanted[*index]));
        }
        crate::infer::hex(&hash.finalize())
    }
}

/// What a network says of all examples of a data set.
pub fn all_of(data: &Dataset, prepared: &Prepared, graph: &Graph) -> Predictions {
    let indices: Vec<usize> = (0..prepared.len()).collect();
    let said = logits(graph, prepared, &indices);
    let rows =
        said.iter().zip(&indices).map(|(logits, index)| row_of(data, prepared, *index, 0, softmax(logits)));
    Predictions { classes: prepared.classes.clone(), rows: rows.collect() }
}

fn row_of(data: &Dataset, prepared: &Prepared, index: usize, fold: usize, shares: Vec<f64>) -> Prediction {
    let example = &data.examples[prepared.kept[index]];
    Prediction {
        example: example.name.clone(),
        subject: example.subject.clone(),
        corpus: example.corpus.clone(),
        gender: example.gender.clone(),
        stimulus: example.stimulus.clone(),
        kind: example.kind.clone(),
        fold,
        truth: prepared.class[index],
        shares,
    }
}

fn read_kept(place: &Path, fingerprint: &str, count: usize) -> Option<Kept> {
    let kept: Kept = serde_json::from_str(&std::fs::read_to_string(place).ok()?).ok()?;
    (kept.fingerprint == fingerprint && kept.shares.len() == count).then_some(kept)
}

fn checkpoint_of(work: &Path) -> PathBuf {
    work.join("fold.ckpt")
}

fn marker(work: &Path) -> PathBuf {
    work.join("fold.at")
}

/// Notes which fold the checkpoint belongs to.
fn mark(work: &Path, number: usize) -> Result<(), TrainError> {
    let path = marker(work);
    std::fs::write(&path, number.to_string()).map_err(|error| TrainError::file(&path, &error))
}

/// Whether the checkpoint is this fold's.
fn is_for(checkpoint: &Path, work: &Path, number: usize) -> bool {
    checkpoint.exists() && std::fs::read_to_string(marker(work)).is_ok_and(|text| text == number.to_string())
}
