//! A spotting report as text for the terminal: every figure with what stands behind it.

use std::fmt::Write as _;

use super::figures::Figures;
use super::groups::Group;
use super::report::{SpottingReport, Tally};
use crate::eval::stats::Quantiles;
use crate::eval::text_table::TextTable;

/// What stands where there is no figure.
const NO_FIGURE: &str = "-";

/// What the short column names of the breakdown mean.
const LEGEND: &str = "
min: minutes searched; apex: recall with the apex inside a claim; FA: false alarms; obs.: observable events, then recall and
false alarms over observable time; onset+, apex+: flag after the true onset and apex, offset+: confirmation after the true
offset, each p50/p95 in ms of the found events
";

/// The report as lines of text.
pub fn text_of(report: &SpottingReport) -> String {
    let mut text = basis(report) + "\n";
    text += &overall(report);
    for (title, groups) in report.breakdown.all() {
        if !groups.is_empty() {
            let _ = write!(text, "\n{}", breakdown(title, groups));
        }
    }
    text += LEGEND;
    text += &tallies("false alarms fell on", &report.false_alarms_on);
    text += &tallies("missed events: what the tables have there", &report.missed_as);
    text += &confusion(report);
    text += &curve(report);
    text += &seen(report);
    if !report.notes.is_empty() {
        text += "\nto know before using these figures:\n";
        report.notes.iter().for_each(|note| text += &format!("  {note}\n"));
    }
    text
}

fn basis(report: &SpottingReport) -> String {
    let all = &report.overall;
    let people = if all.people > 0 { format!("{} people", all.people) } else { "unknown people".to_owned() };
    let claims = all.alarms.as_ref().map_or(0, |alarms| alarms.claims);
    let score = report
        .params
        .min_score
        .map_or_else(String::new, |score| format!(" with a score of at least {score}"));
    format!(
        "{} clips, {people}, {}, {} true micro-expressions; {claims} claims{score}, matched one to one at IoU >= {}\n",
        all.clips,
        minutes(all.seconds),
        all.truth,
        report.params.min_iou
    )
}

fn overall(report: &SpottingReport) -> String {
    let all = &report.overall;
    let intervals = report.intervals.as_ref();
    let interval_title = intervals.map_or(String::new(), |i| {
        let units = if i.unit == "person" { "people" } else { "clips" };
        format!("95 %, {} {units}", i.units)
    });
    let mut table = TextTable::new(&["all", "figure", &interval_title, "of"]);
    let mut row = |what: &str, figure: Option<f64>, interval: Option<[f64; 2]>, of: String| {
        let interval = interval.map_or_else(String::new, |[low, high]| format!("{low:.2} to {high:.2}"));
        table.row(vec![what.to_owned(), two(figure), interval, of]);
    };
    if let Some(alarms) = &all.alarms {
        let of_time = format!("{} in {}", alarms.false_alarms, minutes(all.seconds));
        row("precision", alarms.precision, intervals.and_then(|i| i.precision), of(all.found, alarms.claims));
        row("recall", all.recall, intervals.and_then(|i| i.recall), of(all.found, all.truth));
        row("F1", alarms.f1, intervals.and_then(|i| i.f1), String::new());
        row("recall, apex inside", all.apex_inside_recall, None, format!("{} events", all.truth));
        row("average precision", report.curve.average_precision, None, format!("{} events", all.truth));
        row(
            "false alarms a minute",
            alarms.false_alarms_per_minute,
            intervals.and_then(|i| i.false_alarms_per_minute),
            of_time,
        );
    }
    if let Some(seen) = &all.observable {
        row("observable events", seen.share, None, of(seen.truth, seen.judged));
        row(
            "recall, observable events",
            seen.recall,
            intervals.and_then(|i| i.observable_recall),
            of(seen.found, seen.truth),
        );
        row(
            "false alarms a minute, observed",
            seen.false_alarms_per_minute,
            intervals.and_then(|i| i.observed_false_alarms_per_minute),
            format!("{} in {}", seen.false_alarms, minutes(seen.seconds)),
        );
    }
    let mut text = table.text();
    if let Some(rate) = intervals.and_then(|i| i.highest_rate_after_none) {
        let _ =
            writeln!(text, "no false alarm in {}: at most {rate:.2} a minute (95 %)", minutes(all.seconds));
    }
    let mut delays = TextTable::new(&["delay of found events, ms", "p50", "p95", "n"]);
    for (what, delay) in [
        ("flag after onset", &all.flag_after_onset_ms),
        ("flag after apex", &all.flag_after_apex_ms),
        ("confirmed after offset", &all.confirmed_after_offset_ms),
    ] {
        delays.row(vec![what.to_owned(), whole(delay.p50), whole(delay.p95), delay.n.to_string()]);
    }
    text + "\n" + &delays.text()
}

fn breakdown(title: &str, groups: &[Group]) -> String {
    let has_alarms = groups.iter().any(|group| group.figures.alarms.is_some());
    let has_seen = groups.iter().any(|group| group.figures.observable.is_some());
    let mut header = vec![title, "clips", "people", "min", "events", "found", "recall", "apex"];
    if has_alarms {
        header.extend(["claims", "prec.", "F1", "FA", "FA/min"]);
    }
    if has_seen {
        header.extend(["obs.", "recall"]);
        if has_alarms {
            header.push("FA/min");
        }
    }
    header.extend(["onset+", "apex+", "offset+"]);
    let mut table = TextTable::new(&header);
    for Group { name, figures } in groups {
        table.row(group_cells(name, figures, has_alarms, has_seen));
    }
    table.text()
}

fn group_cells(name: &str, figures: &Figures, has_alarms: bool, has_seen: bool) -> Vec<String> {
    let mut cells = vec![
        name.to_owned(),
        figures.clips.to_string(),
        if figures.people > 0 { figures.people.to_string() } else { NO_FIGURE.to_owned() },
        format!("{:.1}", figures.seconds / 60.0),
        figures.truth.to_string(),
        figures.found.to_string(),
        two(figures.recall),
        two(figures.apex_inside_recall),
    ];
    if has_alarms {
        let alarms = figures.alarms.as_ref();
        cells.push(alarms.map_or(NO_FIGURE.to_owned(), |a| a.claims.to_string()));
        cells.push(two(alarms.and_then(|a| a.precision)));
        cells.push(two(alarms.and_then(|a| a.f1)));
        cells.push(alarms.map_or(NO_FIGURE.to_owned(), |a| a.false_alarms.to_string()));
        cells.push(two(alarms.and_then(|a| a.false_alarms_per_minute)));
    }
    if has_seen {
        let seen = figures.observable.as_ref();
        cells.push(seen.map_or(NO_FIGURE.to_owned(), |s| s.truth.to_string()));
        cells.push(two(seen.and_then(|s| s.recall)));
        if has_alarms {
            cells.push(two(seen.and_then(|s| s.false_alarms_per_minute)));
        }
    }
    let delays =
        [&figures.flag_after_onset_ms, &figures.flag_after_apex_ms, &figures.confirmed_after_offset_ms];
    cells.extend(delays.into_iter().map(both));
    cells
}

fn tallies(title: &str, tallies: &[Tally]) -> String {
    let mut text = String::new();
    if !tallies.is_empty() {
        let sum: usize = tallies.iter().map(|tally| tally.count).sum();
        let _ = writeln!(text, "\n{title} (n = {sum}):");
        for Tally { what, count } in tallies {
            let _ = writeln!(text, "  {count:>4}  {what}");
        }
    }
    text
}

fn confusion(report: &SpottingReport) -> String {
    let confusion = &report.confusion;
    if confusion.emotions.iter().all(String::is_empty) {
        return String::new();
    }
    let mut header = vec!["emotion \\ label"];
    header.extend(confusion.labels.iter().map(|label| if label.is_empty() { "none" } else { label }));
    header.push("missed");
    let mut table = TextTable::new(&header);
    for ((emotion, counts), missed) in confusion.emotions.iter().zip(&confusion.counts).zip(&confusion.missed)
    {
        let name = if emotion.is_empty() { "unknown" } else { emotion };
        let mut cells = vec![name.to_owned()];
        cells.extend(counts.iter().chain([missed]).map(usize::to_string));
        table.row(cells);
    }
    format!(
        "\n{}the label is right in {} ({})\n",
        table.text(),
        two(confusion.agreement),
        of(confusion.agreeing, confusion.n)
    )
}

/// A few points of the curve: where false alarms are rare enough, and where F1 is best.
fn curve(report: &SpottingReport) -> String {
    let curve = &report.curve;
    if curve.points.is_empty() {
        return String::new();
    }
    let limits = [0.1, 0.5, 1.0, 2.0]
        .into_iter()
        .filter_map(|limit| Some((format!("at most {limit} false alarms a minute"), curve.at_most(limit)?)));
    let mut points: Vec<(String, _)> = limits.collect();
    points.extend(curve.best_f1().map(|best| ("best F1".to_owned(), best)));
    points.extend(curve.points.last().map(|last| ("all claims".to_owned(), last)));
    let mut table = TextTable::new(&[
        "with the smallest score",
        "score",
        "claims",
        "recall",
        "precision",
        "F1",
        "FA/min",
    ]);
    for (what, point) in points {
        table.row(vec![
            what,
            format!("{:.3}", point.score),
            point.claims.to_string(),
            two(point.recall),
            two(point.precision),
            two(point.f1),
            two(point.false_alarms_per_minute),
        ]);
    }
    format!("\n{}", table.text())
}

fn seen(report: &SpottingReport) -> String {
    let Some(seen) = &report.seen else { return String::new() };
    let percent = |icd: Option<f64>| icd.map_or(NO_FIGURE.to_owned(), |icd| format!("{:.2}", icd * 100.0));
    let share = |seconds: f64| {
        if seen.seconds > 0.0 { two(Some(seconds / seen.seconds)) } else { NO_FIGURE.to_owned() }
    };
    let mut table = TextTable::new(&["observable", "min", "share", "smallest, % ICD (p50)"]);
    let mut row = |what: &str, seconds: f64, smallest: String| {
        table.row(vec![what.to_owned(), format!("{:.1}", seconds / 60.0), share(seconds), smallest]);
    };
    row("brows or mouth", seen.brow_or_mouth_s, String::new());
    row("brows", seen.brow_s, String::new());
    row("mouth", seen.mouth_s, String::new());
    for region in &seen.regions {
        row(&format!("  {}", region.region), region.seconds, percent(region.smallest_icd_p50));
    }
    format!("\n{}of {} in {} clips\n", table.text(), minutes(seen.seconds), seen.clips)
}

/// Two decimals.
fn two(figure: Option<f64>) -> String {
    figure.map_or(NO_FIGURE.to_owned(), |figure| format!("{figure:.2}"))
}

fn whole(figure: Option<f64>) -> String {
    figure.map_or(NO_FIGURE.to_owned(), |figure| format!("{figure:.0}"))
}

/// `p50/p95`.
fn both(quantiles: &Quantiles) -> String {
    match (quantiles.p50, quantiles.p95) {
        (Some(p50), Some(p95)) => format!("{p50:.0}/{p95:.0}"),
        _ => NO_FIGURE.to_owned(),
    }
}

fn of(part: usize, whole: usize) -> String {
    format!("{part} of {whole}")
}

pub(super) fn minutes(seconds: f64) -> String {
    if seconds > 0.0 { format!("{:.1} min", seconds / 60.0) } else { "unknown time".to_owned() }
}
