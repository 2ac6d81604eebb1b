//! What goes into a recogniser, made from an example.

use image::imageops::{FilterType, crop_imm, resize};
use image::{GrayImage, RgbImage};
use serde::{Deserialize, Serialize};

pub use super::course::{Course, CourseReader};
use super::flow_map::FlowMap;
use super::record::RecogniserError;
use crate::dataset::Media;
use crate::expression::normalise;

/// What a recogniser takes, as its record says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum InputSpec {
    /// Luma of a face, `side` x `side` pixels, minus its mean and by its standard deviation plus a little.
    Gray {
        /// Height and width, in pixels.
        side: usize,
        /// Share of the picture's height and width that is used, from its middle.
        middle: f32,
    },
    /// Red, green, blue: `(value / 255 - mean) / std`.
    Rgb {
        /// Height and width, in pixels.
        side: [usize; 2],
        /// Share of the picture's height and width that is used, from its middle.
        middle: f32,
        /// Mean of each channel.
        mean: [f32; 3],
        /// Standard deviation of each.
        std: [f32; 3],
    },
    /// Horizontal flow, vertical flow, strain from onset to apex, `side` x `side`, from -1 to 1.
    Flow {
        /// Height and width, in pixels.
        side: usize,
    },
    /// Motion of the face's regions over the course of an event, in hundredths of the ICD.
    Sequence {
        /// Moments, evenly spaced.
        ticks: usize,
    },
}

impl InputSpec {
    /// Height, width and channels.
    pub fn size(&self) -> [usize; 3] {
        match *self {
            Self::Gray { side, .. } => [side, side, 1],
            Self::Rgb { side: [height, width], .. } => [height, width, 3],
            Self::Flow { side } => [side, side, 3],
            Self::Sequence { ticks } => [1, ticks, Course::CHANNELS],
        }
    }

    /// How many values.
    pub fn len(&self) -> usize {
        self.size().iter().product()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The input made from an example, shape `(height, width, channels)`.
    ///
    /// # Errors
    /// [`RecogniserError`], naming the file; [`RecogniserError::Kind`] where the example is of another kind.
    pub fn read(&self, media: &Media) -> Result<Vec<f32>, RecogniserError> {
        Ok(match *self {
            Self::Gray { .. } | Self::Rgb { .. } | Self::Flow { .. } => {
                self.values_of(&self.read_bytes(media)?)
            }
            Self::Sequence { ticks } => CourseReader::default().read(media)?.values(ticks),
        })
    }

    /// The picture as bytes, before [`InputSpec::values_of`]: shape `(height, width, channels)`. Not for sequences.
    ///
    /// # Errors
    /// As [`InputSpec::read`].
    pub fn read_bytes(&self, media: &Media) -> Result<Vec<u8>, RecogniserError> {
        Ok(match *self {
            Self::Gray { .. } | Self::Rgb { .. } if matches!(media, Media::Flow(_)) => {
                return Err(RecogniserError::Kind {
                    what: "a map of flow is no picture of a face; use --network flow".to_owned(),
                });
            }
            Self::Gray { side, middle } => gray_of(&media.gray()?, side, middle).into_raw(),
            Self::Rgb { side: [height, width], middle, .. } => {
                let picture = media.rgb()?;
                let [x, y, w, h] = middle_box(picture.dimensions(), middle);
                let cut = crop_imm(&picture, x, y, w, h).to_image();
                resize(&cut, width as u32, height as u32, FilterType::Triangle).into_raw()
            }
            Self::Flow { side } => FlowMap::of(media)?.resized(side).into_raw(),
            Self::Sequence { .. } => {
                return Err(RecogniserError::Kind {
                    what: "a sequence has no picture; this is a bug, please report it".to_owned(),
                });
            }
        })
    }

    /// From bytes, `(height, width, channels)`, to what the network takes, in the same order.
    pub fn values_of(&self, bytes: &[u8]) -> Vec<f32> {
        let plain = || bytes.iter().map(|value| f32::from(*value));
        match self {
            Self::Gray { .. } => {
                let (plane, mut input) = (plain().collect::<Vec<f32>>(), Vec::new());
                normalise(&plane, plane.len(), &mut input);
                input
            }
            Self::Rgb { mean, std, .. } => {
                plain().enumerate().map(|(at, value)| (value / 255.0 - mean[at % 3]) / std[at % 3]).collect()
            }
            Self::Flow { .. } | Self::Sequence { .. } => plain().map(|value| value / 127.5 - 1.0).collect(),
        }
    }

    /// From `(height, width, channels)` to the order of ONNX files, `(channels, height, width)`.
    pub fn planes(&self, values: &[f32]) -> Vec<f32> {
        let [.., channels] = self.size();
        (0..channels).flat_map(|channel| values.iter().skip(channel).step_by(channels).copied()).collect()
    }
}

/// The middle of a picture, made small: luma, `side` x `side`.
fn gray_of(picture: &GrayImage, side: usize, middle: f32) -> GrayImage {
    let [x, y, w, h] = middle_box(picture.dimensions(), middle);
    let cut = crop_imm(picture, x, y, w, h).to_image();
    resize(&cut, side as u32, side as u32, FilterType::Triangle)
}

/// Left, top, width and height of a picture's middle.
fn middle_box((width, height): (u32, u32), share: f32) -> [u32; 4] {
    let side = |all: u32| ((all as f32 * share.clamp(0.1, 1.0)).round() as u32).clamp(1, all.max(1));
    let (w, h) = (side(width), side(height));
    [(width.saturating_sub(w)) / 2, (height.saturating_sub(h)) / 2, w, h]
}

/// The picture that a recogniser's map of reasons is drawn over: what it sees, as luma.
///
/// # Errors
/// As [`InputSpec::read`].
pub(super) fn seen(spec: &InputSpec, bytes: &[u8]) -> Option<GrayImage> {
    let [height, width, channels] = spec.size();
    let (width, height) = (width as u32, height as u32);
    match channels {
        1 => GrayImage::from_raw(width, height, bytes.to_vec()),
        3 => {
            let picture = RgbImage::from_raw(width, height, bytes.to_vec())?;
            Some(image::DynamicImage::ImageRgb8(picture).into_luma8())
        }
        _ => None,
    }
}
