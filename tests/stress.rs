//! Under stress nothing is lost silently and the session goes on: a busy machine, a stopped process, a source that is too fast, a
//! caller that does not take its results, clocks that jump.
//!
//! How fast it is then is for `onset bench`; here every frame is accounted for.

#[path = "support/clips.rs"]
mod clips;

use std::time::Duration;

use clips::onset;
use onset::bench::hold_synthetic;
use onset::capture::{SessionClock, SyntheticParams, SyntheticSource};
use onset::pipeline::{Analyzer, AnalyzerParams, LiveItem, LiveOptions, start};
use onset::types::{Frame, FrameStatus, Timestamp};
use serde_json::Value;

fn lines(stdout: &[u8]) -> Vec<Value> {
    String::from_utf8_lossy(stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Checks that frames and losses add up, and gives the losses.
fn lost_of(lines: &[Value], frames: u64) -> u64 {
    let end = lines.last().unwrap();
    assert_eq!(end["type"], "end", "{end}");
    assert!(end["error"].is_null(), "{end}");
    let lost = end["lost"].as_u64().unwrap();
    assert_eq!(end["frames"].as_u64().unwrap() + lost, frames);
    let gaps = lines.iter().filter(|line| line["type"] == "gap");
    assert_eq!(gaps.map(|line| line["count"].as_u64().unwrap()).sum::<u64>(), lost);
    lost
}

#[cfg(unix)]
#[test]
fn a_stopped_process_goes_on_where_time_is_now() {
    use std::process::{Command, Stdio};
    let child = Command::new(env!("CARGO_BIN_EXE_onset"))
        .args(["live", "--headless", "--demo", "--duration", "8"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let signal = |name: &str| {
        assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
    };
    std::thread::sleep(Duration::from_secs(3));
    signal("-STOP");
    std::thread::sleep(Duration::from_millis(2500));
    signal("-CONT");
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let lines = lines(&output.stdout);
    // Two and a half seconds passed unseen: the newest frame wins, and what was skipped is counted.
    let lost = lost_of(&lines, 240);
    assert!(lost >= 30, "{lost} lost");
    // It is a session again afterwards: media time reached the end.
    assert!(lines.last().unwrap()["t_s"].as_f64().unwrap() > 7.0, "{:?}", lines.last());
}

#[cfg(unix)]
#[test]
fn busy_neighbours_cost_frames_but_none_silently() {
    use std::process::{Child, Command};
    struct Hogs(Vec<Child>);
    impl Drop for Hogs {
        fn drop(&mut self) {
            for hog in &mut self.0 {
                let _ = hog.kill();
                let _ = hog.wait();
            }
        }
    }
    let hog = |_| Command::new("sh").args(["-c", "while :; do :; done"]).spawn().unwrap();
    let hogs = Hogs((0..4).map(hog).collect());
    let output = onset().args(["live", "--headless", "--demo", "--duration", "5"]).output().unwrap();
    drop(hogs);
    assert!(output.status.success());
    lost_of(&lines(&output.stdout), 150);
}

/// A source of 240 frames a second, and a caller that takes nothing for two seconds: the session waits for it, the ring overflows, and
/// every frame is either delivered or counted, in order.
#[test]
fn a_fast_source_and_a_slow_caller_lose_frames_that_are_counted() {
    let source = hold_synthetic(320, 240, 240.0, 1).unwrap().played(240.0, 4.0);
    let options = LiveOptions {
        analyzer: AnalyzerParams { landmark_hz: 5.0, ..AnalyzerParams::default() },
        pace: true,
        lossless: false,
        display: false,
        duration_s: None,
    };
    let session = start(Box::new(source), SessionClock::start(), options).unwrap();
    std::thread::sleep(Duration::from_secs(2));
    let (mut next, mut frames, mut last_latency_ms) = (0, 0u64, 0.0);
    for item in session.items() {
        match item {
            LiveItem::Observation { observation, latency_ms, .. } => {
                for gap in &observation.gaps {
                    assert_eq!(gap.first_seq, next);
                    next += gap.count;
                }
                assert_eq!(observation.seq, next);
                next += 1;
                frames += 1;
                last_latency_ms = latency_ms;
            }
            LiveItem::Gap(gap) => {
                assert_eq!(gap.first_seq, next);
                next += gap.count;
            }
            LiveItem::LastUpdate(_) | LiveItem::LastEvents(_) => {}
        }
    }
    session.finish().unwrap();
    assert_eq!(next, 960);
    assert!(frames < 960, "nothing was lost: the caller was not slow enough to prove anything");
    // What waited for the caller is bounded: at the end it is the present again.
    assert!(last_latency_ms < 2000.0, "{last_latency_ms} ms");
}

/// A machine that slept: media time jumps by an hour, and once by nothing. No event is made of it, and the face is followed again.
#[test]
fn a_jump_of_time_is_no_movement() {
    let params = SyntheticParams { expressions: 0.0, blinks: false, ..SyntheticParams::default() };
    let mut source = SyntheticSource::new(params).unwrap();
    let mut analyzer = Analyzer::new(AnalyzerParams::default()).unwrap();
    let mut frame = Frame::default();
    let mut at_s = 0.0;
    let mut last_valid = 0;
    for index in 0..150u64 {
        // After the sleep the head is elsewhere: ten seconds of its motion are left out.
        source.render_into(if index < 60 { index } else { index + 300 }, &mut frame);
        at_s += match index {
            60 => 3600.0,
            90 => 0.0,
            _ => 1.0 / 30.0,
        };
        (frame.seq, frame.captured_at) = (index, Timestamp::from_secs_f64(at_s));
        let observation = analyzer.push(&frame).unwrap().unwrap();
        assert!(
            observation.events.iter().all(|event| event.confirmed_at.is_none()),
            "{index}: {:?}",
            observation.events
        );
        assert!(index < 75 || observation.status == FrameStatus::Ok, "{index}: {:?}", observation.status);
        last_valid = observation.signal.map_or(0, |s| s.regions.iter().filter(|r| r.is_valid).count());
    }
    assert!(last_valid > 15, "{last_valid} regions");
}
