//! Source, frame rate, latency, lost frames and head pose: a card in wide windows, a bar along the top in others.

use super::brush::Brush;
use super::canvas::Area;
use super::face::{icd_now_px, measured};
use super::scene::Scene;
use super::theme;
use super::words;

/// Draws the card into `area`.
pub(super) fn draw_card(brush: &mut Brush<'_>, scene: &Scene<'_>, area: Area) {
    brush.panel(area);
    let pad = brush.px(10.0);
    let inner = Area::new(area.x + pad, area.y + brush.px(8.0), area.w - 2 * pad, area.h - brush.px(16.0));
    let (strong, small, figure) = (brush.fonts.strong, brush.fonts.small, brush.fonts.figure);
    let row = brush.px(14.0);
    let (left, right) = (inner.x as f32, inner.right() as f32);

    let baseline = strong.baseline_px(inner.y, row);
    let clock_x =
        brush.text_right([right, baseline], &words::clock(scene.stats.elapsed_s, false), strong, theme::SOFT);
    brush.text([left, baseline], source_name(scene), strong, theme::INK, clock_x - left - 8.0 * brush.unit);

    let stats = &scene.stats;
    let lost_label = match stats.last_loss {
        Some(reason) if stats.lost > 0 => format!("lost, {}", reason.name()),
        _ => "lost".to_owned(),
    };
    let columns = [
        (0.0, rate(stats.fps), "frames/s".to_owned(), theme::ACCENT),
        (
            0.31,
            format!("{} / {}", millis(stats.latency_p50_ms), millis(stats.latency_p95_ms)),
            "ms, p50 / p95".to_owned(),
            theme::INK,
        ),
        (0.70, stats.lost.to_string(), lost_label, if stats.lost > 0 { theme::ALERT } else { theme::INK }),
    ];
    let top = inner.y + row + brush.px(8.0);
    for (i, (start, value, label, color)) in columns.iter().enumerate() {
        let x = left + inner.w as f32 * start;
        let end = columns.get(i + 1).map_or(right, |next| left + inner.w as f32 * next.0 - 6.0 * brush.unit);
        brush.text([x, figure.baseline_px(top, brush.px(16.0))], value, figure, *color, end - x);
        brush.text(
            [x, small.baseline_px(top + brush.px(18.0), brush.px(10.0))],
            label,
            small,
            theme::SOFT,
            end - x,
        );
    }

    let baseline = small.baseline_px(inner.bottom() - brush.px(10.0), brush.px(10.0));
    brush.rule(inner.x, inner.right(), inner.bottom() - brush.px(15.0), theme::RULE);
    let (pose, size) = face_texts(scene);
    let size_x = brush.text_right([right, baseline], &size, small, theme::SOFT);
    brush.text([left, baseline], &pose, small, theme::SOFT, size_x - left - 6.0 * brush.unit);
}

/// Draws the bar into `area`. `left_px` is where the demo's mark ends.
pub(super) fn draw_bar(brush: &mut Brush<'_>, scene: &Scene<'_>, area: Area, left_px: i32) {
    brush.canvas.fill(area, brush.panel);
    let (strong, body, small) = (brush.fonts.strong, brush.fonts.body, brush.fonts.small);
    let baseline = body.baseline_px(area.y, area.h);
    let stats = &scene.stats;
    let gap = 11.0 * brush.unit;
    let mut x = area.right() as f32 - 8.0 * brush.unit;
    let lost = match stats.last_loss {
        Some(reason) if stats.lost > 0 => format!("lost, {}", reason.name()),
        _ => "lost".to_owned(),
    };
    let latency = format!("{} / {}", millis(stats.latency_p50_ms), millis(stats.latency_p95_ms));
    let lost_color = if stats.lost > 0 { theme::ALERT } else { theme::INK };
    // From the right: figure, then its unit before it in reading order.
    for (value, unit, color) in [
        (words::clock(stats.elapsed_s, false), "", theme::SOFT),
        (stats.lost.to_string(), lost.as_str(), lost_color),
        (latency, "ms", theme::INK),
        (rate(stats.fps), "fps", theme::ACCENT),
    ] {
        if !unit.is_empty() {
            x = brush.text_right([x, baseline], unit, small, theme::SOFT) - 3.0 * brush.unit;
        }
        x = brush.text_right([x, baseline], &value, strong, color) - gap;
    }
    let (pose, size) = face_texts(scene);
    let left = left_px as f32 + 8.0 * brush.unit;
    let name = source_name(scene);
    let name_width = brush.setter.width_px(name, strong).min(110.0 * brush.unit);
    let after =
        brush.text([left, baseline], name, strong, theme::INK, (x - left).min(name_width + 0.5)) + gap;
    let text = if size.is_empty() { pose } else { format!("{pose}   {size}") };
    if after + brush.setter.width_px(&text, small) <= x {
        brush.text([after, baseline], &text, small, theme::SOFT, x - after);
    }
}

fn source_name<'a>(scene: &'a Scene<'_>) -> &'a str {
    if scene.text.source.is_empty() { "no source" } else { &scene.text.source }
}

/// Pose and size of the primary face; dashes without one.
fn face_texts(scene: &Scene<'_>) -> (String, String) {
    let track = scene.observation.and_then(|o| o.faces.first());
    let Some((track, face)) = track.and_then(|t| Some((t, measured(t)?))) else {
        return ("yaw –  pitch –  roll –".to_owned(), String::new());
    };
    let degrees = |value: f32| words::signed(value, 0);
    let pose = &face.pose;
    let text = format!(
        "yaw {}°  pitch {}°  roll {}°",
        degrees(pose.yaw_deg),
        degrees(pose.pitch_deg),
        degrees(pose.roll_deg)
    );
    (text, icd_now_px(track).map_or(String::new(), |icd| format!("ICD {icd:.0} px")))
}

fn rate(fps: f32) -> String {
    if fps.is_finite() { format!("{:.1}", fps.clamp(0.0, 9999.0)) } else { "–".to_owned() }
}

fn millis(value: f32) -> String {
    if value.is_finite() { format!("{:.0}", value.clamp(0.0, 99_999.0)) } else { "–".to_owned() }
}
