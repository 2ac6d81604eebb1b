//! The columns of the frames table that say how small a motion could be seen, and where it could not.

use super::cell::{Cell, Column, TEXT, real, real_cell};
use super::frame_columns::{of_signal, region_columns};
use super::row::FrameRow;
use crate::types::{FrameStatus, Observability, RegionId};

/// `min_*`, `sigma_*`, `head_turn_deg_s` and `not_observable`, in file order.
pub(super) fn observability_columns() -> Vec<Column<FrameRow>> {
    let mut columns: Vec<_> = RegionId::all().map(smallest_column).collect();
    columns.extend(region_columns(
        "sigma_",
        "sigma_<region>_<side>",
        [
            "icd",
            "0 and up",
            "Standard error of the displacement, from this picture alone: sensor noise, texture, and how well the \
             head's motion is known. What the face itself does all the time is not in it.",
        ],
        |region| region.sigma_icd,
    ));
    columns.push(Column::new(
        "head_turn_deg_s",
        real(2),
        ["deg/s", "0 and up", "Speed at which the head turns; 0 until known."],
        of_signal(|signal| Some(signal.head_turn_deg_s)),
    ));
    columns.push(Column::new(
        "not_observable",
        TEXT,
        [
            "-",
            "`<region>_<side>` joined by +",
            "The regions where a motion of 3 % of the inner-canthal distance would not have been seen in this frame: too \
             restless, covered, turned away, or not known yet. All of them without a face; empty in `gap` rows.",
        ],
        |row: &FrameRow| match row.status {
            FrameStatus::Gap => Cell::Missing,
            _ => Cell::from_text(not_observable_names(row.observability.as_deref())),
        },
    ));
    columns
}

fn smallest_column(id: RegionId) -> Column<FrameRow> {
    let texts = [
        "icd",
        "0 and up",
        "The smallest motion that would be told from the region's noise now. Far above what is looked for, up to 1 and more, while \
         the face is not known yet (about the first second). Empty where none would: not measured, or blanked by a blink, a fast \
         head, speech or a cover.",
    ];
    let smallest = move |row: &FrameRow| {
        let known = row.observability.as_deref().and_then(|o| o.smallest_icd.get(id.index()));
        known.map_or(Cell::Missing, |smallest| real_cell(*smallest))
    };
    Column::new("min_<region>_<side>", real(5), texts, smallest).named(format!("min_{}", id.name()))
}

/// The regions where a motion of [`crate::types::OBSERVABLE_ICD`] would not be seen, joined by `+`: all of them where
/// nothing is known.
pub fn not_observable_names(observability: Option<&Observability>) -> String {
    let is_blind = |id: &RegionId| !observability.is_some_and(|known| known.is_observable(*id));
    RegionId::all().filter(is_blind).map(RegionId::name).collect::<Vec<_>>().join("+")
}
