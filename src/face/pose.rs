//! Head pose from the landmarks: the rotation that turns a standard face into the measured one.

use crate::types::{HeadPose, Landmarks};

/// Landmarks that expressions hardly move, with their place on MediaPipe's canonical face (cm; x to the subject's left,
/// y up, z to the camera; `geometry_pipeline_metadata_landmarks`, Google, Apache-2.0): bridge and tip of the nose,
/// forehead, eye corners, temples, and the edge of the face in front of the ears. Jaw, lips, cheeks and brows are left
/// out: speech and smiles would turn the head.
const CANONICAL_CM: [(usize, [f64; 3]); 26] = [
    (4, [0.000, -0.463, 7.587]),
    (5, [0.000, 0.366, 7.243]),
    (195, [0.000, 1.059, 6.775]),
    (197, [0.000, 1.728, 6.317]),
    (6, [0.000, 2.473, 5.789]),
    (168, [0.000, 3.271, 5.236]),
    (8, [0.000, 4.019, 5.285]),
    (10, [0.000, 8.262, 4.482]),
    (33, [-4.446, 2.664, 3.173]),
    (263, [4.446, 2.664, 3.173]),
    (133, [-1.856, 2.585, 3.758]),
    (362, [1.856, 2.585, 3.758]),
    (143, [-6.408, 2.236, 1.561]),
    (372, [6.408, 2.236, 1.561]),
    (127, [-7.743, 2.365, -2.005]),
    (356, [7.743, 2.365, -2.005]),
    (54, [-6.279, 6.615, 1.426]),
    (284, [6.279, 6.615, 1.426]),
    (67, [-3.524, 8.006, 3.729]),
    (297, [3.524, 8.006, 3.729]),
    (121, [-1.821, 1.468, 4.224]),
    (350, [1.821, 1.468, 4.224]),
    (132, [-7.271, -2.891, -2.252]),
    (361, [7.271, -2.891, -2.252]),
    (93, [-7.542, -1.049, -2.431]),
    (323, [7.542, -1.049, -2.431]),
];

type Matrix = [[f64; 3]; 3];

/// Rotation of the head against the line of sight to it; zero for points without a shape.
///
/// Least-squares rotation between the canonical face and the landmarks with their depth (Kabsch), taken apart as
/// yaw, then pitch, then roll. Against MediaPipe's own transformation matrix it lacks only the perspective: a face
/// near the picture's edge is seen from the side, and this says so.
pub fn head_pose(landmarks: &Landmarks) -> HeadPose {
    let Some(r) = covariance(landmarks).and_then(nearest_rotation) else { return HeadPose::default() };
    // r turns canonical into measured directions; column 2 is where the face looks, row 1 is up.
    let (sin_pitch, cos_pitch) = (r[1][2], r[0][2].hypot(r[2][2]));
    HeadPose {
        pitch_deg: sin_pitch.atan2(cos_pitch).to_degrees() as f32,
        yaw_deg: r[0][2].atan2(r[2][2]).to_degrees() as f32,
        roll_deg: -r[1][0].atan2(r[1][1]).to_degrees() as f32,
    }
}

/// Sum over the points of measured times canonical position, both without their mean.
fn covariance(landmarks: &Landmarks) -> Option<Matrix> {
    let count = CANONICAL_CM.len() as f64;
    // Image y goes down and z away from the camera; the canonical axes go up and towards it.
    let measured = |index: usize| landmarks[index].map(f64::from);
    let upright = |index: usize| {
        let [x, y, z] = measured(index);
        [x, -y, -z]
    };
    let (mut mean_measured, mut mean_canonical) = ([0.0; 3], [0.0; 3]);
    for (index, canonical) in CANONICAL_CM {
        let point = upright(index);
        for axis in 0..3 {
            mean_measured[axis] += point[axis] / count;
            mean_canonical[axis] += canonical[axis] / count;
        }
    }
    let mut sum = [[0.0; 3]; 3];
    for (index, canonical) in CANONICAL_CM {
        let point = upright(index);
        for row in 0..3 {
            for column in 0..3 {
                sum[row][column] +=
                    (point[row] - mean_measured[row]) * (canonical[column] - mean_canonical[column]);
            }
        }
    }
    sum.iter().flatten().all(|value| value.is_finite()).then_some(sum)
}

/// The rotation nearest to a matrix: Newton's iteration for the polar decomposition (Higham 1986), which doubles the
/// correct digits each step. `None` for a matrix that mirrors or flattens.
fn nearest_rotation(mut m: Matrix) -> Option<Matrix> {
    let det = determinant(&m);
    if det <= 0.0 || !det.is_normal() {
        return None;
    }
    let scale = det.cbrt();
    m.iter_mut().flatten().for_each(|value| *value /= scale);
    for _ in 0..50 {
        let cofactors = cofactors(&m);
        let det = determinant(&m);
        let mut change = 0.0f64;
        for row in 0..3 {
            for column in 0..3 {
                let next = 0.5 * (m[row][column] + cofactors[row][column] / det);
                change = change.max((next - m[row][column]).abs());
                m[row][column] = next;
            }
        }
        if !change.is_finite() {
            return None;
        }
        if change < 1e-12 {
            return Some(m);
        }
    }
    None
}

fn determinant(m: &Matrix) -> f64 {
    let c = cofactors(m);
    (0..3).map(|column| m[0][column] * c[0][column]).sum()
}

/// The cofactor matrix: determinant times the inverse, transposed.
fn cofactors(m: &Matrix) -> Matrix {
    let mut out = [[0.0; 3]; 3];
    for (row, line) in out.iter_mut().enumerate() {
        let (r1, r2) = ((row + 1) % 3, (row + 2) % 3);
        for (column, value) in line.iter_mut().enumerate() {
            let (c1, c2) = ((column + 1) % 3, (column + 2) % 3);
            *value = m[r1][c1] * m[r2][c2] - m[r1][c2] * m[r2][c1];
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::LANDMARK_COUNT;

    /// The canonical face, turned by rotations about its own axes (degrees, right-handed, in the order z, x, y).
    fn face(about_x: f64, about_y: f64, about_z: f64) -> Landmarks {
        let mut out = [[0.0; 3]; LANDMARK_COUNT];
        let turn = |[a, b]: [f64; 2], degrees: f64| {
            let (sin, cos) = degrees.to_radians().sin_cos();
            [cos * a - sin * b, sin * a + cos * b]
        };
        for (index, [x, y, z]) in CANONICAL_CM {
            let [x, y] = turn([x, y], about_z);
            let [y, z] = turn([y, z], about_x);
            let [z, x] = turn([z, x], about_y);
            out[index] = [300.0 + 20.0 * x as f32, 200.0 - 20.0 * y as f32, -20.0 * z as f32];
        }
        out
    }

    fn near(pose: HeadPose, [pitch, yaw, roll]: [f32; 3]) -> bool {
        [pose.pitch_deg - pitch, pose.yaw_deg - yaw, pose.roll_deg - roll].iter().all(|d| d.abs() < 0.05)
    }

    #[test]
    fn known_turns_are_read_back() {
        assert!(near(head_pose(&face(0.0, 0.0, 0.0)), [0.0; 3]));
        // About y, right-handed: the nose goes to +x, image right, the subject's left.
        assert!(near(head_pose(&face(0.0, 25.0, 0.0)), [0.0, 25.0, 0.0]));
        // About x, right-handed with y up: the nose (z) goes down.
        assert!(near(head_pose(&face(20.0, 0.0, 0.0)), [-20.0, 0.0, 0.0]));
        // About z, right-handed with y up: anticlockwise on screen.
        assert!(near(head_pose(&face(0.0, 0.0, 15.0)), [0.0, 0.0, -15.0]));
        assert!(near(head_pose(&face(-10.0, -40.0, -30.0)), [10.0, -40.0, 30.0]));
    }

    #[test]
    fn a_mirrored_face_turns_the_other_way() {
        // Mirroring swaps the sides of the image and the two halves of the mesh.
        let mirror = |points: &Landmarks| {
            let mut out = *points;
            for (index, [x, ..]) in CANONICAL_CM {
                let twin = CANONICAL_CM
                    .iter()
                    .find(|(_, [tx, ty, _])| {
                        *tx == -x && {
                            let own = CANONICAL_CM.iter().find(|(i, _)| *i == index).unwrap().1[1];
                            *ty == own
                        }
                    })
                    .unwrap()
                    .0;
                let [x, y, z] = points[twin];
                out[index] = [640.0 - x, y, z];
            }
            out
        };
        let (pose, mirrored) =
            (head_pose(&face(8.0, 25.0, -12.0)), head_pose(&mirror(&face(8.0, 25.0, -12.0))));
        assert!(near(mirrored, [pose.pitch_deg, -pose.yaw_deg, -pose.roll_deg]), "{pose:?} {mirrored:?}");
    }

    #[test]
    fn shapeless_points_give_zero() {
        assert_eq!(head_pose(&[[5.0; 3]; LANDMARK_COUNT]), HeadPose::default());
        assert_eq!(head_pose(&[[f32::NAN; 3]; LANDMARK_COUNT]), HeadPose::default());
    }
}
