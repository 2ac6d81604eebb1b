//! The landmark mesh as the action units need it: which point mirrors which, and a standard face.

use crate::types::{LANDMARK_COUNT, Landmarks};

/// The mesh's points on the midline, up to 200; the rest below 248 lies on the subject's right, from 248 on their left.
const MIDLINE: [u16; 28] = [
    0, 1, 2, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 94, 151, 152, 164, 168, 175, 195, 197,
    199, 200,
];
/// The first point of the subject's left half.
const FIRST_LEFT: u16 = 248;

/// The point on the subject's left that mirrors one on their right; midline points are their own mirror image.
///
/// The left half of the mesh repeats the order of the right one without its midline (MediaPipe's canonical face: x changes
/// sign, y and z are the same).
pub(super) fn mirrored(right: u16) -> u16 {
    if MIDLINE.contains(&right) || right >= FIRST_LEFT {
        return right;
    }
    let midline_before = MIDLINE.iter().filter(|&&point| point < right).count() as u16;
    FIRST_LEFT + right - midline_before
}

/// Outline of the face on the subject's right, from the middle of the forehead to the chin.
pub(super) const OUTLINE_RIGHT: [u16; 19] =
    [10, 109, 67, 103, 54, 21, 162, 127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152];

/// Points down the middle of the face, away from the tip of the nose, which sticks out of its plane.
pub(super) const MIDDLE: [u16; 6] = [10, 9, 168, 164, 17, 152];

/// MediaPipe's canonical face (`canonical_face_model.obj`, Google, Apache-2.0): x to the subject's left and y up, in cm. The
/// points of the right half and the midline that outline, units and regions use.
#[rustfmt::skip]
const CANONICAL_CM: [(u16, [f32; 2]); 87] = [
    // Outline.
    (10, [0.0, 8.262]), (109, [-1.891, 8.236]), (67, [-3.524, 8.006]), (103, [-5.133, 7.486]), (54, [-6.279, 6.615]),
    (21, [-7.088, 5.435]), (162, [-7.556, 4.107]), (127, [-7.743, 2.365]), (234, [-7.664, 0.673]), (93, [-7.542, -1.049]),
    (132, [-7.271, -2.891]), (58, [-6.720, -4.789]), (172, [-5.941, -6.224]), (136, [-5.085, -7.179]),
    (150, [-4.069, -7.993]), (149, [-3.211, -8.533]), (176, [-2.309, -8.974]), (148, [-1.293, -9.296]), (152, [0.0, -9.403]),
    // Forehead and brows.
    (151, [0.0, 6.545]), (108, [-1.620, 6.599]), (69, [-3.064, 6.566]), (104, [-4.539, 6.320]), (9, [0.0, 4.886]),
    (8, [0.0, 4.019]), (107, [-1.396, 5.012]), (55, [-1.221, 4.142]), (66, [-2.760, 5.101]), (65, [-2.645, 4.525]),
    (105, [-3.987, 5.109]), (52, [-3.735, 4.508]), (63, [-4.986, 4.802]), (53, [-4.589, 4.302]), (70, [-5.721, 4.255]),
    (46, [-5.253, 3.882]),
    // Eyes.
    (168, [0.0, 3.271]), (33, [-4.446, 2.664]), (133, [-1.856, 2.585]), (157, [-2.288, 2.887]), (158, [-2.724, 2.962]),
    (159, [-3.177, 2.964]), (160, [-3.670, 2.928]), (144, [-3.670, 2.360]), (145, [-3.177, 2.294]), (153, [-2.724, 2.316]),
    (226, [-5.172, 2.536]),
    // Cheeks.
    (117, [-5.259, 0.946]), (118, [-4.432, 0.722]), (119, [-3.301, 0.862]), (101, [-3.327, 0.105]), (50, [-4.766, -0.702]),
    (36, [-2.845, -0.721]), (205, [-3.833, -1.537]), (206, [-2.962, -2.274]), (207, [-4.387, -2.683]),
    // Nose.
    (198, [-1.247, 0.230]), (131, [-1.334, -0.284]), (49, [-1.651, -0.611]), (115, [-1.306, -0.673]), (129, [-1.786, -0.978]),
    (64, [-1.592, -1.258]), (98, [-1.406, -1.714]), (203, [-2.312, -1.566]),
    // Lips.
    (164, [0.0, -2.522]), (167, [-0.731, -2.537]), (165, [-1.776, -2.684]), (92, [-2.368, -3.106]), (37, [-0.711, -3.329]),
    (39, [-1.432, -3.500]), (40, [-1.915, -3.803]), (186, [-2.850, -3.666]), (185, [-2.285, -4.051]), (61, [-2.456, -4.343]),
    (57, [-3.103, -4.353]), (146, [-2.196, -4.598]), (43, [-2.650, -5.004]), (91, [-1.839, -4.829]), (181, [-1.325, -5.107]),
    (84, [-0.700, -5.292]), (17, [0.0, -5.365]),
    // Chin.
    (182, [-1.546, -5.819]), (83, [-0.770, -6.095]), (201, [-0.998, -6.931]), (32, [-2.267, -7.426]), (208, [-1.217, -7.834]),
    (199, [0.0, -7.942]), (140, [-2.413, -8.259]),
];

/// A standard face, frontal, in face coordinates (z is 0): the points that the action units need; the others are NaN.
pub fn standard_landmarks() -> Box<Landmarks> {
    let canonical = |wanted: u16| CANONICAL_CM.iter().find(|(point, _)| *point == wanted).map(|(_, at)| *at);
    let [corner_x, corner_y] = canonical(133).unwrap_or([-1.0, 0.0]);
    let icd_cm = -2.0 * corner_x;
    let mut landmarks = Box::new([[f32::NAN; 3]; LANDMARK_COUNT]);
    for (point, [x, y]) in CANONICAL_CM {
        let [x, y] = [x / icd_cm, (corner_y - y) / icd_cm];
        for (index, x) in [(mirrored(point), -x), (point, x)] {
            if let Some(slot) = landmarks.get_mut(usize::from(index)) {
                *slot = [x, y, 0.0];
            }
        }
    }
    landmarks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_pairs_mirror_each_other() {
        for (right, left) in
            [(33, 263), (133, 362), (107, 336), (61, 291), (234, 454), (148, 377), (226, 446), (152, 152)]
        {
            assert_eq!(mirrored(right), left);
        }
    }

    #[test]
    fn the_standard_face_is_upright_and_one_icd_between_the_eyes() {
        let face = standard_landmarks();
        assert_eq!(face[133], [-0.5, 0.0, 0.0]);
        assert_eq!(face[362], [0.5, 0.0, 0.0]);
        assert!(face[152][1] > 3.0 && face[10][1] < -1.4, "{:?} {:?}", face[152], face[10]);
        assert!(face[291][0] > 0.0 && face[61][0] == -face[291][0]);
    }
}
