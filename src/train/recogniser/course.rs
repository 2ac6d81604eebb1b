//! The course of an event: how far each region of the face has moved, moment by moment.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::record::RecogniserError;
use crate::dataset::{Clip, Media, TRACE_COUNT, trace_regions};
use crate::pipeline::{Analyzer, AnalyzerParams};
use crate::types::{Frame, PixelFormat, Timestamp};

/// Rate that is taken where a corpus does not say one, in frames a second.
const USUAL_FPS: f64 = 30.0;
/// Values are in hundredths of the ICD: about 1 for a micro-expression (FACTS: 2-3 %).
const UNIT_ICD: f64 = 0.01;
/// Fewer frames than these, such as onset, apex and offset alone, are no course.
const FEWEST_FRAMES: usize = 4;
/// What lies beyond is as good as this.
const MOST: f64 = 30.0;

/// Motion of the face's regions over an event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    /// From the onset to the offset: for each region, by moment, in ICD.
    rows: Vec<[f64; TRACE_COUNT]>,
}

impl Course {
    /// Values at each moment: the regions, and how fast each moves.
    pub const CHANNELS: usize = 2 * TRACE_COUNT;

    /// The course at `ticks` moments, evenly spaced, shape `(ticks, channels)`: each region's motion since the first moment, in
    /// hundredths of the ICD, and its change since the moment before.
    pub fn values(&self, ticks: usize) -> Vec<f32> {
        let at = |tick: usize, region: usize| -> f64 {
            let Some(last) = self.rows.len().checked_sub(1) else { return 0.0 };
            let place = tick as f64 * last as f64 / (ticks.max(2) - 1) as f64;
            let below = (place.floor() as usize).min(last);
            let (low, high) = (self.rows[below][region], self.rows[(below + 1).min(last)][region]);
            let value = low + (place - below as f64) * (high - low) - self.rows[0][region];
            (value / UNIT_ICD).clamp(-MOST, MOST)
        };
        let mut values = Vec::with_capacity(ticks * Self::CHANNELS);
        for tick in 0..ticks {
            values.extend((0..TRACE_COUNT).map(|region| at(tick, region) as f32));
            let before = tick.saturating_sub(1);
            values.extend((0..TRACE_COUNT).map(|region| (at(tick, region) - at(before, region)) as f32));
        }
        values
    }
}

/// What is used of `clip.json`.
#[derive(Deserialize)]
struct ClipFile {
    #[serde(default)]
    traces: BTreeMap<String, Vec<Option<f64>>>,
    #[serde(default)]
    trace_t_s: Vec<f64>,
    proposal: Option<Times>,
}

#[derive(Deserialize)]
struct Times {
    onset_s: f64,
    apex_s: f64,
    offset_s: Option<f64>,
}

/// Reads or measures courses.
#[derive(Default)]
pub struct CourseReader {
    params: AnalyzerParams,
}

impl CourseReader {
    /// The course of one example.
    ///
    /// # Errors
    /// [`RecogniserError`], naming the file; [`RecogniserError::Kind`] for single pictures and maps of flow.
    pub fn read(&mut self, media: &Media) -> Result<Course, RecogniserError> {
        let Media::Clip(clip) = media else {
            return Err(RecogniserError::Kind {
                what: "a course needs clips: give a corpus of clips, or a dataset with candidates/"
                    .to_owned(),
            });
        };
        match &clip.traces {
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|source| RecogniserError::Io { path: path.clone(), source })?;
                let wrong = |why: String| RecogniserError::Kind {
                    what: format!("{}: {why}; build the dataset again", path.display()),
                };
                let file: ClipFile = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
                from_traces(&file).ok_or_else(|| wrong("it holds no motion within the event".to_owned()))
            }
            None => self.measure(clip),
        }
    }

    /// Measures the motion in a clip's frames.
    fn measure(&mut self, clip: &Clip) -> Result<Course, RecogniserError> {
        let name = || clip.frames.first().map(|path| path.display().to_string()).unwrap_or_default();
        if clip.frames.len() < FEWEST_FRAMES {
            return Err(RecogniserError::Kind {
                what: format!(
                    "{}: {} frames have no course; build the dataset with its candidates, or give whole clips",
                    name(),
                    clip.frames.len()
                ),
            });
        }
        let mut is_measured = false;
        let fps = if clip.fps > 0.0 { clip.fps } else { USUAL_FPS };
        let mut analyzer = Analyzer::new(self.params.clone())?;
        let regions = trace_regions();
        let mut rows = Vec::new();
        let last = clip.offset.unwrap_or(clip.frames.len().saturating_sub(1));
        for (index, path) in clip.frames.iter().enumerate() {
            let picture = Media::Picture { gray: path.clone(), colour: None }.gray()?;
            let at = Timestamp::from_secs_f64(index as f64 / fps);
            let frame = Frame {
                seq: index as u64,
                captured_at: at,
                arrived_at: at,
                width: picture.width(),
                height: picture.height(),
                format: PixelFormat::Gray8,
                data: picture.into_raw(),
            };
            let observation = analyzer.push(&frame)?;
            if index < clip.onset || index > last {
                continue;
            }
            let before: [f64; TRACE_COUNT] = rows.last().copied().unwrap_or_default();
            let mut row = before;
            if let Some(signal) = observation.as_ref().and_then(|observation| observation.signal.as_ref()) {
                for (value, region) in row.iter_mut().zip(&regions) {
                    let motion = &signal.regions[region.index()];
                    if motion.is_valid {
                        *value = f64::from(motion.amplitude_icd);
                        is_measured = true;
                    }
                }
            }
            rows.push(row);
        }
        if !is_measured {
            return Err(RecogniserError::Kind {
                what: format!(
                    "{}: no motion could be measured between onset and offset; is there a face?",
                    name()
                ),
            });
        }
        Ok(Course { rows })
    }
}

/// The part of the traces from onset to offset, a missing value as the one before it.
fn from_traces(file: &ClipFile) -> Option<Course> {
    let times = file.proposal.as_ref()?;
    let offset = times.offset_s.unwrap_or(times.apex_s + (times.apex_s - times.onset_s));
    let names = trace_regions().map(|region| region.name());
    let mut rows: Vec<[f64; TRACE_COUNT]> = Vec::new();
    let mut before = [0.0; TRACE_COUNT];
    for (index, t) in file.trace_t_s.iter().enumerate() {
        for (value, name) in before.iter_mut().zip(&names) {
            if let Some(seen) = file.traces.get(&**name).and_then(|trace| trace.get(index)).copied().flatten()
            {
                *value = seen;
            }
        }
        if (times.onset_s..=offset).contains(t) {
            rows.push(before);
        }
    }
    (!rows.is_empty()).then_some(Course { rows })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_course_is_spread_over_its_ticks() {
        let rows = (0..5).map(|n| [0.01 * f64::from(n) + 0.5; TRACE_COUNT]).collect();
        let values = Course { rows }.values(9);
        let row = |tick: usize| &values[tick * Course::CHANNELS..][..Course::CHANNELS];
        for tick in 0..9 {
            assert!((row(tick)[0] - 0.5 * tick as f32).abs() < 1e-4, "{:?}", row(tick));
            let change = if tick == 0 { 0.0 } else { 0.5 };
            assert!((row(tick)[TRACE_COUNT] - change).abs() < 1e-4, "{:?}", row(tick));
        }
    }

    #[test]
    fn traces_outside_the_event_are_left_out() {
        let name = trace_regions()[0].name();
        let text = format!(
            r#"{{"traces": {{"{name}": [0.1, null, 0.3, 0.9]}}, "trace_t_s": [1.0, 1.1, 1.2, 3.0],
                "proposal": {{"onset_s": 1.0, "apex_s": 1.1, "offset_s": 1.5}}}}"#
        );
        let course = from_traces(&serde_json::from_str(&text).unwrap()).unwrap();
        let first: Vec<f64> = course.rows.iter().map(|row| row[0]).collect();
        assert_eq!(first, [0.1, 0.1, 0.3]);
        assert_eq!(from_traces(&serde_json::from_str("{}").unwrap()), None);
    }
}
