//! Adaptive beams: each watches one action unit, or an emotion's combination of them, and is deaf to what this very face does all
//! the time.
//!
//! A talking, turning face moves many regions together, in patterns of its own. The covariance `C` of those movements is learned as
//! it goes. Of a change `x`, the beam of a template `s` says two things:
//!
//! - its *answer* `sᵀC⁻¹x / √(sᵀC⁻¹s)`: the linear filter that answers to `s` and least to everything else (Capon, Proc. IEEE 57,
//!   1969; with diagonal loading, Carlson, IEEE Trans. AES 24, 1988). It has unit variance where nothing but the usual happens.
//! - its *share*: the answer squared over the energy `xᵀC⁻¹x` of all that happened in its half of the face, given the other half
//!   (the adaptive coherence estimator; Kraut, Scharf, McWhorter, IEEE Trans. SP 49, 2001). A syllable may be as strong as an
//!   expression, but it spreads over many directions, of which the beam's is one. On the tuning clips the share alone finds ten
//!   times as many events at one false alarm a minute as the answer does (`benches/results/2026-11-spotting.md`).

use serde::{Deserialize, Serialize};

use super::beam_templates::{AXES, Half, half_of, templates};
use super::cholesky::Cholesky;
use super::paths::Paths;
use super::ticks::TICK_HZ;
use super::usual_motion::UsualMotion;
use crate::types::PatchMotion;

/// How the beams learn. A trained network goes with one choice, which its record holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BeamParams {
    /// The network is shown each beam's answer over these lags, in ticks.
    pub lags: Vec<usize>,
    /// And its share over these; all of them among `lags`.
    pub share_lags: Vec<usize>,
    /// The covariance is that of changes over this lag, in ticks. 4: a typical rise of 130 ms.
    pub covariance_lag: usize,
    /// Time constant with which the covariance follows the face, in seconds. 8: long enough for 176 axes, short
    /// enough to follow somebody who begins to speak.
    pub time_s: f64,
    /// Share of the off-diagonal covariance that is not believed, `[0, 1]`.
    pub shrink: f64,
    /// Error that every axis has by itself, in ICD units: keeps the inverse finite and templates from being split hairs over.
    pub floor_icd: f64,
    /// What the axes are thought to do before anything is known, in ICD units: 2.6 % over 130 ms, the mean of the people that were
    /// tuned on.
    pub start_icd: f64,
    /// Share of the covariance that is always the usual one of people, scaled to this face, `[0, 1]`.
    pub keep_usual: f64,
    /// A tick that is this many times as restless as usual counts less, so that an event does not teach the beams to
    /// ignore it.
    pub clip: f64,
    /// The beams are computed anew every so many ticks. 15: half a second, a sixteenth of `time_s`.
    pub refresh_ticks: usize,
}

impl Default for BeamParams {
    fn default() -> Self {
        Self {
            lags: vec![1, 4, 8],
            share_lags: vec![4, 8],
            covariance_lag: 4,
            time_s: 8.0,
            shrink: 0.05,
            floor_icd: 0.0015,
            start_icd: 0.026,
            keep_usual: 0.6,
            clip: 2.0,
            refresh_ticks: 15,
        }
    }
}

/// The motion that the sensitivity of a beam is stated for, in ICD units: that of [`crate::types::OBSERVABLE_ICD`].
const STATED_ICD: f64 = 0.03;
/// Shares are small numbers (1/176 of the whole by chance); this brings them to the size of the other features.
const SHARE_GAIN: f32 = 20.0;
/// Halves whose energy is told apart.
const HALVES: [Half; 3] = [Half::Upper, Half::Whole, Half::Lower];

/// One factor of the covariance, with one half of the face in its last rows: the energy there is then what the other rows don't explain.
#[derive(Clone, Debug)]
struct Factor {
    /// Which axis each row stands for.
    axes: Vec<usize>,
    /// The first row of the half.
    first: usize,
    cholesky: Cholesky,
}

impl Factor {
    fn new(half: Half) -> Self {
        let mut axes: Vec<usize> = (0..AXES).filter(|axis| half_of(*axis) != half).collect();
        let first = axes.len();
        axes.extend((0..AXES).filter(|axis| half_of(*axis) == half));
        Self { axes, first, cholesky: Cholesky::new(AXES) }
    }

    /// Energy of the whole, and of the half given the rest.
    fn energies(&self, change: &[f64; AXES]) -> [f64; 2] {
        let mut rows: [f64; AXES] = std::array::from_fn(|row| change[self.axes[row]]);
        self.cholesky.forward(&mut rows);
        let square = |rows: &[f64]| rows.iter().map(|v| v * v).sum::<f64>();
        let own = square(&rows[self.first..]);
        [square(&rows[..self.first]) + own, own]
    }
}

/// The beams of one face.
#[derive(Clone, Debug)]
pub struct Beams {
    params: BeamParams,
    weights: Vec<[f64; AXES]>,
    /// Answer to a movement of [`STATED_ICD`], in standard deviations.
    sensitivity: Vec<f64>,
    /// What people do, trace `AXES`.
    usual: Vec<f64>,
    covariance: Vec<f64>,
    upper: Factor,
    lower: Factor,
    paths: Paths,
    ticks_to_refresh: usize,
}

impl Beams {
    /// Beams that know no face yet.
    pub fn new(params: BeamParams, usual: &UsualMotion) -> Self {
        let usual = usual.covariance();
        let start = params.start_icd * params.start_icd;
        Self {
            weights: vec![[0.0; AXES]; templates().len()],
            sensitivity: vec![0.0; templates().len()],
            covariance: usual.iter().map(|v| start * v).collect(),
            usual,
            upper: Factor::new(Half::Upper),
            lower: Factor::new(Half::Lower),
            paths: Paths::new(params.lags.iter().copied().max().unwrap_or(0).max(params.covariance_lag)),
            ticks_to_refresh: 0,
            params,
        }
    }

    /// Numbers for each tick.
    pub fn channels(params: &BeamParams) -> usize {
        templates().len() * (params.lags.len() + params.share_lags.len() + 1)
            + HALVES.len() * params.lags.len()
    }

    /// Takes the next tick's points (none where the tick is not valid) and appends [`Self::channels`] numbers: by lag the asinh of each
    /// beam's answer, then for share lags its share times [`SHARE_GAIN`], with its sign; the logarithm of each beam's sensitivity; and by lag the
    /// logarithm of the energy of each half of the face against its usual.
    pub fn push(&mut self, points: Option<&[PatchMotion]>, features: &mut Vec<f32>) {
        self.paths.push(points.unwrap_or_default());
        if self.ticks_to_refresh == 0 {
            self.refresh();
            self.ticks_to_refresh = self.params.refresh_ticks.max(1);
        }
        self.ticks_to_refresh -= 1;
        let mut energies = Vec::with_capacity(self.params.lags.len());
        for lag in &self.params.lags {
            let change = self.paths.change(*lag);
            let by_half = self.energies(&change);
            let has_share = self.params.share_lags.contains(lag);
            let start = features.len();
            for weights in &self.weights {
                features.push(dot(weights, &change) as f32);
            }
            if has_share {
                for (index, template) in templates().iter().enumerate() {
                    let answer = features[start + index];
                    let energy = by_half[half_index(template.half)] as f32;
                    features.push(SHARE_GAIN * answer * answer.abs() / (energy + 1.0));
                }
            }
            features[start..start + self.weights.len()]
                .iter_mut()
                .for_each(|answer| *answer = answer.asinh());
            energies.push(by_half);
        }
        features.extend(self.sensitivity.iter().map(|s| (s + 1e-3).ln() as f32));
        for by_half in energies {
            let sizes = axes_of_halves();
            features
                .extend(by_half.iter().zip(sizes).map(|(energy, size)| (energy / size + 0.05).ln() as f32));
        }
        self.learn();
    }

    /// Energy of a change in the upper half given the rest, in the whole face, and in the lower half given the rest.
    fn energies(&self, change: &[f64; AXES]) -> [f64; 3] {
        let [whole, upper] = self.upper.energies(change);
        let [_, lower] = self.lower.energies(change);
        [upper, whole, lower]
    }

    /// Computes weights and sensitivities from the covariance.
    fn refresh(&mut self) {
        let scale = self.covariance.iter().step_by(AXES + 1).sum::<f64>() / AXES as f64;
        let (own, usual) = (1.0 - self.params.keep_usual, self.params.keep_usual * scale);
        let (keep, floor) = (1.0 - self.params.shrink, self.params.floor_icd * self.params.floor_icd);
        let (covariance, mean) = (&self.covariance, &self.usual);
        let cell = |row: usize, column: usize| {
            let index = row * AXES + column;
            let mixed = own * covariance[index] + usual * mean[index];
            if row == column { mixed + floor } else { keep * mixed }
        };
        for factor in [&mut self.upper, &mut self.lower] {
            let axes = &factor.axes;
            factor.cholesky.factor(|row, column| cell(axes[row], axes[column]));
        }
        for ((template, weights), sensitivity) in
            templates().iter().zip(&mut self.weights).zip(&mut self.sensitivity)
        {
            let axes = &self.upper.axes;
            let mut solved: [f64; AXES] = std::array::from_fn(|row| template.axes[axes[row]]);
            self.upper.cholesky.solve(&mut solved);
            axes.iter().zip(solved).for_each(|(axis, value)| weights[*axis] = value);
            let strength = dot(weights, &template.axes).max(0.0).sqrt();
            let scale = if strength > 0.0 { strength.recip() } else { 0.0 };
            weights.iter_mut().for_each(|w| *w *= scale);
            *sensitivity = strength * STATED_ICD;
        }
    }

    /// Lets the newest change into the covariance.
    fn learn(&mut self) {
        let change = self.paths.change(self.params.covariance_lag);
        let unusual = (self.upper.energies(&change)[0] / AXES as f64).sqrt();
        let trust = (self.params.clip / unusual.max(1e-9)).min(1.0);
        let follow = 1.0 - (-1.0 / (self.params.time_s * TICK_HZ as f64)).exp();
        let gain = follow * trust * trust;
        for (row, a) in self.covariance.chunks_exact_mut(AXES).zip(change) {
            for (cell, b) in row.iter_mut().zip(change) {
                *cell += gain * a * b - follow * *cell;
            }
        }
    }
}

fn half_index(half: Half) -> usize {
    match half {
        Half::Upper => 0,
        Half::Lower => 2,
        Half::Whole | Half::Lid => 1,
    }
}

/// Number of axes of each of [`HALVES`].
fn axes_of_halves() -> [f64; 3] {
    static SIZES: std::sync::OnceLock<[f64; 3]> = std::sync::OnceLock::new();
    *SIZES.get_or_init(|| {
        HALVES
            .map(|half| (0..AXES).filter(|axis| half == Half::Whole || half_of(*axis) == half).count() as f64)
    })
}

fn dot(a: &[f64; AXES], b: &[f64; AXES]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::super::beam_templates::groups;
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
        let template = &templates()[beam].axes;
        let motion = |group: usize| PatchMotion {
            displacement_icd: [
                amplitude * template[2 * group] as f32 + usual,
                amplitude * template[2 * group + 1] as f32 - 0.5 * usual,
            ],
            is_valid: true,
        };
        groups().into_iter().map(motion).collect()
    }

    fn strongest(answers: &[f32]) -> (usize, f32) {
        let all = answers.iter().copied().enumerate();
        all.max_by(|a, b| a.1.total_cmp(&b.1)).expect("there are beams")
    }

    #[test]
    fn a_beam_is_deaf_to_the_usual_and_answers_to_its_unit_with_most_of_the_energy() {
        let (params, count) = (BeamParams::default(), templates().len());
        let mut beams = Beams::new(params.clone(), &UsualMotion::default());
        let mut features = Vec::new();
        for n in 0..300 {
            features.clear();
            beams.push(Some(&patches(8, 0.0, 0.03 * noise(n))), &mut features);
        }
        let usual = features[..count].iter().fold(0.0f32, |m, v| m.max(v.abs()));
        features.clear();
        beams.push(Some(&patches(8, 0.03, 0.03 * noise(300))), &mut features);
        assert_eq!(features.len(), Beams::channels(&params));
        let (_, answer) = strongest(&features[..count]);
        assert!(features[8] > 0.9 * answer, "{} of {answer}", features[8]);
        assert!(answer > 3.0 * usual && answer > 1.5, "{answer} against {usual}");
        // Answers over one tick, answers over four, then the shares over four.
        let (index, share) = strongest(&features[2 * count..3 * count]);
        assert!((0.5..1.001).contains(&(share / SHARE_GAIN)), "{share} at {index}");
    }

    #[test]
    fn energies_of_both_halves_given_the_other_stay_within_the_whole() {
        let mut beams = Beams::new(BeamParams::default(), &UsualMotion::default());
        for n in 0..60 {
            beams.push(Some(&patches(3, 0.02 * noise(n), 0.03 * noise(900 + n))), &mut Vec::new());
        }
        let change = beams.paths.change(4);
        let [upper, whole, lower] = beams.energies(&change);
        assert!(upper > 0.0 && lower > 0.0 && upper <= whole && lower <= whole, "{upper} {lower} {whole}");
        // Both factors are of the same matrix.
        assert!((beams.upper.energies(&change)[0] / beams.lower.energies(&change)[0] - 1.0).abs() < 1e-9);
    }

    #[test]
    fn nothing_known_is_nothing_seen() {
        let mut beams = Beams::new(BeamParams::default(), &UsualMotion::default());
        let mut features = Vec::new();
        for _ in 0..40 {
            features.clear();
            beams.push(None, &mut features);
            assert!(features.iter().all(|v| v.is_finite()));
        }
        assert!(features[..5 * templates().len()].iter().all(|v| *v == 0.0));
    }
}
