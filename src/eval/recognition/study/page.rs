//! A study as one page of HTML: what the data is, what it says, tables, figures. Self-contained, without scripts.

mod bars;
mod confusion;
mod curves;
mod dots;
mod plot;
mod tables;

use std::fmt::Write as _;

use super::data_set::{DataSet, protocol_name};
use super::maps::MapFile;
use super::results::{RunResult, StudyResults, distinct};
use super::{HOLDOUT, SUBJECT};
use crate::eval::html::{escape, page_start};

const STYLE: &str = include_str!("page/style.css");

/// The page.
pub(super) fn page_of(results: &StudyResults) -> String {
    let mut page = page_start(&results.title, STYLE);
    page += &head(results);
    page += &section("The data", &tables::data(&results.dataset), "");
    page += &section("Both protocols side by side", &dots::overview(results), OVERVIEW_LEGEND);
    page += &section("Tables", &tables::paper(results), TABLE_LEGEND);
    page += &figures(results);
    page += &section("Networks against each other", &tables::comparisons(results), MCNEMAR_LEGEND);
    page += &maps(&results.maps);
    page += &section("Left out", &tables::left_out(results), "");
    let _ = writeln!(
        page,
        "<footer>onset {} · {} of runs and figures · definitions: docs/evaluate.md; every figure with its digits: study.json</footer>\
         </main></body></html>",
        env!("CARGO_PKG_VERSION"),
        duration(results.seconds)
    );
    page
}

const OVERVIEW_LEGEND: &str = "<span class=\"key hollow\"></span>frame split: frames of one person are in training and test \
     <span class=\"key full\"></span>subject-disjoint: nobody is in both. Lines: 95 % intervals. Dashed: what guessing gives when all \
     classes are equally frequent.";

const TABLE_LEGEND: &str = "In percent; precision, recall and F1 are means over classes (macro). Small: 95 % percentile-bootstrap \
     interval over people (over examples where people are not known), 1,000 draws. Last column: accuracy of the frame split less \
     that of the subject-disjoint protocol, in points; where it is positive, the frame split is the optimistic one.";

const MCNEMAR_LEGEND: &str = "McNemar's test on the examples that both networks were tested on: exact under 25 discordant pairs, \
     else (marked *) chi-square with continuity correction. Holm: corrected for the other pairs on the same data set by the same protocol. The \
     test takes examples as independent; frames of one person are not, so p is too small where people gave many.";

fn head(results: &StudyResults) -> String {
    let mut text = format!("<header><h1>{}</h1></header><div class=\"summary\">", escape(&results.title));
    for sentence in results.summary() {
        let _ = write!(text, "<p>{}</p>", escape(&sentence));
    }
    text += "</div>";
    if !results.facts.is_empty() {
        text += "<div class=\"scroll\"><table class=\"facts\"><tbody>";
        for (name, value) in &results.facts {
            let _ = write!(text, "<tr><th>{}</th><td>{}</td></tr>", escape(name), escape(value));
        }
        text += "</tbody></table></div>";
    }
    text
}

/// Nothing where there is no body.
fn section(title: &str, body: &str, legend: &str) -> String {
    if body.is_empty() {
        return String::new();
    }
    let legend = if legend.is_empty() { String::new() } else { format!("<p class=\"legend\">{legend}</p>") };
    format!("<section><h2>{title}</h2>{body}{legend}</section>")
}

/// One block a data set; those of one gender are closed at first.
fn figures(results: &StudyResults) -> String {
    let networks = results.networks();
    let mut body = String::new();
    for (data_set, runs) in results.by_data_set() {
        let with_figures: Vec<&RunResult> =
            runs.iter().copied().filter(|run| run.recognition.is_some()).collect();
        if with_figures.is_empty() {
            continue;
        }
        let open = if data_set.gender.is_none() { " open" } else { "" };
        let _ = write!(
            body,
            "<details{open}><summary><b>{}</b> <span>{}</span></summary>{}</details>",
            escape(&data_set.title()),
            size_of(&with_figures),
            block(&data_set, &with_figures, &networks)
        );
    }
    section("Figures", &body, "")
}

fn size_of(runs: &[&RunResult]) -> String {
    let most =
        runs.iter().filter_map(|run| run.recognition.as_ref()).max_by_key(|figures| figures.pooled.count);
    most.map_or_else(String::new, |figures| {
        let people = match figures.pooled.subjects {
            0 => String::new(),
            subjects => format!(" · {subjects} people"),
        };
        format!("{} test examples{people}", figures.pooled.count)
    })
}

fn block(data_set: &DataSet<'_>, runs: &[&RunResult], networks: &[&str]) -> String {
    let title = data_set.title();
    let mut text = String::new();
    let protocols = distinct(runs.iter().map(|run| run.protocol.as_str()));
    for protocol in &protocols {
        let these = runs.iter().filter(|run| run.protocol == *protocol);
        let cards = these.map(|run| card(&run.network, &confusion::matrix(run), "")).collect::<String>();
        let class = if most_classes(runs) > MANY { "grid-of broad" } else { "grid-of" };
        text += &grid(class, &format!("Confusion, {}", protocol_name(protocol)), &cards, CONFUSION_LEGEND);
    }
    let (bars, bars_legend) = bars::by_class(runs, &protocols, networks);
    let folds = dots::folds(runs);
    let wide = card("F1 by class", &bars, &bars_legend) + &card("Accuracy by fold", &folds, FOLDS_LEGEND);
    text += &format!("<div class=\"pairs\">{wide}</div>");
    // Curves of the protocol that says how networks do on new people, where there is one.
    let shown = [SUBJECT, HOLDOUT].into_iter().find(|protocol| protocols.contains(protocol));
    if let Some(protocol) = shown.or(protocols.first().copied()) {
        let these: Vec<&RunResult> = runs.iter().copied().filter(|run| run.protocol == protocol).collect();
        let name = protocol_name(protocol);
        let curves = these.iter().map(|run| card(&run.network, &curves::roc(run), "")).collect::<String>();
        text += &grid(
            "grid-of",
            &format!("ROC of each class against the rest, {name}"),
            &curves,
            "Beside each class: area under its curve.",
        );
        let curves =
            these.iter().map(|run| card(&run.network, &curves::calibration(run), "")).collect::<String>();
        text += &grid("grid-of", &format!("Calibration, {name}"), &curves, CALIBRATION_LEGEND);
    }
    format!("<div class=\"block\" aria-label=\"{}\">{text}</div>", escape(&title))
}

const CONFUSION_LEGEND: &str = "Row: the truth; column: what the network said. Large: percent of the row; small: examples. Outlined: right.";
const FOLDS_LEGEND: &str = "Dot: one fold. Bar: all folds together. Hollow: frame split.";
const CALIBRATION_LEGEND: &str = "Dot: examples whose chosen class got about this probability, and how often it was right; on the \
     diagonal the probability means what it says. Bars below: how many examples, in 15 bins. ECE: expected calibration error.";

fn card(title: &str, picture: &str, legend: &str) -> String {
    if picture.is_empty() {
        return String::new();
    }
    let legend = if legend.is_empty() { String::new() } else { format!("<figcaption>{legend}</figcaption>") };
    format!("<figure><h3>{}</h3>{picture}{legend}</figure>", escape(title))
}

/// From this many classes on, matrices have broader cards.
const MANY: usize = 5;

fn most_classes(runs: &[&RunResult]) -> usize {
    let classes = runs
        .iter()
        .filter_map(|run| run.recognition.as_ref())
        .map(|found| found.pooled.confusion.labels.len());
    classes.max().unwrap_or(0)
}

/// `class`: of the grid.
fn grid(class: &str, title: &str, cards: &str, legend: &str) -> String {
    if cards.is_empty() {
        return String::new();
    }
    format!("<h4>{}</h4><div class=\"{class}\">{cards}</div><p class=\"legend\">{legend}</p>", escape(title))
}

fn maps(maps: &[MapFile]) -> String {
    let mut body = String::new();
    for map in maps {
        let (network, class, example) =
            (escape(&map.network), escape(&map.class.replace('_', " ")), escape(&map.example));
        let (picture, over) = (&map.picture, &map.over_picture);
        let _ = write!(
            body,
            "<figure class=\"map\"><h3>{network}: {class}</h3><div class=\"both\"><img src=\"{picture}\" alt=\"{example}\">\
             <img src=\"{over}\" alt=\"{example}, with what decided\"></div><figcaption>{example}<br>\
             the probability falls by at most {:.2}</figcaption></figure>",
            map.largest_drop
        );
    }
    if body.is_empty() {
        return String::new();
    }
    section("Which parts of a face decided", &format!("<div class=\"maps\">{body}</div>"), MAP_LEGEND)
}

const MAP_LEGEND: &str = "Each part of the picture was hidden in turn. <span class=\"scale\"><span>probability of the class rises \
     when hidden</span><i></i><span>falls when hidden</span></span> Full colour is the strongest change of that picture.";

/// `12.5 min`, `40 s`.
fn duration(seconds: f64) -> String {
    if seconds >= 90.0 { format!("{:.1} min", seconds / 60.0) } else { format!("{seconds:.0} s") }
}
