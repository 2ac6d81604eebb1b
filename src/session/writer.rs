//! Writes the streams of one session into `session.mcap`. Synchronous: the thread around it is in `recorder.rs`.
//!
//! Messages are collected in chunks, each written whole by [`SessionWriter::sync`] and pushed to the disk: a crash
//! costs what came since. Chunks are not compressed: frames are already, each by itself.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use mcap::records::MessageHeader;
use mcap::write::NoSeek;
use mcap::{McapError, WriteOptions, Writer};
use serde::Serialize;

use super::codec::Encoder;
use super::media::{MediaFile, Recipient};
use super::preview::Preview;
use super::topics::{Form, Topic};
use super::{SessionError, cdr};
use crate::types::{Frame, Gap, PixelFormat, Timestamp};

/// What the camera's own JPEG is called in the stream.
pub(super) const JPEG: &str = "jpeg";
/// What our lossless codec is called in the stream.
pub(super) const LOSSLESS: &str = "onset-med-zstd";

/// A session's media file that is being written.
pub struct SessionWriter {
    mcap: Writer<NoSeek<MediaFile>>,
    handle: File,
    path: PathBuf,
    is_encrypted: bool,
    channels: [u16; Topic::ALL.len()],
    sequences: [u32; Topic::ALL.len()],
    started_unix_ns: u64,
    encoder: Encoder,
    preview: Preview,
    message: Vec<u8>,
    waiting: u64,
    written: u64,
}

impl SessionWriter {
    /// Creates the file in a folder that is there.
    ///
    /// * `started_unix_ns`: wall-clock time of second 0, in nanoseconds since 1970.
    /// * `recipients`: whom it is encrypted to; empty: it is not.
    ///
    /// # Errors
    /// [`SessionError`], naming the file.
    pub fn create(dir: &Path, started_unix_ns: u64, recipients: &[Recipient]) -> Result<Self, SessionError> {
        let (media, handle, path) = MediaFile::create(dir, recipients)?;
        let failed = |error: McapError| media_error(&path, error);
        let options = WriteOptions::new()
            .profile("onset")
            .library(concat!("onset ", env!("CARGO_PKG_VERSION")))
            .chunk_size(None)
            .disable_seeking(true)
            .calculate_data_section_crc(false);
        let mut mcap = Writer::with_options(NoSeek::new(media), options).map_err(failed)?;
        let mut channels = [0; Topic::ALL.len()];
        for (topic, id) in Topic::ALL.into_iter().zip(&mut channels) {
            let (schema, message) = match topic.form() {
                Form::Json => ("jsonschema", "json"),
                Form::Cdr => ("ros2msg", "cdr"),
            };
            let schema =
                mcap.add_schema(topic.schema_name(), schema, topic.schema().as_bytes()).map_err(failed)?;
            *id = mcap.add_channel(schema, topic.name(), message, &Default::default()).map_err(failed)?;
        }
        let encoder = Encoder::new()
            .map_err(|error| SessionError::Media { path: path.clone(), why: error.to_string() })?;
        Ok(Self {
            mcap,
            handle,
            is_encrypted: !recipients.is_empty(),
            path,
            channels,
            sequences: [0; Topic::ALL.len()],
            started_unix_ns,
            encoder,
            preview: Preview::default(),
            message: Vec::new(),
            waiting: 0,
            written: 0,
        })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file's own handle: it reaches the bytes even where the folder is gone.
    pub(super) fn handle(&self) -> &File {
        &self.handle
    }

    /// The content is encrypted: only whole files can be read back.
    pub(super) fn is_encrypted(&self) -> bool {
        self.is_encrypted
    }

    /// Bytes of messages so far, those included that wait for [`SessionWriter::sync`].
    pub fn bytes(&self) -> u64 {
        self.written + self.waiting
    }

    /// Bytes of messages that wait.
    pub fn waiting_bytes(&self) -> u64 {
        self.waiting
    }

    /// A frame: JPEG as it came, everything else compressed without loss.
    ///
    /// # Errors
    /// [`SessionError::Media`] for a frame that is not whole.
    pub fn frame(&mut self, frame: &Frame) -> Result<(), SessionError> {
        let unix_ns = self.unix_ns(frame.captured_at);
        let mut message = std::mem::take(&mut self.message);
        message.clear();
        let encoded = if frame.format == PixelFormat::Mjpeg {
            cdr::image_into(&mut message, unix_ns, JPEG, |out| {
                out.extend_from_slice(&frame.data);
                Ok(())
            })
        } else {
            cdr::image_into(&mut message, unix_ns, LOSSLESS, |out| self.encoder.append(frame, out))
        };
        self.message = message;
        encoded.map_err(|error| SessionError::Media {
            path: self.path.clone(),
            why: format!("frame {} cannot be stored: {error}", frame.seq),
        })?;
        self.sequences[Topic::Camera as usize] = frame.seq as u32;
        self.write(Topic::Camera, unix_ns, self.unix_ns(frame.arrived_at))
    }

    /// A small picture of a frame, for viewers that cannot show our codec.
    ///
    /// # Errors
    /// [`SessionError`], naming the file, or the frame that cannot be decoded.
    pub fn preview(&mut self, frame: &Frame) -> Result<(), SessionError> {
        let unix_ns = self.unix_ns(frame.captured_at);
        self.message.clear();
        let preview = &mut self.preview;
        let made = cdr::image_into(&mut self.message, unix_ns, JPEG, |out| preview.append(frame, out));
        made.map_err(|why| SessionError::Media {
            path: self.path.clone(),
            why: format!("frame {} has no preview: {why}", frame.seq),
        })?;
        self.write(Topic::Preview, unix_ns, unix_ns)
    }

    /// Frames that were lost.
    ///
    /// # Errors
    /// [`SessionError`], naming the file.
    pub fn gap(&mut self, gap: &Gap) -> Result<(), SessionError> {
        self.json(Topic::Gap, gap.at, &GapMessage::from(gap))
    }

    /// A message of one of the JSON topics.
    ///
    /// # Errors
    /// [`SessionError`], naming the file.
    pub fn json(&mut self, topic: Topic, at: Timestamp, value: &impl Serialize) -> Result<(), SessionError> {
        self.message.clear();
        serde_json::to_writer(&mut self.message, value).map_err(|error| SessionError::Media {
            path: self.path.clone(),
            why: format!("a message of {} cannot be stored: {error}", topic.name()),
        })?;
        let unix_ns = self.unix_ns(at);
        self.write(topic, unix_ns, unix_ns)
    }

    /// A block of sound, interleaved; `format` is `pcm-s16` or `pcm-f32`, little endian.
    ///
    /// # Errors
    /// [`SessionError`], naming the file.
    pub fn audio(
        &mut self,
        at: Timestamp,
        format: &str,
        rate_hz: u32,
        channels: u32,
        samples: &[u8],
    ) -> Result<(), SessionError> {
        let unix_ns = self.unix_ns(at);
        self.message.clear();
        cdr::audio_into(&mut self.message, unix_ns, format, rate_hz, channels, samples);
        self.write(Topic::Audio, unix_ns, unix_ns)
    }

    fn write(&mut self, topic: Topic, log_time: u64, publish_time: u64) -> Result<(), SessionError> {
        let index = topic as usize;
        let header = MessageHeader {
            channel_id: self.channels[index],
            sequence: self.sequences[index],
            log_time,
            publish_time,
        };
        self.sequences[index] = self.sequences[index].wrapping_add(1);
        self.waiting += self.message.len() as u64;
        self.mcap
            .write_to_known_channel(&header, &self.message)
            .map_err(|error| media_error(&self.path, error))
    }

    /// Writes what waits as one chunk and pushes it to the disk. Blocks until it is there.
    ///
    /// # Errors
    /// [`SessionError`], naming the file; the file then ends within this chunk (see [`super::check`]).
    pub fn sync(&mut self) -> Result<(), SessionError> {
        if self.waiting == 0 {
            return Ok(());
        }
        self.mcap.flush().map_err(|error| media_error(&self.path, error))?;
        self.written += self.waiting;
        self.waiting = 0;
        self.handle.sync_data().map_err(SessionError::io("write", &self.path))
    }

    /// Writes what waits, and the index.
    ///
    /// # Errors
    /// [`SessionError`], naming the file.
    pub fn finish(mut self) -> Result<u64, SessionError> {
        self.mcap.finish().map_err(|error| media_error(&self.path, error))?;
        let io = |error| SessionError::io("write", &self.path)(error);
        let mut file = self.mcap.into_inner().into_inner().finish().map_err(io)?;
        file.flush().and_then(|()| file.sync_all()).map_err(io)?;
        Ok(file.metadata().map_err(io)?.len())
    }

    /// Ends without writing anything more: after an error, when another takes care of the file.
    pub(super) fn abandon(self) {
        drop(self.mcap.into_inner());
    }

    /// Nanoseconds since 1970 of a session time; what would lie before 1970 is 0.
    fn unix_ns(&self, at: Timestamp) -> u64 {
        self.started_unix_ns.saturating_add_signed(at.as_nanos())
    }
}

/// What `/gap` holds.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
pub(super) struct GapMessage {
    /// Seconds on the session's clock.
    pub(super) t_s: f64,
    pub(super) first_frame: u64,
    pub(super) count: u64,
    pub(super) reason: String,
}

impl From<&Gap> for GapMessage {
    fn from(gap: &Gap) -> Self {
        Self {
            t_s: gap.at.as_secs_f64(),
            first_frame: gap.first_seq,
            count: gap.count,
            reason: gap.reason.name().to_owned(),
        }
    }
}

fn media_error(path: &Path, error: McapError) -> SessionError {
    match error {
        McapError::Io(error) => SessionError::io("write", path)(error),
        other => SessionError::Media { path: path.to_owned(), why: other.to_string() },
    }
}
