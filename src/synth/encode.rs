//! Writing a clip: pictures through the `ffmpeg` program into H.264, packed with their exact times.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use image::RgbImage;

use super::SynthError;
use super::matroska::{Track, mux};

/// How the pictures are kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Keep {
    /// As they are, but for the rounding of RGB to YUV 4:2:0: no block of the codec may move or pulse.
    Lossless,
    /// At this x264 CRF.
    Crf(f64),
}

/// A clip that is being written. Dropped before [`Encoder::finish`], it leaves no file.
pub(super) struct Encoder {
    path: PathBuf,
    /// ffmpeg's own output, without times.
    part: PathBuf,
    child: Child,
    pipe: Option<BufWriter<ChildStdin>>,
    size: [u32; 2],
}

impl Encoder {
    /// Starts ffmpeg. `fps` guides its rate control only.
    pub(super) fn start(
        path: &Path,
        [width, height]: [u32; 2],
        fps: f64,
        keep: Keep,
    ) -> Result<Self, SynthError> {
        let part = path.with_extension("part.h264");
        let quality = match keep {
            Keep::Lossless => ["-qp".to_owned(), "0".to_owned()],
            Keep::Crf(crf) => ["-crf".to_owned(), crf.to_string()],
        };
        let mut command = Command::new("ffmpeg");
        command
            .args(["-hide_banner", "-nostdin", "-y", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24"])
            .args(["-s", &format!("{width}x{height}"), "-r", &format!("{fps}"), "-i", "-"])
            // One thread: the same bytes on every machine. No reordered frames, and a delimiter before each: see `matroska`.
            .args(["-vf", "scale=out_color_matrix=bt601:out_range=tv:flags=accurate_rnd+full_chroma_int+full_chroma_inp"])
            .args(["-c:v", "libx264", "-preset", "veryfast", "-threads", "1", "-bf", "0", "-pix_fmt", "yuv420p"])
            .args(quality)
            .args(["-x264-params", "aud=1", "-f", "h264"])
            .arg(&part)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        // Ctrl-C is ours: the clip is removed, or finished.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn().map_err(|error| SynthError::Encode {
            path: path.to_owned(),
            why: format!(
                "ffmpeg does not start ({error}); install it (apt install ffmpeg, brew install ffmpeg)"
            ),
        })?;
        let pipe = child.stdin.take().map(|stdin| BufWriter::with_capacity(1 << 18, stdin));
        Ok(Self { path: path.to_owned(), part, child, pipe, size: [width, height] })
    }

    /// Adds a picture.
    pub(super) fn push(&mut self, picture: &RgbImage) -> Result<(), SynthError> {
        let written = self.pipe.as_mut().map(|pipe| pipe.write_all(picture.as_raw()));
        if matches!(written, Some(Ok(()))) { Ok(()) } else { Err(self.complaint()) }
    }

    /// Completes the clip: `times_s` has a time for each picture; the last is shown until `end_s`. `fps` where they come evenly.
    pub(super) fn finish(mut self, times_s: &[f64], end_s: f64, fps: Option<f64>) -> Result<(), SynthError> {
        let flushed = self.pipe.take().is_none_or(|mut pipe| pipe.flush().is_ok());
        let ended = self.child.wait();
        if !flushed || !ended.is_ok_and(|status| status.success()) {
            return Err(self.complaint());
        }
        let failed =
            |error: std::io::Error| SynthError::Write { path: self.path.clone(), why: error.to_string() };
        let stream = BufReader::with_capacity(1 << 18, File::open(&self.part).map_err(failed)?);
        let whole = self.path.with_extension("part.mkv");
        let mut out = BufWriter::with_capacity(1 << 18, File::create(&whole).map_err(failed)?);
        let [width, height] = self.size;
        let muxed = mux(stream, times_s, end_s, &Track { width, height, fps }, &mut out);
        drop(out);
        // A clip of this name is always a whole one.
        let renamed = muxed.and_then(|()| fs::rename(&whole, &self.path));
        if renamed.is_err() {
            let _ = fs::remove_file(&whole);
        }
        renamed.map_err(failed)
    }

    /// What ffmpeg said, once it has ended.
    fn complaint(&mut self) -> SynthError {
        self.pipe = None;
        let mut said = String::new();
        if let Some(mut errors) = self.child.stderr.take() {
            let _ = errors.read_to_string(&mut said);
        }
        let why = format!(
            "ffmpeg says {:?}; check that it has libx264 (ffmpeg -encoders), and the free space",
            said.trim()
        );
        SynthError::Encode { path: self.path.clone(), why }
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        self.pipe = None;
        let _ = self.child.wait();
        let _ = fs::remove_file(&self.part);
    }
}
