//! Which landmarks make up which line of the face: for drawing, and for naming places on the mesh.
//!
//! Indices into [`crate::types::Landmarks`], in drawing order. Sides are the subject's own. From MediaPipe's face mesh
//! (`FACEMESH_*` connections, Google, Apache-2.0), put in order.

/// Edge of the face, clockwise on screen from the top of the forehead. Closed.
pub const OUTLINE: &[usize] = &[
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176,
    149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
];
/// Lids of the right eye, from the outer corner along the lower lid. Closed.
pub const EYE_RIGHT: &[usize] =
    &[33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246];
/// Lids of the left eye, from the outer corner along the lower lid. Closed.
pub const EYE_LEFT: &[usize] =
    &[263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466];
/// Right iris: its edge. Closed.
pub const IRIS_RIGHT: &[usize] = &[469, 470, 471, 472];
/// Left iris: its edge. Closed.
pub const IRIS_LEFT: &[usize] = &[474, 475, 476, 477];
/// Centres of the irises: right, left.
pub const IRIS_CENTRES: [usize; 2] = [468, 473];
/// Upper edge of the right brow, from the temple inwards. Open.
pub const BROW_RIGHT: &[usize] = &[70, 63, 105, 66, 107];
/// Lower edge of the right brow, from the temple inwards. Open.
pub const BROW_RIGHT_LOWER: &[usize] = &[46, 53, 52, 65, 55];
/// Upper edge of the left brow, from the temple inwards. Open.
pub const BROW_LEFT: &[usize] = &[300, 293, 334, 296, 336];
/// Lower edge of the left brow, from the temple inwards. Open.
pub const BROW_LEFT_LOWER: &[usize] = &[276, 283, 282, 295, 285];
/// Outer edge of the lips, from the right corner along the lower lip. Closed.
pub const LIPS_OUTER: &[usize] =
    &[61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185];
/// Inner edge of the lips, from the right corner along the lower lip. Closed.
pub const LIPS_INNER: &[usize] =
    &[78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191];
/// Bridge of the nose, from between the eyes to the tip. Open.
pub const NOSE_BRIDGE: &[usize] = &[168, 6, 197, 195, 5, 4];
/// Base of the nose, from the right wing to the left. Open.
pub const NOSE_BASE: &[usize] = &[98, 97, 2, 326, 327];

/// All lines with the mark whether they close, for a picture of the whole face.
pub const LINES: &[(&[usize], bool)] = &[
    (OUTLINE, true),
    (EYE_RIGHT, true),
    (EYE_LEFT, true),
    (IRIS_RIGHT, true),
    (IRIS_LEFT, true),
    (BROW_RIGHT, false),
    (BROW_RIGHT_LOWER, false),
    (BROW_LEFT, false),
    (BROW_LEFT_LOWER, false),
    (LIPS_OUTER, true),
    (LIPS_INNER, true),
    (NOSE_BRIDGE, false),
    (NOSE_BASE, false),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::LANDMARK_COUNT;

    #[test]
    fn every_index_is_a_landmark_and_no_line_repeats_one() {
        for (line, _) in LINES {
            assert!(line.iter().all(|&index| index < LANDMARK_COUNT));
            let unique: std::collections::HashSet<_> = line.iter().collect();
            assert_eq!(unique.len(), line.len());
        }
    }
}
