//! Examples changed a little each time they are seen: mirrored, moved, in other light.

use image::GrayImage;
use rand::RngExt;
use rand_pcg::Pcg64;

use super::input::InputSpec;
use crate::image::warp::{Border, warp_gray};
use crate::types::Affine;

/// What is done to an example, at most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AugmentParams {
    /// Mirror every second one.
    pub mirror: bool,
    /// Largest turn, in degrees.
    pub turn_deg: f32,
    /// Largest change of size, as a share.
    pub size: f32,
    /// Largest shift, as a share of the side.
    pub shift: f32,
    /// Largest change of contrast, as a share, and of brightness, in steps of luma.
    pub light: [f32; 2],
}

impl Default for AugmentParams {
    fn default() -> Self {
        Self { mirror: true, turn_deg: 8.0, size: 0.08, shift: 0.05, light: [0.2, 20.0] }
    }
}

impl AugmentParams {
    /// Nothing is done.
    pub const NONE: Self = Self { mirror: false, turn_deg: 0.0, size: 0.0, shift: 0.0, light: [0.0; 2] };
}

/// For each class the one that a mirrored example has: left becomes right in its name, where there is such a class.
pub fn mirrored_classes(classes: &[String]) -> Vec<usize> {
    let mirrored = |name: &str| -> Option<String> {
        let parts: Vec<&str> = name.split('_').collect();
        let turned = parts.iter().map(|part| match *part {
            "left" => "right",
            "right" => "left",
            other => other,
        });
        Some(turned.collect::<Vec<_>>().join("_"))
    };
    classes
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let other = mirrored(name);
            classes.iter().position(|class| Some(class) == other.as_ref()).unwrap_or(index)
        })
        .collect()
}

/// An example's bytes, `(height, width, channels)`, changed. Whether they were mirrored.
pub(super) fn change(
    spec: &InputSpec,
    bytes: &[u8],
    params: &AugmentParams,
    rng: &mut Pcg64,
    out: &mut Vec<u8>,
) -> bool {
    let mut within = |most: f32| most * (2.0 * rng.random::<f32>() - 1.0);
    let is_mirrored = within(1.0) > 0.0 && params.mirror;
    let [height, width, channels] = spec.size();
    let side = width.max(height) as f32;
    // A turned map of flow would need its vectors turned too.
    let is_flow = matches!(spec, InputSpec::Flow { .. });
    let turn_deg = if is_flow { 0.0 } else { params.turn_deg };
    let (turn, size) = (within(turn_deg).to_radians(), 1.0 + within(params.size));
    let shift = [within(params.shift) * side, within(params.shift) * side];
    let [contrast, brightness] = [1.0 + within(params.light[0]), within(params.light[1])];
    let (sin, cos) = turn.sin_cos();
    let across = if is_mirrored { -size } else { size };
    let [cx, cy] = [width as f32 / 2.0, height as f32 / 2.0];
    let [a, b, c, d] = [cos * across, -sin * size, sin * across, cos * size];
    let [x, y] = [cx + shift[0], cy + shift[1]];
    let map = Affine { rows: [[a, b, cx - a * x - b * y], [c, d, cy - c * x - d * y]] };
    out.clear();
    out.resize(bytes.len(), 0);
    let (wide, high) = (width as u32, height as u32);
    let mut warped = Vec::new();
    for channel in 0..channels {
        let plane: Vec<u8> = bytes.iter().skip(channel).step_by(channels).copied().collect();
        let Some(plane) = GrayImage::from_raw(wide, high, plane) else { continue };
        warp_gray(&plane, &map, (width, height), Border::Replicate, &mut warped);
        for (to, from) in out.iter_mut().skip(channel).step_by(channels).zip(&warped) {
            *to = match (is_flow, channel) {
                // A mirrored motion goes the other way; light is of no account to it.
                (true, 0) if is_mirrored => 255 - from,
                (true, _) => *from,
                _ => (contrast * (f32::from(*from) - 128.0) + 128.0 + brightness).round().clamp(0.0, 255.0)
                    as u8,
            };
        }
    }
    is_mirrored
}

#[cfg(test)]
mod tests {
    use rand_pcg::rand_core::SeedableRng;

    use super::*;

    #[test]
    fn left_and_right_change_places() {
        let names = ["smirk_left", "smirk_right", "happiness", "left"].map(str::to_owned);
        assert_eq!(mirrored_classes(&names), [1, 0, 2, 3]);
    }

    #[test]
    fn a_mirrored_map_goes_the_other_way() {
        let spec = InputSpec::Flow { side: 4 };
        // To the right, more so on the left.
        let bytes: Vec<u8> = (0..16).flat_map(|at| [200 - 10 * (at % 4) as u8, 90, 30]).collect();
        let params = AugmentParams { mirror: true, ..AugmentParams::NONE };
        let (mut rng, mut out) = (Pcg64::seed_from_u64(1), Vec::new());
        while !change(&spec, &bytes, &params, &mut rng, &mut out) {
            assert_eq!(out, bytes);
        }
        let expected: Vec<u8> =
            (0..16).flat_map(|at| [255 - (200 - 10 * (3 - at % 4) as u8), 90, 30]).collect();
        assert_eq!(out, expected);
    }
}
