//! What an example shows: a picture, a flow map, or the frames of an event. Decoded when asked for, never before.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use image::{DynamicImage, GrayImage, ImageReader, RgbImage};

use crate::dataset::DatasetError;
use crate::image::convert::luma_of_rgb;

/// Width and height of a flow map, in pixels, as public code shares them.
pub const FLOW_SIDE_PX: u32 = 28;

/// Pictures.
#[derive(Clone, Debug)]
pub enum Media {
    /// A picture file.
    Picture {
        /// The gray picture.
        gray: PathBuf,
        /// The same in colour; `None`: `gray` is the only file, and may have colours.
        colour: Option<PathBuf>,
    },
    /// The bytes of a picture file that was in an archive.
    Packed(Arc<[u8]>),
    /// A flow map from onset to apex: horizontal flow, vertical flow and strain as red, green and blue, 8 bits, [`FLOW_SIDE_PX`] a side.
    Flow(PathBuf),
    /// An event.
    Clip(Arc<Clip>),
}

/// The frames of one event.
#[derive(Clone, Debug, PartialEq)]
pub struct Clip {
    /// Picture files, in the order of time. Of a corpus, those from onset to offset; of an Onset dataset, the crops of onset, apex and offset only.
    pub frames: Vec<PathBuf>,
    /// Index into `frames`: the first visible change.
    pub onset: usize,
    /// Index into `frames`: the strongest moment. Where the corpus gives none, the frame in the middle between onset and offset.
    pub apex: usize,
    /// Index into `frames`: the end; `None` where it is not known.
    pub offset: Option<usize>,
    /// Frames a second; 0 where it is not known, or where the frames are not evenly spaced.
    pub fps: f64,
    /// Motion of face regions (`candidates/EVENT/clip.json` of an Onset dataset).
    pub traces: Option<PathBuf>,
}

impl Media {
    /// The picture in gray: full-range BT.601 luma, 8 bits. Of a clip: its apex frame. Of a flow map: the luma of its three channels, which means
    /// little.
    ///
    /// # Errors
    /// [`DatasetError::Picture`], naming the file: it is not there or cannot be decoded. [`DatasetError::Unfit`]: a flow map of another size.
    pub fn gray(&self) -> Result<GrayImage, DatasetError> {
        Ok(gray_of(self.decoded(false)?))
    }

    /// The picture in colour, 8 bits; a gray one has three equal channels. Of a clip: its apex frame. Of a flow map: horizontal flow, vertical
    /// flow, strain.
    ///
    /// # Errors
    /// As [`Media::gray`].
    pub fn rgb(&self) -> Result<RgbImage, DatasetError> {
        Ok(self.decoded(true)?.into_rgb8())
    }

    fn decoded(&self, in_colour: bool) -> Result<DynamicImage, DatasetError> {
        match self {
            Self::Picture { gray, colour } => {
                decode(if in_colour { colour.as_ref().unwrap_or(gray) } else { gray })
            }
            Self::Packed(bytes) => unpack(bytes, "a picture of the archive"),
            Self::Flow(path) => decode_flow(path),
            Self::Clip(clip) => decode(clip.frame(clip.apex)?),
        }
    }

    /// Every file that belongs to it, in a fixed order.
    pub(super) fn files(&self) -> Vec<&Path> {
        match self {
            Self::Picture { gray, colour } => {
                std::iter::once(gray).chain(colour).map(PathBuf::as_path).collect()
            }
            Self::Packed(_) => Vec::new(),
            Self::Flow(path) => vec![path],
            Self::Clip(clip) => clip.frames.iter().chain(&clip.traces).map(PathBuf::as_path).collect(),
        }
    }

    /// Decodes all of its pictures once; `name` is the example's, for messages.
    pub(super) fn check(&self, name: &str) -> Result<(), DatasetError> {
        match self {
            Self::Packed(bytes) => unpack(bytes, name).map(drop),
            Self::Flow(path) => decode_flow(path).map(drop),
            Self::Picture { gray, colour } => {
                std::iter::once(gray).chain(colour).try_for_each(|path| decode(path).map(drop))
            }
            Self::Clip(clip) => clip.frames.iter().try_for_each(|path| decode(path).map(drop)),
        }
    }
}

impl Clip {
    /// The file of one frame.
    ///
    /// # Errors
    /// [`DatasetError::Picture`] where there is no such frame.
    fn frame(&self, index: usize) -> Result<&Path, DatasetError> {
        self.frames.get(index).map(PathBuf::as_path).ok_or_else(|| DatasetError::Picture {
            path: self.frames.first().and_then(|path| path.parent()).unwrap_or(Path::new("")).to_owned(),
            name: format!("frame {index}"),
            why: format!("the clip has {} frames", self.frames.len()),
        })
    }
}

fn gray_of(picture: DynamicImage) -> GrayImage {
    if !picture.color().has_color() {
        return picture.into_luma8();
    }
    let rgb = picture.into_rgb8();
    let mut gray = GrayImage::new(rgb.width(), rgb.height());
    for (to, from) in gray.pixels_mut().zip(rgb.pixels()) {
        to.0 = [luma_of_rgb(from.0)];
    }
    gray
}

fn decode(path: &Path) -> Result<DynamicImage, DatasetError> {
    let wrong = |why: String| DatasetError::Picture {
        path: path.parent().unwrap_or(Path::new("")).to_owned(),
        name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        why,
    };
    // By content, not by ending: corpora have JPEG files that are called .png.
    let reader = ImageReader::open(path).and_then(ImageReader::with_guessed_format);
    let reader = reader.map_err(|error| wrong(error.to_string()))?;
    reader.decode().map_err(|error| wrong(error.to_string()))
}

fn decode_flow(path: &Path) -> Result<DynamicImage, DatasetError> {
    let map = decode(path)?;
    let (width, height) = (map.width(), map.height());
    if (width, height) == (FLOW_SIDE_PX, FLOW_SIDE_PX) && map.color().has_color() {
        return Ok(map);
    }
    let colours = if map.color().has_color() { "in colour" } else { "in gray" };
    Err(DatasetError::Unfit {
        path: path.to_owned(),
        why: format!(
            "a flow map is {FLOW_SIDE_PX} x {FLOW_SIDE_PX} px in colour (horizontal flow, vertical flow, strain), and \
             this is {width} x {height} px {colours}; compute the maps again in this form"
        ),
    })
}

fn unpack(bytes: &[u8], name: &str) -> Result<DynamicImage, DatasetError> {
    image::load_from_memory(bytes).map_err(|error| DatasetError::Picture {
        path: PathBuf::from("archive"),
        name: name.to_owned(),
        why: error.to_string(),
    })
}
