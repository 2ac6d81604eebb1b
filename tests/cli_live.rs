//! `onset live` from the outside, without a window: JSON lines, the demo fallback, wrong input.

#[path = "support/clips.rs"]
mod clips;

use std::fs;

use clips::{images, onset};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::Value;

fn lines(stdout: &[u8]) -> Vec<Value> {
    String::from_utf8_lossy(stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_demo_prints_json_lines_and_writes_its_picture() {
    let dir = tempfile::tempdir().unwrap();
    let picture = dir.path().join("overlay.png");
    let output = onset()
        .args(["live", "--headless", "--demo", "--duration", "6", "--screenshot"])
        .arg(&picture)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = lines(&output.stdout);
    assert_eq!(lines[0]["type"], "start");
    assert_eq!(lines[0]["demo"], true);
    assert_eq!((&lines[0]["profile"]["name"], &lines[0]["spotter"]), (&"default".into(), &"auto".into()));
    let stats = lines.iter().find(|line| line["type"] == "stats").unwrap();
    assert!(stats["not_observable"].is_string(), "{stats}");
    // Events end with a claim or are withdrawn: the newest line of each number is what `end` counts.
    let mut newest = std::collections::BTreeMap::new();
    for line in lines.iter().filter(|line| line["type"] == "event") {
        newest.insert(line["event"].as_u64().unwrap(), line["veto"].is_null());
    }
    let claimed = newest.values().filter(|is_claimed| **is_claimed).count();
    assert_eq!(lines.last().unwrap()["events"], claimed as u64);
    let end = lines.last().unwrap();
    assert_eq!(end["type"], "end");
    // Lost or not on a busy machine: every one of the 180 frames is accounted for.
    assert_eq!(end["frames"].as_u64().unwrap() + end["lost"].as_u64().unwrap(), 180);
    let gaps: u64 =
        lines.iter().filter(|line| line["type"] == "gap").map(|line| line["count"].as_u64().unwrap()).sum();
    assert_eq!(gaps, end["lost"].as_u64().unwrap());
    assert!(lines.iter().any(|line| line["type"] == "status" && line["status"] == "ok"));
    assert!(lines.iter().any(|line| line["type"] == "event" && line["kind"] == "blink"), "{lines:#?}");
    assert_eq!(image::open(&picture).unwrap().width(), 1280);
}

#[test]
fn without_camera_and_display_it_says_so_and_runs_the_demo() {
    if std::path::Path::new("/dev/video0").exists() {
        println!("SKIPPED without_camera: there is a camera here");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let output = onset().current_dir(dir.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(
        said.contains("demo") && said.contains("no display") && said.contains("onset-demo.png"),
        "{said}"
    );
    let lines = lines(&output.stdout);
    assert!(lines.last().unwrap()["t_s"].as_f64().unwrap() > 9.0);
    assert!(dir.path().join("onset-demo.png").is_file());
}

#[test]
fn a_file_is_played_as_if_live() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("frames");
    fs::create_dir(&input).unwrap();
    images(&input, 20);
    let output = onset().args(["live", "--headless", "--fps", "30", "--input"]).arg(&input).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let end = lines(&output.stdout).pop().unwrap();
    assert_eq!(end["frames"].as_u64().unwrap() + end["lost"].as_u64().unwrap(), 20);
}

#[test]
fn without_a_display_a_file_needs_headless() {
    let dir = tempfile::tempdir().unwrap();
    images(dir.path(), 2);
    onset()
        .args(["live", "--fps", "30", "--input"])
        .arg(dir.path())
        .assert()
        .code(1)
        .stderr(contains("no display").and(contains("--headless")));
}

#[test]
fn a_camera_that_is_not_there_is_named() {
    onset()
        .args(["live", "--headless", "--camera", "no such camera"])
        .assert()
        .code(1)
        .stderr(contains("camera").and(contains("onset devices")).and(contains("panicked").not()));
}

#[test]
fn wrong_usage_is_told_from_failure() {
    onset().args(["live", "--fps", "-3"]).assert().code(2);
    onset().args(["live", "--landmark-hz", "900", "--demo"]).assert().code(2).stderr(contains("landmark-hz"));
    onset().args(["live", "--demo", "--camera", "0"]).assert().code(2);
    onset().args(["live", "--pixel-format", "bgr"]).assert().code(2).stderr(contains("yuyv"));
    onset().args(["live", "--headless", "--demo", "--pixel-format", "mjpeg"]).assert().code(2);
    onset()
        .args(["live", "--headless", "--input", "/nowhere/clip.mp4"])
        .assert()
        .code(1)
        .stderr(contains("/nowhere/clip.mp4"));
    onset().args(["fly"]).assert().code(2);
}
