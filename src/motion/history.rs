//! Short histories: where the head was in recent frames, and where the regions were.

use std::collections::VecDeque;

use crate::types::{Affine, REGION_COUNT, RegionMotion, Timestamp};

/// How far back both reach, in seconds: landmarks come at most 0.5 s late.
const SPAN_S: f64 = 0.7;
/// Entries at most: the span at 300 frames a second.
const MAX_ENTRIES: usize = 210;
/// A measurement belongs to the frame that is at most this far from its time, in seconds: half a frame at 60 a second.
const SAME_FRAME_S: f64 = 0.008;

fn forget_old<T>(entries: &mut VecDeque<(Timestamp, T)>, newest: Timestamp) {
    while entries.len() >= MAX_ENTRIES
        || entries.front().is_some_and(|(at, _)| newest.seconds_since(*at) > SPAN_S)
    {
        entries.pop_front();
    }
}

/// Maps from image to track coordinates of recent frames, all against the same reference.
#[derive(Clone, Debug, Default)]
pub struct HeadHistory {
    entries: VecDeque<(Timestamp, Affine)>,
}

impl HeadHistory {
    /// Adds the newest frame.
    pub fn push(&mut self, at: Timestamp, track_from_image: Affine) {
        forget_old(&mut self.entries, at);
        self.entries.push_back((at, track_from_image));
    }

    /// The map of the frame captured at `at`; `None` where it was not followed or is too long ago.
    pub fn at(&self, at: Timestamp) -> Option<Affine> {
        let distance = |t: Timestamp| t.seconds_since(at).abs();
        let nearest = self.entries.iter().min_by(|a, b| distance(a.0).total_cmp(&distance(b.0)))?;
        (distance(nearest.0) <= SAME_FRAME_S).then_some(nearest.1)
    }

    /// The reference moved: brings all entries into its new coordinates.
    pub fn move_reference(&mut self, new_from_old: &Affine) {
        for (_, map) in &mut self.entries {
            *map = new_from_old.after(map);
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.entries.clear();
    }
}

type Places = [Option<[f32; 2]>; REGION_COUNT];

/// Displacements of the regions in recent frames.
#[derive(Clone, Debug, Default)]
pub struct RegionHistory {
    entries: VecDeque<(Timestamp, Places)>,
}

impl RegionHistory {
    /// Adds the newest frame; invalid regions leave a hole.
    pub fn push(&mut self, at: Timestamp, motion: &[RegionMotion; REGION_COUNT]) {
        forget_old(&mut self.entries, at);
        self.entries.push_back((at, motion.map(|m| m.is_valid.then_some(m.displacement_icd))));
    }

    /// Where `region` was at `at`, between frames by linear interpolation; `None` before the first frame or next to a hole.
    pub fn at(&self, at: Timestamp, region: usize) -> Option<[f32; 2]> {
        let after = self.entries.partition_point(|(t, _)| *t < at);
        let (late, late_places) = self.entries.get(after)?;
        let late_place = (*late_places.get(region)?)?;
        if *late == at {
            return Some(late_place);
        }
        let (early, early_places) = self.entries.get(after.checked_sub(1)?)?;
        let early_place = (*early_places.get(region)?)?;
        let share = (at.seconds_since(*early) / late.seconds_since(*early)) as f32;
        Some(std::array::from_fn(|i| early_place[i] + share * (late_place[i] - early_place[i])))
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.entries.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn displacement_is_interpolated_over_uneven_frames_and_unknown_beside_a_hole() {
        let mut history = RegionHistory::default();
        let start = Timestamp::ZERO;
        let mut motion = [RegionMotion { is_valid: true, ..RegionMotion::default() }; REGION_COUNT];
        for (ms, x, is_valid) in [(0, 0.0, true), (10, 1.0, true), (50, 5.0, true), (60, 9.0, false)] {
            motion[3].displacement_icd = [x, -x];
            motion[3].is_valid = is_valid;
            history.push(start + Duration::from_millis(ms), &motion);
        }
        let at = |ms| history.at(start + Duration::from_millis(ms), 3);
        let found = at(30).unwrap();
        assert!((found[0] - 3.0).abs() < 1e-5 && (found[1] + 3.0).abs() < 1e-5);
        assert_eq!(at(10), Some([1.0, -1.0]));
        assert_eq!(at(55), None, "beside the hole");
        assert_eq!(history.at(start - Duration::from_millis(1), 3), None, "before the first");
        assert!(history.at(start + Duration::from_millis(55), 4).is_some(), "other regions have no hole");
    }
}
