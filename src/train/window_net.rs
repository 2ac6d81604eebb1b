//! The spotter's network as it is exported: one window in, its last answer out, as one-dimensional convolutions.
//!
//! The same sums as [`SpotterNet`]'s matrix products over time-major batches. Written as slices, joins and products, tract splits them into
//! 82 products of one to four rows (0.16 ms); as convolutions they are 12 (0.05 ms; onnxruntime 0.05).

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::nn::conv::{Conv1d, Conv1dConfig, Conv2d, Conv2dConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

use super::model::SpotterNet;
use crate::spot::network::HEAD_COUNT;

/// See the module.
#[derive(Module, Debug)]
pub struct WindowNet {
    /// A kernel as wide as the window has channels: a product that also turns ticks and channels around, which burn-onnx 0.22 can't write.
    mix: Conv2d,
    blocks: Vec<WindowBlock>,
    heads: Conv1d,
}

#[derive(Module, Debug)]
struct WindowBlock {
    taps: Conv1d,
    mix: Conv1d,
    dilation: usize,
}

impl WindowNet {
    /// With the weights of `net`.
    pub fn new(net: &SpotterNet, device: &Device) -> Self {
        let [first, last] = net.ends();
        let [channels, hidden] = first.weight.val().dims();
        let mut mix = Conv2dConfig::new([1, hidden], [1, channels]).init(device);
        mix.weight = Param::from_tensor(first.weight.val().permute([1, 0]).reshape([hidden, 1, 1, channels]));
        mix.bias = bias(first);
        let block = |(taps, mix, dilation): (&Linear, &Linear, usize)| WindowBlock {
            taps: conv(taps, 3, dilation, device),
            mix: conv(mix, 1, 1, device),
            dilation,
        };
        Self { mix, blocks: net.blocks().map(block).collect(), heads: conv(last, 1, 1, device) }
    }

    /// One window `[receptive field, channels]` to `[1, HEAD_COUNT]`.
    pub fn forward(&self, window: Tensor<2>) -> Tensor<2> {
        let [ticks, channels] = window.dims();
        let mixed = relu(self.mix.forward(window.reshape([1, 1, ticks, channels])));
        let hidden_channels = mixed.dims()[1];
        let mut hidden = mixed.reshape([1, hidden_channels, ticks]);
        for block in &self.blocks {
            let [_, channels, ticks] = hidden.dims();
            let newest = hidden.clone().slice([0..1, 0..channels, 2 * block.dilation..ticks]);
            hidden = relu(newest + block.mix.forward(relu(block.taps.forward(hidden))));
        }
        self.heads.forward(hidden).reshape([1, HEAD_COUNT])
    }
}

/// A product with `[taps * in, out]` weights as a convolution with `[out, in, taps]`.
fn conv(linear: &Linear, taps: usize, dilation: usize, device: &Device) -> Conv1d {
    let weight = linear.weight.val();
    let [rows, outputs] = weight.dims();
    let inputs = rows / taps;
    let mut conv = Conv1dConfig::new(inputs, outputs, taps).with_dilation(dilation).init(device);
    conv.weight = Param::from_tensor(weight.reshape([taps, inputs, outputs]).permute([2, 1, 0]));
    conv.bias = bias(linear);
    conv
}

fn bias(linear: &Linear) -> Option<Param<Tensor<1>>> {
    linear.bias.as_ref().map(|bias| Param::from_tensor(bias.val()))
}
