//! The journal of one coder: one JSON line a keystroke, only ever appended to.
//!
//! The journal is the work; everything else (what the page shows, `CODER.csv`) is made from it. A line that was not written to
//! its end (a power cut) is the last one and has no line break: it is left out and told. Any other line that cannot be
//! read is damage, and refused.

use serde::{Deserialize, Serialize};

use super::Patch;

/// Version of the journal's form. Readers refuse a newer one.
pub(super) const VERSION: u32 = 1;

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// The open page that it came from; empty for lines of the server itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub client: String,
    /// Number within that page, rising: what is sent twice is done once.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub n: u64,
    /// What was done.
    #[serde(flatten)]
    pub op: Op,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Op {
    /// The page was started.
    Open {
        /// Version of this form.
        version: u32,
        /// Name of the coder.
        coder: String,
        /// Version of the program.
        onset: String,
        /// True where the spotter's proposals were hidden.
        blind: bool,
    },
    /// Fields of a candidate's coding were changed.
    Set {
        /// The candidate.
        id: String,
        /// The new values.
        set: Patch,
    },
    /// The last change was taken back.
    Undo,
    /// The last change that was taken back was made again.
    Redo,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// What a journal holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Read {
    /// Its lines.
    pub entries: Vec<Entry>,
    /// Bytes up to the end of the last whole line.
    pub whole_bytes: usize,
    /// Bytes of a last line that was not written to its end.
    pub torn_bytes: usize,
    /// True where the last line is whole but for its line break.
    pub lacks_line_break: bool,
}

/// Reads a journal's bytes, whatever they are.
///
/// # Errors
/// The line, from 1, and what is wrong with it.
pub fn read(bytes: &[u8]) -> Result<Read, (usize, String)> {
    let mut found = Read::default();
    let mut number = 0;
    let mut rest = bytes;
    while !rest.is_empty() {
        number += 1;
        let end = rest.iter().position(|byte| *byte == b'\n');
        let line = &rest[..end.unwrap_or(rest.len())];
        let taken = end.map_or(rest.len(), |end| end + 1);
        match parse(line) {
            Ok(entry) => found.entries.extend(entry),
            Err(_) if end.is_none() => {
                found.torn_bytes = line.len();
                return Ok(found);
            }
            Err(why) => return Err((number, why)),
        }
        found.whole_bytes += taken;
        found.lacks_line_break = end.is_none();
        rest = &rest[taken..];
    }
    Ok(found)
}

/// One line; `None` for an empty one.
fn parse(line: &[u8]) -> Result<Option<Entry>, String> {
    if line.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    let entry: Entry =
        serde_json::from_slice(line).map_err(|error| format!("this is no line of a journal ({error})"))?;
    match entry.op {
        Op::Open { version, .. } if version > VERSION => {
            Err(format!("it has form {version}, and this program knows up to {VERSION}; use a newer onset"))
        }
        _ => Ok(Some(entry)),
    }
}

/// The line of an entry, with its line break.
///
/// # Errors
/// The writer's message; none is known.
pub(super) fn line_of(entry: &Entry) -> Result<String, String> {
    serde_json::to_string(entry).map(|line| line + "\n").map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(n: u64, op: Op) -> Entry {
        Entry { at_ms: 1_700_000_000_000, client: "k".to_owned(), n, op }
    }

    fn lines() -> String {
        let set = serde_json::from_str(r#"{"label":"anger","onset_s":null,"note":"ä\"\n"}"#).unwrap();
        [entry(1, Op::Set { id: "c1".to_owned(), set }), entry(2, Op::Undo), entry(3, Op::Redo)]
            .iter()
            .map(|entry| line_of(entry).unwrap())
            .collect()
    }

    #[test]
    fn what_is_written_is_read() {
        let text = lines();
        assert_eq!(text.lines().count(), 3, "a note never breaks a line");
        let found = read(text.as_bytes()).unwrap();
        assert_eq!((found.entries.len(), found.whole_bytes, found.torn_bytes), (3, text.len(), 0));
        let again: String = found.entries.iter().map(|entry| line_of(entry).unwrap()).collect();
        assert_eq!(again, text);
    }

    #[test]
    fn a_journal_cut_anywhere_loses_only_the_line_that_was_cut() {
        let text = lines();
        for cut in 0..text.len() {
            let found = read(&text.as_bytes()[..cut]).unwrap();
            let whole = text.as_bytes()[..cut].iter().filter(|byte| **byte == b'\n').count();
            // A line that lacks nothing but its line break is whole, too.
            let expected = whole + usize::from(text.as_bytes()[cut] == b'\n' && found.lacks_line_break);
            assert_eq!(found.entries.len(), expected, "cut at {cut}");
            assert_eq!(found.whole_bytes + found.torn_bytes, cut);
        }
    }

    #[test]
    fn damage_within_is_refused_with_its_line() {
        let text = lines();
        let second = text.find('\n').unwrap() + 1;
        let damaged = format!("{}{}{}", &text[..second], "\0\0\0\n", &text[second..]);
        let (line, why) = read(damaged.as_bytes()).unwrap_err();
        assert_eq!(line, 2);
        assert!(why.contains("no line of a journal"), "{why}");
        let newer = r#"{"at_ms":1,"op":"open","version":2,"coder":"a","onset":"9","blind":false}"#;
        assert!(read(format!("{newer}\n").as_bytes()).unwrap_err().1.contains("newer onset"));
    }
}
