//! The two messages that are not JSON, as ROS 2 writes them: OMG CDR, little endian, members aligned to their own size.
//!
//! `sensor_msgs/msg/CompressedImage` for frames and `foxglove_msgs/msg/RawAudio` for sound: what MCAP viewers show.

/// CDR encapsulation: little endian, no options.
const HEAD: [u8; 4] = [0, 1, 0, 0];

/// Appends members; positions are counted from behind the encapsulation head.
struct Out<'a> {
    bytes: &'a mut Vec<u8>,
    start: usize,
}

impl<'a> Out<'a> {
    fn new(bytes: &'a mut Vec<u8>) -> Self {
        bytes.extend_from_slice(&HEAD);
        let start = bytes.len();
        Self { bytes, start }
    }

    fn u32(&mut self, value: u32) {
        while !(self.bytes.len() - self.start).is_multiple_of(4) {
            self.bytes.push(0);
        }
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    /// Seconds and nanoseconds since 1970.
    fn time(&mut self, unix_ns: u64) {
        self.u32((unix_ns / 1_000_000_000) as u32);
        self.u32((unix_ns % 1_000_000_000) as u32);
    }

    fn text(&mut self, text: &str) {
        self.u32(text.len() as u32 + 1);
        self.bytes.extend_from_slice(text.as_bytes());
        self.bytes.push(0);
    }
}

/// A frame: `write` appends its picture. Nothing is allocated where `out` has room.
///
/// # Errors
/// What `write` says; `out` then holds half a message.
pub(super) fn image_into<E>(
    out: &mut Vec<u8>,
    unix_ns: u64,
    format: &str,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    let mut cdr = Out::new(out);
    cdr.time(unix_ns);
    cdr.text("camera");
    cdr.text(format);
    cdr.u32(0);
    let start = out.len();
    write(out)?;
    let length = (out.len() - start) as u32;
    if let Some(place) = out.get_mut(start - 4..start) {
        place.copy_from_slice(&length.to_le_bytes());
    }
    Ok(())
}

/// A block of sound, interleaved.
pub(super) fn audio_into(
    out: &mut Vec<u8>,
    unix_ns: u64,
    format: &str,
    rate_hz: u32,
    channels: u32,
    samples: &[u8],
) {
    let mut cdr = Out::new(out);
    cdr.time(unix_ns);
    cdr.u32(samples.len() as u32);
    cdr.bytes.extend_from_slice(samples);
    cdr.text(format);
    cdr.u32(rate_hz);
    cdr.u32(channels);
}

/// Reads members.
struct In<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> In<'a> {
    fn new(message: &'a [u8]) -> Option<Self> {
        Some(Self { bytes: message.strip_prefix(&HEAD)?, at: 0 })
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(count)?)?;
        self.at += count;
        Some(taken)
    }

    fn u32(&mut self) -> Option<u32> {
        self.at = self.at.next_multiple_of(4);
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    /// Passes over seconds and nanoseconds: MCAP's own times are used.
    fn time(&mut self) -> Option<()> {
        self.u32()?;
        self.u32().map(|_| ())
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = self.u32()? as usize;
        let (zero, text) = self.take(length)?.split_last()?;
        (*zero == 0).then_some(())?;
        std::str::from_utf8(text).ok()
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.u32()? as usize;
        self.take(length)
    }
}

/// The format and the picture of a frame's message; `None` for anything else.
pub(super) fn image_from(message: &[u8]) -> Option<(&str, &[u8])> {
    let mut cdr = In::new(message)?;
    cdr.time()?;
    cdr.text()?;
    Some((cdr.text()?, cdr.bytes()?))
}

/// A block of sound as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredAudio<'a> {
    /// `pcm-s16` or `pcm-f32`, little endian.
    pub format: &'a str,
    /// Samples a second of each channel.
    pub rate_hz: u32,
    /// Channels, interleaved.
    pub channels: u32,
    /// The samples' bytes.
    pub samples: &'a [u8],
}

/// The sound of a message; `None` for anything else.
pub(super) fn audio_from(message: &[u8]) -> Option<StoredAudio<'_>> {
    let mut cdr = In::new(message)?;
    cdr.time()?;
    let samples = cdr.bytes()?;
    Some(StoredAudio { samples, format: cdr.text()?, rate_hz: cdr.u32()?, channels: cdr.u32()? })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Laid out by hand after the CDR rules (OMG DDS-XTypes 1.3, section 7.4, plain CDR, little endian).
    #[test]
    fn an_image_is_laid_out_as_cdr_says() {
        let mut out = Vec::new();
        image_into(&mut out, 1_000_000_002, "jpeg", |out| {
            out.extend([7, 8, 9]);
            Ok::<_, ()>(())
        })
        .unwrap();
        let mut expected = vec![0, 1, 0, 0];
        expected.extend([1, 0, 0, 0, 2, 0, 0, 0]);
        expected.extend(b"\x07\0\0\0camera\0\0");
        expected.extend(b"\x05\0\0\0jpeg\0\0\0\0");
        expected.extend([3, 0, 0, 0, 7, 8, 9]);
        assert_eq!(out, expected);
        assert_eq!(image_from(&out), Some(("jpeg", &[7, 8, 9][..])));
    }

    #[test]
    fn sound_comes_back() {
        let mut out = Vec::new();
        audio_into(&mut out, 5, "pcm-s16", 48_000, 2, &[1, 2, 3, 4, 5]);
        let back = audio_from(&out).unwrap();
        assert_eq!(
            back,
            StoredAudio { format: "pcm-s16", rate_hz: 48_000, channels: 2, samples: &[1, 2, 3, 4, 5] }
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let mut message = HEAD.to_vec();
            message.extend(&bytes);
            let _ = (image_from(&message), audio_from(&message), image_from(&bytes), audio_from(&bytes));
        }
    }
}
