//! Small CSV files by column name: who is seen in which picture, which flow map is of which class.

use std::path::Path;

use crate::dataset::DatasetError;

/// One line: its cells, in the order in which the columns were asked for.
pub(super) struct Row<const N: usize, const M: usize> {
    /// Line in the file, from 1.
    pub(super) line: u64,
    /// Of columns that must be there.
    pub(super) required: [String; N],
    /// Of columns that may be there; empty where they are not.
    pub(super) optional: [String; M],
}

/// What is wrong with a line.
pub(super) fn wrong(path: &Path, line: u64, why: String) -> DatasetError {
    DatasetError::Labels { path: path.to_owned(), line, why }
}

/// Reads the lines of a file; other columns are passed over.
///
/// # Errors
/// [`DatasetError::File`], [`DatasetError::Labels`] naming the line.
pub(super) fn rows<const N: usize, const M: usize>(
    path: &Path,
    required: [&str; N],
    optional: [&str; M],
) -> Result<Vec<Row<N, M>>, DatasetError> {
    let file = std::fs::File::open(path).map_err(|error| DatasetError::file(path, &error))?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
    let headers = reader.headers().map_err(|error| wrong(path, 1, error.to_string()))?.clone();
    // Spreadsheet programs put a mark before the first name.
    let place = |name: &str| headers.iter().position(|header| header.trim_start_matches('\u{feff}') == name);
    let mut required_at = [0; N];
    for (at, name) in required_at.iter_mut().zip(required) {
        *at = place(name).ok_or_else(|| {
            let found = headers.iter().collect::<Vec<_>>().join(", ");
            wrong(path, 1, format!("there is no column `{name}`; the header has {found}"))
        })?;
    }
    let optional_at = optional.map(place);
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            wrong(path, line, format!("{error}; write it again as CSV in UTF-8"))
        })?;
        let cell = |at: usize| record.get(at).unwrap_or_default().to_owned();
        rows.push(Row {
            line: record.position().map_or(0, csv::Position::line),
            required: required_at.map(cell),
            optional: optional_at.map(|at| at.map_or_else(String::new, cell)),
        });
    }
    Ok(rows)
}
