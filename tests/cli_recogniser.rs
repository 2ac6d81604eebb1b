//! `onset train recogniser` and `onset evaluate recognition`, `occlusion` from outside, on small sets of pictures that are made here.
#![cfg(feature = "train")]

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use image::{GrayImage, Luma, Rgb, RgbImage};
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;
use tempfile::TempDir;

/// A face of sorts: one half is brighter than the other, which half says the class; people differ in brightness.
fn picture(class: usize, person: usize, number: usize) -> GrayImage {
    GrayImage::from_fn(48, 48, |x, y| {
        let is_bright = (x < 24) == (class == 0);
        let texture = (7 * x + 3 * y + 11 * number as u32) % 23;
        Luma([(if is_bright { 150 } else { 60 }) + 15 * (person % 4) as u8 + texture as u8])
    })
}

/// An image folder `dir/name`: two classes, `people` people, `each` pictures of each of both.
fn faces(dir: &Path, name: &str, people: usize, each: usize) -> PathBuf {
    let data = dir.join(name);
    for (class, class_name) in ["happiness", "sadness"].into_iter().enumerate() {
        fs::create_dir_all(data.join(class_name)).unwrap();
        for person in 0..people {
            for number in 0..each {
                let file = data.join(class_name).join(format!("P{person}_{number}.png"));
                picture(class, person, number).save(file).unwrap();
            }
        }
    }
    data
}

/// `onset evaluate recognition` with quick settings; what it keeps lies in `dir/cache`.
fn recognition(dir: &Path, network: &str, data: &[&Path], rest: &[&str]) -> Command {
    let mut command = Command::cargo_bin("onset").unwrap();
    command.args(["evaluate", "recognition", "--epochs", "2", "--batch", "8", "--resamples", "20"]);
    command.args(["--network", network]).arg("--cache").arg(dir.join("cache"));
    for data in data {
        command.arg("--data").arg(data);
    }
    command.args(rest);
    command
}

fn json_of(command: &mut Command) -> Value {
    let output = command.arg("--json").assert().success().get_output().stdout.clone();
    serde_json::from_slice(&output).unwrap()
}

fn folds_of(report: &Value) -> usize {
    report["folds"].as_array().unwrap().len()
}

/// What was read and not trained again, by fold.
fn was_done(report: &Value) -> Vec<bool> {
    report["training"].as_array().unwrap().iter().map(|fold| fold["was_done"].as_bool().unwrap()).collect()
}

#[test]
fn every_protocol_has_its_folds_and_all_keys() {
    let dir = TempDir::new().unwrap();
    let (a, b) = (faces(dir.path(), "lab_a", 3, 2), faces(dir.path(), "lab_b", 3, 2));
    let both = [a.as_path(), b.as_path()];
    // Of six examples of a class a fifth is one.
    for (protocol, data, folds, tested) in [
        ("holdout", &both[..1], 1, 2),
        ("subject", &both[..1], 3, 12),
        ("loso", &both[..1], 3, 12),
        ("cross-corpus", &both[..], 2, 24),
    ] {
        let report = json_of(&mut recognition(dir.path(), "cnn", data, &["--protocol", protocol]));
        assert_eq!(report["protocol"], protocol);
        assert_eq!(folds_of(&report), folds, "{protocol}: {report}");
        let pooled = &report["pooled"];
        assert_eq!(pooled["count"], tested, "{protocol}");
        for key in ["accuracy", "uf1", "uar", "macro_f1", "weighted_f1"] {
            let value = pooled[key].as_f64().unwrap_or(-1.0);
            assert!((0.0..=1.0).contains(&value), "{protocol}: {key} is {}", pooled[key]);
            assert!(report["folds"][0][key].is_number(), "{protocol}: {key} of a fold");
        }
        assert_eq!(pooled["confusion"]["labels"], serde_json::json!(["happiness", "sadness"]), "{protocol}");
        let cells =
            pooled["confusion"]["matrix"].as_array().unwrap().iter().flat_map(|row| row.as_array().unwrap());
        assert_eq!(cells.map(|cell| cell.as_u64().unwrap()).sum::<u64>(), tested, "{protocol}");
        assert_eq!(pooled["per_class"]["sadness"]["support"], tested / 2, "{protocol}");
        // The two of a holdout may show one person, and one person gives no interval.
        let has_interval = pooled["intervals"]["accuracy"].is_array();
        assert!(has_interval || protocol == "holdout", "{protocol}: {pooled}");
        assert_eq!(report["training"].as_array().unwrap().len(), folds, "{protocol}");
    }
    recognition(dir.path(), "cnn", &both[..1], &["--protocol", "holdout"]).assert().success().stdout(
        contains("protocol holdout: 12 examples, 1 of 1 folds trained")
            .and(contains("say little about people")),
    );
}

#[test]
fn the_parts_of_the_data_themselves() {
    let dir = TempDir::new().unwrap();
    let data = dir.path().join("parted");
    faces(&data, "train", 4, 2);
    faces(&data, "test", 2, 1);
    let report = json_of(&mut recognition(dir.path(), "cnn", &[&data], &["--protocol", "parts"]));
    assert_eq!((folds_of(&report), &report["pooled"]["count"]), (1, &Value::from(4)));
    // 16 to learn from, of which some are watched; none of the four.
    let counts = &report["training"][0]["counts"];
    assert_eq!(counts[0].as_u64().unwrap() + counts[1].as_u64().unwrap(), 16, "{report}");
}

#[test]
fn maps_of_flow_by_a_table_and_people_left_out_in_turn() {
    let dir = TempDir::new().unwrap();
    let mut table = "subject,label,path\n".to_owned();
    for person in 0..3u8 {
        for class in 0..3u8 {
            for number in 0..2u8 {
                let name = format!("s{person}_{class}_{number}.png");
                let map = RgbImage::from_fn(28, 28, |x, y| {
                    Rgb([128 + 40 * class, 128 - 10 * person, ((x * y) as u8 % 16) + 8 * number])
                });
                map.save(dir.path().join(&name)).unwrap();
                table += &format!("s{person},{class},{name}\n");
            }
        }
    }
    let path = dir.path().join("flow.csv");
    fs::write(&path, table).unwrap();
    let report = json_of(&mut recognition(dir.path(), "flow", &[&path], &["--protocol", "loso"]));
    assert_eq!((folds_of(&report), &report["pooled"]["count"]), (3, &Value::from(18)));
    assert_eq!(
        report["pooled"]["confusion"]["labels"],
        serde_json::json!(["negative", "positive", "surprise"])
    );
    assert_eq!((report["network"].as_str(), report["pooled"]["subjects"].as_u64()), (Some("flow"), Some(3)));

    fs::write(&path, "subject,label\ns0,1\n").unwrap();
    recognition(dir.path(), "flow", &[&path], &["--protocol", "loso"])
        .assert()
        .code(1)
        .stderr(contains("flow.csv").and(contains("subject,label,path")));
    recognition(dir.path(), "flow", &[&path], &["--protocol", "loso", "--form", "flow-table"])
        .assert()
        .code(1)
        .stderr(contains("line 1").and(contains("no column `path`")).and(contains("subject, label")));
}

#[test]
fn a_run_goes_on_where_it_was_and_two_are_compared() {
    let dir = TempDir::new().unwrap();
    let data = faces(dir.path(), "faces", 3, 2);
    let out = |name: &str| dir.path().join(name).display().to_string();
    let run = |rest: &[&str]| {
        json_of(&mut recognition(dir.path(), "cnn", &[&data], &[&["--protocol", "loso"], rest].concat()))
    };
    let (first, second, other) = (out("first.csv"), out("second.csv"), out("other.csv"));
    assert_eq!(was_done(&run(&["--out", &first])), [false; 3]);
    // As if it had been cut off in the last fold.
    let work = fs::read_dir(dir.path().join("cache")).unwrap().next().unwrap().unwrap().path();
    fs::remove_file(work.join("fold-2.json")).unwrap();
    assert_eq!(was_done(&run(&["--resume", "--out", &second])), [true, true, false]);
    assert_eq!(fs::read(&first).unwrap(), fs::read(&second).unwrap());
    let header = fs::read_to_string(&first).unwrap();
    assert!(
        header.starts_with(
            "example,subject,corpus,gender,stimulus,kind,fold,truth,said,p_happiness,p_sadness\n"
        ),
        "{header}"
    );
    // Without --resume all is done anew, and so it is where a picture is not what it was.
    assert_eq!(was_done(&run(&[])), [false; 3]);
    picture(0, 3, 9).save(data.join("happiness/P0_0.png")).unwrap();
    assert_eq!(was_done(&run(&["--resume"])), [false; 3]);

    run(&["--seed", "2", "--out", &other]);
    let mut compare = Command::cargo_bin("onset").unwrap();
    compare.args(["evaluate", "compare", &first, &other]).assert().success().stdout(contains("McNemar: p"));
}

#[test]
fn what_is_wrong_with_some_of_the_data_is_said_and_the_rest_goes_on() {
    let dir = TempDir::new().unwrap();
    let data = faces(dir.path(), "faces", 3, 2);
    fs::write(data.join("happiness/P0_1.png"), b"no picture").unwrap();
    // A class with one example, and a person with one class.
    fs::create_dir(data.join("anger")).unwrap();
    picture(1, 1, 5).save(data.join("anger/P1_0.png")).unwrap();
    fs::remove_file(data.join("sadness/P2_0.png")).unwrap();
    fs::remove_file(data.join("sadness/P2_1.png")).unwrap();
    let mut command = recognition(dir.path(), "cnn", &[&data], &["--protocol", "loso", "--json"]);
    let assert = command
        .assert()
        .success()
        .stderr(contains("happiness/P0_1.png").and(contains("class anger has one example")));
    let report: Value = serde_json::from_slice(&assert.get_output().stdout).unwrap();
    assert_eq!(
        (folds_of(&report), &report["examples"], &report["pooled"]["count"]),
        (3, &10.into(), &10.into())
    );
    let left_out = report["left_out"].as_array().unwrap();
    assert_eq!((left_out.len(), &left_out[0][0]), (1, &Value::from("happiness/P0_1.png")), "{report}");

    fs::create_dir(data.join("fear")).unwrap();
    recognition(dir.path(), "cnn", &[&data], &["--protocol", "loso"])
        .assert()
        .code(1)
        .stderr(contains("fear: this class has no pictures"));
}

/// A file that is gone when it is needed costs the run nothing: neither the figures nor the network.
#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_left_out() {
    let dir = TempDir::new().unwrap();
    let data = faces(dir.path(), "faces", 3, 1);
    std::os::unix::fs::symlink("gone.png", data.join("happiness/P0_9.png")).unwrap();
    let report = json_of(&mut recognition(dir.path(), "cnn", &[&data], &["--protocol", "holdout"]));
    assert_eq!(report["left_out"][0][0], "happiness/P0_9.png");
    assert!(train(dir.path(), &data, "net.onnx", &["--json"]).success().get_output().stdout.len() > 2);
}

#[test]
fn wrong_usage_and_unfit_data_are_named() {
    let dir = TempDir::new().unwrap();
    let data = faces(dir.path(), "faces", 3, 1);
    let fails = |network: &str, data: &Path, protocol: &str, code: i32, what: &[&str]| {
        let mut assert =
            recognition(dir.path(), network, &[data], &["--protocol", protocol]).assert().code(code);
        for what in what {
            assert = assert.stderr(contains(*what));
        }
    };
    fails("resnet", &data, "loso", 2, &["--network resnet", "choose cnn, compact, flow"]);
    fails("cnn", &data, "random", 2, &["random", "holdout"]);
    fails("cnn", &dir.path().join("nowhere"), "loso", 2, &["nowhere", "no such file or folder"]);
    let text = dir.path().join("text.onnx");
    fs::write(&text, "this is a text, not a network").unwrap();
    fails(text.to_str().unwrap(), &data, "loso", 1, &["text.onnx", "not an ONNX network"]);
    let missing = dir.path().join("missing.onnx");
    fails(missing.to_str().unwrap(), &data, "loso", 1, &["missing.onnx", "check the path"]);
    fails("flow", &data, "loso", 1, &["single pictures", "events are wanted"]);
    fails("cnn", &data, "cross-corpus", 1, &["two are needed", "--data"]);
    fails("cnn", &data, "parts", 1, &["choose another --protocol"]);
    let nothing = dir.path().join("nothing");
    fs::create_dir(&nothing).unwrap();
    fails("cnn", &nothing, "loso", 1, &["nothing", "none of the known forms", "--form"]);
    // Nobody knows who is in a picture whose name has no person.
    for class in ["happiness", "sadness"] {
        fs::rename(data.join(class).join("P0_0.png"), data.join(class).join("somebody.png")).unwrap();
    }
    fails("cnn", &data, "loso", 1, &["2 of 6 examples do not say", "somebody.png", "--protocol holdout"]);
}

fn train(dir: &Path, data: &Path, out: &str, rest: &[&str]) -> assert_cmd::assert::Assert {
    let mut command = Command::cargo_bin("onset").unwrap();
    command.args(["train", "recogniser", "--network", "cnn", "--epochs", "2", "--batch", "8", "--data"]);
    command
        .arg(data)
        .arg("--cache")
        .arg(dir.join("cache"))
        .arg("--out")
        .arg(dir.join(out))
        .args(rest)
        .assert()
}

fn occlusion(dir: &Path, recogniser: &str, picture: &Path, rest: &[&str]) -> assert_cmd::assert::Assert {
    let mut command = Command::cargo_bin("onset").unwrap();
    command.args(["evaluate", "occlusion", "--recogniser"]).arg(dir.join(recogniser)).arg(picture);
    command.arg("--out").arg(dir.join("maps")).args(rest).assert()
}

#[test]
fn a_recogniser_comes_with_its_record_and_card_and_tells_what_decided() {
    let dir = TempDir::new().unwrap();
    let data = faces(dir.path(), "faces", 4, 2);
    train(dir.path(), &data, "net.onnx", &["--seed", "3"]).success().stdout(
        contains("tract agrees within")
            .and(contains("net.onnx"))
            .and(contains("net.toml"))
            .and(contains("net.card.toml")),
    );
    let read = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
    let record: toml::Table = toml::from_str(&read("net.toml")).unwrap();
    let card: toml::Table = toml::from_str(&read("net.card.toml")).unwrap();
    assert_eq!((&record["sha256"], record["network"].as_str()), (&card["sha256"], Some("cnn")));
    assert_eq!(record["classes"].as_array().unwrap().len(), 2);
    assert_eq!(
        (record["input"]["kind"].as_str(), record["input"]["side"].as_integer()),
        (Some("gray"), Some(48))
    );
    let training = &record["training"];
    assert!(training["command"].as_str().unwrap().contains("--network cnn"), "{training}");
    assert_eq!(
        (training["seed"].as_str(), training["data_sha256"].as_str().map(str::len)),
        (Some("3"), Some(64))
    );
    assert!(card["limits"].as_str().unwrap().contains("not for identification"), "{card}");

    // From the start, and from the end of the first run: the same bytes.
    for more in [["--seed", "3", "--json"].as_slice(), &["--seed", "3", "--json", "--resume"]] {
        let output = train(dir.path(), &data, "again.onnx", more).success().get_output().stdout.clone();
        let report: Value = serde_json::from_slice(&output).unwrap();
        assert_eq!(report["files"].as_array().unwrap().len(), 3, "{report}");
        assert_eq!(report["sha256"].as_str(), record["sha256"].as_str());
        assert!(report["tract_difference"].as_f64().unwrap() <= 1e-4);
        assert_eq!(report["learned"].as_u64().unwrap() + report["watched"].as_u64().unwrap(), 16);
        let bytes = |name: &str| fs::read(dir.path().join(name)).unwrap();
        assert_eq!(bytes("again.onnx"), bytes("net.onnx"));
    }

    let seen = data.join("happiness/P0_0.png");
    let before = fs::read(&seen).unwrap();
    let output = occlusion(dir.path(), "net.onnx", &seen, &["--json"]).success().get_output().stdout.clone();
    let report: Value = serde_json::from_slice(&output).unwrap();
    let map = &report["pictures"][0];
    assert!(["happiness", "sadness"].contains(&map["class"].as_str().unwrap()), "{report}");
    assert!(map["probability"].as_f64().unwrap() >= 0.5 && map["largest_drop"].is_number(), "{report}");
    let drawn = PathBuf::from(map["map"].as_str().unwrap());
    assert!(image::open(&drawn).unwrap().width() >= 288);
    let numbers = fs::read_to_string(drawn.with_extension("csv")).unwrap();
    assert_eq!((numbers.lines().next(), numbers.lines().count()), (Some("x_px,y_px,drop"), 1 + 48 * 48));
    // Maps that go where their pictures lie leave these as they are.
    let mut beside = Command::cargo_bin("onset").unwrap();
    beside.args(["evaluate", "occlusion", "--recogniser"]).arg(dir.path().join("net.onnx")).arg(&seen);
    let _ = beside.arg("--out").arg(seen.parent().unwrap()).output().unwrap();
    assert_eq!(fs::read(&seen).unwrap(), before, "the picture was written over");

    occlusion(dir.path(), "net.onnx", &seen, &["--class", "fear"])
        .code(2)
        .stderr(contains("--class fear").and(contains("happiness, sadness")));
    occlusion(dir.path(), "none.onnx", &seen, &[]).code(1).stderr(contains("none.onnx"));
    fs::write(dir.path().join("net.onnx"), b"another file").unwrap();
    occlusion(dir.path(), "net.onnx", &seen, &[])
        .code(1)
        .stderr(contains("net.toml").and(contains("sha256")));
}
