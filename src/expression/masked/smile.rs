//! The smile that lasts now, and the face before it.

use super::MaskedParams;
use super::trace::{Places, Trace};
use crate::types::Timestamp;

/// For so long after a smile was noticed its fastest part may still be to come, in seconds.
const RISES_S: f64 = 0.3;

/// A smile, from the frame in which it was noticed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Smile {
    pub(super) since: Timestamp,
    before: Option<Places>,
    /// D.
    pub(super) posed: f32,
}

impl Smile {
    /// A smile that was noticed in the frame of `since`.
    pub(super) fn new(since: Timestamp, trace: &Trace) -> Self {
        Self { since, before: trace.before(since), posed: 0.5 }
    }

    /// Looks at how fast it comes.
    pub(super) fn watch(&mut self, now: Timestamp, trace: &Trace, params: &MaskedParams) {
        if now.seconds_since(self.since) > RISES_S {
            return;
        }
        if let Some(speed) = trace.rise_icd_s(self.since) {
            self.posed = speed / (speed + params.posed_speed_icd_s);
        }
    }
}

/// How far corners and cheeks went up, and the inner brows down, since before the smile; without one, over the last second. In ICD units,
/// 0 where it is not known.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Moved {
    pub(super) corners_up_icd: f32,
    pub(super) cheeks_up_icd: f32,
    pub(super) brows_down_icd: f32,
    /// Towards each other.
    brows_together_icd: f32,
}

impl Moved {
    pub(super) fn of(now: Timestamp, smile: Option<&Smile>, trace: &Trace) -> Self {
        let before = smile.map_or_else(|| trace.before(now), |smile| smile.before);
        before.zip(trace.newest()).map_or_else(Self::default, |(before, newest)| Self {
            corners_up_icd: before.corners - newest.corners,
            cheeks_up_icd: before.cheeks - newest.cheeks,
            brows_down_icd: newest.brows - before.brows,
            brows_together_icd: newest.brows_together - before.brows_together,
        })
    }

    /// How far the inner brows moved, whichever way.
    pub(super) fn brows_icd(&self) -> f32 {
        self.brows_down_icd.hypot(self.brows_together_icd.max(0.0))
    }
}
