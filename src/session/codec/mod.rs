//! Lossless compression of raw camera frames: each plane is predicted from its neighbours, the differences go through zstd.
//!
//! A compressed frame is 17 bytes of head and a zstd frame (RFC 8878):
//!
//! | bytes | what |
//! |---|---|
//! | 4 | `OMZ1` |
//! | 1 | layout: 0 gray, 1 RGB, 2 YUYV, 3 NV12 |
//! | 4, 4 | width and height in pixels, little endian |
//! | 4 | bytes of the raw picture, little endian |
//! | rest | zstd of the planes' differences, plane after plane |
//!
//! Planes: gray one; RGB green, then red and blue less green (modulo 256); YUYV Y, U, V; NV12 Y, U, V. A difference is the
//! byte less its prediction (modulo 256), the median edge detector of LOCO-I (Weinberger, Seroussi, Sapiro, IEEE Trans. Image
//! Processing 9(8), 2000): the median of left, above, and left + above - above left; beyond the left and upper edge is 0.

mod planes;
mod predict;

use crate::types::{Frame, PixelFormat};
use planes::{Plane, planes_of};

/// Begins every compressed frame.
const MAGIC: &[u8; 4] = b"OMZ1";
/// Bytes before the zstd frame.
const HEAD: usize = 17;
/// zstd's fastest level with entropy coding: the differences have little else to find.
const LEVEL: i32 = 1;
/// Largest side that a head may claim, in pixels: beyond it the bytes are not a frame of ours.
const MAX_SIDE: u32 = 16_384;

/// Why bytes cannot be a frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodecError {
    /// The frame to be stored has another number of bytes than its size and layout say.
    #[error("a {width}x{height} frame of layout {layout} has {is} bytes instead of {should}")]
    Length {
        /// Width, in pixels.
        width: u32,
        /// Height, in pixels.
        height: u32,
        /// Layout by name.
        layout: &'static str,
        /// What it has.
        is: usize,
        /// What it should have.
        should: usize,
    },
    /// zstd failed to compress: it has no memory.
    #[error("the picture cannot be compressed: {0}")]
    Compress(String),
    /// Damaged, or never one of ours.
    #[error("the stored picture is damaged: {0}")]
    Damaged(String),
}

/// Compresses frames; keeps its buffers from one to the next.
pub struct Encoder {
    differences: Vec<u8>,
    plane: Vec<u8>,
    zstd: zstd::bulk::Compressor<'static>,
}

impl Encoder {
    /// A compressor.
    ///
    /// # Errors
    /// [`CodecError::Compress`] without memory for zstd's tables.
    pub fn new() -> Result<Self, CodecError> {
        let zstd =
            zstd::bulk::Compressor::new(LEVEL).map_err(|error| CodecError::Compress(error.to_string()))?;
        Ok(Self { differences: Vec::new(), plane: Vec::new(), zstd })
    }

    /// Compresses a raw frame (not MJPEG: its bytes are stored as they are) and appends it to `out`.
    ///
    /// # Errors
    /// [`CodecError::Length`] for a frame that is not whole.
    pub fn append(&mut self, frame: &Frame, out: &mut Vec<u8>) -> Result<(), CodecError> {
        let (width, height) = (frame.width as usize, frame.height as usize);
        let planes = planes_of(frame.format, width, height);
        let should: usize = planes.iter().map(Plane::bytes).sum();
        if planes.is_empty() || frame.data.len() != should {
            return Err(CodecError::Length {
                width: frame.width,
                height: frame.height,
                layout: frame.format.name(),
                is: frame.data.len(),
                should,
            });
        }
        self.differences.clear();
        self.differences.resize(should, 0);
        let mut rest = self.differences.as_mut_slice();
        for plane in &planes {
            let (differences, after) = rest.split_at_mut(plane.bytes());
            rest = after;
            let bytes = plane.gather(&frame.data, &mut self.plane);
            predict::differences_from_plane(bytes, plane.width, differences);
        }
        out.extend_from_slice(MAGIC);
        out.push(layout_code(frame.format));
        out.extend_from_slice(&frame.width.to_le_bytes());
        out.extend_from_slice(&frame.height.to_le_bytes());
        out.extend_from_slice(&u32::try_from(should).unwrap_or(u32::MAX).to_le_bytes());
        let start = out.len();
        out.resize(start + zstd::zstd_safe::compress_bound(should), 0);
        let room = out.get_mut(start..).unwrap_or_default();
        let written = self
            .zstd
            .compress_to_buffer(&self.differences, room)
            .map_err(|error| CodecError::Compress(error.to_string()))?;
        out.truncate(start + written);
        Ok(())
    }
}

/// Decompresses frames; keeps its buffers from one to the next.
#[derive(Default)]
pub struct Decoder {
    differences: Vec<u8>,
    plane: Vec<u8>,
}

impl Decoder {
    /// Turns what [`Encoder::append`] wrote back into `frame`: its size, layout and bytes; times and number are untouched.
    ///
    /// # Errors
    /// [`CodecError::Damaged`], saying where.
    pub fn frame(&mut self, bytes: &[u8], frame: &mut Frame) -> Result<(), CodecError> {
        let damaged = |what: &str| CodecError::Damaged(what.to_owned());
        let (head, packed) = bytes.split_at_checked(HEAD).ok_or_else(|| damaged("it is too short"))?;
        let number = |at: usize| {
            let four = head.get(at..at + 4).and_then(|four| <[u8; 4]>::try_from(four).ok());
            u32::from_le_bytes(four.unwrap_or_default())
        };
        if !head.starts_with(MAGIC) {
            return Err(damaged("it does not begin with OMZ1"));
        }
        let format = layout_of(head[4]).ok_or_else(|| damaged("its layout is unknown"))?;
        let (width, height, length) = (number(5), number(9), number(13) as usize);
        if width > MAX_SIDE || height > MAX_SIDE {
            return Err(damaged("its size is impossible"));
        }
        let planes = planes_of(format, width as usize, height as usize);
        let should: usize = planes.iter().map(Plane::bytes).sum();
        if planes.is_empty() || should != length {
            return Err(damaged("its length does not fit its size"));
        }
        self.differences.clear();
        self.differences.resize(length, 0);
        let got = zstd::bulk::decompress_to_buffer(packed, &mut self.differences)
            .map_err(|error| CodecError::Damaged(error.to_string()))?;
        if got != length {
            return Err(damaged("it ends early"));
        }
        frame.data.clear();
        frame.data.resize(length, 0);
        let mut rest = self.differences.as_slice();
        for plane in &planes {
            let (differences, after) = rest.split_at_checked(plane.bytes()).unwrap_or_default();
            rest = after;
            self.plane.clear();
            self.plane.resize(plane.bytes(), 0);
            predict::plane_from_differences(differences, plane.width, &mut self.plane);
            plane.scatter(&self.plane, &mut frame.data);
        }
        (frame.width, frame.height, frame.format) = (width, height, format);
        Ok(())
    }
}

const fn layout_code(format: PixelFormat) -> u8 {
    match format {
        PixelFormat::Gray8 => 0,
        PixelFormat::Rgb8 => 1,
        PixelFormat::Yuyv => 2,
        PixelFormat::Nv12 => 3,
        PixelFormat::Mjpeg => u8::MAX,
    }
}

const fn layout_of(code: u8) -> Option<PixelFormat> {
    Some(match code {
        0 => PixelFormat::Gray8,
        1 => PixelFormat::Rgb8,
        2 => PixelFormat::Yuyv,
        3 => PixelFormat::Nv12,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(format: PixelFormat, width: u32, height: u32, byte: impl Fn(usize) -> u8) -> Frame {
        let planes = planes_of(format, width as usize, height as usize);
        let bytes = planes.iter().map(Plane::bytes).sum();
        Frame { width, height, format, data: (0..bytes).map(byte).collect(), ..Frame::default() }
    }

    fn round_trip(frame: &Frame) -> usize {
        let mut packed = vec![9; 3];
        Encoder::new().unwrap().append(frame, &mut packed).unwrap();
        let mut back = Frame { seq: 77, ..Frame::default() };
        Decoder::default().frame(&packed[3..], &mut back).unwrap();
        assert_eq!(back.data, frame.data);
        assert_eq!(
            (back.width, back.height, back.format, back.seq),
            (frame.width, frame.height, frame.format, 77)
        );
        packed.len() - 3
    }

    #[test]
    fn a_smooth_picture_becomes_small_and_comes_back_whole() {
        for format in [PixelFormat::Gray8, PixelFormat::Rgb8, PixelFormat::Yuyv, PixelFormat::Nv12] {
            let picture = frame(format, 64, 48, |at| (at / 64) as u8);
            assert!(round_trip(&picture) < picture.data.len() / 4, "{format:?}");
        }
    }

    #[test]
    fn a_frame_that_is_not_whole_is_refused() {
        let mut cut = frame(PixelFormat::Yuyv, 8, 8, |_| 0);
        cut.data.pop();
        let error = Encoder::new().unwrap().append(&cut, &mut Vec::new()).unwrap_err();
        assert_eq!(error.to_string(), "a 8x8 frame of layout yuyv has 127 bytes instead of 128");
        let jpeg =
            Frame { width: 8, height: 8, format: PixelFormat::Mjpeg, data: vec![0; 9], ..Frame::default() };
        assert!(Encoder::new().unwrap().append(&jpeg, &mut Vec::new()).is_err());
    }

    proptest! {
        #[test]
        fn whatever_the_pixels_they_come_back(
            code in 0u8..4,
            width in (1u32..24).prop_map(|half| half * 2),
            height in (1u32..16).prop_map(|half| half * 2),
            bytes in prop::collection::vec(any::<u8>(), 997),
        ) {
            let format = layout_of(code).unwrap();
            round_trip(&frame(format, width, height, |at| bytes[at % bytes.len()]));
        }

        #[test]
        fn damaged_bytes_are_an_error_and_never_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), flip in 0usize..400) {
            let mut frame_out = Frame::default();
            let _ = Decoder::default().frame(&bytes, &mut frame_out);
            let mut packed = Vec::new();
            Encoder::new().unwrap().append(&frame(PixelFormat::Yuyv, 16, 16, |at| at as u8), &mut packed).unwrap();
            let at = flip % packed.len();
            packed[at] ^= 1 << (flip % 8);
            let _ = Decoder::default().frame(&packed, &mut frame_out);
            let _ = Decoder::default().frame(&packed[..at], &mut frame_out);
        }
    }
}
