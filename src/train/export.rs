//! A fitted spotter network as files: ONNX, its record, its card.

use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use burn_onnx::export::OnnxExporter;

use super::files::{self, failed};
use super::fit::{FitParams, Fitted};
use super::model::SpotterNet;
use super::window_net::WindowNet;
use super::{Split, TrainError};
use crate::infer::{Model, ModelCard, TensorCard, onnx_interface, sha256_hex};
use crate::spot::network::SpotterRecord;

/// What belongs together.
#[derive(Clone, Debug)]
pub struct Exported {
    /// The ONNX file.
    pub onnx: Vec<u8>,
    /// Its record.
    pub record: SpotterRecord,
    /// Its card for `models/models.toml`.
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
        params: &FitParams,
        split: &Split,
        command: &str,
    ) -> Result<Self, TrainError> {
        let window = [params.model.receptive_field(), params.features.channels()];
        let onnx = onnx_of(&fitted.model, window)?;
        let sha256 = sha256_hex(&onnx);
        let interface = onnx_interface(Model::Spotter.name(), &onnx).map_err(failed)?;
        let [input, output] = [interface.input, interface.output];
        let limits = limits(fitted);
        let card = ModelCard {
            name: Model::Spotter.name().to_owned(),
            file: "spotter.onnx".to_owned(),
            what: "Temporal network of the spotter: brief movements that come and return, from the motion of the face's \
                   patches"
                .to_owned(),
            source: format!(
                "made by `{command}` of this project: real motion of {} recordings of {} people with injected \
                 events; the file holds what was learned from numbers (displacements), no picture is in it",
                fitted.recordings[0], fitted.people[0]
            ),
            version: format!("seed {}, step {} of {}", params.seed, fitted.best_step, params.steps),
            licence: "MIT OR Apache-2.0".to_owned(),
            attribution: "Onset spotter network, the Onset authors, MIT OR Apache-2.0".to_owned(),
            sha256: sha256.clone(),
            limits,
            input: TensorCard {
                name: input.0,
                shape: input.1,
                layout: "ticks (1/30 s), oldest first, by features (models/spotter.toml)".to_owned(),
                range: Some([-20.0, 20.0]),
                what: String::new(),
            },
            outputs: vec![TensorCard {
                name: output.0,
                shape: output.1,
                layout: String::new(),
                range: None,
                what: "logits of a rise and of a return within the last 100 ms; s since onset, apex of the rise; s \
                       since onset, apex, offset of the return"
                    .to_owned(),
            }],
        };
        let windows = files::random_inputs(&card, 3.0);
        let difference =
            files::difference(&card, &onnx, &windows, |window| outputs_of(&fitted.model, &card, window))?;
        let record = SpotterRecord {
            sha256,
            window_ticks: window[0],
            decision: fitted.validation.decision,
            observable_sigmas: fitted.validation.observable_sigmas,
            features: fitted.features.clone(),
            training: facts(fitted, params, split, command),
        };
        Ok(Self { onnx, record, card, difference })
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

fn onnx_of(model: &SpotterNet, window: [usize; 2]) -> Result<Vec<u8>, TrainError> {
    let sample = Tensor::<2>::zeros(window, &Device::flex());
    let model = WindowNet::new(model, &Device::flex());
    let exported = OnnxExporter::new().export(&model, sample, WindowNet::forward).map_err(failed)?;
    Ok(exported.into_bytes())
}

/// What the training library makes of a window.
fn outputs_of(model: &SpotterNet, card: &ModelCard, window: &[f32]) -> Vec<f32> {
    let shape = [card.input.shape[0], card.input.shape[1]];
    let tensor = Tensor::<2>::from_data(TensorData::new(window.to_vec(), shape), &Device::flex());
    model.forward_window(tensor).into_data().iter::<f32>().collect()
}

fn limits(fitted: &Fitted) -> String {
    let (injected, untouched) = (&fitted.validation.injected, &fitted.validation.untouched);
    format!(
        "On {} held-out people: F1 {:.2} (recall {:.2}) on events of 1.5-6 % of the inner-canthal distance added \
         to their signals, {:.1} false alarms a minute on {:.1} minutes as they are. Trained on few people and on synthetic events: whoever needs \
         figures for other people and cameras must measure them. It says that something moved and returned, not what a \
         person feels; not for any decision about a person.",
        fitted.people[1],
        injected.f1(),
        injected.recall(),
        untouched.alarms_per_min(),
        untouched.minutes,
    )
}

fn facts(fitted: &Fitted, params: &FitParams, split: &Split, command: &str) -> toml::Table {
    let (injected, untouched) = (&fitted.validation.injected, &fitted.validation.untouched);
    let rounded = |value: f64| toml::Value::Float((value * 1000.0).round() / 1000.0);
    let count = |value: usize| toml::Value::Integer(i64::try_from(value).unwrap_or(i64::MAX));
    let text = |value: String| toml::Value::String(value);
    let entries = [
        ("command", text(command.to_owned())),
        ("version", text(env!("CARGO_PKG_VERSION").to_owned())),
        ("seed", text(params.seed.to_string())),
        ("steps", count(params.steps)),
        ("best_step", count(fitted.best_step)),
        ("batch", count(params.batch)),
        ("weights", count(fitted.model.num_params())),
        ("hidden", count(params.model.hidden)),
        ("dilations", text(format!("{:?}", params.model.dilations))),
        ("fold", text(format!("{} of {}", params.fold.index, params.fold.count))),
        ("bases_tune", count(split.tune().len())),
        ("people_trained", count(fitted.people[0])),
        ("people_held_out", count(fitted.people[1])),
        ("injected_f1", rounded(injected.f1())),
        ("injected_recall", rounded(injected.recall())),
        ("injected_false_alarms_per_min", rounded(injected.alarms_per_min())),
        ("untouched_minutes", rounded(untouched.minutes)),
        ("untouched_false_alarms_per_min", rounded(untouched.alarms_per_min())),
        ("untouched_false_rises_per_min", rounded(untouched.rises_per_min())),
    ];
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}
