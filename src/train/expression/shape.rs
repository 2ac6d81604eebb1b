//! Form of the classifier's network: which convolutions follow each other.

use crate::types::LABEL_COUNT;

/// A convolution with what follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Channels that come in.
    pub inputs: usize,
    /// Channels that go out.
    pub outputs: usize,
    /// Adds the input of the unit before: the second of a residual pair (He et al. 2016, arXiv:1512.03385).
    pub has_shortcut: bool,
    /// Halves height and width at the end: the largest of each 2 x 2 block.
    pub is_pooled: bool,
}

/// Form of the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetShape {
    /// Its convolutions, in order.
    pub units: Vec<Unit>,
}

impl NetShape {
    /// One convolution at full size; then, at a half, a quarter and an eighth of it, a residual pair each, with twice as many channels
    /// from level to level (`channels[1..]`, each reached by a convolution of its own).
    pub fn new(channels: [usize; 3]) -> Self {
        let [first, second, third] = channels;
        let unit =
            |inputs, outputs, has_shortcut, is_pooled| Unit { inputs, outputs, has_shortcut, is_pooled };
        Self {
            units: vec![
                unit(1, first, false, true),
                unit(first, first, false, false),
                unit(first, first, true, true),
                unit(first, second, false, false),
                unit(second, second, false, false),
                unit(second, second, true, true),
                unit(second, third, false, false),
                unit(third, third, false, false),
                unit(third, third, true, false),
            ],
        }
    }

    /// Channels that the last convolution gives.
    pub fn last(&self) -> usize {
        self.units.last().map_or(1, |unit| unit.outputs)
    }

    /// Multiplications with additions for one picture.
    pub fn multiply_adds(&self, height: usize, width: usize) -> usize {
        let (mut pixels, mut all) = (height * width, self.last() * LABEL_COUNT);
        for unit in &self.units {
            all += 9 * unit.inputs * unit.outputs * pixels;
            pixels /= if unit.is_pooled { 4 } else { 1 };
        }
        all
    }

    /// Where each unit's weights, gains and offsets begin; then those of the last layer; then their end.
    pub(super) fn layout(&self) -> Vec<usize> {
        let mut starts = vec![0];
        let mut at = 0;
        for unit in &self.units {
            at += 9 * unit.inputs * unit.outputs + 2 * unit.outputs;
            starts.push(at);
        }
        starts.push(at + (self.last() + 1) * LABEL_COUNT);
        starts
    }

    /// Number of weights, all told.
    pub fn weight_count(&self) -> usize {
        self.layout().last().copied().unwrap_or(0)
    }

    /// Running means and variances, all told.
    pub fn stat_count(&self) -> usize {
        self.units.iter().map(|unit| 2 * unit.outputs).sum()
    }
}
