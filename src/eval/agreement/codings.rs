//! `codings/CODER.csv`, as agreement needs it.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::EvalError;
use super::super::csv_file::CsvFile;

/// What one coder said of one candidate.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Coded {
    /// `none` where the coder saw no event.
    pub label: String,
    /// First visible change, in seconds on the session's clock.
    pub onset_s: Option<f64>,
    /// Strongest moment.
    pub apex_s: Option<f64>,
    /// Return.
    pub offset_s: Option<f64>,
    /// As `4+7`.
    pub action_units: String,
    /// Free text.
    pub note: String,
}

/// Everything that one coder labelled.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Codings {
    /// Name of the coder.
    pub coder: String,
    /// By candidate.
    pub by_id: BTreeMap<String, Coded>,
}

/// Reads a coder's table. Rows without a label are work that is not finished: they are left out.
///
/// # Errors
/// [`EvalError`], naming file, line and column; a candidate that is there twice is one.
pub fn read_codings(path: &Path, coder: &str) -> Result<Codings, EvalError> {
    let mut table = CsvFile::open(path)?;
    let (id, label) = (table.required("id")?, table.required("label")?);
    let times = [table.optional("onset_s")?, table.optional("apex_s")?, table.optional("offset_s")?];
    let (units, note) = (table.optional("action_units")?, table.optional("note")?);
    let mut codings = Codings { coder: coder.to_owned(), by_id: BTreeMap::new() };
    while let Some(row) = table.next_row()? {
        let name = row.text(id);
        if name.is_empty() {
            return Err(row.error(id, "it is empty; the candidate's name belongs here"));
        }
        let mut at_s = [None; 3];
        for (at_s, column) in at_s.iter_mut().zip(times) {
            if let Some(column) = column {
                *at_s = row.time(column)?.map(crate::types::Timestamp::as_secs_f64);
            }
        }
        let [onset_s, apex_s, offset_s] = at_s;
        let coded = Coded {
            label: row.text(label).to_owned(),
            onset_s,
            apex_s,
            offset_s,
            action_units: row.optional_text(units).to_owned(),
            note: row.optional_text(note).to_owned(),
        };
        if coded.label.is_empty() {
            continue;
        }
        if codings.by_id.insert(name.to_owned(), coded).is_some() {
            return Err(
                row.error(id, format!("{name} is there twice; a coder has one row for each candidate"))
            );
        }
    }
    Ok(codings)
}
