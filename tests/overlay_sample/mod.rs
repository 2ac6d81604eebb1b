//! A made-up scene on the real portrait: five seconds of signals with a brow lowering, a smile and a blink.
//!
//! Landmarks of `assets/portrait.png` in `tests/golden/portrait.json` are MediaPipe's (478 points, image pixels).

// Each test file uses a part of it.
#![allow(dead_code)]

use std::sync::Arc;

use image::RgbImage;
use image::imageops::{self, FilterType};
use onset::overlay::{Layers, LiveStats, Scene, SceneText, ShownEvent, TRACE_SETS};
use onset::types::{
    Affine, Event, EventKind, Expression, FaceMeasurement, FaceTrack, FrameStatus, GapReason, HeadPose,
    LANDMARK_COUNT, LandmarkUpdate, Landmarks, Mismatch, Observability, Observation, Quality, REGION_COUNT,
    RectPx, Region, RegionId, RegionMotion, Side, Signal, Timestamp, Veto,
};

/// Owns everything that a scene borrows.
pub struct Sample {
    pub picture: RgbImage,
    pub observation: Observation,
    pub update: Arc<LandmarkUpdate>,
    pub region_points_px: Vec<(RegionId, [f32; 2])>,
    pub signals: Vec<Signal>,
    pub observability: Vec<Observability>,
    pub statuses: Vec<(f64, FrameStatus)>,
    pub mismatches: Vec<(f64, Mismatch)>,
    pub traced: Vec<RegionId>,
    pub events: Vec<ShownEvent>,
    pub markers_s: Vec<f64>,
    pub stats: LiveStats,
    pub text: SceneText,
    pub layers: Layers,
    pub is_mirrored: bool,
}

/// The time shown as "now", in seconds.
pub const NOW_S: f64 = 74.2;

impl Sample {
    /// A camera picture of `width` x `height`: the portrait's head, cut out and enlarged.
    pub fn new(width: u32, height: u32) -> Self {
        let (picture, picture_from_portrait) = picture(width, height);
        let landmarks = landmarks(&picture_from_portrait);
        let update = Arc::new(LandmarkUpdate {
            seq: 0,
            measured_at: Timestamp::from_secs_f64(NOW_S - 0.05),
            unchanged_until: Timestamp::from_secs_f64(NOW_S - 0.05),
            faces: vec![measurement(landmarks)],
        });
        let signals: Vec<Signal> =
            (0..300).map(|i| signal(NOW_S - (299 - i) as f64 / 60.0)).filter(is_seen).collect();
        let observability: Vec<Observability> =
            signals.iter().map(|signal| observability(signal.captured_at)).collect();
        let statuses = (0..300).map(|i| NOW_S - (299 - i) as f64 / 60.0).map(|t| (t, status(t))).collect();
        let observation = Observation {
            seq: 4452,
            captured_at: Timestamp::from_secs_f64(NOW_S),
            status: FrameStatus::Ok,
            gaps: Vec::new(),
            luma_mean: 118.0,
            sharpness: Some(0.4),
            faces: [FaceTrack {
                id: 1,
                update: Arc::clone(&update),
                index: 0,
                now_from_measured: Affine::IDENTITY,
            }]
            .into_iter()
            .collect(),
            update: None,
            expression: update.faces[0].expression,
            mismatch: None,
            signal: signals.last().cloned(),
            observability: observability.last().cloned(),
            events: Vec::new(),
        };
        Self {
            region_points_px: region_points(&update.faces[0].landmarks),
            picture,
            observation,
            update,
            signals,
            observability,
            statuses,
            mismatches: (0..75).map(|i| NOW_S - (74 - i) as f64 / 15.0).map(|t| (t, mismatch(t))).collect(),
            traced: TRACE_SETS[0].regions.to_vec(),
            events: events(),
            markers_s: vec![NOW_S - 3.9],
            stats: LiveStats {
                fps: 59.9,
                latency_p50_ms: 11.6,
                latency_p95_ms: 17.8,
                lost: 2,
                last_loss: Some(GapReason::Overrun),
                elapsed_s: NOW_S,
            },
            text: SceneText { source: "demo portrait".to_owned(), is_demo: true, ..SceneText::default() },
            layers: Layers::default(),
            is_mirrored: false,
        }
    }

    /// The scene as it is drawn.
    pub fn scene(&self) -> Scene<'_> {
        Scene {
            picture: &self.picture,
            is_mirrored: self.is_mirrored,
            observation: Some(&self.observation),
            update: Some(&self.update),
            region_points_px: &self.region_points_px,
            signals: &self.signals,
            observability: &self.observability,
            statuses: &self.statuses,
            mismatches: &self.mismatches,
            traced: &self.traced,
            events: &self.events,
            markers_s: &self.markers_s,
            stats: self.stats,
            text: &self.text,
            layers: self.layers,
        }
    }

    /// The same with every region observable.
    pub fn observable(mut self) -> Self {
        self.observability.iter_mut().for_each(|known| known.smallest_icd.fill(0.01));
        self.observation.observability = self.observability.last().cloned();
        self
    }

    /// The same without a face, from 1.2 s ago on.
    pub fn without_face(mut self, status: FrameStatus) -> Self {
        let lost_s = NOW_S - 1.2;
        self.observation.status = status;
        self.observation.faces.clear();
        self.observation.signal = None;
        self.observation.observability = None;
        self.observability.retain(|known| known.captured_at.as_secs_f64() < lost_s);
        self.signals.retain(|s| s.captured_at.as_secs_f64() < lost_s);
        self.statuses.iter_mut().filter(|(t, _)| *t >= lost_s).for_each(|(_, s)| *s = status);
        self.region_points_px.clear();
        self
    }
}

/// Cuts the head out of the portrait at the wanted aspect and scales it to the wanted size.
fn picture(width: u32, height: u32) -> (RgbImage, Affine) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/portrait.png");
    let portrait = image::open(path).expect("assets/portrait.png").to_rgb8();
    let aspect = width as f32 / height as f32;
    let cut_w = 448.0_f32.min(252.0 * aspect);
    let cut_h = cut_w / aspect;
    let (x, y) = ((223.0 - cut_w / 2.0).max(0.0), (114.0 - cut_h / 2.0).max(0.0));
    let cut = imageops::crop_imm(&portrait, x as u32, y as u32, cut_w as u32, cut_h as u32).to_image();
    let scale = width as f32 / cut.width() as f32;
    let shift = [-(x as u32 as f32) * scale, -(y as u32 as f32) * scale];
    (imageops::resize(&cut, width, height, FilterType::CatmullRom), Affine::similarity(scale, 0.0, shift))
}

fn landmarks(picture_from_portrait: &Affine) -> Box<Landmarks> {
    let text = include_str!("../golden/portrait.json");
    let golden: serde_json::Value = serde_json::from_str(text).expect("portrait.json");
    let points: Vec<[f32; 2]> =
        serde_json::from_value(golden["frames"][0]["landmarks"].clone()).expect("portrait.json");
    assert_eq!(points.len(), LANDMARK_COUNT);
    let mut out = Box::new([[0.0; 3]; LANDMARK_COUNT]);
    for (to, point) in out.iter_mut().zip(points) {
        let [x, y] = picture_from_portrait.apply(point);
        *to = [x, y, 0.0];
    }
    out
}

fn measurement(landmarks: Box<Landmarks>) -> FaceMeasurement {
    let xs = landmarks.iter().map(|p| p[0]);
    let ys = landmarks.iter().map(|p| p[1]);
    let (x0, x1) = (xs.clone().fold(f32::MAX, f32::min), xs.fold(f32::MIN, f32::max));
    let (y0, y1) = (ys.clone().fold(f32::MAX, f32::min), ys.fold(f32::MIN, f32::max));
    let [a, b] = [landmarks[133], landmarks[362]];
    FaceMeasurement {
        id: 1,
        confidence: 0.99,
        box_px: RectPx { x: x0, y: y0, w: x1 - x0, h: y1 - y0 },
        blendshapes: None,
        pose: HeadPose { pitch_deg: -2.4, yaw_deg: 4.1, roll_deg: -3.2 },
        icd_px: (a[0] - b[0]).hypot(a[1] - b[1]),
        expression: Some(Expression {
            face: [
                Some(0.18),
                Some(0.71),
                Some(0.04),
                Some(0.02),
                Some(0.03),
                Some(0.01),
                Some(0.01),
                Some(0.00),
            ],
            eyes: Some([
                Some(0.22),
                Some(0.24),
                Some(0.06),
                Some(0.05),
                Some(0.38),
                Some(0.02),
                Some(0.02),
                Some(0.01),
            ]),
        }),
        quality: Quality { sharpness: 0.4, visible_share: 1.0, ..Quality::default() },
        landmarks,
    }
}

/// Mesh points near the middle of each region: right side, left side.
fn region_points(landmarks: &Landmarks) -> Vec<(RegionId, [f32; 2])> {
    let table = [
        (Region::InnerBrow, 55, 285),
        (Region::OuterBrow, 63, 293),
        (Region::Brow, 52, 282),
        (Region::Glabella, 9, 9),
        (Region::Lid, 159, 386),
        (Region::Cheek, 117, 346),
        (Region::NoseWing, 64, 294),
        (Region::UpperLip, 37, 267),
        (Region::MouthCorner, 61, 291),
        (Region::LowerLip, 84, 314),
        (Region::Chin, 171, 396),
    ];
    table
        .iter()
        .flat_map(|(region, right, left)| {
            let at = |index: usize| [landmarks[index][0], landmarks[index][1]];
            [
                (RegionId { region: *region, side: Side::Left }, at(*left)),
                (RegionId { region: *region, side: Side::Right }, at(*right)),
            ]
        })
        .collect()
}

fn status(t: f64) -> FrameStatus {
    let age = NOW_S - t;
    if (2.55..3.05).contains(&age) {
        FrameStatus::NoFace
    } else if (3.05..3.10).contains(&age) {
        FrameStatus::Gap
    } else {
        FrameStatus::Ok
    }
}

fn is_seen(signal: &Signal) -> bool {
    status(signal.captured_at.as_secs_f64()) == FrameStatus::Ok
}

/// A smooth bump of height 1 with the given centre and half width.
fn bump(t: f64, centre: f64, half: f64) -> f32 {
    let x = (t - centre) / half;
    if x.abs() < 1.0 { (0.5 + 0.5 * (std::f64::consts::PI * x).cos()) as f32 } else { 0.0 }
}

/// Repeatable noise in `[-1, 1]`.
fn noise(i: u64) -> f32 {
    let mut x = i.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x ^= x >> 29;
    x = x.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x ^= x >> 32;
    (x & 0xFFFF) as f32 / 32_768.0 - 1.0
}

fn signal(t: f64) -> Signal {
    let age = NOW_S - t;
    let brow = bump(age, 4.2, 0.16);
    let blink = bump(age, 4.75, 0.12);
    let smile = bump(age, 0.25, 0.9);
    let mut regions = [RegionMotion::default(); REGION_COUNT];
    for (i, motion) in regions.iter_mut().enumerate() {
        let id = RegionId::from_index(i).expect("index below REGION_COUNT");
        let out = if id.side == Side::Left { 1.0 } else { -1.0 };
        let [mut dx, mut dy] = match id.region {
            Region::InnerBrow | Region::Brow | Region::Glabella => [-0.008 * brow * out, 0.038 * brow],
            Region::OuterBrow => [0.0, 0.012 * brow],
            Region::Lid => [0.0, 0.05 * blink + 0.008 * smile],
            Region::Cheek => [0.006 * out * smile, -0.018 * smile],
            Region::MouthCorner => [0.04 * out * smile, if out > 0.0 { -0.045 } else { -0.034 } * smile],
            Region::UpperLip => [0.012 * out * smile, -0.012 * smile],
            Region::LowerLip => [0.012 * out * smile, -0.006 * smile],
            Region::NoseWing => [0.006 * out * smile, -0.004 * smile],
            Region::Chin => [0.0, 0.002],
        };
        let seed = (t * 60.0).round() as u64 * 64 + i as u64;
        dx += 0.0012 * noise(seed);
        dy += 0.0012 * noise(seed ^ 0xABCD);
        dy += 0.002 * (t * 1.7 + i as f64).sin() as f32;
        *motion = RegionMotion {
            displacement_icd: [dx, dy],
            amplitude_icd: dx.hypot(dy),
            velocity_icd: 0.0,
            sigma_icd: 0.001,
            is_valid: id.region != Region::NoseWing || id.side == Side::Left,
        };
    }
    Signal {
        captured_at: Timestamp::from_secs_f64(t),
        face_id: 1,
        regions,
        patches: Default::default(),
        head_turn_deg_s: 0.0,
        head_speed_icd_s: 0.02,
        residual_icd: 0.002,
        is_new_reference: false,
    }
}

/// A smile that the brows contradict from 1 s ago on.
fn mismatch(t: f64) -> Mismatch {
    let age = (NOW_S - t) as f32;
    let rise = |since: f32, length: f32| ((since - age) / length).clamp(0.0, 1.0);
    let (smile, negative) = (0.04 + 0.9 * rise(2.4, 0.5), 0.08 + 0.76 * rise(1.1, 0.25));
    Mismatch { smile, negative, posed: 0.6, cheek: 0.1, score: smile * negative, anger_over_sadness: -1.2 }
}

/// What could be seen: not the mouth while it smiles, nor the lids' right side lately.
fn observability(at: Timestamp) -> Observability {
    let age = NOW_S - at.as_secs_f64();
    let is_blind = |id: RegionId| match id.region {
        Region::UpperLip | Region::MouthCorner | Region::LowerLip => age < 2.45,
        Region::Lid => id.side == Side::Right && age < 1.75,
        Region::NoseWing => id.side == Side::Right,
        _ => false,
    };
    let mut smallest_icd = [0.012; REGION_COUNT];
    RegionId::all().filter(|id| is_blind(*id)).for_each(|id| smallest_icd[id.index()] = 0.055);
    Observability { captured_at: at, face_id: 1, smallest_icd }
}

fn events() -> Vec<ShownEvent> {
    let both = |region| [Side::Left, Side::Right].map(|side| RegionId { region, side }).to_vec();
    let at = |age: f64| Timestamp::from_secs_f64(NOW_S - age);
    let event =
        |id: u64, kind, span: [f64; 3], score: f32, label: &str, units: &[u8], regions: Vec<RegionId>| {
            Event {
                id,
                kind,
                label: label.to_owned(),
                score,
                onset: at(span[0]),
                apex: at(span[1]),
                offset: (span[2] > 0.0).then(|| at(span[2])),
                amplitude_icd: (kind != EventKind::Blink).then_some(0.032),
                regions,
                action_units: units.to_vec(),
                definition: None,
                min_resolvable_ms: 50.0,
                flagged_at: at(span[1]),
                confirmed_at: (span[2] > 0.0).then(|| at(span[2])),
                face_id: 1,
                veto: None,
                masked: None,
                label_evidence: None,
            }
        };
    let mut events = vec![
        event(0, EventKind::Macro, [41.2, 40.6, 39.0], 0.91, "surprise", &[1, 2], both(Region::OuterBrow)),
        event(1, EventKind::Blink, [12.4, 12.3, 12.2], 0.97, "", &[], both(Region::Lid)),
        event(2, EventKind::Blink, [4.85, 4.75, 4.65], 0.98, "", &[], both(Region::Lid)),
        event(3, EventKind::Micro, [4.29, 4.2, 4.11], 0.82, "anger", &[4], both(Region::InnerBrow)),
        event(
            4,
            EventKind::Masked,
            [0.9, 0.25, 0.0],
            0.64,
            "happy_but_sad",
            &[12],
            both(Region::MouthCorner),
        ),
        event(5, EventKind::Micro, [0.62, 0.5, 0.0], 0.31, "", &[17], both(Region::Chin)),
        event(6, EventKind::Micro, [0.24, 0.1, 0.0], 0.58, "", &[1, 2], both(Region::OuterBrow)),
    ];
    events[5].veto = Some(Veto::Speech);
    let shown = |event: Event| ShownEvent { withdrawn_s: event.veto.map(|_| NOW_S - 0.25), event };
    events.into_iter().map(shown).collect()
}
