//! Adaptive beams: each watches one action unit, or an emotion's combination of them, and is deaf to what this very face does all
//! the time.
//!
//! A talking, turning face moves many regions together, in patterns of its own. The covariance `C` of those movements is learned as
//! it goes. Of a change `x`, the beam of a template `s` has
//!
//! - an *answer* `sᵀC⁻¹x / √(sᵀC⁻¹s)`: the linear filter that answers to `s` and least to everything else (Capon, Proc. IEEE 57,
//!   1969; with diagonal loading, Carlson, IEEE Trans. AES 24, 1988). It has unit variance where nothing but the usual happens.
//! - a *share*: the answer squared, with its sign, over the energy `xᵀC⁻¹x` of all that happened in its half of the face, given the
//!   other half (the adaptive coherence estimator; Kraut, Scharf, McWhorter, IEEE Trans. SP 49, 2001). A syllable may be as strong
//!   as an expression, but it spreads over many directions, of which the beam's is one.
//! - *pulses*: what comes and returns along one and the same template, with rises and falls of several lengths: the smaller of the rise's
//!   share and the fall's.
//!
//! The network is shown the largest of each over the templates of each half of the face. On the tuning clips the largest pulse alone finds
//! 13 % of events added to the signals at one false alarm a minute; a network that was shown all shares of all templates, and had to learn
//! what a pulse is, found a tenth (`benches/results/2026-11-spotting.md`).

use std::collections::VecDeque;

use super::beam_params::BeamParams;
use super::beam_templates::{AXES, Half, Template, group_means, half_of, region_of, templates};
use super::cholesky::Cholesky;
use super::paths::Paths;
use super::ticks::TICK_HZ;
use super::usual_motion::UsualMotion;
use crate::facs::ACTION_UNITS;
use crate::types::{PatchMotion, REGION_COUNT};

/// The motion that the sensitivity of a beam is stated for, in ICD units: that of [`crate::types::OBSERVABLE_ICD`].
const STATED_ICD: f64 = 0.03;
/// The largest share of some 25 templates is about 0.1 by chance; this brings it to the size of the other features.
const SHARE_GAIN: f32 = 10.0;
/// A region carries an action unit that moves one of its groups by this share of the group that goes farthest. Ours, as for channels.
const CARRIED_SHARE: f64 = 0.5;
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
    /// Shares of the newest ticks, newest first: by lag, then template.
    shares: VecDeque<Vec<f32>>,
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
            shares: VecDeque::new(),
            params,
        }
    }

    /// Numbers for each tick.
    pub fn channels(params: &BeamParams) -> usize {
        HALVES.len() * (2 * params.lags.len() + params.pulses.len() + 1)
    }

    /// What the best beam answers to a movement of all points by `pattern` (ICD units), in standard deviations.
    pub fn sigmas_of(&self, pattern: &[[f32; 2]]) -> f64 {
        let axes = group_means(pattern.iter().copied().map(Some));
        let answer = |(template, sensitivity): (&Template, &f64)| {
            let along = dot(&axes, &template.axes) / dot(&template.axes, &template.axes).max(1e-12);
            along / STATED_ICD * sensitivity
        };
        templates().iter().zip(&self.sensitivity).map(answer).fold(0.0, f64::max)
    }

    /// Smallest movement of each region that stands out by `sigmas`, in ICD units: that of the action unit that the region carries and whose
    /// beam is the most sensitive. Infinite for lids, on which no beam rests, and while nothing is known.
    pub fn smallest_icd(&self, sigmas: f64) -> [f32; REGION_COUNT] {
        let mut best = [0.0f64; REGION_COUNT];
        // Single units come first, each on the left, on the right, and on both sides.
        let single = templates().iter().zip(&self.sensitivity).take(3 * ACTION_UNITS.len());
        for (template, sensitivity) in single {
            for (group, way) in template.axes.chunks_exact(2).enumerate() {
                if way[0].hypot(way[1]) >= CARRIED_SHARE {
                    let best = &mut best[region_of(group)];
                    *best = best.max(*sensitivity);
                }
            }
        }
        best.map(|sensitivity| (STATED_ICD * sigmas / sensitivity) as f32)
    }

    /// Takes the next tick's points (none where the tick is not valid) and appends [`Self::channels`] numbers, each for the upper half of the
    /// face, the whole, and the lower half: by lag the logarithm of the energy against its usual; by lag the largest share; by pulse
    /// the largest pulse; the logarithm of the largest sensitivity.
    pub fn push(&mut self, points: Option<&[PatchMotion]>, features: &mut Vec<f32>) {
        self.paths.push(points.unwrap_or_default());
        if self.ticks_to_refresh == 0 {
            self.refresh();
            self.ticks_to_refresh = self.params.refresh_ticks.max(1);
        }
        self.ticks_to_refresh -= 1;
        let kept = 1 + self.params.pulses.iter().map(|[_, hold, fall]| hold + fall).max().unwrap_or(0);
        let recycled = if self.shares.len() >= kept { self.shares.pop_back() } else { None };
        let mut shares = recycled.unwrap_or_default();
        shares.clear();
        let mut unusual = None;
        for lag in &self.params.lags {
            let change = self.paths.change(*lag);
            let by_half = self.energies(&change);
            if *lag == self.params.covariance_lag {
                unusual = Some(by_half[half_index(Half::Whole)]);
            }
            let of = |(weights, template): (&[f64; AXES], &Template)| {
                let answer = dot(weights, &change);
                (answer * answer.abs() / (by_half[half_index(template.half)] + 1.0)) as f32
            };
            shares.extend(self.weights.iter().zip(templates()).map(of));
            let sizes = axes_of_halves();
            features
                .extend(by_half.iter().zip(sizes).map(|(energy, size)| (energy / size + 0.05).ln() as f32));
        }
        self.shares.push_front(shares);
        for lag in &self.params.lags {
            features.extend(largest(self.shares_over(*lag, 0).iter().copied()));
        }
        for [rise, hold, fall] in &self.params.pulses {
            let (rises, falls) = (self.shares_over(*rise, hold + fall), self.shares_over(*fall, 0));
            features.extend(largest(rises.iter().zip(falls).map(|(rise, fall)| rise.min(-fall))));
        }
        let log = |sensitivity: &f64| (sensitivity + 1e-3).ln() as f32;
        features.extend(most(self.sensitivity.iter().map(log), f32::NEG_INFINITY));
        // Without a face there is nothing to learn: stillness that nobody showed would make everything later seem huge.
        if points.is_some() {
            self.learn(unusual);
        }
    }

    /// Shares of all templates over a lag, `ago` ticks ago; none where there were none.
    fn shares_over(&self, lag: usize, ago: usize) -> &[f32] {
        let count = templates().len();
        let index = self.params.lags.iter().position(|own| *own == lag);
        let shares = self.shares.get(ago).zip(index);
        shares.and_then(|(shares, index)| shares.get(index * count..(index + 1) * count)).unwrap_or_default()
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

    /// Lets the newest change into the covariance. `energy`: of the whole face, where it is known already.
    fn learn(&mut self, energy: Option<f64>) {
        let change = self.paths.change(self.params.covariance_lag);
        let energy = energy.unwrap_or_else(|| self.upper.energies(&change)[0]);
        let unusual = (energy / AXES as f64).sqrt();
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

/// The largest positive share of each of [`HALVES`], brought to the size of features.
fn largest(shares: impl Iterator<Item = f32>) -> [f32; 3] {
    most(shares, 0.0).map(|share| SHARE_GAIN * share)
}

/// The most of each of [`HALVES`], at least `least`; values are by template.
fn most(values: impl Iterator<Item = f32>, least: f32) -> [f32; 3] {
    let mut most = [least; 3];
    for (value, template) in values.zip(templates()) {
        let most = &mut most[half_index(template.half)];
        *most = most.max(value);
    }
    most
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
    use crate::types::{Region, RegionId, Side};

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

    /// The same as a pattern.
    fn pattern(beam: usize, amplitude: f32) -> Vec<[f32; 2]> {
        patches(beam, amplitude, 0.0).iter().map(|point| point.displacement_icd).collect()
    }

    /// The largest share over a lag of all templates, and whose.
    fn strongest(beams: &Beams, lag: usize) -> (usize, f32) {
        let shares = beams.shares_over(lag, 0).iter().copied().enumerate();
        shares.fold((0, 0.0), |best, (index, share)| if share > best.1 { (index, share) } else { best })
    }

    #[test]
    fn a_beam_is_deaf_to_the_usual_and_answers_to_its_unit_with_most_of_the_energy() {
        let params = BeamParams::default();
        let mut beams = Beams::new(params.clone(), &UsualMotion::default());
        let mut features = Vec::new();
        for n in 0..300 {
            features.clear();
            beams.push(Some(&patches(8, 0.0, 0.03 * noise(n))), &mut features);
        }
        assert_eq!(features.len(), Beams::channels(&params));
        let usual = strongest(&beams, 4).1;
        beams.push(Some(&patches(8, 0.03, 0.03 * noise(300))), &mut features);
        let (_, share) = strongest(&beams, 4);
        let own = beams.shares_over(4, 0)[8];
        assert!(own > 0.9 * share && share > 3.0 * usual, "{own} of {share}, usually {usual}");
        assert!((0.5..1.001).contains(&own), "{own}");
        // What the beam sees of 3 % is what it says it would.
        let seen = beams.sigmas_of(&pattern(8, 0.03));
        assert!((seen / beams.sensitivity[8] - 1.0).abs() < 0.02, "{seen} and {}", beams.sensitivity[8]);
    }

    #[test]
    fn what_comes_and_returns_is_a_pulse_and_what_stays_is_none() {
        let params = BeamParams::default();
        let index = HALVES.len() * (2 * params.lags.len() + 3) + half_index(templates()[8].half);
        assert_eq!(params.pulses[3], [5, 0, 5]);
        for (returns, expected) in [(true, 0.4..1.001), (false, -0.001..0.2)] {
            let mut beams = Beams::new(params.clone(), &UsualMotion::default());
            let mut largest = 0.0f32;
            for n in 0..200 {
                let level = match n {
                    150..155 => 0.2 * (n - 149) as f32,
                    155..160 if returns => 0.2 * (159 - n) as f32,
                    155.. if !returns => 1.0,
                    _ => 0.0,
                };
                let mut features = Vec::new();
                beams.push(Some(&patches(8, 0.05 * level, 0.003 * noise(n))), &mut features);
                if n > 150 {
                    largest = largest.max(features[index] / SHARE_GAIN);
                }
            }
            assert!(expected.contains(&largest), "{largest}, returns: {returns}");
        }
    }

    #[test]
    fn a_region_that_is_restless_hides_more_than_one_that_is_still() {
        let mut beams = Beams::new(BeamParams::default(), &UsualMotion::default());
        assert!(
            beams.smallest_icd(5.0).iter().all(|smallest| *smallest == f32::INFINITY),
            "nothing is known yet"
        );
        for n in 0..400 {
            // Brows of template 8 wander; everything else is still.
            beams.push(Some(&patches(8, 0.05 * noise(n), 0.0)), &mut Vec::new());
        }
        let smallest = beams.smallest_icd(5.0);
        let of = |region, side| smallest[RegionId { region, side }.index()];
        assert_eq!(of(Region::Lid, Side::Left), f32::INFINITY);
        assert!(of(Region::MouthCorner, Side::Left) < 0.02, "{smallest:?}");
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
    fn time_without_a_face_teaches_nothing() {
        let mut beams = Beams::new(BeamParams::default(), &UsualMotion::default());
        for n in 0..301 {
            beams.push(Some(&patches(8, 0.0, 0.03 * noise(n))), &mut Vec::new());
        }
        let before = beams.sensitivity.clone();
        for _ in 0..300 {
            beams.push(None, &mut Vec::new());
        }
        let furthest =
            beams.sensitivity.iter().zip(&before).map(|(a, b)| (a / b - 1.0).abs()).fold(0.0, f64::max);
        assert!(furthest < 0.2, "{furthest}: only what came since the last refresh is new");
    }

    #[test]
    fn nothing_known_is_nothing_seen() {
        let params = BeamParams::default();
        let mut beams = Beams::new(params.clone(), &UsualMotion::default());
        let mut features = Vec::new();
        for _ in 0..40 {
            features.clear();
            beams.push(None, &mut features);
            assert!(features.iter().all(|v| v.is_finite()));
        }
        let shares = HALVES.len() * params.lags.len();
        assert!(features[shares..features.len() - HALVES.len()].iter().all(|v| *v == 0.0));
    }
}
