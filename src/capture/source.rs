//! The one interface of every frame source.

use std::io;
use std::path::{Path, PathBuf};

use crate::types::{Frame, Gap, TimestampSource};

/// What a source is and what it will deliver.
#[derive(Clone, Debug)]
pub struct SourceInfo {
    /// The name shown to the user: camera name, file name, `demo`.
    pub name: String,
    /// The file or folder, where there is one.
    pub path: Option<PathBuf>,
    /// Width of the frames, in pixels; 0 where only the first frame tells.
    pub width: u32,
    /// Height of the frames, in pixels; 0 where only the first frame tells.
    pub height: u32,
    /// Frames a second that the source claims; `None` where it claims nothing. Time is never computed from it.
    pub nominal_fps: Option<f64>,
    /// Number of frames, where it is known beforehand (an estimate, for progress only).
    pub frame_count: Option<u64>,
    /// Seconds of media, where known beforehand.
    pub duration_s: Option<f64>,
    /// What `captured_at` means.
    pub timestamp_source: TimestampSource,
    /// True for a camera: frames come when they come. False: the caller sets the pace.
    pub is_live: bool,
}

/// What one call of [`Source::next`] brought.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Captured {
    /// The caller's frame was filled.
    Frame,
    /// Frames were lost before the next one; the caller's frame is untouched. Call again.
    Gap(Gap),
    /// Nothing came for a moment (a camera that is silent); the caller's frame is untouched. Call again, or stop.
    Waiting,
    /// The source has ended; every later call says so too.
    End,
}

/// A source of frames. Synchronous: threads are started by `pipeline::live` only.
pub trait Source: Send {
    /// What this source is.
    fn info(&self) -> &SourceInfo;

    /// Waits for the next frame and writes it into `frame`, whose buffer is reused.
    ///
    /// `seq` rises by one a frame, counting lost frames too. `captured_at` starts near zero and never falls.
    ///
    /// # Errors
    /// [`CaptureError`], naming the device or file and the next step. After an error the source has ended.
    fn next(&mut self, frame: &mut Frame) -> Result<Captured, CaptureError>;

    /// What was odd but did not stop the source so far, in order: timestamps that went back, a file that broke off, a
    /// setting that the camera does not have. Complete once [`Captured::End`] was returned. Whoever runs the source
    /// shows these to the user and writes them to the summary.
    fn warnings(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Why a source cannot deliver. Each message says what happened and what to do next.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// A file or folder cannot be read.
    #[error("cannot read {path}: {why}")]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What happened and the next step.
        why: String,
    },
    /// A file that can be read but holds no video.
    #[error("{path} cannot be used as a video: {why}")]
    NotAVideo {
        /// The file.
        path: PathBuf,
        /// What is wrong and the next step.
        why: String,
    },
    /// A program that is needed does not run.
    #[error(
        "video files need the program {program}, but {why}; install ffmpeg: \
         apt install ffmpeg (Debian, Ubuntu), dnf install ffmpeg-free (Fedora), pacman -S ffmpeg (Arch), \
         brew install ffmpeg (macOS), winget install ffmpeg (Windows)"
    )]
    MissingProgram {
        /// The program, as it was called.
        program: String,
        /// Why it does not run.
        why: String,
    },
    /// No camera, or none that was meant.
    #[error(
        "{asked}: not found ({there}); plug a camera in and see `onset devices`, or play a file with \
         `onset live --input FILE`"
    )]
    NoCamera {
        /// What was asked for.
        asked: String,
        /// What there is.
        there: String,
    },
    /// Another program uses the camera.
    #[error("{device}: another program uses this camera; close it (video calls, browsers) and try again")]
    CameraBusy {
        /// The camera.
        device: String,
    },
    /// The system does not let us use the camera.
    #[error("{device}: permission denied; {}", permission_hint())]
    CameraPermission {
        /// The camera.
        device: String,
    },
    /// The camera has no such format.
    #[error("{device}: it cannot deliver {asked}; it has {has}; see `onset devices`")]
    CameraFormat {
        /// The camera.
        device: String,
        /// What was asked.
        asked: String,
        /// What it has.
        has: String,
    },
    /// The camera opened, or began to, but no frame came.
    #[error(
        "{device}: no frame came within {seconds:.0} s; is a privacy shutter closed or the cable loose? Unplug it, \
         plug it in again, and see `onset devices`"
    )]
    CameraStalled {
        /// The camera.
        device: String,
        /// How long was waited.
        seconds: f64,
    },
    /// The camera delivered, stopped, and did not come back.
    #[error(
        "{device}: no frame for {seconds:.0} s ({why}); plug it in again and restart; what was captured until then \
         is kept"
    )]
    CameraLost {
        /// The camera.
        device: String,
        /// What is known of the reason.
        why: String,
        /// How long was waited.
        seconds: f64,
    },
    /// Anything else that went wrong with a camera.
    #[error("{device}: {why}")]
    CameraFailed {
        /// The camera.
        device: String,
        /// What happened and the next step.
        why: String,
    },
    /// A request that this source can never meet: a size, rate or format out of range.
    #[error("{what} {why}")]
    BadRequest {
        /// What was asked: `the synthetic source`, a camera's name.
        what: String,
        /// Why it cannot be, and what to choose.
        why: String,
    },
}

impl CaptureError {
    /// An operating system error on a file or folder, with the next step.
    pub(crate) fn from_io(path: &Path, error: &io::Error) -> Self {
        let why = match error.kind() {
            io::ErrorKind::NotFound => "it does not exist; check the name".to_owned(),
            io::ErrorKind::PermissionDenied => {
                "permission denied; make it readable for your user (chmod u+r) or copy it elsewhere"
                    .to_owned()
            }
            _ => format!("{error}; check the disk and try again"),
        };
        Self::Unreadable { path: path.to_owned(), why }
    }
}

/// How a user gets at cameras on this system.
fn permission_hint() -> &'static str {
    if cfg!(target_os = "linux") {
        "add your user to the group `video` (sudo usermod -aG video $USER) and log in again"
    } else if cfg!(target_os = "macos") {
        "allow your terminal under System Settings, Privacy & Security, Camera, and start it again"
    } else {
        "allow desktop apps under Settings, Privacy & security, Camera"
    }
}
