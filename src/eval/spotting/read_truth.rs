//! `truth.csv`: what is known to be in the clips.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use super::data::{Clip, Sides, TruthEvent};
use crate::eval::EvalError;
use crate::eval::csv_file::{ColumnIndex, CsvFile, Row};
use crate::types::Side;

/// Kind of the one row of a clip without events.
const NONE: &str = "none";

/// Reads a table of truth: one clip for each name, in order of appearance, without predictions.
///
/// Columns `clip, kind, onset_s, apex_s, offset_s` are needed; `fps, aus, emotion, amplitude_icd, sides, base_kind, person,
/// condition, distractor` are used where they are there; others are ignored. Any order.
///
/// # Errors
/// Names the file, the line and the column of a value that cannot be used.
pub fn read_truth(path: &Path) -> Result<Vec<Clip>, EvalError> {
    clips_from(path, CsvFile::open(path)?)
}

struct Columns {
    clip: ColumnIndex,
    kind: ColumnIndex,
    onset: ColumnIndex,
    apex: ColumnIndex,
    offset: ColumnIndex,
    aus: Option<ColumnIndex>,
    emotion: Option<ColumnIndex>,
    amplitude: Option<ColumnIndex>,
    sides: Option<ColumnIndex>,
    fps: Option<ColumnIndex>,
    facts: [Option<ColumnIndex>; 3],
    distractor: Option<ColumnIndex>,
}

pub(super) fn clips_from<R: Read>(path: &Path, mut file: CsvFile<R>) -> Result<Vec<Clip>, EvalError> {
    let columns = Columns {
        clip: file.required("clip")?,
        kind: file.required("kind")?,
        onset: file.required("onset_s")?,
        apex: file.required("apex_s")?,
        offset: file.required("offset_s")?,
        aus: file.optional("aus")?,
        emotion: file.optional("emotion")?,
        amplitude: file.optional("amplitude_icd")?,
        sides: file.optional("sides")?,
        fps: file.optional("fps")?,
        facts: [file.optional("base_kind")?, file.optional("person")?, file.optional("condition")?],
        distractor: file.optional("distractor")?,
    };
    let mut clips: Vec<Clip> = Vec::new();
    let mut index_of: BTreeMap<String, usize> = BTreeMap::new();
    while let Some(row) = file.next_row()? {
        let name = row.text(columns.clip);
        if name.is_empty() {
            return Err(
                row.error(columns.clip, "it is empty; the clip's file name without its ending belongs here")
            );
        }
        let index = *index_of.entry(name.to_owned()).or_insert_with(|| {
            clips.push(Clip { name: name.to_owned(), ..Clip::default() });
            clips.len() - 1
        });
        let Some(clip) = clips.get_mut(index) else { continue };
        read_facts(&row, &columns, clip)?;
        match row.text(columns.kind) {
            NONE => {}
            "" => {
                return Err(
                    row.error(columns.kind, "it is empty; `micro`, another kind or `none` belongs here")
                );
            }
            kind => clip.truth.push(event_from(&row, &columns, kind)?),
        }
    }
    for clip in &mut clips {
        clip.distractors.sort();
        clip.distractors.dedup();
    }
    if clips.is_empty() {
        return Err(EvalError::NoClips { path: path.to_owned() });
    }
    Ok(clips)
}

/// What is said of the clip must be the same in all of its rows; an empty cell says nothing.
fn read_facts(row: &Row, columns: &Columns, clip: &mut Clip) -> Result<(), EvalError> {
    if let Some(column) = columns.fps
        && let Some(fps) = row.number(column)?
    {
        if fps <= 0.0 {
            return Err(row.error(column, format!("{fps} frames a second are not possible")));
        }
        if clip.fps > 0.0 && clip.fps != fps {
            return Err(
                row.error(column, format!("{fps}, but {} in an earlier row of clip {}", clip.fps, clip.name))
            );
        }
        clip.fps = fps;
    }
    let known = [&mut clip.base_kind, &mut clip.person, &mut clip.condition];
    for (column, known) in columns.facts.iter().zip(known) {
        let Some(column) = *column else { continue };
        let text = row.text(column);
        if !text.is_empty() && !known.is_empty() && text != known {
            return Err(
                row.error(column, format!("{text}, but {known} in an earlier row of clip {}", clip.name))
            );
        }
        if !text.is_empty() {
            text.clone_into(known);
        }
    }
    let distractors = row.optional_text(columns.distractor).split('+').map(str::trim);
    clip.distractors.extend(distractors.filter(|name| !name.is_empty() && *name != NONE).map(str::to_owned));
    Ok(())
}

fn event_from(row: &Row, columns: &Columns, kind: &str) -> Result<TruthEvent, EvalError> {
    let onset = row.required_time(columns.onset)?;
    let offset = row.required_time(columns.offset)?;
    let apex = row.time(columns.apex)?;
    let mut event = TruthEvent { kind: kind.to_owned(), onset, offset, ..TruthEvent::default() };
    if offset < onset {
        return Err(row.error(columns.offset, "it lies before the onset"));
    }
    if event.is_micro() && offset == onset {
        return Err(row.error(columns.offset, "it is the onset: a micro-expression has a length"));
    }
    event.apex = match apex {
        Some(apex) if apex < onset || apex > offset => {
            return Err(row.error(columns.apex, "it lies outside onset and offset"));
        }
        Some(apex) => apex,
        None if event.is_micro() => {
            return Err(row.error(columns.apex, "it is empty; a micro-expression has a strongest moment"));
        }
        None => onset,
    };
    event.action_units = action_units(row, columns.aus)?;
    event.sides = sides(row, columns.sides)?;
    row.optional_text(columns.emotion).clone_into(&mut event.emotion);
    if let Some(column) = columns.amplitude {
        event.amplitude_icd = row.number(column)?;
        if event.amplitude_icd.is_some_and(|icd| icd < 0.0) {
            return Err(row.error(column, "an amplitude is not negative"));
        }
    }
    Ok(event)
}

fn action_units(row: &Row, column: Option<ColumnIndex>) -> Result<Vec<u8>, EvalError> {
    let Some(column) = column else { return Ok(Vec::new()) };
    let parts = row.text(column).split('+').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            part.parse().map_err(|_| {
                row.error(
                    column,
                    format!("{part:?} is not the number of an action unit; join them as in 1+4+15"),
                )
            })
        })
        .collect()
}

/// `left`, `right` or `both`, or one of them for each action unit, joined by `+`.
fn sides(row: &Row, column: Option<ColumnIndex>) -> Result<Sides, EvalError> {
    let Some(column) = column else { return Ok(Sides::Unknown) };
    let (mut is_left, mut is_right) = (false, false);
    for part in row.text(column).split('+').map(str::trim).filter(|part| !part.is_empty()) {
        match part {
            "left" => is_left = true,
            "right" => is_right = true,
            "both" => (is_left, is_right) = (true, true),
            _ => return Err(row.error(column, format!("{part:?} is not a side: use left, right or both"))),
        }
    }
    Ok(match (is_left, is_right) {
        (true, true) => Sides::Both,
        (true, false) => Sides::One(Side::Left),
        (false, true) => Sides::One(Side::Right),
        (false, false) => Sides::Unknown,
    })
}
