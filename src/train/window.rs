//! A few seconds of real motion, varied: the background that events are added to.

use rand::{Rng, RngExt};

use super::Recording;
use super::envelope::between;
use super::pattern::normal;
use crate::spot::network::{PointMotion, TICK_HZ, Tick, TickParams, Ticker, mirror_map, points};
use crate::types::{PatchMotion, Timestamp};

/// How backgrounds are varied.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BackgroundParams {
    /// Factor on speed. Issue 3.
    pub tempo: [f64; 2],
    /// Factor on size. Issue 3.
    pub gain: [f64; 2],
    /// Chance of running backwards.
    pub reversed: f64,
    /// Chance of left and right changing sides.
    pub mirrored: f64,
    /// Chance that a second background is added, and its gain.
    pub mixed: f64,
    /// See `mixed`.
    pub mix_gain: [f64; 2],
    /// Chance that the upper half of the face is that of another background: brows and mouths of any two people make a face that the
    /// network has not seen.
    pub spliced: f64,
    /// Patch noise on photos, standard deviation in ICD units, log-uniform. FACTS: 0.1-0.2 % ICD on near-motionless faces.
    pub photo_noise_icd: [f64; 2],
    /// Chance that points are dropped for the whole window, and the share that is.
    pub dropped: f64,
    /// See `dropped`.
    pub drop_share: [f64; 2],
}

impl Default for BackgroundParams {
    fn default() -> Self {
        Self {
            tempo: [0.8, 1.25],
            gain: [0.7, 1.4],
            reversed: 0.3,
            mirrored: 0.5,
            mixed: 0.25,
            mix_gain: [0.2, 0.8],
            spliced: 0.35,
            photo_noise_icd: [0.0002, 0.0015],
            dropped: 0.3,
            drop_share: [0.02, 0.3],
        }
    }
}

impl BackgroundParams {
    /// Nothing varied: what the recording holds.
    pub fn plain() -> Self {
        Self {
            tempo: [1.0, 1.0],
            gain: [1.0, 1.0],
            reversed: 0.0,
            mirrored: 0.0,
            mixed: 0.0,
            spliced: 0.0,
            dropped: 0.0,
            ..Self::default()
        }
    }
}

/// Frames of motion, with times from 0 to the window's length.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    point_count: usize,
    /// Frame times, in seconds; rising.
    pub at_s: Vec<f64>,
    faces: Vec<Option<u32>>,
    head_speeds: Vec<f32>,
    points: Vec<PatchMotion>,
}

/// Seconds of frames beyond the window's end, so that its last tick has a frame after it.
const MARGIN_S: f64 = 0.12;

impl Window {
    /// Cuts `seconds` out of a recording at random. A recording that is shorter comes at the end, as if the face had just
    /// been found.
    pub fn cut(recording: &Recording, seconds: f64, params: &BackgroundParams, rng: &mut impl Rng) -> Self {
        if recording.base.is_photo {
            return Self::of_photo(seconds, params, rng);
        }
        let track = &recording.track;
        let (tempo, gain) = (between(rng, params.tempo), between(rng, params.gain) as f32);
        let is_reversed = rng.random_bool(params.reversed);
        let span_s = (seconds + MARGIN_S) * tempo;
        let spare_s = track.duration_s() - span_s;
        let first_s = track.at_s.first().copied().unwrap_or(0.0);
        // Where the frames lie against the grid of ticks is left to chance too.
        let phase_s = between(rng, [0.0, 1.0 / TICK_HZ as f64]);
        let start_s = first_s + if spare_s > 0.0 { between(rng, [0.0, spare_s]) } else { spare_s - phase_s };
        let mut window = Self {
            point_count: track.point_count,
            at_s: Vec::new(),
            faces: Vec::new(),
            head_speeds: Vec::new(),
            points: Vec::new(),
        };
        let within = |index: &usize| (start_s..=start_s + span_s).contains(&track.at_s[*index]);
        let indices: Vec<usize> = (0..track.len()).filter(within).collect();
        let mut take = |index: usize, at_s: f64| {
            window.at_s.push(at_s);
            window.faces.push(track.faces[index]);
            window.head_speeds.push(track.head_speeds[index] * (tempo as f32));
            window.points.extend(track.frame(index).iter().map(|patch| PatchMotion {
                displacement_icd: patch.displacement_icd.map(|v| gain * v),
                ..*patch
            }));
        };
        let forward_s = |index: usize| (track.at_s[index] - start_s) / tempo;
        if is_reversed {
            // Backwards a short recording still comes at the end.
            let begin_s = if spare_s > 0.0 { 0.0 } else { (first_s - start_s) / tempo };
            let turned_s = |index| seconds + MARGIN_S + begin_s - forward_s(index);
            indices.iter().rev().for_each(|index| take(*index, turned_s(*index)));
        } else {
            indices.iter().for_each(|index| take(*index, forward_s(*index)));
        }
        window
    }

    /// A motionless face under a tracker's noise, at any frame rate.
    fn of_photo(seconds: f64, params: &BackgroundParams, rng: &mut impl Rng) -> Self {
        const RATES: [f64; 5] = [24.0, 25.0, 30.0, 60.0, 120.0];
        let rate = RATES[rng.random_range(0..RATES.len())];
        let count = ((seconds + MARGIN_S) * rate).ceil() as usize;
        let sigma = between(rng, params.photo_noise_icd.map(f64::ln)).exp() as f32;
        let mut all = Vec::with_capacity(count * points().len());
        // Slow wander besides: errors of the reference that patches share.
        let mut wander = [0.0_f32; 2];
        for _ in 0..count {
            wander = wander.map(|v| 0.98 * v + 0.2 * sigma * normal(rng));
            all.extend(points().iter().map(|_| PatchMotion {
                displacement_icd: wander.map(|v| v + sigma * normal(rng)),
                is_valid: true,
            }));
        }
        Self {
            point_count: points().len(),
            at_s: (0..count).map(|index| index as f64 / rate).collect(),
            faces: vec![Some(0); count],
            head_speeds: vec![0.0; count],
            points: all,
        }
    }

    /// Adds the motion of another window, held where that one has none.
    pub fn mix(&mut self, other: &Self, gain: f32) {
        self.join(other, gain, |_| Some(1.0));
    }

    /// Takes the motion of these points from another window.
    pub fn splice(&mut self, other: &Self, is_taken: impl Fn(usize) -> bool) {
        self.join(other, 1.0, |index| is_taken(index).then_some(0.0));
    }

    /// Own motion times what `keep` says, and another window's times `gain`; points for which it says nothing stay as they are.
    fn join(&mut self, other: &Self, gain: f32, keep: impl Fn(usize) -> Option<f32>) {
        if other.at_s.is_empty() || other.point_count != self.point_count {
            return;
        }
        for (index, at_s) in self.at_s.iter().enumerate() {
            let after = other.at_s.partition_point(|other| other < at_s).min(other.at_s.len() - 1);
            let before = after.saturating_sub(1);
            let span_s = other.at_s[after] - other.at_s[before];
            let share =
                if span_s > 0.0 { ((at_s - other.at_s[before]) / span_s).clamp(0.0, 1.0) } else { 0.0 };
            let own = &mut self.points[index * self.point_count..(index + 1) * self.point_count];
            let (before, after) = (other.frame(before), other.frame(after));
            for (patch, (own, (a, b))) in own.iter_mut().zip(before.iter().zip(after)).enumerate() {
                let Some(keep) = keep(patch) else { continue };
                for axis in 0..2 {
                    let (a, b) = (a.displacement_icd[axis], b.displacement_icd[axis]);
                    own.displacement_icd[axis] =
                        keep * own.displacement_icd[axis] + gain * (a + share as f32 * (b - a));
                }
                own.is_valid = (own.is_valid || keep == 0.0) && a.is_valid && b.is_valid;
            }
        }
    }

    /// Adds `pattern`, times a course in time.
    pub fn add(&mut self, pattern: &[[f32; 2]], value: impl Fn(f64) -> f64) {
        for (at_s, patches) in self.at_s.iter().zip(self.points.chunks_exact_mut(self.point_count.max(1))) {
            let value = value(*at_s) as f32;
            if value != 0.0 {
                for (patch, way) in patches.iter_mut().zip(pattern) {
                    patch.displacement_icd[0] += value * way[0];
                    patch.displacement_icd[1] += value * way[1];
                }
            }
        }
    }

    /// Left becomes right.
    pub fn mirror(&mut self) {
        let map = mirror_map();
        let mut spare = Vec::with_capacity(self.point_count);
        for patches in self.points.chunks_exact_mut(self.point_count.max(1)) {
            spare.clear();
            spare.extend_from_slice(patches);
            for (patch, from) in patches.iter_mut().zip(&map) {
                let PatchMotion { displacement_icd: [x, y], is_valid } = spare[*from];
                *patch = PatchMotion { displacement_icd: [-x, y], is_valid };
            }
        }
    }

    /// These points are lost for the whole window.
    pub fn drop_points(&mut self, is_dropped: impl Fn(usize) -> bool) {
        for patches in self.points.chunks_exact_mut(self.point_count.max(1)) {
            for (index, patch) in patches.iter_mut().enumerate() {
                patch.is_valid &= !is_dropped(index);
            }
        }
    }

    /// Whether a point was followed at a time, by the nearest frame; `false` without frames.
    pub fn is_valid_at(&self, at_s: f64, patch: usize) -> bool {
        let after = self.at_s.partition_point(|own| *own < at_s).min(self.at_s.len().saturating_sub(1));
        self.faces.get(after).is_some_and(Option::is_some)
            && self.frame(after).get(patch).is_some_and(|patch| patch.is_valid)
    }

    /// The ticks 1 to `count` of the grid, as the spotter would get them; missing ones are invalid.
    pub fn ticks(&self, count: usize) -> Vec<Tick> {
        let mut ticker = Ticker::new(TickParams::default());
        let mut given = Vec::with_capacity(count + 8);
        let mut frame = PointMotion::default();
        for (index, at_s) in self.at_s.iter().enumerate() {
            frame.at = Timestamp::from_secs_f64(*at_s);
            frame.face_id = self.faces[index].unwrap_or(0);
            frame.head_speed_icd_s = self.head_speeds[index];
            frame.points.clear();
            if self.faces[index].is_some() {
                frame.points.extend_from_slice(self.frame(index));
            }
            ticker.push(&frame, &mut given);
        }
        let mut given = given.into_iter().filter(|tick| tick.index >= 1).peekable();
        (1..=count as i64)
            .map(|index| given.next_if(|tick| tick.index == index).unwrap_or_else(|| Tick::invalid(index)))
            .collect()
    }

    fn frame(&self, index: usize) -> &[PatchMotion] {
        self.points.get(index * self.point_count..(index + 1) * self.point_count).unwrap_or_default()
    }
}
