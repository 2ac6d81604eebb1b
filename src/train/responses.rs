//! What action units do to the landmarks, measured in pictures: faces of photos and videos with one unit each, before and after.

use std::path::Path;

use image::{GrayImage, RgbImage};

use super::TrainError;
use super::split::Base;
use crate::capture::{Captured, SessionClock, SourceSpec, open_source};
use crate::face::{FaceEngine, FaceParams};
use crate::facs::ACTION_UNITS;
use crate::image::convert::{PixelError, luma_of_rgb, rgb_from_frame};
use crate::pipeline::AnalyzerError;
use crate::spot::network::{LandmarkResponses, landmark_places, mirror_image};
use crate::synth::posed;
use crate::types::{Frame, Landmarks, Side, Timestamp};

/// Pictures are taken from each video at these shares of its length: different expressions, different poses.
const SHARES: [f64; 3] = [0.2, 0.5, 0.8];
/// Amplitude of the unit, in ICD units: in the range of what is looked for, and large beside the landmarks' own noise.
const AMPLITUDE_ICD: f32 = 0.04;
/// Faces with a lower confidence are not used.
const MIN_CONFIDENCE: f32 = 0.5;
/// Time between pictures for the face engine, in seconds: they follow each other.
const STEP_S: f64 = 1.0 / 30.0;

/// What was measured.
#[derive(Clone, Debug)]
pub struct MeasuredResponses {
    /// Means over people of each one's mean over pictures and sides.
    pub responses: LandmarkResponses,
    /// How many people there are.
    pub people: usize,
    /// How many pictures.
    pub pictures: usize,
}

/// Measures the answers on all bases below `root`. `progress` is told of each before it is read and says whether to go on.
///
/// # Errors
/// A file that cannot be read, [`TrainError::Interrupted`], or no usable face at all.
pub fn measure_responses(
    bases: &[Base],
    root: &Path,
    mut progress: impl FnMut(usize, &Base) -> bool,
) -> Result<MeasuredResponses, TrainError> {
    let mut meter = Meter::new()?;
    let mut people: Vec<(String, Sum)> = Vec::new();
    let mut pictures = 0;
    for (index, base) in bases.iter().enumerate() {
        if !progress(index, base) {
            return Err(TrainError::Interrupted);
        }
        for picture in pictures_of(&root.join(&base.path), base.is_photo)? {
            let Some(answers) = meter.measure(&picture)? else { continue };
            pictures += 1;
            match people.iter_mut().find(|(person, _)| *person == base.person) {
                Some((_, sum)) => sum.add(&answers),
                None => people.push((base.person.clone(), Sum { rows: answers, count: 1.0 })),
            }
        }
    }
    let mut all: Option<Sum> = None;
    for (_, sum) in &people {
        let mean = sum.mean();
        match &mut all {
            Some(all) => all.add(&mean),
            None => all = Some(Sum { rows: mean, count: 1.0 }),
        }
    }
    let nobody = "no face was found in any recording; check --split and --data";
    let all = all.ok_or_else(|| TrainError::TooLittle(nobody.to_owned()))?;
    Ok(MeasuredResponses {
        responses: LandmarkResponses { left: all.mean() },
        people: people.len(),
        pictures,
    })
}

type Rows = Vec<Vec<[f32; 2]>>;

struct Sum {
    rows: Rows,
    count: f32,
}

impl Sum {
    fn add(&mut self, rows: &Rows) {
        for (sum, value) in self.rows.iter_mut().flatten().flatten().zip(rows.iter().flatten().flatten()) {
            *sum += value;
        }
        self.count += 1.0;
    }

    fn mean(&self) -> Rows {
        let mean = |row: &Vec<[f32; 2]>| row.iter().map(|xy| xy.map(|v| v / self.count)).collect();
        self.rows.iter().map(mean).collect()
    }
}

/// Measures landmarks of pictures that follow each other.
struct Meter {
    faces: FaceEngine,
    seq: u64,
}

impl Meter {
    fn new() -> Result<Self, TrainError> {
        let faces = FaceEngine::new(FaceParams::default()).map_err(AnalyzerError::from)?;
        Ok(Self { faces, seq: 0 })
    }

    fn landmarks(&mut self, picture: &RgbImage) -> Result<Option<Box<Landmarks>>, TrainError> {
        let mut luma = GrayImage::new(picture.width(), picture.height());
        for (out, pixel) in luma.pixels_mut().zip(picture.pixels()) {
            out.0 = [luma_of_rgb(pixel.0)];
        }
        self.seq += 1;
        let at = Timestamp::from_secs_f64(self.seq as f64 * STEP_S);
        let update = self.faces.measure(self.seq, at, picture, &luma).map_err(AnalyzerError::from)?;
        let face = update.faces.into_iter().next();
        Ok(face.filter(|face| face.confidence >= MIN_CONFIDENCE).map(|face| face.landmarks))
    }

    /// The answers to each unit: the mean of the left's and of the right's mirror image. `None` where there is no face.
    fn measure(&mut self, picture: &RgbImage) -> Result<Option<Rows>, TrainError> {
        self.faces.reset();
        let mut rows = Vec::new();
        for au in ACTION_UNITS {
            let mut sides = Vec::new();
            for side in [Side::Left, Side::Right] {
                // Twice before: then both pictures are cut from around the same landmarks.
                let (_, plain) = (self.landmarks(picture)?, self.landmarks(picture)?);
                let Some(plain) = plain else { return Ok(None) };
                let Some(acting) = posed(picture, &plain, &[(au, side, 1.0)], AMPLITUDE_ICD) else {
                    return Ok(None);
                };
                let Some(acting) = self.landmarks(&acting)? else { return Ok(None) };
                let (before, after) = (landmark_places(&plain), landmark_places(&acting));
                if before.is_empty() || after.is_empty() {
                    return Ok(None);
                }
                let moved = before.iter().zip(&after);
                let moved: Vec<[f32; 2]> =
                    moved.map(|(a, b)| [0, 1].map(|i| (b[i] - a[i]) / AMPLITUDE_ICD)).collect();
                sides.push(if side == Side::Left { moved } else { mirror_image(&moved) });
            }
            let pairs = sides[0].iter().zip(&sides[1]);
            rows.push(pairs.map(|(a, b)| [0, 1].map(|i| 0.5 * (a[i] + b[i]))).collect());
        }
        Ok(Some(rows))
    }
}

/// The photo, or pictures from along the video.
fn pictures_of(path: &Path, is_photo: bool) -> Result<Vec<RgbImage>, TrainError> {
    let spec = SourceSpec::Path { path: path.to_owned(), fps: is_photo.then_some(1.0) };
    let count = {
        let mut source = open_source(&spec, SessionClock::start())?;
        let mut frame = Frame::default();
        let mut count = 0usize;
        loop {
            match source.next(&mut frame)? {
                Captured::End => break count,
                Captured::Gap(_) => {}
                Captured::Frame => count += 1,
            }
        }
    };
    let wanted: Vec<usize> = if is_photo {
        vec![0]
    } else {
        let mut wanted: Vec<usize> = SHARES.iter().map(|share| (share * count as f64) as usize).collect();
        wanted.dedup();
        wanted
    };
    let mut source = open_source(&spec, SessionClock::start())?;
    let (mut frame, mut index, mut pictures) = (Frame::default(), 0, Vec::new());
    while pictures.len() < wanted.len() {
        match source.next(&mut frame)? {
            Captured::End => break,
            Captured::Gap(_) => {}
            Captured::Frame => {
                if wanted.contains(&index) {
                    let mut picture = RgbImage::new(frame.width, frame.height);
                    let damaged = |error: PixelError| TrainError::File {
                        path: path.to_owned(),
                        why: error.to_string(),
                    };
                    rgb_from_frame(&frame, &mut picture).map_err(damaged)?;
                    pictures.push(picture);
                }
                index += 1;
            }
        }
    }
    Ok(pictures)
}
