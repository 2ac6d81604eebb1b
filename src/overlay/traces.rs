//! The traces of the last 5 s: a lane for each region, left solid and right dashed, with events, markers and gaps.
//!
//! Up is up in the upright face, in % of the ICD. This file draws the panel, `lane.rs` what is inside each lane.

use super::blind;
use super::brush::Brush;
use super::canvas::{Area, Color};
use super::lane::{grid, label, lanes_of, trace};
use super::scene::Scene;
use super::theme;
use super::words;
use crate::types::FrameStatus;

/// Seconds shown.
pub(super) const SPAN_S: f64 = 5.0;

/// The shared geometry of the lanes.
pub(super) struct Plot {
    /// The plot without titles and axes.
    pub(super) area: Area,
    /// The time at its right edge, in seconds.
    pub(super) now_s: f64,
}

impl Plot {
    /// The column of a time; beyond the span, the plot's edge.
    pub(super) fn x(&self, time_s: f64) -> f32 {
        let age = ((self.now_s - time_s) / SPAN_S).clamp(0.0, 1.0);
        self.area.right() as f32 - (age * f64::from(self.area.w)) as f32
    }

    /// The columns between two times, full height; `None` outside the span.
    pub(super) fn span(&self, from_s: f64, to_s: f64) -> Option<Area> {
        if !(from_s.is_finite() && to_s.is_finite()) || to_s < self.now_s - SPAN_S || from_s > self.now_s {
            return None;
        }
        let (x0, x1) = (self.x(from_s).round() as i32, self.x(to_s).round() as i32);
        Some(Area { x: x0, w: (x1 - x0).max(1), ..self.area })
    }
}

/// The latest time in the scene, in seconds: the right edge of the traces.
pub(super) fn now_s(scene: &Scene<'_>) -> f64 {
    let observed = scene.observation.map(|o| o.captured_at.as_secs_f64());
    let signals = scene.signals.last().map(|s| s.captured_at.as_secs_f64());
    let statuses = scene.statuses.last().map(|(time_s, _)| *time_s).filter(|t| t.is_finite());
    observed.or(signals).into_iter().chain(statuses).reduce(f64::max).unwrap_or(0.0)
}

/// Draws the panel into `area`.
pub(super) fn draw(brush: &mut Brush<'_>, scene: &Scene<'_>, area: Area) {
    brush.panel(area);
    let pad = brush.px(8.0);
    let (top_row, axis_row) = (brush.px(15.0), brush.px(13.0));
    let is_narrow = area.w < brush.px(420.0);
    let gutter = brush.px(if is_narrow { 84.0 } else { 98.0 });
    let scale_width = brush.px(29.0);
    let pad_y = brush.px(6.0).min(area.h / 12);
    let inner = Area::new(area.x + pad, area.y + pad_y, area.w - 2 * pad, area.h - 2 * pad_y);
    let plot = Area::new(
        inner.x + gutter,
        inner.y + top_row,
        inner.w - gutter - scale_width,
        inner.h - top_row - axis_row,
    );
    let title_style = brush.fonts.title;
    let title_y = title_style.baseline_px(inner.y, brush.px(9.0));
    let title = [inner.x as f32, title_y];
    brush.text(title, "MOTION, % ICD", title_style, theme::SOFT, gutter as f32);
    if plot.w < 8 || plot.h < 8 {
        return;
    }
    let plot = Plot { area: plot, now_s: now_s(scene) };
    time_axis(brush, &plot);
    absences(brush, scene, &plot);
    let lanes = lanes_of(scene, plot.area);
    for (i, lane) in lanes.iter().enumerate() {
        grid(brush, lane, i == 0);
        label(brush, scene, plot.now_s, lane, inner.x, gutter);
        blind::hatch_lane(brush, scene, &plot, lane);
    }
    happenings(brush, scene, &plot);
    for lane in &lanes {
        for id in lane.ids() {
            trace(brush, scene, &plot, lane, id);
        }
    }
    if lanes.is_empty() {
        let style = brush.fonts.small;
        let y = style.baseline_px(plot.area.y, plot.area.h);
        let middle = [(plot.area.x + plot.area.w / 2) as f32, y];
        brush.text_centred(middle, "no regions chosen: press tab", style, theme::FAINT);
    }
}

fn time_axis(brush: &mut Brush<'_>, plot: &Plot) {
    let style = brush.fonts.small;
    let y = style.baseline_px(plot.area.bottom() + brush.px(3.0), brush.px(9.0));
    for seconds in 0..=SPAN_S as i32 {
        let x = plot.x(plot.now_s - f64::from(seconds));
        let opacity = if seconds == 0 { 0.16 } else { 0.06 };
        brush.rule_down(x as i32, plot.area.y, plot.area.bottom(), theme::RULE.at(opacity));
        let label = match seconds {
            0 => "now".to_owned(),
            5 => "−5 s".to_owned(),
            _ => format!("−{seconds}"),
        };
        brush.text_centred([x, y], &label, style, theme::FAINT);
    }
}

/// Greys the spans in which nothing was measured, and says why.
fn absences(brush: &mut Brush<'_>, scene: &Scene<'_>, plot: &Plot) {
    let style = brush.fonts.small;
    let mut i = 0;
    while let Some(&(start_s, status)) = scene.statuses.get(i) {
        let rest = &scene.statuses[i..];
        let length = rest.iter().take_while(|(_, s)| *s == status).count();
        // A span lasts until the next frame of another status.
        let end_s = scene.statuses.get(i + length).map_or(plot.now_s, |(time_s, _)| *time_s);
        i += length;
        let Some(span) = plot.span(start_s, end_s).filter(|_| status != FrameStatus::Ok) else { continue };
        let opacity = if status == FrameStatus::Gap { 0.22 } else { 0.10 };
        brush.canvas.fill(span, Color::rgb(0xA9B4C0).at(opacity));
        let label = words::status_label(status);
        if brush.setter.width_px(label, style) + 6.0 * brush.unit < span.w as f32 {
            let y = style.baseline_px(span.y, span.h);
            brush.text_centred([(span.x + span.w / 2) as f32, y], label, style, theme::SOFT);
        }
    }
}

/// Events as bands with their mark on top, markers as numbered flags.
fn happenings(brush: &mut Brush<'_>, scene: &Scene<'_>, plot: &Plot) {
    let mark_y = plot.area.y as f32 - 6.5 * brush.unit;
    for shown in scene.events {
        let (event, opacity) = (&shown.event, shown.opacity(plot.now_s));
        let (onset_s, apex_s) = (event.onset.as_secs_f64(), event.apex.as_secs_f64());
        let offset_s = event.offset.map_or(plot.now_s, |t| t.as_secs_f64());
        let Some(band) = plot.span(onset_s, offset_s) else { continue };
        let color = theme::kind_color(event.kind);
        brush.canvas.fill(band, color.at(0.15 * opacity));
        if event.confirmed_at.is_none() {
            // Provisional: an outline until it is confirmed.
            let thick = brush.px(1.0).max(1);
            for edge in [
                Area { w: thick, ..band },
                Area { x: band.right() - thick, w: thick, ..band },
                Area { h: thick, ..band },
                Area { y: band.bottom() - thick, h: thick, ..band },
            ] {
                brush.canvas.fill(edge, color.at(0.6 * opacity));
            }
        }
        if apex_s >= plot.now_s - SPAN_S && apex_s <= plot.now_s {
            let x = plot.x(apex_s);
            brush.rule_down(x as i32, plot.area.y, plot.area.bottom(), color.at(0.6 * opacity));
            let is_hollow = event.confirmed_at.is_none();
            brush.kind_mark(event.kind, [x, mark_y], 4.5 * brush.unit, is_hollow, opacity);
        }
    }
    let style = brush.fonts.title;
    for (i, time_s) in scene.markers_s.iter().enumerate() {
        if plot.span(*time_s, *time_s).is_none() {
            continue;
        }
        let x = plot.x(*time_s) as i32;
        brush.rule_down(x, plot.area.y - brush.px(11.0), plot.area.bottom(), theme::MARKER.at(0.75));
        let label = (i + 1).to_string();
        let width = brush.setter.width_px(&label, style).ceil() as i32 + brush.px(5.0);
        let flag =
            Area::new(x.min(plot.area.right() - width), plot.area.y - brush.px(12.0), width, brush.px(11.0));
        brush.canvas.fill(flag, theme::MARKER.at(0.9));
        let baseline = style.baseline_px(flag.y, flag.h);
        brush.text_centred([flag.x as f32 + flag.w as f32 / 2.0, baseline], &label, style, theme::ON_MARK);
    }
}
