//! The whole way on made-up data: pictures on disk, plans, fitting, resuming, export, occlusion.

use std::path::{Path, PathBuf};

use image::{GrayImage, Luma};
use rand::RngExt;
use rand_pcg::Pcg64;
use rand_pcg::rand_core::SeedableRng;

use super::*;
use crate::dataset::{Clip, Dataset, Example, Form, Media};
use crate::train::graph::{Graph, Layer, Shape, Size};
use crate::train::onnx::Backbone;
use crate::train::{AGREEMENT, TrainError};

/// Stripes across or down, each person with other brightness; the class is their direction.
fn stripes(class: usize, rng: &mut Pcg64) -> GrayImage {
    let (phase, level) = (rng.random_range(0..6u32), rng.random_range(40..90u8));
    GrayImage::from_fn(48, 48, |x, y| {
        let along = if class == 0 { x } else { y };
        let noise = rng.random_range(0..20u8);
        Luma([level + noise + if (along + phase) / 3 % 2 == 0 { 60 } else { 0 }])
    })
}

/// `people` people with `each` pictures of both classes.
fn pictures(dir: &Path, people: usize, each: usize) -> Dataset {
    let mut rng = Pcg64::seed_from_u64(7);
    let mut examples = Vec::new();
    for person in 0..people {
        for number in 0..2 * each {
            let class = number % 2;
            let name = format!("p{person:02}_{number:02}");
            let gray = dir.join(format!("{name}.png"));
            stripes(class, &mut rng).save(&gray).unwrap();
            examples.push(Example {
                name,
                subject: format!("p{person:02}"),
                class,
                shares: None,
                part: if person == 0 { "valid" } else { "train" }.to_owned(),
                corpus: if person % 2 == 0 { "a" } else { "b" }.to_owned(),
                gender: String::new(),
                stimulus: String::new(),
                kind: String::new(),
                emotion: String::new(),
                action_units: String::new(),
                media: Media::Picture { gray, colour: None },
            });
        }
    }
    Dataset {
        path: dir.to_owned(),
        form: Form::ImageFolder,
        classes: vec!["across".to_owned(), "down".to_owned()],
        examples,
        left_out: Vec::new(),
    }
}

fn prepare(data: &Dataset, network: &NetworkKind, cache: &Path) -> Prepared {
    Prepared::read(data, &Prepares { network, middle: 1.0, cache }, |_| true).unwrap()
}

/// A backbone of a few filters, as a file.
fn tiny_backbone(dir: &Path) -> PathBuf {
    let conv = |outputs: usize| Layer::Conv { outputs, groups: 1, has_bias: true };
    let layers = vec![
        conv(8),
        Layer::MaxPool,
        Layer::Relu,
        conv(16),
        Layer::MaxPool,
        Layer::Relu,
        Layer::GlobalMean,
        Layer::Dense { outputs: 10 },
    ];
    let shape = Shape::new(Size { height: 32, width: 32, channels: 3 }, layers).unwrap();
    let path = dir.join("tiny.onnx");
    std::fs::write(&path, Graph::new(&shape, 3).to_onnx()).unwrap();
    path
}

fn quick() -> FitParams {
    FitParams { epochs: Some(4), batch: 16, ..FitParams::default() }
}

#[test]
fn every_network_gives_in_tract_what_it_gives_here() {
    let dir = tempfile::tempdir().unwrap();
    let data = pictures(dir.path(), 4, 3);
    let backbone = Backbone::read(&tiny_backbone(dir.path()), None).unwrap();
    assert_eq!(backbone.features, 16, "the classes' layer is left out");
    let plan = PlanParams::default();
    for network in [NetworkKind::Cnn, NetworkKind::Compact, NetworkKind::Transfer(Box::new(backbone))] {
        let prepared = prepare(&data, &network, dir.path());
        let fold = ExportedRecogniser::fold(&data, &prepared, &plan);
        let shape = network.shape(2).unwrap();
        let fitted = fit(&shape, &prepared, &fold, &quick(), None, |_| true).unwrap();
        let exported = ExportedRecogniser::new(
            (&network, &fitted),
            (&data, &prepared, &fold),
            &quick(),
            "onset train recogniser",
            Figures::new(),
        )
        .unwrap();
        assert!(exported.difference < AGREEMENT, "{}: {}", network.name(), exported.difference);
        let out = dir.path().join(format!("out-{}.onnx", network.name()));
        let written = exported.write(&out).unwrap();
        assert!(written.iter().all(|path| path.exists()) && written.len() == 3, "{written:?}");
        // As it is used: from the picture's file.
        let mut recogniser = Recogniser::read(&out).unwrap();
        let shares = recogniser.recognise(&data.examples[0].media).unwrap();
        let mut input = Vec::new();
        prepared.plain(0, &mut input);
        let ours = crate::train::softmax::softmax(&fitted.graph.logits(&input));
        for (a, b) in shares.iter().zip(&ours) {
            assert!((a - b).abs() < 1e-4, "{}: {shares:?} {ours:?}", network.name());
        }
    }
}

#[test]
fn networks_of_motion_give_in_tract_what_they_give_here() {
    for network in [NetworkKind::Flow { side: 28 }, NetworkKind::Flow { side: 42 }, NetworkKind::Sequence] {
        let shape = network.shape(3).unwrap();
        let graph = Graph::new(&shape, 5);
        let [height, width, channels] = network.input(1.0).size();
        let mut rng = Pcg64::seed_from_u64(1);
        let input: Vec<f32> = (0..height * width * channels).map(|_| rng.random::<f32>() - 0.5).collect();
        let record = RecogniserRecord {
            sha256: String::new(),
            network: network.name(),
            classes: ["negative", "positive", "surprise"].map(str::to_owned).to_vec(),
            input: network.input(1.0),
            training: toml::Table::new(),
        };
        let planes = record.input.planes(&input);
        let mut recogniser = Recogniser::new(record, &graph.to_onnx(), Path::new("test.onnx")).unwrap();
        let ours = crate::train::softmax::softmax(&graph.logits(&input));
        for (a, b) in recogniser.ask(&planes).unwrap().iter().zip(&ours) {
            assert!((a - b).abs() < 1e-5, "{}", network.name());
        }
    }
}

#[test]
fn nobody_who_is_tested_is_learned_from_or_watched() {
    let dir = tempfile::tempdir().unwrap();
    let data = pictures(dir.path(), 7, 2);
    let prepared = prepare(&data, &NetworkKind::Cnn, dir.path());
    let subject = |index: &usize| data.examples[prepared.kept[*index]].subject.clone();
    let corpus = |index: &usize| data.examples[prepared.kept[*index]].corpus.clone();
    for protocol in Protocol::ALL {
        let folds =
            plan(&data, &prepared, &PlanParams { protocol, folds: 3, ..PlanParams::default() }).unwrap();
        let expected = match protocol {
            Protocol::Holdout | Protocol::Parts => 1,
            Protocol::Subject => 3,
            Protocol::Loso => 7,
            Protocol::CrossCorpus => 2,
        };
        assert_eq!(folds.len(), expected, "{protocol:?}");
        let mut tested: Vec<usize> = folds.iter().flat_map(|fold| fold.test.clone()).collect();
        tested.sort_unstable();
        tested.dedup();
        let all = folds.iter().map(|fold| fold.test.len()).sum::<usize>();
        assert_eq!(tested.len(), all, "{protocol:?}: an example is tested twice");
        if expected > 1 {
            assert_eq!(all, prepared.len(), "{protocol:?}: an example is not tested");
        }
        for fold in &folds {
            let mut parts = [fold.learn.clone(), fold.watch.clone(), fold.test.clone()].concat();
            parts.sort_unstable();
            assert_eq!(parts, (0..prepared.len()).collect::<Vec<_>>(), "{protocol:?}: {fold:?}");
            assert!(!fold.watch.is_empty() && !fold.learn.is_empty(), "{protocol:?}");
            if protocol == Protocol::Holdout {
                continue;
            }
            let people = |part: &[usize]| part.iter().map(subject).collect::<std::collections::BTreeSet<_>>();
            assert!(people(&fold.learn).is_disjoint(&people(&fold.test)), "{protocol:?}");
            assert!(people(&fold.watch).is_disjoint(&people(&fold.test)), "{protocol:?}");
            assert!(people(&fold.watch).is_disjoint(&people(&fold.learn)), "{protocol:?}");
            if protocol == Protocol::CrossCorpus {
                let seen = fold.test.iter().map(corpus).collect::<std::collections::BTreeSet<_>>();
                assert!(fold.learn.iter().chain(&fold.watch).all(|index| !seen.contains(&corpus(index))));
            }
        }
    }
}

#[test]
fn a_protocol_that_the_data_cannot_follow_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let mut data = pictures(dir.path(), 3, 2);
    let prepared = prepare(&data, &NetworkKind::Cnn, dir.path());
    let message = |data: &Dataset, protocol| {
        plan(data, &prepared, &PlanParams { protocol, ..PlanParams::default() }).unwrap_err().to_string()
    };
    data.examples[4].subject.clear();
    let text = message(&data, Protocol::Loso);
    assert!(
        text.contains("1 of 12 examples") && text.contains("p01_00") && text.contains("holdout"),
        "{text}"
    );
    data.examples.iter_mut().for_each(|example| {
        (example.subject, example.part) = ("p00".to_owned(), String::new());
        example.corpus = "a".to_owned();
    });
    assert!(message(&data, Protocol::Subject).contains("of people there are 1"));
    assert!(message(&data, Protocol::CrossCorpus).contains("of corpora there are 1"));
    assert!(message(&data, Protocol::Parts).contains("another --protocol"));
}

#[test]
fn what_can_be_told_is_learned_and_people_are_kept_apart() {
    let dir = tempfile::tempdir().unwrap();
    let data = pictures(dir.path(), 5, 6);
    let prepared = prepare(&data, &NetworkKind::Cnn, dir.path());
    // No mirroring or turning: a small network on few pictures.
    let fit = FitParams { epochs: Some(12), batch: 16, augment: AugmentParams::NONE, ..FitParams::default() };
    let params = RunParams {
        plan: PlanParams { protocol: Protocol::Subject, folds: 2, ..PlanParams::default() },
        fit,
    };
    let work = dir.path().join("work");
    let run = |resume: bool, stop_after: usize| {
        let run = Run {
            data: &data,
            prepared: &prepared,
            network: &NetworkKind::Cnn,
            params: &params,
            work: (&work, resume),
        };
        let mut steps = 0;
        run.all(|_| {
            steps += 1;
            steps < stop_after
        })
    };
    let (whole, outcomes) = run(false, usize::MAX).unwrap();
    assert_eq!(whole.rows.len(), 60);
    assert!(outcomes.iter().all(|outcome| outcome.epoch > 0 && !outcome.was_done));
    let right = whole.rows.iter().filter(|row| row.said() == Some(row.truth)).count();
    assert!(right >= 55, "{right} of 60");
    // Cut off in the second fold and taken up again, it ends the same; the first fold is not trained again.
    std::fs::remove_dir_all(&work).unwrap();
    let steps = 2 + outcomes[0].counts[0].div_ceil(16) * 12;
    assert!(matches!(run(false, steps + 12), Err(TrainError::Interrupted)));
    let (again, outcomes) = run(true, usize::MAX).unwrap();
    assert!(outcomes[0].was_done && !outcomes[1].was_done);
    assert_eq!(again, whole);
}

#[test]
fn a_damaged_picture_is_left_out_and_the_rest_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let data = pictures(dir.path(), 3, 2);
    let bad = dir.path().join("p01_01.png");
    std::fs::write(&bad, b"no picture").unwrap();
    let prepared = prepare(&data, &NetworkKind::Cnn, dir.path());
    assert_eq!(prepared.len(), 11);
    let [(name, why)] = prepared.left_out.as_slice() else { panic!("{:?}", prepared.left_out) };
    assert!(name == "p01_01" && why.contains("p01_01.png"), "{why}");
}

#[test]
fn features_are_computed_once() {
    let dir = tempfile::tempdir().unwrap();
    let data = pictures(dir.path(), 2, 1);
    let network = NetworkKind::Transfer(Box::new(Backbone::read(&tiny_backbone(dir.path()), None).unwrap()));
    let cache = dir.path().join("cache");
    let values = |prepared: &Prepared| {
        let mut values = Vec::new();
        (0..prepared.len()).for_each(|index| prepared.plain(index, &mut values));
        values
    };
    let first = values(&prepare(&data, &network, &cache));
    let files = || {
        let folder = std::fs::read_dir(&cache).unwrap().next().unwrap().unwrap().path();
        std::fs::read_dir(folder).unwrap().count()
    };
    assert_eq!(files(), 8, "four pictures and their mirror images");
    assert_eq!(values(&prepare(&data, &network, &cache)), first);
    assert_eq!(files(), 8);
}

#[test]
fn wrong_backbones_are_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let path = tiny_backbone(dir.path());
    let message =
        |path: &Path, features: Option<&str>| Backbone::read(path, features).unwrap_err().to_string();
    let text = message(&path, Some("no_such"));
    assert!(text.contains("no_such") && text.contains("--features") && text.contains("gemm"), "{text}");
    let no_network = dir.path().join("text.onnx");
    std::fs::write(&no_network, b"hello, this is a text").unwrap();
    assert!(message(&no_network, None).contains("not an ONNX network"));
    assert!(message(&dir.path().join("missing.onnx"), None).contains("missing.onnx"));
    let gray = Shape::new(Size { height: 8, width: 8, channels: 1 }, vec![Layer::Dense { outputs: 4 }]);
    let gray_path = dir.path().join("gray.onnx");
    std::fs::write(&gray_path, Graph::new(&gray.unwrap(), 1).to_onnx()).unwrap();
    assert!(message(&gray_path, None).contains("RGB"), "{}", message(&gray_path, None));
    // A tensor with places: the mean of each channel.
    let places = Backbone::read(&path, Some("maxpool_4")).unwrap();
    assert_eq!(places.features, 16);
    std::fs::write(path.with_extension("toml"), "mean = [0.5, 0.5]\n").unwrap();
    assert!(message(&path, None).contains("tiny.toml"));
}

#[test]
fn hiding_what_tells_the_classes_apart_matters_most() {
    // Class 0: a bright spot on the left, class 1: on the right.
    let spot = |class: usize, row: u32| {
        GrayImage::from_fn(48, 48, |x, y| {
            let is_there = y.abs_diff(row) < 5 && x.abs_diff(if class == 0 { 8 } else { 40 }) < 5;
            Luma([if is_there { 220 } else { 60 }])
        })
    };
    let dir = tempfile::tempdir().unwrap();
    let mut data = pictures(dir.path(), 6, 6);
    let mut rng = Pcg64::seed_from_u64(2);
    for example in &data.examples {
        if let Media::Picture { gray, .. } = &example.media {
            spot(example.class, rng.random_range(8..40)).save(gray).unwrap();
        }
    }
    data.classes = vec!["left".to_owned(), "right".to_owned()];
    let network = NetworkKind::Cnn;
    let prepared = prepare(&data, &network, dir.path());
    let fold = ExportedRecogniser::fold(&data, &prepared, &PlanParams::default());
    let params = FitParams { epochs: Some(15), batch: 16, ..FitParams::default() };
    let fitted = fit(&network.shape(2).unwrap(), &prepared, &fold, &params, None, |_| true).unwrap();
    assert!(fitted.best.watched_accuracy > 0.9, "{:?}", fitted.best);
    let exported =
        ExportedRecogniser::new((&network, &fitted), (&data, &prepared, &fold), &params, "", Figures::new())
            .unwrap();
    let mut recogniser = Recogniser::new(exported.record, &exported.onnx, Path::new("x.onnx")).unwrap();
    let path = dir.path().join("seen.png");
    spot(0, 24).save(&path).unwrap();
    let media = Media::Picture { gray: path, colour: None };
    let map = occlusion_map(&mut recogniser, &media, None, &OcclusionParams::default()).unwrap();
    assert_eq!(map.class, 0);
    let most = (0..48 * 48).max_by(|a, b| map.drops[*a].total_cmp(&map.drops[*b])).unwrap();
    let (x, y) = (most % 48, most / 48);
    assert!(x.abs_diff(8) < 10 && y.abs_diff(24) < 10, "{x} {y}");
}

#[test]
fn clips_become_maps_of_flow() {
    let dir = tempfile::tempdir().unwrap();
    let frame = |shift: u32| {
        GrayImage::from_fn(128, 128, |x, y| {
            let (x, y) = ((x + shift) as f32, y as f32);
            let wave = (x * 0.21).sin() * (y * 0.17).cos() + (0.11 * x + 0.23 * y).sin();
            Luma([(127.0 + 50.0 * wave).clamp(0.0, 255.0) as u8])
        })
    };
    let paths: Vec<PathBuf> = (0..3).map(|n| dir.path().join(format!("{n}.png"))).collect();
    paths.iter().enumerate().for_each(|(n, path)| frame(2 * n as u32).save(path).unwrap());
    let clip = Clip { frames: paths, onset: 0, apex: 2, offset: None, fps: 200.0, traces: None };
    let spec = NetworkKind::Flow { side: 28 }.input(1.0);
    let values = spec.read(&Media::Clip(clip.into())).unwrap();
    assert_eq!(values.len(), 28 * 28 * 3);
    // The pattern moves to the left; at the edges flow is a guess.
    let middle = |channel: usize| {
        let places = (7..21).flat_map(|y| (7..21).map(move |x| 28 * y + x));
        let mut found: Vec<f32> = places.map(|at| values[3 * at + channel]).collect();
        found.sort_by(f32::total_cmp);
        found[found.len() / 2]
    };
    assert!(middle(0) < -0.4 && middle(1).abs() < 0.2, "{} {}", middle(0), middle(1));
}

#[test]
fn no_damage_makes_a_backbone_panic() {
    let dir = tempfile::tempdir().unwrap();
    let path = tiny_backbone(dir.path());
    let whole = std::fs::read(&path).unwrap();
    let mut rng = Pcg64::seed_from_u64(11);
    for number in 0..64 {
        let mut bytes = whole.clone();
        let at = rng.random_range(0..bytes.len());
        bytes[at] ^= rng.random_range(1..=255u8);
        if number % 3 == 0 {
            bytes.truncate(rng.random_range(0..whole.len()));
        }
        std::fs::write(&path, bytes).unwrap();
        if let Err(error) = Backbone::read(&path, None) {
            assert!(error.to_string().contains("tiny.onnx"), "{error}");
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn no_record_makes_a_recogniser_panic(text in "[ -~\n]{0,200}") {
        let dir = tempfile::tempdir().unwrap();
        let path = tiny_backbone(dir.path());
        std::fs::write(path.with_extension("toml"), text).unwrap();
        proptest::prop_assert!(Recogniser::read(&path).is_err());
    }
}
