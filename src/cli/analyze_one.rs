//! One input of `onset analyze`, from opening it to its `summary.json`.

use std::path::PathBuf;

use anyhow::Result;
use indicatif::ProgressBar;

use super::interrupt;
use super::overlay_video::OverlayVideo;
use crate::analysis::{Recording, Setup};
use crate::pipeline::Analyzer;
use crate::tables::{OutputDir, Summary, TableFormat, Tables};
use crate::types::{Frame, Observation};

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
    pub(super) force: bool,
    pub(super) candidates: bool,
    pub(super) label_evidence: bool,
    pub(super) setup: Setup,
}

/// Analyses one input into its tables.
pub(super) fn analyze_one(job: &Job, settings: &Settings, bar: &ProgressBar) -> Result<Summary> {
    let recording = Recording::open(&job.input, &settings.setup)?;
    let out = OutputDir::create(&settings.out, &job.name, settings.force)?;
    let overlay = match &settings.overlay {
        None => None,
        Some(path) if settings.is_single => Some(path.clone()),
        Some(path) => Some(out.path().join(path.file_name().unwrap_or("overlay.mp4".as_ref()))),
    };
    let tables = Tables::create(&out, &settings.formats)?
        .with_candidates(settings.candidates)
        .with_label_evidence(settings.label_evidence);
    let mut video = Video {
        video: overlay.map(|path| OverlayVideo::new(path, recording.info())).transpose()?,
        error: None,
    };
    let summary = recording.run(
        tables,
        |frame, observation, analyzer| video.push(frame, observation, analyzer),
        |share| {
            bar.set_position((share * 1e3) as u64);
            !interrupt::is_asked()
        },
    )?;
    video.finish()?;
    Ok(summary)
}

/// The overlay video where it was asked for.
struct Video {
    video: Option<OverlayVideo>,
    error: Option<anyhow::Error>,
}

impl Video {
    fn push(&mut self, frame: &Frame, observation: &Observation, analyzer: &Analyzer) {
        if let (Some(video), None) = (&mut self.video, &self.error)
            && let Err(error) = video.push(frame, observation, &analyzer.region_points())
        {
            // The tables go on: they are what cannot be had again cheaply.
            self.error = Some(error.context("the overlay video failed; the tables are not affected"));
        }
    }

    fn finish(self) -> Result<()> {
        match (self.error, self.video) {
            (Some(error), _) => Err(error),
            (None, Some(video)) => video.finish(),
            (None, None) => Ok(()),
        }
    }
}
