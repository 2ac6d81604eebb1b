//! Batch normalisation of pictures with a border, both ways (Ioffe and Szegedy 2015, arXiv:1502.03167).

use super::kernel::Size;
use crate::image::vector::vectorised;

/// Added to variances, as in PyTorch.
pub(super) const EPSILON: f32 = 1e-5;
/// Share of a batch's means and variances that goes into the running ones.
pub(super) const FOLLOW: f32 = 0.1;

/// Calls `each` with every row of every picture, the border left out.
#[inline(always)]
fn rows(size: Size, batch: usize, mut each: impl FnMut(std::ops::Range<usize>)) {
    for picture in 0..batch {
        for y in 0..size.height {
            let start = picture * size.padded() + size.row(y);
            each(start..start + size.row_len());
        }
    }
}

/// Means and variances of each channel.
pub(super) fn moments(values: &[f32], size: Size, batch: usize) -> [Vec<f32>; 2] {
    let channels = size.channels;
    let count = (batch * size.height * size.width).max(1) as f64;
    let sums = |about: &[f32], power_two: bool| -> Vec<f64> {
        let mut sums = vec![0.0f64; channels];
        let mut row_sums = vec![0.0f32; channels];
        vectorised(
            #[inline(always)]
            || {
                rows(
                    size,
                    batch,
                    #[inline(always)]
                    |range| {
                        row_sums.fill(0.0);
                        for place in values[range].chunks_exact(channels) {
                            for ((sum, value), about) in row_sums.iter_mut().zip(place).zip(about) {
                                let value = value - about;
                                *sum += if power_two { value * value } else { value };
                            }
                        }
                        for (sum, row) in sums.iter_mut().zip(&row_sums) {
                            *sum += f64::from(*row);
                        }
                    },
                );
            },
        );
        sums
    };
    let means: Vec<f32> = sums(&vec![0.0; channels], false).iter().map(|sum| (sum / count) as f32).collect();
    let variances = sums(&means, true).iter().map(|sum| (sum / count) as f32).collect();
    [means, variances]
}

/// `gain * (x - mean) / sqrt(variance) + offset`, border left out. `gains_offsets`: gains, then offsets.
pub(super) fn apply(
    values: &[f32],
    size: Size,
    batch: usize,
    [means, variances]: [&[f32]; 2],
    gains_offsets: &[f32],
    output: &mut [f32],
) {
    let (gains, offsets) = gains_offsets.split_at(size.channels);
    let scales: Vec<f32> =
        gains.iter().zip(variances).map(|(gain, variance)| gain / (variance + EPSILON).sqrt()).collect();
    let shifts: Vec<f32> =
        offsets.iter().zip(means).zip(&scales).map(|((offset, mean), scale)| offset - mean * scale).collect();
    vectorised(
        #[inline(always)]
        || {
            rows(
                size,
                batch,
                #[inline(always)]
                |range| {
                    let places = values[range.clone()].chunks_exact(size.channels);
                    for (to, from) in output[range].chunks_exact_mut(size.channels).zip(places) {
                        for (((to, from), scale), shift) in to.iter_mut().zip(from).zip(&scales).zip(&shifts)
                        {
                            *to = from * scale + shift;
                        }
                    }
                },
            );
        },
    );
}

/// From the gradient of the output (in `grad`) to that of the input (there too); adds to those of gains and offsets.
pub(super) fn backward(
    values: &[f32],
    size: Size,
    batch: usize,
    [means, variances]: [&[f32]; 2],
    gains: &[f32],
    grad: &mut [f32],
    grad_gains_offsets: &mut [f32],
) {
    let channels = size.channels;
    let count = (batch * size.height * size.width).max(1) as f64;
    let inverses: Vec<f32> = variances.iter().map(|variance| 1.0 / (variance + EPSILON).sqrt()).collect();
    let (mut by_value, mut plain) = (vec![0.0f64; channels], vec![0.0f64; channels]);
    rows(size, batch, |range| {
        let places = values[range.clone()].chunks_exact(channels);
        for (grads, values) in grad[range].chunks_exact(channels).zip(places) {
            for channel in 0..channels {
                let standard = (values[channel] - means[channel]) * inverses[channel];
                by_value[channel] += f64::from(grads[channel] * standard);
                plain[channel] += f64::from(grads[channel]);
            }
        }
    });
    let (grad_gains, grad_offsets) = grad_gains_offsets.split_at_mut(channels);
    for channel in 0..channels {
        grad_gains[channel] += by_value[channel] as f32;
        grad_offsets[channel] += plain[channel] as f32;
    }
    let means_by_value: Vec<f32> = by_value.iter().map(|sum| (sum / count) as f32).collect();
    let means_plain: Vec<f32> = plain.iter().map(|sum| (sum / count) as f32).collect();
    vectorised(
        #[inline(always)]
        || {
            rows(
                size,
                batch,
                #[inline(always)]
                |range| {
                    let places = values[range.clone()].chunks_exact(channels);
                    for (grads, values) in grad[range].chunks_exact_mut(channels).zip(places) {
                        for channel in 0..channels {
                            let standard = (values[channel] - means[channel]) * inverses[channel];
                            grads[channel] = gains[channel]
                                * inverses[channel]
                                * (grads[channel]
                                    - means_plain[channel]
                                    - standard * means_by_value[channel]);
                        }
                    }
                },
            );
        },
    );
}
