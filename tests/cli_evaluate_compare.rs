//! `onset evaluate compare` from outside: predictions of two recognisers as tables.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;

/// Ten examples of two people; those in `wrong` are called what they are not.
fn table(dir: &Path, name: &str, wrong: &[usize]) -> PathBuf {
    let mut text = "example,subject,truth,p_anger,p_sadness\n".to_owned();
    for index in 0..10 {
        let is_anger = (index % 3 == 0) != wrong.contains(&index);
        let (anger, sadness) = if is_anger { (0.75, 0.25) } else { (0.25, 0.75) };
        let truth = if index % 3 == 0 { "anger" } else { "sadness" };
        text += &format!("e{index},P{},{truth},{anger},{sadness}\n", index % 2);
    }
    let path = dir.join(name);
    fs::write(&path, text).unwrap();
    path
}

fn compare(first: &Path, second: &Path) -> Command {
    let mut command = Command::cargo_bin("onset").unwrap();
    command.args(["evaluate", "compare"]).arg(first).arg(second);
    command
}

#[test]
fn both_figures_and_the_test() {
    let dir = tempfile::tempdir().unwrap();
    let first = table(dir.path(), "a.csv", &[1]);
    let second = table(dir.path(), "b.csv", &[1, 2, 3, 4]);
    compare(&first, &second)
        .assert()
        .success()
        .stdout(contains("only the first 3, only the second 0").and(contains("McNemar: p = 0.2500 (exact")));
    let output = compare(&first, &second).arg("--json").assert().success().get_output().stdout.clone();
    let report: serde_json::Value = serde_json::from_slice(&output).unwrap();
    assert_eq!(report["first"]["pooled"]["accuracy"], 0.9);
    assert_eq!(report["second"]["pooled"]["accuracy"], 0.6);
    assert_eq!(report["mcnemar"]["p"], 0.25);
    assert_eq!(report["first"]["pooled"]["intervals"]["unit"], "subject");
}

#[test]
fn what_cannot_be_compared_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let first = table(dir.path(), "a.csv", &[]);
    let second = dir.path().join("b.csv");
    compare(&first, &second).assert().code(2).stderr(contains("b.csv: there is no such file"));
    fs::write(&second, "example,truth,p_anger,p_sadness\ne0,anger,1,0\n").unwrap();
    compare(&first, &second).assert().code(1).stderr(contains("the second lacks example e1"));
    fs::write(&second, "example,truth,p_anger\ne0,anger,1\n").unwrap();
    compare(&first, &second).assert().code(1).stderr(contains("b.csv, line 1").and(contains("two classes")));
}
