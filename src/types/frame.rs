//! A camera or file frame as it was captured, and the record of one that was lost.

use super::Timestamp;

/// How the bytes of a [`Frame`] are laid out. Rows are tightly packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PixelFormat {
    /// One luma byte a pixel, full range.
    #[default]
    Gray8,
    /// Three bytes a pixel: red, green, blue, full range.
    Rgb8,
    /// Packed 4:2:2: Y0 U Y1 V, two bytes a pixel; limited-range BT.601 as UVC cameras send it.
    Yuyv,
    /// A Y plane, then interleaved U and V at half size; limited-range BT.601.
    Nv12,
    /// One baseline JPEG picture a frame.
    Mjpeg,
}

impl PixelFormat {
    /// The name that `--pixel-format` has for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gray8 => "gray",
            Self::Rgb8 => "rgb",
            Self::Yuyv => "yuyv",
            Self::Nv12 => "nv12",
            Self::Mjpeg => "mjpeg",
        }
    }
}

/// Where `captured_at` comes from: the guarantee that each source gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TimestampSource {
    /// The driver stamped the frame as the sensor delivered it.
    Driver,
    /// Stamped by us as the frame arrived: late by transfer and scheduling.
    #[default]
    Arrival,
    /// The presentation time stored in the file, or in the timestamps file beside the images.
    Media,
    /// Counted from a frame rate that the user gave, or that the synthetic source was made with.
    Nominal,
}

impl TimestampSource {
    /// The name written to `summary.json`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Driver => "driver",
            Self::Arrival => "arrival",
            Self::Media => "media",
            Self::Nominal => "nominal",
        }
    }
}

/// One captured picture. The buffer belongs to the caller and is reused from frame to frame.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// Position in the source, from 0. Lost frames use up numbers too.
    pub seq: u64,
    /// When the picture was taken.
    pub captured_at: Timestamp,
    /// When the program had it; equal to `captured_at` offline.
    pub arrived_at: Timestamp,
    /// Width, in pixels.
    pub width: u32,
    /// Height, in pixels.
    pub height: u32,
    /// Layout of `data`.
    pub format: PixelFormat,
    /// The picture's bytes.
    pub data: Vec<u8>,
}

/// Why frames are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GapReason {
    /// The analysis was busy and a newer frame replaced these (live only).
    Overrun,
    /// The driver or the camera skipped them (sequence numbers jumped).
    Driver,
    /// The camera stopped delivering, or went away and came back.
    Stalled,
    /// The picture could not be decoded, is of the wrong length, or the driver calls it broken.
    Corrupt,
    /// The recorder could not keep up (a slow disk): the frame may have been analysed but is not in the session.
    Recorder,
}

impl GapReason {
    /// All reasons.
    pub const ALL: [Self; 5] = [Self::Overrun, Self::Driver, Self::Stalled, Self::Corrupt, Self::Recorder];

    /// The name written to the outputs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Overrun => "overrun",
            Self::Driver => "driver",
            Self::Stalled => "stalled",
            Self::Corrupt => "corrupt",
            Self::Recorder => "recorder",
        }
    }
}

/// Frames that were lost: never silent, always a row in the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Sequence number of the first lost frame.
    pub first_seq: u64,
    /// How many frames were lost; at least 1.
    pub count: u64,
    /// When the first of them was captured, or should have been.
    pub at: Timestamp,
    /// Why.
    pub reason: GapReason,
}
