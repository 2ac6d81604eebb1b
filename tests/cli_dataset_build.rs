//! `onset dataset build` from outside, on sessions of the synthetic portrait that are written here.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use onset::capture::{Captured, Source, SyntheticParams, SyntheticSource};
use onset::dataset::{DatasetFolder, LabelSource, SampleKind};
use onset::session::{
    ConsentRecord, ProtocolRecord, Purpose, SessionRecord, SessionWriter, SourceRecord, Topic,
};
use onset::types::{Frame, Timestamp};
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::{Value, json};

const STARTED: u64 = 1_795_694_400_000_000_000;
const FPS: f64 = 10.0;

fn record(id: &str, participant: &str) -> SessionRecord {
    SessionRecord {
        format: 1,
        id: id.to_owned(),
        participant: participant.to_owned(),
        onset_version: "0".to_owned(),
        started_utc: "2026-11-26T12:00:00Z".to_owned(),
        started_unix_ns: STARTED,
        ended: None,
        consent: ConsentRecord {
            participant: participant.to_owned(),
            purpose: Purpose::Research,
            given_utc: "2026-11-26T11:59:00Z".to_owned(),
            given_by: "key".to_owned(),
            text_file: "default".to_owned(),
            text_sha256: String::new(),
            text: "yes".to_owned(),
        },
        source: SourceRecord { timestamp_source: "nominal".to_owned(), ..SourceRecord::default() },
        protocol: ProtocolRecord { stimulus: "questionnaire".to_owned(), ..ProtocolRecord::default() },
        calibration: None,
        models: Vec::new(),
        encrypted_to: Vec::new(),
        steps: Vec::new(),
    }
}

/// Three seconds: a step for anger, one for a masked smile that breaks off; a brief event, a vetoed one.
fn write_session(dir: &Path, id: &str, participant: &str, seed: u64) {
    fs::create_dir_all(dir).unwrap();
    record(id, participant).save(dir).unwrap();
    let mut writer = SessionWriter::create(dir, STARTED, &[]).unwrap();
    let at = Timestamp::from_secs_f64;
    let step = |t_s: f64, what: &str, step: usize, target: &str| {
        json!({"t_s": t_s, "what": what, "step": step, "id": format!("{target}-0{step}"), "kind": "question",
               "target": target, "stimulus": "questionnaire"})
    };
    let event = |number: u64, onset_s: f64, veto: Option<&str>| {
        json!({"event": number, "kind": "micro", "label": null, "score": 0.6, "onset_s": onset_s,
               "apex_s": onset_s + 0.1, "offset_s": onset_s + 0.3, "action_units": "4+7", "veto": veto})
    };
    let params = SyntheticParams {
        fps: FPS,
        width: 320,
        height: 240,
        duration_s: Some(3.0),
        seed,
        ..SyntheticParams::default()
    };
    let mut source = SyntheticSource::new(params).unwrap();
    let mut frame = Frame::default();
    while source.next(&mut frame).unwrap() == Captured::Frame {
        let t_s = frame.captured_at.as_secs_f64();
        match frame.seq {
            2 => writer.json(Topic::Stimulus, at(t_s), &step(0.2, "begin", 0, "anger")).unwrap(),
            15 => {
                writer.json(Topic::Stimulus, at(t_s), &step(1.5, "end", 0, "anger")).unwrap();
                writer.json(Topic::Stimulus, at(t_s), &step(1.5, "begin", 1, "happy_but_sad")).unwrap();
            }
            16 => writer.json(Topic::Event, at(t_s), &event(3, 1.0, None)).unwrap(),
            25 => writer.json(Topic::Event, at(t_s), &event(4, 2.0, Some("blink"))).unwrap(),
            _ => {}
        }
        writer.frame(&frame).unwrap();
        let observation = json!({"frame": frame.seq, "timestamp_s": t_s, "status": "ok", "m_lid_left": 0.01 * t_s,
                                 "m_mouth_corner_right": null});
        writer.json(Topic::Observation, at(t_s), &observation).unwrap();
        if frame.seq % 5 == 4 {
            writer.sync().unwrap();
        }
    }
    writer.finish().unwrap();
}

fn build(sessions: &[&Path], out: &Path) -> Command {
    let mut command = Command::cargo_bin("onset").unwrap();
    command.args(["dataset", "build"]).args(sessions).arg("--out").arg(out);
    command
}

#[test]
fn recorded_sessions_become_a_dataset_and_more_are_added() {
    let root = tempfile::tempdir().unwrap();
    let (first, second) = (root.path().join("sessions/a"), root.path().join("sessions/b"));
    write_session(&first, "P01-x", "P01", 1);
    write_session(&second, "P02-x", "P02", 2);
    fs::write(first.join("participant.toml"), "gender = \"female\"\n").unwrap();
    fs::create_dir(second.join("codings")).unwrap();
    let coding = "kind,label,onset_s,apex_s,offset_s,action_units,note\nmicro,contempt,1.1,1.2,1.3,14,\"one, sided\"\n";
    fs::write(second.join("codings/ann.csv"), coding).unwrap();

    let out = root.path().join("ds");
    let printed = build(&[&first], &out).arg("--json").assert().success().get_output().stdout.clone();
    let report: Value = serde_json::from_slice(&printed).unwrap();
    // 0.2, 0.7, 1.2 | 1.5, 2.0, 2.5; onset, apex, offset.
    assert_eq!(
        (report["samples"].as_u64(), report["added"][0]["candidates"].as_u64()),
        (Some(9), Some(1)),
        "{report}"
    );
    let clip: Value =
        serde_json::from_slice(&fs::read(out.join("candidates/P01-x-e0003/clip.json")).unwrap()).unwrap();
    assert_eq!(clip["traces"]["lid_left"][1], json!(0.001));
    assert!(clip["traces"]["mouth_corner_right"][1].is_null());
    assert_eq!((clip["participant"].as_str(), clip["proposal"]["score"].as_f64()), (Some("P01"), Some(0.6)));

    build(&[&second], &out).assert().code(2).stderr(contains("--add"));
    // The folder of both: the first is in it.
    build(&[&root.path().join("sessions")], &out)
        .arg("--add")
        .assert()
        .success()
        .stdout(contains("P01-x: it is in the dataset already").and(contains("ds: 18 samples")));
    let folder = DatasetFolder::open(&out).unwrap();
    let of = |name: &str| folder.samples.iter().find(|sample| sample.sample == name).unwrap();
    assert_eq!(
        (of("P01-x-e0003-apex").gender.as_str(), of("P01-x-e0003-apex").label.as_str()),
        ("female", "")
    );
    let coded = of("P02-x-c0001-onset");
    assert_eq!(
        (coded.coder.as_str(), coded.label.as_str(), coded.label_source),
        ("ann", "contempt", LabelSource::Coder)
    );
    assert_eq!(coded.gender, "");
    let smile = of("P02-x-f000020-interval");
    assert_eq!((smile.kind, smile.label.as_str()), (SampleKind::Masked, "happy_but_sad"));
    assert!(
        folder
            .samples
            .iter()
            .all(|sample| out.join(&sample.path).is_file() && sample.source_sha256.len() == 64)
    );

    // Vetoed events are for coders only; another order of sessions and the same bytes of pictures.
    let other = root.path().join("other");
    build(&[&second, &first], &other).args(["--candidates", "all"]).assert().success();
    assert!(other.join("candidates/P02-x-e0004/0000.jpg").is_file());
    let same = &of("P01-x-e0003-apex").path_colour;
    assert!(fs::read(out.join(same)).unwrap() == fs::read(other.join(same)).unwrap());

    // A session that was built in and then changed is told.
    let media = first.join("session.mcap");
    let mut bytes = fs::read(&media).unwrap();
    bytes.truncate(bytes.len() * 6 / 10);
    fs::write(&media, bytes).unwrap();
    build(&[&first], &out).arg("--add").assert().code(2).stderr(contains("another recording"));
    // And broken files are read up to where they break.
    let cut = root.path().join("cut");
    build(&[&first], &cut).assert().success().stderr(contains("session.mcap"));
    let steps: Vec<String> =
        DatasetFolder::open(&cut).unwrap().samples.iter().map(|sample| sample.step.clone()).collect();
    assert!(steps.len() >= 3 && steps.iter().any(|step| step == "anger-00"), "{steps:?}");
}

#[test]
fn wrong_files_beside_a_session_are_named() {
    let root = tempfile::tempdir().unwrap();
    let session = root.path().join("a");
    write_session(&session, "P01-x", "P01", 1);
    let out = root.path().join("ds");
    fs::write(session.join("participant.toml"), "gender = 3\n").unwrap();
    build(&[&session], &out).assert().code(1).stderr(contains("participant.toml").and(contains("gender")));
    fs::remove_file(session.join("participant.toml")).unwrap();
    fs::create_dir(session.join("codings")).unwrap();
    fs::write(session.join("codings/ann.csv"), "kind,label,onset_s,apex_s,offset_s\nmicro,anger,soon,1,2\n")
        .unwrap();
    build(&[&session], &out).assert().code(1).stderr(contains("ann.csv").and(contains("line")));
    fs::remove_dir_all(session.join("codings")).unwrap();
    build(&[&session], &out).args(["--every", "0"]).assert().code(2).stderr(contains("--every 0"));
    build(&[&session, &session], &out).assert().code(2).stderr(contains("given twice"));
    assert!(!out.exists());
}
