//! `onset synth --chimeras` from the outside: composites of the portrait's own variants, the table, and what is said of wrong requests.

#[path = "support/clips.rs"]
mod clips;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use clips::{column, csv, onset};
use image::imageops::{FilterType, crop_imm, resize};
use onset::synth::CHIMERA_COLUMNS;
use predicates::str::contains;

const VOTES: &str =
    "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF";

/// The portrait's head at 112 px, in another light and at another place for each `number`.
fn head(path: &Path, number: u32, is_gray: bool) {
    let whole = image::load_from_memory(include_bytes!("../assets/portrait.png")).unwrap().into_rgb8();
    let cut = crop_imm(&whole, 118 + number % 5, 8 + number % 3, 208, 208).to_image();
    let mut small = resize(&cut, 112, 112, FilterType::Triangle);
    for value in small.iter_mut() {
        *value = (f32::from(*value) * (0.7 + 0.03 * number as f32)) as u8;
    }
    let small = image::DynamicImage::ImageRgb8(small);
    if is_gray { small.into_luma8().save(path).unwrap() } else { small.save(path).unwrap() }
}

/// A corpus: three pictures of each label, one that people did not agree on, one without a face.
fn corpus(dir: &Path) {
    fs::create_dir(dir.join("valid")).unwrap();
    let mut labels = format!("{VOTES}\n");
    for (number, votes) in
        ["0,10,0,0,0,0,0,0,0,0", "1,0,0,9,0,0,0,0,0,0", "0,0,0,0,7,3,0,0,0,0", "8,1,1,0,0,0,0,0,0,0"]
            .iter()
            .cycle()
            .take(12)
            .enumerate()
    {
        head(&dir.join(format!("valid/{number}.png")), number as u32, true);
        labels += &format!("V,{number}.png,{votes}\n");
    }
    head(&dir.join("valid/unclear.png"), 0, true);
    image::GrayImage::new(48, 48).save(dir.join("valid/none.png")).unwrap();
    labels += "V,unclear.png,5,5,0,0,0,0,0,0,0,0\nV,none.png,0,10,0,0,0,0,0,0,0,0\n";
    fs::write(dir.join("labels.csv"), labels).unwrap();
}

fn chimeras(out: &Path, more: &[&str]) -> assert_cmd::assert::Assert {
    onset().args(["synth", "--chimeras", "--out"]).arg(out).args(more).assert()
}

#[test]
fn a_part_becomes_balanced_composites_and_the_seed_decides() {
    let dir = tempfile::tempdir().unwrap();
    corpus(dir.path());
    let [a, b] = ["a", "b"].map(|name| dir.path().join(name));
    let data = dir.path().to_str().unwrap();
    let from = ["--ferplus", data, "--part", "valid", "--count", "9", "--seed", "5"];
    let printed = chimeras(&a, &[&from[..], &["--json"]].concat()).success();
    let summary: serde_json::Value = serde_json::from_slice(&printed.get_output().stdout).unwrap();
    assert_eq!(summary["count"], 9);
    assert_eq!(summary["candidates"]["happiness"], 4);
    assert_eq!(summary["usable"]["happiness"], 3);
    assert_eq!(summary["left_out"]["no face found"], 1);

    let (header, rows) = csv(&a.join("chimeras.csv"));
    assert_eq!(header, CHIMERA_COLUMNS);
    let mut classes = BTreeMap::new();
    let mut uses = BTreeMap::new();
    for row in &rows {
        *classes.entry(row[1].as_str()).or_insert(0) += 1;
        for source in &row[4..6] {
            *uses.entry(source.as_str()).or_insert(0) += 1;
        }
        let made_of = (row[2].as_str(), row[3].as_str());
        match row[1].as_str() {
            "happy_but_sad" => assert_eq!(made_of, ("happiness", "sadness")),
            "happy_but_angry" => assert_eq!(made_of, ("happiness", "anger")),
            _ => assert!(made_of.0 == made_of.1 || made_of == ("happiness", "neutral")),
        }
        assert_ne!(row[4], row[5]);
        assert_eq!(row[6], "");
        let picture = image::open(a.join(&row[0])).unwrap();
        assert_eq!((picture.width(), picture.height(), picture.color()), (224, 224, image::ColorType::L8));
    }
    assert_eq!(classes, BTreeMap::from([("happy_but_sad", 3), ("happy_but_angry", 3), ("none", 3)]));
    assert!(uses.values().all(|count| *count <= onset::synth::MOST_USES), "{uses:?}");
    assert!(!uses.contains_key("unclear.png"));

    chimeras(&b, &from).success().stdout(contains("9 composites")).stdout(contains("1 no face found"));
    for name in column(&a.join("chimeras.csv"), "path").iter().map(String::as_str).chain(["chimeras.csv"]) {
        assert!(fs::read(a.join(name)).unwrap() == fs::read(b.join(name)).unwrap(), "{name} differs");
    }
    // What is there stays, unless it is asked for.
    chimeras(&a, &from).failure().code(2).stderr(contains("--force"));
}

#[test]
fn halves_share_no_picture() {
    let dir = tempfile::tempdir().unwrap();
    corpus(dir.path());
    let out = dir.path().join("out");
    let data = dir.path().to_str().unwrap();
    chimeras(&out, &["--ferplus", data, "--part", "valid", "--count", "6", "--split"]).success();
    let (_, rows) = csv(&out.join("chimeras.csv"));
    let mut halves = BTreeMap::new();
    for row in &rows {
        assert!(["fit", "report"].contains(&row[6].as_str()), "{row:?}");
        for source in &row[4..6] {
            assert_eq!(halves.entry(source.clone()).or_insert(row[6].clone()), &row[6], "{source}");
        }
    }
}

#[test]
fn photos_keep_their_colours_and_classes_without_pictures_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let mut table = "label,path,note\n".to_owned();
    for (number, label) in ["happiness", "anger", "happiness", "anger"].iter().enumerate() {
        head(&dir.path().join(format!("{number}.png")), number as u32, false);
        table += &format!("{label},{number}.png,x\n");
    }
    let path = dir.path().join("faces.csv");
    fs::write(&path, table).unwrap();
    let out = dir.path().join("out");
    chimeras(&out, &["--faces", path.to_str().unwrap(), "--count", "6"])
        .success()
        .stdout(contains("no happy_but_sad"));
    let (_, rows) = csv(&out.join("chimeras.csv"));
    let count = |class: &str| rows.iter().filter(|row| row[1] == class).count();
    assert!(count("happy_but_angry") > 0 && count("happy_but_angry") == count("none"), "{rows:?}");
    assert_eq!(image::open(out.join(&rows[0][0])).unwrap().color(), image::ColorType::Rgb8);
}

#[test]
fn wrong_requests_say_what_and_where() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let table = |text: &str| {
        let path = dir.path().join("faces.csv");
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let refused = |more: &[&str], code: i32, says: &str| {
        chimeras(&out, more).failure().code(code).stderr(contains(says));
        assert!(!out.join("chimeras.csv").exists());
    };
    refused(&[], 2, "give --ferplus DIR --part NAME, or --faces FILE.csv");
    refused(&["--faces", "/nowhere.csv"], 2, "/nowhere.csv: there is no such file");
    refused(&["--ferplus", "/nowhere", "--part", "valid"], 2, "/nowhere: there is no such folder");
    refused(&["--ferplus", "/nowhere"], 2, "--part");
    refused(&["--faces", "x.csv", "--fps", "60"], 2, "--fps");
    onset()
        .args(["synth", "--split", "--out"])
        .arg(&out)
        .assert()
        .failure()
        .code(2)
        .stderr(contains("--chimeras"));
    refused(&["--faces", &table("path,label\nmissing.png,anger\n")], 1, "faces.csv, line 2: ");
    refused(&["--faces", &table("path,label\nmissing.png,anger\n")], 1, "missing.png");
    refused(&["--faces", &table("path,label\na.png,joy\n")], 1, "line 2: `joy` is no label");
    refused(&["--faces", &table("file,label\na.png,anger\n")], 1, "no column `path`");
    refused(&["--faces", &table("path,label\n")], 1, "it lists no photo");
    refused(&["--faces", &table("path,label\na.png\n")], 1, "line 2");
    image::GrayImage::new(64, 64).save(dir.path().join("black.png")).unwrap();
    fs::write(dir.path().join("broken.png"), "no picture").unwrap();
    let faceless = table("path,label\nblack.png,anger\nbroken.png,happiness\n");
    refused(&["--faces", &faceless], 1, "1 no face found");
    refused(&["--faces", &faceless], 1, "1 cannot be decoded");
    // A part without a plain expression, and one that is not there.
    fs::create_dir(dir.path().join("valid")).unwrap();
    image::GrayImage::new(48, 48).save(dir.path().join("valid/a.png")).unwrap();
    fs::write(dir.path().join("labels.csv"), format!("{VOTES}\nV,a.png,5,5,0,0,0,0,0,0,0,0\n")).unwrap();
    let data = dir.path().to_str().unwrap();
    refused(&["--ferplus", data, "--part", "valid"], 1, "none of its 1 pictures has at least 60 %");
    refused(&["--ferplus", data, "--part", "train"], 2, "there is no part train");
}
