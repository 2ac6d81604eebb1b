//! One input of `onset analyze`, from opening it to its `summary.json`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use indicatif::ProgressBar;

use super::interrupt;
use super::open_path::{IdentityArgs, open_path};
use super::overlay_video::OverlayVideo;
use super::profile::InForce;
use crate::capture::{SessionClock, Source};
use crate::pipeline::{
    Analyzer, AnalyzerParams, Beside, Measurer, ObservationSink, OfflineError, analyze_source,
};
use crate::session::{SessionReader, media_of};
use crate::tables::{
    Ended, OutputDir, RunFacts, SourceFacts, Summary, TableError, TableFormat, Tables, Timing, input_sha256,
};
use crate::types::{Event, Frame, Gap, LandmarkUpdate, Observation, Timestamp};

/// An input and the name of its output folder.
pub(super) struct Job {
    pub(super) input: PathBuf,
    pub(super) name: String,
}

/// What all inputs of a run share.
pub(super) struct Settings {
    pub(super) out: PathBuf,
    pub(super) formats: Vec<TableFormat>,
    pub(super) overlay: Option<PathBuf>,
    pub(super) is_single: bool,
    pub(super) fps: Option<f64>,
    pub(super) identity: IdentityArgs,
    pub(super) force: bool,
    pub(super) candidates: bool,
    pub(super) label_evidence: bool,
    pub(super) analysis: AnalyzerParams,
    pub(super) in_force: InForce,
}

/// Analyses one input into its tables.
pub(super) fn analyze_one(job: &Job, settings: &Settings, bar: &ProgressBar) -> Result<Summary> {
    let clock = SessionClock::start();
    let mut source = open_path(&job.input, settings.fps, &settings.identity, clock)?;
    settings.in_force.check(source.info(), false)?;
    // Landmarks beside the frames: on two cores a file takes two thirds of the time, with the same results.
    let (beside, _) = Beside::start(Measurer::new(settings.analysis.face)?)
        .context("cannot start the landmarks thread; close other programs and try again")?;
    let mut analyzer = Analyzer::with_measure(settings.analysis.clone(), Box::new(beside))?;
    let out = OutputDir::create(&settings.out, &job.name, settings.force)?;
    let overlay = match &settings.overlay {
        None => None,
        Some(path) if settings.is_single => Some(path.clone()),
        Some(path) => Some(out.path().join(path.file_name().unwrap_or("overlay.mp4".as_ref()))),
    };
    let info = source.info().clone();
    let mut sink = Sink {
        tables: Tables::create(&out, &settings.formats)?
            .with_candidates(settings.candidates)
            .with_label_evidence(settings.label_evidence),
        video: overlay.map(|path| OverlayVideo::new(path, &info)).transpose()?,
        video_error: None,
    };
    let mut warnings = Vec::new();
    let outcome = analyze_source(source.as_mut(), &mut analyzer, &mut sink, |now, counts| {
        bar.set_position(permille(&info, now, counts.read + counts.lost));
        !interrupt::is_asked()
    });
    let ended = match outcome {
        Ok(totals) if totals.is_complete => Ended::EndOfInput,
        Ok(_) => Ended::Interrupted,
        // What came before is kept, and the summary says that it is not all.
        Err(OfflineError::Capture(error)) => {
            warnings.push(error.to_string());
            Ended::SourceFailed
        }
        Err(error) => return Err(error.into()),
    };
    warnings.extend(source.warnings());
    warnings.extend(settings.in_force.warnings.iter().cloned());
    warnings.extend(settings.in_force.rate_warning(sink.tables.measured().fps));
    if let Some(error) = sink.video_error {
        return Err(error);
    }
    if let Some(video) = sink.video {
        video.finish()?;
    }
    let facts = RunFacts {
        input: job.input.display().to_string(),
        input_sha256: input_sha256(&hashed(&job.input))?,
        ended,
        warnings,
        source: source_facts(source.as_ref()),
        models: super::model_facts()?,
        profile: settings.in_force.facts.clone(),
        spotter: settings.analysis.spot.method.name().to_owned(),
        landmark_hz: settings.analysis.landmark_hz,
        landmark_still_hz: settings.analysis.landmark_still_hz,
    };
    let timing = Timing { wall_s: clock.now().as_secs_f64(), cpu_s: None };
    let summary = sink.tables.finish(facts, Some(timing))?;
    if ended == Ended::SourceFailed && summary.frames.rows == 0 {
        anyhow::bail!("{}", summary.run.warnings.join("; "));
    }
    Ok(summary)
}

/// What the hash of the input is taken of: of a session its media, which withheld metadata does not change.
fn hashed(input: &Path) -> PathBuf {
    match media_of(input) {
        Some(media) if SessionReader::is_session(input) => media,
        _ => input.to_owned(),
    }
}

fn source_facts(source: &dyn Source) -> SourceFacts {
    let info = source.info();
    SourceFacts {
        width: info.width,
        height: info.height,
        nominal_fps: info.nominal_fps,
        timestamp_source: info.timestamp_source.name().to_owned(),
    }
}

/// How much of the input is done, in thousandths.
fn permille(info: &crate::capture::SourceInfo, now: Timestamp, frames: u64) -> u64 {
    let share = match (info.duration_s, info.frame_count) {
        (Some(duration_s), _) if duration_s > 0.0 => now.as_secs_f64() / duration_s,
        (_, Some(count)) if count > 0 => frames as f64 / count as f64,
        _ => 0.0,
    };
    (share.clamp(0.0, 1.0) * 1e3) as u64
}

/// Tables, and the overlay video where it was asked for.
struct Sink {
    tables: Tables,
    video: Option<OverlayVideo>,
    video_error: Option<anyhow::Error>,
}

impl ObservationSink for Sink {
    type Error = TableError;

    fn observation(
        &mut self,
        frame: &Frame,
        observation: &Observation,
        analyzer: &Analyzer,
    ) -> Result<(), TableError> {
        self.tables.push(observation)?;
        if let (Some(video), None) = (&mut self.video, &self.video_error)
            && let Err(error) = video.push(frame, observation, &analyzer.region_points())
        {
            // The tables go on: they are what cannot be had again cheaply.
            self.video_error = Some(error.context("the overlay video failed; the tables are not affected"));
        }
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
