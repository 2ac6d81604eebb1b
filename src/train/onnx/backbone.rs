//! A network made by others, cut behind its features: to compute them, and to be joined with a head of ours.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use prost::Message;
use serde::Deserialize;
use tract_onnx::pb;

use super::write::{Writer, value_info};
use crate::infer::{Network, onnx_interface, sha256_hex};

/// Why a backbone cannot be used. Each message names the file and the next step.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackboneError {
    /// The file cannot be read.
    #[error("{}: {source}; check the path", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's message.
        source: std::io::Error,
    },
    /// It is no ONNX network.
    #[error("{}: this is not an ONNX network: {why}; give a backbone such as resnet50.onnx", path.display())]
    NotOnnx {
        /// The file.
        path: PathBuf,
        /// What was found.
        why: String,
    },
    /// Its input is no picture.
    #[error("{}: {why}; a backbone takes one RGB picture, shape (1, 3, height, width)", path.display())]
    Input {
        /// The file.
        path: PathBuf,
        /// What it takes.
        why: String,
    },
    /// Where the features are is not known.
    #[error("{}: {why}; name the output to use with --features (it has, last first: {found})", path.display())]
    Features {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
        /// Some of its tensors.
        found: String,
    },
    /// tract cannot run it.
    #[error("{}: tract cannot run it: {why}; try a file of a lower operator version, with fixed shapes", path.display())]
    Tract {
        /// The file.
        path: PathBuf,
        /// tract's message.
        why: String,
    },
    /// The file beside it that says how pictures go in is not usable.
    #[error("{}: {why}; give mean and std as three numbers each, for values from 0 to 1", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

/// How a picture goes in: `(value / 255 - mean) / std` for each of red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BackboneInput {
    /// Height and width, in pixels.
    pub side: [usize; 2],
    /// Mean of each channel, for values from 0 to 1.
    pub mean: [f32; 3],
    /// Standard deviation of each.
    pub std: [f32; 3],
}

/// Mean and standard deviation of ImageNet's pictures, with which nearly all backbones were trained (torchvision's documentation).
const IMAGENET: ([f32; 3], [f32; 3]) = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);
/// Height and width where the file leaves them open.
const USUAL_SIDE: usize = 224;

/// What `NAME.toml` beside `NAME.onnx` may say.
#[derive(Debug, Default, Deserialize)]
struct Record {
    mean: Option<[f32; 3]>,
    std: Option<[f32; 3]>,
    source: Option<String>,
    licence: Option<String>,
    features: Option<String>,
}

/// A network that gives features of a picture.
#[derive(Clone, Debug)]
pub struct Backbone {
    /// Where it came from.
    pub path: PathBuf,
    /// SHA-256 of that file, in hex.
    pub sha256: String,
    /// What goes in.
    pub input: BackboneInput,
    /// Features of a picture.
    pub features: usize,
    /// Source and licence, as the file beside it says; empty where it does not.
    pub source: [String; 2],
    /// The network, cut behind its features.
    model: pb::ModelProto,
    /// Name of the features, shape `(1, features)`.
    output: String,
}

impl Backbone {
    /// Reads an ONNX file, and `NAME.toml` beside it if there is one.
    ///
    /// # Arguments
    /// * `features`: the tensor to use. Without it, and without `features` in that file: the input of the last dense layer where the network ends in one that gives classes,
    ///   else the network's output. Of a tensor with places (`(1, channels, height, width)`) each channel's mean is used.
    ///
    /// # Errors
    /// [`BackboneError`].
    pub fn read(path: &Path, features: Option<&str>) -> Result<Self, BackboneError> {
        let bytes =
            std::fs::read(path).map_err(|source| BackboneError::Io { path: path.to_owned(), source })?;
        let not_onnx = |why: &str| BackboneError::NotOnnx { path: path.to_owned(), why: why.to_owned() };
        let mut model = pb::ModelProto::decode(bytes.as_slice())
            .map_err(|_| not_onnx("its bytes are no protocol buffer of that form"))?;
        // Older readers refuse numbers that are not listed among the inputs too, which newer files need not do.
        model.ir_version = model.ir_version.max(4);
        let graph = model.graph.as_mut().ok_or_else(|| not_onnx("it holds no graph"))?;
        if graph.node.is_empty() {
            return Err(not_onnx("its graph has no nodes"));
        }
        let record = read_record(path)?;
        let side = fix_input(graph, path)?;
        let wanted = match features.or(record.features.as_deref()) {
            Some(name) => name.to_owned(),
            None => usual_features(graph).ok_or_else(|| not_onnx("its graph has no output"))?,
        };
        cut_behind(graph, &wanted);
        if graph.node.is_empty() {
            let why = format!("no tensor is called {wanted}");
            return Err(BackboneError::Features { path: path.to_owned(), why, found: last_tensors(&bytes) });
        }
        graph.output = vec![pb::ValueInfoProto { name: wanted.clone(), ..pb::ValueInfoProto::default() }];
        let name = name_of(path);
        let tract = |error: crate::infer::InferError| BackboneError::Tract {
            path: path.to_owned(),
            why: error.to_string(),
        };
        let interface = onnx_interface(&name, &model.encode_to_vec()).map_err(tract)?;
        let shape = interface.output.1;
        let (count, has_places) = match shape.as_slice() {
            [1, count] => (*count, false),
            [1, count, rest @ ..] if rest.iter().all(|side| *side == 1) => (*count, true),
            [1, count, _, _] => (*count, true),
            _ => {
                let why = format!("{wanted} has shape {shape:?}, which are no features of one picture");
                return Err(BackboneError::Features {
                    path: path.to_owned(),
                    why,
                    found: last_tensors(&bytes),
                });
            }
        };
        let output = if has_places { add_mean(&mut model, &wanted) } else { wanted };
        if let Some(graph) = model.graph.as_mut() {
            graph.output = vec![value_info(&output, &[1, count])];
        }
        let [mean, std] = [record.mean.unwrap_or(IMAGENET.0), record.std.unwrap_or(IMAGENET.1)];
        Ok(Self {
            path: path.to_owned(),
            sha256: sha256_hex(&bytes),
            input: BackboneInput { side, mean, std },
            features: count,
            source: [record.source.unwrap_or_default(), record.licence.unwrap_or_default()],
            model,
            output,
        })
    }

    /// Its name: that of the file.
    pub fn name(&self) -> String {
        name_of(&self.path)
    }

    /// The tensor that holds its features.
    pub fn output(&self) -> &str {
        &self.output
    }

    /// A network that computes the features, for one thread.
    ///
    /// # Errors
    /// [`BackboneError::Tract`].
    pub fn network(&self) -> Result<Network, BackboneError> {
        let tract = |error: crate::infer::InferError| BackboneError::Tract {
            path: self.path.clone(),
            why: error.to_string(),
        };
        let file = self.path.display().to_string();
        Network::without_card(&self.name(), &file, &self.model.encode_to_vec()).map_err(tract)
    }

    /// The backbone with a head behind it, as one file. `head` adds its nodes behind the features that it is given and says the name of
    /// its output.
    pub(in crate::train) fn joined(
        &self,
        outputs: usize,
        head: impl FnOnce(&mut Writer, &str) -> String,
    ) -> Vec<u8> {
        let mut model = self.model.clone();
        let mut writer = Writer::new("onset_head_");
        let output = head(&mut writer, &self.output);
        let (nodes, initializers) = writer.into_parts();
        if let Some(graph) = model.graph.as_mut() {
            graph.node.extend(nodes);
            graph.initializer.extend(initializers);
            graph.output = vec![value_info(&output, &[1, outputs])];
        }
        model.producer_name = format!("{} + onset", model.producer_name);
        model.encode_to_vec()
    }
}

fn name_of(path: &Path) -> String {
    path.file_stem().map_or_else(|| "backbone".to_owned(), |stem| stem.to_string_lossy().into_owned())
}

fn read_record(path: &Path) -> Result<Record, BackboneError> {
    let beside = path.with_extension("toml");
    match std::fs::read_to_string(&beside) {
        Ok(text) => toml::from_str(&text)
            .map_err(|error| BackboneError::Record { path: beside, why: error.message().to_owned() }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Record::default()),
        Err(source) => Err(BackboneError::Io { path: beside, source }),
    }
}

/// Gives the input a fixed shape, one picture; height and width.
fn fix_input(graph: &mut pb::GraphProto, path: &Path) -> Result<[usize; 2], BackboneError> {
    let wrong = |why: String| BackboneError::Input { path: path.to_owned(), why };
    let numbers: BTreeSet<&str> = graph.initializer.iter().map(|one| one.name.as_str()).collect();
    // Older files list their numbers among the inputs.
    let inputs: Vec<pb::ValueInfoProto> =
        graph.input.iter().filter(|input| !numbers.contains(input.name.as_str())).cloned().collect();
    let [input] = inputs.as_slice() else {
        return Err(wrong(format!("it takes {} inputs", inputs.len())));
    };
    let shape = dims_of(input);
    let side = match shape.as_slice() {
        [batch, channels, height, width]
            if batch.is_none_or(|n| n == 1) && channels.is_none_or(|n| n == 3) =>
        {
            [height.unwrap_or(USUAL_SIDE), width.unwrap_or(USUAL_SIDE)]
        }
        _ => {
            let shown: Vec<String> =
                shape.iter().map(|dim| dim.map_or("?".to_owned(), |dim| dim.to_string())).collect();
            return Err(wrong(format!("its input {} has shape ({})", input.name, shown.join(", "))));
        }
    };
    let fixed = value_info(&input.name, &[1, 3, side[0], side[1]]);
    // Shapes inside may name the open dimensions; they are worked out anew.
    graph.value_info.clear();
    graph.input = vec![fixed];
    Ok(side)
}

/// The dimensions of a tensor; `None` where one is left open.
fn dims_of(info: &pb::ValueInfoProto) -> Vec<Option<usize>> {
    let Some(pb::type_proto::Value::TensorType(tensor)) =
        info.r#type.as_ref().and_then(|kind| kind.value.as_ref())
    else {
        return Vec::new();
    };
    let dim = |dim: &pb::tensor_shape_proto::Dimension| match dim.value {
        Some(pb::tensor_shape_proto::dimension::Value::DimValue(size)) if size > 0 => {
            usize::try_from(size).ok()
        }
        _ => None,
    };
    tensor.shape.iter().flat_map(|shape| shape.dim.iter().map(dim)).collect()
}

/// Where features usually are: before the dense layer that ends a classifier, else at the output.
fn usual_features(graph: &pb::GraphProto) -> Option<String> {
    let by_output: BTreeMap<&str, &pb::NodeProto> = graph
        .node
        .iter()
        .flat_map(|node| node.output.iter().map(move |name| (name.as_str(), node)))
        .collect();
    let end = graph.output.first()?.name.clone();
    let mut at = end.as_str();
    let numbers: BTreeSet<&str> = graph.initializer.iter().map(|one| one.name.as_str()).collect();
    // A damaged graph may lead in a circle.
    for _ in &graph.node {
        let Some(node) = by_output.get(at) else { return Some(end) };
        let from = node.input.iter().find(|name| !numbers.contains(name.as_str()));
        match (node.op_type.as_str(), from) {
            // What may stand behind the last dense layer: its offsets, and a softmax.
            ("Softmax" | "LogSoftmax" | "Add" | "Identity", Some(from)) => at = from,
            ("Gemm" | "MatMul", Some(from)) => return Some(from.clone()),
            _ => return Some(end),
        }
    }
    Some(end)
}

/// Keeps only what a tensor needs.
fn cut_behind(graph: &mut pb::GraphProto, wanted: &str) {
    let mut needed = BTreeSet::from([wanted.to_owned()]);
    let mut kept: Vec<pb::NodeProto> = Vec::new();
    for node in graph.node.iter().rev() {
        if node.output.iter().any(|name| needed.contains(name)) {
            needed.extend(node.input.iter().cloned());
            kept.push(node.clone());
        }
    }
    kept.reverse();
    graph.node = kept;
    graph.initializer.retain(|one| needed.contains(&one.name));
}

/// Adds the mean of each channel; the new output's name.
fn add_mean(model: &mut pb::ModelProto, from: &str) -> String {
    let mut writer = Writer::new("onset_mean_");
    let mean = writer.node("GlobalAveragePool", &[from], Vec::new());
    let output = writer.node("Flatten", &[&mean], vec![super::write::int("axis", 1)]);
    if let Some(graph) = model.graph.as_mut() {
        graph.node.extend(writer.into_parts().0);
    }
    output
}

/// The last tensors of a file, for a message.
fn last_tensors(bytes: &[u8]) -> String {
    let graph = pb::ModelProto::decode(bytes).ok().and_then(|model| model.graph).unwrap_or_default();
    let names = graph.node.iter().rev().filter_map(|node| node.output.first());
    names.take(8).cloned().collect::<Vec<_>>().join(", ")
}
