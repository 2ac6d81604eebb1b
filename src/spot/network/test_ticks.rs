//! The grid of ticks, against values worked out by hand.

use super::points::{PointMotion, points};
use super::ticks::{Tick, TickParams, Ticker, time_of};
use crate::types::{PatchMotion, Timestamp};

/// A frame at this time with all points at (x, -2x).
fn frame(at: Timestamp, face_id: u32, x: f32) -> PointMotion {
    let point = PatchMotion { displacement_icd: [x, -2.0 * x], is_valid: true };
    PointMotion { at, face_id, points: vec![point; points().len()], head_speed_icd_s: x }
}

/// Frames at these times, with x = time (so that interpolation gives back the time), and what became of them: the frame's
/// number and the tick.
fn run(times_s: &[f64]) -> Vec<(usize, Tick)> {
    let mut ticker = Ticker::new(TickParams::default());
    let mut given = Vec::new();
    for (index, at_s) in times_s.iter().enumerate() {
        let mut ticks = Vec::new();
        ticker.push(&frame(Timestamp::from_secs_f64(*at_s), 7, *at_s as f32), &mut ticks);
        given.extend(ticks.into_iter().map(|tick| (index, tick)));
    }
    given
}

fn frames(fps: f64, count: usize) -> Vec<f64> {
    (0..count).map(|index| index as f64 / fps).collect()
}

fn x(tick: &Tick) -> f64 {
    f64::from(tick.points[3].displacement_icd[0])
}

fn assert_near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 2e-6, "{found} is not {expected}");
}

#[test]
fn at_30_fps_each_frame_is_a_tick_at_once() {
    let given = run(&frames(30.0, 10));
    let (frames, indices): (Vec<_>, Vec<_>) = given.iter().map(|(frame, tick)| (*frame, tick.index)).unzip();
    assert_eq!(frames, (0..10).collect::<Vec<_>>());
    assert_eq!(indices, (0..10).collect::<Vec<_>>());
    for (frame, tick) in &given {
        assert_near(x(tick), *frame as f64 / 30.0);
        assert_near(f64::from(tick.head_speed_icd_s), *frame as f64 / 30.0);
    }
}

#[test]
fn times_rounded_to_a_millisecond_still_give_a_tick_a_frame() {
    // As Matroska stores 30 fps.
    let given = run(&[0.0, 0.033, 0.067, 0.1, 0.133, 0.167, 0.2]);
    let by_frame: Vec<_> = given.iter().map(|(frame, tick)| (*frame, tick.index)).collect();
    assert_eq!(by_frame, [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6)]);
}

#[test]
fn at_24_fps_ticks_are_interpolated_and_come_with_the_frame_after() {
    let given = run(&frames(24.0, 9));
    // Frames at 0, 41.7, 83.3, 125 ms ...; ticks at 0, 33.3, 66.7, 100, 133.3 ...: five ticks in four frames.
    let by_frame: Vec<_> = given.iter().map(|(frame, tick)| (*frame, tick.index)).collect();
    assert_eq!(by_frame[..6], [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (4, 5)]);
    for (_, tick) in &given {
        assert_near(x(tick), tick.index as f64 / 30.0);
        assert_eq!(tick.centre, tick.at());
        assert!(tick.is_valid);
    }
}

#[test]
fn at_60_and_120_fps_a_tick_is_the_mean_of_the_frames_since_the_last() {
    for (fps, per_tick) in [(60.0, 2.0), (120.0, 4.0)] {
        let given = run(&frames(fps, 60));
        let (_, tick) = given.iter().find(|(_, tick)| tick.index == 6).expect("half a second has tick 6");
        // The frames after tick 5 up to tick 6: their mean lies half of (n - 1) periods before it.
        let expected = 6.0 / 30.0 - (per_tick - 1.0) / 2.0 / fps;
        assert_near(x(tick), expected);
        assert_near(tick.centre.as_secs_f64(), expected);
        let frame = given.iter().find(|(_, tick)| tick.index == 6).expect("as above").0;
        assert_eq!(frame as f64, 6.0 / 30.0 * fps, "it comes with the frame at its time");
    }
}

#[test]
fn the_mean_lowers_noise() {
    let mut ticker = Ticker::new(TickParams::default());
    let mut ticks = Vec::new();
    for index in 0..240_i32 {
        // Noise that alternates: the mean of four frames is zero.
        let x = if index % 2 == 0 { 0.01 } else { -0.01 };
        ticker.push(&frame(Timestamp::from_secs_f64(f64::from(index) / 120.0), 0, x), &mut ticks);
    }
    assert!(ticks.len() > 55);
    assert!(ticks.iter().skip(2).all(|tick| x(tick).abs() < 1e-6));
}

#[test]
fn one_lost_frame_is_bridged_and_a_long_gap_is_not() {
    let given = run(&[0.0, 1.0 / 30.0, 3.0 / 30.0, 4.0 / 30.0]);
    assert!(given.iter().all(|(_, tick)| tick.is_valid));
    assert_near(x(&given[2].1), 2.0 / 30.0);
    // 0.3 s without a frame.
    let given = run(&[0.0, 1.0 / 30.0, 10.0 / 30.0, 11.0 / 30.0]);
    let valid: Vec<_> = given.iter().map(|(_, tick)| tick.is_valid).collect();
    assert_eq!(given.len(), 12);
    assert!(valid[..2].iter().chain(&valid[10..]).all(|valid| *valid));
    assert!(valid[2..10].iter().all(|valid| !valid), "{valid:?}");
}

#[test]
fn a_lost_face_gives_invalid_ticks_as_time_goes_by() {
    let mut ticker = Ticker::new(TickParams::default());
    let mut ticks = Vec::new();
    ticker.push(&frame(Timestamp::ZERO, 0, 0.0), &mut ticks);
    assert_eq!(ticks.len(), 1);
    for index in 1..=30 {
        ticker.push(&PointMotion { at: time_of(index), ..PointMotion::default() }, &mut ticks);
    }
    assert_eq!(ticks.len(), 31);
    assert!(ticks[1..].iter().all(|tick| !tick.is_valid && tick.points.is_empty()));
    // A day later: no flood of ticks.
    ticks.clear();
    ticker.push(&frame(time_of(30 * 86_400), 0, 0.0), &mut ticks);
    assert!(ticks.len() <= 301 && ticks.last().is_some_and(|tick| tick.is_valid));
}

#[test]
fn another_face_is_never_joined_to_the_one_before() {
    let mut ticker = Ticker::new(TickParams::default());
    let mut ticks = Vec::new();
    for (index, face) in [1, 1, 2, 2].into_iter().enumerate() {
        ticker.push(&frame(Timestamp::from_secs_f64(0.01 + index as f64 / 25.0), face, 0.0), &mut ticks);
    }
    // Ticks 1 (33 ms), 2 (67 ms: between the faces), 3 (100 ms).
    let valid: Vec<_> = ticks.iter().map(|tick| (tick.index, tick.is_valid)).collect();
    assert_eq!(valid, [(1, true), (2, false), (3, true)]);
}

#[test]
fn a_point_lost_in_either_frame_is_not_valid_between_them() {
    let mut ticker = Ticker::new(TickParams::default());
    let mut ticks = Vec::new();
    ticker.push(&frame(Timestamp::ZERO, 0, 0.0), &mut ticks);
    let mut after = frame(Timestamp::from_secs_f64(0.05), 0, 0.0);
    after.points[5].is_valid = false;
    ticker.push(&after, &mut ticks);
    let valid = ticks[1].points.iter().filter(|point| point.is_valid).count();
    assert!(!ticks[1].points[5].is_valid && valid == points().len() - 1);
}
