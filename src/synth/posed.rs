//! One picture with one expression: no time, no light, no head motion.

use image::RgbImage;

use super::lattice::{Lattice, Node};
use super::render::{in_pixels, lattice_step_px, turned};
use super::resample::{Floats, Kernel};
use crate::facs::AuField;
use crate::types::{Landmarks, Side};

/// The picture with its face's action units at `amplitude_icd` (ICD units): each entry of `parts` is a unit, its side, and its strength
/// relative to the others. `None` where the landmarks are not usable or no unit is known.
pub fn posed(
    picture: &RgbImage,
    landmarks: &Landmarks,
    parts: &[(u8, Side, f32)],
    amplitude_icd: f32,
) -> Option<RgbImage> {
    let field = AuField::new(landmarks)?;
    let face_from_image = field.face_from_image();
    let image_from_face = face_from_image.inverse()?;
    let pattern = field.pattern(parts);
    let box_px = in_pixels(pattern.bounds_icd()?, &image_from_face);
    let (mut floats, mut lattice, mut out) = (Floats::default(), Lattice::default(), picture.clone());
    floats.fill(picture);
    lattice.fill(box_px, lattice_step_px(&image_from_face), picture.dimensions(), |here| {
        let moved = pattern.displacement(face_from_image.apply(here)).map(|v| amplitude_icd * v);
        let [x, y] = turned(&image_from_face, moved);
        Node::new([-x, -y], [x, y])
    });
    lattice.apply(&floats, &Kernel::new(), None, &mut out);
    Some(out)
}
