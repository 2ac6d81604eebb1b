//! Motion at any frame rate, put on a fixed grid of 30 ticks a second of media time: what the network sees.

use std::time::Duration;

use arrayvec::ArrayVec;

use super::points::PointMotion;
use crate::types::{MAX_PATCHES, PatchMotion, Timestamp};

/// Ticks a second. The videos that the network learns from have 24-30 frames a second: a finer grid would hold nothing more.
pub const TICK_HZ: i64 = 30;

/// How frames become ticks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TickParams {
    /// Frame rate above which a tick is the mean of the frames since the last one, in frames a second; below, it is
    /// interpolated between two frames. At 45 a tick holds one or two frames.
    pub average_above_fps: f64,
    /// A tick further than this from any frame with motion is not valid, in seconds. The motion stage itself carries nothing
    /// across longer gaps (`MotionParams::max_gap_s`).
    pub max_age_s: f64,
    /// A frame this much before a tick stands for it, in seconds: containers round frame times to 1 ms, and waiting for the
    /// next frame would cost a whole period.
    pub snap_s: f64,
    /// The most ticks that one frame may bring; further ones within a long gap are left out.
    pub max_burst: i64,
}

impl Default for TickParams {
    fn default() -> Self {
        Self { average_above_fps: 45.0, max_age_s: 0.1, snap_s: 0.001, max_burst: 10 * TICK_HZ }
    }
}

/// The motion of all points of the face, at one point of the grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Its number on the grid: `TICK_HZ` a second from the session's start.
    pub index: i64,
    /// The mean time of what it holds: its own time, or earlier by up to half a tick where it is a mean.
    pub centre: Timestamp,
    /// In the order of [`super::points`].
    pub points: ArrayVec<PatchMotion, MAX_PATCHES>,
    /// Speed of the head in the image, in ICD a second.
    pub head_speed_icd_s: f32,
    /// There was motion near enough; otherwise the rest is empty and zero.
    pub is_valid: bool,
}

impl Tick {
    /// Its time on the grid.
    pub fn at(&self) -> Timestamp {
        time_of(self.index)
    }
}

/// The time of a point of the grid, to the nearest nanosecond.
pub fn time_of(index: i64) -> Timestamp {
    let nanos = i128::from(index) * 1_000_000_000;
    let rounded = (nanos + i128::from(TICK_HZ / 2)).div_euclid(i128::from(TICK_HZ));
    Timestamp::from_nanos(i64::try_from(rounded).unwrap_or(i64::MAX))
}

/// The first point of the grid at or after `at`.
fn index_at_or_after(at: Timestamp) -> i64 {
    let exact = i128::from(at.as_nanos()) * i128::from(TICK_HZ);
    let mut index = i64::try_from(exact.div_euclid(1_000_000_000)).unwrap_or(i64::MAX);
    while time_of(index) < at {
        index += 1;
    }
    index
}

/// The frames since the last tick, summed up.
#[derive(Clone, Debug, Default)]
struct Sums {
    frames: u32,
    /// Nanoseconds after the first frame of the sum.
    nanos: i64,
    first_at: Timestamp,
    head: f32,
    /// Sum of valid displacements and their number, then the last displacement of any kind.
    points: ArrayVec<([f32; 2], u32, [f32; 2]), MAX_PATCHES>,
}

/// Puts frames on the grid, causally: a tick is given out with the first frame at or after it.
#[derive(Clone, Debug)]
pub struct Ticker {
    params: TickParams,
    next: Option<i64>,
    previous: Option<PointMotion>,
    /// Mean period of the frames; `None` until two have come.
    period_s: Option<f64>,
    sums: Sums,
    spare: PointMotion,
}

impl Ticker {
    /// A ticker that has seen nothing.
    pub fn new(params: TickParams) -> Self {
        Self {
            params,
            next: None,
            previous: None,
            period_s: None,
            sums: Sums::default(),
            spare: PointMotion::default(),
        }
    }

    /// Parameters in force.
    pub fn params(&self) -> &TickParams {
        &self.params
    }

    /// Takes one frame, without points where no face was followed. New ticks are appended.
    pub fn push(&mut self, frame: &PointMotion, ticks: &mut Vec<Tick>) {
        let mut own = std::mem::take(&mut self.spare);
        own.points.clear();
        own.points.extend_from_slice(&frame.points);
        (own.at, own.face_id, own.head_speed_icd_s) = (frame.at, frame.face_id, frame.head_speed_icd_s);
        self.take(own, ticks);
    }

    fn take(&mut self, frame: PointMotion, ticks: &mut Vec<Tick>) {
        if self.previous.as_ref().is_some_and(|previous| previous.at >= frame.at) {
            // Time stood still or went back: nothing can be put between two equal times.
            self.spare = frame;
            return;
        }
        if frame.points.is_empty() {
            self.pass_without_motion(frame.at, ticks);
            self.spare = frame;
            return;
        }
        let is_continued = self.previous.as_ref().is_some_and(|previous| previous.face_id == frame.face_id);
        if is_continued {
            self.learn_period(&frame);
        } else {
            self.sums = Sums::default();
        }
        let mut next = self.next.unwrap_or_else(|| index_at_or_after(frame.at));
        next = self.skip_burst(next, frame.at);
        while time_of(next) < frame.at {
            let tick = self.between(next, is_continued.then_some(&frame));
            ticks.push(tick);
            next += 1;
        }
        self.sums.add(&frame);
        let snap = Duration::try_from_secs_f64(self.params.snap_s).unwrap_or_default();
        if time_of(next) <= frame.at + snap {
            ticks.push(self.at_frame(next, &frame));
            next += 1;
        }
        self.next = Some(next);
        self.spare = self.previous.replace(frame).unwrap_or_default();
    }

    /// Time passes and no motion comes: ticks that nothing can fill any more are given out as invalid.
    fn pass_without_motion(&mut self, now: Timestamp, ticks: &mut Vec<Tick>) {
        let Some(mut next) = self.next else { return };
        let is_lost = self
            .previous
            .as_ref()
            .is_none_or(|previous| now.seconds_since(previous.at) > 2.0 * self.params.max_age_s);
        if !is_lost {
            return;
        }
        self.previous = None;
        self.sums = Sums::default();
        next = self.skip_burst(next, now);
        while time_of(next) <= now {
            ticks.push(Tick::invalid(next));
            next += 1;
        }
        self.next = Some(next);
    }

    fn skip_burst(&self, next: i64, now: Timestamp) -> i64 {
        next.max(index_at_or_after(now).saturating_sub(self.params.max_burst))
    }

    fn learn_period(&mut self, frame: &PointMotion) {
        let Some(previous) = &self.previous else { return };
        let elapsed_s = frame.at.seconds_since(previous.at);
        if elapsed_s <= self.params.max_age_s {
            let period = self.period_s.unwrap_or(elapsed_s);
            self.period_s = Some(period + 0.1 * (elapsed_s - period));
        }
    }

    fn is_averaging(&self) -> bool {
        self.period_s.is_some_and(|period| period * self.params.average_above_fps < 1.0)
    }

    /// A tick that `after` has passed by.
    fn between(&mut self, index: i64, after: Option<&PointMotion>) -> Tick {
        let (Some(before), Some(after)) = (&self.previous, after) else {
            self.sums = Sums::default();
            return Tick::invalid(index);
        };
        if self.is_averaging() && self.sums.frames > 0 {
            return self.sums.take(index);
        }
        self.sums = Sums::default();
        let span_s = after.at.seconds_since(before.at);
        if span_s > 2.0 * self.params.max_age_s {
            return Tick::invalid(index);
        }
        let share = (time_of(index).seconds_since(before.at) / span_s) as f32;
        let between = |a: f32, b: f32| a + share * (b - a);
        let patch = |(a, b): (&PatchMotion, &PatchMotion)| PatchMotion {
            displacement_icd: [
                between(a.displacement_icd[0], b.displacement_icd[0]),
                between(a.displacement_icd[1], b.displacement_icd[1]),
            ],
            is_valid: a.is_valid && b.is_valid,
        };
        Tick {
            index,
            centre: time_of(index),
            points: before.points.iter().zip(&after.points).map(patch).take(MAX_PATCHES).collect(),
            head_speed_icd_s: between(before.head_speed_icd_s, after.head_speed_icd_s),
            is_valid: true,
        }
    }

    /// A tick at the time of a frame.
    fn at_frame(&mut self, index: i64, frame: &PointMotion) -> Tick {
        if self.is_averaging() {
            return self.sums.take(index);
        }
        self.sums = Sums::default();
        Tick {
            index,
            centre: frame.at,
            points: frame.points.iter().copied().take(MAX_PATCHES).collect(),
            head_speed_icd_s: frame.head_speed_icd_s,
            is_valid: true,
        }
    }
}

impl Tick {
    /// A tick without motion.
    pub fn invalid(index: i64) -> Self {
        Self {
            index,
            centre: time_of(index),
            points: ArrayVec::new(),
            head_speed_icd_s: 0.0,
            is_valid: false,
        }
    }
}

impl Sums {
    fn add(&mut self, frame: &PointMotion) {
        if self.frames == 0 {
            self.first_at = frame.at;
            self.points = frame.points.iter().map(|_| Default::default()).take(MAX_PATCHES).collect();
        }
        self.frames += 1;
        self.nanos += frame.at.as_nanos() - self.first_at.as_nanos();
        self.head += frame.head_speed_icd_s;
        for ((sum, count, last), patch) in self.points.iter_mut().zip(&frame.points) {
            *last = patch.displacement_icd;
            if patch.is_valid {
                sum[0] += patch.displacement_icd[0];
                sum[1] += patch.displacement_icd[1];
                *count += 1;
            }
        }
    }

    /// The mean, and an empty sum in its place.
    fn take(&mut self, index: i64) -> Tick {
        let mean = |(sum, count, last): &([f32; 2], u32, [f32; 2])| PatchMotion {
            displacement_icd: if *count > 0 { sum.map(|v| v / *count as f32) } else { *last },
            is_valid: *count > 0,
        };
        let frames = self.frames.max(1);
        let tick = Tick {
            index,
            centre: Timestamp::from_nanos(self.first_at.as_nanos() + self.nanos / i64::from(frames)),
            points: self.points.iter().map(mean).collect(),
            head_speed_icd_s: self.head / frames as f32,
            is_valid: true,
        };
        *self = Self::default();
        tick
    }
}
