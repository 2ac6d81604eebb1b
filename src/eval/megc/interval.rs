//! Intervals of a video, and how much two of them overlap.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// What an interval holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IntervalKind {
    /// A micro-expression.
    Micro,
    /// A longer expression.
    Macro,
}

impl IntervalKind {
    /// All kinds, in the order of reports.
    pub const ALL: [Self; 2] = [Self::Micro, Self::Macro];
}

impl fmt::Display for IntervalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Micro => "micro",
            Self::Macro => "macro",
        })
    }
}

impl FromStr for IntervalKind {
    type Err = ();

    /// `micro`, `macro`, and the words of the corpora's tables: `micro-expression`, `macro-expression`; in any case.
    fn from_str(text: &str) -> Result<Self, ()> {
        match text.to_lowercase().as_str() {
            "micro" | "micro-expression" => Ok(Self::Micro),
            "macro" | "macro-expression" => Ok(Self::Macro),
            _ => Err(()),
        }
    }
}

/// What onset and offset count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeUnit {
    /// Frames: both ends are inside the interval, as the challenge counts.
    Frames,
    /// Seconds, or any other measure of time.
    Seconds,
}

/// One expression in a video, true or predicted.
#[derive(Clone, Debug, PartialEq)]
pub struct Interval {
    /// What it holds.
    pub kind: IntervalKind,
    /// Its begin, in frames or seconds.
    pub onset: f64,
    /// Its end, in the same unit, not before the onset.
    pub offset: f64,
    /// Its emotion or class; empty where none is given.
    pub label: String,
}

impl Interval {
    /// Intersection over union with another one, `[0, 1]`; 0 where they don't meet.
    ///
    /// In frames, `a..=b` has `b - a + 1` of them, as the challenge's own script counts; in seconds it is `b - a` long.
    pub fn iou(&self, other: &Self, unit: TimeUnit) -> f64 {
        let more = match unit {
            TimeUnit::Frames => 1.0,
            TimeUnit::Seconds => 0.0,
        };
        let both = (self.offset.min(other.offset) - self.onset.max(other.onset) + more).max(0.0);
        let either = (self.offset - self.onset + more) + (other.offset - other.onset + more) - both;
        if either > 0.0 { both / either } else { 0.0 }
    }
}

/// One video: what is in it, and what was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Video {
    /// Its name.
    pub video: String,
    /// Pseudonym of the person; empty where it is not known.
    pub subject: String,
    /// What is known to be there.
    pub truth: Vec<Interval>,
    /// What was found.
    pub predicted: Vec<Interval>,
}

/// The unit that the times are in: frames where all are whole numbers.
pub(super) fn unit_of(videos: &[Video]) -> TimeUnit {
    let mut all = videos.iter().flat_map(|video| video.truth.iter().chain(&video.predicted));
    let is_whole = |interval: &Interval| interval.onset.fract() == 0.0 && interval.offset.fract() == 0.0;
    if all.all(is_whole) { TimeUnit::Frames } else { TimeUnit::Seconds }
}
