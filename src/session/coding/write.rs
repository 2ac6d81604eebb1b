//! Codings to CSV.

use std::path::Path;

use super::{COLUMNS, Coding, CodingError, text_from_action_units};
use crate::session::write_whole;

/// The CSV form: UTF-8, comma-separated, header first, lines end with `\n`. Times have as many digits as they need to
/// be read back exactly. An `id` column follows where any coding has one.
pub fn csv_from_codings(codings: &[Coding]) -> String {
    let has_ids = codings.iter().any(|coding| !coding.id.is_empty());
    let mut text = COLUMNS.join(",") + if has_ids { ",id\n" } else { "\n" };
    for coding in codings {
        let mut cells = vec![
            coding.kind.name().to_owned(),
            coding.label.clone(),
            coding.onset_s.to_string(),
            coding.apex_s.map_or_else(String::new, |apex_s| apex_s.to_string()),
            coding.offset_s.to_string(),
            text_from_action_units(&coding.action_units),
            coding.note.clone(),
        ];
        if has_ids {
            cells.push(coding.id.clone());
        }
        let cells: Vec<String> = cells.iter().map(|cell| csv_cell(cell)).collect();
        text += &cells.join(",");
        text.push('\n');
    }
    text
}

/// A cell as RFC 4180 has it: quoted where it must be. Spaces at the ends are quoted too, as some programs trim them.
pub(in crate::session) fn csv_cell(text: &str) -> String {
    let is_plain = !text.contains([',', ';', '\t', '"', '\n', '\r']) && text.trim() == text;
    if is_plain { text.to_owned() } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

/// Writes them whole: a reader finds the old file or the new one, never half of one.
///
/// # Errors
/// [`CodingError::Io`], naming the file.
pub fn write_codings(path: &Path, codings: &[Coding]) -> Result<(), CodingError> {
    write_whole(path, csv_from_codings(codings).as_bytes()).map_err(CodingError::io("write", path))
}
