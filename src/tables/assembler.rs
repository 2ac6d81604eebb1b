//! Observations in, rows out: one row for each source frame, in order, each with the measurement of *its own* frame.
//!
//! The analyser applies a landmark measurement some frames after the frame that was measured (see
//! [`Observation::update`]). A table that wrote it where it became available would shift blendshapes and pose against
//! the motion of the same frame, so rows wait here until no measurement can still arrive for them.

use std::collections::VecDeque;
use std::sync::Arc;

use super::{FrameRow, TableError};
use crate::types::{Gap, GapReason, LandmarkUpdate, Observation, Timestamp};

/// How long a row waits for its measurement, in ms of media time: well above the analyser's delay (67 ms by default).
pub const HOLD_MS: f64 = 250.0;
/// How many rows wait at least, whatever their time: at low frame rates 250 ms may be less than one frame.
pub const HOLD_ROWS: usize = 16;

/// A row that waits, or a run of lost frames (not yet spelled out: a stall may have lost thousands).
#[derive(Debug)]
enum Waiting {
    Row(Box<FrameRow>),
    Lost { first: u64, count: u64, at: Option<Timestamp>, reason: Option<GapReason> },
}

/// Puts rows together. Holds at most [`HOLD_ROWS`] rows or [`HOLD_MS`] of media, whichever is more.
#[derive(Debug, Default)]
pub struct RowAssembler {
    waiting: VecDeque<Waiting>,
    next_frame: u64,
    newest_at: Option<Timestamp>,
    /// The newest measurement, with a face in it, of a frame whose row was released.
    anchor: Option<Arc<LandmarkUpdate>>,
    late_updates: u64,
}

impl RowAssembler {
    /// Takes the result for the next frame; `emit` gets each row that is now settled, in frame order.
    ///
    /// A frame number that neither an observation nor a gap has told of is a lost frame without a reason.
    ///
    /// # Errors
    /// [`TableError::OutOfOrder`] where the frame was pushed before; what `emit` returns.
    pub fn push<E: From<TableError>>(
        &mut self,
        observation: &Observation,
        emit: impl FnMut(&FrameRow) -> Result<(), E>,
    ) -> Result<(), E> {
        observation.gaps.iter().for_each(|gap| self.push_gap(gap));
        if observation.seq < self.next_frame {
            return Err(TableError::OutOfOrder { frame: observation.seq, expected: self.next_frame }.into());
        }
        self.fill_until(observation.seq, None, None);
        self.waiting.push_back(Waiting::Row(Box::new(FrameRow::analysed(observation))));
        self.next_frame = observation.seq.saturating_add(1);
        self.newest_at = Some(observation.captured_at);
        if let Some(update) = &observation.update {
            self.attach(update);
        }
        self.release(emit)
    }

    /// Takes lost frames. Those that were told of before are not counted twice.
    pub fn push_gap(&mut self, gap: &Gap) {
        let end = gap.first_seq.saturating_add(gap.count);
        if end <= self.next_frame {
            return;
        }
        self.fill_until(gap.first_seq, None, None);
        let at = (gap.first_seq == self.next_frame).then_some(gap.at);
        self.fill_until(end, at, Some(gap.reason));
    }

    /// Takes a measurement that no observation tells of: the one under way when the input ended.
    pub fn push_update(&mut self, update: &Arc<LandmarkUpdate>) {
        self.attach(update);
    }

    /// Emits the rows that still wait: call it once, at the end.
    ///
    /// # Errors
    /// What `emit` returns.
    pub fn finish<E>(&mut self, mut emit: impl FnMut(&FrameRow) -> Result<(), E>) -> Result<(), E> {
        while let Some(waiting) = self.waiting.pop_front() {
            self.emit(waiting, &mut emit)?;
        }
        Ok(())
    }

    /// Measurements that came after their row had left: zero unless the analyser's delay exceeds the hold.
    pub fn late_updates(&self) -> u64 {
        self.late_updates
    }

    fn fill_until(&mut self, end: u64, at: Option<Timestamp>, reason: Option<GapReason>) {
        if end > self.next_frame {
            let (first, count) = (self.next_frame, end - self.next_frame);
            self.waiting.push_back(Waiting::Lost { first, count, at, reason });
            self.next_frame = end;
        }
    }

    fn attach(&mut self, update: &Arc<LandmarkUpdate>) {
        // From the back: the frame that was measured is a few rows old.
        for waiting in self.waiting.iter_mut().rev() {
            if let Waiting::Row(row) = waiting
                && row.frame == update.seq
            {
                row.attach(update);
                return;
            }
        }
        self.late_updates += 1;
    }

    fn release<E>(&mut self, mut emit: impl FnMut(&FrameRow) -> Result<(), E>) -> Result<(), E> {
        while self.waiting.len() > HOLD_ROWS {
            let is_settled = match self.waiting.front() {
                Some(Waiting::Row(row)) => match (self.newest_at, row.captured_at) {
                    (Some(newest), Some(at)) => newest.millis_since(at) > HOLD_MS,
                    _ => true,
                },
                Some(Waiting::Lost { .. }) | None => true,
            };
            if !is_settled {
                break;
            }
            if let Some(waiting) = self.waiting.pop_front() {
                self.emit(waiting, &mut emit)?;
            }
        }
        Ok(())
    }

    fn emit<E>(
        &mut self,
        waiting: Waiting,
        emit: &mut impl FnMut(&FrameRow) -> Result<(), E>,
    ) -> Result<(), E> {
        match waiting {
            Waiting::Row(mut row) => {
                self.date(&mut row);
                emit(&row)
            }
            Waiting::Lost { first, count, at, reason } => (0..count).try_for_each(|offset| {
                emit(&FrameRow::lost(first + offset, at.filter(|_| offset == 0), reason))
            }),
        }
    }

    /// Sets `landmark_age_ms` by the newest measurement of this face at or before this row.
    fn date(&mut self, row: &mut FrameRow) {
        if let Some(measured) = &row.measured {
            self.anchor = Some(Arc::clone(measured.update()));
            return;
        }
        let (Some(face), Some(at), Some(anchor)) = (row.face, row.captured_at, &self.anchor) else { return };
        if anchor.faces.iter().any(|measured| measured.id == face.id) {
            let age_ms = at.millis_since(anchor.measured_at);
            row.landmark_age_ms = Some(row.landmark_age_ms.map_or(age_ms, |known| known.min(age_ms)));
        }
    }
}
