//! The points whose motion the network sees: the patches that do not follow the head, then the landmarks at the same places.
//!
//! Both measure the same skin, each with faults of its own. A patch sees hundredths of a pixel, but slides on bare skin and jumps where
//! lips part; a landmark follows any face and any lighting, but its network believes in usual faces and gives back a part of what is
//! new. On the tuning people, without any learning, shares of energy (see `beams`) find 12 % of events added to the signals by patches alone, 21 %
//! by landmarks alone and 33 % by both, at one false alarm a minute (`benches/results/2026-11-spotting.md`).

use std::sync::OnceLock;

use crate::face::face_from_image;
use crate::motion::{layout_points, layout_regions};
use crate::types::{Landmarks, Region, RegionId, Side};

/// What measures a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A patch of the picture, followed from frame to frame.
    Patch,
    /// A landmark, when landmarks come.
    Landmark,
}

/// One point that the network sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// The region that it belongs to.
    pub id: RegionId,
    /// What measures it.
    pub source: Source,
}

impl Point {
    /// Share of the skin's movement that is measured here, `[0, 1]`.
    ///
    /// From 36 events that `onset synth` put into two tuning clips (`lp_src_s20`, `lp_src_s29`): the displacement from onset to apex that
    /// the event caused, against what was asked for, least squares over each region's points. A landmark's network gives back
    /// half; a patch on a cheek, where there is little texture, less than half.
    pub fn gain(&self) -> f32 {
        let (patch, landmark) = match self.id.region {
            Region::InnerBrow | Region::OuterBrow | Region::Brow => (1.0, 0.6),
            Region::Glabella => (1.0, 0.5),
            Region::Lid => (0.55, 0.4),
            Region::Cheek => (0.4, 0.25),
            Region::NoseWing => (0.5, 0.35),
            Region::UpperLip => (0.65, 0.5),
            Region::MouthCorner => (0.9, 0.7),
            Region::LowerLip => (0.6, 0.6),
            Region::Chin => (0.75, 0.4),
        };
        match self.source {
            Source::Patch => patch,
            Source::Landmark => landmark,
        }
    }
}

/// All points: [`patch_count`] patches in the order of [`layout_regions`], without those of no region, then as many landmarks.
pub fn points() -> &'static [Point] {
    static POINTS: OnceLock<Vec<Point>> = OnceLock::new();
    POINTS.get_or_init(|| {
        let regions: Vec<RegionId> = layout_regions().into_iter().flatten().collect();
        let of = |source| regions.iter().map(move |id| Point { id: *id, source });
        of(Source::Patch).chain(of(Source::Landmark)).collect()
    })
}

/// How many of the points are patches; the same number of landmarks follows.
pub fn patch_count() -> usize {
    points().len() / 2
}

/// Of something for each patch of the layout, what belongs to patches of regions: in the order of the first half of [`points`].
pub fn of_regions<T>(all: impl IntoIterator<Item = T>) -> impl Iterator<Item = T> {
    static IS_OWN: OnceLock<Vec<bool>> = OnceLock::new();
    let is_own = IS_OWN.get_or_init(|| layout_regions().iter().map(Option::is_some).collect());
    all.into_iter().zip(is_own).filter_map(|(one, is_own)| is_own.then_some(one))
}

/// For each point its mirror image on the other side.
pub fn mirror_map() -> Vec<usize> {
    let members = |source: Source, id: RegionId| {
        let own = move |(_, point): &(usize, &Point)| point.source == source && point.id == id;
        points().iter().enumerate().filter(own).map(|(index, _)| index)
    };
    let mut map = vec![0; points().len()];
    for source in [Source::Patch, Source::Landmark] {
        for region in Region::ALL {
            let left = members(source, RegionId { region, side: Side::Left });
            let right = members(source, RegionId { region, side: Side::Right });
            for (left, right) in left.zip(right) {
                (map[left], map[right]) = (right, left);
            }
        }
    }
    map
}

/// Where the points' landmarks lie on the face, in face coordinates (ICD units, see [`face_from_image`]): head motion is taken off as far
/// as a similarity can. Empty where landmarks are not usable.
pub fn landmark_places(landmarks: &Landmarks) -> Vec<[f32; 2]> {
    let Some(face) = face_from_image(landmarks) else { return Vec::new() };
    let places = of_regions(layout_points(landmarks)).map(|place| Some(face.apply(place?)));
    places.collect::<Option<Vec<_>>>().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{Affine, LANDMARK_COUNT};

    fn landmarks(place: &Affine) -> Landmarks {
        let mut landmarks = [[0.0; 3]; LANDMARK_COUNT];
        for (index, landmark) in landmarks.iter_mut().enumerate() {
            let angle = index as f32;
            let [x, y] = place.apply([angle.cos() * (1.0 + 0.002 * angle), angle.sin()]);
            *landmark = [x, y, 0.0];
        }
        landmarks
    }

    #[test]
    fn each_patch_has_its_landmark() {
        let (patches, landmarks) = points().split_at(patch_count());
        assert!(patches.iter().zip(landmarks).all(|(a, b)| a.id == b.id && a.source != b.source));
        assert!(points().iter().all(|point| (0.2..=1.0).contains(&point.gain())));
    }

    #[test]
    fn places_do_not_depend_on_where_the_head_is() {
        let here = landmark_places(&landmarks(&Affine::similarity(40.0, 0.0, [100.0, 50.0])));
        let there = landmark_places(&landmarks(&Affine::similarity(70.0, 0.4, [30.0, 90.0])));
        assert_eq!(here.len(), patch_count());
        assert!(here.iter().zip(&there).all(|(a, b)| (a[0] - b[0]).hypot(a[1] - b[1]) < 1e-3));
        assert!(landmark_places(&[[f32::NAN; 3]; LANDMARK_COUNT]).is_empty());
    }
}
