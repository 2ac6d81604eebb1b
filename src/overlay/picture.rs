//! Scales the camera picture into the canvas: bilinear up, a few evenly spaced taps down, mirrored on request.
//!
//! Separable: each source row is stretched once into a row buffer, then two rows are mixed. Integer arithmetic, so the
//! result is the same on every machine; the tables are made again only when a size changes.
//!
//! Indexing cannot fail: every table entry is clamped to the source's last pixel where it is made, and a picture holds
//! `3 * width * height` bytes.

use image::RgbImage;

use super::canvas::{Area, Canvas, Color};
use crate::image::vector::vectorised;

/// Below this many source pixels for one canvas pixel, two neighbours are interpolated; above, taps are averaged.
const BILINEAR_LIMIT: f32 = 1.5;

/// Tables and row buffers for one pair of sizes.
#[derive(Debug, Default)]
pub(super) struct PictureScaler {
    /// What the tables were made for: picture size, target, mirrored.
    key: Option<(u32, u32, Area, bool)>,
    /// For each canvas column: the left one of two source pixels, and the right one's weight in 1/256.
    columns: Vec<(u32, u32)>,
    /// For each canvas column: the byte offsets of its taps. Empty where two neighbours are interpolated.
    taps: Vec<u32>,
    /// One source row, a channel to 16 bits of each word, its last pixel twice.
    spread: Vec<u64>,
    /// Two stretched rows in the canvas' order, 1/256 of a level in 16 bits a channel, and which source rows they hold.
    rows: [Vec<u64>; 2],
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

impl PictureScaler {
    /// Draws `picture` over `target`, which it fills. Parts beyond the canvas are left out.
    pub(super) fn draw(&mut self, picture: &RgbImage, target: Area, is_mirrored: bool, canvas: &mut Canvas) {
        let (width, height) = picture.dimensions();
        if width == 0 || height == 0 || target.is_empty() {
            canvas.fill(target, Color::rgb(0));
            return;
        }
        if (width as i32, height as i32) == (target.w, target.h) {
            copy_rows(picture, target, is_mirrored, canvas);
            return;
        }
        let ratio = (width as f32 / target.w as f32).max(height as f32 / target.h as f32);
        let taps = if ratio < BILINEAR_LIMIT { 1 } else { 2 + u32::from(ratio >= 2.5) };
        let key = (width, height, target, is_mirrored);
        if self.key != Some(key) {
            self.prepare_columns(width, target, is_mirrored, taps);
            self.key = Some(key);
        }
        if taps == 1 {
            self.draw_bilinear(picture, target, canvas);
        } else {
            self.draw_taps(picture, target, taps, canvas);
        }
    }

    fn prepare_columns(&mut self, width: u32, target: Area, is_mirrored: bool, taps: u32) {
        self.columns.clear();
        self.taps.clear();
        for x in 0..target.w {
            let x = if is_mirrored { target.w - 1 - x } else { x };
            let (left, _, weight) = bilinear(x, width, target.w);
            self.columns.push((left, weight));
            if taps > 1 {
                self.taps.extend((0..taps).map(|tap| tap_at(x, tap, taps, width, target.w) * 3));
            }
        }
    }

    fn draw_bilinear(&mut self, picture: &RgbImage, target: Area, canvas: &mut Canvas) {
        self.held = [None; 2];
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
                    let source = picture.as_raw()[start..start + stride].as_chunks::<3>().0;
                    self.spread.resize(source.len() + 1, 0);
                    self.rows[slot].resize(self.columns.len(), 0);
                    vectorised(
                        #[inline(always)]
                        || {
                            spread_row(source, &mut self.spread);
                            stretch_row(&self.spread, &self.columns, &mut self.rows[slot]);
                        },
                    );
                    self.held[slot] = Some(wanted);
                }
            }
            let above = &self.rows[usize::from(self.held[0] != Some(top))];
            let below = &self.rows[usize::from(self.held[0] != Some(bottom))];
            let skipped = usize::try_from(-target.x).unwrap_or(0);
            let row = bytemuck::cast_slice_mut(canvas.row_mut(target.y + y, target.x, target.right()));
            let visible = |row| bytemuck::cast_slice(<[u64]>::get(row, skipped..).unwrap_or_default());
            let (above, below) = (visible(above), visible(below));
            vectorised(
                #[inline(always)]
                || mix_rows(row, above, below, weight as u16),
            );
        }
    }

    fn draw_taps(&mut self, picture: &RgbImage, target: Area, taps: u32, canvas: &mut Canvas) {
        let (width, height) = picture.dimensions();
        let stride = width as usize * 3;
        // sum * factor >> 16 is sum / taps², exact enough for eight bits.
        let factor = (65_536 / (taps * taps)) + 1;
        for y in 0..target.h {
            self.sums.clear();
            self.sums.resize(target.w as usize * 3, 0);
            for tap_y in 0..taps {
                let start = tap_at(y, tap_y, taps, height, target.h) as usize * stride;
                let source = &picture.as_raw()[start..start + stride];
                for (sum, offsets) in self.sums.chunks_exact_mut(3).zip(self.taps.chunks_exact(taps as usize))
                {
                    for &offset in offsets {
                        let pixel = &source[offset as usize..offset as usize + 3];
                        sum.iter_mut().zip(pixel).for_each(|(s, p)| *s += u16::from(*p));
                    }
                }
            }
            let skipped = usize::try_from(-target.x).unwrap_or(0);
            let row = canvas.row_mut(target.y + y, target.x, target.right());
            for (pixel, sum) in row.iter_mut().zip(self.sums.chunks_exact(3).skip(skipped)) {
                let mean = |s: u16| (u32::from(s) * factor) >> 16;
                *pixel = 0xFF00_0000 | mean(sum[0]) << 16 | mean(sum[1]) << 8 | mean(sum[2]);
            }
        }
    }
}

/// Draws a picture that is as large as its target.
fn copy_rows(picture: &RgbImage, target: Area, is_mirrored: bool, canvas: &mut Canvas) {
    let skipped = usize::try_from(-target.x).unwrap_or(0);
    let rows = picture.as_raw().chunks_exact(picture.width() as usize * 3);
    for (y, source) in (target.y..).zip(rows) {
        let row: &mut [u8] = bytemuck::cast_slice_mut(canvas.row_mut(y, target.x, target.right()));
        let (row, source) = (row.as_chunks_mut::<4>().0, source.as_chunks::<3>().0);
        vectorised(
            #[inline(always)]
            || {
                if is_mirrored {
                    for (to, [r, g, b]) in row.iter_mut().zip(source.iter().rev().skip(skipped)) {
                        *to = [*b, *g, *r, 255];
                    }
                } else {
                    for (to, [r, g, b]) in row.iter_mut().zip(source.iter().skip(skipped)) {
                        *to = [*b, *g, *r, 255];
                    }
                }
            },
        );
    }
}

/// Blue, green, red and an opaque alpha, 16 bits apart: four products in one multiplication.
#[inline(always)]
fn spread([r, g, b]: [u8; 3]) -> u64 {
    u64::from(b) | u64::from(g) << 16 | u64::from(r) << 32 | 255 << 48
}

/// Spreads each pixel of a row, and the last one twice.
#[inline(always)]
fn spread_row(source: &[[u8; 3]], out: &mut [u64]) {
    for (to, from) in out.iter_mut().zip(source) {
        *to = spread(*from);
    }
    if let (Some(to), Some(from)) = (out.last_mut(), source.last()) {
        *to = spread(*from);
    }
}

/// Stretches one row by the column table.
#[inline(always)]
fn stretch_row(source: &[u64], columns: &[(u32, u32)], out: &mut [u64]) {
    for (to, &(left, weight)) in out.iter_mut().zip(columns) {
        let pair = &source[left as usize..left as usize + 2];
        // left * (256 - weight) + right * weight: no channel of the sum is negative or above 16 bits, so what one borrows from
        // the next in between is given back.
        *to = (pair[0] << 8).wrapping_add(pair[1].wrapping_sub(pair[0]).wrapping_mul(u64::from(weight)));
    }
}

/// Two stretched rows, the second one's weight in 1/256, into bytes.
#[inline(always)]
fn mix_rows(row: &mut [u8], above: &[u16], below: &[u16], weight: u16) {
    let keep = 256 - weight;
    for ((to, a), b) in row.iter_mut().zip(above).zip(below) {
        // At most 255 * 256: fits.
        *to = (((*a >> 8) * keep + (*b >> 8) * weight) >> 8) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::vector::scalar;

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
    fn rows_are_mixed_to_the_last_bit_on_every_machine() {
        // Extremes beside each other: where the difference of two pixels borrows most.
        let source: Vec<[u8; 3]> =
            (0..50u32).map(|i| [i * 97 % 256, i % 2 * 255, (i + 1) % 3 * 127].map(|v| v as u8)).collect();
        let columns: Vec<(u32, u32)> = (0..200).map(|i| (i / 4, i * 77 % 256)).collect();
        let weight = 77;
        let draw = |is_wide: bool| {
            let mut spread = vec![0; source.len() + 1];
            let mut row = vec![0; columns.len()];
            let stretch = || {
                spread_row(&source, &mut spread);
                stretch_row(&spread, &columns, &mut row);
            };
            if is_wide {
                vectorised(stretch)
            } else {
                scalar(stretch)
            }
            let (above, below): (&[u16], _) = (bytemuck::cast_slice(&row), vec![0; columns.len() * 4]);
            let mut bytes = vec![0; columns.len() * 4];
            let mix = || mix_rows(&mut bytes, above, &below, weight);
            if is_wide {
                vectorised(mix)
            } else {
                scalar(mix)
            }
            bytes
        };
        let got = draw(false);
        assert!(got == draw(true));
        for (bytes, (left, share)) in got.as_chunks::<4>().0.iter().zip(&columns) {
            let next = source.get(*left as usize + 1).unwrap_or(&source[source.len() - 1]);
            for (channel, byte) in bytes[..3].iter().enumerate() {
                let [a, b] = [source[*left as usize], *next].map(|rgb| u32::from(rgb[2 - channel]));
                let stretched = (a * (256 - share) + b * share) >> 8;
                assert_eq!(u32::from(*byte), (stretched * (256 - u32::from(weight))) >> 8);
            }
        }
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
