//! `onset bench` from the outside: reports in every form, comparison, wrong input.

#[path = "support/clips.rs"]
mod clips;

use std::fs;

use clips::{images, onset};
use predicates::str::contains;
use serde_json::Value;

const STAGES: [&str; 10] = [
    "capture",
    "decode",
    "detect",
    "landmarks",
    "blendshapes",
    "align",
    "motion",
    "classify",
    "spot",
    "draw",
];

#[test]
fn a_run_reports_every_stage_and_can_be_compared() {
    let dir = tempfile::tempdir().unwrap();
    let (json, page) = (dir.path().join("a.json"), dir.path().join("a.html"));
    let output = onset()
        .args(["bench", "--size", "320x240", "--seconds", "4", "--warm-up", "1", "--json"])
        .arg(&json)
        .arg("--html")
        .arg(&page)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let report: Value = serde_json::from_str(&fs::read_to_string(&json).unwrap()).unwrap();
    let named = |list: &str| -> Vec<String> {
        let entries = report[list].as_array().unwrap().iter();
        entries.map(|entry| entry["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(named("stages"), STAGES);
    assert_eq!(named("end_to_end"), ["arrival to result", "arrival to picture"]);
    assert_eq!(named("networks").len(), 6);
    for list in ["stages", "end_to_end", "networks"] {
        for entry in report[list].as_array().unwrap() {
            let at = |key: &str| entry[key].as_f64().unwrap();
            assert!(at("count") > 0.0 && at("p50_ms") > 0.0, "{entry}");
            assert!(
                at("p50_ms") <= at("p95_ms") && at("p95_ms") <= at("p99_ms") && at("p99_ms") <= at("max_ms")
            );
            assert_eq!(entry["percentiles_ms"].as_array().unwrap().len(), 101);
        }
    }
    // Motion runs on every frame, and every frame of the source came or was counted.
    let motion = report["stages"][6]["count"].as_u64().unwrap();
    let frames = report["frames"].as_u64().unwrap();
    assert!(motion.abs_diff(frames) <= 2, "{motion} {frames}");
    assert!(frames + report["lost"].as_u64().unwrap() >= 100);
    #[cfg(target_os = "linux")]
    for known in ["cpu_ms_per_frame", "cpu_cores", "allocations_per_frame", "peak_memory_mb"] {
        assert!(report[known].as_f64().unwrap() > 0.0, "{known}");
    }
    assert!(
        text.contains("arrival to result") && text.contains("frames ") && text.contains("cores"),
        "{text}"
    );
    let page = fs::read_to_string(&page).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.contains("<svg") && !page.contains("<script"));
    assert!(!page.contains("http"), "the page is self-contained");

    // Beside itself nothing has changed, and nothing that was not measured is compared.
    let again = onset()
        .args([
            "bench",
            "--size",
            "320x240",
            "--seconds",
            "4",
            "--warm-up",
            "1",
            "--no-draw",
            "--no-networks",
            "--compare",
        ])
        .arg(&json)
        .output()
        .unwrap();
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
    let text = String::from_utf8(again.stdout).unwrap();
    let table: Vec<&str> = text.lines().skip_while(|line| !line.starts_with("median, ms")).collect();
    assert!(table.iter().any(|line| line.starts_with("motion")), "{text}");
    assert!(!table.iter().any(|line| line.starts_with("draw") || line.starts_with("spotter ")), "{text}");
}

#[test]
fn pictures_of_ones_own_are_measured_too() {
    let dir = tempfile::tempdir().unwrap();
    images(dir.path(), 12);
    onset()
        .args([
            "bench",
            "--fps",
            "20",
            "--seconds",
            "2",
            "--warm-up",
            "0.5",
            "--no-networks",
            "--no-draw",
            "--input",
        ])
        .arg(dir.path())
        .assert()
        .success()
        .stdout(contains("at 20 fps"));
}

#[test]
fn networks_by_themselves_are_lines_for_scripts() {
    let output = onset().args(["bench", "--networks-only"]).output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().count(), 6);
    for line in text.lines() {
        let fields: Vec<_> = line.split(' ').collect();
        assert!(fields.len() == 3 && fields[1..].iter().all(|ms| ms.parse::<f64>().unwrap() > 0.0), "{line}");
    }
}

#[test]
fn wrong_input_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let other = dir.path().join("other.json");
    fs::write(&other, "{\"schema\": 99}").unwrap();
    onset()
        .args(["bench", "--compare"])
        .arg(&other)
        .assert()
        .failure()
        .stderr(contains("onset bench --json"));
    fs::write(&other, "[1, 2").unwrap();
    onset().args(["bench", "--compare"]).arg(&other).assert().failure().stderr(contains("other.json"));
    onset().args(["bench", "--compare", "nowhere.json"]).assert().failure().stderr(contains("nowhere.json"));
    onset().args(["bench", "--input", "nowhere.mp4"]).assert().failure().stderr(contains("nowhere.mp4"));
    onset().args(["bench", "--size", "8x8"]).assert().code(2).stderr(contains("--size"));
    onset().args(["bench", "--people", "5"]).assert().code(2);
    onset().args(["bench", "--camera", "0", "--sustain"]).assert().code(2);
}
