//! The thread `record`: takes every frame, and what is said of it, to the disk. The live view never waits for it.
//!
//! Two bounded queues lead here. Frames come by a ring of their own, straight from the thread `capture`: when it is full,
//! the frame in hand is lost to the recording only and becomes a `Gap` with the reason `recorder`. Observations, steps and
//! markers come by a channel from the thread that runs the session.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, TryRecvError, TrySendError, bounded};

use super::log::SessionLog;
use super::media::Recipient;
use super::notes::Notes;
use super::reader::StepMessage;
use super::rescue;
use super::status::RecorderStatus;
use super::{Marker, SessionError, SessionWriter, StepSpan, Totals};
use crate::capture::{SessionClock, thread_cpu};
use crate::pipeline::{FrameReader, FrameWriter, LiveItem, Policy, frame_ring, record_policy, spawn_named};
use crate::types::{Frame, Gap, GapReason, PixelFormat, Timestamp};

/// Seconds between two chunks: what a crash may cost, with what waits in the queues.
const SYNC_S: f64 = 0.4;
/// Seconds between two previews.
const PREVIEW_S: f64 = 0.5;
/// A chunk is written earlier than that at so many bytes.
const SYNC_BYTES: u64 = 24 << 20;
/// Bytes that are left free: with them the index can always be written.
const RESERVE: u64 = 4 << 20;
/// Memory that frames may wait in, in bytes.
const RING_BYTES: usize = 192 << 20;
/// Seconds of frames that may wait.
const RING_S: f64 = 5.0;
/// Notes that may wait: ten seconds at 240 frames a second.
const NOTES: usize = 2400;
/// How long a step or a marker waits for room.
const PATIENCE: Duration = Duration::from_secs(2);
/// A wall clock that differs by more from the monotonic one has been set, or the machine slept.
const CLOCK_JUMP_S: f64 = 1.0;

/// What the session's thread says.
#[expect(clippy::large_enum_variant, reason = "the largest is by far the most frequent")]
enum Note {
    Item(LiveItem),
    Step(StepMessage),
    Marker(Marker),
    Log(Timestamp, &'static str, String),
    Sound { at: Timestamp, format: &'static str, rate_hz: u32, channels: u32, samples: Vec<u8> },
}

/// A recording under way.
pub struct Recorder {
    notes: Option<Sender<Note>>,
    waits: bool,
    status: Arc<RecorderStatus>,
    thread: Option<JoinHandle<Recorded>>,
}

/// How a recording ended.
#[derive(Debug, Default)]
pub struct Recorded {
    /// What is in the file.
    pub totals: Totals,
    /// What stopped it.
    pub failed: Option<SessionError>,
    /// Where its files are now, if its folder vanished.
    pub rescued: Option<PathBuf>,
    /// Width and height of the first frame, in pixels.
    pub size: Option<[u32; 2]>,
    /// Layout of the first frame.
    pub format: Option<PixelFormat>,
    /// Share of one core that the thread took, `[0, 1]`; 0 where the system does not tell.
    pub cpu: f64,
    /// Longest time that the disk took for a chunk, in ms.
    pub slowest_sync_ms: f64,
    /// Observations that found no room to wait for the disk.
    pub notes_lost: u64,
}

/// What a recording is made with.
pub struct RecorderSetup<'a> {
    /// The session's folder; it is there, and has no media yet.
    pub dir: &'a Path,
    /// The session's clock.
    pub clock: SessionClock,
    /// Wall-clock time of second 0, in nanoseconds since 1970.
    pub started_unix_ns: u64,
    /// Whom it is encrypted to.
    pub recipients: &'a [Recipient],
    /// Bytes of a frame, or more.
    pub frame_bytes: usize,
    /// Frames a second at most.
    pub fps: f64,
    /// The source can wait (a file that is not held to its own pace): nothing is lost, and [`Recorder::item`] waits too.
    pub waits: bool,
}

impl Recorder {
    /// Creates the media file and starts the thread. The ring's end is for [`crate::pipeline::start_recorded`].
    ///
    /// # Errors
    /// [`SessionError`], naming the file that cannot be created.
    pub fn start(setup: &RecorderSetup<'_>) -> Result<(Self, FrameWriter), SessionError> {
        let writer = SessionWriter::create(setup.dir, setup.started_unix_ns, setup.recipients)?;
        let log = SessionLog::open(setup.dir)?;
        let wanted = (setup.fps.clamp(1.0, 1000.0) * RING_S).ceil() as usize;
        let slots = wanted.min(RING_BYTES / setup.frame_bytes.max(1)).max(8);
        let policy = if setup.waits { Policy::Lossless } else { record_policy(slots) };
        let (ring_in, frames) = frame_ring(slots, setup.frame_bytes, policy);
        let (notes_in, notes) = bounded(NOTES);
        let status = Arc::new(RecorderStatus::default());
        status.slots.store(slots as u64, Relaxed);
        let thread = Thread {
            dir: setup.dir.to_owned(),
            writer,
            frames,
            notes,
            taker: Notes::default(),
            status: Arc::clone(&status),
            clock: setup.clock,
            log,
            synced_at: setup.clock.now(),
            wall_lead_s: 0.0,
            failed: None,
            first: None,
            previewed_at: None,
            started_at: setup.clock.now(),
        };
        let started = spawn_named("record", move || thread.run());
        let thread = started.map_err(SessionError::io("start the thread for", setup.dir))?;
        Ok((Self { notes: Some(notes_in), waits: setup.waits, status, thread: Some(thread) }, ring_in))
    }

    /// How it goes.
    pub fn status(&self) -> &RecorderStatus {
        &self.status
    }

    /// Records a result of the analysis. Never waits unless the source does: one that finds no room is counted.
    pub fn item(&self, item: LiveItem) {
        if self.waits {
            return self.must(Note::Item(item));
        }
        if let Some(notes) = &self.notes
            && let Err(TrySendError::Full(_)) = notes.try_send(Note::Item(item))
        {
            self.status.notes_lost.fetch_add(1, Relaxed);
        }
    }

    /// Records that a step begins, or where it has an end, that it ends.
    pub fn step(&self, span: &StepSpan) {
        let (what, t_s) = match span.end_s {
            None => ("begin", span.start_s),
            Some(end_s) => ("end", end_s),
        };
        self.must(Note::Step(StepMessage {
            t_s,
            what: what.to_owned(),
            step: span.step,
            id: span.id.clone(),
            kind: span.kind.clone(),
            target: span.target.clone(),
            stimulus: span.stimulus.clone(),
        }));
    }

    /// Records a marker.
    pub fn marker(&self, marker: Marker) {
        self.must(Note::Marker(marker));
    }

    /// Records a block of sound, interleaved; `format` is `pcm-s16` or `pcm-f32`, little endian.
    pub fn sound(&self, at: Timestamp, format: &'static str, rate_hz: u32, channels: u32, samples: Vec<u8>) {
        self.must(Note::Sound { at, format, rate_hz, channels, samples });
    }

    /// Writes a line of the log.
    pub fn log(&self, at: Timestamp, what: &'static str, text: String) {
        self.must(Note::Log(at, what, text));
    }

    /// Waits for room: rare, and never to be lost.
    fn must(&self, note: Note) {
        if let Some(notes) = &self.notes
            && notes.send_timeout(note, PATIENCE).is_err()
        {
            self.status.notes_lost.fetch_add(1, Relaxed);
        }
    }

    /// Ends the recording once every frame is written; call it when the capture has ended.
    pub fn finish(mut self) -> Recorded {
        self.notes = None;
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(recorded)) => recorded,
            _ => Recorded {
                failed: Some(SessionError::Record {
                    path: PathBuf::from("session.mcap"),
                    why: "the thread `record` failed unexpectedly; this is a bug, please report it. `onset session check` \
                          repairs the file"
                        .to_owned(),
                }),
                ..Recorded::default()
            },
        }
    }
}

/// The thread's own.
struct Thread {
    dir: PathBuf,
    writer: SessionWriter,
    frames: FrameReader,
    notes: Receiver<Note>,
    taker: Notes,
    status: Arc<RecorderStatus>,
    clock: SessionClock,
    log: SessionLog,
    synced_at: Timestamp,
    /// How far the wall clock has run ahead of the session's.
    wall_lead_s: f64,
    failed: Option<SessionError>,
    /// Size and layout of the first frame.
    first: Option<([u32; 2], PixelFormat)>,
    /// When the frame of the newest preview was captured.
    previewed_at: Option<Timestamp>,
    started_at: Timestamp,
}

impl Thread {
    fn run(mut self) -> Recorded {
        let mut has_frames = true;
        loop {
            if has_frames {
                has_frames = self.frames.wait(Duration::from_millis(20)).is_ok();
                self.take_frames();
            }
            let has_notes = self.take_notes();
            self.sync_if_due();
            if !has_frames {
                if !has_notes {
                    break;
                }
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        self.end()
    }

    /// Does `write` unless the recording has failed; a failure is the last thing that is tried.
    fn attempt(&mut self, write: impl FnOnce(&mut SessionWriter) -> Result<(), SessionError>) {
        if self.failed.is_some() {
            return;
        }
        if let Err(error) = write(&mut self.writer) {
            self.fail(error);
        }
    }

    fn fail(&mut self, error: SessionError) {
        self.log.line(self.clock.now(), "error", &error.to_string());
        let _ = self.status.failed.set(error.to_string());
        self.failed = Some(error);
    }

    fn take_frames(&mut self) {
        while let Some(mut slot) = self.frames.take() {
            for gap in slot.gaps.take() {
                // Only this ring overruns on the way here.
                let reason = if gap.reason == GapReason::Overrun { GapReason::Recorder } else { gap.reason };
                self.gap(&Gap { reason, ..gap });
            }
            if slot.has_frame {
                self.note_first(&slot.frame);
                match self.failed.is_none().then(|| self.writer.frame(&slot.frame)) {
                    Some(Ok(())) => {
                        self.status.frames.fetch_add(1, Relaxed);
                        self.preview_if_due(&slot.frame);
                    }
                    Some(Err(SessionError::Media { why, .. })) => {
                        // A frame of the wrong length: lost, and said; the next one may be whole.
                        self.log.line(slot.frame.captured_at, "frame", &why);
                        let (first_seq, at) = (slot.frame.seq, slot.frame.captured_at);
                        self.gap(&Gap { first_seq, count: 1, at, reason: GapReason::Corrupt });
                    }
                    Some(Err(error)) => self.fail(error),
                    None => {
                        self.status.frames_lost.fetch_add(1, Relaxed);
                    }
                }
            }
            self.frames.give_back(slot);
            self.status.queued.store(self.frames.waiting() as u64, Relaxed);
            if self.writer.waiting_bytes() >= SYNC_BYTES {
                self.sync();
            }
        }
    }

    /// What viewers show of frames that are not JPEG. One that fails is no loss: the frame itself is in the file.
    fn preview_if_due(&mut self, frame: &Frame) {
        let at = frame.captured_at;
        let is_due = self.previewed_at.is_none_or(|last| at.seconds_since(last) >= PREVIEW_S);
        if frame.format == PixelFormat::Mjpeg || !is_due {
            return;
        }
        self.previewed_at = Some(at);
        if let Err(error) = self.writer.preview(frame) {
            self.log.line(at, "preview", &error.to_string());
        }
    }

    fn note_first(&mut self, frame: &Frame) {
        self.first.get_or_insert(([frame.width, frame.height], frame.format));
    }

    fn gap(&mut self, gap: &Gap) {
        self.status.gaps.fetch_add(1, Relaxed);
        self.status.frames_lost.fetch_add(gap.count, Relaxed);
        let text = format!("{} frames from number {}: {}", gap.count, gap.first_seq, gap.reason.name());
        self.log.line(gap.at, "gap", &text);
        self.attempt(|writer| writer.gap(gap));
    }

    /// Takes what has been said; false when nothing will come any more.
    fn take_notes(&mut self) -> bool {
        loop {
            match self.notes.try_recv() {
                Ok(note) => self.note(note),
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
    }

    fn note(&mut self, note: Note) {
        match note {
            Note::Log(at, what, text) => self.log.line(at, what, &text),
            _ if self.failed.is_some() => {}
            Note::Item(item) => {
                let taken = self.taker.item(&item, &mut self.writer);
                self.status.events.store(self.taker.claimed(), Relaxed);
                if let Err(error) = taken {
                    self.fail(error);
                }
            }
            Note::Sound { at, format, rate_hz, channels, samples } => {
                self.attempt(|writer| writer.audio(at, format, rate_hz, channels, &samples));
            }
            Note::Step(step) => {
                let at = Timestamp::from_secs_f64(step.t_s);
                if step.what == "begin" {
                    self.log.line(at, "step", &format!("{} begins ({})", step.id, step.kind));
                }
                self.attempt(|writer| writer.json(super::Topic::Stimulus, at, &step));
            }
            Note::Marker(marker) => {
                let at = Timestamp::from_secs_f64(marker.t_s);
                self.status.markers.fetch_add(1, Relaxed);
                self.log.line(at, "marker", &marker.name);
                self.attempt(|writer| writer.json(super::Topic::Marker, at, &marker));
            }
        }
    }

    fn sync_if_due(&mut self) {
        if self.clock.now().seconds_since(self.synced_at) >= SYNC_S {
            self.sync();
        }
    }

    /// Writes a chunk, and looks whether there is still a disk to write to.
    fn sync(&mut self) {
        let started = self.clock.now();
        self.synced_at = started;
        if self.failed.is_some() {
            return;
        }
        let waiting = self.writer.waiting_bytes();
        self.attempt(SessionWriter::sync);
        let took_us = (self.clock.now().seconds_since(started) * 1e6) as u64;
        self.status.slowest_sync_us.fetch_max(took_us, Relaxed);
        self.status.bytes.store(self.writer.bytes(), Relaxed);
        self.look_at_disk(waiting);
        self.look_at_clock();
    }

    fn look_at_disk(&mut self, chunk: u64) {
        if self.failed.is_some() {
            return;
        }
        if !self.writer.path().exists() {
            let path = self.writer.path().to_owned();
            let gone = std::io::Error::new(std::io::ErrorKind::NotFound, "the session's folder has vanished");
            return self.fail(SessionError::io("write", &path)(gone));
        }
        let Ok(left) = fs4::available_space(&self.dir) else { return };
        self.status.disk_left.store(left, Relaxed);
        // The next chunk may be larger than this one; the index must fit too.
        if left < RESERVE + 2 * chunk {
            let path = self.writer.path().to_owned();
            let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
            self.fail(SessionError::io("go on with", &path)(full));
        }
    }

    fn look_at_clock(&mut self) {
        let lead_s = self.clock.wall_lead_s();
        if (lead_s - self.wall_lead_s).abs() > CLOCK_JUMP_S {
            let text = format!(
                "the system's clock jumped by {:+.3} s; times in this session do not depend on it",
                lead_s - self.wall_lead_s
            );
            self.log.line(self.clock.now(), "clock", &text);
            self.wall_lead_s = lead_s;
        }
    }

    fn end(mut self) -> Recorded {
        if self.failed.is_none()
            && let Err(error) = self.taker.finish(&mut self.writer)
        {
            self.fail(error);
        }
        self.attempt(SessionWriter::sync);
        let figures = self.status.figures();
        if figures.notes_lost > 0 {
            let text =
                format!("{} results found no room to wait for the disk and are missing", figures.notes_lost);
            self.log.line(self.clock.now(), "error", &text);
        }
        let wall_s = self.clock.now().seconds_since(self.started_at);
        let mut recorded = Recorded {
            totals: Totals {
                frames: figures.frames,
                frames_lost: figures.frames_lost,
                gaps: self.status.gaps.load(Relaxed),
                frames_not_analysed: self.taker.not_analysed(),
                events: self.taker.claimed(),
                markers: self.status.markers.load(Relaxed),
                bytes: 0,
            },
            size: self.first.map(|(size, _)| size),
            format: self.first.map(|(_, format)| format),
            cpu: thread_cpu().map_or(0.0, |cpu| cpu.as_secs_f64() / wall_s.max(1e-3)),
            slowest_sync_ms: figures.slowest_sync_ms,
            notes_lost: figures.notes_lost,
            ..Recorded::default()
        };
        match self.failed {
            None => match self.writer.finish() {
                Ok(bytes) => {
                    recorded.totals.bytes = bytes;
                    let text = format!("{} frames, {bytes} bytes", recorded.totals.frames);
                    self.log.line(self.clock.now(), "end", &text);
                }
                Err(error) => recorded.failed = Some(error),
            },
            Some(error) => {
                recorded.failed = Some(error);
                let path = self.writer.path().to_owned();
                let saved = rescue::close_or_move(self.writer, &self.dir);
                if let Err(error) = &saved {
                    let text = format!("the index could not be written: {error}");
                    self.log.line(self.clock.now(), "error", &text);
                }
                recorded.rescued = saved.ok().flatten();
                let moved = recorded.rescued.as_ref().and_then(|dir| Some(dir.join(path.file_name()?)));
                let media = moved.unwrap_or(path);
                recorded.totals.bytes = std::fs::metadata(media).map_or(0, |media| media.len());
            }
        }
        recorded
    }
}
