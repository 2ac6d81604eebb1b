//! How far each group of points has come: the sum of its changes from tick to tick, so that points that come and go leave no jump.

use std::collections::VecDeque;

use super::beam_templates::{AXES, GROUPS, groups};
use crate::types::PatchMotion;

/// A point that seems to go further than this within a tick was mistaken for another, in ICD units: 15 ICD a second. Ours.
const LONGEST_STEP_ICD: f64 = 0.5;

/// The newest places of all groups.
#[derive(Clone, Debug)]
pub struct Paths {
    /// Group of each point of a tick.
    groups: Vec<usize>,
    longest: usize,
    /// The points of the tick before.
    before: Vec<PatchMotion>,
    /// Newest first, in ICD units.
    places: VecDeque<[f64; AXES]>,
}

impl Paths {
    /// Paths that are kept for changes over up to `longest` ticks.
    pub fn new(longest: usize) -> Self {
        Self { groups: groups(), longest, before: Vec::new(), places: VecDeque::new() }
    }

    /// Takes the next tick's points (none where the tick is not valid); points that are not known in both ticks stand still.
    pub fn push(&mut self, points: &[PatchMotion]) {
        let mut place = self.places.front().copied().unwrap_or([0.0; AXES]);
        let mut sums = [[0.0f64; 3]; GROUPS];
        for ((now, before), group) in points.iter().zip(&self.before).zip(&self.groups) {
            let step: [f64; 2] = std::array::from_fn(|axis| {
                f64::from(now.displacement_icd[axis] - before.displacement_icd[axis])
            });
            // No skin goes that far in a tick; this also leaves out what is not a number.
            let is_step = step.iter().all(|v| v.abs() < LONGEST_STEP_ICD);
            if now.is_valid && before.is_valid && is_step {
                let sum = &mut sums[*group];
                sum[0] += step[0];
                sum[1] += step[1];
                sum[2] += 1.0;
            }
        }
        for (group, [x, y, count]) in sums.into_iter().enumerate().filter(|(_, sum)| sum[2] > 0.0) {
            place[2 * group] += x / count;
            place[2 * group + 1] += y / count;
        }
        self.places.truncate(self.longest);
        self.places.push_front(place);
        self.before.clear();
        self.before.extend_from_slice(points);
    }

    /// Change of every axis over `lag` ticks, or since the beginning, in ICD units.
    pub fn change(&self, lag: usize) -> [f64; AXES] {
        let (Some(now), Some(then)) = (self.places.front(), self.places.get(lag).or(self.places.back()))
        else {
            return [0.0; AXES];
        };
        std::array::from_fn(|axis| now[axis] - then[axis])
    }
}
