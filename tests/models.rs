//! The model files, their cards and `onset models` agree.

use std::collections::BTreeSet;
use std::path::Path;

use assert_cmd::Command;
use onset::infer::{Manifest, Model, Network, sha256_hex};
use predicates::prelude::*;

fn models_dir() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/models"))
}

#[test]
fn every_file_has_a_card_with_its_hash_and_the_other_way_round() {
    let manifest = Manifest::embedded().unwrap();
    let files: BTreeSet<String> = std::fs::read_dir(models_dir())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".onnx"))
        .collect();
    let carded: BTreeSet<String> = manifest.models.iter().map(|card| card.file.clone()).collect();
    assert_eq!(files, carded);
    for card in &manifest.models {
        let bytes = std::fs::read(models_dir().join(&card.file)).unwrap();
        assert_eq!(sha256_hex(&bytes), card.sha256, "{}", card.file);
        for text in [&card.what, &card.source, &card.version, &card.licence, &card.attribution, &card.limits]
        {
            assert!(!text.is_empty(), "{}: an empty line on the card", card.name);
        }
        assert!(card.input.range.is_some_and(|[low, high]| low < high), "{}: no input range", card.name);
        assert!(
            card.outputs.iter().all(|output| !output.what.is_empty()),
            "{}: an unexplained output",
            card.name
        );
    }
}

#[test]
fn every_embedded_model_is_its_file_and_loads_as_its_card_says() {
    let manifest = Manifest::embedded().unwrap();
    assert_eq!(manifest.models.len(), Model::ALL.len());
    for model in Model::ALL {
        let card = manifest.card(model.name()).unwrap();
        assert_eq!(*model.bytes(), *std::fs::read(models_dir().join(&card.file)).unwrap());
        // Loading compares names and shapes of the input and of every output with the card.
        let mut network = Network::embedded(model).unwrap();
        let outputs = network.run(&vec![0.5; card.input.len()]).unwrap();
        for (index, output) in card.outputs.iter().enumerate() {
            assert_eq!(outputs.values(index).len(), output.len(), "{} {}", card.name, output.name);
        }
        assert!(outputs.values(card.outputs.len()).is_empty());
    }
}

#[test]
fn googles_limits_are_on_its_cards() {
    for card in Manifest::embedded().unwrap().models.iter().filter(|card| card.attribution.contains("Google"))
    {
        assert!(
            card.limits.contains("identification") && card.limits.contains("life-critical"),
            "{}",
            card.name
        );
    }
}

fn onset() -> Command {
    Command::cargo_bin("onset").unwrap()
}

#[test]
fn models_lists_and_verifies() {
    let mut table = onset().arg("models").assert().success();
    for model in Model::ALL {
        table = table.stdout(predicate::str::contains(model.name()));
    }
    onset()
        .args(["models", "--verify"])
        .assert()
        .success()
        .stdout(predicate::str::contains("ok ").count(Model::ALL.len()))
        .stdout(predicate::str::contains("FAILED").not());
    onset().args(["models", "--attribution"]).assert().success().stdout(
        predicate::str::contains("Apache-2.0").and(predicate::str::contains("Onset expression network")),
    );
    onset().args(["models", "--verify", "--attribution"]).assert().code(2);
}

#[test]
fn models_speaks_json() {
    let output = onset().args(["models", "--json"]).output().unwrap();
    let cards: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    let names = |list: &[serde_json::Value]| -> Vec<String> {
        list.iter().map(|entry| entry["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&cards), Model::ALL.map(Model::name));
    assert_eq!(cards[0]["input"]["shape"], serde_json::json!([1, 128, 128, 3]));
    let output = onset().args(["models", "--verify", "--json"]).output().unwrap();
    let checks: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(names(&checks), Model::ALL.map(Model::name));
    assert!(checks.iter().all(|check| check["ok"] == true), "{checks:?}");
}
