//! Depthwise 3 x 3 convolution, each channel by itself.
//!
//! tract 0.23 treats borders and inside apart, row by row; small planes (16 x 16 and less, most of ours) then are mostly borders.
//! Here a plane is copied into one with a frame of zeros, and one loop runs over all of it as if it were a single row: the two
//! results a row that mean nothing are left out in the copy back.

use tract_onnx::tract_hir::internal::*;

use super::frame::Frame;
use crate::image::vector::vectorised;

/// Depthwise 3 x 3 convolution: `[1, C, H, W]` or `[C, H, W]` f32 to what the frame leaves of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Depthwise3 {
    /// Nine weights a channel, row by row, and its bias.
    filters: Arc<[([f32; 9], f32)]>,
    frame: Frame,
    /// 1 or 2.
    step: usize,
}

// Weights are finite: PartialEq is an equivalence on them.
impl Eq for Depthwise3 {}

impl Depthwise3 {
    /// Of `9 C` weights and `C` biases.
    pub(super) fn new(weights: &[f32], bias: &[f32], frame: Frame, step: usize) -> Self {
        let filters = weights.as_chunks::<9>().0.iter().copied().zip(bias.iter().copied());
        Self { filters: filters.collect(), frame, step }
    }

    fn out_shape(&self, shape: &[usize]) -> TractResult<TVec<usize>> {
        let (&[1, channels, height, width] | &[channels, height, width]) = shape else {
            bail!("Depthwise3 takes [1, C, H, W] or [C, H, W], not {shape:?}");
        };
        ensure!(channels == self.filters.len(), "{channels} channels, {} filters", self.filters.len());
        let (out_height, out_width) = self.frame.out_size(height, width, 3, self.step);
        let mut out: TVec<usize> = shape.into();
        let rank = out.len();
        (out[rank - 2], out[rank - 1]) = (out_height, out_width);
        Ok(out)
    }
}

impl Op for Depthwise3 {
    fn name(&self) -> StaticName {
        "Depthwise3".into()
    }

    fn validation(&self) -> Validation {
        Validation::Rounding
    }

    op_as_typed_op!();
}

impl EvalOp for Depthwise3 {
    op_out_of_plan!();

    fn eval(&self, _ctx: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let data = args_1!(inputs);
        let out_shape = self.out_shape(data.shape())?;
        let [.., height, width] = *data.shape() else { bail!("Depthwise3 takes planes") };
        let (plane, out_plane) = (height * width, out_shape.iter().rev().take(2).product::<usize>());
        let mut framed = Framed::new(self.frame, height, width);
        // A plane is in its frame before the result is written: where both have one size, the same memory serves.
        if out_shape[..] == *data.shape() {
            let mut data = data.into_tensor();
            let mut plain = data.try_as_plain_ram_mut()?;
            let values = plain.as_slice_mut::<f32>()?;
            vectorised(
                #[inline(always)]
                || {
                    for (plane, filter) in values.chunks_exact_mut(plane.max(1)).zip(self.filters.iter()) {
                        framed.fill(plane);
                        framed.convolve(filter);
                        framed.give(plane, self.step);
                    }
                },
            );
            return Ok(tvec!(data.into_tvalue()));
        }
        let mut out = Tensor::zero::<f32>(&out_shape)?;
        let plain = data.try_as_plain_ram()?;
        let values = plain.as_slice::<f32>()?;
        let mut out_plain = out.try_as_plain_ram_mut()?;
        let results = out_plain.as_slice_mut::<f32>()?;
        vectorised(
            #[inline(always)]
            || {
                let planes =
                    values.chunks_exact(plane.max(1)).zip(results.chunks_exact_mut(out_plane.max(1)));
                for ((plane, out), filter) in planes.zip(self.filters.iter()) {
                    framed.fill(plane);
                    framed.convolve(filter);
                    framed.give(out, self.step);
                }
            },
        );
        Ok(tvec!(out.into_tvalue()))
    }
}

/// A plane within its frame of zeros, and what comes of it.
struct Framed {
    frame: Frame,
    width: usize,
    /// Width with the frame.
    pitch: usize,
    values: Vec<f32>,
    sums: Vec<f32>,
}

impl Framed {
    fn new(frame: Frame, height: usize, width: usize) -> Self {
        let (rows, pitch) = (height + frame.top + frame.bottom, width + frame.left + frame.right);
        let sums = vec![0.0; rows.saturating_sub(2) * pitch];
        Self { frame, width, pitch, values: vec![0.0; rows * pitch], sums }
    }

    #[inline(always)]
    fn fill(&mut self, plane: &[f32]) {
        let (left, width) = (self.frame.left, self.width);
        let rows = self.values.chunks_exact_mut(self.pitch.max(1)).skip(self.frame.top);
        for (row, framed) in plane.chunks_exact(width.max(1)).zip(rows) {
            framed[left..left + width].copy_from_slice(row);
        }
    }

    #[inline(always)]
    fn convolve(&mut self, (w, bias): &([f32; 9], f32)) {
        let pitch = self.pitch;
        // The last two sums of the last row have no nine values; they are among those left out.
        let count = self.sums.len().saturating_sub(2);
        let values = &self.values[..];
        let from = |offset: usize| &values[offset..offset + count];
        let (a, b, c) = (from(0), from(1), from(2));
        let (d, e, f) = (from(pitch), from(pitch + 1), from(pitch + 2));
        let (g, h, i) = (from(2 * pitch), from(2 * pitch + 1), from(2 * pitch + 2));
        for (n, sum) in self.sums[..count].iter_mut().enumerate() {
            let upper = w[0] * a[n] + w[1] * b[n] + w[2] * c[n];
            let middle = w[3] * d[n] + w[4] * e[n] + w[5] * f[n];
            let lower = w[6] * g[n] + w[7] * h[n] + w[8] * i[n];
            *sum = bias + upper + middle + lower;
        }
    }

    #[inline(always)]
    fn give(&self, out: &mut [f32], step: usize) {
        let out_width = (self.pitch - 2).div_ceil(step);
        let rows = self.sums.chunks_exact(self.pitch).step_by(step);
        for (row, sums) in out.chunks_exact_mut(out_width.max(1)).zip(rows) {
            if step == 1 {
                row.copy_from_slice(&sums[..out_width]);
            } else {
                for (out, pair) in row.iter_mut().zip(sums.chunks(2)) {
                    *out = pair[0];
                }
            }
        }
    }
}

impl TypedOp for Depthwise3 {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let Some(shape) = inputs[0].shape.as_concrete() else {
            bail!("Depthwise3 takes a fixed shape, not {:?}", inputs[0].shape);
        };
        Ok(tvec!(f32::fact(&*self.out_shape(shape)?)))
    }

    fn cost(&self, inputs: &[&TypedFact]) -> TractResult<TVec<(Cost, TDim)>> {
        Ok(tvec!((Cost::FMA(f32::datum_type()), inputs[0].shape.volume() * 9)))
    }

    as_op!();
}
