//! Sound from a microphone (feature `audio`), on the session's clock: blocks of samples as the device gives them, and
//! every loss as a gap.
//!
//! The system's sound thread (cpal's) calls back with samples; the callback neither allocates, locks nor waits: it
//! copies into preallocated blocks that go through two lock-free rings, like frames do. [`AudioSource::poll`] never
//! waits either.
//!
//! | sample format of the device | stored as | exact |
//! |---|---|---|
//! | i8, u8, i16, u16 | [`Samples::I16`] | yes |
//! | i24, f32 | [`Samples::F32`] | yes |
//! | i32, f64 | [`Samples::F32`] | to 24 bits, which is more than microphones have |

mod block;
mod device;
mod drift;
mod ring;
mod sample;
#[cfg(test)]
mod tests;

pub use block::{AudioBlock, AudioFormat, AudioGap, AudioGapReason, Polled, SampleKind, Samples};
pub use device::{AudioError, AudioInfo, AudioSource, Microphone, list_microphones};
pub use drift::Drift;
pub use ring::{BlockReader, BlockWriter, audio_ring};
pub use sample::DeviceSample;
