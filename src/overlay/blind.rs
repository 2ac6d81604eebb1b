//! Greys what could not be seen: regions on the face now, and stretches of the traces.
//!
//! A region that is too restless, covered or turned away shows nothing, however still its trace may look: it is greyed, so
//! that nobody takes silence for calm.

use super::brush::{Brush, is_near};
use super::canvas::Area;
use super::face::{View, icd_now_px};
use super::lane::Lane;
use super::lines::Ends;
use super::scene::Scene;
use super::theme;
use super::traces::Plot;
use crate::types::{FrameStatus, Observability, RegionId, Side, Timestamp};

/// What is said of a stretch or a face that could not be seen.
pub(super) const NOT_OBSERVABLE: &str = "not observable";
/// Radius of the veil over a region of the face, in ICD units: it covers the region's patches and leaves the next one free.
const VEIL_ICD: f32 = 0.17;
/// Chords of the hatching on a veil, in radii from its middle.
const CHORDS: [f32; 3] = [-0.55, 0.0, 0.55];
/// What was known at one frame holds for at most this long, in seconds: five frames at 15 fps.
const HOLDS_S: f64 = 0.34;

/// Whether a motion of 3 % ICD would have been missed there at `at`. False where nothing is known: then the frames' own
/// status tells why.
pub(super) fn is_blind(known: &[Observability], at: Timestamp, id: RegionId) -> bool {
    let after = known.partition_point(|o| o.captured_at <= at);
    let newest = after.checked_sub(1).and_then(|i| known.get(i));
    newest.is_some_and(|o| at.seconds_since(o.captured_at) <= HOLDS_S && !o.is_observable(id))
}

/// Whether the picture's own observability says so of this region.
pub(super) fn is_blind_now(scene: &Scene<'_>, id: RegionId) -> bool {
    let known = scene.observation.and_then(|o| o.observability.as_ref());
    known.is_some_and(|known| !known.is_observable(id))
}

/// Whether no region of the face would show anything now, although the face itself is seen well.
pub(super) fn is_all_blind(scene: &Scene<'_>) -> bool {
    let Some(observation) = scene.observation.filter(|o| o.status == FrameStatus::Ok) else { return false };
    observation
        .observability
        .as_ref()
        .is_some_and(|known| known.not_observable().count() == RegionId::all().count())
}

/// Veils over the regions that could not be seen in this picture.
pub(super) fn veils(brush: &mut Brush<'_>, scene: &Scene<'_>, view: &View) {
    let Some(icd_px) = scene.observation.and_then(|o| o.faces.first()).and_then(icd_now_px) else { return };
    let radius = VEIL_ICD * icd_px * view.scale();
    if !(radius.is_finite() && radius < brush.canvas.height() as f32) {
        return;
    }
    for &(id, point_px) in scene.region_points_px {
        let [x, y] = view.point(point_px);
        if !is_blind_now(scene, id) || !is_near([x, y]) {
            continue;
        }
        brush.canvas.fill_disc([x, y], radius, theme::BLIND.at(0.5));
        for chord in CHORDS {
            let (middle, half) = (chord * radius, radius * (1.0 - chord * chord).sqrt());
            let diagonal = std::f32::consts::FRAC_1_SQRT_2;
            let (mx, my) = (x + middle * diagonal, y + middle * diagonal);
            let (dx, dy) = (half * diagonal, -half * diagonal);
            brush.line([mx - dx, my - dy], [mx + dx, my + dy]);
        }
    }
    brush.stroke(&[(brush.unit.max(0.8), theme::BLIND_LINE.at(0.55))], Ends::Flat);
}

/// Hatches the stretches of a lane in which a side of it, or both, could not be seen, and says so where there is room.
pub(super) fn hatch_lane(brush: &mut Brush<'_>, scene: &Scene<'_>, plot: &Plot, lane: &Lane) {
    let mut stretch: Option<(f64, f64, Blind)> = None;
    for (i, known) in scene.observability.iter().enumerate() {
        let start_s = known.captured_at.as_secs_f64();
        let next_s = scene.observability.get(i + 1).map_or(plot.now_s, |next| next.captured_at.as_secs_f64());
        let end_s = next_s.min(start_s + HOLDS_S);
        let blind = Blind::of(lane, known);
        match &mut stretch {
            Some((_, end, kind)) if *kind == blind && start_s <= *end => *end = end_s,
            _ => {
                hatch(brush, plot, lane, stretch.take());
                stretch = Some((start_s, end_s, blind));
            }
        }
    }
    hatch(brush, plot, lane, stretch);
}

/// Which of a lane's sides could not be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Blind {
    None,
    Only(Side),
    All,
}

impl Blind {
    fn of(lane: &Lane, known: &Observability) -> Self {
        let shown = lane.ids().count();
        let mut blind = lane.ids().filter(|id| !known.is_observable(*id));
        match (blind.next(), blind.next()) {
            (None, _) => Self::None,
            (Some(id), None) if shown > 1 => Self::Only(id.side),
            _ => Self::All,
        }
    }
}

fn hatch(brush: &mut Brush<'_>, plot: &Plot, lane: &Lane, stretch: Option<(f64, f64, Blind)>) {
    let Some((start_s, end_s, blind)) = stretch else { return };
    let (words, strength) = match blind {
        Blind::None => return,
        Blind::Only(Side::Left) => ("L not observable", 0.5),
        Blind::Only(Side::Right) => ("R not observable", 0.5),
        Blind::All => (NOT_OBSERVABLE, 1.0),
    };
    let Some(span) = plot.span(start_s, end_s) else { return };
    let hair = brush.hair_px();
    let area = Area { y: lane.area().y + hair, h: lane.area().h - hair, ..span };
    brush.canvas.fill(area, theme::BLIND.at(0.30 * strength));
    let (period, thick) = (brush.px(6.0).max(4), brush.px(1.0).max(1));
    brush.canvas.hatch(area, period, thick, theme::BLIND_LINE.at(0.16 * strength));
    let style = brush.fonts.small;
    if brush.setter.width_px(words, style) + 8.0 * brush.unit < area.w as f32 && area.h as f32 > style.size_px
    {
        // At the lane's foot: most traces run through its middle.
        let row = brush.px(12.0);
        let y = style.baseline_px(area.bottom() - row, row);
        brush.text_centred([(area.x + area.w / 2) as f32, y], words, style, theme::SOFT);
    }
}
