//! Fits the network to endless examples and keeps the weights that did best on people left out.

use burn::grad_clipping::GradientClippingConfig;
use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::Device;

use super::TrainError;
use super::average::Average;
use super::bank::Bank;
use super::loss::{LossParams, loss};
use super::model::{ModelParams, SpotterNet};
use super::sampler::{SampleParams, Sampler};
use super::usual::usual_motion;
use super::validate::{Validation, ValidationParams, ValidationSet};
use super::{Fold, Recording, held_out};
use crate::spot::network::FeatureParams;

/// Everything that decides what comes out, besides the data.
#[derive(Clone, Debug, PartialEq)]
pub struct FitParams {
    /// Seed of everything random.
    pub seed: u64,
    /// Optimiser steps.
    pub steps: usize,
    /// Different examples; each is drawn several times.
    pub examples: usize,
    /// Examples in a step.
    pub batch: usize,
    /// Highest learning rate; it rises over the first twentieth of the steps, then falls as a cosine.
    pub learning_rate: f64,
    /// Weight decay (Loshchilov, Hutter 2019, arXiv:1711.05101).
    pub weight_decay: f32,
    /// Share of itself that the running average of the weights keeps at each step; the average is what is validated and kept.
    pub average_keep: f32,
    /// Steps between validations.
    pub validate_every: usize,
    /// Which people are held out.
    pub fold: Fold,
    /// Features.
    pub features: FeatureParams,
    /// Network.
    pub model: ModelParams,
    /// Loss.
    pub loss: LossParams,
    /// Examples.
    pub samples: SampleParams,
    /// Validation.
    pub validation: ValidationParams,
}

impl Default for FitParams {
    fn default() -> Self {
        let model = ModelParams::default();
        Self {
            seed: 1,
            steps: 1500,
            examples: 6000,
            batch: 32,
            learning_rate: 3e-3,
            weight_decay: 0.01,
            average_keep: 0.99,
            validate_every: 250,
            fold: Fold::default(),
            features: FeatureParams::default(),
            loss: LossParams::default(),
            samples: SampleParams { context_ticks: model.receptive_field() - 1, ..SampleParams::default() },
            model,
            validation: ValidationParams::default(),
        }
    }
}

/// What [`fit`] tells of itself.
#[derive(Clone, Debug, PartialEq)]
pub enum FitStep {
    /// So many examples were made.
    Made(usize),
    /// A step was taken: number and loss.
    Step(usize, f32),
    /// The network was tried on people left out, after so many steps.
    Validated(usize, Validation),
}

/// A fitted network.
#[derive(Debug)]
pub struct Fitted {
    /// The weights, ready to run.
    pub model: SpotterNet,
    /// The features that it is shown, with what the people do who were trained on.
    pub features: FeatureParams,
    /// Steps after which they were best.
    pub best_step: usize,
    /// How they did then.
    pub validation: Validation,
    /// How many people and recordings were trained on, and how many held out.
    pub people: [usize; 2],
    /// See `people`.
    pub recordings: [usize; 2],
}

/// Fits a network to recordings. `progress` is told of each step and says whether to go on.
///
/// # Errors
/// [`TrainError::TooLittle`] where one part of the people is empty, [`TrainError::Interrupted`].
pub fn fit(
    recordings: &[Recording],
    params: &FitParams,
    mut progress: impl FnMut(&FitStep) -> bool,
) -> Result<Fitted, TrainError> {
    let (held, learned) = parts(recordings, params)?;
    let mut params = params.clone();
    if let Some(beams) = &params.features.beams {
        params.features.usual = usual_motion(&learned, beams);
    }
    let params = &params;
    let counts = |part: &[&Recording]| {
        part.iter()
            .map(|recording| recording.base.person.as_str())
            .collect::<std::collections::BTreeSet<_>>()
            .len()
    };
    let too_little =
        || TrainError::TooLittle("no recording to train on; list more in the split file".to_owned());
    let sampler = Sampler::new(learned.clone(), params.samples, params.features.clone(), params.seed)
        .ok_or_else(too_little)?;
    let set = ValidationSet::new(&held, &learned, params)?;
    let bank = Bank::new(&sampler, params, params.examples, |made| progress(&FitStep::Made(made)))
        .ok_or(TrainError::Interrupted)?;
    let device = Device::flex().autodiff();
    device.seed(params.seed);
    let mut model = SpotterNet::new(params.features.channels(), &params.model, &device);
    let mut optimizer = AdamWConfig::new()
        .with_weight_decay(params.weight_decay)
        .with_grad_clipping(Some(GradientClippingConfig::Norm(1.0)))
        .init();
    let mut average = Average::new(params.average_keep);
    let mut best: Option<(SpotterNet, usize, Validation)> = None;
    for step in 0..params.steps {
        let (features, targets) = bank.batch(params, step, &device);
        let outputs = model.forward(features);
        let loss = loss(outputs, targets, &params.loss);
        let value: f32 = loss.clone().into_scalar();
        let grads = GradientsParams::from_grads(loss.backward(), &model);
        model = optimizer.step(learning_rate(params, step), model, grads);
        average.push(&model);
        if !progress(&FitStep::Step(step + 1, value)) {
            return Err(TrainError::Interrupted);
        }
        if (step + 1) % params.validate_every.max(1) == 0 || step + 1 == params.steps {
            let valid = average.put_into(model.valid());
            let validation = set.validate(&valid);
            let is_better = best.as_ref().is_none_or(|(_, _, best)| validation.quality() > best.quality());
            if !progress(&FitStep::Validated(step + 1, validation.clone())) {
                return Err(TrainError::Interrupted);
            }
            if is_better {
                best = Some((valid, step + 1, validation));
            }
        }
    }
    let (model, best_step, validation) =
        best.ok_or_else(|| TrainError::TooLittle("no step was taken; give --steps above 0".to_owned()))?;
    Ok(Fitted {
        model,
        features: params.features.clone(),
        best_step,
        validation,
        people: [counts(&learned), counts(&held)],
        recordings: [learned.len(), held.len()],
    })
}

/// Held out, and learned from.
fn parts<'a>(
    recordings: &'a [Recording],
    params: &FitParams,
) -> Result<(Vec<&'a Recording>, Vec<&'a Recording>), TrainError> {
    let bases: Vec<_> = recordings.iter().map(|recording| recording.base.clone()).collect();
    let out = held_out(&bases, params.seed, params.fold);
    let part = |wanted: bool| -> Vec<&Recording> {
        recordings
            .iter()
            .zip(&out)
            .filter(|(_, out)| **out == wanted)
            .map(|(recording, _)| recording)
            .collect()
    };
    let (held, learned) = (part(true), part(false));
    if held.is_empty() || learned.is_empty() {
        return Err(TrainError::TooLittle(format!(
            "{} recordings to train on and {} held out: both must be more than none; list more people in the split file",
            learned.len(),
            held.len()
        )));
    }
    Ok((held, learned))
}

fn learning_rate(params: &FitParams, step: usize) -> f64 {
    let share = step as f64 / params.steps.max(1) as f64;
    let rise = (share * 20.0 + 1.0 / params.steps.max(1) as f64 * 20.0).min(1.0);
    params.learning_rate * rise * (0.5 + 0.5 * (std::f64::consts::PI * share).cos()).max(0.01)
}
