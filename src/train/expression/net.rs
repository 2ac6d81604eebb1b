//! The classifier's network with both of its passes: 3 x 3 convolutions with batch normalisation, residual pairs, and a mean.
//!
//! Why not the training library's: see ARCHITECTURE.md, "Decisions". Gradients are checked against finite differences (`test_net.rs`).

use rand::RngExt;
use rand_pcg::Pcg64;
use rand_pcg::rand_core::SeedableRng;

use super::conv::{Conv, Extent, Scratch, pool, unpool};
use super::norm;
use super::shape::{NetShape, Unit};
use crate::types::LABEL_COUNT;

/// The network's numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Net {
    /// Form.
    pub shape: NetShape,
    /// For each unit its convolution `(outputs, inputs, 3, 3)`, gains, offsets; then the last layer `(labels, channels)` and its offsets.
    pub weights: Vec<f32>,
    /// For each unit the running means and variances of what the convolution gives.
    pub stats: Vec<f32>,
}

/// One unit's numbers.
pub(super) struct UnitWeights<'a> {
    pub(super) conv: &'a [f32],
    pub(super) gains: &'a [f32],
    pub(super) offsets: &'a [f32],
    pub(super) means: &'a [f32],
    pub(super) variances: &'a [f32],
}

/// What a pass leaves of one unit for the way back.
#[derive(Debug, Default)]
struct Trace {
    conv: Vec<f32>,
    means: Vec<f32>,
    variances: Vec<f32>,
    relu: Vec<f32>,
    pooled: Vec<f32>,
    which: Vec<u8>,
    extent: Option<Extent>,
}

/// Buffers of a forward and backward pass, to be used again for the next batch.
#[derive(Debug, Default)]
pub struct Pass {
    input: Vec<f32>,
    traces: Vec<Trace>,
    features: Vec<f32>,
    scratch: Scratch,
    grad: Vec<f32>,
    grad_next: Vec<f32>,
    carried: Vec<f32>,
}

impl Net {
    /// Random weights (He et al. 2015, arXiv:1502.01852); the second of each residual pair starts with gains of zero, so that
    /// the pair starts as a plain wire (Goyal et al. 2017, arXiv:1706.02677).
    pub fn new(shape: &NetShape, seed: u64) -> Self {
        let mut rng = Pcg64::seed_from_u64(seed);
        let mut normal = || {
            let (u, v): (f64, f64) = (rng.random(), rng.random());
            ((-2.0 * (1.0 - u).ln()).sqrt() * (std::f64::consts::TAU * v).cos()) as f32
        };
        let mut weights = Vec::with_capacity(shape.weight_count());
        let mut stats = Vec::with_capacity(shape.stat_count());
        for unit in &shape.units {
            let deviation = (2.0 / (9 * unit.outputs) as f32).sqrt();
            weights.extend((0..9 * unit.inputs * unit.outputs).map(|_| deviation * normal()));
            let gain = if unit.has_shortcut { 0.0 } else { 1.0 };
            weights.extend(std::iter::repeat_n(gain, unit.outputs));
            weights.extend(std::iter::repeat_n(0.0, unit.outputs));
            stats.extend(std::iter::repeat_n(0.0, unit.outputs));
            stats.extend(std::iter::repeat_n(1.0, unit.outputs));
        }
        weights.extend((0..shape.last() * LABEL_COUNT).map(|_| 0.01 * normal()));
        weights.extend([0.0; LABEL_COUNT]);
        Self { shape: shape.clone(), weights, stats }
    }

    /// The numbers of one unit.
    pub(super) fn unit(&self, index: usize) -> UnitWeights<'_> {
        let unit = &self.shape.units[index];
        let start = self.shape.layout()[index];
        let (conv, rest) = self.weights[start..].split_at(9 * unit.inputs * unit.outputs);
        let before: usize = self.shape.units[..index].iter().map(|unit| 2 * unit.outputs).sum();
        let (means, rest_stats) = self.stats[before..].split_at(unit.outputs);
        UnitWeights {
            conv,
            gains: &rest[..unit.outputs],
            offsets: &rest[unit.outputs..2 * unit.outputs],
            means,
            variances: &rest_stats[..unit.outputs],
        }
    }

    /// The last layer: `(labels, channels)` and offsets.
    pub(super) fn last_layer(&self) -> (&[f32], &[f32]) {
        let start = self.shape.layout()[self.shape.units.len()];
        self.weights[start..].split_at(self.shape.last() * LABEL_COUNT)
    }

    /// Logits of a batch, shape `(batch, labels)`. `input`: shape `(batch, height, width)`. While training, channels are normalised by
    /// the batch itself, else by the running means and variances.
    pub fn forward(
        &self,
        input: &[f32],
        (height, width): (usize, usize),
        is_training: bool,
        pass: &mut Pass,
    ) -> Vec<f32> {
        let batch = input.len() / (height * width).max(1);
        let mut extent = Extent { batch, height, width };
        pass.input.clear();
        pass.input.extend_from_slice(input);
        pass.traces.resize_with(self.shape.units.len(), Trace::default);
        for (index, unit) in self.shape.units.iter().enumerate() {
            let (before, from) = pass.traces.split_at_mut(index);
            let trace = &mut from[0];
            let output_of = |back: usize| match index.checked_sub(back) {
                Some(at) => before[at].output(&self.shape.units[at]),
                None => pass.input.as_slice(),
            };
            let numbers = self.unit(index);
            let conv = Conv { inputs: unit.inputs, outputs: unit.outputs };
            conv.forward(numbers.conv, output_of(1), extent, &mut pass.scratch, &mut trace.conv);
            if is_training {
                norm::moments(&trace.conv, extent.len(), &mut trace.means, &mut trace.variances);
            } else {
                trace.means = numbers.means.to_vec();
                trace.variances = numbers.variances.to_vec();
            }
            let parts = [&trace.means, &trace.variances, numbers.gains, numbers.offsets];
            let shortcut = unit.has_shortcut.then(|| output_of(2));
            norm::forward(&trace.conv, extent.len(), parts, shortcut, &mut trace.relu);
            trace.extent = Some(extent);
            if unit.is_pooled {
                extent = pool(&trace.relu, extent, &mut trace.pooled, &mut trace.which);
            }
        }
        self.logits(extent, pass)
    }

    fn logits(&self, extent: Extent, pass: &mut Pass) -> Vec<f32> {
        let channels = self.shape.last();
        let last = match (pass.traces.last(), self.shape.units.last()) {
            (Some(trace), Some(unit)) => trace.output(unit),
            _ => &pass.input,
        };
        // Shape (batch, channels).
        pass.features.clear();
        pass.features.resize(extent.batch * channels, 0.0);
        for (channel, values) in last.chunks_exact(extent.len()).enumerate() {
            for (picture, plane) in values.chunks_exact(extent.plane()).enumerate() {
                pass.features[picture * channels + channel] =
                    plane.iter().sum::<f32>() / extent.plane() as f32;
            }
        }
        let (weights, offsets) = self.last_layer();
        let mut logits = Vec::with_capacity(extent.batch * LABEL_COUNT);
        for features in pass.features.chunks_exact(channels) {
            for (weights, offset) in weights.chunks_exact(channels).zip(offsets) {
                logits.push(offset + features.iter().zip(weights).map(|(a, b)| a * b).sum::<f32>());
            }
        }
        logits
    }

    /// Adds the gradient of the weights to `grads`, given that of the logits, after a training [`Net::forward`] of the same batch.
    pub fn backward(&self, grad_logits: &[f32], pass: &mut Pass, grads: &mut [f32]) {
        let (channels, starts) = (self.shape.last(), self.shape.layout());
        let batch = grad_logits.len() / LABEL_COUNT;
        let (weights, _) = self.last_layer();
        let (grad_weights, grad_offsets) =
            grads[starts[self.shape.units.len()]..].split_at_mut(channels * LABEL_COUNT);
        let mut grad_features = vec![0.0f32; batch * channels];
        let rows = grad_logits.chunks_exact(LABEL_COUNT).zip(pass.features.chunks_exact(channels));
        for ((grad, features), grad_features) in rows.zip(grad_features.chunks_exact_mut(channels)) {
            for (label, grad) in grad.iter().enumerate() {
                grad_offsets[label] += grad;
                let at = label * channels..(label + 1) * channels;
                let own = grad_weights[at.clone()].iter_mut().zip(&weights[at]);
                for ((grad_weight, weight), (feature, grad_feature)) in
                    own.zip(features.iter().zip(grad_features.iter_mut()))
                {
                    *grad_weight += grad * feature;
                    *grad_feature += grad * weight;
                }
            }
        }
        let Some(extent) = pass.traces.last().and_then(|trace| trace.extent) else { return };
        // The mean's gradient is spread evenly.
        pass.grad.resize(channels * extent.len(), 0.0);
        for (channel, values) in pass.grad.chunks_exact_mut(extent.len()).enumerate() {
            for (picture, plane) in values.chunks_exact_mut(extent.plane()).enumerate() {
                plane.fill(grad_features[picture * channels + channel] / extent.plane() as f32);
            }
        }
        self.backward_units(pass, grads, &starts);
    }

    fn backward_units(&self, pass: &mut Pass, grads: &mut [f32], starts: &[usize]) {
        let Pass { input, traces, scratch, grad, grad_next, carried, .. } = pass;
        let mut is_carried = false;
        for (index, unit) in self.shape.units.iter().enumerate().rev() {
            let trace = &traces[index];
            let Some(extent) = trace.extent else { return };
            if unit.is_pooled {
                unpool(grad, &trace.which, extent, grad_next);
                std::mem::swap(grad, grad_next);
            }
            norm::backward_relu(&trace.relu, grad);
            // The shortcut of the unit after this one starts at this one's input.
            let held = std::mem::replace(&mut is_carried, unit.has_shortcut).then(|| std::mem::take(carried));
            if unit.has_shortcut {
                carried.clear();
                carried.extend_from_slice(grad);
            }
            let numbers = self.unit(index);
            let conv = Conv { inputs: unit.inputs, outputs: unit.outputs };
            let own = &mut grads[starts[index]..];
            let (grad_conv, rest) = own.split_at_mut(conv.len());
            let (grad_gains, rest) = rest.split_at_mut(unit.outputs);
            let parts = [trace.means.as_slice(), &trace.variances, numbers.gains];
            norm::backward(&trace.conv, extent.len(), parts, grad, grad_gains, &mut rest[..unit.outputs]);
            let source = match index.checked_sub(1) {
                Some(at) => traces[at].output(&self.shape.units[at]),
                None => input.as_slice(),
            };
            conv.backward_weights(source, grad, extent, scratch, grad_conv);
            if index == 0 {
                break;
            }
            conv.backward_input(numbers.conv, grad, extent, scratch, grad_next);
            if let Some(held) = held {
                for (grad, added) in grad_next.iter_mut().zip(&held) {
                    *grad += added;
                }
                if !is_carried {
                    *carried = held;
                }
            }
            std::mem::swap(grad, grad_next);
        }
    }

    /// Moves the running means and variances towards those of the passes, by `share`.
    pub fn follow_stats(&mut self, passes: &[Pass], share: f32) {
        let count = passes.len().max(1) as f32;
        let mut at = 0;
        for (index, unit) in self.shape.units.iter().enumerate() {
            for (which, offset) in [(0, 0), (1, unit.outputs)] {
                for channel in 0..unit.outputs {
                    let of = |pass: &Pass| {
                        let trace = &pass.traces[index];
                        [trace.means[channel], trace.variances[channel]][which]
                    };
                    let mean = passes.iter().map(of).sum::<f32>() / count;
                    let own = &mut self.stats[at + offset + channel];
                    *own += share * (mean - *own);
                }
            }
            at += 2 * unit.outputs;
        }
    }
}

impl Trace {
    fn output(&self, unit: &Unit) -> &[f32] {
        if unit.is_pooled { &self.pooled } else { &self.relu }
    }
}

/// Mean cross-entropy between wanted shares and the logits' softmax; the gradient goes to `grad`.
pub fn cross_entropy(logits: &[f32], wanted: &[f32], batch: usize, grad: &mut Vec<f32>) -> f32 {
    grad.clear();
    let mut loss = 0.0;
    for (logits, wanted) in logits.chunks_exact(LABEL_COUNT).zip(wanted.chunks_exact(LABEL_COUNT)) {
        let most = logits.iter().copied().fold(f32::MIN, f32::max);
        let sum: f32 = logits.iter().map(|v| (v - most).exp()).sum();
        for (logit, wanted) in logits.iter().zip(wanted) {
            let log = logit - most - sum.ln();
            loss -= wanted * log / batch as f32;
            grad.push((log.exp() - wanted) / batch as f32);
        }
    }
    loss
}
