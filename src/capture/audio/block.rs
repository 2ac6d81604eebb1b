//! Blocks of sound, and what is missing between them.

use crate::types::Timestamp;

/// How samples are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleKind {
    /// 16 bits, signed.
    I16,
    /// 32-bit floating point, `[-1, 1]`.
    F32,
}

impl SampleKind {
    /// The name used in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::I16 => "pcm-s16",
            Self::F32 => "pcm-f32",
        }
    }
}

/// What the samples of a source are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AudioFormat {
    /// Frames a second (one frame: a sample of each channel).
    pub rate_hz: u32,
    /// Channels, interleaved.
    pub channels: u16,
    /// How samples are stored.
    pub samples: SampleKind,
}

impl AudioFormat {
    /// How long so many frames last.
    pub fn seconds(&self, frames: u64) -> f64 {
        frames as f64 / f64::from(self.rate_hz.max(1))
    }
}

/// Interleaved samples.
#[derive(Clone, Debug, PartialEq)]
pub enum Samples {
    /// 16 bits, signed.
    I16(Vec<i16>),
    /// 32-bit floating point.
    F32(Vec<f32>),
}

impl Default for Samples {
    fn default() -> Self {
        Self::I16(Vec::new())
    }
}

impl Samples {
    /// Empty, with room.
    pub(super) fn with_capacity(kind: SampleKind, samples: usize) -> Self {
        match kind {
            SampleKind::I16 => Self::I16(Vec::with_capacity(samples)),
            SampleKind::F32 => Self::F32(Vec::with_capacity(samples)),
        }
    }

    /// How they are stored.
    pub fn kind(&self) -> SampleKind {
        match self {
            Self::I16(_) => SampleKind::I16,
            Self::F32(_) => SampleKind::F32,
        }
    }

    /// Number of samples, of all channels together.
    pub fn len(&self) -> usize {
        match self {
            Self::I16(samples) => samples.len(),
            Self::F32(samples) => samples.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn capacity(&self) -> usize {
        match self {
            Self::I16(samples) => samples.capacity(),
            Self::F32(samples) => samples.capacity(),
        }
    }

    pub(super) fn clear(&mut self) {
        match self {
            Self::I16(samples) => samples.clear(),
            Self::F32(samples) => samples.clear(),
        }
    }

    /// Appends them to `bytes`, little endian, as files have them.
    pub fn append_le_bytes(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::I16(samples) => bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes())),
            Self::F32(samples) => bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes())),
        }
    }
}

/// Some hundredths of a second of sound.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AudioBlock {
    /// When its first frame was captured.
    pub captured_at: Timestamp,
    /// Number of its first frame, from 0; lost frames are counted.
    pub first_frame: u64,
    /// The samples.
    pub samples: Samples,
}

/// Why sound is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AudioGapReason {
    /// The reader was too slow, and no block was free. The number of frames is exact.
    Overrun,
    /// The device or its driver lost them. Their number is reckoned from the time that is missing.
    Device,
}

impl AudioGapReason {
    /// The name used in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Overrun => "overrun",
            Self::Device => "device",
        }
    }
}

/// Sound that is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AudioGap {
    /// When its first frame would have been captured.
    pub start: Timestamp,
    /// Number of its first frame.
    pub first_frame: u64,
    /// Frames that are missing.
    pub frames: u64,
    /// Why.
    pub reason: AudioGapReason,
}

/// What [`super::BlockReader::poll`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Polled {
    /// The block was filled.
    Block,
    /// Sound is missing here.
    Gap(AudioGap),
    /// Nothing yet.
    Nothing,
    /// Nothing any more.
    Ended,
}
