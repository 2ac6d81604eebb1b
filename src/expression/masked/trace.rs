//! How mouth corners, brows and cheeks moved over the last seconds, and against what they were before a smile.

use std::collections::VecDeque;
use std::time::Duration;

use crate::types::{Region, RegionId, Side, Signal, Timestamp};

/// So much is kept, in seconds.
const KEPT_S: f64 = 2.5;
/// Frames that come sooner after the last kept one are not kept, in seconds: nothing looked at here is faster.
const SPACING_S: f64 = 0.03;
/// Most entries that follow from these.
const MOST: usize = (KEPT_S / SPACING_S) as usize + 2;
/// A face before a smile is what it was in this time before it, in seconds: the first trace of a smile is seen about 0.3 s before the
/// classifier is sure of it.
const BEFORE_S: [f64; 2] = [1.6, 0.5];
/// At least so many frames of it must have been seen.
const FEWEST: usize = 6;
/// The speed of the mouth's corners is their way in this time, in seconds.
const SPEED_OVER_S: f64 = 0.1;
/// Where a smile came is looked for from this long before it was noticed, in seconds.
const RISE_S: f64 = 0.8;

/// Where three pairs of regions were, in ICD units: places (down is positive), and how near the inner brows are to each other.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Places {
    pub(super) corners: f32,
    pub(super) brows: f32,
    pub(super) brows_together: f32,
    pub(super) cheeks: f32,
}

impl Places {
    fn of(signal: &Signal) -> Option<Self> {
        // The subject's left is on the right of the picture.
        let place = |region| {
            let [left, right] =
                [Side::Left, Side::Right].map(|side| signal.regions[RegionId { region, side }.index()]);
            let down = 0.5 * (left.displacement_icd[1] + right.displacement_icd[1]);
            let together = 0.5 * (right.displacement_icd[0] - left.displacement_icd[0]);
            let is_known = left.is_valid && right.is_valid && down.is_finite() && together.is_finite();
            is_known.then_some([down, together])
        };
        let [brows, brows_together] = place(Region::InnerBrow)?;
        Some(Self {
            corners: place(Region::MouthCorner)?[0],
            brows,
            brows_together,
            cheeks: place(Region::Cheek)?[0],
        })
    }
}

/// The last seconds. Allocates once.
#[derive(Clone, Debug)]
pub(super) struct Trace {
    entries: VecDeque<(Timestamp, Places)>,
}

impl Trace {
    pub(super) fn new() -> Self {
        Self { entries: VecDeque::with_capacity(MOST) }
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
    }

    pub(super) fn push(&mut self, signal: &Signal) {
        let Some(places) = Places::of(signal) else { return };
        let at = signal.captured_at;
        if self.entries.back().is_some_and(|(last, _)| at.seconds_since(*last) < SPACING_S) {
            return;
        }
        while self.entries.len() + 1 >= MOST
            || self.entries.front().is_some_and(|(first, _)| at.seconds_since(*first) > KEPT_S)
        {
            self.entries.pop_front();
        }
        self.entries.push_back((at, places));
    }

    /// The newest places.
    pub(super) fn newest(&self) -> Option<Places> {
        self.entries.back().map(|(_, places)| *places)
    }

    /// The mean before a smile that was noticed at `smile`; `None` where too little was seen.
    pub(super) fn before(&self, smile: Timestamp) -> Option<Places> {
        let [from, to] = BEFORE_S.map(|s| smile - Duration::from_secs_f64(s));
        let (mut sum, mut count) = (Places::default(), 0.0f32);
        for (_, places) in self.entries.iter().filter(|(at, _)| (from..=to).contains(at)) {
            sum.corners += places.corners;
            sum.brows += places.brows;
            sum.brows_together += places.brows_together;
            sum.cheeks += places.cheeks;
            count += 1.0;
        }
        (count >= FEWEST as f32).then(|| Places {
            corners: sum.corners / count,
            brows: sum.brows / count,
            brows_together: sum.brows_together / count,
            cheeks: sum.cheeks / count,
        })
    }

    /// The greatest speed with which the mouth's corners went up around the time at which a smile was noticed, in ICD units a second;
    /// `None` where it was not seen.
    pub(super) fn rise_icd_s(&self, smile: Timestamp) -> Option<f32> {
        let from = smile - Duration::from_secs_f64(RISE_S);
        let mut fastest: Option<f32> = None;
        let mut first = 0;
        for (at, places) in self.entries.iter().filter(|(at, _)| *at >= from) {
            while self.entries.get(first + 1).is_some_and(|(next, _)| at.seconds_since(*next) >= SPEED_OVER_S)
            {
                first += 1;
            }
            let Some((then, older)) = self.entries.get(first) else { break };
            let elapsed_s = at.seconds_since(*then);
            if (SPEED_OVER_S..2.0 * SPEED_OVER_S).contains(&elapsed_s) {
                let speed = (older.corners - places.corners) / elapsed_s as f32;
                fastest = Some(fastest.unwrap_or(0.0).max(speed));
            }
        }
        fastest
    }
}
