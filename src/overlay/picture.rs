//! Scales the camera picture into the canvas: bilinear up, a few evenly spaced taps down, mirrored on request.
//!
//! Separable: each source row is stretched once into a row buffer, then two rows are mixed. Integer arithmetic, so the
//! result is the same on every machine; the tables are made again only when a size changes.

use image::RgbImage;

use super::canvas::{Area, Canvas, Color};

/// Below this many source pixels for one canvas pixel, two neighbours are interpolated; above, taps are averaged.
const BILINEAR_LIMIT: f32 = 1.5;

/// Tables and row buffers for one pair of sizes.
#[derive(Debug, Default)]
pub(super) struct PictureScaler {
    key: Option<(u32, u32, Area, bool)>,
    /// For each canvas column: byte offsets of two source pixels, and the second one's weight in 1/256.
    columns: Vec<(u32, u32, u32)>,
    /// Two stretched rows, three values a canvas column, and which source rows they hold.
    rows: [Vec<u8>; 2],
    held: [Option<u32>; 2],
    sums: Vec<u16>,
}

/// Where `picture` goes in `area`: as large as fits, centred, with its aspect kept.
pub(super) fn fitted(picture: (u32, u32), area: Area) -> Area {
    let (pw, ph) = (picture.0 as f32, picture.1 as f32);
    if picture.0 == 0 || picture.1 == 0 || area.is_empty() {
        return Area::default();
    }
    let scale = (area.w as f32 / pw).min(area.h as f32 / ph);
    let (w, h) = (((pw * scale).round() as i32).max(1), ((ph * scale).round() as i32).max(1));
    Area::new(area.x + (area.w - w) / 2, area.y + (area.h - h) / 2, w, h)
}

/// Position in the source of canvas pixel `index`, as left pixel and 1/256 weight of the right one.
fn bilinear(index: i32, source: u32, target: i32) -> (u32, u32, u32) {
    let position = (index as f32 + 0.5) * source as f32 / target as f32 - 0.5;
    let position = position.clamp(0.0, (source - 1) as f32);
    let left = (position as u32).min(source - 1);
    (left, (left + 1).min(source - 1), ((position - left as f32) * 256.0) as u32)
}

/// The source index of tap `tap` of `taps` within canvas pixel `index`.
fn tap_at(index: i32, tap: u32, taps: u32, source: u32, target: i32) -> u32 {
    let within = (tap as f32 + 0.5) / taps as f32;
    let position = (index as f32 + within) * source as f32 / target as f32;
    (position as u32).min(source - 1)
}

fn mix(a: u8, b: u8, weight: u32) -> u8 {
    ((u32::from(a) * (256 - weight) + u32::from(b) * weight) >> 8) as u8
}

impl PictureScaler {
    /// Draws `picture` over `target`, which it fills. Parts beyond the canvas are left out.
    pub(super) fn draw(&mut self, picture: &RgbImage, target: Area, is_mirrored: bool, canvas: &mut Canvas) {
        let (width, height) = picture.dimensions();
        if width == 0 || height == 0 || target.is_empty() {
            canvas.fill(target, Color::rgb(0));
            return;
        }
        let key = (width, height, target, is_mirrored);
        if self.key != Some(key) {
            self.prepare_columns(width, target, is_mirrored);
            self.key = Some(key);
        }
        self.held = [None; 2];
        let ratio = (width as f32 / target.w as f32).max(height as f32 / target.h as f32);
        if ratio < BILINEAR_LIMIT {
            self.draw_bilinear(picture, target, canvas);
        } else {
            let taps = if ratio < 2.5 { 2 } else { 3 };
            self.draw_taps(picture, target, is_mirrored, taps, canvas);
        }
    }

    fn prepare_columns(&mut self, width: u32, target: Area, is_mirrored: bool) {
        self.columns.clear();
        self.columns.extend((0..target.w).map(|x| {
            let (left, right, weight) =
                bilinear(if is_mirrored { target.w - 1 - x } else { x }, width, target.w);
            (left * 3, right * 3, weight)
        }));
    }

    fn draw_bilinear(&mut self, picture: &RgbImage, target: Area, canvas: &mut Canvas) {
        let (width, height) = picture.dimensions();
        let stride = width as usize * 3;
        for y in 0..target.h {
            let (top, bottom, weight) = bilinear(y, height, target.h);
            for wanted in [top, bottom] {
                if !self.held.contains(&Some(wanted)) {
                    // The row that is not needed for this pair is the one to replace.
                    let other = if wanted == top { bottom } else { top };
                    let slot = usize::from(self.held[0] == Some(other));
                    let start = wanted as usize * stride;
                    stretch_row(
                        &picture.as_raw()[start..start + stride],
                        &self.columns,
                        &mut self.rows[slot],
                    );
                    self.held[slot] = Some(wanted);
                }
            }
            let first = usize::from(self.held[0] != Some(top));
            let second = usize::from(self.held[0] != Some(bottom));
            let (above, below) = (&self.rows[first], &self.rows[second]);
            write_row(canvas, target, y, |i| mix(above[i], below[i], weight));
        }
    }

    fn draw_taps(
        &mut self,
        picture: &RgbImage,
        target: Area,
        is_mirrored: bool,
        taps: u32,
        canvas: &mut Canvas,
    ) {
        let (width, height) = picture.dimensions();
        let stride = width as usize * 3;
        let count = (taps * taps) as u16;
        for y in 0..target.h {
            self.sums.clear();
            self.sums.resize(target.w as usize * 3, 0);
            for tap_y in 0..taps {
                let start = tap_at(y, tap_y, taps, height, target.h) as usize * stride;
                let source = &picture.as_raw()[start..start + stride];
                for (x, sum) in self.sums.chunks_exact_mut(3).enumerate() {
                    let x = if is_mirrored { target.w - 1 - x as i32 } else { x as i32 };
                    for tap_x in 0..taps {
                        let at = tap_at(x, tap_x, taps, width, target.w) as usize * 3;
                        for channel in 0..3 {
                            sum[channel] += u16::from(source[at + channel]);
                        }
                    }
                }
            }
            let sums = &self.sums;
            write_row(canvas, target, y, |i| (sums[i] / count) as u8);
        }
    }
}

/// Stretches one RGB row by the column table.
fn stretch_row(source: &[u8], columns: &[(u32, u32, u32)], out: &mut Vec<u8>) {
    out.resize(columns.len() * 3, 0);
    for (to, &(left, right, weight)) in out.chunks_exact_mut(3).zip(columns) {
        let (a, b) = (&source[left as usize..left as usize + 3], &source[right as usize..right as usize + 3]);
        to[0] = mix(a[0], b[0], weight);
        to[1] = mix(a[1], b[1], weight);
        to[2] = mix(a[2], b[2], weight);
    }
}

/// Writes row `y` of `target`, whose channel values `value(i)` yields, `i` in `0..3 * target.w`.
fn write_row(canvas: &mut Canvas, target: Area, y: i32, value: impl Fn(usize) -> u8) {
    let skipped = usize::try_from(-target.x).unwrap_or(0);
    let row = canvas.row_mut(target.y + y, target.x, target.right());
    for (x, pixel) in row.iter_mut().enumerate() {
        let i = (x + skipped) * 3;
        *pixel = u32::from_be_bytes([255, value(i), value(i + 1), value(i + 2)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gradient(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 77]))
    }

    #[test]
    fn same_size_is_an_exact_copy_and_the_mirror_its_reverse() {
        let picture = gradient(40, 30);
        let mut scaler = PictureScaler::default();
        let mut canvas = Canvas::new(40, 30);
        scaler.draw(&picture, canvas.area(), false, &mut canvas);
        assert_eq!(canvas.to_rgb_image(), picture);
        scaler.draw(&picture, canvas.area(), true, &mut canvas);
        assert_eq!(canvas.to_rgb_image(), image::imageops::flip_horizontal(&picture));
    }

    #[test]
    fn a_ramp_stays_a_ramp_at_any_scale() {
        let picture = gradient(200, 100);
        for (w, h) in [(31, 20), (90, 40), (180, 90), (333, 180), (800, 400)] {
            let mut canvas = Canvas::new(w, h);
            PictureScaler::default().draw(&picture, canvas.area(), false, &mut canvas);
            for (x, y, pixel) in canvas.to_rgb_image().enumerate_pixels() {
                let expected =
                    [(x as f32 + 0.5) * 200.0 / w as f32 - 0.5, (y as f32 + 0.5) * 100.0 / h as f32 - 0.5];
                for (got, wanted) in pixel.0.iter().zip(expected) {
                    let tolerance = 200.0 / w as f32 + 1.0;
                    assert!((f32::from(*got) - wanted.max(0.0)).abs() <= tolerance, "{w}x{h} at {x},{y}");
                }
            }
        }
    }

    #[test]
    fn fits_with_its_aspect() {
        assert_eq!(fitted((640, 480), Area::new(0, 0, 1280, 720)), Area::new(160, 0, 960, 720));
        assert_eq!(fitted((1280, 720), Area::new(10, 20, 640, 480)), Area::new(10, 80, 640, 360));
        assert!(fitted((0, 480), Area::new(0, 0, 10, 10)).is_empty());
        assert_eq!(fitted((8000, 1), Area::new(0, 0, 10, 10)).h, 1);
    }
}
