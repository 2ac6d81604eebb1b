//! Video files through the `ffmpeg` program: every frame, with its true presentation time.
//!
//! ffmpeg writes pictures to one pipe and their times, with any trouble, to another (see `log`). A file that breaks off
//! midway gives the frames that decode, then ends, and says so in [`Source::warnings`].

mod ffmpeg;
mod log;
mod ppm;
mod probe;

pub use ffmpeg::FfmpegPrograms;

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::Receiver;

use super::clock::MediaClock;
use super::source::{CaptureError, Captured, Source, SourceInfo};
use crate::types::{Frame, Gap, GapReason, PixelFormat, Timestamp, TimestampSource};
use ffmpeg::Colours;
use log::FrameNote;
use ppm::PpmError;

/// A video file as a [`Source`] of [`PixelFormat::Rgb8`] frames, upright.
pub struct VideoSource {
    info: SourceInfo,
    decoder: Decoder,
    /// What the container's index promised.
    indexed_frames: Option<u64>,
    clock: MediaClock,
    /// The next picture, read ahead while gaps before it are reported.
    pending: Option<Picture>,
    spare: Vec<u8>,
    next_seq: u64,
    delivered: u64,
    lost: u64,
    concealed: u64,
    warnings: Vec<String>,
    has_ended: bool,
}

/// One picture and what was said about it.
struct Picture {
    width: u32,
    height: u32,
    data: Vec<u8>,
    note: FrameNote,
}

impl VideoSource {
    /// Opens a file and decodes its first frame.
    ///
    /// # Errors
    /// [`CaptureError::Unreadable`] (missing, a folder, no permission, empty), [`CaptureError::NotAVideo`] (another
    /// format, sound only, cut off before its index, no frame that decodes) or [`CaptureError::MissingProgram`].
    pub fn open(path: &Path) -> Result<Self, CaptureError> {
        Self::open_with(path, &FfmpegPrograms::default())
    }

    /// The same with every colour rounded to the nearest level, for pictures that are to be written again: [`Self::open`] takes
    /// ffmpeg's short cut, which darkens them by 1.2-1.4 levels, and each generation of copies would lose as much. Slower by
    /// 2.5 ms a VGA frame.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_exact(path: &Path) -> Result<Self, CaptureError> {
        Self::start(path, &FfmpegPrograms::default(), Colours::Exact)
    }

    /// The same with other programs than those on the search path.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with(path: &Path, programs: &FfmpegPrograms) -> Result<Self, CaptureError> {
        Self::start(path, programs, Colours::Fast)
    }

    fn start(path: &Path, programs: &FfmpegPrograms, colours: Colours) -> Result<Self, CaptureError> {
        check_readable(path)?;
        let announced = probe::probe(programs, path)?;
        let mut decoder = Decoder::start(programs, path, colours)?;
        let mut spare = Vec::new();
        let first = match decoder.read(&mut spare) {
            Ok(Some(picture)) => picture,
            Ok(None) => {
                let why = match decoder.finish().last_error {
                    Some(error) => format!("no frame in it can be decoded (ffmpeg says \"{error}\")"),
                    None => "it has no frames".to_owned(),
                };
                let why = format!("{why}; check that it plays in a video player, or export it again");
                return Err(CaptureError::NotAVideo { path: path.to_owned(), why });
            }
            Err(e) => {
                return Err(CaptureError::NotAVideo { path: path.to_owned(), why: e.to_string() });
            }
        };
        let estimate = announced.duration_s.zip(announced.fps).map(|(s, fps)| (s * fps).round() as u64);
        let info = SourceInfo {
            name: path
                .file_name()
                .map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned()),
            path: Some(path.to_owned()),
            width: first.width,
            height: first.height,
            nominal_fps: announced.fps,
            frame_count: announced.indexed_frames.or(estimate),
            duration_s: announced.duration_s,
            timestamp_source: TimestampSource::Media,
            is_live: false,
        };
        Ok(Self {
            info,
            decoder,
            indexed_frames: announced.indexed_frames,
            clock: MediaClock::new(announced.fps),
            pending: Some(first),
            spare,
            next_seq: 0,
            delivered: 0,
            lost: 0,
            concealed: 0,
            warnings: Vec::new(),
            has_ended: false,
        })
    }

    /// Uses up sequence numbers for frames that could not be decoded.
    fn gap(&mut self, count: u64, at: Timestamp) -> Captured {
        let gap = Gap { first_seq: self.next_seq, count, at, reason: GapReason::Corrupt };
        self.next_seq += count;
        self.lost += count;
        Captured::Gap(gap)
    }

    /// Ends the source; a gap first where the last frames could not be decoded.
    fn end(&mut self, trouble: Option<String>) -> Captured {
        self.has_ended = true;
        if trouble.is_some() {
            // We stop reading before ffmpeg stops writing: it must not wait for us.
            stop(&mut self.decoder.child);
        }
        let ending = self.decoder.finish();
        let lost_at_end = ending.lost_before;
        let at = self.clock.estimate_next();
        let last = (lost_at_end > 0).then(|| self.gap(lost_at_end, at));
        // Fewer frames than the index has are no sign by themselves: edit lists hide some on purpose.
        let told = self.delivered + self.lost;
        let is_short = self.indexed_frames.is_none_or(|promised| told < promised);
        let complaint =
            ending.last_error.filter(|_| is_short).map(|error| format!("ffmpeg says \"{error}\""));
        if let Some(why) = trouble.or(ending.failure).or(complaint) {
            let promised = self.indexed_frames.map_or_else(String::new, |n| format!(" of {n}"));
            self.warnings.push(format!(
                "{}: the video breaks off ({why}); {}{promised} frames were read and are kept",
                self.info.name, self.delivered
            ));
        }
        if self.lost > 0 {
            self.warnings.push(format!("{}: {} frames could not be decoded", self.info.name, self.lost));
        }
        if self.concealed > 0 {
            self.warnings.push(format!(
                "{}: {} frames came with decoder errors and may be partly wrong",
                self.info.name, self.concealed
            ));
        }
        self.warnings.extend(self.clock.warnings(&self.info.name));
        last.unwrap_or(Captured::End)
    }
}

impl Source for VideoSource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn next(&mut self, frame: &mut Frame) -> Result<Captured, CaptureError> {
        if self.has_ended {
            return Ok(Captured::End);
        }
        if self.pending.is_none() {
            match self.decoder.read(&mut self.spare) {
                Ok(Some(picture)) => self.pending = Some(picture),
                Ok(None) => return Ok(self.end(None)),
                Err(e) => return Ok(self.end(Some(e.to_string()))),
            }
        }
        let lost_before = self.pending.as_mut().map_or(0, |p| std::mem::take(&mut p.note.lost_before));
        if lost_before > 0 {
            let at = self.clock.estimate_next();
            return Ok(self.gap(lost_before, at));
        }
        let Some(picture) = self.pending.take() else { return Ok(Captured::End) };
        let captured_at = self.clock.advance(picture.note.pts_ns);
        if picture.note.is_corrupt {
            self.spare = picture.data;
            return Ok(self.gap(1, captured_at));
        }
        self.concealed += u64::from(picture.note.errors > 0);
        (frame.seq, frame.captured_at, frame.arrived_at) = (self.next_seq, captured_at, captured_at);
        (frame.width, frame.height, frame.format) = (picture.width, picture.height, PixelFormat::Rgb8);
        self.spare = std::mem::replace(&mut frame.data, picture.data);
        self.next_seq += 1;
        self.delivered += 1;
        Ok(Captured::Frame)
    }

    fn warnings(&self) -> Vec<String> {
        self.warnings.clone()
    }
}

/// A running ffmpeg with both its pipes. Dropping it ends the program.
struct Decoder {
    child: Child,
    pictures: BufReader<ChildStdout>,
    notes: Receiver<FrameNote>,
    log_thread: Option<JoinHandle<()>>,
}

/// How a decoder ended.
#[derive(Debug, Default)]
struct Ending {
    lost_before: u64,
    last_error: Option<String>,
    /// Set where ffmpeg itself says that it failed.
    failure: Option<String>,
}

impl Decoder {
    fn start(programs: &FfmpegPrograms, path: &Path, colours: Colours) -> Result<Self, CaptureError> {
        let mut child = ffmpeg::decode(programs, path, colours)?;
        let unreadable = |why: String| CaptureError::Unreadable { path: path.to_owned(), why };
        let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
            return Err(unreadable("ffmpeg started without its pipes; try again".to_owned()));
        };
        let (notes, log_thread) = match log::follow(stderr) {
            Ok(started) => started,
            Err(e) => {
                stop(&mut child);
                return Err(unreadable(format!("no thread can be started ({e}); close other programs")));
            }
        };
        // A VGA frame is 0.9 MB: larger reads than the default 8 kB save many system calls.
        let pictures = BufReader::with_capacity(1 << 18, stdout);
        Ok(Self { child, pictures, notes, log_thread: Some(log_thread) })
    }

    /// The next picture and its note; the pixels take the memory of `spare`.
    fn read(&mut self, spare: &mut Vec<u8>) -> Result<Option<Picture>, PpmError> {
        let mut data = std::mem::take(spare);
        let Some((width, height)) = ppm::read(&mut self.pictures, &mut data)? else { return Ok(None) };
        // Logged before the picture was written. Should ffmpeg ever log nothing, the clock counts by frame rate.
        let note = self.notes.recv().unwrap_or_default();
        Ok(Some(Picture { width, height, data, note }))
    }

    /// Waits for ffmpeg to end, and gathers what it said after the last picture.
    fn finish(&mut self) -> Ending {
        let mut ending = Ending::default();
        while let Ok(note) = self.notes.recv() {
            ending.lost_before += note.lost_before;
            ending.last_error = note.last_error.or(ending.last_error);
        }
        if let Ok(status) = self.child.wait()
            && !status.success()
        {
            ending.failure = Some(match &ending.last_error {
                Some(error) => format!("ffmpeg says \"{error}\""),
                None => format!("ffmpeg ended with {status}"),
            });
        }
        ending
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        stop(&mut self.child);
        // With ffmpeg gone its error stream is at its end; a full queue cannot hold the thread, as the receiver is
        // emptied here.
        while self.notes.recv_timeout(Duration::from_secs(2)).is_ok() {}
        if let Some(thread) = self.log_thread.take() {
            // A panic in the thread was its own; there is nobody left to tell.
            let _ = thread.join();
        }
    }
}

/// Kills and reaps; both fail only for a process that has already ended.
fn stop(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// Clear messages for what ffmpeg would report in its own words.
fn check_readable(path: &Path) -> Result<(), CaptureError> {
    let unreadable = |why: &str| CaptureError::Unreadable { path: PathBuf::from(path), why: why.to_owned() };
    let meta = path.metadata().map_err(|e| CaptureError::from_io(path, &e))?;
    if meta.is_dir() {
        return Err(unreadable("it is a folder, not a video; a folder of pictures is read as images"));
    }
    if !meta.is_file() {
        // Opening a named pipe would wait for its writer, perhaps for ever.
        return Err(unreadable("it is not a regular file; save the video to a file first"));
    }
    if meta.len() == 0 {
        return Err(unreadable("the file is empty; copy or record it again"));
    }
    File::open(path).map(drop).map_err(|e| CaptureError::from_io(path, &e))
}
