//! Histograms of the delays of found events.

use super::charts::{WIDTH, round_step};
use crate::eval::html::{Anchor, Svg};
use crate::eval::spotting::clip_report::FoundReport;
use crate::eval::spotting::report::SpottingReport;
use crate::eval::stats::Quantiles;

/// Most bars of a histogram.
const MOST_BINS: f64 = 40.0;

/// Three histograms, one below the other, on one scale of time. `None` without a found event.
pub(super) fn histograms(report: &SpottingReport) -> Option<String> {
    type Delay = fn(&FoundReport) -> Option<f64>;
    let delays: [(&str, Delay, &Quantiles); 3] = [
        ("flag after onset", |f| f.flag_after_onset_ms, &report.overall.flag_after_onset_ms),
        ("flag after apex", |f| f.flag_after_apex_ms, &report.overall.flag_after_apex_ms),
        (
            "confirmed after offset",
            |f| f.confirmed_after_offset_ms,
            &report.overall.confirmed_after_offset_ms,
        ),
    ];
    let found: Vec<&FoundReport> =
        report.clips.iter().flat_map(|clip| &clip.events).filter_map(|event| event.found.as_ref()).collect();
    let values = |delay: Delay| found.iter().filter_map(|found| delay(found)).collect::<Vec<f64>>();
    let all: Vec<f64> = delays.iter().flat_map(|(_, delay, _)| values(*delay)).collect();
    let low = all.iter().copied().reduce(f64::min)?.min(0.0);
    let high = all.iter().copied().reduce(f64::max)?.max(100.0);
    let bin_ms = [5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0]
        .into_iter()
        .find(|bin_ms| (high - low) / bin_ms <= MOST_BINS)
        .unwrap_or((high - low) / MOST_BINS);
    let (first, last) = ((low / bin_ms).floor(), (high / bin_ms).floor() + 1.0);
    let bins = (last - first) as usize;

    const LEFT: f64 = 10.0;
    const HEIGHT: f64 = 64.0;
    const GAP: f64 = 26.0;
    let right = WIDTH - 10.0;
    let x = |ms: f64| LEFT + (right - LEFT) * (ms / bin_ms - first) / (last - first);
    let bottom = |index: usize| (HEIGHT + GAP) * (index as f64 + 1.0);
    let mut svg = Svg::new(WIDTH, bottom(2) + 38.0);
    for (index, (what, delay, quantiles)) in delays.into_iter().enumerate() {
        let mut counts = vec![0usize; bins];
        for ms in values(delay) {
            if let Some(count) = counts.get_mut((ms / bin_ms - first) as usize) {
                *count += 1;
            }
        }
        let most = counts.iter().copied().max().unwrap_or(0).max(1) as f64;
        let base = bottom(index);
        for (bin, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let from = x((first + bin as f64) * bin_ms);
            let height = HEIGHT * *count as f64 / most;
            svg.rect([from + 0.5, base - height, x(bin_ms) - x(0.0) - 1.0, height], "bar pale");
        }
        svg.line([LEFT, base], [right, base], "grid");
        for quantile in [quantiles.p50, quantiles.p95].into_iter().flatten() {
            svg.line([x(quantile), base - HEIGHT], [x(quantile), base], "mark");
        }
        let figures = match (quantiles.p50, quantiles.p95) {
            (Some(p50), Some(p95)) => format!("{what}: p50 {p50:.0}, p95 {p95:.0} ms, n {}", quantiles.n),
            _ => format!("{what}: the tables don't say"),
        };
        svg.text([LEFT, base - HEIGHT - 8.0], Anchor::Start, "name", &figures);
    }
    let step = round_step(high - low);
    for n in (low / step).ceil() as i64..=(high / step).floor() as i64 {
        let ms = n as f64 * step;
        svg.line([x(ms), bottom(2)], [x(ms), bottom(2) + 4.0], "grid");
        svg.text([x(ms), bottom(2) + 17.0], Anchor::Middle, "axis", &format!("{ms:.0}"));
    }
    svg.text([(LEFT + right) / 2.0, bottom(2) + 34.0], Anchor::Middle, "axis", "ms");
    Some(svg.finish("chart", "delays of found events"))
}
