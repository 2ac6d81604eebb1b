//! How much a face moves by itself while it rests: the robust scale of each region's changes over the lag of the spotter's
//! noise model, which starts from these values.

use crate::spot::LAG_S;
use crate::types::{REGION_COUNT, Signal, Timestamp};

/// Share of the changes that must be known for a region's noise to be learned.
const MIN_KNOWN_SHARE: f32 = 0.5;
/// Quantiles of |N(0, 1)|, which turn a quantile of absolute values into a standard deviation: half, three quarters.
const GAUSS: [(f64, f32); 2] = [(0.5, 0.6745), (0.75, 1.1503)];
/// Noise is written with this many digits after the point: 0.001 % ICD.
const DECIMALS: f32 = 1e5;

/// Where each region was, frame by frame; `None` where it could not be measured.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes {
    places: Vec<(Timestamp, [Option<[f32; 2]>; REGION_COUNT])>,
}

impl Changes {
    /// Takes a frame.
    pub(super) fn push(&mut self, signal: &Signal) {
        let place = |index: usize| {
            let motion = &signal.regions[index];
            Some(motion.displacement_icd).filter(|[x, y]| motion.is_valid && x.is_finite() && y.is_finite())
        };
        self.places.push((signal.captured_at, std::array::from_fn(place)));
    }

    /// A region's changes over the lag along x and y, without those that touch one of `spans`; and how many there would
    /// be if all were known.
    fn of_region(&self, index: usize, spans: &[(Timestamp, Timestamp)]) -> (Vec<[f32; 2]>, usize) {
        let lag = std::time::Duration::from_secs_f64(LAG_S);
        let (mut changes, mut possible, mut first) = (Vec::new(), 0, 0);
        for (at, now) in &self.places {
            let then = *at - lag;
            while self.places.get(first + 1).is_some_and(|(next, _)| *next <= then) {
                first += 1;
            }
            let [Some(older), Some(newer)] = [self.places.get(first), self.places.get(first + 1)] else {
                break;
            };
            // Before the first frame, in a gap that the lag would bridge, or in a blink.
            let is_within = older.0 <= then && newer.0.seconds_since(older.0) < LAG_S;
            if !is_within || spans.iter().any(|(from, to)| then <= *to && *at >= *from) {
                continue;
            }
            possible += 1;
            let share = (then.seconds_since(older.0) / newer.0.seconds_since(older.0).max(1e-9)) as f32;
            if let (Some(now), Some(a), Some(b)) = (now[index], older.1[index], newer.1[index]) {
                changes.push([0, 1].map(|axis| now[axis] - (a[axis] + share * (b[axis] - a[axis]))));
            }
        }
        (changes, possible)
    }
}

/// The noise of each region, in ICD units: of its noisier axis. `None` where too little is known.
pub(super) fn noise_icd(changes: &Changes, blinks: &[(Timestamp, Timestamp)]) -> [Option<f32>; REGION_COUNT] {
    std::array::from_fn(|index| {
        let (changes, possible) = changes.of_region(index, blinks);
        if changes.is_empty() || (changes.len() as f32) < MIN_KNOWN_SHARE * possible as f32 {
            return None;
        }
        let sigma = |axis: usize| {
            let mut sizes: Vec<f32> = changes.iter().map(|change| change[axis].abs()).collect();
            sizes.sort_unstable_by(f32::total_cmp);
            let scale = |(share, of_gauss): (f64, f32)| {
                sizes.get(((sizes.len() - 1) as f64 * share).round() as usize).map_or(0.0, |q| q / of_gauss)
            };
            GAUSS.map(scale).into_iter().fold(0.0, f32::max)
        };
        // Not below the last digit: a perfectly still picture has no noise, and no camera is perfectly still.
        Some(((sigma(0).max(sigma(1)) * DECIMALS).round() / DECIMALS).max(1.0 / DECIMALS))
    })
}

/// The middle value, the upper one of two; `None` without any.
pub(super) fn median(values: impl Iterator<Item = f32>) -> Option<f32> {
    let mut values: Vec<f32> = values.collect();
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(middle, f32::total_cmp).1)
}
