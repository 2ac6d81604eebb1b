//! Truth and predictions from CSV files.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use super::interval::{Interval, IntervalKind, Video};
use crate::eval::EvalError;
use crate::eval::csv_file::{ColumnIndex, CsvFile, Row};
use crate::eval::error::some_of;

/// Reads truth and predictions, by video.
///
/// Truth has columns `video, kind, onset, offset` and, where known, `subject` and `label`; predictions the same. Kinds are
/// `micro`, `macro`, and in the truth `none` for the one row of a video without expressions. Times are frames or seconds, the
/// same in both files. Videos of one name that belong to several people need `subject` in both files.
///
/// # Errors
/// Names the file, the line and the column of a value that cannot be used, or videos that only the predictions have.
pub fn read_videos(truth: &Path, predictions: &Path) -> Result<Vec<Video>, EvalError> {
    videos_from((truth, CsvFile::open(truth)?), (predictions, CsvFile::open(predictions)?))
}

/// One row of either table.
struct Line {
    video: String,
    subject: String,
    /// `None`: nothing happens in the video.
    interval: Option<Interval>,
}

pub(super) fn videos_from<R: Read>(
    (truth_path, truth): (&Path, CsvFile<R>),
    (path, predictions): (&Path, CsvFile<R>),
) -> Result<Vec<Video>, EvalError> {
    let mut videos: BTreeMap<(String, String), Video> = BTreeMap::new();
    let (lines, _) = lines_of(truth, true)?;
    for Line { video, subject, interval } in lines {
        let entry = videos.entry((video.clone(), subject.clone()));
        let one = entry.or_insert_with(|| Video { video, subject, ..Video::default() });
        one.truth.extend(interval);
    }
    if videos.is_empty() {
        return Err(EvalError::NoClips { path: truth_path.to_owned() });
    }
    let (lines, names_subjects) = lines_of(predictions, false)?;
    let mut unknown = Vec::new();
    for Line { video, subject, interval } in lines {
        let of_name =
            videos.range_mut((video.clone(), String::new())..).take_while(|((name, _), _)| *name == video);
        let mut found: Vec<&mut Video> = of_name
            .map(|(_, one)| one)
            .filter(|one| !names_subjects || one.subject.is_empty() || one.subject == subject)
            .collect();
        match found.as_mut_slice() {
            [] => unknown.push(video),
            [one] => one.predicted.extend(interval),
            _ => return Err(EvalError::WhichSubject { path: path.to_owned(), video }),
        }
    }
    if !unknown.is_empty() {
        unknown.sort_unstable();
        unknown.dedup();
        let videos = some_of(unknown.iter().map(String::as_str));
        return Err(EvalError::UnknownVideos { path: path.to_owned(), videos });
    }
    Ok(videos.into_values().collect())
}

/// The rows, and whether the table names people.
fn lines_of<R: Read>(mut file: CsvFile<R>, is_truth: bool) -> Result<(Vec<Line>, bool), EvalError> {
    let video = file.required("video")?;
    let kind = file.required("kind")?;
    let onset = file.required("onset")?;
    let offset = file.required("offset")?;
    let subject = file.optional("subject")?;
    let label = file.optional("label")?;
    let mut lines = Vec::new();
    while let Some(row) = file.next_row()? {
        if row.text(video).is_empty() {
            return Err(row.error(video, "it is empty; the name of a video belongs here"));
        }
        let interval = if is_truth && row.text(kind) == "none" {
            None
        } else {
            let named = row.text(kind).parse::<IntervalKind>();
            let kind = named.map_err(|()| {
                let none = if is_truth { ", or none for a video without expressions" } else { "" };
                row.error(kind, format!("{:?} is no kind: micro or macro{none}", row.text(kind)))
            })?;
            let (from, to) = (time(&row, onset)?, time(&row, offset)?);
            if to < from {
                return Err(row.error(offset, "it lies before the onset"));
            }
            Some(Interval { kind, onset: from, offset: to, label: row.optional_text(label).to_owned() })
        };
        lines.push(Line {
            video: row.text(video).to_owned(),
            subject: row.optional_text(subject).to_owned(),
            interval,
        });
    }
    Ok((lines, subject.is_some()))
}

fn time(row: &Row<'_>, column: ColumnIndex) -> Result<f64, EvalError> {
    row.number(column)?
        .ok_or_else(|| row.error(column, "it is empty; a frame number or a time in seconds belongs here"))
}
