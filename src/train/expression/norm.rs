//! Batch normalisation (Ioffe, Szegedy 2015, arXiv:1502.03167) with what follows it: an added shortcut and a ReLU.

use crate::image::vector::vectorised;

/// Added to variances.
pub(super) const EPSILON: f32 = 1e-5;
/// Additions that run beside each other.
const LANES: usize = 16;
/// Values added in f32 before the sum goes on in f64.
const BLOCK: usize = 4096;

/// Sums of two functions of each pair of values: fast, and precise enough for a channel of a batch (10^5 values).
#[inline(always)]
fn sums(a: &[f32], b: &[f32], of: impl Fn(f32, f32) -> [f32; 2]) -> [f64; 2] {
    let mut total = [0.0f64; 2];
    for (a, b) in a.chunks(BLOCK).zip(b.chunks(BLOCK)) {
        let mut lanes = [[0.0f32; LANES]; 2];
        let (a_rest, b_rest) = (a.chunks_exact(LANES).remainder(), b.chunks_exact(LANES).remainder());
        for (a, b) in a.chunks_exact(LANES).zip(b.chunks_exact(LANES)) {
            for i in 0..LANES {
                let [first, second] = of(a[i], b[i]);
                lanes[0][i] += first;
                lanes[1][i] += second;
            }
        }
        for (a, b) in a_rest.iter().zip(b_rest) {
            let [first, second] = of(*a, *b);
            lanes[0][0] += first;
            lanes[1][0] += second;
        }
        for (total, lanes) in total.iter_mut().zip(lanes) {
            *total += lanes.iter().map(|v| f64::from(*v)).sum::<f64>();
        }
    }
    total
}

/// Mean and variance of each channel. `len`: values of one.
pub(super) fn moments(values: &[f32], len: usize, means: &mut Vec<f32>, variances: &mut Vec<f32>) {
    means.clear();
    variances.clear();
    vectorised(
        #[inline(always)]
        || {
            for channel in values.chunks_exact(len) {
                // About the first value: squares of what is far from zero would cancel.
                let about = channel.first().copied().unwrap_or(0.0);
                let [sum, squares] = sums(
                    channel,
                    channel,
                    #[inline(always)]
                    |v, _| {
                        let v = v - about;
                        [v, v * v]
                    },
                );
                let (mean, square) = (sum / len as f64, squares / len as f64);
                means.push((f64::from(about) + mean) as f32);
                variances.push((square - mean * mean).max(0.0) as f32);
            }
        },
    );
}

/// `relu(gain * (value - mean) / deviation + offset + shortcut)`, channel by channel.
pub(super) fn forward(
    values: &[f32],
    len: usize,
    [means, variances, gains, offsets]: [&[f32]; 4],
    shortcut: Option<&[f32]>,
    output: &mut Vec<f32>,
) {
    output.resize(values.len(), 0.0);
    for (channel, (values, output)) in values.chunks_exact(len).zip(output.chunks_exact_mut(len)).enumerate()
    {
        let scale = gains[channel] / (variances[channel] + EPSILON).sqrt();
        let shift = offsets[channel] - means[channel] * scale;
        let shortcut = shortcut.and_then(|all| all.chunks_exact(len).nth(channel));
        vectorised(
            #[inline(always)]
            || match shortcut {
                Some(shortcut) => {
                    for ((output, value), added) in output.iter_mut().zip(values).zip(shortcut) {
                        *output = (value * scale + shift + added).max(0.0);
                    }
                }
                None => {
                    for (output, value) in output.iter_mut().zip(values) {
                        *output = (value * scale + shift).max(0.0);
                    }
                }
            },
        );
    }
}

/// Sets the gradient to zero where the ReLU's output was.
pub(super) fn backward_relu(output: &[f32], grad: &mut [f32]) {
    vectorised(
        #[inline(always)]
        || {
            for (grad, output) in grad.iter_mut().zip(output) {
                *grad = if *output > 0.0 { *grad } else { 0.0 };
            }
        },
    );
}

/// From the gradient after normalisation (in `grad`) to that before it (there too); adds to the gradients of gains and offsets.
pub(super) fn backward(
    values: &[f32],
    len: usize,
    [means, variances, gains]: [&[f32]; 3],
    grad: &mut [f32],
    grad_gains: &mut [f32],
    grad_offsets: &mut [f32],
) {
    for (channel, (values, grad)) in values.chunks_exact(len).zip(grad.chunks_exact_mut(len)).enumerate() {
        let inverse = 1.0 / (variances[channel] + EPSILON).sqrt();
        let (mean, gain) = (means[channel], gains[channel]);
        vectorised(
            #[inline(always)]
            || {
                let [by_value, plain] = sums(
                    values,
                    grad,
                    #[inline(always)]
                    |value, grad| [grad * (value - mean), grad],
                );
                let by_value = by_value as f32 * inverse;
                grad_gains[channel] += by_value;
                grad_offsets[channel] += plain as f32;
                let (mean_plain, mean_by_value) = (plain as f32 / len as f32, by_value / len as f32);
                for (grad, value) in grad.iter_mut().zip(values) {
                    let standard = (value - mean) * inverse;
                    *grad = gain * inverse * (*grad - mean_plain - standard * mean_by_value);
                }
            },
        );
    }
}
