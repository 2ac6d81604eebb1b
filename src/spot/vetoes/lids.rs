//! Lids that close: at full frame rate from the motion of the lid regions, and from the blendshapes when they come.

use super::spans::Spans;
use crate::spot::noise::lagged;
use crate::types::{LandmarkUpdate, Region, RegionId, Side, Signal, Timestamp};

/// `eyeBlinkLeft` and `eyeBlinkRight` in [`crate::types::BLENDSHAPE_NAMES`].
const EYE_BLINK: [usize; 2] = [9, 10];
/// Rise of both blink scores over their resting level that is a blink, `[0, 1]`. Below [`crate::spot::BlinkParams`]'s 0.25: a missed
/// blink costs a false alarm, a false one 300 ms.
const SCORE_RISE: f32 = 0.18;
/// Time constant of the resting level, in seconds.
const REST_S: f32 = 2.0;
/// Motion of both lids that is a blink, in ICD units. An open eye is some 30 % ICD high; lid raisers and tighteners of micro-expressions
/// move the lids by less than 4 % (their strongest point by 6).
const LID_ICD: f32 = 0.045;
/// Time over which it happens, in seconds: lids close in 50-100 ms.
const LAG_S: f64 = 0.1;
/// Time around a blink in which lids and brows don't vote, in seconds (DESIGN section 6).
const AROUND_S: f64 = 0.15;
/// Lids that are lost on both sides for no longer than this are closed ones, in seconds.
const LONGEST_S: f64 = 0.6;

/// Watches the lids.
#[derive(Clone, Debug, Default)]
pub struct LidMonitor {
    recent: Vec<(Timestamp, [Option<[f32; 2]>; 2])>,
    lost_since: Option<Timestamp>,
    rest: Option<f32>,
    measured_at: Option<Timestamp>,
    blinks: Spans,
}

impl LidMonitor {
    /// Takes a frame's signal.
    pub fn push(&mut self, signal: &Signal) {
        let now = signal.captured_at;
        let lid = |side| {
            let motion = signal.regions[RegionId { region: Region::Lid, side }.index()];
            motion.is_valid.then_some(motion.displacement_icd)
        };
        let lids = [lid(Side::Left), lid(Side::Right)];
        self.recent.retain(|(at, _)| *at < now && now.seconds_since(*at) <= 1.5 * LAG_S);
        let moved = |side: usize| {
            let Some(place) = lids[side] else { return f32::INFINITY };
            let from = lagged(now, LAG_S);
            let before = self.recent.iter().filter(|(at, _)| *at >= from).filter_map(|(_, lids)| lids[side]);
            before.fold(0.0, |most: f32, [x, y]| most.max((place[0] - x).hypot(place[1] - y)))
        };
        let (left, right) = (moved(0), moved(1));
        let is_lost = lids.iter().all(Option::is_none);
        if is_lost {
            let since = *self.lost_since.get_or_insert(now);
            // Closed eyes are not a blink: what the brows do meanwhile counts.
            if now.seconds_since(since) <= LONGEST_S {
                self.blinks.add(lagged(since, AROUND_S), lagged(now, -AROUND_S));
            }
        } else {
            self.lost_since = None;
            if left.min(right) >= LID_ICD {
                self.blinks.add(lagged(now, LAG_S + AROUND_S), lagged(now, -AROUND_S));
            }
        }
        self.recent.push((now, lids));
    }

    /// Takes a measurement.
    pub fn measure(&mut self, update: &LandmarkUpdate) {
        let at = update.measured_at;
        let scores = update.faces.first().and_then(|face| face.blendshapes.as_ref());
        let Some(both) = scores.map(|scores| scores[EYE_BLINK[0]].min(scores[EYE_BLINK[1]])) else {
            self.rest = None;
            return;
        };
        let elapsed_s = self.measured_at.replace(at).map_or(0.0, |last| at.seconds_since(last).max(0.0));
        let rest = self.rest.get_or_insert(both);
        if both - *rest > SCORE_RISE {
            // It closed between this measurement and the one before.
            self.blinks.add(lagged(at, elapsed_s.min(0.1) + AROUND_S), lagged(at, -AROUND_S));
        }
        let follow = if both < *rest { 1.0 } else { (elapsed_s as f32 / REST_S).min(1.0) };
        *rest += follow * (both - *rest);
    }

    /// Whether a blink lies within or close to `from..=to`.
    pub fn has_blink(&self, from: Timestamp, to: Timestamp) -> bool {
        self.blinks.meets(from, to)
    }
}
