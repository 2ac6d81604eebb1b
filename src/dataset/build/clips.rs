//! Candidates: for each event a folder with the frames that a coder sees, and `clip.json`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::{ExtendedColorType, RgbImage};
use serde::Serialize;

use super::events::DatasetEvent;
use super::plan::{clip_span, micros, time_of};
use super::session_data::{MotionRow, trace_regions};
use crate::dataset::folder::{FolderError, write_whole};
use crate::image::convert::rgb_from_frame;
use crate::types::{Frame, RectPx};

/// Margin around the box of the landmarks, as a share of its size; the forehead is above it.
const MARGIN: f32 = 0.3;
/// Longer side of the pictures at most, in pixels.
const MAX_SIDE_PX: u32 = 480;
/// JPEG quality of the pictures, of 100.
const QUALITY: u8 = 92;

/// `clip.json`.
#[derive(Serialize)]
struct Clip<'a> {
    id: &'a str,
    session: &'a str,
    participant: &'a str,
    stimulus: &'a str,
    step: &'a str,
    frames: Vec<ClipFrame>,
    traces: BTreeMap<String, Vec<Option<f64>>>,
    trace_t_s: Vec<f64>,
    proposal: Proposal<'a>,
    /// Part of the picture that is shown, `[x, y, width, height]` in the camera's pixels.
    box_px: [u32; 4],
    /// False where no face was found in the clip, so that the whole picture is shown.
    has_face: bool,
    /// True where the clip ends before the event.
    is_cut_short: bool,
}

#[derive(Serialize)]
struct ClipFrame {
    t_s: f64,
    file: String,
}

#[derive(Serialize)]
struct Proposal<'a> {
    kind: &'static str,
    label: &'a str,
    onset_s: f64,
    apex_s: f64,
    offset_s: Option<f64>,
    action_units: &'a str,
    score: Option<f64>,
    veto: &'a str,
}

/// Names that all clips of a session share.
pub(super) struct ClipNames<'a> {
    pub session: &'a str,
    pub participant: &'a str,
}

/// The clip of one event while it is written.
pub(super) struct ClipWriter<'a> {
    event: &'a DatasetEvent,
    dir: PathBuf,
    from_s: f64,
    to_s: f64,
    is_cut_short: bool,
    /// The box of the face over the whole clip, with margin; `None`: the whole picture.
    face: Option<RectPx>,
    /// Fixed by the first frame: the part of the picture, and the size of the files.
    shown: Option<([u32; 4], (u32, u32))>,
    frames: Vec<ClipFrame>,
}

/// The box of faces over a clip.
pub(super) fn join(all: Option<RectPx>, one: RectPx) -> RectPx {
    let Some(all) = all else { return one };
    let (x, y) = (all.x.min(one.x), all.y.min(one.y));
    let (right, bottom) = ((all.x + all.w).max(one.x + one.w), (all.y + all.h).max(one.y + one.h));
    RectPx { x, y, w: right - x, h: bottom - y }
}

impl<'a> ClipWriter<'a> {
    /// Makes the folder; one that a build left behind that broke off is emptied.
    pub fn create(
        candidates: &Path,
        event: &'a DatasetEvent,
        face: Option<RectPx>,
    ) -> Result<Self, FolderError> {
        let dir = candidates.join(&event.id);
        if dir.exists() {
            fs::remove_dir_all(&dir).map_err(FolderError::io("replace", &dir))?;
        }
        fs::create_dir_all(&dir).map_err(FolderError::io("create", &dir))?;
        let (from_s, to_s, is_cut_short) = clip_span(event);
        let frames = Vec::new();
        Ok(Self { event, dir, from_s, to_s, is_cut_short, face, shown: None, frames })
    }

    /// Whether a frame at this time belongs to it.
    pub fn wants(&self, time_s: f64) -> bool {
        (self.from_s..=self.to_s).contains(&time_s)
    }

    /// Whether no later frame will belong to it.
    pub fn is_over(&self, time_s: f64) -> bool {
        time_s > self.to_s
    }

    /// Writes a frame.
    pub fn push(&mut self, time_s: f64, picture: &RgbImage) -> Result<(), FolderError> {
        let ([x, y, width, height], size) =
            *self.shown.get_or_insert_with(|| shown(self.face, picture.dimensions()));
        let part = imageops::crop_imm(picture, x, y, width, height).to_image();
        let part = if size == (width, height) {
            part
        } else {
            imageops::resize(&part, size.0, size.1, FilterType::Triangle)
        };
        let file = format!("{:04}.jpg", self.frames.len());
        let path = self.dir.join(&file);
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, QUALITY)
            .encode(part.as_raw(), size.0, size.1, ExtendedColorType::Rgb8)
            .map_err(|error| FolderError::file(&path, error.to_string()))?;
        fs::write(&path, bytes).map_err(FolderError::io("write", &path))?;
        self.frames.push(ClipFrame { t_s: micros(time_s), file });
        Ok(())
    }

    /// Writes `clip.json`. Returns how many frames the clip has.
    pub fn finish(
        self,
        names: &ClipNames<'_>,
        (stimulus, step): (&str, &str),
        motion: &[MotionRow],
    ) -> Result<usize, FolderError> {
        let rows: Vec<&MotionRow> = motion.iter().filter(|row| self.wants(row.t_s)).collect();
        let mut traces = BTreeMap::new();
        if !rows.is_empty() {
            for (index, region) in trace_regions().into_iter().enumerate() {
                let values = rows.iter().map(|row| row.amplitude_icd[index]).collect();
                traces.insert(region.name(), values);
            }
        }
        let event = self.event;
        let clip = Clip {
            id: &event.id,
            session: names.session,
            participant: names.participant,
            stimulus,
            step,
            traces,
            trace_t_s: rows.iter().map(|row| micros(row.t_s)).collect(),
            proposal: Proposal {
                kind: event.kind.name(),
                label: &event.label,
                onset_s: micros(event.onset_s),
                apex_s: micros(event.apex_s),
                offset_s: event.offset_s.map(micros),
                action_units: &event.action_units,
                score: event.score,
                veto: &event.veto,
            },
            box_px: self.shown.map_or([0; 4], |(part, _)| part),
            has_face: self.face.is_some(),
            is_cut_short: self.is_cut_short,
            frames: self.frames,
        };
        let path = self.dir.join("clip.json");
        let text =
            serde_json::to_string(&clip).map_err(|error| FolderError::file(&path, error.to_string()))?;
        write_whole(&path, (text + "\n").as_bytes())?;
        Ok(clip.frames.len())
    }
}

/// The part of a picture that shows the face with its margin, and the size in which it is kept.
fn shown(face: Option<RectPx>, (width, height): (u32, u32)) -> ([u32; 4], (u32, u32)) {
    let whole = [0, 0, width, height];
    let part = face.map_or(whole, |face| {
        let (margin_x, margin_y) = (face.w * MARGIN, face.h * MARGIN);
        let within = |value: f32, most: u32| (value.max(0.0) as u32).min(most);
        let (left, top) = (within(face.x - margin_x, width), within(face.y - margin_y, height));
        let right = within((face.x + face.w + margin_x).ceil(), width);
        let bottom = within((face.y + face.h + margin_y).ceil(), height);
        if right > left + 1 && bottom > top + 1 { [left, top, right - left, bottom - top] } else { whole }
    });
    let longer = part[2].max(part[3]).max(1);
    let scaled = |px: u32| {
        if longer <= MAX_SIDE_PX {
            px
        } else {
            ((f64::from(px) * f64::from(MAX_SIDE_PX) / f64::from(longer)).round() as u32).max(1)
        }
    };
    (part, (scaled(part[2]), scaled(part[3])))
}

/// Gives a frame, as a picture, to the clips that it belongs to. Returns whether it could be decoded.
pub(super) fn push_to_all(
    clips: &mut [ClipWriter<'_>],
    frame: &Frame,
    picture: &mut RgbImage,
) -> Result<bool, FolderError> {
    let time_s = time_of(frame);
    let mut is_decoded = None;
    for clip in clips.iter_mut().filter(|clip| clip.wants(time_s)) {
        if *is_decoded.get_or_insert_with(|| rgb_from_frame(frame, picture).is_ok()) {
            clip.push(time_s, picture)?;
        }
    }
    Ok(is_decoded.unwrap_or(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_box_stays_within_the_picture_and_files_are_not_larger_than_needed() {
        let face = RectPx { x: 100.0, y: 80.0, w: 100.0, h: 120.0 };
        assert_eq!(shown(Some(face), (640, 480)), ([70, 44, 160, 192], (160, 192)));
        let large = RectPx { x: -50.0, y: 0.0, w: 2000.0, h: 1000.0 };
        assert_eq!(shown(Some(large), (1920, 1080)), ([0, 0, 1920, 1080], (480, 270)));
        assert_eq!(shown(None, (640, 480)), ([0, 0, 640, 480], (480, 360)));
        let outside = RectPx { x: 900.0, y: 900.0, w: 10.0, h: 10.0 };
        assert_eq!(shown(Some(outside), (640, 480)).0, [0, 0, 640, 480]);
        assert_eq!(shown(Some(RectPx { x: f32::NAN, ..face }), (0, 0)).1, (0, 0));
    }

    #[test]
    fn boxes_join() {
        let one = RectPx { x: 0.0, y: 10.0, w: 10.0, h: 10.0 };
        let two = RectPx { x: 5.0, y: 0.0, w: 20.0, h: 5.0 };
        assert_eq!(join(Some(one), two), RectPx { x: 0.0, y: 0.0, w: 25.0, h: 20.0 });
        assert_eq!(join(None, two), two);
    }
}
