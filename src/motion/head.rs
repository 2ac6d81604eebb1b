//! How the head moved since the reference: a similarity in the picture after a turn out of its plane.

use crate::types::{Affine, CROP_ICD_PX};

/// A point of the head where the reference was cut: track pixels, and its depth in the same unit, larger is further away.
pub type Point3 = [f32; 3];

/// Inverse distance of the camera from the head, per track pixel: 20 ICD, a webcam at 65 cm. Film is taken from further away;
/// there the chin, where it matters most, is off by 0.3 % ICD for each degree of pitch.
const NEARNESS: f32 = 1.0 / (20.0 * CROP_ICD_PX);

/// Weak perspective: every point is turned about the pivot, seen by a camera that looks at the pivot, and then moved by a similarity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeadMotion {
    /// From the track coordinates of the reference to current ones, as a point at the pivot's depth moves.
    pub to_from: Affine,
    /// Turn about the picture's x and y axis, in radians: the rotation vector, right-handed with y down and z away. About
    /// x positive: the chin goes away from the camera. About y positive: the face turns to image left.
    pub turn_rad: [f32; 2],
    /// What it turns about.
    pub pivot: Point3,
}

impl HeadMotion {
    /// A head that did not move.
    pub const NONE: Self = Self { to_from: Affine::IDENTITY, turn_rad: [0.0; 2], pivot: [0.0; 3] };

    /// Where the turn alone takes a point, relative to the pivot.
    fn turned(&self, point: Point3) -> Point3 {
        let [x, y, z] = std::array::from_fn(|axis| point[axis] - self.pivot[axis]);
        // What lies further away than the pivot is seen smaller than it is.
        let size = 1.0 + NEARNESS * z;
        turn(self.turn_rad, [x * size, y * size, z])
    }

    /// Where the turn takes a point in the reference's picture, relative to the pivot; its depth beside it.
    pub fn seen(&self, point: Point3) -> Point3 {
        let [x, y, z] = self.turned(point);
        let size = 1.0 + NEARNESS * self.to_from.scale() * z;
        [x / size, y / size, z]
    }

    /// Where a point of the reference is now, in track coordinates.
    pub fn apply(&self, point: Point3) -> [f32; 2] {
        let [x, y, _] = self.seen(point);
        self.to_from.apply([x + self.pivot[0], y + self.pivot[1]])
    }

    /// The point of the reference that the turn takes to `point`.
    pub fn unturned(&self, point: Point3) -> Point3 {
        let [x, y, z] = std::array::from_fn(|axis| point[axis] - self.pivot[axis]);
        let size = 1.0 + NEARNESS * self.to_from.scale() * z;
        let [x, y, z] = turn(self.turn_rad.map(|v| -v), [x * size, y * size, z]);
        let size = 1.0 + NEARNESS * z;
        [x / size + self.pivot[0], y / size + self.pivot[1], z + self.pivot[2]]
    }

    /// How far the turn moves a point in the reference's picture: what the similarity does not explain.
    pub fn parallax(&self, point: Point3) -> [f32; 2] {
        let [x, y, _] = self.seen(point);
        [x + self.pivot[0] - point[0], y + self.pivot[1] - point[1]]
    }
}

/// Rodrigues: `v cos + (w x v) sin + w (w . v)(1 - cos)`, with w in the picture's plane.
fn turn([wx, wy]: [f32; 2], [x, y, z]: Point3) -> Point3 {
    let angle = wx.hypot(wy);
    if angle < 1e-9 {
        return [x, y, z];
    }
    let (sin, cos) = angle.sin_cos();
    let (wx, wy) = (wx / angle, wy / angle);
    let along = (wx * x + wy * y) * (1.0 - cos);
    [
        x * cos + wy * z * sin + wx * along,
        y * cos - wx * z * sin + wy * along,
        z * cos + (wx * y - wy * x) * sin,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIVOT: Point3 = [10.0, 20.0, 5.0];

    #[test]
    fn a_point_near_the_camera_goes_where_the_face_turns() {
        let point = [10.0, 20.0, -35.0];
        // 40 px nearer than the pivot, and so seen larger.
        let expected = 40.0 * 0.1f32.sin() / (1.0 - NEARNESS * 40.0 * 0.1f32.cos());
        let left = HeadMotion { turn_rad: [0.0, 0.1], pivot: PIVOT, ..HeadMotion::NONE }.parallax(point);
        assert!((left[0] + expected).abs() < 1e-3 && left[1].abs() < 1e-6, "{left:?} for {expected}");
        let down = HeadMotion { turn_rad: [0.1, 0.0], pivot: PIVOT, ..HeadMotion::NONE }.parallax(point);
        assert!(down[0].abs() < 1e-6 && (down[1] - expected).abs() < 1e-3, "{down:?} for {expected}");
        assert_eq!(HeadMotion::NONE.parallax([3.0, 4.0, 5.0]), [0.0; 2]);
    }

    #[test]
    fn a_turn_keeps_lengths_and_is_undone() {
        let [x, y, z] = turn([0.2, -0.3], [30.0, -20.0, 10.0]);
        let length = (x * x + y * y + z * z).sqrt();
        assert!((length - (900.0f32 + 400.0 + 100.0).sqrt()).abs() < 1e-3, "{length}");
        let head = HeadMotion { turn_rad: [0.2, -0.3], pivot: PIVOT, ..HeadMotion::NONE };
        let point = [60.0, -30.0, 40.0];
        let [x, y, z] = head.seen(point);
        let back = head.unturned([x + PIVOT[0], y + PIVOT[1], z + PIVOT[2]]);
        for axis in 0..3 {
            assert!((back[axis] - point[axis]).abs() < 1e-3, "{back:?} for {point:?}");
        }
    }
}
