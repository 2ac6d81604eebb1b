//! Which pixels of a composite are the lower face's: below a seam along the nose base and across the cheeks, within the outline.

use super::shape::{Fit, LIP_TOP, NOSE_BASE, Shape};

/// Lower edges of the nostrils at the wings of the nose, subject's right and left.
const WINGS: [usize; 2] = [98, 327];
/// Along the seam's way from nose base to lip; nearer to the nose, as the lip of a smile comes up.
const BELOW_NOSE: f32 = 0.45;
/// The lower face begins within this distance inside the outline: at the ears, where hair and skin differ, and at the chin, where the
/// jaw's edge must be the lower face's. In ICD units.
const FADE_AT_EARS_ICD: f32 = 0.35;
const FADE_AT_CHIN_ICD: f32 = 0.12;
/// Where it ends, as shares of the distance from the nose base: just within the outline at the chin (beyond, the other picture's neck would
/// draw a line under it), well within it at the ears.
const AT_CHIN: f32 = 0.98;
const WITHIN_EARS: f32 = 0.94;

/// A point of the seam: at `across` from the midline (not negative), the seam's height and half of the width of the blend.
#[derive(Clone, Copy, Debug)]
struct Knot {
    across: f32,
    y: f32,
    half: f32,
}

/// Where the lower face shows, in the upper face's coordinates (ICD units).
#[derive(Clone, Debug)]
pub(super) struct Mask {
    /// Subject's right (left in the picture) and left.
    sides: [[Knot; 5]; 2],
    middle_x: f32,
    outline: Vec<[f32; 2]>,
    nose_y: f32,
    chin_y: f32,
}

impl Mask {
    /// `lower` is the lower face in its own coordinates.
    pub fn new(upper: &Shape, lower: &Shape, fit: &Fit) -> Self {
        let nose = upper.points[NOSE_BASE];
        let lip = upper.points[LIP_TOP][1].min(fit.upper_from_lower.at(lower.points[LIP_TOP])[1]);
        let gap = (lip - nose[1]).max(0.05);
        let (middle, half) = (nose[1] + BELOW_NOSE * gap, (0.35 * gap).min(0.07));
        let sides = WINGS.map(|wing| {
            let [x, y] = upper.points[wing];
            let across = (x - nose[0]).abs().max(0.2);
            [
                Knot { across: 0.0, y: middle, half },
                Knot { across, y: middle.min(y + 0.12).max(y + 0.04), half },
                Knot { across: across + 0.25, y, half: 0.1 },
                Knot { across: across + 0.62, y: y - 0.2, half: 0.2 },
                Knot { across: across + 1.2, y: y - 0.35, half: 0.25 },
            ]
        });
        let count = fit.outline.len();
        let mut outline: Vec<[f32; 2]> = fit
            .outline
            .iter()
            .enumerate()
            .map(|(index, [x, y])| {
                // 0 at the ears, 1 at the chin.
                let down = 1.0 - (2.0 * index as f32 / (count.max(2) - 1) as f32 - 1.0).abs();
                let share = WITHIN_EARS + (AT_CHIN - WITHIN_EARS) * smooth(down / 0.7);
                [
                    nose[0] + share * (x - nose[0]),
                    nose[1] + if *y > nose[1] { share } else { 1.0 } * (y - nose[1]),
                ]
            })
            .collect();
        let chin_y = outline.iter().map(|point| point[1]).fold(f32::MIN, f32::max);
        // Upwards the seam alone ends it.
        let ends = [outline.last().copied(), outline.first().copied()];
        outline.extend(ends.into_iter().flatten().map(|[x, _]| [x, -1.0]));
        Self { sides, middle_x: nose[0], outline, nose_y: nose[1], chin_y }
    }

    /// Height of the seam at `x`, and half of the width of its blend, in ICD units.
    pub fn seam(&self, x: f32) -> [f32; 2] {
        let across = (x - self.middle_x).abs();
        let knots = &self.sides[usize::from(x > self.middle_x)];
        let Some(after) = knots.iter().position(|knot| knot.across > across) else {
            let end = knots[knots.len() - 1];
            return [end.y, end.half];
        };
        let (from, to) = (knots[after.saturating_sub(1)], knots[after]);
        let share = smooth((across - from.across) / (to.across - from.across).max(1e-6));
        [from.y + share * (to.y - from.y), from.half + share * (to.half - from.half)]
    }

    /// Share of the lower face, `[0, 1]`, at a point.
    pub fn at(&self, point: [f32; 2]) -> f32 {
        let [y, half] = self.seam(point[0]);
        let below = smooth((point[1] - y) / (2.0 * half) + 0.5);
        if below <= 0.0 {
            return 0.0;
        }
        below * self.within(point)
    }

    /// 0 outside the outline, 1 well inside; whatever the seam.
    pub fn within(&self, point: [f32; 2]) -> f32 {
        let down = smooth((point[1] - self.nose_y) / (0.8 * (self.chin_y - self.nose_y)).max(0.1));
        let fade = FADE_AT_EARS_ICD + (FADE_AT_CHIN_ICD - FADE_AT_EARS_ICD) * down;
        smooth(self.inside_icd(point) / fade)
    }

    /// Left, top, right and bottom of where it is above 0, in ICD units.
    pub fn bounds(&self) -> [f32; 4] {
        let fold = |axis: usize, pick: fn(f32, f32) -> f32, start| {
            self.outline.iter().map(|point| point[axis]).fold(start, pick)
        };
        let top = self.sides.iter().flatten().map(|knot| knot.y - knot.half).fold(f32::MAX, f32::min);
        [fold(0, f32::min, f32::MAX), top, fold(0, f32::max, f32::MIN), self.chin_y]
    }

    /// Distance from the outline; negative outside.
    fn inside_icd(&self, point: [f32; 2]) -> f32 {
        let (mut nearest, mut is_inside) = (f32::INFINITY, false);
        let Some(&last) = self.outline.last() else { return 0.0 };
        let mut from = last;
        for &to in &self.outline {
            let (along, off) = ([to[0] - from[0], to[1] - from[1]], [point[0] - from[0], point[1] - from[1]]);
            let squared = (along[0] * along[0] + along[1] * along[1]).max(1e-12);
            let share = ((along[0] * off[0] + along[1] * off[1]) / squared).clamp(0.0, 1.0);
            nearest = nearest.min((off[0] - share * along[0]).hypot(off[1] - share * along[1]));
            if (from[1] > point[1]) != (to[1] > point[1])
                && point[0] < from[0] + along[0] * (point[1] - from[1]) / along[1]
            {
                is_inside = !is_inside;
            }
            from = to;
        }
        if is_inside { nearest } else { -nearest }
    }
}

/// 0 up to 0, 1 from 1 on, and without a corner between.
pub(super) fn smooth(share: f32) -> f32 {
    let share = share.clamp(0.0, 1.0);
    share * share * (3.0 - 2.0 * share)
}
