//! `onset evaluate expression` from outside: a corpus in the form of FER+, made here from the embedded portrait.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use flate2::Compression;
use flate2::write::GzEncoder;
use image::imageops::{self, FilterType};
use predicates::prelude::*;
use tempfile::TempDir;

const HEADER: &str =
    "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n";

/// The portrait's face as 48 x 48 gray PNG.
fn portrait() -> Vec<u8> {
    let luma =
        image::open(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/portrait.png")).unwrap().into_luma8();
    let golden =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/portrait.json")).unwrap();
    let golden: serde_json::Value = serde_json::from_str(&golden).unwrap();
    let points = golden["frames"][0]["landmarks"].as_array().unwrap();
    let range = |axis: usize| {
        let values: Vec<f64> = points.iter().map(|p| p[axis].as_f64().unwrap()).collect();
        (values.iter().copied().fold(f64::MAX, f64::min), values.iter().copied().fold(f64::MIN, f64::max))
    };
    let ((left, right), (top, bottom)) = (range(0), range(1));
    let side = (right - left).max(bottom - top) as u32;
    let middle = (left + right) / 2.0;
    let face =
        imageops::crop_imm(&luma, (middle - f64::from(side) / 2.0).max(0.0) as u32, top as u32, side, side);
    let small = imageops::resize(&face.to_image(), 48, 48, FilterType::Triangle);
    let mut png = std::io::Cursor::new(Vec::new());
    small.write_to(&mut png, image::ImageFormat::Png).unwrap();
    png.into_inner()
}

/// Five listed pictures (three with a label, a tie, one unknown), one that is listed and missing, one that is not listed.
fn corpus() -> TempDir {
    let dir = TempDir::new().unwrap();
    let rows = "Test,a.png,0,10,0,0,0,0,0,0,0,0\n\
                Test,b.png,1,8,1,0,0,0,0,0,0,0\n\
                Test,c.png,2,3,2,0,2,0,0,0,1,0\n\
                Test,tie.png,5,5,0,0,0,0,0,0,0,0\n\
                Test,unknown.png,1,2,0,0,0,0,0,0,7,0\n\
                Test,missing.png,0,10,0,0,0,0,0,0,0,0\n\
                Other,elsewhere.png,0,10,0,0,0,0,0,0,0,0\n";
    fs::write(dir.path().join("labels.csv"), format!("{HEADER}{rows}")).unwrap();
    let png = portrait();
    let names = ["a.png", "b.png", "c.png", "tie.png", "unknown.png", "unlisted.png"];
    fs::create_dir(dir.path().join("folder")).unwrap();
    let gz = fs::File::create(dir.path().join("zipped.tar.gz")).unwrap();
    let mut zipped = tar::Builder::new(GzEncoder::new(gz, Compression::fast()));
    let mut plain = tar::Builder::new(fs::File::create(dir.path().join("plain.tar")).unwrap());
    for name in names {
        fs::write(dir.path().join("folder").join(name), &png).unwrap();
        let mut header = tar::Header::new_gnu();
        header.set_size(png.len() as u64);
        header.set_mode(0o644);
        zipped.append_data(&mut header.clone(), format!("inner/{name}"), png.as_slice()).unwrap();
        plain.append_data(&mut header, name, png.as_slice()).unwrap();
    }
    zipped.into_inner().unwrap().finish().unwrap();
    plain.finish().unwrap();
    dir
}

fn evaluate(dir: &Path, rest: &[&str]) -> assert_cmd::assert::Assert {
    Command::cargo_bin("onset")
        .unwrap()
        .args(["evaluate", "expression", "--data"])
        .arg(dir)
        .args(rest)
        .assert()
}

fn json(dir: &Path, rest: &[&str]) -> serde_json::Value {
    let output = evaluate(dir, &[rest, &["--json"]].concat()).success().get_output().stdout.clone();
    serde_json::from_slice(&output).unwrap()
}

#[test]
fn each_form_gives_the_same_figures() {
    let dir = corpus();
    let mut first = json(dir.path(), &["--part", "folder"]);
    assert_eq!(first["count"], 3);
    // The portrait smiles, and everybody says so.
    assert_eq!(first["accuracy"], 1.0, "{first}");
    assert_eq!(first["balanced_accuracy"], 1.0);
    assert_eq!(first["macro_f1"], 1.0);
    assert_eq!(first["macro_f1_five"], 1.0);
    assert!(first["typical_neutral"].is_null(), "no picture is neutral: {first}");
    let happiness = &first["per_class"]["happiness"];
    for key in ["precision", "recall", "f1"] {
        assert_eq!(happiness[key], 1.0, "{key}");
    }
    assert_eq!(happiness["support"], 3);
    assert_eq!(first["per_class"]["contempt"]["support"], 0);
    assert_eq!(first["confusion"]["labels"][1], "happiness");
    assert_eq!(first["confusion"]["matrix"][1][1], 3);
    assert_eq!(first["dropped"], serde_json::json!({"ties": 1, "unknown": 1, "unlisted": 1, "missing": 1}));
    assert_eq!(first["clear_majority"]["count"], 2);
    assert!(first["ece"].as_f64().is_some());
    for part in ["plain", "zipped"] {
        let mut other = json(dir.path(), &["--part", part]);
        (first["part"], other["part"]) = (part.into(), part.into());
        assert_eq!(first, other);
    }
}

#[test]
fn eyes_have_a_classifier_of_their_own() {
    let dir = corpus();
    let report = json(dir.path(), &["--part", "folder", "--region", "eyes"]);
    assert_eq!((report["region"].as_str(), report["count"].as_u64()), (Some("eyes"), Some(3)));
    let face = json(dir.path(), &["--part", "folder"]);
    assert_ne!(face["model_sha256"], report["model_sha256"]);
}

#[test]
fn text_has_the_same_figures() {
    let dir = corpus();
    evaluate(dir.path(), &["--part", "folder"])
        .success()
        .stdout(predicate::str::contains("accuracy 100.0 %"))
        .stdout(predicate::str::contains("on 3 pictures"))
        .stdout(predicate::str::contains("1 ties, 1 that most could not tell"))
        .stdout(predicate::str::contains("happiness"))
        .stdout(predicate::str::contains("disgust and contempt alone: macro F1 1.000"));
}

#[test]
fn what_is_missing_is_named() {
    let dir = corpus();
    evaluate(dir.path(), &["--part", "nothing"]).code(2).stderr(
        predicate::str::contains("no part nothing").and(predicate::str::contains("folder, plain, zipped")),
    );
    evaluate(dir.path(), &["--part", "../folder"]).code(2);
    evaluate(&dir.path().join("nowhere"), &["--part", "folder"])
        .code(2)
        .stderr(predicate::str::contains("nowhere").and(predicate::str::contains("no such folder")));
    fs::remove_file(dir.path().join("labels.csv")).unwrap();
    evaluate(dir.path(), &["--part", "folder"]).code(1).stderr(predicate::str::contains("labels.csv"));
}

#[test]
fn bad_tables_and_pictures_are_named_with_their_place() {
    let dir = corpus();
    let labels = dir.path().join("labels.csv");
    let fails = |text: &str, what: &[&str]| {
        fs::write(&labels, text).unwrap();
        let mut assert = evaluate(dir.path(), &["--part", "folder"]).code(1);
        for what in what {
            assert = assert.stderr(predicate::str::contains(*what));
        }
    };
    fails(&HEADER.replace("contempt", "scorn"), &["labels.csv, line 1", "no column `contempt`"]);
    fails(&format!("{HEADER}Test,a.png,0,ten,0,0,0,0,0,0,0,0\n"), &["line 2", "column happiness", "`ten`"]);
    fails(&format!("{HEADER}Test,a.png,0,1\n"), &["labels.csv, line 2"]);
    fails(&format!("{HEADER}Test,z.png,0,1,0,0,0,0,0,0,0,0\n"), &["none of its 6 pictures is listed"]);
    let twice = "Test,a.png,0,9,0,0,0,0,0,0,0,0\nTest,a.png,9,0,0,0,0,0,0,0,0,0\n";
    fails(&format!("{HEADER}{twice}"), &["line 3", "a.png is listed twice"]);
    fs::write(dir.path().join("folder/a.png"), b"no picture").unwrap();
    fails(&format!("{HEADER}Test,a.png,0,9,0,0,0,0,0,0,0,0\n"), &["a.png", "unpack the original again"]);
    fs::write(dir.path().join("plain.tar"), b"cut off").unwrap();
    evaluate(dir.path(), &["--part", "plain"]).code(1).stderr(predicate::str::contains("plain.tar"));
}
