//! From examples to logits, with what the way back needs.

use rand::RngExt;
use rand_pcg::Pcg64;
use rand_pcg::rand_core::SeedableRng;

use super::kernel::{self, Size};
use super::layer::{Layer, Place};
use super::pool::{self, Blocks};
use super::{Graph, norm};

/// Why a pass is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// To learn: batches are normalised by themselves, and values drop out by this seed.
    Learn(u64),
    /// To use the network as it is.
    Use,
}

/// What one layer left.
#[derive(Debug, Default)]
pub(super) struct Trace {
    /// Its output, with borders; empty where a later layer took it over.
    pub(super) values: Vec<f32>,
    /// Which place of each block was largest, or 1 where a value did not drop out.
    pub(super) which: Vec<u8>,
    /// Means and variances of a normalisation.
    pub(super) moments: [Vec<f32>; 2],
}

/// Buffers of a forward and a backward pass, to be used again for the next batch.
#[derive(Debug, Default)]
pub struct Pass {
    /// The input with its borders.
    pub(super) input: Vec<f32>,
    pub(super) traces: Vec<Trace>,
    pub(super) batch: usize,
    /// Gradients, and the same for layers whose output goes to two others.
    pub(super) grads: Vec<Vec<f32>>,
    pub(super) carried: Vec<Option<Vec<f32>>>,
    pub(super) turned: Vec<f32>,
}

impl Pass {
    /// The output of a layer, or what came in.
    pub(super) fn output_before(&self, layer: usize) -> &[f32] {
        match layer.checked_sub(1) {
            Some(before) => &self.traces[before].values,
            None => &self.input,
        }
    }
}

/// Whether a size has a border: all but single places.
pub(super) fn len_of(size: Size) -> usize {
    if is_flat(size) { size.channels } else { size.padded() }
}

/// A single place is stored without a border.
pub(super) fn is_flat(size: Size) -> bool {
    size.height == 1 && size.width == 1
}

/// The values of one picture without its border, side by side.
pub(super) fn flattened(picture: &[f32], size: Size, to: &mut Vec<f32>) {
    if is_flat(size) {
        to.extend_from_slice(picture);
        return;
    }
    for y in 0..size.height {
        to.extend_from_slice(&picture[size.row(y)..][..size.row_len()]);
    }
}

/// The other way: values side by side into a picture, whose border is left as it is.
pub(super) fn bordered(flat: &[f32], size: Size, to: &mut [f32]) {
    if is_flat(size) {
        to.copy_from_slice(flat);
        return;
    }
    for (y, row) in flat.chunks_exact(size.row_len()).enumerate() {
        to[size.row(y)..][..size.row_len()].copy_from_slice(row);
    }
}

/// Adds all places of a picture, channel by channel.
pub(super) fn add_places(picture: &[f32], size: Size, sums: &mut [f32]) {
    for y in 0..size.height {
        for place in picture[size.row(y)..][..size.row_len()].chunks_exact(size.channels) {
            sums.iter_mut().zip(place).for_each(|(sum, value)| *sum += value);
        }
    }
}

impl Graph {
    /// Logits of a batch, shape `(batch, outputs)`. `input`: shape `(batch, height, width, channels)`.
    pub fn forward(&self, input: &[f32], mode: Mode, pass: &mut Pass) -> Vec<f32> {
        let size = self.shape.input;
        let batch = input.len() / size.len().max(1);
        pass.batch = batch;
        pass.input.resize(batch * len_of(size), 0.0);
        for (from, to) in input.chunks_exact(size.len()).zip(pass.input.chunks_exact_mut(len_of(size))) {
            bordered(from, size, to);
        }
        pass.traces.resize_with(self.shape.layers.len(), Trace::default);
        for (number, layer) in self.shape.layers.iter().enumerate() {
            self.run_layer(number, layer, mode, pass);
        }
        let padded = self.shape.sizes.last().map_or(0, |size| size.channels);
        let last = pass.traces.last().map_or(&[][..], |trace| &trace.values);
        last.chunks_exact(padded.max(1)).flat_map(|row| &row[..self.shape.outputs]).copied().collect()
    }

    fn weights_of(&self, place: &Place) -> (&[f32], &[f32]) {
        (
            &self.weights[place.weights.0..][..place.weights.1],
            &self.weights[place.offsets.0..][..place.offsets.1],
        )
    }

    fn run_layer(&self, number: usize, layer: &Layer, mode: Mode, pass: &mut Pass) {
        let (size, out) = (self.shape.input_of(number), self.shape.sizes[number]);
        let place = self.shape.places[number];
        let (weights, offsets) = self.weights_of(&place);
        let batch = pass.batch;
        let mut trace = std::mem::take(&mut pass.traces[number]);
        match *layer {
            Layer::Relu | Layer::Dropout(_) | Layer::Add(_) => {
                // In the place of the layer before, whose values nothing else needs.
                trace.values = match number.checked_sub(1) {
                    Some(before) => std::mem::take(&mut pass.traces[before].values),
                    None => std::mem::take(&mut pass.input),
                };
                match (*layer, mode) {
                    (Layer::Add(from), _) => {
                        let other = &pass.traces[from].values;
                        trace.values.iter_mut().zip(other).for_each(|(value, other)| *value += other);
                    }
                    (Layer::Dropout(share), Mode::Learn(seed)) => {
                        drop_out(&mut trace.values, &mut trace.which, share, seed ^ number as u64);
                    }
                    (Layer::Relu, _) => trace.values.iter_mut().for_each(|value| *value = value.max(0.0)),
                    _ => {}
                }
            }
            _ => {
                trace.values.resize(batch * len_of(out), 0.0);
                let input = pass.output_before(number);
                match *layer {
                    Layer::Norm => {
                        trace.moments = match mode {
                            Mode::Learn(_) => norm::moments(input, size, batch),
                            Mode::Use => {
                                let (start, count) = place.stats;
                                [start, start + count].map(|from| self.stats[from..][..count].to_vec())
                            }
                        };
                        let [means, variances] = &trace.moments;
                        norm::apply(input, size, batch, [means, variances], offsets, &mut trace.values);
                    }
                    Layer::Dense { .. } => {
                        dense(input, size, (weights, offsets), out.channels, &mut trace.values);
                    }
                    _ => {
                        let which_len = out.len();
                        trace.which.resize(batch * which_len, 0);
                        let outputs = trace.values.chunks_exact_mut(len_of(out));
                        let pictures = input.chunks_exact(len_of(size)).zip(outputs);
                        for ((input, output), which) in pictures.zip(trace.which.chunks_exact_mut(which_len))
                        {
                            one_picture(layer, (input, size), (weights, offsets), (output, out), which);
                        }
                    }
                }
            }
        }
        pass.traces[number] = trace;
    }
}

fn one_picture(
    layer: &Layer,
    (input, size): (&[f32], Size),
    (weights, offsets): (&[f32], &[f32]),
    (output, out): (&mut [f32], Size),
    which: &mut [u8],
) {
    match *layer {
        Layer::Conv { outputs, has_bias, .. } => {
            kernel::convolve(input, size, weights, outputs, output);
            if has_bias {
                for y in 0..out.height {
                    for place in output[out.row(y)..][..out.row_len()].chunks_exact_mut(outputs) {
                        place.iter_mut().zip(offsets).for_each(|(value, offset)| *value += offset);
                    }
                }
            }
        }
        Layer::MaxPool => pool::largest(input, size, Blocks::TWO, out, output, which),
        Layer::MaxPool3 => pool::largest(input, size, Blocks::THREE, out, output, which),
        Layer::AveragePool => pool::mean(input, size, out, output),
        Layer::GlobalMean => {
            output.fill(0.0);
            add_places(input, size, output);
            let share = 1.0 / (size.height * size.width) as f32;
            output.iter_mut().for_each(|sum| *sum *= share);
        }
        // These never come here: see `run_layer`.
        Layer::Norm | Layer::Relu | Layer::Add(_) | Layer::Dropout(_) | Layer::Dense { .. } => {}
    }
}

fn dense(
    input: &[f32],
    size: Size,
    (weights, offsets): (&[f32], &[f32]),
    outputs: usize,
    output: &mut [f32],
) {
    let mut flat = Vec::with_capacity(input.len());
    input.chunks_exact(len_of(size)).for_each(|picture| flattened(picture, size, &mut flat));
    kernel::multiply(&flat, size.len(), weights, outputs, output);
    for row in output.chunks_exact_mut(outputs) {
        row.iter_mut().zip(offsets).for_each(|(value, offset)| *value += offset);
    }
}

fn drop_out(values: &mut [f32], which: &mut Vec<u8>, share: f32, seed: u64) {
    let mut rng = Pcg64::seed_from_u64(seed);
    let scale = 1.0 / (1.0 - share);
    which.clear();
    which.extend(values.iter().map(|_| u8::from(rng.random::<f32>() >= share)));
    values.iter_mut().zip(which.iter()).for_each(|(value, stays)| *value *= f32::from(*stays) * scale);
}
