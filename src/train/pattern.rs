//! Which patches an event moves, and where to: FACS patterns, and others that are none.

use std::f32::consts::TAU;

use rand::{Rng, RngExt};

use super::Recording;
use crate::facs::{ACTION_UNITS, PROTOTYPES, strength_among};
use crate::motion::without_head;
use crate::spot::network::{gain, of_regions, points};
use crate::types::{REGION_COUNT, Region, RegionId, Side};

/// Displacement of each point at the apex as it is measured there, of length 1 at most about.
pub type Pattern = Vec<[f32; 2]>;

/// How expressions differ from person to person and time to time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PatternParams {
    /// Strength of the jitter of centres, widths, directions (see `facs::AuField::jittered`).
    pub jitter: f32,
    /// Chance that a single action unit acts instead of an emotion's prototype.
    pub lone_unit: f64,
    /// Chance that a two-sided expression is shown on one side only.
    pub one_sided: f64,
    /// Strength of each unit, and of the weaker side, relative to the strongest: the least.
    pub least_strength: f32,
    /// Standard deviation of the gain of each region. The prototype's 30 % (issue 3).
    pub region_noise: f32,
}

impl Default for PatternParams {
    fn default() -> Self {
        Self { jitter: 0.5, lone_unit: 0.2, one_sided: 0.15, least_strength: 0.5, region_noise: 0.2 }
    }
}

/// A FACS pattern on this face.
pub fn facs(recording: &Recording, params: &PatternParams, rng: &mut impl Rng) -> Pattern {
    let lone;
    let (units, is_one_sided): (&[u8], bool) = if rng.random_bool(params.lone_unit) {
        lone = [pick(rng, &ACTION_UNITS)];
        (&lone, false)
    } else {
        let prototype = &PROTOTYPES[rng.random_range(0..PROTOTYPES.len())];
        (prototype.action_units, prototype.one_sided)
    };
    let strength = |rng: &mut _| between(rng, params.least_strength, 1.0);
    let stronger = pick(rng, &[Side::Left, Side::Right]);
    let is_one_sided = is_one_sided || rng.random_bool(params.one_sided);
    let weaker_share = if is_one_sided { 0.0 } else { strength(rng) };
    let mut parts = Vec::new();
    for au in units {
        let own = strength(rng) * strength_among(units, *au);
        for side in [Side::Left, Side::Right] {
            let share = if side == stronger { 1.0 } else { weaker_share };
            if share > 0.0 {
                parts.push((*au, side, own * share));
            }
        }
    }
    let field = recording.field.jittered(rng, params.jitter);
    let pattern = field.pattern(&parts);
    let moved: Vec<_> =
        recording.all_places.iter().map(|place| place.map(|place| pattern.displacement(place))).collect();
    let left = of_regions(without_head(&recording.all_places, &moved));
    let moved: Pattern = left.map(Option::unwrap_or_default).collect();
    // Skin moves more here and less there.
    let mut moved = as_measured(moved);
    let gains: [f32; REGION_COUNT] =
        std::array::from_fn(|_| (1.0 + params.region_noise * normal(rng)).max(0.0));
    for (moved, id) in moved.iter_mut().zip(points()) {
        *moved = moved.map(|v| v * gains[id.index()]);
    }
    moved
}

/// What patches measure of a movement of the skin.
fn as_measured(mut moved: Pattern) -> Pattern {
    for (moved, id) in moved.iter_mut().zip(points()) {
        *moved = moved.map(|v| gain(id.region) * v);
    }
    moved
}

/// Regions, or single patches, that each go their own way: no muscle does that.
pub fn random(recording: &Recording, rng: &mut impl Rng) -> Pattern {
    let by_patch = rng.random_bool(0.3);
    let active = between(rng, 0.15, 1.0);
    let mut ways = [[0.0; 2]; REGION_COUNT];
    for way in &mut ways {
        *way = if rng.random::<f32>() < active { any_way(rng) } else { [0.0; 2] };
    }
    let mut moved = Vec::with_capacity(recording.places.len());
    for id in points() {
        let way = if by_patch { any_way(rng) } else { ways[id.index()] };
        let noise = [0.2 * normal(rng), 0.2 * normal(rng)];
        moved.push([way[0] + noise[0], way[1] + noise[1]]);
    }
    if rng.random_bool(0.5) {
        // The skin itself; otherwise patches that err each in its own way.
        moved = as_measured(moved);
    }
    normalised(moved)
}

/// What is left of a head that shifts, rolls, comes nearer or turns.
pub fn rigid(recording: &Recording, rng: &mut impl Rng) -> Pattern {
    let [shift, roll, scale, turn] = std::array::from_fn(|_| {
        let chosen = rng.random_bool(0.5);
        any_way(rng).map(|v| if chosen { v } else { 0.0 })
    });
    // A face is about 5 ICD wide and 6 high; its surface bends away from the camera as an ellipsoid.
    let depth =
        |[x, y]: [f32; 2]| (1.0 - (x / 2.6).powi(2) - ((y - 0.6) / 3.2).powi(2)).max(0.0).sqrt() - 0.7;
    let way = |place: &[f32; 2]| {
        let [x, y] = *place;
        let depth = depth(*place);
        [
            shift[0] - roll[0] * y + scale[0] * x + 2.0 * turn[0] * depth,
            shift[1] + roll[0] * x + scale[0] * y + 2.0 * turn[1] * depth,
        ]
    };
    let moved: Pattern = recording.places.iter().map(way).collect();
    if moved.iter().all(|way| *way == [0.0; 2]) {
        return vec![any_way(rng); moved.len()];
    }
    normalised(moved)
}

/// Both lids close.
pub fn blink(recording: &Recording, rng: &mut impl Rng) -> Pattern {
    let neighbours = between(rng, 0.0, 0.15);
    let centre_y = |side: Side| {
        let lids = recording
            .places
            .iter()
            .zip(points())
            .filter(|(_, id)| **id == RegionId { region: Region::Lid, side });
        let (sum, count) =
            lids.fold((0.0, 0.0_f32), |(sum, count), (place, _)| (sum + place[1], count + 1.0));
        sum / count.max(1.0)
    };
    let middles = [centre_y(Side::Left), centre_y(Side::Right)];
    let way = |(place, id): (&[f32; 2], &RegionId)| match id.region {
        Region::Lid if place[1] < middles[id.side as usize] => [0.0, between(rng, 0.7, 1.0)],
        Region::Lid => [0.0, -between(rng, 0.0, 0.3)],
        Region::Brow | Region::InnerBrow | Region::OuterBrow => [0.0, neighbours],
        Region::Cheek => [0.0, -neighbours],
        _ => [0.0; 2],
    };
    as_measured(recording.places.iter().zip(points()).map(way).collect())
}

/// Jaw and lips as in speech.
pub fn speech(recording: &Recording, rng: &mut impl Rng) -> Pattern {
    let (jaw, lips, corners) = (between(rng, 0.3, 1.0), any_way(rng), between(rng, -0.6, 0.6));
    let way = |(place, id): (&[f32; 2], &RegionId)| match id.region {
        Region::Chin => [0.0, jaw],
        Region::LowerLip => [0.3 * lips[0], jaw + 0.3 * lips[1]],
        Region::UpperLip => [0.0, -0.3 * jaw * lips[1].abs()],
        Region::MouthCorner => [corners * place[0].signum(), 0.4 * jaw],
        Region::Cheek | Region::NoseWing => [0.0, 0.1 * jaw],
        _ => [0.0; 2],
    };
    normalised(as_measured(recording.places.iter().zip(points()).map(way).collect()))
}

fn pick<T: Copy>(rng: &mut impl Rng, from: &[T]) -> T {
    from[rng.random_range(0..from.len())]
}

fn between(rng: &mut impl Rng, low: f32, high: f32) -> f32 {
    low + (high - low) * rng.random::<f32>()
}

fn any_way(rng: &mut impl Rng) -> [f32; 2] {
    let (sin, cos) = (TAU * rng.random::<f32>()).sin_cos();
    let length = between(rng, 0.3, 1.0);
    [length * cos, length * sin]
}

/// A standard normal value (Box, Muller 1958).
pub(super) fn normal(rng: &mut impl Rng) -> f32 {
    let (u, v): (f32, f32) = (rng.random(), rng.random());
    (-2.0 * (1.0 - u).ln()).sqrt() * (TAU * v).cos()
}

fn normalised(mut moved: Pattern) -> Pattern {
    let longest = moved.iter().map(|[x, y]| x.hypot(*y)).fold(0.0, f32::max);
    if longest > 0.0 {
        moved.iter_mut().for_each(|way| *way = way.map(|v| v / longest));
    }
    moved
}
