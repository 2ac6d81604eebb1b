//! Flags on the face: a ring around each region that a brief event moves. Open while the event is provisional, filled
//! once it is confirmed; it fades when the flag is withdrawn, and soon after the event is over.

use super::brush::{Brush, is_near};
use super::face::{View, icd_now_px};
use super::lines::Ends;
use super::scene::{FADE_S, Scene, ShownEvent};
use super::theme;
use crate::types::EventKind;

/// Radius of a ring, in ICD units.
const RING_ICD: f32 = 0.19;
/// How long a ring stays after the confirmation, in seconds, before it fades: long enough to be looked at.
const STAYS_S: f64 = 1.5;
/// A flag that was neither confirmed nor withdrawn stays at most this long, in seconds.
const PROVISIONAL_S: f64 = 3.0;
/// Corners of a ring.
const CORNERS: usize = 24;

/// Draws the rings of the newest brief events.
pub(super) fn draw(brush: &mut Brush<'_>, scene: &Scene<'_>, view: &View, now_s: f64) {
    let Some(icd_px) = scene.observation.and_then(|o| o.faces.first()).and_then(icd_now_px) else { return };
    let radius = (RING_ICD * icd_px * view.scale()).max(3.0 * brush.unit);
    for shown in scene.events.iter().filter(|shown| shown.event.kind == EventKind::Micro) {
        let opacity = opacity(shown, now_s);
        if opacity <= 0.0 {
            continue;
        }
        let color = theme::kind_color(shown.event.kind);
        for &(_, point_px) in scene.region_points_px.iter().filter(|(id, _)| shown.event.regions.contains(id))
        {
            let centre = view.point(point_px);
            if !is_near(centre) || !radius.is_finite() {
                continue;
            }
            if shown.event.confirmed_at.is_some() {
                brush.canvas.fill_disc(centre, radius.min(400.0), color.at(0.38 * opacity));
            }
            let ring: [[f32; 2]; CORNERS] = std::array::from_fn(|i| {
                let (sin, cos) = (i as f32 * std::f32::consts::TAU / CORNERS as f32).sin_cos();
                [centre[0] + radius * cos, centre[1] + radius * sin]
            });
            brush.polyline(&ring, true);
        }
        let unit = brush.unit;
        let layers = [(3.4 * unit, theme::SHADOW.at(0.4 * opacity)), (1.7 * unit, color.at(opacity))];
        brush.stroke(&layers, Ends::Round);
    }
}

/// How much of a flag is still to be seen on the face, `[0, 1]`.
fn opacity(shown: &ShownEvent, now_s: f64) -> f32 {
    let until_s = match (shown.event.confirmed_at, shown.withdrawn_s) {
        (_, Some(_)) => return shown.opacity(now_s),
        (Some(confirmed), None) => confirmed.as_secs_f64() + STAYS_S,
        (None, None) => shown.event.flagged_at.as_secs_f64() + PROVISIONAL_S,
    };
    (1.0 - (now_s - until_s) / FADE_S).clamp(0.0, 1.0) as f32
}
