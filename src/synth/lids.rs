//! Blinks: the skin between brow and eye is stretched down over the eyeball, the lash line riding on its edge.
//!
//! The idea of `capture/synthetic/lids.rs`, for any face: works in face coordinates, from the lids' landmarks, as a backward
//! map along y: where a pixel of the closed eye takes its colour from.

use super::lattice::Cover;
use crate::types::{Affine, Landmarks};

/// Upper and lower lid margins from the subject's right to their left, sharing their ends; right eye, left eye.
const MARGINS: [([usize; 9], [usize; 9]); 2] = [
    ([33, 246, 161, 160, 159, 158, 157, 173, 133], [33, 7, 163, 144, 145, 153, 154, 155, 133]),
    ([362, 398, 384, 385, 386, 387, 388, 466, 263], [362, 382, 381, 380, 374, 373, 390, 249, 263]),
];
/// Skin above the lid margin that stretches, in ICD units: to below the brow.
const SKIN_ICD: f32 = 0.26;
/// Lash line above and below the margin, in ICD units: carried along unstretched.
const LASH_ICD: [f32; 2] = [0.10, 0.022];
/// Width of the lid's soft edge, in ICD units.
const EDGE_ICD: f32 = 0.05;
/// How much darker the lid becomes at its edge as it turns away from the light from above, in levels of 255.
const DARKER: f32 = 10.0;
/// Openings below this are closed eyes and corners, in ICD units.
const SMALLEST_OPENING_ICD: f32 = 0.004;
/// Columns in which the margins are kept.
const COLUMNS: usize = 48;

/// Both eyes' lids, closed by some share.
#[derive(Clone, Debug)]
pub(super) struct Lids {
    face_from_image: Affine,
    image_from_face: Affine,
    closed: f32,
    eyes: [Eye; 2],
}

/// One eye's margins as curves over x, both in ICD units.
#[derive(Clone, Debug)]
struct Eye {
    left: f32,
    width: f32,
    upper: [f32; COLUMNS],
    lower: [f32; COLUMNS],
}

impl Eye {
    fn new(
        landmarks: &Landmarks,
        face_from_image: &Affine,
        (upper, lower): ([usize; 9], [usize; 9]),
    ) -> Option<Self> {
        let place = |points: [usize; 9]| {
            points.map(|point| {
                let [x, y, _] = landmarks.get(point).copied().unwrap_or([f32::NAN; 3]);
                face_from_image.apply([x, y])
            })
        };
        let (upper, lower) = (place(upper), place(lower));
        let (left, right) = (upper.first()?[0], upper.last()?[0]);
        let width = right - left;
        if !(width > 0.05 && upper.iter().chain(&lower).flatten().all(|v| v.is_finite())) {
            return None;
        }
        let curve = |points: &[[f32; 2]; 9]| {
            let raw: [f32; COLUMNS] =
                std::array::from_fn(|i| height_at(points, left + width * i as f32 / (COLUMNS - 1) as f32));
            smoothed(&smoothed(&raw))
        };
        Some(Self { left, width, upper: curve(&upper), lower: curve(&lower) })
    }

    /// Heights of the upper and the lower margin at `x`; `None` beyond the corners.
    fn margins(&self, x: f32) -> Option<(f32, f32)> {
        let column = (x - self.left) / self.width * (COLUMNS - 1) as f32;
        if column < 0.0 {
            return None;
        }
        let (at, share) = (column as usize, column.fract());
        let between =
            |curve: &[f32; COLUMNS]| Some(curve.get(at)? + share * (curve.get(at + 1)? - curve.get(at)?));
        Some((between(&self.upper)?, between(&self.lower)?))
    }

    /// Where the lid at `point` comes from (its y), how much it hides, and how much darker it is.
    fn sample(&self, [x, y]: [f32; 2], closed: f32) -> Option<(f32, f32, f32)> {
        let (upper, lower) = self.margins(x)?;
        let opening = lower - upper;
        let top = upper - SKIN_ICD;
        let [lash_above, lash_below] = LASH_ICD;
        let edge = upper + closed * opening;
        let past_edge = (y - edge - lash_below) / EDGE_ICD;
        if opening < SMALLEST_OPENING_ICD || y <= top || past_edge >= 0.5 {
            return None;
        }
        let cover = (0.5 - past_edge).clamp(0.0, 1.0);
        let (skin_from, skin_to) = (upper - lash_above - top, edge - lash_above - top);
        let v = y - top;
        let source_y = if v >= skin_to {
            y - edge + upper
        } else {
            // Slope 1 at the brow, so that no seam shows there; monotone; reaches the lash line exactly.
            let k = (skin_to / skin_from - 1.0) / skin_to;
            top + v / (1.0 + k * v)
        };
        let down = (v / skin_to).clamp(0.0, 1.0);
        // The corners barely open, so they barely darken.
        let depth = (opening / 0.12).min(1.0);
        Some((source_y, cover, DARKER * closed * down * down * depth))
    }
}

impl Lids {
    /// The lids of a face, `closed` by this share (0 as they are, 1 shut); `None` where nothing closes.
    pub(super) fn new(landmarks: &Landmarks, face_from_image: Affine, closed: f32) -> Option<Self> {
        if closed <= 0.0 {
            return None;
        }
        let [right, left] = MARGINS.map(|margins| Eye::new(landmarks, &face_from_image, margins));
        Some(Self {
            face_from_image,
            image_from_face: face_from_image.inverse()?,
            closed,
            eyes: [right?, left?],
        })
    }

    /// What can change, in face coordinates: `[left, top, right, bottom]`.
    pub(super) fn bounds_icd(&self) -> [f32; 4] {
        let lowest = |pick: fn(f32, f32) -> f32, start: f32, values: &dyn Fn(&Eye) -> f32| {
            self.eyes.iter().map(values).fold(start, pick)
        };
        let curve = |pick: fn(f32, f32) -> f32, start: f32| {
            move |eye: &Eye| eye.upper.iter().chain(&eye.lower).copied().fold(start, pick)
        };
        [
            lowest(f32::min, f32::INFINITY, &|eye| eye.left),
            lowest(f32::min, f32::INFINITY, &curve(f32::min, f32::INFINITY)) - SKIN_ICD,
            lowest(f32::max, f32::NEG_INFINITY, &|eye| eye.left + eye.width),
            lowest(f32::max, f32::NEG_INFINITY, &curve(f32::max, f32::NEG_INFINITY)) + LASH_ICD[1] + EDGE_ICD,
        ]
    }
}

impl Cover for Lids {
    fn is_near(&self, source_px: [f32; 2]) -> bool {
        let ([x, y], [left, top, right, bottom]) = (self.face_from_image.apply(source_px), self.bounds_icd());
        let room = 0.3;
        (left - room..right + room).contains(&x) && (top - room..bottom + room).contains(&y)
    }

    fn sample(&self, source_px: [f32; 2]) -> Option<([f32; 2], f32, f32)> {
        let point = self.face_from_image.apply(source_px);
        let (source_y, cover, darker) = self.eyes.iter().find_map(|eye| eye.sample(point, self.closed))?;
        Some((self.image_from_face.apply([point[0], source_y]), cover, darker))
    }
}

/// The polyline's height at `x`; its ends go on level.
fn height_at(points: &[[f32; 2]; 9], x: f32) -> f32 {
    for pair in points.windows(2) {
        if let [[x0, y0], [x1, y1]] = *pair
            && x < x1
        {
            return y0 + (y1 - y0) * ((x - x0) / (x1 - x0)).clamp(0.0, 1.0);
        }
    }
    points.last().map_or(0.0, |p| p[1])
}

/// Running mean over five columns, fewer at the ends.
fn smoothed(curve: &[f32; COLUMNS]) -> [f32; COLUMNS] {
    std::array::from_fn(|i| {
        let window = curve.get(i.saturating_sub(2)..(i + 3).min(COLUMNS)).unwrap_or_default();
        window.iter().sum::<f32>() / window.len().max(1) as f32
    })
}
