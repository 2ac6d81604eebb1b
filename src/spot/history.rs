//! Where the regions were in the last second and a half: what the detectors look back into.
//!
//! Above some 60 frames a second neighbouring frames are averaged over a fixed short time, so that sensor noise does not
//! grow with the frame rate; such an average is dated to the mean time of its frames and so is not late.

use std::collections::VecDeque;

use crate::types::{REGION_COUNT, Signal, Timestamp};

/// Number of region axes: x and y of each region.
pub const AXES: usize = 2 * REGION_COUNT;

/// A value for each region axis: `2 * region + axis`, in the order of [`crate::types::RegionId::index`].
pub type Axes = [f32; AXES];

/// How far back the history reaches, in seconds: the longest micro-expression, its onset's surroundings and its return.
const SPAN_S: f64 = 1.5;
/// Entries at most: the span at 300 frames a second.
const MAX_ENTRIES: usize = 450;
/// Time over which frames are averaged, in seconds: a box of 30 ms passes up to 12-15 Hz (DESIGN section 6: 10-12 Hz at 60
/// frames a second and above) and is a single frame at 30.
const SMOOTH_S: f64 = 0.030;
/// A pause between frames that the history does not reach across, in seconds: five frames at 15 frames a second.
const MAX_PAUSE_S: f64 = 0.35;

/// The regions at one time.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Mean time of the frames it was made from.
    pub at: Timestamp,
    /// Displacements, in ICD units.
    pub place: Axes,
    /// Since when each region has been measured without a break; `None` where it is not measured.
    pub valid_since: [Option<Timestamp>; REGION_COUNT],
}

impl Entry {
    /// Whether the region of `axis` has been measured since `since` without a break.
    pub fn is_valid_since(&self, axis: usize, since: Timestamp) -> bool {
        self.valid_since.get(axis / 2).copied().flatten().is_some_and(|from| from <= since)
    }
}

/// The newest frames of one face, raw and averaged.
#[derive(Clone, Debug, Default)]
pub struct MotionHistory {
    raw: VecDeque<Entry>,
    entries: VecDeque<Entry>,
    period_s: Option<f64>,
}

impl MotionHistory {
    /// Takes the newest frame. False where it does not continue the others (first frame, time goes back, a long pause): then
    /// the history starts anew with it.
    pub fn push(&mut self, signal: &Signal) -> bool {
        let at = signal.captured_at;
        let elapsed_s = self.raw.back().map(|last| at.seconds_since(last.at));
        let is_continued = elapsed_s.is_some_and(|elapsed| elapsed > 0.0 && elapsed <= MAX_PAUSE_S);
        if !is_continued {
            self.clear();
        } else if let Some(elapsed) = elapsed_s {
            // A single long interval is a lost frame, not another rate: it moves the estimate by at most a fifth.
            let period = self.period_s.unwrap_or(elapsed);
            self.period_s = Some(period + 0.1 * (elapsed.min(3.0 * period) - period));
        }
        self.raw.push_back(self.entry(signal));
        while self.raw.front().is_some_and(|first| at.seconds_since(first.at) > SMOOTH_S) {
            self.raw.pop_front();
        }
        if let Some(smoothed) = self.smoothed() {
            self.entries.push_back(smoothed);
        }
        while self.entries.len() > MAX_ENTRIES
            || self.entries.front().is_some_and(|first| at.seconds_since(first.at) > SPAN_S)
        {
            self.entries.pop_front();
        }
        is_continued
    }

    fn entry(&self, signal: &Signal) -> Entry {
        let last = self.raw.back();
        let mut place = last.map_or([0.0; AXES], |last| last.place);
        let mut valid_since = [None; REGION_COUNT];
        for (index, motion) in signal.regions.iter().enumerate() {
            if !(motion.is_valid && motion.displacement_icd.iter().all(|v| v.is_finite())) {
                continue;
            }
            place[2 * index] = motion.displacement_icd[0];
            place[2 * index + 1] = motion.displacement_icd[1];
            let before = last.and_then(|last| last.valid_since[index]);
            valid_since[index] = before.or(Some(signal.captured_at));
        }
        Entry { at: signal.captured_at, place, valid_since }
    }

    /// The mean of the raw frames; a region that is missing from one of them counts as just found.
    fn smoothed(&self) -> Option<Entry> {
        let last = self.raw.back()?;
        if self.raw.len() == 1 {
            return Some(last.clone());
        }
        let count = self.raw.len() as f32;
        let mut place = [0.0; AXES];
        for entry in &self.raw {
            for (sum, value) in place.iter_mut().zip(entry.place) {
                *sum += value / count;
            }
        }
        let late =
            self.raw.iter().map(|entry| last.at.seconds_since(entry.at)).sum::<f64>() / f64::from(count);
        let nanos = (late * 1e9) as i64;
        let at = Timestamp::from_nanos(last.at.as_nanos().saturating_sub(nanos));
        Some(Entry { at, place, valid_since: last.valid_since })
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.raw.clear();
        self.entries.clear();
        self.period_s = None;
    }

    /// The newest entry.
    pub fn newest(&self) -> Option<&Entry> {
        self.entries.back()
    }

    /// Typical time between frames, in seconds; `None` until two are known.
    pub fn period_s(&self) -> Option<f64> {
        self.period_s
    }

    /// Entries from `from` on, oldest first.
    pub fn since(&self, from: Timestamp) -> impl DoubleEndedIterator<Item = &Entry> + Clone {
        let first = self.entries.partition_point(|entry| entry.at < from);
        self.entries.range(first..)
    }

    /// Time of the oldest entry.
    pub fn oldest_at(&self) -> Option<Timestamp> {
        self.entries.front().map(|entry| entry.at)
    }

    /// Displacements at `at`, between entries by linear interpolation; `None` outside the history.
    pub fn place_at(&self, at: Timestamp) -> Option<Axes> {
        let after = self.entries.partition_point(|entry| entry.at < at);
        let late = self.entries.get(after)?;
        if late.at == at {
            return Some(late.place);
        }
        let early = self.entries.get(after.checked_sub(1)?)?;
        let share = (at.seconds_since(early.at) / late.at.seconds_since(early.at)) as f32;
        Some(std::array::from_fn(|i| early.place[i] + share * (late.place[i] - early.place[i])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spot::test_signals::{at_s, still};

    fn at_rate(fps: f64, frames: usize, x: impl Fn(f64) -> f32) -> MotionHistory {
        let mut history = MotionHistory::default();
        for n in 0..frames {
            let time_s = n as f64 / fps;
            let mut signal = still(time_s);
            signal.regions[4].displacement_icd = [x(time_s), 0.0];
            history.push(&signal);
        }
        history
    }

    #[test]
    fn averaging_neither_delays_nor_scales_a_ramp_at_any_rate() {
        for fps in [15.0, 24.0, 30.0, 60.0, 120.0, 240.0] {
            let history = at_rate(fps, (fps * 0.9) as usize, |t| t as f32);
            let place = history.place_at(at_s(0.5)).unwrap();
            assert!((place[8] - 0.5).abs() < 1e-3, "{fps} fps: {}", place[8]);
            assert!((history.period_s().unwrap() * fps - 1.0).abs() < 1e-3);
        }
    }

    #[test]
    fn frame_to_frame_noise_shrinks_at_high_rates() {
        let spread = |fps: f64| {
            let mut sign = 1.0;
            let flips: Vec<f32> = (0..200)
                .map(|_| {
                    sign = -sign;
                    sign
                })
                .collect();
            let history = at_rate(fps, 100, |t| flips[(t * fps).round() as usize]);
            history.entries.iter().skip(10).map(|entry| entry.place[8].abs()).fold(0.0, f32::max)
        };
        assert!(spread(120.0) < 0.3);
        assert!(spread(30.0) > 0.9, "nothing to average at 30 frames a second");
    }

    #[test]
    fn a_pause_or_time_going_back_starts_anew_and_a_lost_region_is_remembered() {
        let mut history = at_rate(30.0, 20, |_| 0.0);
        assert!(!history.push(&still(2.0)), "a pause");
        assert!(!history.push(&still(1.0)), "time goes back");
        let mut signal = still(1.03);
        signal.regions[4].displacement_icd = [f32::NAN, 0.0];
        assert!(history.push(&signal));
        assert!(!history.newest().unwrap().is_valid_since(8, at_s(1.03)), "NaN is not a measurement");
        history.push(&still(1.06));
        assert!(history.newest().unwrap().is_valid_since(8, at_s(1.06)));
        assert!(!history.newest().unwrap().is_valid_since(8, at_s(1.03)));
        assert!(history.newest().unwrap().is_valid_since(0, at_s(1.0)), "other regions have no break");
    }
}
