//! Which landmarks make the lines of a face: indices into the 478-point mesh.
//!
//! From MediaPipe's `face_mesh_connections.py` (Apache-2.0), ordered into polylines. `left` is the subject's left.

/// The face's outline, closed.
pub const FACE_OVAL: [u16; 36] = [
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176,
    149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
];
/// The left eye's lids, closed, from the outer corner along the lower lid.
pub const EYE_LEFT: [u16; 16] =
    [263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466];
/// The right eye's lids, closed, from the outer corner along the lower lid.
pub const EYE_RIGHT: [u16; 16] =
    [33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246];
/// The left brow, closed, lower edge first.
pub const BROW_LEFT: [u16; 10] = [276, 283, 282, 295, 285, 336, 296, 334, 293, 300];
/// The right brow, closed, lower edge first.
pub const BROW_RIGHT: [u16; 10] = [46, 53, 52, 65, 55, 107, 66, 105, 63, 70];
/// The lips' outer edge, closed, lower lip first.
pub const LIPS_OUTER: [u16; 20] =
    [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185];
/// The lips' inner edge, closed, lower lip first.
pub const LIPS_INNER: [u16; 20] =
    [78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191];
/// The left iris, closed.
pub const IRIS_LEFT: [u16; 4] = [474, 475, 476, 477];
/// The right iris, closed.
pub const IRIS_RIGHT: [u16; 4] = [469, 470, 471, 472];
/// The bridge of the nose, open, from between the eyes to the tip.
pub const NOSE_BRIDGE: [u16; 6] = [168, 6, 197, 195, 5, 4];
/// The nose's underside, open, from the right wing to the left.
pub const NOSE_BASE: [u16; 5] = [98, 97, 2, 326, 327];
/// The middle of the left iris.
pub const PUPIL_LEFT: u16 = 473;
/// The middle of the right iris.
pub const PUPIL_RIGHT: u16 = 468;
/// The inner corners of the right and the left eye: the distance between them is the ICD.
pub const INNER_CANTHI: [u16; 2] = [133, 362];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::LANDMARK_COUNT;

    #[test]
    fn every_index_is_a_landmark_and_occurs_once_in_its_line() {
        let lines: [&[u16]; 11] = [
            &FACE_OVAL,
            &EYE_LEFT,
            &EYE_RIGHT,
            &BROW_LEFT,
            &BROW_RIGHT,
            &LIPS_OUTER,
            &LIPS_INNER,
            &IRIS_LEFT,
            &IRIS_RIGHT,
            &NOSE_BRIDGE,
            &NOSE_BASE,
        ];
        for line in lines {
            let mut seen = line.to_vec();
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(seen.len(), line.len());
            assert!(seen.iter().all(|i| usize::from(*i) < LANDMARK_COUNT));
        }
    }
}
