//! How restless each region is, learned continuously and causally: what a movement has to rise above.
//!
//! What counts is not the sensor's noise but how much the face does by itself within the time of a micro-expression: the
//! change over 200 ms ([`LAG_S`]). Its robust scale is taken over three windows: seconds, so that a face that begins to speak is
//! restless at once; ten seconds; and most of a minute, so that one moment's rest does not make it a quiet face.

use super::history::{AXES, Axes, MotionHistory};
use super::window::SortedWindow;
use crate::types::{REGION_COUNT, Timestamp};

/// Lag over which change is measured, in seconds: the rise of a micro-expression takes 40-200 ms (DESIGN section 3); with 100 ms a
/// prototype had many more false alarms (issue 3).
pub const LAG_S: f64 = 0.2;
/// Changes are sampled this often, in seconds: three samples within one lag, more are no news.
const SAMPLE_S: f64 = 1.0 / 15.0;
/// Windows, in samples: 2.5 s, 10 s (issue 3: 6-10 s) and 45 s (DESIGN section 6: 30-60 s).
const SHORT: usize = 38;
const MIDDLE: usize = 150;
const LONG: usize = 675;
/// The long window takes every n-th sample.
const LONG_STRIDE: usize = 6;
/// Share of the long window's scale below which the noise never falls.
const LONG_SHARE: f32 = 0.5;
/// Samples before the learned scale is used alone, 0.8 s: until then it is at least the seed, and its channel claims nothing.
const WARM_UP: usize = 12;
/// Median and upper quartile of the absolute value of a standard normal variable.
const NORMAL_MEDIAN: f32 = 0.6745;
/// See [`NORMAL_MEDIAN`].
const NORMAL_QUARTILE: f32 = 1.1503;
/// Noise assumed of a face that is not known yet, in ICD units: twice that of action-unit channels of near-motionless faces
/// (issue 3: 0.12-0.21 % at 100 ms).
pub const UNKNOWN_ICD: f32 = 0.004;

/// Robust scale of one signal's changes.
#[derive(Clone, Debug)]
pub struct RobustScale {
    short: SortedWindow,
    middle: SortedWindow,
    long: SortedWindow,
    count: usize,
    seed: f32,
    sigma: f32,
}

impl RobustScale {
    /// A scale that starts as `seed` (above 0, in the signal's unit).
    pub fn new(seed: f32) -> Self {
        let seed = if seed.is_finite() && seed > 0.0 { seed } else { UNKNOWN_ICD };
        Self {
            short: SortedWindow::new(SHORT),
            middle: SortedWindow::new(MIDDLE),
            long: SortedWindow::new(LONG / LONG_STRIDE),
            count: 0,
            seed,
            sigma: seed,
        }
    }

    /// Takes one change; one that is not finite is left out.
    pub fn push(&mut self, change: f32) {
        if !change.is_finite() {
            return;
        }
        let size = change.abs();
        self.short.push(size);
        self.middle.push(size);
        if self.count.is_multiple_of(LONG_STRIDE) {
            self.long.push(size);
        }
        self.count += 1;
        // The median of a short window: one event of half a second, and its echo a lag later, do not move it.
        let short = self.short.quantile(0.5).unwrap_or(0.0) / NORMAL_MEDIAN;
        // Three quarters rather than the median: a face that moves half of the time is not at rest.
        let middle = self.middle.quantile(0.75).unwrap_or(0.0) / NORMAL_QUARTILE;
        let long = LONG_SHARE * self.long.quantile(0.5).unwrap_or(0.0) / NORMAL_MEDIAN;
        let learned = middle.max(short).max(long);
        self.sigma = if self.count < WARM_UP { learned.max(self.seed) } else { learned };
    }

    /// Standard deviation that Gaussian changes of this scale would have.
    pub fn sigma(&self) -> f32 {
        self.sigma
    }

    /// Whether enough was seen for the scale to be more than the seed.
    pub fn is_learned(&self) -> bool {
        self.count >= WARM_UP
    }
}

/// Says when a change is to be sampled: at a fixed cadence of media time, whatever the frame rate.
#[derive(Clone, Debug, Default)]
pub struct SampleClock {
    last: Option<Timestamp>,
}

impl SampleClock {
    /// True when the frame at `at` is to be sampled.
    pub fn is_due(&mut self, at: Timestamp) -> bool {
        // A tenth of the cadence early still counts: camera time stamps jitter.
        let is_due = self.last.is_none_or(|last| {
            let elapsed_s = at.seconds_since(last);
            !(0.0..0.9 * SAMPLE_S).contains(&elapsed_s)
        });
        if is_due {
            self.last = Some(at);
        }
        is_due
    }
}

/// Noise of every region axis.
#[derive(Clone, Debug)]
pub struct NoiseModel {
    scales: Vec<RobustScale>,
    seeds: Axes,
    clock: SampleClock,
    sensor_icd: Axes,
}

impl Default for NoiseModel {
    fn default() -> Self {
        Self::seeded(&[UNKNOWN_ICD; REGION_COUNT])
    }
}

impl NoiseModel {
    /// A model that starts from a profile: standard deviation of each region's change over 200 ms at rest, in ICD units, by
    /// [`crate::types::RegionId::index`]. Values that are not above 0 stand for "unknown".
    pub fn seeded(sigma_icd: &[f32; REGION_COUNT]) -> Self {
        let known = |sigma: f32| if sigma.is_finite() && sigma > 0.0 { sigma } else { UNKNOWN_ICD };
        let seeds: Axes = std::array::from_fn(|axis| known(sigma_icd[axis / 2]));
        Self {
            scales: seeds.iter().map(|seed| RobustScale::new(*seed)).collect(),
            seeds,
            clock: SampleClock::default(),
            sensor_icd: [0.0; AXES],
        }
    }

    /// Forgets the face, not the profile.
    pub fn reset(&mut self) {
        self.scales = self.seeds.iter().map(|seed| RobustScale::new(*seed)).collect();
        self.clock = SampleClock::default();
        self.sensor_icd = [0.0; AXES];
    }

    /// Learns from the newest frame of `history`. `sensor_icd`: standard error of each region from the pictures alone.
    /// `is_open`: the region, by index, is not blanked by a veto. Returns true when a sample was taken.
    pub fn learn(
        &mut self,
        history: &MotionHistory,
        sensor_icd: impl Fn(usize) -> f32,
        is_open: impl Fn(usize) -> bool,
    ) -> bool {
        let Some(newest) = history.newest() else { return false };
        if !self.clock.is_due(newest.at) {
            return false;
        }
        let lagged = lagged(newest.at, LAG_S);
        let Some(before) = history.place_at(lagged) else { return false };
        for (axis, scale) in self.scales.iter_mut().enumerate() {
            let sensor = sensor_icd(axis / 2);
            // A difference of two measurements: root two times the error of one.
            self.sensor_icd[axis] = if sensor.is_finite() { std::f32::consts::SQRT_2 * sensor } else { 0.0 };
            if is_open(axis / 2) && newest.is_valid_since(axis, lagged) {
                scale.push(newest.place[axis] - before[axis]);
            }
        }
        true
    }

    /// Standard deviation of an axis' change over [`LAG_S`], in ICD units; above 0.
    pub fn sigma_icd(&self, axis: usize) -> f32 {
        let learned = self.scales.get(axis).map_or(UNKNOWN_ICD, RobustScale::sigma);
        let sensor = self.sensor_icd.get(axis).copied().unwrap_or(0.0);
        learned.max(sensor).max(f32::MIN_POSITIVE)
    }

    /// Noise of every axis.
    pub fn sigmas_icd(&self) -> Axes {
        std::array::from_fn(|axis| self.sigma_icd(axis))
    }
}

/// `seconds` before `at`.
pub fn lagged(at: Timestamp, seconds: f64) -> Timestamp {
    Timestamp::from_nanos(at.as_nanos().saturating_sub((seconds * 1e9) as i64))
}
