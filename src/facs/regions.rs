//! What each region signal sees of an action unit, on a standard face.

use super::AuField;
use super::mesh::{mirrored, standard_landmarks};
use crate::types::{REGION_COUNT, Region, RegionId, Side};

/// Where each region lies on the subject's right: landmarks whose mean motion stands for it. As the patches of `motion`.
const POINTS: [(Region, &[u16]); 11] = [
    (Region::InnerBrow, &[107, 55, 66, 65]),
    (Region::OuterBrow, &[70, 46, 63, 53, 105, 52]),
    (Region::Brow, &[107, 55, 66, 65, 105, 52, 63, 53, 70, 46]),
    (Region::Glabella, &[9, 8, 107, 55]),
    (Region::Lid, &[159, 158, 160, 157, 145, 144, 153]),
    (Region::Cheek, &[118, 119, 101, 50, 36, 205, 117]),
    (Region::NoseWing, &[129, 64, 98, 49, 115, 203, 131]),
    (Region::UpperLip, &[37, 39, 40, 92, 165, 167]),
    (Region::MouthCorner, &[61, 57, 185, 146, 186, 43]),
    (Region::LowerLip, &[84, 181, 91, 182, 83]),
    (Region::Chin, &[208, 32, 140, 201]),
];

/// Mean displacement of each region, by [`RegionId::index`], when this unit acts on this side of a standard face with amplitude 1
/// (see [`AuField::displacement`]). Zero for units that are not known.
pub fn region_motion(au: u8, side: Side) -> [[f32; 2]; REGION_COUNT] {
    let mut motion = [[0.0; 2]; REGION_COUNT];
    let landmarks = standard_landmarks();
    let Some(field) = AuField::new(&landmarks) else { return motion };
    for (region, points) in POINTS {
        for seen in [Side::Left, Side::Right] {
            let mut sum = [0.0f32; 2];
            for &point in points {
                let index = if seen == Side::Left { mirrored(point) } else { point };
                let Some(&[x, y, _]) = landmarks.get(usize::from(index)) else { continue };
                let [dx, dy] = field.displacement(au, side, [x, y]);
                sum = [sum[0] + dx, sum[1] + dy];
            }
            if let Some(slot) = motion.get_mut(RegionId { region, side: seen }.index()) {
                *slot = sum.map(|v| v / points.len() as f32);
            }
        }
    }
    motion
}
