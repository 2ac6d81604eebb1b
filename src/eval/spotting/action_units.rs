//! Which regions an action unit moves mainly: where one must look to see it.

use super::data::{Sides, TruthEvent};
use super::observed::RegionMask;
use crate::types::{Region, RegionId, Side};

/// The regions that an action unit moves mainly; empty for units that are not in the table.
///
/// From the muscles' places in FACS (Ekman, Friesen and Hager, "Facial Action Coding System", 2002) and the regions that
/// the program measures. Whether an event *could* have been seen is judged by these alone, so that a mouth that is hidden
/// does not make a brow event unobservable.
pub fn main_regions(action_unit: u8) -> &'static [Region] {
    match action_unit {
        1 => &[Region::InnerBrow],
        2 => &[Region::OuterBrow],
        4 => &[Region::InnerBrow, Region::Brow, Region::Glabella],
        5 | 7 => &[Region::Lid],
        6 => &[Region::Cheek],
        9 => &[Region::NoseWing],
        10 => &[Region::UpperLip],
        12 | 14 | 15 | 20 => &[Region::MouthCorner],
        17 => &[Region::Chin, Region::LowerLip],
        23 => &[Region::LowerLip, Region::UpperLip],
        _ => &[],
    }
}

/// The regions and sides where an event shows mainly, by the table; empty where none of its action units is in it.
pub(super) fn places(event: &TruthEvent) -> Vec<RegionId> {
    let sides: &[Side] = match event.sides {
        Sides::One(Side::Left) => &[Side::Left],
        Sides::One(Side::Right) => &[Side::Right],
        Sides::Both | Sides::Unknown => &[Side::Left, Side::Right],
    };
    let regions = event.action_units.iter().flat_map(|unit| main_regions(*unit));
    let mut places: Vec<RegionId> = regions
        .flat_map(|region| sides.iter().map(|side| RegionId { region: *region, side: *side }))
        .collect();
    places.sort_by_key(|id| id.index());
    places.dedup();
    places
}

/// Whether `event` could be seen while the regions of `seen` are observable: one of its main regions is, on both sides where
/// the event is two-sided, on either side where the truth does not say. Without an action unit of the table: any region of
/// brows or mouth.
pub(super) fn is_seen(event: &TruthEvent, seen: RegionMask) -> bool {
    let mut regions = event.action_units.iter().flat_map(|unit| main_regions(*unit)).peekable();
    if regions.peek().is_none() {
        return seen.has_brow() || seen.has_mouth();
    }
    regions.any(|region| {
        let on = |side| seen.has(RegionId { region: *region, side });
        match event.sides {
            Sides::Both => on(Side::Left) && on(Side::Right),
            Sides::One(side) => on(side),
            Sides::Unknown => on(Side::Left) || on(Side::Right),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(action_units: &[u8], sides: Sides) -> TruthEvent {
        TruthEvent { action_units: action_units.to_vec(), sides, ..TruthEvent::default() }
    }

    fn mask(names: &[&str]) -> RegionMask {
        let mut mask = RegionMask::default();
        RegionId::all().filter(|id| names.contains(&id.name().as_str())).for_each(|id| mask.insert(id));
        mask
    }

    #[test]
    fn two_sided_events_need_both_sides_of_one_main_region() {
        let both = event(&[1, 2], Sides::Both);
        assert!(!is_seen(&both, mask(&["inner_brow_left", "outer_brow_right"])));
        assert!(is_seen(&both, mask(&["outer_brow_left", "outer_brow_right"])));
        assert!(!is_seen(&both, mask(&["mouth_corner_left", "mouth_corner_right"])));
    }

    #[test]
    fn one_sided_events_need_their_side_and_unknown_sides_either() {
        let left = event(&[14], Sides::One(Side::Left));
        assert!(is_seen(&left, mask(&["mouth_corner_left"])));
        assert!(!is_seen(&left, mask(&["mouth_corner_right"])));
        assert!(is_seen(&event(&[14], Sides::Unknown), mask(&["mouth_corner_right"])));
    }

    #[test]
    fn units_without_a_region_fall_back_to_brows_or_mouth() {
        let unknown = event(&[], Sides::Both);
        assert!(is_seen(&unknown, mask(&["chin_left"])));
        assert!(is_seen(&event(&[99], Sides::Both), mask(&["glabella_right"])));
        assert!(!is_seen(&unknown, mask(&["lid_left", "cheek_left"])));
        // One known unit is enough to judge by.
        assert!(!is_seen(&event(&[99, 6], Sides::Both), mask(&["chin_left"])));
    }

    #[test]
    fn places_are_regions_on_their_sides_once() {
        let names = |event: &TruthEvent| places(event).iter().map(|id| id.name()).collect::<Vec<_>>();
        assert_eq!(
            names(&event(&[1, 4], Sides::One(Side::Right))),
            ["inner_brow_right", "brow_right", "glabella_right"]
        );
        assert_eq!(names(&event(&[12, 15], Sides::Both)), ["mouth_corner_left", "mouth_corner_right"]);
        assert!(places(&event(&[], Sides::Both)).is_empty());
    }
}
