//! Expressions that stay: followed until they return, and taken out of what follows.
//!
//! A smile rises, stays and fades over seconds; each of its flanks would look like a new movement to what compares a face with
//! itself 200 ms ago. So its direction is removed from every change while it lasts and shortly after.

use super::envelope::{Envelope, dot};
use super::history::{AXES, Axes, Entry};
use crate::types::Timestamp;

/// Followed for this long at most, in seconds; what stays longer is how the face rests now (the region signals themselves forget
/// within 10 s).
const LONGEST_S: f64 = 10.0;
/// Taken out of changes for this long after the return, in seconds: the last third of a return takes time too.
const AFTER_S: f64 = 1.0;
/// Level above the apex at which the apex is moved.
const GROWTH: f32 = 1.03;
/// Level at which the fall is taken to begin.
const HIGH: f32 = 0.75;

/// One expression that stays.
#[derive(Clone, Debug)]
pub struct Lasting {
    /// The movement's number within the detector.
    pub key: u64,
    /// Its course; onset and rest stay, apex and motion grow.
    pub course: Envelope,
    /// Confidence.
    pub score: f32,
    fell_high: Option<Timestamp>,
    ended_at: Option<Timestamp>,
}

/// What became of it with a frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    /// It goes on.
    None,
    /// It has returned; the time is that of its offset, `None` where it has lasted too long to be followed further.
    Ended(Option<Timestamp>),
}

impl Lasting {
    /// An expression that has turned out to stay.
    pub fn new(key: u64, course: Envelope, score: f32) -> Self {
        Self { key, course, score, fell_high: None, ended_at: None }
    }

    /// Takes the newest entry. Returns at a `level` of `return_level` and below.
    pub fn follow(&mut self, weights: &Axes, newest: &Entry, return_level: f32) -> Change {
        if self.ended_at.is_some() {
            return Change::None;
        }
        let level = self.course.level_of(weights, &newest.place);
        if level > GROWTH {
            self.course.motion = std::array::from_fn(|axis| newest.place[axis] - self.course.rest[axis]);
            self.course.apex = newest.at;
            self.fell_high = None;
        }
        if level >= HIGH {
            self.fell_high = None;
        } else {
            self.fell_high.get_or_insert(newest.at);
        }
        if level <= return_level {
            self.ended_at = Some(newest.at);
            return Change::Ended(Some(newest.at));
        }
        if newest.at.seconds_since(self.course.apex) > LONGEST_S {
            self.ended_at = Some(newest.at);
            return Change::Ended(None);
        }
        Change::None
    }

    /// Whether it still counts at `now`.
    pub fn is_spent(&self, now: Timestamp) -> bool {
        self.ended_at.is_some_and(|ended| now.seconds_since(ended) > AFTER_S)
    }

    /// Whether it has not returned yet.
    pub fn is_open(&self) -> bool {
        self.ended_at.is_none()
    }

    /// Removes its direction from a change; returns how much of it there was, in lengths of its motion.
    pub fn take_out(&self, weights: &Axes, change: &mut Axes) -> f32 {
        let motion = &self.course.motion;
        let norm = dot(weights, motion, motion);
        if !(norm > 0.0 && norm.is_finite()) {
            return 0.0;
        }
        let share = dot(weights, motion, change) / norm;
        for axis in (0..AXES).filter(|axis| weights[*axis] > 0.0) {
            change[axis] -= share * motion[axis];
        }
        share.abs()
    }
}
