//! `frames.csv`: how long a clip is, what could be seen when, and the traces to draw.

use std::io::Read;
use std::path::Path;

use super::observed::{Observed, RegionMask, SeenFrame};
use super::read_events::region_named;
use crate::eval::EvalError;
use crate::eval::csv_file::{ColumnIndex, CsvFile, Row};
use crate::types::{FrameStatus, RegionId, Timestamp};

/// Motion of some regions, as the frames table has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Traces {
    /// Capture times, in s.
    pub at_s: Vec<f64>,
    /// The regions.
    pub regions: Vec<RegionId>,
    /// For each region, its displacement `[x, y]` at each time, in ICD units; NaN where it was not measured.
    pub displacement_icd: Vec<Vec<[f32; 2]>>,
}

/// What is used of a frames table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frames {
    /// From the first frame to the end of the last, in s; `None` with fewer than two.
    pub duration_s: Option<f64>,
    /// What could be seen; `None` where the table has no column `not_observable`.
    pub observed: Option<Observed>,
    /// The traces of the regions asked for, as far as the table has them.
    pub traces: Traces,
}

/// Reads a frames table as `onset analyze` writes it.
///
/// Columns `timestamp_s, status` are needed. `not_observable` and `min_<region>_<side>` say what could be seen, and
/// `mx_<region>_<side>`, `my_<region>_<side>` of the regions `traced` are the traces; each is used where it is there.
///
/// A frame stands for the time until the next one. Lost frames are not observed; where a lost frame has no time, the one
/// before it stands for a median interval at most, and what follows was not observed.
///
/// # Errors
/// Names the file, the line and the column of a value that cannot be used.
pub fn read_frames(path: &Path, traced: &[RegionId]) -> Result<Frames, EvalError> {
    frames_from(CsvFile::open(path)?, traced)
}

struct RawFrame {
    at: Timestamp,
    regions: RegionMask,
    /// Frames without a time follow.
    is_before_loss: bool,
}

pub(super) fn frames_from<R: Read>(mut file: CsvFile<R>, traced: &[RegionId]) -> Result<Frames, EvalError> {
    let timestamp = file.required("timestamp_s")?;
    let status = file.required("status")?;
    let not_observable = file.optional("not_observable")?;
    let mut smallest: Vec<(ColumnIndex, Vec<f32>)> = Vec::new();
    for id in RegionId::all() {
        if let Some(column) = file.optional(&format!("min_{}", id.name()))? {
            smallest.push((column, Vec::new()));
        }
    }
    let has_smallest = smallest.len() == RegionId::all().count();
    let mut traces = Traces::default();
    let mut trace_columns = Vec::new();
    for id in traced {
        let (x, y) = (format!("mx_{}", id.name()), format!("my_{}", id.name()));
        if let (Some(x), Some(y)) = (file.optional(&x)?, file.optional(&y)?) {
            traces.regions.push(*id);
            traces.displacement_icd.push(Vec::new());
            trace_columns.push((x, y));
        }
    }

    let mut frames: Vec<RawFrame> = Vec::new();
    while let Some(row) = file.next_row()? {
        let Some(at) = row.time(timestamp)? else {
            if let Some(before) = frames.last_mut() {
                before.is_before_loss = true;
            }
            continue;
        };
        if frames.last().is_some_and(|before| at < before.at) {
            return Err(row.error(timestamp, "time goes back; write the table again with `onset analyze`"));
        }
        let is_ok = row.text(status) == FrameStatus::Ok.name();
        let regions = match not_observable {
            Some(column) if is_ok => observable(&row, column)?,
            _ => RegionMask::default(),
        };
        frames.push(RawFrame { at, regions, is_before_loss: false });
        if is_ok {
            for (column, values) in &mut smallest {
                values.push(row.number(*column)?.map_or(f32::INFINITY, |icd| icd as f32));
            }
        }
        traces.at_s.push(at.as_secs_f64());
        for ((x, y), trace) in trace_columns.iter().zip(&mut traces.displacement_icd) {
            let value = |column: ColumnIndex| Ok(row.number(column)?.map_or(f32::NAN, |icd| icd as f32));
            trace.push([value(*x)?, value(*y)?]);
        }
    }

    let median_ns = median_interval_ns(&frames);
    let duration_ns = match (frames.first(), frames.last(), median_ns) {
        (Some(first), Some(last), Some(median_ns)) => last.at.as_nanos() - first.at.as_nanos() + median_ns,
        _ => 0,
    };
    let observed = not_observable.is_some().then(|| Observed {
        frames: seen_frames(&frames, median_ns.unwrap_or(0)),
        smallest_icd: match has_smallest {
            true => smallest.into_iter().map(|(_, values)| values).collect(),
            false => Vec::new(),
        },
    });
    Ok(Frames { duration_s: (duration_ns > 0).then_some(duration_ns as f64 / 1e9), observed, traces })
}

fn observable(row: &Row, column: ColumnIndex) -> Result<RegionMask, EvalError> {
    let mut regions = RegionMask::ALL;
    for name in row.text(column).split('+').filter(|name| !name.is_empty()) {
        let id = region_named(name).ok_or_else(|| {
            row.error(column, format!("{name:?} is not a region and side, such as mouth_corner_left"))
        })?;
        regions.remove(id);
    }
    Ok(regions)
}

/// `None` with fewer than two frames.
fn median_interval_ns(frames: &[RawFrame]) -> Option<i64> {
    let pairs = frames.windows(2).filter_map(|pair| match pair {
        [a, b] if !a.is_before_loss => Some(b.at.as_nanos() - a.at.as_nanos()),
        _ => None,
    });
    let mut intervals_ns: Vec<i64> = pairs.collect();
    intervals_ns.sort_unstable();
    intervals_ns.get(intervals_ns.len() / 2).copied()
}

fn seen_frames(frames: &[RawFrame], median_ns: i64) -> Vec<SeenFrame> {
    let mut seen = Vec::with_capacity(frames.len());
    for (index, frame) in frames.iter().enumerate() {
        let usual = Timestamp::from_nanos(frame.at.as_nanos() + median_ns);
        let until = match frames.get(index + 1).map(|next| next.at) {
            Some(next) if !frame.is_before_loss => next,
            Some(next) => next.min(usual),
            None => usual,
        };
        seen.push(SeenFrame { at: frame.at, until, regions: frame.regions });
    }
    seen
}
