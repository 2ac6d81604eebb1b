//! Where stock operators of tract are slow, ours take their place in the graph.

use tract_onnx::prelude::*;
use tract_onnx::tract_core::ops::binary::TypedBinOp;
use tract_onnx::tract_core::ops::change_axes::AxisOp;
use tract_onnx::tract_core::ops::cnn::{Conv, KernelFormat, MaxPool, PoolSpec};
use tract_onnx::tract_core::ops::nn::DataFormat;
use tract_onnx::tract_hir::internal::DimLike;

use super::depthwise::Depthwise3;
use super::frame::Frame;
use super::maxpool::StepPool;
use super::planes::ToPlanes;
use super::prelu::{AddPrelu, FusedPrelu};

/// Replaces what [`planes`](super::planes), [`depthwise`](super::depthwise), [`maxpool`](super::maxpool) and [`prelu`](super::prelu) do faster. The graph is
/// decluttered, its shapes are known; everything else stays as it was.
pub(super) fn rewrite(model: &mut TypedModel) -> TractResult<()> {
    for replace in [planes, depthwise, max_pool, add_prelu] {
        let mut next = 0;
        while next < model.nodes().len() {
            if let Some(patch) = replace(model, next)? {
                patch.apply(model)?;
            }
            next += 1;
        }
    }
    model.compact()
}

type Replacement = TractResult<Option<TypedModelPatch>>;

/// The shape of what a node gives, where it is f32 of fixed shape.
fn shape_of(model: &TypedModel, outlet: OutletId) -> TractResult<Option<TVec<usize>>> {
    let fact = model.outlet_fact(outlet)?;
    let shape: Option<TVec<usize>> = fact.shape.iter().map(|dim| dim.to_usize().ok()).collect();
    Ok(shape.filter(|_| fact.datum_type == f32::datum_type()))
}

fn constant(model: &TypedModel, outlet: OutletId) -> TractResult<Option<Vec<f32>>> {
    let Some(konst) = model.outlet_fact(outlet)?.konst.clone() else { return Ok(None) };
    if konst.datum_type() != f32::datum_type() {
        return Ok(None);
    }
    Ok(Some(konst.try_as_plain_ram()?.as_slice::<f32>()?.to_vec()))
}

/// The axis of a colour picture's channels, moved to the front.
fn planes(model: &TypedModel, node: usize) -> Replacement {
    let node = model.node(node);
    let (Some(AxisOp::Move(3, 1)), [data]) = (node.op_as::<AxisOp>(), node.inputs.as_slice()) else {
        return Ok(None);
    };
    let Some(&[1, _, _, 3]) = shape_of(model, *data)?.as_deref() else { return Ok(None) };
    TypedModelPatch::replace_single_op(model, node, &[*data], ToPlanes).map(Some)
}

/// The step of a window of `side` x `side`, channels first and not dilated, where it is the same both ways.
fn step_of(spec: &PoolSpec, side: usize) -> Option<usize> {
    let is_undilated = spec.dilations.as_ref().is_none_or(|dilations| dilations.iter().all(|d| *d == 1));
    let step = match spec.strides.as_deref() {
        None => 1,
        Some(&[down, across]) if down == across => down,
        Some(_) => return None,
    };
    let is_planar = matches!(spec.data_format, DataFormat::NCHW | DataFormat::CHW);
    (is_planar && is_undilated && spec.kernel_shape[..] == [side, side]).then_some(step)
}

fn depthwise(model: &TypedModel, node: usize) -> Replacement {
    let node = model.node(node);
    let (Some(conv), [data, kernel, bias]) = (node.op_as::<Conv>(), node.inputs.as_slice()) else {
        return Ok(None);
    };
    let spec = &conv.pool_spec;
    let channels = spec.input_channels;
    let is_meant = conv.q_params.is_none()
        && conv.kernel_fmt == KernelFormat::OIHW
        && conv.group == channels
        && spec.output_channels == channels;
    let (Some(step @ 1..=2), true) = (step_of(spec, 3), is_meant) else { return Ok(None) };
    let size = match shape_of(model, *data)?.as_deref() {
        Some(&[1, _, height, width] | &[_, height, width]) => (height, width),
        _ => return Ok(None),
    };
    let Some(frame) = Frame::of(&spec.padding, size, 3, step) else { return Ok(None) };
    let (Some(kernel), Some(bias)) = (constant(model, *kernel)?, constant(model, *bias)?) else {
        return Ok(None);
    };
    let bias = if bias.len() == 1 { vec![bias[0]; channels] } else { bias };
    if kernel.len() != channels * 9 || bias.len() != channels {
        return Ok(None);
    }
    let op = Depthwise3::new(&kernel, &bias, frame, step);
    TypedModelPatch::replace_single_op(model, node, &[*data], op).map(Some)
}

fn max_pool(model: &TypedModel, node: usize) -> Replacement {
    let node = model.node(node);
    let (Some(pool), [data]) = (node.op_as::<MaxPool>(), node.inputs.as_slice()) else { return Ok(None) };
    let Some(&[1, _, height, width]) = shape_of(model, *data)?.as_deref() else { return Ok(None) };
    let side = pool.pool_spec.kernel_shape.first().copied().unwrap_or(0);
    let is_meant = pool.with_index_outputs.is_none()
        && matches!(side, 2..=3)
        && step_of(&pool.pool_spec, side) == Some(2);
    let frame = Frame::of(&pool.pool_spec.padding, (height, width), side, 2);
    let (Some(frame), true) = (frame, is_meant) else { return Ok(None) };
    TypedModelPatch::replace_single_op(model, node, &[*data], StepPool { side, frame }).map(Some)
}

/// A PRelu or Relu and the addition before it, which nothing else looks at.
fn add_prelu(model: &TypedModel, node: usize) -> Replacement {
    let node = model.node(node);
    let Some((activation, sum)) = activation(model, node)? else { return Ok(None) };
    let add = model.node(sum.node);
    let (Some(op), [one, other]) = (add.op_as::<TypedBinOp>(), add.inputs.as_slice()) else {
        return Ok(None);
    };
    let is_only_use = add.outputs[0].successors.len() == 1 && !model.output_outlets()?.contains(&sum);
    let (one_shape, other_shape) = (shape_of(model, *one)?, shape_of(model, *other)?);
    if op.0.name() != "Add" || !is_only_use || one_shape.is_none() || one_shape != other_shape {
        return Ok(None);
    }
    let mut patch = TypedModelPatch::default();
    let inputs = patch.taps(model, &[*one, *other])?;
    let wires = patch.wire_node(&node.name, AddPrelu(activation), &inputs)?;
    patch.shunt_outside(model, node.id.into(), wires[0])?;
    patch.obliterate(node.id)?;
    Ok(Some(patch))
}

/// What a node makes of its input, where that is a PRelu, or a Relu (the larger of a value and zero: a PRelu of slope zero).
fn activation(model: &TypedModel, node: &TypedNode) -> TractResult<Option<(FusedPrelu, OutletId)>> {
    if let (Some(prelu), [data]) = (node.op_as::<FusedPrelu>(), node.inputs.as_slice()) {
        return Ok(Some((prelu.clone(), *data)));
    }
    let (Some(op), [one, other]) = (node.op_as::<TypedBinOp>(), node.inputs.as_slice()) else {
        return Ok(None);
    };
    if op.0.name() != "Max" {
        return Ok(None);
    }
    for (data, limit) in [(*one, *other), (*other, *one)] {
        let is_zero = constant(model, limit)?.is_some_and(|values| values.len() == 1 && values[0] == 0.0);
        if is_zero {
            return Ok(Some((FusedPrelu::uniform(0.0), data)));
        }
    }
    Ok(None)
}
