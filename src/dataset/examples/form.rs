//! The forms in which data may lie, by name, and how each is told from the others.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use super::flow::{COLUMNS, TEST_FOLDER};
use super::image_folder::part_of;
use crate::dataset::corpora::corpus_in;
use crate::dataset::listing::names_in;
use crate::dataset::{CorpusKind, DatasetError, MANIFEST_CSV, files};

/// A form of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A dataset of Onset: a folder with `manifest.csv`.
    Manifest,
    /// A folder with one folder of pictures a class, or with `train`, `valid`, `test` of these.
    ImageFolder,
    /// A folder with `labels.csv` and pictures, as FER+.
    FerPlus,
    /// A CSV file `subject,label,path` of flow maps.
    FlowTable,
    /// A folder `SUBJECT/{u_train,u_test}/CLASS/*.png` of flow maps.
    FlowFolder,
    /// A corpus as it is distributed.
    Corpus(CorpusKind),
}

/// What is recognised, for a message.
const RECOGNISED: &str = "a dataset of Onset (manifest.csv), FER+ (labels.csv and pictures), a corpus with its coding table, flow maps \
                          (SUBJECT/u_test/CLASS/*.png, or a CSV file subject,label,path), or an image folder (CLASS/*.png, or train/CLASS/*.png)";

impl Form {
    /// All forms.
    pub fn all() -> Vec<Self> {
        let own = [Self::Manifest, Self::ImageFolder, Self::FerPlus, Self::FlowTable, Self::FlowFolder];
        own.into_iter().chain(CorpusKind::ALL.into_iter().map(Self::Corpus)).collect()
    }

    /// Which form lies there.
    ///
    /// # Errors
    /// [`DatasetError::Form`] where it is none or could be several, [`DatasetError::File`].
    pub fn found_in(path: &Path) -> Result<Self, DatasetError> {
        found_in(path)
    }

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Manifest => "manifest",
            Self::ImageFolder => "imagefolder",
            Self::FerPlus => "ferplus",
            Self::FlowTable => "flow-table",
            Self::FlowFolder => "flow-folder",
            Self::Corpus(kind) => kind.name(),
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Form {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::all().into_iter().find(|form| form.name() == text).ok_or_else(|| {
            let names = Self::all().into_iter().map(Self::name).collect::<Vec<_>>().join(", ");
            format!("there is no form {text:?}; choose from {names}")
        })
    }
}

/// Which form lies there.
///
/// # Errors
/// [`DatasetError::Form`] where it is none or could be several, [`DatasetError::File`].
pub(super) fn found_in(path: &Path) -> Result<Form, DatasetError> {
    let unknown = |why: String| DatasetError::Form { path: path.to_owned(), why };
    if !path.is_dir() {
        std::fs::File::open(path).map_err(|error| DatasetError::file(path, &error))?;
        if path.file_name().is_some_and(|name| name == MANIFEST_CSV) {
            return Ok(Form::Manifest);
        }
        if is_flow_table(path) {
            return Ok(Form::FlowTable);
        }
        return match corpus_in(path)? {
            Some(kind) => Ok(Form::Corpus(kind)),
            None => Err(unknown(format!(
                "this file is neither a manifest nor a table of flow maps ({}) nor the coding table of a corpus; \
                 --form says which it is",
                COLUMNS.join(",")
            ))),
        };
    }
    if path.join(MANIFEST_CSV).is_file() {
        return Ok(Form::Manifest);
    }
    if path.join(files::DESCRIPTION).is_file() {
        return Err(unknown(format!(
            "building this dataset broke off: there is no {MANIFEST_CSV}; run `onset dataset build` again with --add"
        )));
    }
    if path.join("labels.csv").is_file() {
        return Ok(Form::FerPlus);
    }
    let names = names_in(path)?;
    if names.folders.iter().any(|name| path.join(name).join(TEST_FOLDER).is_dir()) {
        return Ok(Form::FlowFolder);
    }
    if let Some(kind) = corpus_in(path)? {
        return Ok(Form::Corpus(kind));
    }
    // An empty class is told when it is read.
    let has_pictures =
        |dir: &Path| names_in(dir).is_ok_and(|names| names.folders.is_empty() && !names.pictures.is_empty());
    let has_classes = |dir: &Path, at_least: usize| {
        names_in(dir).is_ok_and(|names| {
            names.folders.len() >= at_least
                && names.folders.iter().any(|class| has_pictures(&dir.join(class)))
        })
    };
    // One folder of pictures alone is not yet a class: `onset dataset export --format csv` makes one too.
    let mut parts = names.folders.iter().filter(|name| part_of(name).is_some());
    if has_classes(path, 2) || parts.any(|part| has_classes(&path.join(part), 1)) {
        return Ok(Form::ImageFolder);
    }
    let here: Vec<String> = names
        .folders
        .iter()
        .map(|name| format!("{name}/"))
        .chain(names.pictures)
        .chain(names.others)
        .collect();
    let seen = match here.as_slice() {
        [] => "nothing".to_owned(),
        names => names.iter().take(6).cloned().collect::<Vec<_>>().join(", "),
    };
    let more = if here.len() > 6 { format!(" and {} more", here.len() - 6) } else { String::new() };
    Err(unknown(format!(
        "it has {seen}{more}, and this is none of the known forms: {RECOGNISED}; --form says which it is"
    )))
}

/// Whether the first line names the columns of flow maps.
fn is_flow_table(path: &Path) -> bool {
    let Ok(mut reader) = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path) else { return false };
    let is_there = |headers: &csv::StringRecord, name: &str| {
        headers.iter().any(|header| header.trim_start_matches('\u{feff}') == name)
    };
    reader.headers().is_ok_and(|headers| COLUMNS.iter().all(|name| is_there(headers, name)))
}
