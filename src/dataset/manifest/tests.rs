//! The manifest, written and read back.

use std::path::Path;

use proptest::prelude::*;

use super::*;

/// Any text that a cell can hold, empty or not.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("a,b \"c\"\r\nd\n".to_owned()),
        Just("\u{feff}ä😀".to_owned()),
        "\\PC{0,12}",
    ]
}

fn filled() -> impl Strategy<Value = String> {
    cell().prop_map(|text| format!("{text}x"))
}

fn inner_path() -> impl Strategy<Value = String> {
    "[a-zä ,\"']{1,8}(/[a-z_]{1,5}){0,3}\\.png"
}

fn time() -> impl Strategy<Value = f64> {
    (-1_000_000_000i64..1_000_000_000_000).prop_map(|micros| micros as f64 / 1e6)
}

prop_compose! {
    fn sample()(
        (sample, participant, session, stimulus, source_sha256) in (filled(), filled(), filled(), filled(), filled()),
        (path, path_colour) in (inner_path(), inner_path()),
        (gender, step, label, coder, event, action_units) in (cell(), cell(), cell(), cell(), cell(), cell()),
        (role, kind, label_source) in (0usize..4, 0usize..2, 0usize..3),
        (time_s, onset_s) in (time(), proptest::option::of(time())),
        (apex_s, offset_s) in (proptest::option::of(time()), proptest::option::of(time())),
    ) -> Sample {
        Sample {
            sample, path, path_colour, participant, gender, session, stimulus, step, time_s,
            role: Role::ALL[role], kind: SampleKind::ALL[kind], label,
            label_source: LabelSource::ALL[label_source], coder, event,
            onset_s, apex_s, offset_s, action_units, source_sha256,
        }
    }
}

fn written(samples: &[Sample]) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    write_manifest(dir.path(), samples).unwrap();
    assert!(!dir.path().join("manifest.csv.partial").exists());
    std::fs::read(dir.path().join(MANIFEST_CSV)).unwrap()
}

fn parsed(bytes: &[u8]) -> Result<Vec<Sample>, String> {
    parse_manifest(Path::new("m.csv"), bytes).map_err(|error| error.to_string())
}

fn example() -> Sample {
    Sample {
        sample: "P1-f000001-interval".to_owned(),
        path: "image/micro/anger/gray/a.png".to_owned(),
        path_colour: "image/micro/anger/colour/a.png".to_owned(),
        participant: "P1".to_owned(),
        gender: String::new(),
        session: "P1-x".to_owned(),
        stimulus: "image".to_owned(),
        step: "anger-01".to_owned(),
        time_s: 1.5,
        role: Role::Interval,
        kind: SampleKind::Micro,
        label: "anger".to_owned(),
        label_source: LabelSource::Step,
        coder: String::new(),
        event: String::new(),
        onset_s: None,
        apex_s: None,
        offset_s: None,
        action_units: String::new(),
        source_sha256: "00".to_owned(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn rows_come_back_as_they_were(mut samples in proptest::collection::vec(sample(), 0..6)) {
        // Names are unique.
        for (number, sample) in samples.iter_mut().enumerate() {
            sample.sample += &number.to_string();
        }
        let read = parsed(&written(&samples));
        prop_assert_eq!(read.as_ref(), Ok(&samples));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = parsed(&bytes);
        let mut manifest = written(&[example()]);
        manifest.extend(&bytes);
        let _ = parsed(&manifest);
    }

    #[test]
    fn a_manifest_with_one_byte_changed_never_panics(at in 0usize..400, byte in any::<u8>()) {
        let mut manifest = written(&[example()]);
        let at = at % manifest.len();
        manifest[at] = byte;
        if let Ok(samples) = parsed(&manifest) {
            prop_assert!(samples.len() <= 2);
        }
    }
}

#[test]
fn both_forms_hold_the_same_and_the_same_rows_give_the_same_bytes() {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    let dir = tempfile::tempdir().unwrap();
    let mut second = example();
    (second.sample, second.role) = ("P1-e0001-apex".to_owned(), Role::Apex);
    (second.onset_s, second.apex_s, second.action_units) = (Some(1.25), Some(1.5), "4+7".to_owned());
    write_manifest(dir.path(), &[example(), second.clone()]).unwrap();
    let parquet = std::fs::read(dir.path().join(MANIFEST_PARQUET)).unwrap();
    let csv = std::fs::read(dir.path().join(MANIFEST_CSV)).unwrap();
    write_manifest(dir.path(), &[example(), second]).unwrap();
    assert!(parquet == std::fs::read(dir.path().join(MANIFEST_PARQUET)).unwrap());
    assert!(csv == std::fs::read(dir.path().join(MANIFEST_CSV)).unwrap());

    let reader =
        SerializedFileReader::new(std::fs::File::open(dir.path().join(MANIFEST_PARQUET)).unwrap()).unwrap();
    let rows: Vec<String> = reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
    assert_eq!(rows.len(), 2);
    assert!(rows[0].contains("label: \"anger\"") && rows[0].contains("onset_s: null"), "{}", rows[0]);
    assert!(rows[1].contains("apex_s: 1.5") && rows[1].contains("action_units: \"4+7\""), "{}", rows[1]);
}

/// The example with one cell replaced, after an empty line, in Windows' and Unix' line ends.
fn with_cell(column: &str, value: &str) -> Vec<String> {
    let text = String::from_utf8(written(&[example()])).unwrap();
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let mut cells: Vec<&str> = lines.next().unwrap().split(',').collect();
    cells[header.iter().position(|name| *name == column).unwrap()] = value;
    let text = format!("{}\n\n{}\n", header.join(","), cells.join(","));
    [text.replace('\n', "\r\n"), text].into_iter().map(|text| parsed(text.as_bytes()).unwrap_err()).collect()
}

#[test]
fn a_wrong_cell_is_told_with_its_line_its_column_and_what_would_be_right() {
    for (column, value, expected) in [
        (
            "role",
            "peak",
            "m.csv, line 3, column role: \"peak\" is not known; it is one of interval, onset, apex, offset",
        ),
        ("kind", "", "m.csv, line 3, column kind: \"\" is not known; it is one of micro, masked"),
        (
            "time_s",
            "soon",
            "m.csv, line 3, column time_s: \"soon\" is not a number; it is a time in seconds, like 12.5",
        ),
        ("time_s", "", "m.csv, line 3, column time_s: it is empty, and needs a time in seconds"),
        ("onset_s", "inf", "m.csv, line 3, column onset_s: inf s is not a time"),
        ("participant", "", "m.csv, line 3, column participant: it is empty"),
        (
            "path",
            "../secret.png",
            "m.csv, line 3, column path: \"../secret.png\" is not a path within the dataset",
        ),
        ("path", "/etc/passwd", "column path"),
        ("path_colour", "a//b.png", "column path_colour"),
    ] {
        for error in with_cell(column, value) {
            assert!(error.contains(expected), "{error}\n{expected}");
        }
    }
}

#[test]
fn a_wrong_file_is_told() {
    assert_eq!(
        parsed(b"").unwrap_err(),
        "m.csv, line 1: the file is empty; a manifest begins with a line of column names"
    );
    let error = parsed(b"path,label\nx,y\n").unwrap_err();
    assert!(
        error.contains("line 1: there is no columns sample") || error.contains("there is no column"),
        "{error}"
    );
    let manifest = String::from_utf8(written(&[example()])).unwrap();
    let twice = format!("{manifest}{}\n", manifest.lines().nth(1).unwrap());
    assert!(
        parsed(twice.as_bytes())
            .unwrap_err()
            .contains("line 3, column sample: \"P1-f000001-interval\" is on line 2 too")
    );
    let cut = manifest.rsplit_once(',').unwrap().0;
    assert!(parsed(cut.as_bytes()).unwrap_err().contains("line 2: 19 cells, but the header has 20 columns"));
    let mut bytes = manifest.clone().into_bytes();
    let end = bytes.len() - 3;
    bytes[end] = 0xff;
    assert!(parsed(&bytes).unwrap_err().contains("line 2: this is not UTF-8"));
    let double = manifest.replacen("gender", "session", 1);
    assert!(parsed(double.as_bytes()).unwrap_err().contains("there are two columns session"));
    let marked = format!("\u{feff}{manifest}");
    assert_eq!(parsed(marked.as_bytes()).unwrap().len(), 1);
    assert!(read_manifest(Path::new("/nowhere/m.csv")).unwrap_err().to_string().contains("/nowhere/m.csv"));
}
