//! A smooth map of the picture onto itself, known on a lattice: where each pixel takes its colour from, and how much lighter
//! it becomes. What does not move is not touched: its bytes stay as they are.

use image::RgbImage;

use super::resample::{Floats, Kernel};

/// Below this shift and this change of light a pixel is left alone: far less than half a level.
const SMALLEST_SHIFT_PX: f32 = 1.0 / 512.0;
/// See [`SMALLEST_SHIFT_PX`].
const SMALLEST_SHADE: f32 = 1e-4;
/// Largest change of light by furrows and stretched skin: a few percent.
const DEEPEST_SHADE: f32 = 0.05;
/// Change of light for each unit of the skin's divergence.
const SHADE_PER_DIVERGENCE: f32 = 0.35;

/// What one place of the picture does.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Node {
    /// From here to where the colour comes from, in pixels.
    source_px: [f32; 2],
    /// How far the skin that is here now has moved (without the head's motion), in pixels.
    skin_px: [f32; 2],
    /// Change of light, relative.
    shade: f32,
}

impl Node {
    /// See the fields of the same names.
    pub(super) fn new(source_px: [f32; 2], skin_px: [f32; 2]) -> Self {
        Self { source_px, skin_px, shade: 0.0 }
    }
}

/// Nodes over a box of the picture.
#[derive(Clone, Debug, Default)]
pub(super) struct Lattice {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
    step: usize,
    columns: usize,
    nodes: Vec<Node>,
}

/// What lies over the moved skin: a closing lid.
pub(super) trait Cover {
    /// Whether any pixel that takes its colour from around here might be covered.
    fn is_near(&self, source_px: [f32; 2]) -> bool;
    /// For a pixel that takes its colour from `source_px`: from where the cover takes its own, how much of the pixel it
    /// hides (`[0, 1]`), and the levels by which it is darker.
    fn sample(&self, source_px: [f32; 2]) -> Option<([f32; 2], f32, f32)>;
}

impl Lattice {
    /// Lays nodes `step` pixels apart over the box `[left, top, right, bottom]` (in pixels, clipped to the picture) and asks
    /// `node_at` about each.
    pub(super) fn fill(
        &mut self,
        box_px: [f32; 4],
        step: usize,
        (width, height): (u32, u32),
        node_at: impl Fn([f32; 2]) -> Node,
    ) {
        let clip = |value: f32, size: u32| value.clamp(0.0, size as f32) as usize;
        self.step = step.max(1);
        (self.left, self.top) = (clip(box_px[0].floor(), width), clip(box_px[1].floor(), height));
        (self.right, self.bottom) = (clip(box_px[2].ceil(), width), clip(box_px[3].ceil(), height));
        self.nodes.clear();
        if self.right <= self.left || self.bottom <= self.top {
            self.columns = 0;
            return;
        }
        self.columns = (self.right - self.left).div_ceil(self.step) + 1;
        let rows = (self.bottom - self.top).div_ceil(self.step) + 1;
        for row in 0..rows {
            for column in 0..self.columns {
                let (x, y) = (self.left + column * self.step, self.top + row * self.step);
                self.nodes.push(node_at([x as f32, y as f32]));
            }
        }
    }

    /// Darkens skin that is pressed together, as its furrows do, and lightens skin that is stretched: by the divergence of
    /// its motion, times `strength`, a few percent at most.
    pub(super) fn shade_skin(&mut self, strength: f32) {
        let (columns, step) = (self.columns, self.step as f32);
        if columns < 3 || strength <= 0.0 {
            return;
        }
        let rows = self.nodes.len() / columns;
        for row in 1..rows.saturating_sub(1) {
            for column in 1..columns - 1 {
                let index = row * columns + column;
                let skin = |index: usize| self.nodes.get(index).map_or([0.0; 2], |node| node.skin_px);
                let ([right, _], [left, _]) = (skin(index + 1), skin(index - 1));
                let ([_, below], [_, above]) = (skin(index + columns), skin(index - columns));
                let divergence = (right - left + below - above) / (2.0 * step);
                if let Some(node) = self.nodes.get_mut(index) {
                    node.shade =
                        DEEPEST_SHADE * (strength * SHADE_PER_DIVERGENCE * divergence / DEEPEST_SHADE).tanh();
                }
            }
        }
    }

    /// Writes every pixel that changes; the others keep their bytes.
    pub(super) fn apply(
        &self,
        source: &Floats,
        kernel: &Kernel,
        cover: Option<&dyn Cover>,
        out: &mut RgbImage,
    ) {
        let columns = self.columns;
        if columns == 0 {
            return;
        }
        for (row, pair) in self.nodes.windows(2 * columns).step_by(columns).enumerate() {
            let (upper, lower) = pair.split_at(columns);
            for (column, (upper, lower)) in upper.windows(2).zip(lower.windows(2)).enumerate() {
                if let (&[a, b], &[c, d]) = (upper, lower) {
                    let corner = [self.left + column * self.step, self.top + row * self.step];
                    self.apply_cell(corner, [a, b, c, d], source, kernel, cover, out);
                }
            }
        }
    }

    fn apply_cell(
        &self,
        [left, top]: [usize; 2],
        nodes: [Node; 4],
        source: &Floats,
        kernel: &Kernel,
        cover: Option<&dyn Cover>,
        out: &mut RgbImage,
    ) {
        let centre = [0, 1].map(|i| [left, top][i] as f32 + 0.5 * self.step as f32 + nodes[0].source_px[i]);
        let cover = cover.filter(|cover| cover.is_near(centre));
        let is_still = nodes.iter().all(|node| node.source_px == [0.0; 2] && node.shade == 0.0);
        if is_still && cover.is_none() {
            return;
        }
        let (right, bottom) = ((left + self.step).min(self.right), (top + self.step).min(self.bottom));
        let [a, b, c, d] = nodes.map(|node| [node.source_px[0], node.source_px[1], node.shade]);
        for y in top..bottom {
            let down = (y as f32 + 0.5 - top as f32) / self.step as f32;
            let (from, to): ([f32; 3], [f32; 3]) = (
                std::array::from_fn(|i| a[i] + down * (c[i] - a[i])),
                std::array::from_fn(|i| b[i] + down * (d[i] - b[i])),
            );
            for x in left..right {
                let across = (x as f32 + 0.5 - left as f32) / self.step as f32;
                let [dx, dy, shade]: [f32; 3] = std::array::from_fn(|i| from[i] + across * (to[i] - from[i]));
                let position = [x as f32 + 0.5 + dx, y as f32 + 0.5 + dy];
                let covered = cover.and_then(|cover| cover.sample(position));
                let rests = dx.abs().max(dy.abs()) < SMALLEST_SHIFT_PX && shade.abs() < SMALLEST_SHADE;
                if rests && covered.is_none() {
                    continue;
                }
                let mut colour = source.at(kernel, position);
                if let Some((lid, share, darker)) = covered {
                    let lid = source.at(kernel, lid);
                    colour = std::array::from_fn(|i| colour[i] + share * (lid[i] - darker - colour[i]));
                }
                if let Some(pixel) = out.get_pixel_mut_checked(x as u32, y as u32) {
                    pixel.0 = colour.map(|value| (value * (1.0 + shade) + 0.5).clamp(0.0, 255.0) as u8);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texture(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            image::Rgb([((x * 37 + y * 91) % 251) as u8, (x * 3) as u8, (y * 5) as u8])
        })
    }

    fn warped(picture: &RgbImage, box_px: [f32; 4], node_at: impl Fn([f32; 2]) -> Node) -> RgbImage {
        let (mut floats, mut lattice, mut out) = (Floats::default(), Lattice::default(), picture.clone());
        floats.fill(picture);
        lattice.fill(box_px, 4, picture.dimensions(), node_at);
        lattice.shade_skin(1.0);
        lattice.apply(&floats, &Kernel::new(), None, &mut out);
        out
    }

    #[test]
    fn whole_pixels_are_copied_and_the_outside_stays() {
        let picture = texture(40, 30);
        let shift = Node::new([3.0, -2.0], [0.0; 2]);
        let out = warped(&picture, [8.0, 8.0, 24.0, 20.0], |_| shift);
        for (x, y, pixel) in out.enumerate_pixels() {
            let is_inside = (8..24).contains(&x) && (8..20).contains(&y);
            let from = if is_inside { (x + 3, y - 2) } else { (x, y) };
            assert_eq!(pixel, picture.get_pixel(from.0, from.1), "{x} {y}");
        }
    }

    #[test]
    fn pressed_skin_darkens_by_a_few_percent() {
        let picture = RgbImage::from_pixel(60, 60, image::Rgb([200; 3]));
        // Skin moves towards the middle column: 10 % shorter.
        let press = |[x, _]: [f32; 2]| Node::new([0.1 * (x - 30.0), 0.0], [-0.1 * (x - 30.0), 0.0]);
        let out = warped(&picture, [0.0, 0.0, 60.0, 60.0], press);
        let value = f32::from(out.get_pixel(30, 30).0[0]) / 200.0;
        assert!((0.95..0.98).contains(&value), "{value}");
    }

    #[test]
    fn boxes_beyond_the_picture_are_clipped() {
        let picture = texture(20, 20);
        let out = warped(&picture, [-50.0, -50.0, 90.0, 90.0], |_| Node::default());
        assert_eq!(out, picture);
        assert_eq!(warped(&picture, [30.0, 30.0, 40.0, 40.0], |_| Node::new([1.0; 2], [0.0; 2])), picture);
    }
}
