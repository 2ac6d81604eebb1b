//! What the adaptive beams look for: how groups of points move when action units act, alone or as an emotion's prototype.

use std::sync::OnceLock;

use super::points::{gain, of_regions, points};
use crate::facs::{ACTION_UNITS, AuField, PROTOTYPES, standard_landmarks, strength_among};
use crate::motion::{layout_points, without_head};
use crate::spot::channels::Part;
use crate::types::{REGION_COUNT, Region, RegionId, Side};

/// Groups of points: each region's patches in two halves, so that a bend within a region is seen.
pub const GROUPS: usize = 2 * REGION_COUNT;
/// A group moves along two axes.
pub const AXES: usize = 2 * GROUPS;
/// Share of a template's energy above which it belongs to one half of the face and is looked for there alone. Ours.
const OWN_HALF: f64 = 0.8;

/// Which regions an axis, or a template, belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// Brows and glabella.
    Upper,
    /// Cheeks, nose, mouth and chin.
    Lower,
    /// Templates: both halves.
    Whole,
    /// Axes: lids. They tell of blinks and of turns, but no template rests on them.
    Lid,
}

/// One movement that is looked for.
#[derive(Clone, Debug)]
pub struct Template {
    /// Displacement of each axis; the group that goes farthest goes by 1.
    pub axes: [f64; AXES],
    /// Where it is looked for.
    pub half: Half,
}

/// The group of each point.
pub fn groups() -> Vec<usize> {
    let mut members = [0usize; GROUPS];
    points().iter().for_each(|id| members[2 * id.index()] += 1);
    let mut seen = [0usize; GROUPS];
    let mut group = |first: usize| {
        seen[first] += 1;
        first + usize::from(seen[first] > members[first] / 2)
    };
    points().iter().map(|id| group(2 * id.index())).collect()
}

/// The mean of each group's points along both axes, over those that are known.
pub fn group_means(moved: impl IntoIterator<Item = Option<[f32; 2]>>) -> [f64; AXES] {
    static GROUP_OF: OnceLock<Vec<usize>> = OnceLock::new();
    let (mut axes, mut counts) = ([0.0f64; AXES], [0.0f64; GROUPS]);
    for (moved, group) in moved.into_iter().zip(GROUP_OF.get_or_init(groups)) {
        let Some([x, y]) = moved else { continue };
        axes[2 * group] += f64::from(x);
        axes[2 * group + 1] += f64::from(y);
        counts[*group] += 1.0;
    }
    axes.iter_mut().enumerate().for_each(|(axis, value)| *value /= counts[axis / 2].max(1.0));
    axes
}

/// The region of a group.
pub fn region_of(group: usize) -> usize {
    group / 2
}

impl Half {
    /// Where a region lies: in the part of the face that channels count it to, but for the lids.
    pub fn of(id: RegionId) -> Self {
        match (id.region, Part::of(id)) {
            (Region::Lid, _) => Self::Lid,
            (_, Part::Upper) => Self::Upper,
            (_, Part::Lower) => Self::Lower,
        }
    }
}

/// Where an axis lies.
pub fn half_of(axis: usize) -> Half {
    RegionId::from_index(region_of(axis / 2)).map_or(Half::Lower, Half::of)
}

/// For each axis the one that mirrors it, and the sign that its value changes by.
pub fn mirrored(axis: usize) -> (usize, f64) {
    let group = axis / 2;
    let region = region_of(group);
    let other = RegionId::from_index(region).map_or(region, |id| {
        let side = if id.side == Side::Left { Side::Right } else { Side::Left };
        RegionId { side, ..id }.index()
    });
    (2 * (2 * other + group % 2) + axis % 2, if axis.is_multiple_of(2) { -1.0 } else { 1.0 })
}

/// Every action unit, then every prototype of several, each on the left, on the right, and on both sides.
pub fn templates() -> &'static [Template] {
    static TEMPLATES: OnceLock<Vec<Template>> = OnceLock::new();
    TEMPLATES.get_or_init(make)
}

fn make() -> Vec<Template> {
    let mut combinations: Vec<Vec<u8>> = ACTION_UNITS.iter().map(|au| vec![*au]).collect();
    for prototype in PROTOTYPES.iter().filter(|prototype| prototype.action_units.len() > 1) {
        combinations.push(prototype.action_units.to_vec());
    }
    let landmarks = standard_landmarks();
    let Some(field) = AuField::new(&landmarks) else { return Vec::new() };
    // Where the standard mesh lacks a landmark, a patch lies with the first of its group.
    let face_from_image = field.face_from_image();
    let points = layout_points(&landmarks);
    let places: Vec<Option<[f32; 2]>> = points.iter().map(|p| p.map(|p| face_from_image.apply(p))).collect();
    let sides = [&[Side::Left][..], &[Side::Right][..], &[Side::Left, Side::Right][..]];
    let mut made = Vec::new();
    for units in &combinations {
        for acting in sides {
            let moved: Vec<Option<[f32; 2]>> =
                places.iter().map(|place| place.map(|place| sum_of(&field, units, acting, place))).collect();
            made.push(template(&places, &moved));
        }
    }
    made
}

fn sum_of(field: &AuField, units: &[u8], sides: &[Side], place: [f32; 2]) -> [f32; 2] {
    let mut sum = [0.0; 2];
    for au in units {
        for side in sides {
            let [x, y] = field.displacement(*au, *side, place);
            let strength = strength_among(units, *au);
            sum = [sum[0] + strength * x, sum[1] + strength * y];
        }
    }
    sum
}

fn template(places: &[Option<[f32; 2]>], moved: &[Option<[f32; 2]>]) -> Template {
    let left = without_head(places, moved);
    let measured = of_regions(left).zip(points());
    let mut axes = group_means(measured.map(|(left, id)| left.map(|way| way.map(|v| gain(id.region) * v))));
    let mut energies = [0.0; 2];
    for (axis, value) in axes.iter_mut().enumerate() {
        match half_of(axis) {
            Half::Upper => energies[0] += *value * *value,
            Half::Lower => energies[1] += *value * *value,
            Half::Lid | Half::Whole => *value = 0.0,
        }
    }
    let [upper, lower] = energies;
    let half = if upper > OWN_HALF * (upper + lower) {
        Half::Upper
    } else if lower > OWN_HALF * (upper + lower) {
        Half::Lower
    } else {
        Half::Whole
    };
    if half != Half::Whole {
        axes.iter_mut().enumerate().filter(|(axis, _)| half_of(*axis) != half).for_each(|(_, v)| *v = 0.0);
    }
    let farthest = axes.chunks_exact(2).map(|way| way[0].hypot(way[1])).fold(1e-6, f64::max);
    axes.iter_mut().for_each(|v| *v /= farthest);
    Template { axes, half }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_halve_every_region() {
        let mut counts = [0; GROUPS];
        groups().iter().for_each(|group| counts[*group] += 1);
        assert!(counts.iter().all(|count| *count >= 1), "{counts:?}");
    }

    #[test]
    fn templates_lie_in_their_half_and_mirror_each_other() {
        let templates = templates();
        assert_eq!(templates.len(), 3 * (ACTION_UNITS.len() + 11));
        for three in templates.chunks_exact(3) {
            for (axis, value) in three[0].axes.iter().enumerate() {
                let (other, sign) = mirrored(axis);
                assert_eq!(mirrored(other).0, axis);
                let mirror = sign * three[1].axes[other];
                // Patches between landmarks of the midline are not quite symmetric, nor is the head's fit.
                assert!((value - mirror).abs() < 0.12, "axis {axis}: {value} and {mirror}");
            }
        }
        for (axis, template) in templates.iter().flat_map(|t| (0..AXES).map(move |axis| (axis, t))) {
            let is_elsewhere = half_of(axis) == Half::Lid
                || (template.half != Half::Whole && half_of(axis) != template.half);
            assert!(!is_elsewhere || template.axes[axis] == 0.0);
        }
        let brow = ACTION_UNITS.iter().position(|au| *au == 4).map(|index| &templates[3 * index]);
        assert_eq!(brow.map(|template| template.half), Some(Half::Upper));
    }
}
