//! A fitted classifier as files: ONNX, its record, its card.

use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor, TensorData};
use burn_onnx::export::OnnxExporter;

use super::calibrate::{temperature, typical_neutral};
use super::fit::{FitParams, Fitted};
use super::folded::FoldedNet;
use super::round::RefineParams;
use crate::expression::{ExpressionRecord, FaceRegion};
use crate::infer::{ModelCard, TensorCard, onnx_interface, sha256_hex};
use crate::train::TrainError;
use crate::train::files::{self, failed};
use crate::types::Label;

/// What belongs together.
#[derive(Clone, Debug)]
pub struct Exported {
    /// The ONNX file.
    pub onnx: Vec<u8>,
    /// Its record.
    pub record: ExpressionRecord,
    /// Its card for `models/models.toml`; figures are added with [`Exported::with_figures`].
    pub card: ModelCard,
    /// Largest difference between tract's outputs and the training library's.
    pub difference: f32,
}

impl Exported {
    /// Turns a fitted network into files' contents. `command` is what the user typed, for the record.
    ///
    /// # Errors
    /// [`TrainError::Export`] where the network can't be written as ONNX, or tract disagrees.
    pub fn new(
        fitted: &Fitted,
        (params, refine): (&FitParams, &RefineParams),
        command: &str,
    ) -> Result<Self, TrainError> {
        let framing = params.region.framing();
        let shape = [1, 1, framing.height, framing.width];
        let device = Device::flex();
        let folded = FoldedNet::new(&fitted.net, &device);
        let sample = Tensor::<4>::zeros(shape, &device);
        let onnx =
            OnnxExporter::new().export(&folded, sample, FoldedNet::forward).map_err(failed)?.into_bytes();
        let card = card(&onnx, (params, refine), command)?;
        let run = |input: &[f32]| -> Vec<f32> {
            let tensor = Tensor::<4>::from_data(TensorData::new(input.to_vec(), shape), &device);
            folded.forward(tensor).into_data().iter::<f32>().collect()
        };
        let difference = files::difference(&card, &onnx, &files::random_inputs(&card, 2.0), run)?;
        let temperature = temperature(&fitted.watched);
        let record = ExpressionRecord {
            sha256: card.sha256.clone(),
            region: params.region.name().to_owned(),
            temperature,
            typical_neutral: typical_neutral(&fitted.watched, temperature),
            training: facts(fitted, (params, refine), command),
        };
        Ok(Self { onnx, record, card, difference })
    }

    /// Adds figures: to the card in words, to the record by name.
    pub fn with_figures(mut self, words: &str, figures: toml::Table) -> Self {
        self.card.limits = format!("{words} {}", self.card.limits);
        self.record.training.extend(figures);
        self
    }

    /// Writes the ONNX file, its record beside it (`.toml`), and renews the card in a `models.toml` beside it, if there
    /// is one. Returns the files written.
    ///
    /// # Errors
    /// [`TrainError::File`] naming the file that cannot be written.
    pub fn write(&self, path: &Path) -> Result<Vec<PathBuf>, TrainError> {
        files::write(path, &self.onnx, &self.record, &self.card)
    }
}

fn card(
    onnx: &[u8],
    (params, refine): (&FitParams, &RefineParams),
    command: &str,
) -> Result<ModelCard, TrainError> {
    let region = params.region;
    let model = region.model();
    let interface = onnx_interface(model.name(), onnx).map_err(failed)?;
    let [input, output] = [interface.input, interface.output];
    let (what, seen) = match region {
        FaceRegion::Face => ("Expression of a face", "from the forehead to the chin"),
        FaceRegion::Eyes => (
            "Expression of eyes and brows alone, the mouth is never seen",
            "from the forehead to the nose base, zeros below it",
        ),
    };
    let labels = Label::ALL.map(Label::name).join(", ");
    Ok(ModelCard {
        name: model.name().to_owned(),
        file: format!("{}.onnx", model.name()),
        what: format!("{what}: 8 labels from a gray picture"),
        source: format!(
            "made by `{command}` of this project from FER+: the pictures of FER2013 (collected from the web for a challenge in 2013, under \
             uncertain terms; none of them is in this file) with the crowd votes of FER+ (microsoft/FERPlus, MIT)"
        ),
        version: format!("seed {}, {} + {} epochs", params.seed, params.epochs, refine.epochs),
        licence: "MIT OR Apache-2.0".to_owned(),
        attribution: format!(
            "Onset {} network, the Onset authors, MIT OR Apache-2.0",
            model.name().replace('_', " ")
        ),
        sha256: sha256_hex(onnx),
        limits: LIMITS.to_owned(),
        input: TensorCard {
            name: input.0,
            shape: input.1,
            layout: format!(
                "NCHW, gray face, upright by its landmarks, {seen}; minus its mean, over its standard deviation plus 4"
            ),
            range: Some([-8.0, 8.0]),
            what: String::new(),
        },
        outputs: vec![TensorCard {
            name: output.0,
            shape: output.1,
            layout: String::new(),
            range: None,
            what: format!("logits, to be divided by the record's temperature before the softmax: {labels}"),
        }],
    })
}

/// What the classifiers must not be used for, and what the data they know implies.
const LIMITS: &str = "Learned from pictures that people put on the web and that were collected without their subjects' consent; \
                      who is in them, by age, sex, skin and origin, is not known, and others may be read worse. Disgust, contempt and fear are rare in \
                      them and are often missed. Labels say how a face looks to others, not what a person feels; not for identification, nor \
                      for any decision about a person.";

fn facts(fitted: &Fitted, (params, refine): (&FitParams, &RefineParams), command: &str) -> toml::Table {
    let count = |value: usize| toml::Value::Integer(i64::try_from(value).unwrap_or(i64::MAX));
    let text = |value: String| toml::Value::String(value);
    let framing = params.region.framing();
    let entries = [
        ("command", text(command.to_owned())),
        ("version", text(env!("CARGO_PKG_VERSION").to_owned())),
        ("seed", text(params.seed.to_string())),
        ("epochs", count(params.epochs)),
        ("refine_epochs", count(refine.epochs)),
        ("batch", count(params.batch)),
        ("weights", count(params.shape().weight_count())),
        ("multiply_adds", count(params.shape().multiply_adds(framing.height, framing.width))),
        ("channels", text(format!("{:?}", params.channels))),
        ("pictures_learned", count(fitted.learned)),
        ("pictures_watched", count(fitted.watched.len())),
        ("watched_accuracy", toml::Value::Float((f64::from(fitted.watched_accuracy()) * 1e4).round() / 1e4)),
    ];
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use rand::RngExt;
    use rand_pcg::Pcg64;
    use rand_pcg::rand_core::SeedableRng;

    use super::*;
    use crate::infer::Network;
    use crate::train::expression::{Net, Pass};

    /// A network with numbers in every place, as training leaves them.
    fn fitted(params: &FitParams) -> Fitted {
        let mut net = Net::new(&params.shape(), 4);
        let mut rng = Pcg64::seed_from_u64(5);
        for weight in &mut net.weights {
            *weight += 0.02 * (rng.random::<f32>() - 0.5);
        }
        for stat in &mut net.stats {
            *stat += 0.2 * rng.random::<f32>();
        }
        Fitted { net, learned: 1, watched: Vec::new() }
    }

    #[test]
    fn the_file_gives_what_the_network_gives() {
        for region in FaceRegion::ALL {
            let params = FitParams { channels: [4, 6, 8], ..FitParams::new(region) };
            let fitted = fitted(&params);
            let exported =
                Exported::new(&fitted, (&params, &RefineParams::default()), "onset train expression")
                    .unwrap();
            assert!(exported.difference < files::AGREEMENT);
            let mut network = Network::load(&exported.card, &exported.onnx).unwrap();
            let framing = region.framing();
            for input in files::random_inputs(&exported.card, 2.0) {
                let size = (framing.height, framing.width);
                let ours = fitted.net.forward(&input, size, false, &mut Pass::default());
                let theirs = network.run(&input).unwrap();
                let worst = ours.iter().zip(theirs.values(0)).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                assert!(worst < 1e-4, "{region:?}: {worst}");
            }
        }
    }
}
