//! `onset session export` and `import` from outside, on a session that is written here.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use onset::session::{
    ConsentRecord, Ended, ProtocolRecord, Purpose, SessionRecord, SessionWriter, SourceRecord, Topic, Totals,
};
use onset::types::Timestamp;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::json;

const STARTED: u64 = 1_795_694_400_000_000_000;

/// Thirty seconds without pictures: two steps (one broken off), an event, a vetoed one, a marker.
fn write_session(dir: &Path) {
    fs::create_dir_all(dir).unwrap();
    let record = SessionRecord {
        format: 1,
        id: "P07-20261126T120000Z".to_owned(),
        participant: "P07".to_owned(),
        onset_version: "0".to_owned(),
        started_utc: "2026-11-26T12:00:00Z".to_owned(),
        started_unix_ns: STARTED,
        ended: Some(Ended {
            duration_s: 30.0,
            how: "complete".to_owned(),
            why: String::new(),
            totals: Totals::default(),
        }),
        consent: ConsentRecord {
            participant: "P07".to_owned(),
            purpose: Purpose::Research,
            given_utc: "2026-11-26T11:59:00Z".to_owned(),
            given_by: "key".to_owned(),
            text_file: "default".to_owned(),
            text_sha256: String::new(),
            text: "yes".to_owned(),
        },
        source: SourceRecord::default(),
        protocol: ProtocolRecord::default(),
        calibration: None,
        models: Vec::new(),
        encrypted_to: Vec::new(),
        steps: Vec::new(),
    };
    record.save(dir).unwrap();
    let mut writer = SessionWriter::create(dir, STARTED, &[]).unwrap();
    let step = |t_s: f64, what: &str, step: usize| {
        json!({"t_s": t_s, "what": what, "step": step, "id": format!("anger-0{step}"), "kind": "question",
               "target": "anger", "stimulus": "questionnaire"})
    };
    let event = |number: u64, onset_s: f64, veto: &str| {
        json!({"event": number, "kind": "micro", "label": "anger", "score": 0.6, "onset_s": onset_s,
               "apex_s": onset_s + 0.1, "offset_s": onset_s + 0.3, "action_units": "4+7", "veto": veto})
    };
    let mut put = |topic, t_s: f64, value: serde_json::Value| {
        writer.json(topic, Timestamp::from_secs_f64(t_s), &value).unwrap();
    };
    put(Topic::Stimulus, 0.5, step(0.5, "begin", 0));
    put(Topic::Event, 2.0, event(1, 1.5, ""));
    put(Topic::Event, 3.0, event(2, 2.5, "blink"));
    put(Topic::Marker, 4.0, json!({"t_s": 4.0, "name": "laughs <&>", "origin": "key"}));
    put(Topic::Stimulus, 20.0, step(20.0, "end", 0));
    put(Topic::Stimulus, 20.0, step(20.0, "begin", 1));
    writer.finish().unwrap();
}

fn onset(args: &[&str], dir: &Path) -> assert_cmd::assert::Assert {
    Command::cargo_bin("onset").unwrap().current_dir(dir).arg("session").args(args).assert()
}

const TABLE: &str = "kind,label,onset_s,apex_s,offset_s,action_units,note
micro,anger,1.5,1.6,1.75,4+7,\"brief, left first\"
masked,happy_but_sad,1.7,,3,12,
macro,surprise,9.25,9.5,9.5,1+2,AU5 too?
";

#[test]
fn codings_go_in_out_to_elan_and_in_again() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path();
    write_session(&dir.join("P07"));
    fs::write(dir.join("anna.csv"), TABLE).unwrap();
    onset(&["import", "P07", "anna.csv", "--coder", "anna"], dir)
        .success()
        .stdout(contains("3 codings of anna to P07/codings/anna.csv"));
    assert_eq!(fs::read_to_string(dir.join("P07/codings/anna.csv")).unwrap(), TABLE);

    onset(&["export", "P07", "--to", "eaf", "--out", "P07.eaf", "--media", "P07.mkv"], dir).success();
    let document = fs::read_to_string(dir.join("P07.eaf")).unwrap();
    for expected in ["DATE=\"2026-11-26T12:00:00Z\"", "TIER_ID=\"Steps\"", "RELATIVE_MEDIA_URL=\"./P07.mkv\""]
    {
        assert!(document.contains(expected), "{expected}: {document}");
    }
    onset(&["import", "P07", "P07.eaf", "--coder", "ben", "--tier", "Coding anna"], dir).success();
    assert_eq!(fs::read_to_string(dir.join("P07/codings/ben.csv")).unwrap(), TABLE);

    // What is there is kept.
    onset(&["export", "P07", "--to", "eaf", "--out", "P07.eaf"], dir).failure().stderr(contains(
        "P07.eaf: there is a file already; choose another --out, or replace it with --force",
    ));
    onset(&["import", "P07", "P07.eaf", "--coder", "ben"], dir)
        .failure()
        .stderr(contains("there are codings of ben already"));
    onset(&["import", "P07", "anna.csv", "--coder", "ben", "--force"], dir).success();
}

#[test]
fn every_form_is_printed() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path();
    write_session(&dir.join("P07"));
    onset(&["export", "P07", "--to", "tsv", "--no-header"], dir).success().stdout(
        "Steps\t0.500\t20.000\t19.500\tanger-00 question anger\n\
         Steps\t20.000\t30.000\t10.000\tanger-01 question anger\n\
         Events micro\t1.500\t1.800\t0.300\tanger AU4+7 0.60\n\
         Events micro apex\t1.600\t1.601\t0.001\tapex\n\
         Markers\t4.000\t4.100\t0.100\tlaughs <&>\n",
    );
    onset(&["export", "P07", "--to", "vtt"], dir)
        .success()
        .stdout(contains("event 1\n00:00:01.500 --> 00:00:01.800\n[micro] anger AU4+7 0.60\n"));
    onset(&["export", "P07", "--to", "csv"], dir).success().stdout(
        contains("event,1,micro,anger,1.500000,1.600000,1.800000,4+7,0.6000,,\n")
            .and(contains("event,2").not()),
    );
}

#[test]
fn what_cannot_be_used_is_refused_with_the_next_step() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path();
    write_session(&dir.join("P07"));
    let header = "kind,label,onset_s,offset_s\n";
    let cases: [(&str, &[&str], i32, &str); 8] = [
        ("micro,angr,1,2", &[], 1, "in.csv, line 2, column label: the label \"angr\" is unknown"),
        ("micro,anger,100,101", &[], 1, "1 of 1 codings end after the session does (30.000 s"),
        ("micro,anger,1,2", &["--tier", "x"], 2, "--tier goes with ELAN documents"),
        ("micro,anger,1,2", &["--coder", "../x"], 2, "a coder's name has letters"),
        ("micro,anger,1,2", &["--coder"], 2, "--coder"),
        ("micro,anger,2,1", &[], 1, "before its onset"),
        ("micro,anger,1", &[], 1, "3 cells, but the header has 4 columns"),
        ("micro,anger,one,2", &[], 1, "\"one\" is not a number"),
    ];
    for (row, more, code, expected) in cases {
        fs::write(dir.join("in.csv"), format!("{header}{row}\n")).unwrap();
        let mut args = vec!["import", "P07", "in.csv"];
        if !more.contains(&"--coder") {
            args.extend(["--coder", "anna"]);
        }
        args.extend(more);
        onset(&args, dir).code(code).stderr(contains(expected));
    }
    assert!(!dir.join("P07/codings").exists());
    onset(&["import", "P07", "none.eaf", "--coder", "anna"], dir)
        .code(1)
        .stderr(contains("cannot read none.eaf"));
    onset(&["import", ".", "in.csv", "--coder", "anna"], dir).code(1).stderr(contains("this is no session"));
    onset(&["export", "P07", "--to", "vtt", "--media", "x"], dir)
        .code(2)
        .stderr(contains("--media goes with"));
}
