//! Filmstrips: each event at onset, mid-rise, apex, mid-fall and offset, and what it changed, eight times enlarged.

use std::path::{Path, PathBuf};

use image::imageops::{FilterType, crop_imm, replace, resize};
use image::{Rgb, RgbImage};

use super::SynthError;
use super::envelope::Envelope;
use super::plan::Plan;
use crate::facs::AuField;
use crate::types::Landmarks;

/// Pictures in a strip.
const STILLS: usize = 5;
/// Size of each, in pixels.
const STILL_PX: [u32; 2] = [240, 300];
/// Space between them, in pixels.
const SPACE_PX: u32 = 4;
/// How much differences are enlarged.
const ENLARGED: f32 = 8.0;
/// What a still shows, in face coordinates: `[left, top, right, bottom]`, forehead to chin, in the stills' proportions.
const VIEW_ICD: [f32; 4] = [-2.08, -1.6, 2.08, 3.6];

/// The strips of one clip, filled as its frames come by.
pub(super) struct Strips {
    strips: Vec<Strip>,
}

struct Strip {
    path: PathBuf,
    /// Indices into the clip's frames.
    frames: [usize; STILLS],
    picture: RgbImage,
    left: usize,
}

impl Strips {
    /// Strips for the events of a clip whose frames come at `times_s`.
    pub(super) fn new(dir: &Path, clip: &str, plan: &Plan, times_s: &[f64]) -> Self {
        let strip = |(number, (envelope, what)): (usize, (Envelope, String))| {
            let moments = [
                envelope.onset_s,
                envelope.onset_s + 0.5 * envelope.rise_s,
                envelope.apex_s() + 0.5 * envelope.hold_s,
                envelope.offset_s() - 0.5 * envelope.fall_s,
                envelope.offset_s(),
            ];
            let width = STILLS as u32 * (STILL_PX[0] + SPACE_PX) - SPACE_PX;
            Strip {
                path: dir.join(format!("{clip}_{number:02}_{what}.png")),
                frames: moments.map(|moment| nearest(times_s, moment)),
                picture: RgbImage::from_pixel(width, 2 * STILL_PX[1] + SPACE_PX, Rgb([24; 3])),
                left: STILLS,
            }
        };
        Self { strips: events(plan).enumerate().map(strip).collect() }
    }

    /// Whether a strip needs this frame of the clip.
    pub(super) fn needs(&self, frame: usize) -> bool {
        self.strips.iter().any(|strip| strip.frames.contains(&frame))
    }

    /// Takes the frame as it is and as it would be without events. `scale` is the clip's against its base, in which the landmarks
    /// are. Writes strips that are complete.
    pub(super) fn add(
        &mut self,
        frame: usize,
        (shown, plain): (&RgbImage, &RgbImage),
        landmarks: &Landmarks,
        scale: f64,
    ) -> Result<(), SynthError> {
        let Some(view) = view_px(landmarks, scale as f32) else { return Ok(()) };
        let stills = [cut(shown, view), difference(&cut(shown, view), &cut(plain, view))];
        for strip in &mut self.strips {
            for place in (0..STILLS).filter(|&place| strip.frames.get(place) == Some(&frame)) {
                let left = place as i64 * i64::from(STILL_PX[0] + SPACE_PX);
                for (still, top) in stills.iter().zip([0, i64::from(STILL_PX[1] + SPACE_PX)]) {
                    replace(&mut strip.picture, still, left, top);
                }
                strip.left -= 1;
                if strip.left == 0 {
                    let failed = |why: String| SynthError::Write { path: strip.path.clone(), why };
                    strip.picture.save(&strip.path).map_err(|error| failed(error.to_string()))?;
                }
            }
        }
        Ok(())
    }
}

/// Times and names of what is worth a strip: micro-expressions, then the brows of masked smiles.
fn events(plan: &Plan) -> impl Iterator<Item = (Envelope, String)> {
    let name = |emotion: &str, units: &[u8], sides: &str| {
        let units: Vec<_> = units.iter().map(u8::to_string).collect();
        format!("{emotion}_{}_{sides}", units.join("+"))
    };
    let micros = plan
        .micros
        .iter()
        .map(move |event| (event.envelope, name(event.label.name(), event.action_units, event.sides_name())));
    let masked = plan.smiles.iter().filter_map(move |smile| {
        let (upper, label) = (smile.upper.as_ref()?, smile.kind.masked_label()?);
        Some((upper.main.envelope, name(label.name(), &upper.action_units(), upper.main.sides_name())))
    });
    micros.chain(masked)
}

/// The frame whose time is nearest.
fn nearest(times_s: &[f64], moment_s: f64) -> usize {
    let away = |index: &usize| times_s.get(*index).map_or(f64::INFINITY, |t| (t - moment_s).abs());
    (0..times_s.len()).min_by(|a, b| away(a).total_cmp(&away(b))).unwrap_or(0)
}

/// What is shown of the picture: `[left, top, right, bottom]` in its pixels, level with the picture.
fn view_px(landmarks: &Landmarks, scale: f32) -> Option<[f32; 4]> {
    let image_from_face = AuField::new(landmarks)?.face_from_image().inverse()?;
    let icd_px = image_from_face.scale() * scale;
    let [x, y] = image_from_face.apply([0.0, 0.5 * (VIEW_ICD[1] + VIEW_ICD[3])]).map(|v| v * scale);
    let (half_width, half_height) = (VIEW_ICD[2] * icd_px, 0.5 * (VIEW_ICD[3] - VIEW_ICD[1]) * icd_px);
    Some([x - half_width, y - half_height, x + half_width, y + half_height])
}

/// That part, at the size of a still; gray beyond the picture's edge.
fn cut(picture: &RgbImage, [left, top, right, bottom]: [f32; 4]) -> RgbImage {
    let (width, height) = ((right - left).round().max(1.0), (bottom - top).round().max(1.0));
    let mut whole = RgbImage::from_pixel(width as u32, height as u32, Rgb([128; 3]));
    let (x, y) = (left.max(0.0) as u32, top.max(0.0) as u32);
    let size = |from: u32, to: f32, limit: u32| (to.max(0.0) as u32).min(limit).saturating_sub(from);
    let (w, h) = (size(x, right, picture.width()), size(y, bottom, picture.height()));
    if w > 0 && h > 0 {
        let inside = crop_imm(picture, x, y, w, h).to_image();
        replace(&mut whole, &inside, (-left).max(0.0) as i64, (-top).max(0.0) as i64);
    }
    resize(&whole, STILL_PX[0], STILL_PX[1], FilterType::CatmullRom)
}

/// Middle gray where both are equal.
fn difference(shown: &RgbImage, plain: &RgbImage) -> RgbImage {
    let mut out = RgbImage::new(shown.width(), shown.height());
    for (out, (a, b)) in out.pixels_mut().zip(shown.pixels().zip(plain.pixels())) {
        out.0 = [0, 1, 2]
            .map(|i| (128.0 + ENLARGED * (f32::from(a.0[i]) - f32::from(b.0[i]))).clamp(0.0, 255.0) as u8);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_frame_is_taken() {
        assert_eq!(nearest(&[0.0, 0.1, 0.25], 0.16), 1);
        assert_eq!(nearest(&[0.0, 0.1, 0.25], 9.0), 2);
        assert_eq!(nearest(&[], 9.0), 0);
    }

    #[test]
    fn parts_beyond_the_edge_are_gray() {
        let picture = RgbImage::from_pixel(50, 50, Rgb([200; 3]));
        let still = cut(&picture, [-30.0, -30.0, 20.0, 32.5]);
        assert_eq!(still.dimensions(), (STILL_PX[0], STILL_PX[1]));
        assert_eq!(still.get_pixel(2, 2).0, [128; 3]);
        assert_eq!(still.get_pixel(225, 220).0, [200; 3]);
    }
}
