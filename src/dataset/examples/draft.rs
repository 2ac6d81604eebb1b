//! Examples while they are collected: the class is a name until all are known.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::scheme::Said;
use super::{ClassScheme, Dataset, Example, Form, LeftOutExample, OpenParams};
use crate::capture::natural_order;
use crate::dataset::DatasetError;

/// What a loader finds.
#[derive(Debug, Default)]
pub(super) struct Found {
    examples: Vec<(Example, String)>,
    left_out: Vec<LeftOutExample>,
    /// Classes that exist though no example may have them.
    classes: BTreeSet<String>,
}

impl Found {
    /// Takes an example that the data call `said`; leaves it out where the scheme has no class for that. The example's own `class` is not
    /// looked at.
    pub(super) fn take(&mut self, example: Example, said: &Said, scheme: ClassScheme) {
        match scheme.class_of(said) {
            Ok(class) => self.examples.push((example, class)),
            Err(why) => self.leave_out(example.name, why),
        }
    }

    /// Notes what cannot be used.
    pub(super) fn leave_out(&mut self, name: impl Into<String>, why: impl Into<String>) {
        self.left_out.push(LeftOutExample { name: name.into(), why: why.into() });
    }

    /// Notes a class of the data themselves, so that all parts of it have the same classes.
    pub(super) fn know_class(&mut self, class: String) {
        self.classes.insert(class);
    }

    /// The dataset: classes in order, one part, unique names, everything sorted.
    ///
    /// # Errors
    /// [`DatasetError::NoExamples`], [`DatasetError::NoPart`].
    pub(super) fn into_dataset(
        mut self,
        path: &Path,
        form: Form,
        params: &OpenParams,
    ) -> Result<Dataset, DatasetError> {
        let classes = params.classes.classes().unwrap_or_else(|| {
            let found = self.examples.iter().map(|(_, class)| class.clone());
            let all: BTreeSet<String> = found.chain(std::mem::take(&mut self.classes)).collect();
            in_order(all)
        });
        if let Some(part) = &params.part {
            self.only(part, path)?;
        }
        self.examples.sort_by(|(a, _), (b, _)| natural_order(&a.name, &b.name));
        let indexes: BTreeMap<&str, usize> =
            classes.iter().enumerate().map(|(index, class)| (class.as_str(), index)).collect();
        let title = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let (mut examples, mut left_out) =
            (Vec::<Example>::with_capacity(self.examples.len()), self.left_out);
        for (mut example, class) in self.examples {
            let is_again = examples.last().is_some_and(|last| last.name == example.name);
            match indexes.get(class.as_str()) {
                Some(index) if !is_again => {
                    example.class = *index;
                    if example.corpus.is_empty() {
                        example.corpus.clone_from(&title);
                    }
                    examples.push(example);
                }
                Some(_) => left_out.push(LeftOutExample {
                    name: example.name,
                    why: "it is listed twice; the first row is used".to_owned(),
                }),
                // `classes` has every class that `take` accepts.
                None => left_out.push(LeftOutExample {
                    name: example.name,
                    why: format!("`{class}` is none of the classes"),
                }),
            }
        }
        left_out.sort_by(|a, b| natural_order(&a.name, &b.name).then_with(|| a.why.cmp(&b.why)));
        if examples.is_empty() {
            return Err(DatasetError::NoExamples { path: path.to_owned(), why: reasons(&left_out) });
        }
        Ok(Dataset { path: path.to_owned(), form, classes, examples, left_out })
    }

    fn only(&mut self, part: &str, path: &Path) -> Result<(), DatasetError> {
        let parts: BTreeSet<String> = self.examples.iter().map(|(example, _)| example.part.clone()).collect();
        self.examples.retain(|(example, _)| example.part == part);
        if !self.examples.is_empty() || parts.is_empty() {
            return Ok(());
        }
        let known: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let why = if known.is_empty() {
            format!("there is no part {part}: these data are not divided into parts; leave the part away")
        } else {
            format!("there is no part {part}; there are {}", known.join(", "))
        };
        Err(DatasetError::Unfit { path: path.to_owned(), why })
    }
}

/// Classes in order: of a scheme of ours, where all of them belong to one, so that vote distributions and other data agree on it; else by name.
fn in_order(classes: BTreeSet<String>) -> Vec<String> {
    let mut classes: Vec<String> = classes.into_iter().collect();
    classes.sort_by(|a, b| natural_order(a, b));
    let schemes = [ClassScheme::Eight, ClassScheme::Three].into_iter().filter_map(ClassScheme::classes);
    for scheme in schemes {
        if classes.iter().all(|class| scheme.contains(class)) {
            return scheme.into_iter().filter(|class| classes.contains(class)).collect();
        }
    }
    classes
}

/// The commonest reasons, in words.
fn reasons(left_out: &[LeftOutExample]) -> String {
    let Some(first) = left_out.first() else {
        return "nothing is there that could become one".to_owned();
    };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for one in left_out {
        *counts.entry(&one.why).or_default() += 1;
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let said: Vec<String> = counts.iter().take(3).map(|(why, count)| format!("{count}: {why}")).collect();
    format!("{} were left out, the first {} ({})", left_out.len(), first.name, said.join("; "))
}
