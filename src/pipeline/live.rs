//! The live session: starts its threads and holds the queues between them.
//!
//! ```text
//! capture --ring (newest wins)--> analyze --items (bounded, waits)--> caller (window or JSON lines)
//!                                  |   ^     display (bounded, skips)
//!                             jobs v   | results (one at a time)
//!                                landmarks
//! ```
//!
//! `items` carries every observation and waits when the caller does not take them (then frames are lost at the ring,
//! and counted). `display` carries a frame with its observation only when the caller has given a buffer back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::beside::Beside;
use super::live_threads::{Analysis, Capture};
use super::measure::Measurer;
use super::ring::{FrameWriter, Policy, frame_ring};
use super::{Analyzer, AnalyzerError, AnalyzerParams, spawn_named};
use crate::capture::{CaptureError, SessionClock, Source};
use crate::types::{
    Event, Frame, Gap, LandmarkUpdate, NoProbe, Observation, RegionId, StageProbe, Timestamp,
};

/// Frames may wait this long before the newest one wins, in seconds: it bounds the latency.
const MAX_BACKLOG_S: f64 = 0.15;
/// Memory that the ring's frames may take, in bytes.
const RING_BYTES: usize = 48 << 20;
/// Observations that may wait for the caller: four seconds at 60 fps.
const ITEMS: usize = 256;

/// How a live session runs.
#[derive(Clone, Debug)]
pub struct LiveOptions {
    /// The analysis.
    pub analyzer: AnalyzerParams,
    /// Hold frames of a file back until their time has come, as if live. Cameras set their own pace.
    pub pace: bool,
    /// Let the source wait instead of losing frames (recording and replay).
    pub lossless: bool,
    /// Deliver frames for display too.
    pub display: bool,
    /// Stop after this much media time, in seconds.
    pub duration_s: Option<f64>,
}

/// Why a live session ended early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LiveError {
    /// The source failed.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// The analysis failed.
    #[error(transparent)]
    Analyzer(#[from] AnalyzerError),
    /// The operating system could not start a thread.
    #[error("cannot start the {name} thread: {source}; close other programs and try again")]
    Thread {
        /// The thread's name.
        name: &'static str,
        /// The operating system's word.
        source: std::io::Error,
    },
    /// A thread panicked.
    #[error("the {0} thread failed unexpectedly; this is a bug, please report it with the message above")]
    Panicked(&'static str),
}

/// What a session sends to its caller. Its largest kind is by far the most frequent: a box would cost an allocation a frame.
#[expect(clippy::large_enum_variant, reason = "nothing is allocated for a frame")]
#[derive(Debug)]
pub enum LiveItem {
    /// One analysed frame.
    Observation {
        /// The result.
        observation: Observation,
        /// Time from the frame's arrival to its result, in ms.
        latency_ms: f64,
        /// When the result was ready, on the session's clock.
        result_at: Timestamp,
    },
    /// Frames were lost and none has come since (a camera that stalls). Not repeated in an observation.
    Gap(Gap),
    /// A measurement that was under way when the source ended.
    LastUpdate(Arc<LandmarkUpdate>),
    /// Events that changed as the source ended.
    LastEvents(Vec<Event>),
}

/// A frame with its result, for the window. The buffers go back and forth.
#[derive(Debug, Default)]
pub struct DisplayFrame {
    /// The frame as it was captured.
    pub frame: Frame,
    /// Its result.
    pub observation: Option<Observation>,
    /// Where each region is, in image pixels.
    pub region_points_px: Vec<(RegionId, [f32; 2])>,
}

/// Switches that the caller may set at any time.
#[derive(Debug, Default)]
pub(super) struct Controls {
    pub(super) stop: AtomicBool,
    pub(super) is_paused: AtomicBool,
    pub(super) recalibrate: AtomicBool,
}

/// A running session. Dropping it stops the threads; [`LiveSession::finish`] also says how it ended.
pub struct LiveSession {
    items: Receiver<LiveItem>,
    display: Receiver<Box<DisplayFrame>>,
    display_free: Sender<Box<DisplayFrame>>,
    controls: Arc<Controls>,
    clock: SessionClock,
    capture: Option<JoinHandle<Result<(), CaptureError>>>,
    analyze: Option<JoinHandle<Result<(), AnalyzerError>>>,
    landmarks: Option<JoinHandle<()>>,
}

impl LiveSession {
    /// Every observation, in order; disconnects when the session has ended.
    pub fn items(&self) -> &Receiver<LiveItem> {
        &self.items
    }

    /// The newest frame for display, if one has come; give it back with [`LiveSession::give_back`].
    pub fn display_frame(&self) -> Option<Box<DisplayFrame>> {
        self.display.try_iter().reduce(|older, newer| {
            self.give_back(older);
            newer
        })
    }

    /// Returns a display frame's buffers.
    pub fn give_back(&self, frame: Box<DisplayFrame>) {
        let _ = self.display_free.try_send(frame);
    }

    /// The session's clock.
    pub fn clock(&self) -> &SessionClock {
        &self.clock
    }

    /// Holds the playback of a file, or lets it go on. Cameras go on: what happens is not missed.
    pub fn set_paused(&self, is_paused: bool) {
        self.controls.is_paused.store(is_paused, Relaxed);
    }

    /// Takes the face as it is now for its rest.
    pub fn recalibrate(&self) {
        self.controls.recalibrate.store(true, Relaxed);
    }

    /// Asks the session to end; frames already captured are still analysed.
    pub fn stop(&self) {
        self.controls.stop.store(true, Relaxed);
    }

    /// Ends the session and says how it went. Observations that were not taken are dropped.
    ///
    /// # Errors
    /// What ended the session early.
    pub fn finish(mut self) -> Result<(), LiveError> {
        self.stop();
        for _ in self.items.iter() {}
        let analyzed = join(self.analyze.take(), "analyze")?;
        join(self.landmarks.take(), "landmarks")?;
        let captured = join(self.capture.take(), "capture")?;
        captured.transpose()?;
        analyzed.transpose()?;
        Ok(())
    }
}

impl Drop for LiveSession {
    fn drop(&mut self) {
        self.stop();
    }
}

fn join<T>(thread: Option<JoinHandle<T>>, name: &'static str) -> Result<Option<T>, LiveError> {
    thread.map(|thread| thread.join().map_err(|_| LiveError::Panicked(name))).transpose()
}

/// Who is told of the stages of a session; each belongs to its thread from then on.
pub struct Probes {
    /// On the thread `analyze`.
    pub analysis: Box<dyn StageProbe>,
    /// On the thread `landmarks`.
    pub landmarks: Box<dyn StageProbe>,
}

impl Default for Probes {
    /// Nobody.
    fn default() -> Self {
        Self { analysis: Box::new(NoProbe), landmarks: Box::new(NoProbe) }
    }
}

/// Starts the threads of a live session. `clock` is the one that the source was opened with.
///
/// # Errors
/// A model that cannot be loaded, or a thread that cannot be started.
pub fn start(
    source: Box<dyn Source>,
    clock: SessionClock,
    options: LiveOptions,
) -> Result<LiveSession, LiveError> {
    start_timed(source, clock, options, Probes::default())
}

/// [`start`], telling `probes` of the stages.
///
/// # Errors
/// As there.
pub fn start_timed(
    source: Box<dyn Source>,
    clock: SessionClock,
    options: LiveOptions,
    probes: Probes,
) -> Result<LiveSession, LiveError> {
    start_threads(source, clock, options, probes, None)
}

/// [`start`], handing every frame to a second ring too, for a recorder: what the analysis skips is in there. Make that ring with
/// [`super::record_policy`], so that the capture never waits for it.
///
/// # Errors
/// As there.
pub fn start_recorded(
    source: Box<dyn Source>,
    clock: SessionClock,
    options: LiveOptions,
    recording: FrameWriter,
) -> Result<LiveSession, LiveError> {
    start_threads(source, clock, options, Probes::default(), Some(recording))
}

fn start_threads(
    source: Box<dyn Source>,
    clock: SessionClock,
    options: LiveOptions,
    probes: Probes,
    recording: Option<FrameWriter>,
) -> Result<LiveSession, LiveError> {
    let mut measurer = Measurer::new(options.analyzer.face)?;
    measurer.set_probe(probes.landmarks);
    let controls = Arc::new(Controls::default());
    let info = source.info();
    let frame_bytes = info.width as usize * info.height as usize * 3;
    let backlog = (MAX_BACKLOG_S * info.nominal_fps.unwrap_or(30.0)).ceil().clamp(3.0, 32.0) as usize;
    let slots = (backlog + 4).min(RING_BYTES / frame_bytes.max(1)).max(4);
    let policy = if options.lossless {
        Policy::Lossless
    } else {
        Policy::NewestWins { max_backlog: backlog.min(slots - 2) }
    };
    let (writer, reader) = frame_ring(slots, frame_bytes, policy);
    let (items_in, items) = bounded(ITEMS);
    let (display_in, display) = bounded(2);
    let (display_free, display_free_out) = bounded(2);
    if options.display {
        for _ in 0..2 {
            let _ = display_free.try_send(Box::default());
        }
    }

    let (beside, landmarks) =
        Beside::start(measurer).map_err(|source| LiveError::Thread { name: "landmarks", source })?;
    let mut analyzer = Analyzer::with_measure(options.analyzer.clone(), Box::new(beside))?;
    analyzer.set_probe(probes.analysis);
    let analysis = Analysis {
        analyzer,
        reader,
        clock,
        items: items_in,
        display: display_in,
        display_free: display_free_out,
        controls: Arc::clone(&controls),
        shown_at: None,
    };
    let analyze = spawn("analyze", move || analysis.run())?;
    let capture = Capture { source, writer, recording, clock, controls: Arc::clone(&controls), options };
    let capture = spawn("capture", move || capture.run())?;
    Ok(LiveSession {
        items,
        display,
        display_free,
        controls,
        clock,
        capture: Some(capture),
        analyze: Some(analyze),
        landmarks: Some(landmarks),
    })
}

fn spawn<T: Send + 'static>(
    name: &'static str,
    body: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>, LiveError> {
    spawn_named(name, body).map_err(|source| LiveError::Thread { name, source })
}
