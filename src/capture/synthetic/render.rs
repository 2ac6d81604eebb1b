//! Draws the portrait in a given pose: one backward warp through a coarse lattice, then the lids, then noise.
//!
//! Spaces: *image* pixels of the frame, and *base* pixels of the portrait resampled to the frame's scale, with a margin
//! around it. Both count pixel centres as whole numbers here. A lattice of one node every 8 pixels says where in the
//! base each image position comes from; between nodes it is interpolated, so the picture has no seams anywhere. Head
//! motion acts on head and hair and fades into the background, which stays still, as it does before a webcam.

use super::SyntheticParams;
use super::field::{Field, LOWER_DIRECTIONS, RAISE_DIRECTIONS, head_share};
use super::lids::Lids;
use super::noise::NoiseTable;
use super::pixels::{Base, clamp_table, darker, emit_gray, emit_rgb, emit_yuyv, lerp, packed};
use super::portrait::{self, Placement};
use super::script::FaceState;
use crate::capture::source::CaptureError;
use crate::types::PixelFormat;

/// Image pixels between lattice nodes.
const STEP: usize = 8;
/// Fraction bits of base coordinates: 16, so that the interpolation error is far below the 1/256 px of the sampler.
const ONE: f32 = 65_536.0;
/// Everything that does not change from frame to frame, and the buffers that are reused.
pub(super) struct Renderer {
    width: usize,
    height: usize,
    format: PixelFormat,
    icd_px: f32,
    base: Base,
    /// Share of the head's motion at each node, `[0, 1]`.
    head_share: Vec<f32>,
    pivot: [f32; 2],
    brow_lower: Field,
    brow_raise: Field,
    /// The subject's right, left.
    corners: [Field; 2],
    lids: [Lids; 2],
    noise: NoiseTable,
    /// Clamped byte for a value plus biased noise.
    clamped: [u8; 512],
    nodes: Vec<[i32; 2]>,
    row: Vec<u64>,
}

impl Renderer {
    pub(super) fn new(params: &SyntheticParams) -> Result<Self, CaptureError> {
        let (width, height) = (params.width as usize, params.height as usize);
        // 58 px at 640x480; narrow frames keep the whole head in view.
        let icd_px = (0.12 * height as f32).min(0.105 * width as f32);
        // The head moves by 0.12 ICD and turns by 1.2 degrees: at the frame's edge that is below 0.3 ICD.
        let margin = (0.4 * icd_px).ceil() as usize + 2;
        let scale = icd_px / portrait::ICD;
        let shift = [0, 1].map(|axis| {
            let half = [width, height][axis] as f32 / 2.0 + margin as f32;
            half - portrait::view_centre(axis, half / scale) * scale
        });
        let placement = Placement { scale, shift };
        let (base_width, base_height) = (width + 2 * margin, height + 2 * margin);
        let colours = portrait::resample(&placement, base_width, base_height)?;
        let data = colours.iter().map(|&rgb| packed(rgb, params.format)).collect();
        let base = Base { width: base_width, height: base_height, margin, data };
        let at = |point| placement.base_from_portrait(point).map(|v: f32| v - 0.5);
        let brow = |directions: &[[f32; 2]; 11], reach| {
            let points = portrait::BROWS.iter().zip(directions).map(|(&p, &d)| (at(p), d)).collect();
            Field::new(points, 0.12 * icd_px, reach * icd_px)
        };
        let corner = |point, direction| Field::new(vec![(at(point), direction)], 0.12 * icd_px, 0.8 * icd_px);
        let [right, left] = portrait::MOUTH_CORNERS;
        let (columns, rows) = (nodes_for(width), nodes_for(height));
        let head_share = (0..columns * rows)
            .map(|i| {
                let node = [i % columns * STEP + margin, i / columns * STEP + margin].map(|v| v as f32);
                head_share(node, at(portrait::HEAD_CENTRE), portrait::HEAD_RADII.map(|r| r * scale))
            })
            .collect();
        Ok(Self {
            width,
            height,
            format: params.format,
            icd_px,
            base,
            head_share,
            pivot: at(portrait::HEAD_PIVOT),
            brow_lower: brow(&LOWER_DIRECTIONS, 0.45),
            brow_raise: brow(&RAISE_DIRECTIONS, 0.5),
            corners: [corner(right, [-0.8, -0.6]), corner(left, [0.8, -0.6])],
            lids: [&portrait::EYE_RIGHT, &portrait::EYE_LEFT].map(|eye| Lids::new(eye, &placement)),
            noise: NoiseTable::new(params.seed, params.noise),
            clamped: clamp_table(),
            nodes: vec![[0; 2]; columns * rows],
            row: vec![0; width],
        })
    }

    pub(super) fn icd_px(&self) -> f32 {
        self.icd_px
    }

    /// Draws frame `index` in pose `state`; `out` gets the format's length.
    pub(super) fn render(&mut self, state: &FaceState, index: u64, out: &mut Vec<u8>) {
        self.pose(state);
        let bytes_per_pixel = match self.format {
            PixelFormat::Rgb8 => 3,
            PixelFormat::Yuyv => 2,
            _ => 1,
        };
        out.resize(self.width * self.height * bytes_per_pixel, 0);
        let eyes = self.lids.each_ref().map(|lids| self.eye_window(lids, state));
        let mut row = std::mem::take(&mut self.row);
        for (y, line) in out.chunks_exact_mut(self.width * bytes_per_pixel).enumerate() {
            self.warp_row(y, &mut row);
            for (lids, [left, top, right, bottom]) in self.lids.iter().zip(eyes) {
                if (top..bottom).contains(&y) {
                    self.close_lids(lids, state.lids_closed, y, left, &mut row[left..right]);
                }
            }
            let noise = self.noise.row(index, y, self.width);
            match self.format {
                PixelFormat::Rgb8 => emit_rgb(&row, noise, &self.clamped, line),
                PixelFormat::Yuyv => emit_yuyv(&row, noise, &self.clamped, line),
                _ => emit_gray(&row, noise, &self.clamped, line),
            }
        }
        self.row = row;
    }

    /// Fills the lattice: for each node the base position that it shows, in 16.16 fixed point.
    fn pose(&mut self, state: &FaceState) {
        let columns = nodes_for(self.width);
        let (sin, cos) = state.head_roll_rad.sin_cos();
        let scale = if state.head_scale.abs() > 0.1 { state.head_scale } else { 1.0 };
        let [px, py] = self.pivot;
        let [tx, ty] = state.head_shift_icd.map(|v| v * self.icd_px);
        let [right, left] = &self.corners;
        let fields = [
            (&self.brow_lower, state.brow_lower_icd),
            (&self.brow_raise, state.brow_raise_icd),
            (right, state.corner_right_icd),
            (left, state.corner_left_icd),
        ];
        let margin = self.base.margin as f32;
        let highest = [self.base.width, self.base.height].map(|v| (v.saturating_sub(2)) as f32);
        for (i, (node, share)) in self.nodes.iter_mut().zip(&self.head_share).enumerate() {
            let x = (i % columns * STEP) as f32 + margin;
            let y = (i / columns * STEP) as f32 + margin;
            let (dx, dy) = (x - px - tx, y - py - ty);
            let still = [px + (cos * dx + sin * dy) / scale, py + (cos * dy - sin * dx) / scale];
            let mut source = [x + share * (still[0] - x), y + share * (still[1] - y)];
            let at = source;
            for (field, amount_icd) in fields {
                if amount_icd != 0.0 {
                    let moved = field.at(at);
                    source[0] -= moved[0] * amount_icd * self.icd_px;
                    source[1] -= moved[1] * amount_icd * self.icd_px;
                }
            }
            *node = [0, 1].map(|axis| (source[axis].clamp(0.0, highest[axis]) * ONE) as i32);
        }
    }

    /// One image row without lids and noise.
    fn warp_row(&self, y: usize, row: &mut [u64]) {
        let columns = nodes_for(self.width);
        let (upper, fraction) = (y / STEP * columns, (y % STEP) as i32);
        let lower = upper + columns;
        let between = |i: usize, axis: usize| {
            let (a, b) = (self.nodes[upper + i][axis], self.nodes[lower + i][axis]);
            a + (b - a) * fraction / STEP as i32
        };
        let (mut left_u, mut left_v) = (between(0, 0), between(0, 1));
        for (cell, pixels) in row.chunks_mut(STEP).enumerate() {
            let (right_u, right_v) = (between(cell + 1, 0), between(cell + 1, 1));
            let (du, dv) = ((right_u - left_u) / STEP as i32, (right_v - left_v) / STEP as i32);
            let (mut u, mut v) = (left_u, left_v);
            for pixel in pixels {
                *pixel = self.base.sample(u, v);
                u += du;
                v += dv;
            }
            (left_u, left_v) = (right_u, right_v);
        }
    }

    /// The image pixels that this eye's closing lids may change: `[left, top, right, bottom]`, empty with open eyes.
    fn eye_window(&self, lids: &Lids, state: &FaceState) -> [usize; 4] {
        if state.lids_closed <= 0.0 {
            return [0; 4];
        }
        let margin = self.base.margin as f32;
        let [left, top, right, bottom] = lids.bounds();
        // Head and brow motion carry the eye by less than half an ICD.
        let slack = 0.5 * self.icd_px;
        let inside = |v: f32, end: usize| (v - margin).clamp(0.0, end as f32) as usize;
        [
            inside(left - slack, self.width),
            inside(top - slack, self.height),
            inside(right + slack + 1.0, self.width),
            inside(bottom + slack + 1.0, self.height),
        ]
    }

    /// Draws the lids over part of row `y`, beginning at column `left`.
    fn close_lids(&self, lids: &Lids, closed: f32, y: usize, left: usize, pixels: &mut [u64]) {
        for (x, pixel) in (left..).zip(pixels) {
            let position = self.base_position(x, y);
            let Some(lid) = lids.sample(position, closed) else { continue };
            let highest = self.base.height.saturating_sub(2) as f32;
            let source_y = (lid.source_y.clamp(0.0, highest) * ONE) as i32;
            let skin =
                darker(self.base.sample((position[0] * ONE) as i32, source_y), lid.darker, self.format);
            *pixel = lerp(*pixel, skin, (lid.cover * 256.0) as u64);
        }
    }

    /// Base position of one image pixel, as [`Self::warp_row`] interpolates it.
    fn base_position(&self, x: usize, y: usize) -> [f32; 2] {
        let columns = nodes_for(self.width);
        let node = y / STEP * columns + x / STEP;
        let [fx, fy] = [x, y].map(|v| (v % STEP) as f32 / STEP as f32);
        [0, 1].map(|axis| {
            let at = |i: usize| self.nodes[i][axis] as f32 / ONE;
            let upper = at(node) + (at(node + 1) - at(node)) * fx;
            let lower = at(node + columns) + (at(node + columns + 1) - at(node + columns)) * fx;
            upper + (lower - upper) * fy
        })
    }
}

fn nodes_for(pixels: usize) -> usize {
    pixels.div_ceil(STEP) + 1
}
