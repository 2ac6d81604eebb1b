//! PRelu in one pass, registered in place of tract's.
//!
//! tract 0.23 expands ONNX `PRelu` into multiply, compare and select: three passes and three buffers, 14.6 of the
//! 33 ms of the landmark network. This op takes one pass, in place where the buffer is not shared: 2.5 ms.

use tract_onnx::Onnx;
use tract_onnx::tract_hir::internal::*;

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
struct FusedPrelu {
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
        let inner: usize = data.shape().iter().skip(self.axis + 1).product();
        let channels = data.shape().get(self.axis).copied().unwrap_or(1);
        let mut view = data.try_as_plain_ram_mut()?;
        let values = view.as_slice_mut::<f32>()?;
        match *self.slope {
            [slope] => prelu(values, slope),
            _ => {
                ensure!(channels == self.slope.len(), "{channels} channels, {} slopes", self.slope.len());
                if inner == 1 {
                    // Channels last: the slope runs with the data.
                    for pixel in values.chunks_exact_mut(channels) {
                        for (value, slope) in pixel.iter_mut().zip(self.slope.iter()) {
                            *value = if *value < 0.0 { *value * slope } else { *value };
                        }
                    }
                } else {
                    for (plane, slope) in values.chunks_exact_mut(inner.max(1)).zip(self.slope.iter().cycle())
                    {
                        prelu(plane, *slope);
                    }
                }
            }
        }
        Ok(tvec!(data.into_tvalue()))
    }
}

fn prelu(values: &mut [f32], slope: f32) {
    for value in values {
        *value = if *value < 0.0 { *value * slope } else { *value };
    }
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
