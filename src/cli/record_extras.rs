//! What a recorded session may have beside the camera: sound (feature `audio`), and the Lab Streaming Layer (feature `lsl`).
//!
//! Both are served by the thread that runs the session, a few times a frame; neither waits.

use anyhow::Result;

use super::UsageError;
use crate::capture::SessionClock;
use crate::session::{Marker, Recorder};
use crate::types::{Event, Timestamp};

/// Options for them.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct ExtraArgs {
    /// Record sound too: the default microphone, or the one that is named (`onset devices`). Needs a build with `--features audio`.
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "")]
    audio: Option<String>,
    /// Send markers, events and frame times to the Lab Streaming Layer, and take its markers. Needs a build with `--features lsl`.
    #[arg(long)]
    lsl: bool,
}

/// Those that were asked for.
#[derive(Default)]
pub(super) struct Extras {
    #[cfg(feature = "audio")]
    sound: Option<Sound>,
    #[cfg(feature = "lsl")]
    lsl: Option<Link>,
}

impl ExtraArgs {
    /// Opens what was asked for.
    pub(super) fn open(&self, clock: SessionClock) -> Result<Extras> {
        let lacks = |option: &str, feature: &str| {
            UsageError(format!(
                "--{option}: this build has none; build it with `cargo build --release --features {feature}`"
            ))
        };
        if self.audio.is_some() && cfg!(not(feature = "audio")) {
            return Err(lacks("audio", "audio").into());
        }
        if self.lsl && cfg!(not(feature = "lsl")) {
            return Err(lacks("lsl", "lsl").into());
        }
        let _ = clock;
        Ok(Extras {
            #[cfg(feature = "audio")]
            sound: self.audio.as_deref().map(|name| Sound::open(name, clock)).transpose()?,
            #[cfg(feature = "lsl")]
            lsl: if self.lsl { Some(Link::open()?) } else { None },
        })
    }
}

/// Without the features nothing is done with what is told.
#[cfg_attr(not(any(feature = "audio", feature = "lsl")), expect(unused_variables, clippy::unused_self))]
impl Extras {
    /// Takes what has come: sound goes to the recorder, markers of other programs are returned.
    pub(super) fn poll(&mut self, now: Timestamp, recorder: &Recorder) -> Result<Vec<Marker>> {
        #[cfg(feature = "audio")]
        if let Some(sound) = &mut self.sound {
            sound.poll(recorder)?;
        }
        #[cfg(feature = "lsl")]
        if let Some(link) = &mut self.lsl {
            return Ok(link.inlet.poll(now));
        }
        Ok(Vec::new())
    }

    /// Tells others of a step or a marker.
    pub(super) fn tell(&mut self, text: &str, at: Timestamp, now: Timestamp) -> Result<()> {
        #[cfg(feature = "lsl")]
        if let Some(link) = &mut self.lsl {
            link.markers.push_marker(text, at, now)?;
        }
        Ok(())
    }

    /// Tells others of a frame, and of the events that were confirmed in it.
    pub(super) fn frame(&mut self, seq: u64, at: Timestamp, events: &[Event], now: Timestamp) -> Result<()> {
        #[cfg(feature = "lsl")]
        if let Some(link) = &mut self.lsl {
            link.frames.push_frame(seq, at, now)?;
            for event in events.iter().filter(|event| event.veto.is_none()) {
                let state = if event.confirmed_at.is_some() { "confirmed" } else { "flagged" };
                let label = if event.label.is_empty() { "-" } else { &event.label };
                let text = format!("event {} {} {label} {state}", event.id, event.kind.name());
                link.markers.push_marker(&text, event.onset, now)?;
            }
        }
        Ok(())
    }
}

/// A microphone, and the block that is filled next.
#[cfg(feature = "audio")]
struct Sound {
    source: crate::capture::audio::AudioSource,
    block: crate::capture::audio::AudioBlock,
}

#[cfg(feature = "audio")]
impl Sound {
    fn open(name: &str, clock: SessionClock) -> Result<Self> {
        let name = Some(name).filter(|name| !name.is_empty());
        let source = crate::capture::audio::AudioSource::open(name, clock)?;
        Ok(Self { source, block: crate::capture::audio::AudioBlock::default() })
    }

    fn poll(&mut self, recorder: &Recorder) -> Result<()> {
        use crate::capture::audio::Polled;
        loop {
            match self.source.poll(&mut self.block)? {
                Polled::Block => {
                    let format = self.source.info().format;
                    let mut bytes = Vec::new();
                    self.block.samples.append_le_bytes(&mut bytes);
                    let kind = self.block.samples.kind().name();
                    recorder.sound(
                        self.block.captured_at,
                        kind,
                        format.rate_hz,
                        format.channels.into(),
                        bytes,
                    );
                }
                Polled::Gap(gap) => {
                    let text =
                        format!("{} samples of each channel are missing: {}", gap.frames, gap.reason.name());
                    recorder.log(gap.start, "sound", text);
                }
                Polled::Nothing | Polled::Ended => return Ok(()),
            }
        }
    }
}

/// Streams to and from the Lab Streaming Layer.
#[cfg(feature = "lsl")]
struct Link {
    markers: crate::session::lsl::MarkerOutlet,
    frames: crate::session::lsl::FrameOutlet,
    inlet: crate::session::lsl::MarkerInlet,
}

#[cfg(feature = "lsl")]
impl Link {
    fn open() -> Result<Self> {
        use crate::session::lsl::{FrameOutlet, Lsl, MarkerInlet, MarkerOutlet};
        let lsl = Lsl::open()?;
        Ok(Self {
            markers: MarkerOutlet::open(&lsl)?,
            frames: FrameOutlet::open(&lsl)?,
            inlet: MarkerInlet::open(&lsl)?,
        })
    }
}
