//! The network as it is written to ONNX: normalisation folded into the convolutions, for one picture.

use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::activation::relu;
use burn::tensor::module::{adaptive_avg_pool2d, max_pool2d};
use burn::tensor::ops::MaxPoolOptions;
use burn::tensor::{Device, Tensor, TensorData};

use super::net::Net;
use super::norm::EPSILON;
use crate::types::LABEL_COUNT;

/// The network, ready to be written.
#[derive(Module, Debug)]
pub(super) struct FoldedNet {
    units: Vec<FoldedUnit>,
    last: Linear,
}

#[derive(Module, Debug)]
struct FoldedUnit {
    conv: Conv2d,
    has_shortcut: bool,
    is_pooled: bool,
}

impl FoldedNet {
    /// From a trained network: each convolution times the gain over the running deviation, the rest of the normalisation as an offset.
    pub(super) fn new(net: &Net, device: &Device) -> Self {
        let units = net.shape.units.iter().enumerate().map(|(index, unit)| {
            let numbers = net.unit(index);
            let (mut kernel, mut offsets) = (Vec::new(), Vec::new());
            for (channel, taps) in numbers.conv.chunks_exact(9 * unit.inputs).enumerate() {
                let scale = numbers.gains[channel] / (numbers.variances[channel] + EPSILON).sqrt();
                kernel.extend(taps.iter().map(|tap| tap * scale));
                offsets.push(numbers.offsets[channel] - numbers.means[channel] * scale);
            }
            let config = Conv2dConfig::new([unit.inputs, unit.outputs], [3, 3])
                .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1));
            let mut conv = config.init(device);
            conv.weight =
                Param::from_data(TensorData::new(kernel, [unit.outputs, unit.inputs, 3, 3]), device);
            conv.bias = Some(Param::from_data(TensorData::new(offsets, [unit.outputs]), device));
            FoldedUnit { conv, has_shortcut: unit.has_shortcut, is_pooled: unit.is_pooled }
        });
        let channels = net.shape.last();
        let (weights, offsets) = net.last_layer();
        // The library's layers hold (inputs, outputs).
        let turned: Vec<f32> = (0..channels * LABEL_COUNT)
            .map(|at| weights[(at % LABEL_COUNT) * channels + at / LABEL_COUNT])
            .collect();
        let mut last = LinearConfig::new(channels, LABEL_COUNT).init(device);
        last.weight = Param::from_data(TensorData::new(turned, [channels, LABEL_COUNT]), device);
        last.bias = Some(Param::from_data(TensorData::new(offsets.to_vec(), [LABEL_COUNT]), device));
        Self { units: units.collect(), last }
    }

    /// Logits, shape `(1, labels)`, of one picture, shape `(1, 1, height, width)`.
    pub(super) fn forward(&self, picture: Tensor<4>) -> Tensor<2> {
        let mut before = picture.clone();
        let mut values = picture;
        for unit in &self.units {
            let mut next = unit.conv.forward(values.clone());
            if unit.has_shortcut {
                next = next + before;
            }
            next = relu(next);
            before = values;
            values = if unit.is_pooled { halved(next) } else { next };
        }
        let [batch, channels, _, _] = values.dims();
        self.last.forward(adaptive_avg_pool2d(values, [1, 1]).reshape([batch, channels]))
    }
}

fn halved(values: Tensor<4>) -> Tensor<4> {
    max_pool2d(values, MaxPoolOptions::new([2, 2]))
}
