//! The columns of the frames table that say how far mouth and eyes disagree.

use super::cell::{Cell, Column, real, real_cell};
use super::row::FrameRow;
use crate::types::Mismatch;

/// `mismatch_*`, in file order.
pub(super) fn mismatch_columns() -> [Column<FrameRow>; 5] {
    fn column(name: &'static str, text: &'static str, get: fn(&Mismatch) -> f32) -> Column<FrameRow> {
        Column::new(name, real(4), ["-", "0 to 1", text], move |row: &FrameRow| {
            row.mismatch.as_ref().map_or(Cell::Missing, |parts| real_cell(get(parts)))
        })
    }
    [
        column(
            "mismatch_score",
            "How surely eyes and brows contradict a smile: the weighted sum of the four columns that follow, smoothed over \
             0.1 s. Empty without a face, and while it is turned, covered, or was not measured for a second.",
            |parts| parts.score,
        ),
        column("mismatch_smile", "S: how surely the mouth smiles.", |parts| parts.smile),
        column(
            "mismatch_negative",
            "N: how surely eyes and brows show something negative; the mouth is not looked at.",
            |parts| parts.negative,
        ),
        column("mismatch_posed", "D: how abruptly the smile came; 0.5 where that was not seen.", |parts| {
            parts.posed
        }),
        column("mismatch_cheek", "E: how far the cheeks rose since before the smile.", |parts| parts.cheek),
    ]
}
