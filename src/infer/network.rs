//! One network, loaded by tract, checked against its card, and run.

use tract_onnx::prelude::*;
use tract_onnx::tract_hir::internal::DimLike;

use super::prelu;
use super::rewrite::rewrite;
use super::{InferError, Manifest, Model, ModelCard, TensorCard, sha256_hex};

/// A network ready to run. Not shared between threads: each thread that infers has its own.
#[derive(Debug)]
pub struct Network {
    card: ModelCard,
    state: TypedSimpleState,
}

/// What one run gave; the values belong to this struct until it is dropped.
#[derive(Debug)]
pub struct Outputs(TVec<TValue>);

impl Outputs {
    /// The values of output `index`, in the order of the card; empty where the card has fewer outputs.
    pub fn values(&self, index: usize) -> &[f32] {
        self.0
            .get(index)
            .and_then(|tensor| tensor.as_plain_ram())
            // Loading checked that every output is f32, so the slice is always there.
            .and_then(|view| view.as_slice::<f32>().ok())
            .unwrap_or_default()
    }
}

impl Network {
    /// Loads an embedded network.
    ///
    /// # Errors
    /// See [`Network::load`].
    pub fn embedded(model: Model) -> Result<Self, InferError> {
        Self::load(Manifest::embedded()?.card(model.name())?, &model.bytes())
    }

    /// Loads an ONNX file and checks its inputs and outputs against the card.
    ///
    /// # Errors
    /// [`InferError::Load`] where tract cannot read it, [`InferError::Interface`] where names or shapes differ.
    pub fn load(card: &ModelCard, bytes: &[u8]) -> Result<Self, InferError> {
        Self::load_with(card, bytes, true)
    }

    /// Loads an ONNX file that has no card: one input and one output of fixed shape, as [`onnx_interface`] reads them. `name` and `file` are
    /// for messages.
    ///
    /// # Errors
    /// [`InferError::Load`] where tract cannot read it or it has another interface.
    pub fn without_card(name: &str, file: &str, bytes: &[u8]) -> Result<Self, InferError> {
        let interface = onnx_interface(name, bytes)?;
        let tensor = |(name, shape): (String, Vec<usize>)| TensorCard {
            name,
            shape,
            layout: String::new(),
            range: None,
            what: String::new(),
        };
        let card = ModelCard {
            name: name.to_owned(),
            file: file.to_owned(),
            what: String::new(),
            source: String::new(),
            version: String::new(),
            licence: String::new(),
            attribution: String::new(),
            sha256: sha256_hex(bytes),
            limits: String::new(),
            input: tensor(interface.input),
            outputs: vec![tensor(interface.output)],
        };
        guarded(name, || Self::load(&card, bytes))
    }

    /// With our operators where they are faster, or with tract's own.
    fn load_with(card: &ModelCard, bytes: &[u8], is_fast: bool) -> Result<Self, InferError> {
        let failed =
            |error: TractError| InferError::Load { model: card.name.clone(), why: format!("{error:#}") };
        let mut onnx = tract_onnx::onnx();
        if is_fast {
            prelu::register(&mut onnx);
        }
        let parsed = onnx.model_for_read(&mut &*bytes).map_err(failed)?;
        let found = Interface::of_names(&parsed).map_err(failed)?;
        let typed = parsed.into_typed().map_err(failed)?;
        let found = found.with_shapes(&typed).map_err(failed)?;
        found.check(card)?;
        let optimized = (|| {
            let mut decluttered = typed.into_decluttered()?;
            if is_fast {
                rewrite(&mut decluttered)?;
            }
            decluttered.into_optimized()
        })();
        let optimized = optimized.map_err(failed)?;
        let state = optimized.into_runnable().and_then(|plan| plan.spawn()).map_err(failed)?;
        Ok(Self { card: card.clone(), state })
    }

    /// The card that it was loaded with.
    pub fn card(&self) -> &ModelCard {
        &self.card
    }

    /// Runs the network on one input, in the card's shape and layout, row by row.
    ///
    /// # Errors
    /// [`InferError::InputLength`] where the input is too short or too long, [`InferError::Run`] where tract fails.
    pub fn run(&mut self, input: &[f32]) -> Result<Outputs, InferError> {
        let expected = self.card.input.len();
        if input.len() != expected {
            let model = self.card.name.clone();
            return Err(InferError::InputLength { model, found: input.len(), expected });
        }
        Tensor::from_shape(&self.card.input.shape, input)
            .and_then(|tensor| self.state.run(tvec!(tensor.into_tvalue())))
            .map(Outputs)
            .map_err(|error| InferError::Run { model: self.card.name.clone(), why: format!("{error:#}") })
    }
}

/// Name and dimensions of the only input and the only output of an ONNX file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnnxInterface {
    /// The input.
    pub input: (String, Vec<usize>),
    /// The output.
    pub output: (String, Vec<usize>),
}

/// Reads the interface of an ONNX file that has one f32 input and one f32 output of fixed shape: for the card of a network
/// that was just trained. `name` is for messages.
///
/// # Errors
/// [`InferError::Load`] where tract cannot read it or it has another interface.
pub fn onnx_interface(name: &str, bytes: &[u8]) -> Result<OnnxInterface, InferError> {
    guarded(name, || read_interface(name, bytes))
}

/// Runs work on a file that may be anything: tract 0.23.9 panics on some damaged ones (`ops/cnn/padding.rs`), which must not end the
/// program. Nothing that the work touches is used after a panic.
fn guarded<T>(name: &str, work: impl FnOnce() -> Result<T, InferError>) -> Result<T, InferError> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(InferError::Load { model: name.to_owned(), why: "its layers do not fit each other".to_owned() })
    })
}

fn read_interface(name: &str, bytes: &[u8]) -> Result<OnnxInterface, InferError> {
    let load = |why: String| InferError::Load { model: name.to_owned(), why };
    let failed = |error: TractError| load(format!("{error:#}"));
    let parsed = tract_onnx::onnx().model_for_read(&mut &*bytes).map_err(failed)?;
    let found = Interface::of_names(&parsed).map_err(failed)?;
    let found = found.with_shapes(&parsed.into_typed().map_err(failed)?).map_err(failed)?;
    match (found.inputs.as_slice(), found.outputs.as_slice()) {
        ([(input, Some(input_shape))], [(output, Some(output_shape))]) => Ok(OnnxInterface {
            input: (input.clone(), input_shape.clone()),
            output: (output.clone(), output_shape.clone()),
        }),
        _ => Err(load("it has not one input and one output of fixed shape".to_owned())),
    }
}

/// Names and shapes as found in a file.
struct Interface {
    inputs: Vec<(String, Option<Vec<usize>>)>,
    outputs: Vec<(String, Option<Vec<usize>>)>,
}

impl Interface {
    fn of_names(model: &InferenceModel) -> TractResult<Self> {
        let name = |outlet: &OutletId| {
            let label = model.outlet_label(*outlet).map(str::to_owned);
            (label.unwrap_or_else(|| model.node(outlet.node).name.clone()), None)
        };
        Ok(Self {
            inputs: model.input_outlets()?.iter().map(name).collect(),
            outputs: model.output_outlets()?.iter().map(name).collect(),
        })
    }

    fn with_shapes(mut self, model: &TypedModel) -> TractResult<Self> {
        let shape = |fact: &TypedFact| -> Option<Vec<usize>> {
            if fact.datum_type != f32::datum_type() {
                return None;
            }
            fact.shape.iter().map(|dim| dim.to_usize().ok()).collect()
        };
        for (index, (_, found)) in self.inputs.iter_mut().enumerate() {
            *found = shape(model.input_fact(index)?);
        }
        for (index, (_, found)) in self.outputs.iter_mut().enumerate() {
            *found = shape(model.output_fact(index)?);
        }
        Ok(self)
    }

    fn check(&self, card: &ModelCard) -> Result<(), InferError> {
        let describe = |tensors: &[(String, Option<Vec<usize>>)]| -> Vec<String> {
            let each = tensors.iter().map(|(name, shape)| match shape {
                Some(shape) => format!("{name} {shape:?}"),
                None => format!("{name} (not f32 of fixed shape)"),
            });
            each.collect()
        };
        let carded = |tensor: &super::TensorCard| format!("{} {:?}", tensor.name, tensor.shape);
        let found = (describe(&self.inputs), describe(&self.outputs));
        let expected: (Vec<_>, Vec<_>) =
            (vec![carded(&card.input)], card.outputs.iter().map(carded).collect());
        if found == expected {
            return Ok(());
        }
        let text = |(inputs, outputs): (Vec<String>, Vec<String>)| {
            format!("inputs {} and outputs {}", inputs.join(", "), outputs.join(", "))
        };
        Err(InferError::Interface { model: card.name.clone(), found: text(found), expected: text(expected) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(len: usize) -> Vec<f32> {
        let mut state = 1u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1u32 << 24) as f32
        };
        (0..len).map(|_| next()).collect()
    }

    /// With our operators in the graph and with tract's own, every network gives the same to within rounding.
    #[test]
    fn our_operators_equal_stock() {
        let manifest = Manifest::embedded().unwrap();
        for model in [
            Model::FaceDetector,
            Model::FaceLandmarks,
            Model::FaceBlendshapes,
            Model::Expression,
            Model::ExpressionEyes,
        ] {
            let card = manifest.card(model.name()).unwrap();
            let input = noise(card.input.len());
            let ours = Network::load(card, &model.bytes()).unwrap().run(&input).unwrap();
            let stock = Network::load_with(card, &model.bytes(), false).unwrap().run(&input).unwrap();
            for output in 0..card.outputs.len() {
                let (ours, stock) = (ours.values(output), stock.values(output));
                assert_eq!(ours.len(), card.outputs[output].len());
                let largest = stock.iter().fold(0.0f32, |largest, v| largest.max(v.abs()));
                let worst = ours.iter().zip(stock).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                assert!(worst < 1e-4 * largest.max(1.0), "{}: {worst} of {largest}", card.name);
            }
        }
    }

    /// A rewrite that finds nothing to replace would pass the test above.
    #[test]
    fn our_operators_are_in_the_graphs() {
        let manifest = Manifest::embedded().unwrap();
        for (model, meant) in [
            (Model::FaceDetector, ["ToPlanes", "Depthwise3", "StepPool", "AddPrelu"].as_slice()),
            (Model::FaceLandmarks, &["ToPlanes", "Depthwise3", "StepPool", "AddPrelu", "FusedPrelu"]),
            (Model::Expression, &["AddPrelu", "StepPool"]),
        ] {
            let network = Network::load(manifest.card(model.name()).unwrap(), &model.bytes()).unwrap();
            let plan = network.state.model();
            let names: Vec<_> = plan.nodes().iter().map(|node| node.op.name()).collect();
            for op in meant {
                assert!(names.iter().any(|name| name == op), "{}: no {op}", model.name());
            }
            assert!(
                !names.iter().any(|name| name == "DepthWiseConv" || name == "OptMaxPool"),
                "{}",
                model.name()
            );
        }
    }

    #[test]
    fn the_same_input_gives_the_same_bits() {
        let mut network = Network::embedded(Model::FaceDetector).unwrap();
        let input = noise(network.card().input.len());
        let first = network.run(&input).unwrap().values(0).to_vec();
        assert_eq!(first, network.run(&input).unwrap().values(0));
    }

    #[test]
    fn a_wrong_length_is_refused() {
        let mut network = Network::embedded(Model::Expression).unwrap();
        let message = network.run(&[0.0; 3]).unwrap_err().to_string();
        assert!(message.contains("3 input values") && message.contains("2304"), "{message}");
    }

    #[test]
    fn a_wrong_card_is_refused() {
        let mut card = Manifest::embedded().unwrap().card("expression").unwrap().clone();
        card.outputs[0].shape = vec![1, 7];
        let message = Network::load(&card, &Model::Expression.bytes()).unwrap_err().to_string();
        assert!(message.contains("[1, 7]") && message.contains("[1, 8]"), "{message}");
        assert!(matches!(Network::load(&card, b"not a network"), Err(InferError::Load { .. })));
    }
}
