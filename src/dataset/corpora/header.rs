//! Finds the columns of a coding table: the row that names them, wherever it is.

use std::collections::BTreeMap;
use std::path::Path;

use super::facts::{Column, Corpus};
use super::table::Sheet;
use crate::dataset::DatasetError;

/// SAMM has 13 rows of explanation above its header.
const MOST_ROWS_ABOVE: usize = 60;

/// Where each column is, and where the data begin.
pub(super) struct Header<'a> {
    pub(super) sheet: &'a Sheet,
    /// Index of the first row of data.
    pub(super) first: usize,
    places: BTreeMap<Column, usize>,
}

impl<'a> Header<'a> {
    /// The first row of any sheet that names all columns without which nothing can be read.
    ///
    /// # Errors
    /// [`DatasetError::NoColumn`] for a row that names most of them, [`DatasetError::Table`] where nothing looks like a header.
    pub(super) fn find(path: &Path, sheets: &'a [Sheet], corpus: &Corpus) -> Result<Self, DatasetError> {
        let mut best: Option<(usize, Self)> = None;
        for sheet in sheets {
            for (index, row) in sheet.rows.iter().enumerate().take(MOST_ROWS_ABOVE) {
                let places = places_in(row, corpus);
                let count = corpus.required.iter().filter(|column| places.contains_key(column)).count();
                let header = Self { sheet, first: index + 1, places };
                if count == corpus.required.len() {
                    return Ok(header);
                }
                if count > best.as_ref().map_or(0, |(most, _)| *most) {
                    best = Some((count, header));
                }
            }
        }
        if let Some(headless) = Self::without_names(sheets, corpus) {
            return Ok(headless);
        }
        match best {
            // One word alone may be anywhere in a text.
            Some((count, header)) if count > 1 => Err(header.missing(path, corpus)),
            _ => Err(DatasetError::Table {
                path: path.to_owned(),
                why: format!(
                    "no row names the columns of {}; use the table as it was distributed ({}), or name another corpus with --form",
                    corpus.title, corpus.table_example
                ),
            }),
        }
    }

    /// A table that is distributed without a header: numbers of frames stand in its first row already.
    fn without_names(sheets: &'a [Sheet], corpus: &Corpus) -> Option<Self> {
        let sheet = sheets.first().filter(|_| !corpus.headless.is_empty())?;
        let places: BTreeMap<Column, usize> =
            corpus.headless.iter().enumerate().map(|(place, column)| (*column, place)).collect();
        let header = Self { sheet, first: 0, places };
        let row = sheet.rows.first()?;
        let is_frame = |column| frame_number(header.cell(row, column)).is_some();
        // Numbers alone may be in any table.
        let says_kind = header.cell(row, Column::Kind).to_lowercase().contains("expression");
        (is_frame(Column::Onset) && is_frame(Column::Offset) && says_kind).then_some(header)
    }

    /// The cell of a column; empty where there is none.
    pub(super) fn cell<'row>(&self, row: &'row [String], column: Column) -> &'row str {
        self.places.get(&column).and_then(|place| row.get(*place)).map_or("", String::as_str)
    }

    fn missing(&self, path: &Path, corpus: &Corpus) -> DatasetError {
        let column = corpus.required.iter().find(|column| !self.places.contains_key(column));
        let column = column.copied().unwrap_or(Column::Clip);
        let header = self.sheet.rows.get(self.first.saturating_sub(1)).map_or(&[][..], Vec::as_slice);
        let found: Vec<&str> = header.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
        DatasetError::NoColumn {
            path: path.to_owned(),
            column: column.what(),
            known_as: corpus.names_of(column).join(", "),
            found: found.join(", "),
        }
    }
}

/// The columns that a row names.
fn places_in(row: &[String], corpus: &Corpus) -> BTreeMap<Column, usize> {
    let names: Vec<String> = row.iter().map(|cell| bare(cell)).collect();
    let mut places = BTreeMap::new();
    for (column, known) in corpus.columns {
        let place = known.iter().find_map(|name| names.iter().position(|found| found == name));
        if let Some(place) = place {
            places.insert(*column, place);
        }
    }
    places
}

/// Letters and digits in lower case.
fn bare(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A frame's number; spreadsheets may store it as `46.0`.
pub(super) fn frame_number(text: &str) -> Option<u64> {
    if let Ok(number) = text.parse::<u64>() {
        return Some(number);
    }
    let number: f64 = text.parse().ok()?;
    // Up to 1e9 a double holds every whole number, and the conversion is exact.
    (number.fract() == 0.0 && (0.0..1e9).contains(&number)).then_some(number as u64)
}
