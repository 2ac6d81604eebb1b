//! The camera's own thread: opens, reads, stamps, and opens again after a loss.
//!
//! It owns the camera. V4L2 reads end within a fraction of a second, frame or not; nokhwa's block for ever when a camera
//! stalls, and nothing but the process's end can stop such a read. So the source waits with a timeout, and can leave a
//! blocked worker behind: the worker notices on waking that nobody listens, and ends.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, TryRecvError, TrySendError, bounded};

use super::backend::{CameraBackend, OpenedCamera};
use super::fault::CameraFault;
use super::format::{CameraFormat, CameraPixels};
use super::request::CameraRequest;
use crate::capture::session_clock::SessionClock;
use crate::image::convert::frame_len;
use crate::types::{Timestamp, TimestampSource};

/// Frames between the worker and the source. Drop policy: the oldest waiting frame goes when a newer one comes.
const QUEUE: usize = 4;

/// One frame on its way to the source.
#[derive(Debug)]
pub(super) struct Slot {
    /// Counts the frames that this worker read, from 0.
    pub(super) index: u64,
    pub(super) captured_at: Timestamp,
    pub(super) arrived_at: Timestamp,
    pub(super) stamped_by: TimestampSource,
    pub(super) format: CameraFormat,
    /// Frames that the driver had lost up to this one, by its own count, since this worker began.
    pub(super) driver_lost: u64,
    /// False where the driver calls the picture broken, or it has fewer bytes than the format.
    pub(super) is_whole: bool,
    pub(super) data: Vec<u8>,
}

/// What happened to the camera, beside frames.
#[derive(Debug)]
pub(super) enum News {
    Opened { name: String, format: CameraFormat, warnings: Vec<String> },
    Failed(CameraFault),
}

/// The source's end of a worker.
pub(super) struct Worker {
    pub(super) frames: Receiver<Slot>,
    /// Drop policy: when the source has not read the last news, later ones of the same kind are left out.
    pub(super) news: Receiver<News>,
    recycled: Sender<Vec<u8>>,
    /// Dropping it asks the worker to end.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
    done: Receiver<()>,
}

/// The worker's end.
struct Context {
    backend: Arc<dyn CameraBackend>,
    request: CameraRequest,
    clock: SessionClock,
    frames: Sender<Slot>,
    /// For taking back the oldest frame when the queue is full.
    waiting: Receiver<Slot>,
    news: Sender<News>,
    buffers: Receiver<Vec<u8>>,
    stop: Receiver<()>,
    /// Dropped with the context: tells that the thread has ended.
    _done: Sender<()>,
}

impl Worker {
    /// Starts the thread `onset-camera`. With `keep_trying`, an opening that fails is tried again; without, it ends it.
    pub(super) fn start(
        backend: Arc<dyn CameraBackend>,
        request: CameraRequest,
        clock: SessionClock,
        keep_trying: bool,
    ) -> std::io::Result<Self> {
        let (frame_sender, frames) = bounded(QUEUE);
        let (news_sender, news) = bounded(QUEUE);
        let (recycled, buffers) = bounded(QUEUE + 2);
        let (stop_sender, stop) = bounded(0);
        let (done_sender, done) = bounded(0);
        let context = Context {
            backend,
            request,
            clock,
            frames: frame_sender,
            waiting: frames.clone(),
            news: news_sender,
            buffers,
            stop,
            _done: done_sender,
        };
        let thread = std::thread::Builder::new()
            .name("onset-camera".to_owned())
            .spawn(move || run(&context, keep_trying))?;
        Ok(Self { frames, news, recycled, stop: Some(stop_sender), thread: Some(thread), done })
    }

    /// Gives a buffer back for the next frame.
    pub(super) fn recycle(&self, buffer: Vec<u8>) {
        // A full queue means that there are enough buffers already.
        let _ = self.recycled.try_send(buffer);
    }

    /// Asks the worker to end, and waits `patience` for it; a worker blocked in the camera's driver is left behind.
    pub(super) fn stop(&mut self, patience: Duration) {
        self.stop = None;
        // Nothing is ever sent: this returns when the worker drops its end, or after `patience`.
        let _ = self.done.recv_timeout(patience);
        if self.thread.as_ref().is_some_and(JoinHandle::is_finished)
            && let Some(thread) = self.thread.take()
        {
            // A panic in a driver library was the worker's own; the source has noticed by the closed channel.
            let _ = thread.join();
        }
    }
}

fn run(context: &Context, keep_trying: bool) {
    let timeouts = &context.request.timeouts;
    let mut pause = timeouts.retry_first;
    let mut counted = Counted::default();
    let mut is_first = true;
    let mut request = context.request.clone();
    while !context.should_stop() {
        match context.backend.open(&request) {
            Ok(opened) => {
                is_first = false;
                let frames_before = counted.read;
                request = request.for_the_same(&opened.name);
                let OpenedCamera { name, format, warnings, stream } = opened;
                context.tell(News::Opened { name, format, warnings });
                let fault = context.read_until_fault(stream, format, &mut counted);
                let Some(fault) = fault else { return };
                context.tell(News::Failed(fault));
                if counted.read > frames_before {
                    pause = timeouts.retry_first;
                }
            }
            Err(fault) => {
                context.tell(News::Failed(fault));
                if is_first && !keep_trying {
                    return;
                }
            }
        }
        // Nothing is ever sent on `stop`: only its closing ends the pause early.
        if context.stop.recv_timeout(pause) == Err(crossbeam_channel::RecvTimeoutError::Disconnected) {
            return;
        }
        pause = (pause * 2).min(timeouts.retry_max);
    }
}

/// What a worker has counted since it began.
#[derive(Default)]
struct Counted {
    /// Frames that were read.
    read: u64,
    /// Frames that the driver lost.
    lost: u64,
}

impl Context {
    fn should_stop(&self) -> bool {
        self.stop.try_recv() == Err(TryRecvError::Disconnected)
    }

    fn tell(&self, news: News) {
        // See `Worker::news` for what is left out when the queue is full.
        let _ = self.news.try_send(news);
    }

    /// Reads until the camera fails (its fault) or the source wants no more (`None`).
    fn read_until_fault(
        &self,
        mut stream: Box<dyn super::backend::CameraStream>,
        format: CameraFormat,
        counted: &mut Counted,
    ) -> Option<CameraFault> {
        let mut last_at = Timestamp::ZERO;
        let mut last_sequence = None;
        let mut spare = None;
        while !self.should_stop() {
            let mut data = spare.take().unwrap_or_else(|| self.buffers.try_recv().unwrap_or_default());
            let note = match stream.read(&mut data) {
                Ok(Some(note)) => note,
                Ok(None) => {
                    spare = Some(data);
                    continue;
                }
                Err(fault) => return Some(fault),
            };
            let arrived_at = self.clock.now();
            let driver = note.stamp.and_then(|stamp| self.clock.captured_at(stamp));
            let stamped_by =
                if driver.is_some() { TimestampSource::Driver } else { TimestampSource::Arrival };
            let captured_at = driver.unwrap_or(arrived_at).max(last_at).min(arrived_at);
            let possible = captured_at.seconds_since(last_at) * format.fps * 2.0 + 2.0;
            counted.lost += lost_between(last_sequence, note.sequence, possible);
            last_at = captured_at;
            last_sequence = note.sequence;
            let is_whole = trim(&mut data, &format) && !note.is_broken;
            let (index, driver_lost) = (counted.read, counted.lost);
            counted.read += 1;
            let slot =
                Slot { index, captured_at, arrived_at, stamped_by, format, driver_lost, is_whole, data };
            if !self.hand_over(slot) {
                return None;
            }
        }
        None
    }

    /// Queues a frame, at the cost of the oldest one waiting; false when the source is gone.
    fn hand_over(&self, mut slot: Slot) -> bool {
        loop {
            match self.frames.try_send(slot) {
                Ok(()) => return true,
                Err(TrySendError::Disconnected(_)) => return false,
                Err(TrySendError::Full(back)) => {
                    slot = back;
                    // The source sees the loss by the jump of `index`.
                    drop(self.waiting.try_recv());
                }
            }
        }
    }
}

/// Frames that the driver skipped between two frames with these sequence numbers.
///
/// None where it does not count, and where the count stands still, falls, or leaps by more than is `possible` in the
/// time between: then it counts anew (v4l2loopback calls the first frame 0, whichever it is).
fn lost_between(last: Option<u32>, this: Option<u32>, possible: f64) -> u64 {
    let (Some(last), Some(this)) = (last, this) else { return 0 };
    let lost = this.wrapping_sub(last).saturating_sub(1);
    if f64::from(lost) <= possible { u64::from(lost) } else { 0 }
}

/// Cuts what drivers append (page padding, old bytes behind a JPEG), and swaps BGR; false for a frame that is too short.
fn trim(data: &mut Vec<u8>, format: &CameraFormat) -> bool {
    match frame_len(format.width, format.height, format.pixels.frame_format()) {
        Some(len) => {
            let is_whole = data.len() as u64 >= len;
            data.truncate(usize::try_from(len).unwrap_or(usize::MAX));
            if format.pixels == CameraPixels::Bgr {
                data.as_chunks_mut::<3>().0.iter_mut().for_each(|pixel| pixel.swap(0, 2));
            }
            is_whole
        }
        None => {
            let end = data.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
            data.truncate(end);
            end > 0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_of_the_sequence_is_a_loss_and_a_new_count_is_none() {
        let lost = |last, this| lost_between(Some(last), Some(this), 50.0);
        assert_eq!((lost(7, 8), lost(7, 9), lost(7, 20)), (0, 1, 12));
        assert_eq!((lost(u32::MAX, 0), lost(u32::MAX - 1, 1)), (0, 2));
        // Drivers that always say 0, that start anew, or that leap.
        assert_eq!((lost(0, 0), lost(500, 0), lost(0, 60)), (0, 0, 0));
        let uncounted = (lost_between(None, Some(9), 50.0), lost_between(Some(3), None, 50.0));
        assert_eq!(uncounted, (0, 0));
    }
}
