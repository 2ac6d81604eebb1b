//! Speech: a mouth that goes to and fro several times a second, or a jaw that opens.

use std::collections::VecDeque;

use super::spans::Spans;
use crate::spot::noise::lagged;
use crate::types::{LandmarkUpdate, Region, RegionId, Side, Signal, Timestamp};

/// `jawOpen` in [`crate::types::BLENDSHAPE_NAMES`].
const JAW_OPEN: usize = 25;
/// Rise of the jaw's score over its resting level that is an open mouth, `[0, 1]`. Ours.
const JAW_RISE: f32 = 0.15;
/// Time constant of the resting level, in seconds.
const REST_S: f32 = 3.0;
/// A turn of the lips counts when they came this far since the last one, in ICD units. Ours: speech moves lips and chin by 2-20 %,
/// and the sum of two regions is taken.
const TURN_ICD: f32 = 0.012;
/// So many turns ...
const TURNS: usize = 3;
/// ... within this time, in seconds, are speech: 3-8 Hz (DESIGN section 6) turn 6-16 times a second; one expression turns
/// twice, at its onset and at its apex.
const WITHIN_S: f64 = 1.0;
/// Speech goes on for this long after its last sign, in seconds: syllables.
const AFTER_S: f64 = 0.35;

/// Watches lips and jaw.
#[derive(Clone, Debug, Default)]
pub struct SpeechMonitor {
    /// Extreme since the last turn, and whether it is a maximum.
    extreme: Option<(f32, Timestamp)>,
    is_rising: bool,
    turns: VecDeque<Timestamp>,
    rest: Option<f32>,
    measured_at: Option<Timestamp>,
    spans: Spans,
}

impl SpeechMonitor {
    /// Takes a frame's signal.
    pub fn push(&mut self, signal: &Signal) {
        let now = signal.captured_at;
        let height = |region| {
            let sides =
                [Side::Left, Side::Right].map(|side| signal.regions[RegionId { region, side }.index()]);
            let valid = sides.iter().all(|motion| motion.is_valid && motion.displacement_icd[1].is_finite());
            valid.then(|| 0.5 * (sides[0].displacement_icd[1] + sides[1].displacement_icd[1]))
        };
        let (Some(lip), Some(chin)) = (height(Region::LowerLip), height(Region::Chin)) else { return };
        let place = lip + chin;
        let (extreme, at) = *self.extreme.get_or_insert((place, now));
        let is_further = if self.is_rising { place >= extreme } else { place <= extreme };
        if is_further {
            self.extreme = Some((place, now));
        } else if (place - extreme).abs() >= TURN_ICD {
            self.turns.push_back(at);
            self.is_rising = !self.is_rising;
            self.extreme = Some((place, now));
        }
        while self.turns.front().is_some_and(|turn| now.seconds_since(*turn) > WITHIN_S) {
            self.turns.pop_front();
        }
        if self.turns.len() >= TURNS
            && let (Some(first), Some(last)) = (self.turns.front(), self.turns.back())
        {
            self.spans.add(*first, lagged(*last, -AFTER_S));
        }
    }

    /// Takes a measurement.
    pub fn measure(&mut self, update: &LandmarkUpdate) {
        let at = update.measured_at;
        let jaw =
            update.faces.first().and_then(|face| face.blendshapes.as_ref()).map(|scores| scores[JAW_OPEN]);
        let Some(jaw) = jaw else {
            self.rest = None;
            return;
        };
        let elapsed_s = self.measured_at.replace(at).map_or(0.0, |last| at.seconds_since(last).max(0.0));
        let rest = self.rest.get_or_insert(jaw);
        if jaw - *rest > JAW_RISE {
            self.spans.add(lagged(at, elapsed_s.min(0.1)), lagged(at, -AFTER_S));
        }
        let follow = if jaw < *rest { 1.0 } else { (elapsed_s as f32 / REST_S).min(1.0) };
        *rest += follow * (jaw - *rest);
    }

    /// Whether the mouth spoke within `from..=to`.
    pub fn is_speaking(&self, from: Timestamp, to: Timestamp) -> bool {
        self.spans.meets(from, to)
    }
}
