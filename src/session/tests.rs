//! Sessions as a whole: what is written is read back, whatever breaks off.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::capture::{Captured, Source};
use crate::types::{Frame, Gap, GapReason, PixelFormat, Timestamp};

/// Second 0 of the test sessions: 2026-11-26T12:00:00Z.
const STARTED: u64 = 1_795_694_400_000_000_000;

fn record() -> SessionRecord {
    SessionRecord {
        format: 1,
        id: "P07-20261126T120000Z".into(),
        participant: "P07".into(),
        onset_version: "0".into(),
        started_utc: "2026-11-26T12:00:00Z".into(),
        started_unix_ns: STARTED,
        ended: None,
        consent: ConsentRecord {
            participant: "P07".into(),
            purpose: Purpose::Research,
            given_utc: "2026-11-26T11:59:00Z".into(),
            given_by: "key".into(),
            text_file: "default".into(),
            text_sha256: String::new(),
            text: "yes".into(),
        },
        source: SourceRecord { timestamp_source: "driver".into(), ..SourceRecord::default() },
        protocol: ProtocolRecord::default(),
        calibration: None,
        models: Vec::new(),
        encrypted_to: Vec::new(),
        steps: Vec::new(),
    }
}

fn frame(seq: u64) -> Frame {
    let at = Timestamp::from_nanos(100_000_000 + seq as i64 * 16_666_667);
    Frame {
        seq,
        captured_at: at,
        arrived_at: at,
        width: 8,
        height: 4,
        format: PixelFormat::Yuyv,
        data: (0..64).map(|byte| (byte * seq) as u8).collect(),
    }
}

/// Ten frames, of which 4 and 5 are lost, in chunks of two; a step, a marker.
fn write(dir: &Path, recipients: &[Recipient], finish: bool) {
    let mut record = record();
    record.encrypted_to = recipients.iter().map(ToString::to_string).collect();
    record.save(dir).unwrap();
    let mut writer = SessionWriter::create(dir, STARTED, recipients).unwrap();
    let step = reader::StepMessage {
        t_s: 0.1,
        what: "begin".into(),
        step: 0,
        id: "anger-01".into(),
        kind: "question".into(),
        target: "anger".into(),
        stimulus: "questionnaire".into(),
    };
    writer.json(Topic::Stimulus, Timestamp::from_secs_f64(0.1), &step).unwrap();
    for seq in 0..10 {
        match seq {
            4 => writer
                .gap(&Gap { first_seq: 4, count: 2, at: frame(4).captured_at, reason: GapReason::Driver })
                .unwrap(),
            5 => {}
            _ => writer.frame(&frame(seq)).unwrap(),
        }
        if seq % 2 == 1 {
            writer.sync().unwrap();
        }
    }
    let marker = Marker { t_s: 0.2, name: "laughs".into(), origin: "key".into() };
    writer.json(Topic::Marker, Timestamp::from_secs_f64(0.2), &marker).unwrap();
    let end = reader::StepMessage { t_s: 0.25, what: "end".into(), ..step };
    writer.json(Topic::Stimulus, Timestamp::from_secs_f64(0.25), &end).unwrap();
    if finish {
        writer.finish().unwrap();
    } else {
        writer.abandon();
    }
}

/// Everything that a source gives, in order: sequence numbers, and lost frames as negative counts.
fn played(dir: &Path, identities: &Identities) -> Vec<i64> {
    let reader = SessionReader::open(dir, identities).unwrap();
    let mut source = reader.source(identities).unwrap();
    let mut got = Vec::new();
    let mut at = Frame::default();
    loop {
        match source.next(&mut at).unwrap() {
            Captured::Frame => {
                let expected = frame(at.seq);
                assert_eq!(
                    (&at.data, at.captured_at, at.format),
                    (&expected.data, expected.captured_at, expected.format)
                );
                got.push(at.seq as i64);
            }
            Captured::Gap(gap) => {
                assert_eq!((gap.first_seq, gap.reason), (4, GapReason::Driver));
                got.push(-(gap.count as i64));
            }
            Captured::Waiting => {}
            Captured::End => return got,
        }
    }
}

#[test]
fn a_session_comes_back_frame_by_frame_with_its_losses_steps_and_markers() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &[], true);
    let none = Identities::default();
    assert_eq!(played(dir.path(), &none), [0, 1, 2, 3, -2, 6, 7, 8, 9]);
    let reader = SessionReader::open(dir.path(), &none).unwrap();
    assert!(reader.warnings().is_empty(), "{:?}", reader.warnings());
    let step = &reader.steps()[0];
    assert_eq!((step.id.as_str(), step.start_s, step.end_s), ("anger-01", 0.1, Some(0.25)));
    assert_eq!(reader.markers()[0].name, "laughs");
    let found = check(dir.path(), &none, true).unwrap();
    assert!(found.is_whole && found.repaired.is_empty());
    assert_eq!((found.frames, found.gaps, found.frames_lost, found.frames_unexplained), (8, 1, 2, 0));
}

#[test]
fn other_programs_find_the_index() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &[], true);
    let bytes = fs::read(dir.path().join(files::MEDIA)).unwrap();
    let summary = mcap::Summary::read(&bytes).unwrap().unwrap();
    assert_eq!(summary.chunk_indexes.len(), 6);
    assert_eq!(mcap::MessageStream::new(&bytes).unwrap().count(), 12);
}

#[test]
fn a_key_opens_what_is_encrypted_and_nothing_else_does() {
    let dir = tempfile::tempdir().unwrap();
    let key = age::x25519::Identity::generate();
    write(dir.path(), &[Recipient::parse(&key.to_public().to_string()).unwrap()], true);
    let key_file = dir.path().join("key.txt");
    fs::write(
        &key_file,
        format!("# a key\n{}\n", age::secrecy::ExposeSecret::expose_secret(&key.to_string())),
    )
    .unwrap();
    let identities = Identities::load(&[key_file]).unwrap();
    assert_eq!(played(dir.path(), &identities).len(), 9);
    let error = SessionReader::open(dir.path(), &Identities::default()).err().unwrap().to_string();
    assert!(error.contains("session.mcap.age: it is encrypted; give the key with --identity"), "{error}");
    let other = dir.path().join("other.txt");
    let stranger = age::x25519::Identity::generate().to_string();
    fs::write(&other, age::secrecy::ExposeSecret::expose_secret(&stranger)).unwrap();
    let error =
        SessionReader::open(dir.path(), &Identities::load(&[other]).unwrap()).err().unwrap().to_string();
    assert!(error.contains("somebody else"), "{error}");
    // Broken off: read as far as it goes, and written anew by a repair.
    let media = dir.path().join(files::ENCRYPTED_MEDIA);
    let bytes = fs::read(&media).unwrap();
    fs::write(&media, &bytes[..bytes.len() - 900]).unwrap();
    let found = check(dir.path(), &identities, true);
    // Less than 64 KiB is one block of age: it is gone as a whole. What matters is that this is said, not a panic.
    assert!(found.is_err_and(|error| error.to_string().contains("session.mcap.age")));
}

#[test]
fn a_session_that_was_never_finished_is_read_and_repaired() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &[], false);
    let none = Identities::default();
    assert_eq!(played(dir.path(), &none), [0, 1, 2, 3, -2, 6, 7, 8, 9]);
    assert!(SessionReader::open(dir.path(), &none).unwrap().warnings()[0].contains("onset session check"));
    let found = check(dir.path(), &none, true).unwrap();
    assert!(!found.is_whole && !found.repaired.is_empty(), "{found:?}");
    assert_eq!((found.frames, found.torn_bytes), (8, 0));
    let again = check(dir.path(), &none, true).unwrap();
    assert!(again.is_whole && again.repaired.is_empty());
    let bytes = fs::read(dir.path().join(files::MEDIA)).unwrap();
    let summary = mcap::Summary::read(&bytes).unwrap().unwrap();
    assert_eq!(summary.stats.unwrap().message_count, 10);
    assert_eq!(
        summary.chunk_indexes.iter().filter(|chunk| !chunk.message_index_offsets.is_empty()).count(),
        5
    );
}

#[test]
fn other_files_are_no_sessions() {
    let dir = tempfile::tempdir().unwrap();
    let none = Identities::default();
    assert!(matches!(SessionReader::open(dir.path(), &none), Err(SessionError::NotASession { .. })));
    record().save(dir.path()).unwrap();
    assert!(matches!(SessionReader::open(dir.path(), &none), Err(SessionError::Io { .. })));
    for content in [&b""[..], b"hello world, hello"] {
        fs::write(dir.path().join(files::MEDIA), content).unwrap();
        assert!(matches!(SessionReader::open(dir.path(), &none), Err(SessionError::Media { .. })));
        assert!(matches!(check(dir.path(), &none, true), Err(SessionError::Media { .. })));
    }
    let newer =
        fs::read_to_string(dir.path().join(files::RECORD)).unwrap().replace("format = 1", "format = 9");
    let error = SessionRecord::parse(&newer).unwrap_err();
    assert!(error.contains("use a newer onset"), "{error}");
}

proptest! {
    /// Wherever a file breaks off, every message that is whole is read, and the repair keeps exactly these.
    #[test]
    fn a_cut_costs_no_whole_message(cut in 0.0..1.0f64) {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &[], true);
        let media = dir.path().join(files::MEDIA);
        let bytes = fs::read(&media).unwrap();
        let length = 8 + ((bytes.len() - 8) as f64 * cut) as usize;
        fs::write(&media, &bytes[..length]).unwrap();
        let none = Identities::default();
        let before = played(dir.path(), &none);
        let found = check(dir.path(), &none, true).unwrap();
        prop_assert_eq!(found.frames as usize, before.iter().filter(|seq| **seq >= 0).count());
        prop_assert_eq!(played(dir.path(), &none), before);
        prop_assert!(check(dir.path(), &none, false).unwrap().is_whole);
        let repaired = fs::read(&media).unwrap();
        let summary = mcap::Summary::read(&repaired).unwrap().unwrap();
        let messages = mcap::MessageStream::new(&repaired).unwrap().filter(Result::is_ok).count();
        prop_assert_eq!(summary.stats.unwrap().message_count as usize, messages);
    }

    #[test]
    fn damaged_files_are_read_without_panic(at in 0.0..1.0f64, byte: u8, tail in prop::collection::vec(any::<u8>(), 0..64)) {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &[], true);
        let media = dir.path().join(files::MEDIA);
        let mut bytes = fs::read(&media).unwrap();
        let place = (bytes.len() as f64 * at) as usize;
        bytes[place] = byte;
        bytes.truncate(bytes.len() - tail.len());
        bytes.extend(tail);
        fs::write(&media, bytes).unwrap();
        let none = Identities::default();
        if let Ok(reader) = SessionReader::open(dir.path(), &none) {
            let mut source = reader.source(&none).unwrap();
            let mut frame = Frame::default();
            while !matches!(source.next(&mut frame), Ok(Captured::End)) {}
        }
        let _ = check(dir.path(), &none, true);
    }
}
