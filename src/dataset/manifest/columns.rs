//! Every column of the manifest: the one place that names them.

use super::row::Sample;
use crate::tables::{Cell, Column, Kind};

const TIME: Kind = Kind::Real { decimals: 6 };

fn text(
    name: &'static str,
    range: &'static str,
    meaning: &'static str,
    get: impl Fn(&Sample) -> &str + Send + Sync + 'static,
) -> Column<Sample> {
    Column::new(name, Kind::Text, ["-", range, meaning], move |row: &Sample| {
        Cell::from_text(get(row).to_owned())
    })
}

fn time(
    name: &'static str,
    meaning: &'static str,
    get: impl Fn(&Sample) -> Option<f64> + Send + Sync + 'static,
) -> Column<Sample> {
    Column::new(name, TIME, ["s", "0 and up", meaning], move |row: &Sample| {
        get(row).map_or(Cell::Missing, Cell::Real)
    })
}

/// The columns of the manifest, in file order.
pub fn manifest_columns() -> Vec<Column<Sample>> {
    let mut columns = Vec::from(identity_columns());
    columns.extend(label_columns());
    columns
}

fn identity_columns() -> [Column<Sample>; 9] {
    [
        text("sample", "unique", "Name of the sample: session, then frame or event, then role.", |row| {
            &row.sample
        })
        .required(),
        text(
            "path",
            "a file of the dataset",
            "The gray crop, from the dataset's folder: 256 x 256 px, upright, inner eye corners 64 px apart.",
            |row| &row.path,
        )
        .required(),
        text("path_colour", "a file of the dataset", "The same crop in colour.", |row| &row.path_colour)
            .required(),
        text("participant", "as recorded", "Pseudonym of the participant.", |row| &row.participant)
            .required(),
        text(
            "gender",
            "as given",
            "What the participant gave as gender; empty where it is not known or was withheld.",
            |row| &row.gender,
        ),
        text("session", "as recorded", "Name of the session.", |row| &row.session).required(),
        text(
            "stimulus",
            "questionnaire, image, interview",
            "What the participant was given at that moment.",
            |row| &row.stimulus,
        )
        .required(),
        text(
            "step",
            "a step of the session",
            "Name of the step that was shown; empty for an event outside every step.",
            |row| &row.step,
        ),
        time("time_s", "When the frame was captured, on the session's clock.", |row| Some(row.time_s))
            .required(),
    ]
}

fn label_columns() -> [Column<Sample>; 11] {
    [
        text(
            "role",
            "interval, onset, apex, offset",
            "Which moment it is: one of the evenly spaced frames of a step, or a moment of an event.",
            |row| row.role.name(),
        )
        .required(),
        text(
            "kind",
            "micro, masked",
            "Which labels are meant: the eight expressions, or smiles that the upper face contradicts.",
            |row| row.kind.name(),
        )
        .required(),
        text(
            "label",
            "an expression label or other; happy_but_sad, happy_but_angry, happy_but_other",
            "The label; empty where neither the spotter nor a coder gave one.",
            |row| &row.label,
        ),
        text(
            "label_source",
            "step, spotter, coder",
            "Who gave the label. step: it is the target of the step, and nobody has looked at the face.",
            |row| row.label_source.name(),
        )
        .required(),
        text("coder", "as recorded", "The person who coded the event; empty where none did.", |row| {
            &row.coder
        }),
        text(
            "event",
            "a candidate of the dataset",
            "The event that the sample belongs to, by the name of its folder in candidates; empty where to none.",
            |row| &row.event,
        ),
        time("onset_s", "First visible change of this event.", |row| row.onset_s),
        time("apex_s", "Its strongest moment.", |row| row.apex_s),
        time("offset_s", "Its end; empty also where the recording ended first.", |row| row.offset_s),
        text("action_units", "numbers joined by +", "Its FACS action units.", |row| &row.action_units),
        text(
            "source_sha256",
            "64 hex digits",
            "SHA-256 of the session's media file (session.mcap, or session.mcap.age).",
            |row| &row.source_sha256,
        )
        .required(),
    ]
}
