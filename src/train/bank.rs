//! Examples that are made once and drawn from again and again: making one takes ten times as long as learning from it.

use burn::tensor::{Device, Tensor, TensorData};
use rand::RngExt;
use rand_pcg::Pcg64;

use super::fit::FitParams;
use super::sampler::Sampler;
use super::targets::TARGET_COUNT;

/// Features are kept in steps of 1 / this: a hundredth of their spread, in a quarter of the memory with room for values up to 64.
const STEPS: f32 = 512.0;

/// Examples, ready to be put into batches.
#[derive(Clone, Debug)]
pub struct Bank {
    features: Vec<Vec<i16>>,
    /// From the first tick on that has an output.
    targets: Vec<Vec<f32>>,
}

impl Bank {
    /// The first `count` examples of a sampler. `progress` is told how many there are and says whether to go on; `None` where it does not.
    pub fn new(
        sampler: &Sampler,
        params: &FitParams,
        count: usize,
        mut progress: impl FnMut(usize) -> bool,
    ) -> Option<Self> {
        let first = params.model.receptive_field() - 1;
        let mut bank = Self { features: Vec::with_capacity(count), targets: Vec::with_capacity(count) };
        for index in 0..count {
            let sample = sampler.sample(index as u64);
            // A conversion that saturates: what is beyond 64 is as good as 64.
            bank.features.push(sample.features.iter().map(|v| (STEPS * v).round() as i16).collect());
            bank.targets.push(sample.targets[first * TARGET_COUNT..].to_vec());
            if !progress(index + 1) {
                return None;
            }
        }
        Some(bank)
    }

    /// Time-major tensors of one step's examples, drawn by seed and step; targets begin with the first tick that has an output.
    pub fn batch(&self, params: &FitParams, step: usize, device: &Device) -> (Tensor<3>, Tensor<3>) {
        let (ticks, channels, batch) = (params.samples.ticks, params.features.channels(), params.batch);
        let first = params.model.receptive_field() - 1;
        let mut features = vec![0.0; ticks * batch * channels];
        let mut targets = vec![0.0; (ticks - first) * batch * TARGET_COUNT];
        let mut rng = Pcg64::new(u128::from(params.seed), step as u128);
        for index in 0..batch {
            let drawn = rng.random_range(0..self.features.len().max(1));
            let (Some(own), Some(said)) = (self.features.get(drawn), self.targets.get(drawn)) else {
                continue;
            };
            scatter(own, channels, batch, index, &mut features, |v| f32::from(v) / STEPS);
            scatter(said, TARGET_COUNT, batch, index, &mut targets, |v| v);
        }
        let tensor = |values: Vec<f32>, ticks: usize, width: usize| {
            Tensor::<3>::from_data(TensorData::new(values, [ticks, batch, width]), device)
        };
        (tensor(features, ticks, channels), tensor(targets, ticks - first, TARGET_COUNT))
    }
}

/// Writes one example's rows into its place in a time-major batch.
pub(super) fn scatter<T: Copy>(
    rows: &[T],
    width: usize,
    batch: usize,
    index: usize,
    into: &mut [f32],
    value: impl Fn(T) -> f32,
) {
    for (row, into) in rows.chunks_exact(width).zip(into.chunks_exact_mut(batch * width)) {
        for (into, own) in into[index * width..(index + 1) * width].iter_mut().zip(row) {
            *into = value(*own);
        }
    }
}
