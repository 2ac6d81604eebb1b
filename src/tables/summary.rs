//! `summary.json`: what was read, with what, and how much of it was seen. Holds nothing that varies from run to run;
//! that is `timing.json`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{FrameRow, Observed};
use crate::types::{Event, FrameStatus, Timestamp};

/// How an input came to its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// Every frame was read.
    #[default]
    EndOfInput,
    /// The user stopped it: the tables hold what came before.
    Interrupted,
    /// The source failed: the tables hold what came before, and a warning says what happened.
    SourceFailed,
}

/// A network and the hash of its file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ModelFacts {
    /// Its name in `models.toml`.
    pub name: String,
    /// SHA-256 of the model file, lower-case hex.
    pub sha256: String,
}

/// What the source said of itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SourceFacts {
    /// Width of the frames, in pixels.
    pub width: u32,
    /// Height of the frames, in pixels.
    pub height: u32,
    /// Frames a second that it claims; never used to compute time.
    pub nominal_fps: Option<f64>,
    /// What its timestamps are: see [`crate::types::TimestampSource::name`].
    pub timestamp_source: String,
}

/// A calibration profile and the hash of its file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ProfileFacts {
    /// Its name; `default` for the one that the program carries.
    pub name: String,
    /// SHA-256 of its file, lower-case hex.
    pub sha256: String,
}

/// What the caller knows of a run and the tables do not.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RunFacts {
    /// The input as it was given.
    pub input: String,
    /// SHA-256 of the input, lower-case hex (see [`super::input_sha256`]).
    pub input_sha256: String,
    /// How the input ended.
    pub ended: Ended,
    /// What the user should know: repaired timestamps, a truncated file.
    pub warnings: Vec<String>,
    /// What the source said of itself.
    pub source: SourceFacts,
    /// The networks.
    pub models: Vec<ModelFacts>,
    /// The calibration profile in force.
    pub profile: ProfileFacts,
    /// How events were spotted: `state_machine`, `matched`, `network`, or `auto` for a choice by what can be seen.
    pub spotter: String,
    /// Landmark measurements a second of media at most; 0 for every frame.
    pub landmark_hz: f64,
    /// The same while the face does not change.
    pub landmark_still_hz: f64,
}

/// Frames by what became of them. `rows = analysed + lost` and `analysed = ok + no_face + blurred + occluded`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FrameCounts {
    /// Rows of the frames table.
    pub rows: u64,
    /// Frames that were read and analysed.
    pub analysed: u64,
    /// Frames that were lost.
    pub lost: u64,
    /// The lost ones by reason; `unknown` where the source gave none.
    pub lost_by_reason: BTreeMap<&'static str, u64>,
    /// Frames with a face that could be measured.
    pub ok: u64,
    /// Frames without a face.
    pub no_face: u64,
    /// Frames with a blurred face.
    pub blurred: u64,
    /// Frames with a covered or averted face.
    pub occluded: u64,
    /// Rows with a landmark measurement of their own.
    pub landmarks: u64,
}

/// Time as the frames themselves tell it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct MeasuredRate {
    /// From the first analysed frame to the last, in s.
    pub duration_s: f64,
    /// Median time between consecutive frames, in ms; `None` with fewer than two.
    pub median_interval_ms: Option<f64>,
    /// Its inverse, in frames a second.
    pub fps: Option<f64>,
}

/// Content of `summary.json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Version of this program.
    pub onset_version: &'static str,
    /// What the caller knows.
    #[serde(flatten)]
    pub run: RunFacts,
    /// What became of the frames.
    pub frames: FrameCounts,
    /// The frame rate as measured.
    pub measured: MeasuredRate,
    /// Minutes in which something could be seen.
    pub observed: Observed,
    /// Number of events that are claimed, by kind and then by label (`unlabelled` where none is claimed).
    pub events: BTreeMap<&'static str, BTreeMap<String, u64>>,
    /// Number of candidates that are not claimed, by the reason.
    pub candidates: BTreeMap<&'static str, u64>,
    /// The tables beside this file.
    pub files: Vec<String>,
}

/// Content of `timing.json`: what the run cost. The only file that differs from one run to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Timing {
    /// Seconds from opening the input to its last row.
    pub wall_s: f64,
    /// Processor seconds; `None` where the system does not tell, or several inputs shared the process.
    pub cpu_s: Option<f64>,
}

/// Counts rows as they are written.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    counts: FrameCounts,
    first_at: Option<Timestamp>,
    previous: Option<(u64, Timestamp)>,
    /// How often each interval (in whole microseconds) occurred: exact, and small as real intervals repeat.
    intervals_us: BTreeMap<i64, u64>,
}

impl Tally {
    pub(super) fn count(&mut self, row: &FrameRow) {
        let counts = &mut self.counts;
        counts.rows += 1;
        if row.status == FrameStatus::Gap {
            counts.lost += 1;
            *counts.lost_by_reason.entry(row.gap_reason.map_or("unknown", |r| r.name())).or_default() += 1;
            return;
        }
        counts.analysed += 1;
        counts.landmarks += u64::from(row.measured.is_some());
        match row.status {
            FrameStatus::Ok => counts.ok += 1,
            FrameStatus::NoFace => counts.no_face += 1,
            FrameStatus::Blurred => counts.blurred += 1,
            FrameStatus::Occluded => counts.occluded += 1,
            FrameStatus::Gap => {}
        }
        let Some(at) = row.captured_at else { return };
        self.first_at.get_or_insert(at);
        if let Some((frame, before)) = self.previous
            && frame + 1 == row.frame
        {
            let interval_us = (at.millis_since(before) * 1e3).round() as i64;
            *self.intervals_us.entry(interval_us).or_default() += 1;
        }
        self.previous = Some((row.frame, at));
    }

    pub(super) fn counts(&self) -> &FrameCounts {
        &self.counts
    }

    pub(super) fn rate(&self) -> MeasuredRate {
        let duration_s = match (self.first_at, self.previous) {
            (Some(first), Some((_, last))) => last.seconds_since(first),
            _ => 0.0,
        };
        let middle = self.intervals_us.values().sum::<u64>().div_ceil(2);
        let mut seen = 0;
        let median_us = self.intervals_us.iter().find_map(|(interval_us, count)| {
            seen += count;
            (seen >= middle).then_some(*interval_us)
        });
        MeasuredRate {
            duration_s,
            median_interval_ms: median_us.map(|us| us as f64 / 1e3),
            fps: median_us.filter(|us| *us > 0).map(|us| (1e9 / us as f64).round() / 1e3),
        }
    }
}

pub(super) fn event_counts<'a>(
    events: impl IntoIterator<Item = &'a Event>,
) -> BTreeMap<&'static str, BTreeMap<String, u64>> {
    let mut counts: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for event in events {
        let label = if event.label.is_empty() { "unlabelled".to_owned() } else { event.label.clone() };
        *counts.entry(event.kind.name()).or_default().entry(label).or_default() += 1;
    }
    counts
}

pub(super) fn candidate_counts<'a>(
    events: impl IntoIterator<Item = &'a Event>,
) -> BTreeMap<&'static str, u64> {
    let mut counts = BTreeMap::new();
    for veto in events.into_iter().filter_map(|event| event.veto) {
        *counts.entry(veto.name()).or_default() += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_interval_skips_gaps() {
        let mut tally = Tally::default();
        for (frame, at_ms) in [(0, 0), (1, 33), (2, 67), (9, 300), (10, 333), (11, 433)] {
            let mut row = FrameRow::lost(frame, Some(Timestamp::from_nanos(at_ms * 1_000_000)), None);
            row.status = FrameStatus::NoFace;
            tally.count(&row);
        }
        // 33, 34, 33, 100: the lower middle.
        let rate = tally.rate();
        assert_eq!(rate.median_interval_ms, Some(33.0));
        assert_eq!(rate.fps, Some(30.303));
        assert!((rate.duration_s - 0.433).abs() < 1e-9);
        assert_eq!(Tally::default().rate(), MeasuredRate::default());
    }
}
