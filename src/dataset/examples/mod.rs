//! Examples on which recognisers are trained, whatever the form in which they lie on the disk.
//!
//! [`Dataset::open`] finds the form out: an Onset dataset, an image folder by class, FER+, a corpus as it is distributed, or optical-flow
//! maps that others computed. Nothing is decoded while opening: a damaged picture is an error of its own [`Media`] only. What cannot be used is
//! in [`Dataset::left_out`], each with the reason.

mod corpus;
mod draft;
mod fingerprint;
mod flow;
mod form;
mod image_folder;
mod join;
mod media;
mod named_csv;
mod own;
mod scheme;
#[cfg(test)]
mod test_corpora;
#[cfg(test)]
mod test_forms;
#[cfg(test)]
mod test_sets;
#[cfg(test)]
mod test_tables;
#[cfg(test)]
mod test_trees;
mod voted;

use std::path::{Path, PathBuf};

pub use form::Form;
pub use media::{Clip, FLOW_SIDE_PX, Media};
pub use scheme::ClassScheme;

use super::{DatasetError, Role, SampleKind};

/// What is trained and tested on: examples of classes.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// What was opened.
    pub path: PathBuf,
    /// The form in which it lay there; of a joined dataset, that of its first part.
    pub form: Form,
    /// Names of the classes, in the order of [`Example::class`]. With a fixed [`ClassScheme`] all of its classes, also those without an example.
    pub classes: Vec<String>,
    /// The examples, in the order of their names (numbers by value).
    pub examples: Vec<Example>,
    /// What is there and could not become an example.
    pub left_out: Vec<LeftOutExample>,
}

/// Something that could not become an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOutExample {
    /// Its name, as an example's.
    pub name: String,
    /// Why, and where it helps what to do.
    pub why: String,
}

/// A picture, a clip or a flow map, and what is known of it.
#[derive(Clone, Debug)]
pub struct Example {
    /// Unique within the dataset.
    pub name: String,
    /// Whose face it is, as the data call them; empty where that is not known. In a joined dataset `CORPUS/SUBJECT`.
    pub subject: String,
    /// Index into [`Dataset::classes`].
    pub class: usize,
    /// What share of people chose each class; adds up to 1. `None` where nobody voted.
    pub shares: Option<Vec<f32>>,
    /// `train`, `valid` or `test` where the data are divided already, else empty.
    pub part: String,
    /// The corpus that it comes from; where the data do not say, the name of the folder or table.
    pub corpus: String,
    /// Gender as the data give it; empty where it is not known.
    pub gender: String,
    /// `questionnaire`, `image` or `interview` in Onset's own datasets, else empty.
    pub stimulus: String,
    /// `micro` or `masked`; empty where the form does not say.
    pub kind: String,
    /// What the data call it, before it was given a class.
    pub emotion: String,
    /// FACS action units as `4+7`; empty where nobody coded them.
    pub action_units: String,
    /// What is seen.
    pub media: Media,
}

/// What one example is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// One still. Of an event in a corpus: its apex frame.
    #[default]
    Picture,
    /// One event, with its onset and apex frames. A flow map is one too.
    Clip,
}

/// How a dataset is opened.
#[derive(Clone, Debug)]
pub struct OpenParams {
    /// The form; `None`: found out from what is there.
    pub form: Option<Form>,
    /// What one example is. Flow maps are what they are, whatever it says.
    pub unit: Unit,
    /// Into which classes the examples are sorted.
    pub classes: ClassScheme,
    /// Only examples of this part (`train`, `valid`, `test`); `None`: all.
    pub part: Option<String>,
    /// Onset's own datasets, pictures: which moments are taken.
    pub roles: Vec<Role>,
    /// Onset's own datasets: only samples of this kind; `None`: both.
    pub kind: Option<SampleKind>,
}

impl Default for OpenParams {
    /// Any form, pictures, classes as found, all parts, interval and apex frames of both kinds.
    fn default() -> Self {
        Self {
            form: None,
            unit: Unit::default(),
            classes: ClassScheme::default(),
            part: None,
            roles: vec![Role::Interval, Role::Apex],
            kind: None,
        }
    }
}

impl Dataset {
    /// Opens a folder, or a table of flow maps or codings.
    ///
    /// # Errors
    /// [`DatasetError`]: nothing that is known is there, or more than one thing; a table is not in order; a class or the whole set is empty;
    /// the form has no such parts, classes or units. Single files that are missing are not errors but in [`Dataset::left_out`].
    pub fn open(path: &Path, params: &OpenParams) -> Result<Self, DatasetError> {
        let form = match params.form {
            Some(form) => form,
            None => form::found_in(path)?,
        };
        let found = match form {
            Form::Manifest => own::read(path, params)?,
            Form::ImageFolder => image_folder::read(path, params)?,
            Form::FerPlus => voted::read(path, params)?,
            Form::FlowTable => flow::read_table(path, params)?,
            Form::FlowFolder => flow::read_folder(path, params)?,
            Form::Corpus(kind) => corpus::read(kind, path, params)?,
        };
        found.into_dataset(path, form, params)
    }

    /// How many examples each class has, in the order of the classes.
    pub fn counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.classes.len()];
        for example in &self.examples {
            if let Some(count) = counts.get_mut(example.class) {
                *count += 1;
            }
        }
        counts
    }

    /// Names of classes that have no example: of a fixed scheme, those that the data do not know.
    pub fn empty_classes(&self) -> Vec<&str> {
        let counts = self.counts();
        let empty = self.classes.iter().zip(counts).filter(|(_, count)| *count == 0);
        empty.map(|(class, _)| class.as_str()).collect()
    }

    /// Decodes every picture once, and moves examples with one that cannot be decoded to [`Dataset::left_out`]. Gives how many these were.
    ///
    /// # Arguments
    /// * `progress`: is told how many examples have been looked at, after each one; where it returns false, the rest is left as it is.
    pub fn leave_out_unreadable(&mut self, mut progress: impl FnMut(usize) -> bool) -> usize {
        let before = self.left_out.len();
        let (mut looked_at, mut goes_on) = (0, true);
        let left_out = &mut self.left_out;
        self.examples.retain(|example| {
            if !goes_on {
                return true;
            }
            let checked = example.media.check(&example.name);
            looked_at += 1;
            goes_on = progress(looked_at);
            match checked {
                Ok(()) => true,
                Err(error) => {
                    left_out.push(LeftOutExample { name: example.name.clone(), why: error.to_string() });
                    false
                }
            }
        });
        self.left_out.len() - before
    }
}
