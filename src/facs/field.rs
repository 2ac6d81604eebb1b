//! The action units of one face as displacement fields.

use std::f32::consts::TAU;

use rand::{Rng, RngExt};

use super::mask::FaceMask;
use super::mesh::{mirrored, standard_landmarks};
use super::units::{FEATURES, Feature, UNIT_COUNT, unit_index};
use crate::types::{Affine, Landmarks, Side};

/// Landmarks of the inner eye corners: the subject's right, then left.
const INNER_CORNERS: [u16; 2] = [133, 362];
/// A bump ends at this many standard deviations: `(1 - r²/8)⁴` is within 0.03 of `exp(-r²/2)` and has a smooth end.
const REACH_SIGMAS2: f32 = 8.0;

/// How far [`AuField::jittered`] moves the centres at strength 1, in ICD units (standard deviation, each axis).
const JITTER_CENTRE_ICD: f32 = 0.06;
/// ... turns the directions, in degrees (standard deviation).
const JITTER_TURN_DEG: f32 = 20.0;
/// ... changes widths and gains: standard deviation of their natural logarithm.
const JITTER_WIDTH_LN: f32 = 0.15;
/// See [`JITTER_WIDTH_LN`].
const JITTER_GAIN_LN: f32 = 0.25;

/// A feature placed on this face.
#[derive(Clone, Copy, Debug)]
struct Bump {
    centre: [f32; 2],
    sigma: [f32; 2],
    pull: [f32; 2],
    is_lid: bool,
}

impl Bump {
    fn weight(&self, point: [f32; 2]) -> f32 {
        let (x, y) =
            ((point[0] - self.centre[0]) / self.sigma[0], (point[1] - self.centre[1]) / self.sigma[1]);
        let rest = 1.0 - (x * x + y * y) / REACH_SIGMAS2;
        if rest <= 0.0 {
            return 0.0;
        }
        let squared = rest * rest;
        squared * squared
    }

    /// It moves nothing outside this box: `[left, top, right, bottom]`.
    fn bounds(&self) -> [f32; 4] {
        let [x, y] = self.sigma.map(|sigma| REACH_SIGMAS2.sqrt() * sigma);
        [self.centre[0] - x, self.centre[1] - y, self.centre[0] + x, self.centre[1] + y]
    }
}

/// Geometry of one face: where its action units lie, and how they move its skin.
#[derive(Clone, Debug)]
pub struct AuField {
    face_from_image: Affine,
    mask: FaceMask,
    /// By position in [`FEATURES`], then by side.
    units: [[Vec<Bump>; 2]; UNIT_COUNT],
}

impl AuField {
    /// The action units on the face with these landmarks (in image pixels).
    ///
    /// `None` where the inner eye corners coincide or a landmark that is needed is not finite.
    pub fn new(landmarks: &Landmarks) -> Option<Self> {
        let face_from_image = face_from_image(landmarks)?;
        let place = |landmarks: &Landmarks, point: u16| {
            let &[x, y, _] = landmarks.get(usize::from(point))?;
            let placed = face_from_image.apply([x, y]);
            placed.iter().all(|v| v.is_finite()).then_some(placed)
        };
        let mask = FaceMask::new(landmarks, place)?;
        let bump = |feature: &Feature, side: Side| {
            let (index, outwards) = match side {
                Side::Left => (mirrored as fn(u16) -> u16, 1.0),
                Side::Right => ((|point| point) as fn(u16) -> u16, -1.0),
            };
            let (a, b) = (place(landmarks, index(feature.a))?, place(landmarks, index(feature.b))?);
            let centre = [0, 1].map(|i| a[i] + feature.share * (b[i] - a[i]));
            let [out, down] = feature.offset_icd;
            Some(Bump {
                centre: [centre[0] + outwards * out, centre[1] + down],
                sigma: feature.sigma_icd,
                pull: [outwards * feature.pull[0], feature.pull[1]],
                is_lid: feature.is_lid,
            })
        };
        let mut units: [[Vec<Bump>; 2]; UNIT_COUNT] = Default::default();
        for (sides, features) in units.iter_mut().zip(FEATURES) {
            for (bumps, side) in sides.iter_mut().zip([Side::Left, Side::Right]) {
                *bumps = features.iter().map(|feature| bump(feature, side)).collect::<Option<_>>()?;
            }
        }
        let mut field = Self { face_from_image, mask, units };
        field.normalise();
        Some(field)
    }

    /// The action units on MediaPipe's canonical face; image coordinates are face coordinates.
    pub fn standard() -> Option<Self> {
        Self::new(&standard_landmarks())
    }

    /// From image pixels to face coordinates: ICD units, origin midway between the inner eye corners, upright.
    pub fn face_from_image(&self) -> Affine {
        self.face_from_image
    }

    /// Displacement at a point, in face coordinates, when the unit acts on this side of the face alone.
    ///
    /// Its length peaks at 1 over the face; times an amplitude in ICD units it is a displacement in ICD units. 0 outside the face's
    /// outline and for units that are neither in [`super::ACTION_UNITS`] nor in [`super::SPEECH_UNITS`]. When both sides act, the displacements add.
    pub fn displacement(&self, au: u8, side: Side, point_icd: [f32; 2]) -> [f32; 2] {
        let Some(bumps) = unit_index(au).and_then(|index| self.units.get(index)) else { return [0.0; 2] };
        self.sum(&[(&bumps[side as usize], side, 1.0)], point_icd)
    }

    /// Several units at once, as one field whose length peaks at 1: each entry is a unit, its side, and its strength
    /// relative to the others. Units that are not known are left out.
    pub fn pattern(&self, parts: &[(u8, Side, f32)]) -> Pattern<'_> {
        let known = parts.iter().filter_map(|&(au, side, strength)| Some((unit_index(au)?, side, strength)));
        let parts: Vec<_> = known
            .map(|(index, side, strength)| (&self.units[index][side as usize], side, strength))
            .collect();
        let peak = self.peak(&parts);
        let gain = if peak > 0.0 { 1.0 / peak } else { 0.0 };
        Pattern { field: self, parts, gain }
    }

    /// A face of another build with another way to move: centres, widths, directions (20 degrees) and strengths of all
    /// features moved at random, each side by itself. `strength` 0 changes nothing, 1 is the usual spread.
    pub fn jittered(&self, rng: &mut impl Rng, strength: f32) -> Self {
        let mut field = self.clone();
        for bump in field.units.iter_mut().flatten().flatten() {
            let mut normal = || strength * normal(rng);
            // Lids move up and down only, and their bumps must neither reach the eyeball nor fold.
            let loose = if bump.is_lid { 0.2 } else { 1.0 };
            bump.centre = bump.centre.map(|v| v + loose * JITTER_CENTRE_ICD * normal());
            bump.sigma = bump.sigma.map(|v| v * (loose * JITTER_WIDTH_LN * normal()).exp());
            let gain = (loose * JITTER_GAIN_LN * normal()).exp();
            let (sin, cos) = (loose * JITTER_TURN_DEG.to_radians() * normal()).sin_cos();
            let [x, y] = bump.pull;
            bump.pull = [gain * (cos * x - sin * y), gain * (sin * x + cos * y)];
        }
        field.normalise();
        field
    }

    fn sum(&self, parts: &[(&Vec<Bump>, Side, f32)], point: [f32; 2]) -> [f32; 2] {
        let (mut skin, mut lids) = ([0.0f32; 2], [0.0f32; 2]);
        for &(bumps, side, strength) in parts {
            let mut share = None;
            for bump in bumps {
                let weight = bump.weight(point);
                if weight > 0.0 {
                    let weight =
                        weight * strength * *share.get_or_insert_with(|| self.mask.side(side, point));
                    let into = if bump.is_lid { &mut lids } else { &mut skin };
                    *into = [into[0] + weight * bump.pull[0], into[1] + weight * bump.pull[1]];
                }
            }
        }
        if skin == [0.0; 2] && lids == [0.0; 2] {
            return [0.0; 2];
        }
        let (face, eyes) = (self.mask.face(point), self.mask.eyes(point));
        [0, 1].map(|i| face * (eyes * skin[i] + lids[i]))
    }

    /// Makes every unit's field peak at 1.
    fn normalise(&mut self) {
        for index in 0..self.units.len() {
            for side in [Side::Left, Side::Right] {
                let peak = self.peak(&[(&self.units[index][side as usize], side, 1.0)]);
                if peak > 0.0 {
                    for bump in &mut self.units[index][side as usize] {
                        bump.pull = bump.pull.map(|v| v / peak);
                    }
                }
            }
        }
    }

    /// The greatest length of a sum of units: searched around every bump's centre, then more finely around the best place.
    fn peak(&self, parts: &[(&Vec<Bump>, Side, f32)]) -> f32 {
        let length = |point| {
            let [x, y] = self.sum(parts, point);
            x.hypot(y)
        };
        let mut best = (0.0f32, [0.0; 2], [0.0; 2]);
        let look_around = |centre: [f32; 2], step: [f32; 2], best: &mut (f32, [f32; 2], [f32; 2])| {
            for row in -4i8..=4 {
                for column in -4i8..=4 {
                    let point =
                        [centre[0] + f32::from(column) * step[0], centre[1] + f32::from(row) * step[1]];
                    let length = length(point);
                    if length > best.0 {
                        *best = (length, point, step);
                    }
                }
            }
        };
        for &(bumps, ..) in parts {
            for bump in bumps {
                look_around(bump.centre, bump.sigma.map(|v| 0.35 * v), &mut best);
            }
        }
        for _ in 0..3 {
            let (_, centre, step) = best;
            look_around(centre, step.map(|v| v / 3.0), &mut best);
            best.2 = step.map(|v| v / 3.0);
        }
        best.0
    }
}

/// Several action units acting at once on one face.
#[derive(Clone, Debug)]
pub struct Pattern<'a> {
    field: &'a AuField,
    parts: Vec<(&'a Vec<Bump>, Side, f32)>,
    gain: f32,
}

impl Pattern<'_> {
    /// Displacement at a point in face coordinates; its length peaks at 1 over the face.
    pub fn displacement(&self, point_icd: [f32; 2]) -> [f32; 2] {
        self.field.sum(&self.parts, point_icd).map(|v| v * self.gain)
    }

    /// Everything outside this box stays still: `[left, top, right, bottom]` in face coordinates; `None` where nothing moves.
    pub fn bounds_icd(&self) -> Option<[f32; 4]> {
        let boxes = self.parts.iter().flat_map(|(bumps, ..)| bumps.iter()).map(Bump::bounds);
        boxes.reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])])
    }
}

/// The similarity that puts the middle of the inner eye corners at the origin and makes the line through them level. One ICD is
/// their distance with its depth, as everywhere in the program: a turned head keeps its size.
fn face_from_image(landmarks: &Landmarks) -> Option<Affine> {
    let [right, left] = INNER_CORNERS.map(|point| landmarks.get(usize::from(point)));
    let (&[rx, ry, rz], &[lx, ly, lz]) = (right?, left?);
    let (dx, dy, dz) = (lx - rx, ly - ry, lz - rz);
    let flat = dx.hypot(dy);
    let scale = 1.0 / (flat * flat.hypot(dz));
    if !(scale.is_finite() && flat > 1e-3) {
        return None;
    }
    let (a, b) = (dx * scale, dy * scale);
    let (x, y) = (0.5 * (rx + lx), 0.5 * (ry + ly));
    Some(Affine { rows: [[a, b, -(a * x + b * y)], [-b, a, b * x - a * y]] })
}

/// A standard normal value (Box, Muller 1958).
fn normal(rng: &mut impl Rng) -> f32 {
    let (u, v): (f32, f32) = (rng.random(), rng.random());
    (-2.0 * (1.0 - u).ln()).sqrt() * (TAU * v).cos()
}
