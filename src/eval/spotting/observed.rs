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

/// One frame: from when on, for how long, and which regions were observable in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeenFrame {
    /// Capture time.
    pub at: Timestamp,
    /// How long it stands for, in s: until the next frame.
    pub seconds: f64,
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
        self.frames.iter().filter(|frame| is_seen(frame.regions)).map(|frame| frame.seconds).sum()
    }

    /// Share of `interval` during which `is_seen` holds, `[0, 1]`; of an interval without length, whether it holds then.
    pub fn share(&self, interval: Interval, is_seen: impl Fn(RegionMask) -> bool) -> f64 {
        let first = self.frames.partition_point(|frame| frame.at <= interval.onset).saturating_sub(1);
        let frames = self.frames.iter().skip(first).take_while(|frame| frame.at <= interval.offset);
        let seen = frames.filter(|frame| is_seen(frame.regions)).map(|frame| {
            let until_s = frame.at.as_secs_f64() + frame.seconds;
            let from_s = frame.at.max(interval.onset).as_secs_f64();
            if interval.seconds() > 0.0 {
                (until_s.min(interval.offset.as_secs_f64()) - from_s).max(0.0)
            } else {
                f64::from(u8::from(until_s > from_s))
            }
        });
        let seen_s: f64 = seen.sum();
        if interval.seconds() > 0.0 { (seen_s / interval.seconds()).clamp(0.0, 1.0) } else { seen_s.min(1.0) }
    }

    /// Stretches of time during which `is_seen` holds, joined where they touch.
    pub fn stretches(&self, is_seen: impl Fn(RegionMask) -> bool) -> Vec<Interval> {
        // Frames whose times are rounded to microseconds still touch.
        const TOUCHING_NS: i64 = 2_000;
        let mut stretches: Vec<Interval> = Vec::new();
        for frame in self.frames.iter().filter(|frame| is_seen(frame.regions)) {
            let until = Timestamp::from_secs_f64(frame.at.as_secs_f64() + frame.seconds);
            match stretches.last_mut() {
                Some(last) if frame.at.as_nanos() <= last.offset.as_nanos().saturating_add(TOUCHING_NS) => {
                    last.offset = last.offset.max(until);
                }
                _ => stretches.push(Interval { onset: frame.at, offset: until }),
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
        let seen = [(0, true), (100, false), (200, true), (300, true), (400, false), (500, true), (1000, true)];
        let frames = seen
            .map(|(ms, is_seen)| SeenFrame {
                at: at(ms),
                seconds: 0.1,
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
