//! An image folder by class: `CLASS/*.png`, or `train/CLASS/*.png` and likewise `test` and `valid`.
//!
//! Who is seen comes from `subjects.csv` in the folder (columns `path,subject` and where known `gender`; paths from the folder, with `/`).
//! Without it, it is the part of a file's name before the first `_` (`P01_0007.png`), and not known where there is no `_`.

use std::collections::BTreeMap;
use std::path::Path;

use super::draft::Found;
use super::named_csv::{rows, wrong};
use super::scheme::Said;
use super::{Example, Media, OpenParams, Unit};
use crate::dataset::DatasetError;
use crate::dataset::listing::{names_in, pictures_in};

/// Folders that are parts, and the part's name.
const PARTS: [(&str, &str); 5] =
    [("train", "train"), ("test", "test"), ("valid", "valid"), ("val", "valid"), ("validation", "valid")];
/// Who is seen in which picture.
const SUBJECTS_CSV: &str = "subjects.csv";

/// The part for which a folder's name stands.
pub(super) fn part_of(folder: &str) -> Option<&'static str> {
    let folder = folder.to_lowercase();
    PARTS.iter().find(|(name, _)| *name == folder).map(|(_, part)| *part)
}

/// Reads the folder.
///
/// # Errors
/// [`DatasetError::EmptyClass`], [`DatasetError::Form`] where there is no class at all, [`DatasetError::Labels`] for `subjects.csv`,
/// [`DatasetError::Unfit`] where clips are wanted.
pub(super) fn read(dir: &Path, params: &OpenParams) -> Result<Found, DatasetError> {
    if params.unit == Unit::Clip {
        return Err(DatasetError::Unfit {
            path: dir.to_owned(),
            why: "an image folder has single pictures, and events are wanted; choose a network for pictures, or \
                  other data"
                .to_owned(),
        });
    }
    let table = dir.join(SUBJECTS_CSV);
    let subjects = if table.is_file() { Some(read_subjects(&table)?) } else { None };
    let folders = names_in(dir)?.folders;
    let parts: Vec<(String, &str)> =
        folders.iter().filter_map(|name| part_of(name).map(|part| (name.clone(), part))).collect();
    let mut found = Found::default();
    if parts.is_empty() {
        read_classes(dir, "", "", subjects.as_ref(), params, &mut found)?;
    } else {
        for folder in folders.iter().filter(|name| part_of(name).is_none()) {
            found.leave_out(folder.clone(), "it lies beside train, test and valid, and is none of them");
        }
        for (folder, part) in parts {
            let prefix = format!("{folder}/");
            read_classes(&dir.join(&folder), &prefix, part, subjects.as_ref(), params, &mut found)?;
        }
    }
    Ok(found)
}

fn read_classes(
    dir: &Path,
    prefix: &str,
    part: &str,
    subjects: Option<&BTreeMap<String, Subject>>,
    params: &OpenParams,
    found: &mut Found,
) -> Result<(), DatasetError> {
    let classes = names_in(dir)?.folders;
    if classes.is_empty() {
        return Err(DatasetError::Form {
            path: dir.to_owned(),
            why: "there is no folder in it; an image folder has one folder a class".to_owned(),
        });
    }
    for class in classes {
        let pictures = pictures_in(&dir.join(&class))?;
        if pictures.is_empty() {
            return Err(DatasetError::EmptyClass { path: dir.join(&class) });
        }
        let said = Said::of_word(&class);
        if params.classes.classes().is_none() {
            found.know_class(said.word.clone());
        }
        for picture in pictures {
            let name = format!("{prefix}{class}/{picture}");
            let known = match subjects {
                None => Subject { name: subject_in(&picture), gender: String::new() },
                Some(subjects) => match subjects.get(&name) {
                    Some(subject) => subject.clone(),
                    None => {
                        found.leave_out(name, format!("{SUBJECTS_CSV} has no line for it"));
                        continue;
                    }
                },
            };
            let example = Example {
                subject: known.name,
                class: 0,
                shares: None,
                part: part.to_owned(),
                corpus: String::new(),
                gender: known.gender,
                stimulus: String::new(),
                kind: String::new(),
                emotion: class.clone(),
                action_units: String::new(),
                media: Media::Picture { gray: dir.join(&class).join(&picture), colour: None },
                name,
            };
            found.take(example, &said, params.classes);
        }
    }
    Ok(())
}

/// What stands before the first `_`.
fn subject_in(file: &str) -> String {
    file.split_once('_').map_or("", |(subject, _)| subject).to_owned()
}

#[derive(Clone, Debug)]
struct Subject {
    name: String,
    gender: String,
}

fn read_subjects(path: &Path) -> Result<BTreeMap<String, Subject>, DatasetError> {
    let mut subjects = BTreeMap::new();
    for row in rows(path, ["path", "subject"], ["gender"])? {
        let ([file, name], [gender]) = (row.required, row.optional);
        let file = file.replace('\\', "/");
        if subjects.insert(file.clone(), Subject { name, gender }).is_some() {
            let why = format!("{file} is listed twice; keep one line for each picture");
            return Err(wrong(path, row.line, why));
        }
    }
    Ok(subjects)
}
