//! Agreement in words and tables, and the list of disagreements as CSV.

use super::super::text_table::TextTable;
use super::{Agreement, Kappa, TimeDifference};

/// A report for people.
pub fn text_of(agreement: &Agreement) -> String {
    let [a, b] = &agreement.coders;
    let [of_a, of_b] = agreement.labelled;
    let mut text =
        format!("{a} and {b}: {of_a} and {of_b} candidates labelled, {} by both\n\n", agreement.labels.n);
    let mut figures = TextTable::new(&["agreement on", "same", "by chance", "kappa", "95 % interval"]);
    figures.row(kappa_row("the label", &agreement.labels));
    figures.row(kappa_row("event or none", &agreement.is_event));
    text += &figures.text();
    for (name, kappa) in [("label", &agreement.labels), ("event or none", &agreement.is_event)] {
        if !kappa.why_not.is_empty() {
            text += &format!("{name}: {}\n", kappa.why_not);
        }
    }
    if agreement.labels.n == 0 {
        return text;
    }
    text += "\n";
    let mut times = TextTable::new(&["apart, in ms", "events", "median", "95 %", &format!("{b} later by")]);
    for (name, one) in
        [("onset", agreement.times.onset), ("apex", agreement.times.apex), ("offset", agreement.times.offset)]
    {
        times.row(time_row(name, &one));
    }
    text += &times.text();
    text += &format!("\nrow: {a}; column: {b}\n\n");
    let mut header = vec![""];
    header.extend(agreement.confusion.labels.iter().map(String::as_str));
    let mut confusion = TextTable::new(&header);
    for (label, row) in agreement.confusion.labels.iter().zip(&agreement.confusion.matrix) {
        let mut cells = vec![label.clone()];
        cells.extend(row.iter().map(usize::to_string));
        confusion.row(cells);
    }
    text += &confusion.text();
    if agreement.disagreements.is_empty() {
        return text + "\nno disagreements\n";
    }
    text += &format!("\n{} disagreements\n\n", agreement.disagreements.len());
    let mut list = TextTable::new(&["candidate", a, b]);
    for one in &agreement.disagreements {
        let [label_a, label_b] = one.labels.clone();
        list.row(vec![one.id.clone(), label_a, label_b]);
    }
    text + &list.text()
}

fn kappa_row(name: &str, kappa: &Kappa) -> Vec<String> {
    let share =
        |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{:.1} %", 100.0 * value));
    let figure = kappa.kappa.map_or_else(|| "undefined".to_owned(), |kappa| format!("{kappa:.3}"));
    let interval =
        kappa.interval_95.map_or_else(|| "-".to_owned(), |[low, high]| format!("{low:.3} to {high:.3}"));
    vec![name.to_owned(), share(kappa.observed), share(kappa.expected), figure, interval]
}

fn time_row(name: &str, one: &TimeDifference) -> Vec<String> {
    let ms = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.1}"));
    vec![
        name.to_owned(),
        one.absolute_ms.n.to_string(),
        ms(one.absolute_ms.p50),
        ms(one.absolute_ms.p95),
        ms(one.median_later_ms),
    ]
}

/// Every disagreement of every pair, one row each.
///
/// # Errors
/// The writer's message; none is known.
pub fn disagreements_csv(agreements: &[Agreement]) -> Result<String, String> {
    let mut rows = csv::Writer::from_writer(Vec::new());
    let header = [
        "coder_a",
        "coder_b",
        "id",
        "label_a",
        "label_b",
        "onset_a_s",
        "onset_b_s",
        "apex_a_s",
        "apex_b_s",
        "offset_a_s",
        "offset_b_s",
        "action_units_a",
        "action_units_b",
        "note_a",
        "note_b",
    ];
    rows.write_record(header).map_err(|error| error.to_string())?;
    for agreement in agreements {
        for one in &agreement.disagreements {
            let mut cells: Vec<String> = agreement.coders.to_vec();
            cells.push(one.id.clone());
            cells.extend(one.labels.clone());
            let times = [one.onset_s, one.apex_s, one.offset_s];
            cells.extend(
                times.iter().flatten().map(|at| at.map_or_else(String::new, |t_s| format!("{t_s:.6}"))),
            );
            cells.extend(one.action_units.clone());
            cells.extend(one.notes.clone());
            rows.write_record(&cells).map_err(|error| error.to_string())?;
        }
    }
    let bytes = rows.into_inner().map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}
