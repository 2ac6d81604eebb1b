//! `analyze --overlay`: the overlay as a video, encoded by the `ffmpeg` program.
//!
//! A raw pipe carries no timestamps, so pictures are written at a constant rate: each shows the newest frame of its
//! moment. The video then runs in true time, whatever the timestamps of its source.

use std::io::{BufWriter, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::{Context, Result, bail};

use super::view::View;
use crate::capture::SourceInfo;
use crate::overlay::SceneText;
use crate::types::{Frame, Observation, RegionId};

/// A picture is not repeated for longer than this, in seconds: a file whose clock jumps by hours must not fill the disk.
const LONGEST_STILL_S: f64 = 60.0;

/// A video being written.
pub(super) struct OverlayVideo {
    path: PathBuf,
    child: Child,
    pipe: Option<BufWriter<ChildStdin>>,
    view: View,
    fps: f64,
    written: u64,
    /// Pictures left out of stills that were too long.
    skipped: u64,
    rgb: Vec<u8>,
}

impl OverlayVideo {
    /// Starts the encoder.
    pub(super) fn new(path: PathBuf, info: &SourceInfo) -> Result<Self> {
        let fps = info.nominal_fps.filter(|fps| fps.is_finite()).unwrap_or(30.0).clamp(5.0, 60.0);
        let (width, height) = if info.height > 720 { (1920, 1080) } else { (1280, 720) };
        let mut child = Command::new("ffmpeg")
            .args(["-y", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24"])
            .args(["-s", &format!("{width}x{height}"), "-r", &format!("{fps}"), "-i", "-"])
            .args(["-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p"])
            .arg(&path)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start ffmpeg, which encodes --overlay; install it (apt install ffmpeg)")?;
        let pipe = child.stdin.take().map(BufWriter::new);
        let text = SceneText { source: info.name.clone(), ..SceneText::default() };
        let mut view = View::new(width, height, text)?;
        view.layers.stats = false;
        Ok(Self { path, child, pipe, view, fps, written: 0, skipped: 0, rgb: Vec::new() })
    }

    /// Adds a frame: it is shown until the next one.
    pub(super) fn push(
        &mut self,
        frame: &Frame,
        observation: &Observation,
        region_points_px: &[(RegionId, [f32; 2])],
    ) -> Result<()> {
        // The moments up to this frame show the picture before it.
        let due = (observation.captured_at.as_secs_f64() * self.fps).round() as u64;
        let longest = self.written + (LONGEST_STILL_S * self.fps) as u64;
        self.skipped += due.saturating_sub(self.skipped).saturating_sub(longest);
        self.repeat_until(due.saturating_sub(self.skipped))?;
        self.view.observe(observation, None);
        let canvas = self.view.render(frame, Some(observation), region_points_px)?;
        canvas.write_rgb(&mut self.rgb);
        Ok(())
    }

    /// Completes the video.
    pub(super) fn finish(mut self) -> Result<()> {
        let end = self.written + 1;
        self.repeat_until(end)?;
        drop(self.pipe.take());
        let status = self.child.wait().context("ffmpeg vanished")?;
        if !status.success() {
            bail!("{}", self.complaint());
        }
        Ok(())
    }

    fn repeat_until(&mut self, due: u64) -> Result<()> {
        if self.rgb.is_empty() {
            return Ok(());
        }
        while self.written < due {
            let Some(pipe) = &mut self.pipe else { bail!("{}", self.complaint()) };
            if pipe.write_all(&self.rgb).is_err() {
                self.pipe = None;
                bail!("{}", self.complaint());
            }
            self.written += 1;
        }
        Ok(())
    }

    /// What ffmpeg said, once it has ended.
    fn complaint(&mut self) -> String {
        let mut said = String::new();
        if let Some(mut errors) = self.child.stderr.take() {
            let _ = errors.read_to_string(&mut said);
        }
        format!("cannot write {}: {}; check the path and the free space", self.path.display(), said.trim())
    }
}

impl Drop for OverlayVideo {
    fn drop(&mut self) {
        self.pipe = None;
        let _ = self.child.wait();
    }
}
