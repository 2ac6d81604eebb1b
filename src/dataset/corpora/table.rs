//! Coding tables as text: the sheets of an .xlsx or .xls file, or one CSV file.

use std::io::Cursor;
use std::path::Path;

use calamine::{Data, DataRef, Reader, Xls, Xlsx};

use crate::dataset::DatasetError;

/// Files larger than this are no coding table: the largest known has 7,526 rows.
const MOST_BYTES: usize = 64 << 20;
/// A cell further out than this makes a broken file, not a table.
const MOST_ROWS: usize = 200_000;
const MOST_COLUMNS: usize = 512;

/// One sheet.
#[derive(Clone, Debug, Default)]
pub(super) struct Sheet {
    pub(super) name: String,
    /// Cells as text, without white space around it; rows may differ in length. The first row of the file is the first here.
    pub(super) rows: Vec<Vec<String>>,
}

/// Whether a file is a table by its ending.
pub(super) fn is_table(name: &str) -> bool {
    let ending = name.rsplit('.').next().unwrap_or_default().to_lowercase();
    // Office programs put `~$NAME.xlsx` beside an open file.
    !name.starts_with("~$") && ["xlsx", "xls", "csv"].contains(&ending.as_str())
}

/// The sheets of a file. What it is is told by its content, not by its ending; `path` is for messages.
///
/// # Errors
/// [`DatasetError::Table`].
pub(super) fn sheets(path: &Path, bytes: &[u8]) -> Result<Vec<Sheet>, DatasetError> {
    let wrong = |why: String| DatasetError::Table { path: path.to_owned(), why };
    if bytes.len() > MOST_BYTES {
        return Err(wrong(format!("it has {} bytes, more than any coding table", bytes.len())));
    }
    let spoilt =
        |error: String| wrong(format!("it cannot be read ({error}); save it again as .xlsx or as CSV"));
    if bytes.starts_with(b"PK\x03\x04") {
        from_xlsx(bytes).map_err(spoilt)
    } else if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        from_xls(bytes).map_err(spoilt)
    } else {
        from_csv(bytes).map_err(spoilt)
    }
}

impl Sheet {
    fn put(&mut self, row: usize, column: usize, text: &str) -> Result<(), String> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(());
        }
        if row >= MOST_ROWS || column >= MOST_COLUMNS {
            return Err(format!("sheet {} has a cell in row {}, column {}", self.name, row + 1, column + 1));
        }
        if self.rows.len() <= row {
            self.rows.resize_with(row + 1, Vec::new);
        }
        let Some(cells) = self.rows.get_mut(row) else { return Ok(()) };
        if cells.len() <= column {
            cells.resize(column + 1, String::new());
        }
        if let Some(cell) = cells.get_mut(column) {
            text.clone_into(cell);
        }
        Ok(())
    }
}

fn from_xlsx(bytes: &[u8]) -> Result<Vec<Sheet>, String> {
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let mut sheets = Vec::new();
    for name in book.sheet_names() {
        let mut sheet = Sheet { name: name.clone(), rows: Vec::new() };
        // Charts are sheets too, and have no cells. Cell by cell, as a whole range would be filled up to its farthest cell.
        let Ok(mut cells) = book.worksheet_cells_reader(&name) else { continue };
        while let Some(cell) = cells.next_cell().map_err(|error| error.to_string())? {
            let (row, column) = cell.get_position();
            let text = match cell.get_value() {
                DataRef::String(text) => text.clone(),
                DataRef::SharedString(text) => (*text).to_owned(),
                DataRef::Int(number) => number.to_string(),
                DataRef::Float(number) => number.to_string(),
                DataRef::Bool(value) => value.to_string(),
                // `4+7` is sometimes taken for a date; it is no number of a frame.
                _ => String::new(),
            };
            sheet.put(row as usize, column as usize, &text)?;
        }
        sheets.push(sheet);
    }
    Ok(sheets)
}

fn from_xls(bytes: &[u8]) -> Result<Vec<Sheet>, String> {
    // The reader of this old binary form takes offsets in the file on trust: a torn file can make it panic, which must not end a long run.
    let read = std::panic::catch_unwind(|| {
        let mut book = Xls::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
        Ok::<_, String>(book.worksheets())
    });
    let worksheets = read.map_err(|_| "it is torn".to_owned())??;
    let mut sheets = Vec::new();
    for (name, range) in worksheets {
        let mut sheet = Sheet { name, rows: Vec::new() };
        let (top, left) = range.start().unwrap_or((0, 0));
        for (row, column, value) in range.used_cells() {
            let text = match value {
                Data::String(text) => text.clone(),
                Data::Int(number) => number.to_string(),
                Data::Float(number) => number.to_string(),
                Data::Bool(value) => value.to_string(),
                _ => String::new(),
            };
            sheet.put(top as usize + row, left as usize + column, &text)?;
        }
        sheets.push(sheet);
    }
    Ok(sheets)
}

fn from_csv(bytes: &[u8]) -> Result<Vec<Sheet>, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text =
        std::str::from_utf8(bytes).map_err(|_| "it is neither a spreadsheet nor text in UTF-8".to_owned())?;
    let mut sheet = Sheet { name: "the file".to_owned(), rows: Vec::new() };
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        // Empty lines count, so that messages name the line that an editor shows.
        let line = record.position().map_or(sheet.rows.len() as u64 + 1, csv::Position::line);
        let row = usize::try_from(line).unwrap_or(usize::MAX).saturating_sub(1).max(sheet.rows.len());
        for (column, cell) in record.iter().enumerate() {
            sheet.put(row, column, cell)?;
        }
    }
    Ok(vec![sheet])
}
