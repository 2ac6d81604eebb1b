//! Binary PPM pictures (`P6`, 8 bits) one after the other, as ffmpeg's `image2pipe` writes them.

use std::io::{self, Read};

/// Longest header that can be valid: `P6\n16384 16384\n255\n` and some slack for other writers' blanks.
const MAX_HEADER_BYTES: usize = 64;
/// Largest width and height accepted, in pixels.
pub(super) const MAX_SIDE_PX: u32 = 16_384;

/// Why a picture could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum PpmError {
    /// The stream ended inside a picture.
    #[error("it ends in the middle of a frame")]
    Truncated,
    /// The bytes are not a PPM header.
    #[error("ffmpeg sent something that is not a PPM picture")]
    BadHeader,
    /// The picture is too large.
    #[error(
        "its frames are {0}x{1}; at most {MAX_SIDE_PX} pixels a side are supported: scale it down with ffmpeg first"
    )]
    TooLarge(u32, u32),
    /// The pipe broke.
    #[error("the pipe from ffmpeg broke: {0}")]
    Io(#[from] io::Error),
}

/// Reads the next picture's pixels (RGB, rows packed) into `data`; its size, or `None` at the end of the stream.
pub(super) fn read(input: &mut impl Read, data: &mut Vec<u8>) -> Result<Option<(u32, u32)>, PpmError> {
    let Some((width, height)) = read_header(input)? else { return Ok(None) };
    data.resize(width as usize * height as usize * 3, 0);
    match input.read_exact(data) {
        Ok(()) => Ok(Some((width, height))),
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Err(PpmError::Truncated),
        Err(e) => Err(e.into()),
    }
}

/// Reads one header up to the single blank after the highest value; `None` at a clean end.
fn read_header(input: &mut impl Read) -> Result<Option<(u32, u32)>, PpmError> {
    let mut header = [0_u8; MAX_HEADER_BYTES];
    for len in 0..MAX_HEADER_BYTES {
        let Some(byte) = header.get_mut(len..=len) else { break };
        match input.read_exact(byte) {
            Ok(()) => {}
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof && len == 0 => return Ok(None),
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Err(PpmError::Truncated),
            Err(e) => return Err(e.into()),
        }
        if let Some(size) = parse_header(header.get(..=len).unwrap_or_default())? {
            return Ok(Some(size));
        }
    }
    Err(PpmError::BadHeader)
}

/// The size once `header` is complete, `None` while bytes are missing.
fn parse_header(header: &[u8]) -> Result<Option<(u32, u32)>, PpmError> {
    let magic = &b"P6"[..header.len().min(2)];
    if !header.starts_with(magic) {
        return Err(PpmError::BadHeader);
    }
    let Some(rest) = header.get(2..).filter(|rest| !rest.is_empty()) else { return Ok(None) };
    if !rest.iter().all(|b| b.is_ascii_digit() || b.is_ascii_whitespace()) || !rest[0].is_ascii_whitespace() {
        return Err(PpmError::BadHeader);
    }
    // Complete only when a blank ends the third number: exactly one, pixels follow it.
    let numbers: Vec<&[u8]> = rest.split(u8::is_ascii_whitespace).filter(|n| !n.is_empty()).collect();
    let [width, height, highest] = numbers[..] else { return Ok(None) };
    if !rest.ends_with(b"\n") && !rest.ends_with(b" ") {
        return Ok(None);
    }
    let number = |digits: &[u8]| std::str::from_utf8(digits).ok()?.parse::<u32>().ok();
    match (number(width), number(height), number(highest)) {
        (Some(w), Some(h), Some(255)) if w > MAX_SIDE_PX || h > MAX_SIDE_PX => Err(PpmError::TooLarge(w, h)),
        (Some(w @ 1..), Some(h @ 1..), Some(255)) => Ok(Some((w, h))),
        _ => Err(PpmError::BadHeader),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn picture(width: u32, height: u32, fill: u8) -> Vec<u8> {
        let mut bytes = format!("P6\n{width} {height}\n255\n").into_bytes();
        bytes.extend(std::iter::repeat_n(fill, (width * height * 3) as usize));
        bytes
    }

    #[test]
    fn pictures_of_changing_size_follow_each_other() {
        // The fill of the second is a digit and of the third a blank: pixels must not be taken for header.
        let mut stream: &[u8] = &[picture(2, 3, 7), picture(5, 1, b'9'), picture(1, 1, b'\n')].concat();
        let mut data = Vec::new();
        for (size, fill) in [((2, 3), 7), ((5, 1), b'9'), ((1, 1), b'\n')] {
            assert_eq!(read(&mut stream, &mut data).unwrap(), Some(size));
            assert_eq!(data, vec![fill; (size.0 * size.1 * 3) as usize]);
        }
        assert_eq!(read(&mut stream, &mut data).unwrap(), None);
    }

    #[test]
    fn a_cut_picture_is_an_error_wherever_it_is_cut() {
        let whole = picture(4, 4, 1);
        for len in 1..whole.len() {
            let error = read(&mut &whole[..len], &mut Vec::new()).unwrap_err();
            assert!(matches!(error, PpmError::Truncated), "{len}: {error}");
        }
    }

    #[test]
    fn other_pictures_and_sizes_are_refused() {
        for bad in
            ["P5\n1 1\n255\n", "P6\n1 1\n65535\n", "P6\n0 4\n255\n", "P6x1 1\n255\n", "P6\n-1 1\n255\n", "\n"]
        {
            let mut stream = bad.as_bytes();
            assert!(matches!(read(&mut stream, &mut Vec::new()), Err(PpmError::BadHeader)), "{bad:?}");
        }
        let mut data = Vec::new();
        let error = read(&mut &b"P6\n99999 16\n255\n"[..], &mut data).unwrap_err();
        assert!(matches!(error, PpmError::TooLarge(99_999, 16)));
        assert_eq!(data.capacity(), 0);
    }

    proptest! {
        #[test]
        fn any_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&mut &bytes[..], &mut Vec::new());
        }

        #[test]
        fn any_header_like_text_never_panics(text in "P6[ \n]{0,3}[0-9]{0,12}[ \n][0-9]{0,4}[ \n]{1,2}[0-9]{1,4}\n.{0,40}") {
            let _ = read(&mut text.as_bytes(), &mut Vec::new());
        }
    }
}
