//! The course of one movement: how far along its own direction the regions are, from onset to apex to return.
//!
//! The direction is taken from the movement itself, each axis weighted by how quiet it is: better than any template, since faces
//! differ. Onset and offset are where the course leaves and meets zero; below a quarter of the apex noise hides it, so both are
//! extrapolated from the crossings of a quarter and of three quarters.

use super::history::{AXES, Axes, Entry, MotionHistory};
use super::noise::lagged;
use crate::types::Timestamp;

/// Levels between which the flanks are measured, as shares of the apex.
const HIGH: f32 = 0.75;
const LOW: f32 = 0.25;
/// From a quarter down to zero a raised cosine takes this share of the time from three quarters to a quarter (smoothstep: 0.94).
const BEYOND: f64 = 0.97;
/// Rest before the onset over which the start is averaged, in seconds.
const REST_S: f64 = 0.12;
/// The apex is the first entry of at least this share of the highest.
const HELD: f32 = 0.96;
/// Entries within this share of the apex make the direction.
const NEAR_APEX: f32 = 0.85;
/// Times that start and direction are made better by each other.
const ROUNDS: usize = 3;

/// The course of a movement up to now.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// Where the movement leaves rest.
    pub onset: Timestamp,
    /// Strongest moment so far.
    pub apex: Timestamp,
    /// Displacements at rest, before the onset.
    pub rest: Axes,
    /// Displacements from rest to apex, in ICD units.
    pub motion: Axes,
    /// Where it is now, as a share of the apex.
    pub level: f32,
    /// When it fell below three quarters after the apex.
    fell_high: Option<Timestamp>,
    /// The lowest level since, and when a line through the fall met it.
    fell_to: Option<(f32, Timestamp)>,
}

impl Envelope {
    /// Measures the movement that was under way at `seen_at` in `history`, looking back to `from` at most.
    ///
    /// `weights`: what each axis counts (one over its variance), 0 for those that don't. `None` where there is nothing to measure.
    pub fn measure(
        history: &MotionHistory,
        weights: &Axes,
        from: Timestamp,
        seen_at: Timestamp,
    ) -> Option<Self> {
        let newest = history.newest()?;
        let mut onset = from;
        // The rest is the place least far from where it was seen to start: the earliest entries.
        let mut rest = history.since(from).next()?.place;
        let mut apex_at = None;
        let mut found = None;
        for _ in 0..ROUNDS {
            let motion = direction(history, weights, &rest, onset, apex_at)?;
            let norm = dot(weights, &motion, &motion);
            if !(norm > 0.0 && norm.is_finite()) {
                return None;
            }
            let level = |entry: &Entry| share(weights, &rest, &motion, norm, entry);
            let apex = history
                .since(onset.min(seen_at))
                .max_by(|a, b| level(a).total_cmp(&level(b)))
                .filter(|entry| level(entry) > 0.0)?;
            let peak = level(apex);
            // An apex that is held begins where it is first all but reached.
            let apex =
                history.since(onset.min(apex.at)).find(|entry| level(entry) >= HELD * peak).unwrap_or(apex);
            let levels = |entry: &Entry| level(entry) / peak;
            onset = onset_before(history, from, apex.at, levels).max(from);
            apex_at = Some(apex.at);
            let (fell_high, fell_to) = fall_after(history, apex.at, levels);
            found = Some(Self {
                onset,
                apex: apex.at,
                rest,
                motion: motion.map(|v| v * peak),
                level: levels(newest),
                fell_high,
                fell_to,
            });
            rest = rest_before(history, from, onset).unwrap_or(rest);
        }
        found
    }

    /// Time from onset to apex, in seconds.
    pub fn rise_s(&self) -> f64 {
        self.apex.seconds_since(self.onset)
    }

    /// When it has returned to zero, or will at the pace of its fall; `None` until it fell below `level` of the apex.
    pub fn offset(&self, level: f32) -> Option<Timestamp> {
        let (fell_to, at) = self.fell_to.filter(|(lowest, _)| *lowest <= level)?;
        let high = self.fell_high?;
        let beyond = beyond(fell_to);
        let fall_s = at.seconds_since(high);
        Some(Timestamp::from_nanos(at.as_nanos().saturating_add((beyond * fall_s * 1e9) as i64)))
    }

    /// The level of any displacements on this movement's course.
    pub fn level_of(&self, weights: &Axes, place: &Axes) -> f32 {
        let norm = dot(weights, &self.motion, &self.motion);
        let from_rest: Axes = std::array::from_fn(|axis| place[axis] - self.rest[axis]);
        if norm > 0.0 { dot(weights, &self.motion, &from_rest) / norm } else { 0.0 }
    }
}

/// Weighted inner product.
pub fn dot(weights: &Axes, a: &Axes, b: &Axes) -> f32 {
    (0..AXES).map(|axis| weights[axis] * a[axis] * b[axis]).sum()
}

fn share(weights: &Axes, rest: &Axes, motion: &Axes, norm: f32, entry: &Entry) -> f32 {
    let from_rest: Axes = std::array::from_fn(|axis| entry.place[axis] - rest[axis]);
    dot(weights, motion, &from_rest) / norm
}

/// The mean displacement near the apex, or the farthest one while no apex is known.
fn direction(
    history: &MotionHistory,
    weights: &Axes,
    rest: &Axes,
    onset: Timestamp,
    apex: Option<Timestamp>,
) -> Option<Axes> {
    let moved = |entry: &Entry| -> Axes { std::array::from_fn(|axis| entry.place[axis] - rest[axis]) };
    let far = |entry: &Entry| {
        let moved = moved(entry);
        dot(weights, &moved, &moved)
    };
    let farthest = match apex {
        Some(apex) => history.since(apex).next()?,
        None => history.since(onset).max_by(|a, b| far(a).total_cmp(&far(b)))?,
    };
    let motion = moved(farthest);
    let norm = dot(weights, &motion, &motion);
    if !(norm > 0.0 && norm.is_finite()) {
        return None;
    }
    let (mut sum, mut count) = ([0.0; AXES], 0.0);
    for entry in history.since(onset) {
        if share(weights, rest, &motion, norm, entry) >= NEAR_APEX {
            for (sum, value) in sum.iter_mut().zip(moved(entry)) {
                *sum += value;
            }
            count += 1.0;
        }
    }
    (count > 0.0).then(|| sum.map(|v| v / count))
}

/// Backwards from the apex: where the rise passed three quarters and a quarter, and from these where it began.
fn onset_before(
    history: &MotionHistory,
    from: Timestamp,
    apex: Timestamp,
    level: impl Fn(&Entry) -> f32,
) -> Timestamp {
    let (mut high, mut low) = (None, None);
    let mut later: Option<(f32, Timestamp)> = None;
    for entry in history.since(from).rev().skip_while(|entry| entry.at > apex) {
        let now = level(entry);
        if let Some(later) = later {
            for (found, limit) in [(&mut high, HIGH), (&mut low, LOW)] {
                if found.is_none() && now < limit {
                    *found = Some(crossing((now, entry.at), later, limit));
                }
            }
        }
        if low.is_some() {
            break;
        }
        later = Some((now, entry.at));
    }
    match (high, low) {
        (Some(high), Some(low)) => lagged(low, BEYOND * high.seconds_since(low)),
        _ => from,
    }
}

/// Forwards from the apex: where the fall passed three quarters, and the lowest level it has come to since (a quarter at the least:
/// below, noise decides).
fn fall_after(
    history: &MotionHistory,
    apex: Timestamp,
    level: impl Fn(&Entry) -> f32,
) -> (Option<Timestamp>, Option<(f32, Timestamp)>) {
    let (mut high, mut lowest) = (None, None);
    let mut before: Option<(f32, Timestamp)> = None;
    for entry in history.since(apex) {
        let now = level(entry);
        if let Some(before) = before {
            if high.is_none() && now < HIGH {
                high = Some(crossing((now, entry.at), before, HIGH));
            }
            if now <= LOW {
                lowest = Some((LOW, crossing((now, entry.at), before, LOW)));
                break;
            }
            if high.is_some() && lowest.is_none_or(|(lowest, _)| now < lowest) {
                lowest = Some((now, entry.at));
            }
        }
        before = Some((now, entry.at));
    }
    (high, lowest)
}

/// Time at which a line between two points meets `limit`.
fn crossing(a: (f32, Timestamp), b: (f32, Timestamp), limit: f32) -> Timestamp {
    let span = b.0 - a.0;
    let share = if span.abs() > f32::EPSILON { ((limit - a.0) / span).clamp(0.0, 1.0) } else { 0.0 };
    let nanos = (b.1.as_nanos() - a.1.as_nanos()) as f64 * f64::from(share);
    Timestamp::from_nanos(a.1.as_nanos() + nanos as i64)
}

/// How much longer a raised cosine falls from `level` to zero, as a share of the time from three quarters to `level`.
fn beyond(level: f32) -> f64 {
    let place = |level: f32| f64::from((2.0 * level.clamp(0.0, 1.0) - 1.0).acos()) / std::f64::consts::PI;
    let (high, low) = (1.0 - place(HIGH), 1.0 - place(level));
    // `place` falls with the level: 0 at the apex, 1 at rest.
    let (from_high, to_zero) = (high - low, low);
    if from_high > 0.05 { to_zero / from_high } else { 0.0 }
}

fn rest_before(history: &MotionHistory, from: Timestamp, onset: Timestamp) -> Option<Axes> {
    let (mut sum, mut count) = ([0.0; AXES], 0.0);
    let first = lagged(onset, REST_S).max(from);
    for entry in history.since(first).take_while(|entry| entry.at <= onset) {
        for (sum, value) in sum.iter_mut().zip(entry.place) {
            *sum += value;
        }
        count += 1.0;
    }
    (count > 0.0).then(|| sum.map(|v| v / count))
}
