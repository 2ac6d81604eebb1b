//! A small Matroska writer: H.264 in, one video track out, timestamps to the microsecond.
//!
//! ffmpeg's own writer rounds timestamps to milliseconds, and a raw pipe into it carries none at all. Truth about events of
//! 100 ms at 240 frames a second, dropped frames and variable rates need better.
//!
//! Element ids: RFC 9559 (Matroska); H.264 in it: `V_MPEG4/ISO/AVC`, ISO/IEC 14496-15.

use std::io::{self, Read, Seek, SeekFrom, Write};

/// Nanoseconds in one tick of the file's clock.
const TICK_NS: u64 = 1000;
/// NAL unit types (H.264, table 7-1).
const NAL_IDR: u8 = 5;
const NAL_SPS: u8 = 7;
const NAL_PPS: u8 = 8;
const NAL_DELIMITER: u8 = 9;

/// What the file says of its video.
#[derive(Clone, Copy, Debug)]
pub(super) struct Track {
    pub(super) width: u32,
    pub(super) height: u32,
    /// Frames a second where they come evenly; else `None`.
    pub(super) fps: Option<f64>,
}

/// Packs an H.264 byte stream (Annex B, an access unit delimiter before every frame, no reordering) into a Matroska file.
///
/// `times_s` are the presentation times of its frames, rising, in seconds; `end_s` is when the last frame ends.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] where the stream has other frames than `times_s` or no parameter sets; whatever reading and
/// writing say.
pub(super) fn mux(
    stream: impl Read,
    times_s: &[f64],
    end_s: f64,
    track: &Track,
    out: &mut (impl Write + Seek),
) -> io::Result<()> {
    let broken =
        |why: &str| io::Error::new(io::ErrorKind::InvalidData, format!("the encoder's stream {why}"));
    let mut units = AccessUnits::new(stream);
    let mut pending = units.next_unit()?.ok_or_else(|| broken("is empty"))?;
    let private = avc_configuration(&pending).ok_or_else(|| broken("has no parameter sets"))?;
    out.write_all(&ebml_header())?;
    out.write_all(&[0x18, 0x53, 0x80, 0x67])?;
    let size_at = out.stream_position()?;
    // Patched once the size is known.
    out.write_all(&size8(0))?;
    out.write_all(&info(end_s))?;
    out.write_all(&tracks(track, &private))?;
    let ticks = |time_s: f64| (time_s * 1e9 / TICK_NS as f64).round().max(0.0) as u64;
    let mut times = times_s.iter();
    loop {
        let time_s = times.next().ok_or_else(|| broken("has more frames than were given to it"))?;
        out.write_all(&cluster(ticks(*time_s), &pending))?;
        match units.next_unit()? {
            Some(unit) => pending = unit,
            None => break,
        }
    }
    if times.next().is_some() {
        return Err(broken("has fewer frames than were given to it"));
    }
    let end = out.stream_position()?;
    out.seek(SeekFrom::Start(size_at))?;
    out.write_all(&size8(end - size_at - 8))?;
    out.seek(SeekFrom::Start(end))?;
    out.flush()
}

/// Splits a byte stream at its access unit delimiters.
struct AccessUnits<R> {
    stream: R,
    buffer: Vec<u8>,
    /// Searched so far without finding the next delimiter.
    searched: usize,
    is_at_end: bool,
}

impl<R: Read> AccessUnits<R> {
    fn new(stream: R) -> Self {
        Self { stream, buffer: Vec::new(), searched: 0, is_at_end: false }
    }

    fn next_unit(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            // The first bytes are this unit's own delimiter.
            let from = self.searched.max(5);
            let found = self.buffer.get(from..).and_then(|rest| rest.windows(4).position(is_delimiter));
            if let Some(found) = found {
                let rest = self.buffer.split_off(from + found);
                self.searched = 0;
                return Ok(Some(std::mem::replace(&mut self.buffer, rest)));
            }
            self.searched = self.buffer.len().saturating_sub(3);
            if self.is_at_end {
                self.searched = 0;
                let last = std::mem::take(&mut self.buffer);
                return Ok((!last.is_empty()).then_some(last));
            }
            let mut chunk = Vec::new();
            self.is_at_end = self.stream.by_ref().take(1 << 18).read_to_end(&mut chunk)? == 0;
            self.buffer.extend_from_slice(&chunk);
        }
    }
}

fn is_delimiter(bytes: &[u8]) -> bool {
    matches!(bytes, &[0, 0, 1, header] if header & 0x1F == NAL_DELIMITER)
}

/// The NAL units of an access unit, without start codes.
fn nal_units(unit: &[u8]) -> Vec<&[u8]> {
    let starts: Vec<usize> =
        unit.windows(3).enumerate().filter(|(_, w)| *w == [0, 0, 1]).map(|(i, _)| i + 3).collect();
    let ends = starts.iter().skip(1).map(|start| start - 3).chain([unit.len()]);
    let nals = starts.iter().zip(ends).filter_map(|(&start, end)| unit.get(start..end));
    // A start code may have a fourth byte, and units may be padded, both with zeros.
    nals.map(|nal| nal.trim_end_matches_zero()).filter(|nal| !nal.is_empty()).collect()
}

trait TrimZero {
    fn trim_end_matches_zero(&self) -> &Self;
}

impl TrimZero for [u8] {
    fn trim_end_matches_zero(&self) -> &Self {
        let end = self.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        self.get(..end).unwrap_or_default()
    }
}

fn nal_type(nal: &[u8]) -> u8 {
    nal.first().map_or(0, |header| header & 0x1F)
}

/// The AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1) from the first frame's parameter sets; 8-bit 4:2:0.
fn avc_configuration(first_unit: &[u8]) -> Option<Vec<u8>> {
    let nals = nal_units(first_unit);
    let of_type = |wanted: u8| nals.iter().copied().find(|nal| nal_type(nal) == wanted);
    let (sps, pps) = (of_type(NAL_SPS)?, of_type(NAL_PPS)?);
    let [_, profile, compatibility, level] = *sps.first_chunk::<4>()?;
    let mut record = vec![1, profile, compatibility, level, 0xFF, 0xE1];
    record.extend(u16::try_from(sps.len()).ok()?.to_be_bytes());
    record.extend(sps);
    record.push(1);
    record.extend(u16::try_from(pps.len()).ok()?.to_be_bytes());
    record.extend(pps);
    // High profiles say their chroma format and bit depths again.
    if ![66, 77, 88].contains(&profile) {
        record.extend([0xFD, 0xF8, 0xF8, 0]);
    }
    Some(record)
}

/// An element whose content is known.
fn element(id: &[u8], content: &[u8]) -> Vec<u8> {
    let mut bytes = id.to_vec();
    bytes.extend(size8(content.len() as u64));
    bytes.extend(content);
    bytes
}

fn unsigned(id: &[u8], value: u64) -> Vec<u8> {
    element(id, &value.to_be_bytes())
}

/// A size in eight bytes: a marker and 56 bits.
fn size8(size: u64) -> [u8; 8] {
    (size & 0x00FF_FFFF_FFFF_FFFF | 1 << 56).to_be_bytes()
}

fn ebml_header() -> Vec<u8> {
    let content = [
        unsigned(&[0x42, 0x86], 1),
        unsigned(&[0x42, 0xF7], 1),
        unsigned(&[0x42, 0xF2], 4),
        unsigned(&[0x42, 0xF3], 8),
        element(&[0x42, 0x82], b"matroska"),
        unsigned(&[0x42, 0x87], 4),
        unsigned(&[0x42, 0x85], 2),
    ];
    element(&[0x1A, 0x45, 0xDF, 0xA3], &content.concat())
}

fn info(end_s: f64) -> Vec<u8> {
    let duration = (end_s * 1e9 / TICK_NS as f64).to_be_bytes();
    let content = [
        unsigned(&[0x2A, 0xD7, 0xB1], TICK_NS),
        element(&[0x44, 0x89], &duration),
        element(&[0x4D, 0x80], b"onset"),
        element(&[0x57, 0x41], b"onset synth"),
    ];
    element(&[0x15, 0x49, 0xA9, 0x66], &content.concat())
}

fn tracks(track: &Track, private: &[u8]) -> Vec<u8> {
    // BT.601 matrix, limited range.
    let colour = [unsigned(&[0x55, 0xB1], 6), unsigned(&[0x55, 0xB9], 1)].concat();
    let video = [
        unsigned(&[0xB0], u64::from(track.width)),
        unsigned(&[0xBA], u64::from(track.height)),
        element(&[0x55, 0xB0], &colour),
    ];
    let mut entry = vec![
        unsigned(&[0xD7], 1),
        unsigned(&[0x73, 0xC5], 1),
        unsigned(&[0x83], 1),
        unsigned(&[0x9C], 0),
        element(&[0x86], b"V_MPEG4/ISO/AVC"),
        element(&[0x63, 0xA2], private),
        element(&[0xE0], &video.concat()),
    ];
    if let Some(fps) = track.fps {
        entry.push(unsigned(&[0x23, 0xE3, 0x83], (1e9 / fps).round() as u64));
    }
    element(&[0x16, 0x54, 0xAE, 0x6B], &element(&[0xAE], &entry.concat()))
}

/// One frame in a cluster of its own: a block's time is 16 bits from its cluster's, 33 ms at this tick.
fn cluster(ticks: u64, unit: &[u8]) -> Vec<u8> {
    let nals = nal_units(unit);
    let is_key = nals.iter().any(|nal| nal_type(nal) == NAL_IDR);
    let mut block = vec![0x81, 0, 0, if is_key { 0x80 } else { 0 }];
    for nal in nals.iter().filter(|nal| ![NAL_SPS, NAL_PPS, NAL_DELIMITER].contains(&nal_type(nal))) {
        block.extend((nal.len() as u32).to_be_bytes());
        block.extend(*nal);
    }
    element(&[0x1F, 0x43, 0xB6, 0x75], &[unsigned(&[0xE7], ticks), element(&[0xA3], &block)].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(frames: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        for frame in 0..frames {
            bytes.extend([0, 0, 0, 1, 9, 0xF0]);
            if frame == 0 {
                bytes.extend([0, 0, 0, 1, 0x67, 244, 0, 30, 7, 7]);
                bytes.extend([0, 0, 0, 1, 0x68, 1, 2]);
                bytes.extend([0, 0, 1, 0x65, 9, 9, 9]);
            } else {
                bytes.extend([0, 0, 1, 0x41, frame as u8, 5]);
            }
        }
        bytes
    }

    fn muxed(stream: &[u8], times_s: &[f64]) -> io::Result<Vec<u8>> {
        let mut out = io::Cursor::new(Vec::new());
        mux(stream, times_s, 1.0, &Track { width: 64, height: 48, fps: Some(30.0) }, &mut out)?;
        Ok(out.into_inner())
    }

    #[test]
    fn each_frame_becomes_a_block_with_its_time() {
        let file = muxed(&stream(3), &[0.0, 0.033_333, 0.1]).unwrap();
        let clusters: Vec<usize> = file
            .windows(4)
            .enumerate()
            .filter(|(_, w)| *w == [0x1F, 0x43, 0xB6, 0x75])
            .map(|(i, _)| i)
            .collect();
        assert_eq!(clusters.len(), 3);
        let time = |at: usize| u64::from_be_bytes(file[at + 21..at + 29].try_into().unwrap());
        assert_eq!(clusters.iter().map(|&at| time(at)).collect::<Vec<_>>(), [0, 33_333, 100_000]);
        // The segment's size is that of the rest of the file.
        let segment = file.windows(4).position(|w| w == [0x18, 0x53, 0x80, 0x67]).unwrap();
        let size =
            u64::from_be_bytes(file[segment + 4..segment + 12].try_into().unwrap()) & 0x00FF_FFFF_FFFF_FFFF;
        assert_eq!(size as usize, file.len() - segment - 12);
    }

    #[test]
    fn a_stream_that_does_not_fit_its_times_is_refused() {
        assert!(muxed(&stream(3), &[0.0, 0.1]).unwrap_err().to_string().contains("more frames"));
        assert!(muxed(&stream(3), &[0.0, 0.1, 0.2, 0.3]).unwrap_err().to_string().contains("fewer frames"));
        assert!(muxed(&[], &[]).unwrap_err().to_string().contains("empty"));
        assert!(
            muxed(&[0, 0, 1, 9, 0xF0, 0, 0, 1, 0x41, 1], &[0.0])
                .unwrap_err()
                .to_string()
                .contains("parameter sets")
        );
    }
}
