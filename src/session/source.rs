//! A recorded session as a source of frames: the camera's pictures, times and losses as they were.

use std::path::Path;

use super::cdr;
use super::codec::Decoder;
use super::topics::Topic;
use super::walk::{End, Head, Walker};
use super::writer::{GapMessage, JPEG, LOSSLESS};
use super::{SessionRecord, files};
use crate::capture::{CaptureError, Captured, Source, SourceInfo};
use crate::types::{Frame, Gap, GapReason, PixelFormat, Timestamp, TimestampSource};

/// Plays the frames of a session.
pub struct SessionSource {
    walker: Walker,
    info: SourceInfo,
    started_unix_ns: u64,
    decoder: Decoder,
    /// The number that the next frame has if none is lost.
    next_seq: u64,
    last: Timestamp,
    damaged: u64,
    has_ended: bool,
}

impl SessionSource {
    pub(super) fn new(walker: Walker, dir: &Path, record: &SessionRecord, last_s: f64) -> Self {
        let totals = record.ended.as_ref().map(|ended| ended.totals);
        let info = SourceInfo {
            name: dir
                .file_name()
                .map_or_else(|| record.id.clone(), |name| name.to_string_lossy().into_owned()),
            path: Some(dir.to_owned()),
            width: record.source.width_px,
            height: record.source.height_px,
            nominal_fps: record.source.nominal_fps,
            frame_count: totals.map(|totals| totals.frames),
            duration_s: Some(last_s).filter(|last| *last > 0.0),
            timestamp_source: timestamp_source(&record.source.timestamp_source),
            is_live: false,
        };
        Self {
            walker,
            info,
            started_unix_ns: record.started_unix_ns,
            decoder: Decoder::default(),
            next_seq: 0,
            last: Timestamp::from_nanos(i64::MIN),
            damaged: 0,
            has_ended: false,
        }
    }

    /// Frames since the last one are counted in 32 bits in the file.
    fn whole_seq(&self, sequence: u32) -> u64 {
        let ahead = sequence.wrapping_sub(self.next_seq as u32);
        // Numbers never fall; one that seems to is damage and counts as the next.
        if ahead > u32::MAX / 2 { self.next_seq } else { self.next_seq + u64::from(ahead) }
    }
}

/// What a message is, without its bytes.
enum Read {
    Frame(Head),
    Damaged(Head),
    Gap(Gap),
    Nothing,
}

impl Source for SessionSource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn next(&mut self, frame: &mut Frame) -> Result<Captured, CaptureError> {
        loop {
            if self.has_ended {
                return Ok(Captured::End);
            }
            let Some((head, body)) = self.walker.next(|topic| matches!(topic, Topic::Camera | Topic::Gap))
            else {
                self.has_ended = true;
                continue;
            };
            let read = match head.topic {
                Topic::Camera => match picture(body, &mut self.decoder, frame) {
                    Some(()) => Read::Frame(head),
                    None => Read::Damaged(head),
                },
                _ => serde_json::from_slice(body).ok().and_then(gap).map_or(Read::Nothing, Read::Gap),
            };
            match read {
                Read::Frame(head) => {
                    frame.seq = self.whole_seq(head.sequence);
                    frame.captured_at = head.at(self.started_unix_ns).max(self.last);
                    frame.arrived_at = frame.captured_at;
                    self.last = frame.captured_at;
                    self.next_seq = frame.seq + 1;
                    return Ok(Captured::Frame);
                }
                Read::Damaged(head) => {
                    self.damaged += 1;
                    let first_seq = self.whole_seq(head.sequence);
                    self.next_seq = first_seq + 1;
                    let at = head.at(self.started_unix_ns);
                    return Ok(Captured::Gap(Gap { first_seq, count: 1, at, reason: GapReason::Corrupt }));
                }
                Read::Gap(gap) => {
                    self.next_seq = self.next_seq.max(gap.first_seq.saturating_add(gap.count));
                    return Ok(Captured::Gap(gap));
                }
                Read::Nothing => {}
            }
        }
    }

    fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        let path = self.info.path.clone().unwrap_or_default();
        if self.damaged > 0 {
            warnings.push(format!(
                "{}: {} frames are damaged and count as lost",
                path.display(),
                self.damaged
            ));
        }
        if let Some(End::Torn(why)) = self.walker.end() {
            let media = path.join(files::MEDIA);
            warnings.push(format!(
                "{}: {why}; `onset session check {}` says what is there and repairs it",
                media.display(),
                path.display()
            ));
        }
        warnings
    }
}

/// Writes a stored picture into `frame`; `None` where it is damaged.
fn picture(body: &[u8], decoder: &mut Decoder, frame: &mut Frame) -> Option<()> {
    let (format, bytes) = cdr::image_from(body)?;
    match format {
        LOSSLESS => decoder.frame(bytes, frame).ok(),
        JPEG => {
            let (width, height) = jpeg_size(bytes)?;
            (frame.width, frame.height, frame.format) = (width, height, PixelFormat::Mjpeg);
            frame.data.clear();
            frame.data.extend_from_slice(bytes);
            Some(())
        }
        _ => None,
    }
}

/// Width and height from a JPEG's frame header (ITU-T T.81, B.2.2): the segments before it are skipped.
fn jpeg_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut rest = bytes.strip_prefix(&[0xff, 0xd8])?;
    loop {
        let (marker, after) = match rest {
            // Fill bytes may stand before a marker.
            [0xff, 0xff, ..] => {
                rest = rest.get(1..)?;
                continue;
            }
            [0xff, marker, after @ ..] => (*marker, after),
            _ => return None,
        };
        let length = usize::from(u16::from_be_bytes(after.get(..2)?.try_into().ok()?));
        let is_frame_head = matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc);
        if is_frame_head {
            let number =
                |at: usize| Some(u32::from(u16::from_be_bytes(after.get(at..at + 2)?.try_into().ok()?)));
            return Some((number(5)?, number(3)?));
        }
        rest = after.get(length.max(2)..)?;
    }
}

fn gap(message: GapMessage) -> Option<Gap> {
    let reason = GapReason::ALL.into_iter().find(|reason| reason.name() == message.reason)?;
    let at = Timestamp::from_secs_f64(message.t_s);
    (message.count > 0).then_some(Gap { first_seq: message.first_frame, count: message.count, at, reason })
}

fn timestamp_source(name: &str) -> TimestampSource {
    use TimestampSource as Source;
    let all = [Source::Driver, Source::Arrival, Source::Media, Source::Nominal];
    all.into_iter().find(|source| source.name() == name).unwrap_or_default()
}
