//! What is drawn on the face: its outline, the landmarks, and an enlarged arrow for each region that moves.

use super::blind;
use super::brush::{Brush, is_near};
use super::canvas::{Area, Color};
use super::flags;
use super::lines::Ends;
use super::scene::Scene;
use super::theme;
use super::topology as mesh;
use crate::types::{FaceMeasurement, FaceTrack, FrameStatus, REGION_COUNT};

/// How much longer than the motion its arrow is: 1 % of the ICD becomes a tenth of it.
const ARROW_GAIN: f32 = 10.0;
/// On a small face arrows are enlarged further, to at least this many units for 1 % ICD.
const ARROW_LEAST_PER_PERCENT: f32 = 5.0;
/// Motion below this, in ICD units, is drawn as a dot: it is within the noise of a webcam.
const ARROW_FROM_ICD: f32 = 0.005;
/// No arrow is longer than this many ICDs on the screen.
const ARROW_LONGEST_ICD: f32 = 1.2;

/// Maps image pixels to canvas pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct View {
    target: Area,
    scale: [f32; 2],
    is_mirrored: bool,
}

impl View {
    /// For a picture of `size` pixels drawn into `target`.
    pub(super) fn new(target: Area, size: (u32, u32), is_mirrored: bool) -> Self {
        let scale = [target.w as f32 / size.0.max(1) as f32, target.h as f32 / size.1.max(1) as f32];
        Self { target, scale, is_mirrored }
    }

    /// Canvas pixels for one image pixel.
    pub(super) fn scale(&self) -> f32 {
        self.scale[1]
    }

    /// A point.
    pub(super) fn point(&self, image_px: [f32; 2]) -> [f32; 2] {
        let x = image_px[0] * self.scale[0];
        let x = if self.is_mirrored { self.target.w as f32 - x } else { x };
        [self.target.x as f32 + x, self.target.y as f32 + image_px[1] * self.scale[1]]
    }

    /// A direction: a vector of the image in canvas pixels.
    fn vector(&self, image_px: [f32; 2]) -> [f32; 2] {
        let x = image_px[0] * self.scale[0];
        [if self.is_mirrored { -x } else { x }, image_px[1] * self.scale[1]]
    }
}

/// The measurement behind a track, if its index is right.
pub(super) fn measured(track: &FaceTrack) -> Option<&FaceMeasurement> {
    track.update.faces.get(track.index)
}

/// Inner-canthal distance in this picture, in image pixels.
pub(super) fn icd_now_px(track: &FaceTrack) -> Option<f32> {
    let icd = measured(track)?.icd_px * track.now_from_measured.scale();
    (icd.is_finite() && icd > 0.0).then_some(icd)
}

/// Draws the face layers over the picture.
pub(super) fn draw(brush: &mut Brush<'_>, scene: &Scene<'_>, view: &View, now_s: f64) {
    let Some(observation) = scene.observation else { return };
    let is_clear = observation.status == FrameStatus::Ok;
    for (i, track) in observation.faces.iter().enumerate() {
        let Some(face) = measured(track) else { continue };
        let place = |index: u16| {
            let [x, y, _] = face.landmarks.get(usize::from(index)).copied().unwrap_or([f32::NAN; 3]);
            view.point(track.now_from_measured.apply([x, y]))
        };
        let color = if i == 0 && is_clear { theme::ACCENT } else { theme::SOFT };
        if scene.layers.outline {
            outline(brush, &place, color, i == 0);
        }
        if scene.layers.landmarks {
            let radius = (0.95 * brush.unit).max(0.8);
            for (disc, color) in [(radius * 1.7, theme::SHADOW.at(0.3)), (radius, theme::INK.at(0.9))] {
                for index in 0..face.landmarks.len() as u16 {
                    brush.canvas.fill_disc(place(index), disc, color);
                }
            }
        }
    }
    // A bare picture is bare.
    if is_clear && (scene.layers.outline || scene.layers.arrows) {
        blind::veils(brush, scene, view);
        flags::draw(brush, scene, view, now_s);
    }
    if scene.layers.arrows && is_clear {
        arrows(brush, scene, view);
    }
}

/// The lines of one face; of a face that is not the primary one only its oval.
fn outline(brush: &mut Brush<'_>, place: &dyn Fn(u16) -> [f32; 2], color: Color, is_primary: bool) {
    let mut points: Vec<[f32; 2]> = Vec::with_capacity(mesh::FACE_OVAL.len());
    let mut line = |brush: &mut Brush<'_>, indices: &[u16], is_closed: bool| {
        points.clear();
        points.extend(indices.iter().map(|i| place(*i)));
        brush.curve(&points, is_closed);
    };
    let unit = brush.unit;
    // The primary face's features, over a dark edge; the thinner lines need none.
    if is_primary {
        for indices in [&mesh::EYE_LEFT[..], &mesh::EYE_RIGHT, &mesh::LIPS_OUTER] {
            // Two curves from corner to corner: the corners stay sharp.
            let half = indices.len() / 2;
            let upper: Vec<u16> = indices.iter().skip(half).chain(indices.first()).copied().collect();
            line(brush, indices.get(..=half).unwrap_or_default(), false);
            line(brush, &upper, false);
        }
        for indices in [&mesh::BROW_LEFT[..], &mesh::BROW_RIGHT] {
            line(brush, indices, true);
        }
        brush.stroke(&[(1.4 * unit, color)], Ends::Flat);
        for (pupil, iris) in [(mesh::PUPIL_LEFT, mesh::IRIS_LEFT), (mesh::PUPIL_RIGHT, mesh::IRIS_RIGHT)] {
            circle(brush, place(pupil), iris.map(place));
        }
        for indices in [&mesh::NOSE_BRIDGE[..], &mesh::NOSE_BASE] {
            line(brush, indices, false);
        }
    }
    line(brush, &mesh::FACE_OVAL, true);
    brush.stroke(&[(1.0 * unit, color.at(0.65))], Ends::Flat);
}

/// Adds a circle with the mean radius of four points.
fn circle(brush: &mut Brush<'_>, centre: [f32; 2], rim: [[f32; 2]; 4]) {
    let radius = rim.iter().map(|p| (p[0] - centre[0]).hypot(p[1] - centre[1])).sum::<f32>() / 4.0;
    let points: [[f32; 2]; 12] = std::array::from_fn(|i| {
        let (sin, cos) = (i as f32 * std::f32::consts::TAU / 12.0).sin_cos();
        [centre[0] + radius * cos, centre[1] + radius * sin]
    });
    brush.curve(&points, true);
}

/// How many times longer than the motion arrows are drawn in this picture; `None` without a face.
pub(super) fn arrow_gain(scene: &Scene<'_>, view: &View, unit: f32) -> Option<f32> {
    let icd_canvas_px = icd_now_px(scene.observation?.faces.first()?)? * view.scale();
    (icd_canvas_px > 0.0).then(|| ARROW_GAIN.max(ARROW_LEAST_PER_PERCENT * unit * 100.0 / icd_canvas_px))
}

fn arrows(brush: &mut Brush<'_>, scene: &Scene<'_>, view: &View) {
    let Some(observation) = scene.observation else { return };
    let (Some(signal), Some(track)) = (&observation.signal, observation.faces.first()) else { return };
    let (Some(face), Some(icd_px)) = (measured(track), icd_now_px(track)) else { return };
    let Some(gain) = arrow_gain(scene, view, brush.unit) else { return };
    let rests = rests_icd(scene, signal.face_id);
    // Motion is measured in the upright face; the picture shows the head's tilt.
    let (sin, cos) = face.pose.roll_deg.to_radians().sin_cos();
    for &(id, point_px) in scene.region_points_px {
        let Some(motion) = signal.regions.get(id.index()).filter(|m| m.is_valid) else { continue };
        let rest = rests.get(id.index()).copied().unwrap_or_default();
        let [dx, dy] = [motion.displacement_icd[0] - rest[0], motion.displacement_icd[1] - rest[1]];
        let length_icd = dx.hypot(dy);
        let from = view.point(point_px);
        if !is_near(from) || !length_icd.is_finite() {
            continue;
        }
        let is_blind = blind::is_blind_now(scene, id);
        let color = if is_blind { theme::SOFT } else { theme::region_color(id.region) };
        brush.canvas.fill_disc(from, 2.4 * brush.unit, theme::SHADOW);
        brush.canvas.fill_disc(from, 1.5 * brush.unit, color);
        if length_icd < ARROW_FROM_ICD || is_blind {
            continue;
        }
        let shown_px = (length_icd * gain).min(ARROW_LONGEST_ICD) * icd_px / length_icd;
        let [vx, vy] = view.vector([(dx * cos - dy * sin) * shown_px, (dx * sin + dy * cos) * shown_px]);
        arrow(brush, from, [from[0] + vx, from[1] + vy], color);
    }
}

/// Where each region was on average over the seconds that the traces show: arrows point away from there, so that a
/// displacement that stays does not hide one that comes. One pass over the signals: they are large.
fn rests_icd(scene: &Scene<'_>, face_id: u32) -> [[f32; 2]; REGION_COUNT] {
    let mut sums = [([0.0f32; 2], 0.0f32); REGION_COUNT];
    for signal in scene.signals.iter().filter(|signal| signal.face_id == face_id) {
        for ((sum, count), motion) in sums.iter_mut().zip(&signal.regions) {
            let [x, y] = motion.displacement_icd;
            if motion.is_valid && x.is_finite() && y.is_finite() {
                *sum = [sum[0] + x, sum[1] + y];
                *count += 1.0;
            }
        }
    }
    sums.map(|(sum, count)| if count > 0.0 { [sum[0] / count, sum[1] / count] } else { sum })
}

/// A shaft with a filled head, over a dark edge.
fn arrow(brush: &mut Brush<'_>, from: [f32; 2], to: [f32; 2], color: Color) {
    let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
    let length = dx.hypot(dy);
    if !(length > 0.0 && is_near(to)) {
        return;
    }
    let unit = brush.unit;
    let (ux, uy) = (dx / length, dy / length);
    let head = (7.0 * unit).min(length * 0.7);
    let half = head * 0.5;
    let neck = [to[0] - ux * head, to[1] - uy * head];
    let tip = [to, [neck[0] - uy * half, neck[1] + ux * half], [neck[0] + uy * half, neck[1] - ux * half]];
    brush.polyline(&[from, neck], false);
    brush.polyline(&tip, true);
    brush.stroke(&[(3.6 * unit, theme::SHADOW)], Ends::Round);
    brush.polyline(&[from, neck], false);
    brush.stroke(&[(1.9 * unit, color)], Ends::Round);
    brush.fill_convex(&tip, color);
}
