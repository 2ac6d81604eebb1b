//! `onset evaluate masked` from outside, on the embedded portrait, which smiles.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;

fn portrait() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/portrait.png")
}

/// A folder with a table: the portrait, a picture without a face, and rows that `more` adds.
fn table(more: &str) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    fs::copy(portrait(), dir.path().join("smile, honest.png")).unwrap();
    image::GrayImage::from_pixel(96, 96, image::Luma([120])).save(dir.path().join("blank.png")).unwrap();
    let path = dir.path().join("t.csv");
    let rows = "label,path,upper\nnone,\"smile, honest.png\",happiness\nhappy_but_sad,blank.png,sadness\n";
    fs::write(&path, format!("{rows}{more}")).unwrap();
    (dir, path)
}

fn masked(table: &Path) -> Command {
    let mut command = Command::cargo_bin("onset").unwrap();
    command.args(["evaluate", "masked", "--data"]).arg(table);
    command
}

#[test]
fn the_report_has_the_keys_and_says_which_pictures_have_no_face() {
    let (dir, path) = table("");
    let out = dir.path().join("said.csv");
    let output =
        masked(&path).arg("--json").arg("--out").arg(&out).assert().success().get_output().stdout.clone();
    let report: serde_json::Value = serde_json::from_slice(&output).unwrap();
    assert_eq!(report["count"], 2);
    assert_eq!(report["accuracy"], 0.5);
    assert_eq!(report["without_face_paths"], serde_json::json!(["blank.png"]));
    assert_eq!(
        report["confusion"]["labels"],
        serde_json::json!(["none", "happy_but_sad", "happy_but_angry"])
    );
    assert_eq!(report["confusion"]["matrix"][0][0], 1, "an honest smile: {report}");
    assert_eq!(report["confusion"]["matrix"][1][0], 1, "no face counts as none");
    assert_eq!(report["per_class"]["happy_but_sad"]["support"], 1);
    for key in ["balanced_accuracy", "macro_f1"] {
        assert!(report[key].is_number(), "{key}");
    }
    let said = fs::read_to_string(out).unwrap();
    let rows: Vec<&str> = said.lines().collect();
    assert!(rows[1].starts_with("\"smile, honest.png\",none,none,0."), "{said}");
    assert_eq!(rows[2], "blank.png,happy_but_sad,none,,,,,,,", "{said}");
    let columns: Vec<&str> = rows[0].split(',').collect();
    let docs = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/evaluate.md")).unwrap();
    for column in &columns {
        assert!(docs.contains(&format!("`{column}`")), "docs/evaluate.md does not explain {column}");
    }
    // The name has a comma.
    let cells: Vec<&str> = rows[1].split(',').skip(1).collect();
    let cell = |name: &str| -> f32 {
        cells[columns.iter().position(|column| *column == name).unwrap()].parse().unwrap()
    };
    let params = onset::expression::MaskedParams::default();
    let smile = params.smile_from_mouth * cell("mouth_log_odds")
        + params.smile_from_face * cell("face_log_odds")
        + params.smile_added;
    let negative = params.negative_from_eyes * cell("eyes_log_odds") + params.negative_added;
    let logistic = |x: f32| 1.0 / (1.0 + (-x).exp());
    assert!((logistic(smile) - cell("smile")).abs() < 1e-4, "S comes from its columns: {said}");
    assert!((logistic(negative) - cell("negative")).abs() < 1e-4, "N comes from its column: {said}");
}

#[test]
fn the_text_names_what_is_missing() {
    let (_dir, path) = table("");
    masked(&path)
        .assert()
        .success()
        .stdout(contains("masked against not").and(contains("no usable face, counted as none: 1")));
}

#[test]
fn wrong_input_is_told_by_name() {
    let (dir, path) = table("none,gone.png,\n");
    masked(&path).assert().code(1).stderr(contains("gone.png"));
    let (_other, path) = table("happy,blank.png,\n");
    masked(&path).assert().code(1).stderr(contains("line 4, column label").and(contains("happy_but_angry")));
    let empty = dir.path().join("empty.csv");
    fs::write(&empty, "path,label\n").unwrap();
    masked(&empty).assert().code(1).stderr(contains("there are no rows"));
    masked(&dir.path().join("none.csv")).assert().code(2).stderr(contains("there is no such file"));
    let noise = dir.path().join("noise.png");
    fs::write(&noise, "not a picture").unwrap();
    fs::write(&empty, "path,label\nnoise.png,none\n").unwrap();
    masked(&empty).assert().code(1).stderr(contains("noise.png"));
}
