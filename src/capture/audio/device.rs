//! Microphones, through cpal.

use std::fmt;
use std::time::Duration;

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{ErrorKind, InputCallbackInfo, SampleFormat, StreamConfig};
use crossbeam_channel::{Receiver, Sender, bounded};

use super::block::{AudioBlock, AudioFormat, Polled};
use super::ring::{BlockReader, BlockWriter, audio_ring};
use super::sample::DeviceSample;
use crate::capture::SessionClock;

/// Length of a block.
const BLOCK_MS: usize = 20;
/// Blocks that may wait: four seconds, more than a full disk cache keeps a recorder busy.
const SLOTS: usize = 200;
/// Older samples than this are mistakes of the driver's time stamps.
const MAX_AGE: Duration = Duration::from_secs(2);

/// Why there is no sound.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AudioError {
    /// No microphone at all.
    #[error(
        "no microphone found; plug one in, allow the program to use it in the system's settings, or record without \
         --audio"
    )]
    NoDevice,
    /// None of this name.
    #[error("there is no microphone {name:?}; there are: {known} (`onset devices` lists them)")]
    NotFound {
        /// The name that was asked for.
        name: String,
        /// Those that are there.
        known: String,
    },
    /// The system refused.
    #[error("microphone {device:?} cannot be opened: {why}; is another program using it?")]
    Open {
        /// The device.
        device: String,
        /// The system's word.
        why: String,
    },
    /// A sample format that is not known.
    #[error(
        "microphone {device:?} gives samples as {format}, which is not supported; choose another with --audio NAME"
    )]
    Format {
        /// The device.
        device: String,
        /// Its format.
        format: String,
    },
    /// It stopped while it was read.
    #[error("microphone {device:?} stopped: {why}; check its cable")]
    Stopped {
        /// The device.
        device: String,
        /// The system's word.
        why: String,
    },
}

/// A microphone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Microphone {
    /// Name to choose it by.
    pub name: String,
    /// The one that is used where none is named.
    pub is_default: bool,
    /// What it gives; `None` where it cannot be asked (used by another program).
    pub format: Option<AudioFormat>,
}

/// The microphones of this machine, the default one first.
///
/// # Errors
/// [`AudioError::Open`] where the sound system cannot be asked.
pub fn list_microphones() -> Result<Vec<Microphone>, AudioError> {
    keep_quiet();
    let host = cpal::default_host();
    let default = host.default_input_device().and_then(|device| device.id().ok());
    let devices = host.input_devices().map_err(|error| open_error("", &error))?;
    let mut list: Vec<Microphone> = devices
        .filter_map(|device| {
            // Virtual devices that cannot record (ALSA lists dozens) and its `null`, which gives silence, are left out.
            let id = device.id().ok();
            if id.as_ref().is_some_and(|id| id.id() == "null") {
                return None;
            }
            let config = device.default_input_config().ok();
            let is_default = id == default;
            (config.is_some() || is_default).then(|| Microphone {
                name: device.to_string(),
                is_default,
                format: config.and_then(|config| {
                    let samples = kind_of(config.sample_format())?;
                    Some(AudioFormat { rate_hz: config.sample_rate(), channels: config.channels(), samples })
                }),
            })
        })
        .collect();
    list.sort_by_key(|microphone| !microphone.is_default);
    Ok(list)
}

/// What a source gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AudioInfo {
    /// The microphone.
    pub device: String,
    /// What its samples are.
    pub format: AudioFormat,
    /// Its own sample format, `i16`, `f32`, ...
    pub device_format: String,
    /// Whether nothing is lost between that and the stored format.
    pub is_exact: bool,
}

enum Fault {
    /// The stream is over.
    Fatal(String),
    /// It goes on.
    Warning(String),
}

/// A microphone that is being recorded.
pub struct AudioSource {
    info: AudioInfo,
    stream: Option<cpal::Stream>,
    reader: BlockReader,
    faults: Receiver<Fault>,
    warnings: Vec<String>,
    stopped: Option<String>,
}

impl fmt::Debug for AudioSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AudioSource").field("info", &self.info).finish_non_exhaustive()
    }
}

impl AudioSource {
    /// Begins to record from the microphone of this name (the system's default without one), at the rate, with the
    /// channels and in the sample format that the system has set for it.
    ///
    /// # Errors
    /// See [`AudioError`].
    pub fn open(device: Option<&str>, clock: SessionClock) -> Result<Self, AudioError> {
        keep_quiet();
        let is_named = device.is_some();
        let device = find(device)?;
        let name = device.to_string();
        let default = device.default_input_config().map_err(|error| match error.kind() {
            // The system's default exists where there is no microphone, too.
            ErrorKind::DeviceNotAvailable if !is_named => AudioError::NoDevice,
            _ => open_error(&name, &error),
        })?;
        let (format, config) = (default.sample_format(), default.config());
        // Drop policy: faults beyond eight at once are dropped; the first of them tells what happened.
        let (send, faults) = bounded(8);
        let opened = match format {
            SampleFormat::I8 => start::<i8>(&device, &config, clock, send),
            SampleFormat::U8 => start::<u8>(&device, &config, clock, send),
            SampleFormat::I16 => start::<i16>(&device, &config, clock, send),
            SampleFormat::U16 => start::<u16>(&device, &config, clock, send),
            SampleFormat::I24 => start::<cpal::I24>(&device, &config, clock, send),
            SampleFormat::I32 => start::<i32>(&device, &config, clock, send),
            SampleFormat::F32 => start::<f32>(&device, &config, clock, send),
            SampleFormat::F64 => start::<f64>(&device, &config, clock, send),
            other => return Err(AudioError::Format { device: name, format: other.to_string() }),
        };
        let Started { stream, reader, format: stored, is_exact } =
            opened.map_err(|error| open_error(&name, &error))?;
        let info = AudioInfo { device: name, format: stored, device_format: format.to_string(), is_exact };
        Ok(Self { info, stream: Some(stream), reader, faults, warnings: Vec::new(), stopped: None })
    }

    /// What it gives.
    pub fn info(&self) -> &AudioInfo {
        &self.info
    }

    /// The next block, or what is missing before it; never waits. Call it at least every second. `into` is swapped with
    /// a block of the ring: keep giving the same one.
    ///
    /// # Errors
    /// [`AudioError::Stopped`] once everything that was captured has been given.
    pub fn poll(&mut self, into: &mut AudioBlock) -> Result<Polled, AudioError> {
        while let Ok(fault) = self.faults.try_recv() {
            match fault {
                Fault::Warning(why) => self.warnings.push(why),
                Fault::Fatal(why) => {
                    // Dropping the stream hands over the block that was being filled.
                    self.stream = None;
                    self.stopped.get_or_insert(why);
                }
            }
        }
        match (self.reader.poll(into), &self.stopped) {
            (Polled::Ended, Some(why)) => {
                Err(AudioError::Stopped { device: self.info.device.clone(), why: why.clone() })
            }
            (polled, _) => Ok(polled),
        }
    }

    /// Ends the recording; what was captured is still to be polled, until [`Polled::Ended`].
    pub fn stop(&mut self) {
        self.stream = None;
    }

    /// What the sound system has complained of since the last call; it goes on nevertheless.
    pub fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    /// Frames that are missing so far.
    pub fn frames_lost(&self) -> u64 {
        self.reader.frames_lost()
    }

    /// Parts per million by which the microphone's seconds are longer than the session's; `None` in the first 10 s.
    pub fn drift_ppm(&self) -> Option<f64> {
        self.reader.drift().ppm()
    }
}

struct Started {
    stream: cpal::Stream,
    reader: BlockReader,
    format: AudioFormat,
    is_exact: bool,
}

fn start<S: DeviceSample + cpal::SizedSample>(
    device: &cpal::Device,
    config: &StreamConfig,
    clock: SessionClock,
    faults: Sender<Fault>,
) -> Result<Started, cpal::Error> {
    let format = AudioFormat { rate_hz: config.sample_rate, channels: config.channels, samples: S::KIND };
    let block_frames = config.sample_rate as usize * BLOCK_MS / 1000;
    let (mut writer, reader): (BlockWriter, BlockReader) = audio_ring(format, block_frames, SLOTS);
    let losses = writer.loss_reporter();
    let on_samples = move |samples: &[S], info: &InputCallbackInfo| {
        let stamp = info.timestamp();
        let age = stamp.callback.saturating_duration_since(stamp.capture);
        let age = if age > MAX_AGE { Duration::ZERO } else { age };
        writer.write(samples, clock.now() - age);
    };
    let on_fault = move |error: cpal::Error| {
        let fault = match error.kind() {
            ErrorKind::Xrun => return losses.report(),
            ErrorKind::RealtimeDenied | ErrorKind::DeviceChanged => Fault::Warning(error.to_string()),
            _ => Fault::Fatal(error.to_string()),
        };
        let _ = faults.try_send(fault);
    };
    let stream = device.build_input_stream(*config, on_samples, on_fault, None)?;
    stream.play()?;
    Ok(Started { stream, reader, format, is_exact: S::IS_EXACT })
}

fn find(name: Option<&str>) -> Result<cpal::Device, AudioError> {
    let host = cpal::default_host();
    let Some(name) = name else { return host.default_input_device().ok_or(AudioError::NoDevice) };
    let mut devices: Vec<cpal::Device> =
        host.input_devices().map_err(|error| open_error(name, &error))?.collect();
    devices.extend(host.default_input_device());
    if devices.is_empty() {
        return Err(AudioError::NoDevice);
    }
    let known = || devices.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let by_name = devices.iter().position(|device| device.to_string().eq_ignore_ascii_case(name));
    let by_part =
        || devices.iter().position(|device| device.to_string().to_lowercase().contains(&name.to_lowercase()));
    let missing = || AudioError::NotFound { name: name.to_owned(), known: known() };
    let index = by_name.or_else(by_part).ok_or_else(missing)?;
    devices.get(index).cloned().ok_or_else(missing)
}

/// ALSA's library complains of each virtual device without a card on standard error; what matters comes as an error too.
/// Holds for the calling thread.
fn keep_quiet() {
    #[cfg(target_os = "linux")]
    let _ = alsa::Output::local_error_handler();
}

fn kind_of(format: SampleFormat) -> Option<super::SampleKind> {
    match format {
        SampleFormat::I8 | SampleFormat::U8 | SampleFormat::I16 | SampleFormat::U16 => {
            Some(super::SampleKind::I16)
        }
        SampleFormat::I24 | SampleFormat::I32 | SampleFormat::F32 | SampleFormat::F64 => {
            Some(super::SampleKind::F32)
        }
        _ => None,
    }
}

fn open_error(device: &str, error: &cpal::Error) -> AudioError {
    AudioError::Open { device: device.to_owned(), why: error.to_string() }
}
