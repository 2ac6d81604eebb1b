//! Optical-flow maps that others computed, in the two layouts in which public code shares them.
//!
//! A folder `SUBJECT/{u_train,u_test}/CLASS/*.png`, in which each subject's folder is one fold of leave-one-subject-out: `u_test` has this
//! subject's maps, `u_train` copies of all the others'. So the examples are the `u_test` of every subject. Or a table `subject,label,path`.
//! Classes are 0, 1, 2 for negative, positive, surprise, as in the maps published with STSTNet (Liong, Gan, See, Khor, Huang, FG 2019,
//! arXiv:1902.03634) and the code that built on it.

use std::path::Path;

use super::draft::Found;
use super::named_csv::{rows, wrong};
use super::scheme::Said;
use super::{Example, Media, OpenParams};
use crate::dataset::listing::{names_in, pictures_in};
use crate::dataset::{DatasetError, Valence};

/// The folder with a subject's own maps.
pub(super) const TEST_FOLDER: &str = "u_test";
/// Columns that a table of flow maps must have.
pub(super) const COLUMNS: [&str; 3] = ["subject", "label", "path"];

/// Reads the `u_test` of each subject.
///
/// # Errors
/// [`DatasetError::File`], [`DatasetError::EmptyClass`] where none of a subject's classes has a map.
pub(super) fn read_folder(dir: &Path, params: &OpenParams) -> Result<Found, DatasetError> {
    let mut found = Found::default();
    for subject in names_in(dir)?.folders {
        let test = dir.join(&subject).join(TEST_FOLDER);
        if !test.is_dir() {
            found.leave_out(
                subject,
                format!("it has no folder {TEST_FOLDER}, where a subject's own maps are"),
            );
            continue;
        }
        let mut count = 0;
        for class in names_in(&test)?.folders {
            for name in pictures_in(&test.join(&class))? {
                let path = test.join(&class).join(&name);
                let example =
                    example(format!("{subject}/{class}/{name}"), subject.clone(), "", &class, &path);
                found.take(example, &said(&class), params.classes);
                count += 1;
            }
        }
        if count == 0 {
            return Err(DatasetError::EmptyClass { path: test });
        }
    }
    Ok(found)
}

/// Reads a table with the columns `subject`, `label`, `path` (from the table's folder), and where there is one `corpus`.
///
/// # Errors
/// [`DatasetError::Labels`], naming the line.
pub(super) fn read_table(path: &Path, params: &OpenParams) -> Result<Found, DatasetError> {
    let dir = path.parent().unwrap_or(Path::new(""));
    let mut found = Found::default();
    for row in rows(path, COLUMNS, ["corpus"])? {
        for (what, value) in COLUMNS.into_iter().zip(&row.required) {
            if value.is_empty() {
                let why = format!("column {what}: it is empty, and each map needs one");
                return Err(wrong(path, row.line, why));
            }
        }
        let ([subject, label, name], [corpus]) = (row.required, row.optional);
        let file = dir.join(&name);
        if file.is_file() {
            let example = example(name, subject, &corpus, &label, &file);
            found.take(example, &said(&label), params.classes);
        } else {
            found.leave_out(name, "the file is not there; paths start from the table's folder");
        }
    }
    Ok(found)
}

fn example(name: String, subject: String, corpus: &str, emotion: &str, file: &Path) -> Example {
    Example {
        name,
        subject,
        class: 0,
        shares: None,
        part: String::new(),
        corpus: corpus.to_owned(),
        gender: String::new(),
        stimulus: String::new(),
        kind: "micro".to_owned(),
        emotion: emotion.to_owned(),
        action_units: String::new(),
        media: Media::Flow(file.to_owned()),
    }
}

/// `0`, `1`, `2` are the classes of MEGC 2019, other words what they say.
fn said(label: &str) -> Said {
    let numbered = label.parse::<usize>().ok().and_then(|index| Valence::ALL.get(index));
    numbered.map_or_else(|| Said::of_word(label), |valence| Said::of_word(valence.name()))
}
