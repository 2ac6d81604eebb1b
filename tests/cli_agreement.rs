//! `onset dataset agreement` from the outside: figures of small tables, and what it says of bad ones.

use std::fs;
use std::path::Path;

use predicates::str::contains;
use serde_json::Value;

const HEADER: &str = "id,kind,label,onset_s,apex_s,offset_s,action_units,note\n";

fn coded(dataset: &Path, coder: &str, rows: &str) {
    fs::create_dir_all(dataset.join("codings")).unwrap();
    fs::write(dataset.join("codings").join(format!("{coder}.csv")), format!("{HEADER}{rows}")).unwrap();
}

fn agreement(dataset: &Path, options: &[&str]) -> assert_cmd::Command {
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_onset"));
    command.args(["dataset", "agreement"]).arg(dataset).args(options);
    command
}

/// Two coders with the two-by-two table [[20, 5], [10, 15]]: kappa 0.4 by hand.
fn two_coders(dataset: &Path) {
    let (mut a, mut b) = (String::new(), String::new());
    for (count, of_a, of_b) in
        [(20, "anger", "anger"), (5, "anger", "none"), (10, "none", "anger"), (15, "none", "none")]
    {
        for index in 0..count {
            let row = |label: &str, later: f64| match label {
                "none" => format!("{of_a}{of_b}{index},none,none,,,,,\n"),
                _ => format!("{of_a}{of_b}{index},micro,anger,{:.6},,,4,\n", 1.0 + later),
            };
            a += &row(of_a, 0.0);
            b += &row(of_b, 0.02);
        }
    }
    coded(dataset, "anna", &a);
    coded(dataset, "bert", &b);
}

#[test]
fn a_table_made_by_hand_gives_its_kappa() {
    let dir = tempfile::tempdir().unwrap();
    two_coders(dir.path());
    let list = dir.path().join("list.csv");
    let output = agreement(dir.path(), &["--json", "--out", list.to_str().unwrap()]).assert().success();
    let pairs: Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    let pair = &pairs[0];
    assert_eq!(pair["coders"], serde_json::json!(["anna", "bert"]));
    assert!((pair["labels"]["kappa"].as_f64().unwrap() - 0.4).abs() < 1e-12);
    assert!((pair["labels"]["interval_95"][0].as_f64().unwrap() - 0.151_094).abs() < 1e-5);
    assert_eq!(pair["times"]["onset"]["absolute_ms"]["n"], 20);
    assert!((pair["times"]["onset"]["median_later_ms"].as_f64().unwrap() - 20.0).abs() < 1e-6);
    assert_eq!(pair["disagreements"].as_array().unwrap().len(), 15);
    let list = fs::read_to_string(list).unwrap();
    assert_eq!(list.lines().count(), 16);
    assert!(list.contains("anna,bert,angernone0,anger,none,1.000000,,"), "{list}");
    agreement(dir.path(), &[])
        .assert()
        .success()
        .stdout(contains("0.400").and(contains("0.151 to 0.649")).and(contains("15 disagreements")));
}

use predicates::prelude::PredicateBooleanExt;

#[test]
fn more_than_two_coders_are_compared_in_pairs_and_some_can_be_chosen() {
    let dir = tempfile::tempdir().unwrap();
    two_coders(dir.path());
    coded(dir.path(), "cleo", "angeranger0,micro,anger,,,,,\n");
    let pairs = |options: &[&str]| {
        let output = agreement(dir.path(), options).arg("--json").assert().success();
        serde_json::from_slice::<Value>(&output.get_output().stdout).unwrap().as_array().unwrap().len()
    };
    assert_eq!(pairs(&[]), 3);
    assert_eq!(pairs(&["--coders", "cleo,anna"]), 1);
    // One candidate, one label: everything agrees, and kappa says nothing.
    agreement(dir.path(), &["--coders", "anna,cleo"])
        .assert()
        .success()
        .stdout(contains("100.0 %").and(contains("undefined")).and(contains("one label only")));
}

#[test]
fn what_cannot_be_compared_is_said() {
    let dir = tempfile::tempdir().unwrap();
    agreement(dir.path(), &[])
        .assert()
        .code(2)
        .stderr(contains("two coders or more").and(contains("nobody yet")));
    coded(dir.path(), "anna", "c1,micro,fear,,,,,\n");
    agreement(dir.path(), &[]).assert().code(2).stderr(contains("two coders or more").and(contains("anna")));
    agreement(dir.path(), &["--coders", "anna,zoe"]).assert().code(2).stderr(contains("zoe.csv"));
    agreement(dir.path(), &["--coders", "anna,anna"]).assert().code(2).stderr(contains("named twice"));
    coded(dir.path(), "bert", "c2,micro,fear,,,,,\n");
    agreement(dir.path(), &[]).assert().success().stdout(contains("no candidate that both labelled"));
    coded(dir.path(), "bert", "c1,micro,fear,soon,,,,\n");
    agreement(dir.path(), &[]).assert().code(1).stderr(contains("bert.csv, line 2, column onset_s"));
    coded(dir.path(), "bert", "c1,micro,fear,,,,,\nc1,micro,anger,,,,,\n");
    agreement(dir.path(), &[]).assert().code(1).stderr(contains("line 3, column id: c1 is there twice"));
}
