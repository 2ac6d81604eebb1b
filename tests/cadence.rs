//! How often landmarks are measured: seldom on a face that keeps still, at once when it changes.

use onset::capture::{Captured, Source, SyntheticParams, SyntheticSource};
use onset::pipeline::{Analyzer, AnalyzerParams};
use onset::types::{Event, EventKind, Frame, Timestamp};

const FPS: f64 = 30.0;
const SECONDS: f64 = 9.0;

/// A face that only blinks: when it was measured, what was spotted, and when it truly blinked.
struct Run {
    measured_at: Vec<Timestamp>,
    blinks: Vec<Event>,
    true_onsets_s: Vec<f64>,
}

fn run(landmark_still_hz: f64) -> Run {
    let params = SyntheticParams {
        fps: FPS,
        duration_s: Some(SECONDS),
        expressions: 0.0,
        head_motion: 0.0,
        ..SyntheticParams::default()
    };
    let mut source = SyntheticSource::new(params).unwrap();
    let truth = source.script().events_between(0.0, SECONDS);
    let true_onsets_s = truth.iter().filter(|e| e.kind == EventKind::Blink).map(|e| e.onset_s).collect();
    let mut analyzer =
        Analyzer::new(AnalyzerParams { landmark_still_hz, ..AnalyzerParams::default() }).unwrap();
    let (mut frame, mut measured_at, mut blinks) = (Frame::default(), Vec::new(), Vec::new());
    while source.next(&mut frame).unwrap() == Captured::Frame {
        let observation = analyzer.push(&frame).unwrap().unwrap();
        measured_at.extend(observation.update.as_ref().map(|update| update.measured_at));
        let confirmed = |event: &Event| event.kind == EventKind::Blink && event.confirmed_at.is_some();
        blinks.extend(observation.events.into_iter().filter(confirmed));
    }
    Run { measured_at, blinks, true_onsets_s }
}

#[test]
fn a_face_that_keeps_still_is_measured_seldom_and_no_blink_is_missed() {
    let (even, adaptive) = (run(15.0), run(3.0));
    let gaps = |run: &Run| -> Vec<f64> {
        run.measured_at.windows(2).map(|pair| pair[1].seconds_since(pair[0])).collect()
    };
    assert!(gaps(&even).iter().all(|gap| (gap * 15.0 - 1.0).abs() < 0.01), "{:?}", gaps(&even));
    let longest = gaps(&adaptive).into_iter().fold(0.0, f64::max);
    assert!((longest * 3.0 - 1.0).abs() < 0.01, "the longest gap is {longest} s");
    let share = adaptive.measured_at.len() as f64 / even.measured_at.len() as f64;
    assert!(share < 0.45, "{share} of the measurements, blinks included");
    for run in [&even, &adaptive] {
        assert!(run.true_onsets_s.len() >= 2);
        assert_eq!(run.blinks.len(), run.true_onsets_s.len(), "{:?}", run.blinks);
    }
    // At an even cadence lids are known to have been open up to 67 ms before; a still face was seen until the frame before.
    for (blink, truth) in adaptive.blinks.iter().zip(&adaptive.true_onsets_s) {
        let late_s = blink.onset.as_secs_f64() - truth;
        assert!((-1.1 / FPS..=2.1 / FPS).contains(&late_s), "onset {late_s} s after the true one");
    }
}
