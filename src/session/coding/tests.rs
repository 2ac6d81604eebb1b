//! Codings to CSV and back, and what the reader says of what it cannot use.

use std::path::Path;

use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Result<Vec<Coding>, String> {
    codings_from_csv(text.as_bytes(), Path::new("anna.csv"), "anna").map_err(|error| error.to_string())
}

fn refusal(text: &str) -> String {
    read(text).expect_err("it should be refused")
}

const HEADER: &str = "kind,label,onset_s,apex_s,offset_s,action_units,note\n";

#[test]
fn a_table_is_read_by_column_names() {
    let codings = read(
        "\u{feff}note,offset_s,kind,label,onset_s\r\n\"a, \"\"b\"\"\",1.5,micro,anger,1.25\r\n\r\n,9,blink,,8\r\n",
    )
    .unwrap();
    assert_eq!(codings.len(), 2);
    assert_eq!(codings[0].note, "a, \"b\"");
    assert_eq!((codings[0].onset_s, codings[0].apex_s, codings[0].offset_s), (1.25, None, 1.5));
    assert_eq!((codings[0].coder.as_str(), codings[1].kind), ("anna", EventKind::Blink));
    let codings = read("kind,label,onset_s,offset_s,coder,id\nmicro,,1,2,ben,c7\n").unwrap();
    assert_eq!((codings[0].coder.as_str(), codings[0].id.as_str()), ("ben", "c7"));
}

#[test]
fn semicolons_and_decimal_commas_are_read_where_nothing_else_can_be_meant() {
    let text = "kind;label;onset_s;offset_s;note\nmasked;happy_but_sad;1,25;1.5;a, b\n";
    let codings = read(text).unwrap();
    assert_eq!((codings[0].onset_s, codings[0].offset_s, codings[0].note.as_str()), (1.25, 1.5, "a, b"));
    assert!(refusal("kind,label;onset_s,offset_s\n").contains("mixes separators"));
    assert!(refusal("kind;label;onset_s;offset_s\nmicro;;1,234,5;2\n").contains("not a number"));
    assert_eq!(read("kind\tlabel\tonset_s\toffset_s\nmicro\tfear\t1\t2\n").unwrap()[0].label, "fear");
}

#[test]
fn errors_name_file_line_and_column_and_what_would_be_right() {
    let cases = [
        (
            "micro,angr,1,,2,,",
            "anna.csv, line 2, column label: the label \"angr\" is unknown; for kind micro",
        ),
        ("masked,anger,1,,2,,", "happy_but_sad, happy_but_angry, happy_but_other"),
        ("blink,anger,1,,2,,", "an event of kind blink has none"),
        ("twitch,anger,1,,2,,", "column kind: \"twitch\" is no kind; known are micro, macro, masked, blink"),
        ("micro,anger,2,,1,,", "column offset_s: it ends at 1 s, before its onset at 2 s"),
        ("micro,anger,1,3,2,,", "column apex_s: 3 s is not between onset (1 s) and offset (2 s)"),
        ("micro,anger,x,,1,,", "column onset_s: \"x\" is not a number"),
        ("micro,anger,nan,,1,,", "not a number"),
        ("micro,anger,1e300,,2,,", "not a time within a recording"),
        ("micro,anger,-1,,1,,", "before the session's start"),
        ("micro,anger,,,1,,", "column onset_s: it is empty"),
        ("micro,anger,1,,2,4+x,", "column action_units: \"4+x\" is no list"),
        ("micro,anger,1,,2,R12A,", "without side or intensity"),
        ("micro,anger,1,,2,0,", "is no list"),
        ("micro,anger,1,,2,+4,", "is no list"),
        ("micro,anger,1,,2,4,a,b", "line 2: 8 cells, but the header has 7 columns"),
    ];
    for (row, expected) in cases {
        let message = refusal(&format!("{HEADER}{row}\n"));
        assert!(message.contains(expected), "{row}: {message}");
    }
    let after_a_long_note =
        format!("{HEADER}micro,anger,1,,2,,\"a\nb\"\n\n\nmicro,anger,1,,2,,\nmicro,anger,x,,2,,\n");
    assert!(refusal(&after_a_long_note).contains("line 7, column onset_s"));
}

#[test]
fn files_that_are_no_codings_are_refused_with_the_next_step() {
    assert!(refusal("").contains("it is empty; the first line is the header kind,label"));
    assert!(refusal("kind,label,onset_s\n").contains("line 1: there is no column offset_s"));
    assert!(refusal("kind,label,onset_s,offset_s,apex\n").contains("the column \"apex\" is not known"));
    assert!(refusal("kind,kind,label,onset_s,offset_s\n").contains("two columns kind"));
    let read = |bytes: &[u8]| codings_from_csv(bytes, Path::new("a.csv"), "a").unwrap_err().to_string();
    assert!(
        read(b"kind,label,onset_s,offset_s\nmicro,anger,1,2\n\xe4\n")
            .contains("a.csv, line 3: not UTF-8; save")
    );
    assert!(read(b"\xff\xfek\0").contains("UTF-16"));
}

#[test]
fn a_file_is_replaced_whole() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("anna.csv");
    let codings = read(&format!("{HEADER}micro,anger,1,1.1,2,AU7+4+7,x\n")).unwrap();
    write_codings(&path, &codings).unwrap();
    write_codings(&path, &codings[..]).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{HEADER}micro,anger,1,1.1,2,4+7,x\n"));
    assert_eq!(read_codings(&path, "anna").unwrap(), codings);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    let message = write_codings(&dir.path().join("none/a.csv"), &codings).unwrap_err().to_string();
    assert!(message.contains("cannot write") && message.contains("none/a.csv"), "{message}");
}

#[test]
fn the_codings_of_a_session_are_read_coder_by_coder() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(read_session_codings(dir.path()).unwrap(), []);
    let codings = dir.path().join("codings");
    std::fs::create_dir(&codings).unwrap();
    for coder in ["ben", "anna"] {
        let text = format!("{HEADER}micro,fear,1,,2,,{coder}\n");
        std::fs::write(codings.join(format!("{coder}.csv")), text).unwrap();
    }
    std::fs::write(codings.join("notes.txt"), "x").unwrap();
    let coders: Vec<String> =
        read_session_codings(dir.path()).unwrap().into_iter().map(|coding| coding.coder).collect();
    assert_eq!(coders, ["anna", "ben"]);
    for (name, is_right) in
        [("anna", true), ("Änne-2_b", true), ("", false), ("../a", false), (".a", false), ("a b", false)]
    {
        assert_eq!(check_coder_name(name).is_ok(), is_right, "{name}");
    }
}

/// Any coding that can be: for the tests of the exchange forms too.
pub(in crate::session) fn any_coding() -> impl Strategy<Value = Coding> {
    let label = (0usize..4, any::<prop::sample::Index>());
    let times = (0.0..1e5f64, 0.0..5.0f64, prop::option::of(0.0..=1.0f64));
    let units = prop::collection::btree_set(1u8..=98, 0..4);
    (label, times, units, "(?s).{0,12}").prop_map(|((kind, label), (onset_s, length, apex), units, note)| {
        let kind = KINDS[kind];
        let mut labels = labels_of(kind);
        labels.push("");
        let offset_s = onset_s + length;
        Coding {
            kind,
            label: label.get(&labels).to_string(),
            onset_s,
            apex_s: apex.map(|share| (onset_s + length * share).clamp(onset_s, offset_s)),
            offset_s,
            action_units: units.into_iter().collect(),
            note,
            coder: "anna".to_owned(),
            id: String::new(),
        }
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back_exactly(codings in prop::collection::vec(any_coding(), 0..6)) {
        prop_assert_eq!(read(&csv_from_codings(&codings)), Ok(codings));
    }

    #[test]
    fn any_bytes_give_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..200), rows in "[a-z0-9,;\"\n.+-]{0,80}") {
        let _ = codings_from_csv(&bytes, Path::new("x.csv"), "x");
        if let Ok(codings) = read(&format!("{HEADER}{rows}")) {
            prop_assert!(codings.iter().all(|coding| coding.check_times().is_ok()));
        }
    }
}
