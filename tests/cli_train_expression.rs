//! `onset train expression` from outside: a tiny corpus in, a network with its record and card out.
#![cfg(feature = "train")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::*;
use tempfile::TempDir;

/// Portraits of different brightness that smile, by the votes, where they are bright; parts `train` and `valid`.
fn corpus() -> TempDir {
    let dir = TempDir::new().unwrap();
    let portrait = image::open(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/portrait.png")).unwrap();
    let small = portrait.resize(96, 96, image::imageops::FilterType::Triangle).into_luma8();
    let mut labels =
        "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n"
            .to_owned();
    for (part, usage, range) in [("train", "Training", 0..24), ("valid", "PublicTest", 24..28)] {
        fs::create_dir(dir.path().join(part)).unwrap();
        for index in range {
            let name = format!("{index:03}.png");
            let mut picture = small.clone();
            picture.pixels_mut().for_each(|pixel| pixel.0[0] = pixel.0[0] / 2 + 4 * index as u8);
            picture.save(dir.path().join(part).join(&name)).unwrap();
            let votes = if index % 2 == 0 { "0,10" } else { "10,0" };
            labels += &format!("{usage},{name},{votes},0,0,0,0,0,0,0,0\n");
        }
    }
    fs::write(dir.path().join("labels.csv"), labels).unwrap();
    dir
}

fn train(dir: &Path, rest: &[&str]) -> assert_cmd::assert::Assert {
    Command::cargo_bin("onset")
        .unwrap()
        .args([
            "train",
            "expression",
            "--batch",
            "8",
            "--channels",
            "4,4,4",
            "--refine-epochs",
            "1",
            "--region",
            "eyes",
        ])
        .arg("--data")
        .arg(dir)
        .arg("--cache")
        .arg(dir.join("cache"))
        .arg("--out")
        .arg(dir.join("out.onnx"))
        .args(rest)
        .assert()
}

#[test]
fn a_network_comes_with_its_record_and_card_and_again_the_same() {
    let dir = corpus();
    fs::write(dir.path().join("models.toml"), "# cards\n").unwrap();
    let output = train(dir.path(), &["--epochs", "2", "--json"]).success().get_output().stdout.clone();
    let report: serde_json::Value = serde_json::from_slice(&output).unwrap();
    assert_eq!(report["tested"]["count"], 4);
    let onnx = fs::read(dir.path().join("out.onnx")).unwrap();
    let record = fs::read_to_string(dir.path().join("out.toml")).unwrap();
    assert!(
        record.contains(report["sha256"].as_str().unwrap()) && record.contains("tested_count = 4"),
        "{record}"
    );
    let manifest = fs::read_to_string(dir.path().join("models.toml")).unwrap();
    assert!(manifest.starts_with("# cards") && manifest.contains("name = \"expression_eyes\""), "{manifest}");
    assert!(manifest.contains("--region eyes --seed 1 --epochs 2 --refine-epochs 1 --batch 8"), "{manifest}");
    // From the start, and from the end of the first run: the same bytes.
    for more in [["--epochs", "2"].as_slice(), &["--epochs", "2", "--resume"]] {
        fs::remove_file(dir.path().join("out.onnx")).unwrap();
        train(dir.path(), more).success().stdout(predicate::str::contains("tract agrees within"));
        assert_eq!(fs::read(dir.path().join("out.onnx")).unwrap(), onnx);
    }
}

#[test]
fn wrong_options_and_folders_are_named() {
    let dir = corpus();
    train(dir.path(), &["--part", "none", "--epochs", "1"])
        .code(1)
        .stderr(predicate::str::contains("no part none"));
    train(dir.path(), &["--resume", "--epochs", "1"])
        .code(1)
        .stderr(predicate::str::contains("expression-eyes.ckpt"));
    Command::cargo_bin("onset")
        .unwrap()
        .args(["train", "expression", "--channels", "4,4", "--data"])
        .arg(dir.path())
        .assert()
        .code(2)
        .stderr(predicate::str::contains("--channels"));
}
