//! `onset record` and what reads its sessions, from outside: the synthetic portrait before the camera.

#![expect(clippy::disallowed_methods, reason = "tests of the program run it in real time")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use predicates::prelude::*;
use serde_json::Value;
use tempfile::TempDir;

/// Nine seconds: a neutral face, a question, a question that waits for a key.
const PROTOCOL: &str = r#"
name = "short"
title = "Short"
stimulus = "questionnaire"
calibration_s = 5
order = "blocks"
[[marker]]
key = "1"
name = "laughs"
[[block]]
target = "anger"
[[block.step]]
kind = "question"
text = "Somebody takes the last biscuit and puts the empty box back. What do you say to them?"
duration_s = 2
[[block]]
target = "happiness"
[[block.step]]
kind = "question"
text = "What made you smile today?"
until_key = true
at_most_s = 2
"#;

fn onset() -> assert_cmd::Command {
    assert_cmd::Command::new(assert_cmd::cargo::cargo_bin!("onset"))
}

/// A folder with the protocol in it.
fn folder() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("short.toml"), PROTOCOL).unwrap();
    dir
}

/// `onset record` with everything that a session needs.
fn record(dir: &Path, out: &str, more: &[&str]) -> assert_cmd::Command {
    let mut command = onset();
    command.current_dir(dir).args([
        "record",
        "--protocol",
        "short.toml",
        "--participant",
        "P07",
        "--input",
        "synthetic",
        "--headless",
        "--accept-consent",
        "--purpose",
        "research",
        "--seed",
        "7",
        "--out",
        out,
    ]);
    command.args(more);
    command
}

fn check(dir: &Path, more: &[&str]) -> Value {
    let output =
        onset().current_dir(dir).args(["session", "check", "--json", "s"]).args(more).output().unwrap();
    let reports: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    reports[0].clone()
}

#[test]
fn a_session_is_recorded_checked_replayed_and_exported() {
    let dir = folder();
    let at = dir.path();
    let output = record(
        at,
        "s",
        &["--fast", "--fps", "20", "--width", "320", "--height", "240", "--gender", "female", "--json"],
    )
    .output()
    .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let outcome: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(outcome["ended"]["how"], "complete", "{outcome}");
    let frames = outcome["ended"]["totals"]["frames"].as_u64().unwrap();
    assert!(
        (180..=200).contains(&frames),
        "nine seconds at 20 frames a second, and what was under way: {frames}"
    );
    assert_eq!(outcome["observations_lost"], 0);

    let record_text = fs::read_to_string(at.join("s/session.toml")).unwrap();
    let toml: toml::Table = record_text.parse().unwrap();
    assert_eq!(toml["participant"].as_str(), Some("P07"));
    assert_eq!(toml["consent"]["purpose"].as_str(), Some("research"));
    assert_eq!(toml["consent"]["given_by"].as_str(), Some("--accept-consent"));
    assert_eq!(toml["source"]["pixel_format"].as_str(), Some("rgb"));
    assert_eq!(toml["protocol"]["seed"].as_integer(), Some(7));
    assert!(
        toml["calibration"]["noise_icd"].as_table().is_some_and(|noise| !noise.is_empty()),
        "{record_text}"
    );
    let profile = fs::read_to_string(at.join("s/profile.toml")).unwrap();
    assert!(profile.contains("width_px = 320") && profile.contains("height_px = 240"), "{profile}");
    // The neutral face of the session serves for others of this camera.
    onset()
        .current_dir(at)
        .args(["analyze", "s", "--out", "with-profile", "--profile", "s/profile.toml"])
        .assert()
        .success();
    assert!(!record_text.contains("female"), "metadata lies apart");
    assert!(fs::read_to_string(at.join("s/participant.toml")).unwrap().contains("female"));

    let report = check(at, &[]);
    assert_eq!((report["is_whole"].as_bool(), report["frames"].as_u64()), (Some(true), Some(frames)));
    assert_eq!((report["steps"].as_u64(), report["frames_unexplained"].as_u64()), (Some(3), Some(0)));
    assert_eq!(report["observations"].as_u64(), Some(frames));

    // The same frames straight from the source and from the session: the same rows, byte for byte.
    onset().current_dir(at).args(["analyze", "s", "--out", "a"]).assert().success();
    let rows = fs::read_to_string(at.join("a/s/frames.csv")).unwrap();
    assert_eq!(rows.lines().count() as u64, frames + 1);

    onset()
        .current_dir(at)
        .args(["live", "--headless", "--input", "s", "--duration", "1"])
        .assert()
        .success();
    onset()
        .current_dir(at)
        .args(["session", "export", "s", "--to", "png", "--out", "png"])
        .assert()
        .success();
    let pictures = fs::read_dir(at.join("png")).unwrap().count() as u64;
    assert_eq!(pictures, frames + 1, "a picture a frame, and timestamps.csv");
    onset()
        .current_dir(at)
        .args(["session", "export", "s", "--to", "csv"])
        .assert()
        .success()
        .stdout(predicate::str::contains("anger-01"));

    // Never overwritten.
    record(at, "s", &[]).assert().code(1).stderr(predicate::str::contains("nothing is ever overwritten"));
    assert_eq!(fs::read_to_string(at.join("s/session.toml")).unwrap(), record_text);
}

#[test]
fn what_cannot_be_is_refused_before_anything_is_made() {
    let dir = folder();
    let at = dir.path();
    let refused = |more: &[&str], code: i32, says: &str| {
        let args = [
            "record",
            "--protocol",
            "short.toml",
            "--participant",
            "P07",
            "--input",
            "synthetic",
            "--headless",
            "--purpose",
            "research",
            "--out",
            "s",
        ];
        let mut all: Vec<&str> = args.to_vec();
        for pair in more.chunks(2) {
            match all.iter().position(|arg| *arg == pair[0]) {
                Some(index) => all[index + 1] = pair[1],
                None => all.extend(pair),
            }
        }
        onset().current_dir(at).args(all).assert().code(code).stderr(predicate::str::contains(says));
        assert!(!at.join("s").exists(), "{says}");
    };
    refused(&[], 2, "--accept-consent");
    refused(&["--purpose", "employment"], 2, "Article 5(1)(f)");
    refused(&["--purpose", "education"], 2, "Article 5(1)(f)");
    refused(&["--participant", "Anna Schmidt"], 2, "pseudonym");
    refused(&["--protocol", "missing.toml"], 1, "missing.toml");
    refused(&["--consent", "missing.txt", "--accept-consent"], 1, "missing.txt");
    refused(&["--encrypt-to", "nobody", "--accept-consent"], 2, "age recipient");
    refused(&["--input", "missing.mkv", "--accept-consent"], 1, "missing.mkv");
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_to_says_so() {
    let dir = folder();
    fs::write(dir.path().join("file"), "x").unwrap();
    record(dir.path(), "file/s", &[]).assert().code(1).stderr(predicate::str::contains("file/s"));
}

/// Starts a session that goes on until it is stopped, and waits until its file has frames.
#[cfg(unix)]
fn started(at: &Path) -> std::process::Child {
    let child = Command::new(assert_cmd::cargo::cargo_bin!("onset"))
        .current_dir(at)
        .args([
            "record",
            "--protocol",
            "interview",
            "--participant",
            "P07",
            "--input",
            "synthetic",
            "--headless",
        ])
        .args([
            "--accept-consent",
            "--purpose",
            "self",
            "--fps",
            "20",
            "--width",
            "320",
            "--height",
            "240",
            "--out",
            "s",
        ])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let since = Instant::now();
    while fs::metadata(at.join("s/session.mcap")).map_or(0, |file| file.len()) < 1_500_000 {
        assert!(since.elapsed() < Duration::from_secs(60), "no frames were recorded");
        std::thread::sleep(Duration::from_millis(50));
    }
    child
}

#[cfg(unix)]
#[test]
fn a_program_that_is_killed_leaves_a_session_that_is_read_and_repaired() {
    let dir = folder();
    let at = dir.path();
    let mut child = started(at);
    child.kill().unwrap();
    child.wait().unwrap();
    let report = check(at, &[]);
    assert_eq!(report["is_whole"], false, "{report}");
    assert_eq!(report["frames_unexplained"], 0);
    assert!(report["frames"].as_u64().unwrap() > 5);
    let again = check(at, &[]);
    assert_eq!((&again["is_whole"], &again["frames"]), (&Value::Bool(true), &report["frames"]));
    assert_eq!(again["has_ended"], false);
    onset().current_dir(at).args(["analyze", "s", "--out", "a"]).assert().success();
}

#[cfg(unix)]
#[test]
fn a_folder_that_vanishes_ends_the_session_and_loses_nothing() {
    let dir = folder();
    let at = dir.path();
    let child = started(at);
    fs::remove_dir_all(at.join("s")).unwrap();
    let output = child.wait_with_output().unwrap();
    let says = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{says}");
    assert!(says.contains("vanished") && says.contains("s-rescued"), "{says}");
    fs::rename(at.join("s-rescued"), at.join("s")).unwrap();
    let report = check(at, &[]);
    assert_eq!((report["is_whole"].as_bool(), report["frames_unexplained"].as_u64()), (Some(true), Some(0)));
    assert!(report["frames"].as_u64().unwrap() > 5);
}
