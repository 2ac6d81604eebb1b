//! Walks through a media file message by message, forwards only, skipping what nobody wants; stops where a torn file ends.

use std::io::{self, BufReader, Read};

use super::media::{Opened, ReadSeek};
use super::topics::Topic;

/// Begins and ends every MCAP file.
pub(super) const MAGIC: [u8; 8] = *b"\x89MCAP0\r\n";
/// Opcode and length.
pub(super) const RECORD_HEAD: u64 = 9;
/// Channel, sequence, log time, publish time.
const MESSAGE_HEAD: u64 = 22;
/// Times, size, CRC, an empty compression's length, and the size again.
pub(super) const CHUNK_HEAD: u64 = 8 + 8 + 8 + 4 + 4 + 8;
/// Longer messages than this are none of ours: a 16,384 x 16,384 frame of RGB has fewer bytes.
const MAX_MESSAGE: u64 = 1 << 30;
/// Other records are small.
const MAX_RECORD: u64 = 1 << 24;

/// Reads what every MCAP file begins with.
///
/// # Errors
/// Where it is no MCAP file at all.
pub(super) fn read_magic(input: &mut impl Read) -> Result<(), String> {
    let mut magic = [0; MAGIC.len()];
    input.read_exact(&mut magic).map_err(|_| "it is empty, or too short to be an MCAP file".to_owned())?;
    if magic != MAGIC {
        return Err("it is no MCAP file; was something else copied over it?".to_owned());
    }
    Ok(())
}

/// Where each message comes from; its bytes are in the walker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) topic: Topic,
    pub(super) sequence: u32,
    /// Nanoseconds since 1970.
    pub(super) log_ns: u64,
}

/// How a file ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With its index.
    Whole,
    /// It breaks off; why, in words.
    Torn(String),
}

/// A walk through a media file.
pub(super) struct Walker {
    input: BufReader<Box<dyn ReadSeek>>,
    /// Bytes of content at most.
    limit: u64,
    at: u64,
    channels: Vec<Option<Topic>>,
    body: Vec<u8>,
    end: Option<End>,
}

/// Why a walk stops.
enum Stop {
    Whole,
    Torn(String),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Torn(match error.kind() {
            io::ErrorKind::UnexpectedEof => "it breaks off in the middle of a record".to_owned(),
            _ => error.to_string(),
        })
    }
}

impl Walker {
    /// Begins at the start.
    ///
    /// # Errors
    /// Where it is no MCAP file at all.
    pub(super) fn new(opened: Opened) -> Result<Self, String> {
        let Opened { mut input, bytes, .. } = opened;
        read_magic(&mut input)?;
        Ok(Self { input, limit: bytes, at: 8, channels: Vec::new(), body: Vec::new(), end: None })
    }

    /// How the file ended, once [`Walker::next`] has given `None`.
    pub(super) fn end(&self) -> Option<&End> {
        self.end.as_ref()
    }

    /// The next message of a topic that is wanted, with its bytes; `None` at the end.
    pub(super) fn next(&mut self, wants: impl Fn(Topic) -> bool) -> Option<(Head, &[u8])> {
        if self.end.is_some() {
            return None;
        }
        match self.seek_message(wants) {
            Ok(head) => Some((head, &self.body)),
            Err(stop) => {
                self.end = Some(match stop {
                    Stop::Whole => End::Whole,
                    Stop::Torn(why) => End::Torn(why),
                });
                None
            }
        }
    }

    fn seek_message(&mut self, wants: impl Fn(Topic) -> bool) -> Result<Head, Stop> {
        use mcap::records::op;
        loop {
            let mut head = [0; RECORD_HEAD as usize];
            self.read(&mut head)?;
            let [code, length @ ..] = head;
            let length = u64::from_le_bytes(length);
            match code {
                op::MESSAGE => {
                    let found = self.message(length, &wants)?;
                    if let Some(head) = found {
                        return Ok(head);
                    }
                }
                // What is in it follows as records of their own.
                op::CHUNK => self.enter_chunk(length)?,
                op::CHANNEL => self.channel(length)?,
                op::DATA_END => return Err(Stop::Whole),
                0 => return Err(Stop::Torn("it ends in zeros, as after a power cut".to_owned())),
                _ => self.skip(length)?,
            }
        }
    }

    fn message(&mut self, length: u64, wants: impl Fn(Topic) -> bool) -> Result<Option<Head>, Stop> {
        let content = length.checked_sub(MESSAGE_HEAD).filter(|content| *content <= MAX_MESSAGE);
        let content = content
            .ok_or_else(|| Stop::Torn(format!("a message at byte {} has an impossible length", self.at)))?;
        let mut head = [0; MESSAGE_HEAD as usize];
        self.read(&mut head)?;
        let channel = u16::from_le_bytes([head[0], head[1]]);
        let topic = self.channels.get(usize::from(channel)).copied().flatten();
        let Some(topic) = topic.filter(|topic| wants(*topic)) else {
            self.skip(content)?;
            return Ok(None);
        };
        self.fill_body(content)?;
        let number = |at: usize| {
            u64::from_le_bytes(
                head.get(at..at + 8).and_then(|eight| eight.try_into().ok()).unwrap_or_default(),
            )
        };
        let sequence = u32::from_le_bytes([head[2], head[3], head[4], head[5]]);
        Ok(Some(Head { topic, sequence, log_ns: number(6) }))
    }

    fn enter_chunk(&mut self, length: u64) -> Result<(), Stop> {
        let mut head = [0; CHUNK_HEAD as usize];
        if length < CHUNK_HEAD {
            return Err(Stop::Torn(format!("a chunk at byte {} is too short", self.at)));
        }
        self.read(&mut head)?;
        if head[28..32] != [0; 4] {
            return Err(Stop::Torn(
                "it was compressed by another program; undo that first (`mcap decompress`)".to_owned(),
            ));
        }
        Ok(())
    }

    fn channel(&mut self, length: u64) -> Result<(), Stop> {
        self.check_small(length)?;
        self.fill_body(length)?;
        let mcap::records::Record::Channel(channel) =
            mcap::parse_record(mcap::records::op::CHANNEL, &self.body)
                .map_err(|error| Stop::Torn(error.to_string()))?
        else {
            return Ok(());
        };
        let index = usize::from(channel.id);
        if self.channels.len() <= index {
            self.channels.resize(index + 1, None);
        }
        self.channels[index] = Topic::named(&channel.topic);
        Ok(())
    }

    fn check_small(&self, length: u64) -> Result<(), Stop> {
        if length > MAX_RECORD {
            return Err(Stop::Torn(format!("a record at byte {} has an impossible length", self.at)));
        }
        Ok(())
    }

    fn read(&mut self, into: &mut [u8]) -> Result<(), Stop> {
        self.input.read_exact(into)?;
        self.at += into.len() as u64;
        Ok(())
    }

    fn fill_body(&mut self, length: u64) -> Result<(), Stop> {
        self.check_room(length)?;
        self.body.clear();
        let read = self.input.by_ref().take(length).read_to_end(&mut self.body)? as u64;
        if read < length {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        self.at += length;
        Ok(())
    }

    /// A skip beyond the end would succeed, so the file's size is asked.
    fn check_room(&self, length: u64) -> Result<(), Stop> {
        match self.at.checked_add(length) {
            Some(end) if end <= self.limit => Ok(()),
            _ => Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
        }
    }

    fn skip(&mut self, length: u64) -> Result<(), Stop> {
        self.check_room(length)?;
        let step =
            i64::try_from(length).map_err(|_| Stop::Torn("a record has an impossible length".to_owned()))?;
        self.input.seek_relative(step)?;
        self.at += length;
        Ok(())
    }
}
