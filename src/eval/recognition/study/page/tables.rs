//! The page's tables: the data, the paper's tables, networks against each other, what was left out.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::super::data_set::{DataSet, PaperTable, protocol_name, protocol_order, stimulus_order};
use super::super::results::{RunResult, StudyResults, distinct};
use super::super::summary::pairs;
use super::super::{MASKED, MICRO, StudyData};
use crate::eval::html::escape;
use crate::eval::recognition::study::tables::TABLES;

/// Participants by gender, and samples of each kind by stimulus, gender and label.
pub(super) fn data(data: &StudyData) -> String {
    if data.samples.is_empty() && data.participants.is_empty() {
        return String::new();
    }
    let mut text = String::new();
    let people: usize = data.participants.values().sum();
    if people > 0 {
        let by_gender: Vec<String> = data
            .participants
            .iter()
            .map(|(gender, count)| format!("{count} {}", escape(known(gender))))
            .collect();
        let _ = write!(text, "<p>{people} participants: {}.</p>", by_gender.join(", "));
    }
    let mut kinds: Vec<&str> = data.samples.iter().map(|one| one.kind.as_str()).collect();
    // The paper's order: micro, then masked.
    kinds.sort_by_key(|kind| (*kind != MICRO, *kind != MASKED, *kind));
    kinds.dedup();
    text += "<div class=\"side-by-side\">";
    for kind in kinds {
        text += &samples_of(data, kind);
    }
    text + "</div>"
}

fn known(name: &str) -> &str {
    if name.is_empty() { "not known" } else { name }
}

fn samples_of(data: &StudyData, kind: &str) -> String {
    let of_kind = || data.samples.iter().filter(|one| one.kind == kind);
    let labels = distinct(of_kind().map(|one| one.label.as_str()));
    let mut rows: BTreeMap<_, BTreeMap<&str, usize>> = BTreeMap::new();
    for one in of_kind() {
        let row = (stimulus_order(Some(&one.stimulus)), one.stimulus.as_str(), one.gender.as_str());
        *rows.entry(row).or_default().entry(&one.label).or_default() += one.count;
    }
    let title = DataSet { kind, stimulus: None, gender: None }.title();
    let mut text = format!(
        "<div class=\"scroll\"><table><caption>{}</caption><thead><tr><th>stimulus</th><th>gender</th>",
        escape(&title)
    );
    labels.iter().for_each(|label| text += &format!("<th>{}</th>", escape(&label.replace('_', " "))));
    text += "<th>all</th></tr></thead><tbody>";
    let mut sums: BTreeMap<&str, usize> = BTreeMap::new();
    let cells = |counts: &BTreeMap<&str, usize>| {
        let of = |label: &&str| counts.get(label).copied().unwrap_or(0);
        let each: String = labels.iter().map(|label| format!("<td>{}</td>", of(label))).collect();
        format!("{each}<td>{}</td></tr>", labels.iter().map(of).sum::<usize>())
    };
    for ((_, stimulus, gender), counts) in &rows {
        let (stimulus, gender) = (escape(known(stimulus)), escape(known(gender)));
        text += &format!("<tr><td>{stimulus}</td><td>{gender}</td>{}", cells(counts));
        counts.iter().for_each(|(label, count)| *sums.entry(label).or_default() += count);
    }
    text += &format!("<tr class=\"sum\"><td>all</td><td></td>{}", cells(&sums));
    text + "</tbody></table></div>"
}

/// The four tables of the paper, and a fifth of what is none of them.
pub(super) fn paper(results: &StudyResults) -> String {
    let mut text = String::new();
    for (table, _, title) in TABLES {
        text += &one_table(results, table, title);
    }
    text + &one_table(results, PaperTable::Other, "Further runs")
}

fn one_table(results: &StudyResults, table: PaperTable, title: &str) -> String {
    let runs = results.runs_of(table);
    if runs.is_empty() {
        return String::new();
    }
    // Where both protocols are there, one row holds both; else what there is.
    let mut protocols = distinct(runs.iter().map(|run| run.protocol.as_str()));
    protocols.sort_by_key(|protocol| protocol_order(protocol));
    let mut text = format!(
        "<div class=\"scroll\"><table class=\"paper\"><caption>{title}</caption><thead><tr><th rowspan=\"2\">network</th><th rowspan=\"2\">data</th>"
    );
    for protocol in &protocols {
        let _ = write!(text, "<th colspan=\"4\" class=\"group\">{}</th>", escape(protocol_name(protocol)));
    }
    text += "<th rowspan=\"2\" class=\"group\">optimism</th></tr><tr>";
    for _ in &protocols {
        text += "<th class=\"group\">accuracy</th><th>precision</th><th>recall</th><th>F1</th>";
    }
    text += "</tr></thead><tbody>";
    let mut rows: Vec<(&str, DataSet<'_>)> = Vec::new();
    for run in &runs {
        if !rows.contains(&(run.network.as_str(), run.data_set())) {
            rows.push((&run.network, run.data_set()));
        }
    }
    for (network, data_set) in rows {
        let these: Vec<&RunResult> =
            runs.iter().copied().filter(|run| run.network == network && run.data_set() == data_set).collect();
        let _ = write!(text, "<tr><td>{}</td><td>{}</td>", escape(network), escape(&what(&data_set, table)));
        for protocol in &protocols {
            text += &cells(these.iter().copied().find(|run| run.protocol == *protocol));
        }
        let apart = pairs(&results.runs)
            .into_iter()
            .find(|(holdout, _)| these.iter().any(|run| std::ptr::eq(*run, *holdout)));
        let difference = apart.and_then(|(holdout, subject)| {
            let accuracy = |run: &RunResult| Some(run.recognition.as_ref()?.pooled.scores.accuracy);
            Some(format!("{:+.1}", 100.0 * (accuracy(holdout)? - accuracy(subject)?)))
        });
        let _ =
            write!(text, "<td class=\"group\">{}</td></tr>", difference.unwrap_or_else(|| "–".to_owned()));
    }
    text + "</tbody></table></div>"
}

/// What distinguishes a data set within its table.
fn what(data_set: &DataSet<'_>, table: PaperTable) -> String {
    let stimulus = data_set.stimulus.unwrap_or("all stimuli");
    match (table, data_set.gender) {
        (PaperTable::Masked, Some(gender)) => format!("{stimulus}, {gender}"),
        (PaperTable::Other, _) => data_set.title(),
        _ => stimulus.to_owned(),
    }
}

fn cells(run: Option<&RunResult>) -> String {
    let Some(run) = run else { return "<td class=\"none group\" colspan=\"4\">not run</td>".to_owned() };
    let Some(found) = &run.recognition else {
        return format!(
            "<td class=\"none group\" colspan=\"4\">{}</td>",
            escape(run.why_not.as_deref().unwrap_or("no run"))
        );
    };
    let (scores, intervals) = (&found.pooled.scores, found.pooled.intervals.as_ref());
    let percent = |share: f64| format!("{:.1}", 100.0 * share);
    let range = |ends: Option<[f64; 2]>| {
        ends.map_or_else(String::new, |[low, high]| {
            format!("<small>{} – {}</small>", percent(low), percent(high))
        })
    };
    format!(
        "<td class=\"group\"><b>{}</b>{}</td><td>{}</td><td>{}</td><td>{}{}</td>",
        percent(scores.accuracy),
        range(intervals.map(|i| i.accuracy)),
        percent(scores.macro_precision),
        percent(scores.macro_recall),
        percent(scores.macro_f1),
        range(intervals.map(|i| i.macro_f1))
    )
}

/// McNemar's test of every pair of networks.
pub(super) fn comparisons(results: &StudyResults) -> String {
    if results.comparisons.is_empty() {
        return String::new();
    }
    let mut text = "<div class=\"scroll\"><table class=\"tests\"><thead><tr><th>data</th><th>protocol</th><th>first</th><th>second</th>\
         <th>both right</th><th>only first</th><th>only second</th><th>both wrong</th><th>p</th><th>p, Holm</th></tr></thead><tbody>"
        .to_owned();
    let mut before = String::new();
    for one in &results.comparisons {
        let data_set =
            DataSet { kind: &one.kind, stimulus: one.stimulus.as_deref(), gender: one.gender.as_deref() };
        let title = data_set.title();
        let key = format!("{title} {}", one.protocol);
        let class = if key == before { "" } else { " class=\"first\"" };
        before = key;
        let _ = write!(
            text,
            "<tr{class}><td>{}</td><td>{}</td><td>{}</td><td>{}</td>",
            escape(&title),
            escape(protocol_name(&one.protocol)),
            escape(&one.first),
            escape(&one.second)
        );
        match &one.mcnemar {
            Some(test) => {
                let counts = [test.both_right, test.only_first, test.only_second, test.both_wrong];
                counts.iter().for_each(|count| text += &format!("<td>{count}</td>"));
                let strong = if one.p_holm.is_some_and(|p| p < 0.05) { " class=\"strong\"" } else { "" };
                let exact = if test.exact { "" } else { "*" };
                let _ = write!(
                    text,
                    "<td>{}{exact}</td><td{strong}>{}</td></tr>",
                    p_text(test.p),
                    one.p_holm.map_or_else(String::new, p_text)
                );
            }
            None => {
                let why = escape(one.why_not.as_deref().unwrap_or_default());
                let _ = write!(text, "<td class=\"none\" colspan=\"6\">{why}</td></tr>");
            }
        }
    }
    text + "</tbody></table></div>"
}

fn p_text(p: f64) -> String {
    if p < 0.001 { "&lt; 0.001".to_owned() } else { format!("{p:.3}") }
}

/// What was not used, and why.
pub(super) fn left_out(results: &StudyResults) -> String {
    if results.left_out.is_empty() {
        return String::new();
    }
    let mut text = "<div class=\"scroll\"><table class=\"facts\"><tbody>".to_owned();
    for (name, why) in &results.left_out {
        let _ = write!(text, "<tr><th>{}</th><td>{}</td></tr>", escape(name), escape(why));
    }
    text + "</tbody></table></div>"
}
