//! A recorded session while it runs: frames and results to the recorder, steps by the protocol, windows if there are some.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use crossbeam_channel::RecvTimeoutError;
use serde::Serialize;

use super::interrupt;
use super::record::stored_as;
use super::record_calibration::Neutral;
use super::record_extras::Extras;
use super::record_window::Face;
use super::view::View;
use crate::calibration::SourceFacts;
use crate::capture::{SessionClock, Source};
use crate::overlay::SceneText;
use crate::pipeline::{AnalyzerParams, LiveItem, LiveOptions, LiveSession, start_recorded};
use crate::session::protocol::Plan;
use crate::session::{
    Change, Ended, Marker, Recipient, Recorder, RecorderFigures, RecorderSetup, Runner, RunnerKey,
    RunnerParams, SessionRecord, StepSpan, Totals,
};
use crate::types::{Gap, Timestamp};

/// Pause while nothing comes: well under a frame at 120 fps.
const IDLE: Duration = Duration::from_millis(4);
/// From so many seconds of disk left on there is a warning.
const DISK_WARNING_S: f64 = 300.0;

/// What a session is run with.
pub(super) struct Settings {
    pub(super) dir: PathBuf,
    pub(super) clock: SessionClock,
    pub(super) record: SessionRecord,
    pub(super) plan: Plan,
    pub(super) params: RunnerParams,
    pub(super) analyzer: AnalyzerParams,
    pub(super) recipients: Vec<Recipient>,
    pub(super) is_fast: bool,
    pub(super) is_demo: bool,
    pub(super) facts: SourceFacts,
}

/// How a session went.
#[derive(Debug, Serialize)]
pub(super) struct Outcome {
    /// Where it is.
    pub(super) dir: PathBuf,
    pub(super) session: String,
    pub(super) ended: Ended,
    /// Share of one core that the thread `record` took.
    pub(super) recorder_cpu: f64,
    pub(super) slowest_sync_ms: f64,
    /// Observations that are missing in the file.
    pub(super) observations_lost: u64,
}

/// Runs a session to its end, and writes how it ended. The folder and its record are there already.
pub(super) fn run_session(
    source: Box<dyn Source>,
    settings: Settings,
    face: Option<Face>,
    extras: Extras,
) -> Result<Outcome> {
    let info = source.info().clone();
    let setup = RecorderSetup {
        dir: &settings.dir,
        clock: settings.clock,
        started_unix_ns: settings.record.started_unix_ns,
        recipients: &settings.recipients,
        frame_bytes: frame_bytes(info.width, info.height),
        fps: info.nominal_fps.unwrap_or(30.0),
        waits: settings.is_fast,
    };
    let (recorder, ring) = Recorder::start(&setup)?;
    let options = LiveOptions {
        analyzer: settings.analyzer.clone(),
        pace: !settings.is_fast,
        lossless: settings.is_fast,
        display: face.is_some(),
        duration_s: None,
    };
    recorder.log(settings.clock.now(), "start", format!("{} with {}", settings.record.id, info.name));
    let session = start_recorded(source, settings.clock, options, ring)?;
    let text = SceneText { source: info.name.clone(), is_demo: settings.is_demo, ..SceneText::default() };
    let runner = Runner::new(&settings.plan, settings.params);
    let mut running = Running {
        view: View::new(1280, 720, text)?,
        neutral: Neutral::of(&settings.plan),
        spans: Vec::new(),
        extras,
        session,
        recorder,
        runner,
        is_live: info.is_live,
        media_now: None,
        warned_of_disk: false,
        marker_count: 0,
        last_marker: None,
        how: "complete",
        why: String::new(),
        settings,
    };
    let result = match face {
        None => running.run_headless(),
        Some(face) => face.run(&mut running),
    };
    if let Err(error) = result {
        running.fail(format!("{error:#}"));
    }
    running.finish()
}

/// Most bytes that a frame of this size has; of an unknown size as much as 1280x720.
fn frame_bytes(width: u32, height: u32) -> usize {
    let pixels = width as usize * height as usize;
    if pixels == 0 { 1280 * 720 * 2 } else { pixels * 2 }
}

/// A session under way.
pub(super) struct Running {
    pub(super) settings: Settings,
    pub(super) session: LiveSession,
    pub(super) recorder: Recorder,
    pub(super) runner: Runner,
    pub(super) view: View,
    neutral: Neutral,
    extras: Extras,
    /// Steps that have begun.
    spans: Vec<StepSpan>,
    is_live: bool,
    /// Time of the newest frame of a source that has its own time.
    media_now: Option<Timestamp>,
    warned_of_disk: bool,
    pub(super) marker_count: usize,
    /// The newest marker, and when it was set.
    pub(super) last_marker: Option<(String, Timestamp)>,
    how: &'static str,
    why: String,
}

impl Running {
    /// The time by which steps go: the camera's clock, or of a file its frames' own.
    pub(super) fn now(&self) -> Option<Timestamp> {
        if self.is_live { Some(self.settings.clock.now()) } else { self.media_now }
    }

    /// How the recording stands.
    pub(super) fn figures(&self) -> RecorderFigures {
        self.recorder.status().figures()
    }

    fn run_headless(&mut self) -> Result<()> {
        loop {
            match self.session.items().recv_timeout(Duration::from_millis(20)) {
                Ok(item) => self.take(item),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    self.source_ended();
                    return Ok(());
                }
            }
            let stop = interrupt::is_asked().then_some(RunnerKey::Stop);
            if !self.advance(stop.as_slice())? {
                return Ok(());
            }
        }
    }

    /// Takes every result that waits; false when the source has ended.
    pub(super) fn take_items(&mut self) -> bool {
        loop {
            match self.session.items().try_recv() {
                Ok(item) => self.take(item),
                Err(crossbeam_channel::TryRecvError::Empty) => return true,
                Err(crossbeam_channel::TryRecvError::Disconnected) => {
                    self.source_ended();
                    return false;
                }
            }
        }
    }

    fn take(&mut self, item: LiveItem) {
        match &item {
            LiveItem::Observation { observation, latency_ms, result_at } => {
                self.media_now = Some(observation.captured_at);
                self.view.observe(observation, Some((*latency_ms, *result_at)));
                self.neutral.observe(observation);
                let now = self.settings.clock.now();
                let told =
                    self.extras.frame(observation.seq, observation.captured_at, &observation.events, now);
                self.lose_link(told);
            }
            LiveItem::Gap(gap) => self.gap(gap),
            LiveItem::LastUpdate(_) | LiveItem::LastEvents(_) => {}
        }
        self.recorder.item(item);
    }

    fn gap(&mut self, gap: &Gap) {
        self.view.observe_gap(gap);
        self.neutral.gap(gap);
    }

    /// Goes on by the protocol; false when the session is over.
    pub(super) fn advance(&mut self, keys: &[RunnerKey]) -> Result<bool> {
        if let Some(why) = self.recorder.status().failed() {
            let why = why.to_owned();
            self.fail(why);
            return Ok(false);
        }
        self.look_at_disk();
        let Some(now) = self.now() else {
            let is_stopped = keys.contains(&RunnerKey::Stop);
            if is_stopped {
                self.how = "stopped";
            }
            return Ok(!is_stopped);
        };
        for marker in self.extras.poll(now, &self.recorder)? {
            self.marked(marker);
        }
        for change in self.runner.advance(now, keys) {
            self.change(change);
        }
        Ok(!self.runner.is_over())
    }

    fn change(&mut self, change: Change) {
        match change {
            Change::Began { step, at } => {
                let planned = self.runner.steps().get(step).cloned().unwrap_or_default();
                let span = StepSpan {
                    step,
                    id: planned.id,
                    kind: planned.kind,
                    target: planned.target,
                    stimulus: self.settings.record.protocol.stimulus.clone(),
                    start_s: at.as_secs_f64(),
                    end_s: None,
                };
                self.recorder.step(&span);
                self.tell(&format!("begin {}", span.id), at);
                self.neutral.begins(&span);
                self.spans.push(span);
            }
            Change::Ended { step, at, by } => {
                if let Some(open) = self.spans.iter_mut().rfind(|span| span.step == step) {
                    open.end_s = Some(at.as_secs_f64());
                    let span = open.clone();
                    self.recorder.step(&span);
                    self.tell(&format!("end {}", span.id), at);
                    self.recorder.log(at, "step", format!("{} ended by {}", span.id, by.name()));
                    if let Some(calibration) = self.neutral.ends(&span, &self.settings) {
                        let told = match calibration.why_not.as_str() {
                            "" => "the neutral face was learned",
                            why_not => why_not,
                        };
                        self.recorder.log(at, "calibration", told.to_owned());
                        self.settings.record.calibration = Some(calibration);
                        // It is written again at the end; a folder that vanished is the recorder's to tell.
                        if let Err(error) = self.settings.record.save(&self.settings.dir) {
                            self.recorder.log(at, "error", error.to_string());
                        }
                    }
                }
            }
            Change::Marked { name, at } => {
                self.tell(&name, at);
                self.marked(Marker { t_s: at.as_secs_f64(), name, origin: "key".to_owned() });
            }
            Change::Finished { .. } => {}
            Change::Stopped { .. } => self.how = "stopped",
        }
    }

    fn marked(&mut self, marker: Marker) {
        self.marker_count += 1;
        self.last_marker = Some((marker.name.clone(), Timestamp::from_secs_f64(marker.t_s)));
        self.view.mark(marker.t_s);
        self.recorder.marker(marker);
    }

    fn tell(&mut self, text: &str, at: Timestamp) {
        let told = self.extras.tell(text, at, self.settings.clock.now());
        self.lose_link(told);
    }

    /// What others were not told is in the session all the same.
    fn lose_link(&mut self, told: Result<()>) {
        if let Err(error) = told {
            self.recorder.log(self.settings.clock.now(), "lsl", format!("{error:#}"));
        }
    }

    /// Says once that the disk will be full soon.
    fn look_at_disk(&mut self) {
        let Some(now) = self.now() else { return };
        let left_s = self.figures().seconds_left(now.as_secs_f64());
        if !self.warned_of_disk && left_s.is_some_and(|left_s| left_s < DISK_WARNING_S) {
            self.warned_of_disk = true;
            let text = format!("the disk is full in {:.0} s; make room, or stop", left_s.unwrap_or_default());
            eprintln!("onset: {text}");
            self.recorder.log(now, "disk", text);
        }
    }

    /// Seconds until the disk is full.
    pub(super) fn disk_left_s(&self) -> Option<f64> {
        self.figures().seconds_left(self.now()?.as_secs_f64())
    }

    fn source_ended(&mut self) {
        if self.how == "complete" && !self.runner.is_over() {
            self.how = "stopped";
            self.why = "the source ended before the protocol did".to_owned();
        }
    }

    fn fail(&mut self, why: String) {
        self.how = "failed";
        self.why = why;
    }

    /// Waits for what is under way, and writes how it ended.
    fn finish(mut self) -> Result<Outcome> {
        // A step that is broken off ends where the session does.
        if let Some(now) = self.now() {
            for change in self.runner.advance(now, &[RunnerKey::Stop]) {
                if matches!(change, Change::Ended { .. }) {
                    self.change(change);
                }
            }
        }
        self.session.stop();
        while let Ok(item) = self.session.items().recv() {
            self.take(item);
        }
        let result = self.session.finish();
        let duration_s = self.media_now.map_or(0.0, Timestamp::as_secs_f64);
        if let Err(error) = result {
            (self.how, self.why) = ("failed", error.to_string());
        }
        if !self.why.is_empty() {
            self.recorder.log(self.settings.clock.now(), self.how, self.why.clone());
        }
        let recorded = self.recorder.finish();
        if let Some(error) = recorded.failed {
            (self.how, self.why) = ("failed", error.to_string());
        }
        let mut record = self.settings.record;
        if let Some([width, height]) = recorded.size {
            (record.source.width_px, record.source.height_px) = (width, height);
        }
        if let Some(format) = recorded.format {
            record.source.pixel_format = format.name().to_owned();
            record.source.stored_as = stored_as(format).to_owned();
        }
        let totals: Totals = recorded.totals;
        let ended = Ended { duration_s, how: self.how.to_owned(), why: self.why, totals };
        record.ended = Some(ended.clone());
        let dir = recorded.rescued.unwrap_or(self.settings.dir);
        record.save(&dir)?;
        Ok(Outcome {
            session: record.id.clone(),
            ended,
            recorder_cpu: recorded.cpu,
            slowest_sync_ms: recorded.slowest_sync_ms,
            observations_lost: recorded.notes_lost,
            dir,
        })
    }

    /// Sleeps a little.
    pub(super) fn idle() {
        std::thread::sleep(IDLE);
    }
}
