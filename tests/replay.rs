//! Replay: the live threads and the offline loop give the same observations and the same events for the same frames.

use onset::capture::{Captured, SessionClock, Source, SyntheticParams, SyntheticSource};
use onset::pipeline::{Analyzer, AnalyzerParams, LiveItem, LiveOptions, start};
use onset::types::{Event, EventKind, Frame, Observation};

/// The portrait lowers its brows from 3.0 to 3.35 s, and pulls a corner of the mouth from 5.7 to 6.0 s. The latter is cut off on
/// its way back: its flag may come until 100 ms after the apex (5.8 s), and nothing can be confirmed before it is back.
const SECONDS: f64 = 5.92;

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
        observation.observability,
    )
}

/// What was said of each frame, and each word on an event with the frame that it came with (`None`: at the end).
#[derive(Default)]
struct Said {
    frames: Vec<String>,
    events: Vec<(Option<u64>, Event)>,
}

impl Said {
    fn observe(&mut self, observation: &Observation) {
        self.frames.push(fingerprint(observation));
        self.events.extend(observation.events.iter().map(|event| (Some(observation.seq), event.clone())));
    }

    fn end(&mut self, events: Vec<Event>) {
        self.events.extend(events.into_iter().map(|event| (None, event)));
    }
}

fn offline() -> Said {
    let mut analyzer = Analyzer::new(AnalyzerParams::default()).unwrap();
    let (mut source, mut frame, mut out) = (source(), Frame::default(), Said::default());
    while source.next(&mut frame).unwrap() == Captured::Frame {
        let observation = analyzer.push(&frame).unwrap().expect("synthetic frames can be decoded");
        out.observe(&observation);
    }
    analyzer.finish().unwrap();
    out.end(analyzer.take_last_events());
    out
}

fn live() -> Said {
    let options = LiveOptions {
        analyzer: AnalyzerParams::default(),
        pace: false,
        lossless: true,
        display: true,
        duration_s: None,
    };
    let session = start(Box::new(source()), SessionClock::start(), options).unwrap();
    let mut out = Said::default();
    for item in session.items() {
        match item {
            LiveItem::Observation { observation, .. } => out.observe(&observation),
            LiveItem::LastEvents(events) => out.end(events),
            _ => {}
        }
    }
    session.finish().unwrap();
    out
}

#[test]
fn live_equals_offline_frame_by_frame_and_event_by_event() {
    let (offline, live) = (offline(), live());
    assert_eq!(offline.frames.len(), (SECONDS * 30.0).ceil() as usize);
    assert_eq!(offline.frames.len(), live.frames.len());
    for (offline, live) in offline.frames.iter().zip(&live.frames) {
        assert_eq!(offline, live);
    }
    assert_eq!(offline.events.len(), live.events.len());
    for (offline, live) in offline.events.iter().zip(&live.events) {
        assert_eq!(offline, live);
    }
    // The comparison means nothing unless a face was followed and moved, and events were flagged, confirmed and cut off.
    let moved = offline.frames.iter().filter(|line| line.contains("RegionMotion")).count();
    assert!(moved > offline.frames.len() / 2);
    let micros: Vec<_> = offline.events.iter().filter(|(_, event)| event.kind == EventKind::Micro).collect();
    assert!(micros.iter().any(|(_, event)| event.confirmed_at.is_none() && event.veto.is_none()), "a flag");
    assert!(micros.iter().any(|(_, event)| event.confirmed_at.is_some()), "a confirmation");
    assert!(micros.iter().any(|(frame, event)| frame.is_none() && event.veto.is_some()), "the end settles");
}
