//! The breakdown as an HTML table.

use std::fmt::Write as _;

use crate::eval::html::escape;
use crate::eval::spotting::groups::Group;
use crate::eval::spotting::report::SpottingReport;
use crate::eval::stats::Quantiles;

const HEADER: [&str; 18] = [
    "",
    "clips",
    "people",
    "min",
    "events",
    "found",
    "recall",
    "apex inside",
    "claims",
    "precision",
    "F1",
    "FA / min",
    "obs. events",
    "obs. recall",
    "obs. FA / min",
    "flag after onset",
    "flag after apex",
    "confirmed after offset",
];

/// One body for each division that the truth knows.
pub(super) fn breakdown(report: &SpottingReport) -> String {
    let mut table = String::from("<div class=\"scroll\"><table><thead><tr>");
    HEADER.iter().for_each(|cell| table += &format!("<th>{cell}</th>"));
    table += "</tr></thead>";
    let all = [Group { name: "all".to_owned(), figures: report.overall.clone() }];
    let divisions = [("everything", all.as_slice())].into_iter().chain(report.breakdown.all());
    for (title, groups) in divisions.filter(|(_, groups)| !groups.is_empty()) {
        let _ = write!(table, "<tbody><tr><th colspan=\"{}\">{title}</th></tr>", HEADER.len());
        groups.iter().for_each(|group| table += &row(group));
        table += "</tbody>";
    }
    table + "</table></div>"
}

fn row(Group { name, figures }: &Group) -> String {
    let (alarms, seen) = (figures.alarms.as_ref(), figures.observable.as_ref());
    let count = |count: Option<usize>| count.map_or("–".to_owned(), |count| count.to_string());
    let cells = [
        escape(name),
        figures.clips.to_string(),
        count(Some(figures.people).filter(|people| *people > 0)),
        format!("{:.1}", figures.seconds / 60.0),
        figures.truth.to_string(),
        figures.found.to_string(),
        two(figures.recall),
        two(figures.apex_inside_recall),
        count(alarms.map(|alarms| alarms.claims)),
        two(alarms.and_then(|alarms| alarms.precision)),
        two(alarms.and_then(|alarms| alarms.f1)),
        two(alarms.and_then(|alarms| alarms.false_alarms_per_minute)),
        count(seen.map(|seen| seen.truth)),
        two(seen.and_then(|seen| seen.recall)),
        two(seen.and_then(|seen| seen.false_alarms_per_minute)),
        both(&figures.flag_after_onset_ms),
        both(&figures.flag_after_apex_ms),
        both(&figures.confirmed_after_offset_ms),
    ];
    format!("<tr>{}</tr>", cells.map(|cell| format!("<td>{cell}</td>")).concat())
}

fn two(figure: Option<f64>) -> String {
    figure.map_or("–".to_owned(), |figure| format!("{figure:.2}"))
}

fn both(quantiles: &Quantiles) -> String {
    match (quantiles.p50, quantiles.p95) {
        (Some(p50), Some(p95)) => format!("{p50:.0} / {p95:.0}"),
        _ => "–".to_owned(),
    }
}
