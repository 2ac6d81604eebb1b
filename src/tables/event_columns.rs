//! Every column of the events table: the one place that names them. The writers, the `event` lines of
//! `onset live --headless` and the test of `docs/outputs.md` read this list.

use super::cell::{Cell, Column, INT, TEXT, real, real_cell, seconds};
use crate::types::Event;

/// The columns of the events table, in file order; also the fields of an `event` line of `onset live --headless`.
pub fn event_columns() -> Vec<Column<Event>> {
    vec![
        Column::new(
            "event",
            INT,
            ["-", "0 and up", "Number of the event, in order of flagging. Candidates have numbers too, so some may be missing."],
            |event: &Event| Cell::from_unsigned(event.id),
        )
        .required(),
        Column::new(
            "kind",
            TEXT,
            ["-", "micro, macro, masked, blink", "What sort of event."],
            |event: &Event| Cell::from_text(event.kind.name()),
        )
        .required(),
        Column::new(
            "label",
            TEXT,
            [
                "-",
                "an expression label; happy_but_sad, happy_but_angry, happy_but_other",
                "The expression or mismatch that the motion resembles; empty where none is claimed.",
            ],
            |event: &Event| Cell::from_text(event.label.clone()),
        ),
        Column::new("score", real(4), ["-", "0 to 1", "Confidence in the event."], |event: &Event| {
            real_cell(event.score)
        }),
        Column::new("onset_s", real(6), ["s", "0 and up", "First visible change."], |event: &Event| {
            seconds(event.onset)
        })
        .required(),
        Column::new("apex_s", real(6), ["s", "0 and up", "Strongest moment."], |event: &Event| {
            seconds(event.apex)
        })
        .required(),
        Column::new(
            "offset_s",
            real(6),
            ["s", "0 and up", "Return; empty where it lasted to the end of the input."],
            |event: &Event| event.offset.map_or(Cell::Missing, seconds),
        ),
        Column::new(
            "duration_ms",
            real(3),
            ["ms", "0 and up", "From onset to offset; empty without an offset."],
            |event: &Event| {
                event.offset.map_or(Cell::Missing, |offset| Cell::Real(offset.millis_since(event.onset)))
            },
        ),
        Column::new(
            "amplitude_icd",
            real(5),
            ["icd", "0 and up", "Strongest motion; empty where the event does not come from region motion."],
            |event: &Event| event.amplitude_icd.map_or(Cell::Missing, real_cell),
        ),
        Column::new(
            "regions",
            TEXT,
            ["-", "`<region>_<side>` joined by +", "The regions that moved."],
            |event: &Event| {
                Cell::from_text(event.regions.iter().map(|id| id.name()).collect::<Vec<_>>().join("+"))
            },
        ),
        Column::new(
            "action_units",
            TEXT,
            ["-", "numbers joined by +", "FACS action units that the motion matches: `6+12`."],
            |event: &Event| {
                Cell::from_text(event.action_units.iter().map(u8::to_string).collect::<Vec<_>>().join("+"))
            },
        ),
        Column::new(
            "definition",
            TEXT,
            [
                "-",
                "classic, extended",
                "For micro-expressions: `classic` when the whole event lies within 1/5 s, else `extended`.",
            ],
            |event: &Event| event.definition.map_or(Cell::Missing, |d| Cell::from_text(d.name())),
        ),
        Column::new(
            "min_resolvable_ms",
            real(3),
            ["ms", "0 and up", "The shortest event that this frame rate could resolve: three frame periods."],
            |event: &Event| real_cell(event.min_resolvable_ms),
        ),
        Column::new(
            "flagged_at_s",
            real(6),
            ["s", "0 and up", "Capture time of the frame with which the event was first flagged."],
            |event: &Event| seconds(event.flagged_at),
        )
        .required(),
        Column::new(
            "confirmed_at_s",
            real(6),
            ["s", "0 and up", "The same for its confirmation; empty where it stayed provisional."],
            |event: &Event| event.confirmed_at.map_or(Cell::Missing, seconds),
        ),
        Column::new(
            "face_id",
            INT,
            ["-", "0 and up", "The person followed, as in the frames table."],
            |event: &Event| Cell::Int(event.face_id.into()),
        )
        .required(),
        Column::new(
            "veto",
            TEXT,
            [
                "-",
                "blink, speech, head, luminance, gap, occlusion, face_crossing, lone, too_short, not_observable, refractory, lasting",
                "Why this is only a candidate (rows of `--candidates`, withdrawn flags); empty for every event that is claimed.",
            ],
            |event: &Event| event.veto.map_or(Cell::Missing, |veto| Cell::from_text(veto.name())),
        ),
        Column::new(
            "form",
            TEXT,
            ["-", "hold, burst", "For masked smiles: eyes and brows contradict a smile for as long as it is held, or briefly."],
            |event: &Event| event.masked.map_or(Cell::Missing, |masked| Cell::from_text(masked.form.name())),
        ),
        Column::new(
            "smile",
            real(4),
            ["-", "0 to 1", "For masked smiles, S: how surely the mouth smiles, at the apex."],
            |event: &Event| event.masked.map_or(Cell::Missing, |masked| real_cell(masked.parts.smile)),
        ),
        Column::new(
            "negative",
            real(4),
            ["-", "0 to 1", "For masked smiles, N: how surely eyes and brows show something negative, the mouth not looked at."],
            |event: &Event| event.masked.map_or(Cell::Missing, |masked| real_cell(masked.parts.negative)),
        ),
        Column::new(
            "posed",
            real(4),
            ["-", "0 to 1", "For masked smiles, D: how abruptly the smile came; 0.5 where that was not seen."],
            |event: &Event| event.masked.map_or(Cell::Missing, |masked| real_cell(masked.parts.posed)),
        ),
        Column::new(
            "cheek",
            real(4),
            ["-", "0 to 1", "For masked smiles, E: how far the cheeks rose with the smile; speaks against a mismatch."],
            |event: &Event| event.masked.map_or(Cell::Missing, |masked| real_cell(masked.parts.cheek)),
        ),
    ]
}
