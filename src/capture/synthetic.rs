//! The synthetic source: an embedded portrait that moves its head, blinks, and makes small expressions by script.
//!
//! It is the demo, the test camera and the benchmark input on machines without a camera. The portrait is NASA's
//! photograph of Eileen Collins (public domain, from the scikit-image package). What the face does and when is known
//! exactly ([`SyntheticScript`]), so that tests and demos can compare what was noticed with what was done.
//!
//! Every frame is a function of (index, parameters) alone: same parameters, same bytes. The source does not keep time
//! by itself (`is_live` is false): the caller sets the pace.

mod field;
mod lids;
mod noise;
mod pixels;
mod portrait;
mod render;
mod script;

pub use script::{FaceState, SyntheticEvent, SyntheticScript};

use super::source::{CaptureError, Captured, Source, SourceInfo};
use crate::types::{Frame, PixelFormat, Timestamp, TimestampSource};
use render::Renderer;

/// What the synthetic source delivers.
#[derive(Clone, Debug, PartialEq)]
pub struct SyntheticParams {
    /// Width of the frames, in pixels, `1..=8192`; even for [`PixelFormat::Yuyv`].
    pub width: u32,
    /// Height of the frames, in pixels, `1..=8192`.
    pub height: u32,
    /// Frames a second of media time, above 0 and at most 1000.
    pub fps: f64,
    /// Seconds until the source ends; `None`: it goes on for ever.
    pub duration_s: Option<f64>,
    /// Changes noise, head motion and blink times.
    pub seed: u64,
    /// Standard deviation of the sensor noise, in levels of 255, `[0, 10]`.
    pub noise: f32,
    /// [`PixelFormat::Rgb8`], [`PixelFormat::Gray8`] or [`PixelFormat::Yuyv`].
    pub format: PixelFormat,
    /// Factor on the head motion; 0 holds the head still.
    pub head_motion: f32,
    /// Factor on brow and mouth motion; 0 leaves only head motion and blinks. The script's amplitudes hold for 1.
    pub expressions: f32,
    /// Whether the eyes blink.
    pub blinks: bool,
}

impl Default for SyntheticParams {
    /// 640x480 colour at 30 fps, without end.
    fn default() -> Self {
        Self {
            width: 640,
            height: 480,
            fps: 30.0,
            duration_s: None,
            seed: 0,
            noise: 1.5,
            format: PixelFormat::Rgb8,
            head_motion: 1.0,
            expressions: 1.0,
            blinks: true,
        }
    }
}

/// The animated portrait as a [`Source`].
pub struct SyntheticSource {
    params: SyntheticParams,
    info: SourceInfo,
    script: SyntheticScript,
    renderer: Renderer,
    index: u64,
}

impl SyntheticSource {
    /// Prepares the portrait at the size of the frames (20 ms of work at 640x480).
    ///
    /// # Errors
    /// [`CaptureError::BadRequest`] where a parameter is out of its range.
    pub fn new(params: SyntheticParams) -> Result<Self, CaptureError> {
        check(&params)?;
        let frame_count = params.duration_s.map(|s| (s * params.fps - 1e-6).ceil().max(0.0) as u64);
        let info = SourceInfo {
            name: "demo".to_owned(),
            path: None,
            width: params.width,
            height: params.height,
            nominal_fps: Some(params.fps),
            frame_count,
            duration_s: params.duration_s,
            timestamp_source: TimestampSource::Nominal,
            is_live: false,
        };
        let script = SyntheticScript::new(params.seed);
        let renderer = Renderer::new(&params)?;
        Ok(Self { params, info, script, renderer, index: 0 })
    }

    /// What the face does and when.
    pub fn script(&self) -> &SyntheticScript {
        &self.script
    }

    /// Inner-canthal distance of the face at rest, in image pixels.
    pub fn icd_px(&self) -> f32 {
        self.renderer.icd_px()
    }

    /// Media time of the frame at `index`.
    pub fn time_of(&self, index: u64) -> Timestamp {
        Timestamp::from_secs_f64(index as f64 / self.params.fps)
    }

    /// Draws the frame at `index`, in any order. [`Source::next`] draws them one after the other.
    pub fn render_into(&mut self, index: u64, frame: &mut Frame) {
        let mut state = self.script.state_at(index as f64 / self.params.fps);
        state.scale_by(self.params.head_motion, self.params.expressions, self.params.blinks);
        let captured_at = self.time_of(index);
        (frame.seq, frame.captured_at, frame.arrived_at) = (index, captured_at, captured_at);
        (frame.width, frame.height, frame.format) =
            (self.params.width, self.params.height, self.params.format);
        self.renderer.render(&state, index, &mut frame.data);
    }
}

impl Source for SyntheticSource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn next(&mut self, frame: &mut Frame) -> Result<Captured, CaptureError> {
        if self.info.frame_count.is_some_and(|count| self.index >= count) {
            return Ok(Captured::End);
        }
        self.render_into(self.index, frame);
        self.index += 1;
        Ok(Captured::Frame)
    }
}

fn check(params: &SyntheticParams) -> Result<(), CaptureError> {
    let refuse = |why: String| Err(CaptureError::BadRequest { what: "the synthetic source".to_owned(), why });
    let (width, height) = (params.width, params.height);
    if !(1..=8192).contains(&width) || !(1..=8192).contains(&height) {
        return refuse(format!("cannot be {width}x{height}; choose sizes from 1 to 8192"));
    }
    if !matches!(params.format, PixelFormat::Rgb8 | PixelFormat::Gray8 | PixelFormat::Yuyv) {
        return refuse(format!("cannot deliver {:?}; choose Rgb8, Gray8 or Yuyv", params.format));
    }
    if params.format == PixelFormat::Yuyv && !width.is_multiple_of(2) {
        return refuse(format!("cannot be {width} wide in YUYV; choose an even width"));
    }
    if !(params.fps > 0.0 && params.fps <= 1000.0) {
        return refuse(format!("cannot run at {} fps; choose a rate above 0 and up to 1000", params.fps));
    }
    if !(0.0..=10.0).contains(&params.noise) {
        return refuse(format!("cannot have noise {}; choose 0 to 10", params.noise));
    }
    if params.duration_s.is_some_and(|s| !(0.0..=1e9).contains(&s)) {
        return refuse("needs a duration of 0 s or more".to_owned());
    }
    if !params.head_motion.is_finite() || !params.expressions.is_finite() {
        return refuse("needs finite motion factors".to_owned());
    }
    Ok(())
}
