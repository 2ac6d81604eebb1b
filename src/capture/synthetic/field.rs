//! Smooth local displacement fields: how brows, mouth corners and the whole head move.

/// Directions of brow lowering along [`super::portrait::BROWS`]: the corrugator draws the inner ends down and together, the
/// outer ends hardly move (AU 4).
pub(super) const LOWER_DIRECTIONS: [[f32; 2]; 11] = [
    [0.02, 0.10],
    [0.06, 0.25],
    [0.15, 0.50],
    [0.28, 0.80],
    [0.35, 0.94],
    [0.0, 0.80],
    [-0.35, 0.94],
    [-0.28, 0.80],
    [-0.15, 0.50],
    [-0.06, 0.25],
    [-0.02, 0.10],
];
/// Directions of a brow raise (AU 1 + 2).
pub(super) const RAISE_DIRECTIONS: [[f32; 2]; 11] = [
    [0.0, -0.7],
    [0.0, -0.9],
    [0.0, -1.0],
    [0.0, -1.0],
    [0.0, -1.0],
    [0.0, -0.6],
    [0.0, -1.0],
    [0.0, -1.0],
    [0.0, -1.0],
    [0.0, -0.9],
    [0.0, -0.7],
];

/// A smooth local displacement around a line of points: whole within `plateau`, fading to nothing at `reach`.
pub(super) struct Field {
    points: Vec<([f32; 2], [f32; 2])>,
    plateau: f32,
    reach: f32,
    bounds: [f32; 4],
}

impl Field {
    pub(super) fn new(points: Vec<([f32; 2], [f32; 2])>, plateau: f32, reach: f32) -> Self {
        let fold = |axis: usize, pick: fn(f32, f32) -> f32, start| {
            points.iter().map(|(p, _)| p[axis]).fold(start, pick)
        };
        let bounds = [
            fold(0, f32::min, f32::INFINITY) - reach,
            fold(1, f32::min, f32::INFINITY) - reach,
            fold(0, f32::max, f32::NEG_INFINITY) + reach,
            fold(1, f32::max, f32::NEG_INFINITY) + reach,
        ];
        Self { points, plateau, reach, bounds }
    }

    /// The direction at base position `q`; length at most 1.
    pub(super) fn at(&self, q: [f32; 2]) -> [f32; 2] {
        let [left, top, right, bottom] = self.bounds;
        if q[0] < left || q[0] > right || q[1] < top || q[1] > bottom {
            return [0.0; 2];
        }
        let mut nearest = (f32::INFINITY, [0.0; 2]);
        let Some(&first) = self.points.first() else { return [0.0; 2] };
        let starts = std::iter::once(&first).chain(&self.points);
        for (&(a, from), &(b, to)) in starts.zip(&self.points) {
            let along = [b[0] - a[0], b[1] - a[1]];
            let length2 = along[0] * along[0] + along[1] * along[1];
            let t = if length2 > 0.0 {
                (((q[0] - a[0]) * along[0] + (q[1] - a[1]) * along[1]) / length2).clamp(0.0, 1.0)
            } else {
                0.0
            };
            let distance = (a[0] + t * along[0] - q[0]).hypot(a[1] + t * along[1] - q[1]);
            if distance < nearest.0 {
                nearest = (distance, [0, 1].map(|i| from[i] + t * (to[i] - from[i])));
            }
        }
        let fade = 1.0 - smoothstep((nearest.0 - self.plateau) / (self.reach - self.plateau));
        nearest.1.map(|v| v * fade)
    }
}

fn smoothstep(x: f32) -> f32 {
    let x = x.clamp(0.0, 1.0);
    x * x * (3.0 - 2.0 * x)
}

/// 1 within the head's ellipse, 0 from 1.45 times its size on.
pub(super) fn head_share(node: [f32; 2], centre: [f32; 2], radii: [f32; 2]) -> f32 {
    let distance = ((node[0] - centre[0]) / radii[0]).hypot((node[1] - centre[1]) / radii[1]);
    1.0 - smoothstep((distance - 1.0) / 0.45)
}
