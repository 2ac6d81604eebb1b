//! Finds the face in a frame and cuts the aligned crops out.

use std::path::Path;

use image::{GrayImage, ImageFormat, RgbImage};

use crate::dataset::folder::{FolderError, WhyLeftOut};
use crate::face::{FaceEngine, FaceParams, align_into, crop_from_image};
use crate::image::convert::{luma_from_frame, rgb_from_frame};
use crate::image::warp::{Border, warp_rgb_to_f32};
use crate::types::{Affine, CROP_SIZE_PX, Frame, RectPx, Timestamp};

/// What a frame shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Seen {
    /// A face that can be cut out.
    Face { crop_from_image: Affine, box_px: RectPx },
    /// Nothing usable. The box is there where a face was found.
    Nothing { why: WhyLeftOut, box_px: Option<RectPx> },
}

impl Seen {
    /// Where the face is, usable or not.
    pub const fn box_px(&self) -> Option<RectPx> {
        match self {
            Self::Face { box_px, .. } => Some(*box_px),
            Self::Nothing { box_px, .. } => *box_px,
        }
    }
}

/// The networks with their buffers. Each frame is looked at by itself: what is found does not depend on the frames before.
pub(super) struct Cutter {
    engine: FaceEngine,
    rgb: RgbImage,
    luma: GrayImage,
    gray: Vec<u8>,
    colour: Vec<f32>,
    last: Option<(u64, Seen)>,
}

impl Cutter {
    /// Loads the networks.
    pub fn new() -> Result<Self, FolderError> {
        let params = FaceParams { max_faces: 1, ..FaceParams::default() };
        Ok(Self {
            engine: FaceEngine::new(params)?,
            rgb: RgbImage::default(),
            luma: GrayImage::default(),
            gray: Vec::new(),
            colour: Vec::new(),
            last: None,
        })
    }

    /// Another session begins: numbers of frames mean other frames.
    pub fn forget(&mut self) {
        self.last = None;
    }

    /// Decodes a frame and finds the most prominent face in it.
    pub fn look(&mut self, frame: &Frame) -> Result<Seen, FolderError> {
        if let Some((_, seen)) = self.last.filter(|(seq, _)| *seq == frame.seq) {
            return Ok(seen);
        }
        self.last = None;
        let seen = self.look_anew(frame)?;
        self.last = Some((frame.seq, seen));
        Ok(seen)
    }

    fn look_anew(&mut self, frame: &Frame) -> Result<Seen, FolderError> {
        let is_decoded =
            rgb_from_frame(frame, &mut self.rgb).is_ok() && luma_from_frame(frame, &mut self.luma).is_ok();
        if !is_decoded {
            return Ok(Seen::Nothing { why: WhyLeftOut::Undecodable, box_px: None });
        }
        self.engine.reset();
        let update = self.engine.measure(frame.seq, Timestamp::ZERO, &self.rgb, &self.luma)?;
        let Some(face) = update.faces.first() else {
            return Ok(Seen::Nothing { why: WhyLeftOut::NoFace, box_px: None });
        };
        let box_px = face.box_px;
        let nothing = |why| Ok(Seen::Nothing { why, box_px: Some(box_px) });
        if face.quality.is_occluded {
            return nothing(WhyLeftOut::Covered);
        }
        if face.quality.is_blurred {
            return nothing(WhyLeftOut::Blurred);
        }
        match crop_from_image(&face.landmarks) {
            Some(crop_from_image) => Ok(Seen::Face { crop_from_image, box_px }),
            None => nothing(WhyLeftOut::NoFace),
        }
    }

    /// Writes both crops of the frame that was looked at last.
    pub fn save(&mut self, crop_from_image: &Affine, gray: &Path, colour: &Path) -> Result<(), FolderError> {
        align_into(&self.luma, crop_from_image, &mut self.gray);
        let size = (CROP_SIZE_PX, CROP_SIZE_PX);
        // `align_into` draws black for a map without inverse; so does an empty picture here.
        let image_from_crop = crop_from_image.inverse().unwrap_or(Affine { rows: [[-1e9; 3]; 2] });
        warp_rgb_to_f32(&self.rgb, &image_from_crop, size, Border::Replicate, [0.0, 255.0], &mut self.colour);
        // Float to integer casts saturate.
        let colour_bytes: Vec<u8> = self.colour.iter().map(|value| (value + 0.5) as u8).collect();
        let side = CROP_SIZE_PX as u32;
        let gray_picture =
            GrayImage::from_raw(side, side, std::mem::take(&mut self.gray)).unwrap_or_default();
        let colour_picture = RgbImage::from_raw(side, side, colour_bytes).unwrap_or_default();
        let failed = |path: &Path, error: image::ImageError| match error {
            image::ImageError::IoError(source) => FolderError::io("write", path)(source),
            other => FolderError::file(path, other.to_string()),
        };
        gray_picture.save_with_format(gray, ImageFormat::Png).map_err(|error| failed(gray, error))?;
        colour_picture.save_with_format(colour, ImageFormat::Png).map_err(|error| failed(colour, error))?;
        self.gray = gray_picture.into_raw();
        Ok(())
    }
}
