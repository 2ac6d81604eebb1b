//! Where the face is in a small picture of one face, as data sets have them.

use image::{DynamicImage, GrayImage, imageops};

use crate::face::{EYES_AT_PX, FaceEngine, FaceError, FaceParams, crop_from_image, icd_px};
use crate::types::{Affine, CROP_ICD_PX, FaceMeasurement, Timestamp};

use super::crop::{MIN_ICD_PX, nose_base_y};

/// Pictures are enlarged until their shorter side is about this long, in pixels, before a face is looked for in them.
const ENLARGED_PX: u32 = 192;
/// Border around the enlarged picture, as a share of its size: the detector knows faces within a picture, and these fill theirs.
const BORDER: f32 = 0.25;

/// A face's place in a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FacePlace {
    /// From the picture's pixels to the aligned crop.
    pub crop_from_image: Affine,
    /// The nose base in the aligned crop, in its pixels.
    pub nose_y: f32,
    /// False where no face was found and the usual place in FER2013's pictures stands in.
    pub is_found: bool,
}

/// A face in a picture.
#[derive(Clone, Debug)]
pub struct StillFace {
    /// Where it is in the picture.
    pub place: FacePlace,
    /// What the networks say of it. Its places are in pixels of the enlarged picture with its border; no expression.
    pub measurement: FaceMeasurement,
}

/// Finds the face in pictures of one face. Owns a face stage.
pub struct StillFaces {
    engine: FaceEngine,
    calls: u64,
}

impl StillFaces {
    /// Loads the networks.
    ///
    /// # Errors
    /// [`FaceError::Infer`] where an embedded network does not load.
    pub fn new() -> Result<Self, FaceError> {
        let params = FaceParams { max_faces: 1, ..FaceParams::default() };
        Ok(Self { engine: FaceEngine::new(params)?, calls: 0 })
    }

    /// Where the face is, by our own face stage on the enlarged picture; the usual place where none is found.
    ///
    /// # Errors
    /// [`FaceError::Infer`] where a network fails.
    pub fn find(&mut self, luma: &GrayImage) -> Result<FacePlace, FaceError> {
        let (width, height) = luma.dimensions();
        Ok(self.look(luma)?.map_or_else(|| usual_place(width, height), |face| face.place))
    }

    /// The face with all that is measured of it; `None` where none is found.
    ///
    /// # Errors
    /// [`FaceError::Infer`] where a network fails.
    pub fn look(&mut self, luma: &GrayImage) -> Result<Option<StillFace>, FaceError> {
        let (width, height) = luma.dimensions();
        let shorter = width.min(height).max(1);
        let scale = (ENLARGED_PX as f32 / shorter as f32).max(1.0);
        let size = |px: u32| ((px as f32 * scale).round() as u32).max(1);
        let enlarged = imageops::resize(luma, size(width), size(height), imageops::FilterType::Triangle);
        let border = ((ENLARGED_PX as f32 * BORDER) as u32).max(size(shorter) / 4);
        let framed = framed(&enlarged, border);
        let rgb = DynamicImage::ImageLuma8(framed.clone()).into_rgb8();
        self.engine.reset();
        self.calls += 1;
        let update = self.engine.measure(self.calls, Timestamp::from_nanos(0), &rgb, &framed)?;
        // Pixel centres are at +0.5 in both, so enlarging is a plain scaling.
        let [sx, sy] = [size(width) as f32 / width.max(1) as f32, size(height) as f32 / height.max(1) as f32];
        let framed_from_image = Affine { rows: [[sx, 0.0, border as f32], [0.0, sy, border as f32]] };
        let Some(face) = update.faces.into_iter().next() else { return Ok(None) };
        let Some(crop_from_framed) = crop_from_image(&face.landmarks) else { return Ok(None) };
        let is_large = icd_px(&face.landmarks) / scale >= MIN_ICD_PX;
        Ok(is_large.then(|| StillFace {
            place: FacePlace {
                nose_y: nose_base_y(&face.landmarks, &crop_from_framed),
                crop_from_image: crop_from_framed.after(&framed_from_image),
                is_found: true,
            },
            measurement: face,
        }))
    }
}

/// Where the face is in a picture of FER2013: the median over 836 pictures of the part `valid` in which one was found (every fourth; none
/// was in 59). The middle of the inner eye corners and the ICD, as shares of the picture's size; the nose base in the aligned crop.
const USUAL_EYES: [f32; 2] = [0.497, 0.412];
const USUAL_ICD: f32 = 0.21;
const USUAL_NOSE_Y: f32 = 134.8;

fn usual_place(width: u32, height: u32) -> FacePlace {
    let scale = CROP_ICD_PX / (USUAL_ICD * width.max(1) as f32);
    let shift = [
        EYES_AT_PX[0] - scale * USUAL_EYES[0] * width as f32,
        EYES_AT_PX[1] - scale * USUAL_EYES[1] * height as f32,
    ];
    FacePlace {
        crop_from_image: Affine::similarity(scale, 0.0, shift),
        nose_y: USUAL_NOSE_Y,
        is_found: false,
    }
}

/// The picture with a border in which its edge goes on.
fn framed(picture: &GrayImage, border: u32) -> GrayImage {
    let (width, height) = picture.dimensions();
    GrayImage::from_fn(width + 2 * border, height + 2 * border, |x, y| {
        let inner = |at: u32, size: u32| at.saturating_sub(border).min(size.saturating_sub(1));
        *picture.get_pixel(inner(x, width), inner(y, height))
    })
}
