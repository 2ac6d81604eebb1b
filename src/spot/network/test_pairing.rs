//! Frames and landmarks brought together: nothing waits for ever, nothing comes out of order, what lies between is between.

use super::pairing::{Pairing, PointMotion};
use super::points::{patch_count, points};
use crate::facs::standard_landmarks;
use crate::motion::layout_regions;
use crate::types::{
    FaceMeasurement, HeadPose, LandmarkUpdate, PatchMotion, Quality, REGION_COUNT, RectPx, Signal, Timestamp,
};

fn at(ms: i64) -> Timestamp {
    Timestamp::from_nanos(ms * 1_000_000)
}

/// A face that is followed; patch number n has come n along x.
fn signal(face_id: u32) -> Signal {
    let patch = |index: usize| PatchMotion { displacement_icd: [index as f32, 0.0], is_valid: true };
    Signal {
        captured_at: Timestamp::ZERO,
        face_id,
        regions: [Default::default(); REGION_COUNT],
        patches: (0..layout_regions().len()).map(patch).collect(),
        head_turn_deg_s: 0.0,
        head_speed_icd_s: 0.25,
        residual_icd: 0.0,
        is_new_reference: false,
    }
}

/// Landmarks of a face whose chin has gone down by `chin_px`.
fn face(id: u32, chin_px: f32) -> FaceMeasurement {
    let mut landmarks = standard_landmarks();
    for landmark in landmarks.iter_mut() {
        // Points that the standard face lacks lie between the eyes.
        let [x, y] = if landmark[0].is_finite() { [landmark[0], landmark[1]] } else { [0.0; 2] };
        *landmark = [100.0 + 40.0 * x, 90.0 + 40.0 * y, 0.0];
    }
    // Both ends of the last point, which lies between two landmarks.
    for landmark in [175, 396] {
        landmarks[landmark][1] += chin_px;
    }
    FaceMeasurement {
        id,
        confidence: 1.0,
        box_px: RectPx::default(),
        landmarks,
        blendshapes: None,
        pose: HeadPose::default(),
        icd_px: 40.0,
        expression: None,
        quality: Quality::default(),
    }
}

fn update(measured_ms: i64, faces: Vec<FaceMeasurement>) -> LandmarkUpdate {
    LandmarkUpdate { seq: 0, measured_at: at(measured_ms), faces }
}

/// Feeds frames every 33 ms; measurements of every second one come two frames later.
struct Feed {
    pairing: Pairing,
    given: Vec<PointMotion>,
}

impl Feed {
    fn new() -> Self {
        Self { pairing: Pairing::new(0.5), given: Vec::new() }
    }

    fn push(&mut self, ms: i64, signal: Option<&Signal>, update: Option<&LandmarkUpdate>) {
        let given = &mut self.given;
        self.pairing.push(at(ms), signal, update, |frame| given.push(frame.clone()));
    }

    /// When each given frame was captured, and the chin's place against the first frame's where it has landmarks.
    fn chins(&self) -> Vec<(i64, Option<f32>)> {
        let chin = points().len() - 1;
        let first = self.given.first().map_or(0.0, |frame| frame.points[chin].displacement_icd[1]);
        let of = |frame: &PointMotion| {
            let point = frame.points.get(chin)?;
            point.is_valid.then(|| point.displacement_icd[1] - first)
        };
        self.given.iter().map(|frame| (frame.at.as_nanos() / 1_000_000, of(frame))).collect()
    }
}

#[test]
fn frames_wait_for_landmarks_and_get_what_lies_between() {
    let mut feed = Feed::new();
    let signal = signal(1);
    feed.push(0, Some(&signal), Some(&update(0, vec![face(1, 0.0)])));
    assert_eq!(feed.given.len(), 1, "the first measurement is of the first frame itself");
    feed.push(33, Some(&signal), None);
    feed.push(66, Some(&signal), None);
    feed.push(99, Some(&signal), None);
    assert_eq!(feed.given.len(), 1);
    feed.push(132, Some(&signal), Some(&update(66, vec![face(1, 4.0)])));
    let chins = feed.chins();
    assert_eq!(chins.iter().map(|(ms, _)| *ms).collect::<Vec<_>>(), [0, 33, 66]);
    let (half, whole) = (chins[1].1.unwrap(), chins[2].1.unwrap());
    assert!(whole > 0.01 && (half - 0.5 * whole).abs() < 1e-5, "{half} {whole}");
}

#[test]
fn patches_of_regions_come_first_in_their_order() {
    let mut feed = Feed::new();
    feed.push(0, Some(&signal(1)), Some(&update(0, vec![face(1, 0.0)])));
    let frame = &feed.given[0];
    assert_eq!((frame.points.len(), frame.face_id, frame.head_speed_icd_s), (points().len(), 1, 0.25));
    let taken: Vec<_> =
        frame.points[..patch_count()].iter().map(|p| p.displacement_icd[0] as usize).collect();
    let regions = layout_regions();
    let expected: Vec<_> = (0..regions.len()).filter(|index| regions[*index].is_some()).collect();
    assert_eq!(taken, expected);
}

#[test]
fn without_landmarks_frames_go_on_after_a_while() {
    let mut feed = Feed::new();
    let signal = signal(1);
    for n in 0..30 {
        feed.push(33 * n, Some(&signal), None);
    }
    let chins = feed.chins();
    assert_eq!(chins.len(), 20, "those older than 0.3 s");
    assert!(chins.iter().enumerate().all(|(n, (ms, chin))| *ms == 33 * n as i64 && chin.is_none()));
}

#[test]
fn landmarks_far_apart_of_another_face_or_covered_say_nothing() {
    let covered = || {
        let mut face = face(1, 0.0);
        face.quality.is_occluded = true;
        face
    };
    let doubtful = || FaceMeasurement { confidence: 0.3, ..face(1, 0.0) };
    for (name, faces) in [("another", face(2, 0.0)), ("covered", covered()), ("doubtful", doubtful())] {
        let mut feed = Feed::new();
        let signal = signal(1);
        feed.push(0, Some(&signal), Some(&update(0, vec![face(1, 0.0)])));
        feed.push(33, Some(&signal), None);
        feed.push(66, Some(&signal), Some(&update(66, vec![faces])));
        let known: Vec<_> = feed.chins().into_iter().map(|(ms, chin)| (ms, chin.is_some())).collect();
        assert_eq!(known, [(0, true), (33, false), (66, false)], "{name}");
    }
    let mut feed = Feed::new();
    let signal = signal(1);
    feed.push(0, Some(&signal), Some(&update(0, vec![face(1, 0.0)])));
    feed.push(33, Some(&signal), None);
    feed.push(250, Some(&signal), Some(&update(250, vec![face(1, 0.0)])));
    let known: Vec<_> = feed.chins().into_iter().map(|(ms, chin)| (ms, chin.is_some())).collect();
    assert_eq!(known, [(0, true), (33, false), (250, true)]);
}

#[test]
fn order_is_kept_when_the_face_is_lost_and_time_goes_back() {
    let mut feed = Feed::new();
    let signal = signal(1);
    feed.push(0, Some(&signal), None);
    feed.push(33, None, None);
    feed.push(66, None, None);
    assert!(feed.given.is_empty(), "the first frame still waits");
    feed.push(400, None, None);
    assert_eq!(feed.chins().iter().map(|(ms, _)| *ms).collect::<Vec<_>>(), [0, 33, 66, 400]);
    feed.push(433, Some(&signal), None);
    feed.push(10, Some(&signal), None);
    assert_eq!(
        feed.given.last().map(|frame| frame.at),
        Some(at(433)),
        "time went back: nothing more to wait for"
    );
}

#[test]
fn never_more_than_a_third_of_a_second_waits_at_any_rate() {
    let mut feed = Feed::new();
    let signal = signal(1);
    for n in 0..2_000 {
        feed.pairing.push(Timestamp::from_nanos(n * 1_000_000), Some(&signal), None, |_| ());
    }
    feed.pairing.push(at(10_000), None, None, |frame| feed.given.push(frame.clone()));
    assert!(feed.given.len() <= 97, "{}", feed.given.len());
}
