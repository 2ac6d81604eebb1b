//! Which corpus lies in a folder: by the name of its coding table, by SMIC's folders, or by the table's columns.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::coding::{CodedClip, parse_coding_table};
use super::facts::Corpus;
use super::read::tail_of;
use super::table::is_table;
use super::tree::Tree;
use super::{CorpusKind, smic};
use crate::dataset::DatasetError;
use crate::dataset::listing::names_in;

/// Tables are looked for this deep below the folder that is given, and in so many folders above it.
const DEPTH: usize = 3;
const ABOVE: usize = 2;

/// The folder in which frames are looked for.
pub(super) fn root_of(path: &Path) -> PathBuf {
    if path.is_dir() {
        return path.to_owned();
    }
    match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Whether a file has the name of a corpus's coding table.
pub(super) fn fits(path: &Path, corpus: &Corpus) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.rsplit_once('.').map_or(name.as_ref(), |(stem, _)| stem);
    let stem: String =
        stem.to_lowercase().chars().filter(|c| c.is_ascii_alphanumeric() || *c == '^').collect();
    is_table(&name) && corpus.tables.iter().any(|pattern| matches(pattern, &stem))
}

/// Whether a text is like a pattern, in which `*` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| {
            (0..=rest.len()).any(|at| rest.get(at..).is_some_and(|rest| matches(after, rest)))
        }),
    }
}

/// The tables in the folders above one.
fn tables_above(root: &Path) -> Vec<PathBuf> {
    let mut tables = Vec::new();
    for dir in root.ancestors().skip(1).take(ABOVE).filter(|dir| !dir.as_os_str().is_empty()) {
        // What may not be looked into has no table for us.
        let names = names_in(dir).map(|names| names.others).unwrap_or_default();
        tables.extend(names.iter().filter(|name| is_table(name)).map(|name| dir.join(name)));
    }
    tables
}

/// The coding table of a corpus, or all of them where it has several.
///
/// # Errors
/// [`DatasetError::Form`] where there is none, or one too many.
pub(super) fn tables_of(kind: CorpusKind, path: &Path, tree: &Tree) -> Result<Vec<PathBuf>, DatasetError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let corpus = kind.facts();
    let wrong = |why: String| DatasetError::Form { path: path.to_owned(), why };
    let named = |tables: &[PathBuf]| -> Vec<PathBuf> {
        tables.iter().filter(|table| fits(table, corpus)).cloned().collect()
    };
    let mut tables = named(tree.tables());
    if tables.is_empty() {
        tables = named(&tables_above(path));
    }
    if tables.is_empty() {
        // A table under another name, where there is no doubt which.
        if let [table] = tree.tables() {
            return Ok(vec![table.clone()]);
        }
        return Err(wrong(format!(
            "there is no coding table of {} here nor above (as distributed: {}); give the path of the table itself",
            corpus.title, corpus.table_example
        )));
    }
    if tables.len() > 1 && !corpus.has_many_tables {
        let names: Vec<String> = tables.iter().map(|table| table.display().to_string()).collect();
        return Err(wrong(format!(
            "there are {} coding tables of {}: {}; give the path of the one to use",
            tables.len(),
            corpus.title,
            names.join(", ")
        )));
    }
    Ok(tables)
}

/// Which corpus lies there; `None`: none that is known.
///
/// # Errors
/// [`DatasetError::Form`] where it could be several, [`DatasetError::File`].
pub(in crate::dataset) fn corpus_in(path: &Path) -> Result<Option<CorpusKind>, DatasetError> {
    let (tables, nearest) = if path.is_dir() {
        let tables = Tree::walk_to(path, DEPTH)?.tables().to_vec();
        let here = tables.iter().filter(|table| table.parent() == Some(path)).cloned().collect();
        (tables, here)
    } else {
        (vec![path.to_owned()], vec![path.to_owned()])
    };
    let mut kinds = by_name(&tables);
    if kinds.is_empty() && path.is_dir() {
        kinds = cameras_in(path)?;
    }
    if kinds.is_empty() {
        kinds = by_columns(&nearest, path);
    }
    if kinds.is_empty() && path.is_dir() {
        kinds = from_above(path)?;
    }
    one_of(kinds, path)
}

fn one_of(mut kinds: BTreeSet<CorpusKind>, path: &Path) -> Result<Option<CorpusKind>, DatasetError> {
    // The table of SAMM lies beside that of its long videos, which takes the emotions from it.
    let helpers: Vec<CorpusKind> = kinds.iter().filter_map(|kind| kind.facts().emotions_from).collect();
    kinds.retain(|kind| !helpers.contains(kind));
    let mut found = kinds.iter();
    match (found.next(), found.next()) {
        (None, _) => Ok(None),
        (Some(kind), None) => Ok(Some(*kind)),
        _ => {
            let list = |name: fn(&CorpusKind) -> &'static str| {
                kinds.iter().map(name).collect::<Vec<_>>().join(" or ")
            };
            let why = format!(
                "it could be {}; say which with --form {}, or give the folder of one",
                list(|kind| kind.facts().title),
                list(|kind| kind.name())
            );
            Err(DatasetError::Form { path: path.to_owned(), why })
        }
    }
}

fn by_name(tables: &[PathBuf]) -> BTreeSet<CorpusKind> {
    let is_there = |kind: &CorpusKind| tables.iter().any(|table| fits(table, kind.facts()));
    CorpusKind::ALL.into_iter().filter(is_there).collect()
}

/// Corpora whose tables lie above, as far as frames of theirs are here.
fn from_above(path: &Path) -> Result<BTreeSet<CorpusKind>, DatasetError> {
    let tables = tables_above(path);
    let mut kinds = by_name(&tables);
    if kinds.is_empty() {
        return Ok(kinds);
    }
    let tree = Tree::walk(path)?;
    kinds.retain(|kind| {
        let corpus = kind.facts();
        let is_here = |clip: &CodedClip| {
            corpus
                .layouts
                .iter()
                .any(|layout| tail_of(layout, clip).is_some_and(|tail| tree.find(&tail).is_some()))
        };
        let mut named = tables.iter().filter(|table| fits(table, corpus));
        named.any(|table| clips_in(table, *kind).iter().any(is_here))
    });
    Ok(kinds)
}

/// The rows of a table, if it is one of this corpus.
fn clips_in(table: &Path, kind: CorpusKind) -> Vec<CodedClip> {
    let bytes = std::fs::read(table).unwrap_or_default();
    parse_coding_table(table, &bytes, kind).unwrap_or_default()
}

/// The cameras of SMIC whose clips lie there.
fn cameras_in(path: &Path) -> Result<BTreeSet<CorpusKind>, DatasetError> {
    if !has_folder(path, smic::MICRO, DEPTH) {
        return Ok(BTreeSet::new());
    }
    let tree = Tree::walk(path)?;
    let kinds = [CorpusKind::SmicHs, CorpusKind::SmicVis, CorpusKind::SmicNir];
    Ok(kinds.into_iter().filter(|kind| !smic::clips(&tree, kind.facts()).is_empty()).collect())
}

/// Whether there is a folder of this name, so many levels below.
fn has_folder(dir: &Path, name: &str, depth: usize) -> bool {
    let Ok(names) = names_in(dir) else { return false };
    names.folders.iter().any(|folder| {
        folder.eq_ignore_ascii_case(name) || (depth > 0 && has_folder(&dir.join(folder), name, depth - 1))
    })
}

/// Corpora whose columns a table has; of several, those whose frames are there.
fn by_columns(tables: &[PathBuf], path: &Path) -> BTreeSet<CorpusKind> {
    let mut fitting = Vec::new();
    for table in tables {
        let of_each = CorpusKind::ALL.into_iter().map(|kind| (kind, clips_in(table, kind)));
        fitting.extend(of_each.filter(|(_, clips)| !clips.is_empty()));
    }
    let all: BTreeSet<CorpusKind> = fitting.iter().map(|(kind, _)| *kind).collect();
    if all.len() < 2 {
        return all;
    }
    let Ok(tree) = Tree::walk(&root_of(path)) else { return all };
    // The most particular layout of a corpus comes first: `sub{subject}/{clip}`, not `{clip}` alone.
    let has_frames = |(kind, clips): &(CorpusKind, Vec<CodedClip>)| {
        let layout = kind.facts().layouts.first().copied().unwrap_or_default();
        clips.iter().take(20).any(|clip| tail_of(layout, clip).is_some_and(|tail| tree.find(&tail).is_some()))
    };
    let seen: BTreeSet<CorpusKind> =
        fitting.iter().filter(|fit| has_frames(fit)).map(|(kind, _)| *kind).collect();
    if seen.is_empty() { all } else { seen }
}
