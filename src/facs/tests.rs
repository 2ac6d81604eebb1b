//! What every displacement field must hold to, and which way each unit moves which region.

use rand::SeedableRng;
use rand_pcg::Pcg64;

use super::*;
use crate::types::{LANDMARK_COUNT, Landmarks, Region, RegionId, Side};

const SIDES: [Side; 2] = [Side::Left, Side::Right];
const STEP: f32 = 0.02;

/// The embedded portrait: a real face, slightly turned and tilted, in image pixels.
fn portrait() -> Box<Landmarks> {
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/portrait.json")).unwrap();
    let golden: serde_json::Value = serde_json::from_str(&text).unwrap();
    let points: Vec<[f32; 2]> = serde_json::from_value(golden["frames"][0]["landmarks"].clone()).unwrap();
    let mut landmarks = Box::new([[0.0; 3]; LANDMARK_COUNT]);
    for (slot, [x, y]) in landmarks.iter_mut().zip(points) {
        *slot = [x, y, 0.0];
    }
    landmarks
}

/// Faces that every field must work on: standard, real, and other builds of both.
fn faces() -> Vec<(&'static str, AuField)> {
    let mut rng = Pcg64::seed_from_u64(5);
    let (standard, real) = (AuField::standard().unwrap(), AuField::new(&portrait()).unwrap());
    let others = [standard.jittered(&mut rng, 1.0), real.jittered(&mut rng, 1.0)];
    [("standard", standard), ("portrait", real)]
        .into_iter()
        .chain(others.map(|face| ("jittered", face)))
        .collect()
}

fn all_units() -> impl Iterator<Item = u8> {
    ACTION_UNITS.into_iter().chain(SPEECH_UNITS)
}

fn length([x, y]: [f32; 2]) -> f32 {
    x.hypot(y)
}

/// Every point of a fine grid over the face and beyond.
fn grid() -> impl Iterator<Item = [f32; 2]> {
    (-100..=180).flat_map(|row| (-140..=140).map(move |column| [STEP * column as f32, STEP * row as f32]))
}

/// The greatest stretch of a field of peak 1: largest norm of its Jacobian over the grid.
fn steepest(displacement: impl Fn([f32; 2]) -> [f32; 2]) -> f32 {
    let h = 0.005;
    let slope = |[x, y]: [f32; 2]| {
        let (right, left) = (displacement([x + h, y]), displacement([x - h, y]));
        let (below, above) = (displacement([x, y + h]), displacement([x, y - h]));
        let column = |a: [f32; 2], b: [f32; 2]| [0, 1].map(|i| (a[i] - b[i]) / (2.0 * h));
        let ([a, c], [b, d]) = (column(right, left), column(below, above));
        // The spectral norm of [[a, b], [c, d]].
        let (e, f, g, k) = ((a + d) / 2.0, (a - d) / 2.0, (c + b) / 2.0, (c - b) / 2.0);
        e.hypot(k) + f.hypot(g)
    };
    grid().filter(|&p| displacement(p) != [0.0; 2]).map(slope).fold(0.0, f32::max)
}

#[test]
fn every_unit_peaks_at_one() {
    for (name, face) in faces() {
        for (au, side) in all_units().flat_map(|au| SIDES.map(|side| (au, side))) {
            let peak = grid().map(|p| length(face.displacement(au, side, p))).fold(0.0, f32::max);
            assert!((0.985..=1.01).contains(&peak), "{name}: AU {au} {side:?} peaks at {peak}");
        }
    }
}

#[test]
fn no_field_folds_at_eight_percent() {
    for (name, face) in faces() {
        for (au, side) in all_units().flat_map(|au| SIDES.map(|side| (au, side))) {
            let slope = 0.08 * steepest(|p| face.displacement(au, side, p));
            println!("{name}: AU {au} {side:?} {slope:.2} at 8 %");
            assert!(slope < 0.9, "{name}: AU {au} {side:?} stretches by {slope}");
        }
        for prototype in PROTOTYPES {
            let parts: Vec<_> =
                prototype.action_units.iter().flat_map(|&au| SIDES.map(|side| (au, side, 1.0))).collect();
            let pattern = face.pattern(&parts);
            let peak = grid().map(|p| length(pattern.displacement(p))).fold(0.0, f32::max);
            assert!((0.985..=1.01).contains(&peak), "{name}: {prototype:?} peaks at {peak}");
            let slope = 0.08 * steepest(|p| pattern.displacement(p));
            println!("{name}: {:?} {slope:.2} at 8 %", prototype.action_units);
            assert!(slope < 0.9, "{name}: {prototype:?} stretches by {slope}");
        }
    }
}

#[test]
fn the_two_sides_of_the_standard_face_mirror_each_other() {
    let face = AuField::standard().unwrap();
    for au in all_units() {
        for [x, y] in grid().filter(|[x, _]| *x > 0.0) {
            let ([lx, ly], [rx, ry]) =
                (face.displacement(au, Side::Left, [x, y]), face.displacement(au, Side::Right, [-x, y]));
            assert!(
                (lx + rx).abs() < 1e-3 && (ly - ry).abs() < 1e-3,
                "AU {au} at {x} {y}: {lx} {ly}, {rx} {ry}"
            );
        }
    }
}

#[test]
fn nothing_moves_outside_the_face_nor_beyond_the_bounds() {
    for (name, face) in faces() {
        for au in all_units() {
            let pattern = face.pattern(&[(au, Side::Left, 1.0), (au, Side::Right, 1.0)]);
            let [left, top, right, bottom] = pattern.bounds_icd().unwrap();
            for [x, y] in grid() {
                let moved = pattern.displacement([x, y]);
                let is_inside = (left..=right).contains(&x) && (top..=bottom).contains(&y);
                assert!(is_inside || moved == [0.0; 2], "{name}: AU {au} moves {x} {y}");
                let is_off_face = x.abs() > 2.4 || !(-2.0..=3.6).contains(&y);
                assert!(!is_off_face || moved == [0.0; 2], "{name}: AU {au} moves {x} {y}, off the face");
            }
        }
    }
}

#[test]
fn eyeballs_stay() {
    let landmarks = portrait();
    let face = AuField::new(&landmarks).unwrap();
    for (iris, side) in [(468, Side::Right), (473, Side::Left)] {
        let [x, y, _] = landmarks[iris];
        let pupil = face.face_from_image().apply([x, y]);
        for au in ACTION_UNITS {
            let moved = length(face.displacement(au, side, pupil));
            // Lids are next to the pupil: their own bumps reach it a little.
            let limit = if [5, 6, 7].contains(&au) { 0.45 } else { 0.02 };
            assert!(moved < limit, "AU {au} moves the pupil by {moved}");
        }
    }
}

#[test]
fn each_unit_moves_its_regions_its_way() {
    use Region::{
        Brow, Cheek, Chin, Glabella, InnerBrow, Lid, LowerLip, MouthCorner, NoseWing, OuterBrow, UpperLip,
    };
    // Outwards and down, as signs; 0 where that axis says nothing.
    let expected: [(u8, Region, [i8; 2]); 25] = [
        (1, InnerBrow, [0, -1]),
        (2, OuterBrow, [0, -1]),
        (2, Brow, [0, -1]),
        (4, InnerBrow, [-1, 1]),
        (4, Brow, [-1, 1]),
        (4, Glabella, [0, 1]),
        (5, Lid, [0, -1]),
        (6, Cheek, [0, -1]),
        (7, Lid, [0, -1]),
        (9, NoseWing, [0, -1]),
        (9, InnerBrow, [0, 1]),
        (10, UpperLip, [0, -1]),
        (10, NoseWing, [0, -1]),
        (12, MouthCorner, [1, -1]),
        (12, Cheek, [1, -1]),
        (14, MouthCorner, [-1, 0]),
        (15, MouthCorner, [0, 1]),
        (17, Chin, [0, -1]),
        (17, LowerLip, [0, -1]),
        (20, MouthCorner, [1, 0]),
        (23, LowerLip, [0, -1]),
        (23, UpperLip, [0, 1]),
        (18, MouthCorner, [-1, 0]),
        (26, Chin, [0, 1]),
        (26, LowerLip, [0, 1]),
    ];
    for (au, region, signs) in expected {
        for side in SIDES {
            let outwards = if side == Side::Left { 1.0 } else { -1.0 };
            let motion = region_motion(au, side);
            let [x, y] = motion[RegionId { region, side }.index()];
            for (value, sign) in [outwards * x, y].into_iter().zip(signs).filter(|(_, sign)| *sign != 0) {
                assert!(value * f32::from(sign) > 0.05, "AU {au} {}: {x} {y}", region.name());
            }
            let other = if side == Side::Left { Side::Right } else { Side::Left };
            let across = length(motion[RegionId { region, side: other }.index()]);
            assert!(across < 0.35 * length([x, y]), "AU {au} {}: {across} on the other side", region.name());
        }
    }
}

#[test]
fn what_a_unit_does_not_move_stays() {
    let motion =
        |au, region| length(region_motion(au, Side::Left)[RegionId { region, side: Side::Left }.index()]);
    for au in [1, 2, 4, 5, 7] {
        for region in
            [Region::MouthCorner, Region::UpperLip, Region::LowerLip, Region::Chin, Region::NoseWing]
        {
            assert!(motion(au, region) < 0.02, "AU {au} moves {}", region.name());
        }
    }
    for au in [12, 14, 15, 17, 20, 23] {
        for region in [Region::InnerBrow, Region::OuterBrow, Region::Glabella, Region::Lid] {
            assert!(motion(au, region) < 0.02, "AU {au} moves {}", region.name());
        }
    }
}

#[test]
fn a_jittered_face_differs_by_the_seed_alone() {
    let face = AuField::standard().unwrap();
    let at =
        |face: &AuField| grid().step_by(97).map(|p| face.displacement(4, Side::Left, p)).collect::<Vec<_>>();
    let jittered = |seed, strength| at(&face.jittered(&mut Pcg64::seed_from_u64(seed), strength));
    assert_eq!(jittered(1, 1.0), jittered(1, 1.0));
    assert_ne!(jittered(1, 1.0), jittered(2, 1.0));
    let unchanged =
        at(&face).into_iter().zip(jittered(1, 0.0)).all(|(a, b)| length([a[0] - b[0], a[1] - b[1]]) < 0.02);
    assert!(unchanged);
}

#[test]
fn faces_without_a_shape_are_refused() {
    assert!(AuField::new(&[[5.0; 3]; LANDMARK_COUNT]).is_none());
    assert!(AuField::new(&[[f32::NAN; 3]; LANDMARK_COUNT]).is_none());
    assert_eq!(AuField::standard().unwrap().displacement(99, Side::Left, [0.3, -0.5]), [0.0; 2]);
}
