//! The operator's strip below the live picture: the step and what the participant reads, time left, and whether the
//! recording is well.

use super::brush::Brush;
use super::canvas::{Area, Color};
use super::text::{Style, Weight};
use super::theme;
use super::words::clock;
use super::wrap::Block;

/// Height, in layout units.
const HEIGHT: f32 = 98.0;
/// Minutes of disk left from which on the operator is warned (issue 6 asks for 5).
const DISK_WARNING_MIN: f64 = 5.0;
/// Fill of the recorder's queue from which on it falls behind: half of it is left to catch up.
const QUEUE_WARNING: f32 = 0.5;
/// Width of the two times, in layout units.
const TIMES_WIDTH: f32 = 158.0;

/// What the operator is told. Values that are not known, or are no numbers, are shown as a dash.
#[derive(Clone, Copy, Debug, Default)]
pub struct OperatorView<'a> {
    /// Name of the step: `anger-03`; empty between steps.
    pub step: &'a str,
    /// What it is: `question`.
    pub kind: &'a str,
    /// What the participant reads or sees.
    pub text: &'a str,
    /// Number of the step, from 1, and of all steps.
    pub number: (usize, usize),
    /// Seconds until the step ends; `None` where it waits for a key.
    pub step_left_s: Option<f64>,
    /// Seconds until the session ends; `None` where a step waits for a key without end.
    pub session_left_s: Option<f64>,
    /// How much of the session is over, `[0, 1]`.
    pub progress: Option<f32>,
    /// Minutes until the disk is full.
    pub disk_left_min: Option<f64>,
    /// Frames that are not in the file.
    pub frames_lost: u64,
    /// Fill of the recorder's queue, `[0, 1]`.
    pub queue_fill: f32,
    /// Bytes in the file.
    pub bytes_written: u64,
    /// Digits that mark a moment, and what they mark.
    pub markers: &'a [(char, &'a str)],
    /// Markers so far.
    pub marker_count: usize,
    /// The last marker, and how many seconds ago it was set.
    pub last_marker: Option<(&'a str, f64)>,
    /// What else must be known, such as why a session ended; may be empty.
    pub notice: &'a str,
}

/// The strip at the lower edge of a canvas: at most a third of it.
pub(super) fn strip(all: Area, unit: f32) -> Area {
    let h = ((HEIGHT * unit).round() as i32).min(all.h / 3).max(0);
    Area { y: all.bottom() - h, h, ..all }
}

/// Draws the strip.
pub(super) fn draw(brush: &mut Brush<'_>, view: &OperatorView<'_>, area: Area) {
    brush.canvas.fill(area, theme::CARD);
    let thick = brush.px(3.0).max(2);
    brush.canvas.fill(Area { h: thick, ..area }, Color::rgb(0x2A323B));
    if let Some(progress) = view.progress.filter(|progress| progress.is_finite()) {
        let w = (area.w as f32 * progress.clamp(0.0, 1.0)) as i32;
        brush.canvas.fill(Area { w, h: thick, ..area }, theme::ACCENT);
    }
    let pad = brush.px(10.0);
    let inner = Area::new(area.x + pad, area.y + brush.px(9.0), area.w - 2 * pad, area.h - brush.px(13.0));
    let upper = Area { h: brush.px(48.0), ..inner };
    let times_x = inner.right() - brush.px(TIMES_WIDTH);
    draw_step(brush, view, Area { w: times_x - inner.x - brush.px(12.0), ..upper });
    draw_times(brush, view, Area { x: times_x, w: inner.right() - times_x, ..upper });
    let rule_y = upper.bottom() + brush.px(2.0);
    brush.rule(inner.x, inner.right(), rule_y, theme::RULE);
    let row = brush.px(15.0);
    let figures = Area { y: rule_y + brush.px(3.0), h: row, ..inner };
    draw_figures(brush, view, figures);
    draw_markers(brush, view, Area { y: figures.bottom() + brush.px(1.0), ..figures });
}

fn draw_step(brush: &mut Brush<'_>, view: &OperatorView<'_>, area: Area) {
    let small = brush.fonts.small;
    let (number, count) = view.number;
    let mut title = format!("{number} / {count}");
    for part in [view.kind, view.step].into_iter().filter(|part| !part.is_empty()) {
        title.push_str(" · ");
        title.push_str(part);
    }
    let row = brush.px(12.0);
    let pen = [area.x as f32, small.baseline_px(area.y, row)];
    brush.text(pen, &title, small, theme::SOFT, area.w as f32);
    let text = if view.text.is_empty() { "(nothing to read)" } else { view.text };
    let color = if view.text.is_empty() { theme::FAINT } else { theme::INK };
    let words = Area { y: area.y + row + brush.px(2.0), h: area.h - row - brush.px(2.0), ..area };
    let body = brush.fonts.body.size_px;
    let block = Block::fitted(brush.setter, text, Weight::Medium, [body * 1.5, body], words);
    block.draw_left(brush.setter, brush.canvas, [words.x as f32, words.y as f32], color, words.w as f32);
}

fn draw_times(brush: &mut Brush<'_>, view: &OperatorView<'_>, area: Area) {
    let (figure, small) = (brush.fonts.figure, brush.fonts.small);
    let large = Style { size_px: figure.size_px * 1.2, ..figure };
    let step = match (view.step.is_empty(), view.step_left_s) {
        (true, _) => "–".to_owned(),
        // Rounded up: 0:00 is shown when it is over.
        (_, Some(left_s)) => clock(left_s.ceil(), false),
        _ => "key".to_owned(),
    };
    let session = view.session_left_s.map_or_else(|| "open".to_owned(), |left_s| clock(left_s.ceil(), false));
    let half = area.w / 2;
    for (x, value, label, color) in [
        (area.x, step, "left in the step", theme::ACCENT),
        (area.x + half, session, "in the session", theme::INK),
    ] {
        let baseline = large.baseline_px(area.y, brush.px(26.0));
        brush.text([x as f32, baseline], &value, large, color, half as f32);
        let baseline = small.baseline_px(area.y + brush.px(28.0), brush.px(14.0));
        brush.text([x as f32, baseline], label, small, theme::SOFT, half as f32);
    }
}

fn draw_figures(brush: &mut Brush<'_>, view: &OperatorView<'_>, area: Area) {
    let gap = 16.0 * brush.unit;
    let mut x = area.x as f32;
    let disk_left = view.disk_left_min.filter(|minutes| minutes.is_finite() && *minutes >= 0.0);
    let disk = disk_left.map_or_else(|| "–".to_owned(), minutes);
    let is_low = disk_left.is_some_and(|minutes| minutes < DISK_WARNING_MIN);
    let alert = |is_bad: bool| if is_bad { theme::ALERT } else { theme::INK };
    x = figure(brush, [x, area.y as f32], area.h, &disk, "of disk left", alert(is_low)) + gap;
    let lost = view.frames_lost.to_string();
    let unit = if view.frames_lost == 1 { "frame lost" } else { "frames lost" };
    x = figure(brush, [x, area.y as f32], area.h, &lost, unit, alert(view.frames_lost > 0)) + gap;
    x = figure(brush, [x, area.y as f32], area.h, &bytes(view.bytes_written), "written", theme::INK) + gap;

    // The queue: a bar, since a figure that changes all the time cannot be read.
    let fill = if view.queue_fill.is_finite() { view.queue_fill.clamp(0.0, 1.0) } else { 0.0 };
    let falls_behind = fill >= QUEUE_WARNING;
    let bar = Area::new(x as i32, area.y + area.h / 2 - brush.px(3.0), brush.px(52.0), brush.px(6.0));
    brush.canvas.fill_round(bar, 3.0 * brush.unit, Color::rgb(0x2A323B));
    if fill > 0.0 {
        let w = ((bar.w as f32 * fill) as i32).max(brush.px(2.0));
        let color = if falls_behind { theme::ALERT } else { theme::ACCENT };
        brush.canvas.fill_round(Area { w, ..bar }, 3.0 * brush.unit, color);
    }
    let small = brush.fonts.small;
    let words = if falls_behind { "recording falls behind" } else { "queue" };
    let color = if falls_behind { theme::ALERT } else { theme::SOFT };
    let x = bar.right() as f32 + 6.0 * brush.unit;
    let baseline = small.baseline_px(area.y, area.h);
    let end = brush.text([x, baseline], words, small, color, area.right() as f32 - x);
    if !view.notice.is_empty() {
        let strong = brush.fonts.strong;
        let room = area.right() as f32 - end - gap;
        let x = area.right() as f32 - brush.setter.width_px(view.notice, strong).min(room);
        brush.text([x, strong.baseline_px(area.y, area.h)], view.notice, strong, theme::ALERT, room);
    }
}

/// A value and its unit; returns where they end.
fn figure(
    brush: &mut Brush<'_>,
    [x, y]: [f32; 2],
    height: i32,
    value: &str,
    unit: &str,
    color: Color,
) -> f32 {
    let (strong, small) = (brush.fonts.strong, brush.fonts.small);
    let baseline = strong.baseline_px(y as i32, height);
    let x = brush.text([x, baseline], value, strong, color, f32::INFINITY) + 4.0 * brush.unit;
    brush.text([x, baseline], unit, small, theme::SOFT, f32::INFINITY)
}

fn draw_markers(brush: &mut Brush<'_>, view: &OperatorView<'_>, area: Area) {
    let (strong, small) = (brush.fonts.strong, brush.fonts.small);
    let baseline = small.baseline_px(area.y, area.h);
    let count = match (view.marker_count, view.last_marker) {
        (0, _) => "no marker yet".to_owned(),
        (count, Some((name, ago_s))) if ago_s.is_finite() => {
            let plural = if count == 1 { "" } else { "s" };
            format!("{count} marker{plural} · {name}, {} ago", clock(ago_s.max(0.0), false))
        }
        (1, _) => "1 marker".to_owned(),
        (count, _) => format!("{count} markers"),
    };
    let is_new = view.last_marker.is_some_and(|(_, ago_s)| ago_s < 2.0);
    let color = if is_new { theme::INK } else { theme::SOFT };
    let count_width = brush.setter.width_px(&count, small).min(area.w as f32 * 0.4);
    let count_x = area.right() as f32 - count_width;
    brush.text([count_x, baseline], &count, small, color, count_width + 1.0);
    let mut x = area.x as f32;
    for (key, name) in view.markers {
        let key = key.to_string();
        let width =
            brush.setter.width_px(&key, strong) + brush.setter.width_px(name, small) + 14.0 * brush.unit;
        if x + width > count_x - 16.0 * brush.unit {
            brush.text([x, baseline], "…", small, theme::SOFT, f32::INFINITY);
            break;
        }
        x = brush.text([x, baseline], &key, strong, theme::ACCENT, f32::INFINITY) + 4.0 * brush.unit;
        x = brush.text([x, baseline], name, small, theme::SOFT, f32::INFINITY) + 12.0 * brush.unit;
    }
}

/// Minutes, or hours where they are many: `4 min`, `3.5 h`.
fn minutes(minutes: f64) -> String {
    if minutes < 120.0 { format!("{minutes:.0} min") } else { format!("{:.1} h", minutes / 60.0) }
}

/// Bytes in the unit that people read off disks: `812 MB`, `1.42 GB`.
fn bytes(bytes: u64) -> String {
    let mega = bytes as f64 / 1e6;
    if mega < 1000.0 { format!("{mega:.0} MB") } else { format!("{:.2} GB", mega / 1000.0) }
}
