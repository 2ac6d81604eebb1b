//! From channels last to channels first.
//!
//! tract 0.23 moves the axis of a picture value by value; here each channel is written in one run.

use tract_onnx::tract_hir::internal::*;

use crate::image::vector::vectorised;

/// `[1, H, W, 3]` f32 to `[1, 3, H, W]`.
#[derive(Debug, Clone, Hash, PartialEq, Eq)]
pub(super) struct ToPlanes;

impl Op for ToPlanes {
    fn name(&self) -> StaticName {
        "ToPlanes".into()
    }

    op_as_typed_op!();
}

impl EvalOp for ToPlanes {
    op_out_of_plan!();

    fn eval(&self, _ctx: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let data = args_1!(inputs);
        let &[1, height, width, 3] = data.shape() else {
            bail!("ToPlanes takes [1, H, W, 3], not {:?}", data.shape())
        };
        let mut out = Tensor::zero::<f32>(&[1, 3, height, width])?;
        let plain = data.try_as_plain_ram()?;
        let pixels = plain.as_slice::<f32>()?.as_chunks::<3>().0;
        let mut out_plain = out.try_as_plain_ram_mut()?;
        let planes = out_plain.as_slice_mut::<f32>()?;
        vectorised(
            #[inline(always)]
            || {
                for (channel, plane) in planes.chunks_exact_mut((height * width).max(1)).enumerate().take(3) {
                    for (out, pixel) in plane.iter_mut().zip(pixels) {
                        *out = pixel[channel];
                    }
                }
            },
        );
        Ok(tvec!(out.into_tvalue()))
    }
}

impl TypedOp for ToPlanes {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let Some(&[1, height, width, 3]) = inputs[0].shape.as_concrete() else {
            bail!("ToPlanes takes [1, H, W, 3], not {:?}", inputs[0].shape);
        };
        Ok(tvec!(f32::fact([1, 3, height, width])))
    }

    as_op!();
}
