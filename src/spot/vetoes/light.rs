//! Light that changes at once: it moves what a picture shows without anything having moved.

use std::collections::VecDeque;

use super::spans::Spans;
use crate::spot::noise::{RobustScale, SampleClock, lagged};
use crate::types::Timestamp;

/// A step of the mean luma above this is a change of light, as a share (DESIGN section 6: 2 %).
const STEP: f32 = 0.02;
/// It must also exceed what the light does all the time (mains flicker, exposure control) by this factor. Ours.
const TIMES_USUAL: f32 = 4.0;
/// Time within which a step happens, in seconds: an exposure change or a lamp takes one to three frames.
const LAG_S: f64 = 0.1;
/// Averaged before comparing, in frames: flicker alternates from frame to frame.
const FRAMES: usize = 3;
/// Nothing is believed for this long after, in seconds.
const AFTER_S: f64 = 0.2;

/// Watches the luma of the face's crop.
#[derive(Clone, Debug)]
pub struct LightMonitor {
    recent: VecDeque<(Timestamp, f32)>,
    usual: RobustScale,
    clock: SampleClock,
    steps: Spans,
}

impl Default for LightMonitor {
    fn default() -> Self {
        Self {
            recent: VecDeque::new(),
            usual: RobustScale::new(0.25 * STEP),
            clock: SampleClock::default(),
            steps: Spans::default(),
        }
    }
}

impl LightMonitor {
    /// Takes a frame's mean luma, `[0, 255]`; one that is not above 0 is left out.
    pub fn push(&mut self, now: Timestamp, luma_mean: f32) {
        if !(luma_mean.is_finite() && luma_mean > 0.0) {
            return;
        }
        self.recent.retain(|(at, _)| *at < now && now.seconds_since(*at) <= 4.0 * LAG_S);
        self.recent.push_back((now, luma_mean));
        if self.recent.len() <= FRAMES {
            return;
        }
        let mean_of = |values: &mut dyn Iterator<Item = f32>| {
            let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
            (count > 0.0).then(|| sum / count)
        };
        let newest = mean_of(&mut self.recent.iter().rev().take(FRAMES).map(|(_, luma)| *luma));
        let until = lagged(now, LAG_S);
        let mut before =
            self.recent.iter().rev().filter(|(at, _)| *at <= until).take(FRAMES).map(|(_, luma)| *luma);
        let (Some(newest), Some(before)) = (newest, mean_of(&mut before)) else { return };
        let change = (newest / before).ln();
        if change.abs() > STEP.max(TIMES_USUAL * self.usual.sigma()) {
            self.steps.add(lagged(now, 2.0 * LAG_S), lagged(now, -AFTER_S));
        }
        if self.clock.is_due(now) {
            self.usual.push(change);
        }
    }

    /// Whether the light changed within or just before `from..=to`.
    pub fn has_changed(&self, from: Timestamp, to: Timestamp) -> bool {
        self.steps.meets(from, to)
    }
}
