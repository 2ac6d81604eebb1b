//! The whole analysis on the synthetic portrait, whose every movement is known: what is spotted, and what is not.

use onset::capture::{Captured, Source, SyntheticParams, SyntheticScript, SyntheticSource};
use onset::pipeline::{Analyzer, AnalyzerParams};
use onset::types::{Event, EventKind, Frame, Observability, Region, RegionId, Side};

const SECONDS: f64 = 60.0;

struct Run {
    events: Vec<Event>,
    observability: Vec<Observability>,
    script: SyntheticScript,
}

/// The last word on each event, and what could be seen in each frame.
fn run(params: SyntheticParams) -> Run {
    let mut source = SyntheticSource::new(params).unwrap();
    let script = *source.script();
    let mut analyzer = Analyzer::new(AnalyzerParams::default()).unwrap();
    let (mut frame, mut said, mut observability) = (Frame::default(), Vec::new(), Vec::new());
    while source.next(&mut frame).unwrap() == Captured::Frame {
        let observation = analyzer.push(&frame).unwrap().expect("synthetic frames can be decoded");
        observability.extend(observation.observability);
        said.extend(observation.events);
    }
    analyzer.finish().unwrap();
    said.extend(analyzer.take_last_events());
    let mut events: Vec<Event> = Vec::new();
    for event in said {
        match events.iter_mut().find(|known| known.id == event.id) {
            Some(known) => *known = event,
            None => events.push(event),
        }
    }
    Run { events, observability, script }
}

#[test]
fn every_brief_expression_of_a_minute_is_found_once_and_nothing_else() {
    let run = run(SyntheticParams { duration_s: Some(SECONDS), ..SyntheticParams::default() });
    let truth: Vec<_> = run.script.events_between(0.0, SECONDS);
    let of = |kind| run.events.iter().filter(move |event| event.kind == kind && event.veto.is_none());
    let overlap = |event: &Event, onset_s: f64, offset_s: f64| {
        let (start, end) = (event.onset.as_secs_f64(), event.offset.unwrap_or(event.apex).as_secs_f64());
        (end.min(offset_s) - start.max(onset_s)) / (end.max(offset_s) - start.min(onset_s))
    };
    let micros: Vec<_> =
        truth.iter().filter(|t| t.kind == EventKind::Micro && t.offset_s + 0.2 < SECONDS).collect();
    assert!(micros.len() >= 17, "the script has seven a cycle");
    for expected in &micros {
        let found: Vec<_> =
            of(EventKind::Micro).filter(|e| overlap(e, expected.onset_s, expected.offset_s) >= 0.5).collect();
        let [event] = found[..] else { panic!("{expected:?}: {found:#?}") };
        assert_eq!(event.action_units, expected.action_units, "{event:#?}");
        let flag_delay_s = event.flagged_at.as_secs_f64() - expected.apex_s;
        assert!(flag_delay_s <= 0.1, "flagged {flag_delay_s} s after the rise was complete");
        let confirmed_at = event.confirmed_at.expect("it has returned");
        assert!(confirmed_at.as_secs_f64() - expected.offset_s <= 0.1 + 1.0 / 30.0, "{event:#?}");
    }
    assert_eq!(of(EventKind::Micro).count(), micros.len(), "false alarms among {:#?}", run.events);
    // A smile that lasts beyond the end is told too, once it has risen (0.7 s); nobody saw where it ends.
    let smiles: Vec<_> =
        truth.iter().filter(|t| t.kind == EventKind::Macro && t.onset_s + 1.0 < SECONDS).collect();
    let ended = smiles.iter().filter(|smile| smile.offset_s < SECONDS).count();
    assert!(ended >= 4 && smiles.len() > ended, "the script has two a cycle, and one goes on at the end");
    for smile in &smiles {
        let found = of(EventKind::Macro).find(|e| (e.onset.as_secs_f64() - smile.onset_s).abs() < 0.3);
        let found = found.unwrap_or_else(|| panic!("{smile:?} in {:#?}", run.events));
        assert_eq!(found.label, "happiness");
        assert_eq!(found.offset.is_some(), smile.offset_s < SECONDS, "{found:#?}");
    }
    assert_eq!(of(EventKind::Macro).count(), smiles.len(), "{:#?}", of(EventKind::Macro).collect::<Vec<_>>());
    // The brows of a calm face can be seen nearly always; lids never vote.
    let brow = RegionId { region: Region::InnerBrow, side: Side::Left };
    let seen = run.observability.iter().filter(|o| o.is_observable(brow)).count();
    assert!(seen * 4 > run.observability.len() * 3, "{seen} of {}", run.observability.len());
    let lid = RegionId { region: Region::Lid, side: Side::Left };
    assert!(run.observability.iter().all(|o| !o.is_observable(lid)));
}

#[test]
fn a_face_that_only_sways_and_blinks_shows_no_expression() {
    let run = run(SyntheticParams {
        duration_s: Some(30.0),
        seed: 3,
        expressions: 0.0,
        ..SyntheticParams::default()
    });
    let shown: Vec<_> = run.events.iter().filter(|event| event.kind != EventKind::Blink).collect();
    assert!(shown.is_empty(), "{shown:#?}");
}
