//! The rotated square that the landmark network looks at.

use crate::types::{Affine, Landmarks, RectPx};

use super::detector::Detection;

/// How much larger than the face its region is: MediaPipe's `RectTransformationCalculator`, for both ways below.
const SCALE: f32 = 1.5;
/// Outer eye corners, subject's right and left: their line is the region's horizontal.
const EYE_RIGHT: usize = 33;
const EYE_LEFT: usize = 263;

/// A rotated rectangle in image pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Roi {
    /// Centre.
    pub centre_px: [f32; 2],
    /// Width and height.
    pub size_px: [f32; 2],
    /// Clockwise on screen, in radians.
    pub angle_rad: f32,
}

impl Roi {
    /// The region around a detection: its box, turned to the line of the eyes, times 1.5.
    pub fn from_detection(detection: &Detection) -> Self {
        let [right, left, ..] = detection.points_px;
        let RectPx { w, h, .. } = detection.box_px;
        Self {
            centre_px: detection.box_px.centre(),
            size_px: [w * SCALE, h * SCALE],
            angle_rad: (left[1] - right[1]).atan2(left[0] - right[0]),
        }
    }

    /// The region for the next frame: a square around all landmarks, turned to the outer eye corners, times 1.5.
    pub fn from_landmarks(landmarks: &Landmarks) -> Self {
        let bounds = bounding_box(landmarks);
        let side = bounds.w.max(bounds.h) * SCALE;
        let (right, left) = (landmarks[EYE_RIGHT], landmarks[EYE_LEFT]);
        Self {
            centre_px: bounds.centre(),
            size_px: [side, side],
            angle_rad: (left[1] - right[1]).atan2(left[0] - right[0]),
        }
    }

    /// The square that letterboxes a whole picture.
    pub fn letterbox(width: u32, height: u32) -> Self {
        let side = width.max(height) as f32;
        Self { centre_px: [width as f32 / 2.0, height as f32 / 2.0], size_px: [side, side], angle_rad: 0.0 }
    }

    /// The `index`th of the squares, half as wide as the picture's longer side and overlapping by half, in which small
    /// faces are sought; the count starts anew after the last one.
    ///
    /// The detector sees 128 pixels: in the whole picture it misses faces with an ICD under about 1/38 of the longer side
    /// (17 of 640, 50 of 1920 pixels). In a square of half the side it finds those down to half of that.
    pub fn tile(width: u32, height: u32, index: usize) -> Self {
        let side = (width.max(height) / 2).max(1);
        // Squares start every half side; the last one ends at the edge, or holds all of a shorter picture.
        let count = |length: u32| 1 + length.saturating_sub(side).div_ceil((side / 2).max(1)) as usize;
        let columns = count(width);
        let index = index % (columns * count(height));
        let centre = |length: u32, index: usize| {
            let last = length.saturating_sub(side) as f32;
            (index as f32 * side as f32 / 2.0).min(last) + side as f32 / 2.0
        };
        let side = side as f32;
        Self {
            centre_px: [centre(width, index % columns), centre(height, index / columns)],
            size_px: [side, side],
            angle_rad: 0.0,
        }
    }

    /// From the corner coordinates of an input of `side` x `side` pixels to image coordinates.
    pub fn image_from_input(&self, side: usize) -> Affine {
        let (sin, cos) = self.angle_rad.sin_cos();
        let [kx, ky] = self.size_px.map(|size| size / side as f32);
        let half = side as f32 / 2.0;
        let ([a, b], [c, d]) = ([kx * cos, -ky * sin], [kx * sin, ky * cos]);
        let [x, y] = self.centre_px;
        Affine { rows: [[a, b, x - (a + b) * half], [c, d, y - (c + d) * half]] }
    }

    /// The map by which the network's input is sampled.
    ///
    /// MediaPipe takes the corner map above for pixel *indices* (OpenCV's `warpPerspective` between corners), so its
    /// input is shifted by half a pixel against the picture, by a different amount on each scale. The networks' outputs
    /// are then read without that shift. We do the same: correcting it moves landmarks by 0.4 % of the eye distance and
    /// blendshapes by up to 0.27 from MediaPipe's.
    pub fn sampling(&self, side: usize) -> Affine {
        let shift = |by: f32| Affine::similarity(1.0, 0.0, [by, by]);
        shift(0.5).after(&self.image_from_input(side)).after(&shift(-0.5))
    }

    /// False for a region that cannot hold a face: not finite, under 2 px, or more than `limit_px` away or large.
    pub fn is_usable(&self, limit_px: f32) -> bool {
        let [x, y] = self.centre_px;
        let all = [x, y, self.size_px[0], self.size_px[1], self.angle_rad];
        all.iter().all(|value| value.is_finite())
            && self.size_px.iter().all(|&size| size >= 2.0 && size <= 4.0 * limit_px)
            && x.abs() <= 2.0 * limit_px
            && y.abs() <= 2.0 * limit_px
    }
}

/// The axis-aligned box around all landmarks.
pub(super) fn bounding_box(landmarks: &Landmarks) -> RectPx {
    let (mut low, mut high) = ([f32::INFINITY; 2], [f32::NEG_INFINITY; 2]);
    for point in landmarks {
        for axis in 0..2 {
            low[axis] = low[axis].min(point[axis]);
            high[axis] = high[axis].max(point[axis]);
        }
    }
    RectPx { x: low[0], y: low[1], w: (high[0] - low[0]).max(0.0), h: (high[1] - low[1]).max(0.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::LANDMARK_COUNT;

    fn close(a: [f32; 2], b: [f32; 2]) -> bool {
        (a[0] - b[0]).abs() < 1e-3 && (a[1] - b[1]).abs() < 1e-3
    }

    #[test]
    fn the_input_maps_onto_the_rotated_square() {
        let roi =
            Roi { centre_px: [100.0, 50.0], size_px: [40.0, 20.0], angle_rad: std::f32::consts::FRAC_PI_2 };
        let map = roi.image_from_input(10);
        assert!(close(map.apply([5.0, 5.0]), [100.0, 50.0]));
        // Right edge of the input: 20 px along the turned x axis, which points down.
        assert!(close(map.apply([10.0, 5.0]), [100.0, 70.0]));
        assert!(close(map.apply([5.0, 10.0]), [90.0, 50.0]));
    }

    #[test]
    fn sampling_takes_corners_for_indices() {
        let roi = Roi::letterbox(20, 10);
        // Index (0, 0) of a 10 px input: corner (0, -5) of the picture, taken as an index, so +0.5 as a position.
        assert!(close(roi.sampling(10).apply([0.5, 0.5]), [0.5, -4.5]));
        assert!(close(roi.image_from_input(10).apply([0.0, 0.0]), [0.0, -5.0]));
    }

    #[test]
    fn tiles_cover_the_picture_and_repeat() {
        for (width, height, count) in
            [(640, 480, 6), (1280, 720, 6), (512, 512, 9), (1000, 100, 3), (1, 1, 1)]
        {
            let tiles: Vec<Roi> = (0..count).map(|index| Roi::tile(width, height, index)).collect();
            assert_eq!(Roi::tile(width, height, count), tiles[0], "{width}x{height}");
            for (x, y) in [(0, 0), (width / 2, height / 2), (width - 1, height - 1), (width - 1, 0)] {
                let inside = |tile: &Roi| {
                    let half = tile.size_px[0] / 2.0;
                    (x as f32 + 0.5 - tile.centre_px[0]).abs() <= half
                        && (y as f32 + 0.5 - tile.centre_px[1]).abs() <= half
                };
                assert!(tiles.iter().any(inside), "{width}x{height} misses {x}, {y}");
            }
        }
    }

    #[test]
    fn the_next_region_is_square_upright_and_half_as_large_again() {
        let mut landmarks: Landmarks = [[50.0, 60.0, 0.0]; LANDMARK_COUNT];
        landmarks[0] = [50.0, 20.0, 0.0];
        landmarks[1] = [50.0, 100.0, 0.0];
        landmarks[EYE_RIGHT] = [30.0, 60.0, 0.0];
        landmarks[EYE_LEFT] = [70.0, 60.0, 0.0];
        let roi = Roi::from_landmarks(&landmarks);
        assert_eq!((roi.centre_px, roi.size_px, roi.angle_rad), ([50.0, 60.0], [120.0, 120.0], 0.0));
        assert!(roi.is_usable(200.0));
        landmarks[5][0] = f32::NAN;
        landmarks[6][0] = 1e9;
        assert!(!Roi::from_landmarks(&landmarks).is_usable(200.0));
    }
}
