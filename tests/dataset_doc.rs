//! Holds `docs/dataset.md` and the program together: every column of the manifest is explained, and no other.
//!
//! `UPDATE_DOCS=1 cargo test --test dataset_doc` writes the table of columns anew.

use std::fs;
use std::path::PathBuf;

use onset::dataset::{WhyLeftOut, manifest_columns};

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/dataset.md")
}

#[test]
fn every_column_is_explained() {
    let mut expected = "| column | unit | range | meaning |\n|---|---|---|---|\n".to_owned();
    for column in manifest_columns() {
        let (name, unit) = (column.doc_name, column.unit);
        expected += &format!("| `{name}` | {unit} | {} | {} |\n", column.range, column.meaning);
    }
    let mut doc = fs::read_to_string(path()).expect("docs/dataset.md is there");
    let begin = doc.find("<!-- begin manifest").expect("the section begins");
    let start = begin + doc[begin..].find("-->\n").expect("the marker ends its line") + "-->\n".len();
    let end = doc.find("<!-- end manifest").expect("the section ends");
    if doc[start..end] != *expected && std::env::var_os("UPDATE_DOCS").is_some() {
        doc.replace_range(start..end, &expected);
        fs::write(path(), doc).expect("docs/dataset.md can be written");
        return;
    }
    assert_eq!(doc[start..end], expected, "UPDATE_DOCS=1 cargo test --test dataset_doc writes it anew");
}

#[test]
fn every_reason_is_explained() {
    let doc = fs::read_to_string(path()).expect("docs/dataset.md is there");
    let section = doc.split("## What is left out").nth(1).and_then(|rest| rest.split("\n## ").next());
    let rows: Vec<&str> = section
        .expect("the section is there")
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    assert_eq!(rows, WhyLeftOut::ALL.map(WhyLeftOut::name));
}
