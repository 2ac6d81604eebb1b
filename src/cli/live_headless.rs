//! `onset live --headless`: JSON lines on standard output (docs/outputs.md lists them), a picture at the end if asked.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use crossbeam_channel::RecvTimeoutError;

use super::interrupt;
use super::view::View;
use crate::capture::{SessionClock, Source};
use crate::pipeline::{LiveItem, LiveOptions, start};
use crate::tables::{EventLog, LiveLine, LiveLines, ProfileFacts, micros, not_observable_names};
use crate::types::{Event, FrameStatus, Observation, Timestamp};

/// Seconds of media between two `stats` lines.
const STATS_S: f64 = 5.0;
/// Events whose last state is remembered: no event changes once so many newer ones have come.
const EVENTS: usize = 256;

/// What a headless session needs.
pub(super) struct Headless {
    pub(super) source: Box<dyn Source>,
    pub(super) clock: SessionClock,
    pub(super) is_demo: bool,
    pub(super) options: LiveOptions,
    pub(super) view: View,
    pub(super) screenshot: Option<PathBuf>,
    pub(super) profile: ProfileFacts,
}

/// Runs a session without a window until its source ends, its time is over, or Ctrl-C.
pub(super) fn run(headless: Headless) -> Result<()> {
    let Headless { source, clock, is_demo, options, mut view, screenshot, profile } = headless;
    interrupt::install()?;
    let mut lines = Reporter {
        lines: LiveLines::new(BufWriter::new(io::stdout().lock())),
        events: EventLog::of_newest(EVENTS),
        status: None,
        stats_at_s: STATS_S,
    };
    lines.start(source.as_ref(), &options, is_demo, profile)?;
    let session = start(source, clock, options)?;
    let mut shown = None;
    loop {
        match session.items().recv_timeout(Duration::from_millis(100)) {
            Ok(item) => lines.item(item, &mut view)?,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if screenshot.is_some()
            && let Some(newer) = session.display_frame()
            && let Some(older) = shown.replace(newer)
        {
            session.give_back(older);
        }
        if interrupt::is_asked() {
            session.stop();
        }
    }
    let ended = session.finish();
    let mut written = None;
    if let (Some(path), Some(shown)) = (&screenshot, &shown) {
        let canvas = view.render(&shown.frame, shown.observation.as_ref(), &shown.region_points_px)?;
        save_picture(path, &canvas.to_rgb_image())?;
        eprintln!("onset: the overlay as it stood at the end: {}", path.display());
        written = Some(path.as_path());
    }
    lines.end(&view, ended.as_ref().err().map(ToString::to_string), written)?;
    Ok(ended?)
}

/// Writes a PNG.
pub(super) fn save_picture(path: &Path, picture: &image::RgbImage) -> Result<()> {
    picture.save_with_format(path, image::ImageFormat::Png).with_context(|| {
        format!("cannot write the picture {}; choose another place with --screenshot", path.display())
    })
}

/// Turns results into JSON lines.
struct Reporter<W: Write> {
    lines: LiveLines<W>,
    events: EventLog,
    status: Option<FrameStatus>,
    stats_at_s: f64,
}

impl<W: Write> Reporter<W> {
    fn start(
        &mut self,
        source: &dyn Source,
        options: &LiveOptions,
        is_demo: bool,
        profile: ProfileFacts,
    ) -> Result<()> {
        let info = source.info();
        self.print(&LiveLine::Start {
            onset_version: env!("CARGO_PKG_VERSION"),
            source: info.name.clone(),
            demo: is_demo,
            width: info.width,
            height: info.height,
            fps: info.nominal_fps,
            timestamp_source: info.timestamp_source.name(),
            landmark_hz: options.analyzer.landmark_hz,
            landmark_still_hz: options.analyzer.landmark_still_hz,
            models: crate::analysis::model_facts()?,
            profile,
            spotter: options.analyzer.spot.method.name().to_owned(),
        })
    }

    fn item(&mut self, item: LiveItem, view: &mut View) -> Result<()> {
        match item {
            LiveItem::Observation { observation, latency_ms, result_at } => {
                view.observe(&observation, Some((latency_ms, result_at)));
                self.observation(&observation, view)
            }
            LiveItem::Gap(gap) => {
                view.observe_gap(&gap);
                self.print(&LiveLine::gap(&gap))
            }
            LiveItem::LastUpdate(_) => Ok(()),
            LiveItem::LastEvents(events) => self.events(&events),
        }
    }

    fn observation(&mut self, observation: &Observation, view: &View) -> Result<()> {
        for gap in &observation.gaps {
            self.print(&LiveLine::gap(gap))?;
        }
        if self.status.replace(observation.status) != Some(observation.status) {
            self.print(&LiveLine::status(observation.captured_at, observation.status))?;
        }
        self.events(&observation.events)?;
        let now_s = observation.captured_at.as_secs_f64();
        if now_s >= self.stats_at_s {
            self.stats_at_s = now_s + STATS_S;
            let stats = view.stats();
            self.print(&LiveLine::Stats {
                t_s: micros(observation.captured_at),
                fps: tenths(stats.fps),
                latency_p50_ms: tenths(stats.latency_p50_ms),
                latency_p95_ms: tenths(stats.latency_p95_ms),
                lost: view.counts.lost,
                frames: view.counts.read,
                not_observable: not_observable_names(observation.observability.as_ref()),
            })?;
        }
        Ok(())
    }

    /// Prints what was claimed or withdrawn; not what was a candidate only.
    fn events(&mut self, events: &[Event]) -> Result<()> {
        for event in events {
            if self.events.push(event) {
                written(self.lines.print_event(event))?;
            }
        }
        Ok(())
    }

    fn end(&mut self, view: &View, error: Option<String>, screenshot: Option<&Path>) -> Result<()> {
        let (stats, counts) = (view.stats(), view.counts);
        self.print(&LiveLine::End {
            t_s: micros(Timestamp::from_secs_f64(stats.elapsed_s)),
            frames: counts.read,
            lost: counts.lost,
            no_face: counts.no_face,
            events: self.events.claimed_count(),
            latency_p50_ms: tenths(stats.latency_p50_ms),
            latency_p95_ms: tenths(stats.latency_p95_ms),
            screenshot: screenshot.map(|path| path.display().to_string()),
            error,
        })
    }

    fn print(&mut self, line: &LiveLine) -> Result<()> {
        written(self.lines.print(line))
    }
}

/// A closed pipe means that the reader has what it wanted (`onset live --headless | head`): end quietly.
fn written(result: io::Result<()>) -> Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        other => other.context("cannot write to standard output"),
    }
}

fn tenths(value: f32) -> f32 {
    (value * 10.0).round() / 10.0
}
