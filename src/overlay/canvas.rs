//! The pixels that are drawn into and shown: a plain buffer, and the few blends that need no library.
//!
//! Everything here works on whole pixels and is clipped to the canvas, so no caller has to check bounds.

use image::RgbImage;

/// A picture of `0xFFRRGGBB` pixels, row by row: what minifb takes (it ignores the top byte).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<u32>,
}

/// An axis-aligned rectangle in whole canvas pixels. May reach beyond the canvas; empty where a side is not positive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Area {
    /// Left edge.
    pub x: i32,
    /// Top edge.
    pub y: i32,
    /// Width.
    pub w: i32,
    /// Height.
    pub h: i32,
}

impl Area {
    /// From its left, top, width and height.
    pub const fn new(x: i32, y: i32, w: i32, h: i32) -> Self {
        Self { x, y, w, h }
    }

    /// The edge after the last column.
    pub const fn right(&self) -> i32 {
        self.x.saturating_add(self.w)
    }

    /// The edge after the last row.
    pub const fn bottom(&self) -> i32 {
        self.y.saturating_add(self.h)
    }

    /// Nothing lies inside.
    pub const fn is_empty(&self) -> bool {
        self.w <= 0 || self.h <= 0
    }

    /// Smaller by `by` on each side.
    pub const fn inset(&self, by: i32) -> Self {
        Self { x: self.x + by, y: self.y + by, w: self.w - 2 * by, h: self.h - 2 * by }
    }

    /// Whether a pixel lies inside.
    pub const fn contains(&self, x: i32, y: i32) -> bool {
        x >= self.x && x < self.right() && y >= self.y && y < self.bottom()
    }

    /// The part that both share; empty where there is none.
    pub fn intersect(&self, other: &Self) -> Self {
        let (x, y) = (self.x.max(other.x), self.y.max(other.y));
        Self { x, y, w: self.right().min(other.right()) - x, h: self.bottom().min(other.bottom()) - y }
    }
}

/// A colour with its opacity, each `[0, 255]`, not premultiplied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Color {
    pub(super) r: u8,
    pub(super) g: u8,
    pub(super) b: u8,
    pub(super) a: u8,
}

impl Color {
    /// From `0xRRGGBB`, opaque.
    pub(super) const fn rgb(hex: u32) -> Self {
        Self { r: (hex >> 16) as u8, g: (hex >> 8) as u8, b: hex as u8, a: 255 }
    }

    /// The same hue at another opacity, `[0, 1]`.
    pub(super) const fn at(self, opacity: f32) -> Self {
        Self { a: (opacity * 255.0) as u8, ..self }
    }

    const fn packed(self) -> u32 {
        (self.r as u32) << 16 | (self.g as u32) << 8 | self.b as u32
    }
}

/// `dst` under `color` (`0xRRGGBB`) at `alpha` in `[0, 256]`.
#[inline(always)]
const fn blend(dst: u32, color: u32, alpha: u32) -> u32 {
    let keep = 256 - alpha;
    let red_blue = (((dst & 0x00FF_00FF) * keep + (color & 0x00FF_00FF) * alpha) >> 8) & 0x00FF_00FF;
    let green = (((dst & 0x0000_FF00) * keep + (color & 0x0000_FF00) * alpha) >> 8) & 0x0000_FF00;
    0xFF00_0000 | red_blue | green
}

/// Opacity 0..=255 times coverage 0..=255, as the 0..=256 that [`blend`] takes.
#[inline(always)]
const fn alpha_of(opacity: u8, coverage: u8) -> u32 {
    (opacity as u32 * coverage as u32 * 258 + 32_768) >> 16
}

/// Blends pixels by a coverage each, `[0, 255]`, up to the end of the shorter list. Has no branch, for vector registers.
#[inline(always)]
pub(super) fn cover_pixels(pixels: &mut [u32], coverages: &[u8], color: Color) {
    let packed = color.packed();
    for (pixel, &coverage) in pixels.iter_mut().zip(coverages) {
        *pixel = blend(*pixel, packed, alpha_of(color.a, coverage));
    }
}

impl Canvas {
    /// A black canvas; a side of 0 is taken as 1.
    pub fn new(width: usize, height: usize) -> Self {
        let (width, height) = (width.max(1), height.max(1));
        Self { width, height, pixels: vec![0xFF00_0000; width * height] }
    }

    /// Changes the size (a side of 0 is taken as 1). What it shows afterwards is undefined until the next draw.
    pub fn resize(&mut self, width: usize, height: usize) {
        (self.width, self.height) = (width.max(1), height.max(1));
        self.pixels.resize(self.width * self.height, 0xFF00_0000);
    }

    /// Width in pixels, at least 1.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels, at least 1.
    pub fn height(&self) -> usize {
        self.height
    }

    /// All pixels as `0xFFRRGGBB`, row by row, `width * height` of them.
    pub fn pixels(&self) -> &[u32] {
        &self.pixels
    }

    /// The whole canvas as an area.
    pub fn area(&self) -> Area {
        let side = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        Area::new(0, 0, side(self.width), side(self.height))
    }

    /// The picture as an RGB image, for PNG files.
    pub fn to_rgb_image(&self) -> RgbImage {
        let mut image = RgbImage::new(self.width as u32, self.height as u32);
        for (to, from) in image.chunks_exact_mut(3).zip(&self.pixels) {
            to.copy_from_slice(&from.to_be_bytes()[1..]);
        }
        image
    }

    /// Writes the picture as packed RGB bytes into `rgb`, replacing what it held: for video export.
    pub fn write_rgb(&self, rgb: &mut Vec<u8>) {
        rgb.clear();
        rgb.reserve(self.pixels.len() * 3);
        for pixel in &self.pixels {
            let [_, r, g, b] = pixel.to_be_bytes();
            rgb.extend_from_slice(&[r, g, b]);
        }
    }

    /// The part of row `y` from `x0` to before `x1`, clipped to the canvas.
    pub(super) fn row_mut(&mut self, y: i32, x0: i32, x1: i32) -> &mut [u32] {
        let bounds = self.area();
        let (from, to) = (x0.max(0), x1.min(bounds.w));
        if y < 0 || y >= bounds.h || from >= to {
            return &mut [];
        }
        // In range: 0 <= y < height and 0 <= from < to <= width.
        let start = y as usize * self.width;
        &mut self.pixels[start + from as usize..start + to as usize]
    }

    /// Fills an area.
    pub(super) fn fill(&mut self, area: Area, color: Color) {
        let alpha = alpha_of(color.a, 255);
        let packed = color.packed();
        let clipped = area.intersect(&self.area());
        for y in clipped.y..clipped.bottom() {
            let row = self.row_mut(y, clipped.x, clipped.right());
            if alpha >= 256 {
                row.fill(0xFF00_0000 | packed);
            } else {
                row.iter_mut().for_each(|pixel| *pixel = blend(*pixel, packed, alpha));
            }
        }
    }

    /// Diagonal lines over an area, from lower left to upper right: `thick` pixels wide, one every `period` columns. They
    /// lie on one grid of the whole canvas, so that neighbouring areas match.
    pub(super) fn hatch(&mut self, area: Area, period: i32, thick: i32, color: Color) {
        let (alpha, packed) = (alpha_of(color.a, 255), color.packed());
        let clipped = area.intersect(&self.area());
        let period = period.max(1);
        for y in clipped.y..clipped.bottom() {
            let row = self.row_mut(y, clipped.x, clipped.right());
            for (x, pixel) in (clipped.x..).zip(row) {
                if (x + y).rem_euclid(period) < thick {
                    *pixel = blend(*pixel, packed, alpha);
                }
            }
        }
    }

    /// Blends one pixel by a coverage, `[0, 255]`.
    #[inline]
    pub(super) fn cover(&mut self, x: i32, y: i32, color: Color, coverage: u8) {
        if let [pixel] = self.row_mut(y, x, x.saturating_add(1)) {
            *pixel = blend(*pixel, color.packed(), alpha_of(color.a, coverage));
        }
    }

    /// Blends a row of coverages, `[0, 255]` each, starting at pixel `x`, `y`.
    pub(super) fn cover_row(&mut self, x: i32, y: i32, color: Color, coverages: &[u8]) {
        let skipped = usize::try_from(x.saturating_neg()).unwrap_or(0).min(coverages.len());
        let count = i32::try_from(coverages.len()).unwrap_or(i32::MAX);
        let packed = color.packed();
        let row = self.row_mut(y, x, x.saturating_add(count));
        for (pixel, &coverage) in row.iter_mut().zip(&coverages[skipped..]) {
            if coverage != 0 {
                *pixel = blend(*pixel, packed, alpha_of(color.a, coverage));
            }
        }
    }

    /// Fills a rectangle with round corners, smooth at their edge.
    pub(super) fn fill_round(&mut self, area: Area, radius: f32, color: Color) {
        let radius = radius.min(area.w.min(area.h) as f32 / 2.0).max(0.0);
        let corner = radius.ceil() as i32;
        self.fill(Area { y: area.y + corner, h: area.h - 2 * corner, ..area }, color);
        for row in 0..corner.min(area.h) {
            let from_centre_y = radius - row as f32 - 0.5;
            let bottom = area.bottom() - 1 - row;
            for y in
                if bottom > area.y + row { [Some(area.y + row), Some(bottom)] } else { [Some(bottom), None] }
            {
                let Some(y) = y else { continue };
                let inner = Area::new(area.x + corner, y, area.w - 2 * corner, 1);
                self.fill(inner, color);
                for column in 0..corner {
                    let from_centre_x = radius - column as f32 - 0.5;
                    let distance = from_centre_x.max(0.0).hypot(from_centre_y.max(0.0));
                    let coverage = ((radius - distance + 0.5).clamp(0.0, 1.0) * 255.0) as u8;
                    self.cover(area.x + column, y, color, coverage);
                    if area.right() - 1 - column > area.x + column {
                        self.cover(area.right() - 1 - column, y, color, coverage);
                    }
                }
            }
        }
    }

    /// Fills a disc around a point in pixels (pixel centres at +0.5), smooth at its edge.
    pub(super) fn fill_disc(&mut self, centre: [f32; 2], radius: f32, color: Color) {
        let reach = radius + 1.0;
        let limit = self.area();
        let inside = |v: f32, end: i32| v.is_finite() && v > -reach && v < end as f32 + reach;
        if !(radius > 0.0 && inside(centre[0], limit.w) && inside(centre[1], limit.h)) {
            return;
        }
        for y in (centre[1] - reach).floor() as i32..=(centre[1] + reach).ceil() as i32 {
            for x in (centre[0] - reach).floor() as i32..=(centre[0] + reach).ceil() as i32 {
                let distance = (x as f32 + 0.5 - centre[0]).hypot(y as f32 + 0.5 - centre[1]);
                let coverage = (radius + 0.5 - distance).clamp(0.0, 1.0);
                if coverage > 0.0 {
                    self.cover(x, y, color, (coverage * 255.0) as u8);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_and_no_coverage_are_exact() {
        let mut canvas = Canvas::new(3, 1);
        canvas.fill(canvas.area(), Color::rgb(0x123456));
        canvas.cover(0, 0, Color::rgb(0xFFEEDD), 255);
        canvas.cover(1, 0, Color::rgb(0xFFEEDD), 0);
        assert_eq!(canvas.pixels(), [0xFFFF_EEDD, 0xFF12_3456, 0xFF12_3456]);
    }

    #[test]
    fn round_corners_are_symmetric_and_cover_the_middle() {
        let mut canvas = Canvas::new(20, 12);
        canvas.fill_round(Area::new(0, 0, 20, 12), 5.0, Color::rgb(0xFFFFFF));
        for y in 0..12 {
            for x in 0..20 {
                let at = |x: usize, y: usize| canvas.pixels()[y * 20 + x];
                assert_eq!(at(x, y), at(19 - x, 11 - y));
                assert_eq!(at(x, y), at(19 - x, y));
            }
        }
        assert_eq!(canvas.pixels()[6 * 20], 0xFFFF_FFFF);
        assert_eq!(canvas.pixels()[0] & 0xFF, 0, "the very corner stays free");
    }

    #[test]
    fn hatching_rises_to_the_right_and_stays_in_its_area() {
        let mut canvas = Canvas::new(8, 4);
        canvas.hatch(Area::new(2, 1, 100, 2), 4, 1, Color::rgb(0xFFFFFF));
        let rows: Vec<String> = canvas
            .pixels()
            .chunks(8)
            .map(|row| row.iter().map(|p| if *p == 0xFFFF_FFFF { '/' } else { '.' }).collect())
            .collect();
        assert_eq!(rows, ["........", ".../.../", "../.../.", "........"]);
    }

    #[test]
    fn everything_clips() {
        let mut canvas = Canvas::new(4, 4);
        let white = Color::rgb(0xFFFFFF);
        canvas.fill(Area::new(-10, -10, 5, 5), white);
        canvas.fill(Area::new(i32::MAX - 1, 0, 5, 5), white);
        canvas.cover_row(-2, 1, white, &[255; 3]);
        canvas.fill_disc([f32::NAN, 0.0], 2.0, white);
        canvas.fill_disc([1e9, 0.0], 2.0, white);
        canvas.fill_round(Area::new(-3, -3, 2, 40), 9.0, white);
        assert_eq!(canvas.pixels().iter().filter(|p| **p == 0xFFFF_FFFF).count(), 1);
        assert_eq!(canvas.pixels()[4], 0xFFFF_FFFF);
    }
}
