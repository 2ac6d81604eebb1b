//! F1 of each class, networks side by side.

use super::super::data_set::protocol_name;
use super::super::results::RunResult;
use super::super::{HOLDOUT, SUBJECT};
use super::plot::{colour, cut, percent_axis};
use crate::eval::html::{Anchor, Svg};

const LEFT: f64 = 124.0;
const LENGTH: f64 = 310.0;
const BAR: f64 = 13.0;
const GAP: f64 = 12.0;
const LEGEND_ROW: f64 = 17.0;

/// One cluster a class, one bar a network, and a legend: filled by the subject-disjoint protocol, an outline by the frame split; one
/// protocol alone is filled.
pub(super) fn by_class(runs: &[&RunResult], protocols: &[&str], networks: &[&str]) -> (String, String) {
    let shown: Vec<&str> =
        networks.iter().copied().filter(|network| runs.iter().any(|run| run.network == *network)).collect();
    let labels =
        runs.iter().find_map(|run| run.recognition.as_ref()).map(|found| &found.pooled.confusion.labels);
    let Some(labels) = labels else { return Default::default() };
    let mut apart = protocols.iter().copied().filter(|protocol| *protocol != HOLDOUT);
    let filled = if protocols.contains(&SUBJECT) { SUBJECT } else { apart.next().unwrap_or(HOLDOUT) };
    let outlined = protocols.iter().copied().find(|protocol| *protocol == HOLDOUT && filled != HOLDOUT);
    let legend = match outlined {
        None => format!("{}. In percent.", protocol_name(filled)),
        Some(outlined) => format!(
            "Bar and first figure: {}. Outline and second figure: {}. In percent.",
            protocol_name(filled),
            protocol_name(outlined)
        ),
    };
    let f1 = |network: &str, protocol: &str, label: &str| {
        let run = runs.iter().find(|run| run.network == network && run.protocol == protocol)?;
        Some(run.recognition.as_ref()?.pooled.per_class.get(label)?.f1)
    };
    let cluster = BAR * shown.len() as f64 + GAP;
    let top = LEGEND_ROW * shown.len() as f64 + 8.0;
    let bottom = top + cluster * labels.len() as f64;
    let mut svg = Svg::new(LEFT + LENGTH + 52.0, bottom + 38.0);
    for (index, network) in shown.iter().enumerate() {
        let y = LEGEND_ROW * index as f64;
        svg.rect([LEFT, y + 4.0, 12.0, 10.0], &format!("series {}", colour(place(networks, network))));
        svg.text([LEFT + 18.0, y + 13.0], Anchor::Start, "name", &cut(network, 48));
    }
    percent_axis(&mut svg, LEFT, LENGTH, [top, bottom]);
    svg.text([LEFT + LENGTH / 2.0, bottom + 32.0], Anchor::Middle, "axis", "F1");
    for (row, label) in labels.iter().enumerate() {
        let y = top + cluster * row as f64 + GAP / 2.0;
        svg.text([LEFT - 8.0, y + (cluster - GAP) / 2.0 + 4.0], Anchor::End, "name", &cut(label, 16));
        for (index, network) in shown.iter().enumerate() {
            let y = y + BAR * index as f64;
            let paint = colour(place(networks, network));
            let bar = f1(network, filled, label);
            let outline = outlined.and_then(|protocol| f1(network, protocol, label));
            if let Some(f1) = bar {
                let title = format!("{network}, {label}: {:.1} % {}", 100.0 * f1, protocol_name(filled));
                svg.titled_rect([LEFT, y + 1.0, LENGTH * f1, BAR - 3.0], &format!("series {paint}"), &title);
            }
            if let Some(f1) = outline {
                svg.rect([LEFT, y + 0.5, LENGTH * f1, BAR - 2.0], &format!("outline {paint}"));
            }
            let end = bar.unwrap_or(0.0).max(outline.unwrap_or(0.0));
            let whole = |f1: f64| format!("{:.0}", 100.0 * f1);
            let text: Vec<String> = [bar, outline].into_iter().flatten().map(whole).collect();
            let text = text.join(" / ");
            svg.text([LEFT + LENGTH * end + 5.0, y + BAR - 3.0], Anchor::Start, "tiny", &text);
        }
    }
    (svg.finish("chart", "F1 of each class by network"), legend)
}

fn place(networks: &[&str], network: &str) -> usize {
    networks.iter().position(|other| *other == network).unwrap_or(0)
}
