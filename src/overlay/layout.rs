//! Where everything goes, from the sizes of the window and the picture alone.
//!
//! *Wide* windows set the picture beside a column of cards: traces go under the picture or into the column, whichever
//! leaves the larger picture, and nothing covers it. Other windows give the whole area to the picture and lay
//! translucent panels along its edges, clear of the middle where the face is.

use super::canvas::Area;
use super::picture::fitted;
#[cfg(test)]
use super::theme::unit_px;

/// From this aspect (and width, in units) on, a column of cards fits beside the picture.
const WIDE_ASPECT: f32 = 1.45;
const WIDE_WIDTH: f32 = 800.0;
/// Width of the column, in units: at least, at most.
const COLUMN: [f32; 2] = [264.0, 340.0];
/// Space between panels and at the edges, in units.
const GAP: f32 = 8.0;

/// Areas in canvas pixels. Panels may be empty where there is no room.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Layout {
    /// Canvas pixels for one unit.
    pub(super) unit: f32,
    /// Panels stand beside the picture, not over it.
    pub(super) is_wide: bool,
    /// What the picture and its notices may use.
    pub(super) stage: Area,
    /// The picture itself.
    pub(super) picture: Area,
    /// The part of the stage that panels leave free: notices are centred in it.
    pub(super) free: Area,
    pub(super) header: Area,
    pub(super) bars: Area,
    pub(super) events: Area,
    pub(super) traces: Area,
}

impl Layout {
    /// For a canvas, a picture of `picture` pixels, and whether any panel is shown at all.
    #[cfg(test)]
    pub(super) fn new(canvas: Area, picture: (u32, u32), has_panels: bool) -> Self {
        Self::at_unit(canvas, unit_px(canvas.w as usize, canvas.h as usize), picture, has_panels)
    }

    /// For a part of the canvas that starts at its upper left corner, at the canvas' own scale; a picture of `picture`
    /// pixels, and whether any panel is shown at all.
    pub(super) fn at_unit(canvas: Area, unit: f32, picture: (u32, u32), has_panels: bool) -> Self {
        let aspect = canvas.w as f32 / canvas.h as f32;
        let is_wide = has_panels && aspect >= WIDE_ASPECT && canvas.w as f32 >= WIDE_WIDTH * unit;
        if is_wide { wide(canvas, picture, unit) } else { layered(canvas, picture, unit) }
    }
}

/// Panels over the picture's edges.
fn layered(canvas: Area, picture: (u32, u32), unit: f32) -> Layout {
    let px = |units: f32| (units * unit).round() as i32;
    let gap = px(GAP);
    let header = Area { h: px(26.0), ..canvas };
    let traces_h = (canvas.h as f32 * 0.28).round() as i32;
    let traces = Area { y: canvas.h - traces_h, h: traces_h, ..canvas };
    let top = header.bottom() + gap;
    let room = traces.y - gap - top;
    let events = Area::new(gap, top, px(204.0), room.min(px(122.0)));
    let bars = Area::new(canvas.w - gap - px(148.0), top, px(148.0), room.min(px(148.0)));
    let free = Area::new(gap, top, canvas.w - 2 * gap, room);
    let picture = fitted(picture, canvas);
    Layout { unit, is_wide: false, stage: canvas, picture, free, header, bars, events, traces }
}

/// A column of cards at the right.
fn wide(canvas: Area, picture: (u32, u32), unit: f32) -> Layout {
    let px = |units: f32| (units * unit).round() as i32;
    let gap = px(GAP);
    let aspect = if picture.1 == 0 { 1.0 } else { picture.0 as f32 / picture.1 as f32 };

    // Traces in the column: the picture takes the whole height, and the column what the picture leaves.
    let left_over = canvas.w - (canvas.h as f32 * aspect).round() as i32;
    let tall_column = left_over.clamp(px(COLUMN[0]), px(COLUMN[1]));
    let tall_stage = Area { w: canvas.w - tall_column, ..canvas };
    let tall = fitted(picture, tall_stage);

    // Traces under the picture: a narrow column and a strip.
    let column = px(COLUMN[0] + 2.0 * GAP);
    let strip = ((canvas.h as f32) * 0.25).round() as i32;
    let short_stage = Area::new(0, 0, canvas.w - column, canvas.h - strip);
    let short = fitted(picture, short_stage);

    let area = |a: Area| i64::from(a.w) * i64::from(a.h);
    let under = area(short) * 10 >= area(tall) * 9;
    let (stage, picture) = if under { (short_stage, short) } else { (tall_stage, tall) };

    let column = Area::new(stage.w + gap, gap, canvas.w - stage.w - 2 * gap, canvas.h - 2 * gap);
    let card = |y: i32, h: i32| Area { y, h: h.min(column.bottom() - y).max(0), ..column };
    let header = card(column.y, px(96.0));
    let bars_h = (canvas.h as f32 * 0.26 / unit).clamp(132.0, 164.0);
    let bars = card(header.bottom() + gap, px(bars_h));
    let below = bars.bottom() + gap;
    let (traces, events) = if under {
        let traces = Area::new(gap, stage.h + gap, stage.w - gap, canvas.h - stage.h - 2 * gap);
        (traces, card(below, column.bottom() - below))
    } else {
        let room = column.bottom() - below - gap;
        let traces = card(below, (room * 54 / 100).min(px(240.0)));
        (traces, card(traces.bottom() + gap, column.bottom()))
    };
    let free = picture.inset(gap);
    Layout { unit, is_wide: true, stage, picture, free, header, bars, events, traces }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panels(layout: &Layout) -> [Area; 4] {
        [layout.header, layout.bars, layout.events, layout.traces]
    }

    #[test]
    fn panels_stay_inside_and_apart_at_every_size() {
        for (w, h) in [
            (640, 480),
            (800, 600),
            (854, 480),
            (1024, 768),
            (1280, 720),
            (1920, 1080),
            (2560, 1080),
            (3840, 2160),
        ] {
            for picture in [(640, 480), (1280, 720), (512, 512), (480, 640)] {
                let canvas = Area::new(0, 0, w, h);
                let layout = Layout::new(canvas, picture, true);
                assert_eq!(layout.picture.intersect(&canvas), layout.picture);
                for (i, a) in panels(&layout).iter().enumerate() {
                    assert!(!a.is_empty(), "{w}x{h} {picture:?} panel {i}");
                    assert_eq!(a.intersect(&canvas), *a, "{w}x{h} {picture:?} panel {i}");
                    assert!(panels(&layout)[..i].iter().all(|b| a.intersect(b).is_empty()), "{w}x{h} {i}");
                    assert!(
                        !layout.is_wide || a.intersect(&layout.picture).is_empty(),
                        "{w}x{h} {i} covers the picture"
                    );
                }
            }
        }
    }

    #[test]
    fn the_middle_of_the_picture_is_never_covered() {
        for (w, h) in [(640, 480), (800, 600), (1600, 1200), (600, 900)] {
            let layout = Layout::new(Area::new(0, 0, w, h), (640, 480), true);
            let p = layout.picture;
            let middle = Area::new(p.x + p.w * 35 / 100, p.y + p.h / 10, p.w * 35 / 100, p.h * 6 / 10);
            assert!([layout.bars, layout.events].iter().all(|a| a.intersect(&middle).is_empty()), "{w}x{h}");
            assert!(layout.traces.intersect(&middle).is_empty(), "{w}x{h}");
        }
    }

    #[test]
    fn a_four_to_three_picture_keeps_the_full_height_of_a_wide_window() {
        let layout = Layout::new(Area::new(0, 0, 1280, 720), (640, 480), true);
        assert_eq!(layout.picture, Area::new(0, 0, 960, 720));
    }

    #[test]
    fn any_size_gives_a_layout() {
        for w in [1, 2, 7, 100, 640, 5000] {
            for h in [1, 3, 50, 480, 5000] {
                for picture in [(0, 0), (1, 1), (1, 8000), (8000, 1)] {
                    assert!(Layout::new(Area::new(0, 0, w, h), picture, true).unit.is_finite());
                }
            }
        }
    }
}
