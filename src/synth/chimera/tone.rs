//! Light and colour of the lower face, brought to those of the upper one at the seam.

use super::mask::{Mask, smooth};

/// Pixels are compared within so many half-widths of the blend around the seam: for mean and spread, for the gain along the seam, and
/// for what is left. Narrow below the nose, where the lip of a smile is near: it would be taken for a shadow.
const BAND: f32 = 1.5;
const BAND_OF_GAINS: f32 = 1.2;
const BAND_OF_LEFTOVER: f32 = 1.0;
/// Light that is so many times as strong makes contrasts so many times as strong; spreads may say otherwise within these factors. A
/// larger one would turn shadows and beards black; hard light in one picture and soft light in the other need the smaller one.
const SPREAD: [f32; 2] = [0.55, 1.15];
/// How much stronger or weaker the light of the lower face may become. Beyond, teeth turn to lamps and skin to paint: pictures that would
/// need more do not go together.
const MOST_LIGHT: f32 = 1.5;
/// How much brightness along the seam may change once the means are equal.
const MOST_GAIN: f32 = 1.4;
/// Columns of the gain along the seam: so far apart, and smoothed over so much, in ICD units.
const STEP_ICD: f32 = 0.1;
const SMOOTHED_ICD: f32 = 0.22;
/// Columns on each side of the midline.
const COLUMNS: usize = 25;
/// The gain fades to 1 over this distance below the seam, in ICD units: light that differs at the seam need not differ at the chin.
const FADED_ICD: f32 = 1.1;
/// Added to both sides of a ratio, in levels: dark pixels give no wild gains.
const FLOOR: f32 = 12.0;

/// A pixel that both pictures have: where it is in face coordinates, and its colours (levels of 255).
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    pub at: [f32; 2],
    pub upper: [f32; 3],
    pub lower: [f32; 3],
}

/// How colours of the lower picture are changed.
#[derive(Clone, Debug)]
pub(super) struct Tone {
    mean_upper: [f32; 3],
    mean_lower: [f32; 3],
    spread: f32,
    gains: Vec<[f32; 3]>,
    /// What differs along the seam once everything is done: root mean square, in levels.
    pub leftover: f32,
}

impl Tone {
    /// From the pixels of both pictures. `None` where none lies near the seam, and where their light differs too much.
    pub fn new(mask: &Mask, pairs: &[Pair]) -> Option<Self> {
        let band: Vec<(f32, &Pair)> = pairs
            .iter()
            .map(|pair| (mask.within(pair.at) * nearness(mask, pair.at, BAND), pair))
            .filter(|(weight, _)| *weight > 0.0)
            .collect();
        let sum: f32 = band.iter().map(|(weight, _)| weight).sum();
        if sum <= 1.0 {
            return None;
        }
        let mean = |of: &dyn Fn(&Pair) -> f32| band.iter().map(|(w, pair)| w * of(pair)).sum::<f32>() / sum;
        let mean_upper: [f32; 3] = std::array::from_fn(|i| mean(&|pair| pair.upper[i]));
        let mean_lower: [f32; 3] = std::array::from_fn(|i| mean(&|pair| pair.lower[i]));
        // One factor for all channels: hues stay.
        let luma = |rgb: [f32; 3]| (rgb[0] + rgb[1] + rgb[2]) / 3.0;
        let spread = |of: &dyn Fn(&Pair) -> [f32; 3], middle: f32| {
            mean(&|pair| (luma(of(pair)) - middle).powi(2)).sqrt()
        };
        let (upper, lower) =
            (spread(&|pair| pair.upper, luma(mean_upper)), spread(&|pair| pair.lower, luma(mean_lower)));
        let light = (luma(mean_upper) + FLOOR) / (luma(mean_lower) + FLOOR);
        if !(1.0 / MOST_LIGHT..=MOST_LIGHT).contains(&light) {
            return None;
        }
        let spread = ((upper + 1.0) / (lower + 1.0)).clamp(light * SPREAD[0], light * SPREAD[1]);
        let mut tone = Self { mean_upper, mean_lower, spread, gains: Vec::new(), leftover: 0.0 };
        tone.gains = tone.gains_along(mask, &band);
        tone.leftover = tone.leftover_of(mask, &band);
        Some(tone)
    }

    /// A colour of the lower picture, as it is in the composite.
    pub fn apply(&self, mask: &Mask, at: [f32; 2], lower: [f32; 3]) -> [f32; 3] {
        let own = self.level(lower);
        let below = (at[1] - mask.seam(at[0])[0]).max(0.0) / FADED_ICD;
        let weight = 1.0 - smooth(below);
        if weight <= 0.0 || self.gains.is_empty() {
            return own;
        }
        let column = (at[0] / STEP_ICD + COLUMNS as f32).clamp(0.0, (2 * COLUMNS) as f32);
        let (first, share) = (column.floor() as usize, column.fract());
        let (a, b) = (self.gains[first], self.gains[(first + 1).min(2 * COLUMNS)]);
        std::array::from_fn(|i| own[i] * (1.0 + weight * (a[i] + share * (b[i] - a[i]) - 1.0)))
    }

    /// Mean and spread of the band alone.
    fn level(&self, lower: [f32; 3]) -> [f32; 3] {
        std::array::from_fn(|i| self.mean_upper[i] + self.spread * (lower[i] - self.mean_lower[i]))
    }

    /// Ratio of upper to lower along the seam, by column.
    fn gains_along(&self, mask: &Mask, band: &[(f32, &Pair)]) -> Vec<[f32; 3]> {
        let mut sums = vec![[[0.0f32; 3]; 2]; 2 * COLUMNS + 1];
        let mut weights = vec![0.0f32; 2 * COLUMNS + 1];
        for (_, pair) in band {
            let weight = mask.within(pair.at) * nearness(mask, pair.at, BAND_OF_GAINS);
            let column =
                (pair.at[0] / STEP_ICD + COLUMNS as f32).round().clamp(0.0, (2 * COLUMNS) as f32) as usize;
            let own = self.level(pair.lower);
            weights[column] += weight;
            for i in 0..3 {
                sums[column][0][i] += weight * pair.upper[i];
                sums[column][1][i] += weight * own[i].max(0.0);
            }
        }
        // Columns without pixels say "as in the mean": a tenth of a usual column's weight.
        let usual = 0.1 * weights.iter().sum::<f32>() / weights.len() as f32;
        (0..weights.len())
            .map(|column| {
                let (mut up, mut down) = ([0.0; 3], [0.0; 3]);
                for (other, (pair, weight)) in sums.iter().zip(&weights).enumerate() {
                    let off = (other as f32 - column as f32) * STEP_ICD / SMOOTHED_ICD;
                    let near = (-0.5 * off * off).exp();
                    for i in 0..3 {
                        up[i] += near * (pair[0][i] + weight * FLOOR + usual * self.mean_upper[i]);
                        down[i] += near * (pair[1][i] + weight * FLOOR + usual * self.mean_upper[i]);
                    }
                }
                std::array::from_fn(|i| (up[i] / down[i].max(1e-3)).clamp(1.0 / MOST_GAIN, MOST_GAIN))
            })
            .collect()
    }

    /// What differs between the two across the seam: of means over columns, so that texture does not count.
    fn leftover_of(&self, mask: &Mask, band: &[(f32, &Pair)]) -> f32 {
        let mut columns = vec![[0.0f32; 2]; 2 * COLUMNS + 1];
        for (_, pair) in band {
            let weight = mask.within(pair.at) * nearness(mask, pair.at, BAND_OF_LEFTOVER);
            let column =
                (pair.at[0] / STEP_ICD + COLUMNS as f32).round().clamp(0.0, (2 * COLUMNS) as f32) as usize;
            let own = self.apply(mask, pair.at, pair.lower);
            let off: f32 = (0..3).map(|i| pair.upper[i] - own[i]).sum::<f32>() / 3.0;
            columns[column][0] += weight;
            columns[column][1] += weight * off;
        }
        let (mut weights, mut squares) = (0.0, 0.0);
        for [weight, off] in columns {
            if weight > 0.0 {
                weights += weight;
                squares += off * off / weight;
            }
        }
        (squares / weights.max(1e-6)).sqrt()
    }
}

/// 1 on the seam, 0 from so many half-widths of its blend on.
fn nearness(mask: &Mask, at: [f32; 2], halves: f32) -> f32 {
    let [y, half] = mask.seam(at[0]);
    1.0 - smooth((at[1] - y).abs() / (halves * half))
}
