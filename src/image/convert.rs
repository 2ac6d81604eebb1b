//! Raw camera formats to luma, and to colour where a network needs it.
//!
//! Luma is full range (0 black, 255 white) with BT.601 weights whatever the input, so that motion, sharpness and
//! exposure mean the same for every camera format. YUYV, NV12, MJPEG and gray go to luma directly: the luma samples
//! are in the frame already and colour would cost four times as much. Colour comes from the `yuv` crate.
//!
//! Ranges: UVC cameras send YUYV and NV12 as limited-range BT.601 (luma 16-235, chroma 16-240); both paths expand it.
//! JPEG (JFIF) is full-range BT.601. RGB and gray frames are full range by definition of [`PixelFormat`].

mod jpeg;
#[cfg(test)]
mod tests;

use image::{GrayImage, RgbImage};
use yuv::{YuvBiPlanarImage, YuvConversionMode, YuvPackedImage, YuvRange, YuvStandardMatrix};

use super::vector::vectorised;
use crate::types::{Frame, PixelFormat};

/// Why a frame's bytes are not a picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PixelError {
    /// The buffer's length does not fit the stated size and format.
    #[error("frame is {width}x{height} {format:?}, which needs {needed} bytes, but it has {given}")]
    WrongLength {
        /// Stated width, in pixels.
        width: u32,
        /// Stated height, in pixels.
        height: u32,
        /// Stated layout.
        format: PixelFormat,
        /// Bytes that a picture of this size and layout has.
        needed: u64,
        /// Bytes that the frame has.
        given: usize,
    },
    /// The stated size has no pixels, or more than can be addressed.
    #[error("frame size {width}x{height} cannot be used")]
    BadSize {
        /// Stated width, in pixels.
        width: u32,
        /// Stated height, in pixels.
        height: u32,
    },
    /// The JPEG picture is damaged, or not a JPEG picture.
    #[error("the JPEG picture cannot be decoded: {0}")]
    CorruptJpeg(String),
    /// The colour conversion refused the frame.
    #[error("the colour conversion failed: {0}")]
    Conversion(String),
}

/// Bytes that a frame of this size and layout has: tightly packed rows; odd widths and heights round the chroma up.
/// `None` for MJPEG, whose length varies.
pub fn frame_len(width: u32, height: u32, format: PixelFormat) -> Option<u64> {
    let (w, h) = (u64::from(width), u64::from(height));
    match format {
        PixelFormat::Gray8 => Some(w * h),
        PixelFormat::Rgb8 => w.checked_mul(h)?.checked_mul(3),
        PixelFormat::Yuyv => w.div_ceil(2).checked_mul(h)?.checked_mul(4),
        PixelFormat::Nv12 => (w * h).checked_add(w.div_ceil(2) * h.div_ceil(2) * 2),
        PixelFormat::Mjpeg => None,
    }
}

/// Full-range BT.601 luma of a frame.
///
/// Within 2 levels of [`luma_of_rgb`] over [`rgb_from_frame`], for colours that RGB can show.
///
/// # Arguments
/// * `frame`: any format. Length and size are checked first.
/// * `luma`: becomes `frame.width` x `frame.height`; its memory is reused when the size is unchanged. After an error
///   its content is unspecified.
///
/// # Errors
/// [`PixelError`]: wrong length, empty or unusable size, or a damaged JPEG picture.
///
/// # Real time
/// Allocates nothing when `luma` has the right size, except for MJPEG (the decoder's own tables and rows).
pub fn luma_from_frame(frame: &Frame, luma: &mut GrayImage) -> Result<(), PixelError> {
    let pixels = checked_pixels(frame)?;
    if luma.dimensions() != (frame.width, frame.height) {
        *luma = GrayImage::new(frame.width, frame.height);
    }
    let width = frame.width as usize;
    match frame.format {
        PixelFormat::Gray8 => luma.copy_from_slice(&frame.data),
        PixelFormat::Rgb8 => {
            for (out, rgb) in luma.iter_mut().zip(frame.data.as_chunks::<3>().0) {
                *out = luma_of_rgb(*rgb);
            }
        }
        PixelFormat::Yuyv => {
            vectorised(
                #[inline(always)]
                || luma_from_yuyv(&frame.data, luma, width),
            );
        }
        PixelFormat::Nv12 => {
            vectorised(
                #[inline(always)]
                || {
                    for (out, y) in luma.iter_mut().zip(frame.data.iter().take(pixels)) {
                        *out = full_from_limited(*y);
                    }
                },
            );
        }
        PixelFormat::Mjpeg => jpeg::decode_luma(frame, luma)?,
    }
    Ok(())
}

/// Every second byte of each row is luma; a row of an odd number of pixels is filled up to a pair.
#[inline(always)]
fn luma_from_yuyv(data: &[u8], luma: &mut [u8], width: usize) {
    for (out, row) in luma.chunks_exact_mut(width).zip(data.chunks_exact(width.div_ceil(2) * 4)) {
        for (out, pair) in out.iter_mut().zip(row.as_chunks::<2>().0) {
            *out = full_from_limited(pair[0]);
        }
    }
}

/// Full-range RGB of a frame.
///
/// # Arguments
/// * `frame`: any format. Gray becomes equal red, green and blue.
/// * `rgb`: becomes `frame.width` x `frame.height`; its memory is reused when the size is unchanged. After an error
///   its content is unspecified.
///
/// # Errors
/// As [`luma_from_frame`].
pub fn rgb_from_frame(frame: &Frame, rgb: &mut RgbImage) -> Result<(), PixelError> {
    let pixels = checked_pixels(frame)?;
    if rgb.dimensions() != (frame.width, frame.height) {
        *rgb = RgbImage::new(frame.width, frame.height);
    }
    let (width, height) = (frame.width, frame.height);
    let failed = |error: yuv::YuvError| PixelError::Conversion(error.to_string());
    match frame.format {
        PixelFormat::Gray8 => {
            for (out, gray) in rgb.as_chunks_mut::<3>().0.iter_mut().zip(&frame.data) {
                *out = [*gray; 3];
            }
        }
        PixelFormat::Rgb8 => rgb.copy_from_slice(&frame.data),
        PixelFormat::Yuyv => {
            let packed =
                YuvPackedImage { yuy: &frame.data, yuy_stride: width.div_ceil(2) * 4, width, height };
            yuv::yuyv422_to_rgb(&packed, rgb, width * 3, YuvRange::Limited, YuvStandardMatrix::Bt601)
                .map_err(failed)?;
        }
        PixelFormat::Nv12 => {
            let (y_plane, uv_plane) = frame.data.split_at(pixels);
            let planes = YuvBiPlanarImage {
                y_plane,
                y_stride: width,
                uv_plane,
                uv_stride: width.div_ceil(2) * 2,
                width,
                height,
            };
            let mode = YuvConversionMode::Balanced;
            yuv::yuv_nv12_to_rgb(&planes, rgb, width * 3, YuvRange::Limited, YuvStandardMatrix::Bt601, mode)
                .map_err(failed)?;
        }
        PixelFormat::Mjpeg => jpeg::decode_rgb(frame, rgb)?,
    }
    Ok(())
}

/// BT.601 luma of one full-range RGB pixel: `0.299 R + 0.587 G + 0.114 B` (ITU-R BT.601-7, 2.5.1), rounded.
pub const fn luma_of_rgb(rgb: [u8; 3]) -> u8 {
    // 16-bit fixed point; the weights add up to 65,536, so the sum shifted down is at most 255.
    ((19_595 * rgb[0] as u32 + 38_470 * rgb[1] as u32 + 7_471 * rgb[2] as u32 + 32_768) >> 16) as u8
}

/// A limited-range luma sample (16 black, 235 white) in full range: `(y - 16) * 255 / 219`, rounded and clamped.
#[inline(always)]
pub const fn full_from_limited(y: u8) -> u8 {
    // 255 / 219 in 16-bit fixed point; a multiplication is what the compiler can turn into vector code.
    let full = ((y.saturating_sub(16) as u32) * 76_309 + 32_768) >> 16;
    if full > 255 { 255 } else { full as u8 }
}

/// Number of pixels of a frame whose length fits its size.
fn checked_pixels(frame: &Frame) -> Result<usize, PixelError> {
    let (width, height) = (frame.width, frame.height);
    // 2^28 pixels are 16384 x 16384: above any camera, and low enough that no size computed here can overflow u32.
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 || pixels > 1 << 28 || width.max(height) > 1 << 16 {
        return Err(PixelError::BadSize { width, height });
    }
    if let Some(needed) = frame_len(width, height, frame.format)
        && needed != frame.data.len() as u64
    {
        return Err(PixelError::WrongLength {
            width,
            height,
            format: frame.format,
            needed,
            given: frame.data.len(),
        });
    }
    Ok(pixels as usize)
}
