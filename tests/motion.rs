//! Region motion against known motion of a rendered face.

mod motion_scene;

use motion_scene::{ICD_PX, Move, Portrait, Pose, time_of};
use onset::motion::{MotionParams, MotionTracker};
use onset::types::{REGION_COUNT, Region, RegionId, Side, Signal};

/// Sensor noise of a webcam, in luma.
const NOISE_LUMA: f32 = 2.0;

fn id(region: Region, side: Side) -> usize {
    RegionId { region, side }.index()
}

/// Runs `frames` frames; landmarks come every `every` frames, `delay` frames late.
fn run(
    portrait: &Portrait,
    frames: usize,
    fps: f64,
    (every, delay): (usize, usize),
    noise_luma: f32,
    pose: impl Fn(f64) -> Pose,
) -> Vec<Signal> {
    let mut tracker = MotionTracker::new(MotionParams::default());
    let mut out = Vec::new();
    for i in 0..frames {
        let at = time_of(i, fps);
        let luma = portrait.render(&pose(at.as_secs_f64()), noise_luma, i as u64);
        // The first measurement describes its own frame.
        let measured =
            if i == 0 { Some(0) } else { i.checked_sub(delay).filter(|k| *k > 0 && k % every == 0) };
        let measurement = measured.map(|k| {
            let when = time_of(k, fps);
            (portrait.measurement(&pose(when.as_secs_f64()), 7), when)
        });
        let signal = tracker.push(&luma, at, measurement.as_ref().map(|(m, t)| (m, *t)));
        out.push(signal.expect("a first measurement has come"));
    }
    out
}

fn median(mut values: Vec<f32>) -> f32 {
    values.sort_by(f32::total_cmp);
    values[values.len() / 2]
}

#[test]
fn noise_on_a_still_face_is_below_a_fifth_of_a_percent() {
    let portrait = Portrait::load();
    let signals = run(&portrait, 60, 30.0, (2, 1), NOISE_LUMA, |_| Pose::default());
    let mut all = Vec::new();
    for id in RegionId::all() {
        let v: Vec<f32> = signals[5..]
            .iter()
            .map(|s| s.regions[id.index()])
            .filter(|m| m.is_valid)
            .map(|m| m.velocity_icd)
            .collect();
        println!(
            "{:20} valid {:2} of 55, motion over 100 ms: median {:.3} % ICD",
            id.name(),
            v.len(),
            100.0 * median(v.clone())
        );
        assert!(v.len() == 55, "{} was lost", id.name());
        all.push(median(v));
    }
    println!(
        "median of regions {:.3} % ICD, residual {:.3} % ICD",
        100.0 * median(all.clone()),
        100.0 * signals[30].residual_icd
    );
    assert!(median(all) < 0.002);
}

#[test]
fn print_head_motion() {
    let portrait = Portrait::load();
    let tau = std::f64::consts::TAU;
    for (name, f) in [
        (
            "shift",
            Box::new(move |t: f64| Pose {
                shift_px: [(12.0 * (tau * 0.5 * t).sin()) as f32, (8.0 * (tau * 0.7 * t).sin()) as f32],
                ..Pose::default()
            }) as Box<dyn Fn(f64) -> Pose>,
        ),
        (
            "turn",
            Box::new(move |t: f64| Pose {
                angle_rad: (0.12 * (tau * 0.5 * t).sin()) as f32,
                ..Pose::default()
            }),
        ),
        (
            "zoom",
            Box::new(move |t: f64| Pose {
                scale: 1.0 + (0.08 * (tau * 0.5 * t).sin()) as f32,
                ..Pose::default()
            }),
        ),
    ] {
        let signals = run(&portrait, 60, 30.0, (2, 2), NOISE_LUMA, f);
        let mut worst = 0.0f32;
        for id in RegionId::all() {
            let v: Vec<f32> = signals[5..]
                .iter()
                .map(|s| s.regions[id.index()])
                .filter(|m| m.is_valid)
                .map(|m| m.velocity_icd)
                .collect();
            let d = signals
                .iter()
                .map(|s| s.regions[id.index()])
                .filter(|m| m.is_valid)
                .map(|m| m.displacement_icd[0].hypot(m.displacement_icd[1]))
                .fold(0.0, f32::max);
            println!(
                "{name} {:20} valid {:2}, v median {:.3} max {:.3}; d max {:.3} % ICD",
                id.name(),
                v.len(),
                100.0 * median(v.clone()),
                100.0 * v.iter().copied().fold(0.0, f32::max),
                100.0 * d
            );
            worst = worst.max(d);
        }
        println!(
            "{name}: worst {:.3}%, renewals {}, speed max {:.2}",
            100.0 * worst,
            signals.iter().filter(|s| s.is_new_reference).count(),
            signals.iter().map(|s| s.head_speed_icd_s).fold(0.0, f32::max)
        );
    }
    let _ = (ICD_PX, REGION_COUNT);
}

#[test]
fn print_brow() {
    let portrait = Portrait::load();
    let pose = |t: f64| {
        let up = (1.0 - ((t - 0.5) / 0.06).abs()).max(0.0) as f32;
        Pose {
            moves: vec![Move {
                landmark: 334,
                inner_icd: 0.75,
                outer_icd: 1.05,
                flatness: 2.5,
                shift_icd: [0.0, -0.03 * up],
            }],
            ..Pose::default()
        }
    };
    let signals = run(&portrait, 60, 60.0, (4, 2), NOISE_LUMA, pose);
    for s in &signals[22..40] {
        let g = |r, side| s.regions[id(r, side)];
        print!(
            "{:.3} truth {:.2}: ",
            s.captured_at.as_secs_f64(),
            3.0 * (1.0 - ((s.captured_at.as_secs_f64() - 0.5) / 0.06).abs()).max(0.0)
        );
        for r in [Region::InnerBrow, Region::OuterBrow, Region::Brow, Region::Lid, Region::Cheek] {
            let (l, rr) = (g(r, Side::Left), g(r, Side::Right));
            print!(
                "{} {:.2} a {:.2} | {:.2}  ",
                r.name(),
                100.0 * l.displacement_icd[1],
                100.0 * l.amplitude_icd,
                100.0 * rr.displacement_icd[1]
            );
        }
        println!();
    }
}
