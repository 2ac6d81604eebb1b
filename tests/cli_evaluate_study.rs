//! `onset evaluate study` from outside: a small dataset, its manifest written here.
#![cfg(feature = "train")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use onset::dataset::{LabelSource, Role, Sample, SampleKind, write_manifest};
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;
use tempfile::TempDir;

const LABELS: [(SampleKind, &str); 4] = [
    (SampleKind::Micro, "anger"),
    (SampleKind::Micro, "sadness"),
    (SampleKind::Masked, "happy_but_sad"),
    (SampleKind::Masked, "happy_but_angry"),
];

fn sample(person: usize, stimulus: &str, (kind, label): (SampleKind, &str), number: usize) -> Sample {
    let name = format!("P{person}-{stimulus}-{label}-{number}");
    let folder = format!("{stimulus}/{}/{label}", kind.name());
    Sample {
        path: format!("{folder}/gray/{name}.png"),
        path_colour: format!("{folder}/colour/{name}.png"),
        sample: name,
        participant: format!("P{person}"),
        gender: ["female", "male"][person % 2].to_owned(),
        session: format!("P{person}-{stimulus}"),
        stimulus: stimulus.to_owned(),
        step: format!("{label}-01"),
        time_s: number as f64 / 2.0,
        role: Role::Interval,
        kind,
        label: label.to_owned(),
        label_source: LabelSource::Step,
        coder: String::new(),
        event: String::new(),
        onset_s: None,
        apex_s: None,
        offset_s: None,
        action_units: String::new(),
        source_sha256: "ab".repeat(32),
    }
}

/// Four people, two stimuli, two labels of each kind, two samples of each of these.
fn dataset(dir: &Path) -> PathBuf {
    let data = dir.join("ds");
    let mut samples = Vec::new();
    for person in 0..4 {
        for stimulus in ["questionnaire", "image"] {
            for label in LABELS {
                samples.extend((0..2).map(|number| sample(person, stimulus, label, number)));
            }
        }
    }
    for (index, sample) in samples.iter().enumerate() {
        let is_first = ["anger", "happy_but_sad"].contains(&sample.label.as_str());
        let crop = image::GrayImage::from_fn(64, 64, |x, y| {
            let is_bright = (x < 32) == is_first;
            image::Luma([(if is_bright { 150 } else { 60 }) + ((5 * x + 3 * y) as usize + index) as u8 % 20])
        });
        for path in [&sample.path, &sample.path_colour] {
            let file = data.join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            crop.save(file).unwrap();
        }
    }
    write_manifest(&data, &samples).unwrap();
    data
}

fn study(dir: &Path, data: &Path, rest: &[&str]) -> assert_cmd::assert::Assert {
    let mut command = Command::cargo_bin("onset").unwrap();
    command.args(["evaluate", "study"]).arg(data).args(["--epochs", "1", "--batch", "8"]);
    command.arg("--cache").arg(dir.join("cache")).arg("--out").arg(dir.join("study")).args(rest).assert()
}

#[test]
fn both_kinds_by_both_protocols_as_page_json_and_tables() {
    let dir = TempDir::new().unwrap();
    let data = dataset(dir.path());
    let out = dir.path().join("study");
    study(dir.path(), &data, &["--no-maps"])
        .success()
        .stdout(contains("study.html").and(contains("study.json")));
    let page = fs::read_to_string(out.join("study.html")).unwrap();
    assert!(page.contains("<svg") && page.contains("Masked expressions"), "the page has no figures");
    let results: Value = serde_json::from_str(&fs::read_to_string(out.join("study.json")).unwrap()).unwrap();
    let runs = results["runs"].as_array().unwrap();
    let all = |key: &str| runs.iter().map(|run| run[key].as_str().unwrap_or("all")).collect::<BTreeSet<_>>();
    assert_eq!(all("kind"), BTreeSet::from(["masked", "micro"]));
    assert_eq!(all("protocol"), BTreeSet::from(["holdout", "subject"]));
    assert_eq!(all("stimulus"), BTreeSet::from(["all", "image", "questionnaire"]));
    assert_eq!(all("gender"), BTreeSet::from(["all", "female", "male"]));
    // Micro: all, two stimuli, and these by gender; masked: all and two stimuli; each by both protocols.
    assert_eq!(runs.len(), 2 * (1 + 2 + 4) + 2 * (1 + 2), "{:?}", all("why_not"));
    let whole = runs.iter().find(|run| run["protocol"] == "subject" && run["stimulus"].is_null()).unwrap();
    assert_eq!(whole["pooled"]["count"], 32, "every sample is tested once: {whole}");
    for run in runs {
        assert!(run["why_not"].is_null(), "{run}");
        assert!(out.join(run["predictions"].as_str().unwrap()).exists());
    }
    for table in ["table4_micro", "table5_female", "table6_male", "table7_masked"] {
        let text = fs::read_to_string(out.join(format!("tables/{table}.csv"))).unwrap();
        assert!(text.contains("cnn") && text.lines().count() > 2, "{table}: {text}");
    }

    // What is there is not written over unasked.
    study(dir.path(), &data, &["--no-maps"])
        .code(2)
        .stderr(contains("has a study already").and(contains("--force")));
    // The folds are read again; new are the maps, and the networks that they are made with.
    let output =
        study(dir.path(), &data, &["--force", "--resume", "--json"]).success().get_output().stdout.clone();
    let report: Value = serde_json::from_slice(&output).unwrap();
    assert_eq!(report["results"]["runs"][0]["pooled"], results["runs"][0]["pooled"]);
    let maps = report["results"]["maps"].as_array().unwrap();
    assert!(!maps.is_empty() && maps.iter().all(|map| map["network"] == "cnn"));
    for name in ["cnn_micro", "cnn_masked"] {
        assert!(
            out.join(format!("networks/{name}.onnx")).exists()
                && out.join(format!("networks/{name}.toml")).exists()
        );
    }
}

#[test]
fn what_is_no_dataset_and_unknown_networks_are_named() {
    let dir = TempDir::new().unwrap();
    let data = dir.path().join("data");
    fs::create_dir(&data).unwrap();
    study(dir.path(), &dir.path().join("nowhere"), &[]).code(2).stderr(contains("nowhere"));
    study(dir.path(), &data, &[]).code(2).stderr(contains("data").and(contains("manifest.csv")));
    study(dir.path(), &data, &["--network", "vgg"]).code(2).stderr(contains("--network vgg"));
    // Pictures by class have no stimulus, kind or person: a study says so before it trains anything.
    for class in ["anger", "sadness"] {
        fs::create_dir(data.join(class)).unwrap();
        for number in 0..3 {
            let crop = image::GrayImage::from_pixel(48, 48, image::Luma([20 * number]));
            crop.save(data.join(class).join(format!("P{number}_0.png"))).unwrap();
        }
    }
    study(dir.path(), &data, &["--no-maps"]).failure().stderr(contains("manifest.csv"));
    assert!(!dir.path().join("cache").exists(), "it was trained before the data were looked at");
    assert!(!dir.path().join("study/study.json").exists());
}
