//! How the head turns: what is expected of the next frame, and the speed that is reported.

use std::collections::VecDeque;

use super::rigid::TurnPrior;
use crate::types::Timestamp;

/// The speed is the change over this time, in seconds: long enough to average the noise of single frames, short against a
/// turn.
const SPEED_OVER_S: f64 = 0.1;
/// Entries at most: the span at 300 frames a second, and some.
const MAX_ENTRIES: usize = 40;

/// The turn of the head through the frames and through the references.
#[derive(Clone, Debug, Default)]
pub struct TurnHistory {
    /// Sum of the turns at earlier references.
    base_rad: [f32; 2],
    since_reference_rad: [f32; 2],
    entries: VecDeque<(Timestamp, [f32; 2])>,
}

impl TurnHistory {
    /// What the frame `elapsed_s` after the last one is expected to show.
    pub fn prior(&self, elapsed_s: f64, expected_deg_s: f32) -> TurnPrior {
        let elapsed_s = elapsed_s.clamp(1e-3, 1.0) as f32;
        TurnPrior { turn_rad: self.since_reference_rad, sigma_rad: expected_deg_s.to_radians() * elapsed_s }
    }

    /// Takes over the turn since the reference in the newest frame.
    pub fn push(&mut self, at: Timestamp, since_reference_rad: [f32; 2]) {
        self.since_reference_rad = since_reference_rad;
        let total = [0, 1].map(|axis| self.base_rad[axis] + since_reference_rad[axis]);
        // One entry older than the span stays: the span begins between it and the next.
        while self.entries.len() >= MAX_ENTRIES
            || self.entries.get(1).is_some_and(|(t, _)| at.seconds_since(*t) > SPEED_OVER_S)
        {
            self.entries.pop_front();
        }
        self.entries.push_back((at, total));
    }

    /// A new reference: turns count from here.
    pub fn renew(&mut self) {
        self.base_rad = [0, 1].map(|axis| self.base_rad[axis] + self.since_reference_rad[axis]);
        self.since_reference_rad = [0.0; 2];
    }

    /// The face was lost, or frames are missing: nothing is known of its speed.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// Mean speed of the turn out of the picture's plane over the last 100 ms, in degrees a second; 0 until they are known.
    pub fn speed_deg_s(&self) -> f32 {
        let (Some((first, from)), Some((last, to))) = (self.entries.front(), self.entries.back()) else {
            return 0.0;
        };
        let elapsed_s = last.seconds_since(*first) as f32;
        if elapsed_s <= 0.0 {
            return 0.0;
        }
        (to[0] - from[0]).hypot(to[1] - from[1]).to_degrees() / elapsed_s
    }
}
