//! Closing eyelids: the skin between brow and eye is stretched down over the eyeball, the lash line riding on its edge.
//!
//! Works in base pixels (see [`super::render`]), one column at a time, as a backward map: where a pixel of the closed
//! eye takes its colour from.

use super::portrait::{EyeOutline, Placement};

/// Skin above the lid margin that stretches, in portrait pixels; the brow begins 7 px above the eye.
const SKIN_PX: f32 = 6.0;
/// Lash line above and below the lid margin, in portrait pixels: carried along unstretched.
const LASH_PX: [f32; 2] = [2.3, 0.5];
/// How far the upper lid travels over the opening; the lower lid's own lashes cover the rest.
const TRAVEL: f32 = 1.0;
/// How much darker the lid becomes at its edge as it turns away from the light from above, in levels of 255.
const SHADE: f32 = 10.0;

/// One eye's lids as curves over base columns.
pub(super) struct Lids {
    first_column: f32,
    /// Lid margins of the open eye, in base pixels down; one entry a column, same length.
    upper: Vec<f32>,
    lower: Vec<f32>,
    scale: f32,
}

/// Where a covered pixel takes its colour from.
#[derive(Clone, Copy, Debug)]
pub(super) struct LidSample {
    /// Row in the base picture, same column.
    pub(super) source_y: f32,
    /// 1 where the lid hides the eye wholly; below 1 only in the anti-aliased edge.
    pub(super) cover: f32,
    /// Levels to subtract.
    pub(super) darker: f32,
}

impl Lids {
    pub(super) fn new(outline: &EyeOutline, placement: &Placement) -> Self {
        let to_base = |points: &[[f32; 2]]| -> Vec<[f32; 2]> {
            points.iter().map(|&p| placement.base_from_portrait(p).map(|v| v - 0.5)).collect()
        };
        let (upper, lower) = (to_base(&outline.upper), to_base(&outline.lower));
        let blur = (0.8 * placement.scale).round() as usize;
        let margin = 2.0 * blur as f32 + 1.0;
        let left = upper.first().map_or(0.0, |p| p[0] - margin).floor();
        let right = upper.last().map_or(0.0, |p| p[0] + margin).ceil();
        let curve = |points: &[[f32; 2]]| {
            let columns = (right - left).max(0.0) as usize + 1;
            let raw: Vec<f32> = (0..columns).map(|i| height_at(points, left + i as f32)).collect();
            smoothed(&smoothed(&raw, blur), blur)
        };
        Self { first_column: left, upper: curve(&upper), lower: curve(&lower), scale: placement.scale }
    }

    /// Base pixels that a closing lid can change: `[left, top, right, bottom]`.
    pub(super) fn bounds(&self) -> [f32; 4] {
        let top = self.upper.iter().copied().fold(f32::INFINITY, f32::min) - SKIN_PX * self.scale;
        let bottom = self.lower.iter().copied().fold(f32::NEG_INFINITY, f32::max) + LASH_PX[1] * self.scale;
        [self.first_column, top, self.first_column + self.upper.len() as f32, bottom + 1.0]
    }

    /// What covers base position `q` with the lid `closed` (0 open, 1 closed); `None` where nothing changes.
    pub(super) fn sample(&self, q: [f32; 2], closed: f32) -> Option<LidSample> {
        let column = q[0] - self.first_column;
        let (upper, lower) = (curve_at(&self.upper, column)?, curve_at(&self.lower, column)?);
        let opening = lower - upper;
        if opening < 0.05 {
            return None;
        }
        let [lash_above, lash_below] = LASH_PX.map(|v| v * self.scale);
        let edge = upper + closed * TRAVEL * opening;
        let top = upper - SKIN_PX * self.scale;
        let past_edge = q[1] - (edge + lash_below);
        if q[1] <= top || past_edge >= 0.75 {
            return None;
        }
        let cover = (0.5 - past_edge / 1.5).clamp(0.0, 1.0);
        let skin_from = upper - lash_above - top;
        let skin_to = edge - lash_above - top;
        let v = q[1] - top;
        let source_y = if v >= skin_to {
            q[1] - edge + upper
        } else {
            // Slope 1 at the brow, so that no seam shows there; monotone; reaches the lash line exactly.
            let k = (skin_to / skin_from - 1.0) / skin_to;
            top + v / (1.0 + k * v)
        };
        let down = (v / skin_to).clamp(0.0, 1.0);
        // The corners barely open, so they must barely darken.
        let depth = (opening / (3.0 * self.scale)).min(1.0);
        Some(LidSample { source_y, cover, darker: SHADE * closed * down * down * depth })
    }
}

/// The polyline's height at column `x`; its ends go on level.
fn height_at(points: &[[f32; 2]], x: f32) -> f32 {
    for pair in points.windows(2) {
        if let [[x0, y0], [x1, y1]] = *pair
            && x < x1
        {
            return y0 + (y1 - y0) * ((x - x0) / (x1 - x0)).clamp(0.0, 1.0);
        }
    }
    points.last().map_or(0.0, |p| p[1])
}

/// Running mean over `2 radius + 1` entries, shorter at the ends.
fn smoothed(curve: &[f32], radius: usize) -> Vec<f32> {
    (0..curve.len())
        .map(|i| {
            let window = &curve[i.saturating_sub(radius)..(i + radius + 1).min(curve.len())];
            window.iter().sum::<f32>() / window.len() as f32
        })
        .collect()
}

/// Linear interpolation between columns; `None` outside.
fn curve_at(curve: &[f32], column: f32) -> Option<f32> {
    if column < 0.0 {
        return None;
    }
    let at = column as usize;
    let (a, b) = (*curve.get(at)?, *curve.get(at + 1)?);
    Some(a + (b - a) * (column - at as f32))
}
