//! What the recorder tells those who look on: numbers that are read at any time, and why it stopped.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Shared by the thread `record` and whoever shows how it goes.
#[derive(Debug, Default)]
pub struct RecorderStatus {
    pub(super) frames: AtomicU64,
    pub(super) frames_lost: AtomicU64,
    pub(super) gaps: AtomicU64,
    pub(super) events: AtomicU64,
    pub(super) markers: AtomicU64,
    pub(super) bytes: AtomicU64,
    pub(super) queued: AtomicU64,
    pub(super) slots: AtomicU64,
    pub(super) disk_left: AtomicU64,
    pub(super) slowest_sync_us: AtomicU64,
    pub(super) notes_lost: AtomicU64,
    pub(super) failed: OnceLock<String>,
}

/// How a recording stands.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RecorderFigures {
    /// Frames written.
    pub frames: u64,
    /// Frames that are in a gap.
    pub frames_lost: u64,
    /// Bytes written.
    pub bytes: u64,
    /// Frames that wait for the disk.
    pub queued: u64,
    /// Frames that may wait.
    pub slots: u64,
    /// Bytes that are free on the disk.
    pub disk_left: u64,
    /// Longest time that the disk took for a chunk, in ms.
    pub slowest_sync_ms: f64,
    /// Observations that found no room to wait.
    pub notes_lost: u64,
}

impl RecorderStatus {
    /// The figures now.
    pub fn figures(&self) -> RecorderFigures {
        RecorderFigures {
            frames: self.frames.load(Relaxed),
            frames_lost: self.frames_lost.load(Relaxed),
            bytes: self.bytes.load(Relaxed),
            queued: self.queued.load(Relaxed),
            slots: self.slots.load(Relaxed),
            disk_left: self.disk_left.load(Relaxed),
            slowest_sync_ms: self.slowest_sync_us.load(Relaxed) as f64 * 1e-3,
            notes_lost: self.notes_lost.load(Relaxed),
        }
    }

    /// Why nothing is written any more; `None` while all is well.
    pub fn failed(&self) -> Option<&str> {
        self.failed.get().map(String::as_str)
    }
}

impl RecorderFigures {
    /// Seconds until the disk is full, at the rate so far; `None` before there is one.
    pub fn seconds_left(&self, elapsed_s: f64) -> Option<f64> {
        let rate = self.bytes as f64 / elapsed_s;
        (elapsed_s > 2.0 && rate > 0.0).then(|| self.disk_left as f64 / rate)
    }
}
