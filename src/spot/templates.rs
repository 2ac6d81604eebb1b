//! What the regions do when one action unit acts on one side: [`facs::region_motion`], kept.

use std::sync::OnceLock;

use crate::facs;
use crate::types::{REGION_COUNT, Side};

/// The region motion of one action unit on one side at strength 1.
#[derive(Clone, Debug)]
pub struct Template {
    /// Its number in FACS.
    pub action_unit: u8,
    /// The side that it acts on.
    pub side: Side,
    /// Mean displacement of each region, where the strongest point of the face moves by 1.
    pub motion: [[f32; 2]; REGION_COUNT],
}

/// Templates of all action units on both sides.
pub fn templates() -> &'static [Template] {
    static TEMPLATES: OnceLock<Vec<Template>> = OnceLock::new();
    TEMPLATES.get_or_init(|| {
        let sides = [Side::Left, Side::Right];
        let all = facs::ACTION_UNITS.iter().flat_map(|unit| sides.map(|side| (*unit, side)));
        all.map(|(action_unit, side)| Template {
            action_unit,
            side,
            motion: facs::region_motion(action_unit, side),
        })
        .collect()
    })
}
