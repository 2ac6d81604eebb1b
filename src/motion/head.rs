//! How the head moved since the reference: a similarity in the picture after a turn out of its plane.

use crate::types::{Affine, CROP_ICD_PX};

/// A point of the head where the reference was cut: track pixels, and its depth in the same unit, larger is further away.
pub type Point3 = [f32; 3];

/// Inverse distance of the camera from the pivot, per track pixel.
static NEARNESS_V: std::sync::LazyLock<f32> = std::sync::LazyLock::new(|| {
    std::env::var("NEAR").ok().and_then(|v| v.parse::<f32>().ok()).unwrap_or(0.05) / CROP_ICD_PX
});
#[allow(non_snake_case)]
fn NEARNESS() -> f32 {
    *NEARNESS_V
}

/// Weak perspective: every point is turned about the pivot, seen along the line of sight, and then moved by a similarity.
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
        let size = 1.0 + NEARNESS() * z;
        turn(self.turn_rad, [x * size, y * size, z])
    }

    /// Where the turn takes a point in the reference's picture, relative to the pivot; its depth beside it.
    pub fn seen(&self, point: Point3) -> Point3 {
        let [x, y, z] = self.turned(point);
        let size = 1.0 + NEARNESS() * self.to_from.scale() * z;
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
        let size = 1.0 + NEARNESS() * self.to_from.scale() * z;
        let [x, y, z] = turn(self.turn_rad.map(|v| -v), [x * size, y * size, z]);
        let size = 1.0 + NEARNESS() * z;
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

    #[test]
    fn a_turned_point_keeps_its_distance_and_moves_as_the_axes_say() {
        let head = HeadMotion { turn_rad: [0.0, 0.1], pivot: [10.0, 20.0, 5.0], ..HeadMotion::NONE };
        // Nearer to the camera than the pivot: turning to image left takes it left.
        let near = head.parallax([10.0, 20.0, -35.0]);
        assert!((near[0] + 40.0 * 0.1f32.sin()).abs() < 1e-4 && near[1].abs() < 1e-6, "{near:?}");
        let head = HeadMotion { turn_rad: [0.1, 0.0], ..head };
        let near = head.parallax([10.0, 20.0, -35.0]);
        assert!(near[0].abs() < 1e-6 && (near[1] - 40.0 * 0.1f32.sin()).abs() < 1e-4, "{near:?}");
        let head = HeadMotion { turn_rad: [0.2, -0.3], ..head };
        let [x, y, z] = head.turned([40.0, 0.0, 15.0]);
        let length = (x * x + y * y + z * z).sqrt();
        assert!((length - (900.0f32 + 400.0 + 100.0).sqrt()).abs() < 1e-3, "{length}");
        assert_eq!(HeadMotion::NONE.parallax([3.0, 4.0, 5.0]), [0.0; 2]);
    }
}
