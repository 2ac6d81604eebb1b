//! Coding tables that are not in order: what is wrong is told, and nothing makes a parser panic.

use std::path::Path;

use proptest::prelude::*;

use super::test_trees::*;
use super::*;
use crate::dataset::{CorpusKind, parse_coding_table};

#[test]
fn what_a_table_lacks_is_told() {
    let tree = Tree::new();
    let params = OpenParams { form: Some(Form::Corpus(CorpusKind::Casme2)), ..OpenParams::default() };
    let missing = refused(&tree.path(""), &params);
    assert!(
        missing.contains(
            "no coding table of CASME II here nor above (as distributed: CASME2-coding-20140508.xlsx)"
        ),
        "{missing}"
    );
    let header: Vec<&str> = CASME2_HEADER.iter().copied().filter(|name| *name != "ApexFrame").collect();
    tree.book("CASME2-coding-20140508.xlsx", &[("Sheet1", &[&header])]);
    let missing = refused(&tree.path(""), &OpenParams::default());
    assert!(
        missing.contains(
            "CASME2-coding-20140508.xlsx: there is no column for the apex frame (one of: apexframe, apex); the header has Subject, Filename, \
             OnsetFrame, OffsetFrame, Action Units, Estimated Emotion"
        ),
        "{missing}"
    );
    tree.book("CASME2-coding-20140508.xlsx", &[("Sheet1", &[&["nothing"]])]);
    let missing = refused(&tree.path(""), &OpenParams::default());
    assert!(missing.contains("no row names the columns of CASME II"), "{missing}");
    tree.book("CASME2-coding-20140508.xlsx", &[("Sheet1", &[CASME2_HEADER])]);
    assert!(
        refused(&tree.path(""), &OpenParams::default()).contains("nothing is there that could become one")
    );
    tree.text("CASME2-coding-20140508.xlsx", "PK\u{3}\u{4}torn");
    let torn = refused(&tree.path(""), &OpenParams::default());
    assert!(
        torn.contains("CASME2-coding-20140508.xlsx: it cannot be read") && torn.contains("save it again"),
        "{torn}"
    );
    tree.text("CASME2-coding-20190701.csv", "");
    let two = refused(&tree.path(""), &OpenParams::default());
    assert!(
        two.contains("there are 2 coding tables of CASME II") && two.contains("give the path of the one"),
        "{two}"
    );
}

#[test]
fn a_cell_far_out_is_refused_and_fills_no_memory() {
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet().write_string(1_048_575, 16_383, "far").unwrap();
    let bytes = book.save_to_buffer().unwrap();
    let error = parse_coding_table(Path::new("x.xlsx"), &bytes, CorpusKind::Samm).unwrap_err().to_string();
    assert!(error.contains("a cell in row 1048576, column 16384"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_table_of_any_words_makes_a_parser_panic(
        rows in proptest::collection::vec(proptest::collection::vec(prop_oneof![
            Just("Subject".to_owned()), Just("Filename".to_owned()), Just("Onset".to_owned()), Just("OnsetFrame".to_owned()),
            Just("Apex".to_owned()), Just("Offset".to_owned()), Just("Emotion".to_owned()), Just("Type".to_owned()),
            Just("naming rule1".to_owned()), "[0-9]{1,22}", "-?[0-9]{1,3}[.e][0-9]{1,4}", "\\PC{0,9}",
        ], 0..12), 0..12),
        ending in proptest::sample::select(vec!["csv", "xlsx"]),
    ) {
        let cells: Vec<Vec<&str>> = rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
        let rows: Vec<&[&str]> = cells.iter().map(Vec::as_slice).collect();
        let bytes = if ending == "csv" {
            rows.iter().map(|row| row.join(",") + "\n").collect::<String>().into_bytes()
        } else {
            book(&[("any", &rows), ("naming rule2", &rows)])
        };
        for kind in CorpusKind::ALL {
            let _ = parse_coding_table(Path::new("t"), &bytes, kind);
        }
    }

    #[test]
    fn no_bytes_make_a_parser_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..600), head in 0usize..3, at: usize, byte: u8,
    ) {
        let heads: [&[u8]; 3] = [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"];
        let bytes = [heads[head], &bytes].concat();
        let _ = parse_coding_table(Path::new("t"), &bytes, CorpusKind::Casme);
        // A sound file with one byte changed.
        let mut bytes = book(&[("Sheet1", &[CASME2_HEADER, &["1", "EP", "", "4", "5", "6", "", "4", "others"]])]);
        let at = at % bytes.len();
        bytes[at] = byte;
        let _ = parse_coding_table(Path::new("t"), &bytes, CorpusKind::Casme2);
    }
}
