//! How a network does on people it was not trained on: on injected events, and on their recordings as they are.

use burn::tensor::{Device, Tensor, TensorData};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::SeedableRng;

use super::bank::scatter;
use super::fit::FitParams;
use super::model::SpotterNet;
use super::sampler::{SampleParams, Sampler, features_of};
use super::score::{Counts, Stretch, count, observable_sigmas, thresholds_for};
use super::targets::Truth;
use super::window::{BackgroundParams, Window};
use super::{Recording, TrainError};
use crate::spot::network::{DecisionParams, HEAD_COUNT, TICK_HZ};

/// How networks are compared, and where the thresholds are put.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ValidationParams {
    /// Examples with injected events.
    pub samples: usize,
    /// Peak displacement of these events, log-uniform, in ICD units: that of `onset synth` (issue 3: 1.5-6 %).
    pub amplitude_icd: [f64; 2],
    /// The same for the events that say what is observable: larger, since few of the others are.
    pub strong_icd: [f64; 2],
    /// False alarms a minute that untouched recordings may raise.
    pub alarms_per_min: f64,
    /// Rises without a return a minute that they may raise.
    pub rises_per_min: f64,
    /// Copies of each untouched recording: as it is, then varied in tempo, size, direction and side. More copies make the
    /// rate of false alarms finer.
    pub copies: usize,
    /// Everything but the thresholds.
    pub decision: DecisionParams,
}

impl Default for ValidationParams {
    fn default() -> Self {
        Self {
            samples: 192,
            amplitude_icd: [0.015, 0.06],
            strong_icd: [0.03, 0.12],
            alarms_per_min: 0.5,
            rises_per_min: 3.0,
            copies: 6,
            decision: DecisionParams::default(),
        }
    }
}

/// How a network did.
#[derive(Clone, Debug, PartialEq)]
pub struct Validation {
    /// The thresholds chosen for it.
    pub decision: DecisionParams,
    /// How far an injected event must stand out to be called observable.
    pub observable_sigmas: f64,
    /// On examples with injected events, at these thresholds.
    pub injected: Counts,
    /// On recordings as they are, at these thresholds.
    pub untouched: Counts,
}

impl Validation {
    /// What is compared between steps.
    pub fn quality(&self) -> f64 {
        self.injected.f1()
    }
}

/// Features of ticks, time-major, several of one length side by side.
#[derive(Debug)]
struct Batch {
    features: Tensor<3>,
    at_s: Vec<Vec<Option<f64>>>,
    truths: Vec<Vec<Truth>>,
}

/// Everything that networks are tried on, made once.
#[derive(Debug)]
pub struct ValidationSet {
    params: ValidationParams,
    context_ticks: usize,
    injected: Vec<Batch>,
    /// Stronger events, most of which stand out: they say how far one must stand out to be found.
    strong: Vec<Batch>,
    untouched: Vec<Batch>,
    /// The recordings that are learned from, as they are.
    known: Vec<Batch>,
}

/// Examples in one pass.
const PASS: usize = 32;

impl ValidationSet {
    /// From the recordings held out, and those learned from.
    pub(super) fn new(
        held: &[&Recording],
        learned: &[&Recording],
        params: &FitParams,
    ) -> Result<Self, TrainError> {
        let context_ticks = params.model.receptive_field() - 1;
        let too_little = || {
            TrainError::TooLittle("no recording is held out; list more people in the split file".to_owned())
        };
        // Another stream of random numbers than training's.
        let seed = params.seed ^ 0x5EED_0F0F;
        let device = Device::flex();
        let events = |amplitude_icd: [f64; 2], seed: u64| {
            let samples = SampleParams { amplitude_icd, ..params.samples };
            let sampler = Sampler::new(held.to_vec(), samples, params.features.clone(), seed);
            sampler.map(|sampler| injected(&sampler, params, &device)).ok_or_else(too_little)
        };
        let injected = events(params.validation.amplitude_icd, seed)?;
        let strong = events(params.validation.strong_icd, seed ^ 1)?;
        let known = untouched(learned, 1, params, &device);
        let untouched = untouched(held, params.validation.copies, params, &device);
        Ok(Self { params: params.validation, context_ticks, injected, strong, untouched, known })
    }

    /// Tries a network.
    pub(super) fn validate(&self, model: &SpotterNet) -> Validation {
        let run = |batches: &[Batch]| -> Vec<Stretch> {
            batches.iter().flat_map(|batch| batch.run(model, self.context_ticks)).collect()
        };
        let (injected, untouched) = (run(&self.injected), run(&self.untouched));
        let params = &self.params;
        let of = |stretches: &[Stretch]| {
            thresholds_for(stretches, params.alarms_per_min, params.rises_per_min, &params.decision)
        };
        // The few minutes of the people held out leave their rate uncertain; everybody's together must not exceed it either.
        let (held, known) = (of(&untouched), of(&run(&self.known)));
        let decision = DecisionParams {
            rise_threshold: held.rise_threshold.max(known.rise_threshold),
            return_threshold: held.return_threshold.max(known.return_threshold),
            ..held
        };
        Validation {
            observable_sigmas: observable_sigmas(&run(&self.strong), &decision),
            injected: count(&injected, &decision),
            untouched: count(&untouched, &decision),
            decision,
        }
    }
}

/// Examples with injected events.
fn injected(sampler: &Sampler, params: &FitParams, device: &Device) -> Vec<Batch> {
    let (channels, ticks) = (params.features.channels(), params.samples.ticks);
    let mut batches = Vec::new();
    for first in (0..params.validation.samples).step_by(PASS) {
        let count = PASS.min(params.validation.samples - first);
        let mut features = vec![0.0; ticks * count * channels];
        let (mut at_s, mut truths) = (Vec::new(), Vec::new());
        for index in 0..count {
            let sample = sampler.sample((first + index) as u64);
            scatter(&sample.features, channels, count, index, &mut features, |v| v);
            at_s.push(sample.at_s);
            truths.push(sample.truths);
        }
        batches.push(Batch { features: tensor(features, [ticks, count, channels], device), at_s, truths });
    }
    batches
}

/// Each recording by itself, from its first frame to its last.
fn untouched(recordings: &[&Recording], copies: usize, params: &FitParams, device: &Device) -> Vec<Batch> {
    let channels = params.features.channels();
    let context = params.model.receptive_field() - 1;
    let mut rng = Pcg64::seed_from_u64(params.seed);
    let mut batches = Vec::new();
    for recording in recordings.iter().filter(|recording| !recording.base.is_photo) {
        for copy in 0..copies {
            let background = if copy == 0 {
                BackgroundParams::plain()
            } else {
                BackgroundParams { mixed: 0.0, spliced: 0.0, dropped: 0.0, ..params.samples.background }
            };
            // Room for the slowest tempo: what is shorter comes at the window's end.
            let seconds = recording.track.duration_s() / background.tempo[0];
            let window = Window::cut(recording, seconds, &background, &mut rng);
            let count = (seconds * TICK_HZ as f64).ceil() as usize;
            let (own, at_s) = features_of(&window, count, &params.features, |_, _| ());
            // The stream begins with nothing known, as it does live.
            let mut features = vec![0.0; context * channels];
            features.extend(own);
            let mut padded = vec![None; context];
            padded.extend(at_s);
            let features = tensor(features, [context + count, 1, channels], device);
            batches.push(Batch { features, at_s: vec![padded], truths: vec![Vec::new()] });
        }
    }
    batches
}

impl Batch {
    fn run(&self, model: &SpotterNet, context_ticks: usize) -> Vec<Stretch> {
        let [_, count, _] = self.features.dims();
        let outputs = model.forward(self.features.clone()).into_data();
        let outputs: Vec<f32> = outputs.iter::<f32>().collect();
        let row = |tick: usize, index: usize| -> Option<[f32; HEAD_COUNT]> {
            let start = (tick * count + index) * HEAD_COUNT;
            outputs.get(start..start + HEAD_COUNT)?.try_into().ok()
        };
        (0..count)
            .map(|index| Stretch {
                rows: self.at_s[index]
                    .iter()
                    .skip(context_ticks)
                    .enumerate()
                    .map(|(tick, at_s)| Some(((*at_s)?, row(tick, index)?)))
                    .collect(),
                truths: self.truths[index].clone(),
            })
            .collect()
    }
}

fn tensor(values: Vec<f32>, shape: [usize; 3], device: &Device) -> Tensor<3> {
    Tensor::from_data(TensorData::new(values, shape), device)
}
