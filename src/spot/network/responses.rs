//! How the landmarks answer to an action unit, as it was measured in pictures.
//!
//! A landmark's network believes in usual faces: it gives back part of what a muscle does, and moves other landmarks along. The answer
//! is nearly the same for everybody (the mean of others explains a face's own answer with a median correlation of 0.55 to 0.95, where the
//! displacement of the skin does with 0.06 to 0.88) and adds up: both sides together are the sum of each. So it is measured once (`onset
//! train responses`) and used for what the beams look for and for what training injects.

use std::sync::OnceLock;

use super::points::{mirror_map, patch_count};
use crate::facs::ACTION_UNITS;
use crate::types::Side;

const TABLE: &str = include_str!("landmark_responses.csv");

/// The answers of all landmarks of [`super::points`] to every action unit.
#[derive(Clone, Debug, PartialEq)]
pub struct LandmarkResponses {
    /// For each of [`ACTION_UNITS`], acting on the subject's left alone: where each landmark goes in face coordinates, the head's
    /// fit taken off, when the skin's strongest point goes by 1.
    pub left: Vec<Vec<[f32; 2]>>,
}

impl LandmarkResponses {
    /// Reads a table: comments after `#`, then a row for each action unit: its number, x and y of each landmark in thousandths.
    /// `None` where it is no such table.
    pub fn parse(text: &str) -> Option<Self> {
        let rows = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
        let left: Option<Vec<_>> = rows.zip(ACTION_UNITS).map(|(row, au)| Self::row(row, au)).collect();
        left.filter(|rows| rows.len() == ACTION_UNITS.len()).map(|left| Self { left })
    }

    fn row(row: &str, au: u8) -> Option<Vec<[f32; 2]>> {
        let (number, values) = row.split_once(',')?;
        let values: Option<Vec<f32>> =
            values.split(',').map(|v| v.trim().parse::<i32>().ok().map(|v| 1e-3 * v as f32)).collect();
        let places: Vec<[f32; 2]> = values?.chunks_exact(2).map(|xy| [xy[0], xy[1]]).collect();
        (number.trim().parse() == Ok(au) && places.len() == patch_count()).then_some(places)
    }

    /// The table's rows, as [`LandmarkResponses::parse`] reads them.
    pub fn rows(&self) -> String {
        let mut text = String::new();
        for (au, places) in ACTION_UNITS.iter().zip(&self.left) {
            text.push_str(&au.to_string());
            for value in places.as_flattened() {
                text.push_str(&format!(",{}", (1e3 * value).round() as i32));
            }
            text.push('\n');
        }
        text
    }
}

/// Where each landmark goes in face coordinates, the head's fit taken off, when an action unit moves the strongest point of one side's
/// skin by 1; empty for units that are not in [`ACTION_UNITS`].
pub fn landmark_response(au: u8, side: Side) -> &'static [[f32; 2]] {
    static SIDES: OnceLock<[Vec<Vec<[f32; 2]>>; 2]> = OnceLock::new();
    let sides = SIDES.get_or_init(|| {
        let left = LandmarkResponses::parse(TABLE).map(|table| table.left).unwrap_or_default();
        let right = left.iter().map(|places| mirror_image(places)).collect();
        [left, right]
    });
    let index = ACTION_UNITS.iter().position(|own| *own == au);
    index.and_then(|index| sides[usize::from(side == Side::Right)].get(index)).map_or(&[], Vec::as_slice)
}

/// The same on the other side of the face; `places` are those of the landmarks alone.
pub fn mirror_image(places: &[[f32; 2]]) -> Vec<[f32; 2]> {
    // Patches come first, and their mirror images are patches.
    let other = mirror_map().into_iter().take(places.len());
    other.map(|other| places.get(other).map_or([0.0; 2], |[x, y]| [-x, *y])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spot::network::points;
    use crate::types::Region;

    #[test]
    fn the_table_is_whole_and_written_as_it_is_read() {
        let table = LandmarkResponses::parse(TABLE).expect("the embedded table");
        assert_eq!(LandmarkResponses::parse(&table.rows()), Some(table.clone()));
        assert!(table.left.iter().flatten().flatten().all(|v| v.abs() < 1.5));
        let without_last = table.rows().lines().take(13).collect::<Vec<_>>().join("\n");
        assert_eq!(LandmarkResponses::parse(&without_last), None);
        assert_eq!(LandmarkResponses::parse(&table.rows().replacen("1,", "3,", 1)), None);
        assert_eq!(LandmarkResponses::parse(&table.rows().replace("\n", ",7\n")), None);
    }

    #[test]
    fn landmarks_go_where_the_muscle_pulls() {
        let mean = |au, region, side| {
            let own = points().iter().zip(landmark_response(au, side));
            let own: Vec<_> = own.filter(|(p, _)| p.id.region == region && p.id.side == side).collect();
            let sum = own.iter().fold([0.0; 2], |sum, (_, way)| [sum[0] + way[0], sum[1] + way[1]]);
            sum.map(|v| v / own.len() as f32)
        };
        for side in [Side::Left, Side::Right] {
            // Down is positive; the subject's left is at larger x.
            assert!(mean(2, Region::OuterBrow, side)[1] < -0.2);
            assert!(mean(4, Region::InnerBrow, side)[1] > 0.1);
            assert!(mean(12, Region::MouthCorner, side)[1] < -0.2);
            assert!(mean(15, Region::MouthCorner, side)[1] > 0.2);
            let outward = if side == Side::Left { 1.0 } else { -1.0 };
            assert!(outward * mean(20, Region::MouthCorner, side)[0] > 0.2);
        }
        assert!(landmark_response(26, Side::Left).is_empty());
    }
}
