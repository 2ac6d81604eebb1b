//! `onset record` in its two windows under a virtual X server: consent is asked for, keys answer, mark and stop.
//! Skips, saying so, where Xvfb or xdotool is missing.

#[path = "support/xvfb.rs"]
mod xvfb;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use xvfb::{Guard, start_server, wait_for, xdotool};

fn record(display: &str, dir: &Path) -> Guard {
    let mut command = Command::new(env!("CARGO_BIN_EXE_onset"));
    command
        .current_dir(dir)
        .args([
            "record",
            "--protocol",
            "interview",
            "--participant",
            "P07",
            "--purpose",
            "research",
            "--out",
            "s",
        ])
        .args(["--input", "synthetic", "--fps", "20", "--width", "320", "--height", "240"])
        .env("DISPLAY", display)
        .stderr(Stdio::piped());
    Guard(command.spawn().unwrap())
}

/// The number of the window with this name.
fn window(display: &str, name: &str) -> String {
    wait_for(name, || xdotool(display, &["search", "--name", name])?.lines().last().map(str::to_owned))
}

fn press(display: &str, window: &str, key: &str) {
    wait_for("the focus", || xdotool(display, &["windowfocus", "--sync", window]));
    wait_for("a key", || xdotool(display, &["key", key]));
    std::thread::sleep(Duration::from_millis(300));
}

#[test]
fn a_session_in_two_windows() {
    if Command::new("xdotool").arg("version").output().is_err() {
        println!("SKIPPED a_session_in_two_windows: xdotool is missing; ./check installs it");
        return;
    }
    let Some((_server, display)) = start_server("1400x1000x24") else {
        println!("SKIPPED a_session_in_two_windows: Xvfb is missing; ./check installs it");
        return;
    };
    wait_for("the display", || xdotool(&display, &["getdisplaygeometry"]));
    without_consent_nothing_is_recorded(&display);
    keys_agree_mark_and_stop(&display);
}

fn without_consent_nothing_is_recorded(display: &str) {
    let dir = tempfile::tempdir().unwrap();
    let mut program = record(display, dir.path());
    let participant = window(display, "^Onset$");
    press(display, &participant, "n");
    let status = wait_for("the end", || program.0.try_wait().unwrap());
    assert_eq!(status.code(), Some(1));
    assert!(!dir.path().join("s").exists());
}

fn keys_agree_mark_and_stop(display: &str) {
    let dir = tempfile::tempdir().unwrap();
    let mut program = record(display, dir.path());
    let participant = window(display, "^Onset$");
    let operator = window(display, "^Onset: operator$");
    let log = dir.path().join("s/log.jsonl");
    let logged = |what: &str| fs::read_to_string(&log).is_ok_and(|text| text.contains(what));
    // Y counts on the last page only: whoever agrees has had all of them before them.
    press(display, &participant, "y");
    assert!(!dir.path().join("s").exists());
    wait_for("the session to begin", || {
        for key in ["space", "y"] {
            press(display, &participant, key);
        }
        logged("calibration begins").then_some(())
    });
    wait_for("a marker", || {
        press(display, &operator, "1");
        logged("\"what\":\"marker\"").then_some(())
    });
    press(display, &operator, "q");
    let status = wait_for("the end", || program.0.try_wait().unwrap());
    assert!(status.success(), "{status}");
    let record = fs::read_to_string(dir.path().join("s/session.toml")).unwrap();
    assert!(record.contains("given_by = \"key\"") && record.contains("how = \"stopped\""), "{record}");
}
