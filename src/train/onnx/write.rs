//! Builds an ONNX graph node by node.

use prost::Message;
use tract_onnx::pb;
use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::tensor_proto::DataType;

/// Version of the operators; every reader since 2019 knows it.
const OPSET: i64 = 11;
/// Version of the file format that goes with it.
const IR_VERSION: i64 = 6;

/// A graph that is being built.
#[derive(Debug, Default)]
pub(in crate::train) struct Writer {
    nodes: Vec<pb::NodeProto>,
    initializers: Vec<pb::TensorProto>,
    /// Begins the names of what is added, so that they meet none of another graph's.
    prefix: &'static str,
}

/// An attribute that holds whole numbers.
pub(in crate::train) fn ints(name: &str, values: &[usize]) -> pb::AttributeProto {
    pb::AttributeProto {
        name: name.to_owned(),
        r#type: AttributeType::Ints as i32,
        ints: values.iter().map(|value| i64::try_from(*value).unwrap_or(i64::MAX)).collect(),
        ..pb::AttributeProto::default()
    }
}

/// An attribute that holds one whole number.
pub(in crate::train) fn int(name: &str, value: usize) -> pb::AttributeProto {
    pb::AttributeProto {
        name: name.to_owned(),
        r#type: AttributeType::Int as i32,
        i: i64::try_from(value).unwrap_or(i64::MAX),
        ..pb::AttributeProto::default()
    }
}

/// A tensor of f32 as an input or output.
pub(in crate::train) fn value_info(name: &str, dims: &[usize]) -> pb::ValueInfoProto {
    use pb::tensor_shape_proto::{Dimension, dimension};
    let dim = |size: &usize| Dimension {
        value: Some(dimension::Value::DimValue(i64::try_from(*size).unwrap_or(i64::MAX))),
        ..Dimension::default()
    };
    let tensor = pb::type_proto::Tensor {
        elem_type: DataType::Float as i32,
        shape: Some(pb::TensorShapeProto { dim: dims.iter().map(dim).collect() }),
    };
    pb::ValueInfoProto {
        name: name.to_owned(),
        r#type: Some(pb::TypeProto {
            value: Some(pb::type_proto::Value::TensorType(tensor)),
            ..pb::TypeProto::default()
        }),
        ..pb::ValueInfoProto::default()
    }
}

impl Writer {
    /// An empty graph; the names of what is added begin with `prefix`.
    pub(in crate::train) fn new(prefix: &'static str) -> Self {
        Self { prefix, ..Self::default() }
    }

    /// Adds a node with one output; the output's name.
    pub(in crate::train) fn node(
        &mut self,
        op: &str,
        inputs: &[&str],
        attribute: Vec<pb::AttributeProto>,
    ) -> String {
        let name = format!("{}{}_{}", self.prefix, op.to_lowercase(), self.nodes.len());
        self.nodes.push(pb::NodeProto {
            input: inputs.iter().map(|input| (*input).to_owned()).collect(),
            output: vec![name.clone()],
            name: name.clone(),
            op_type: op.to_owned(),
            attribute,
            ..pb::NodeProto::default()
        });
        name
    }

    /// Adds numbers; their name.
    pub(in crate::train) fn floats(&mut self, dims: &[usize], values: &[f32]) -> String {
        let name = format!("{}numbers_{}", self.prefix, self.initializers.len());
        self.initializers.push(pb::TensorProto {
            dims: dims.iter().map(|size| i64::try_from(*size).unwrap_or(i64::MAX)).collect(),
            data_type: DataType::Float as i32,
            name: name.clone(),
            raw_data: values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            ..pb::TensorProto::default()
        });
        name
    }

    /// The file of a graph with one input and one output.
    pub(in crate::train) fn file(self, input: (&str, &[usize]), output: (&str, &[usize])) -> Vec<u8> {
        let graph = pb::GraphProto {
            name: "onset".to_owned(),
            node: self.nodes,
            initializer: self.initializers,
            input: vec![value_info(input.0, input.1)],
            output: vec![value_info(output.0, output.1)],
            ..pb::GraphProto::default()
        };
        let model = pb::ModelProto {
            ir_version: IR_VERSION,
            opset_import: vec![pb::OperatorSetIdProto { domain: String::new(), version: OPSET }],
            producer_name: "onset".to_owned(),
            producer_version: env!("CARGO_PKG_VERSION").to_owned(),
            graph: Some(graph),
            ..pb::ModelProto::default()
        };
        model.encode_to_vec()
    }

    /// What was added, for another graph.
    pub(super) fn into_parts(self) -> (Vec<pb::NodeProto>, Vec<pb::TensorProto>) {
        (self.nodes, self.initializers)
    }
}
