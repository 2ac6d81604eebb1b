//! From the gradient of the logits to that of every weight.

use super::forward::{add_places, bordered, flattened, len_of};
use super::kernel::{self, Size};
use super::layer::Layer;
use super::pool::{self, Blocks};
use super::{Graph, Pass, keep_groups, norm};

impl Graph {
    /// Adds to the gradients of the weights, `grads`, after [`Graph::forward`] with the same pass. `grad_logits`: shape `(batch, outputs)`.
    pub fn backward(&self, grad_logits: &[f32], pass: &mut Pass, grads: &mut [f32]) {
        let layers = self.shape.layers.len();
        pass.grads.resize_with(layers, Vec::new);
        pass.carried.resize_with(layers, || None);
        let padded = self.shape.sizes.last().map_or(0, |size| size.channels);
        if let Some(last) = pass.grads.last_mut() {
            last.clear();
            for row in grad_logits.chunks_exact(self.shape.outputs.max(1)) {
                last.extend_from_slice(row);
                last.resize(last.len() + padded - row.len(), 0.0);
            }
        }
        for (number, layer) in self.shape.layers.iter().enumerate().rev() {
            if let Some(carried) = pass.carried[number].take() {
                let own = &mut pass.grads[number];
                own.iter_mut().zip(&carried).for_each(|(grad, carried)| *grad += carried);
            }
            self.layer_back(number, layer, pass, grads);
        }
    }

    fn layer_back(&self, number: usize, layer: &Layer, pass: &mut Pass, grads: &mut [f32]) {
        let (size, out) = (self.shape.input_of(number), self.shape.sizes[number]);
        let place = self.shape.places[number];
        let is_first = number == 0;
        let mut grad = std::mem::take(&mut pass.grads[number]);
        match *layer {
            Layer::Relu => {
                let values = &pass.traces[number].values;
                grad.iter_mut()
                    .zip(values)
                    .for_each(|(grad, value)| *grad = if *value > 0.0 { *grad } else { 0.0 });
            }
            Layer::Dropout(share) => {
                let scale = 1.0 / (1.0 - share);
                let which = &pass.traces[number].which;
                grad.iter_mut().zip(which).for_each(|(grad, stays)| *grad *= f32::from(*stays) * scale);
            }
            Layer::Add(from) => {
                // Where three meet, what was carried before is in the sum.
                let sum = match pass.carried[from].take() {
                    Some(mut carried) => {
                        carried.iter_mut().zip(&grad).for_each(|(sum, grad)| *sum += grad);
                        carried
                    }
                    None => grad.clone(),
                };
                pass.carried[from] = Some(sum);
            }
            Layer::Norm => {
                let [means, variances] = &pass.traces[number].moments;
                let gains = &self.weights[place.offsets.0..][..size.channels];
                let own = &mut grads[place.offsets.0..][..place.offsets.1];
                let values = pass.output_before(number);
                norm::backward(values, size, pass.batch, [means, variances], gains, &mut grad, own);
            }
            _ => {
                let mut before = match number.checked_sub(1) {
                    Some(before) => std::mem::take(&mut pass.grads[before]),
                    None => Vec::new(),
                };
                before.resize(pass.batch * len_of(size), 0.0);
                let weights = &self.weights[place.weights.0..][..place.weights.1];
                match *layer {
                    Layer::Conv { outputs, groups, has_bias } => {
                        let own = &mut grads[place.weights.0..][..place.weights.1];
                        let input = pass.output_before(number);
                        let pictures = input.chunks_exact(len_of(size)).zip(grad.chunks_exact(len_of(out)));
                        pictures.for_each(|(input, grad)| {
                            kernel::convolve_weights(input, size, grad, outputs, own);
                        });
                        keep_groups(own, size.channels, outputs, groups);
                        if has_bias {
                            let own = &mut grads[place.offsets.0..][..outputs];
                            grad.chunks_exact(len_of(out)).for_each(|grad| add_places(grad, out, own));
                        }
                        if !is_first {
                            kernel::turned(weights, size.channels, outputs, &mut pass.turned);
                            let pairs =
                                grad.chunks_exact(len_of(out)).zip(before.chunks_exact_mut(len_of(size)));
                            pairs.for_each(|(grad, before)| {
                                kernel::convolve(grad, out, &pass.turned, size.channels, before);
                            });
                        }
                    }
                    Layer::Dense { .. } => {
                        let mut flat = Vec::new();
                        let input = pass.output_before(number);
                        input.chunks_exact(len_of(size)).for_each(|one| flattened(one, size, &mut flat));
                        let own = &mut grads[place.weights.0..][..place.weights.1];
                        kernel::multiply_weights(&flat, size.len(), &grad, out.channels, own);
                        let own = &mut grads[place.offsets.0..][..place.offsets.1];
                        for row in grad.chunks_exact(out.channels) {
                            own.iter_mut().zip(row).for_each(|(sum, grad)| *sum += grad);
                        }
                        if !is_first {
                            dense_back(&grad, out.channels, weights, size, &mut pass.turned, &mut before);
                        }
                    }
                    _ => {
                        let which = &pass.traces[number].which;
                        let pairs = grad.chunks_exact(len_of(out)).zip(before.chunks_exact_mut(len_of(size)));
                        for ((grad, before), which) in pairs.zip(which.chunks_exact(out.len())) {
                            picture_back(layer, (grad, out), which, (before, size));
                        }
                    }
                }
                // The buffer stays with its layer, for the next batch.
                pass.grads[number] = grad;
                grad = before;
            }
        }
        if let Some(before) = number.checked_sub(1) {
            pass.grads[before] = grad;
        }
    }
}

fn picture_back(
    layer: &Layer,
    (grad, out): (&[f32], Size),
    which: &[u8],
    (before, size): (&mut [f32], Size),
) {
    match *layer {
        Layer::MaxPool => pool::unlargest(grad, out, which, Blocks::TWO, size, before),
        Layer::MaxPool3 => pool::unlargest(grad, out, which, Blocks::THREE, size, before),
        Layer::AveragePool => pool::unmean(grad, out, size, before),
        Layer::GlobalMean => {
            let share = 1.0 / (size.height * size.width) as f32;
            for y in 0..size.height {
                for place in before[size.row(y)..][..size.row_len()].chunks_exact_mut(size.channels) {
                    place.iter_mut().zip(grad).for_each(|(before, grad)| *before = share * grad);
                }
            }
        }
        // These never come here: see `layer_back`.
        Layer::Conv { .. }
        | Layer::Norm
        | Layer::Relu
        | Layer::Add(_)
        | Layer::Dropout(_)
        | Layer::Dense { .. } => {}
    }
}

/// The gradient of a dense layer's input.
fn dense_back(
    grad: &[f32],
    outputs: usize,
    weights: &[f32],
    size: Size,
    turned: &mut Vec<f32>,
    before: &mut [f32],
) {
    let inputs = size.len();
    turned.resize(weights.len(), 0.0);
    kernel::transposed(weights, inputs, outputs, turned);
    let mut flat = vec![0.0; grad.len() / outputs * inputs];
    kernel::multiply(grad, outputs, turned, inputs, &mut flat);
    for (flat, before) in flat.chunks_exact(inputs).zip(before.chunks_exact_mut(len_of(size))) {
        bordered(flat, size, before);
    }
}
