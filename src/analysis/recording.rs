//! A recording, opened, and run into its tables.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{AnalysisError, InForce, open_path};
use crate::capture::{SessionClock, Source, SourceInfo};
use crate::infer::Manifest;
use crate::pipeline::{
    Analyzer, AnalyzerParams, Beside, Inline, Measure, Measurer, ObservationSink, OfflineError,
    analyze_source,
};
use crate::session::{SessionReader, media_of};
use crate::tables::{
    Ended, ModelFacts, RunFacts, SourceFacts, TableError, TableTarget, Timing, input_sha256,
};
use crate::types::{Event, Frame, Gap, LandmarkUpdate, Observation, Timestamp};

/// What all recordings of a run share.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Frame rate of picture folders without times.
    pub fps: Option<f64>,
    /// Key files for encrypted sessions.
    pub identities: Vec<PathBuf>,
    /// The analysis.
    pub analysis: AnalyzerParams,
    /// The profile in force.
    pub in_force: InForce,
    /// Landmarks on a thread of their own: on two cores a file takes two thirds of the time, with the same results.
    pub is_threaded: bool,
}

impl Setup {
    /// Loads the networks, and starts the landmarks thread where one is wanted.
    ///
    /// # Errors
    /// An embedded model that cannot be loaded; no thread.
    pub fn analyzer(&self) -> Result<Analyzer, AnalysisError> {
        let measurer = Measurer::new(self.analysis.face)?;
        let measure: Box<dyn Measure> = match self.is_threaded {
            true => Box::new(Beside::start(measurer).map_err(AnalysisError::Thread)?.0),
            false => Box::new(Inline::new(measurer)),
        };
        Ok(Analyzer::with_measure(self.analysis.clone(), measure)?)
    }

    /// What the summary says of a run: `seen` is what only the caller knows, and says nothing of models, profile and options.
    /// `measured_fps` may prove that the profile does not hold.
    ///
    /// # Errors
    /// The cards of the networks are damaged.
    pub fn facts(&self, seen: RunFacts, measured_fps: Option<f64>) -> Result<RunFacts, AnalysisError> {
        let mut warnings = seen.warnings;
        warnings.extend(self.in_force.warnings.iter().cloned());
        warnings.extend(self.in_force.rate_warning(measured_fps));
        Ok(RunFacts {
            warnings,
            models: model_facts()?,
            profile: self.in_force.facts.clone(),
            spotter: self.analysis.spot.method.name().to_owned(),
            landmark_hz: self.analysis.landmark_hz,
            landmark_still_hz: self.analysis.landmark_still_hz,
            ..seen
        })
    }
}

/// An opened recording.
pub struct Recording {
    path: PathBuf,
    source: Box<dyn Source>,
    analyzer: Analyzer,
    setup: Setup,
    clock: SessionClock,
}

impl Recording {
    /// Opens what `path` names, and loads the networks.
    ///
    /// # Errors
    /// A path that cannot be read; a profile that does not hold for it; no thread.
    pub fn open(path: &Path, setup: &Setup) -> Result<Self, AnalysisError> {
        let clock = SessionClock::start();
        let source = open_path(path, setup.fps, &setup.identities, clock)?;
        setup.in_force.check(source.info(), false)?;
        let analyzer = setup.analyzer()?;
        Ok(Self { path: path.to_owned(), source, analyzer, setup: setup.clone(), clock })
    }

    /// What the source says of itself.
    pub fn info(&self) -> &SourceInfo {
        self.source.info()
    }

    /// Analyses every frame into `tables`; each one goes to `also` too, for whoever draws. `keep_going` is told which share is done
    /// (`[0, 1]`; 0 where that is not known) after each frame: `false` ends the run, and the summary says so.
    ///
    /// A source that fails after its first frame is no error: what came before is kept, and the summary says that it is not all.
    ///
    /// # Errors
    /// A source that fails before its first frame (the tables are completed all the same, and say so); an analysis that fails; tables that cannot be written.
    pub fn run<T: TableTarget>(
        mut self,
        tables: T,
        also: impl FnMut(&Frame, &Observation, &Analyzer),
        mut keep_going: impl FnMut(f64) -> bool,
    ) -> Result<T::Done, AnalysisError> {
        let info = self.source.info().clone();
        let mut sink = Sink { tables, also, first_size_px: None };
        let mut warnings = Vec::new();
        let outcome = analyze_source(self.source.as_mut(), &mut self.analyzer, &mut sink, |now, counts| {
            keep_going(share(&info, now, counts.read + counts.lost))
        });
        let ended = match outcome {
            Ok(totals) if totals.is_complete => Ended::EndOfInput,
            Ok(_) => Ended::Interrupted,
            Err(OfflineError::Capture(error)) => {
                warnings.push(error.to_string());
                Ended::SourceFailed
            }
            Err(OfflineError::Analyzer(error)) => return Err(error.into()),
            Err(OfflineError::Sink(error)) => return Err(error.into()),
        };
        warnings.extend(self.source.warnings());
        // A source may warn of what it failed by.
        warnings.dedup();
        let is_empty = ended == Ended::SourceFailed && sink.first_size_px.is_none();
        let no_frames = is_empty.then(|| AnalysisError::NoFrames { why: warnings.join("; ") });
        let seen = self.seen(ended, warnings, sink.first_size_px)?;
        let facts = self.setup.facts(seen, sink.tables.measured().fps)?;
        let timing = Timing { wall_s: self.clock.now().as_secs_f64(), cpu_s: None };
        let done = sink.tables.finish(facts, Some(timing))?;
        no_frames.map_or(Ok(done), Err)
    }

    /// What this recording alone can say of itself.
    fn seen(
        &self,
        ended: Ended,
        warnings: Vec<String>,
        first_size_px: Option<(u32, u32)>,
    ) -> Result<RunFacts, AnalysisError> {
        let info = self.source.info();
        // A folder of pictures tells its size by its first one only.
        let (width, height) = match (info.width, info.height) {
            (0, _) | (_, 0) => first_size_px.unwrap_or_default(),
            known => known,
        };
        Ok(RunFacts {
            input: self.path.display().to_string(),
            input_sha256: input_sha256(&hashed(&self.path))?,
            ended,
            warnings,
            source: SourceFacts {
                width,
                height,
                nominal_fps: info.nominal_fps,
                timestamp_source: info.timestamp_source.name().to_owned(),
            },
            ..RunFacts::default()
        })
    }
}

/// The embedded networks, as summaries and JSON lines name them.
///
/// # Errors
/// Their cards are damaged.
pub fn model_facts() -> Result<Vec<ModelFacts>, AnalysisError> {
    let manifest = Manifest::embedded()?;
    Ok(manifest.models.into_iter().map(|card| ModelFacts { name: card.name, sha256: card.sha256 }).collect())
}

/// What the hash of the input is taken of: of a session its media, which withheld metadata does not change.
fn hashed(input: &Path) -> PathBuf {
    match media_of(input) {
        Some(media) if SessionReader::is_session(input) => media,
        _ => input.to_owned(),
    }
}

/// How much of the input is done.
fn share(info: &SourceInfo, now: Timestamp, frames: u64) -> f64 {
    let share = match (info.duration_s, info.frame_count) {
        (Some(duration_s), _) if duration_s > 0.0 => now.as_secs_f64() / duration_s,
        (_, Some(count)) if count > 0 => frames as f64 / count as f64,
        _ => 0.0,
    };
    share.clamp(0.0, 1.0)
}

/// The tables, and whoever else looks on.
struct Sink<T, F> {
    tables: T,
    also: F,
    /// Width and height of the first frame.
    first_size_px: Option<(u32, u32)>,
}

impl<T: TableTarget, F: FnMut(&Frame, &Observation, &Analyzer)> ObservationSink for Sink<T, F> {
    type Error = TableError;

    fn observation(
        &mut self,
        frame: &Frame,
        observation: &Observation,
        analyzer: &Analyzer,
    ) -> Result<(), TableError> {
        self.first_size_px.get_or_insert((frame.width, frame.height));
        self.tables.push(observation)?;
        (self.also)(frame, observation, analyzer);
        Ok(())
    }

    fn gap_at_end(&mut self, gap: &Gap) -> Result<(), TableError> {
        self.tables.push_gap(gap);
        Ok(())
    }

    fn last_update(&mut self, update: &Arc<LandmarkUpdate>) -> Result<(), TableError> {
        self.tables.push_update(update);
        Ok(())
    }

    fn last_events(&mut self, events: &[Event]) -> Result<(), TableError> {
        self.tables.push_events(events);
        Ok(())
    }
}
