//! In the steady state no frame costs an allocation, outside of the networks.
//!
//! Frames go through the analysis as live, with landmarks that were measured beforehand: the face networks allocate within tract,
//! and are left out. The spotter's own network may allocate what it allocates by itself.

use std::alloc::System;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use onset::capture::{SyntheticParams, SyntheticSource};
use onset::face::FaceParams;
use onset::infer::{Model, Network};
use onset::pipeline::{Analyzer, AnalyzerError, AnalyzerParams, Measure, MeasureJob, Measurer};
use onset::spot::{SpotMethod, SpotParams};
use onset::types::{Frame, LandmarkUpdate, PixelFormat, Stage, StageProbe};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const FPS: u64 = 30;
/// By then every buffer has its size.
const WARM_UP_S: u64 = 8;
const MEASURED_S: u64 = 4;

fn allocations() -> usize {
    let stats = ALLOCATOR.stats();
    stats.allocations + stats.reallocations
}

/// Gives what was measured beforehand.
struct Known {
    updates: HashMap<u64, Arc<LandmarkUpdate>>,
    job: Option<MeasureJob>,
}

impl Measure for Known {
    fn submit(&mut self, job: MeasureJob) -> Result<(), AnalyzerError> {
        self.job = Some(job);
        Ok(())
    }

    fn wait(&mut self) -> Result<(MeasureJob, Arc<LandmarkUpdate>), AnalyzerError> {
        let job = self.job.take().expect("a job was submitted");
        let update = Arc::clone(&self.updates[&job.frame.seq]);
        Ok((job, update))
    }
}

/// Allocations of each stage.
#[derive(Clone, Default)]
struct ByStage(Arc<[AtomicUsize; Stage::ALL.len()]>, Arc<AtomicUsize>);

impl StageProbe for ByStage {
    fn begin(&mut self) {
        self.1.store(allocations(), Relaxed);
    }

    fn end(&mut self, stage: Stage) {
        let now = allocations();
        self.0[stage as usize].fetch_add(now - self.1.swap(now, Relaxed), Relaxed);
    }
}

/// Allocations of the measured frames, their number, and allocations of each stage: of the analysis of a face that sways and blinks.
fn measured(method: SpotMethod) -> (usize, usize, Vec<(&'static str, usize)>) {
    let params =
        SyntheticParams { format: PixelFormat::Yuyv, expressions: 0.0, ..SyntheticParams::default() };
    let mut source = SyntheticSource::new(params).unwrap();
    let mut measurer = Measurer::new(FaceParams::default()).unwrap();
    let mut updates = HashMap::new();
    let mut job = MeasureJob::default();
    for index in 0..FPS * (WARM_UP_S + MEASURED_S) {
        source.render_into(index, &mut job.frame);
        onset::image::convert::luma_from_frame(&job.frame, &mut job.luma).unwrap();
        updates.insert(index, measurer.measure(&job).unwrap());
    }
    drop(measurer);
    let spot = SpotParams { method, ..SpotParams::default() };
    let params = AnalyzerParams { spot, ..AnalyzerParams::default() };
    let mut analyzer = Analyzer::with_measure(params, Box::new(Known { updates, job: None })).unwrap();
    let by_stage = ByStage::default();
    analyzer.set_probe(Box::new(by_stage.clone()));
    let (mut frame, mut total, mut frames) = (Frame::default(), 0, 0);
    for index in 0..FPS * (WARM_UP_S + MEASURED_S) {
        source.render_into(index, &mut frame);
        if index == FPS * WARM_UP_S {
            by_stage.0.iter().for_each(|count| count.store(0, Relaxed));
        }
        let before = allocations();
        let observation = analyzer.push(&frame).unwrap();
        let after = allocations();
        // A blink is an event, and an event has texts: what it costs is not a cost of every frame.
        let is_event = observation.is_some_and(|observation| !observation.events.is_empty());
        if index >= FPS * WARM_UP_S && !is_event {
            total += after - before;
            frames += 1;
        }
    }
    let stages = Stage::ALL.map(|stage| (stage.name(), by_stage.0[stage as usize].load(Relaxed)));
    (total, frames, stages.into_iter().filter(|stage| stage.1 > 0).collect())
}

// One test: the count is of the whole process.
#[test]
fn no_frame_allocates() {
    let (total, frames, stages) = measured(SpotMethod::StateMachine);
    assert!(frames as u64 > FPS * MEASURED_S / 2);
    assert_eq!(total, 0, "allocations in {frames} frames, by stage: {stages:?}");

    // With the spotter's network: what it allocates by itself, at most once a frame.
    let mut network = Network::embedded(Model::Spotter).unwrap();
    let input = vec![0.1; network.card().input.len()];
    (0..3).for_each(|_| drop(network.run(&input).unwrap()));
    let before = allocations();
    drop(network.run(&input).unwrap());
    let by_itself = allocations() - before;
    let (total, frames, stages) = measured(SpotMethod::Auto);
    let limit = by_itself * frames;
    assert!(total <= limit, "{total} allocations, the network alone {limit}; by stage: {stages:?}");
}
