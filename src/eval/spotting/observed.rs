//! What could be seen of a clip, and when.

use super::matching::Interval;
use crate::types::{REGION_COUNT, Region, RegionId, Timestamp};

/// Regions of the brows.
const BROW: [Region; 4] = [Region::InnerBrow, Region::OuterBrow, Region::Brow, Region::Glabella];
/// Regions of the mouth.
const MOUTH: [Region; 4] = [Region::UpperLip, Region::MouthCorner, Region::LowerLip, Region::Chin];

/// A set of regions, by [`RegionId::index`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegionMask(u32);

impl RegionMask {
    /// All regions.
    pub const ALL: Self = Self((1 << REGION_COUNT) - 1);

    /// Adds a region.
    pub fn insert(&mut self, id: RegionId) {
        self.0 |= 1 << id.index();
    }

    /// Takes a region out.
    pub fn remove(&mut self, id: RegionId) {
        self.0 &= !(1 << id.index());
    }

    /// Whether it has a region.
    pub fn has(self, id: RegionId) -> bool {
        self.0 & (1 << id.index()) != 0
    }

    /// Whether it has any region of the brows, on either side: inner, outer, whole, glabella.
    pub fn has_brow(self) -> bool {
        self.has_any(&BROW)
    }

    /// Whether it has any region of the mouth, on either side: upper lip, corners, lower lip, chin.
    pub fn has_mouth(self) -> bool {
        self.has_any(&MOUTH)
    }

    fn has_any(self, regions: &[Region]) -> bool {
        RegionId::all().any(|id| regions.contains(&id.region) && self.has(id))
    }
}

/// One frame: from when until when it stands, and which regions were observable in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeenFrame {
    /// Capture time.
    pub at: Timestamp,
    /// Until when it stands: mostly the capture time of the next one.
    pub until: Timestamp,
    /// Regions in which an event of 3 % ICD would have been seen.
    pub regions: RegionMask,
}

/// What could be seen of a clip: its frames in order of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observed {
    /// The frames, in order of time. Time that no frame stands for was not observed.
    pub frames: Vec<SeenFrame>,
    /// Smallest detectable amplitudes by [`RegionId::index`], in ICD units, in any order; a frame without one counts as
    /// infinite. Empty where the tables don't have them.
    pub smallest_icd: Vec<Vec<f32>>,
}

impl Observed {
    /// Seconds during which `is_seen` holds.
    pub fn seconds(&self, is_seen: impl Fn(RegionMask) -> bool) -> f64 {
        let seen = self.frames.iter().filter(|frame| is_seen(frame.regions));
        // Whole nanoseconds add up to the same sum in any order.
        let sum_ns: i64 =
            seen.map(|frame| frame.until.as_nanos().saturating_sub(frame.at.as_nanos()).max(0)).sum();
        sum_ns as f64 / 1e9
    }

    /// Share of `interval` during which `is_seen` holds, `[0, 1]`; of an interval without length, whether it holds then.
    pub fn share(&self, interval: Interval, is_seen: impl Fn(RegionMask) -> bool) -> f64 {
        let first = self.frames.partition_point(|frame| frame.at <= interval.onset).saturating_sub(1);
        let frames = self.frames.iter().skip(first).take_while(|frame| frame.at <= interval.offset);
        let seen = frames.filter(|frame| is_seen(frame.regions));
        if interval.seconds() == 0.0 {
            return f64::from(u8::from(seen.into_iter().any(|frame| frame.until > interval.onset)));
        }
        let seen_s: f64 = seen.map(|f| Interval { onset: f.at, offset: f.until }.overlap_s(&interval)).sum();
        (seen_s / interval.seconds()).clamp(0.0, 1.0)
    }

    /// Stretches of time during which `is_seen` holds, joined where they touch.
    pub fn stretches(&self, is_seen: impl Fn(RegionMask) -> bool) -> Vec<Interval> {
        let mut stretches: Vec<Interval> = Vec::new();
        for frame in self.frames.iter().filter(|frame| is_seen(frame.regions)) {
            match stretches.last_mut() {
                Some(last) if frame.at <= last.offset => last.offset = last.offset.max(frame.until),
                _ => stretches.push(Interval { onset: frame.at, offset: frame.until }),
            }
        }
        stretches
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_nanos(ms * 1_000_000)
    }

    fn between(onset: i64, offset: i64) -> Interval {
        Interval { onset: at(onset), offset: at(offset) }
    }

    /// 100 ms frames; the second and fifth are blind, and between 600 and 1000 there is none.
    fn observed() -> Observed {
        let seen =
            [(0, true), (100, false), (200, true), (300, true), (400, false), (500, true), (1000, true)];
        let frames = seen
            .map(|(ms, is_seen)| SeenFrame {
                at: at(ms),
                until: at(ms + 100),
                regions: if is_seen { RegionMask::ALL } else { RegionMask::default() },
            })
            .to_vec();
        Observed { frames, smallest_icd: Vec::new() }
    }

    #[test]
    fn shares_weigh_frames_by_their_time() {
        let observed = observed();
        let share = |onset, offset| observed.share(between(onset, offset), RegionMask::has_brow);
        let is = |share: f64, expected: f64| assert!((share - expected).abs() < 1e-9, "{share} {expected}");
        is(share(0, 100), 1.0);
        is(share(0, 200), 0.5);
        is(share(150, 350), 0.75);
        // Lost time was not observed.
        is(share(500, 1000), 0.2);
        is(share(2000, 3000), 0.0);
        is(share(-500, 0), 0.0);
        // Without length: whether it holds at that time.
        is(share(50, 50), 1.0);
        is(share(150, 150), 0.0);
        is(observed.seconds(RegionMask::has_mouth), 0.5);
    }

    #[test]
    fn stretches_join_frames_that_touch() {
        let stretches = observed().stretches(RegionMask::has_brow);
        assert_eq!(stretches, [between(0, 100), between(200, 400), between(500, 600), between(1000, 1100)]);
    }

    #[test]
    fn masks_tell_brows_from_mouth() {
        let mut mask = RegionMask::ALL;
        for id in RegionId::all().filter(|id| id.region != Region::Lid) {
            mask.remove(id);
        }
        assert!(!mask.has_brow() && !mask.has_mouth());
        let chin = RegionId { region: Region::Chin, side: crate::types::Side::Right };
        mask.insert(chin);
        assert!(mask.has(chin) && mask.has_mouth() && !mask.has_brow());
    }
}
