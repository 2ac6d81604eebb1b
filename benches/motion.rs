//! CPU time of the motion stage for a frame: `cargo bench --bench motion [-- VIDEO...]`.
//!
//! The demo's face at three sizes, or the videos named after `--` (through `ffmpeg`): every frame through [`MotionTracker`], with
//! landmarks measured beforehand, 15 times a second of media time and as late as they come live. One thread; decoding, conversion and
//! the networks are outside the timing.

use image::{GrayImage, RgbImage};
use onset::capture::{Captured, SessionClock, Source, SyntheticParams, SyntheticSource, VideoSource};
use onset::face::{FaceEngine, FaceParams};
use onset::image::convert::{luma_from_frame, rgb_from_frame};
use onset::motion::{MotionParams, MotionTracker};
use onset::pipeline::LandmarkSchedule;
use onset::types::{Frame, LandmarkUpdate, Timestamp};

const SECONDS: f64 = 12.0;
const LANDMARK_HZ: f64 = 15.0;

/// A frame and the measurement that takes effect with it.
type Step = (Timestamp, GrayImage, Option<LandmarkUpdate>);

/// The frames of the source's first seconds, with landmarks as the analysis would get them.
fn steps(source: &mut dyn Source) -> Vec<Step> {
    let mut engine = FaceEngine::new(FaceParams::default()).expect("the embedded networks load");
    let mut schedule = LandmarkSchedule::new(LANDMARK_HZ, LANDMARK_HZ, 1.0 / LANDMARK_HZ);
    let (mut frame, mut rgb, mut under_way) = (Frame::default(), RgbImage::default(), None);
    let (mut steps, mut has_face): (Vec<Step>, _) = (Vec::new(), false);
    while let Ok(Captured::Frame) = source.next(&mut frame) {
        let at = frame.captured_at;
        if at.as_secs_f64() > SECONDS {
            break;
        }
        let mut luma = GrayImage::default();
        luma_from_frame(&frame, &mut luma).expect("the source's frames are whole");
        let mut update = None;
        if schedule.is_due(at) {
            update = under_way.take();
            schedule.applied();
        }
        if schedule.wants(at, false) {
            rgb_from_frame(&frame, &mut rgb).expect("the source's frames are whole");
            under_way = engine.measure(frame.seq, at, &rgb, &luma).ok();
            schedule.started(at);
            if !has_face {
                update = under_way.take();
                schedule.applied();
            }
            has_face |= update.as_ref().is_some_and(|update| !update.faces.is_empty());
        }
        steps.push((at, luma, update));
    }
    steps
}

/// Times each frame, and prints one row.
fn time(name: &str, clock: &SessionClock, steps: &[Step]) {
    let mut tracker = MotionTracker::new(MotionParams::default());
    let (mut times_ms, mut renewed) = (Vec::with_capacity(steps.len()), 0);
    for (at, luma, update) in steps {
        let measured = update.as_ref().and_then(|update| Some((update.faces.first()?, update.measured_at)));
        let before = clock.now();
        let signal = tracker.push(luma, *at, measured);
        times_ms.push(clock.now().millis_since(before));
        renewed += usize::from(signal.is_some_and(|signal| signal.is_new_reference));
    }
    times_ms.sort_by(f64::total_cmp);
    let quantile = |share: f64| times_ms[((times_ms.len() - 1) as f64 * share).round() as usize];
    let mean = times_ms.iter().sum::<f64>() / times_ms.len() as f64;
    println!(
        "{name:24} {:5} frames, {renewed:2} references: mean {mean:.3} ms, p50 {:.3}, p95 {:.3}, p99 {:.3}, slowest {:.2}",
        times_ms.len(),
        quantile(0.5),
        quantile(0.95),
        quantile(0.99),
        quantile(1.0)
    );
}

fn main() {
    let clock = SessionClock::start();
    let paths: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    if paths.is_empty() {
        for (width, height) in [(320, 240), (640, 480), (1280, 720)] {
            let params = SyntheticParams { width, height, ..SyntheticParams::default() };
            let mut source = SyntheticSource::new(params).expect("the sizes are in range");
            time(&format!("demo {width}x{height}"), &clock, &steps(&mut source));
        }
    }
    for path in paths {
        match VideoSource::open(path.as_ref()) {
            Ok(mut source) => time(&path, &clock, &steps(&mut source)),
            Err(error) => eprintln!("{path}: {error}"),
        }
    }
}
