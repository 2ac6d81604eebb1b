//! The JSON lines that `onset live --headless` prints: one object a line, `type` first.

use std::io::{self, Write};

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::{Column, JsonRow, ModelFacts, ProfileFacts, event_columns};
use crate::types::{Event, FrameStatus, Gap, Timestamp};

/// A line other than an event. Times are seconds since the session's start; build them with [`micros`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LiveLine {
    /// The first line.
    Start {
        /// Version of this program.
        onset_version: &'static str,
        /// Camera name, file name or `demo`.
        source: String,
        /// True for the built-in demo, asked for or not: not a person before a camera.
        demo: bool,
        /// Width of the frames, in pixels.
        width: u32,
        /// Height of the frames, in pixels.
        height: u32,
        /// Frames a second that the source claims; null where it claims nothing.
        fps: Option<f64>,
        /// What the timestamps are: `driver`, `arrival`, `media` or `nominal`.
        timestamp_source: &'static str,
        /// Landmark measurements a second of media at most; 0 for every frame.
        landmark_hz: f64,
        /// The same while the face does not change.
        landmark_still_hz: f64,
        /// The networks.
        models: Vec<ModelFacts>,
        /// The calibration profile in force.
        profile: ProfileFacts,
        /// How events are spotted.
        spotter: String,
    },
    /// What can be seen has changed.
    Status {
        /// Capture time of the first frame of the new status.
        t_s: f64,
        /// As the column `status`.
        status: &'static str,
    },
    /// Frames were lost.
    Gap {
        /// When the first of them was captured, or should have been.
        t_s: f64,
        /// Its number.
        first_frame: u64,
        /// How many were lost.
        count: u64,
        /// As the column `gap_reason`.
        reason: &'static str,
    },
    /// Figures, at intervals.
    Stats {
        /// Seconds since the start.
        t_s: f64,
        /// Frames analysed a second, lately.
        fps: f32,
        /// Median time from a frame's arrival to its result, in ms.
        latency_p50_ms: f32,
        /// 95th percentile of the same.
        latency_p95_ms: f32,
        /// Frames lost since the start.
        lost: u64,
        /// Frames analysed since the start.
        frames: u64,
        /// As the column `not_observable`, in the newest frame.
        not_observable: String,
    },
    /// The last line.
    End {
        /// Seconds since the start.
        t_s: f64,
        /// Frames analysed.
        frames: u64,
        /// Frames lost.
        lost: u64,
        /// Frames analysed in which there was no face.
        no_face: u64,
        /// Events that were claimed and not withdrawn, each counted once.
        events: u64,
        /// Median time from a frame's arrival to its result, in ms.
        latency_p50_ms: f32,
        /// 95th percentile of the same.
        latency_p95_ms: f32,
        /// The overlay picture that was written; null where none was.
        screenshot: Option<String>,
        /// Why the session ended early; null where it did not.
        error: Option<String>,
    },
}

impl LiveLine {
    /// The line for lost frames.
    pub fn gap(gap: &Gap) -> Self {
        Self::Gap {
            t_s: micros(gap.at),
            first_frame: gap.first_seq,
            count: gap.count,
            reason: gap.reason.name(),
        }
    }

    /// The line for a change of status.
    pub fn status(at: Timestamp, status: FrameStatus) -> Self {
        Self::Status { t_s: micros(at), status: status.name() }
    }
}

/// Seconds, rounded to microseconds.
pub fn micros(at: Timestamp) -> f64 {
    (at.as_secs_f64() * 1e6).round() / 1e6
}

/// Prints the lines, each whole and at once.
#[derive(Debug)]
pub struct LiveLines<W> {
    writer: W,
    columns: Vec<Column<Event>>,
}

impl<W: Write> LiveLines<W> {
    /// Prints to `writer`.
    pub fn new(writer: W) -> Self {
        Self { writer, columns: event_columns() }
    }

    /// Prints a line.
    ///
    /// # Errors
    /// What the writer says (a closed pipe: the reader has had enough).
    pub fn print(&mut self, line: &LiveLine) -> io::Result<()> {
        self.print_json(line)
    }

    /// Prints an event as it stands; the same `event` number again replaces the earlier line. One that is withdrawn is
    /// printed once more, with its `veto`.
    ///
    /// # Errors
    /// What the writer says.
    pub fn print_event(&mut self, event: &Event) -> io::Result<()> {
        let bytes = serde_json::to_vec(&EventLine(JsonRow { columns: &self.columns, row: event }))?;
        self.print_bytes(bytes)
    }

    fn print_json(&mut self, line: &impl Serialize) -> io::Result<()> {
        let bytes = serde_json::to_vec(line)?;
        self.print_bytes(bytes)
    }

    fn print_bytes(&mut self, mut bytes: Vec<u8>) -> io::Result<()> {
        bytes.push(b'\n');
        self.writer.write_all(&bytes)?;
        self.writer.flush()
    }
}

struct EventLine<'a>(JsonRow<'a, Event>);

impl Serialize for EventLine<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.columns.len() + 1))?;
        map.serialize_entry("type", "event")?;
        self.0.add_to(&mut map)?;
        map.end()
    }
}
