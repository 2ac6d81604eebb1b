//! Probabilities from logits.

/// The softmax of one row of logits, in f64 so that the shares add up to 1 as well as they can.
pub(in crate::train) fn softmax(logits: &[f32]) -> Vec<f64> {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let parts: Vec<f64> = logits.iter().map(|logit| f64::from(logit - most).exp()).collect();
    let sum: f64 = parts.iter().sum();
    parts.iter().map(|part| part / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_logits_do_not_overflow() {
        let shares = softmax(&[1000.0, 1000.0, 0.0]);
        assert_eq!(shares, [0.5, 0.5, 0.0]);
    }
}
