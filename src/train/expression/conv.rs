//! 3 x 3 convolutions over a batch, forwards and backwards, as matrix products.
//!
//! Tensors are channel-major: shape `(channels, batch, height, width)`, so that a channel of the whole batch is one run of memory.
//! A convolution unfolds a few pictures at a time into a matrix of their neighbourhoods (`9 * channels` rows) that stays in the cache
//! and multiplies it with the weights.

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2};

use crate::image::vector::vectorised;

/// Values of the unfolded matrix that are made at once: 0.7 MB, which fits the second-level cache of the machines we know.
const UNFOLDED: usize = 180_000;
/// Places of a kernel, row by row.
const TAPS: usize = 9;

/// Batch, height and width of a tensor; its channels are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) batch: usize,
    pub(super) height: usize,
    pub(super) width: usize,
}

impl Extent {
    /// Pixels of one picture.
    pub(super) fn plane(&self) -> usize {
        self.height * self.width
    }

    /// Values of one channel.
    pub(super) fn len(&self) -> usize {
        self.batch * self.plane()
    }
}

/// A matrix over a slice: `rows` x `columns`, with a stride between rows. `None` where the slice is too short, which none below is:
/// each is made as long as its extent says.
fn matrix(values: &[f32], rows: usize, columns: usize, stride: usize) -> Option<ArrayView2<'_, f32>> {
    use ndarray::ShapeBuilder;
    ArrayView2::from_shape((rows, columns).strides((stride, 1)), values).ok()
}

fn matrix_mut(
    values: &mut [f32],
    rows: usize,
    columns: usize,
    stride: usize,
) -> Option<ArrayViewMut2<'_, f32>> {
    use ndarray::ShapeBuilder;
    ArrayViewMut2::from_shape((rows, columns).strides((stride, 1)), values).ok()
}

/// Pictures unfolded at once.
fn group(channels: usize, extent: Extent) -> usize {
    (UNFOLDED / (TAPS * channels * extent.plane()).max(1)).clamp(1, extent.batch.max(1))
}

/// Neighbourhoods of `count` pictures from `first` on: shape `(channels * 9, count * plane)`; zeros beyond the edges.
fn unfold(input: &[f32], channels: usize, extent: Extent, first: usize, count: usize, out: &mut Vec<f32>) {
    let plane = extent.plane();
    let columns = count * plane;
    out.resize(channels * TAPS * columns, 0.0);
    let planes = input.chunks_exact(extent.len()).map(|channel| &channel[first * plane..][..columns]);
    for (channel, rows) in planes.zip(out.chunks_exact_mut(TAPS * columns)) {
        for (tap, row) in rows.chunks_exact_mut(columns).enumerate() {
            let (dy, dx) = (tap / 3, tap % 3);
            for (from, to) in channel.chunks_exact(plane).zip(row.chunks_exact_mut(plane)) {
                shifted(from, to, extent, dy, dx);
            }
        }
    }
}

/// `to[y][x] = from[y + dy - 1][x + dx - 1]`, zero beyond the edges.
#[inline]
fn shifted(from: &[f32], to: &mut [f32], extent: Extent, dy: usize, dx: usize) {
    let (width, plane) = (extent.width, extent.plane());
    // The whole plane moves at once; rows then hold a neighbour's value at one end.
    let (ahead, behind) =
        ((dy * width + dx).saturating_sub(width + 1), (width + 1).saturating_sub(dy * width + dx));
    to[behind..plane - ahead].copy_from_slice(&from[ahead..plane - behind]);
    match dy {
        0 => to[..width].fill(0.0),
        2 => to[plane - width..].fill(0.0),
        _ => {}
    }
    match dx {
        0 => to.iter_mut().step_by(width).for_each(|value| *value = 0.0),
        2 => to.iter_mut().skip(width - 1).step_by(width).for_each(|value| *value = 0.0),
        _ => {}
    }
}

/// Buffers that convolutions share.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    unfolded: Vec<f32>,
    turned: Vec<f32>,
}

/// A 3 x 3 convolution without bias, step 1, same size. Weights: shape `(outputs, inputs, 3, 3)`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Conv {
    pub(super) inputs: usize,
    pub(super) outputs: usize,
}

impl Conv {
    /// Number of weights.
    pub(super) fn len(&self) -> usize {
        self.inputs * self.outputs * TAPS
    }

    /// `output = weights * input`.
    pub(super) fn forward(
        &self,
        weights: &[f32],
        input: &[f32],
        extent: Extent,
        scratch: &mut Scratch,
        output: &mut Vec<f32>,
    ) {
        output.resize(self.outputs * extent.len(), 0.0);
        let depth = self.inputs * TAPS;
        self.unfold_groups(input, extent, scratch, |unfolded, start| {
            if let (Some(a), Some(mut c)) = (
                matrix(weights, self.outputs, depth, depth),
                matrix_mut(&mut output[start..], self.outputs, unfolded.ncols(), extent.len()),
            ) {
                general_mat_mul(1.0, &a, &unfolded, 0.0, &mut c);
            }
        });
    }

    /// Unfolds a few pictures at a time: gives each matrix of neighbourhoods, and which value of a channel its first column belongs to.
    fn unfold_groups(
        &self,
        input: &[f32],
        extent: Extent,
        scratch: &mut Scratch,
        mut each: impl FnMut(ArrayView2<'_, f32>, usize),
    ) {
        let depth = self.inputs * TAPS;
        let step = group(self.inputs, extent);
        for first in (0..extent.batch).step_by(step) {
            let count = step.min(extent.batch - first);
            unfold(input, self.inputs, extent, first, count, &mut scratch.unfolded);
            let columns = count * extent.plane();
            if let Some(unfolded) = matrix(&scratch.unfolded, depth, columns, columns) {
                each(unfolded, first * extent.plane());
            }
        }
    }

    /// Adds to the gradient of the weights.
    pub(super) fn backward_weights(
        &self,
        input: &[f32],
        grad_output: &[f32],
        extent: Extent,
        scratch: &mut Scratch,
        grad_weights: &mut [f32],
    ) {
        let depth = self.inputs * TAPS;
        self.unfold_groups(input, extent, scratch, |unfolded, start| {
            if let (Some(a), Some(mut c)) = (
                matrix(&grad_output[start..], self.outputs, unfolded.ncols(), extent.len()),
                matrix_mut(grad_weights, self.outputs, depth, depth),
            ) {
                general_mat_mul(1.0, &a, &unfolded.t(), 1.0, &mut c);
            }
        });
    }

    /// The gradient of the input: the gradient of the output, convolved with the turned weights.
    pub(super) fn backward_input(
        &self,
        weights: &[f32],
        grad_output: &[f32],
        extent: Extent,
        scratch: &mut Scratch,
        grad_input: &mut Vec<f32>,
    ) {
        let mut turned = std::mem::take(&mut scratch.turned);
        turned.resize(self.len(), 0.0);
        for (output, by_input) in weights.chunks_exact(self.inputs * TAPS).enumerate() {
            for (input, taps) in by_input.chunks_exact(TAPS).enumerate() {
                let to = &mut turned[(input * self.outputs + output) * TAPS..][..TAPS];
                to.copy_from_slice(taps);
                to.reverse();
            }
        }
        let back = Self { inputs: self.outputs, outputs: self.inputs };
        back.forward(&turned, grad_output, extent, scratch, grad_input);
        scratch.turned = turned;
    }
}

/// The largest of each 2 x 2 block, and which of its four it was.
pub(super) fn pool(input: &[f32], extent: Extent, output: &mut Vec<f32>, which: &mut Vec<u8>) -> Extent {
    let smaller = Extent { batch: extent.batch, height: extent.height / 2, width: extent.width / 2 };
    output.clear();
    which.clear();
    output.resize(input.len() / 4, 0.0);
    which.resize(input.len() / 4, 0);
    let (width, half) = (extent.width, smaller.width);
    vectorised(
        #[inline(always)]
        || {
            let rows = input.chunks_exact(2 * width);
            let outs = output.chunks_exact_mut(half).zip(which.chunks_exact_mut(half));
            for (rows, (out, which)) in rows.zip(outs) {
                let (upper, lower) = rows.split_at(width);
                let blocks = upper.chunks_exact(2).zip(lower.chunks_exact(2));
                for ((upper, lower), (out, which)) in blocks.zip(out.iter_mut().zip(which.iter_mut())) {
                    let (mut best, mut at) = (upper[0], 0u8);
                    for (value, index) in [(upper[1], 1), (lower[0], 2), (lower[1], 3)] {
                        at = if value > best { index } else { at };
                        best = if value > best { value } else { best };
                    }
                    (*out, *which) = (best, at);
                }
            }
        },
    );
    smaller
}

/// The gradient of [`pool`]'s input: each value of `grad_output` at the place that was largest. `extent` is the input's.
pub(super) fn unpool(grad_output: &[f32], which: &[u8], extent: Extent, grad_input: &mut Vec<f32>) {
    grad_input.clear();
    grad_input.resize(grad_output.len() * 4, 0.0);
    let (width, half) = (extent.width, extent.width / 2);
    let outs = grad_output.chunks_exact(half).zip(which.chunks_exact(half));
    for (rows, (grad, which)) in grad_input.chunks_exact_mut(2 * width).zip(outs) {
        for (x, (grad, which)) in grad.iter().zip(which).enumerate() {
            let which = usize::from(*which);
            rows[(which / 2) * width + 2 * x + which % 2] = *grad;
        }
    }
}
