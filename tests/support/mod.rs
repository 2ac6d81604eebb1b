//! What several tests share: golden files, pictures, video frames.
#![allow(dead_code)] // Each test binary uses a part.

use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use image::{GrayImage, RgbImage};
use onset::types::{FaceMeasurement, RectPx};

/// The checkout.
pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The folder with golden files and development data, or `None` with a printed line.
pub fn shared(test: &str) -> Option<PathBuf> {
    let path = std::env::var_os("ONSET_SHARED").map_or_else(|| repository().join("../shared"), PathBuf::from);
    if path.join("golden").is_dir() {
        return Some(path);
    }
    println!("SKIPPED {test}: {} is missing; set ONSET_SHARED to the shared folder", path.display());
    None
}

/// The development photos and the portrait, by name.
pub fn photos(shared: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> =
        std::fs::read_dir(shared.join("data/photos")).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.push(shared.join("portrait/astronaut.png"));
    all.sort_by_key(|path| path.file_name().map(std::ffi::OsStr::to_owned));
    all
}

/// A picture as RGB.
pub fn open_rgb(path: &Path) -> RgbImage {
    // By content: some development files have the wrong ending.
    image::ImageReader::open(path)
        .and_then(image::ImageReader::with_guessed_format)
        .map_err(image::ImageError::from)
        .and_then(image::ImageReader::decode)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        .to_rgb8()
}

/// Luma of a picture, BT.601 full range.
pub fn gray_of(rgb: &RgbImage) -> GrayImage {
    GrayImage::from_fn(rgb.width(), rgb.height(), |x, y| {
        let [r, g, b] = rgb.get_pixel(x, y).0.map(f32::from);
        image::Luma([(0.299 * r + 0.587 * g + 0.114 * b).round() as u8])
    })
}

/// The first frames of a video, by ffmpeg; `None` with a printed line where ffmpeg is missing.
pub fn video_frames(path: &Path, width: u32, height: u32, count: usize) -> Option<Vec<RgbImage>> {
    let mut frames = Vec::new();
    let is_done = for_each_frame(path, (width, height), &[], |_, rgb| {
        frames.push(rgb.clone());
        frames.len() < count
    });
    is_done.then_some(frames)
}

/// Runs `ffmpeg` over a video and calls `each` with every frame until it returns false. False where ffmpeg is missing.
pub fn for_each_frame(
    path: &Path,
    (width, height): (u32, u32),
    filters: &[&str],
    mut each: impl FnMut(usize, &RgbImage) -> bool,
) -> bool {
    let child = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(path)
        .args(filters)
        .args(["-f", "rawvideo", "-pix_fmt", "rgb24", "-"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        println!("SKIPPED {}: ffmpeg is missing", path.display());
        return false;
    };
    let mut pipe = child.stdout.take().unwrap();
    let mut rgb = RgbImage::new(width, height);
    let mut index = 0;
    while pipe.read_exact(&mut rgb).is_ok() {
        if !each(index, &rgb) {
            break;
        }
        index += 1;
    }
    let _ = child.kill();
    let _ = child.wait();
    true
}

/// One of MediaPipe's results, as `mediapipe_reference.py` writes them.
#[derive(serde::Deserialize)]
pub struct GoldenFile {
    pub input: String,
    pub width: u32,
    pub height: u32,
    pub fps: Option<f64>,
    pub frames: Vec<Option<GoldenFrame>>,
}

impl GoldenFile {
    pub fn open(path: &Path) -> Self {
        let text =
            std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}

#[derive(serde::Deserialize)]
pub struct GoldenFrame {
    pub landmarks: Vec<[f64; 2]>,
    pub blendshapes: Vec<f64>,
}

impl GoldenFrame {
    pub fn box_px(&self) -> RectPx {
        let edge = |axis: usize, pick: fn(f64, f64) -> f64| {
            self.landmarks.iter().map(|point| point[axis]).reduce(pick).unwrap() as f32
        };
        let (x, y) = (edge(0, f64::min), edge(1, f64::min));
        RectPx { x, y, w: edge(0, f64::max) - x, h: edge(1, f64::max) - y }
    }
}

/// How far a face of ours is from MediaPipe's. Landmarks in percent of MediaPipe's outer-eye distance.
pub struct Errors {
    pub landmarks_mean_percent: f64,
    pub landmarks_max_percent: f64,
    pub blendshapes_mean: Option<f64>,
    pub blendshapes_max: Option<f64>,
}

impl Errors {
    pub const HEADER: &str = "lm mean %  lm max %  bs mean   bs max";

    pub fn of(face: &FaceMeasurement, golden: &GoldenFrame) -> Self {
        let distance = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]);
        let eyes = distance(golden.landmarks[33], golden.landmarks[263]);
        let landmarks: Vec<f64> = face
            .landmarks
            .iter()
            .zip(&golden.landmarks)
            .map(|(ours, theirs)| 100.0 * distance([f64::from(ours[0]), f64::from(ours[1])], *theirs) / eyes)
            .collect();
        let blendshapes: Option<Vec<f64>> = face.blendshapes.as_ref().map(|scores| {
            scores
                .iter()
                .zip(&golden.blendshapes)
                .map(|(ours, theirs)| (f64::from(*ours) - theirs).abs())
                .collect()
        });
        let (mean, max) = (
            |values: &Vec<f64>| values.iter().sum::<f64>() / values.len() as f64,
            |values: &Vec<f64>| values.iter().copied().fold(0.0, f64::max),
        );
        Self {
            landmarks_mean_percent: mean(&landmarks),
            landmarks_max_percent: max(&landmarks),
            blendshapes_mean: blendshapes.as_ref().map(mean),
            blendshapes_max: blendshapes.as_ref().map(max),
        }
    }

    /// Means of the means, and maxima of the maxima.
    pub fn mean<'a>(all: impl Iterator<Item = &'a Self>) -> Self {
        let all: Vec<&Self> = all.collect();
        let count = all.len() as f64;
        let blendshapes: Vec<(f64, f64)> = all
            .iter()
            .filter_map(|errors| Some((errors.blendshapes_mean?, errors.blendshapes_max?)))
            .collect();
        Self {
            landmarks_mean_percent: all.iter().map(|errors| errors.landmarks_mean_percent).sum::<f64>()
                / count,
            landmarks_max_percent: all.iter().map(|errors| errors.landmarks_max_percent).fold(0.0, f64::max),
            blendshapes_mean: (!blendshapes.is_empty())
                .then(|| blendshapes.iter().map(|(mean, _)| mean).sum::<f64>() / blendshapes.len() as f64),
            blendshapes_max: blendshapes.iter().map(|(_, max)| *max).reduce(f64::max),
        }
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:9.3} {:9.3}", self.landmarks_mean_percent, self.landmarks_max_percent)?;
        match (self.blendshapes_mean, self.blendshapes_max) {
            (Some(mean), Some(max)) => write!(f, " {mean:8.4} {max:8.4}"),
            _ => write!(f, " {:>8} {:>8}", "-", "-"),
        }
    }
}
