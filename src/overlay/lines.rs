//! Fine smooth lines, from the distance of each pixel to them.
//!
//! A path library strokes a polyline by building its outline, sorting the outline's edges and scanning them, which for many short
//! pieces costs more than all the rest of the picture. Here each piece marks the pixels around it in a mask, where
//! the larger coverage wins, and the mask is blended once: where pieces meet or cross, nothing is blended twice.

use super::canvas::{Area, Canvas, Color, cover_pixels};
use crate::image::vector::vectorised;

/// Pixels of a piece that are reckoned at once: one wide vector register of floats.
const LANES: usize = 8;
/// Pixels of the mask that are looked at, blended and cleared at once.
const CHUNK: usize = 16;
/// Longer than any line on a canvas, in pixels: takes a limit out of a minimum.
const BEYOND_PX: f32 = 1e9;

/// How lines end; where their pieces meet they are always round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    /// At the last point.
    Flat,
    /// With half a disc around the last point.
    Round,
}

/// Lines to be stroked together, in canvas pixels (pixel centres at +0.5).
#[derive(Debug, Default)]
pub(super) struct Lines {
    points: Vec<[f32; 2]>,
    /// Of each line: where it starts in `points`, and whether it ends where it starts.
    starts: Vec<(usize, bool)>,
    /// Coverages of the pixels around the lines, row by row; all zero between two strokes.
    mask: Vec<u8>,
}

/// A straight piece of a line of the width that is being stroked.
#[derive(Clone, Copy)]
struct Piece {
    from: [f32; 2],
    to: [f32; 2],
    /// Which of its two ends are cut off.
    is_flat: [bool; 2],
    half_px: f32,
}

impl Lines {
    /// Starts a new line. The point must be a number, and near the canvas.
    pub(super) fn start(&mut self, at: [f32; 2]) {
        self.starts.push((self.points.len(), false));
        self.points.push(at);
    }

    /// Continues the line.
    pub(super) fn to(&mut self, at: [f32; 2]) {
        self.points.push(at);
    }

    /// Continues the line to its start.
    pub(super) fn close(&mut self) {
        if let Some((start, is_closed)) = self.starts.last_mut() {
            *is_closed = true;
            self.points.extend(self.points.get(*start).copied());
        }
    }

    /// Where the line being built has arrived.
    pub(super) fn last(&self) -> Option<[f32; 2]> {
        self.points.last().copied()
    }

    /// Forgets all lines.
    pub(super) fn clear(&mut self) {
        self.points.clear();
        self.starts.clear();
    }

    /// Draws all lines in one colour, and keeps them.
    pub(super) fn stroke(&mut self, canvas: &mut Canvas, width_px: f32, color: Color, ends: Ends) {
        let half_px = width_px / 2.0;
        let Some(area) = bounds(&self.points, half_px + 1.0, canvas) else { return };
        let stride = (area.w as usize).next_multiple_of(CHUNK) + CHUNK;
        let length = stride * area.h as usize;
        if self.mask.len() < length {
            self.mask.resize(length, 0);
        }
        vectorised(
            #[inline(always)]
            || {
                self.mark_all(area, stride, half_px, ends);
                for (y, row) in (area.y..area.bottom()).zip(self.mask.chunks_exact_mut(stride)) {
                    blend_row(canvas.row_mut(y, area.x, area.right()), row, color);
                }
            },
        );
    }

    /// Marks all pieces of all lines in the mask, which stands for `area` with `stride` bytes a row.
    #[inline(always)]
    fn mark_all(&mut self, area: Area, stride: usize, half_px: f32, ends: Ends) {
        for (i, &(start, is_closed)) in self.starts.iter().enumerate() {
            let end = self.starts.get(i + 1).map_or(self.points.len(), |(next, _)| *next);
            let line = self.points.get(start..end).unwrap_or_default();
            let is_cut = ends == Ends::Flat && !is_closed;
            for (k, pair) in line.windows(2).enumerate() {
                let is_flat = [is_cut && k == 0, is_cut && k + 2 == line.len()];
                mark(&mut self.mask, stride, area, Piece { from: pair[0], to: pair[1], is_flat, half_px });
            }
        }
    }
}

/// The pixels within `reach_px` of the points that lie on the canvas, if any.
pub(super) fn bounds(points: &[[f32; 2]], reach_px: f32, canvas: &Canvas) -> Option<Area> {
    let first = *points.first()?;
    let (low, high) = points.iter().fold((first, first), |(low, high), [x, y]| {
        ([low[0].min(*x), low[1].min(*y)], [high[0].max(*x), high[1].max(*y)])
    });
    let (x, y) = ((low[0] - reach_px).floor() as i32, (low[1] - reach_px).floor() as i32);
    let (right, bottom) = ((high[0] + reach_px).ceil() as i32, (high[1] + reach_px).ceil() as i32);
    let area = Area::new(x, y, right.saturating_sub(x), bottom.saturating_sub(y));
    Some(area.intersect(&canvas.area())).filter(|area| !area.is_empty())
}

/// Raises the mask to the coverage by one piece: what a box filter as wide as a pixel, laid across the line, sees of it.
#[inline(always)]
fn mark(mask: &mut [u8], stride: usize, area: Area, piece: Piece) {
    let Piece { from: [x, y], to: [to_x, to_y], is_flat, half_px } = piece;
    let (dx, dy) = (to_x - x, to_y - y);
    let length = (dx * dx + dy * dy).sqrt();
    // Also a length that is no number.
    if !(length > 0.0 && length < BEYOND_PX) {
        return;
    }
    let (ux, uy) = (dx / length, dy / length);
    let reach = half_px + 0.5;
    let most = (2.0 * half_px).clamp(0.0, 1.0);
    // A flat end cuts the coverage along the line and knows no distance beyond it; a round one is the other way about.
    let cut = is_flat.map(|flat| if flat { 0.5 } else { BEYOND_PX });
    let free = is_flat.map(|flat| if flat { BEYOND_PX } else { 0.0 });
    let (low_x, high_x) = (x.min(to_x) - reach, x.max(to_x) + reach);
    // How far the line moves along a row from one row to the next, and how long a part of a row is within reach of it.
    let (slope, span) = if uy.abs() > 1e-3 { (ux / uy, reach / uy.abs()) } else { (0.0, BEYOND_PX) };
    let first_y = ((y.min(to_y) - reach).floor() as i32).max(area.y);
    let end_y = ((y.max(to_y) + reach).ceil() as i32).min(area.bottom());
    for row in first_y..end_y {
        let from_y = row as f32 + 0.5 - y;
        let centre = x + from_y * slope;
        let first_x = ((low_x.max(centre - span) - 0.5).ceil() as i32).max(area.x);
        let end_x = ((high_x.min(centre + span) + 0.5).floor() as i32).min(area.right());
        if first_x >= end_x {
            continue;
        }
        // The row's padding holds what the last register reaches beyond the area.
        let start = (row - area.y) as usize * stride + (first_x - area.x) as usize;
        let count = ((end_x - first_x) as usize).next_multiple_of(LANES);
        let Some(marked) = mask.get_mut(start..start + count) else { continue };
        let mut from_x = first_x as f32 + 0.5 - x;
        for pixels in marked.as_chunks_mut::<LANES>().0 {
            for (i, pixel) in pixels.iter_mut().enumerate() {
                let from_x = from_x + i as f32;
                let along = from_x * ux + from_y * uy;
                let across = from_x * uy - from_y * ux;
                let left = length - along;
                let beyond = (-along - free[0]).max(-left - free[1]).max(0.0);
                let distance = (across * across + beyond * beyond).sqrt();
                let side = (reach - distance).max(0.0).min(most);
                let ends = (along + cut[0]).min(left + cut[1]).clamp(0.0, 1.0);
                *pixel = (*pixel).max((side * ends * 255.0 + 0.5) as u8);
            }
            from_x += LANES as f32;
        }
    }
}

/// Blends one row of the mask and clears it. The mask is longer than the row of pixels.
#[inline(always)]
fn blend_row(pixels: &mut [u32], mask: &mut [u8], color: Color) {
    for (i, coverages) in mask.as_chunks_mut::<CHUNK>().0.iter_mut().enumerate() {
        if u128::from_ne_bytes(*coverages) != 0 {
            let end = (i * CHUNK + CHUNK).min(pixels.len());
            cover_pixels(pixels.get_mut(i * CHUNK..end).unwrap_or_default(), coverages, color);
            *coverages = [0; CHUNK];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::vector::scalar;

    const WHITE: Color = Color::rgb(0xFFFFFF);

    fn lines(points: &[[f32; 2]]) -> Lines {
        let mut lines = Lines::default();
        lines.start(points[0]);
        points[1..].iter().for_each(|p| lines.to(*p));
        lines
    }

    fn blue(canvas: &Canvas) -> Vec<u32> {
        canvas.pixels().iter().map(|p| p & 0xFF).collect()
    }

    #[test]
    fn straight_lines_cover_what_a_box_covers() {
        let mut canvas = Canvas::new(6, 4);
        lines(&[[1.0, 2.0], [4.5, 2.0]]).stroke(&mut canvas, 1.5, WHITE, Ends::Flat);
        // 0.75 of two rows, and half of that in the column where the line ends.
        let row = [0, 191, 191, 191, 95, 0];
        let got = blue(&canvas);
        assert!(got[..6].iter().chain(&got[18..]).all(|v| *v == 0), "{got:?}");
        assert!(got[6..18].iter().zip(row.iter().cycle()).all(|(a, b)| a.abs_diff(*b) <= 1), "{got:?}");
    }

    #[test]
    fn a_line_at_any_angle_has_the_ink_of_its_area() {
        for step in 0..40 {
            let (sin, cos) = (step as f32 * 0.16).sin_cos();
            for width in [0.6, 1.0, 2.4, 5.0] {
                let mut canvas = Canvas::new(64, 64);
                let to = [32.3 + 24.0 * cos, 31.8 + 24.0 * sin];
                lines(&[[32.3, 31.8], to]).stroke(&mut canvas, width, WHITE, Ends::Flat);
                let ink = blue(&canvas).iter().sum::<u32>() as f32 / 255.0;
                assert!((ink / (24.0 * width) - 1.0).abs() < 0.05, "step {step}, width {width}: {ink}");
            }
        }
    }

    #[test]
    fn pieces_that_meet_or_overlap_are_blended_once() {
        let glass = WHITE.at(0.5);
        let [mut once, mut thrice] = [Canvas::new(40, 40), Canvas::new(40, 40)];
        let (a, b) = ([5.0, 8.0], [33.0, 29.0]);
        lines(&[a, b]).stroke(&mut once, 3.0, glass, Ends::Round);
        lines(&[a, b, a, b]).stroke(&mut thrice, 3.0, glass, Ends::Round);
        // Reckoned from the other end, a coverage may be rounded the other way.
        assert!(blue(&once).iter().zip(blue(&thrice)).all(|(a, b)| a.abs_diff(b) <= 1));
    }

    #[test]
    fn nothing_stays_behind_and_nothing_leaves_the_canvas() {
        let nowhere = [[-50.0, 20.0], [29_999.0, 3.0], [12.0, -9_000.0], [12.0, -9_000.0], [f32::NAN, 1.0]];
        let mut used = lines(&nowhere);
        for width in [0.5, 4.0, 90.0, f32::NAN] {
            used.stroke(&mut Canvas::new(33, 21), width, WHITE, Ends::Round);
        }
        assert!(used.mask.iter().all(|v| *v == 0));
        used.clear();
        let triangle = [[-4.0, 3.0], [20.0, 1.0], [31.0, 40.0]];
        let [mut first, mut second] = [Canvas::new(33, 21), Canvas::new(33, 21)];
        for (lines, canvas) in [(&mut used, &mut first), (&mut Lines::default(), &mut second)] {
            lines.start(triangle[0]);
            triangle[1..].iter().for_each(|p| lines.to(*p));
            lines.close();
            lines.stroke(canvas, 2.0, WHITE, Ends::Flat);
        }
        assert!(first == second && blue(&first).contains(&255));
    }

    #[test]
    fn every_machine_marks_the_same() {
        let wave = |i: i32| [i as f32 * 1.37 - 3.0, 20.0 + 17.0 * (i as f32 * 0.7).sin()];
        let points: Vec<[f32; 2]> = (0..40).map(wave).collect();
        for ends in [Ends::Flat, Ends::Round] {
            let [mut wide, mut plain] = [0; 2].map(|_| Lines { mask: vec![0; 64 * 40], ..lines(&points) });
            let area = Area::new(0, 0, 48, 40);
            vectorised(
                #[inline(always)]
                || wide.mark_all(area, 64, 0.9, ends),
            );
            scalar(|| plain.mark_all(area, 64, 0.9, ends));
            assert!(wide.mask == plain.mask && wide.mask.contains(&255));
        }
    }
}
