//! A table of pictures with known truth.

use std::path::{Path, PathBuf};

use crate::eval::EvalError;
use crate::eval::csv_file::CsvFile;
use crate::types::MaskedLabel;

/// What a picture shows: a mismatch, or none.
pub type Truth = Option<MaskedLabel>;

/// The truths that a table can have.
pub const TRUTHS: [Truth; 3] = [None, Some(MaskedLabel::HappyButSad), Some(MaskedLabel::HappyButAngry)];

/// The name of a truth in files.
pub fn truth_name(truth: Truth) -> &'static str {
    truth.map_or("none", MaskedLabel::name)
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelledPicture {
    /// The path as the table has it.
    pub name: String,
    /// The file: relative paths count from the table's folder.
    pub path: PathBuf,
    /// What it shows.
    pub truth: Truth,
}

/// Reads columns `path` and `label`; others are passed over.
///
/// # Errors
/// [`EvalError`], naming file, line and column; [`EvalError::NoPictures`] for a table without rows.
pub fn read_pictures(table: &Path) -> Result<Vec<LabelledPicture>, EvalError> {
    let mut file = CsvFile::open(table)?;
    let (path, label) = (file.required("path")?, file.required("label")?);
    let folder = table.parent().unwrap_or(Path::new(""));
    let mut pictures = Vec::new();
    while let Some(row) = file.next_row()? {
        let name = row.text(path);
        if name.is_empty() {
            return Err(row.error(path, "it is empty; the path of a picture belongs here"));
        }
        let text = row.text(label);
        let truth = TRUTHS.into_iter().find(|truth| truth_name(*truth) == text).ok_or_else(|| {
            let known = TRUTHS.map(truth_name).join(", ");
            row.error(label, format!("{text:?} is none of {known}"))
        })?;
        pictures.push(LabelledPicture { name: name.to_owned(), path: folder.join(name), truth });
    }
    if pictures.is_empty() {
        return Err(EvalError::NoPictures { path: table.to_owned() });
    }
    Ok(pictures)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<Vec<LabelledPicture>, String> {
        let dir = tempfile::tempdir().unwrap();
        let table = dir.path().join("t.csv");
        std::fs::write(&table, text).unwrap();
        read_pictures(&table).map_err(|error| error.to_string())
    }

    #[test]
    fn rows_are_read_by_column_name() {
        let rows = read("half,label,path\nfit,happy_but_sad,a/b.png\nfit,none,/x/c.png\n").unwrap();
        assert_eq!(rows[0].truth, Some(MaskedLabel::HappyButSad));
        assert!(rows[0].path.ends_with("a/b.png") && rows[0].path.is_absolute());
        assert_eq!((rows[1].truth, rows[1].path.to_str().unwrap()), (None, "/x/c.png"));
    }

    #[test]
    fn errors_name_line_column_and_choices() {
        let error = read("path,label\na.png,happy\n").unwrap_err();
        assert!(error.contains("line 2, column label") && error.contains("happy_but_angry"), "{error}");
        let error = read("path,label\n,none\n").unwrap_err();
        assert!(error.contains("line 2, column path"), "{error}");
        let error = read("file,label\na.png,none\n").unwrap_err();
        assert!(error.contains("no column path") && error.contains("file, label"), "{error}");
    }

    proptest! {
        #[test]
        fn no_table_makes_it_panic(text in "[a-z,\"\n\r_é.]{0,200}") {
            _ = read(&format!("path,label\n{text}"));
            _ = read(&text);
        }
    }
}
