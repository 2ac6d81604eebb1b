//! Replay: the live threads and the offline loop give the same observations for the same frames.

use onset::capture::{Captured, SessionClock, Source, SyntheticParams, SyntheticSource};
use onset::pipeline::{Analyzer, AnalyzerParams, LiveItem, LiveOptions, start};
use onset::types::{Frame, Observation};

const SECONDS: f64 = 2.5;

fn source() -> SyntheticSource {
    let params = SyntheticParams { fps: 30.0, duration_s: Some(SECONDS), ..SyntheticParams::default() };
    SyntheticSource::new(params).expect("the synthetic source is embedded")
}

/// Everything of an observation that could differ; `Debug` prints every digit of a float that tells it apart.
fn fingerprint(observation: &Observation) -> String {
    let faces: Vec<_> =
        observation.faces.iter().map(|face| (face.id, face.now_from_measured, face.index)).collect();
    format!(
        "{} {:?} {:?} {:?} {:?} {faces:?} {:?} {:?} {:?} {:?}",
        observation.seq,
        observation.captured_at,
        observation.status,
        observation.gaps,
        observation.luma_mean,
        observation.sharpness,
        observation.update,
        observation.signal,
        observation.events,
    )
}

fn offline() -> Vec<String> {
    let mut analyzer = Analyzer::new(AnalyzerParams::default()).unwrap();
    let (mut source, mut frame, mut out) = (source(), Frame::default(), Vec::new());
    while source.next(&mut frame).unwrap() == Captured::Frame {
        let observation = analyzer.push(&frame).unwrap().expect("synthetic frames can be decoded");
        out.push(fingerprint(&observation));
    }
    out
}

fn live() -> Vec<String> {
    let options = LiveOptions {
        analyzer: AnalyzerParams::default(),
        pace: false,
        lossless: true,
        display: true,
        duration_s: None,
    };
    let session = start(Box::new(source()), SessionClock::start(), options).unwrap();
    let mut out = Vec::new();
    for item in session.items() {
        if let LiveItem::Observation { observation, .. } = item {
            out.push(fingerprint(&observation));
        }
    }
    session.finish().unwrap();
    out
}

#[test]
fn live_equals_offline_frame_by_frame() {
    let (offline, live) = (offline(), live());
    assert_eq!(offline.len(), (SECONDS * 30.0) as usize);
    assert_eq!(offline.len(), live.len());
    for (offline, live) in offline.iter().zip(&live) {
        assert_eq!(offline, live);
    }
    // The comparison means nothing unless a face was followed and moved.
    assert!(offline.iter().filter(|line| line.contains("RegionMotion")).count() > offline.len() / 2);
}
