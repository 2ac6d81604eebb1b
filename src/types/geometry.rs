//! Rectangles and affine maps between the named spaces.

/// An axis-aligned rectangle in image pixels. May reach beyond the image.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RectPx {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width; not negative.
    pub w: f32,
    /// Height; not negative.
    pub h: f32,
}

impl RectPx {
    /// The rectangle's centre, `[x, y]`.
    pub fn centre(&self) -> [f32; 2] {
        [self.x + self.w / 2.0, self.y + self.h / 2.0]
    }

    /// Area in square pixels.
    pub fn area(&self) -> f32 {
        self.w * self.h
    }

    /// Intersection over union with `other`, `[0, 1]`; 0 where both are empty.
    pub fn iou(&self, other: &Self) -> f32 {
        let w = (self.x + self.w).min(other.x + other.w) - self.x.max(other.x);
        let h = (self.y + self.h).min(other.y + other.h) - self.y.max(other.y);
        let both = w.max(0.0) * h.max(0.0);
        let union = self.area() + other.area() - both;
        if union > 0.0 { both / union } else { 0.0 }
    }
}

/// A 2 x 3 affine map, `[x', y'] = [[a, b], [c, d]] [x, y] + [tx, ty]`, named `to_from`: `crop_from_image`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Affine {
    /// Rows `[a, b, tx]` and `[c, d, ty]`.
    pub rows: [[f32; 3]; 2],
}

impl Affine {
    /// The map that changes nothing.
    pub const IDENTITY: Self = Self { rows: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]] };

    /// A similarity: scale by `scale`, rotate by `angle_rad` (clockwise on screen, as y is down), then shift.
    pub fn similarity(scale: f32, angle_rad: f32, shift: [f32; 2]) -> Self {
        let (sin, cos) = angle_rad.sin_cos();
        let (a, b) = (scale * cos, scale * sin);
        Self { rows: [[a, -b, shift[0]], [b, a, shift[1]]] }
    }

    /// The image of a point.
    pub fn apply(&self, point: [f32; 2]) -> [f32; 2] {
        let [r0, r1] = &self.rows;
        [r0[0] * point[0] + r0[1] * point[1] + r0[2], r1[0] * point[0] + r1[1] * point[1] + r1[2]]
    }

    /// `self` after `first`: `c_from_b.after(&b_from_a)` is `c_from_a`.
    pub fn after(&self, first: &Self) -> Self {
        let origin = self.apply([first.rows[0][2], first.rows[1][2]]);
        let mut rows = [[0.0; 3]; 2];
        for (row, (own, shift)) in rows.iter_mut().zip(self.rows.iter().zip(origin)) {
            row[0] = own[0] * first.rows[0][0] + own[1] * first.rows[1][0];
            row[1] = own[0] * first.rows[0][1] + own[1] * first.rows[1][1];
            row[2] = shift;
        }
        Self { rows }
    }

    /// The inverse map, or `None` where the map is singular.
    pub fn inverse(&self) -> Option<Self> {
        let [[a, b, tx], [c, d, ty]] = self.rows;
        let det = a * d - b * c;
        if !det.is_finite() || det.abs() < 1e-12 {
            return None;
        }
        let (ia, ib, ic, id) = (d / det, -b / det, -c / det, a / det);
        Some(Self { rows: [[ia, ib, -(ia * tx + ib * ty)], [ic, id, -(ic * tx + id * ty)]] })
    }

    /// The scale of a similarity: the length of an image of a unit vector.
    pub fn scale(&self) -> f32 {
        self.rows[0][0].hypot(self.rows[1][0])
    }
}
