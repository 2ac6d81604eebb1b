//! Reads a manifest, whatever the order of its columns; errors name file, line and column, and say what would be right.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::manifest_columns;
use super::parse::{self, Problem};
use super::row::Sample;

/// Why a manifest cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// The system refused.
    #[error("cannot read {}: {source}; check the path", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A line cannot be used.
    #[error("{}, line {line}: {problem}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Line, from 1; the header is the first.
        line: u64,
        /// What is wrong and what would be right.
        problem: String,
    },
    /// A cell cannot be used.
    #[error("{}, line {line}, column {column}: {problem}", path.display())]
    Cell {
        /// The file.
        path: PathBuf,
        /// Line, from 1, on which the row begins.
        line: u64,
        /// The column.
        column: &'static str,
        /// What is wrong and what would be right.
        problem: String,
    },
}

/// Reads a manifest file.
///
/// # Errors
/// [`ManifestError`], naming file, line and column.
pub fn read_manifest(path: &Path) -> Result<Vec<Sample>, ManifestError> {
    let bytes = fs::read(path).map_err(|source| ManifestError::Io { path: path.to_owned(), source })?;
    parse_manifest(path, &bytes)
}

/// Reads the bytes of a manifest; `path` is for messages. Columns that it does not know are passed over.
///
/// # Errors
/// As [`read_manifest`].
pub fn parse_manifest(path: &Path, bytes: &[u8]) -> Result<Vec<Sample>, ManifestError> {
    let at_line = |line: u64, problem: String| ManifestError::Line { path: path.to_owned(), line, problem };
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + line_ends(bytes.get(..error.valid_up_to()).unwrap_or_default());
        at_line(line, "this is not UTF-8 text; save the file again as CSV in UTF-8".to_owned())
    })?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut lines = Lines { text, seen: 0, line: 1 };
    let mut next = |record: &mut csv::StringRecord| -> Result<Option<u64>, ManifestError> {
        match reader.read_record(record) {
            Ok(false) => Ok(None),
            Ok(true) => Ok(Some(lines.of(record.position().map_or(0, csv::Position::byte)))),
            Err(error) => Err(at_line(lines.line, format!("{error}; save the file again as CSV"))),
        }
    };
    let Some(header_line) = next(&mut record)? else {
        return Err(at_line(
            1,
            "the file is empty; a manifest begins with a line of column names".to_owned(),
        ));
    };
    let header = Header::of(&record).map_err(|problem| at_line(header_line, problem))?;
    let mut samples = Vec::new();
    let mut lines_of_samples: HashMap<String, u64> = HashMap::new();
    while let Some(line) = next(&mut record)? {
        if record.len() != header.count {
            let (cells, count) = (record.len(), header.count);
            return Err(at_line(
                line,
                format!("{cells} cells, but the header has {count} columns; is the file cut off?"),
            ));
        }
        let row = Row { path, line, header: &header, record: &record };
        let sample = row.sample()?;
        if let Some(first) = lines_of_samples.insert(sample.sample.clone(), line) {
            let problem = format!("{:?} is on line {first} too; each sample has one row", sample.sample);
            return Err(row.error("sample", problem));
        }
        samples.push(sample);
    }
    Ok(samples)
}

fn line_ends(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// Tells on which line a row begins.
struct Lines<'a> {
    text: &'a str,
    seen: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of a record that the reader found from byte `from` on: it counts the empty lines before it too.
    fn of(&mut self, from: u64) -> u64 {
        let from = usize::try_from(from).unwrap_or(usize::MAX).min(self.text.len());
        let bytes = self.text.as_bytes();
        let empty = bytes[from..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let start = (from + empty).max(self.seen);
        self.line += line_ends(&bytes[self.seen..start]);
        self.seen = start;
        self.line
    }
}

/// Where each column is.
struct Header {
    places: HashMap<String, usize>,
    count: usize,
}

impl Header {
    fn of(record: &csv::StringRecord) -> Result<Self, Problem> {
        let mut places = HashMap::new();
        for (place, name) in record.iter().enumerate() {
            let name = name.trim();
            if places.insert(name.to_owned(), place).is_some() {
                return Err(format!("there are two columns {name}; remove or rename one"));
            }
        }
        let missing: Vec<String> = manifest_columns()
            .into_iter()
            .map(|column| column.name)
            .filter(|name| !places.contains_key(name))
            .collect();
        if missing.is_empty() {
            return Ok(Self { places, count: record.len() });
        }
        let what = if missing.len() == 1 { "column" } else { "columns" };
        Err(format!("there is no {what} {}; is this the manifest of a dataset?", missing.join(", ")))
    }
}

struct Row<'a> {
    path: &'a Path,
    line: u64,
    header: &'a Header,
    record: &'a csv::StringRecord,
}

impl<'a> Row<'a> {
    fn text(&self, column: &str) -> &'a str {
        self.header.places.get(column).and_then(|place| self.record.get(*place)).unwrap_or_default()
    }

    fn owned(&self, column: &str) -> String {
        self.text(column).to_owned()
    }

    fn get<T>(
        &self,
        column: &'static str,
        parse: fn(&str) -> Result<T, Problem>,
    ) -> Result<T, ManifestError> {
        parse(self.text(column)).map_err(|problem| self.error(column, problem))
    }

    fn error(&self, column: &'static str, problem: Problem) -> ManifestError {
        ManifestError::Cell { path: self.path.to_owned(), line: self.line, column, problem }
    }

    fn sample(&self) -> Result<Sample, ManifestError> {
        Ok(Sample {
            sample: self.get("sample", parse::filled)?,
            path: self.get("path", parse::inner_path)?,
            path_colour: self.get("path_colour", parse::inner_path)?,
            participant: self.get("participant", parse::filled)?,
            gender: self.owned("gender"),
            session: self.get("session", parse::filled)?,
            stimulus: self.get("stimulus", parse::filled)?,
            step: self.owned("step"),
            time_s: self.get("time_s", parse::required_time)?,
            role: self.get("role", parse::role)?,
            kind: self.get("kind", parse::kind)?,
            label: self.owned("label"),
            label_source: self.get("label_source", parse::label_source)?,
            coder: self.owned("coder"),
            event: self.owned("event"),
            onset_s: self.get("onset_s", parse::time)?,
            apex_s: self.get("apex_s", parse::time)?,
            offset_s: self.get("offset_s", parse::time)?,
            action_units: self.owned("action_units"),
            source_sha256: self.get("source_sha256", parse::filled)?,
        })
    }
}
