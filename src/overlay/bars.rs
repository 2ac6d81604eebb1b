//! The expression bars: eight probabilities for the primary face as a whole, and below each a thin one for its eyes alone.

use super::brush::Brush;
use super::canvas::{Area, Color};
use super::scene::Scene;
use super::theme;
use crate::types::{Expression, Label, Probabilities, Region};

/// The colour of what the eyes alone show: that of the lids' trace.
const EYES: Color = theme::region_color(Region::Lid);

/// Draws the panel into `area`.
pub(super) fn draw(brush: &mut Brush<'_>, scene: &Scene<'_>, area: Area) {
    brush.panel(area);
    let inner = area.inset(brush.px(8.0));
    let title = brush.fonts.title;
    let title_h = brush.px(9.0);
    brush.text(
        [inner.x as f32, title.baseline_px(inner.y, title_h)],
        "EXPRESSION",
        title,
        theme::SOFT,
        inner.w as f32,
    );
    let expression = present(scene);
    let leading = expression.and_then(|expression| leading_of(&expression.face));
    if expression.is_some_and(|expression| expression.eyes.is_some()) {
        // What the thin bars are.
        let pen = [inner.right() as f32, title.baseline_px(inner.y, title_h)];
        let start = brush.text_right(pen, "EYES", title, theme::SOFT) as i32;
        let (length, thick) = (brush.px(12.0), eye_thick(brush));
        let key = Area::new(start - length - brush.px(4.0), inner.y + (title_h - thick) / 2, length, thick);
        brush.canvas.fill(key, EYES);
    }
    let top = inner.y + title_h + brush.px(6.0);
    let count = Label::ALL.len() as i32;
    for (i, label) in Label::ALL.into_iter().enumerate() {
        let i = i as i32;
        let y = top + (inner.bottom() - top) * i / count;
        let row = Area { y, h: top + (inner.bottom() - top) * (i + 1) / count - y, ..inner };
        if row.h as f32 >= 8.0 * brush.unit {
            bar(brush, row, label, expression, leading == Some(label));
        }
    }
}

/// The newest probabilities of the primary face, while there is one.
fn present<'a>(scene: &'a Scene<'_>) -> Option<&'a Expression> {
    let observation = scene.observation?;
    observation.faces.first()?;
    observation.expression.as_ref()
}

fn leading_of(probabilities: &Probabilities) -> Option<Label> {
    let known = |label: &Label| probabilities[label.index()].filter(|p| p.is_finite());
    Label::ALL
        .into_iter()
        .filter(|label| known(label).is_some())
        .max_by(|a, b| known(a).unwrap_or(0.0).total_cmp(&known(b).unwrap_or(0.0)))
}

fn eye_thick(brush: &Brush<'_>) -> i32 {
    brush.px(2.0).max(1)
}

/// One row. Arrays of probabilities have an entry for each [`Label`], so indexing by one cannot fail. `expression`: `None` without a
/// face; it has no value for a label that the network does not know.
fn bar(brush: &mut Brush<'_>, row: Area, label: Label, expression: Option<&Expression>, is_leading: bool) {
    let value = expression.map(|expression| expression.face[label.index()]);
    let eyes = expression.and_then(|expression| expression.eyes?[label.index()]).filter(|p| p.is_finite());
    let name_width = brush.px(66.0);
    let figure_width = brush.px(39.0);
    let share = value.flatten().filter(|p| p.is_finite()).map(|p| p.clamp(0.0, 1.0));
    let (style, ink) = match (is_leading, share) {
        (true, _) => (brush.fonts.strong, theme::INK),
        (false, Some(_)) => (brush.fonts.body, theme::SOFT),
        (false, None) => (brush.fonts.body, theme::FAINT),
    };
    let baseline = style.baseline_px(row.y, row.h);
    brush.text([row.x as f32, baseline], label.name(), style, ink, name_width as f32);
    let figure = match (value, share) {
        (_, Some(share)) => format!("{:.0} %", share * 100.0),
        (Some(_), None) => "n/a".to_owned(),
        (None, None) => "–".to_owned(),
    };
    brush.text_right([row.right() as f32, baseline], &figure, style, ink);
    let thick = brush.px(5.0).max(2);
    let track = Area::new(
        row.x + name_width,
        row.y + (row.h - thick) / 2,
        row.w - name_width - figure_width - brush.px(4.0),
        thick,
    );
    let Some(share) = share else {
        brush.rule(track.x, track.right(), track.y + thick / 2, theme::RULE);
        return;
    };
    let radius = thick as f32 / 2.0;
    brush.canvas.fill_round(track, radius, theme::RULE);
    let filled = Area { w: (track.w as f32 * share).round() as i32, ..track };
    if filled.w > 0 {
        let color = if is_leading { theme::ACCENT } else { theme::SOFT.at(0.75) };
        brush.canvas.fill_round(filled, radius, color);
    }
    let Some(eyes) = eyes else { return };
    let width = (track.w as f32 * eyes.clamp(0.0, 1.0)).round() as i32;
    let below = Area::new(track.x, track.bottom() + brush.px(1.0), width, eye_thick(brush));
    brush.canvas.fill(below, EYES);
}
