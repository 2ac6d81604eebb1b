//! Layers that make pictures smaller, both ways. Pictures have a border of zeros, see `kernel.rs`.

use super::kernel::Size;
use crate::image::vector::vectorised;

/// The blocks of a pooling layer: which places of the input belong to one of the output.
#[derive(Clone, Copy, Debug)]
pub(super) struct Blocks {
    /// Places along each side, and from block to block.
    pub(super) side: usize,
    /// Places by which the first block begins before the picture.
    pub(super) before: usize,
}

impl Blocks {
    pub(super) const TWO: Self = Self { side: 2, before: 0 };
    pub(super) const THREE: Self = Self { side: 3, before: 1 };

    /// Rows or columns of block `at` in an input with `all` of them.
    fn range(&self, at: usize, all: usize) -> std::ops::Range<usize> {
        let start = at * self.side;
        start.saturating_sub(self.before)..(start + self.side - self.before).min(all)
    }
}

/// The largest of each block, and which of its places it was, counted row by row from the first that lies within the picture.
pub(super) fn largest(
    input: &[f32],
    size: Size,
    blocks: Blocks,
    out: Size,
    output: &mut [f32],
    which: &mut [u8],
) {
    let channels = size.channels;
    vectorised(
        #[inline(always)]
        || {
            for y in 0..out.height {
                for x in 0..out.width {
                    let to = &mut output[out.row(y) + x * channels..][..channels];
                    let at = &mut which[(y * out.width + x) * channels..][..channels];
                    to.fill(f32::NEG_INFINITY);
                    let mut place = 0;
                    for row in blocks.range(y, size.height) {
                        for column in blocks.range(x, size.width) {
                            let from = &input[size.row(row) + column * channels..][..channels];
                            for ((to, at), from) in to.iter_mut().zip(at.iter_mut()).zip(from) {
                                let is_larger = *from > *to;
                                *to = if is_larger { *from } else { *to };
                                *at = if is_larger { place } else { *at };
                            }
                            place += 1;
                        }
                    }
                }
            }
        },
    );
}

/// The gradient of [`largest`]'s input; every place of it is written.
pub(super) fn unlargest(
    grad_output: &[f32],
    out: Size,
    which: &[u8],
    blocks: Blocks,
    size: Size,
    grad_input: &mut [f32],
) {
    let channels = size.channels;
    let reach = |count: usize| blocks.side * count - blocks.before;
    if reach(out.height) < size.height || reach(out.width) < size.width {
        // A row or column at the end belongs to no block.
        grad_input.fill(0.0);
    }
    vectorised(
        #[inline(always)]
        || {
            for y in 0..out.height {
                for x in 0..out.width {
                    let grads = &grad_output[out.row(y) + x * channels..][..channels];
                    let at = &which[(y * out.width + x) * channels..][..channels];
                    let mut place = 0;
                    for row in blocks.range(y, size.height) {
                        for column in blocks.range(x, size.width) {
                            let to = &mut grad_input[size.row(row) + column * channels..][..channels];
                            for ((to, at), grad) in to.iter_mut().zip(at).zip(grads) {
                                *to = if *at == place { *grad } else { 0.0 };
                            }
                            place += 1;
                        }
                    }
                }
            }
        },
    );
}

/// The mean of each 2 x 2 block.
pub(super) fn mean(input: &[f32], size: Size, out: Size, output: &mut [f32]) {
    for y in 0..out.height {
        for x in 0..out.width {
            for c in 0..out.channels {
                let at =
                    |dy: usize, dx: usize| input[size.row(2 * y + dy) + (2 * x + dx) * size.channels + c];
                output[out.row(y) + x * out.channels + c] =
                    0.25 * (at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1));
            }
        }
    }
}

/// The gradient of [`mean`]'s input; every place of it is written.
pub(super) fn unmean(grad_output: &[f32], out: Size, size: Size, grad_input: &mut [f32]) {
    for y in 0..size.height {
        for x in 0..size.width {
            for c in 0..size.channels {
                let is_within = y / 2 < out.height && x / 2 < out.width;
                let grad =
                    if is_within { grad_output[out.row(y / 2) + x / 2 * out.channels + c] } else { 0.0 };
                grad_input[size.row(y) + x * size.channels + c] = 0.25 * grad;
            }
        }
    }
}
