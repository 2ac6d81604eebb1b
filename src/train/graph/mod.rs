//! Networks that are trained here: layers in a row, both passes, Adam, and their ONNX file.
//!
//! ```text
//! Shape (layers, sizes) -> Graph (weights) -> forward / backward (kernel, norm, pool) -> Adam -> onnx
//! ```
//!
//! Why not the training library's: ARCHITECTURE.md, "Decisions"; in short, on the seed paper's network it is several times slower.
//! Gradients are checked against finite differences (`test_graph.rs`), values against tract and PyTorch.

mod adam;
mod backward;
mod forward;
mod kernel;
mod layer;
mod loss;
mod norm;
mod pool;
mod step;
#[cfg(test)]
mod test_graph;
mod to_onnx;

use rand::RngExt;
use rand_pcg::Pcg64;
use rand_pcg::rand_core::SeedableRng;

pub use adam::{Adam, AdamParams};
pub use forward::{Mode, Pass};
pub use kernel::Size;
pub use layer::{Layer, Shape};
pub use loss::cross_entropy;
pub use step::{Batch, Stepper};

/// A network's numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    /// Its form.
    pub shape: Shape,
    /// All weights, layer by layer.
    pub weights: Vec<f32>,
    /// Running means and variances of every [`Layer::Norm`].
    pub stats: Vec<f32>,
}

impl Graph {
    /// Random weights (He et al. 2015, arXiv:1502.01852; the last layer a tenth of them); offsets of zero.
    pub fn new(shape: &Shape, seed: u64) -> Self {
        let mut rng = Pcg64::seed_from_u64(seed);
        let mut normal = || {
            let (u, v): (f64, f64) = (rng.random(), rng.random());
            ((-2.0 * (1.0 - u).ln()).sqrt() * (std::f64::consts::TAU * v).cos()) as f32
        };
        let mut weights = vec![0.0; shape.weight_count];
        let mut stats = vec![0.0; shape.stat_count];
        for (number, (layer, place)) in shape.layers.iter().zip(&shape.places).enumerate() {
            let input = shape.input_of(number);
            let own = &mut weights[place.weights.0..][..place.weights.1];
            match *layer {
                Layer::Conv { outputs, groups, .. } => {
                    let deviation = (2.0 * groups as f32 / (9 * input.channels) as f32).sqrt();
                    own.iter_mut().for_each(|weight| *weight = deviation * normal());
                    keep_groups(own, input.channels, outputs, groups);
                }
                Layer::Dense { outputs } => {
                    let is_last = number + 1 == shape.layers.len();
                    let deviation = (2.0 / input.len() as f32).sqrt() * if is_last { 0.1 } else { 1.0 };
                    for row in own.chunks_exact_mut(shape.sizes[number].channels) {
                        row[..outputs].iter_mut().for_each(|weight| *weight = deviation * normal());
                    }
                }
                Layer::Norm => {
                    weights[place.offsets.0..][..place.offsets.1 / 2].fill(1.0);
                    stats[place.stats.0 + place.stats.1..][..place.stats.1].fill(1.0);
                }
                _ => {}
            }
        }
        Self { shape: shape.clone(), weights, stats }
    }

    /// Logits of some examples as they are, shape `(batch, outputs)`. `input`: shape `(batch, height, width, channels)`.
    pub fn logits(&self, input: &[f32]) -> Vec<f32> {
        self.forward(input, Mode::Use, &mut Pass::default())
    }
}

/// Zeros where a convolution with groups has no weights. `weights`: shape `(3, 3, inputs, outputs)`.
fn keep_groups(weights: &mut [f32], inputs: usize, outputs: usize, groups: usize) {
    if groups == 1 {
        return;
    }
    let (inputs_each, outputs_each) = (inputs / groups, outputs / groups);
    for (row, weights) in weights.chunks_exact_mut(outputs).enumerate() {
        let group = row % inputs / inputs_each;
        for (output, weight) in weights.iter_mut().enumerate() {
            if output / outputs_each != group {
                *weight = 0.0;
            }
        }
    }
}
