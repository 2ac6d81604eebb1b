//! Codings from CSV: columns by name, in any order; each error says where and what would be right.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{COLUMNS, Coding, CodingError, KINDS, action_units_from_text, kind_from_name, labels_of};
use crate::session::files;
use crate::types::EventKind;

/// Columns without which a coding says nothing.
const REQUIRED: [&str; 4] = ["kind", "label", "onset_s", "offset_s"];
/// Columns beside [`COLUMNS`] that are understood.
const ALSO: [&str; 2] = ["id", "coder"];
/// A table of codings is some kilobytes; what is larger is something else.
const MAX_BYTES: u64 = 64 << 20;

/// Reads a file of codings.
///
/// # Errors
/// See [`CodingError`].
pub fn read_codings(path: &Path, coder: &str) -> Result<Vec<Coding>, CodingError> {
    let size = fs::metadata(path).map_err(CodingError::io("read", path))?.len();
    if size > MAX_BYTES {
        let problem =
            format!("{} MB are too many for a table of codings; is this the right file?", size >> 20);
        return Err(CodingError::File { path: path.to_owned(), problem });
    }
    codings_from_csv(&fs::read(path).map_err(CodingError::io("read", path))?, path, coder)
}

/// All codings of a session, coder by coder in the order of their names; none where nobody has coded it.
///
/// # Errors
/// See [`CodingError`].
pub fn read_session_codings(dir: &Path) -> Result<Vec<Coding>, CodingError> {
    let dir = dir.join(files::CODINGS);
    let entries = match fs::read_dir(&dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(CodingError::io("read", &dir))?,
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "csv"))
        .collect();
    paths.sort();
    let mut codings = Vec::new();
    for path in paths {
        let coder = path.file_stem().unwrap_or_default().to_string_lossy();
        codings.extend(read_codings(&path, &coder)?);
    }
    Ok(codings)
}

/// Codings from the bytes of a CSV file; `path` is for messages, `coder` for those without a `coder` column.
///
/// Separated by commas, or by `;` or tabs where the header has one of these and neither of the others, as spreadsheet
/// programs in many countries write it; then `1,25` is understood as 1.25.
///
/// # Errors
/// See [`CodingError`].
pub fn codings_from_csv(bytes: &[u8], path: &Path, coder: &str) -> Result<Vec<Coding>, CodingError> {
    let text = utf8(bytes, path)?;
    let separator = separator_of(text.lines().next().unwrap_or_default());
    let separator = separator.map_err(|problem| line_error(path, 1, problem))?;
    let mut builder = csv::ReaderBuilder::new();
    builder.delimiter(separator).flexible(true).has_headers(false);
    let mut reader = builder.from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut table: Option<Table> = None;
    let mut codings = Vec::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                return Err(CodingError::File { path: path.to_owned(), problem: error.to_string() });
            }
        }
        let line = line_of(text, record.position().map_or(0, csv::Position::byte));
        match &table {
            None => {
                let columns: Vec<String> = record.iter().map(|cell| cell.trim().to_owned()).collect();
                check_header(&columns).map_err(|problem| line_error(path, line, problem))?;
                table = Some(Table { path, columns, has_decimal_commas: separator != b',' });
            }
            Some(table) => {
                if record.iter().all(|cell| cell.trim().is_empty()) {
                    continue;
                }
                let coding = table.coding(&Row { record: &record, line }, coder)?;
                codings.push(coding);
            }
        }
    }
    if table.is_none() {
        let problem = format!("it is empty; the first line is the header {}", COLUMNS.join(","));
        return Err(CodingError::File { path: path.to_owned(), problem });
    }
    Ok(codings)
}

fn line_error(path: &Path, line: u64, problem: String) -> CodingError {
    CodingError::Line { path: path.to_owned(), line, problem }
}

fn utf8<'a>(bytes: &'a [u8], path: &Path) -> Result<&'a str, CodingError> {
    let advice =
        "save it again as CSV in UTF-8 (LibreOffice: \"Edit filter settings\", Excel: \"CSV UTF-8\")";
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        let problem = format!("it is UTF-16, not UTF-8; {advice}");
        return Err(CodingError::File { path: path.to_owned(), problem });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = before.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
        line_error(path, line, format!("not UTF-8; {advice}"))
    })
}

/// The line, from 1, of the record that the CSV reader says begins at a byte: it counts empty lines before it as its own.
fn line_of(text: &str, byte: u64) -> u64 {
    let bytes = text.as_bytes();
    let mut start = usize::try_from(byte).unwrap_or(usize::MAX).min(bytes.len());
    while bytes.get(start).is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
        start += 1;
    }
    bytes[..start].iter().filter(|byte| **byte == b'\n').count() as u64 + 1
}

/// What separates the cells of this header.
fn separator_of(header: &str) -> Result<u8, String> {
    let found: Vec<char> = [',', ';', '\t'].into_iter().filter(|c| header.contains(*c)).collect();
    match found[..] {
        [] | [','] => Ok(b','),
        [';'] => Ok(b';'),
        ['\t'] => Ok(b'\t'),
        _ => Err(format!(
            "the header mixes separators ({}); separate the columns by commas alone: {}",
            found.iter().map(|c| format!("{c:?}")).collect::<Vec<_>>().join(", "),
            COLUMNS.join(",")
        )),
    }
}

fn check_header(columns: &[String]) -> Result<(), String> {
    for (index, column) in columns.iter().enumerate() {
        if !COLUMNS.contains(&column.as_str()) && !ALSO.contains(&column.as_str()) {
            return Err(format!(
                "the column {column:?} is not known; remove or rename it (known are {}, {})",
                COLUMNS.join(", "),
                ALSO.join(", ")
            ));
        }
        if columns[..index].contains(column) {
            return Err(format!("there are two columns {column}; remove or rename one"));
        }
    }
    let missing: Vec<&str> =
        REQUIRED.into_iter().filter(|required| !columns.iter().any(|column| column == required)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(format!("there is no column {}; the header should be {}", missing.join(", "), COLUMNS.join(",")))
}

struct Row<'a> {
    record: &'a csv::StringRecord,
    line: u64,
}

struct Table<'a> {
    path: &'a Path,
    columns: Vec<String>,
    has_decimal_commas: bool,
}

impl Table<'_> {
    fn coding(&self, row: &Row<'_>, coder: &str) -> Result<Coding, CodingError> {
        if row.record.len() != self.columns.len() {
            let problem = format!(
                "{} cells, but the header has {} columns; quote cells that contain the separator, as in \"a, b\"",
                row.record.len(),
                self.columns.len()
            );
            return Err(line_error(self.path, row.line, problem));
        }
        let kind_name = self.text(row, "kind");
        let kind = kind_from_name(kind_name).ok_or_else(|| {
            let known = KINDS.map(EventKind::name).join(", ");
            self.error(row, "kind", format!("{kind_name:?} is no kind; known are {known}"))
        })?;
        let label = self.text(row, "label");
        let labels = labels_of(kind);
        if !label.is_empty() && !labels.contains(&label) {
            let known = if labels.is_empty() {
                format!("an event of kind {} has none: leave the cell empty", kind.name())
            } else {
                format!("for kind {} these are known: {}", kind.name(), labels.join(", "))
            };
            return Err(self.error(row, "label", format!("the label {label:?} is unknown; {known}")));
        }
        let action_units = action_units_from_text(self.text(row, "action_units"))
            .map_err(|problem| self.error(row, "action_units", problem))?;
        let coding = Coding {
            kind,
            label: label.to_owned(),
            onset_s: self.required_time(row, "onset_s")?,
            apex_s: self.time(row, "apex_s")?,
            offset_s: self.required_time(row, "offset_s")?,
            action_units,
            note: self.raw(row, "note").to_owned(),
            coder: Some(self.text(row, "coder")).filter(|name| !name.is_empty()).unwrap_or(coder).to_owned(),
            id: self.text(row, "id").to_owned(),
        };
        coding.check_times().map_err(|(column, problem)| self.error(row, column, problem))?;
        Ok(coding)
    }

    /// The cell as it is; empty where there is no such column.
    fn raw<'a>(&self, row: &Row<'a>, column: &str) -> &'a str {
        let index = self.columns.iter().position(|name| name == column);
        index.and_then(|index| row.record.get(index)).unwrap_or_default()
    }

    fn text<'a>(&self, row: &Row<'a>, column: &str) -> &'a str {
        self.raw(row, column).trim()
    }

    fn time(&self, row: &Row<'_>, column: &'static str) -> Result<Option<f64>, CodingError> {
        let text = self.text(row, column);
        if text.is_empty() {
            return Ok(None);
        }
        let is_decimal_comma =
            self.has_decimal_commas && !text.contains('.') && text.matches(',').count() == 1;
        let number = if is_decimal_comma { text.replace(',', ".") } else { text.to_owned() };
        match number.parse::<f64>() {
            Ok(seconds) if seconds.is_finite() => Ok(Some(seconds)),
            _ => Err(self.error(
                row,
                column,
                format!("{text:?} is not a number; write seconds, such as 12.345"),
            )),
        }
    }

    fn required_time(&self, row: &Row<'_>, column: &'static str) -> Result<f64, CodingError> {
        self.time(row, column)?
            .ok_or_else(|| self.error(row, column, "it is empty; a time in seconds belongs here".to_owned()))
    }

    fn error(&self, row: &Row<'_>, column: &str, problem: String) -> CodingError {
        CodingError::Cell { path: self.path.to_owned(), line: row.line, column: column.to_owned(), problem }
    }
}
