//! `onset evaluate spotting` from the outside: figures of small tables, the report, and what it says of bad ones.

#[path = "support/clips.rs"]
mod clips;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use clips::onset;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::Value;

const TRUTH: &str = "clip,fps,kind,onset_s,apex_s,offset_s,aus,emotion,amplitude_icd,sides,base,base_kind,person,distractor\n\
    a,30,micro,1.0,1.1,1.4,12,happiness,0.02,both,x.png,still,p1,\n\
    a,30,micro,5.0,5.1,5.15,1+2,surprise,0.035,both,x.png,still,p1,\n\
    b,60,none,,,,,,,,y.png,talking,p2,\n";

const EVENTS_A: &str = "event,kind,label,score,onset_s,apex_s,offset_s,duration_ms,amplitude_icd,regions,action_units,\
    definition,min_resolvable_ms,flagged_at_s,confirmed_at_s,face_id,veto\n\
    0,micro,happiness,0.9,1.0,1.1,1.4,400,0.02,mouth_corner_left+mouth_corner_right,12,extended,100,1.15,1.5,0,\n\
    1,micro,,0.4,8.0,8.1,8.4,400,0.02,brow_left,4,extended,100,8.1,8.5,0,\n\
    2,micro,,0.6,5.0,5.1,5.15,150,0.02,brow_left,4,classic,100,5.1,5.2,0,lone\n";

const EVENTS_B: &str = "event,kind,label,score,onset_s,apex_s,offset_s,flagged_at_s,confirmed_at_s\n";

/// 20 s at 10 fps, mouth hidden from second 10 on.
fn frames() -> String {
    let mut text = "frame,timestamp_s,status,mx_brow_left,my_brow_left,mx_mouth_corner_left,my_mouth_corner_left,not_observable\n"
        .to_owned();
    for frame in 0..200 {
        let at = f64::from(frame) / 10.0;
        let moved = if (10..14).contains(&frame) { 0.02 } else { 0.0 };
        let hidden = match frame {
            0..100 => "",
            _ => {
                "mouth_corner_left+mouth_corner_right+upper_lip_left+upper_lip_right+lower_lip_left+lower_lip_right+chin_left+chin_right"
            }
        };
        text += &format!("{frame},{at},ok,0.001,-0.002,{moved},{moved},{hidden}\n");
    }
    text
}

struct Files {
    dir: tempfile::TempDir,
}

impl Files {
    /// Truth and predictions of two clips of 20 s; the second one without frames, but with a summary.
    fn new() -> Self {
        let files = Self { dir: tempfile::tempdir().unwrap() };
        files.write("truth.csv", TRUTH);
        files.write("out/a/events.csv", EVENTS_A);
        files.write("out/a/frames.csv", &frames());
        files.write("out/b/events.csv", EVENTS_B);
        files.write("out/b/summary.json", r#"{"ended":"end_of_input","measured":{"duration_s":20.0}}"#);
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn evaluate(&self, predictions: &str) -> assert_cmd::Command {
        let mut command = onset();
        command.args(["evaluate", "spotting", "--truth"]).arg(self.path("truth.csv"));
        command.arg("--predictions").arg(self.path(predictions));
        command
    }

    fn json(&self, predictions: &str, options: &[&str]) -> Value {
        let output = self.evaluate(predictions).arg("--json").args(options).assert().success();
        serde_json::from_slice(&output.get_output().stdout).unwrap()
    }
}

#[test]
fn figures_of_two_clips_as_a_table_and_as_json() {
    let files = Files::new();
    files.evaluate("out").assert().success().stdout(
        contains("2 clips, 2 people, 0.7 min, 2 true micro-expressions; 2 claims, matched one to one at IoU >= 0.5")
            .and(contains("1 of 2"))
            .and(contains("false alarms a minute"))
            .and(contains("under 200 ms"))
            .and(contains("vetoed: lone")),
    );
    let report = files.json("out", &[]);
    let all = &report["overall"];
    assert_eq!((all["recall"].as_f64(), all["alarms"]["precision"].as_f64()), (Some(0.5), Some(0.5)));
    assert_eq!(all["alarms"]["false_alarms_per_minute"], 1.5);
    assert_eq!(all["flag_after_onset_ms"]["p50"], 150.0);
    assert_eq!(all["confirmed_after_offset_ms"]["p50"], 100.0);
    // Only clip a says what was observable.
    assert_eq!(
        (all["observable"]["truth"].as_u64(), all["observable"]["seconds"].as_f64()),
        (Some(2), Some(20.0))
    );
    assert_eq!(report["seen"]["mouth_s"], 10.0);
    assert_eq!(report["intervals"]["units"], 2);
    assert!(report["notes"].to_string().contains("1 of 2 clips do not say"), "{}", report["notes"]);
    assert_eq!(report["clips"][0]["false_alarms"][0]["on"], "nothing");
    let strict = files.json("out", &["--min-score", "0.5", "--bootstrap", "0"]);
    assert_eq!(strict["overall"]["alarms"]["claims"], 1);
    assert!(strict["intervals"].is_null());
}

#[test]
fn the_report_is_one_page_and_the_same_figures() {
    let files = Files::new();
    files
        .evaluate("out")
        .arg("--out")
        .arg(files.path("report"))
        .assert()
        .success()
        .stdout(contains("spotting.html"));
    let json: Value = serde_json::from_slice(&fs::read(files.path("report/spotting.json")).unwrap()).unwrap();
    assert_eq!(json, files.json("out", &[]));
    let page = fs::read_to_string(files.path("report/spotting.html")).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    for part in
        ["<svg", "class=\"trace my\"", "class=\"unseen\"", "truth-found", "truth-missed", "claim-alarm"]
    {
        assert!(page.contains(part), "{part}");
    }
    for other in ["http:", "https:", "<script", "<link", "<img", "@import", "url("] {
        assert!(!page.contains(other), "{other}");
    }
    // Again into the same folder, with equal bytes.
    files.evaluate("out").arg("--out").arg(files.path("report")).assert().success();
    assert_eq!(page, fs::read_to_string(files.path("report/spotting.html")).unwrap());
}

#[test]
fn one_table_of_events_for_one_clip() {
    let files = Files::new();
    files
        .evaluate("out/a/events.csv")
        .assert()
        .code(2)
        .stderr(contains("events.csv is one table of events").and(contains("a, b")).and(contains("--clip")));
    files.evaluate("out").args(["--clip", "c"]).assert().code(2).stderr(contains("no clip c"));
    let report = files.json("out/a/events.csv", &["--clip", "a"]);
    assert_eq!(
        (report["overall"]["clips"].as_u64(), report["overall"]["truth"].as_u64()),
        (Some(1), Some(2))
    );
    assert_eq!(report, files.json("out/a", &["--clip", "a"]));
    // The frames beside it say how long the clip is; alone, nobody does.
    assert_eq!(report["overall"]["alarms"]["false_alarms_per_minute"], 3.0);
    files.write("alone.csv", EVENTS_A);
    let alone = files.json("alone.csv", &["--clip", "a"]);
    assert!(alone["overall"]["alarms"]["false_alarms_per_minute"].is_null());
    assert!(alone["notes"].to_string().contains("length of 1 of 1 clips is unknown"));
}

#[test]
fn clips_without_predictions_and_predictions_without_truth_are_named() {
    let files = Files::new();
    fs::remove_dir_all(files.path("out/b")).unwrap();
    files.write("out/stranger/events.csv", EVENTS_B);
    files.evaluate("out").assert().code(1).stderr(
        contains("no predictions for b").and(contains("onset analyze")).and(contains("--missing-as-empty")),
    );
    fs::remove_dir_all(files.path("out/a")).unwrap();
    files.write("out/b/events.csv", EVENTS_B);
    files
        .evaluate("out")
        .args(["--missing-as-empty", "--json"])
        .assert()
        .success()
        .stderr(
            contains("no predictions for a: their events count as missed")
                .and(contains("no truth for stranger")),
        )
        .stdout(contains("\"truth\": 2").and(contains("\"found\": 0")));
}

#[test]
fn tables_in_another_format_and_bad_tables_say_what_to_do() {
    let files = Files::new();
    fs::rename(files.path("out/a/events.csv"), files.path("out/a/events.parquet")).unwrap();
    files
        .evaluate("out")
        .assert()
        .code(1)
        .stderr(contains("events.parquet but no events.csv").and(contains("--format csv,parquet")));
    files.write("out/a/events.csv", &EVENTS_A.replace("0.9,1.0,", "0.9,soon,"));
    files
        .evaluate("out")
        .assert()
        .code(1)
        .stderr(contains("events.csv, line 2, column onset_s: \"soon\" is not a number"));
    files.write("truth.csv", "clip,kind\na,micro\n");
    files.evaluate("out").assert().code(1).stderr(contains("truth.csv, line 1: there is no column onset_s"));
    files.evaluate("nowhere").assert().code(2).stderr(contains("nowhere: there is no such file or folder"));
    onset().args(["evaluate"]).assert().code(2);
    onset().args(["evaluate", "spotting", "--bootstrap", "many"]).assert().code(2);
}

#[test]
fn a_truth_that_goes_on_after_the_clip_and_an_interrupted_analysis_are_warned_of() {
    let files = Files::new();
    files.write("truth.csv", &TRUTH.replace("5.0,5.1,5.15", "25.0,25.1,25.15"));
    files.write("out/a/summary.json", r#"{"ended":"interrupted"}"#);
    let warned = || {
        contains("its truth goes on until 25.15 s, but its frames end after 20.00 s")
            .and(contains("clip a: its analysis was interrupted"))
    };
    files.evaluate("out").assert().success().stderr(warned()).stdout(warned());
}

/// Truth that says everything that can be said.
const FULL_TRUTH: &str = "clip,fps,kind,onset_s,apex_s,offset_s,aus,emotion,amplitude_icd,sides,base_kind,person,distractor,condition\n\
    a,30,micro,1.0,1.1,1.4,12,happiness,0.02,both,still,p1,blink,noise\n\
    a,30,micro,5.0,5.1,5.15,1+2,surprise,0.035,both,still,p1,blink,noise\n\
    b,60,none,,,,,,,,talking,p2,,clean\n";

#[test]
fn the_documentation_lists_every_field_of_the_report_and_no_other() {
    let files = Files::new();
    files.write("truth.csv", FULL_TRUTH);
    let mut paths = BTreeSet::new();
    collect(&files.json("out", &[]), "", &mut paths);
    // A field that is an object in one place may be null in another.
    let all = paths.clone();
    let is_inside =
        |other: &str, path: &str| other.strip_prefix(path).is_some_and(|rest| rest.starts_with(['.', '[']));
    paths.retain(|path| !all.iter().any(|other| is_inside(other, path)));
    let doc = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/evaluate.md")).unwrap();
    let (_, fields) = doc.split_once("\n## spotting.json\n").expect("there is a section on the JSON");
    let fields = fields.split_once("\n## ").map_or(fields, |(fields, _)| fields);
    let listed: BTreeSet<String> = fields
        .lines()
        .filter_map(|line| Some(line.strip_prefix("| `")?.split_once("` |")?.0.to_owned()))
        .collect();
    assert_eq!(
        paths.difference(&listed).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "not in docs/evaluate.md"
    );
    assert_eq!(
        listed.difference(&paths).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "only in docs/evaluate.md"
    );
}

/// Paths of all fields; of groups only the name, as the rest is what `overall` has.
fn collect(value: &Value, path: &str, paths: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            let is_group = path.starts_with("breakdown.");
            for (key, value) in map.iter().filter(|(key, _)| !is_group || *key == "name") {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                collect(value, &path, paths);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            items.iter().for_each(|item| collect(item, &format!("{path}[]"), paths));
        }
        _ => {
            paths.insert(path.to_owned());
        }
    }
}
