//! Frames from the capture thread to the analysis: two lock-free rings of preallocated slots, `free` and `filled`.
//!
//! Drop policies:
//! * [`Policy::NewestWins`] (live): a short backlog is worked off in order, so that one slow frame costs latency and not
//!   a frame. Once more than `max_backlog` frames wait, the reader jumps to the newest; when even the writer finds
//!   no free slot, the frame in its hand is lost. Every lost frame becomes part of a [`Gap`].
//! * [`record_policy`] (recording): every frame is taken in order; one that finds no room is lost, and counted.
//! * [`Policy::Lossless`] (replay): the writer waits for room.
//!
//! A split single-producer ring cannot overwrite its oldest element, hence the two rings.

use arrayvec::ArrayVec;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use ringbuf::traits::{Consumer, Observer, Producer, Split};
use ringbuf::{HeapCons, HeapProd, HeapRb};
use std::time::Duration;

use crate::types::{Frame, Gap, GapReason};

/// What happens when frames come faster than they are analysed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Lose old frames, keep latency bounded to `max_backlog` frames.
    NewestWins {
        /// Frames that may wait before the reader jumps to the newest.
        max_backlog: usize,
    },
    /// Lose nothing, let the writer wait.
    Lossless,
}

/// The policy of a recording: the reader takes every frame, however many wait; the writer never waits. Of `slots` slots.
pub const fn record_policy(slots: usize) -> Policy {
    Policy::NewestWins { max_backlog: slots }
}

/// Losses before a frame, in order. More kinds in a row than it has room for are told under the last one's reason.
pub type Gaps = ArrayVec<Gap, 4>;

/// A preallocated place for one frame, and for the losses before it.
#[derive(Debug, Default)]
pub struct Slot {
    /// The frame; meaningful where `has_frame`.
    pub frame: Frame,
    /// Frames lost before it.
    pub gaps: Gaps,
    /// False where the slot brings only gaps.
    pub has_frame: bool,
}

/// The capture thread's end.
pub struct FrameWriter {
    hand: Box<Slot>,
    free: HeapCons<Box<Slot>>,
    filled: HeapProd<Box<Slot>>,
    wake_reader: Sender<()>,
    woken: Receiver<()>,
    policy: Policy,
    overrun: Gaps,
}

/// The analysis thread's end.
pub struct FrameReader {
    filled: HeapCons<Box<Slot>>,
    free: HeapProd<Box<Slot>>,
    woken: Receiver<()>,
    wake_writer: Sender<()>,
    policy: Policy,
}

/// The other end is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed;

/// Makes a ring of `slots` slots (at least 2) whose frames can hold `frame_bytes` without allocating.
pub fn frame_ring(slots: usize, frame_bytes: usize, policy: Policy) -> (FrameWriter, FrameReader) {
    let slots = slots.max(2);
    let slot = || {
        let mut slot = Box::<Slot>::default();
        slot.frame.data.reserve_exact(frame_bytes);
        slot
    };
    let (mut free_in, free_out) = HeapRb::new(slots).split();
    let (filled_in, filled_out) = HeapRb::new(slots).split();
    for _ in 1..slots {
        // One slot less than there is room for: the last one is the writer's hand.
        let _ = free_in.try_push(slot());
    }
    let (wake_reader, reader_woken) = bounded(1);
    let (wake_writer, writer_woken) = bounded(1);
    let writer = FrameWriter {
        hand: slot(),
        free: free_out,
        filled: filled_in,
        wake_reader,
        woken: writer_woken,
        policy,
        overrun: Gaps::new(),
    };
    (writer, FrameReader { filled: filled_out, free: free_in, woken: reader_woken, wake_writer, policy })
}

impl FrameWriter {
    /// The slot to fill next. Its frame's buffer is reused.
    pub fn slot(&mut self) -> &mut Slot {
        &mut self.hand
    }

    /// Hands the filled slot over. Live, a frame that finds no room is counted and reported with the next one.
    ///
    /// # Errors
    /// [`Closed`] when the reader is gone.
    pub fn publish(&mut self) -> Result<(), Closed> {
        let next = match (self.free.try_pop(), self.policy) {
            (Some(next), _) => next,
            (None, Policy::Lossless) => self.wait_for_room()?,
            (None, Policy::NewestWins { .. }) => {
                self.lose_hand();
                return self.wake();
            }
        };
        let mut full = std::mem::replace(&mut self.hand, next);
        full.gaps = joined(self.overrun.take(), full.gaps.take());
        // There is room for every slot that exists.
        let _ = self.filled.try_push(full);
        self.hand.gaps.clear();
        self.hand.has_frame = false;
        self.wake()
    }

    /// At the end of the source: hands over the losses that no frame has followed, waiting for room.
    ///
    /// # Errors
    /// [`Closed`] when the reader is gone.
    pub fn publish_losses(&mut self) -> Result<(), Closed> {
        self.hand.has_frame = false;
        self.hand.gaps = joined(self.overrun.take(), self.hand.gaps.take());
        if self.hand.gaps.is_empty() {
            return Ok(());
        }
        let next = self.wait_for_room()?;
        let _ = self.filled.try_push(std::mem::replace(&mut self.hand, next));
        self.wake()
    }

    fn wake(&self) -> Result<(), Closed> {
        match self.wake_reader.try_send(()) {
            Err(crossbeam_channel::TrySendError::Disconnected(())) => Err(Closed),
            _ => Ok(()),
        }
    }

    fn wait_for_room(&mut self) -> Result<Box<Slot>, Closed> {
        loop {
            if let Some(slot) = self.free.try_pop() {
                return Ok(slot);
            }
            self.wake()?;
            self.woken.recv().map_err(|_| Closed)?;
        }
    }

    fn lose_hand(&mut self) {
        let frame = &self.hand.frame;
        let lost = self.hand.has_frame.then(|| overrun(frame));
        self.overrun = joined(self.overrun.take(), self.hand.gaps.take());
        lost.into_iter().for_each(|gap| add(&mut self.overrun, gap));
        self.hand.has_frame = false;
    }
}

impl FrameReader {
    /// Waits until something was published. False: nothing came within `timeout`.
    ///
    /// # Errors
    /// [`Closed`] when the writer is gone and everything was taken.
    pub fn wait(&mut self, timeout: Duration) -> Result<bool, Closed> {
        if !self.filled.is_empty() {
            return Ok(true);
        }
        match self.woken.recv_timeout(timeout) {
            Ok(()) => Ok(!self.filled.is_empty()),
            Err(RecvTimeoutError::Timeout) => Ok(false),
            Err(RecvTimeoutError::Disconnected) if self.filled.is_empty() => Err(Closed),
            Err(RecvTimeoutError::Disconnected) => Ok(true),
        }
    }

    /// The next slot by the ring's policy. Give it back with [`FrameReader::give_back`].
    pub fn take(&mut self) -> Option<Box<Slot>> {
        let mut slot = self.filled.try_pop()?;
        if let Policy::NewestWins { max_backlog } = self.policy
            && self.filled.occupied_len() > max_backlog
        {
            let mut lost = Gaps::new();
            while let Some(newer) = self.filled.try_pop() {
                lost = joined(lost, slot.gaps.take());
                if slot.has_frame {
                    add(&mut lost, overrun(&slot.frame));
                }
                self.give_back(slot);
                slot = newer;
            }
            slot.gaps = joined(lost, slot.gaps.take());
        }
        Some(slot)
    }

    /// Slots that wait to be taken.
    pub fn waiting(&self) -> usize {
        self.filled.occupied_len()
    }

    /// Returns a slot for reuse.
    pub fn give_back(&mut self, mut slot: Box<Slot>) {
        slot.gaps.clear();
        slot.has_frame = false;
        let _ = self.free.try_push(slot);
        let _ = self.wake_writer.try_send(());
    }
}

/// The loss of one frame for want of room.
fn overrun(frame: &Frame) -> Gap {
    Gap { first_seq: frame.seq, count: 1, at: frame.captured_at, reason: GapReason::Overrun }
}

/// Adds a loss that follows the others.
pub(super) fn add(gaps: &mut Gaps, gap: Gap) {
    let is_full = gaps.is_full();
    match gaps.last_mut() {
        Some(last) if last.reason == gap.reason || is_full => last.count += gap.count,
        _ => gaps.push(gap),
    }
}

/// Losses, and those that follow them.
fn joined(mut first: Gaps, then: Gaps) -> Gaps {
    then.into_iter().for_each(|gap| add(&mut first, gap));
    first
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Timestamp;

    fn publish(writer: &mut FrameWriter, seq: u64) {
        let slot = writer.slot();
        slot.frame.seq = seq;
        slot.frame.captured_at = Timestamp::from_nanos(seq as i64);
        slot.has_frame = true;
        writer.publish().unwrap();
    }

    /// Takes everything that waits; gives (seq, frames lost before it).
    fn drain(reader: &mut FrameReader) -> Vec<(u64, u64)> {
        let mut out = Vec::new();
        while let Some(slot) = reader.take() {
            out.push((slot.frame.seq, slot.gaps.iter().map(|gap| gap.count).sum()));
            reader.give_back(slot);
        }
        out
    }

    #[test]
    fn a_short_backlog_is_worked_off_in_order() {
        let (mut writer, mut reader) = frame_ring(8, 16, Policy::NewestWins { max_backlog: 4 });
        (0..4).for_each(|seq| publish(&mut writer, seq));
        assert_eq!(drain(&mut reader), [(0, 0), (1, 0), (2, 0), (3, 0)]);
    }

    #[test]
    fn a_long_backlog_is_skipped_to_the_newest_and_counted() {
        let (mut writer, mut reader) = frame_ring(8, 16, Policy::NewestWins { max_backlog: 4 });
        (0..7).for_each(|seq| publish(&mut writer, seq));
        assert_eq!(drain(&mut reader), [(6, 6)]);
    }

    #[test]
    fn frames_that_find_no_room_are_reported_with_the_next() {
        let (mut writer, mut reader) = frame_ring(4, 16, Policy::NewestWins { max_backlog: 9 });
        (0..6).for_each(|seq| publish(&mut writer, seq));
        assert_eq!(drain(&mut reader), [(0, 0), (1, 0), (2, 0)]);
        publish(&mut writer, 6);
        assert_eq!(drain(&mut reader), [(6, 3)]);
    }

    #[test]
    fn each_loss_keeps_its_reason() {
        let (mut writer, mut reader) = frame_ring(4, 16, Policy::NewestWins { max_backlog: 9 });
        (0..5).for_each(|seq| publish(&mut writer, seq));
        drain(&mut reader);
        // Before frame 8 the driver lost three: 5 to 7.
        let at = Timestamp::ZERO;
        let by_driver = Gap { first_seq: 5, count: 3, at, reason: GapReason::Driver };
        add(&mut writer.slot().gaps, by_driver);
        publish(&mut writer, 8);
        let slot = reader.take().unwrap();
        let told: Vec<_> = slot.gaps.iter().map(|gap| (gap.first_seq, gap.count, gap.reason)).collect();
        assert_eq!(told, [(3, 2, GapReason::Overrun), (5, 3, GapReason::Driver)]);
    }

    #[test]
    fn more_kinds_than_there_is_room_for_are_counted_all_the_same() {
        let mut gaps = Gaps::new();
        for n in 0..9u64 {
            let reason = if n % 2 == 0 { GapReason::Driver } else { GapReason::Overrun };
            add(&mut gaps, Gap { first_seq: n, count: 1, at: Timestamp::ZERO, reason });
        }
        assert_eq!(gaps.iter().map(|gap| gap.count).sum::<u64>(), 9);
    }

    #[test]
    fn lossless_makes_the_writer_wait() {
        let (mut writer, mut reader) = frame_ring(3, 16, Policy::Lossless);
        let join = super::super::spawn_named("writer", move || {
            (0..500).for_each(|seq| publish(&mut writer, seq));
        })
        .unwrap();
        let mut seen = Vec::new();
        while reader.wait(Duration::from_secs(5)).is_ok() {
            seen.extend(drain(&mut reader));
        }
        join.join().unwrap();
        assert_eq!(seen, (0..500).map(|seq| (seq, 0)).collect::<Vec<_>>());
    }

    #[test]
    fn a_reader_that_is_gone_closes_the_ring() {
        let (mut writer, reader) = frame_ring(3, 16, Policy::Lossless);
        drop(reader);
        writer.slot().has_frame = true;
        assert_eq!(writer.publish(), Err(Closed));
    }

    proptest::proptest! {
        /// Whatever the rhythm: every sequence number is either delivered or counted, in order.
        #[test]
        fn nothing_is_lost_silently(bursts in proptest::collection::vec(0usize..12, 1..40)) {
            let (mut writer, mut reader) = frame_ring(6, 16, Policy::NewestWins { max_backlog: 3 });
            let (mut seq, mut expected) = (0, 0);
            for burst in bursts {
                for _ in 0..burst {
                    publish(&mut writer, seq);
                    seq += 1;
                }
                for (got, lost) in drain(&mut reader) {
                    proptest::prop_assert_eq!(got, expected + lost);
                    expected = got + 1;
                }
            }
            writer.publish_losses().unwrap();
            let tail: u64 = reader.take().map_or(0, |slot| slot.gaps.iter().map(|gap| gap.count).sum());
            proptest::prop_assert_eq!(expected + tail, seq);
        }
    }
}
