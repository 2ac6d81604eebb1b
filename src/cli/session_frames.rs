//! `onset session export --to mkv|png`: a session's frames for other programs, with the time of each in a table beside them.
//!
//! A video stream is piped into the `ffmpeg` program without times, so the MKV runs at the session's median rate; the table has the
//! true times, and the numbers of frames that were lost are missing in it. FFV1 keeps every byte of the planes: gray, YUV 4:2:2, 4:2:0 and
//! RGB stay what they are. Camera JPEGs are decoded by ffmpeg.

use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::{Context, Result, bail};
use image::RgbImage;
use indicatif::ProgressBar;

use super::interrupt;
use crate::capture::{Captured, Source};
use crate::image::convert::rgb_from_frame;
use crate::session::{Identities, SessionReader};
use crate::types::{Frame, Gap, PixelFormat};

/// Frames whose distances give the rate.
const RATE_FRAMES: usize = 240;

/// Forms of frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FrameForm {
    /// One FFV1 video.
    Mkv,
    /// A folder of pictures.
    Png,
}

/// Writes every frame of a session to `out`, which must not be there.
pub(super) fn export_frames(
    session: &SessionReader,
    identities: &Identities,
    form: FrameForm,
    out: &Path,
) -> Result<()> {
    interrupt::install()?;
    if out.exists() {
        bail!("{}: there is something already; choose another --out", out.display());
    }
    let fps = median_rate(session, identities)?;
    let mut source = session.source(identities)?;
    let bar = ProgressBar::new(source.info().frame_count.unwrap_or(0));
    let mut sink: Box<dyn FrameSink> = match form {
        FrameForm::Mkv => Box::new(Video::new(out, fps)?),
        FrameForm::Png => Box::new(Pictures::new(out)?),
    };
    let mut frame = Frame::default();
    let (mut frames, mut lost) = (0u64, 0u64);
    loop {
        match source.next(&mut frame)? {
            Captured::Frame => {
                sink.frame(&frame)?;
                frames += 1;
                bar.inc(1);
            }
            Captured::Gap(Gap { count, .. }) => lost += count,
            Captured::Waiting => {}
            Captured::End => break,
        }
        if interrupt::is_asked() {
            bail!("interrupted after {frames} frames; {} is not whole", out.display());
        }
    }
    sink.finish()?;
    bar.finish_and_clear();
    source.warnings().iter().for_each(|warning| eprintln!("onset: {warning}"));
    println!(
        "{}: {frames} frames ({lost} were lost in recording and are missing in the table)",
        out.display()
    );
    Ok(())
}

/// The inverse of the median time between frames.
fn median_rate(session: &SessionReader, identities: &Identities) -> Result<f64> {
    let mut source = session.source(identities)?;
    let mut frame = Frame::default();
    let mut times_s = Vec::new();
    while times_s.len() < RATE_FRAMES {
        match source.next(&mut frame)? {
            Captured::Frame => times_s.push(frame.captured_at.as_secs_f64()),
            Captured::End => break,
            Captured::Gap(_) | Captured::Waiting => {}
        }
    }
    let mut steps_s: Vec<f64> =
        times_s.windows(2).map(|pair| pair[1] - pair[0]).filter(|step| *step > 0.0).collect();
    steps_s.sort_by(f64::total_cmp);
    Ok(steps_s.get(steps_s.len() / 2).map_or(30.0, |step| 1.0 / step))
}

/// Takes frames in order.
trait FrameSink {
    fn frame(&mut self, frame: &Frame) -> Result<()>;
    fn finish(&mut self) -> Result<()>;
}

/// A folder of PNG pictures with `timestamps.csv`, which `onset analyze` reads again.
struct Pictures {
    dir: PathBuf,
    table: BufWriter<File>,
    rgb: RgbImage,
}

impl Pictures {
    fn new(dir: &Path) -> Result<Self> {
        fs::create_dir_all(dir).with_context(|| format!("cannot create {}; check --out", dir.display()))?;
        let path = dir.join("timestamps.csv");
        let mut table =
            BufWriter::new(File::create(&path).with_context(|| format!("cannot create {}", path.display()))?);
        writeln!(table, "file,seconds")?;
        Ok(Self { dir: dir.to_owned(), table, rgb: RgbImage::default() })
    }
}

impl FrameSink for Pictures {
    fn frame(&mut self, frame: &Frame) -> Result<()> {
        let name = format!("{:08}.png", frame.seq);
        let path = self.dir.join(&name);
        let saved = if frame.format == PixelFormat::Gray8 {
            image::save_buffer(&path, &frame.data, frame.width, frame.height, image::ExtendedColorType::L8)
        } else {
            rgb_from_frame(frame, &mut self.rgb)
                .with_context(|| format!("frame {} cannot be decoded", frame.seq))?;
            self.rgb.save(&path)
        };
        saved.with_context(|| format!("cannot write {}; is the disk full?", path.display()))?;
        writeln!(self.table, "{name},{:.9}", frame.captured_at.as_secs_f64())
            .context("cannot write timestamps.csv")
    }

    fn finish(&mut self) -> Result<()> {
        self.table.flush().context("cannot write timestamps.csv")
    }
}

/// An FFV1 video, `NAME.mkv`, with `NAME.timestamps.csv`.
struct Video {
    path: PathBuf,
    fps: f64,
    ffmpeg: Option<(Child, BufWriter<ChildStdin>)>,
    first: Option<(u32, u32, PixelFormat)>,
    table: BufWriter<File>,
}

impl Video {
    fn new(path: &Path, fps: f64) -> Result<Self> {
        let table = path.with_extension("timestamps.csv");
        let mut table = BufWriter::new(
            File::create(&table)
                .with_context(|| format!("cannot create {}; check --out", table.display()))?,
        );
        writeln!(table, "frame,seconds")?;
        Ok(Self { path: path.to_owned(), fps, ffmpeg: None, first: None, table })
    }

    fn start(&mut self, frame: &Frame) -> Result<()> {
        let size = format!("{}x{}", frame.width, frame.height);
        let rate = format!("{:.6}", self.fps);
        let (input, kept): (&[&str], &str) = match frame.format {
            PixelFormat::Gray8 => (&["-f", "rawvideo", "-pix_fmt", "gray"], "gray"),
            PixelFormat::Rgb8 => (&["-f", "rawvideo", "-pix_fmt", "rgb24"], "bgr0"),
            PixelFormat::Yuyv => (&["-f", "rawvideo", "-pix_fmt", "yuyv422"], "yuv422p"),
            PixelFormat::Nv12 => (&["-f", "rawvideo", "-pix_fmt", "nv12"], "yuv420p"),
            PixelFormat::Mjpeg => (&["-f", "mjpeg"], "yuv422p"),
        };
        let mut command = Command::new("ffmpeg");
        command.args(["-hide_banner", "-nostdin", "-n", "-loglevel", "error"]).args(input);
        if frame.format != PixelFormat::Mjpeg {
            command.args(["-s", &size]);
        }
        command
            .args([
                "-framerate",
                &rate,
                "-i",
                "-",
                "-c:v",
                "ffv1",
                "-level",
                "3",
                "-slicecrc",
                "1",
                "-pix_fmt",
                kept,
            ])
            .args(["-fflags", "+bitexact", "-flags:v", "+bitexact"])
            .arg(&self.path)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().context(
            "cannot start ffmpeg, which writes the MKV; install it (apt install ffmpeg), or use --to png",
        )?;
        let pipe = child.stdin.take().context("ffmpeg takes no input")?;
        self.ffmpeg = Some((child, BufWriter::with_capacity(1 << 20, pipe)));
        self.first = Some((frame.width, frame.height, frame.format));
        Ok(())
    }

    /// Ends ffmpeg; an error, with what it said, where it did not take everything.
    fn end(&mut self) -> Result<()> {
        let Some((mut child, pipe)) = self.ffmpeg.take() else { return Ok(()) };
        let is_flushed = pipe.into_inner().is_ok();
        let mut said = String::new();
        if let Some(mut errors) = child.stderr.take() {
            let _ = errors.read_to_string(&mut said);
        }
        if is_flushed && child.wait().is_ok_and(|status| status.success()) {
            return Ok(());
        }
        bail!("{}: ffmpeg says {:?}; check the free space, or use --to png", self.path.display(), said.trim())
    }
}

impl FrameSink for Video {
    fn frame(&mut self, frame: &Frame) -> Result<()> {
        if self.ffmpeg.is_none() {
            self.start(frame)?;
        }
        if self.first != Some((frame.width, frame.height, frame.format)) {
            bail!("frame {} has another size or layout than the first; use --to png", frame.seq);
        }
        let written = self.ffmpeg.as_mut().map(|(_, pipe)| pipe.write_all(&frame.data));
        if !matches!(written, Some(Ok(()))) {
            self.end()?;
            bail!("{}: ffmpeg ended before its last frame; use --to png", self.path.display());
        }
        writeln!(self.table, "{},{:.9}", frame.seq, frame.captured_at.as_secs_f64())
            .context("cannot write the timestamps")
    }

    fn finish(&mut self) -> Result<()> {
        self.table.flush().context("cannot write the timestamps")?;
        if self.ffmpeg.is_none() {
            bail!("{}: the session has no frames", self.path.display());
        }
        self.end()
    }
}
