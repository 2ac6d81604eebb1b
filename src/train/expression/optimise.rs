//! Stochastic gradient descent with Nesterov's momentum (Sutskever et al. 2013), and the course of its learning rate.

use super::shape::NetShape;
use crate::types::LABEL_COUNT;

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OptimiserParams {
    /// Highest learning rate; it rises over the first of the epochs, then falls to zero as a cosine.
    pub learning_rate: f32,
    /// Share of the last step that is taken again.
    pub momentum: f32,
    /// Weight decay of convolutions and the last layer; gains and offsets have none.
    pub weight_decay: f32,
}

impl Default for OptimiserParams {
    fn default() -> Self {
        Self { learning_rate: 0.06, momentum: 0.9, weight_decay: 5e-4 }
    }
}

impl OptimiserParams {
    /// The learning rate of a step, where all are `steps` and the first `warm_up` of them rise.
    pub(super) fn rate(&self, step: usize, steps: usize, warm_up: usize) -> f32 {
        if step < warm_up {
            return self.learning_rate * (step + 1) as f32 / warm_up as f32;
        }
        let share = (step - warm_up) as f32 / steps.saturating_sub(warm_up).max(1) as f32;
        self.learning_rate * (0.5 + 0.5 * (std::f32::consts::PI * share).cos())
    }

    /// Takes one step.
    pub(super) fn step(
        &self,
        rate: f32,
        weights: &mut [f32],
        grads: &[f32],
        velocity: &mut [f32],
        decays: &[bool],
    ) {
        for (((weight, grad), velocity), decays) in weights.iter_mut().zip(grads).zip(velocity).zip(decays) {
            let grad = grad + if *decays { self.weight_decay * *weight } else { 0.0 };
            *velocity = self.momentum * *velocity + grad;
            *weight -= rate * (grad + self.momentum * *velocity);
        }
    }
}

/// Which weights decay.
pub(super) fn decaying(shape: &NetShape) -> Vec<bool> {
    let mut decays = Vec::with_capacity(shape.weight_count());
    for unit in &shape.units {
        decays.extend(std::iter::repeat_n(true, 9 * unit.inputs * unit.outputs));
        decays.extend(std::iter::repeat_n(false, 2 * unit.outputs));
    }
    decays.extend(std::iter::repeat_n(true, shape.last() * LABEL_COUNT));
    decays.extend([false; LABEL_COUNT]);
    decays
}
