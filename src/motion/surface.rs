//! The shape of the face at a patch: depth and slope of the skin, from the landmarks around it.
//!
//! The landmark network's depth is that of a standard face, a tenth stronger, with a few percent of the person in it; in the
//! head's own frame it varies by 1-2 % ICD from picture to picture.

use super::layout::Spot;
use crate::types::{Affine, Landmarks};

/// Landmarks of the skin; those of the irises follow.
const SKIN_COUNT: usize = 468;
/// How far from a patch landmarks count for its slope, in ICD units: the patch's own half and some. Ours.
const REACH_ICD: f32 = 0.2;
/// Steeper skin than this is not seen well enough to matter, as depth over width. 60 degrees.
const MAX_SLOPE: f32 = 1.7;

/// A piece of skin: where it is, and how its depth changes along x and y.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Skin {
    /// Track pixels.
    pub at: [f32; 2],
    /// Track pixels, larger is further away.
    pub depth: f32,
    /// Depth over width, in track coordinates.
    pub slope: [f32; 2],
}

/// The skin at `spot`; `None` where the landmarks are not finite.
pub fn skin_at(spot: &Spot, landmarks: &Landmarks, icd_px: f32, track_from_image: &Affine) -> Option<Skin> {
    let at = spot.locate(landmarks)?;
    let depth = spot.depth(landmarks);
    let scale = track_from_image.scale();
    // Weighted least squares for the slope of a plane through the spot.
    let (mut xx, mut xy, mut yy, mut xz, mut yz) = (0.0f32, 0.0f32, 0.0f32, 0.0f32, 0.0f32);
    let reach = REACH_ICD * icd_px;
    for [x, y, z] in &landmarks[..SKIN_COUNT] {
        let (x, y, z) = ((x - at[0]) / reach, (y - at[1]) / reach, (z - depth) / reach);
        let distance2 = x * x + y * y;
        // NaN does not count either.
        let counts = distance2 < 4.0 && z.is_finite();
        if counts {
            let weight = (-distance2).exp();
            xx += weight * x * x;
            xy += weight * x * y;
            yy += weight * y * y;
            xz += weight * x * z;
            yz += weight * y * z;
        }
    }
    // A little flatness decides where landmarks lie on a line.
    let (xx, yy) = (xx + 0.02, yy + 0.02);
    let det = xx * yy - xy * xy;
    let slope = [(yy * xz - xy * yz) / det, (xx * yz - xy * xz) / det];
    let [[a, b, _], [c, d, _]] = track_from_image.rows.map(|row| row.map(|v| v / scale));
    let slope = [a * slope[0] + b * slope[1], c * slope[0] + d * slope[1]];
    let slope = slope.map(|v| if v.is_finite() { v.clamp(-MAX_SLOPE, MAX_SLOPE) } else { 0.0 });
    Some(Skin { at: track_from_image.apply(at), depth: depth * scale, slope })
}
