//! Steps, events, markers and codings as one CSV table.

use super::Tracks;
use crate::session::coding::{csv_cell, text_from_action_units};

/// Columns of the table.
const COLUMNS: &str = "what,id,kind,label,onset_s,apex_s,offset_s,action_units,score,coder,note";

/// One row each, in order of time. Times with six decimals, as `events.csv` has them. `what` is `step`, `event`,
/// `marker` or `coding`.
pub fn csv_from_tracks(tracks: &Tracks<'_>) -> String {
    let mut rows: Vec<(f64, [String; 11])> = Vec::new();
    let text = str::to_owned;
    let seconds = |value: f64| format!("{value:.6}");
    let maybe = |value: Option<f64>| value.map_or_else(String::new, seconds);
    for step in tracks.steps {
        let row = [
            text("step"),
            step.id.clone(),
            step.kind.clone(),
            step.target.clone(),
            seconds(step.start_s),
            String::new(),
            maybe(step.end_s),
            String::new(),
            String::new(),
            String::new(),
            step.stimulus.clone(),
        ];
        rows.push((step.start_s, row));
    }
    for event in tracks.events.iter().filter(|event| event.veto.is_empty()) {
        let row = [
            text("event"),
            event.event.to_string(),
            event.kind.clone(),
            event.label.clone(),
            seconds(event.onset_s),
            seconds(event.apex_s),
            maybe(event.offset_s),
            event.action_units.clone(),
            format!("{:.4}", event.score),
            String::new(),
            String::new(),
        ];
        rows.push((event.onset_s, row));
    }
    for marker in tracks.markers {
        let mut row: [String; 11] = Default::default();
        row[0] = text("marker");
        row[2].clone_from(&marker.origin);
        row[4] = seconds(marker.t_s);
        row[10].clone_from(&marker.name);
        rows.push((marker.t_s, row));
    }
    for coding in tracks.codings {
        let row = [
            text("coding"),
            coding.id.clone(),
            text(coding.kind.name()),
            coding.label.clone(),
            seconds(coding.onset_s),
            maybe(coding.apex_s),
            seconds(coding.offset_s),
            text_from_action_units(&coding.action_units),
            String::new(),
            coding.coder.clone(),
            coding.note.clone(),
        ];
        rows.push((coding.onset_s, row));
    }
    rows.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let mut table = format!("{COLUMNS}\n");
    for (_, row) in rows {
        table += &row.map(|cell| csv_cell(&cell)).join(",");
        table.push('\n');
    }
    table
}
