//! Readers of sessions: the record, the stored pictures, and the file of the streams, whole, cut and damaged.

#![no_main]

use libfuzzer_sys::fuzz_target;
use onset::capture::{Captured, Source};
use onset::session::codec::Decoder;
use onset::session::{Identities, SessionReader, SessionRecord, check, files};
use onset::types::Frame;

/// A record that is right, so that the media is looked at.
const RECORD: &str = include_str!("session.toml");

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = SessionRecord::parse(text);
    }
    let mut frame = Frame::default();
    let _ = Decoder::default().frame(data, &mut frame);

    let Ok(dir) = tempfile::tempdir() else { return };
    let is_written = std::fs::write(dir.path().join(files::RECORD), RECORD).is_ok()
        && std::fs::write(dir.path().join(files::MEDIA), data).is_ok();
    let none = Identities::default();
    if !is_written {
        return;
    }
    if let Ok(reader) = SessionReader::open(dir.path(), &none)
        && let Ok(mut source) = reader.source(&none)
    {
        while !matches!(source.next(&mut frame), Ok(Captured::End) | Err(_)) {}
    }
    if check(dir.path(), &none, true).is_ok() {
        // What was repaired is whole.
        assert!(check(dir.path(), &none, false).is_ok_and(|report| report.is_whole));
    }
});
