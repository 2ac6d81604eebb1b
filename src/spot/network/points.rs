//! The points whose motion the network sees: the patches of regions, without those that follow the head.

use std::sync::OnceLock;

use crate::motion::layout_regions;
use crate::types::{PatchMotion, Region, RegionId, Side, Signal, Timestamp};

/// The motion of all points in one frame.
#[derive(Clone, Debug, Default)]
pub struct PointMotion {
    /// When the frame was captured.
    pub at: Timestamp,
    /// Whose face it is.
    pub face_id: u32,
    /// In the order of [`points`]; empty without a face.
    pub points: Vec<PatchMotion>,
    /// Speed of the head in the image, in ICD a second.
    pub head_speed_icd_s: f32,
}

impl PointMotion {
    /// Takes the place of what was there: the frame at `now`, of which `signal` is `None` where no face was followed.
    pub fn fill(&mut self, now: Timestamp, signal: Option<&Signal>) {
        self.at = now;
        self.face_id = signal.map_or(0, |signal| signal.face_id);
        self.head_speed_icd_s = signal.map_or(0.0, |signal| signal.head_speed_icd_s);
        self.points.clear();
        if let Some(signal) = signal {
            self.points.extend(of_regions(signal.patches.iter().copied()));
            // A signal without its patches is one that saw none of them.
            self.points.resize(points().len(), PatchMotion::default());
        }
    }
}

/// Share of the skin's movement that a region's patches measure, `[0, 1]`.
///
/// From 36 events that `onset synth` put into two tuning clips (`lp_src_s20`, `lp_src_s29`): the displacement from onset to apex that
/// the event caused, against what was asked for, least squares over each region's patches. On a cheek, where there is little
/// texture, it is less than half.
pub fn gain(region: Region) -> f32 {
    match region {
        Region::InnerBrow | Region::OuterBrow | Region::Brow | Region::Glabella => 1.0,
        Region::Lid => 0.55,
        Region::Cheek => 0.4,
        Region::NoseWing => 0.5,
        Region::UpperLip => 0.65,
        Region::MouthCorner => 0.9,
        Region::LowerLip => 0.6,
        Region::Chin => 0.75,
    }
}

/// The region of each point, in the order of [`layout_regions`].
pub fn points() -> &'static [RegionId] {
    static POINTS: OnceLock<Vec<RegionId>> = OnceLock::new();
    POINTS.get_or_init(|| layout_regions().into_iter().flatten().collect())
}

/// Of something for each patch of the layout, what belongs to patches of regions: in the order of [`points`].
pub fn of_regions<T>(all: impl IntoIterator<Item = T>) -> impl Iterator<Item = T> {
    static IS_OWN: OnceLock<Vec<bool>> = OnceLock::new();
    let is_own = IS_OWN.get_or_init(|| layout_regions().iter().map(Option::is_some).collect());
    all.into_iter().zip(is_own).filter_map(|(one, is_own)| is_own.then_some(one))
}

/// For each point its mirror image on the other side.
pub fn mirror_map() -> Vec<usize> {
    let members = |id: RegionId| {
        points().iter().enumerate().filter(move |(_, own)| **own == id).map(|(index, _)| index)
    };
    let mut map = vec![0; points().len()];
    for region in Region::ALL {
        let left = members(RegionId { region, side: Side::Left });
        let right = members(RegionId { region, side: Side::Right });
        for (left, right) in left.zip(right) {
            (map[left], map[right]) = (right, left);
        }
    }
    map
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_holds_the_regions_patches_or_nothing() {
        let patch = |x: f32| PatchMotion { displacement_icd: [x, 0.0], is_valid: true };
        let mut signal = crate::spot::test_signals::still(1.0);
        signal.patches = (0..layout_regions().len()).map(|index| patch(index as f32)).collect();
        let mut frame = PointMotion::default();
        frame.fill(Timestamp::from_secs_f64(1.0), Some(&signal));
        assert_eq!(frame.points.len(), points().len());
        let own = layout_regions().iter().position(Option::is_some).expect("there are regions");
        assert_eq!(frame.points[0], patch(own as f32));
        signal.patches.clear();
        frame.fill(Timestamp::from_secs_f64(1.1), Some(&signal));
        assert!(frame.points.len() == points().len() && frame.points.iter().all(|point| !point.is_valid));
        frame.fill(Timestamp::from_secs_f64(1.2), None);
        assert!(frame.points.is_empty());
    }

    #[test]
    fn mirror_images_are_of_the_other_side_and_mirror_back() {
        let map = mirror_map();
        for (index, other) in map.iter().enumerate() {
            let (own, mirror) = (points()[index], points()[*other]);
            assert!(own.region == mirror.region && own.side != mirror.side && map[*other] == index);
        }
    }
}
