//! A face that moves as told: the portrait, warped by a head similarity and local displacements, with sensor noise.
//!
//! Its own renderer (bicubic, unlike the library's bilinear one), so that errors of resampling show.

#![allow(dead_code)] // Each test file uses its own share of it.

use std::path::Path;

use image::GrayImage;
use onset::motion::{MotionParams, MotionTracker};
use onset::types::{
    Affine, FaceMeasurement, HeadPose, LANDMARK_COUNT, Landmarks, Quality, RectPx, Region, RegionId, Side,
    Signal, Timestamp,
};

/// Sensor noise of a webcam, in luma.
pub const NOISE_LUMA: f32 = 2.0;

/// Size of the pictures, in pixels.
pub const WIDTH: u32 = 320;
/// See [`WIDTH`].
pub const HEIGHT: u32 = 272;
/// Inner-canthal distance in the pictures, in pixels: a face at arm's length on a 640 x 480 webcam.
pub const ICD_PX: f32 = 48.0;

/// A part of the face that moves: whole within `inner_icd` of its centre, fading to nothing at `outer_icd`; an ellipse,
/// `flatness` times as wide as high.
#[derive(Clone, Copy, Debug)]
pub struct Move {
    /// Landmark in its middle.
    pub landmark: usize,
    pub inner_icd: f32,
    pub outer_icd: f32,
    pub flatness: f32,
    /// Displacement in ICD units, x to image right, y down.
    pub shift_icd: [f32; 2],
}

impl Move {
    /// The whole brow on the subject's left (landmark 334) or right (105), eye left out.
    pub fn brow(landmark: usize, shift_icd: [f32; 2]) -> Self {
        Self { landmark, inner_icd: 0.75, outer_icd: 1.05, flatness: 2.5, shift_icd }
    }

    /// The corner of the mouth on the subject's left (landmark 291) or right (61).
    pub fn mouth_corner(landmark: usize, shift_icd: [f32; 2]) -> Self {
        Self { landmark, inner_icd: 0.4, outer_icd: 0.7, flatness: 1.0, shift_icd }
    }
}

/// One picture's content.
#[derive(Clone, Debug)]
pub struct Pose {
    /// Head motion: turns and scales about the middle of the face, then shifts (image pixels).
    pub scale: f32,
    pub angle_rad: f32,
    pub shift_px: [f32; 2],
    pub moves: Vec<Move>,
    pub gain: f32,
    pub bias: f32,
}

impl Default for Pose {
    fn default() -> Self {
        Self { scale: 1.0, angle_rad: 0.0, shift_px: [0.0; 2], moves: Vec::new(), gain: 1.0, bias: 0.0 }
    }
}

/// The portrait and its landmarks.
pub struct Portrait {
    luma: GrayImage,
    landmarks: Vec<[f32; 2]>,
    icd_px: f32,
    middle: [f32; 2],
}

impl Portrait {
    pub fn load() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let luma = image::open(root.join("assets/portrait.png")).unwrap().to_luma8();
        let text = std::fs::read_to_string(root.join("tests/golden/portrait.json")).unwrap();
        let golden: serde_json::Value = serde_json::from_str(&text).unwrap();
        let landmarks: Vec<[f32; 2]> =
            serde_json::from_value(golden["frames"][0]["landmarks"].clone()).unwrap();
        assert_eq!(landmarks.len(), LANDMARK_COUNT);
        let (r, l, nose) = (landmarks[133], landmarks[362], landmarks[5]);
        Self { icd_px: (l[0] - r[0]).hypot(l[1] - r[1]), middle: nose, luma, landmarks }
    }

    /// From portrait pixels to picture pixels.
    fn picture_from_portrait(&self, pose: &Pose) -> Affine {
        let scale = ICD_PX / self.icd_px * pose.scale;
        let turn = Affine::similarity(scale, pose.angle_rad, [0.0; 2]);
        let [x, y] = turn.apply(self.middle);
        let centre = [WIDTH as f32 / 2.0 + pose.shift_px[0], HEIGHT as f32 / 2.0 - 8.0 + pose.shift_px[1]];
        Affine::similarity(scale, pose.angle_rad, [centre[0] - x, centre[1] - y])
    }

    /// Where the face's `point` (portrait pixels, displaced) takes its content from: displacement in portrait pixels.
    fn displacement(&self, point: [f32; 2], pose: &Pose) -> [f32; 2] {
        let mut sum = [0.0f32; 2];
        for m in &pose.moves {
            let centre = self.landmarks[m.landmark];
            let down = m.flatness * (point[1] - centre[1]);
            let distance = (point[0] - centre[0]).hypot(down) / self.icd_px;
            let fade = ((m.outer_icd - distance) / (m.outer_icd - m.inner_icd)).clamp(0.0, 1.0);
            let weight = fade * fade * (3.0 - 2.0 * fade);
            sum = [0, 1].map(|axis| sum[axis] + weight * m.shift_icd[axis] * self.icd_px);
        }
        sum
    }

    /// The picture; `noise_luma` is the standard deviation of the sensor noise, `seed` makes it differ from frame to frame.
    pub fn render(&self, pose: &Pose, noise_luma: f32, seed: u64) -> GrayImage {
        let portrait_from_picture = self.picture_from_portrait(pose).inverse().unwrap();
        let mut noise = Noise(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x1234_5678);
        GrayImage::from_fn(WIDTH, HEIGHT, |x, y| {
            let p = portrait_from_picture.apply([x as f32 + 0.5, y as f32 + 0.5]);
            let d = self.displacement(p, pose);
            let value = bicubic(&self.luma, p[0] - d[0], p[1] - d[1]);
            let value = pose.gain * value + pose.bias + noise_luma * noise.gaussian();
            image::Luma([value.round().clamp(0.0, 255.0) as u8])
        })
    }

    /// What perfect networks would say: head motion followed, expressions too.
    pub fn measurement(&self, pose: &Pose, id: u32) -> FaceMeasurement {
        let picture_from_portrait = self.picture_from_portrait(pose);
        let mut landmarks: Box<Landmarks> = Box::new([[0.0; 3]; LANDMARK_COUNT]);
        for (out, &p) in landmarks.iter_mut().zip(&self.landmarks) {
            let d = self.displacement(p, pose);
            let [x, y] = picture_from_portrait.apply([p[0] + d[0], p[1] + d[1]]);
            *out = [x, y, 0.0];
        }
        measurement_from_landmarks(landmarks, id)
    }
}

pub fn measurement_from_landmarks(landmarks: Box<Landmarks>, id: u32) -> FaceMeasurement {
    let (r, l) = (landmarks[133], landmarks[362]);
    let icd_px = (l[0] - r[0]).hypot(l[1] - r[1]);
    FaceMeasurement {
        id,
        confidence: 0.99,
        box_px: RectPx { x: 0.0, y: 0.0, w: WIDTH as f32, h: HEIGHT as f32 },
        landmarks,
        blendshapes: None,
        pose: HeadPose::default(),
        icd_px,
        expression: None,
        quality: Quality { visible_share: 1.0, ..Quality::default() },
    }
}

/// Runs one tracker over `frames` frames; landmarks come every `every` frames, `delay` frames late, the first at once.
pub fn run(
    portrait: &Portrait,
    frames: usize,
    fps: f64,
    (every, delay): (usize, usize),
    pose: impl Fn(f64) -> Pose,
) -> Vec<Signal> {
    let mut tracker = MotionTracker::new(MotionParams::default());
    let mut out = Vec::new();
    for i in 0..frames {
        let at = time_of(i, fps);
        let luma = portrait.render(&pose(at.as_secs_f64()), NOISE_LUMA, i as u64);
        let measured =
            if i == 0 { Some(0) } else { i.checked_sub(delay).filter(|k| *k > 0 && k % every == 0) };
        let update = measured.map(|k| {
            let when = time_of(k, fps);
            (portrait.measurement(&pose(when.as_secs_f64()), 7), when)
        });
        let signal = tracker.push(&luma, at, update.as_ref().map(|(m, t)| (m, *t)));
        out.push(signal.expect("a first measurement has come"));
    }
    out
}

/// Index of a region signal.
pub fn id(region: Region, side: Side) -> usize {
    RegionId { region, side }.index()
}

/// The value that `share` of the values lie below.
pub fn quantile(values: impl IntoIterator<Item = f32>, share: f64) -> f32 {
    let mut values: Vec<f32> = values.into_iter().collect();
    values.sort_by(f32::total_cmp);
    values[((values.len() - 1) as f64 * share).round() as usize]
}

/// Length of a vector.
pub fn length(v: [f32; 2]) -> f32 {
    v[0].hypot(v[1])
}

/// The time of frame `index` at `fps`.
pub fn time_of(index: usize, fps: f64) -> Timestamp {
    Timestamp::from_secs_f64(index as f64 / fps)
}

/// SplitMix64 and Box-Muller: the same on every machine.
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 40) as f32 / (1u64 << 24) as f32
    }

    fn gaussian(&mut self) -> f32 {
        let radius = (-2.0 * self.uniform().max(1e-7).ln()).sqrt();
        radius * (std::f32::consts::TAU * self.uniform()).cos()
    }
}

/// Catmull-Rom look-up at project coordinates (pixel centres at +0.5), border repeated.
fn bicubic(luma: &GrayImage, x: f32, y: f32) -> f32 {
    let (x, y) = (x - 0.5, y - 0.5);
    let (x0, y0) = (x.floor(), y.floor());
    let (wx, wy) = (catmull_rom(x - x0), catmull_rom(y - y0));
    let (max_x, max_y) = (luma.width() as i32 - 1, luma.height() as i32 - 1);
    let mut sum = 0.0;
    for (j, wy) in wy.iter().enumerate() {
        let row = (y0 as i32 - 1 + j as i32).clamp(0, max_y) as u32;
        for (i, wx) in wx.iter().enumerate() {
            let column = (x0 as i32 - 1 + i as i32).clamp(0, max_x) as u32;
            sum += wx * wy * f32::from(luma.get_pixel(column, row).0[0]);
        }
    }
    sum
}

fn catmull_rom(t: f32) -> [f32; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [
        0.5 * (-t3 + 2.0 * t2 - t),
        0.5 * (3.0 * t3 - 5.0 * t2 + 2.0),
        0.5 * (-3.0 * t3 + 4.0 * t2 + t),
        0.5 * (t3 - t2),
    ]
}
