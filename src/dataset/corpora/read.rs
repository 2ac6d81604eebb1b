//! Reads a corpus: the table says which events there are, the tree where their frames are.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::coding::{CodedClip, parse_coding_table, video_of};
use super::detect::{fits, root_of, tables_of};
use super::facts::Corpus;
use super::frames::Frames;
use super::tree::{Tree, plain};
use super::{CorpusKind, smic};
use crate::dataset::{Clip, DatasetError, LeftOutExample};

/// An event with its frames.
pub(in crate::dataset) struct Event {
    pub(in crate::dataset) name: String,
    pub(in crate::dataset) subject: String,
    pub(in crate::dataset) gender: String,
    pub(in crate::dataset) part: &'static str,
    pub(in crate::dataset) emotion: String,
    pub(in crate::dataset) category: String,
    pub(in crate::dataset) action_units: String,
    pub(in crate::dataset) clip: Clip,
}

/// What a corpus holds.
#[derive(Default)]
pub(in crate::dataset) struct Events {
    pub(in crate::dataset) events: Vec<Event>,
    pub(in crate::dataset) left_out: Vec<LeftOutExample>,
}

/// Reads a corpus from its folder, from a folder of its frames (the table may be one or two folders above), or from its table.
///
/// # Errors
/// [`DatasetError`]: no coding table, or several; a table that is not in order. Single events whose frames are not there are left out.
pub(in crate::dataset) fn read(kind: CorpusKind, path: &Path) -> Result<Events, DatasetError> {
    let corpus = kind.facts();
    let tree = Tree::walk(&root_of(path))?;
    let mut events = Events::default();
    if corpus.people == smic::HS.people {
        from_folders(&tree, corpus, &mut events)?;
        if !events.events.is_empty() || !events.left_out.is_empty() {
            return Ok(events);
        }
    }
    let mut lister = Lister::default();
    for table in tables_of(kind, path, &tree)? {
        let part = if corpus.has_many_tables { part_of(&table) } else { "" };
        let mut clips = read_table(&table, kind)?;
        if let Some(other) = corpus.emotions_from {
            add_emotions(&mut clips, &table, &tree, other)?;
        }
        for coded in clips {
            let name = name_of(&coded, corpus);
            match event(&coded, &name, part, corpus, &tree, &mut lister)? {
                Ok(event) => events.events.push(event),
                Err(why) => events.left_out.push(LeftOutExample { name, why }),
            }
        }
    }
    Ok(events)
}

/// `SUBJECT/CLIP@ONSET`: some corpora have several events of one clip.
fn name_of(coded: &CodedClip, corpus: &Corpus) -> String {
    let onset = coded.onset.map_or_else(String::new, |onset| format!("@{onset}"));
    format!("{}/{}{onset}", corpus.subject_of(&coded.subject), coded.clip)
}

fn read_table(path: &Path, kind: CorpusKind) -> Result<Vec<CodedClip>, DatasetError> {
    let bytes = fs::read(path).map_err(|error| DatasetError::file(path, &error))?;
    parse_coding_table(path, &bytes, kind)
}

/// The part of a corpus that a table is about, by its name.
fn part_of(table: &Path) -> &'static str {
    let name = table.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    match (name.contains("train"), name.contains("test")) {
        (true, _) => "train",
        (false, true) => "test",
        (false, false) => "",
    }
}

fn event(
    coded: &CodedClip,
    name: &str,
    part: &'static str,
    corpus: &Corpus,
    tree: &Tree,
    lister: &mut Lister,
) -> Result<Result<Event, String>, DatasetError> {
    if coded.is_macro {
        return Ok(Err("it is a macro-expression".to_owned()));
    }
    for (what, value) in [("subject", &coded.subject), ("clip", &coded.clip)] {
        if value.is_empty() {
            return Ok(Err(format!("row {} of the table names no {what}", coded.row)));
        }
    }
    let tails: Vec<String> = corpus.layouts.iter().filter_map(|layout| tail_of(layout, coded)).collect();
    let Some(folder) = tails.iter().find_map(|tail| tree.find(tail)) else {
        let wanted = tails.first().map_or(coded.clip.as_str(), String::as_str);
        return Ok(Err(format!("there is no folder of frames like {wanted} in {}", tree.root().display())));
    };
    let fps = coded.fps.unwrap_or(corpus.fps);
    let clip = lister.list(&tree.path(folder))?.of_event(coded, fps);
    Ok(clip.map(|clip| Event {
        name: name.to_owned(),
        subject: corpus.subject_of(&coded.subject),
        gender: coded.gender.clone(),
        part,
        emotion: coded.emotion.clone(),
        category: coded.category.clone(),
        action_units: coded.action_units.clone(),
        clip,
    }))
}

/// A layout with what a row says; `None` where it needs what the row does not say.
pub(super) fn tail_of(layout: &str, coded: &CodedClip) -> Option<String> {
    let onset = coded.onset.map_or_else(String::new, |onset| onset.to_string());
    let number: String = coded.folder.chars().filter(char::is_ascii_digit).collect();
    let emotion = coded.emotion.to_lowercase();
    let values = [
        ("{subject}", coded.subject.as_str()),
        ("{clip}", &coded.clip),
        ("{video}", video_of(&coded.clip)),
        ("{emotion}", &emotion),
        ("{onset}", &onset),
        ("{folder}", &coded.folder),
        ("{number}", &number),
        ("{code}", &coded.code),
    ];
    let mut tail = layout.to_owned();
    for (token, value) in values {
        if tail.contains(token) {
            if value.is_empty() || value.contains(['/', '\\']) {
                return None;
            }
            tail = tail.replace(token, value);
        }
    }
    Some(tail)
}

/// SMIC as it is distributed: folders say all.
fn from_folders(tree: &Tree, corpus: &Corpus, events: &mut Events) -> Result<(), DatasetError> {
    let mut seen = BTreeSet::new();
    for found in smic::clips(tree, corpus) {
        let subject = corpus.subject_of(found.subject);
        let name = format!("{subject}/{}", found.clip);
        if !seen.insert(plain(&name)) {
            // Raw and cropped frames of one clip: which of them is used does not depend on the order of folders.
            continue;
        }
        let tail = format!("{}/{}/{}", smic::MICRO, found.emotion, found.clip);
        let folder = tree.find(&tail).unwrap_or(found.folder);
        match Frames::in_folder(&tree.path(folder))?.whole(corpus.fps) {
            Ok(clip) => events.events.push(Event {
                name,
                subject,
                gender: String::new(),
                part: "",
                emotion: found.emotion.to_owned(),
                category: String::new(),
                action_units: String::new(),
                clip,
            }),
            Err(why) => events.left_out.push(LeftOutExample { name, why }),
        }
    }
    Ok(())
}

/// Takes emotions over from the table of another corpus, by clip.
fn add_emotions(
    clips: &mut [CodedClip],
    table: &Path,
    tree: &Tree,
    other: CorpusKind,
) -> Result<(), DatasetError> {
    let corpus = other.facts();
    let near = tree.tables().iter().cloned().chain(beside(table));
    let Some(path) = near.into_iter().find(|path| fits(path, corpus)) else {
        return Err(DatasetError::Table {
            path: table.to_owned(),
            why: format!(
                "it says nothing of emotions; put the table of {} ({}) beside it",
                corpus.title, corpus.table_example
            ),
        });
    };
    let emotions: BTreeMap<String, String> =
        read_table(&path, other)?.into_iter().map(|clip| (plain(&clip.clip), clip.emotion)).collect();
    for clip in clips {
        if let Some(emotion) = emotions.get(&plain(&clip.clip)) {
            clip.emotion.clone_from(emotion);
        }
    }
    Ok(())
}

/// The files beside a table.
fn beside(table: &Path) -> Vec<PathBuf> {
    let dir = table.parent().unwrap_or(Path::new("."));
    let names = crate::dataset::listing::names_in(dir).map(|names| names.others).unwrap_or_default();
    names.iter().map(|name| dir.join(name)).collect()
}

/// Lists folders; the events of a long video lie in one, one after the other.
#[derive(Default)]
struct Lister {
    last: Option<(PathBuf, Rc<Frames>)>,
}

impl Lister {
    fn list(&mut self, dir: &Path) -> Result<Rc<Frames>, DatasetError> {
        if let Some((path, frames)) = &self.last
            && path == dir
        {
            return Ok(Rc::clone(frames));
        }
        let frames = Rc::new(Frames::in_folder(dir)?);
        self.last = Some((dir.to_owned(), Rc::clone(&frames)));
        Ok(frames)
    }
}
