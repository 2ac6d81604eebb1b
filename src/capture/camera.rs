//! A camera as a source, with a watchdog: it may stall, go away and come back.
//!
//! The camera runs on its own thread (see `worker`); [`CameraSource::next`] waits a moment at most, so that a silent
//! camera never keeps the program from stopping. One that
//! delivers nothing for 2 s is reported as a gap, opened again with growing pauses, and after 30 s given up with an
//! error that names it. Frames that waited too long in the queue of four give way to newer ones and are reported too,
//! and so are those that the driver lost by its own count.

mod backend;
mod devices;
mod fault;
mod format;
#[cfg(target_os = "linux")]
mod linux;
mod native;
mod request;
#[cfg(test)]
mod tests;
mod worker;

pub use super::session_clock::DriverStamp;
pub use backend::{CameraBackend, CameraStream, FrameNote, OpenedCamera};
pub use devices::{CameraControl, CameraDevice, list_cameras};
pub use fault::CameraFault;
pub use format::{CameraFormat, CameraPixels, rank_formats};
pub use request::{Adjust, CameraControls, CameraRequest, CameraTimeouts, DeviceChoice};

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::RecvTimeoutError;

use super::session_clock::SessionClock;
use super::source::{CaptureError, Captured, Source, SourceInfo};
use crate::types::{Frame, Gap, GapReason, Timestamp};
use fault::broken_driver;
use worker::{News, Slot, Worker};

/// Blocked workers that may be left behind before the camera is given up: each holds a thread and a few frames.
const MAX_ABANDONED: u32 = 3;
/// How long dropping the source waits for the camera's thread.
const STOP_PATIENCE: Duration = Duration::from_millis(500);
/// How long one call waits for a frame.
const FRAME_PATIENCE: Duration = Duration::from_millis(250);

/// A camera as a [`Source`].
pub struct CameraSource {
    info: SourceInfo,
    backend: Arc<dyn CameraBackend>,
    request: CameraRequest,
    clock: SessionClock,
    worker: Worker,
    abandoned: u32,
    /// The first frame, read while opening.
    pending: Option<Slot>,
    next_seq: u64,
    next_index: u64,
    /// Frames lost by the driver that were reported, of the worker's count.
    driver_lost: u64,
    fps: f64,
    /// Capture time of the last frame.
    last_at: Timestamp,
    /// When something last came, on the session's clock.
    last_arrival: Timestamp,
    /// How long no frame came, since the last one or the last report of silence.
    waited: Duration,
    /// Up to when lost frames were reported.
    reported_until: Timestamp,
    last_fault: Option<CameraFault>,
    unstamped: u64,
    stalls: u64,
    warnings: Vec<String>,
    has_ended: bool,
}

impl CameraSource {
    /// Opens a camera and waits for its first frame.
    ///
    /// # Errors
    /// [`CaptureError::NoCamera`], [`CaptureError::CameraBusy`], [`CaptureError::CameraPermission`],
    /// [`CaptureError::CameraFormat`], [`CaptureError::CameraStalled`] (opened, but no frame comes) or
    /// [`CaptureError::CameraFailed`].
    pub fn open(request: &CameraRequest, clock: SessionClock) -> Result<Self, CaptureError> {
        #[cfg(target_os = "linux")]
        let backend = Arc::new(linux::Linux::default());
        #[cfg(not(target_os = "linux"))]
        let backend = Arc::new(native::Native);
        Self::open_with(backend, request, clock)
    }

    /// The same with another backend.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with(
        backend: Arc<dyn CameraBackend>,
        request: &CameraRequest,
        clock: SessionClock,
    ) -> Result<Self, CaptureError> {
        let asked = request.device.to_string();
        let worker = start_worker(&backend, request, clock, false)?;
        let start = request.timeouts.start;
        let (name, format, warnings) = match worker.news.recv_timeout(start) {
            Ok(News::Opened { name, format, warnings }) => (name, format, warnings),
            Ok(News::Failed(fault)) => return Err(CaptureError::from_fault(&asked, request, fault)),
            Err(RecvTimeoutError::Timeout) => {
                return Err(CaptureError::CameraStalled { device: asked, seconds: start.as_secs_f64() });
            }
            Err(RecvTimeoutError::Disconnected) => return Err(broken_driver(&asked)),
        };
        let first = match worker.frames.recv_timeout(start) {
            Ok(slot) => slot,
            Err(_) => {
                return Err(match worker.news.try_recv() {
                    Ok(News::Failed(fault)) => CaptureError::from_fault(&name, request, fault),
                    _ => CaptureError::CameraStalled { device: name, seconds: start.as_secs_f64() },
                });
            }
        };
        let info = SourceInfo {
            name,
            path: None,
            width: format.width,
            height: format.height,
            nominal_fps: (format.fps > 0.0).then_some(format.fps),
            frame_count: None,
            duration_s: None,
            timestamp_source: first.stamped_by,
            is_live: true,
        };
        Ok(Self {
            backend,
            request: request.for_the_same(&info.name),
            info,
            clock,
            worker,
            abandoned: 0,
            next_seq: 0,
            next_index: first.index,
            driver_lost: first.driver_lost,
            fps: if format.fps > 0.0 { format.fps } else { 30.0 },
            last_at: first.captured_at,
            last_arrival: first.arrived_at,
            waited: Duration::ZERO,
            reported_until: first.captured_at,
            pending: Some(first),
            last_fault: None,
            unstamped: 0,
            stalls: 0,
            warnings,
            has_ended: false,
        })
    }

    /// Reads what happened to the camera, and whether it was opened again.
    fn read_news(&mut self) -> bool {
        let mut was_reopened = false;
        while let Ok(news) = self.worker.news.try_recv() {
            match news {
                News::Opened { name, format, warnings } => {
                    let text = format!("{name}: the camera came back ({format})");
                    self.warnings.push(text);
                    self.warnings.extend(warnings);
                    self.fps = if format.fps > 0.0 { format.fps } else { self.fps };
                    self.last_fault = None;
                    was_reopened = true;
                }
                News::Failed(fault) => self.last_fault = Some(fault),
            }
        }
        was_reopened
    }

    /// Reports frames as lost from the last report up to `until`.
    fn stalled(&mut self, until: Timestamp) -> Captured {
        let lost_s = until.seconds_since(self.reported_until);
        let count = ((lost_s * self.fps).round() as u64).max(1);
        let at = self.reported_until + Duration::from_secs_f64(1.0 / self.fps);
        self.reported_until = until.max(self.reported_until);
        self.gap(count, at, GapReason::Stalled)
    }

    fn gap(&mut self, count: u64, at: Timestamp, reason: GapReason) -> Captured {
        let gap = Gap { first_seq: self.next_seq, count, at, reason };
        self.next_seq += count;
        Captured::Gap(gap)
    }

    /// Reports `count` frames as lost after the last one that came; `slot` is delivered next.
    fn gap_before(&mut self, slot: Slot, count: u64, reason: GapReason) -> Captured {
        let at = self.reported_until + Duration::from_secs_f64(1.0 / self.fps);
        // A second loss before the same frame follows the first.
        self.reported_until =
            (self.reported_until + Duration::from_secs_f64(count as f64 / self.fps)).min(slot.captured_at);
        let at = at.min(slot.captured_at);
        self.pending = Some(slot);
        self.gap(count, at, reason)
    }

    /// Nothing came for the stall time: report it, and do something about it.
    fn on_silence(&mut self) -> Result<Captured, CaptureError> {
        self.read_news();
        let timeouts = self.request.timeouts;
        let silence_s = self.clock.now().seconds_since(self.last_arrival);
        if silence_s >= timeouts.gone.as_secs_f64() {
            self.has_ended = true;
            let device = self.info.name.clone();
            let why = self
                .last_fault
                .as_ref()
                .map_or_else(|| "it stopped delivering".to_owned(), ToString::to_string);
            return Err(CaptureError::CameraLost { device, why, seconds: silence_s });
        }
        // Without a fault the worker hangs in the driver: only a new one can open the camera again.
        let is_blocked = self.last_fault.is_none();
        let patience_s = timeouts.abandon.as_secs_f64() * f64::from(self.abandoned + 1);
        if is_blocked && silence_s >= patience_s && self.abandoned < MAX_ABANDONED {
            // One that is not blocked after all ends at once, and lets go of the camera.
            self.worker.stop(STOP_PATIENCE);
            self.worker = start_worker(&self.backend, &self.request, self.clock, true)?;
            (self.next_index, self.driver_lost) = (0, 0);
            self.abandoned += 1;
        }
        if self.stalls == 0 || self.last_arrival > self.reported_until {
            self.stalls += 1;
        }
        Ok(self.stalled(self.clock.now()))
    }

    /// Fills `frame` from a slot, or reports what was lost before it.
    fn deliver(&mut self, slot: Slot, frame: &mut Frame) -> Captured {
        let overrun = slot.index.saturating_sub(self.next_index);
        if overrun > 0 {
            self.next_index = slot.index;
            return self.gap_before(slot, overrun, GapReason::Overrun);
        }
        let skipped = slot.driver_lost.saturating_sub(self.driver_lost);
        if skipped > 0 {
            self.driver_lost = slot.driver_lost;
            return self.gap_before(slot, skipped, GapReason::Driver);
        }
        self.next_index = slot.index + 1;
        // The clock of a reopened camera may begin a little earlier.
        let captured_at = slot.captured_at.max(self.last_at);
        (self.last_at, self.last_arrival, self.reported_until) = (captured_at, slot.arrived_at, captured_at);
        self.abandoned = 0;
        self.unstamped += u64::from(slot.stamped_by != self.info.timestamp_source);
        if !slot.is_whole {
            self.worker.recycle(slot.data);
            return self.gap(1, captured_at, GapReason::Corrupt);
        }
        (frame.seq, frame.captured_at, frame.arrived_at) = (self.next_seq, captured_at, slot.arrived_at);
        (frame.width, frame.height) = (slot.format.width, slot.format.height);
        frame.format = slot.format.pixels.frame_format();
        self.worker.recycle(std::mem::replace(&mut frame.data, slot.data));
        self.next_seq += 1;
        Captured::Frame
    }
}

impl Source for CameraSource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn next(&mut self, frame: &mut Frame) -> Result<Captured, CaptureError> {
        if self.has_ended {
            return Ok(Captured::End);
        }
        if let Some(slot) = self.pending.take() {
            return Ok(self.deliver(slot, frame));
        }
        let stall = self.request.timeouts.stall;
        let patience = FRAME_PATIENCE.min(stall);
        match self.worker.frames.recv_timeout(patience) {
            Ok(slot) => {
                self.waited = Duration::ZERO;
                // The rest of a silence that was reported in part, or a loss and return within the stall time.
                let has_stalled = self.read_news() || self.reported_until > self.last_at;
                let period_s = 1.0 / self.fps;
                if has_stalled && slot.captured_at.seconds_since(self.reported_until) > 1.5 * period_s {
                    // What the driver counted as lost meanwhile is in the report of the silence.
                    (self.next_index, self.driver_lost) = (slot.index, slot.driver_lost);
                    let until = slot.captured_at - Duration::from_secs_f64(period_s);
                    self.pending = Some(slot);
                    return Ok(self.stalled(until));
                }
                Ok(self.deliver(slot, frame))
            }
            Err(RecvTimeoutError::Timeout) => {
                self.waited += patience;
                if self.waited < stall {
                    return Ok(Captured::Waiting);
                }
                self.waited = Duration::ZERO;
                self.on_silence()
            }
            Err(RecvTimeoutError::Disconnected) => {
                self.read_news();
                self.has_ended = true;
                let device = self.info.name.clone();
                Err(match self.last_fault.take() {
                    Some(fault) => CaptureError::from_fault(&device, &self.request, fault),
                    None => broken_driver(&device),
                })
            }
        }
    }

    fn warnings(&self) -> Vec<String> {
        let mut warnings = self.warnings.clone();
        let name = &self.info.name;
        if self.unstamped > 0 {
            let by = self.info.timestamp_source.name();
            warnings
                .push(format!("{name}: {} frames were not stamped by {by} as the others", self.unstamped));
        }
        if self.stalls > 0 {
            warnings.push(format!("{name}: the camera stopped delivering {} times", self.stalls));
        }
        warnings
    }
}

impl Drop for CameraSource {
    fn drop(&mut self) {
        self.worker.stop(STOP_PATIENCE);
    }
}

fn start_worker(
    backend: &Arc<dyn CameraBackend>,
    request: &CameraRequest,
    clock: SessionClock,
    keep_trying: bool,
) -> Result<Worker, CaptureError> {
    Worker::start(Arc::clone(backend), request.clone(), clock, keep_trying).map_err(|e| {
        CaptureError::CameraFailed {
            device: request.device.to_string(),
            why: format!("no thread can be started ({e}); close other programs"),
        }
    })
}
