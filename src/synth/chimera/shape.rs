//! A face in its own coordinates, and where the landmarks of a lower face go in the upper face's picture.

use super::spline::Spline;
use crate::face::crop_from_image;
use crate::types::{Affine, CROP_ICD_PX, LANDMARK_COUNT, Landmarks};

/// Where [`crop_from_image`] puts the middle of the inner eye corners, in pixels of the aligned crop.
const EYES_IN_CROP_PX: [f32; 2] = [128.0, 60.0];
/// The landmark at the nose base, where the septum meets the upper lip's groove (subnasale).
pub(super) const NOSE_BASE: usize = 2;
/// The upper edge of the upper lip, in the middle.
pub(super) const LIP_TOP: usize = 0;
/// The tip of the chin.
const CHIN: usize = 152;
/// Points that expressions hardly move, or that must meet so that no outline breaks at the seam: bridge, tip and base of the nose,
/// eye corners, wings of the nose.
const STABLE: [usize; 18] =
    [168, 6, 197, 195, 4, NOSE_BASE, 33, 133, 362, 263, 98, 327, 97, 326, 129, 358, 64, 294];
/// The outline of the face from one ear over the chin to the other.
pub(super) const OUTLINE: [usize; 21] =
    [234, 93, 132, 58, 172, 136, 150, 149, 176, 148, CHIN, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454];
/// A jaw that has dropped further than the upper picture's may lengthen the face by at most so much.
const MOST_LENGTHENED: f32 = 1.25;
/// Faces whose lower parts differ more than this in length (1 is equal) do not go together.
const MOST_STRETCHED: f32 = 1.4;

/// A face in face coordinates: inner-canthal distances from the middle of the inner eye corners, x to the right of the picture and
/// y down the face.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub face_from_image: Affine,
    pub image_from_face: Affine,
    pub points: Vec<[f32; 2]>,
}

impl Shape {
    /// `None` for landmarks without a shape.
    pub fn new(landmarks: &Landmarks) -> Option<Self> {
        let scale = 1.0 / CROP_ICD_PX;
        let face_from_crop = Affine {
            rows: [[scale, 0.0, -EYES_IN_CROP_PX[0] * scale], [0.0, scale, -EYES_IN_CROP_PX[1] * scale]],
        };
        let face_from_image = face_from_crop.after(&crop_from_image(landmarks)?);
        let image_from_face = face_from_image.inverse()?;
        let points: Vec<[f32; 2]> =
            landmarks.iter().map(|[x, y, _]| face_from_image.apply([*x, *y])).collect();
        let is_whole =
            points.len() == LANDMARK_COUNT && points.iter().flatten().all(|value| value.is_finite());
        is_whole.then_some(Self { face_from_image, image_from_face, points })
    }

    /// How far the chin lies below the nose base, in ICD units.
    pub fn jaw_icd(&self) -> f32 {
        self.points[CHIN][1] - self.points[NOSE_BASE][1]
    }
}

/// How a lower face is laid onto an upper one. Both in their own face coordinates.
#[derive(Clone, Debug)]
pub(super) struct Fit {
    /// For pixels: where in the lower picture's face a point of the composite comes from.
    pub lower_from_upper: Spline,
    /// For landmarks: where a point of the lower picture's face goes.
    pub upper_from_lower: Spline,
    /// The outline of the composite's lower face, from ear to ear.
    pub outline: Vec<[f32; 2]>,
}

impl Fit {
    /// Nose and outline of the lower face are laid onto those of the upper one; mouth and cheeks go with them, smoothly. `None` where
    /// the two differ too much in length.
    pub fn new(upper: &Shape, lower: &Shape) -> Option<Self> {
        let longer = lower.jaw_icd() / upper.jaw_icd();
        if !(1.0 / MOST_STRETCHED..MOST_STRETCHED).contains(&longer) {
            return None;
        }
        // A mouth that is open further needs its jaw further down; a shorter lower face is stretched, or the upper picture's
        // own chin would look out below.
        let stretch = longer.clamp(1.0, MOST_LENGTHENED);
        let nose_y = upper.points[NOSE_BASE][1];
        let lengthened = |[x, y]: [f32; 2]| [x, if y > nose_y { nose_y + stretch * (y - nose_y) } else { y }];
        let outline: Vec<[f32; 2]> = OUTLINE.iter().map(|point| lengthened(upper.points[*point])).collect();
        let mut targets: Vec<[f32; 2]> = STABLE.iter().map(|point| upper.points[*point]).collect();
        targets.extend(&outline);
        let origins: Vec<[f32; 2]> =
            STABLE.iter().chain(&OUTLINE).map(|point| lower.points[*point]).collect();
        Some(Self {
            lower_from_upper: Spline::through(&targets, &origins)?,
            upper_from_lower: Spline::through(&origins, &targets)?,
            outline,
        })
    }
}
