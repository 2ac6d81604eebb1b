//! Measuring beside the frames, on the thread `landmarks`: the same results as inline, as they take effect after a fixed delay of
//! media time.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::measure::{Measure, MeasureJob, Measurer};
use super::{AnalyzerError, spawn_named};
use crate::types::LandmarkUpdate;

/// A job that was done, with its buffers, and what came of it.
type MeasureResult = (MeasureJob, Result<Arc<LandmarkUpdate>, AnalyzerError>);

/// Sends jobs to the thread `landmarks`, which ends when this is dropped.
pub struct Beside {
    jobs: Sender<MeasureJob>,
    results: Receiver<MeasureResult>,
}

impl Beside {
    /// Starts the thread. Its handle is for whoever wants to know how it ended.
    ///
    /// # Errors
    /// The operating system could not start a thread.
    pub fn start(measurer: Measurer) -> io::Result<(Self, JoinHandle<()>)> {
        // One measurement is under way at a time: neither queue is ever full.
        let (jobs_in, jobs) = bounded(1);
        let (results_in, results) = bounded(1);
        let thread = spawn_named("landmarks", move || measure_jobs(measurer, &jobs, &results_in))?;
        Ok((Self { jobs: jobs_in, results }, thread))
    }
}

impl Measure for Beside {
    fn submit(&mut self, job: MeasureJob) -> Result<(), AnalyzerError> {
        self.jobs.send(job).map_err(|_| AnalyzerError::MeasurerGone)
    }

    fn wait(&mut self) -> Result<(MeasureJob, Arc<LandmarkUpdate>), AnalyzerError> {
        let (job, result) = self.results.recv().map_err(|_| AnalyzerError::MeasurerGone)?;
        Ok((job, result?))
    }
}

/// The thread.
fn measure_jobs(mut measurer: Measurer, jobs: &Receiver<MeasureJob>, results: &Sender<MeasureResult>) {
    for job in jobs {
        let result = measurer.measure(&job);
        if results.send((job, result)).is_err() {
            return;
        }
    }
}
