//! What training makes small.

use burn::tensor::Tensor;
use burn::tensor::activation::{relu, sigmoid};

use crate::spot::network::HEAD_COUNT;

/// Weights of the parts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LossParams {
    /// Focusing exponent (Lin et al., ICCV 2017, arXiv:1708.02002): 0 is plain cross-entropy.
    pub focus: f32,
    /// Weight of ticks that should speak against those that should not.
    pub positive: f32,
    /// Weight of the rise against the return.
    pub rise: f32,
    /// Weight of the times, in 1/s: of their mean absolute error.
    pub times: f32,
}

impl Default for LossParams {
    fn default() -> Self {
        Self { focus: 1.0, positive: 3.0, rise: 0.5, times: 1.0 }
    }
}

/// The loss of `outputs` `[ticks, batch, HEAD_COUNT]` against `targets` `[ticks, batch, TARGET_COUNT]`.
pub fn loss(outputs: Tensor<3>, targets: Tensor<3>, params: &LossParams) -> Tensor<1> {
    let [ticks, batch, _] = outputs.dims();
    let part =
        |tensor: &Tensor<3>, from: usize, to: usize| tensor.clone().slice([0..ticks, 0..batch, from..to]);
    let of_head = |head: usize, head_weight: f32, times: std::ops::Range<usize>| {
        let (logit, target) = (part(&outputs, head, head + 1), part(&targets, head, head + 1));
        let weight = part(&targets, HEAD_COUNT + head, HEAD_COUNT + head + 1);
        let entropy = weighted_entropy(logit, target.clone(), weight, params);
        let off = (part(&outputs, times.start, times.end) - part(&targets, times.start, times.end)).abs();
        let told = target.clone().sum().add_scalar(1e-3);
        let times = (off.mean_dim(2) * target).sum().div(told).mul_scalar(params.times);
        (entropy + times).mul_scalar(head_weight)
    };
    of_head(0, params.rise, 2..4) + of_head(1, 1.0, 4..HEAD_COUNT)
}

/// Focal binary cross-entropy, averaged over what counts.
fn weighted_entropy(
    logit: Tensor<3>,
    target: Tensor<3>,
    weight: Tensor<3>,
    params: &LossParams,
) -> Tensor<1> {
    let softplus = logit.clone().abs().neg().exp().log1p() + relu(logit.clone());
    let entropy = softplus - logit.clone() * target.clone();
    let probability = sigmoid(logit);
    // |target - probability| is how wrong it is.
    let wrong = (target.clone() - probability).abs().add_scalar(1e-6);
    let focused = if params.focus > 0.0 { entropy * wrong.powf_scalar(params.focus) } else { entropy };
    let balance = target.mul_scalar(params.positive - 1.0).add_scalar(1.0);
    let counted: f32 = weight.clone().sum().into_scalar();
    (focused * balance * weight).sum().div_scalar(counted.max(1.0))
}
