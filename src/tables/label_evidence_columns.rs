//! Every column of the table `label_evidence`: what the label of each event was decided on.

use super::cell::{Cell, Column, INT, real, real_cell};
use crate::types::{Event, ExpressionChange, LABEL_COUNT, Label, LabelEvidence};

/// The columns of the table, in file order; one row for each event that comes from region motion. Six decimals: the weights of the
/// labels are fitted to them (`benches/label_fit.py`).
pub fn label_evidence_columns() -> Vec<Column<Event>> {
    fn family(
        doc_name: &'static str,
        description: [&'static str; 3],
        get: fn(&LabelEvidence) -> Option<[f32; LABEL_COUNT]>,
    ) -> impl Iterator<Item = Column<Event>> {
        Label::ALL.into_iter().map(move |label| {
            Column::new(doc_name, real(6), description, move |event: &Event| {
                let all = event.label_evidence.as_ref().and_then(get);
                all.map_or(Cell::Missing, |all| real_cell(all[label.index()]))
            })
            .named(doc_name.replace("<label>", label.name()))
        })
    }
    fn changed(
        evidence: &LabelEvidence,
        get: fn(&ExpressionChange) -> [f32; LABEL_COUNT],
    ) -> Option<[f32; LABEL_COUNT]> {
        evidence.change.as_ref().map(get)
    }
    let number = Column::new(
        "event",
        INT,
        ["-", "0 and up", "Number of the event, as in the events table."],
        |event: &Event| Cell::from_unsigned(event.id),
    );
    let mut columns = vec![number.required()];
    columns.extend(family(
        "fit_<label>",
        [
            "-",
            "0 to 1",
            "Share of the motion that the best prototype of the emotion explains, less 0.02 for each of its action units; 0 where \
             none acts, and for neutral.",
        ],
        |evidence| Some(evidence.fits),
    ));
    columns.extend(family(
        "face_rise_<label>",
        [
            "nat",
            "any",
            "How the log-probability of the whole-face classifier rose from onset to apex, less the mean of all eight. Empty where it \
             did not measure before the one and at the other.",
        ],
        |evidence| changed(evidence, |change| change.face),
    ));
    columns.extend(family(
        "eyes_rise_<label>",
        ["nat", "any", "The same from the eye-region classifier."],
        |evidence| changed(evidence, |change| change.eyes),
    ));
    columns
}
