//! Holds `docs/corpora.md` and the program together: forms, classes, and every corpus with its table, folders and emotions.
//!
//! `UPDATE_DOCS=1 cargo test --test corpora_doc` writes the tables of corpora and emotions anew.

use std::fs;
use std::path::PathBuf;

use onset::dataset::{ClassScheme, CorpusKind, Form, Valence};
use onset::types::Label;

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/corpora.md")
}

fn corpora() -> String {
    let mut text =
        "| `--form` | corpus | frames/s | table | folders of frames |\n|---|---|---|---|---|\n".to_owned();
    for kind in CorpusKind::ALL {
        let corpus = kind.facts();
        let fps = if corpus.fps == 0.0 { "not known".to_owned() } else { corpus.fps.to_string() };
        let layouts: Vec<String> = corpus.layouts.iter().map(|layout| format!("`{layout}`")).collect();
        let (name, title, table) = (corpus.name, corpus.title, corpus.table_example);
        text += &format!("| `{name}` | {title} | {fps} | `{table}` | {} |\n", layouts.join(", "));
    }
    text
}

fn emotions() -> String {
    let mut text = "| corpus | word | label | `three` |\n|---|---|---|---|\n".to_owned();
    for corpus in CorpusKind::ALL.map(CorpusKind::facts) {
        for emotion in corpus.emotions {
            let label = emotion.label.map_or("-", Label::name);
            let valence = emotion.valence.map_or("-", Valence::name);
            text += &format!("| {} | {} | {label} | {valence} |\n", corpus.title, emotion.words.join(", "));
        }
    }
    text
}

#[test]
fn every_corpus_is_explained() {
    let mut doc = fs::read_to_string(path()).expect("docs/corpora.md is there");
    let mut is_old = false;
    for (section, expected) in [("corpora", corpora()), ("emotions", emotions())] {
        let begin = format!("<!-- begin {section}");
        let start = doc.find(&begin).expect("the section begins");
        let start = start + doc[start..].find("-->\n").expect("the marker ends its line") + "-->\n".len();
        let end = doc.find(&format!("<!-- end {section}")).expect("the section ends");
        is_old |= doc[start..end] != *expected;
        if std::env::var_os("UPDATE_DOCS").is_some() {
            doc.replace_range(start..end, &expected);
        } else {
            assert_eq!(
                doc[start..end],
                expected,
                "UPDATE_DOCS=1 cargo test --test corpora_doc writes it anew"
            );
        }
    }
    if is_old {
        fs::write(path(), doc).expect("docs/corpora.md can be written");
    }
}

#[test]
fn every_form_and_every_set_of_classes_has_a_row() {
    let doc = fs::read_to_string(path()).expect("docs/corpora.md is there");
    for name in Form::all().into_iter().map(Form::name).chain(ClassScheme::ALL.map(ClassScheme::name)) {
        assert!(doc.contains(&format!("\n| `{name}` |")), "docs/corpora.md has no row for {name}");
    }
    for scheme in ClassScheme::ALL {
        if let Some(classes) = scheme.classes() {
            let listed = format!("\n| `{scheme}` | {}", classes.join(", "));
            assert!(doc.contains(&listed), "docs/corpora.md has not: {listed}");
        }
    }
}
