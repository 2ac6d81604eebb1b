//! The largest of each 2 x 2 or 3 x 3 block, at every second place.
//!
//! tract 0.23 walks blocks one by one; here whole rows are compared with one another, then what came of them with its neighbours: a
//! sixth of the time.

use tract_onnx::tract_hir::internal::*;

use super::frame::Frame;
use crate::image::vector::vectorised;

/// Max pooling of step 2: `[1, C, H, W]` f32 to what the frame leaves of it.
#[derive(Debug, Clone, Hash, PartialEq, Eq)]
pub(super) struct StepPool {
    /// Side of a block: 2 or 3.
    pub(super) side: usize,
    /// What surrounds the plane; its values never win.
    pub(super) frame: Frame,
}

impl StepPool {
    fn out_size(&self, height: usize, width: usize) -> (usize, usize) {
        self.frame.out_size(height, width, self.side, 2)
    }

    /// Blocks of two side by side, with nothing around: the usual case needs no row of its own.
    #[inline(always)]
    fn pool_blocks(values: &[f32], pooled: &mut [f32], width: usize) {
        let larger = |a: f32, b: f32| if a > b { a } else { b };
        let rows = values.chunks_exact((2 * width).max(1));
        for (rows, out) in rows.zip(pooled.chunks_exact_mut((width / 2).max(1))) {
            let (upper, lower) = rows.split_at(width);
            let blocks = upper.as_chunks::<2>().0.iter().zip(lower.as_chunks::<2>().0);
            for (out, (above, below)) in out.iter_mut().zip(blocks) {
                *out = larger(larger(above[0], below[0]), larger(above[1], below[1]));
            }
        }
    }

    #[inline(always)]
    fn pool(&self, values: &[f32], pooled: &mut [f32], (height, width): (usize, usize), row: &mut [f32]) {
        // Not `f32::max`: its care for NaN costs two more instructions.
        let larger = |a: f32, b: f32| if a > b { a } else { b };
        let (out_height, out_width) = self.out_size(height, width);
        let planes = values.chunks_exact((height * width).max(1));
        for (plane, out) in planes.zip(pooled.chunks_exact_mut((out_height * out_width).max(1))) {
            for (y, out) in out.chunks_exact_mut(out_width.max(1)).enumerate() {
                row.fill(f32::NEG_INFINITY);
                let seen = (2 * y..2 * y + self.side).filter_map(|y| y.checked_sub(self.frame.top));
                for y in seen.filter(|y| *y < height) {
                    let inside = &mut row[self.frame.left..self.frame.left + width];
                    for (largest, value) in inside.iter_mut().zip(&plane[y * width..(y + 1) * width]) {
                        *largest = larger(*largest, *value);
                    }
                }
                let pairs = row.as_chunks::<2>().0;
                if self.side == 2 {
                    for (out, pair) in out.iter_mut().zip(pairs) {
                        *out = larger(pair[0], pair[1]);
                    }
                } else {
                    for (out, (pair, next)) in out.iter_mut().zip(pairs.iter().zip(&pairs[1..])) {
                        *out = larger(larger(pair[0], pair[1]), next[0]);
                    }
                }
            }
        }
    }
}

impl Op for StepPool {
    fn name(&self) -> StaticName {
        "StepPool".into()
    }

    op_as_typed_op!();
}

impl EvalOp for StepPool {
    op_out_of_plan!();

    fn eval(&self, _ctx: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let data = args_1!(inputs);
        let &[1, channels, height, width] = data.shape() else {
            bail!("StepPool takes [1, C, H, W], not {:?}", data.shape());
        };
        let (out_height, out_width) = self.out_size(height, width);
        let mut out = Tensor::zero::<f32>(&[1, channels, out_height, out_width])?;
        let plain = data.try_as_plain_ram()?;
        let values = plain.as_slice::<f32>()?;
        let mut out_plain = out.try_as_plain_ram_mut()?;
        let pooled = out_plain.as_slice_mut::<f32>()?;
        let are_blocks = self.side == 2 && self.frame == Frame::NONE && height % 2 == 0 && width % 2 == 0;
        // Room for a row with its frame, and for the pair after the last block.
        let room = if are_blocks { 0 } else { 2 * out_width + 2 + width + self.frame.left };
        let mut row = vec![0.0; room];
        vectorised(
            #[inline(always)]
            || {
                if are_blocks {
                    Self::pool_blocks(values, pooled, width);
                } else {
                    self.pool(values, pooled, (height, width), &mut row);
                }
            },
        );
        Ok(tvec!(out.into_tvalue()))
    }
}

impl TypedOp for StepPool {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let Some([1, channels, height, width]) = inputs[0].shape.as_concrete() else {
            bail!("StepPool takes [1, C, H, W], not {:?}", inputs[0].shape);
        };
        let (out_height, out_width) = self.out_size(*height, *width);
        Ok(tvec!(f32::fact([1, *channels, out_height, out_width])))
    }

    as_op!();
}
