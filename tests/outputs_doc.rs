//! Holds `docs/outputs.md` and the program together, in both directions: what the program writes is explained, and what
//! is explained is written.
//!
//! `UPDATE_DOCS=1 cargo test --test outputs_doc` writes the tables of columns anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use onset::tables::{
    Column, FrameCounts, LiveLine, LiveLines, MeasuredRate, ModelFacts, Observed, ProfileFacts, RunFacts,
    Summary, Timing, event_columns, frame_columns, label_evidence_columns,
};
use onset::types::{
    BLENDSHAPE_NAMES, Event, EventKind, FrameStatus, Gap, GapReason, Label, Region, Side, Timestamp,
};
use serde_json::Value;

fn doc_path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/outputs.md")
}

fn doc() -> String {
    fs::read_to_string(doc_path()).expect("docs/outputs.md is there")
}

/// The lines between `<!-- begin NAME` and `<!-- end NAME -->`.
fn section(doc: &str, name: &str) -> (usize, usize) {
    let begin = doc.find(&format!("<!-- begin {name}")).unwrap_or_else(|| panic!("no section {name}"));
    let start = begin + doc[begin..].find("-->\n").expect("the marker ends its line") + "-->\n".len();
    let end = doc.find(&format!("<!-- end {name}")).unwrap_or_else(|| panic!("section {name} has no end"));
    (start, end)
}

fn check_section(name: &str, expected: &str) {
    let mut doc = doc();
    let (start, end) = section(&doc, name);
    if doc[start..end] == *expected {
        return;
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        doc.replace_range(start..end, expected);
        fs::write(doc_path(), doc).expect("docs/outputs.md can be written");
        return;
    }
    for (is, should) in doc[start..end].lines().zip(expected.lines()) {
        assert_eq!(
            is, should,
            "docs/outputs.md, section {name}: run UPDATE_DOCS=1 cargo test --test outputs_doc"
        );
    }
    panic!("docs/outputs.md, section {name} has too many or too few lines; UPDATE_DOCS=1 writes it anew");
}

/// One line a column; a family of columns is one line with its size.
fn table_of<R>(columns: &[Column<R>]) -> String {
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for column in columns {
        *sizes.entry(column.doc_name).or_default() += 1;
    }
    let mut text = "| column | unit | range | meaning |\n|---|---|---|---|\n".to_owned();
    for column in columns {
        let Some(size) = sizes.remove(column.doc_name) else { continue };
        let count = if size > 1 { format!(" ({size})") } else { String::new() };
        let (name, unit) = (column.doc_name, column.unit);
        text += &format!("| `{name}`{count} | {unit} | {} | {} |\n", column.range, column.meaning);
    }
    text
}

fn placeholders() -> Vec<(&'static str, Vec<&'static str>)> {
    vec![
        ("<label>", Label::ALL.iter().map(|label| label.name()).collect()),
        ("<region>", Region::ALL.iter().map(|region| region.name()).collect()),
        ("<side>", [Side::Left, Side::Right].iter().map(|side| side.name()).collect()),
        ("<blendshape>", BLENDSHAPE_NAMES.to_vec()),
    ]
}

// One test for all sections, since with UPDATE_DOCS they write the same file.
#[test]
fn every_column_is_explained_and_every_explanation_has_its_column() {
    check_section("frames", &table_of(&frame_columns()));
    check_section("events", &table_of(&event_columns()));
    check_section("label_evidence", &table_of(&label_evidence_columns()));
    let mut text = "| in a column name | stands for |\n|---|---|\n".to_owned();
    for (name, values) in placeholders() {
        text += &format!("| `{name}` | {} |\n", values.join(", "));
    }
    check_section("placeholders", &text);

    // The names that a reader of the document would put together are the names in the files.
    let explained: BTreeSet<String> = doc()
        .lines()
        .skip_while(|line| !line.starts_with("<!-- begin frames"))
        .take_while(|line| !line.starts_with("<!-- end frames"))
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .flat_map(|name| {
            placeholders().into_iter().fold(vec![name.to_owned()], |names, (placeholder, values)| {
                names
                    .into_iter()
                    .flat_map(|name| {
                        if name.contains(placeholder) {
                            values.iter().map(|value| name.replace(placeholder, value)).collect()
                        } else {
                            vec![name]
                        }
                    })
                    .collect()
            })
        })
        .collect();
    let written: BTreeSet<String> = frame_columns().into_iter().map(|column| column.name).collect();
    assert_eq!(explained, written);
}

/// The first `columns` cells of the table rows under `heading`.
fn rows_under(heading: &str) -> Vec<Vec<String>> {
    let doc = doc();
    doc.lines()
        .skip_while(|line| *line != heading)
        .skip(1)
        .take_while(|line| !line.starts_with("## "))
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.split('|').skip(1).map(|cell| cell.trim().trim_matches('`').to_owned()).collect())
        .collect()
}

/// Dotted paths of all values in `value`; `keys` replaces names that are data.
fn paths(value: &Value, prefix: &str, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let key = match key.as_str() {
                    "corrupt" => "<reason>",
                    "micro" => "<kind>",
                    "happiness" => "<label>",
                    "speech" => "<veto>",
                    "lid_left" => "<region>_<side>",
                    key => key,
                };
                let dot = if prefix.is_empty() { "" } else { "." };
                paths(value, &format!("{prefix}{dot}{key}"), into);
            }
        }
        Value::Array(items) if !items.is_empty() => paths(&items[0], &format!("{prefix}[]"), into),
        _ => {
            into.insert(prefix.to_owned());
        }
    }
}

fn check_keys(heading: &str, content: &Value) {
    let mut written = BTreeSet::new();
    paths(content, "", &mut written);
    let explained: BTreeSet<String> = rows_under(heading).into_iter().map(|row| row[0].clone()).collect();
    assert_eq!(explained, written, "docs/outputs.md, {heading}");
}

fn model() -> ModelFacts {
    ModelFacts { name: "face_detector".to_owned(), sha256: "00".to_owned() }
}

#[test]
fn the_keys_of_summary_and_timing_are_explained() {
    let summary = Summary {
        onset_version: "0",
        run: RunFacts { models: vec![model()], ..RunFacts::default() },
        frames: FrameCounts { lost_by_reason: BTreeMap::from([("corrupt", 1)]), ..FrameCounts::default() },
        measured: MeasuredRate::default(),
        observed: Observed {
            regions_min: BTreeMap::from([("lid_left".to_owned(), 1.0)]),
            ..Observed::default()
        },
        events: BTreeMap::from([("micro", BTreeMap::from([("happiness".to_owned(), 1)]))]),
        candidates: BTreeMap::from([("speech", 1)]),
        files: vec!["frames.csv".to_owned()],
    };
    check_keys("## summary.json", &serde_json::to_value(summary).unwrap());
    check_keys("## timing.json", &serde_json::to_value(Timing::default()).unwrap());
}

#[test]
fn the_fields_of_live_lines_are_explained() {
    let lost =
        Gap { first_seq: 3, count: 2, at: Timestamp::from_nanos(100_000_400), reason: GapReason::Overrun };
    let lines = [
        LiveLine::Start {
            onset_version: "0",
            source: "demo".to_owned(),
            demo: true,
            width: 640,
            height: 480,
            fps: None,
            timestamp_source: "nominal",
            landmark_hz: 15.0,
            landmark_still_hz: 5.0,
            models: vec![model()],
            profile: ProfileFacts::default(),
            spotter: "auto".to_owned(),
        },
        LiveLine::status(Timestamp::ZERO, FrameStatus::Ok),
        LiveLine::gap(&lost),
        LiveLine::Stats {
            t_s: 1.0,
            fps: 30.0,
            latency_p50_ms: 9.0,
            latency_p95_ms: 12.0,
            lost: 2,
            frames: 30,
            not_observable: String::new(),
        },
        LiveLine::End {
            t_s: 1.0,
            frames: 30,
            lost: 2,
            no_face: 3,
            events: 1,
            latency_p50_ms: 9.0,
            latency_p95_ms: 12.0,
            screenshot: None,
            error: None,
        },
    ];
    let event = Event {
        id: 4,
        kind: EventKind::Blink,
        label: String::new(),
        score: 0.5,
        onset: Timestamp::ZERO,
        apex: Timestamp::ZERO,
        offset: None,
        amplitude_icd: None,
        regions: Vec::new(),
        action_units: Vec::new(),
        definition: None,
        min_resolvable_ms: 100.0,
        flagged_at: Timestamp::ZERO,
        confirmed_at: None,
        face_id: 0,
        veto: None,
        masked: None,
        label_evidence: None,
    };
    let mut printed = Vec::new();
    let mut printer = LiveLines::new(&mut printed);
    for line in &lines {
        printer.print(line).unwrap();
    }
    printer.print_event(&event).unwrap();
    drop(printer);

    let text = String::from_utf8(printed).unwrap();
    assert!(
        text.contains(r#"{"type":"gap","t_s":0.1,"first_frame":3,"count":2,"reason":"overrun"}"#),
        "{text}"
    );
    let mut written = BTreeSet::new();
    for line in text.lines() {
        assert!(line.starts_with(r#"{"type":""#), "type comes first: {line}");
        let value: Value = serde_json::from_str(line).unwrap();
        let kind = value["type"].as_str().unwrap().to_owned();
        if kind == "event" {
            let fields: BTreeSet<_> =
                value.as_object().unwrap().keys().filter(|k| *k != "type").cloned().collect();
            assert_eq!(fields, event_columns().into_iter().map(|column| column.name).collect());
            assert!(value["offset_s"].is_null() && value["event"] == 4);
            written.insert((kind, "(the columns of the events table)".to_owned()));
            continue;
        }
        for field in value.as_object().unwrap().keys().filter(|key| *key != "type") {
            written.insert((kind.clone(), field.clone()));
        }
    }
    let explained: BTreeSet<_> = rows_under("## Lines of `onset live --headless`")
        .into_iter()
        .map(|row| (row[0].clone(), row[1].clone()))
        .collect();
    assert_eq!(explained, written);
}
