//! A run as it stands: weights, velocity, average; one step at a time.

use rand_pcg::Pcg64;
use rand_pcg::rand_core::SeedableRng;

use super::augment::{self, AugmentParams};
use super::examples::Example;
use super::fit::FitParams;
use super::net::{Net, Pass, cross_entropy};
use super::optimise::decaying;
use crate::train::TrainError;
use crate::train::average::Average;
use crate::train::checkpoint::Checkpoint;

/// Threads that share a batch; the result depends on their number, so it is fixed.
pub(super) const SHARDS: usize = 2;

/// A run as it stands.
pub(super) struct Run {
    net: Net,
    velocity: Vec<f32>,
    average: Average,
    decays: Vec<bool>,
    passes: Vec<Pass>,
    pub(super) epochs: usize,
}

impl Run {
    pub(super) fn start(params: &FitParams) -> Self {
        Self::from(params, Net::new(&params.shape(), params.seed))
    }

    /// A run from these weights on.
    pub(super) fn from(params: &FitParams, net: Net) -> Self {
        let shape = params.shape();
        let passes = (0..SHARDS).map(|_| Pass::default()).collect();
        Self {
            net,
            velocity: vec![0.0; shape.weight_count()],
            average: Average::new(params.average_keep),
            decays: decaying(&shape),
            passes,
            epochs: 0,
        }
    }

    pub(super) fn resume(params: &FitParams, from: &Checkpoint) -> Self {
        let mut run = Self::start(params);
        let [weights, stats, velocity, average_weights, average_stats] = from.parts.clone();
        (run.net.weights, run.net.stats, run.velocity) = (weights, stats, velocity);
        run.average =
            Average::resumed(params.average_keep, from.averaged_steps, vec![average_weights, average_stats]);
        run.epochs = from.epochs;
        run
    }

    pub(super) fn checkpoint(&self, fingerprint: [u8; 32]) -> Checkpoint {
        let average = self.averaged();
        Checkpoint {
            fingerprint,
            epochs: self.epochs,
            averaged_steps: self.average.steps(),
            parts: [
                self.net.weights.clone(),
                self.net.stats.clone(),
                self.velocity.clone(),
                average.weights,
                average.stats,
            ],
        }
    }

    pub(super) fn averaged(&self) -> Net {
        let mut net = self.net.clone();
        if let [weights, stats] = self.average.values() {
            (net.weights, net.stats) = (weights.clone(), stats.clone());
        }
        net
    }

    /// One step on a batch, its halves on a thread each. The loss before it.
    pub(super) fn step(
        &mut self,
        params: &FitParams,
        learned: &[Example<'_>],
        batch: &[usize],
        step: usize,
        rate: f32,
    ) -> Result<f32, TrainError> {
        let net = &self.net;
        let augment = params.augment.in_epoch(self.epochs, params.epochs);
        let shard = batch.len().div_ceil(SHARDS).max(1);
        let shards: Vec<&[usize]> = batch.chunks(shard).collect();
        let mut results = Vec::with_capacity(SHARDS);
        let work = |number: usize, indices: &[usize], pass: &mut Pass| {
            let first = step * params.batch + number * shard;
            shard_gradient(net, (params, &augment), learned, indices, first, pass)
        };
        let work = &work;
        std::thread::scope(|scope| {
            let started: Vec<_> = shards
                .iter()
                .zip(&mut self.passes)
                .enumerate()
                .map(|(number, (indices, pass))| {
                    std::thread::Builder::new()
                        .name(format!("train-{number}"))
                        .spawn_scoped(scope, move || work(number, indices, pass))
                })
                .collect();
            for thread in started {
                results.push(thread.ok().and_then(|thread| thread.join().ok()));
            }
        });
        let mut grads = vec![0.0f32; self.net.weights.len()];
        let mut loss = 0.0;
        for (result, indices) in results.into_iter().zip(&shards) {
            let Some((shard_loss, shard_grads)) = result else {
                return Err(TrainError::Thread);
            };
            let share = indices.len() as f32 / batch.len() as f32;
            loss += share * shard_loss;
            for (grad, own) in grads.iter_mut().zip(&shard_grads) {
                *grad += share * own;
            }
        }
        self.net.follow_stats(&self.passes[..shards.len()], 0.1);
        params.optimiser.step(rate, &mut self.net.weights, &grads, &mut self.velocity, &self.decays);
        self.average.push_values(&[&self.net.weights, &self.net.stats]);
        Ok(loss)
    }
}

/// Loss and gradient of a part of a batch. `first`: the number of its first picture in the run, which seeds what is done to it.
fn shard_gradient(
    net: &Net,
    (params, augment): (&FitParams, &AugmentParams),
    learned: &[Example<'_>],
    indices: &[usize],
    first: usize,
    pass: &mut Pass,
) -> (f32, Vec<f32>) {
    let framing = params.region.framing();
    let (mut input, mut wanted) = (Vec::new(), Vec::new());
    let mut picture = Vec::new();
    for (offset, index) in indices.iter().enumerate() {
        let example = &learned[*index];
        let mut rng =
            Pcg64::seed_from_u64(params.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (first + offset) as u64);
        augment::augmented(example.face, params.region, augment, &mut rng, &mut picture);
        input.extend_from_slice(&picture);
        wanted.extend_from_slice(&example.shares);
    }
    let logits = net.forward(&input, (framing.height, framing.width), true, pass);
    let mut grad_logits = Vec::new();
    let loss = cross_entropy(&logits, &wanted, indices.len(), &mut grad_logits);
    let mut grads = vec![0.0; net.weights.len()];
    net.backward(&grad_logits, pass, &mut grads);
    (loss, grads)
}
