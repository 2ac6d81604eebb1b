//! The end of an MCAP file, written by hand: data end, summary, footer. For files that a crash left without one.
//!
//! Layout of the records: MCAP specification, version 0 (mcap.dev/spec), sections "Data End" to "Footer".

use mcap::records::op;

use super::scan::{ChunkPlace, Scan};
use super::walk::MAGIC;

/// Collects records.
#[derive(Default)]
struct Out(Vec<u8>);

impl Out {
    /// A record whose body `write` makes.
    fn record(&mut self, code: u8, write: impl FnOnce(&mut Body)) {
        let mut body = Body(Vec::new());
        write(&mut body);
        self.0.push(code);
        self.0.extend((body.0.len() as u64).to_le_bytes());
        self.0.extend(body.0);
    }
}

/// The bytes of one record.
struct Body(Vec<u8>);

impl Body {
    fn u16(&mut self, value: u16) {
        self.0.extend(value.to_le_bytes());
    }

    fn u32(&mut self, value: u32) {
        self.0.extend(value.to_le_bytes());
    }

    fn u64(&mut self, value: u64) {
        self.0.extend(value.to_le_bytes());
    }

    /// A map from channel to number: its length in bytes, then the pairs.
    fn map<'a>(&mut self, pairs: impl ExactSizeIterator<Item = (&'a u16, &'a u64)>) {
        self.u32(pairs.len() as u32 * 10);
        for (key, value) in pairs {
            self.u16(*key);
            self.u64(*value);
        }
    }
}

/// A chunk record with records of one that broke off: whole again, with its check sum.
pub(super) fn chunk_record(records: &[u8], first_ns: u64, last_ns: u64) -> Vec<u8> {
    let mut out = Out::default();
    out.record(op::CHUNK, |body| {
        body.u64(first_ns);
        body.u64(last_ns);
        body.u64(records.len() as u64);
        body.u32(crc32fast::hash(records));
        body.u32(0);
        body.u64(records.len() as u64);
        body.0.extend(records);
    });
    out.0
}

/// Everything from the data's end to the file's end. `start`: where it will begin in the file.
pub(super) fn tail(scan: &Scan, start: u64) -> Vec<u8> {
    let mut out = Out::default();
    out.record(op::DATA_END, |body| body.u32(0));
    let summary_start = start + out.0.len() as u64;
    let mut groups = Vec::new();
    let mut group = |code: u8, from: u64, to: u64| {
        if to > from {
            groups.push((code, from, to - from));
        }
    };
    let at = |out: &Out| start + out.0.len() as u64;

    scan.schemas.iter().for_each(|schema| out.0.extend(schema));
    group(op::SCHEMA, summary_start, at(&out));
    let from = at(&out);
    scan.channels.iter().for_each(|channel| out.0.extend(channel));
    group(op::CHANNEL, from, at(&out));
    let from = at(&out);
    out.record(op::STATISTICS, |body| {
        body.u64(scan.counts.values().sum());
        body.u16(scan.schemas.len() as u16);
        body.u32(scan.channels.len() as u32);
        body.u32(0);
        body.u32(0);
        body.u32(scan.chunks.len() as u32);
        body.u64(scan.first_ns.unwrap_or_default());
        body.u64(scan.last_ns.unwrap_or_default());
        body.map(scan.counts.iter());
    });
    group(op::STATISTICS, from, at(&out));
    let from = at(&out);
    for chunk in &scan.chunks {
        chunk_index(&mut out, chunk);
    }
    group(op::CHUNK_INDEX, from, at(&out));
    let offsets = at(&out);
    for (code, from, length) in &groups {
        out.record(op::SUMMARY_OFFSET, |body| {
            body.0.push(*code);
            body.u64(*from);
            body.u64(*length);
        });
    }
    out.record(op::FOOTER, |body| {
        body.u64(summary_start);
        body.u64(offsets);
        // Not computed: the specification allows 0.
        body.u32(0);
    });
    out.0.extend(MAGIC);
    out.0
}

fn chunk_index(out: &mut Out, chunk: &ChunkPlace) {
    out.record(op::CHUNK_INDEX, |body| {
        body.u64(chunk.first_ns);
        body.u64(chunk.last_ns);
        body.u64(chunk.start);
        body.u64(chunk.length);
        body.map(chunk.indexes.iter());
        body.u64(chunk.indexes_length);
        body.u32(0);
        body.u64(chunk.size);
        body.u64(chunk.size);
    });
}
