//! Whether a composite is still a face, with eyes and mouth where its parts have them.

use super::compose::{Composite, Expected, Unfit};
use super::source::Finder;
use crate::face::{FaceError, icd_px};
use crate::types::Landmarks;

/// Mean distance of the landmarks from where they should be, in ICD units: eyes, which nothing has changed, and lips, which were moved
/// and which the network guesses from the whole face.
const MOST_OFF_ICD: [f32; 2] = [0.10, 0.16];

/// Looks at a composite as at any picture.
pub(super) fn check(composite: &Composite, finder: &mut Finder) -> Result<Result<(), Unfit>, FaceError> {
    let Some(face) = finder.find(&composite.picture)? else { return Ok(Err(Unfit::FaceLost)) };
    let icd_px = icd_px(&face.landmarks);
    let is_off = composite
        .expected
        .iter()
        .zip(MOST_OFF_ICD)
        .any(|(expected, most)| off_px(expected, &face.landmarks) > most * icd_px);
    Ok(if is_off { Err(Unfit::Misplaced) } else { Ok(()) })
}

fn off_px(expected: &Expected, landmarks: &Landmarks) -> f32 {
    let sum: f32 = expected
        .iter()
        .map(|(point, [x, y])| (landmarks[*point][0] - x).hypot(landmarks[*point][1] - y))
        .sum();
    sum / expected.len().max(1) as f32
}
