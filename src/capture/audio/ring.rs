//! Sound from the device's callback to the reader: two lock-free rings of preallocated blocks, `free` and `filled`.
//!
//! Drop policy: the callback never waits. Where no block is free, its samples are lost, counted, and told as one
//! [`AudioGap`] before the next block.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ringbuf::traits::{Consumer, Observer, Producer, Split};
use ringbuf::{HeapCons, HeapProd, HeapRb};

use super::block::{AudioBlock, AudioFormat, AudioGap, AudioGapReason, Polled, Samples};
use super::drift::Drift;
use super::sample::DeviceSample;
use crate::types::Timestamp;

/// A jump of the device's time above this is a loss even where the driver does not say so: no driver holds sound back
/// for so long, and jitter of callbacks is a tenth of it.
const JUMP_S: f64 = 0.2;

/// What travels through the rings.
struct Slot {
    block: AudioBlock,
    /// What is missing before the block.
    gap: Option<AudioGap>,
}

/// Counts that both ends see.
#[derive(Default)]
struct Shared {
    /// Frames that were captured or lost up to now.
    frames: AtomicU64,
    /// Losses that the driver has reported.
    device_losses: AtomicU64,
}

/// The callback's end.
pub struct BlockWriter {
    format: AudioFormat,
    block_samples: usize,
    current: Option<Box<Slot>>,
    gap: Option<AudioGap>,
    free: HeapCons<Box<Slot>>,
    filled: HeapProd<Box<Slot>>,
    shared: Arc<Shared>,
    device_losses: u64,
    /// Number of the next frame.
    frames: u64,
    /// When the next frame should be captured; `None` before the first.
    expected: Option<Timestamp>,
}

/// The reader's end.
pub struct BlockReader {
    format: AudioFormat,
    block_samples: usize,
    free: HeapProd<Box<Slot>>,
    filled: HeapCons<Box<Slot>>,
    shared: Arc<Shared>,
    /// Its gap was told, the block itself was not yet.
    pending: Option<Box<Slot>>,
    /// Frames told, as blocks or gaps.
    told: u64,
    lost: u64,
    next_at: Timestamp,
    drift: Drift,
}

/// Tells the writer of losses that the driver reports, from another thread.
#[derive(Clone)]
pub(super) struct LossReporter(Arc<Shared>);

impl LossReporter {
    pub(super) fn report(&self) {
        self.0.device_losses.fetch_add(1, Ordering::Relaxed);
    }
}

/// A ring of `slots` blocks of `block_frames` frames each.
pub fn audio_ring(format: AudioFormat, block_frames: usize, slots: usize) -> (BlockWriter, BlockReader) {
    let slots = slots.max(1);
    let block_samples = block_frames.max(1) * usize::from(format.channels.max(1));
    let (mut free_in, free) = HeapRb::new(slots).split();
    let (filled, filled_out) = HeapRb::new(slots).split();
    for _ in 0..slots {
        let samples = Samples::with_capacity(format.samples, block_samples);
        let _ = free_in
            .try_push(Box::new(Slot { block: AudioBlock { samples, ..Default::default() }, gap: None }));
    }
    let shared = Arc::new(Shared::default());
    let writer = BlockWriter {
        format,
        block_samples,
        current: None,
        gap: None,
        free,
        filled,
        shared: Arc::clone(&shared),
        device_losses: 0,
        frames: 0,
        expected: None,
    };
    let reader = BlockReader {
        format,
        block_samples,
        free: free_in,
        filled: filled_out,
        shared,
        pending: None,
        told: 0,
        lost: 0,
        next_at: Timestamp::ZERO,
        drift: Drift::default(),
    };
    (writer, reader)
}

impl BlockWriter {
    pub(super) fn loss_reporter(&self) -> LossReporter {
        LossReporter(Arc::clone(&self.shared))
    }

    /// Takes interleaved samples whose first frame was captured at `captured_at`. Neither allocates, locks nor waits.
    ///
    /// An incomplete frame at the end is left out; samples of another kind than the ring's are counted as lost.
    pub fn write<S: DeviceSample>(&mut self, samples: &[S], captured_at: Timestamp) {
        let channels = usize::from(self.format.channels.max(1));
        let samples = &samples[..samples.len() / channels * channels];
        self.notice_loss(captured_at);
        let mut rest = samples;
        let mut at = captured_at;
        while !rest.is_empty() {
            if self.current.is_none() && S::KIND == self.format.samples {
                self.begin_block(at);
            }
            let Some(slot) = &mut self.current else {
                self.lose((rest.len() / channels) as u64, at, AudioGapReason::Overrun);
                break;
            };
            let room = self.block_samples.saturating_sub(slot.block.samples.len());
            let (now, later) = rest.split_at(room.min(rest.len()));
            S::append(now, &mut slot.block.samples);
            let is_full = slot.block.samples.len() >= self.block_samples;
            let frames = (now.len() / channels) as u64;
            self.frames += frames;
            at = at + self.duration(frames);
            rest = later;
            if is_full {
                self.hand_over();
            }
        }
        self.expected = Some(captured_at + self.duration((samples.len() / channels) as u64));
        self.shared.frames.store(self.frames, Ordering::Release);
    }

    /// Where the driver reports a loss, or time jumps: ends the block, and counts what is missing.
    fn notice_loss(&mut self, captured_at: Timestamp) {
        let losses = self.shared.device_losses.load(Ordering::Relaxed);
        let is_reported = losses != self.device_losses;
        self.device_losses = losses;
        let Some(expected) = self.expected else { return };
        let missing_s = captured_at.seconds_since(expected);
        let frames = (missing_s * f64::from(self.format.rate_hz)).round();
        if (is_reported || missing_s > JUMP_S) && frames >= 1.0 {
            self.hand_over();
            self.lose(frames as u64, expected, AudioGapReason::Device);
        }
    }

    fn begin_block(&mut self, captured_at: Timestamp) {
        let Some(mut slot) = self.free.try_pop() else { return };
        slot.gap = self.gap.take();
        slot.block.captured_at = captured_at;
        slot.block.first_frame = self.frames;
        slot.block.samples.clear();
        self.current = Some(slot);
    }

    /// Counts frames as lost; those in a row are one gap.
    fn lose(&mut self, frames: u64, start: Timestamp, reason: AudioGapReason) {
        match &mut self.gap {
            Some(gap) => gap.frames += frames,
            None => self.gap = Some(AudioGap { start, first_frame: self.frames, frames, reason }),
        }
        self.frames += frames;
    }

    fn hand_over(&mut self) {
        if let Some(slot) = self.current.take() {
            // There are as many places as slots.
            let _ = self.filled.try_push(slot);
        }
    }

    fn duration(&self, frames: u64) -> Duration {
        Duration::from_secs_f64(self.format.seconds(frames))
    }
}

impl Drop for BlockWriter {
    /// What is in hand when the stream ends is not lost.
    fn drop(&mut self) {
        self.hand_over();
    }
}

impl BlockReader {
    /// The next block, or what is missing before it. Never waits. `into` is swapped with the ring's block: keep giving
    /// the same one.
    pub fn poll(&mut self, into: &mut AudioBlock) -> Polled {
        if let Some(slot) = self.pending.take() {
            return self.tell(slot, into);
        }
        // Looked at before the ring: what was written before the end is then surely seen.
        let is_ended = !self.filled.write_is_held();
        match self.filled.try_pop() {
            Some(mut slot) => match slot.gap.take() {
                Some(gap) => {
                    self.pending = Some(slot);
                    self.tell_gap(gap)
                }
                None => self.tell(slot, into),
            },
            None if is_ended => {
                // Lost since the last block.
                let frames = self.shared.frames.load(Ordering::Acquire).saturating_sub(self.told);
                if frames == 0 {
                    return Polled::Ended;
                }
                let (start, first_frame) = (self.next_at, self.told);
                self.tell_gap(AudioGap { start, first_frame, frames, reason: AudioGapReason::Overrun })
            }
            None => Polled::Nothing,
        }
    }

    fn tell_gap(&mut self, gap: AudioGap) -> Polled {
        self.told += gap.frames;
        self.lost += gap.frames;
        if gap.reason == AudioGapReason::Device {
            // The count of frames is reckoned from the clock from here on: the line must begin anew.
            self.drift = Drift::default();
        }
        Polled::Gap(gap)
    }

    fn tell(&mut self, mut slot: Box<Slot>, into: &mut AudioBlock) -> Polled {
        std::mem::swap(&mut slot.block, into);
        // The caller's block goes into the ring: it needs the room there, as the callback must not make any.
        let samples = &mut slot.block.samples;
        if samples.kind() != self.format.samples || samples.capacity() < self.block_samples {
            *samples = Samples::with_capacity(self.format.samples, self.block_samples);
        }
        let _ = self.free.try_push(slot);
        let frames = (into.samples.len() / usize::from(self.format.channels.max(1))) as u64;
        self.told += frames;
        self.next_at = into.captured_at + Duration::from_secs_f64(self.format.seconds(frames));
        self.drift.push(self.format.seconds(into.first_frame), into.captured_at);
        Polled::Block
    }

    /// Frames that are missing so far.
    pub fn frames_lost(&self) -> u64 {
        self.lost
    }

    /// How the device's clock runs against the session's.
    pub fn drift(&self) -> Drift {
        self.drift
    }
}
