//! A fitted recogniser as files: ONNX, its record, its card.

use std::path::{Path, PathBuf};

use super::fit::{FitParams, Fitted};
use super::input::InputSpec;
use super::network::NetworkKind;
use super::plan::{Fold, PlanParams, all_but_watched};
use super::prepared::Prepared;
use super::record::RecogniserRecord;
use crate::dataset::Dataset;
use crate::infer::{ModelCard, TensorCard, onnx_interface, sha256_hex};
use crate::train::TrainError;
use crate::train::files::{self, failed};

/// Figures for the card: names and values.
pub type Figures = toml::Table;

/// What belongs together.
#[derive(Clone, Debug)]
pub struct ExportedRecogniser {
    /// The ONNX file.
    pub onnx: Vec<u8>,
    /// Its record.
    pub record: RecogniserRecord,
    /// Its card.
    pub card: ModelCard,
    /// Largest difference between tract's outputs and the trainer's.
    pub difference: f32,
}

impl ExportedRecogniser {
    /// The examples that a network learns from which is to be used, not tested: all but a part of the people who are watched.
    pub fn fold(data: &Dataset, prepared: &Prepared, params: &PlanParams) -> Fold {
        all_but_watched(data, prepared, params)
    }

    /// Turns a fitted network into files' contents. `command` is what the user typed.
    ///
    /// # Errors
    /// [`TrainError::Export`] where tract disagrees with the trainer by more than 1e-4; [`TrainError::Dataset`] where the data cannot be
    /// hashed.
    pub fn new(
        (network, fitted): (&NetworkKind, &Fitted),
        (data, prepared, fold): (&Dataset, &Prepared, &Fold),
        params: &FitParams,
        command: &str,
        figures: Figures,
    ) -> Result<Self, TrainError> {
        let graph = &fitted.graph;
        let onnx = match network {
            NetworkKind::Transfer(backbone) => {
                backbone.joined(graph.shape.outputs, |writer, features| graph.append_to(writer, features))
            }
            _ => graph.to_onnx(),
        };
        let data_sha256 = crate::infer::hex(&prepared.used(data).fingerprint()?);
        let text = |value: &str| toml::Value::String(value.to_owned());
        let count = |value: usize| toml::Value::Integer(i64::try_from(value).unwrap_or(i64::MAX));
        let mut training = toml::Table::new();
        training.insert("command".to_owned(), text(command));
        training.insert("version".to_owned(), text(env!("CARGO_PKG_VERSION")));
        training.insert("seed".to_owned(), text(&params.seed.to_string()));
        training.insert("data_sha256".to_owned(), text(&data_sha256));
        training.insert("learned".to_owned(), count(fold.learn.len()));
        training.insert("watched".to_owned(), count(fold.watch.len()));
        training.insert("left_out".to_owned(), count(prepared.left_out.len()));
        training.insert("epoch".to_owned(), count(fitted.best.epoch));
        training.insert("weights".to_owned(), count(graph.shape.learned_count()));
        training.insert("watched_accuracy".to_owned(), rounded(f64::from(fitted.best.watched_accuracy)));
        training.extend(figures);
        let record = RecogniserRecord {
            sha256: sha256_hex(&onnx),
            network: network.name(),
            classes: prepared.classes.clone(),
            input: prepared.spec.clone(),
            training,
        };
        let card = card(network, &record, &onnx, &data_sha256, command)?;
        let difference = difference(network, fitted, prepared, &card, &onnx)?;
        Ok(Self { onnx, record, card, difference })
    }

    /// Writes `NAME.onnx`, its record `NAME.toml`, its card `NAME.card.toml`, and renews the card in a `models.toml` beside it if there is
    /// one. Returns the files written.
    ///
    /// # Errors
    /// [`TrainError::File`] naming the file that cannot be written.
    pub fn write(&self, path: &Path) -> Result<Vec<PathBuf>, TrainError> {
        let mut card = self.card.clone();
        if let Some(name) = path.file_name() {
            card.file = name.to_string_lossy().into_owned();
        }
        let mut written = files::write(path, &self.onnx, &self.record, &card)?;
        let card_path = path.with_extension("card.toml");
        let text = toml::to_string(&card).map_err(failed)?;
        std::fs::write(&card_path, text).map_err(|error| TrainError::file(&card_path, &error))?;
        written.push(card_path);
        Ok(written)
    }
}

fn rounded(value: f64) -> toml::Value {
    toml::Value::Float((value * 1e4).round() / 1e4)
}

/// What no such network must be used for.
const LIMITS: &str = "Learned from the data named in its record; whom it reads worse is not known beyond the figures there. Labels say how a face \
                      looks or what a stimulus was to bring about, not what a person feels; not for identification, nor for any decision about a \
                      person.";

fn card(
    network: &NetworkKind,
    record: &RecogniserRecord,
    onnx: &[u8],
    data_sha256: &str,
    command: &str,
) -> Result<ModelCard, TrainError> {
    let interface = onnx_interface(&record.network, onnx).map_err(failed)?;
    let [input, output] = [interface.input, interface.output];
    let layout = match record.input {
        InputSpec::Gray { .. } => "NCHW, gray face, minus its mean, over its standard deviation plus 4",
        InputSpec::Rgb { .. } => "NCHW, RGB face, (value / 255 - mean) / std as in its record",
        InputSpec::Flow { .. } => "NCHW, horizontal flow, vertical flow, strain from onset to apex, -1 to 1",
        InputSpec::Sequence { .. } => {
            "NCHW, motion of the face's regions, then its change, from onset to offset, in hundredths of the ICD"
        }
    };
    let (licence, from) = match network {
        NetworkKind::Transfer(backbone) => {
            let [source, licence] = &backbone.source;
            let unknown =
                |text: &str| if text.is_empty() { "not stated".to_owned() } else { text.to_owned() };
            let from = format!(
                "; backbone {} (SHA-256 {}), {}, licence {}",
                backbone.name(),
                backbone.sha256,
                unknown(source),
                unknown(licence)
            );
            ("that of the backbone and of the data".to_owned(), from)
        }
        _ => ("that of the data".to_owned(), String::new()),
    };
    Ok(ModelCard {
        name: record.network.clone(),
        file: format!("{}.onnx", record.network),
        what: format!("Recogniser of {}", record.classes.join(", ")),
        source: format!("made by `{command}` from data with SHA-256 {data_sha256}{from}"),
        version: format!(
            "seed {}",
            record.training.get("seed").map_or("", |seed| seed.as_str().unwrap_or(""))
        ),
        licence,
        attribution: "trained with Onset".to_owned(),
        sha256: record.sha256.clone(),
        limits: LIMITS.to_owned(),
        input: TensorCard {
            name: input.0,
            shape: input.1,
            layout: layout.to_owned(),
            range: None,
            what: String::new(),
        },
        outputs: vec![TensorCard {
            name: output.0,
            shape: output.1,
            layout: String::new(),
            range: None,
            what: format!("logits: {}", record.classes.join(", ")),
        }],
    })
}

/// tract's outputs against the trainer's, on random numbers.
fn difference(
    network: &NetworkKind,
    fitted: &Fitted,
    prepared: &Prepared,
    card: &ModelCard,
    onnx: &[u8],
) -> Result<f32, TrainError> {
    let spec = &prepared.spec;
    let inputs = files::random_inputs(card, 2.0);
    let [height, width, channels] = spec.size();
    // The trainer's order is (height, width, channels).
    let trainers = |input: &[f32]| -> Vec<f32> {
        (0..height * width)
            .flat_map(|at| (0..channels).map(move |channel| input[channel * height * width + at]))
            .collect()
    };
    match network {
        NetworkKind::Transfer(backbone) => {
            let features = std::cell::RefCell::new(backbone.network()?);
            files::difference(card, onnx, &inputs, |input| match features.borrow_mut().run(input) {
                Ok(outputs) => fitted.graph.logits(outputs.values(0)),
                // No outputs are another number of outputs, which is refused.
                Err(_) => Vec::new(),
            })
        }
        _ => files::difference(card, onnx, &inputs, |input| fitted.graph.logits(&trainers(input))),
    }
}
