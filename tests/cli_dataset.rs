//! `onset dataset` from outside: stats, split and export of a dataset that was written by hand, and builds that are refused.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use onset::dataset::{
    DatasetFolder, Description, LabelSource, LeftOut, Role, Sample, SampleKind, SessionEntry, Settings,
    StepEntry, WhyLeftOut,
};
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;

fn onset(args: &[&str]) -> Command {
    let mut command = Command::cargo_bin("onset").unwrap();
    command.arg("dataset").args(args);
    command
}

fn json_of(command: &mut Command) -> Value {
    let output = command.arg("--json").assert().success().get_output().stdout.clone();
    serde_json::from_slice(&output).unwrap()
}

fn sample(person: usize, number: usize) -> Sample {
    let (label, kind) =
        [("anger", SampleKind::Micro), ("sadness", SampleKind::Micro), ("happy_but_sad", SampleKind::Masked)]
            [number % 3];
    let name = format!("P{person}-a-f{number:06}-interval");
    let folder = format!("questionnaire/{}/{label}", kind.name());
    Sample {
        path: format!("{folder}/gray/{name}.png"),
        path_colour: format!("{folder}/colour/{name}.png"),
        sample: name,
        participant: format!("P{person}"),
        gender: ["female", "male", ""][person % 3].to_owned(),
        session: format!("P{person}-a"),
        stimulus: "questionnaire".to_owned(),
        step: "anger-01".to_owned(),
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

/// Five people with twelve samples each.
fn write_dataset(dir: &Path) {
    let samples: Vec<Sample> =
        (0..5).flat_map(|person| (0..12).map(move |number| sample(person, number))).collect();
    for sample in &samples {
        for (path, value) in [(&sample.path, 80u8), (&sample.path_colour, 160)] {
            let file = dir.join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            image::GrayImage::from_pixel(4, 4, image::Luma([value])).save(file).unwrap();
        }
    }
    let session = |person: usize| SessionEntry {
        id: format!("P{person}-a"),
        participant: format!("P{person}"),
        source_sha256: "ab".repeat(32),
        samples: 12,
        left_out: u64::from(person == 0),
        candidates: 0,
        has_traces: true,
        steps: vec![StepEntry {
            id: "anger-01".to_owned(),
            target: "anger".to_owned(),
            stimulus: "questionnaire".to_owned(),
            start_s: 0.0,
            end_s: 6.25,
        }],
    };
    let left_out = vec![LeftOut {
        session: "P0-a".to_owned(),
        step: "anger-01".to_owned(),
        time_s: 6.0,
        role: "interval".to_owned(),
        event: String::new(),
        why: WhyLeftOut::NoFace,
    }];
    let settings = Settings {
        every_s: 0.5,
        candidates: "flagged".to_owned(),
        coders: Vec::new(),
        crop_px: 256,
        icd_px: 64.0,
    };
    let description = Description {
        format: 1,
        onset_version: "0".to_owned(),
        settings,
        sessions: (0..5).map(session).collect(),
    };
    DatasetFolder { dir: dir.to_owned(), description, samples, left_out }.save().unwrap();
}

#[test]
fn stats_count_and_say_what_is_missing() {
    let root = tempfile::tempdir().unwrap();
    let ds = root.path().join("ds");
    write_dataset(&ds);
    let name = ds.to_str().unwrap();
    let stats = json_of(&mut onset(&["stats", name]));
    assert_eq!((stats["samples"].as_u64(), stats["participants"].as_u64()), (Some(60), Some(5)));
    assert_eq!(stats["by_label"]["happy_but_sad"], 20);
    assert_eq!(stats["by_kind"]["masked"], 20);
    assert_eq!(stats["by_participant"]["P3"]["anger"], 4);
    assert_eq!(stats["step_seconds"]["anger"], 31.25);
    assert_eq!(stats["missing"]["left_out"]["no_face"], 1);
    assert_eq!(stats["missing"]["participants_without_gender"], serde_json::json!(["P2"]));
    fs::remove_file(ds.join(sample(1, 4).path)).unwrap();
    onset(&["stats", name]).assert().success().stdout(
        contains("60 samples, 5 sessions, 5 participants")
            .and(contains("participant  anger  happy_but_sad  sadness"))
            .and(contains("gender not known: P2"))
            .and(contains("P1-a-f000004-interval.png"))
            .and(contains("no_face 1")),
    );
}

#[test]
fn splits_are_told_and_repeatable() {
    let root = tempfile::tempdir().unwrap();
    let ds = root.path().join("ds");
    write_dataset(&ds);
    let name = ds.to_str().unwrap();
    let out = |file: &str| root.path().join(file).to_str().unwrap().to_owned();
    let frame =
        onset(&["split", name, "--by", "frame", "--out", &out("frame.csv"), "--json"]).assert().success();
    let printed: Value = serde_json::from_slice(&frame.get_output().stdout).unwrap();
    assert_eq!((printed["train"].as_u64(), printed["test"].as_u64()), (Some(48), Some(12)));
    assert!(printed["warning"].as_str().unwrap().contains("in both parts"));
    onset(&["split", name, "--by", "frame", "--out", &out("again.csv")])
        .assert()
        .success()
        .stderr(contains("in both parts").and(contains("--by subject")));
    assert_eq!(fs::read(out("frame.csv")).unwrap(), fs::read(out("again.csv")).unwrap());
    onset(&["split", name, "--by", "frame", "--out", &out("again.csv")])
        .assert()
        .code(1)
        .stderr(contains("nothing is ever overwritten"));

    let subject =
        json_of(&mut onset(&["split", name, "--by", "subject", "--seed", "3", "--out", &out("subject.csv")]));
    assert_eq!((subject["test_participants"].as_u64(), subject["test"].as_u64()), (Some(1), Some(12)));
    assert!(subject.get("warning").is_none());
    let loso = json_of(&mut onset(&["split", name, "--by", "loso", "--out", &out("loso.csv")]));
    assert_eq!(loso["folds"], 5);
    let female = json_of(&mut onset(&[
        "split",
        name,
        "--by",
        "subject",
        "--gender",
        "female",
        "--out",
        &out("f.csv"),
    ]));
    assert_eq!((female["samples"].as_u64(), female["other_gender"].as_u64()), (Some(24), Some(36)));
    onset(&["split", name, "--by", "subject", "--gender", "none", "--out", &out("g.csv")])
        .assert()
        .code(2)
        .stderr(contains("there are female, male"));
    onset(&["split", name, "--by", "frame", "--test", "1.5", "--out", &out("g.csv")]).assert().code(2);
    assert!(!Path::new(&out("g.csv")).exists());
}

#[test]
fn exports_are_what_other_programs_read() {
    let root = tempfile::tempdir().unwrap();
    let ds = root.path().join("ds");
    write_dataset(&ds);
    let name = ds.to_str().unwrap();
    let out = |file: &str| root.path().join(file).to_str().unwrap().to_owned();
    onset(&["split", name, "--by", "loso", "--out", &out("loso.csv")]).assert().success();
    onset(&["export", name, "--format", "imagefolder", "--split", &out("loso.csv"), "--out", &out("x")])
        .assert()
        .code(2)
        .stderr(contains("--fold N"));
    let fold = ["--split", &out("loso.csv"), "--fold", "2", "--kind", "micro", "--out", &out("folder")];
    let report = json_of(onset(&["export", name, "--format", "imagefolder"]).args(fold));
    assert_eq!((report["samples"].as_u64(), report["other_kind"].as_u64()), (Some(40), Some(20)));
    assert_eq!(report["by_part"]["test"]["anger"], 4);
    let picture = root.path().join("folder/test/anger/P2-a-f000000-interval.png");
    assert_eq!(image::open(picture).unwrap().to_luma8().get_pixel(0, 0).0, [80]);

    onset(&["export", name, "--format", "csv", "--colour", "--kind", "masked", "--out", &out("csv")])
        .assert()
        .success()
        .stdout(contains("happy_but_sad 20").and(contains("left out: 40 of the other kind")));
    let table = fs::read_to_string(root.path().join("csv/samples.csv")).unwrap();
    assert!(table.starts_with("path,label,part,"), "{table}");
    assert!(table.contains("images/P0-a-f000002-interval.png,happy_but_sad,"), "{table}");
    onset(&["export", name, "--format", "csv", "--out", &out("csv")])
        .assert()
        .code(2)
        .stderr(contains("nothing is ever overwritten"));
    onset(&["export", name, "--format", "csv", "--gray", "--colour", "--out", &out("y")]).assert().code(2);
}

#[test]
fn wrong_datasets_are_told_by_file_line_and_column() {
    let root = tempfile::tempdir().unwrap();
    let ds = root.path().join("ds");
    let name = ds.to_str().unwrap();
    onset(&["stats", name]).assert().code(2).stderr(contains("this is no dataset"));
    write_dataset(&ds);
    let manifest = ds.join("manifest.csv");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replacen(",interval,micro,sadness", ",interval,mikro,sadness", 1)).unwrap();
    onset(&["stats", name]).assert().code(1).stderr(contains(
        "manifest.csv, line 3, column kind: \"mikro\" is not known; it is one of micro, masked",
    ));
    fs::remove_file(&manifest).unwrap();
    onset(&["stats", name]).assert().code(1).stderr(contains("broke off").and(contains("--add")));
    fs::write(ds.join("dataset.toml"), "format = 99").unwrap();
    onset(&["stats", name]).assert().code(1).stderr(contains("dataset.toml"));
}

#[test]
fn builds_that_cannot_be_are_refused_before_anything_is_written() {
    let root = tempfile::tempdir().unwrap();
    let out = root.path().join("ds");
    let build = |session: &Path| {
        let mut command = onset(&["build"]);
        command.arg(session).arg("--out").arg(&out);
        command
    };
    build(&root.path().join("gone")).assert().code(2).stderr(contains("there is no such folder"));
    let empty = root.path().join("empty");
    fs::create_dir(&empty).unwrap();
    build(&empty).assert().code(2).stderr(contains("this is no session"));
    fs::write(empty.join("session.toml"), "format = 1").unwrap();
    build(&empty).assert().code(1).stderr(contains("session.toml"));
    assert!(!out.exists());
}
