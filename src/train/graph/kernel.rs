//! The inner loops of training: blocks of sums that stay in vector registers, for convolutions and dense layers, both ways.
//!
//! Pictures are `(height + 2, width + 2, channels)` with a border of zeros, so that a 3 x 3 neighbourhood is three runs of
//! `3 * channels` values that lie side by side, and nothing has to be unfolded. Sums are fused multiply-adds in a fixed order: the
//! same bits on every machine.

use crate::image::vector::vectorised;

/// Channels that leave a layer are multiples of this.
pub(super) const LANES: usize = 8;
/// Rows of a block of sums.
const ROWS: usize = 6;

/// Height, width and channels of one picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Values at each place.
    pub channels: usize,
}

impl Size {
    /// Values of a picture without its border.
    pub fn len(&self) -> usize {
        self.height * self.width * self.channels
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Values of a row with its border.
    pub(super) fn stride(&self) -> usize {
        (self.width + 2) * self.channels
    }

    /// Values of a picture with its border.
    pub(super) fn padded(&self) -> usize {
        (self.height + 2) * self.stride()
    }

    /// Where row `y` begins within a picture with its border, the border left out.
    pub(super) fn row(&self, y: usize) -> usize {
        (y + 1) * self.stride() + self.channels
    }

    /// Values of a row without its border.
    pub(super) fn row_len(&self) -> usize {
        self.width * self.channels
    }
}

/// `sums[p][l] += inputs[p][k] * weights[k][first + l]` over all `k`.
#[inline(always)]
fn add_products<const P: usize, const L: usize>(
    sums: &mut [[f32; L]; P],
    inputs: [&[f32]; P],
    weights: &[f32],
    (outputs, first): (usize, usize),
) {
    let depth = weights.len() / outputs;
    let inputs = inputs.map(|input| &input[..depth]);
    // Sums of its own: the compiler keeps these in registers.
    let mut own = *sums;
    for (k, row) in weights.chunks_exact(outputs).enumerate() {
        let Some(row) = row[first..].first_chunk::<L>() else { break };
        let values: [f32; P] = std::array::from_fn(|p| inputs[p][k]);
        for (sums, value) in own.iter_mut().zip(&values) {
            for (sum, weight) in sums.iter_mut().zip(row) {
                *sum = value.mul_add(*weight, *sum);
            }
        }
    }
    *sums = own;
}

/// A block of lanes from `first` on: 16 at a time where that many are left, else 8.
fn blocks(outputs: usize) -> impl Iterator<Item = (usize, bool)> {
    let mut first = 0;
    std::iter::from_fn(move || {
        let left = outputs.checked_sub(first).filter(|left| *left >= LANES)?;
        let block = (first, left >= 2 * LANES);
        first += if block.1 { 2 * LANES } else { LANES };
        Some(block)
    })
}

/// `output = weights * input` for one picture; nothing is added. Both have their border; the output's is left as it is.
///
/// `weights`: shape `(3, 3, channels, outputs)`; `outputs` is a multiple of [`LANES`].
pub(super) fn convolve(input: &[f32], size: Size, weights: &[f32], outputs: usize, output: &mut [f32]) {
    let out = Size { channels: outputs, ..size };
    for (first, is_wide) in blocks(outputs) {
        vectorised(
            #[inline(always)]
            || {
                for y in 0..size.height {
                    let row = &mut output[out.row(y)..][..out.row_len()];
                    if is_wide {
                        convolve_row::<16>(input, size, y, weights, (outputs, first), row);
                    } else {
                        convolve_row::<8>(input, size, y, weights, (outputs, first), row);
                    }
                }
            },
        );
    }
}

#[inline(always)]
fn convolve_row<const L: usize>(
    input: &[f32],
    size: Size,
    y: usize,
    weights: &[f32],
    (outputs, first): (usize, usize),
    row: &mut [f32],
) {
    let mut x = 0;
    while x + ROWS <= size.width {
        convolve_block::<ROWS, L>(input, size, [y, x], weights, (outputs, first), row);
        x += ROWS;
    }
    while x + 2 <= size.width {
        convolve_block::<2, L>(input, size, [y, x], weights, (outputs, first), row);
        x += 2;
    }
    if x < size.width {
        convolve_block::<1, L>(input, size, [y, x], weights, (outputs, first), row);
    }
}

#[inline(always)]
fn convolve_block<const P: usize, const L: usize>(
    input: &[f32],
    size: Size,
    [y, x]: [usize; 2],
    weights: &[f32],
    (outputs, first): (usize, usize),
    row: &mut [f32],
) {
    let run = 3 * size.channels;
    let mut sums = [[0.0f32; L]; P];
    for (dy, weights) in weights.chunks_exact(run * outputs).enumerate() {
        let line = &input[(y + dy) * size.stride() + x * size.channels..];
        let inputs: [&[f32]; P] = std::array::from_fn(|p| &line[p * size.channels..][..run]);
        add_products(&mut sums, inputs, weights, (outputs, first));
    }
    for (place, sums) in row[x * outputs..].chunks_exact_mut(outputs).zip(&sums) {
        place[first..first + L].copy_from_slice(sums);
    }
}

/// Adds to the gradient of the weights of [`convolve`], for one picture.
pub(super) fn convolve_weights(
    input: &[f32],
    size: Size,
    grad_output: &[f32],
    outputs: usize,
    grad: &mut [f32],
) {
    let run = 3 * size.channels;
    for (first, is_wide) in blocks(outputs) {
        vectorised(
            #[inline(always)]
            || {
                for (dy, grad) in grad.chunks_exact_mut(run * outputs).enumerate() {
                    let at = (dy, first);
                    if is_wide {
                        weights_of_run::<16>(input, size, at, grad_output, outputs, grad);
                    } else {
                        weights_of_run::<8>(input, size, at, grad_output, outputs, grad);
                    }
                }
            },
        );
    }
}

#[inline(always)]
fn weights_of_run<const L: usize>(
    input: &[f32],
    size: Size,
    at: (usize, usize),
    grad_output: &[f32],
    outputs: usize,
    grad: &mut [f32],
) {
    let run = 3 * size.channels;
    let mut k = 0;
    while k + ROWS <= run {
        weights_block::<ROWS, L>(input, size, at, k, grad_output, outputs, grad);
        k += ROWS;
    }
    while k < run {
        weights_block::<1, L>(input, size, at, k, grad_output, outputs, grad);
        k += 1;
    }
}

#[inline(always)]
fn weights_block<const P: usize, const L: usize>(
    input: &[f32],
    size: Size,
    (dy, first): (usize, usize),
    k: usize,
    grad_output: &[f32],
    outputs: usize,
    grad: &mut [f32],
) {
    let out = Size { channels: outputs, ..size };
    let mut sums = [[0.0f32; L]; P];
    for y in 0..size.height {
        let line = &input[(y + dy) * size.stride() + k..];
        let row = &grad_output[out.row(y)..][..out.row_len()];
        for (x, place) in row.chunks_exact(outputs).enumerate() {
            let (Some(grads), Some(inputs)) =
                (place[first..].first_chunk::<L>(), line[x * size.channels..].first_chunk::<P>())
            else {
                return;
            };
            for (sums, value) in sums.iter_mut().zip(inputs) {
                for (sum, grad) in sums.iter_mut().zip(grads) {
                    *sum = value.mul_add(*grad, *sum);
                }
            }
        }
    }
    for (grad, sums) in grad[k * outputs..].chunks_exact_mut(outputs).zip(&sums) {
        for (grad, sum) in grad[first..first + L].iter_mut().zip(sums) {
            *grad += sum;
        }
    }
}

/// The weights of the convolution that carries gradients back: shape `(3, 3, outputs, channels)`, turned by half.
pub(super) fn turned(weights: &[f32], channels: usize, outputs: usize, to: &mut Vec<f32>) {
    to.clear();
    to.resize(weights.len(), 0.0);
    for (tap, taps) in weights.chunks_exact(channels * outputs).enumerate() {
        let back = &mut to[(8 - tap) * channels * outputs..][..channels * outputs];
        transposed(taps, channels, outputs, back);
    }
}

/// `to[column][row] = from[row][column]`.
pub(super) fn transposed(from: &[f32], rows: usize, columns: usize, to: &mut [f32]) {
    // In bands of rows, so that what is written lies side by side.
    for (band, lines) in from.chunks(16 * columns).enumerate() {
        let count = lines.len() / columns;
        for column in 0..columns {
            let to = &mut to[column * rows + 16 * band..][..count];
            for (to, line) in to.iter_mut().zip(lines.chunks_exact(columns)) {
                *to = line[column];
            }
        }
    }
}

/// `output[e] = input[e] * weights` for each example; `weights`: shape `(inputs, outputs)`.
pub(super) fn multiply(input: &[f32], inputs: usize, weights: &[f32], outputs: usize, output: &mut [f32]) {
    vectorised(
        #[inline(always)]
        || {
            for (first, is_wide) in blocks(outputs) {
                let at = (outputs, first);
                let mut rows = input.chunks(ROWS * inputs).zip(output.chunks_mut(ROWS * outputs));
                for (input, output) in &mut rows {
                    if input.len() == ROWS * inputs {
                        if is_wide {
                            multiply_block::<ROWS, 16>(input, inputs, weights, at, output);
                        } else {
                            multiply_block::<ROWS, 8>(input, inputs, weights, at, output);
                        }
                        continue;
                    }
                    for (input, output) in input.chunks_exact(inputs).zip(output.chunks_exact_mut(outputs)) {
                        if is_wide {
                            multiply_block::<1, 16>(input, inputs, weights, at, output);
                        } else {
                            multiply_block::<1, 8>(input, inputs, weights, at, output);
                        }
                    }
                }
            }
        },
    );
}

#[inline(always)]
fn multiply_block<const P: usize, const L: usize>(
    input: &[f32],
    inputs: usize,
    weights: &[f32],
    (outputs, first): (usize, usize),
    output: &mut [f32],
) {
    let mut sums = [[0.0f32; L]; P];
    let rows: [&[f32]; P] = std::array::from_fn(|p| &input[p * inputs..][..inputs]);
    add_products(&mut sums, rows, weights, (outputs, first));
    for (output, sums) in output.chunks_exact_mut(outputs).zip(&sums) {
        output[first..first + L].copy_from_slice(sums);
    }
}

/// Adds to the gradient of the weights of [`multiply`].
pub(super) fn multiply_weights(
    input: &[f32],
    inputs: usize,
    grad_output: &[f32],
    outputs: usize,
    grad: &mut [f32],
) {
    vectorised(
        #[inline(always)]
        || {
            for (first, is_wide) in blocks(outputs) {
                let mut k = 0;
                while k + ROWS <= inputs {
                    if is_wide {
                        dense_block::<ROWS, 16>((input, inputs), k, (grad_output, outputs), first, grad);
                    } else {
                        dense_block::<ROWS, 8>((input, inputs), k, (grad_output, outputs), first, grad);
                    }
                    k += ROWS;
                }
                while k < inputs {
                    dense_block::<1, 8>((input, inputs), k, (grad_output, outputs), first, grad);
                    if is_wide {
                        dense_block::<1, 8>((input, inputs), k, (grad_output, outputs), first + 8, grad);
                    }
                    k += 1;
                }
            }
        },
    );
}

#[inline(always)]
fn dense_block<const P: usize, const L: usize>(
    (input, inputs): (&[f32], usize),
    k: usize,
    (grad_output, outputs): (&[f32], usize),
    first: usize,
    grad: &mut [f32],
) {
    let mut sums = [[0.0f32; L]; P];
    for (input, grads) in input.chunks_exact(inputs).zip(grad_output.chunks_exact(outputs)) {
        let (Some(values), Some(grads)) = (input[k..].first_chunk::<P>(), grads[first..].first_chunk::<L>())
        else {
            return;
        };
        for (sums, value) in sums.iter_mut().zip(values) {
            for (sum, grad) in sums.iter_mut().zip(grads) {
                *sum = value.mul_add(*grad, *sum);
            }
        }
    }
    for (grad, sums) in grad[k * outputs..].chunks_exact_mut(outputs).zip(&sums) {
        for (grad, sum) in grad[first..first + L].iter_mut().zip(sums) {
            *grad += sum;
        }
    }
}
