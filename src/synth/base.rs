//! What is animated: the embedded portrait, a photo, or a video; with its face in every frame.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use image::imageops::{FilterType, crop_imm, resize};
use image::{GrayImage, RgbImage};

use super::SynthError;
use super::trail::{TrailPoint, smooth, usable_spans};
use crate::capture::{
    Captured, IMAGE_EXTENSIONS, SessionClock, Source, SourceSpec, SyntheticParams, VideoSource, open_source,
};
use crate::face::{FaceEngine, icd_px};
use crate::image::convert::{luma_of_rgb, rgb_from_frame};
use crate::types::{Frame, Landmarks, Timestamp};

/// Photos larger than this are scaled down to fit.
const LARGEST_STILL_PX: [u32; 2] = [1280, 1280];
/// The tip of the nose among the landmarks (MediaPipe's face mesh): about the middle of a face.
const NOSE_TIP: usize = 1;
/// The portrait's picture, in pixels.
const PORTRAIT_PX: [u32; 2] = [640, 480];

/// How much the base moves by itself; a column of `truth.csv`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BaseKind {
    /// One picture.
    Still,
    /// A video of somebody who listens or rests.
    Calm,
    /// A video of somebody who talks or moves.
    Talking,
}

impl BaseKind {
    /// The name used in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Still => "still",
            Self::Calm => "calm",
            Self::Talking => "talking",
        }
    }
}

impl FromStr for BaseKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Still, Self::Calm, Self::Talking]
            .into_iter()
            .find(|kind| kind.name() == text)
            .ok_or_else(|| format!("{text:?} is no kind of base; choose still, calm or talking"))
    }
}

/// Which base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BaseSpec {
    /// The embedded portrait, 640x480.
    Portrait,
    /// A picture or a video.
    File(PathBuf),
}

/// Which part of a video.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Part {
    /// Seconds to leave out at the beginning.
    pub start_s: f64,
    /// At most so many seconds; `None`: to the end.
    pub duration_s: Option<f64>,
    /// Frames a second, below the video's own: the others are left out. `None`: every frame.
    pub fps: Option<f64>,
}

/// A base, opened and measured.
pub struct Base {
    /// File name without its extension, or `portrait`.
    pub stem: String,
    /// How it is named in the tables: its file name, or `portrait`.
    pub name: String,
    /// Still, or a video (calm until somebody says otherwise).
    pub kind: BaseKind,
    /// Width and height of its frames as they are used, in pixels; even.
    pub size_px: [u32; 2],
    /// Its own frame rate; `None` for stills.
    pub fps: Option<f64>,
    /// The face in each frame of the chosen part; one point for a still.
    pub trail: Vec<TrailPoint>,
    spec: BaseSpec,
    part: Part,
    still: Option<RgbImage>,
}

impl Base {
    /// Opens a base and finds its face in every frame (25 ms a frame).
    ///
    /// `on_frame` is told of each frame measured and of how many there will be, and returns false to stop.
    ///
    /// # Errors
    /// [`SynthError::Capture`] where it cannot be read, [`SynthError::NoFace`], [`SynthError::BadRequest`] where the part lies
    /// beyond its end, [`SynthError::Interrupted`].
    pub fn open(
        spec: &BaseSpec,
        part: Part,
        faces: &mut FaceEngine,
        on_frame: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<Self, SynthError> {
        let (stem, name) = names(spec);
        let mut base = Self {
            stem,
            name,
            kind: BaseKind::Calm,
            size_px: [0; 2],
            fps: None,
            trail: Vec::new(),
            spec: spec.clone(),
            part,
            still: None,
        };
        faces.reset();
        if is_still(spec) {
            base.open_still(faces)?;
            on_frame(1, 1);
        } else {
            base.measure_video(faces, on_frame)?;
        }
        if usable_spans(&base.trail).is_empty() {
            return Err(SynthError::NoFace { base: base.name });
        }
        smooth(&mut base.trail);
        Ok(base)
    }

    /// Whether it is one picture.
    pub fn is_still(&self) -> bool {
        self.still.is_some()
    }

    /// Times during which its face can be animated: `[from, to]`, in seconds from the clip's start. A still's hold for ever.
    pub fn usable_spans(&self) -> Vec<[f64; 2]> {
        if self.is_still() { vec![[0.0, f64::INFINITY]] } else { usable_spans(&self.trail) }
    }

    /// The face's landmarks in frame `index`; a still has the same in all.
    pub fn landmarks(&self, index: usize) -> Option<&Landmarks> {
        let index = if self.is_still() { 0 } else { index };
        self.trail.get(index)?.landmarks.as_deref()
    }

    /// Median inner-canthal distance, in base pixels.
    pub fn icd_px(&self) -> f32 {
        let mut all: Vec<f32> =
            self.trail.iter().filter_map(|point| point.landmarks.as_deref().map(icd_px)).collect();
        all.sort_by(f32::total_cmp);
        all.get(all.len() / 2).copied().unwrap_or(0.0)
    }

    /// Cuts a still to `size_px` around its face, where it is larger.
    ///
    /// # Errors
    /// [`SynthError::BadRequest`] for a video.
    pub fn cut_around_face(&mut self, [width, height]: [u32; 2]) -> Result<(), SynthError> {
        let landmarks = self.trail.first_mut().and_then(|point| point.landmarks.as_deref_mut());
        let (Some(picture), Some(landmarks)) = (&self.still, landmarks) else {
            return Err(SynthError::BadRequest(format!(
                "{}: --size cuts photos alone; leave it out for videos",
                self.name
            )));
        };
        let first = |centre: f32, own: u32, asked: u32| {
            let first = (f64::from(centre) - 0.5 * f64::from(asked)).round().max(0.0) as u32;
            first.min(own.saturating_sub(asked))
        };
        let [nose_x, nose_y, _] = landmarks[NOSE_TIP];
        let (x, y) = (first(nose_x, picture.width(), width), first(nose_y, picture.height(), height));
        // `crop_imm` ends at the picture's edge.
        let picture = even(crop_imm(picture, x, y, width, height).to_image());
        for landmark in landmarks.iter_mut() {
            landmark[0] -= x as f32;
            landmark[1] -= y as f32;
        }
        self.size_px = [picture.width(), picture.height()];
        self.still = Some(picture);
        Ok(())
    }

    /// Starts over: the frames, one after the other, as they were measured.
    ///
    /// # Errors
    /// [`SynthError::Capture`] where the file cannot be opened again.
    pub fn frames(&self) -> Result<BaseFrames, SynthError> {
        Ok(match &self.still {
            Some(picture) => BaseFrames(Kind::Still(picture.clone())),
            None => BaseFrames(Kind::Video(Box::new(VideoFrames::open(&self.spec, self.part, &self.name)?))),
        })
    }

    fn open_still(&mut self, faces: &mut FaceEngine) -> Result<(), SynthError> {
        let mut source = open_source(&source_spec(&self.spec), SessionClock::start())?;
        let mut frame = Frame::default();
        if source.next(&mut frame)? != Captured::Frame {
            return Err(SynthError::NoFace { base: self.name.clone() });
        }
        let mut picture = picture_of(&frame, &self.name)?;
        let [width, height] = LARGEST_STILL_PX;
        let shrink = (f64::from(width) / f64::from(picture.width()))
            .min(f64::from(height) / f64::from(picture.height()));
        if shrink < 1.0 {
            let size = |px: u32| ((f64::from(px) * shrink).round() as u32).max(2);
            picture = resize(&picture, size(picture.width()), size(picture.height()), FilterType::Lanczos3);
        }
        let picture = even(picture);
        self.kind = BaseKind::Still;
        self.size_px = [picture.width(), picture.height()];
        self.trail = vec![measure(faces, 0, 0.0, &picture)?];
        self.still = Some(picture);
        Ok(())
    }

    fn measure_video(
        &mut self,
        faces: &mut FaceEngine,
        on_frame: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<(), SynthError> {
        let mut frames = VideoFrames::open(&self.spec, self.part, &self.name)?;
        self.fps = frames.source.info().nominal_fps.filter(|fps| fps.is_finite() && *fps > 0.0);
        if let (Some(asked), Some(own)) = (self.part.fps, self.fps)
            && asked > own * 1.001
        {
            return Err(SynthError::BadRequest(format!(
                "{}: it has {own:.3} frames a second, so --fps {asked} would only repeat pictures; give at most its own rate, \
                 or take a photo as the base",
                self.name
            )));
        }
        let expected = frames.expected();
        while let Some((time_s, picture)) = frames.next()? {
            let index = self.trail.len();
            self.size_px = [picture.width(), picture.height()];
            self.trail.push(measure(faces, index as u64, time_s, &picture)?);
            if !on_frame(index + 1, expected.max(index + 1)) {
                return Err(SynthError::Interrupted { what: self.name.clone() });
            }
        }
        if self.trail.is_empty() {
            return Err(SynthError::BadRequest(format!(
                "{}: no frame lies in the part that was asked for; choose a smaller --start",
                self.name
            )));
        }
        Ok(())
    }
}

/// The frames of a base: for a still the same picture without end.
pub struct BaseFrames(Kind);

enum Kind {
    Still(RgbImage),
    Video(Box<VideoFrames>),
}

impl BaseFrames {
    /// The next picture with its time in seconds from the clip's start; a still has no time of its own. `None` at the end.
    ///
    /// # Errors
    /// [`SynthError::Capture`] where the file breaks off badly.
    pub fn next_picture(&mut self) -> Result<Option<(Option<f64>, RgbImage)>, SynthError> {
        Ok(match &mut self.0 {
            Kind::Still(picture) => Some((None, picture.clone())),
            Kind::Video(frames) => frames.next()?.map(|(time_s, picture)| (Some(time_s), picture)),
        })
    }
}

/// A part of a video, frame by frame.
struct VideoFrames {
    source: Box<dyn Source>,
    name: String,
    part: Part,
    first_s: Option<f64>,
    next_due_s: f64,
    frame: Frame,
}

impl VideoFrames {
    fn open(spec: &BaseSpec, part: Part, name: &str) -> Result<Self, SynthError> {
        let source: Box<dyn Source> = match spec {
            // A clip is as bright as its base.
            BaseSpec::File(path) if !path.is_dir() => Box::new(VideoSource::open_exact(path)?),
            _ => open_source(&source_spec(spec), SessionClock::start())?,
        };
        Ok(Self {
            source,
            name: name.to_owned(),
            part,
            first_s: None,
            next_due_s: 0.0,
            frame: Frame::default(),
        })
    }

    /// How many frames there will be, about.
    fn expected(&self) -> usize {
        let info = self.source.info();
        let all = info.frame_count.unwrap_or(0) as f64;
        let Some(fps) = info.nominal_fps.filter(|fps| *fps > 0.0) else { return all as usize };
        let left_s = (all / fps - self.part.start_s).max(0.0);
        (left_s.min(self.part.duration_s.unwrap_or(f64::INFINITY)) * self.part.fps.unwrap_or(fps)) as usize
    }

    fn next(&mut self) -> Result<Option<(f64, RgbImage)>, SynthError> {
        loop {
            match self.source.next(&mut self.frame)? {
                Captured::End => return Ok(None),
                Captured::Gap(_) | Captured::Waiting => continue,
                Captured::Frame => {}
            }
            let at_s = self.frame.captured_at.as_secs_f64();
            if at_s < self.part.start_s {
                continue;
            }
            let time_s = at_s - *self.first_s.get_or_insert(at_s);
            if self.part.duration_s.is_some_and(|duration_s| time_s >= duration_s - 1e-6) {
                return Ok(None);
            }
            if let Some(fps) = self.part.fps {
                // A quarter of a period early still counts as due: times in files are rounded.
                if time_s < self.next_due_s - 0.25 / fps {
                    continue;
                }
                self.next_due_s += 1.0 / fps;
            }
            return Ok(Some((time_s, even(picture_of(&self.frame, &self.name)?))));
        }
    }
}

fn names(spec: &BaseSpec) -> (String, String) {
    let text =
        |part: Option<&std::ffi::OsStr>| part.map(|p| p.to_string_lossy().into_owned()).unwrap_or_default();
    match spec {
        BaseSpec::Portrait => ("portrait".to_owned(), "portrait".to_owned()),
        BaseSpec::File(path) => (text(path.file_stem()), text(path.file_name())),
    }
}

fn is_still(spec: &BaseSpec) -> bool {
    match spec {
        BaseSpec::Portrait => true,
        BaseSpec::File(path) => !path.is_dir() && has_picture_extension(path),
    }
}

fn has_picture_extension(path: &Path) -> bool {
    let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase());
    extension.is_some_and(|extension| IMAGE_EXTENSIONS.contains(&extension.as_str()))
}

fn source_spec(spec: &BaseSpec) -> SourceSpec {
    match spec {
        BaseSpec::File(path) => SourceSpec::Path { path: path.clone(), fps: None },
        BaseSpec::Portrait => SourceSpec::Synthetic(SyntheticParams {
            width: PORTRAIT_PX[0],
            height: PORTRAIT_PX[1],
            duration_s: Some(1.0),
            noise: 0.0,
            head_motion: 0.0,
            expressions: 0.0,
            blinks: false,
            ..SyntheticParams::default()
        }),
    }
}

fn picture_of(frame: &Frame, base: &str) -> Result<RgbImage, SynthError> {
    let mut picture = RgbImage::new(frame.width, frame.height);
    rgb_from_frame(frame, &mut picture)
        .map_err(|error| SynthError::Pixels { base: base.to_owned(), why: error.to_string() })?;
    Ok(picture)
}

/// Without a last odd row or column: video codecs keep colour for every second pixel.
fn even(picture: RgbImage) -> RgbImage {
    let (width, height) = (picture.width() & !1, picture.height() & !1);
    if (width, height) == picture.dimensions() || width == 0 || height == 0 {
        return picture;
    }
    crop_imm(&picture, 0, 0, width, height).to_image()
}

fn measure(
    faces: &mut FaceEngine,
    seq: u64,
    time_s: f64,
    picture: &RgbImage,
) -> Result<TrailPoint, SynthError> {
    let mut luma = GrayImage::new(picture.width(), picture.height());
    for (out, pixel) in luma.pixels_mut().zip(picture.pixels()) {
        out.0 = [luma_of_rgb(pixel.0)];
    }
    let update = faces.measure(seq, Timestamp::from_secs_f64(time_s), picture, &luma)?;
    Ok(TrailPoint::new(time_s, &update, picture.dimensions()))
}
