//! A spotting report as one page of HTML: figures, plots, and a timeline of every clip. Self-contained, without scripts.

mod charts;
mod delays;
mod tables;
mod timeline;
mod traces;

use std::fmt::Write as _;

use super::bootstrap::Intervals;
use super::data::Clip;
use super::read_frames::Traces;
use super::report::SpottingReport;
use super::text::minutes;
use crate::eval::html::{escape, page_start};

const STYLE: &str = include_str!("page/style.css");

/// Clips whose timelines are open from the start.
const OPEN_CLIPS: usize = 3;

/// The page. `clips` are the ones that were scored, in that order, and `traces` theirs; what is missing is not drawn.
pub fn page_of(report: &SpottingReport, clips: &[Clip], traces: &[Traces]) -> String {
    let mut page = page_start("spotting", STYLE);
    page += &head(report);
    page += &cards(report);
    page += &charts_of(report);
    page += &section("Figures by group", &tables::breakdown(report), TABLE_LEGEND);
    page += &timelines(report, clips, traces);
    let _ = writeln!(
        page,
        "<footer>onset {} · matched one to one at IoU ≥ {} · definitions: docs/evaluate.md</footer></main></body></html>",
        env!("CARGO_PKG_VERSION"),
        report.params.min_iou
    );
    page
}

const TABLE_LEGEND: &str = "FA: false alarms; obs.: over observable time. Delays in ms as p50 / p95 of the found events: flag after the true onset, flag after the true \
     apex, confirmation after the true offset. A dash: nothing to compute it from, or a figure that such a group cannot have.";

fn head(report: &SpottingReport) -> String {
    let all = &report.overall;
    let people = if all.people > 0 { format!("{} people", all.people) } else { "people unknown".to_owned() };
    let claims = all.alarms.as_ref().map_or(0, |alarms| alarms.claims);
    let score = report.params.min_score.map_or_else(String::new, |score| format!(" (score ≥ {score})"));
    let mut text = format!(
        "<header><h1>Spotting, against known truth</h1><p>{} clips · {people} · {} · {} true micro-expressions · {claims} \
         claims{score}</p></header>",
        all.clips,
        minutes(all.seconds),
        all.truth
    );
    if !report.notes.is_empty() {
        text += "<aside><strong>To know before using these figures</strong><ul>";
        report.notes.iter().for_each(|note| text += &format!("<li>{}</li>", escape(note)));
        text += "</ul></aside>";
    }
    text
}

fn cards(report: &SpottingReport) -> String {
    let all = &report.overall;
    let intervals = report.intervals.as_ref();
    let mut text = String::from("<div class=\"cards\">");
    let interval = |of: fn(&Intervals) -> Option<[f64; 2]>| {
        let range = intervals.and_then(of);
        range.map_or_else(String::new, |[low, high]| format!("95 %: {low:.2} – {high:.2}"))
    };
    let mut card = |what: &str, figure: Option<f64>, decimals: usize, interval: String, of: String| {
        let figure = figure.map_or("–".to_owned(), |figure| format!("{figure:.decimals$}"));
        let _ = write!(
            text,
            "<div class=\"card\"><span class=\"what\">{what}</span><span class=\"figure\">{figure}</span>\
             <span class=\"of\">{of}</span><span class=\"of\">{interval}</span></div>"
        );
    };
    if let Some(alarms) = &all.alarms {
        let of_claims = format!("{} of {} claims", all.found, alarms.claims);
        let of_truth = format!("{} of {} events", all.found, all.truth);
        let rate_interval = match intervals.and_then(|i| i.highest_rate_after_none) {
            Some(rate) => format!("none: at most {rate:.2} (95 %)"),
            None => interval(|i| i.false_alarms_per_minute),
        };
        let of_time = format!("{} in {}", alarms.false_alarms, minutes(all.seconds));
        let both = format!("{} events, {} claims", all.truth, alarms.claims);
        card("F1", alarms.f1, 2, interval(|i| i.f1), both);
        card("Recall", all.recall, 2, interval(|i| i.recall), of_truth);
        card("Precision", alarms.precision, 2, interval(|i| i.precision), of_claims);
        card("False alarms a minute", alarms.false_alarms_per_minute, 2, rate_interval, of_time);
    }
    if let Some(seen) = &all.observable {
        card(
            "Recall, observable events",
            seen.recall,
            2,
            interval(|i| i.observable_recall),
            format!(
                "{} of {}; {} more could not be seen",
                seen.found,
                seen.truth,
                seen.judged.saturating_sub(seen.truth)
            ),
        );
        card(
            "False alarms a minute, observed",
            seen.false_alarms_per_minute,
            2,
            interval(|i| i.observed_false_alarms_per_minute),
            format!("{} in {}", seen.false_alarms, minutes(seen.seconds)),
        );
    }
    let apex = &all.flag_after_apex_ms;
    card(
        "Flag after apex, p95 ms",
        apex.p95,
        0,
        apex.p50.map_or_else(String::new, |p50| format!("p50: {p50:.0} ms")),
        format!("{} found events", apex.n),
    );
    let confirmed = &all.confirmed_after_offset_ms;
    card(
        "Confirmed after offset, p95 ms",
        confirmed.p95,
        0,
        confirmed.p50.map_or_else(String::new, |p50| format!("p50: {p50:.0} ms")),
        format!("{} found events", confirmed.n),
    );
    text + "</div>"
}

fn charts_of(report: &SpottingReport) -> String {
    let mut figures = String::new();
    let mut add = |title: &str, chart: Option<String>, legend: &str| {
        if let Some(chart) = chart {
            let legend =
                if legend.is_empty() { String::new() } else { format!("<figcaption>{legend}</figcaption>") };
            let _ = write!(figures, "<figure><h3>{title}</h3>{chart}{legend}</figure>");
        }
    };
    add(
        "Recall against false alarms",
        charts::curve(report),
        "<span class=\"key recall\"></span>recall <span class=\"key f1\"></span>F1, as the smallest score falls; the dot is \
         every claim that counts here",
    );
    let recall = "Bar: all events. Dashed outline: observable events.";
    for (title, groups) in report.breakdown.all() {
        add(&format!("Recall {title}"), charts::recall_bars(groups), recall);
    }
    add(
        "Emotion: truth against label",
        charts::confusion(report),
        "Found events; shade is the share of the row. The label names the pattern that a movement resembles.",
    );
    add("Delays of found events", delays::histograms(report), "Lines: median and 95th percentile.");
    add("False alarms fell on", charts::tally_bars(&report.false_alarms_on, "alarm"), "");
    add("Missed: what the tables have there", charts::tally_bars(&report.missed_as, "missed"), "");
    add(
        "Observable time by region",
        charts::seen(report),
        "Share of the time in which an event of 3 % ICD would be seen; to the right the median of the smallest detectable \
         amplitude, in % ICD.",
    );
    format!("<section><h2>Plots</h2><div class=\"charts\">{figures}</div></section>")
}

fn section(title: &str, body: &str, legend: &str) -> String {
    format!("<section><h2>{title}</h2>{body}<p class=\"legend\">{legend}</p></section>")
}

fn timelines(report: &SpottingReport, clips: &[Clip], traces: &[Traces]) -> String {
    let mut budget = timeline::TRACED_STRIPS;
    let mut body = String::new();
    for (index, ((clip_report, clip), traces)) in report.clips.iter().zip(clips).zip(traces).enumerate() {
        let open = if index < OPEN_CLIPS { " open" } else { "" };
        let found = clip_report.events.iter().filter(|event| event.found.is_some()).count();
        let missed = clip_report.events.len() - found;
        let facts = [
            if clip.fps > 0.0 { format!("{:.0} fps", clip.fps) } else { String::new() },
            clip.base_kind.clone(),
            clip.person.clone(),
            clip.condition.clone(),
        ];
        let facts: Vec<String> =
            facts.iter().filter(|fact| !fact.is_empty()).map(|fact| escape(fact)).collect();
        let _ = write!(
            body,
            "<details{open}><summary><b>{}</b> <span>{}</span> <i class=\"found\">{found} found</i> \
             <i class=\"missed\">{missed} missed</i> <i class=\"alarm\">{} false</i></summary>{}</details>",
            escape(&clip.name),
            facts.join(" · "),
            clip_report.false_alarms.len(),
            timeline::strips(report, clip_report, clip, traces, &mut budget)
        );
    }
    let legend = "<span class=\"key truth-found\"></span>true event, found <span class=\"key truth-missed\"></span>true event, \
         missed <span class=\"key claim-found\"></span>claim that found one <span class=\"key claim-alarm\"></span>false alarm \
         <span class=\"key other\"></span>other truth, other predictions <span class=\"key unseen\"></span>not observable. \
         The tick in a true event is its apex, the one in a claim its flag. Traces: displacement of a region less its \
         median over two seconds, <span class=\"key my\"></span>down, <span class=\"key mx\"></span>to image right; drawn around \
         events only.";
    let note = if budget == 0 {
        "<p class=\"legend\">Too many to draw all: later strips have no traces.</p>"
    } else {
        ""
    };
    format!("<section><h2>Timelines</h2><p class=\"legend\">{legend}</p>{note}{body}</section>")
}
