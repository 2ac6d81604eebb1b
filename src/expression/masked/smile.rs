//! The smile that lasts now: since when, how it came, and what the face was before it.

use super::MaskedParams;
use super::trace::{Heights, Trace};
use crate::types::Timestamp;

/// A smile, from the measurement that first showed it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Smile {
    pub(super) since: Timestamp,
    before: Option<Heights>,
    posed: f32,
}

impl Smile {
    /// A smile that was noticed in the frame of `since`.
    pub(super) fn new(since: Timestamp, trace: &Trace) -> Self {
        Self { since, before: trace.before(since), posed: 0.5 }
    }

    /// Looks at how it came; until it has lasted a moment its fastest part may still be to come.
    pub(super) fn watch(&mut self, trace: &Trace, params: &MaskedParams) {
        if let Some(speed) = trace.rise_icd_s(self.since) {
            self.posed = speed / (speed + params.posed_speed_icd_s);
        }
    }

    /// D.
    pub(super) fn posed(&self) -> f32 {
        self.posed
    }

    /// How far the inner brows went down since before the smile, in ICD units, up is negative; 0 where that is not known.
    pub(super) fn brows_down_icd(&self, trace: &Trace) -> f32 {
        let moved = self.before.zip(trace.newest()).map(|(before, now)| now.brows - before.brows);
        moved.unwrap_or(0.0)
    }

    /// E.
    pub(super) fn cheek(&self, trace: &Trace, params: &MaskedParams) -> f32 {
        let rise = self.before.zip(trace.newest()).map(|(before, now)| before.cheeks - now.cheeks);
        (rise.unwrap_or(0.0) / params.cheek_rise_icd.max(1e-3)).clamp(0.0, 1.0)
    }
}
