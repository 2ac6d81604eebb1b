//! Small JPEG pictures of frames that are stored by our codec: what a viewer of MCAP files shows of them.

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, RgbImage};

use crate::image::convert::rgb_from_frame;
use crate::types::Frame;

/// Longest side, in pixels: enough to see who does what, a hundredth of a frame's bytes.
const SIDE_PX: u32 = 320;
/// JPEG quality, 1 to 100.
const QUALITY: u8 = 70;

/// Makes previews; keeps its buffers from one to the next.
#[derive(Default)]
pub(super) struct Preview {
    whole: RgbImage,
    small: Vec<u8>,
}

impl Preview {
    /// Appends a JPEG of every nth pixel of `frame`, its sides at most 320 px.
    ///
    /// # Errors
    /// What is wrong with the frame, in words.
    pub(super) fn append(&mut self, frame: &Frame, out: &mut Vec<u8>) -> Result<(), String> {
        rgb_from_frame(frame, &mut self.whole).map_err(|error| error.to_string())?;
        let step = self.whole.width().max(self.whole.height()).div_ceil(SIDE_PX).max(1);
        let (width, height) = (self.whole.width() / step, self.whole.height() / step);
        self.small.clear();
        for y in 0..height {
            self.small.extend((0..width).flat_map(|x| self.whole.get_pixel(x * step, y * step).0));
        }
        let mut encoder = JpegEncoder::new_with_quality(out, QUALITY);
        encoder.encode(&self.small, width, height, ExtendedColorType::Rgb8).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::PixelFormat;

    #[test]
    fn a_preview_is_a_small_jpeg_and_a_broken_frame_none() {
        let mut frame = Frame {
            width: 640,
            height: 480,
            format: PixelFormat::Gray8,
            data: vec![90; 640 * 480],
            ..Frame::default()
        };
        let mut out = vec![1, 2];
        Preview::default().append(&frame, &mut out).unwrap();
        let picture = image::load_from_memory(&out[2..]).unwrap().into_luma8();
        assert_eq!((picture.width(), picture.height()), (320, 240));
        assert!(picture.pixels().all(|pixel| pixel.0[0].abs_diff(90) < 3));
        frame.data.pop();
        assert!(Preview::default().append(&frame, &mut out).is_err());
    }
}
