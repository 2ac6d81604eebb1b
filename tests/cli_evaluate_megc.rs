//! `onset evaluate megc` from outside: small tables of intervals, and what it says of bad ones.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;

const TRUTH: &str = "video,subject,kind,onset,offset,label\n\
    v1,s1,micro,10,19,negative\n\
    v1,s1,macro,100,149,positive\n\
    v2,s2,micro,40,49,surprise\n\
    v3,s2,none,,,\n";

/// The first is found and right, the second is found (5 of 10 frames) and wrong; one false alarm.
const FOUND: &str = "video,kind,onset,offset,label\n\
    v1,micro,12,21,negative\n\
    v2,micro,40,44,negative\n\
    v3,micro,1,10,negative\n";

fn tables(truth: &str, found: &str) -> (tempfile::TempDir, [PathBuf; 2]) {
    let dir = tempfile::tempdir().unwrap();
    let paths = ["truth.csv", "found.csv"].map(|name| dir.path().join(name));
    fs::write(&paths[0], truth).unwrap();
    fs::write(&paths[1], found).unwrap();
    (dir, paths)
}

fn megc([truth, found]: &[PathBuf; 2]) -> Command {
    let mut command = Command::cargo_bin("onset").unwrap();
    command.args(["evaluate", "megc", "--truth"]).arg(truth).arg("--predictions").arg(found);
    command
}

#[test]
fn figures_as_tables_and_as_json() {
    let (_dir, paths) = tables(TRUTH, FOUND);
    megc(&paths).assert().success().stdout(
        contains("3 videos, 2 people; matched one to one at IoU >= 0.5, in frames")
            .and(contains("STRS"))
            .and(contains("nothing there")),
    );
    let output = megc(&paths).arg("--json").assert().success().get_output().stdout.clone();
    let report: serde_json::Value = serde_json::from_slice(&output).unwrap();
    assert_eq!(report["micro"]["true_positives"], 2);
    assert_eq!(report["micro"]["f1"], 0.8);
    assert_eq!(report["macro"]["false_negatives"], 1);
    // negative: precision 1/2, recall 1; surprise: 0, 0. Means 1/4 and 1/2, their harmonic mean 1/3.
    let strs = report["micro"]["strs"].as_f64().unwrap();
    assert!((strs - 0.8 / 3.0).abs() < 1e-12, "{strs}");
    assert_eq!(report["by_video"].as_array().unwrap().len(), 4);
}

#[test]
fn options_change_what_counts() {
    let (_dir, paths) = tables(TRUTH, FOUND);
    let json = |options: &[&str]| -> serde_json::Value {
        let output = megc(&paths).arg("--json").args(options).assert().success().get_output().stdout.clone();
        serde_json::from_slice(&output).unwrap()
    };
    assert_eq!(json(&["--iou", "0.6"])["micro"]["true_positives"], 1);
    // 40 to 44 of 40 to 49 is 4 of 9 s.
    assert_eq!(json(&["--unit", "seconds"])["micro"]["true_positives"], 1);
    assert_eq!(json(&["--without", "surprise"])["micro"]["analysis"]["f1"], 1.0);
}

#[test]
fn wrong_input_is_told_by_name() {
    let fails = |truth: &str, found: &str, part: &str| {
        let (_dir, paths) = tables(truth, found);
        megc(&paths).assert().code(1).stderr(contains(part));
    };
    fails(TRUTH, "video,onset,offset\n", "found.csv, line 1: there is no column kind");
    fails(TRUTH, "video,kind,onset,offset\nv1,blink,1,2\n", "line 2, column kind");
    fails(TRUTH, "video,kind,onset,offset\nv9,micro,1,2\n", "the truth has no video v9");
    fails("video,kind,onset,offset\n", FOUND, "there are no rows");
    let (dir, paths) = tables(TRUTH, FOUND);
    megc(&paths).args(["--iou", "0"]).assert().code(2);
    let none: &Path = &dir.path().join("none.csv");
    megc(&[none.to_owned(), paths[1].clone()]).assert().code(2).stderr(contains("there is no such file"));
}
