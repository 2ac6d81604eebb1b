//! The detector on made-up faces: 30 frames a second, measured at 15 Hz and seen 67 ms later.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::{MaskedDetector, MaskedInput, MaskedParams};
use crate::types::{
    BLENDSHAPE_COUNT, Event, EventKind, Expression, FaceMeasurement, HeadPose, LABEL_COUNT, Label,
    LandmarkUpdate, MaskedForm, REGION_COUNT, Region, RegionId, RegionMotion, Side, Signal, Timestamp, Veto,
};

/// What a face does: from, to, in seconds; `None` for never.
#[derive(Clone, Copy, Debug, Default)]
struct Play {
    smile: Option<[f64; 2]>,
    /// Brows go down (anger) or up (sadness), with the eyes' word.
    brows: Option<[f64; 2]>,
    is_sad: bool,
    blink: Option<[f64; 2]>,
    unclear: Option<[f64; 2]>,
    speech: bool,
    yaw_deg: f32,
    /// What the eyes say at rest: probability of sadness.
    rest_sadness: f32,
}

fn during(span: Option<[f64; 2]>, at_s: f64) -> bool {
    span.is_some_and(|[from, to]| (from..to).contains(&at_s))
}

fn signal(at_s: f64, play: &Play, id: u32) -> Signal {
    let mut regions = [RegionMotion { is_valid: true, ..RegionMotion::default() }; REGION_COUNT];
    let down = if play.is_sad { -0.05 } else { 0.05 };
    let places = [
        (Region::MouthCorner, if during(play.smile, at_s) { -0.12 } else { 0.0 }),
        (Region::InnerBrow, if during(play.brows, at_s) { down } else { 0.0 }),
    ];
    for (region, y) in places {
        for side in [Side::Left, Side::Right] {
            regions[RegionId { region, side }.index()].displacement_icd[1] = y;
        }
    }
    Signal {
        captured_at: Timestamp::from_secs_f64(at_s),
        face_id: id,
        regions,
        patches: Default::default(),
        head_turn_deg_s: 0.0,
        head_speed_icd_s: 0.0,
        residual_icd: 0.0,
        is_new_reference: false,
    }
}

fn update(at_s: f64, play: &Play, id: u32) -> LandmarkUpdate {
    let smiles = during(play.smile, at_s);
    let negative = during(play.brows, at_s) || during(play.blink, at_s);
    let sadness = if negative && play.is_sad { 0.8 } else { play.rest_sadness };
    let anger = if negative && !play.is_sad { 0.8 } else { 0.01 };
    let mut eyes = [Some(0.002); LABEL_COUNT];
    eyes[Label::Sadness.index()] = Some(sadness);
    eyes[Label::Anger.index()] = Some(anger);
    eyes[Label::Neutral.index()] = Some(0.99 - sadness - anger);
    let mut face = [Some(0.01); LABEL_COUNT];
    face[Label::Happiness.index()] = Some(if smiles { 0.9 } else { 0.02 });
    face[Label::Neutral.index()] = Some(if smiles { 0.04 } else { 0.92 });
    let mut scores = Box::new([0.0; BLENDSHAPE_COUNT]);
    (scores[44], scores[45]) = if smiles { (0.7, 0.7) } else { (0.01, 0.01) };
    let measured_at = Timestamp::from_secs_f64(at_s);
    let face = FaceMeasurement {
        blendshapes: Some(scores),
        pose: HeadPose { yaw_deg: play.yaw_deg, ..HeadPose::default() },
        expression: Some(Expression { face, eyes: Some(eyes) }),
        ..FaceMeasurement::blank(id)
    };
    LandmarkUpdate { seq: 0, measured_at, unchanged_until: measured_at, faces: vec![face] }
}

/// A detector with its session.
struct Session {
    detector: MaskedDetector,
    next_event: u64,
    events: Vec<Event>,
}

impl Session {
    fn new() -> Self {
        Self { detector: MaskedDetector::new(MaskedParams::default()), next_event: 0, events: Vec::new() }
    }

    fn frame(&mut self, at_s: f64, frame: u32, play: &Play, id: u32, brief: &[Event]) {
        let is_measured = frame.is_multiple_of(2) && at_s >= 0.067;
        let update = is_measured.then(|| Arc::new(update(at_s - 0.067, play, id)));
        let expression = update.as_ref().and_then(|update| update.faces[0].expression);
        let signal = signal(at_s, play, id);
        let input = MaskedInput {
            now: Timestamp::from_secs_f64(at_s),
            is_clear: !during(play.unclear, at_s),
            is_blinking: during(play.blink.map(|[from, to]| [from - 0.1, to + 0.2]), at_s),
            is_speaking: play.speech,
            update: update.as_deref(),
            expression: expression.as_ref(),
            signal: Some(&signal),
            observability: None,
        };
        let mut events = brief.to_vec();
        let parts = self.detector.push(&input, &mut self.next_event, &mut events);
        if let Some(parts) = parts {
            for value in [parts.smile, parts.negative, parts.posed, parts.cheek, parts.score] {
                assert!((0.0..=1.0).contains(&value), "{parts:?}");
            }
        }
        self.events.extend(events.into_iter().filter(|event| event.kind == EventKind::Masked));
    }

    /// Plays for so many seconds; the events as they last stood.
    fn play(mut self, play: &Play, seconds: f64) -> Vec<Event> {
        for frame in 0..(seconds * 30.0) as u32 {
            self.frame(f64::from(frame) / 30.0, frame, play, 1, &[]);
        }
        let mut last = Vec::new();
        self.detector.finish(&mut last);
        self.events.extend(last);
        let mut by_id = std::collections::BTreeMap::new();
        self.events.into_iter().for_each(|event| _ = by_id.insert(event.id, event));
        by_id.into_values().collect()
    }
}

const MASKED: Play = Play {
    smile: Some([2.0, 5.0]),
    brows: Some([3.0, 4.5]),
    is_sad: false,
    blink: None,
    unclear: None,
    speech: false,
    yaw_deg: 0.0,
    rest_sadness: 0.02,
};

#[test]
fn a_smile_with_lowered_brows_is_flagged_within_300_ms_and_closed_when_they_return() {
    for is_sad in [false, true] {
        let events = Session::new().play(&Play { is_sad, ..MASKED }, 8.0);
        let [event] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!(event.label, if is_sad { "happy_but_sad" } else { "happy_but_angry" });
        assert!((2.95..3.25).contains(&event.onset.as_secs_f64()), "{event:?}");
        assert!((3.0..=3.3).contains(&event.flagged_at.as_secs_f64()), "{event:?}");
        let offset = event.offset.unwrap().as_secs_f64();
        assert!((4.4..4.9).contains(&offset), "{offset}");
        assert!(event.confirmed_at.is_some() && event.veto.is_none(), "{event:?}");
        assert_eq!(event.action_units, if is_sad { [1, 12] } else { [4, 12] });
        let masked = event.masked.unwrap();
        assert_eq!(masked.form, MaskedForm::Hold);
        assert!(masked.parts.smile > 0.7 && masked.parts.negative > 0.7, "{masked:?}");
    }
}

#[test]
fn it_is_closed_when_the_smile_ends_first() {
    let events = Session::new().play(&Play { brows: Some([3.0, 7.0]), ..MASKED }, 8.0);
    let [event] = events.as_slice() else { panic!("{events:?}") };
    assert!((4.9..5.5).contains(&event.offset.unwrap().as_secs_f64()), "{event:?}");
}

#[test]
fn it_lasts_to_the_end_of_the_input() {
    let play = Play { smile: Some([2.0, 99.0]), brows: Some([3.0, 99.0]), ..MASKED };
    let events = Session::new().play(&play, 6.0);
    let [event] = events.as_slice() else { panic!("{events:?}") };
    assert!(event.offset.is_none() && event.veto.is_none() && event.confirmed_at.is_some(), "{event:?}");
}

#[test]
fn nothing_is_said_without_both_parts() {
    for play in [
        Play { brows: None, ..MASKED },
        Play { smile: None, ..MASKED },
        // One after the other.
        Play { brows: Some([5.7, 7.0]), ..MASKED },
        Play { smile: None, brows: None, ..MASKED },
    ] {
        let events = Session::new().play(&play, 8.0);
        assert!(events.is_empty(), "{play:?}: {events:?}");
    }
}

#[test]
fn blinks_turned_heads_and_what_hides_the_face_raise_no_flag() {
    for play in [
        Play { brows: None, blink: Some([3.0, 3.25]), is_sad: true, ..MASKED },
        Play { unclear: Some([1.5, 6.0]), ..MASKED },
        Play { yaw_deg: 27.0, ..MASKED },
        Play { yaw_deg: f32::NAN, ..MASKED },
    ] {
        let events = Session::new().play(&play, 8.0);
        assert!(events.is_empty(), "{play:?}: {events:?}");
    }
}

#[test]
fn a_syllable_is_no_smile() {
    let syllable = Play { smile: Some([2.0, 2.3]), brows: Some([1.9, 3.5]), speech: true, ..MASKED };
    assert!(Session::new().play(&syllable, 6.0).is_empty());
}

#[test]
fn eyes_that_look_sad_at_rest_are_not_held_against_a_smile() {
    let play = Play { smile: Some([40.0, 43.0]), brows: None, rest_sadness: 0.45, ..MASKED };
    assert!(Session::new().play(&play, 46.0).is_empty());
}

#[test]
fn a_flag_that_does_not_last_is_withdrawn() {
    let events = Session::new().play(&Play { brows: Some([3.0, 3.2]), ..MASKED }, 8.0);
    assert!(events.iter().all(|event| event.veto == Some(Veto::TooShort)), "{events:?}");
}

#[test]
fn another_person_starts_anew() {
    let mut session = Session::new();
    for frame in 0..240 {
        let at_s = f64::from(frame) / 30.0;
        session.frame(
            at_s,
            frame,
            &Play { brows: Some([3.0, 7.0]), smile: Some([2.0, 7.0]), ..MASKED },
            1 + u32::from(at_s >= 4.0),
            &[],
        );
    }
    let ends: Vec<_> = session.events.iter().filter(|event| event.offset.is_some()).collect();
    assert!(
        ends.iter().any(|event| event.face_id == 1 && event.offset.unwrap().as_secs_f64() < 4.05),
        "{ends:?}"
    );
}

fn brief(id: u64, onset_s: f64, units: &[u8], region: Region) -> Event {
    let at = Timestamp::from_secs_f64;
    Event {
        id,
        kind: EventKind::Micro,
        label: "anger".to_owned(),
        score: 0.9,
        onset: at(onset_s),
        apex: at(onset_s + 0.1),
        offset: None,
        amplitude_icd: Some(0.03),
        regions: vec![RegionId { region, side: Side::Left }],
        action_units: units.to_vec(),
        definition: None,
        min_resolvable_ms: 100.0,
        flagged_at: at(onset_s + 0.15),
        confirmed_at: None,
        face_id: 1,
        veto: None,
        masked: None,
        label_evidence: None,
    }
}

/// Plays a smile during which the spotter says `first`, and 0.3 s later `then`.
fn with_brief(first: &Event, then: &Event) -> Vec<Event> {
    let mut session = Session { next_event: 100, ..Session::new() };
    let play = Play { brows: None, ..MASKED };
    for frame in 0..180 {
        let at_s = f64::from(frame) / 30.0;
        let said = match frame {
            105 => std::slice::from_ref(first),
            114 => std::slice::from_ref(then),
            _ => &[],
        };
        session.frame(at_s, frame, &play, 1, said);
    }
    session.events
}

#[test]
fn a_brief_motion_of_the_brows_during_a_smile_is_a_burst() {
    let first = brief(7, 3.4, &[4], Region::InnerBrow);
    let end = first.onset + Duration::from_millis(300);
    let then = Event { offset: Some(end), confirmed_at: Some(end), ..first.clone() };
    let events = with_brief(&first, &then);
    let [flag, confirmed] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((flag.id, confirmed.id), (100, 100));
    assert!(flag.confirmed_at.is_none() && confirmed.confirmed_at.is_some());
    assert_eq!(confirmed.label, "happy_but_angry");
    assert_eq!(confirmed.masked.unwrap().form, MaskedForm::Burst);
    assert_eq!((confirmed.onset, confirmed.offset), (first.onset, Some(end)));
    let sad = brief(7, 3.4, &[1, 4], Region::InnerBrow);
    assert_eq!(with_brief(&sad, &sad)[0].label, "happy_but_sad");
    let raised = brief(7, 3.4, &[1, 2], Region::Brow);
    assert_eq!(with_brief(&raised, &raised)[0].label, "happy_but_other");
}

#[test]
fn what_the_spotter_withdraws_or_finds_lasting_is_withdrawn() {
    let first = brief(7, 3.4, &[4], Region::InnerBrow);
    for (then, veto) in [
        (Event { veto: Some(Veto::Head), ..first.clone() }, Veto::Head),
        (Event { kind: EventKind::Macro, ..first.clone() }, Veto::Lasting),
    ] {
        let events = with_brief(&first, &then);
        assert_eq!(events.last().unwrap().veto, Some(veto), "{events:?}");
    }
}

#[test]
fn mouths_and_motions_before_the_smile_are_no_bursts() {
    for first in [
        brief(7, 3.4, &[12], Region::MouthCorner),
        brief(7, 3.4, &[4, 12], Region::InnerBrow),
        brief(7, 1.5, &[4], Region::InnerBrow),
        Event { veto: Some(Veto::Lone), ..brief(7, 3.4, &[4], Region::InnerBrow) },
    ] {
        assert!(with_brief(&first, &first).is_empty(), "{first:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn whatever_happens_events_are_in_order_and_inside(
        smile in (0.0..4.0f64, 0.0..4.0f64), brows in (0.0..4.0f64, 0.0..4.0f64), blink in (0.0..6.0f64, 0.0..0.5f64),
        unclear in (0.0..6.0f64, 0.0..1.0f64), is_sad: bool, speech: bool,
    ) {
        let span = |(from, length): (f64, f64)| Some([from, from + length]);
        let play = Play {
            smile: span(smile), brows: span(brows), blink: span(blink), unclear: span(unclear), is_sad, speech, ..MASKED
        };
        for event in Session::new().play(&play, 8.0) {
            let end = event.offset.unwrap_or(Timestamp::from_secs_f64(8.0));
            prop_assert!(event.onset <= event.apex && event.apex <= end && event.onset <= event.flagged_at);
            prop_assert!(event.score.is_finite() && (0.0..=1.0).contains(&event.score));
            prop_assert!(event.confirmed_at.is_none_or(|at| at >= event.flagged_at));
            prop_assert!(event.veto.is_some() == event.confirmed_at.is_none());
        }
    }
}
