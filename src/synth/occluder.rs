//! A hand that passes before the face: skin-coloured, softly textured, blurred at its edge.

use image::RgbImage;

use super::random::Stream;

/// Palm and fingers as capsules (from, to, radius), in units of the hand's size; the fingers point up.
const CAPSULES: [([f32; 2], [f32; 2], f32); 6] = [
    ([-0.25, 0.3], [0.25, 0.35], 0.48),
    ([-0.48, 0.0], [-0.62, -0.85], 0.16),
    ([-0.17, -0.1], [-0.22, -1.15], 0.17),
    ([0.14, -0.1], [0.16, -1.12], 0.17),
    ([0.44, 0.0], [0.54, -0.9], 0.15),
    ([0.55, 0.45], [1.05, -0.05], 0.18),
];
/// The arm goes on below.
const ARM: ([f32; 2], [f32; 2], f32) = ([0.0, 0.6], [0.15, 5.0], 0.42);
/// Softness of the edge, in units of the hand's size.
const EDGE: f32 = 0.05;
/// Depth of the texture, relative.
const GRAIN: f32 = 0.06;
/// Cells of the texture across the hand.
const GRAIN_CELLS: f32 = 5.0;

/// One pass of a hand.
#[derive(Clone, Debug, PartialEq)]
pub struct Pass {
    /// When it comes into reach, in seconds of media time.
    pub onset_s: f64,
    /// How long it takes.
    pub length_s: f64,
    from_left: bool,
    /// Height of its path in the face, in ICD units below the eyes.
    height_icd: f32,
    /// Size of the hand, in ICD units: real ones have 2.3-2.8 (palm width 8 cm, ICD 3.2 cm), the fingers on top.
    size_icd: f32,
    tone: f32,
    texture: u64,
}

impl Pass {
    pub(super) fn new(random: &mut Stream) -> Self {
        Self {
            onset_s: 0.0,
            length_s: random.within(0.6, 1.5),
            from_left: random.chance(0.5),
            height_icd: random.within(-0.5, 2.0) as f32,
            size_icd: random.within(1.8, 2.4) as f32,
            tone: random.within(0.8, 1.05) as f32,
            texture: random.bits(),
        }
    }

    pub(super) fn starting(self, onset_s: f64) -> Self {
        Self { onset_s, ..self }
    }

    /// When it is gone, in seconds of media time.
    pub fn offset_s(&self) -> f64 {
        self.onset_s + self.length_s
    }

    /// Draws the hand over the picture. `eyes_px` is the middle of the inner eye corners, `skin` the face's own colour.
    pub(super) fn draw(
        &self,
        time_s: f64,
        eyes_px: [f32; 2],
        icd_px: f32,
        skin: [f32; 3],
        out: &mut RgbImage,
    ) {
        let share = ((time_s - self.onset_s) / self.length_s) as f32;
        if !(0.0..=1.0).contains(&share) {
            return;
        }
        let size = self.size_icd * icd_px;
        // From beside the face to beside it on the other side.
        let reach = 2.2 * icd_px + 1.4 * size;
        let along = if self.from_left { 2.0 * share - 1.0 } else { 1.0 - 2.0 * share };
        let centre = [eyes_px[0] + along * reach, eyes_px[1] + self.height_icd * icd_px];
        let box_of = |size_px: u32, low: f32, high: f32| {
            let clip = |v: f32| v.clamp(0.0, size_px as f32) as u32;
            clip(low.floor())..clip(high.ceil())
        };
        for y in box_of(out.height(), centre[1] - 1.5 * size, centre[1] + 5.5 * size) {
            for x in box_of(out.width(), centre[0] - 1.4 * size, centre[0] + 1.4 * size) {
                let at = [(x as f32 + 0.5 - centre[0]) / size, (y as f32 + 0.5 - centre[1]) / size];
                let inside = CAPSULES
                    .iter()
                    .chain([&ARM])
                    .map(|capsule| depth(capsule, at))
                    .fold(f32::NEG_INFINITY, f32::max);
                let cover = (0.5 + inside / EDGE).clamp(0.0, 1.0);
                if cover <= 0.0 {
                    continue;
                }
                // Round: darker towards the edge.
                let light = self.tone
                    * (0.72 + 0.28 * (inside / 0.2).clamp(0.0, 1.0))
                    * (1.0 + GRAIN * self.grain(at));
                if let Some(pixel) = out.get_pixel_mut_checked(x, y) {
                    for (value, skin) in pixel.0.iter_mut().zip(skin) {
                        let below = f32::from(*value);
                        *value = (below + cover * (skin * light - below) + 0.5).clamp(0.0, 255.0) as u8;
                    }
                }
            }
        }
    }

    /// Smooth noise in `[-1, 1]` that moves with the hand: blotches, and finer ones in them.
    fn grain(&self, at: [f32; 2]) -> f32 {
        // Turned against each other, so that no grid shows.
        0.6 * self.blotches([0.8 * at[0] + 0.6 * at[1], 0.8 * at[1] - 0.6 * at[0]], GRAIN_CELLS)
            + 0.4 * self.blotches([0.5 * at[0] - 0.87 * at[1], 0.5 * at[1] + 0.87 * at[0]], 2.7 * GRAIN_CELLS)
    }

    fn blotches(&self, at: [f32; 2], cells: f32) -> f32 {
        let place = at.map(|v| v * cells + 64.0);
        let cell = place.map(|v| v.floor());
        let share: [f32; 2] = std::array::from_fn(|i| {
            let x = place[i] - cell[i];
            x * x * (3.0 - 2.0 * x)
        });
        let value = |dx: f32, dy: f32| {
            let key = ((cell[0] + dx) as i64 as u64) << 32 | ((cell[1] + dy) as i64 as u64 & 0xFFFF_FFFF);
            (Stream::hashed(self.texture ^ key) >> 40) as f32 / (1u64 << 23) as f32 - 1.0
        };
        let upper = value(0.0, 0.0) + share[0] * (value(1.0, 0.0) - value(0.0, 0.0));
        let lower = value(0.0, 1.0) + share[0] * (value(1.0, 1.0) - value(0.0, 1.0));
        upper + share[1] * (lower - upper)
    }
}

/// How deep a point lies in a capsule; negative outside.
fn depth((from, to, radius): &([f32; 2], [f32; 2], f32), at: [f32; 2]) -> f32 {
    let along = [to[0] - from[0], to[1] - from[1]];
    let off = [at[0] - from[0], at[1] - from[1]];
    let share = ((off[0] * along[0] + off[1] * along[1]) / (along[0] * along[0] + along[1] * along[1]))
        .clamp(0.0, 1.0);
    radius - (off[0] - share * along[0]).hypot(off[1] - share * along[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_covers_the_face_midway_and_is_gone_before_and_after() {
        let pass = Pass::new(&mut Stream::new(4, "test")).starting(1.0);
        let plain = RgbImage::from_pixel(320, 240, image::Rgb([40, 60, 80]));
        let changed = |time_s: f64| {
            let mut picture = plain.clone();
            pass.draw(time_s, [160.0, 100.0], 20.0, [200.0, 150.0, 120.0], &mut picture);
            picture.pixels().zip(plain.pixels()).filter(|(a, b)| a != b).count()
        };
        assert_eq!(changed(0.99), 0);
        assert!(changed(1.0 + pass.length_s / 2.0) > 2000);
        assert_eq!(changed(pass.offset_s() + 0.01), 0);
    }
}
