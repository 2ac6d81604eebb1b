//! PRelu in one pass, registered in place of tract's.
//!
//! tract 0.23 expands ONNX `PRelu` into multiply, compare and select: three passes and three buffers, 14.6 of the
//! 33 ms of the landmark network. This op takes one pass, in place where the buffer is not shared: 2.5 ms.

use tract_onnx::Onnx;
use tract_onnx::tract_hir::internal::*;

use crate::image::vector::vectorised;

/// Replaces tract's `PRelu` by the fused one.
pub(super) fn register(onnx: &mut Onnx) {
    onnx.op_register.insert("PRelu", |_, _| Ok((expand(Prelu), vec![])));
}

/// The ONNX operator, before types and shapes are known.
#[derive(Debug, Clone, Hash, PartialEq, Eq)]
struct Prelu;

impl Expansion for Prelu {
    fn name(&self) -> StaticName {
        "PRelu".into()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        check_input_arity(inputs, 2)?;
        check_output_arity(outputs, 1)?;
        s.equals(&inputs[0].datum_type, &outputs[0].datum_type)?;
        s.equals(&inputs[0].shape, &outputs[0].shape)?;
        Ok(())
    }

    fn wire(&self, prefix: &str, model: &mut TypedModel, inputs: &[OutletId]) -> TractResult<TVec<OutletId>> {
        let (&[data, slope], true) = (inputs, inputs.len() == 2) else {
            bail!("PRelu takes data and slope, {} inputs given", inputs.len());
        };
        let fact = model.outlet_fact(data)?;
        ensure!(fact.datum_type == f32::datum_type(), "fused PRelu takes f32, not {:?}", fact.datum_type);
        let rank = fact.rank();
        let Some(slope) = model.outlet_fact(slope)?.konst.clone() else {
            bail!("fused PRelu needs a constant slope");
        };
        // ONNX broadcasts the slope from the right; one value a channel means at most one long dimension.
        ensure!(slope.rank() <= rank, "PRelu slope of rank {} for data of rank {rank}", slope.rank());
        let shift = rank - slope.rank();
        let long: Vec<usize> = (0..slope.rank()).filter(|&axis| slope.shape()[axis] != 1).collect();
        let axis = match long[..] {
            [] => 0,
            [axis] => shift + axis,
            _ => bail!("fused PRelu needs one slope a channel, not a slope of shape {:?}", slope.shape()),
        };
        let slope: Vec<f32> = slope.try_as_plain_ram()?.as_slice::<f32>()?.to_vec();
        model.wire_node(prefix, FusedPrelu { slope: slope.into(), axis }, &[data])
    }
}

/// `x` where it is positive, else `x` times the slope of its channel.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FusedPrelu {
    /// One value, or one for each position along `axis`.
    slope: Arc<[f32]>,
    axis: usize,
}

// Slopes are finite weights: PartialEq is an equivalence on them.
impl Eq for FusedPrelu {}

impl Op for FusedPrelu {
    fn name(&self) -> StaticName {
        "FusedPrelu".into()
    }

    op_as_typed_op!();
}

impl EvalOp for FusedPrelu {
    op_out_of_plan!();

    fn eval(&self, _ctx: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let mut data = args_1!(inputs).into_tensor();
        let run = self.run_len(data.shape())?;
        let mut view = data.try_as_plain_ram_mut()?;
        let values = view.as_slice_mut::<f32>()?;
        vectorised(
            #[inline(always)]
            || {
                for (values, &slope) in values.chunks_mut(run).zip(self.slope.iter().cycle()) {
                    for value in values {
                        *value = prelu(*value, slope);
                    }
                }
            },
        );
        Ok(tvec!(data.into_tvalue()))
    }
}

impl FusedPrelu {
    /// One slope for all.
    pub(super) fn uniform(slope: f32) -> Self {
        Self { slope: [slope].into(), axis: 0 }
    }

    /// How many values in a row share a slope.
    fn run_len(&self, shape: &[usize]) -> TractResult<usize> {
        if self.slope.len() == 1 {
            return Ok(shape.iter().product::<usize>().max(1));
        }
        let channels = shape.get(self.axis).copied().unwrap_or(1);
        ensure!(channels == self.slope.len(), "{channels} channels, {} slopes", self.slope.len());
        Ok(shape.iter().skip(self.axis + 1).product::<usize>().max(1))
    }
}

/// Both ways are computed, then one is chosen: so loops of it become vector code. Slopes are passed by value for the same reason.
#[inline(always)]
fn prelu(value: f32, slope: f32) -> f32 {
    let scaled = value * slope;
    if value < 0.0 { scaled } else { value }
}

/// The PRelu of a sum of two tensors of one shape, in one pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AddPrelu(pub(super) FusedPrelu);

impl Op for AddPrelu {
    fn name(&self) -> StaticName {
        "AddPrelu".into()
    }

    op_as_typed_op!();
}

impl EvalOp for AddPrelu {
    op_out_of_plan!();

    fn eval(&self, _ctx: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let (one, other) = args_2!(inputs);
        ensure!(one.shape() == other.shape(), "shapes {:?} and {:?}", one.shape(), other.shape());
        let run = self.0.run_len(one.shape())?;
        // The second is what was just computed: nobody else holds it, so its memory is taken over.
        let mut data = other.into_tensor();
        let mut view = data.try_as_plain_ram_mut()?;
        let values = view.as_slice_mut::<f32>()?;
        let one_view = one.try_as_plain_ram()?;
        let added = one_view.as_slice::<f32>()?;
        vectorised(
            #[inline(always)]
            || {
                let runs = values.chunks_mut(run).zip(added.chunks(run));
                for ((values, added), &slope) in runs.zip(self.0.slope.iter().cycle()) {
                    for (value, added) in values.iter_mut().zip(added) {
                        *value = prelu(added + *value, slope);
                    }
                }
            },
        );
        Ok(tvec!(data.into_tvalue()))
    }
}

impl TypedOp for AddPrelu {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(tvec!(inputs[0].without_value()))
    }

    as_op!();
}

impl TypedOp for FusedPrelu {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(tvec!(inputs[0].without_value()))
    }

    fn cost(&self, inputs: &[&TypedFact]) -> TractResult<TVec<(Cost, TDim)>> {
        Ok(tvec!((Cost::FMA(f32::datum_type()), inputs[0].shape.volume())))
    }

    as_op!();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eval(op: &FusedPrelu, shape: &[usize], data: &[f32]) -> Vec<f32> {
        let input = Tensor::from_shape(shape, data).unwrap().into_tvalue();
        let out = op.eval(&EvalContext::out_of_plan(), tvec!(input)).unwrap();
        out[0].try_as_plain_ram().unwrap().as_slice::<f32>().unwrap().to_vec()
    }

    #[test]
    fn each_channel_has_its_slope() {
        let op = FusedPrelu { slope: vec![0.5, -2.0].into(), axis: 1 };
        assert_eq!(eval(&op, &[1, 2, 1, 2], &[-1.0, 3.0, -1.0, 3.0]), [-0.5, 3.0, 2.0, 3.0]);
        let last = FusedPrelu { slope: vec![0.5, -2.0].into(), axis: 2 };
        assert_eq!(eval(&last, &[1, 2, 2], &[-1.0, -1.0, 4.0, -4.0]), [-0.5, 2.0, 4.0, 8.0]);
    }

    #[test]
    fn one_slope_serves_all() {
        let op = FusedPrelu { slope: vec![0.25].into(), axis: 0 };
        assert_eq!(eval(&op, &[4], &[-4.0, 0.0, 4.0, -8.0]), [-1.0, 0.0, 4.0, -2.0]);
    }

    #[test]
    fn a_shared_input_is_not_changed() {
        let op = FusedPrelu { slope: vec![0.5].into(), axis: 0 };
        let input = Tensor::from_shape(&[2], &[-1.0f32, 1.0]).unwrap().into_tvalue();
        let kept = input.clone();
        op.eval(&EvalContext::out_of_plan(), tvec!(input)).unwrap();
        assert_eq!(kept.try_as_plain_ram().unwrap().as_slice::<f32>().unwrap(), [-1.0, 1.0]);
    }
}
