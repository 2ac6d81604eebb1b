//! What is in a folder, sorted: folders, picture files, and others.

use std::path::Path;

use super::{DatasetError, pictures};
use crate::capture::natural_order;

/// Names in a folder, numbers in them by value. Hidden ones are passed over.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) folders: Vec<String>,
    pub(super) pictures: Vec<String>,
    pub(super) others: Vec<String>,
}

/// Looks into a folder. Names that are not Unicode are passed over: no table could name them.
///
/// # Errors
/// [`DatasetError::File`].
pub(super) fn names_in(dir: &Path) -> Result<Names, DatasetError> {
    let failed = |error: std::io::Error| DatasetError::file(dir, &error);
    let mut names = Names::default();
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if name.starts_with('.') {
            continue;
        }
        let kind = entry.file_type().map_err(failed)?;
        // What a link leads to counts.
        if kind.is_dir() || (kind.is_symlink() && entry.path().is_dir()) {
            names.folders.push(name);
        } else if pictures::is_picture(&name) {
            names.pictures.push(name);
        } else {
            names.others.push(name);
        }
    }
    for list in [&mut names.folders, &mut names.pictures, &mut names.others] {
        list.sort_by(|a, b| natural_order(a, b));
    }
    Ok(names)
}

/// The picture files of a folder.
///
/// # Errors
/// [`DatasetError::File`].
pub(super) fn pictures_in(dir: &Path) -> Result<Vec<String>, DatasetError> {
    names_in(dir).map(|names| names.pictures)
}
