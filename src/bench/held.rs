//! A source that holds its frames in memory and plays them to and fro: neither a disk, a decoder nor a renderer is then measured.

use std::sync::Arc;

use super::BenchError;
use crate::capture::{CaptureError, Captured, Source, SourceInfo, SyntheticParams, SyntheticSource};
use crate::types::{Frame, PixelFormat, Timestamp, TimestampSource};

/// Memory that the held frames may take, in bytes.
const MEMORY: usize = 192 << 20;
/// Seconds that are held where memory allows: the demo's face then moves, blinks and makes an expression.
const SECONDS: f64 = 5.0;

/// Frames in memory.
#[derive(Clone, Debug)]
pub struct HeldSource {
    info: SourceInfo,
    frames: Arc<[Frame]>,
    fps: f64,
    index: u64,
    /// Frames that it gives in all.
    count: u64,
}

impl HeldSource {
    /// The same frames at another rate, from the start, for `seconds`.
    pub fn played(&self, fps: f64, seconds: f64) -> Self {
        let count = (fps * seconds).round().max(1.0) as u64;
        let info = SourceInfo {
            nominal_fps: Some(fps),
            frame_count: Some(count),
            duration_s: Some(seconds),
            ..self.info.clone()
        };
        Self { info, frames: Arc::clone(&self.frames), fps, index: 0, count }
    }

    /// How many frames are held.
    pub fn held(&self) -> usize {
        self.frames.len()
    }

    /// Bytes that they take.
    pub fn bytes(&self) -> usize {
        self.frames.iter().map(|frame| frame.data.len()).sum()
    }

    /// The raw format of the first frame.
    pub fn format(&self) -> PixelFormat {
        self.frames.first().map_or(PixelFormat::Gray8, |frame| frame.format)
    }
}

impl Source for HeldSource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn next(&mut self, frame: &mut Frame) -> Result<Captured, CaptureError> {
        if self.index >= self.count {
            return Ok(Captured::End);
        }
        // 0 1 2 3 2 1 0 1 ...: nothing jumps.
        let last = self.frames.len().saturating_sub(1) as u64;
        let place = if last == 0 { 0 } else { self.index % (2 * last) };
        let place = if place > last { 2 * last - place } else { place };
        let Some(held) = self.frames.get(place as usize) else { return Ok(Captured::End) };
        frame.data.clear();
        frame.data.extend_from_slice(&held.data);
        (frame.width, frame.height, frame.format) = (held.width, held.height, held.format);
        frame.seq = self.index;
        frame.captured_at = Timestamp::from_secs_f64(self.index as f64 / self.fps);
        frame.arrived_at = frame.captured_at;
        self.index += 1;
        Ok(Captured::Frame)
    }
}

/// Holds the first frames of a source.
///
/// # Errors
/// [`BenchError::NoFrames`] where it has none, [`BenchError::Capture`] where it fails.
pub fn hold_source(source: &mut dyn Source) -> Result<HeldSource, BenchError> {
    let fps = source.info().nominal_fps.filter(|fps| *fps > 0.0).unwrap_or(30.0);
    let (mut frames, mut bytes) = (Vec::new(), 0);
    let mut frame = Frame::default();
    loop {
        match source.next(&mut frame)? {
            Captured::End => break,
            Captured::Gap(_) | Captured::Waiting => {}
            Captured::Frame => {
                let is_same_size = frames
                    .first()
                    .is_none_or(|first: &Frame| (first.width, first.height) == (frame.width, frame.height));
                bytes += frame.data.len();
                if !frames.is_empty() && (bytes > MEMORY || frames.len() as f64 >= SECONDS * fps) {
                    break;
                }
                if is_same_size {
                    frames.push(frame.clone());
                }
            }
        }
    }
    let info = source.info().clone();
    held(&info.name, frames, fps)
}

/// Holds the demo at this size: one face, or `faces` of them (2 to 4), each in a quarter of the picture.
///
/// # Errors
/// [`BenchError::Capture`] where the size is out of range.
pub fn hold_synthetic(width: u32, height: u32, fps: f64, faces: u32) -> Result<HeldSource, BenchError> {
    // YUYV, as cameras give: half the bytes of colour, and the usual conversion. It needs an even width.
    let (part_width, part_height) =
        if faces > 1 { (width / 4 * 2, height / 2) } else { (width / 2 * 2, height) };
    let render_fps = fps.min(60.0);
    let bytes = (part_width * part_height * 2) as usize * if faces > 1 { 4 } else { 1 };
    let count = ((SECONDS * render_fps) as usize).min(MEMORY / bytes.max(1)).max(2);
    let params = SyntheticParams {
        width: part_width,
        height: part_height,
        fps: render_fps,
        format: PixelFormat::Yuyv,
        ..SyntheticParams::default()
    };
    let mut source = SyntheticSource::new(params)?;
    let mut frames = Vec::with_capacity(count);
    for index in 0..count as u64 {
        let mut frame = Frame::default();
        source.render_into(index, &mut frame);
        frames.push(if faces > 1 { tiled(&frame, faces) } else { frame });
    }
    let name = if faces > 1 { format!("synthetic, {faces} faces") } else { "synthetic".to_owned() };
    held(&name, frames, fps)
}

/// Four quarters of YUYV, the first `faces` of them with the picture, the others gray.
fn tiled(part: &Frame, faces: u32) -> Frame {
    let row = part.width as usize * 2;
    let gray: Vec<u8> = [110, 128].into_iter().cycle().take(row).collect();
    let mut data = Vec::with_capacity(4 * part.data.len());
    for half in [0, 2] {
        for picture in part.data.chunks_exact(row.max(1)) {
            for place in [half, half + 1] {
                data.extend_from_slice(if place < faces { picture } else { &gray });
            }
        }
    }
    Frame { width: 2 * part.width, height: 2 * part.height, data, ..part.clone() }
}

fn held(name: &str, frames: Vec<Frame>, fps: f64) -> Result<HeldSource, BenchError> {
    let Some(first) = frames.first() else { return Err(BenchError::NoFrames { name: name.to_owned() }) };
    let info = SourceInfo {
        name: name.to_owned(),
        path: None,
        width: first.width,
        height: first.height,
        nominal_fps: Some(fps),
        frame_count: None,
        duration_s: None,
        timestamp_source: TimestampSource::Nominal,
        is_live: false,
    };
    Ok(HeldSource { info, frames: frames.into(), fps, index: 0, count: u64::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_go_to_and_fro_and_then_end() {
        let source = hold_synthetic(64, 48, 1.0, 1).unwrap();
        assert_eq!(source.held(), 5);
        let mut played = source.played(10.0, 1.1);
        let (mut frame, mut seen) = (Frame::default(), Vec::new());
        while played.next(&mut frame).unwrap() == Captured::Frame {
            let place = source.frames.iter().position(|held| held.data == frame.data).unwrap();
            seen.push((frame.seq, place, frame.captured_at.as_secs_f64()));
        }
        let places: Vec<_> = seen.iter().map(|seen| seen.1).collect();
        assert_eq!(places, [0, 1, 2, 3, 4, 3, 2, 1, 0, 1, 2]);
        assert!(seen.iter().all(|(seq, _, at_s)| (at_s - *seq as f64 / 10.0).abs() < 1e-6));
    }

    #[test]
    fn quarters_hold_as_many_faces_as_asked_for() {
        let source = hold_synthetic(128, 96, 1.0, 3).unwrap();
        let frame = &source.frames[0];
        assert_eq!((frame.width, frame.height, frame.data.len()), (128, 96, 128 * 96 * 2));
        let quarter = |x: usize, y: usize| -> Vec<u8> {
            (0..48).flat_map(|row| frame.data[((y + row) * 128 + x) * 2..][..128].to_vec()).collect()
        };
        assert_eq!(quarter(0, 0), quarter(64, 0));
        assert_eq!(quarter(0, 0), quarter(0, 48));
        assert!(quarter(64, 48).chunks(2).all(|pair| pair == [110, 128]));
    }
}
