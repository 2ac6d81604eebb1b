//! Where a face may move at all: inside its outline, and not on the eyeballs.

use super::mesh::{MIDDLE, OUTLINE_RIGHT, mirrored};
use crate::types::{Landmarks, Side};

/// Displacements fade to 0 over this distance inside the outline, in ICD units.
const EDGE_FADE_ICD: f32 = 0.22;
/// Displacements are 0 within this multiple of the eye's ellipse ...
const EYE_STILL: f32 = 0.9;
/// ... and whole outside this one.
const EYE_FREE: f32 = 2.3;
/// Half the height of an eye's ellipse over half its width. Fixed, as lids close: an open eye has about this.
const EYE_FLATNESS: f32 = 0.42;
/// Half the width of the strip along the midline in which one side gives way to the other, in ICD units.
const SIDE_FADE_ICD: f32 = 0.25;

/// Where this face may move, in face coordinates.
#[derive(Clone, Debug)]
pub(super) struct FaceMask {
    /// Corners of the outline, all the way round.
    outline: Vec<[f32; 2]>,
    /// Centre and half-axes of each eye; [`Side`] order. Eyes lie level enough in face coordinates for upright ellipses.
    eyes: [([f32; 2], [f32; 2]); 2],
    /// The face's middle from forehead to chin, y rising.
    middle: [[f32; 2]; MIDDLE.len()],
}

impl FaceMask {
    /// `None` where a landmark that is needed is not finite.
    pub(super) fn new(
        landmarks: &Landmarks,
        place: impl Fn(&Landmarks, u16) -> Option<[f32; 2]>,
    ) -> Option<Self> {
        let right = OUTLINE_RIGHT.iter().copied();
        // Up again on the left, without repeating the two points on the midline.
        let left =
            OUTLINE_RIGHT.iter().rev().skip(1).take(OUTLINE_RIGHT.len() - 2).map(|&point| mirrored(point));
        let outline = right.chain(left).map(|point| place(landmarks, point)).collect::<Option<Vec<_>>>()?;
        let eye = |inner: u16, outer: u16| {
            let (inner, outer) = (place(landmarks, inner)?, place(landmarks, outer)?);
            let half = 0.5 * (inner[0] - outer[0]).abs().max(0.2);
            Some(([0, 1].map(|i| 0.5 * (inner[i] + outer[i])), [half, EYE_FLATNESS * half]))
        };
        let eyes = [eye(362, 263)?, eye(133, 33)?];
        let mut middle = [[0.0; 2]; MIDDLE.len()];
        for (slot, point) in middle.iter_mut().zip(MIDDLE) {
            *slot = place(landmarks, point)?;
        }
        Some(Self { outline, eyes, middle })
    }

    /// 0 outside the outline, 1 well inside.
    pub(super) fn face(&self, point: [f32; 2]) -> f32 {
        let mut nearest = f32::INFINITY;
        let mut is_inside = false;
        let Some(&last) = self.outline.last() else { return 0.0 };
        let mut from = last;
        for &to in &self.outline {
            let along = [to[0] - from[0], to[1] - from[1]];
            let off = [point[0] - from[0], point[1] - from[1]];
            let length2 = (along[0] * along[0] + along[1] * along[1]).max(1e-12);
            let share = ((off[0] * along[0] + off[1] * along[1]) / length2).clamp(0.0, 1.0);
            let (dx, dy) = (off[0] - share * along[0], off[1] - share * along[1]);
            nearest = nearest.min(dx * dx + dy * dy);
            let crosses = (from[1] > point[1]) != (to[1] > point[1]);
            if crosses && off[0] < along[0] * off[1] / along[1] {
                is_inside = !is_inside;
            }
            from = to;
        }
        if is_inside { smoothstep(nearest.sqrt() / EDGE_FADE_ICD) } else { 0.0 }
    }

    /// 0 on an eye, 1 away from both.
    pub(super) fn eyes(&self, point: [f32; 2]) -> f32 {
        let share = |(centre, half): ([f32; 2], [f32; 2])| {
            let ratio = ((point[0] - centre[0]) / half[0]).hypot((point[1] - centre[1]) / half[1]);
            smoothstep((ratio - EYE_STILL) / (EYE_FREE - EYE_STILL))
        };
        share(self.eyes[0]) * share(self.eyes[1])
    }

    /// How much of what moves at `point` belongs to this side; both sides add up to 1.
    pub(super) fn side(&self, side: Side, point: [f32; 2]) -> f32 {
        let outwards = match side {
            Side::Left => point[0] - self.middle_x(point[1]),
            Side::Right => self.middle_x(point[1]) - point[0],
        };
        smoothstep((outwards + SIDE_FADE_ICD) / (2.0 * SIDE_FADE_ICD))
    }

    fn middle_x(&self, y: f32) -> f32 {
        for pair in self.middle.windows(2) {
            if let [from, to] = pair
                && y < to[1]
            {
                let share = ((y - from[1]) / (to[1] - from[1]).max(1e-6)).clamp(0.0, 1.0);
                return from[0] + share * (to[0] - from[0]);
            }
        }
        self.middle.last().map_or(0.0, |point| point[0])
    }
}

/// `3x² - 2x³` on `[0, 1]`, 0 below and 1 above.
fn smoothstep(x: f32) -> f32 {
    let x = x.clamp(0.0, 1.0);
    x * x * (3.0 - 2.0 * x)
}
