//! What a session folder really holds, and the repair of a media file that a crash left without its end.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::media::{self, Identities, MediaFile, Opened, Recipient};
use super::reader::{StepMessage, seconds};
use super::scan::{self, ChunkPlace, Scan};
use super::topics::Topic;
use super::writer::GapMessage;
use super::{SessionError, SessionRecord, index};

/// What is in a session, found by reading all of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CheckReport {
    /// Name of the session.
    pub session: String,
    /// The file that was read.
    pub media: PathBuf,
    /// Its bytes.
    pub bytes: u64,
    /// It has its index and its end.
    pub is_whole: bool,
    /// Why not.
    pub why_not: String,
    /// `session.toml` says how the session ended; otherwise it was broken off.
    pub has_ended: bool,
    /// Time of the first and the last message, in seconds on the session's clock.
    pub first_s: Option<f64>,
    /// See `first_s`.
    pub last_s: Option<f64>,
    /// Frames in the file.
    pub frames: u64,
    /// Losses that the file tells of.
    pub gaps: u64,
    /// Frames in them.
    pub frames_lost: u64,
    /// Frames that are neither in the file nor in a gap. Must be 0.
    pub frames_unexplained: u64,
    /// Frames whose picture or place is damaged.
    pub frames_damaged: u64,
    /// Longest time between two frames, in seconds.
    pub longest_pause_s: f64,
    /// Observations.
    pub observations: u64,
    /// Messages about events.
    pub event_messages: u64,
    /// Steps that began.
    pub steps: u64,
    /// Markers.
    pub markers: u64,
    /// Blocks of sound.
    pub audio_blocks: u64,
    /// Chunks whose check sum is wrong.
    pub damaged_chunks: u64,
    /// Bytes at the end that are no whole record.
    pub torn_bytes: u64,
    /// What was repaired; empty where nothing was.
    pub repaired: String,
}

/// What is counted while the messages go by.
#[derive(Default)]
struct Tally {
    next_seq: Option<u32>,
    explained: u64,
    findings: CheckReport,
    last_frame_ns: Option<u64>,
}

impl Tally {
    fn message(&mut self, topic: Topic, header: &mcap::records::MessageHeader, body: &[u8]) {
        let found = &mut self.findings;
        match topic {
            Topic::Camera => {
                found.frames += 1;
                if super::cdr::image_from(body).is_none() {
                    found.frames_damaged += 1;
                }
                if let Some(last) = self.last_frame_ns {
                    let pause = header.log_time.saturating_sub(last) as f64 * 1e-9;
                    found.longest_pause_s = found.longest_pause_s.max(pause);
                }
                self.last_frame_ns = Some(header.log_time);
                let missing = u64::from(header.sequence.wrapping_sub(self.next_seq.unwrap_or(0)));
                found.frames_unexplained += missing.saturating_sub(self.explained);
                self.next_seq = Some(header.sequence.wrapping_add(1));
                self.explained = 0;
            }
            Topic::Gap => {
                if let Ok(gap) = serde_json::from_slice::<GapMessage>(body) {
                    found.gaps += 1;
                    found.frames_lost += gap.count;
                    self.explained += gap.count;
                }
            }
            Topic::Observation => found.observations += 1,
            Topic::Event => found.event_messages += 1,
            Topic::Stimulus => {
                let begins =
                    serde_json::from_slice::<StepMessage>(body).is_ok_and(|step| step.what == "begin");
                found.steps += u64::from(begins);
            }
            Topic::Marker => found.markers += 1,
            Topic::Audio => found.audio_blocks += 1,
            Topic::Preview => {}
        }
    }
}

/// Reads all of a session and says what is there. With `repair`, a file without its end gets one; nothing that is whole is touched.
///
/// A repaired file has every whole message: those of a chunk that broke off too. What is cut off (`torn_bytes`) is less than a message.
///
/// # Errors
/// [`SessionError`] where the folder is no session, the key is missing, or the disk refuses.
pub fn check(dir: &Path, identities: &Identities, repair: bool) -> Result<CheckReport, SessionError> {
    let record = SessionRecord::load(dir)?;
    let Opened { input, path, bytes, is_encrypted } = media::open(dir, identities)?;
    let mut tally = Tally::default();
    let scan = scan::scan(input, |topic, header, body| tally.message(topic, header, body))
        .map_err(|why| SessionError::Media { path: path.clone(), why })?;
    let mut found = tally.findings;
    let on_clock = |ns: Option<u64>| ns.map(|ns| seconds(ns, record.started_unix_ns));
    let torn_records = scan.torn.as_ref().map_or(0, |torn| scan::CHUNK_START + torn.records.len() as u64);
    found.session.clone_from(&record.id);
    found.bytes = bytes;
    found.is_whole = scan.is_whole;
    found.why_not.clone_from(&scan.why);
    found.has_ended = record.ended.is_some();
    (found.first_s, found.last_s) = (on_clock(scan.first_ns), on_clock(scan.last_ns));
    found.damaged_chunks = scan.damaged.len() as u64;
    found.torn_bytes = if scan.is_whole { 0 } else { scan.bytes - scan.whole_bytes - torn_records };
    if repair && !scan.is_whole {
        if is_encrypted {
            repair_encrypted(dir, &path, identities, &record, scan)?;
        } else {
            repair_plain(&path, scan).map_err(SessionError::io("repair", &path))?;
        }
        found.repaired = format!(
            "the index was written; {} bytes that are no whole message were cut off",
            found.torn_bytes
        );
        found.bytes = fs::metadata(&path).map_err(SessionError::io("read", &path))?.len();
    }
    found.media = path;
    Ok(found)
}

/// Gives a file that breaks off its end, in place: the last chunk's whole messages, then the index.
///
/// # Errors
/// The system's; a second try finds the file as it was, or whole up to the same message.
pub(super) fn repair_plain(path: &Path, scan: Scan) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    // First cut, which makes room on a full disk; then write.
    file.set_len(scan.whole_bytes)?;
    file.seek(SeekFrom::Start(scan.whole_bytes))?;
    file.write_all(&ending(scan))?;
    file.sync_all()
}

/// The bytes that follow `scan.whole_bytes`.
fn ending(mut scan: Scan) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(torn) = scan.torn.take() {
        bytes = index::chunk_record(&torn.records, torn.first_ns, torn.last_ns);
        scan.chunks.push(ChunkPlace {
            start: scan.whole_bytes,
            length: bytes.len() as u64,
            size: torn.records.len() as u64,
            first_ns: torn.first_ns,
            last_ns: torn.last_ns,
            ..ChunkPlace::default()
        });
    }
    let start = scan.whole_bytes + bytes.len() as u64;
    bytes.extend(index::tail(&scan, start));
    bytes
}

/// An encrypted file cannot be continued: it is written anew beside the old one and takes its place.
fn repair_encrypted(
    dir: &Path,
    path: &Path,
    identities: &Identities,
    record: &SessionRecord,
    scan: Scan,
) -> Result<(), SessionError> {
    let io = |error| SessionError::io("repair", path)(error);
    let recipients: Result<Vec<_>, _> =
        record.encrypted_to.iter().map(|text| Recipient::parse(text)).collect();
    let recipients = recipients.map_err(|why| SessionError::Locked { path: path.to_owned(), why })?;
    let part = path.with_extension("age.part");
    let file = File::create(&part).map_err(SessionError::io("create", &part))?;
    let mut out: MediaFile = media::encrypting(file, &recipients, &part)?;
    let whole: BufReader<_> = media::open(dir, identities)?.input;
    io::copy(&mut whole.take(scan.whole_bytes), &mut out).map_err(io)?;
    out.write_all(&ending(scan)).map_err(io)?;
    out.finish().and_then(|file| file.sync_all()).map_err(io)?;
    fs::rename(&part, path).map_err(io)
}

/// Gives a file that could not be finished its end. For the recorder, after a disk that was full.
pub(super) fn close_torn(path: &Path) -> io::Result<()> {
    let file: Box<dyn media::ReadSeek> = Box::new(File::open(path)?);
    let scan = scan::scan(BufReader::new(file), |_, _, _| {}).map_err(io::Error::other)?;
    if scan.is_whole {
        return Ok(());
    }
    repair_plain(path, scan)
}
