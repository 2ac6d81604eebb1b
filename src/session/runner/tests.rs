//! The runner on made-up plans: single behaviours, then any plan at any pace.

use proptest::prelude::*;

use super::*;
use crate::session::protocol::Protocol;
use std::path::Path;

/// A plan of steps with their `[[block.step]]` endings.
fn plan(endings: &[&str]) -> Plan {
    let mut text = String::from(
        "name = \"t\"\nstimulus = \"interview\"\ncalibration_s = 10\n[[marker]]\nkey = \"1\"\nname = \"laughs\"\n[[block]]\n",
    );
    for ending in endings {
        text += &format!("[[block.step]]\nkind = \"prompt\"\ntext = \"words\"\n{ending}\n");
    }
    Protocol::from_text(&text, "t.toml", Path::new("")).unwrap().plan(0)
}

fn at(seconds: f64) -> Timestamp {
    Timestamp::from_secs_f64(seconds)
}

fn headless() -> RunnerParams {
    RunnerParams { is_headless: true, ..RunnerParams::default() }
}

#[test]
fn steps_follow_each_other_by_time_and_by_key() {
    let plan = plan(&["duration_s = 5", "until_key = true", "until_key = true\nat_most_s = 4"]);
    let mut runner = Runner::new(&plan, RunnerParams::default());
    assert_eq!(runner.left(at(2.0)), PlannedLength { min_s: 15.0, max_s: None });
    assert_eq!(runner.advance(at(2.0), &[]), [Change::Began { step: 0, at: at(2.0) }]);
    assert_eq!(runner.step_left_s(at(3.0)), Some(9.0));
    assert_eq!(runner.advance(at(11.9), &[RunnerKey::Answer]), [], "no step waits for a key yet");
    let next =
        |step, by, t| [Change::Ended { step, at: at(t), by }, Change::Began { step: step + 1, at: at(t) }];
    assert_eq!(runner.advance(at(12.0), &[]), next(0, EndedBy::Time, 12.0));
    assert_eq!(runner.advance(at(14.0), &[RunnerKey::Next]), next(1, EndedBy::Operator, 14.0));
    assert_eq!(
        runner.advance(at(14.2), &[RunnerKey::Answer]),
        [],
        "a double press belongs to the step before"
    );
    assert_eq!((runner.step_left_s(at(14.2)), runner.left(at(14.2)).max_s), (None, None));
    assert_eq!(runner.advance(at(90.0), &[]), [], "it waits");
    assert_eq!(runner.advance(at(90.5), &[RunnerKey::Answer; 2]), next(2, EndedBy::Answer, 90.5));
    assert_eq!(runner.left(at(91.5)), PlannedLength { min_s: 0.0, max_s: Some(3.0) });
    let end = [Change::Ended { step: 3, at: at(94.5), by: EndedBy::Time }, Change::Finished { at: at(94.5) }];
    assert_eq!(runner.advance(at(94.5), &[]), end);
    assert!(runner.is_over() && runner.advance(at(99.0), &[RunnerKey::Stop]).is_empty());
}

#[test]
fn markers_are_named_and_unknown_digits_do_nothing() {
    let mut runner = Runner::new(&plan(&["duration_s = 5"]), RunnerParams::default());
    let keys = [RunnerKey::Marker('1'), RunnerKey::Marker('7'), RunnerKey::Stop, RunnerKey::Marker('1')];
    assert_eq!(
        runner.advance(at(1.0), &keys),
        [
            Change::Began { step: 0, at: at(1.0) },
            Change::Marked { name: "laughs".to_owned(), at: at(1.0) },
            Change::Ended { step: 0, at: at(1.0), by: EndedBy::Stop },
            Change::Stopped { at: at(1.0) },
        ]
    );
    assert!(runner.is_over());
}

#[test]
fn without_a_person_no_step_waits() {
    let plan = plan(&["until_key = true", "until_key = true\nat_most_s = 2"]);
    let mut runner = Runner::new(&plan, headless());
    assert_eq!(runner.left(at(0.0)), PlannedLength { min_s: 17.0, max_s: Some(17.0) });
    let mut t = 0.0;
    while !runner.is_over() {
        runner.advance(at(t), &[]);
        t += 0.05;
    }
    assert!((17.0..17.2).contains(&t), "{t}");
}

#[test]
fn a_program_that_was_held_up_passes_over_no_step() {
    let mut runner = Runner::new(&plan(&["duration_s = 5", "duration_s = 5"]), RunnerParams::default());
    runner.advance(at(0.0), &[]);
    let changes = runner.advance(at(60.0), &[]);
    assert_eq!(changes.last(), Some(&Change::Began { step: 1, at: at(60.0) }));
    assert_eq!(runner.step_left_s(at(60.0)), Some(5.0));
}

/// Endings of steps: seconds, until a key, or until a key at most.
fn endings() -> impl Strategy<Value = Vec<String>> {
    let ending = prop_oneof![
        (0.05f64..8.0).prop_map(|s| format!("duration_s = {s}")),
        Just("until_key = true".to_owned()),
        (0.05f64..8.0).prop_map(|s| format!("until_key = true\nat_most_s = {s}")),
    ];
    prop::collection::vec(ending, 1..8)
}

fn keys() -> impl Strategy<Value = Vec<RunnerKey>> {
    let key = prop_oneof![
        8 => Just(RunnerKey::Answer),
        4 => Just(RunnerKey::Next),
        4 => Just(RunnerKey::Marker('1')),
        1 => Just(RunnerKey::Stop),
    ];
    prop_oneof![6 => Just(Vec::new()), 1 => prop::collection::vec(key, 1..4)]
}

proptest! {
    #[test]
    fn without_keys_it_takes_as_long_as_planned(endings in endings(), start in 0.0f64..1e5, poll_ms in 1i64..50) {
        let endings: Vec<&str> = endings.iter().map(String::as_str).collect();
        let mut runner = Runner::new(&plan(&endings), headless());
        let planned = runner.left(at(start));
        prop_assert_eq!(Some(planned.min_s), planned.max_s);
        let mut now = at(start);
        let mut ended = None;
        while ended.is_none() {
            ended = runner.advance(now, &[]).into_iter().find_map(|change| match change {
                Change::Finished { at } => Some(at),
                _ => None,
            });
            now = now + std::time::Duration::from_millis(poll_ms as u64);
        }
        let took_s = ended.unwrap().seconds_since(at(start));
        prop_assert!(took_s >= planned.min_s - 1e-6 && took_s <= planned.min_s + poll_ms as f64 * 1e-3 + 1e-6);
    }

    #[test]
    fn nothing_goes_back_and_what_begins_ends(
        endings in endings(),
        calls in prop::collection::vec((-500i64..4000, keys()), 1..200),
        is_headless: bool,
    ) {
        let endings: Vec<&str> = endings.iter().map(String::as_str).collect();
        let plan = plan(&endings);
        let mut runner = Runner::new(&plan, RunnerParams { is_headless, ..RunnerParams::default() });
        let (mut now_ms, mut last) = (0i64, i64::MIN);
        let (mut open, mut next, mut is_over) = (None, 0, false);
        for (step_ms, keys) in calls {
            now_ms += step_ms;
            for change in runner.advance(Timestamp::from_nanos(now_ms * 1_000_000), &keys) {
                prop_assert!(!is_over, "nothing follows the end");
                let at = match change {
                    Change::Began { step, at } => {
                        prop_assert_eq!((open, step), (None, next));
                        (open, next) = (Some(step), next + 1);
                        at
                    }
                    Change::Ended { step, at, .. } => {
                        prop_assert_eq!(open.take(), Some(step));
                        at
                    }
                    Change::Marked { at, .. } => at,
                    Change::Finished { at } => {
                        prop_assert_eq!(next, plan.steps.len());
                        is_over = true;
                        at
                    }
                    Change::Stopped { at } => {
                        is_over = true;
                        at
                    }
                };
                prop_assert!(at.as_nanos() >= last);
                last = at.as_nanos();
            }
            prop_assert_eq!((runner.step(), runner.is_over()), (open, is_over));
            let left = runner.left(Timestamp::from_nanos(now_ms * 1_000_000));
            prop_assert!(left.min_s >= 0.0 && left.max_s.is_none_or(|max_s| max_s >= left.min_s - 1e-9));
        }
        prop_assert!(!is_over || open.is_none());
    }
}
