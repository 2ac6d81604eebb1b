//! Cross-entropy.

use crate::train::softmax::softmax;

/// The sum of the cross-entropies `-weight * sum(wanted * ln(softmax))` of some examples, divided by `total`; their gradients, shape
/// `(batch, classes)`, are written to `grads`.
///
/// # Arguments
/// * `wanted`: shape `(batch, classes)`; the shares of each example add up to 1: one class, or the votes of several people.
/// * `weights`: one for each example, the weight of its class.
/// * `total`: the sum of the weights of the whole batch, of which these examples may be a part.
pub fn cross_entropy(
    logits: &[f32],
    wanted: &[f32],
    weights: &[f32],
    total: f32,
    grads: &mut Vec<f32>,
) -> f32 {
    grads.clear();
    let classes = logits.len() / weights.len().max(1);
    let mut loss = 0.0;
    let rows = logits.chunks_exact(classes.max(1)).zip(wanted.chunks_exact(classes.max(1)));
    for ((logits, wanted), weight) in rows.zip(weights) {
        let share = f64::from(weight / total);
        for (said, wanted) in softmax(logits).iter().zip(wanted) {
            let wanted = f64::from(*wanted);
            // Below this a share of zero would give an infinite loss; gradients do not need it.
            loss -= share * wanted * said.max(1e-12).ln();
            grads.push((share * (said - wanted)) as f32);
        }
    }
    loss as f32
}
