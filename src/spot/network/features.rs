//! What the network is shown of each tick: changes of displacement, plain and against the person's own restlessness.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::beam_params::BeamParams;
use super::beams::Beams;
use super::points::points;
use super::ticks::{TICK_HZ, Tick};
use super::usual_motion::UsualMotion;
use crate::types::{PatchMotion, REGION_COUNT};

/// What one point of the features is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pooling {
    /// Each patch by itself.
    Patches,
    /// The mean of each region's patches.
    Regions,
}

/// Which channels there are. A trained network goes with one choice, which its record holds (`models/spotter.toml`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureParams {
    /// Patches or regions.
    pub pooling: Pooling,
    /// Changes are taken over each of these lags, in ticks.
    pub lags: Vec<usize>,
    /// A change of this size is worth asinh(1), in ICD units. The prototype's 0.5 % (issue 3).
    pub unit_icd: f32,
    /// Each change is also given divided by its running scale.
    pub has_scaled: bool,
    /// The logarithm of the running scale of the first lag is given too, by region.
    pub has_scale: bool,
    /// The head's speed is given too.
    pub has_head: bool,
    /// Time constant of the running scale, a root mean square, in seconds. The prototype's 2 s (issue 3).
    pub scale_time_s: f32,
    /// Added to the running scale before dividing, in ICD units. Ours: the tracker's own noise on a still face.
    pub scale_floor_icd: f32,
    /// The action units' adaptive beams are given too.
    #[serde(default)]
    pub beams: Option<BeamParams>,
    /// What people's faces do all the time: the beams start from it. Learned from those that were trained on.
    #[serde(default)]
    pub usual: UsualMotion,
}

impl Default for FeatureParams {
    fn default() -> Self {
        Self {
            pooling: Pooling::Regions,
            lags: Vec::new(),
            unit_icd: 0.005,
            has_scaled: false,
            has_scale: false,
            has_head: true,
            scale_time_s: 2.0,
            scale_floor_icd: 0.001,
            beams: Some(BeamParams::default()),
            usual: UsualMotion::default(),
        }
    }
}

impl FeatureParams {
    /// Points, or regions, whose changes are shown.
    fn point_count(&self) -> usize {
        match self.pooling {
            Pooling::Patches => points().len(),
            Pooling::Regions => REGION_COUNT,
        }
    }

    /// Numbers for each tick.
    pub fn channels(&self) -> usize {
        let changes = 2 * self.point_count() * self.lags.len() * (1 + usize::from(self.has_scaled));
        let beams = self.beams.as_ref().map_or(0, Beams::channels);
        changes + usize::from(self.has_scale) * REGION_COUNT + usize::from(self.has_head) + beams
    }
}

/// How many ticks' worth of [`FeatureParams::unit_icd`] the running scale begins with. Ours: a quarter of a second.
const PRIOR_TICKS: f32 = 8.0;

/// The running scale of one point's change over one lag.
#[derive(Clone, Copy, Debug)]
struct Scale {
    square: f32,
    ticks: f32,
}

/// The change of one point over one lag.
#[derive(Clone, Copy, Debug, Default)]
struct Change {
    by: [f32; 2],
    is_valid: bool,
}

/// Makes features of ticks, one after the other: the same streaming as over a whole recording.
#[derive(Clone, Debug)]
pub struct FeatureExtractor {
    params: FeatureParams,
    channels: usize,
    /// The region of each patch of a tick.
    regions: Vec<usize>,
    points: usize,
    /// Newest first.
    history: VecDeque<Vec<PatchMotion>>,
    /// By lag, then point.
    scales: Vec<Scale>,
    changes: Vec<Change>,
    members: [f32; REGION_COUNT],
    beams: Option<Beams>,
}

impl FeatureExtractor {
    /// An extractor that has seen nothing.
    pub fn new(params: FeatureParams) -> Self {
        let regions: Vec<usize> = points().iter().map(|id| id.index()).collect();
        let points = params.point_count();
        let mut members = [0.0; REGION_COUNT];
        match params.pooling {
            Pooling::Patches => regions.iter().for_each(|region| members[*region] += 1.0),
            Pooling::Regions => members = [1.0; REGION_COUNT],
        }
        let start = Scale { square: params.unit_icd * params.unit_icd, ticks: PRIOR_TICKS };
        Self {
            channels: params.channels(),
            beams: params.beams.clone().map(|beams| Beams::new(beams, &params.usual)),
            scales: vec![start; points * params.lags.len()],
            changes: vec![Change::default(); points],
            params,
            regions,
            points,
            history: VecDeque::new(),
            members,
        }
    }

    /// Numbers for each tick.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// The action units' beams, where there are any.
    pub fn beams(&self) -> Option<&Beams> {
        self.beams.as_ref()
    }

    /// Takes the next tick and appends its [`Self::channels`] numbers. What is not known is 0.
    pub fn push(&mut self, tick: &Tick, features: &mut Vec<f32>) {
        let start = features.len();
        let longest = self.params.lags.iter().copied().max().unwrap_or(0);
        let mut recycled = if self.history.len() > longest {
            self.history.pop_back().unwrap_or_default()
        } else {
            Vec::new()
        };
        recycled.clear();
        if tick.is_valid {
            recycled.extend(tick.points.iter().take(self.regions.len()));
        }
        self.history.push_front(recycled);
        for lag_index in 0..self.params.lags.len() {
            self.take_changes(lag_index);
            self.write_changes(lag_index, features);
        }
        if self.params.has_scale {
            self.write_scales(tick.is_valid, features);
        }
        if self.params.has_head {
            features.push(squashed(tick.head_speed_icd_s));
        }
        if let Some(beams) = &mut self.beams {
            beams.push(tick.is_valid.then_some(tick.points.as_slice()), features);
        }
        debug_assert_eq!(features.len() - start, self.channels);
    }

    fn take_changes(&mut self, lag_index: usize) {
        self.changes.fill(Change::default());
        let lag = self.params.lags.get(lag_index).copied().unwrap_or(0);
        let (Some(now), Some(before)) = (self.history.front(), self.history.get(lag)) else { return };
        if now.len() != self.regions.len() || before.len() != self.regions.len() {
            return;
        }
        let is_pooled = self.params.pooling == Pooling::Regions;
        let mut counts = [0.0_f32; REGION_COUNT];
        for (index, (a, b)) in now.iter().zip(before).enumerate() {
            if !(a.is_valid && b.is_valid) {
                continue;
            }
            let region = self.regions[index];
            let change = &mut self.changes[if is_pooled { region } else { index }];
            change.by[0] += a.displacement_icd[0] - b.displacement_icd[0];
            change.by[1] += a.displacement_icd[1] - b.displacement_icd[1];
            change.is_valid = true;
            counts[region] += 1.0;
        }
        if is_pooled {
            for (change, count) in self.changes.iter_mut().zip(counts).filter(|(change, _)| change.is_valid) {
                change.by = change.by.map(|v| v / count);
            }
        }
    }

    /// Plain changes, then scaled ones; a scale is that of earlier ticks, so that nothing hides behind its own size.
    fn write_changes(&mut self, lag_index: usize, features: &mut Vec<f32>) {
        let scales = &mut self.scales[lag_index * self.points..(lag_index + 1) * self.points];
        let unit = self.params.unit_icd;
        features.extend(self.changes.iter().flat_map(|change| change.by.map(|v| squashed(v / unit))));
        let floor = self.params.scale_floor_icd;
        if self.params.has_scaled {
            for (change, scale) in self.changes.iter().zip(scales.iter()) {
                let divisor = scale.square.sqrt() + floor;
                features.extend(change.by.map(|v| squashed(v / divisor)));
            }
        }
        let slowest = 1.0 / (self.params.scale_time_s * TICK_HZ as f32);
        for (change, scale) in self.changes.iter().zip(scales).filter(|(change, _)| change.is_valid) {
            let square = 0.5 * (change.by[0] * change.by[0] + change.by[1] * change.by[1]);
            scale.ticks += 1.0;
            scale.square += (1.0 / scale.ticks).max(slowest) * (square - scale.square);
        }
    }

    fn write_scales(&self, is_valid: bool, features: &mut Vec<f32>) {
        let mut squares = [0.0_f32; REGION_COUNT];
        for (point, scale) in self.scales.iter().take(self.points).enumerate() {
            let region = match self.params.pooling {
                Pooling::Patches => self.regions[point],
                Pooling::Regions => point,
            };
            squares[region] += scale.square;
        }
        for (square, members) in squares.iter().zip(self.members) {
            let root = (square / members).sqrt();
            let ratio = (root + self.params.scale_floor_icd) / self.params.unit_icd;
            features.push(if is_valid { ratio.ln() } else { 0.0 });
        }
    }
}

/// The inverse hyperbolic sine, within 1e-6: several times faster than `f32::asinh`, of which training needs millions a step.
fn squashed(value: f32) -> f32 {
    let size = value.abs();
    (size + (size * size + 1.0).sqrt()).ln().copysign(value)
}
