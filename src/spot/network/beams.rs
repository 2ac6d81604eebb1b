//! Adaptive beams: each watches one action unit and is deaf to what this very face does all the time.
//!
//! A talking, turning face moves many regions together, in patterns of its own. The covariance of those movements is learned
//! as it goes; the beam of an action unit with template `s` is `w = C⁻¹s / √(sᵀC⁻¹s)`, the linear filter that answers to
//! `s` and least to everything else (Capon, Proc. IEEE 57, 1969; with diagonal loading, Carlson, IEEE Trans. AES 24, 1988).
//! Its output has unit variance where nothing but the usual happens: people become comparable. On the tuning clips a
//! movement of 3 % ICD stands 2-3 times as far above the noise as with weights for each region alone
//! (`benches/results/2026-11-spotting.md`).

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::cholesky::Cholesky;
use super::ticks::TICK_HZ;
use crate::facs::{ACTION_UNITS, AuField, standard_landmarks};
use crate::motion::{layout_points, layout_regions};
use crate::types::{PatchMotion, REGION_COUNT, Side};

/// Groups of patches: each region's patches in two halves, so that a bend within a region is seen.
const GROUPS: usize = 2 * REGION_COUNT;
/// A group moves along two axes.
const AXES: usize = 2 * GROUPS;

/// How the beams learn. A trained network goes with one choice, which its record holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BeamParams {
    /// The network is shown each beam's change over these lags, in ticks.
    pub lags: Vec<usize>,
    /// The covariance is that of changes over this lag, in ticks. 4: a typical rise of 130 ms.
    pub covariance_lag: usize,
    /// Time constant with which the covariance follows the face, in seconds. 4: long enough for 88 axes, short
    /// enough to follow somebody who begins to speak.
    pub time_s: f64,
    /// Share of the off-diagonal covariance that is not believed, `[0, 1]`.
    pub shrink: f64,
    /// Error that every axis has by itself, in ICD units: keeps the inverse finite and templates from being split hairs over.
    pub floor_icd: f64,
    /// What the axes are thought to do before anything is known, in ICD units.
    pub start_icd: f64,
    /// A tick that is this many times as restless as usual counts less, so that an event does not teach the beams to
    /// ignore it.
    pub clip: f64,
    /// The beams are computed anew every so many ticks. 15: half a second, an eighth of `time_s`.
    pub refresh_ticks: usize,
}

impl Default for BeamParams {
    fn default() -> Self {
        Self {
            lags: vec![1, 3, 6, 12],
            covariance_lag: 4,
            time_s: 4.0,
            shrink: 0.1,
            floor_icd: 0.0015,
            start_icd: 0.01,
            clip: 2.0,
            refresh_ticks: 15,
        }
    }
}

/// The motion that the sensitivity of a beam is stated for, in ICD units: that of [`crate::types::OBSERVABLE_ICD`].
const STATED_ICD: f64 = 0.03;

/// Number of beams: every action unit on the left, on the right, and on both sides.
pub fn beam_count() -> usize {
    3 * ACTION_UNITS.len()
}

/// The beams of one face.
#[derive(Clone, Debug)]
pub struct Beams {
    params: BeamParams,
    /// Group of each patch of a tick.
    groups: Vec<usize>,
    /// By beam.
    templates: Vec<[f64; AXES]>,
    weights: Vec<[f64; AXES]>,
    /// Answer to a movement of [`STATED_ICD`], in standard deviations.
    sensitivity: Vec<f64>,
    covariance: Vec<f64>,
    cholesky: Cholesky,
    /// The patches of the tick before.
    before: Vec<PatchMotion>,
    /// Summed changes of the newest ticks, newest first.
    paths: VecDeque<[f64; AXES]>,
    ticks_to_refresh: usize,
}

impl Beams {
    /// Beams that know no face yet.
    pub fn new(params: BeamParams) -> Self {
        let mut beams = Self {
            groups: groups(),
            templates: templates(),
            weights: vec![[0.0; AXES]; beam_count()],
            sensitivity: vec![0.0; beam_count()],
            covariance: Vec::new(),
            cholesky: Cholesky::new(AXES),
            before: Vec::new(),
            paths: VecDeque::new(),
            ticks_to_refresh: 0,
            params,
        };
        beams.reset();
        beams
    }

    /// Forgets the face.
    pub fn reset(&mut self) {
        self.covariance = vec![0.0; AXES * AXES];
        let start = self.params.start_icd * self.params.start_icd;
        self.covariance.iter_mut().step_by(AXES + 1).for_each(|v| *v = start);
        self.before.clear();
        self.paths.clear();
        self.ticks_to_refresh = 0;
    }

    /// Numbers for each tick.
    pub fn channels(params: &BeamParams) -> usize {
        beam_count() * (params.lags.len() + 1) + 1
    }

    /// Takes the next tick's patches (none where the tick is not valid) and appends [`Self::channels`] numbers: asinh of each beam by lag, the
    /// logarithm of each beam's sensitivity, and the logarithm of how restless the face is against its usual.
    pub fn push(&mut self, patches: Option<&[PatchMotion]>, features: &mut Vec<f32>) {
        self.advance(patches.unwrap_or_default());
        if self.ticks_to_refresh == 0 {
            self.refresh();
            self.ticks_to_refresh = self.params.refresh_ticks.max(1);
        }
        self.ticks_to_refresh -= 1;
        for lag_index in 0..self.params.lags.len() {
            let change = self.change(self.params.lags[lag_index]);
            features.extend(self.weights.iter().map(|w| dot(w, &change).asinh() as f32));
        }
        features.extend(self.sensitivity.iter().map(|s| s.max(1e-6).ln() as f32));
        let unusual = self.learn();
        features.push(unusual.max(1e-3).ln() as f32);
    }

    /// Adds the tick's own change to the path; patches that are not known in both ticks stand still.
    fn advance(&mut self, patches: &[PatchMotion]) {
        let mut path = self.paths.front().copied().unwrap_or([0.0; AXES]);
        let mut sums = [[0.0f64; 3]; GROUPS];
        for ((now, before), group) in patches.iter().zip(&self.before).zip(&self.groups) {
            if now.is_valid && before.is_valid {
                let sum = &mut sums[*group];
                sum[0] += f64::from(now.displacement_icd[0] - before.displacement_icd[0]);
                sum[1] += f64::from(now.displacement_icd[1] - before.displacement_icd[1]);
                sum[2] += 1.0;
            }
        }
        for (group, [x, y, count]) in sums.into_iter().enumerate().filter(|(_, sum)| sum[2] > 0.0) {
            path[2 * group] += x / count;
            path[2 * group + 1] += y / count;
        }
        let longest = self.params.lags.iter().copied().max().unwrap_or(0).max(self.params.covariance_lag);
        self.paths.truncate(longest);
        self.paths.push_front(path);
        self.before.clear();
        self.before.extend_from_slice(patches);
    }

    /// Change over `lag` ticks, or since the beginning.
    fn change(&self, lag: usize) -> [f64; AXES] {
        let (Some(now), Some(then)) = (self.paths.front(), self.paths.get(lag).or(self.paths.back())) else {
            return [0.0; AXES];
        };
        std::array::from_fn(|axis| now[axis] - then[axis])
    }

    /// Computes weights and sensitivities from the covariance.
    fn refresh(&mut self) {
        let floor = self.params.floor_icd * self.params.floor_icd;
        let keep = 1.0 - self.params.shrink;
        let (covariance, loaded) = (
            &self.covariance,
            |row: usize, column: usize, v: f64| {
                if row == column { v + floor } else { keep * v }
            },
        );
        self.cholesky.factor(|row, column| loaded(row, column, covariance[row * AXES + column]));
        for ((template, weights), sensitivity) in
            self.templates.iter().zip(&mut self.weights).zip(&mut self.sensitivity)
        {
            *weights = *template;
            self.cholesky.solve(weights);
            let strength = dot(weights, template).max(0.0).sqrt();
            let scale = if strength > 0.0 { strength.recip() } else { 0.0 };
            weights.iter_mut().for_each(|w| *w *= scale);
            *sensitivity = strength * STATED_ICD;
        }
    }

    /// Lets the newest change into the covariance; gives how restless it was against the usual.
    fn learn(&mut self) -> f64 {
        let change = self.change(self.params.covariance_lag);
        let mut solved = change;
        self.cholesky.solve(&mut solved);
        let unusual = (dot(&solved, &change).max(0.0) / AXES as f64).sqrt();
        let trust = (self.params.clip / unusual.max(1e-9)).min(1.0);
        let follow = 1.0 - (-1.0 / (self.params.time_s * TICK_HZ as f64)).exp();
        let gain = follow * trust * trust;
        for (row, a) in self.covariance.chunks_exact_mut(AXES).zip(change) {
            for (cell, b) in row.iter_mut().zip(change) {
                *cell += gain * a * b - follow * *cell;
            }
        }
        unusual
    }
}

fn dot(a: &[f64; AXES], b: &[f64; AXES]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The group of each patch that belongs to a region, in layout order.
fn groups() -> Vec<usize> {
    let regions: Vec<usize> = layout_regions().iter().flatten().map(|id| id.index()).collect();
    let mut members = [0usize; REGION_COUNT];
    regions.iter().for_each(|region| members[*region] += 1);
    let mut seen = [0usize; REGION_COUNT];
    let mut group = |region: usize| {
        seen[region] += 1;
        2 * region + usize::from(seen[region] > members[region] / 2)
    };
    regions.iter().map(|region| group(*region)).collect()
}

/// The movement of each axis when one action unit acts with strength 1 on a standard face.
fn templates() -> Vec<[f64; AXES]> {
    let mut templates = vec![[0.0; AXES]; beam_count()];
    let landmarks = standard_landmarks();
    let Some(field) = AuField::new(&landmarks) else { return templates };
    let face_from_image = field.face_from_image();
    let is_region = layout_regions();
    let places = layout_points(&landmarks).into_iter().zip(is_region).filter(|(_, region)| region.is_some());
    let groups = groups();
    let mut counts = [0.0f64; GROUPS];
    groups.iter().for_each(|group| counts[*group] += 1.0);
    for ((place, _), group) in places.zip(&groups) {
        let Some(place) = place.map(|p| face_from_image.apply(p)) else { continue };
        for (beams, action_unit) in templates.chunks_exact_mut(3).zip(ACTION_UNITS) {
            for (beam, sides) in
                beams.iter_mut().zip([&[Side::Left][..], &[Side::Right][..], &[Side::Left, Side::Right][..]])
            {
                for side in sides {
                    let motion = field.displacement(action_unit, *side, place);
                    beam[2 * group] += f64::from(motion[0]) / counts[*group];
                    beam[2 * group + 1] += f64::from(motion[1]) / counts[*group];
                }
            }
        }
    }
    templates
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Deterministic noise in `[-1, 1]`.
    fn noise(n: usize) -> f32 {
        let mut x = (n as u32).wrapping_mul(0x9E37_79B9) ^ 0x85EB_CA6B;
        x ^= x >> 16;
        x = x.wrapping_mul(0x7FEB_352D);
        x ^= x >> 15;
        (x % 20_001) as f32 / 10_000.0 - 1.0
    }

    /// Patches displaced by `amplitude` of a beam's template, and by a pattern that everything shares.
    fn patches(beam: usize, amplitude: f32, usual: f32) -> Vec<PatchMotion> {
        let (template, groups) = (&templates()[beam], groups());
        let motion = |group: &usize| PatchMotion {
            displacement_icd: [
                amplitude * template[2 * group] as f32 + usual,
                amplitude * template[2 * group + 1] as f32 - 0.5 * usual,
            ],
            is_valid: true,
        };
        groups.iter().map(motion).collect()
    }

    #[test]
    fn groups_halve_every_region() {
        let mut counts = [0; GROUPS];
        groups().iter().for_each(|group| counts[*group] += 1);
        assert!(counts.iter().all(|count| *count >= 1), "{counts:?}");
    }

    #[test]
    fn a_beam_is_deaf_to_the_usual_and_answers_to_its_unit() {
        let mut beams = Beams::new(BeamParams::default());
        let mut features = Vec::new();
        for n in 0..300 {
            features.clear();
            beams.push(Some(&patches(8, 0.0, 0.03 * noise(n))), &mut features);
        }
        let usual = features[..beam_count()].iter().fold(0.0f32, |m, v| m.max(v.abs()));
        features.clear();
        beams.push(Some(&patches(8, 0.03, 0.03 * noise(300))), &mut features);
        let (index, answer) = features[..beam_count()]
            .iter()
            .enumerate()
            .max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))
            .map(|(i, v)| (i, v.abs()))
            .unwrap();
        assert_eq!(index, 8);
        assert!(answer > 3.0 * usual && answer > 1.5, "{answer} against {usual}");
        assert_eq!(features.len(), Beams::channels(&BeamParams::default()));
    }

    #[test]
    fn nothing_known_is_nothing_seen() {
        let mut beams = Beams::new(BeamParams::default());
        let mut features = Vec::new();
        for _ in 0..40 {
            features.clear();
            beams.push(None, &mut features);
            assert!(features.iter().all(|v| v.is_finite()));
        }
        assert!(features[..4 * beam_count()].iter().all(|v| *v == 0.0));
    }
}
