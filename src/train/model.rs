//! The spotter's network: a stack of dilated causal convolutions over ticks.
//!
//! Convolutions are written as matrix products over time-major tensors `[ticks, batch, channels]`, without padding: the
//! first output belongs to the first tick that has a whole receptive field before it, so that a long recording and a
//! window of it give the same.

use burn::module::Module;
use burn::nn::{Dropout, DropoutConfig, Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

use crate::spot::network::HEAD_COUNT;

/// Shape of the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelParams {
    /// Channels between the layers.
    pub hidden: usize,
    /// Dilation of each block, in ticks; each has three taps.
    pub dilations: Vec<usize>,
    /// Share dropped while training, in percent: of the features, each for a whole example; then of the values within the blocks.
    pub dropout_percent: [u32; 2],
}

impl Default for ModelParams {
    fn default() -> Self {
        Self { hidden: 32, dilations: vec![1, 2, 4, 8, 8], dropout_percent: [20, 10] }
    }
}

impl ModelParams {
    /// Ticks that one output rests on.
    pub fn receptive_field(&self) -> usize {
        1 + 2 * self.dilations.iter().sum::<usize>()
    }
}

/// The network.
#[derive(Module, Debug)]
pub struct SpotterNet {
    mix: Linear,
    blocks: Vec<Block>,
    heads: Linear,
    dropout: Dropout,
}

/// Three taps, then a mix of channels, added to what came in.
#[derive(Module, Debug)]
struct Block {
    taps: Linear,
    mix: Linear,
    dropout: Dropout,
    dilation: usize,
}

impl SpotterNet {
    /// A network with random weights (see `Device::seed`).
    pub fn new(channels: usize, params: &ModelParams, device: &Device) -> Self {
        let hidden = params.hidden;
        let [input, within] = params.dropout_percent.map(|percent| f64::from(percent.min(95)) / 100.0);
        let block = |dilation: &usize| Block {
            taps: LinearConfig::new(3 * hidden, hidden).init(device),
            mix: LinearConfig::new(hidden, hidden).init(device),
            dropout: DropoutConfig::new(within).init(),
            dilation: *dilation,
        };
        Self {
            mix: LinearConfig::new(channels, hidden).init(device),
            blocks: params.dilations.iter().map(block).collect(),
            heads: LinearConfig::new(hidden, HEAD_COUNT).init(device),
            dropout: DropoutConfig::new(input).init(),
        }
    }

    /// `[ticks, batch, channels]` to `[ticks - receptive field + 1, batch, HEAD_COUNT]`.
    pub fn forward(&self, ticks: Tensor<3>) -> Tensor<3> {
        // A feature is dropped for the whole example: the network must not lean on any single beam.
        let [_, batch, channels] = ticks.dims();
        let kept = self.dropout.forward(Tensor::<3>::ones([1, batch, channels], &ticks.device()));
        let mut hidden = relu(self.mix.forward(ticks * kept));
        for block in &self.blocks {
            hidden = block.forward(hidden);
        }
        self.heads.forward(hidden)
    }

    /// The first and the last layer.
    pub(super) fn ends(&self) -> [&Linear; 2] {
        [&self.mix, &self.heads]
    }

    /// Of each block what mixes the taps, what mixes the channels after it, and the dilation in ticks.
    pub(super) fn blocks(&self) -> impl Iterator<Item = (&Linear, &Linear, usize)> {
        self.blocks.iter().map(|block| (&block.taps, &block.mix, block.dilation))
    }

    /// One window `[receptive field, channels]` to `[1, HEAD_COUNT]`.
    pub fn forward_window(&self, window: Tensor<2>) -> Tensor<2> {
        let [ticks, channels] = window.dims();
        self.forward(window.reshape([ticks, 1, channels])).reshape([1, HEAD_COUNT])
    }
}

impl Block {
    fn forward(&self, input: Tensor<3>) -> Tensor<3> {
        let [ticks, batch, channels] = input.dims();
        let dilation = self.dilation;
        let left = ticks - 2 * dilation;
        let tap = |first: usize| input.clone().slice([first..first + left, 0..batch, 0..channels]);
        let newest = tap(2 * dilation);
        let taps = Tensor::cat(vec![tap(0), tap(dilation), newest.clone()], 2);
        let inner = self.dropout.forward(relu(self.taps.forward(taps)));
        relu(newest + self.mix.forward(inner))
    }
}
