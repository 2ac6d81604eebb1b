//! Which rows are a participant's: by their own name, or by a session, sample, path or candidate of theirs.

use std::collections::HashSet;
use std::io;
use std::path::Path;

use super::Form;

/// What belongs to the participant in one dataset.
#[derive(Clone, Debug, Default)]
pub(super) struct Rule {
    pub(super) participant: String,
    pub(super) sessions: HashSet<String>,
    pub(super) samples: HashSet<String>,
    pub(super) paths: HashSet<String>,
    pub(super) candidates: HashSet<String>,
}

impl Rule {
    /// Whether a value under this name says that the row is theirs.
    fn is_theirs(&self, key: &str, value: &str) -> bool {
        !value.is_empty()
            && match key {
                "participant" => value == self.participant,
                "session" => self.is_their_session(value),
                "sample" => self.samples.contains(value),
                "path" | "path_colour" | "file" => self.paths.contains(value),
                "candidate" | "id" => self.candidates.contains(value) || self.is_their_session(value),
                _ => false,
            }
    }

    fn is_mentioned(&self, text: &str) -> bool {
        let names = [&self.candidates, &self.samples, &self.sessions];
        text.contains(&self.participant)
            || names.into_iter().flatten().any(|name| text.contains(name.as_str()))
    }

    /// A session that rows of theirs named, or one with a name as the recorder gives it: `P07-20261126T111500Z`.
    fn is_their_session(&self, id: &str) -> bool {
        let start = id.strip_prefix(&self.participant).and_then(|rest| rest.strip_prefix('-'));
        let is_start = |text: &str| {
            text.len() == 16
                && text.bytes().enumerate().all(|(at, byte)| match at {
                    8 => byte == b'T',
                    15 => byte == b'Z',
                    _ => byte.is_ascii_digit(),
                })
        };
        self.sessions.contains(id) || start.is_some_and(is_start)
    }

    /// The table without their rows, and how many those were.
    ///
    /// # Errors
    /// What is wrong with the table, in words.
    pub(super) fn without(&self, form: Form, text: &str) -> Result<(String, usize), String> {
        match form {
            Form::Csv => self.csv_without(text),
            Form::JsonLines => self.lines_without(text),
            Form::Toml => self.toml_without(text),
        }
    }

    fn csv_without(&self, text: &str) -> Result<(String, usize), String> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let broken = |error: csv::Error| format!("{error}; correct the table");
        let header = reader.headers().map_err(broken)?.clone();
        let mut count = 0;
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        writer.write_record(&header).map_err(broken)?;
        for record in reader.records() {
            let record = record.map_err(broken)?;
            if header.iter().zip(&record).any(|(key, value)| self.is_theirs(key, value)) {
                count += 1;
            } else {
                writer.write_record(&record).map_err(broken)?;
            }
        }
        let bytes = writer.into_inner().map_err(|error| error.to_string())?;
        Ok((String::from_utf8(bytes).map_err(|error| error.to_string())?, count))
    }

    fn lines_without(&self, text: &str) -> Result<(String, usize), String> {
        let mut kept = String::with_capacity(text.len());
        let mut count = 0;
        for (index, line) in text.split_inclusive('\n').enumerate() {
            if line.trim().is_empty() {
                kept.push_str(line);
                continue;
            }
            let is_theirs = match serde_json::from_str::<serde_json::Value>(line) {
                Ok(value) => value.as_object().is_some_and(|object| {
                    object
                        .iter()
                        .any(|(key, value)| value.as_str().is_some_and(|text| self.is_theirs(key, text)))
                }),
                // A journal whose writer was cut off: the rest of a line counts as theirs where it names anything of theirs.
                Err(_) if !line.ends_with('\n') => self.is_mentioned(line),
                Err(error) => {
                    return Err(format!("line {}: {error}; correct or remove the line", index + 1));
                }
            };
            if is_theirs {
                count += 1;
            } else {
                kept.push_str(line);
            }
        }
        Ok((kept, count))
    }

    fn toml_without(&self, text: &str) -> Result<(String, usize), String> {
        let mut table: toml::Table = toml::from_str(text)
            .map_err(|error| format!("{}; correct the file", error.to_string().trim_end()))?;
        let count = self.take_from_table(&mut table);
        Ok((toml::to_string_pretty(&table).map_err(|error| error.to_string())?, count))
    }

    /// Takes their entries out of every list below; returns how many.
    fn take_from_table(&self, table: &mut toml::Table) -> usize {
        let mut count = 0;
        // A table by session or participant: `[sessions.P07-20261126T111500Z]`.
        let before = table.len();
        table.retain(|key, value| {
            !(value.is_table() && (self.is_their_session(key) || *key == self.participant))
        });
        count += before - table.len();
        for (key, value) in table.iter_mut() {
            match value {
                toml::Value::Table(inner) => count += self.take_from_table(inner),
                toml::Value::Array(items) => {
                    let before = items.len();
                    items.retain(|item| !self.is_their_entry(key, item));
                    count += before - items.len();
                    for item in items.iter_mut().filter_map(toml::Value::as_table_mut) {
                        count += self.take_from_table(item);
                    }
                }
                _ => {}
            }
        }
        count
    }

    fn is_their_entry(&self, list: &str, item: &toml::Value) -> bool {
        match item {
            toml::Value::String(text) => {
                self.is_their_session(text) || (list == "participants" && *text == self.participant)
            }
            toml::Value::Table(table) => {
                table.iter().any(|(key, value)| value.as_str().is_some_and(|text| self.is_theirs(key, text)))
            }
            _ => false,
        }
    }
}

/// A text file for a table.
pub(super) fn text_of(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => "it is no UTF-8 text; look into it yourself".to_owned(),
        _ => format!("{error}; check its permissions"),
    })
}
