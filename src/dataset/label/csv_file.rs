//! `CODER.csv`: the present state of a coder's work, for other programs and for `onset dataset agreement`.

use std::path::Path;

use super::{Candidates, LabelError, Workbook};
use crate::session::write_whole;

/// Columns, in order.
const COLUMNS: [&str; 8] = ["id", "kind", "label", "onset_s", "apex_s", "offset_s", "action_units", "note"];

/// The table's text: one row for each candidate that something is said of, in the candidates' order. Without an event there are
/// no times, whatever marks were set before.
pub(super) fn text_of(candidates: &Candidates, workbook: &Workbook) -> Result<Vec<u8>, csv::Error> {
    let mut rows = csv::Writer::from_writer(Vec::new());
    rows.write_record(COLUMNS)?;
    for candidate in &candidates.all {
        let Some(coding) = workbook.codings().get(&candidate.id) else { continue };
        if *coding == super::Coding::default() {
            continue;
        }
        let time = |at: Option<f64>| match at {
            Some(t_s) if !coding.is_no_event() => format!("{t_s:.6}"),
            _ => String::new(),
        };
        rows.write_record([
            candidate.id.as_str(),
            &coding.kind,
            &coding.label,
            &time(coding.onset_s),
            &time(coding.apex_s),
            &time(coding.offset_s),
            &coding.action_units,
            &coding.note,
        ])?;
    }
    rows.into_inner().map_err(|error| error.into_error().into())
}

/// Writes the table whole: a reader finds the old one or the new one, never half of one.
pub(super) fn write(path: &Path, candidates: &Candidates, workbook: &Workbook) -> Result<(), LabelError> {
    let text = text_of(candidates, workbook).map_err(std::io::Error::other);
    text.and_then(|text| write_whole(path, &text)).map_err(LabelError::io("write", path))
}
