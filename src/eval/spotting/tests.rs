//! Spotting figures against cases computed by hand, and what must hold for any input.

mod files;
mod golden;
mod properties;

use super::{Clip, PredictedEvent, TruthEvent};
use crate::types::Timestamp;

fn ms(ms: i64) -> Timestamp {
    Timestamp::from_nanos(ms * 1_000_000)
}

/// A true event; times in ms.
fn truth(kind: &str, [onset, apex, offset]: [i64; 3]) -> TruthEvent {
    TruthEvent {
        kind: kind.to_owned(),
        onset: ms(onset),
        apex: ms(apex),
        offset: ms(offset),
        ..TruthEvent::default()
    }
}

/// A confirmed micro-expression, flagged 100 ms after its onset and confirmed at its offset; times in ms.
fn claim(id: u64, score: f64, [onset, offset]: [i64; 2]) -> PredictedEvent {
    PredictedEvent {
        id,
        kind: "micro".to_owned(),
        score,
        onset: ms(onset),
        apex: ms((onset + offset) / 2),
        offset: Some(ms(offset)),
        flagged_at: Some(ms(onset + 100)),
        confirmed_at: Some(ms(offset)),
        is_confirmed: true,
        ..PredictedEvent::default()
    }
}

/// Two clips with one of everything:
///
/// - `a`, 60 s of `p1` at 30 fps: three true events, of which one is found, one is vetoed and one overlaps too little, which
///   also makes a false alarm; another false alarm on a blink; a macro-expression;
/// - `b`, 30 s of `p2` at 60 fps, talking: one true event, found; one false alarm on nothing; one flag without an end.
fn two_clips() -> Vec<Clip> {
    let happy = TruthEvent {
        emotion: "happiness".to_owned(),
        action_units: vec![12],
        amplitude_icd: Some(0.02),
        ..truth("micro", [1000, 1100, 1400])
    };
    let sad = TruthEvent {
        emotion: "sadness".to_owned(),
        action_units: vec![1, 4, 15],
        amplitude_icd: Some(0.035),
        ..truth("micro", [5000, 5100, 5150])
    };
    let angry = TruthEvent {
        emotion: "anger".to_owned(),
        action_units: vec![4, 7],
        amplitude_icd: Some(0.05),
        ..truth("micro", [10_000, 10_200, 10_400])
    };
    let a = Clip {
        name: "a".to_owned(),
        fps: 30.0,
        base_kind: "still".to_owned(),
        person: "p1".to_owned(),
        duration_s: Some(60.0),
        truth: vec![happy, sad, angry, truth("blink", [20_000, 20_100, 20_300])],
        predicted: vec![
            PredictedEvent {
                label: "happiness".to_owned(),
                flagged_at: Some(ms(1150)),
                confirmed_at: Some(ms(1500)),
                ..claim(0, 0.9, [1000, 1400])
            },
            claim(1, 0.8, [10_250, 10_500]),
            claim(2, 0.3, [20_050, 20_250]),
            PredictedEvent { veto: "speech".to_owned(), ..claim(3, 0.7, [5000, 5150]) },
            PredictedEvent { kind: "macro".to_owned(), ..claim(4, 0.9, [30_000, 32_000]) },
        ],
        ..Clip::default()
    };
    let fear = TruthEvent {
        emotion: "fear".to_owned(),
        action_units: vec![1, 2],
        amplitude_icd: Some(0.015),
        ..truth("micro", [2000, 2100, 2300])
    };
    let b = Clip {
        name: "b".to_owned(),
        fps: 60.0,
        base_kind: "talking".to_owned(),
        person: "p2".to_owned(),
        duration_s: Some(30.0),
        truth: vec![fear, truth("speech", [0, 0, 6000])],
        predicted: vec![
            PredictedEvent {
                label: "sadness".to_owned(),
                flagged_at: Some(ms(2150)),
                confirmed_at: Some(ms(2250)),
                ..claim(0, 0.6, [2000, 2200])
            },
            claim(1, 0.5, [8000, 8300]),
            PredictedEvent { confirmed_at: None, is_confirmed: false, ..claim(2, 0.9, [9000, 9300]) },
        ],
        ..Clip::default()
    };
    vec![a, b]
}
