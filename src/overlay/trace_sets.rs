//! The sets of regions that the traces can show: what the tab key goes through.

use crate::types::{Region, RegionId, Side};

/// Regions whose traces are shown together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceSet {
    /// Its name, for notices.
    pub name: &'static str,
    /// Its regions, left before right.
    pub regions: &'static [RegionId],
}

const fn both(region: Region) -> [RegionId; 2] {
    [RegionId { region, side: Side::Left }, RegionId { region, side: Side::Right }]
}

const fn six(a: Region, b: Region, c: Region) -> [RegionId; 6] {
    let ([a0, a1], [b0, b1], [c0, c1]) = (both(a), both(b), both(c));
    [a0, a1, b0, b1, c0, c1]
}

const OVERVIEW: [RegionId; 6] = six(Region::InnerBrow, Region::Lid, Region::MouthCorner);
const BROWS: [RegionId; 6] = six(Region::InnerBrow, Region::OuterBrow, Region::Glabella);
const EYES: [RegionId; 6] = six(Region::Lid, Region::Cheek, Region::NoseWing);
const MOUTH: [RegionId; 6] = six(Region::UpperLip, Region::MouthCorner, Region::LowerLip);
const JAW: [RegionId; 6] = six(Region::Brow, Region::LowerLip, Region::Chin);

/// All sets; the first is shown at the start.
pub const TRACE_SETS: &[TraceSet] = &[
    TraceSet { name: "overview", regions: &OVERVIEW },
    TraceSet { name: "brows", regions: &BROWS },
    TraceSet { name: "eyes and cheeks", regions: &EYES },
    TraceSet { name: "mouth", regions: &MOUTH },
    TraceSet { name: "whole brow, lower lip, chin", regions: &JAW },
];

#[cfg(test)]
mod tests {
    use super::super::theme::region_color;
    use super::*;

    #[test]
    fn every_region_is_in_a_set_and_colours_differ_within_each() {
        for id in RegionId::all() {
            assert!(TRACE_SETS.iter().any(|set| set.regions.contains(&id)), "{}", id.name());
        }
        for set in TRACE_SETS {
            for a in set.regions {
                for b in set.regions {
                    assert_eq!(
                        region_color(a.region) == region_color(b.region),
                        a.region == b.region,
                        "{}",
                        set.name
                    );
                }
            }
        }
    }
}
