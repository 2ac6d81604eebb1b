//! A report for people at a terminal.

use std::fmt::Write as _;

use super::report::{BenchReport, Figures};
use crate::eval::text_table::TextTable;

/// The whole report.
pub fn text_of(report: &BenchReport) -> String {
    let input = &report.input;
    let rate = input.fps.map_or_else(|| "its own rate".to_owned(), |fps| format!("{fps} fps"));
    // Writing to a String cannot fail.
    let mut text = format!(
        "{}, {}x{} {} at {rate}; landmarks at most {} times a second, spotter {}; {:.0} s measured after {:.0} s\n\n",
        input.name,
        input.width,
        input.height,
        input.format,
        report.landmark_hz,
        report.spotter,
        report.measured_s,
        report.warm_up_s
    );
    text += &table("stage, ms", &report.stages);
    text += "\n";
    text += &table("end to end, ms", &report.end_to_end);
    if !report.networks.is_empty() {
        text += "\n";
        text += &table("network alone, ms", &report.networks);
    }
    text += "\n";
    let _ = writeln!(text, "frames {}, lost {}, drawn {}", report.frames, report.lost, report.drawn);
    let known = |value: Option<f64>, decimals: usize, unit: &str| {
        value.map_or_else(|| "not told here".to_owned(), |value| format!("{value:.decimals$}{unit}"))
    };
    let _ = writeln!(
        text,
        "processor time a frame {}, of {} core; allocations a frame {}; energy a frame {}",
        known(report.cpu_ms_per_frame, 2, " ms"),
        known(report.cpu_cores, 2, ""),
        known(report.allocations_per_frame, 1, ""),
        known(report.energy_j_per_frame, 3, " J"),
    );
    let _ = writeln!(
        text,
        "most memory at once {}, of it {:.0} MB held frames; one look at the clock {:.0} ns",
        known(report.peak_memory_mb, 0, " MB"),
        input.held_mb,
        report.clock_overhead_ns
    );
    if let Some(sustainable) = &report.sustainable {
        let more = if sustainable.is_at_limit { " (the highest tried)" } else { "" };
        let _ = writeln!(text, "highest rate with at most 1 % lost: {:.0} fps{more}", sustainable.fps);
    }
    let _ = writeln!(text, "{}", report.machine.line());
    text
}

fn table(title: &str, figures: &[Figures]) -> String {
    let mut table = TextTable::new(&[title, "count", "mean", "p50", "p95", "p99", "max"]);
    for f in figures {
        let ms = |value: f64| format!("{value:.3}");
        table.row(vec![
            f.name.clone(),
            f.count.to_string(),
            ms(f.mean_ms),
            ms(f.p50_ms),
            ms(f.p95_ms),
            ms(f.p99_ms),
            ms(f.max_ms),
        ]);
    }
    table.text()
}
