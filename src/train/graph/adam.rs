//! Adam (Kingma and Ba 2015, arXiv:1412.6980) with decoupled weight decay (Loshchilov and Hutter 2019, arXiv:1711.05101).

use crate::image::vector::vectorised;

/// How far each step goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamParams {
    /// Learning rate.
    pub learning_rate: f32,
    /// Share of the mean gradient, and of the mean squared gradient, that stays at each step.
    pub keep: [f32; 2],
    /// Added to the root of the mean square.
    pub epsilon: f32,
    /// Share of each weight, times the learning rate, that goes at each step.
    pub weight_decay: f32,
}

impl Default for AdamParams {
    /// The paper's, as PyTorch and Keras have them; no decay.
    fn default() -> Self {
        Self { learning_rate: 1e-3, keep: [0.9, 0.999], epsilon: 1e-8, weight_decay: 0.0 }
    }
}

/// The optimiser's memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Adam {
    /// Steps taken.
    pub steps: u64,
    /// Mean gradients.
    pub means: Vec<f32>,
    /// Mean squared gradients.
    pub squares: Vec<f32>,
}

impl Adam {
    /// Takes one step. `rate_share`: share of the learning rate that is in force now.
    pub fn step(&mut self, params: &AdamParams, rate_share: f32, weights: &mut [f32], grads: &[f32]) {
        self.means.resize(weights.len(), 0.0);
        self.squares.resize(weights.len(), 0.0);
        self.steps += 1;
        let steps = i32::try_from(self.steps).unwrap_or(i32::MAX);
        let [keep, keep_square] = params.keep;
        let rate = params.learning_rate * rate_share;
        let scale = 1.0 / (1.0 - keep.powi(steps));
        let scale_square = 1.0 / (1.0 - keep_square.powi(steps));
        let rest = 1.0 - rate * params.weight_decay;
        vectorised(
            #[inline(always)]
            || {
                let moments = self.means.iter_mut().zip(self.squares.iter_mut());
                for ((weight, grad), (mean, square)) in weights.iter_mut().zip(grads).zip(moments) {
                    *mean = keep * *mean + (1.0 - keep) * grad;
                    *square = keep_square * *square + (1.0 - keep_square) * grad * grad;
                    let root = (*square * scale_square).sqrt() + params.epsilon;
                    *weight = rest * *weight - rate * (*mean * scale) / root;
                }
            },
        );
    }
}
