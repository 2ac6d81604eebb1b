//! A head that turns, nods and shifts in front of a still picture: parallax from the landmarks' depth.

use super::envelope::smoothstep;
use crate::types::{Affine, Landmarks};

/// Where the head turns about: this far behind the inner eye corners, in ICD units: about the ears, whose depth then stays.
const AXIS_BEHIND_ICD: f32 = 1.3;
/// Depth is spread from the landmarks with this standard deviation, in ICD units: smooth, so that nothing folds.
const DEPTH_SIGMA_ICD: f32 = 0.30;
/// Weight of the depth of the ears where no landmark is near: hair, neck.
const FAR_WEIGHT: f32 = 0.02;
/// The head against the outline of its face: hair and ears.
const HEAD_OVER_FACE: [f32; 2] = [1.20, 1.30];
/// The head moves whole up to its outline; the background is at rest from this multiple of it on.
const REST_FROM: f32 = 1.9;
/// Distance of the nodes of an attitude's map, in ICD units: well below the depth's smoothness.
const MAP_STEP_ICD: f32 = 0.12;
/// Nodes of the depth map along each axis.
const NODES: usize = 72;

/// How the head is held against the base.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HeadState {
    /// Positive: the head turns to the subject's left (image right).
    pub yaw_deg: f32,
    /// Positive: the chin goes up.
    pub pitch_deg: f32,
    /// Shift in the picture, in ICD units: right and down.
    pub shift_icd: [f32; 2],
}

/// Shape of one head, for a still base.
#[derive(Clone, Debug)]
pub(super) struct HeadShape {
    face_from_image: Affine,
    image_from_face: Affine,
    /// Centre and half-axes of the head, in face coordinates.
    centre: [f32; 2],
    radii: [f32; 2],
    /// Depth towards the camera over the axis, in ICD units, over the box of `REST_FROM` radii.
    depth: Vec<f32>,
}

impl HeadShape {
    /// `None` for landmarks without a shape.
    pub(super) fn new(landmarks: &Landmarks, face_from_image: Affine) -> Option<Self> {
        let image_from_face = face_from_image.inverse()?;
        let icd_px = image_from_face.scale();
        let eyes_z = 0.5 * (landmarks.get(133)?[2] + landmarks.get(362)?[2]);
        let points: Vec<([f32; 2], f32)> = landmarks
            .iter()
            .take(468)
            .map(|&[x, y, z]| (face_from_image.apply([x, y]), (eyes_z - z) / icd_px + AXIS_BEHIND_ICD))
            .filter(|(at, z)| at.iter().all(|v| v.is_finite()) && z.is_finite())
            .collect();
        let fold =
            |axis: usize, pick: fn(f32, f32) -> f32| points.iter().map(|(at, _)| at[axis]).reduce(pick);
        let low = [fold(0, f32::min)?, fold(1, f32::min)?];
        let high = [fold(0, f32::max)?, fold(1, f32::max)?];
        let half: [f32; 2] = std::array::from_fn(|i| 0.5 * (high[i] - low[i]));
        let radii = [half[0] * HEAD_OVER_FACE[0], half[1] * HEAD_OVER_FACE[1]];
        // Hair rises above the forehead; nothing of the head is below the chin.
        let centre = [0.5 * (low[0] + high[0]), high[1] - radii[1]];
        let mut shape = Self { face_from_image, image_from_face, centre, radii, depth: Vec::new() };
        shape.depth = shape.spread(&points);
        Some(shape)
    }

    /// The landmarks' depth, spread over the nodes (normalised convolution).
    fn spread(&self, points: &[([f32; 2], f32)]) -> Vec<f32> {
        let node = |index: usize| {
            let at: [f32; 2] = std::array::from_fn(|axis| {
                let along = if axis == 0 { index % NODES } else { index / NODES };
                self.centre[axis]
                    + REST_FROM * self.radii[axis] * (2.0 * along as f32 / (NODES - 1) as f32 - 1.0)
            });
            let (mut sum, mut weights) = (0.0f32, FAR_WEIGHT);
            for (place, z) in points {
                let distance2 = (place[0] - at[0]).powi(2) + (place[1] - at[1]).powi(2);
                let weight = (-0.5 * distance2 / (DEPTH_SIGMA_ICD * DEPTH_SIGMA_ICD)).exp();
                sum += weight * z;
                weights += weight;
            }
            sum / weights
        };
        (0..NODES * NODES).map(node).collect()
    }

    /// Depth over the axis at a place of the base, in ICD units.
    fn depth_at(&self, point: [f32; 2]) -> f32 {
        let place: [f32; 2] = std::array::from_fn(|axis| {
            let share = (point[axis] - self.centre[axis]) / (REST_FROM * self.radii[axis]);
            (0.5 * (share + 1.0) * (NODES - 1) as f32).clamp(0.0, (NODES - 1) as f32 - 1e-3)
        });
        let (column, row) = (place[0] as usize, place[1] as usize);
        let (across, down) = (place[0].fract(), place[1].fract());
        let at = |row: usize, column: usize| self.depth.get(row * NODES + column).copied().unwrap_or(0.0);
        let upper = at(row, column) + across * (at(row, column + 1) - at(row, column));
        let lower = at(row + 1, column) + across * (at(row + 1, column + 1) - at(row + 1, column));
        upper + down * (lower - upper)
    }

    /// 1 on the head, 0 on the background.
    fn share(&self, point: [f32; 2]) -> f32 {
        let ratio =
            ((point[0] - self.centre[0]) / self.radii[0]).hypot((point[1] - self.centre[1]) / self.radii[1]);
        1.0 - smoothstep(f64::from((ratio - 1.0) / (REST_FROM - 1.0))) as f32
    }

    /// How far a place of the base moves, in ICD units.
    fn displacement(&self, point: [f32; 2], head: &HeadState) -> [f32; 2] {
        let share = self.share(point);
        if share <= 0.0 {
            return [0.0; 2];
        }
        let (x, y, z) = (point[0] - self.centre[0], point[1] - self.centre[1], self.depth_at(point));
        let (sin_yaw, cos_yaw) = head.yaw_deg.to_radians().sin_cos();
        let (sin_pitch, cos_pitch) = head.pitch_deg.to_radians().sin_cos();
        // Pitch about the axis through the ears, then yaw about the neck; y grows downwards, so chin up is to smaller y.
        let (y_to, z) = (y * cos_pitch - z * sin_pitch, y * sin_pitch + z * cos_pitch);
        let x_to = x * cos_yaw + z * sin_yaw;
        [share * (x_to - x + head.shift_icd[0]), share * (y_to - y + head.shift_icd[1])]
    }

    /// From which place of the base the head's motion brought what is at `point`, in face coordinates.
    fn source_of(&self, point: [f32; 2], head: &HeadState) -> [f32; 2] {
        let mut from = point;
        // A fixed point: the map is a contraction, as displacements change slowly from place to place.
        for _ in 0..8 {
            let moved = self.displacement(from, head);
            from = [point[0] - moved[0], point[1] - moved[1]];
        }
        from
    }
}

/// One attitude of the head as a map of the picture, for fast look-up.
#[derive(Clone, Debug)]
pub(super) struct HeadMap {
    bounds_px: [f32; 4],
    step_px: f32,
    columns: usize,
    /// From each node to where its colour comes from, in pixels.
    offsets: Vec<[f32; 2]>,
}

impl HeadMap {
    pub(super) fn new(shape: &HeadShape, head: &HeadState) -> Self {
        let image_from_face = &shape.image_from_face;
        let reach = |axis: usize| REST_FROM * shape.radii[axis] + head.shift_icd[axis].abs() + 0.1;
        let corners = [[-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0], [1.0, 1.0]].map(|sign: [f32; 2]| {
            image_from_face.apply([0, 1].map(|axis| shape.centre[axis] + sign[axis] * reach(axis)))
        });
        let bounds_px = bounds(&corners);
        let step_px = (MAP_STEP_ICD * image_from_face.scale()).max(1.0);
        let count = |low: f32, high: f32| ((high - low) / step_px).ceil().max(0.0) as usize + 2;
        let (columns, rows) = (count(bounds_px[0], bounds_px[2]), count(bounds_px[1], bounds_px[3]));
        let offset = |index: usize| {
            let (column, row) = (index % columns, index / columns);
            let here = [bounds_px[0] + column as f32 * step_px, bounds_px[1] + row as f32 * step_px];
            let point = shape.face_from_image.apply(here);
            let from = shape.source_of(point, head);
            if from == point {
                return [0.0; 2];
            }
            let there = image_from_face.apply(from);
            [there[0] - here[0], there[1] - here[1]]
        };
        Self { bounds_px, step_px, columns, offsets: (0..columns * rows).map(offset).collect() }
    }

    /// Where the head's motion brought what is at `here` from, both in pixels.
    pub(super) fn source_of(&self, here: [f32; 2]) -> [f32; 2] {
        let place = [0, 1].map(|axis| (here[axis] - self.bounds_px[axis]) / self.step_px);
        if place.iter().any(|v| *v < 0.0) {
            return here;
        }
        let (column, row) = (place[0] as usize, place[1] as usize);
        if column + 1 >= self.columns {
            return here;
        }
        let at = |row: usize, column: usize| {
            self.offsets.get(row * self.columns + column).copied().unwrap_or([0.0; 2])
        };
        let (across, down) = (place[0].fract(), place[1].fract());
        let (a, b, c, d) =
            (at(row, column), at(row, column + 1), at(row + 1, column), at(row + 1, column + 1));
        let offset = |i: usize| {
            let (upper, lower) = (a[i] + across * (b[i] - a[i]), c[i] + across * (d[i] - c[i]));
            upper + down * (lower - upper)
        };
        [here[0] + offset(0), here[1] + offset(1)]
    }

    /// Everything outside this box of the picture rests: `[left, top, right, bottom]` in pixels.
    pub(super) fn bounds_px(&self) -> [f32; 4] {
        self.bounds_px
    }
}

/// The box around points: `[left, top, right, bottom]`.
pub(super) fn bounds(points: &[[f32; 2]]) -> [f32; 4] {
    let fold =
        |axis: usize, pick: fn(f32, f32) -> f32| points.iter().map(|p| p[axis]).reduce(pick).unwrap_or(0.0);
    [fold(0, f32::min), fold(1, f32::min), fold(0, f32::max), fold(1, f32::max)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::LANDMARK_COUNT;

    /// A half ellipsoid of landmarks, nose towards the camera, 50 px between the eye corners.
    fn shape() -> HeadShape {
        let mut landmarks = Box::new([[0.0f32; 3]; LANDMARK_COUNT]);
        for (index, point) in landmarks.iter_mut().enumerate().take(468) {
            let (angle, radius) = (index as f32 * 2.399_963, (index as f32 / 468.0).sqrt());
            let (x, y) = (2.0 * radius * angle.cos(), 2.3 * radius * angle.sin() + 0.8);
            let z = -2.0 * (1.0 - radius * radius).sqrt();
            *point = [200.0 + 50.0 * x, 200.0 + 50.0 * y, 50.0 * z];
        }
        landmarks[133] = [175.0, 200.0, -80.0];
        landmarks[362] = [225.0, 200.0, -80.0];
        let face_from_image = Affine { rows: [[0.02, 0.0, -4.0], [0.0, 0.02, -4.0]] };
        HeadShape::new(&landmarks, face_from_image).unwrap()
    }

    fn source_of(shape: &HeadShape, here: [f32; 2], head: &HeadState) -> [f32; 2] {
        HeadMap::new(shape, head).source_of(here)
    }

    #[test]
    fn at_rest_nothing_moves_at_all() {
        let shape = shape();
        for point in [[200.0, 200.0], [10.0, 20.0], [333.3, 111.1]] {
            assert_eq!(source_of(&shape, point, &HeadState::default()), point);
        }
    }

    #[test]
    fn turning_moves_the_nose_as_a_sphere_would_and_the_background_not() {
        let shape = shape();
        let nose = [200.0, 240.0];
        let depth_icd = shape.depth_at(shape.face_from_image.apply(nose));
        let moved_px = 50.0 * depth_icd * 12.0_f32.to_radians().sin();
        assert!(moved_px > 5.0);
        // To the subject's left: the nose goes to image right, so what is there comes from further left.
        let left = HeadState { yaw_deg: 12.0, ..HeadState::default() };
        let [x, y] = source_of(&shape, [nose[0] + moved_px, nose[1]], &left);
        assert!((x - nose[0]).abs() < 1.5 && (y - nose[1]).abs() < 1.0, "{x} {y}");
        let up = HeadState { pitch_deg: 12.0, ..HeadState::default() };
        assert!(source_of(&shape, nose, &up)[1] > nose[1] + 3.0, "the nose goes up");
        assert_eq!(source_of(&shape, [5.0, 5.0], &left), [5.0, 5.0]);
    }

    #[test]
    fn the_picture_does_not_fold_at_the_largest_turn() {
        let shape = shape();
        for (yaw_deg, pitch_deg) in [(12.0, 0.0), (-12.0, 8.0), (8.0, -12.0)] {
            let map = HeadMap::new(&shape, &HeadState { yaw_deg, pitch_deg, shift_icd: [0.15, 0.1] });
            for y in 0..80 {
                for x in 0..80 {
                    let at = [5.0 * x as f32, 5.0 * y as f32];
                    let (here, right, below) = (
                        map.source_of(at),
                        map.source_of([at[0] + 1.0, at[1]]),
                        map.source_of([at[0], at[1] + 1.0]),
                    );
                    let (dx, dy) = (right[0] - here[0], below[1] - here[1]);
                    assert!(dx > 0.1 && dy > 0.1, "{at:?}: {dx} {dy}");
                }
            }
        }
    }
}
