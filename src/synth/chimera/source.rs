//! A picture with a measured face that can be one half of a composite.

use image::imageops::{FilterType, resize};
use image::{DynamicImage, GrayImage, RgbImage};

use super::candidates::Candidate;
use super::shape::Shape;
use crate::face::{FaceEngine, FaceError, FaceParams, icd_px};
use crate::image::convert::luma_of_rgb;
use crate::types::{FaceMeasurement, HeadPose, Timestamp};

/// Pictures are enlarged, by a whole factor, until their shorter side is at least this long: the scale at which seams are
/// cut and faces are found.
const SHORTER_PX: u32 = 192;
/// And shrunk to fit this.
const LARGEST_PX: u32 = 1280;
/// Border around an enlarged picture while its face is looked for, as a share of its shorter side: such pictures are filled by
/// their faces, and the detector knows faces within pictures.
const BORDER: f32 = 0.25;
/// Heads turned further than this, in yaw or pitch, are left out.
const MOST_TURNED_DEG: f32 = 20.0;
/// Faces smaller than this are left out: seam and feather would be narrower than pixels.
const SMALLEST_ICD_PX: f32 = 20.0;

/// A usable picture. It is decoded again whenever it is used: a corpus would not fit the memory.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub candidate: Candidate,
    pub shape: Shape,
    pub pose: HeadPose,
    pub icd_px: f32,
}

/// Why a picture cannot be part of a composite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    Unreadable,
    NoFace,
    Turned,
    Covered,
    Small,
}

impl Unusable {
    pub const fn why(self) -> &'static str {
        match self {
            Self::Unreadable => "cannot be decoded",
            Self::NoFace => "no face found",
            Self::Turned => "head turned by more than 20 degrees",
            Self::Covered => "face covered",
            Self::Small => "face too small",
        }
    }
}

/// The picture at its working size, in colour; `None` where it cannot be decoded.
pub(super) fn decode(candidate: &Candidate) -> Option<RgbImage> {
    let picture = image::load_from_memory(&candidate.bytes).ok()?.into_rgb8();
    let (width, height) = picture.dimensions();
    let (shorter, longer) = (width.min(height), width.max(height));
    if shorter == 0 {
        return None;
    }
    if shorter < SHORTER_PX {
        let factor = SHORTER_PX.div_ceil(shorter).min(LARGEST_PX.div_ceil(longer)).max(1);
        return Some(resize(&picture, width * factor, height * factor, FilterType::CatmullRom));
    }
    if longer > LARGEST_PX {
        let size = |px: u32| (u64::from(px) * u64::from(LARGEST_PX) / u64::from(longer)).max(1) as u32;
        return Some(resize(&picture, size(width), size(height), FilterType::Lanczos3));
    }
    Some(picture)
}

/// Finds faces in pictures. Owns a face stage.
pub(super) struct Finder {
    engine: FaceEngine,
    calls: u64,
}

impl Finder {
    pub fn new() -> Result<Self, FaceError> {
        let params = FaceParams { max_faces: 1, ..FaceParams::default() };
        Ok(Self { engine: FaceEngine::new(params)?, calls: 0 })
    }

    /// Measures a candidate.
    pub fn source(&mut self, candidate: Candidate) -> Result<Result<Source, Unusable>, FaceError> {
        let Some(picture) = decode(&candidate) else { return Ok(Err(Unusable::Unreadable)) };
        let Some(face) = self.find(&picture)? else { return Ok(Err(Unusable::NoFace)) };
        let Some(shape) = Shape::new(&face.landmarks) else { return Ok(Err(Unusable::NoFace)) };
        let icd_px = icd_px(&face.landmarks);
        let turned = face.pose.yaw_deg.abs().max(face.pose.pitch_deg.abs());
        Ok(if turned > MOST_TURNED_DEG {
            Err(Unusable::Turned)
        } else if face.quality.is_occluded {
            Err(Unusable::Covered)
        } else if icd_px < SMALLEST_ICD_PX {
            Err(Unusable::Small)
        } else {
            Ok(Source { candidate, shape, pose: face.pose, icd_px })
        })
    }

    /// The most prominent face of a picture, in its pixels.
    pub fn find(&mut self, picture: &RgbImage) -> Result<Option<FaceMeasurement>, FaceError> {
        let shorter = picture.width().min(picture.height());
        let border = (BORDER * shorter as f32) as u32;
        // Small pictures are filled by their face; others may be.
        let borders = if shorter < 2 * SHORTER_PX { [border, 0] } else { [0, border] };
        for border in borders {
            let framed = framed(picture, border);
            let luma = luma_of(&framed);
            self.engine.reset();
            self.calls += 1;
            let update = self.engine.measure(self.calls, Timestamp::from_nanos(0), &framed, &luma)?;
            if let Some(mut face) = update.faces.into_iter().next() {
                for landmark in face.landmarks.iter_mut() {
                    landmark[0] -= border as f32;
                    landmark[1] -= border as f32;
                }
                return Ok(Some(face));
            }
        }
        Ok(None)
    }
}

/// The picture with a border in which its edge goes on.
fn framed(picture: &RgbImage, border: u32) -> RgbImage {
    let (width, height) = picture.dimensions();
    let inner = |at: u32, size: u32| at.saturating_sub(border).min(size.saturating_sub(1));
    RgbImage::from_fn(width + 2 * border, height + 2 * border, |x, y| {
        *picture.get_pixel(inner(x, width), inner(y, height))
    })
}

/// The same without its colours, in one channel.
pub(super) fn luma_of(picture: &RgbImage) -> GrayImage {
    GrayImage::from_fn(picture.width(), picture.height(), |x, y| {
        image::Luma([luma_of_rgb(picture.get_pixel(x, y).0)])
    })
}

/// Whether a picture has no colours.
pub(super) fn is_gray(picture: &RgbImage) -> bool {
    picture.pixels().all(|pixel| pixel.0[0] == pixel.0[1] && pixel.0[1] == pixel.0[2])
}

/// The same without its colours.
pub(super) fn grayed(picture: &RgbImage) -> RgbImage {
    DynamicImage::ImageLuma8(luma_of(picture)).into_rgb8()
}
