//! A CSV file read by column name, whatever the order of its columns; errors name file, line and column.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::EvalError;
use crate::types::Timestamp;

/// Times beyond this many seconds (30 years) are mistakes, and would not fit the clock's nanoseconds much further out.
const MAX_TIME_S: f64 = 1e9;

/// A column that is there: an index into every row.
#[derive(Clone, Copy, Debug)]
pub(super) struct ColumnIndex(usize);

/// A table that is being read.
pub(super) struct CsvFile<R> {
    path: PathBuf,
    reader: csv::Reader<UnixLines<R>>,
    header: csv::StringRecord,
    record: csv::StringRecord,
}

impl CsvFile<File> {
    /// Opens a file and reads its header.
    pub(super) fn open(path: &Path) -> Result<Self, EvalError> {
        Self::new(path, File::open(path).map_err(EvalError::io("read", path))?)
    }
}

impl<R: Read> CsvFile<R> {
    /// Reads the header; `path` is for messages.
    pub(super) fn new(path: &Path, from: R) -> Result<Self, EvalError> {
        // Rows of another length are refused here, with the right line.
        let mut builder = csv::ReaderBuilder::new();
        builder.trim(csv::Trim::All).flexible(true).buffer_capacity(1 << 16);
        let mut reader = builder.from_reader(UnixLines { inner: from, is_ended: false });
        let header = reader.headers().map_err(|error| csv_error(path, error))?.clone();
        Ok(Self { path: path.to_owned(), reader, header, record: csv::StringRecord::new() })
    }

    /// Names of all columns, in order.
    pub(super) fn column_names(&self) -> impl Iterator<Item = &str> {
        self.header.iter()
    }

    /// A column, where there is one.
    pub(super) fn optional(&self, name: &str) -> Result<Option<ColumnIndex>, EvalError> {
        let mut found = self.header.iter().enumerate().filter(|(_, column)| *column == name);
        let first = found.next().map(|(index, _)| ColumnIndex(index));
        match found.next() {
            None => Ok(first),
            Some(_) => Err(EvalError::ColumnTwice { path: self.path.clone(), column: name.to_owned() }),
        }
    }

    /// A column that must be there.
    pub(super) fn required(&self, name: &str) -> Result<ColumnIndex, EvalError> {
        self.optional(name)?.ok_or_else(|| EvalError::NoColumn {
            path: self.path.clone(),
            column: name.to_owned(),
            found: super::error::some_of(self.header.iter()),
        })
    }

    /// The next row; `None` at the end.
    pub(super) fn next_row(&mut self) -> Result<Option<Row<'_>>, EvalError> {
        if !self.reader.read_record(&mut self.record).map_err(|error| csv_error(&self.path, error))? {
            return Ok(None);
        }
        // The reader stands behind the row's end of line. The position of the record itself is before empty lines.
        let line = self.reader.position().line().saturating_sub(1);
        if self.record.len() != self.header.len() {
            return Err(EvalError::RowLength {
                path: self.path.clone(),
                line,
                cells: self.record.len(),
                columns: self.header.len(),
            });
        }
        Ok(Some(Row { path: &self.path, header: &self.header, record: &self.record, line }))
    }
}

fn csv_error(path: &Path, source: csv::Error) -> EvalError {
    let path = path.to_owned();
    if !source.is_io_error() {
        return EvalError::Csv { path, source };
    }
    // The reason without "CSV error" before it.
    EvalError::Io { doing: "read", path, source: source.into() }
}

/// Drops carriage returns and ends the last line, so that lines can be counted by their ends: the CSV reader would leave
/// the second half of `\r\n` to the next row.
struct UnixLines<R> {
    inner: R,
    is_ended: bool,
}

impl<R: Read> Read for UnixLines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.inner.read(buffer)?;
            if read == 0 {
                let Some(first) = buffer.first_mut().filter(|_| !self.is_ended) else { return Ok(0) };
                *first = b'\n';
                self.is_ended = true;
                return Ok(1);
            }
            let mut kept = 0;
            for index in 0..read {
                if buffer[index] != b'\r' {
                    buffer[kept] = buffer[index];
                    kept += 1;
                }
            }
            if kept > 0 {
                return Ok(kept);
            }
        }
    }
}

/// One row.
pub(super) struct Row<'a> {
    path: &'a Path,
    header: &'a csv::StringRecord,
    record: &'a csv::StringRecord,
    line: u64,
}

impl<'a> Row<'a> {
    /// The text of a cell, without spaces around it.
    pub(super) fn text(&self, column: ColumnIndex) -> &'a str {
        self.record.get(column.0).unwrap_or_default()
    }

    /// The same of a column that may not be there; empty then.
    pub(super) fn optional_text(&self, column: Option<ColumnIndex>) -> &'a str {
        column.map_or("", |column| self.text(column))
    }

    /// A finite number; `None` where the cell is empty.
    pub(super) fn number(&self, column: ColumnIndex) -> Result<Option<f64>, EvalError> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Some(value)),
            _ => Err(self.error(column, format!("{text:?} is not a number"))),
        }
    }

    /// A time in seconds; `None` where the cell is empty.
    pub(super) fn time(&self, column: ColumnIndex) -> Result<Option<Timestamp>, EvalError> {
        match self.number(column)? {
            Some(seconds) if seconds.abs() > MAX_TIME_S => {
                Err(self.error(column, format!("{seconds} s is not a time within a recording")))
            }
            seconds => Ok(seconds.map(Timestamp::from_secs_f64)),
        }
    }

    /// The same of a cell that must not be empty.
    pub(super) fn required_time(&self, column: ColumnIndex) -> Result<Timestamp, EvalError> {
        self.time(column)?.ok_or_else(|| self.error(column, "it is empty; a time in seconds belongs here"))
    }

    /// An error about a cell of this row.
    pub(super) fn error(&self, column: ColumnIndex, problem: impl Into<String>) -> EvalError {
        EvalError::Cell {
            path: self.path.to_owned(),
            line: self.line,
            column: self.header.get(column.0).unwrap_or_default().to_owned(),
            problem: problem.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> CsvFile<&[u8]> {
        CsvFile::new(Path::new("x.csv"), text.as_bytes()).unwrap()
    }

    #[test]
    fn columns_are_found_by_name_and_cells_trimmed() {
        let mut table = table("\u{feff}b , a\n 2.5, x\n,y\n");
        let (a, b) = (table.required("a").unwrap(), table.required("b").unwrap());
        assert!(table.optional("c").unwrap().is_none());
        let row = table.next_row().unwrap().unwrap();
        assert_eq!((row.text(a), row.number(b).unwrap()), ("x", Some(2.5)));
        let row = table.next_row().unwrap().unwrap();
        assert_eq!((row.text(a), row.number(b).unwrap()), ("y", None));
        assert!(table.next_row().unwrap().is_none());
    }

    #[test]
    fn errors_name_file_line_and_column() {
        let text = "a,b\n1,2\n\n3,four\n1e10,nan\n5";
        // The same lines as Windows ends them.
        for text in [text.to_owned(), text.replace('\n', "\r\n")] {
            let mut table = table(&text);
            assert_eq!(
                table.required("c").err().unwrap().to_string(),
                "x.csv, line 1: there is no column c; the header has a, b"
            );
            let (a, b) = (table.required("a").unwrap(), table.required("b").unwrap());
            let two = Timestamp::from_nanos(2_000_000_000);
            assert_eq!(table.next_row().unwrap().unwrap().time(b).unwrap(), Some(two));
            let row = table.next_row().unwrap().unwrap();
            assert_eq!(
                row.number(b).unwrap_err().to_string(),
                "x.csv, line 4, column b: \"four\" is not a number"
            );
            let row = table.next_row().unwrap().unwrap();
            assert!(row.number(b).unwrap_err().to_string().contains("line 5, column b"));
            assert!(row.time(a).unwrap_err().to_string().contains("not a time within a recording"));
            let short_row = table.next_row().err().unwrap().to_string();
            assert_eq!(
                short_row,
                "x.csv, line 6: 1 cells, but the header has 2 columns; is the file cut off?"
            );
        }
    }

    #[test]
    fn text_that_is_not_utf_8_is_refused_with_its_line() {
        let mut table = CsvFile::new(Path::new("x.csv"), &b"a\nfine\n\xff\n"[..]).unwrap();
        assert!(table.next_row().unwrap().is_some());
        let error = table.next_row().err().unwrap().to_string();
        assert!(
            error.starts_with("x.csv: ") && error.contains("line 3,") && error.contains("UTF-8"),
            "{error}"
        );
    }

    #[test]
    fn a_column_that_is_there_twice_is_refused() {
        let error = table("a,a\n").required("a").err().unwrap();
        assert_eq!(error.to_string(), "x.csv, line 1: there are two columns a; remove or rename one");
    }
}
