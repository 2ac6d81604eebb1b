//! Where the patches lie: points between MediaPipe landmarks, for the subject's right side and mirrored to the left.

use crate::types::{Landmarks, REGION_COUNT, Region, RegionId, Side};

/// A point between two landmarks, `share` of the way from `a` to `b`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    a: u16,
    b: u16,
    share: f32,
}

const fn at(landmark: u16) -> Spot {
    Spot { a: landmark, b: landmark, share: 0.0 }
}

const fn between(a: u16, b: u16, share: f32) -> Spot {
    Spot { a, b, share }
}

impl Spot {
    /// Its place given the landmarks, in their space; `None` where they are not finite.
    pub fn locate(&self, landmarks: &Landmarks) -> Option<[f32; 2]> {
        let (a, b) = (landmarks.get(usize::from(self.a))?, landmarks.get(usize::from(self.b))?);
        let point = [a[0] + self.share * (b[0] - a[0]), a[1] + self.share * (b[1] - a[1])];
        point.iter().all(|v| v.is_finite()).then_some(point)
    }

    /// Its depth given the landmarks, in their unit, larger is further away; 0 where it is not finite.
    pub fn depth(&self, landmarks: &Landmarks) -> f32 {
        let [a, b] = [self.a, self.b].map(|i| landmarks.get(usize::from(i)).map_or(0.0, |p| p[2]));
        let depth = a + self.share * (b - a);
        if depth.is_finite() { depth } else { 0.0 }
    }

    fn mirrored(&self) -> Self {
        Self { a: mirrored(self.a), b: mirrored(self.b), share: self.share }
    }
}

/// The patches of each region on the subject's right. [`Region::Brow`] lists only what the inner and the outer brow lack.
const RIGHT: [(Region, &[Spot]); 11] = [
    (
        Region::InnerBrow,
        &[
            between(107, 55, 0.3),
            between(107, 55, 0.9),
            between(66, 65, 0.2),
            between(66, 65, 0.9),
            between(107, 66, 0.5),
        ],
    ),
    (
        Region::OuterBrow,
        &[
            between(70, 46, 0.5),
            between(63, 53, 0.1),
            between(63, 53, 0.9),
            between(63, 105, 0.5),
            between(53, 52, 0.5),
        ],
    ),
    (Region::Brow, &[between(105, 52, 0.2), between(105, 52, 0.9)]),
    (
        Region::Glabella,
        &[between(9, 107, 0.5), between(9, 55, 0.5), between(8, 55, 0.5), between(9, 107, 0.85)],
    ),
    (Region::Lid, &[at(159), at(158), at(160), at(157), at(145), at(144), at(153)]),
    (Region::Cheek, &[at(118), at(119), at(101), at(50), at(36), at(205), at(117)]),
    (Region::NoseWing, &[at(129), at(64), at(98), at(49), at(115), at(203), at(131)]),
    (Region::UpperLip, &[at(37), at(39), at(40), at(92), at(165), at(167)]),
    (Region::MouthCorner, &[at(61), at(57), at(185), at(146), at(186), at(43)]),
    (Region::LowerLip, &[at(84), at(181), at(91), at(182), at(83)]),
    (Region::Chin, &[at(171), at(208), at(32), at(140), at(201), between(175, 171, 0.6)]),
];

/// Patches where expressions move little, with their weight in the head fit. The bridge of the nose and the corners of the
/// eyes rest on bone; the rest give the fit its width. By what each strays from the fit on talking clips the inner corners
/// of the eyes should count three times as much as the rest; but then scale and turn hang on them alone, and the other
/// regions get 10 % noisier.
const RIGID: [(Spot, f32); 23] = [
    (at(168), 1.0),
    (at(6), 1.0),
    (at(197), 1.0),
    (at(195), 1.0),
    (at(4), 0.7),
    (at(133), 1.0),
    (at(362), 1.0),
    (at(243), 1.0),
    (at(463), 1.0),
    (at(193), 1.0),
    (at(417), 1.0),
    (at(188), 1.0),
    (at(412), 1.0),
    (at(174), 1.0),
    (at(399), 1.0),
    (at(33), 1.0),
    (at(263), 1.0),
    (at(143), 0.8),
    (at(372), 0.8),
    (at(139), 0.7),
    (at(368), 0.7),
    (at(151), 0.35),
    (at(10), 0.35),
];

/// Landmark pairs that mirror each other; others lie on the midline. From the mesh itself: each is the nearest to the other's
/// reflection on frontal faces.
#[rustfmt::skip]
const PAIRS: [(u16, u16); 53] = [
    (107, 336), (55, 285), (66, 296), (65, 295), (70, 300), (46, 276), (63, 293), (53, 283), (105, 334), (52, 282),
    (159, 386), (158, 385), (160, 387), (157, 384), (145, 374), (144, 373), (153, 380),
    (118, 347), (119, 348), (101, 330), (50, 280), (36, 266), (205, 425), (117, 346),
    (129, 358), (64, 294), (98, 327), (49, 279), (115, 344), (203, 423), (131, 360),
    (37, 267), (39, 269), (40, 270), (92, 322), (165, 391), (167, 393),
    (61, 291), (57, 287), (185, 409), (146, 375), (186, 410), (43, 273),
    (84, 314), (181, 405), (91, 321), (182, 406), (83, 313),
    (171, 396), (208, 428), (32, 262), (140, 369), (201, 421),
];

fn mirrored(landmark: u16) -> u16 {
    PAIRS.iter().find(|p| p.0 == landmark).map_or(landmark, |p| p.1)
}

/// What a patch is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Role {
    /// Follows the head, with this weight.
    Rigid(f32),
    /// Belongs to a region signal, by [`RegionId::index`].
    Region(usize),
}

impl Role {
    /// Whether it belongs to a lid, which blinks hide.
    pub fn is_lid(self) -> bool {
        let Self::Region(index) = self else { return false };
        RegionId::from_index(index).is_some_and(|id| id.region == Region::Lid)
    }
}

/// All patches, and which of them each region signal draws on.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The patches, rigid ones first.
    pub patches: Vec<(Spot, Role)>,
    /// Indices into `patches`, by [`RegionId::index`].
    pub members: [Vec<usize>; REGION_COUNT],
}

impl Layout {
    /// The layout in use.
    pub fn new() -> Self {
        let mut patches: Vec<_> = RIGID.iter().map(|&(spot, weight)| (spot, Role::Rigid(weight))).collect();
        let mut members: [Vec<usize>; REGION_COUNT] = Default::default();
        for (region, spots) in RIGHT {
            for side in [Side::Left, Side::Right] {
                let index = RegionId { region, side }.index();
                let brow = RegionId { region: Region::Brow, side }.index();
                for spot in spots {
                    let spot = if side == Side::Left { spot.mirrored() } else { *spot };
                    members[index].push(patches.len());
                    if matches!(region, Region::InnerBrow | Region::OuterBrow) {
                        members[brow].push(patches.len());
                    }
                    patches.push((spot, Role::Region(index)));
                }
            }
        }
        Self { patches, members }
    }
}

/// Where each patch of [`crate::types::Signal::patches`] lies on a face with these landmarks, in their space and order; `None` where
/// they are not finite.
pub fn layout_points(landmarks: &Landmarks) -> Vec<Option<[f32; 2]>> {
    Layout::new().patches.iter().map(|(spot, _)| spot.locate(landmarks)).collect()
}

/// The region of each patch, in the same order; `None` for those that follow the head.
pub fn layout_regions() -> Vec<Option<RegionId>> {
    let region = |(_, role): &(Spot, Role)| match role {
        Role::Rigid(_) => None,
        Role::Region(index) => RegionId::from_index(*index),
    };
    Layout::new().patches.iter().map(region).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_has_room_for_every_patch() {
        assert!(Layout::new().patches.len() <= crate::types::MAX_PATCHES);
    }

    #[test]
    fn every_region_has_patches_and_left_mirrors_right() {
        let layout = Layout::new();
        for id in RegionId::all() {
            let own = &layout.members[id.index()];
            assert!(own.len() >= 4, "{} has {} patches", id.name(), own.len());
            if id.side == Side::Right {
                continue;
            }
            let right = &layout.members[RegionId { side: Side::Right, ..id }.index()];
            assert_eq!(own.len(), right.len());
            for (l, r) in own.iter().zip(right) {
                let (left, right) = (layout.patches[*l].0, layout.patches[*r].0);
                assert_eq!(left, right.mirrored());
                // A midline landmark may anchor both sides, but no patch lies on both.
                assert_ne!((left.a, left.b), (right.a, right.b), "{}", id.name());
            }
        }
    }
}
