//! One picture file into a frame.

use std::path::Path;

use image::{ColorType, DynamicImage, ImageDecoder, ImageError, ImageReader, Limits, metadata::Orientation};

use crate::types::{Frame, PixelFormat};

/// Largest width and height, in pixels.
pub(super) const MAX_SIDE_PX: u32 = 16_384;
/// Memory that one picture may take while it is decoded: 16384 x 16384 in 8-bit colour, or two thirds of it in 16-bit.
const MAX_BYTES: u64 = 1 << 30;

/// Why a picture cannot be used; to be put behind its name.
#[derive(Debug, thiserror::Error)]
pub(super) enum DecodeError {
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error(
        "it is too large: at most {MAX_SIDE_PX} pixels a side and 1 GiB are supported; scale it down first"
    )]
    TooLarge,
    #[error("it cannot be decoded ({0}); export it again as PNG or JPEG")]
    Damaged(String),
}

impl From<ImageError> for DecodeError {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::IoError(e) if e.kind() != std::io::ErrorKind::UnexpectedEof => Self::Io(e),
            ImageError::Limits(_) => Self::TooLarge,
            other => Self::Damaged(other.to_string()),
        }
    }
}

/// Decodes `path` into `frame`'s pixels, size and format, upright as its EXIF data say.
///
/// Gray pictures become [`PixelFormat::Gray8`], all others [`PixelFormat::Rgb8`]. 16 bits and floating point are scaled
/// to 8 bits. Alpha is ignored: the stored colours are used as if the picture were opaque. Formats are told by content,
/// not by extension. After an error the frame's content is unspecified.
pub(super) fn decode(path: &Path, frame: &mut Frame) -> Result<(), DecodeError> {
    let mut reader = ImageReader::open(path)?.with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE_PX);
    limits.max_image_height = Some(MAX_SIDE_PX);
    limits.max_alloc = Some(MAX_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    if width.max(height) > MAX_SIDE_PX || decoder.total_bytes() > MAX_BYTES {
        return Err(DecodeError::TooLarge);
    }
    if width == 0 || height == 0 {
        return Err(DecodeError::Damaged("it has no pixels".to_owned()));
    }
    // Damaged EXIF data must not cost the picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let direct = match decoder.color_type() {
        ColorType::L8 => Some(PixelFormat::Gray8),
        ColorType::Rgb8 => Some(PixelFormat::Rgb8),
        _ => None,
    };
    if let Some(format) = direct.filter(|_| orientation == Orientation::NoTransforms) {
        // The usual case without a second buffer. `total_bytes` is at most MAX_BYTES here.
        frame.data.resize(decoder.total_bytes() as usize, 0);
        decoder.read_image(&mut frame.data)?;
        (frame.width, frame.height, frame.format) = (width, height, format);
        return Ok(());
    }
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    (frame.width, frame.height) = (picture.width(), picture.height());
    (frame.format, frame.data) = match picture.color() {
        ColorType::L8 | ColorType::La8 | ColorType::L16 | ColorType::La16 => {
            (PixelFormat::Gray8, picture.into_luma8().into_raw())
        }
        _ => (PixelFormat::Rgb8, picture.into_rgb8().into_raw()),
    };
    Ok(())
}
