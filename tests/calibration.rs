//! Holds `calibration/default.toml` and the thresholds in the code together: each with the value of its `Default` and the
//! words of its documentation.
//!
//! `UPDATE_DOCS=1 cargo test --test calibration` writes the file anew from the code.

use std::fs;
use std::path::{Path, PathBuf};

use onset::calibration::{Profile, Thresholds};

/// The tables of thresholds, and the struct behind each: `[thresholds.<name>]`, its file, its name in the code.
const TABLES: [(&str, &str, &str); 11] = [
    ("face", "src/face/params.rs", "FaceParams"),
    ("face.quality", "src/face/params.rs", "QualityParams"),
    ("motion", "src/motion/params.rs", "MotionParams"),
    ("expression", "src/expression/smooth.rs", "ExpressionParams"),
    ("masked", "src/expression/masked/params.rs", "MaskedParams"),
    ("blink", "src/spot/blink.rs", "BlinkParams"),
    ("spot", "src/spot/params.rs", "SpotParams"),
    ("spot.state_machine", "src/spot/state_machine.rs", "StateMachineParams"),
    ("spot.matched", "src/spot/matched/mod.rs", "MatchedParams"),
    ("spot.joint", "src/spot/joint.rs", "JointParams"),
    ("spot.vetoes", "src/spot/vetoes/mod.rs", "VetoParams"),
];

const HEAD: &str = "\
# The calibration profile that the program carries: every threshold of the face, motion, expression and spotting stages, with its
# unit in its name and its source beside it. `onset calibrate` makes profiles for a camera and a person; those need name
# only what differs from this one. README.md beside this file explains the keys.
#
# Written from the code by `UPDATE_DOCS=1 cargo test --test calibration`: change values there.

[profile]
name = \"default\"
";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The public fields of a struct in order, without those that no profile holds, each with its documentation in plain words.
fn fields(file: &str, name: &str) -> Vec<(String, String)> {
    let text = fs::read_to_string(root().join(file)).unwrap();
    let start =
        text.find(&format!("pub struct {name} {{")).unwrap_or_else(|| panic!("{file}: no struct {name}"));
    let mut fields = Vec::new();
    let mut doc = Vec::new();
    let mut is_skipped = false;
    for line in text[start..].lines().skip(1).map(str::trim).take_while(|line| *line != "}") {
        if let Some(words) = line.strip_prefix("///") {
            doc.push(words.trim().to_owned());
        } else if let Some((field, _)) = line.strip_prefix("pub ").and_then(|rest| rest.split_once(':')) {
            if !std::mem::take(&mut is_skipped) {
                fields.push((field.to_owned(), doc.join(" ").replace("[`", "`").replace("`]", "`")));
            }
            doc.clear();
        }
        is_skipped |= line == "#[serde(skip)]";
    }
    fields
}

/// `words` as comment lines of at most 110 columns.
fn comment(words: &str) -> String {
    let mut lines = vec![String::from("#")];
    for word in words.split_whitespace() {
        let last = lines.last_mut().unwrap();
        if last.chars().count() + 1 + word.chars().count() > 110 {
            lines.push(format!("# {word}"));
        } else {
            *last += " ";
            *last += word;
        }
    }
    lines.join("\n") + "\n"
}

/// The shortest text that reads back as the value; single precision, where the value comes from there.
fn shortest(value: f64) -> String {
    let single = value as f32;
    if f64::from(single) == value { format!("{single:?}") } else { format!("{value:?}") }
}

fn expected() -> String {
    let all = toml::Value::try_from(Thresholds::default()).unwrap();
    let mut text = HEAD.to_owned();
    let is_listed = |table: &str| TABLES.iter().any(|(listed, _, _)| *listed == table);
    for key in all.as_table().unwrap().keys() {
        assert!(is_listed(key), "TABLES lacks {key}");
    }
    for (table, file, name) in TABLES {
        let values = table.split('.').fold(&all, |value, key| &value[key]).as_table().unwrap();
        let fields = fields(file, name);
        assert_eq!(fields.len(), values.len(), "{file}: every field of {name} is public and documented");
        text += &format!("\n[thresholds.{table}]\n");
        for (field, doc) in fields {
            assert!(!doc.is_empty(), "{file}: {name}::{field} needs its meaning, unit and source");
            let value = match &values[&field] {
                toml::Value::Table(_) => {
                    assert!(is_listed(&format!("{table}.{field}")), "TABLES lacks {table}.{field}");
                    continue;
                }
                toml::Value::Float(value) => shortest(*value),
                other => other.to_string(),
            };
            text += &format!("{}{field} = {value}\n", comment(&doc));
        }
    }
    text
}

#[test]
fn the_default_profile_names_every_threshold_with_its_source() {
    let path: PathBuf = root().join("calibration/default.toml");
    let expected = expected();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &expected).unwrap();
    }
    let is = fs::read_to_string(&path).unwrap();
    for (is, should) in is.lines().zip(expected.lines()) {
        assert_eq!(is, should, "calibration/default.toml: run UPDATE_DOCS=1 cargo test --test calibration");
    }
    assert_eq!(is, expected);
    let profile = Profile::parse(expected.as_bytes(), "calibration/default.toml").unwrap();
    assert_eq!(profile.thresholds, Thresholds::default());
}
