//! A small training run, from tracks to files: only with the feature `train`.

use burn::tensor::{Device, Tensor, TensorData};
use rand::RngExt;
use rand_pcg::Pcg64;
use rand_pcg::rand_core::SeedableRng;

use super::export::Exported;
use super::files::AGREEMENT;
use super::fit::{FitParams, FitStep, Fitted, fit};
use super::model::{ModelParams, SpotterNet};
use super::sampler::SampleParams;
use super::test_injection::recording;
use super::validate::ValidationParams;
use super::{Recording, Split, TrainError};
use crate::infer::{Manifest, Network};
use crate::spot::network::{FeatureParams, Pooling, SpotterRecord, Stream, Tick, points, time_of};
use crate::types::PatchMotion;

fn people() -> Vec<Recording> {
    (0..5)
        .map(|person| {
            let mut recording = recording(8.0, |at_s, patch| {
                let phase = 1.7 * f64::from(person) + patch as f64;
                [0.004 * (5.0 * at_s + phase).sin() as f32, 0.003 * (3.0 * at_s - phase).cos() as f32]
            });
            recording.base.person = format!("person {person}");
            recording
        })
        .collect()
}

fn small() -> FitParams {
    let model = ModelParams { hidden: 12, dilations: vec![1, 2, 4], dropout_percent: [0, 0] };
    FitParams {
        steps: 60,
        examples: 160,
        batch: 8,
        validate_every: 30,
        learning_rate: 1e-2,
        features: FeatureParams {
            pooling: Pooling::Regions,
            lags: vec![1, 3],
            has_scaled: true,
            has_scale: true,
            ..FeatureParams::default()
        },
        samples: SampleParams {
            ticks: 90,
            context_ticks: model.receptive_field() - 1,
            ..SampleParams::default()
        },
        validation: ValidationParams { samples: 16, copies: 1, ..ValidationParams::default() },
        model,
        ..FitParams::default()
    }
}

fn run(params: &FitParams) -> (Fitted, Vec<f32>) {
    let mut losses = Vec::new();
    let fitted = fit(&people(), params, |step| {
        if let FitStep::Step(_, loss) = step {
            losses.push(*loss);
        }
        true
    });
    (fitted.expect("it runs through"), losses)
}

#[test]
fn training_lowers_the_loss_and_repeats_exactly() {
    let params = small();
    let (fitted, losses) = run(&params);
    let mean = |part: &[f32]| part.iter().sum::<f32>() / part.len() as f32;
    let (first, last) = (mean(&losses[..10]), mean(&losses[50..]));
    assert!(last < 0.8 * first, "loss from {first} to {last}");
    assert_eq!(fitted.people, [4, 1]);
    let short = FitParams { steps: 5, ..params };
    let ((one, a), (two, b)) = (run(&short), run(&short));
    assert_eq!(a, b, "the same seed gives the same losses, to the bit");
    let window = Tensor::<2>::ones([15, short.features.channels()], &Device::flex());
    let outputs = |fitted: &Fitted| -> Vec<f32> {
        fitted.model.forward_window(window.clone()).into_data().iter::<f32>().collect()
    };
    assert_eq!(outputs(&one), outputs(&two), "and the same weights");
    assert_ne!(a, run(&FitParams { seed: 2, ..short }).1);
}

#[test]
fn tract_and_the_training_library_agree_and_the_files_belong_together() {
    let params = FitParams { steps: 20, ..small() };
    let (fitted, _) = run(&params);
    let exported = Exported::new(&fitted, &params, &Split::default(), "onset train spotter").unwrap();
    assert!(exported.difference <= AGREEMENT, "{}", exported.difference);
    let folder = tempfile::tempdir().unwrap();
    let manifest_path = folder.path().join("models.toml");
    let before = include_str!("../../models/models.toml");
    std::fs::write(&manifest_path, before).unwrap();
    let path = folder.path().join("spotter.onnx");
    assert_eq!(exported.write(&path).unwrap().len(), 3);
    // What was written can be read and run, and nothing else of the manifest has changed.
    let manifest = Manifest::parse(&std::fs::read_to_string(&manifest_path).unwrap()).unwrap();
    let old = Manifest::parse(before).unwrap();
    let others = |manifest: &Manifest| -> Vec<_> {
        manifest.models.iter().filter(|card| card.name != "spotter").cloned().collect()
    };
    assert_eq!(others(&manifest), others(&old));
    let card = manifest.card("spotter").unwrap();
    assert_eq!(*card, exported.card);
    let onnx = std::fs::read(&path).unwrap();
    card.verify(&onnx).unwrap();
    let record =
        SpotterRecord::parse(&std::fs::read_to_string(path.with_extension("toml")).unwrap()).unwrap();
    assert_eq!(record, exported.record);
    assert_streaming_equals_batch(&fitted.model, &params, &record, Network::load(card, &onnx).unwrap());
    // Writing again changes nothing.
    let text = std::fs::read_to_string(&manifest_path).unwrap();
    exported.write(&path).unwrap();
    assert_eq!(std::fs::read_to_string(&manifest_path).unwrap(), text);
}

/// Tick by tick through tract, or all at once through the training library: the same outputs.
fn assert_streaming_equals_batch(
    model: &SpotterNet,
    params: &FitParams,
    record: &SpotterRecord,
    network: Network,
) {
    let mut rng = Pcg64::seed_from_u64(3);
    let ticks: Vec<Tick> = (0..60)
        .map(|index| Tick {
            index,
            centre: time_of(index),
            points: (0..points().len())
                .map(|_| PatchMotion { displacement_icd: [0.01 * rng.random::<f32>(), 0.0], is_valid: true })
                .collect(),
            head_speed_icd_s: 0.1,
            is_valid: true,
        })
        .collect();
    let mut stream = Stream::new(record, network).unwrap();
    let streamed: Vec<_> = ticks.iter().map(|tick| stream.push(tick).expect("the tick is valid")).collect();
    let context = params.model.receptive_field() - 1;
    let channels = params.features.channels();
    let mut extractor = crate::spot::network::FeatureExtractor::new(record.features.clone());
    let mut features = vec![0.0; context * channels];
    ticks.iter().for_each(|tick| extractor.push(tick, &mut features));
    let all = Tensor::<3>::from_data(TensorData::new(features, [context + 60, 1, channels]), &Device::flex());
    let outputs: Vec<f32> = model.forward(all).into_data().iter::<f32>().collect();
    for (a, b) in streamed.as_flattened().iter().zip(&outputs) {
        assert!((a - b).abs() < AGREEMENT, "{a} is not {b}");
    }
    assert_eq!(streamed.as_flattened().len(), outputs.len());
}

#[test]
fn nobody_left_to_hold_out_is_an_error_with_the_next_step() {
    let mut alone = people();
    alone.truncate(1);
    let error = fit(&alone, &small(), |_| true).unwrap_err();
    assert!(matches!(&error, TrainError::TooLittle(why) if why.contains("split file")), "{error}");
    let stopped = fit(&people(), &small(), |_| false).unwrap_err();
    assert!(matches!(stopped, TrainError::Interrupted));
}
