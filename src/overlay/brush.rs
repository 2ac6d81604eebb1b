//! What the panels draw with: the canvas, the typesetter, smooth lines and the scale, borrowed for one picture.

use super::canvas::{Area, Canvas, Color};
use super::convex;
use super::lines::{Ends, Lines};
use super::text::{Style, Typesetter};
use super::theme::{self, Type};
use crate::types::EventKind;

/// Points farther out than this (in pixels) cannot come from a face on this canvas; lines to them are left out.
const FAR_PX: f32 = 30_000.0;

/// Length of the straight pieces of a curve, in pixels, before the layout unit is added: short enough to look round.
const CURVE_PIECE_PX: f32 = 3.0;

/// Tools for one picture.
pub(super) struct Brush<'a> {
    pub(super) canvas: &'a mut Canvas,
    pub(super) setter: &'a mut Typesetter,
    /// The lines being built; none between two strokes. Kept by the painter, so that their memory is reused.
    pub(super) lines: &'a mut Lines,
    /// Canvas pixels for one layout unit.
    pub(super) unit: f32,
    /// Type sizes.
    pub(super) fonts: Type,
    /// Fill of the panels.
    pub(super) panel: Color,
}

impl Brush<'_> {
    /// Layout units in whole canvas pixels.
    pub(super) fn px(&self, units: f32) -> i32 {
        (units * self.unit).round() as i32
    }

    /// A line's width in whole pixels, at least one.
    pub(super) fn hair_px(&self) -> i32 {
        self.px(0.7).max(1)
    }

    /// A panel's ground.
    pub(super) fn panel(&mut self, area: Area) {
        self.canvas.fill_round(area, 5.0 * self.unit, self.panel);
    }

    /// A horizontal rule.
    pub(super) fn rule(&mut self, x0: i32, x1: i32, y: i32, color: Color) {
        let thick = self.hair_px();
        self.canvas.fill(Area::new(x0, y - thick / 2, x1 - x0, thick), color);
    }

    /// A vertical rule.
    pub(super) fn rule_down(&mut self, x: i32, y0: i32, y1: i32, color: Color) {
        let thick = self.hair_px();
        self.canvas.fill(Area::new(x - thick / 2, y0, thick, y1 - y0), color);
    }

    /// Text from the left; returns the pen's end.
    pub(super) fn text(
        &mut self,
        pen: [f32; 2],
        text: &str,
        style: Style,
        color: Color,
        max_width_px: f32,
    ) -> f32 {
        self.setter.draw(self.canvas, pen, text, style, color, max_width_px)
    }

    /// Text that ends at `pen[0]`; returns where it starts.
    pub(super) fn text_right(&mut self, pen: [f32; 2], text: &str, style: Style, color: Color) -> f32 {
        let start = pen[0] - self.setter.width_px(text, style) + style.tracking * style.size_px;
        self.setter.draw(self.canvas, [start, pen[1]], text, style, color, f32::INFINITY);
        start
    }

    /// Text centred on `pen[0]`.
    pub(super) fn text_centred(&mut self, pen: [f32; 2], text: &str, style: Style, color: Color) {
        let width = self.setter.width_px(text, style) - style.tracking * style.size_px;
        self.setter.draw(self.canvas, [pen[0] - width / 2.0, pen[1]], text, style, color, f32::INFINITY);
    }

    /// Adds a piece of line, joined to the one before where that ended at `from`.
    pub(super) fn line(&mut self, from: [f32; 2], to: [f32; 2]) {
        if !(is_near(from) && is_near(to)) {
            return;
        }
        if self.lines.last() != Some(from) {
            self.lines.start(from);
        }
        self.lines.to(to);
    }

    /// Adds a whole line; left out where one of its points is not a sensible number.
    pub(super) fn polyline(&mut self, points: &[[f32; 2]], is_closed: bool) {
        let Some((first, rest)) = points.split_first() else { return };
        if !points.iter().all(|p| is_near(*p)) {
            return;
        }
        self.lines.start(*first);
        rest.iter().for_each(|point| self.lines.to(*point));
        if is_closed {
            self.lines.close();
        }
    }

    /// Adds a smooth line through all points (Catmull-Rom, so that it passes through each); left out like
    /// [`Brush::polyline`]. Straight pieces of some pixels stand for the curve.
    pub(super) fn curve(&mut self, points: &[[f32; 2]], is_closed: bool) {
        let count = points.len();
        if count < 3 || !points.iter().all(|p| is_near(*p)) {
            return self.polyline(points, is_closed);
        }
        let at = |i: usize, step: isize| {
            let moved = i as isize + step;
            let last = count as isize - 1;
            points[if is_closed { moved.rem_euclid(count as isize) } else { moved.clamp(0, last) } as usize]
        };
        self.lines.start(points[0]);
        for i in 0..if is_closed { count } else { count - 1 } {
            let [before, from, to, after] = [at(i, -1), at(i, 0), at(i, 1), at(i, 2)];
            let length = (to[0] - from[0]).hypot(to[1] - from[1]);
            let pieces = (length / (CURVE_PIECE_PX + self.unit)).ceil().clamp(1.0, 16.0);
            for piece in 1..=pieces as i32 {
                let t = piece as f32 / pieces;
                let on_curve = |k: usize| {
                    let [p0, p1, p2, p3] = [before[k], from[k], to[k], after[k]];
                    let (linear, square) = (p2 - p0, 2.0 * p0 - 5.0 * p1 + 4.0 * p2 - p3);
                    p1 + 0.5 * t * (linear + t * (square + t * (3.0 * (p1 - p2) + p3 - p0)))
                };
                self.lines.to([on_curve(0), on_curve(1)]);
            }
        }
        if is_closed {
            self.lines.close();
        }
    }

    /// Strokes the lines in each of `layers` (width in pixels, colour), and starts new ones.
    pub(super) fn stroke(&mut self, layers: &[(f32, Color)], ends: Ends) {
        for (width_px, color) in layers {
            self.lines.stroke(self.canvas, *width_px, *color, ends);
        }
        self.lines.clear();
    }

    /// Fills a convex shape; left out like [`Brush::polyline`].
    pub(super) fn fill_convex(&mut self, corners: &[[f32; 2]], color: Color) {
        if corners.iter().all(|p| is_near(*p)) {
            convex::draw(self.canvas, corners, None, color);
        }
    }

    /// The mark of an event's kind: a triangle, a diamond, a disc, a bar. Hollow while the event is provisional.
    pub(super) fn kind_mark(
        &mut self,
        kind: EventKind,
        centre: [f32; 2],
        radius: f32,
        is_hollow: bool,
        opacity: f32,
    ) {
        let color = theme::kind_color(kind).at(opacity);
        let [x, y] = centre;
        if !is_near(centre) {
            return;
        }
        let edge_px = is_hollow.then_some((radius * 0.3).max(1.0));
        let mut draw = |corners: &[[f32; 2]]| convex::draw(self.canvas, corners, edge_px, color);
        match kind {
            EventKind::Micro => {
                let (half, up, down) = (radius * 0.95, radius * 0.95, radius * 0.75);
                draw(&[[x, y - up], [x + half, y + down], [x - half, y + down]]);
            }
            EventKind::Masked => draw(&[[x, y - radius], [x + radius, y], [x, y + radius], [x - radius, y]]),
            EventKind::Macro => {
                let rim = |i: usize| {
                    let (sin, cos) = (i as f32 * std::f32::consts::PI / 10.0).sin_cos();
                    [x + radius * 0.85 * cos, y + radius * 0.85 * sin]
                };
                draw(&std::array::from_fn::<_, 20, _>(rim));
            }
            EventKind::Blink => {
                let (half, thick) = (radius * 0.9, radius * 0.3);
                let (left, right, top, bottom) = (x - half, x + half, y - thick, y + thick);
                draw(&[[left, top], [right, top], [right, bottom], [left, bottom]]);
            }
        }
    }
}

/// Whether a point is a number and anywhere near a canvas.
pub(super) fn is_near(point: [f32; 2]) -> bool {
    point.iter().all(|v| v.is_finite() && v.abs() < FAR_PX)
}
