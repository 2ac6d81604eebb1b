//! Region motion against the known motion of a rendered face.

mod motion_scene;

use std::f64::consts::TAU;

use motion_scene::{ICD_PX, Move, NOISE_LUMA, Portrait, Pose, id, length, quantile, run, time_of};
use onset::motion::{MotionParams, MotionTracker};
use onset::types::{Region, RegionId, Side, Signal, Timestamp};

/// A triangle of height 1 and total width `width_s` around `middle_s`.
fn pulse(t: f64, middle_s: f64, width_s: f64) -> f32 {
    (1.0 - (t - middle_s).abs() / (0.5 * width_s)).max(0.0) as f32
}

fn displacement(signal: &Signal, region: Region, side: Side) -> [f32; 2] {
    let motion = signal.regions[id(region, side)];
    assert!(motion.is_valid, "{region:?} {side:?} at {:?}", signal.captured_at);
    motion.displacement_icd
}

#[test]
fn noise_on_a_still_face_is_below_a_fifth_of_a_percent() {
    let signals = run(&Portrait::load(), 60, 30.0, (2, 1), |_| Pose::default());
    let mut medians = Vec::new();
    for region in RegionId::all() {
        let motion = || signals[5..].iter().map(|s| s.regions[region.index()]);
        assert!(motion().all(|m| m.is_valid), "{} was lost", region.name());
        let median = quantile(motion().map(|m| m.velocity_icd), 0.5);
        println!("{:18} moves {:.3} % ICD in 100 ms (median)", region.name(), 100.0 * median);
        medians.push(median);
    }
    let median = quantile(medians, 0.5);
    println!("median of the regions: {:.3} % ICD", 100.0 * median);
    assert!(median < 0.002, "{median}");
}

#[test]
fn a_brief_brow_raise_is_recovered_unsmoothed_on_its_own_side() {
    // 3 % ICD up and back within 120 ms, at 60 frames a second: three frames up, three down.
    let truth = |t: f64| 0.03 * pulse(t, 0.5, 0.12);
    let portrait = Portrait::load();
    let raise = |t: f64| Pose { moves: vec![Move::brow(334, [0.0, -truth(t)])], ..Pose::default() };
    let signals = run(&portrait, 60, 60.0, (4, 2), raise);
    for signal in &signals[10..] {
        let up = truth(signal.captured_at.as_secs_f64());
        for region in [Region::InnerBrow, Region::OuterBrow, Region::Brow] {
            let got = displacement(signal, region, Side::Left);
            assert!((got[1] + up).abs() < 0.15 * 0.03, "{region:?}: {got:?}, up {up}");
            let other = displacement(signal, region, Side::Right);
            assert!(length(other) < 0.2 * 0.03, "other side {region:?}: {other:?}, up {up}");
        }
        for region in [Region::Lid, Region::MouthCorner] {
            assert!(length(displacement(signal, region, Side::Left)) < 0.2 * 0.03, "{region:?} moved along");
        }
    }
    let apex = &signals[30];
    let amplitude = apex.regions[id(Region::Brow, Side::Left)].amplitude_icd;
    assert!((amplitude - 0.03).abs() < 0.15 * 0.03, "amplitude {amplitude}");
    // 100 ms before the apex nothing had moved yet.
    let velocity = apex.regions[id(Region::Brow, Side::Left)].velocity_icd;
    assert!((velocity - 0.03).abs() < 0.15 * 0.03, "motion in 100 ms {velocity}");
}

#[test]
fn sub_pixel_steps_are_measured_to_an_eighth_of_a_pixel() {
    // The corner of the mouth goes out and up in steps of 0.2 % ICD: 0.1 image pixels.
    let truth = |t: f64| 0.002 * (t * 10.0).floor() as f32;
    let pose = |t: f64| Pose {
        moves: vec![Move {
            inner_icd: 0.6,
            outer_icd: 0.9,
            ..Move::mouth_corner(291, [truth(t), -truth(t)])
        }],
        ..Pose::default()
    };
    let signals = run(&Portrait::load(), 40, 30.0, (2, 1), pose);
    let error = signals[1..].iter().map(|s| {
        let (got, t) = (displacement(s, Region::MouthCorner, Side::Left), s.captured_at.as_secs_f64());
        length([got[0] - truth(t), got[1] + truth(t)])
    });
    let error = quantile(error, 0.9);
    assert!(error < 0.125 / ICD_PX, "{error} ICD");
}

#[test]
fn one_corner_of_the_mouth_leaves_the_other_side_alone() {
    for (landmark, moving, still) in [(291, Side::Left, Side::Right), (61, Side::Right, Side::Left)] {
        let pose = |t: f64| Pose {
            moves: vec![Move::mouth_corner(landmark, [0.0, -0.06 * pulse(t, 0.4, 0.6)])],
            ..Pose::default()
        };
        let signals = run(&Portrait::load(), 24, 30.0, (2, 1), pose);
        let apex = &signals[12];
        let up = -displacement(apex, Region::MouthCorner, moving)[1];
        assert!((up - 0.06).abs() < 0.15 * 0.06, "{moving:?}: {up}");
        for region in
            [Region::MouthCorner, Region::UpperLip, Region::LowerLip, Region::Cheek, Region::NoseWing]
        {
            let other = length(displacement(apex, region, still));
            assert!(other < 0.2 * up, "{region:?} {still:?}: {other} of {up}");
        }
    }
}

#[test]
fn the_subjects_left_is_on_the_image_right_and_points_follow_the_head() {
    let portrait = Portrait::load();
    let mut tracker = MotionTracker::new(MotionParams::default());
    for i in 0..8 {
        let pose = Pose { shift_px: [2.0 * i as f32, 0.0], ..Pose::default() };
        let measurement = portrait.measurement(&Pose::default(), 7);
        let update = (i == 0).then_some((&measurement, Timestamp::ZERO));
        tracker.push(&portrait.render(&pose, NOISE_LUMA, i), time_of(i as usize, 30.0), update).unwrap();
        let points = tracker.region_points();
        let at = |side| {
            points.iter().find(|(r, _)| *r == RegionId { region: Region::MouthCorner, side }).unwrap().1
        };
        let (left, right) = (at(Side::Left), at(Side::Right));
        assert!(left[0] > right[0] + 0.8 * ICD_PX);
        let truth = portrait.measurement(&pose, 7).landmarks;
        for (got, landmark) in [(left, truth[291]), (right, truth[61])] {
            assert!(
                length([got[0] - landmark[0], got[1] - landmark[1]]) < 0.15 * ICD_PX,
                "{got:?} for {landmark:?}"
            );
        }
    }
}

#[test]
fn head_motion_is_removed() {
    let sine = |hz: f64, t: f64| (TAU * hz * t).sin() as f32;
    let shift = move |t| Pose { shift_px: [12.0 * sine(0.5, t), 8.0 * sine(0.7, t)], ..Pose::default() };
    let turn = move |t| Pose { angle_rad: 0.12 * sine(0.5, t), ..Pose::default() };
    let zoom = move |t| Pose { scale: 1.0 + 0.08 * sine(0.5, t), ..Pose::default() };
    let portrait = Portrait::load();
    let motions: [(&str, &dyn Fn(f64) -> Pose); 3] = [("shift", &shift), ("turn", &turn), ("zoom", &zoom)];
    for (name, pose) in motions {
        let signals = run(&portrait, 60, 30.0, (2, 2), pose);
        let mut worst = 0.0f32;
        for region in RegionId::all() {
            let motion = || signals[1..].iter().map(|s| s.regions[region.index()]);
            assert!(motion().all(|m| m.is_valid), "{name}: {} was lost", region.name());
            worst = worst.max(quantile(motion().map(|m| length(m.displacement_icd)), 0.95));
        }
        println!("{name}: worst region {:.2} % ICD (95 % of frames)", 100.0 * worst);
        assert!(worst < 0.005, "{name}: {worst}");
    }
}

#[test]
fn head_speed_and_the_way_from_the_measured_frame_are_true() {
    // 30 px/s to the right, landmarks three frames late.
    let portrait = Portrait::load();
    let pose = |i: usize| Pose { shift_px: [i as f32 - 10.0, 0.0], ..Pose::default() };
    let mut tracker = MotionTracker::new(MotionParams::default());
    for i in 0..24_usize {
        let measured = if i == 0 { Some(0) } else { i.checked_sub(3).filter(|k| k % 2 == 1) };
        let update = measured.map(|k| (portrait.measurement(&pose(k), 7), time_of(k, 30.0)));
        let luma = portrait.render(&pose(i), NOISE_LUMA, i as u64);
        let signal = tracker.push(&luma, time_of(i, 30.0), update.as_ref().map(|(m, t)| (m, *t))).unwrap();
        if i > 0 {
            assert!((signal.head_speed_icd_s - 30.0 / ICD_PX).abs() < 0.15, "{}", signal.head_speed_icd_s);
        }
        if let Some(k) = measured {
            let (then, now) = (portrait.measurement(&pose(k), 7), portrait.measurement(&pose(i), 7));
            for landmark in [33, 263, 4, 61, 291] {
                let [x, y, _] = then.landmarks[landmark];
                let got = tracker.now_from_measured().apply([x, y]);
                let [x, y, _] = now.landmarks[landmark];
                assert!(length([got[0] - x, got[1] - y]) < 0.4, "frame {i}: {got:?} for {:?}", [x, y]);
            }
        }
    }
}

#[test]
fn the_aligned_crop_holds_the_head_still() {
    let portrait = Portrait::load();
    let mut tracker = MotionTracker::new(MotionParams::default());
    let mut first: Option<Vec<u8>> = None;
    for i in 0..10 {
        let pose =
            Pose { shift_px: [2.5 * i as f32, -(i as f32)], angle_rad: 0.01 * i as f32, ..Pose::default() };
        let measurement = portrait.measurement(&pose, 7);
        let update = (i == 0).then_some((&measurement, Timestamp::ZERO));
        tracker.push(&portrait.render(&pose, 0.0, i), time_of(i as usize, 30.0), update).unwrap();
        let aligned = tracker.aligned().unwrap();
        assert_eq!(aligned.pixels.len(), 256 * 256);
        assert!((aligned.icd_px - ICD_PX).abs() < 0.05 * ICD_PX, "{}", aligned.icd_px);
        let eye = measurement.landmarks[133];
        let eye = aligned.crop_from_image.apply([eye[0], eye[1]]);
        assert!(length([eye[0] - 96.0, eye[1] - 60.0]) < 4.0, "inner corner at {eye:?}");
        let first = first.get_or_insert_with(|| aligned.pixels.clone());
        // The face itself, without its surroundings.
        let inside = |i: &usize| (60..196).contains(&(i % 256)) && (30..230).contains(&(i / 256));
        let differences =
            (0..256 * 256).filter(inside).map(|i| f32::from(first[i].abs_diff(aligned.pixels[i])));
        let mean = differences.clone().sum::<f32>() / differences.count() as f32;
        assert!(mean < 3.0, "frame {i}: mean difference {mean}");
    }
}

#[test]
fn a_change_of_light_is_not_motion() {
    let lit = |t: f64| {
        let is_changed = t > 0.5;
        Pose {
            gain: if is_changed { 0.75 } else { 1.0 },
            bias: if is_changed { 25.0 } else { 0.0 },
            ..Pose::default()
        }
    };
    let signals = run(&Portrait::load(), 30, 30.0, (2, 1), lit);
    for region in RegionId::all() {
        let place = |range: std::ops::Range<usize>, axis: usize| {
            quantile(signals[range].iter().map(|s| s.regions[region.index()].displacement_icd[axis]), 0.5)
        };
        let step = length([place(17..30, 0) - place(3..15, 0), place(17..30, 1) - place(3..15, 1)]);
        assert!(step < 0.003, "{}: {step}", region.name());
    }
}

#[test]
fn late_landmarks_change_little() {
    let pose = |t: f64| Pose {
        shift_px: [10.0 * (TAU * 0.6 * t).sin() as f32, 0.0],
        moves: vec![Move::brow(105, [0.0, 0.04 * pulse(t, 0.8, 0.3)])],
        ..Pose::default()
    };
    let portrait = Portrait::load();
    let prompt = run(&portrait, 40, 30.0, (2, 0), pose);
    for delay in [2, 4] {
        let late = run(&portrait, 40, 30.0, (2, delay), pose);
        for region in RegionId::all() {
            let difference = prompt.iter().zip(&late).map(|(a, b)| {
                let (a, b) = (a.regions[region.index()], b.regions[region.index()]);
                assert_eq!(a.is_valid, b.is_valid);
                length([
                    a.displacement_icd[0] - b.displacement_icd[0],
                    a.displacement_icd[1] - b.displacement_icd[1],
                ])
            });
            let worst = difference.fold(0.0, f32::max);
            assert!(worst < 0.004, "{} frames late, {}: {worst}", delay, region.name());
        }
    }
}

#[test]
fn the_same_frames_give_the_same_bits() {
    let pose = |t: f64| Pose { shift_px: [8.0 * t as f32, 0.0], ..Pose::default() };
    let portrait = Portrait::load();
    assert_eq!(run(&portrait, 8, 30.0, (2, 1), pose), run(&portrait, 8, 30.0, (2, 1), pose));
}
