//! Several datasets as one: a composite database, in which nobody is taken for two people.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Dataset, Form};
use crate::dataset::DatasetError;

impl Dataset {
    /// Joins datasets with the same classes. Subjects become `CORPUS/SUBJECT` and names `CORPUS/NAME`.
    ///
    /// What shows the same people shares its prefix: the three cameras of SMIC, SAMM and SAMM Long Videos, and all datasets of Onset (a lab's
    /// pseudonyms are its own, and the same one twice had better be one person than be on both sides of a fold). A subject that is not known stays
    /// empty.
    ///
    /// # Errors
    /// [`DatasetError::Join`]: other classes, or the same data twice. [`DatasetError::NoExamples`] of nothing.
    pub fn join(sets: Vec<Self>) -> Result<Self, DatasetError> {
        let Some(first) = sets.first() else {
            return Err(DatasetError::NoExamples {
                path: Path::new("").to_owned(),
                why: "no data were given".to_owned(),
            });
        };
        let mut joined = Self {
            path: first.path.clone(),
            form: first.form,
            classes: first.classes.clone(),
            examples: Vec::new(),
            left_out: Vec::new(),
        };
        let (mut paths, mut names) = (BTreeSet::new(), BTreeSet::new());
        for set in sets {
            if set.classes != joined.classes {
                let why = format!(
                    "its classes are {}, and those of {} are {}; open both with one set of classes (--classes)",
                    set.classes.join(", "),
                    joined.path.display(),
                    joined.classes.join(", ")
                );
                return Err(DatasetError::Join { path: set.path, why });
            }
            if !paths.insert(set.path.clone()) {
                let why = "it is given twice; give it once".to_owned();
                return Err(DatasetError::Join { path: set.path, why });
            }
            joined.add(set, &mut names);
        }
        Ok(joined)
    }

    fn add(&mut self, set: Self, names: &mut BTreeSet<String>) {
        let title = set.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        for mut one in set.left_out {
            one.name = format!("{title}/{}", one.name);
            self.left_out.push(one);
        }
        for mut example in set.examples {
            if !example.subject.is_empty() {
                example.subject = format!("{}/{}", people_of(set.form, &example.corpus), example.subject);
            }
            example.name = unique(format!("{}/{}", example.corpus, example.name), names);
            self.examples.push(example);
        }
    }
}

/// Those who share their people share this word.
fn people_of(form: Form, corpus: &str) -> &str {
    match form {
        Form::Manifest => "onset",
        Form::Corpus(kind) => kind.facts().people,
        Form::ImageFolder | Form::FerPlus | Form::FlowTable | Form::FlowFolder => corpus,
    }
}

/// Two folders of one name may hold files of one name.
fn unique(name: String, names: &mut BTreeSet<String>) -> String {
    let mut candidate = name.clone();
    let mut number = 2;
    while !names.insert(candidate.clone()) {
        candidate = format!("{name}#{number}");
        number += 1;
    }
    candidate
}
