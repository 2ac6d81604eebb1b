//! One JPEG picture of an MJPEG stream to luma or RGB.

use std::borrow::Cow;

use image::{GrayImage, RgbImage};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::PixelError;
use crate::types::Frame;

/// Start of an AVI-style APP0 segment: tells the decoder to use the standard Huffman tables (ITU-T T.81, Annex K).
const AVI1_SEGMENT: [u8; 9] = [0xFF, 0xE0, 0x00, 0x07, b'A', b'V', b'I', b'1', 0];

/// Decodes only the luma component; chroma is skipped inside the decoder.
pub(super) fn decode_luma(frame: &Frame, luma: &mut GrayImage) -> Result<(), PixelError> {
    decode(frame, ColorSpace::Luma, luma)
}

/// Decodes to RGB.
pub(super) fn decode_rgb(frame: &Frame, rgb: &mut RgbImage) -> Result<(), PixelError> {
    decode(frame, ColorSpace::RGB, rgb)
}

fn decode(frame: &Frame, colorspace: ColorSpace, out: &mut [u8]) -> Result<(), PixelError> {
    let corrupt = |error: &dyn std::fmt::Display| PixelError::CorruptJpeg(error.to_string());
    let jpeg = with_huffman_tables(&frame.data);
    // Strict: without it a truncated picture is filled up with gray and reported as good.
    let options = DecoderOptions::new_fast()
        .set_strict_mode(true)
        .set_max_width(1 << 16)
        .set_max_height(1 << 16)
        .jpeg_set_out_colorspace(colorspace);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(jpeg.as_ref()), options);
    decoder.decode_headers().map_err(|e| corrupt(&e))?;
    let stated = (frame.width as usize, frame.height as usize);
    match decoder.dimensions() {
        Some(size) if size == stated => {}
        Some((w, h)) => {
            return Err(corrupt(&format!("it is {w}x{h}, the camera announced {}x{}", stated.0, stated.1)));
        }
        None => return Err(corrupt(&"it has no size")),
    }
    if decoder.output_buffer_size() != Some(out.len()) {
        return Err(corrupt(&"its colour layout is not supported"));
    }
    decoder.decode_into(out).map_err(|e| corrupt(&e))
}

/// The picture as the decoder needs it: many UVC cameras leave the Huffman tables out, as MJPEG in AVI does.
fn with_huffman_tables(jpeg: &[u8]) -> Cow<'_, [u8]> {
    if jpeg.get(..2) != Some(&[0xFF, 0xD8]) || has_huffman_tables(jpeg) {
        return Cow::Borrowed(jpeg);
    }
    let (start, rest) = jpeg.split_at(2);
    Cow::Owned([start, &AVI1_SEGMENT, rest].concat())
}

/// Whether a DHT segment comes before the first scan. Damaged headers count as "yes": the decoder reports them.
fn has_huffman_tables(jpeg: &[u8]) -> bool {
    let mut at = 2;
    loop {
        let Some(&[0xFF, marker, high, low]) = jpeg.get(at..at + 4) else { return true };
        match marker {
            0xC4 => return true,
            0xDA => return false,
            _ => at += 2 + usize::from(u16::from_be_bytes([high, low])),
        }
    }
}
