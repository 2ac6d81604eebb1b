//! Each stage by itself, and a frame from end to end: `cargo bench --bench stages [-- FILTER]`.
//!
//! Criterion compares with the run before. The demo's face, 640x480 YUYV. What depends on the frames before (motion, spotter) is in
//! `motion.rs` and `spotter.rs`, frame by frame; here the whole analysis runs over a second of video.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use image::{GrayImage, RgbImage};
use onset::capture::{SyntheticParams, SyntheticSource};
use onset::expression::ExpressionClassifier;
use onset::face::{FaceEngine, FaceParams, align_into, crop_from_image};
use onset::image::convert::{luma_from_frame, rgb_from_frame};
use onset::image::measure;
use onset::infer::{Model, Network};
use onset::pipeline::{Analyzer, AnalyzerParams};
use onset::types::{CROP_SIZE_PX, Frame, PixelFormat, Timestamp};

fn frames(count: u64) -> Vec<Frame> {
    let params = SyntheticParams { format: PixelFormat::Yuyv, ..SyntheticParams::default() };
    let mut source = SyntheticSource::new(params).expect("the size is in range");
    let render = |index| {
        let mut frame = Frame::default();
        source.render_into(index, &mut frame);
        frame
    };
    (0..count).map(render).collect()
}

fn stages(criterion: &mut Criterion) {
    let frame = frames(1).remove(0);
    let (mut luma, mut rgb) = (GrayImage::default(), RgbImage::default());
    luma_from_frame(&frame, &mut luma).expect("the frame is whole");
    rgb_from_frame(&frame, &mut rgb).expect("the frame is whole");
    criterion.bench_function("decode: YUYV to luma", |b| {
        let mut out = GrayImage::default();
        b.iter(|| luma_from_frame(black_box(&frame), &mut out));
    });
    criterion.bench_function("decode: YUYV to colour", |b| {
        let mut out = RgbImage::default();
        b.iter(|| rgb_from_frame(black_box(&frame), &mut out));
    });
    let mut engine = FaceEngine::new(FaceParams::default()).expect("the networks load");
    let update = engine.measure(0, Timestamp::default(), &rgb, &luma).expect("the networks run");
    let landmarks = &update.faces[0].landmarks;
    criterion.bench_function("align: crop of 256x256 and its sharpness", |b| {
        let mut pixels = Vec::new();
        b.iter(|| {
            let map = crop_from_image(black_box(landmarks)).expect("the face has a shape");
            align_into(&luma, &map, &mut pixels);
            measure::sharpness(&pixels, CROP_SIZE_PX)
        });
    });
    criterion.bench_function("classify: expression of a face", |b| {
        let mut classifier = ExpressionClassifier::new().expect("the network loads");
        b.iter(|| classifier.classify(black_box(&luma), landmarks));
    });
    for model in Model::ALL {
        let mut network = Network::embedded(model).expect("the network loads");
        let input = vec![0.5; network.card().input.len()];
        criterion.bench_function(&format!("network: {}", model.name()), |b| {
            b.iter(|| network.run(black_box(&input)).map(|outputs| outputs.values(0).len()));
        });
    }
}

fn end_to_end(criterion: &mut Criterion) {
    let frames = frames(30);
    let mut group = criterion.benchmark_group("end to end");
    group.throughput(Throughput::Elements(frames.len() as u64)).sample_size(10);
    group.bench_function("a second of 640x480 at 30 fps", |b| {
        let mut analyzer = Analyzer::new(AnalyzerParams::default()).expect("the networks load");
        let (mut second, mut frame) = (0, Frame::default());
        b.iter(|| {
            for held in &frames {
                frame.clone_from(held);
                frame.seq += 30 * second;
                let at_s = held.captured_at.as_secs_f64() + second as f64;
                frame.captured_at = Timestamp::from_secs_f64(at_s);
                black_box(analyzer.push(&frame)).expect("the networks run");
            }
            second += 1;
        });
    });
    group.finish();
}

criterion_group!(benches, stages, end_to_end);
criterion_main!(benches);
