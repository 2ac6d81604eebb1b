//! Looks at every record of a media file, checks what it can, and remembers what an index needs.

use std::collections::BTreeMap;
use std::io::{self, BufReader, Read};

use mcap::records::{self, Record, op};

use super::media::ReadSeek;
use super::topics::Topic;
use super::walk::{CHUNK_HEAD, MAGIC, RECORD_HEAD, read_magic};

/// A chunk is half a second of frames; this is far above.
const MAX_BODY: u64 = 1 << 31;
/// Bytes before a chunk's records, where it is not compressed: head of the record, then times, size, CRC, compression, size.
pub(super) const CHUNK_START: u64 = RECORD_HEAD + CHUNK_HEAD;

/// A whole chunk, as the index lists it.
#[derive(Clone, Debug, Default)]
pub(super) struct ChunkPlace {
    pub(super) start: u64,
    pub(super) length: u64,
    pub(super) size: u64,
    pub(super) first_ns: u64,
    pub(super) last_ns: u64,
    /// Where the index of each channel's messages lies.
    pub(super) indexes: BTreeMap<u16, u64>,
    pub(super) indexes_length: u64,
}

/// A chunk that breaks off.
#[derive(Clone, Debug)]
pub(super) struct TornChunk {
    /// Its records up to the last whole one.
    pub(super) records: Vec<u8>,
    pub(super) first_ns: u64,
    pub(super) last_ns: u64,
}

/// What is in a media file.
#[derive(Clone, Debug, Default)]
pub(super) struct Scan {
    /// The file has its index and its end.
    pub(super) is_whole: bool,
    /// Bytes up to which everything is whole (the index not counted).
    pub(super) whole_bytes: u64,
    /// Bytes of content in all.
    pub(super) bytes: u64,
    /// Why it breaks off.
    pub(super) why: String,
    /// Schemas and channels as they stand in the file, record heads included.
    pub(super) schemas: Vec<Vec<u8>>,
    pub(super) channels: Vec<Vec<u8>>,
    pub(super) topics: BTreeMap<u16, String>,
    pub(super) chunks: Vec<ChunkPlace>,
    pub(super) torn: Option<TornChunk>,
    /// Messages of each channel.
    pub(super) counts: BTreeMap<u16, u64>,
    pub(super) first_ns: Option<u64>,
    pub(super) last_ns: Option<u64>,
    /// Chunks whose check sum is wrong, by their first byte.
    pub(super) damaged: Vec<u64>,
}

/// Reads a media file from its start to where it ends or breaks off. `take` is given each message's topic, time and bytes.
///
/// # Errors
/// What makes it no MCAP file at all.
pub(super) fn scan(
    input: BufReader<Box<dyn ReadSeek>>,
    mut take: impl FnMut(Topic, &records::MessageHeader, &[u8]),
) -> Result<Scan, String> {
    let mut scanner = Scanner { input, at: 0, scan: Scan::default(), body: Vec::new() };
    read_magic(&mut scanner.input)?;
    scanner.at = 8;
    scanner.scan.whole_bytes = 8;
    if let Err(error) = scanner.run(&mut take) {
        scanner.scan.why = match error.kind() {
            io::ErrorKind::UnexpectedEof => "it breaks off in the middle of a record".to_owned(),
            _ => error.to_string(),
        };
    }
    scanner.scan.bytes = scanner.at;
    Ok(scanner.scan)
}

struct Scanner {
    input: BufReader<Box<dyn ReadSeek>>,
    at: u64,
    scan: Scan,
    body: Vec<u8>,
}

impl Scanner {
    fn run(&mut self, take: &mut impl FnMut(Topic, &records::MessageHeader, &[u8])) -> io::Result<()> {
        loop {
            let start = self.at;
            let mut head = [0; 9];
            self.read(&mut head)?;
            let length = u64::from_le_bytes(head[1..].try_into().unwrap_or_default());
            if length > MAX_BODY || head[0] == 0 {
                return Err(io::Error::other("it ends in bytes that are no record"));
            }
            self.body.clear();
            let got = self.input.by_ref().take(length).read_to_end(&mut self.body);
            self.at += self.body.len() as u64;
            if (self.body.len() as u64) < length {
                if head[0] == op::CHUNK {
                    self.torn_chunk(take);
                }
                got?;
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            got?;
            match head[0] {
                op::DATA_END => return self.end(),
                op::CHUNK => self.chunk(start, take),
                op::MESSAGE_INDEX => self.message_index(start),
                op::SCHEMA | op::CHANNEL => {
                    let body = std::mem::take(&mut self.body);
                    self.definition(head[0], &body);
                    self.body = body;
                }
                _ => {}
            }
            self.scan.whole_bytes = self.at;
        }
    }

    fn read(&mut self, into: &mut [u8]) -> io::Result<()> {
        self.input.read_exact(into)?;
        self.at += into.len() as u64;
        Ok(())
    }

    /// Behind the data: the index, and the magic at the very end.
    fn end(&mut self) -> io::Result<()> {
        let mut rest = Vec::new();
        let read = self.input.by_ref().take(MAX_BODY).read_to_end(&mut rest);
        self.at += rest.len() as u64;
        read?;
        if !rest.ends_with(&MAGIC) {
            return Err(io::Error::other("its index breaks off"));
        }
        self.scan.is_whole = true;
        Ok(())
    }

    fn chunk(&mut self, start: u64, take: &mut impl FnMut(Topic, &records::MessageHeader, &[u8])) {
        let body = std::mem::take(&mut self.body);
        if let Ok(Record::Chunk { header, data }) = mcap::parse_record(op::CHUNK, &body)
            && header.compression.is_empty()
        {
            if header.uncompressed_crc != 0 && crc32fast::hash(&data) != header.uncompressed_crc {
                self.scan.damaged.push(start);
            }
            self.records(&data, take);
            self.scan.chunks.push(ChunkPlace {
                start,
                length: 9 + body.len() as u64,
                size: header.uncompressed_size,
                first_ns: header.message_start_time,
                last_ns: header.message_end_time,
                ..ChunkPlace::default()
            });
        } else {
            self.scan.damaged.push(start);
        }
        self.body = body;
    }

    /// What is whole in a chunk that breaks off.
    fn torn_chunk(&mut self, take: &mut impl FnMut(Topic, &records::MessageHeader, &[u8])) {
        let body = std::mem::take(&mut self.body);
        if let Some(data) = body.get(CHUNK_HEAD as usize..)
            && body[28..32] == [0; 4]
        {
            let before = (self.scan.first_ns, self.scan.last_ns);
            (self.scan.first_ns, self.scan.last_ns) = (None, None);
            let whole = self.records(data, take);
            let (first, last) = (self.scan.first_ns, self.scan.last_ns);
            if let (Some(first_ns), Some(last_ns)) = (first, last) {
                let records = data.get(..whole).unwrap_or_default().to_vec();
                self.scan.torn = Some(TornChunk { records, first_ns, last_ns });
            }
            self.scan.first_ns = before.0.or(first);
            self.scan.last_ns = before.1.max(last);
        }
        self.body = body;
    }

    /// Goes through the records of a chunk; gives the bytes up to the last whole one.
    fn records(
        &mut self,
        data: &[u8],
        take: &mut impl FnMut(Topic, &records::MessageHeader, &[u8]),
    ) -> usize {
        let mut at = 0;
        while let Some(head) = data.get(at..at + 9) {
            let length = u64::from_le_bytes(head[1..].try_into().unwrap_or_default());
            let start = at + 9;
            let end = usize::try_from(length).ok().and_then(|length| start.checked_add(length));
            let Some(body) = end.and_then(|end| data.get(start..end)) else { break };
            match head[0] {
                op::MESSAGE => {
                    if let Ok(Record::Message { header, data }) = mcap::parse_record(op::MESSAGE, body) {
                        *self.scan.counts.entry(header.channel_id).or_default() += 1;
                        self.scan.first_ns = Some(
                            self.scan.first_ns.map_or(header.log_time, |first| first.min(header.log_time)),
                        );
                        self.scan.last_ns = self.scan.last_ns.max(Some(header.log_time));
                        if let Some(topic) =
                            self.scan.topics.get(&header.channel_id).and_then(|name| Topic::named(name))
                        {
                            take(topic, &header, &data);
                        }
                    }
                }
                op::SCHEMA | op::CHANNEL => self.definition(head[0], body),
                _ => {}
            }
            at = start + body.len();
        }
        at
    }

    fn definition(&mut self, code: u8, body: &[u8]) {
        let mut whole = vec![code];
        whole.extend((body.len() as u64).to_le_bytes());
        whole.extend(body);
        let list = if code == op::SCHEMA { &mut self.scan.schemas } else { &mut self.scan.channels };
        if !list.contains(&whole) {
            list.push(whole);
        }
        if let Ok(Record::Channel(channel)) = mcap::parse_record(code, body) {
            self.scan.topics.insert(channel.id, channel.topic);
        }
    }

    fn message_index(&mut self, start: u64) {
        let (Ok(Record::MessageIndex(index)), Some(chunk)) =
            (mcap::parse_record(op::MESSAGE_INDEX, &self.body), self.scan.chunks.last_mut())
        else {
            return;
        };
        chunk.indexes.insert(index.channel_id, start);
        chunk.indexes_length += 9 + self.body.len() as u64;
    }
}
