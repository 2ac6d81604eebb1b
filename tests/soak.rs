//! Hours of media: memory stays flat.
//!
//! `cargo test --test soak` runs two minutes of media through the whole analysis, as fast as it goes. Ten hours:
//! `ONSET_SOAK_S=36000 cargo test --release --test soak -- --nocapture`, more than two minutes of processor time an hour of media.

use std::alloc::System;
use std::collections::HashMap;
use std::sync::Arc;

use onset::bench::hold_synthetic;
use onset::capture::{Captured, Source};
use onset::face::FaceParams;
use onset::pipeline::{Analyzer, AnalyzerError, AnalyzerParams, Measure, MeasureJob, Measurer};
use onset::types::{Frame, LandmarkUpdate};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Growth that is no leak: a buffer that met its largest content late, in bytes.
const SLACK: i64 = 256 << 10;

fn in_use() -> i64 {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated as i64 - stats.bytes_deallocated as i64 + stats.bytes_reallocated as i64
}

/// Measures each picture once: the frames come again and again, and the landmark network would take most of ten hours.
struct Remembered {
    measurer: Measurer,
    by_picture: HashMap<u64, Arc<LandmarkUpdate>>,
    job: Option<MeasureJob>,
}

/// A picture's fingerprint (FNV-1a over every 97th byte).
fn fingerprint(data: &[u8]) -> u64 {
    data.iter()
        .step_by(97)
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}

impl Measure for Remembered {
    fn submit(&mut self, job: MeasureJob) -> Result<(), AnalyzerError> {
        self.job = Some(job);
        Ok(())
    }

    fn wait(&mut self) -> Result<(MeasureJob, Arc<LandmarkUpdate>), AnalyzerError> {
        let job = self.job.take().expect("a job was submitted");
        let key = fingerprint(&job.frame.data);
        if !self.by_picture.contains_key(&key) {
            let update = self.measurer.measure(&job)?;
            self.by_picture.insert(key, update);
        }
        let known = &self.by_picture[&key];
        let update = LandmarkUpdate {
            seq: job.frame.seq,
            measured_at: job.frame.captured_at,
            unchanged_until: job.unchanged_until,
            faces: known.faces.clone(),
        };
        Ok((job, Arc::new(update)))
    }
}

#[test]
fn memory_is_flat() {
    let seconds: f64 = std::env::var("ONSET_SOAK_S").ok().and_then(|text| text.parse().ok()).unwrap_or(120.0);
    let mut source = hold_synthetic(320, 240, 30.0, 1).unwrap().played(30.0, seconds);
    let measurer = Measurer::new(FaceParams::default()).unwrap();
    let remembered = Remembered { measurer, by_picture: HashMap::new(), job: None };
    let mut analyzer = Analyzer::with_measure(AnalyzerParams::default(), Box::new(remembered)).unwrap();
    let (mut frame, mut after_a_minute, mut largest, mut events) = (Frame::default(), None, i64::MIN, 0);
    while source.next(&mut frame).unwrap() == Captured::Frame {
        let observation = analyzer.push(&frame).unwrap().expect("the frames are whole");
        events += observation.events.len();
        drop(observation);
        // By then every window is full and every picture measured.
        if frame.seq == 30 * 60 {
            after_a_minute = Some(in_use());
        }
        if after_a_minute.is_some() && frame.seq % 30 == 0 {
            largest = largest.max(in_use());
        }
    }
    let before = after_a_minute.expect("the soak is longer than a minute");
    println!(
        "{seconds} s of media, {events} words on events: {before} bytes in use after a minute, at most {largest} later"
    );
    assert!(largest - before < SLACK, "{} bytes more", largest - before);
    assert!(events > 0);
}
