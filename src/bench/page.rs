//! A report as one page of HTML, without scripts and with nothing from elsewhere.

use std::fmt::Write as _;

use super::report::{BenchReport, Figures};
use crate::eval::html::{Anchor, Svg, escape, page_start};

const STYLE: &str = include_str!("page.css");
/// Width of a chart, in px.
const WIDTH: f64 = 1180.0;
/// Where the bars begin, in px.
const LEFT: f64 = 190.0;
const ROW: f64 = 26.0;

/// The page.
pub fn page_of(report: &BenchReport) -> String {
    let input = &report.input;
    let rate = input.fps.map_or_else(|| "its own rate".to_owned(), |fps| format!("{fps} fps"));
    let mut page = page_start("latency", STYLE);
    let _ = write!(
        page,
        "<header><h1>Latency of a live session</h1><p>{} · {}×{} {} at {rate} · landmarks at most {} times a second · spotter {} · {:.0} s \
         after {:.0} s of warm-up</p></header>",
        escape(&input.name),
        input.width,
        input.height,
        escape(&input.format),
        report.landmark_hz,
        escape(&report.spotter),
        report.measured_s,
        report.warm_up_s
    );
    page += &cards(report);
    for (title, figures, legend) in [
        (
            "End to end",
            &report.end_to_end,
            "From a frame's arrival until its result is known, and until its picture is drawn.",
        ),
        (
            "Stages",
            &report.stages,
            "One measurement each time the stage ran: motion and spotter on every frame, the networks at their own cadence, the detector only \
             where a face is missing. Landmark stages run on a thread of their own.",
        ),
        ("Networks alone", &report.networks, "Each network by itself on one thread, nothing beside it."),
    ] {
        if !figures.is_empty() {
            let _ = write!(page, "<h2>{title}</h2><p class=\"legend\">{legend}</p>");
            page += &spread(figures);
            page += &table(figures);
        }
    }
    page += &rates(report);
    page += "<h2>Machine</h2><table class=\"facts\">";
    for fact in report.machine.line().split(", ") {
        let _ = write!(page, "<tr><td>{}</td></tr>", escape(fact));
    }
    let _ = writeln!(
        page,
        "</table><footer>onset {} · one look at the clock {:.0} ns, a stage takes two · HDR histograms of three digits</footer></main></body>\
         </html>",
        escape(&report.machine.onset),
        report.clock_overhead_ns
    );
    page
}

fn cards(report: &BenchReport) -> String {
    let mut text = String::from("<div class=\"cards\">");
    let mut card = |what: &str, figure: Option<String>, of: String| {
        let figure = figure.unwrap_or_else(|| "–".to_owned());
        let _ = write!(
            text,
            "<div class=\"card\"><span class=\"what\">{what}</span><span class=\"figure\">{figure}</span><span class=\"of\">{of}</span></div>"
        );
    };
    for figures in &report.end_to_end {
        let of = format!("ms, p95 · median {:.1} · worst {:.1}", figures.p50_ms, figures.max_ms);
        card(&escape(&figures.name), Some(format!("{:.1}", figures.p95_ms)), of);
    }
    let cores = report.cpu_cores.map_or_else(String::new, |cores| format!(" · {cores:.2} cores"));
    card(
        "processor time a frame",
        report.cpu_ms_per_frame.map(|ms| format!("{ms:.1}")),
        format!("ms, all threads{cores}"),
    );
    card("frames lost", Some(report.lost.to_string()), format!("of {}", report.frames + report.lost));
    if let Some(sustainable) = &report.sustainable {
        let more = if sustainable.is_at_limit { ", the highest tried" } else { "" };
        card(
            "sustained",
            Some(format!("{:.0}", sustainable.fps)),
            format!("frames a second, at most 1 % lost{more}"),
        );
    }
    card(
        "memory",
        report.peak_memory_mb.map(|mb| format!("{mb:.0}")),
        format!("MB at most, {:.0} of them held frames", report.input.held_mb),
    );
    card(
        "allocations a frame",
        report.allocations_per_frame.map(|n| format!("{n:.0}")),
        "all threads, networks included".to_owned(),
    );
    text + "</div>"
}

/// The next 1, 2 or 5 times a power of ten.
fn round_up(value: f64) -> f64 {
    let decade = 10f64.powf(value.max(1e-6).log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|step| step * decade).find(|limit| *limit >= value).unwrap_or(value)
}

/// From the fifth to the 95th percentile as a bar, the quarter to three quarters darker, the median as a line, the 99th percentile as a dot.
fn spread(figures: &[Figures]) -> String {
    let end_ms = round_up(figures.iter().map(|f| f.p99_ms).fold(0.0, f64::max));
    let x = |ms: f64| LEFT + (WIDTH - LEFT - 70.0) * (ms / end_ms).min(1.0);
    let height = ROW * figures.len() as f64 + 34.0;
    let mut svg = Svg::new(WIDTH, height);
    for tick in 0..=5 {
        let ms = end_ms * f64::from(tick) / 5.0;
        svg.line([x(ms), 4.0], [x(ms), height - 26.0], "grid");
        svg.text([x(ms), height - 8.0], Anchor::Middle, "axis", &format!("{} ms", trimmed(ms)));
    }
    for (row, f) in figures.iter().enumerate() {
        let y = 6.0 + ROW * row as f64;
        svg.text([LEFT - 10.0, y + 15.0], Anchor::End, "name", &f.name);
        let at = |percent: usize| f.percentiles_ms.get(percent).copied().unwrap_or(0.0);
        let title = format!(
            "{}: median {:.3} ms, p95 {:.3}, p99 {:.3}, worst {:.3}, {} times",
            f.name, f.p50_ms, f.p95_ms, f.p99_ms, f.max_ms, f.count
        );
        svg.titled_rect([x(at(5)), y + 6.0, x(at(95)) - x(at(5)), 10.0], "bar pale", &title);
        svg.titled_rect([x(at(25)), y + 4.0, x(at(75)) - x(at(25)), 14.0], "bar", &title);
        svg.line([x(f.p50_ms), y + 2.0], [x(f.p50_ms), y + 20.0], "median");
        svg.circle([x(f.p99_ms), y + 11.0], 3.5, "dot");
        svg.text([x(f.p99_ms) + 9.0, y + 15.0], Anchor::Start, "axis", &trimmed(f.p50_ms));
    }
    let label = "Times by name: bars from the 5th to the 95th percentile, darker from the 25th to the 75th, the median as a line, the 99th as a dot";
    format!(
        "<figure>{}<figcaption>{label}; the number is the median.</figcaption></figure>",
        svg.finish("spread", label)
    )
}

fn table(figures: &[Figures]) -> String {
    let mut text = String::from("<div class=\"scroll\"><table><thead><tr><th></th>");
    for head in ["count", "mean", "p50", "p95", "p99", "max"] {
        let _ = write!(text, "<th>{head}</th>");
    }
    text += "</tr></thead><tbody>";
    for f in figures {
        let _ = write!(text, "<tr><td>{}</td><td>{}</td>", escape(&f.name), f.count);
        for ms in [f.mean_ms, f.p50_ms, f.p95_ms, f.p99_ms, f.max_ms] {
            let _ = write!(text, "<td>{ms:.3}</td>");
        }
        text += "</tr>";
    }
    text + "</tbody></table></div>"
}

fn rates(report: &BenchReport) -> String {
    let Some(sustainable) = &report.sustainable else { return String::new() };
    let mut text = String::from(
        "<h2>Frame rates that were tried</h2><div class=\"scroll\"><table><thead><tr><th>frames a second</th><th>lost, %</th><th>arrival to \
         result, p95 ms</th></tr></thead><tbody>",
    );
    for attempt in &sustainable.attempts {
        let _ = write!(
            text,
            "<tr><td>{:.0}</td><td>{:.2}</td><td>{:.2}</td></tr>",
            attempt.fps,
            100.0 * attempt.lost_share,
            attempt.p95_ms
        );
    }
    text + "</tbody></table></div>"
}

/// At most two decimals, and no zeros at the end.
fn trimmed(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_at_round_numbers() {
        for (value, end) in [(0.3, 0.5), (1.0, 1.0), (7.2, 10.0), (11.0, 20.0), (41.0, 50.0)] {
            assert!((round_up(value) - end).abs() < 1e-9, "{value}: {}", round_up(value));
        }
        assert_eq!([trimmed(2.0), trimmed(0.25), trimmed(10.0)], ["2", "0.25", "10"]);
    }
}
