//! `events.csv`: what was predicted for one clip.

use std::io::Read;
use std::path::Path;

use super::data::PredictedEvent;
use crate::eval::EvalError;
use crate::eval::csv_file::{ColumnIndex, CsvFile};
use crate::types::RegionId;

/// Reads a table of events as `onset analyze` writes it.
///
/// Columns `kind, onset_s, offset_s, score` are needed; `event, label, apex_s, regions, flagged_at_s, confirmed_at_s, veto`
/// are used where they are there; others are ignored. Any order.
///
/// # Errors
/// Names the file, the line and the column of a value that cannot be used.
pub fn read_events(path: &Path) -> Result<Vec<PredictedEvent>, EvalError> {
    events_from(CsvFile::open(path)?)
}

pub(super) fn events_from<R: Read>(mut file: CsvFile<R>) -> Result<Vec<PredictedEvent>, EvalError> {
    let kind = file.required("kind")?;
    let onset = file.required("onset_s")?;
    let offset = file.required("offset_s")?;
    let score = file.required("score")?;
    let id = file.optional("event")?;
    let label = file.optional("label")?;
    let apex = file.optional("apex_s")?;
    let regions = file.optional("regions")?;
    let flagged_at = file.optional("flagged_at_s")?;
    let confirmed_at = file.optional("confirmed_at_s")?;
    let veto = file.optional("veto")?;
    let mut events = Vec::new();
    while let Some(row) = file.next_row()? {
        let time = |column: Option<ColumnIndex>| column.map_or(Ok(None), |column| row.time(column));
        let onset_at = row.required_time(onset)?;
        let offset_at = row.time(offset)?;
        if offset_at.is_some_and(|offset_at| offset_at < onset_at) {
            return Err(row.error(offset, "it lies before the onset"));
        }
        let id = match id.map(|id| (id, row.text(id))) {
            None => events.len() as u64,
            Some((id, text)) => {
                text.parse().map_err(|_| row.error(id, format!("{text:?} is not the number of an event")))?
            }
        };
        let confirmed = time(confirmed_at)?;
        events.push(PredictedEvent {
            id,
            kind: row.text(kind).to_owned(),
            label: row.optional_text(label).to_owned(),
            score: row
                .number(score)?
                .ok_or_else(|| row.error(score, "it is empty; a number belongs here"))?,
            onset: onset_at,
            apex: time(apex)?.unwrap_or(onset_at),
            offset: offset_at,
            flagged_at: time(flagged_at)?,
            confirmed_at: confirmed,
            is_confirmed: offset_at.is_some() && (confirmed_at.is_none() || confirmed.is_some()),
            veto: row.optional_text(veto).to_owned(),
            // Only drawn: a name from a later version does no harm.
            regions: row.optional_text(regions).split('+').filter_map(region_named).collect(),
        });
    }
    Ok(events)
}

/// The region of a column name: `mouth_corner_left`.
pub(super) fn region_named(name: &str) -> Option<RegionId> {
    RegionId::all().find(|id| id.name() == name.trim())
}
