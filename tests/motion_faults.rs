//! Region motion when something goes wrong: losses, gaps, cuts, late or foolish measurements, renewed references.

mod motion_scene;

use std::time::Duration;

use image::GrayImage;
use motion_scene::{
    HEIGHT, Move, NOISE_LUMA, Portrait, Pose, WIDTH, id, length, measurement_from_landmarks, quantile,
    time_of,
};
use onset::motion::{MotionParams, MotionTracker};
use onset::types::{FaceMeasurement, LANDMARK_COUNT, Region, Side, Signal, Timestamp};
use proptest::prelude::*;

fn brow_up(icd: f32) -> Pose {
    Pose { moves: vec![Move::brow(334, [0.0, -icd])], ..Pose::default() }
}

fn brow(signal: &Signal) -> f32 {
    let motion = signal.regions[id(Region::Brow, Side::Left)];
    assert!(motion.is_valid, "at {:?}", signal.captured_at);
    -motion.displacement_icd[1]
}

fn valid_count(signal: &Signal) -> usize {
    signal.regions.iter().filter(|m| m.is_valid).count()
}

/// A tracker and the portrait that it sees, frame by frame.
struct Session {
    portrait: Portrait,
    tracker: MotionTracker,
    seed: u64,
}

impl Session {
    fn new() -> Self {
        Self { portrait: Portrait::load(), tracker: MotionTracker::new(MotionParams::default()), seed: 0 }
    }

    /// One frame, measured in itself where `is_measured`.
    fn show(&mut self, at: Timestamp, pose: &Pose, is_measured: bool) -> Signal {
        let measurement = self.portrait.measurement(pose, 7);
        self.show_with(at, pose, is_measured.then_some((&measurement, at)))
    }

    fn show_with(
        &mut self,
        at: Timestamp,
        pose: &Pose,
        update: Option<(&FaceMeasurement, Timestamp)>,
    ) -> Signal {
        self.seed += 1;
        let luma = self.portrait.render(pose, NOISE_LUMA, self.seed);
        self.tracker.push(&luma, at, update).unwrap()
    }
}

#[test]
fn renewed_references_neither_step_nor_lose_motion() {
    // The brow rises by 5 % ICD in half a second and stays, while the head "turns" (as the networks say) again and again.
    let mut session = Session::new();
    let truth = |t: f64| 0.1 * (t - 0.4).clamp(0.0, 0.5) as f32;
    let (mut renewals, mut previous) = (0, None);
    for i in 0..60 {
        let at = time_of(i, 30.0);
        let t = at.as_secs_f64();
        let pose = brow_up(truth(t));
        let mut measurement = session.portrait.measurement(&pose, 7);
        measurement.pose.yaw_deg = 4.0 * (t / 0.3).floor() as f32;
        let signal = session.show_with(at, &pose, (i % 2 == 0).then_some((&measurement, at)));
        renewals += usize::from(signal.is_new_reference);
        let up = brow(&signal);
        assert!((up - truth(t)).abs() < 0.15 * 0.05, "{up} for {} at {t}", truth(t));
        if let Some(previous) = previous.replace(up) {
            // It rises by 0.33 % a frame: no step beyond that and noise.
            assert!((up - previous).abs() < 0.007, "{previous} to {up} at {t}");
        }
    }
    assert!(renewals >= 5, "{renewals}");
}

#[test]
fn a_quiet_face_renews_its_reference_and_drifts_little() {
    let mut session = Session::new();
    let mut renewals = 0;
    let mut last = None;
    for i in 0..210 {
        let signal = session.show(time_of(i, 30.0), &Pose::default(), i % 2 == 0);
        renewals += usize::from(signal.is_new_reference);
        last = Some(signal);
    }
    assert!((3..=4).contains(&renewals), "the first and one each 3 s: {renewals}");
    let drift = quantile(last.unwrap().regions.iter().map(|m| length(m.displacement_icd)), 0.9);
    assert!(drift < 0.006, "{drift}");
}

#[test]
fn a_cut_to_another_picture_is_invalid_until_measured_again() {
    let mut session = Session::new();
    for i in 0..6 {
        session.show(time_of(i, 30.0), &Pose::default(), i == 0);
    }
    // The face is elsewhere at once.
    let elsewhere = Pose { shift_px: [70.0, 18.0], angle_rad: 0.3, ..Pose::default() };
    let measured_before = session.portrait.measurement(&Pose::default(), 7);
    let signal = session.show(time_of(6, 30.0), &elsewhere, false);
    assert_eq!(valid_count(&signal), 0);
    assert!(session.tracker.region_points().is_empty());
    // A measurement of a frame before the cut tells nothing about now.
    let signal = session.show_with(time_of(7, 30.0), &elsewhere, Some((&measured_before, time_of(5, 30.0))));
    assert_eq!(valid_count(&signal), 0);
    let signal = session.show(time_of(8, 30.0), &elsewhere, true);
    assert!(signal.is_new_reference);
    assert!(valid_count(&signal) >= 20);
    for motion in signal.regions.iter().filter(|m| m.is_valid) {
        assert!(length(motion.displacement_icd) < 0.01 && motion.velocity_icd == 0.0, "{motion:?}");
    }
    let signal = session.show(time_of(9, 30.0), &elsewhere, false);
    assert!(valid_count(&signal) >= 20);
    assert!(signal.regions.iter().all(|m| length(m.displacement_icd) < 0.012));
}

#[test]
fn a_blank_picture_or_another_size_is_invalid_and_the_face_is_found_again() {
    let mut session = Session::new();
    for i in 0..4 {
        session.show(time_of(i, 30.0), &Pose::default(), i == 0);
    }
    for (i, luma) in [(4, GrayImage::new(WIDTH, HEIGHT)), (5, GrayImage::new(64, 48))] {
        let signal = session.tracker.push(&luma, time_of(i, 30.0), None).unwrap();
        assert_eq!(valid_count(&signal), 0);
        assert_eq!(signal.head_speed_icd_s, 0.0);
    }
    // The size that it knew came back: one frame to notice, then the old reference serves again.
    session.show(time_of(6, 30.0), &Pose::default(), false);
    let signal = session.show(time_of(7, 30.0), &Pose::default(), false);
    assert!(valid_count(&signal) >= 20);
    assert!(signal.regions.iter().all(|m| length(m.displacement_icd) < 0.01));
}

#[test]
fn regions_outside_the_picture_are_invalid_and_the_rest_goes_on() {
    let mut session = Session::new();
    let pose = |i: usize| Pose { shift_px: [0.0, 2.0 * i.min(24) as f32], ..Pose::default() };
    for i in 0..28 {
        let signal = session.show(time_of(i, 30.0), &pose(i), i == 0);
        if i == 27 {
            for side in [Side::Left, Side::Right] {
                assert!(!signal.regions[id(Region::Chin, side)].is_valid, "the chin is below the picture");
                for region in [Region::Brow, Region::Lid, Region::NoseWing] {
                    let motion = signal.regions[id(region, side)];
                    assert!(
                        motion.is_valid && length(motion.displacement_icd) < 0.01,
                        "{region:?} {motion:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn what_happens_within_a_gap_is_not_motion() {
    let mut session = Session::new();
    for i in 0..8 {
        session.show(time_of(i, 30.0), &Pose::default(), i == 0);
    }
    // Half a second is missing, and the brow went up meanwhile.
    let after = time_of(8, 30.0) + Duration::from_millis(500);
    let signal = session.show(after, &brow_up(0.05), false);
    assert!(signal.is_new_reference);
    assert!(brow(&signal).abs() < 0.006, "{}", brow(&signal));
    assert_eq!(signal.regions[id(Region::Brow, Side::Left)].velocity_icd, 0.0);
    // From there on it counts again.
    let signal = session.show(after + Duration::from_millis(33), &brow_up(0.08), false);
    assert!((brow(&signal) - 0.03).abs() < 0.006, "{}", brow(&signal));
    // Time that goes back is a gap too.
    let signal = session.show(after - Duration::from_millis(200), &brow_up(0.02), false);
    assert!(signal.is_new_reference && (brow(&signal) - 0.03).abs() < 0.006, "{}", brow(&signal));
}

#[test]
fn velocity_is_over_100_ms_whatever_the_frame_times() {
    let mut session = Session::new();
    let mut at = Timestamp::ZERO;
    for (i, step_ms) in [33, 20, 45, 33, 8, 60, 33, 25, 41, 33, 16, 50].into_iter().enumerate() {
        // 20 % ICD a second.
        let signal = session.show(at, &brow_up(0.2 * at.as_secs_f64() as f32), i == 0);
        let velocity = signal.regions[id(Region::Brow, Side::Left)].velocity_icd;
        if at.as_secs_f64() < 0.1 {
            assert_eq!(velocity, 0.0, "not yet known");
        } else {
            assert!((velocity - 0.02).abs() < 0.004, "{velocity} at {at:?}");
        }
        at = at + Duration::from_millis(step_ms);
    }
}

#[test]
fn another_person_starts_anew_and_nothing_is_said_before_the_first_measurement() {
    let portrait = Portrait::load();
    let mut tracker = MotionTracker::new(MotionParams::default());
    let luma = portrait.render(&Pose::default(), NOISE_LUMA, 1);
    assert!(tracker.push(&luma, Timestamp::ZERO, None).is_none());
    assert!(tracker.aligned().is_none() && tracker.face_id().is_none());
    for (i, person) in [(1, 7), (2, 9)] {
        let at = time_of(i, 30.0);
        let measurement = portrait.measurement(&Pose::default(), person);
        let signal = tracker.push(&luma, at, Some((&measurement, at))).unwrap();
        assert_eq!((signal.face_id, signal.is_new_reference), (person, true));
        assert_eq!(tracker.face_id(), Some(person));
        assert!(signal.regions.iter().all(|m| m.displacement_icd == [0.0; 2]));
    }
    tracker.reset();
    assert!(tracker.push(&luma, time_of(3, 30.0), None).is_none());
}

#[test]
fn an_occluded_or_doubtful_measurement_places_no_reference() {
    let portrait = Portrait::load();
    let luma = portrait.render(&Pose::default(), NOISE_LUMA, 1);
    let mut occluded = portrait.measurement(&Pose::default(), 7);
    occluded.quality.is_occluded = true;
    let mut doubtful = portrait.measurement(&Pose::default(), 7);
    doubtful.confidence = 0.2;
    for measurement in [occluded, doubtful] {
        let mut tracker = MotionTracker::new(MotionParams::default());
        assert!(tracker.push(&luma, Timestamp::ZERO, Some((&measurement, Timestamp::ZERO))).is_none());
    }
}

fn is_finite(signal: &Signal) -> bool {
    signal.head_speed_icd_s.is_finite()
        && signal.residual_icd.is_finite()
        && signal.regions.iter().all(|m| {
            m.displacement_icd.iter().all(|v| v.is_finite())
                && m.amplitude_icd.is_finite()
                && m.velocity_icd.is_finite()
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever comes in, it neither panics nor says anything that is not a number.
    #[test]
    fn nonsense_is_survived(
        frames in prop::collection::vec((1u32..90, 1u32..90, any::<u64>(), -50i64..200, any::<bool>()), 1..5),
        scale in prop_oneof![Just(0.0f32), Just(1e9), 0.1f32..4.0],
        shift in prop_oneof![Just(f32::NAN), Just(1e9), -200.0f32..200.0],
    ) {
        let face = Portrait::load().measurement(&Pose::default(), 1).landmarks;
        let mut landmarks = Box::new([[0.0f32; 3]; LANDMARK_COUNT]);
        for (out, p) in landmarks.iter_mut().zip(face.iter()) {
            *out = [scale * p[0] + shift, scale * p[1] - shift, p[2]];
        }
        let measurement = measurement_from_landmarks(landmarks, 1);
        let mut tracker = MotionTracker::new(MotionParams::default());
        let mut at = Timestamp::ZERO;
        for (width, height, seed, step_ms, is_measured) in frames {
            at = Timestamp::from_nanos(at.as_nanos() + step_ms * 1_000_000);
            let luma = GrayImage::from_fn(width, height, |x, y| {
                image::Luma([(seed.wrapping_mul(u64::from(x * 31 + y * 17 + 1)) >> 56) as u8])
            });
            if let Some(signal) = tracker.push(&luma, at, is_measured.then_some((&measurement, at))) {
                prop_assert!(is_finite(&signal), "{signal:?}");
            }
            let points = tracker.region_points();
            prop_assert!(points.iter().all(|(_, p)| p.iter().all(|v| v.is_finite())));
            prop_assert!(tracker.now_from_measured().rows.iter().flatten().all(|v| v.is_finite()));
        }
    }
}
