//! Frames of a V4L2 camera: mapped buffers, read with a time limit.

use std::io;
use std::time::Duration;

use v4l::Device;
use v4l::buffer::{Flags, Metadata, Type};
use v4l::io::mmap::Stream;
use v4l::io::traits::{CaptureStream, Stream as _};

use super::node::fault_of;
use crate::capture::camera::backend::{CameraStream, FrameNote};
use crate::capture::camera::fault::CameraFault;
use crate::capture::camera::format::CameraPixels;
use crate::capture::session_clock::DriverStamp;

/// Four for the driver to fill, and the one that was read last.
const BUFFERS: u32 = 5;
/// How long a read waits for a frame: so long may a stop take.
const PATIENCE_MS: i32 = 200;
/// Pause when the driver says that there is a frame and then has none, so that asking again is no busy loop.
const NO_FRAME_AFTER_ALL: Duration = Duration::from_millis(5);
/// `POLLIN` of poll.h.
const POLLIN: i16 = 1;
/// `ENODEV` of errno-base.h.
const NO_SUCH_DEVICE: i32 = 19;

/// How a driver lays out a picture in a buffer: lines may be padded, ours are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// Bytes of a line that are picture; 0 for a picture that is not made of lines.
    line: usize,
    /// Bytes from one line to the next.
    stride: usize,
    lines: usize,
}

impl Layout {
    /// `stride` as the driver gave it; `None` where it is shorter than a line.
    pub(super) fn new(pixels: CameraPixels, width: u32, height: u32, stride: u32) -> Option<Self> {
        let (width, height) = (width as usize, height as usize);
        let (line, lines) = match pixels {
            CameraPixels::Gray => (width, height),
            // A chroma plane of half the lines follows, each as long as a line of luma.
            CameraPixels::Nv12 => (width.next_multiple_of(2), height + height.div_ceil(2)),
            CameraPixels::Yuyv => (width.next_multiple_of(2) * 2, height),
            CameraPixels::Rgb | CameraPixels::Bgr => (width * 3, height),
            CameraPixels::Mjpeg => return Some(Self { line: 0, stride: 0, lines: 0 }),
        };
        // Our NV12 has luma lines of an odd width, which then differ from those of chroma.
        let is_odd_nv12 = pixels == CameraPixels::Nv12 && !width.is_multiple_of(2);
        // Some drivers say 0 for "no padding".
        let stride = if stride == 0 { line } else { stride as usize };
        (stride >= line && !is_odd_nv12).then_some(Self { line, stride, lines })
    }

    /// Copies a picture without its padding; as much of it as there is.
    fn copy(&self, bytes: &[u8], data: &mut Vec<u8>) {
        data.clear();
        if self.line == self.stride {
            let whole = if self.line == 0 { bytes.len() } else { self.line * self.lines };
            data.extend_from_slice(bytes.get(..whole).unwrap_or(bytes));
            return;
        }
        for line in bytes.chunks(self.stride).take(self.lines) {
            data.extend_from_slice(line.get(..self.line).unwrap_or(line));
        }
    }
}

/// A running V4L2 camera.
pub(super) struct V4lStream {
    /// Taken when it ends.
    stream: Option<Stream<'static>>,
    layout: Layout,
    /// False after a read in which the driver took our buffer and gave none: the next is then fetched otherwise.
    has_buffer: bool,
}

impl V4lStream {
    /// Starts a camera that is set up.
    pub(super) fn start(device: &Device, layout: Layout) -> Result<Self, CameraFault> {
        let stream = Stream::with_buffers(device, Type::VideoCapture, BUFFERS).map_err(|e| fault_of(&e))?;
        let mut this = Self { stream: Some(stream), layout, has_buffer: true };
        let stream = this.stream.as_mut().ok_or_else(ended)?;
        // The first buffer stays with us: the library hands it to the driver with the first read. A driver that gave
        // fewer than we asked for refuses the numbers above.
        for index in 1..BUFFERS as usize {
            if let Err(error) = CaptureStream::queue(stream, index) {
                if index == 1 {
                    return Err(fault_of(&error));
                }
                break;
            }
        }
        stream.start().map_err(|e| fault_of(&e))?;
        Ok(this)
    }
}

impl CameraStream for V4lStream {
    fn read(&mut self, data: &mut Vec<u8>) -> Result<Option<FrameNote>, CameraFault> {
        let stream = self.stream.as_mut().ok_or_else(ended)?;
        match stream.handle().poll(POLLIN, PATIENCE_MS) {
            Ok(0) => return Ok(None),
            Ok(_) => {}
            Err(error) => return nothing_or_fault(&error),
        }
        if !self.has_buffer {
            // The library hands out bytes only of what it fetches itself: this frame is let go, and its number missing.
            return match CaptureStream::dequeue(stream) {
                Ok(_) => {
                    self.has_buffer = true;
                    Ok(None)
                }
                Err(error) => nothing_or_fault(&error),
            };
        }
        match CaptureStream::next(stream) {
            Ok((bytes, meta)) => {
                let used = usize::try_from(meta.bytesused).unwrap_or(usize::MAX);
                self.layout.copy(bytes.get(..used).unwrap_or(bytes), data);
                Ok(Some(note_of(meta)))
            }
            Err(error) => {
                self.has_buffer = false;
                nothing_or_fault(&error)
            }
        }
    }
}

impl Drop for V4lStream {
    fn drop(&mut self) {
        let Some(mut stream) = self.stream.take() else { return };
        match stream.stop() {
            Err(error) if error.raw_os_error() != Some(NO_SUCH_DEVICE) => {
                // Dropping it would panic: rather leave the driver's buffers mapped.
                std::mem::forget(stream);
            }
            _ => drop(stream),
        }
    }
}

fn ended() -> CameraFault {
    CameraFault::Failed("its stream has ended".to_owned())
}

/// What the driver says of a frame.
///
/// Its stamps are on the monotonic clock (`V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC`) but for very old drivers and virtual
/// cameras, which do not say on which. Those are taken for monotonic too: one of another clock cannot be true and is
/// not believed (see [`DriverStamp`]).
fn note_of(meta: &Metadata) -> FrameNote {
    let seconds = u64::try_from(meta.timestamp.sec).ok();
    let micros = u32::try_from(meta.timestamp.usec).ok().filter(|micros| *micros < 1_000_000);
    let stamp = seconds.zip(micros).map(|(s, us)| DriverStamp::Monotonic(Duration::new(s, us * 1000)));
    FrameNote { stamp, sequence: Some(meta.sequence), is_broken: meta.flags.contains(Flags::ERROR) }
}

/// A call that was interrupted, or found no frame after all, is no fault.
fn nothing_or_fault(error: &io::Error) -> Result<Option<FrameNote>, CameraFault> {
    match error.kind() {
        io::ErrorKind::Interrupted => Ok(None),
        io::ErrorKind::WouldBlock => {
            std::thread::sleep(NO_FRAME_AFTER_ALL);
            Ok(None)
        }
        _ => Err(fault_of(error)),
    }
}

#[cfg(test)]
mod tests {
    use v4l::Timestamp;

    use super::*;
    use crate::image::convert::frame_len;

    #[test]
    fn padding_is_cut_from_every_line() {
        let layout = Layout::new(CameraPixels::Yuyv, 2, 2, 6).unwrap();
        let mut data = vec![9; 40];
        layout.copy(&[1, 2, 3, 4, 0, 0, 5, 6, 7, 8, 0, 0, 99], &mut data);
        assert_eq!(data, [1, 2, 3, 4, 5, 6, 7, 8]);
        // Luma and chroma of NV12 are padded alike.
        let layout = Layout::new(CameraPixels::Nv12, 2, 2, 4).unwrap();
        layout.copy(&[1, 2, 0, 0, 3, 4, 0, 0, 5, 6, 0, 0], &mut data);
        assert_eq!(data, [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn a_picture_that_ends_early_stays_short() {
        let layout = Layout::new(CameraPixels::Gray, 3, 2, 4).unwrap();
        let mut data = Vec::new();
        layout.copy(&[1, 2, 3, 0, 4], &mut data);
        assert_eq!(data, [1, 2, 3, 4]);
        layout.copy(&[], &mut data);
        assert!(data.is_empty());
    }

    #[test]
    fn a_packed_picture_has_the_length_of_its_frame() {
        use CameraPixels::{Bgr, Gray, Nv12, Rgb, Yuyv};
        for (pixels, width, height) in
            [(Gray, 641, 479), (Nv12, 640, 479), (Yuyv, 640, 479), (Rgb, 641, 3), (Bgr, 5, 5)]
        {
            for padding in [0, 1, 64] {
                let line = Layout::new(pixels, width, height, 0).unwrap().line as u32;
                let layout = Layout::new(pixels, width, height, line + padding).unwrap();
                let mut data = Vec::new();
                layout.copy(&vec![1; layout.stride * layout.lines + 4096], &mut data);
                assert_eq!(Some(data.len() as u64), frame_len(width, height, pixels.frame_format()));
            }
        }
    }

    #[test]
    fn lines_that_cannot_hold_the_picture_are_refused_and_jpegs_have_none() {
        assert_eq!(Layout::new(CameraPixels::Yuyv, 641, 2, 1282), None);
        assert_eq!(Layout::new(CameraPixels::Nv12, 641, 480, 642), None);
        assert_eq!(Layout::new(CameraPixels::Gray, 640, 480, 320), None);
        let mut data = vec![7; 5];
        Layout::new(CameraPixels::Mjpeg, 640, 480, 0).unwrap().copy(&[0xff, 0xd8], &mut data);
        assert_eq!(data, [0xff, 0xd8]);
    }

    #[test]
    fn a_note_has_stamp_sequence_and_whether_the_driver_calls_it_broken() {
        let timestamp = Timestamp::new(12, 345_678);
        let meta =
            Metadata { timestamp, sequence: 77, flags: Flags::TIMESTAMP_MONOTONIC, ..Default::default() };
        let stamp = Some(DriverStamp::Monotonic(Duration::from_micros(12_345_678)));
        assert_eq!(note_of(&meta), FrameNote { stamp, sequence: Some(77), is_broken: false });
        let broken = Metadata { flags: Flags::ERROR, timestamp: Timestamp::new(-1, 0), ..meta };
        assert_eq!(note_of(&broken), FrameNote { stamp: None, sequence: Some(77), is_broken: true });
    }

    #[test]
    fn only_real_errors_end_a_stream() {
        let error = |code| io::Error::from_raw_os_error(code);
        assert_eq!(nothing_or_fault(&error(4)), Ok(None));
        assert_eq!(nothing_or_fault(&error(11)), Ok(None));
        assert!(matches!(nothing_or_fault(&error(19)), Err(CameraFault::Gone(_))));
        assert!(matches!(nothing_or_fault(&error(5)), Err(CameraFault::Gone(_))));
    }
}
