//! Clips with truth, as the motion stage sees them: what moves is what the truth says, and nothing else.

use image::{GrayImage, RgbImage};
use onset::face::{FaceEngine, FaceParams, icd_px};
use onset::facs::AuField;
use onset::image::convert::luma_of_rgb;
use onset::image::measure::sharpness;
use onset::motion::{MotionParams, MotionTracker, layout_points, layout_regions};
use onset::synth::{
    Base, BaseSpec, Clip, ClipParams, Distractors, Envelope, EventParams, Expression, Part, TruthRow,
};
use onset::types::{FaceMeasurement, Label, Region, RegionId, Side, Signal, Timestamp};

fn engine() -> FaceEngine {
    FaceEngine::new(FaceParams::default()).unwrap()
}

fn portrait() -> Base {
    Base::open(&BaseSpec::Portrait, Part::default(), &mut engine(), &mut |_, _| true).unwrap()
}

/// A quiet clip of one second at 60 fps, with this one event in its middle.
fn clip_of<'a>(base: &'a Base, label: Label, action_units: &'static [u8], sides: [f64; 2]) -> Clip<'a> {
    let params = ClipParams {
        fps: Some(60.0),
        duration_s: 1.0,
        events: EventParams { per_minute: 0.0, ..EventParams::default() },
        ..ClipParams::default()
    };
    let mut clip = Clip::new(base, &params).unwrap();
    let envelope = Envelope { onset_s: 0.4, rise_s: 0.15, hold_s: 0.0, fall_s: 0.2 };
    clip.plan.micros.push(Expression {
        envelope,
        amplitude_icd: AMPLITUDE_ICD,
        label,
        action_units,
        sides,
        shading: 1.0,
    });
    clip
}

const AMPLITUDE_ICD: f64 = 0.04;
const APEX_S: f64 = 0.55;

fn luma_of(frame: &RgbImage) -> GrayImage {
    GrayImage::from_fn(frame.width(), frame.height(), |x, y| {
        image::Luma([luma_of_rgb(frame.get_pixel(x, y).0)])
    })
}

fn frames_of(clip: &Clip) -> Vec<(f64, RgbImage)> {
    let mut frames = Vec::new();
    clip.frames(&mut |time_s, frame| {
        frames.push((time_s, frame.clone()));
        Ok(true)
    })
    .unwrap();
    frames
}

fn measurement(frame: &RgbImage) -> FaceMeasurement {
    let update = engine().measure(0, Timestamp::ZERO, frame, &luma_of(frame)).unwrap();
    update.faces.into_iter().next().expect("the portrait is a face")
}

fn signals_of(frames: &[(f64, RgbImage)]) -> Vec<Signal> {
    let face = measurement(&frames[0].1);
    let mut tracker = MotionTracker::new(MotionParams::default());
    let push = |(index, (time_s, frame)): (usize, &(f64, RgbImage))| {
        let update = (index == 0).then_some((&face, Timestamp::ZERO));
        tracker.push(&luma_of(frame), Timestamp::from_secs_f64(*time_s), update).unwrap()
    };
    frames.iter().enumerate().map(push).collect()
}

/// What the region's patches should show at the apex: the mean of the field at their places.
fn expected(base: &Base, parts: &[(u8, Side, f32)], id: RegionId) -> [f32; 2] {
    let landmarks = base.landmarks(0).unwrap();
    let field = AuField::new(landmarks).unwrap();
    let pattern = field.pattern(parts);
    let points: Vec<[f32; 2]> = layout_points(landmarks)
        .into_iter()
        .zip(layout_regions())
        .filter(|(_, region)| *region == Some(id))
        .filter_map(|(point, _)| point)
        .collect();
    let mut sum = [0.0; 2];
    for point in &points {
        let [x, y] = pattern.displacement(field.face_from_image().apply(*point));
        sum = [sum[0] + x, sum[1] + y];
    }
    sum.map(|v| v * AMPLITUDE_ICD as f32 / points.len() as f32)
}

#[test]
fn the_motion_stage_finds_what_the_truth_says() {
    let base = portrait();
    let both = |unit| [(unit, Side::Left, 1.0), (unit, Side::Right, 1.0)];
    let left = |unit: u8| vec![(unit, Side::Left, 1.0)];
    type Case<'a> = (&'static [u8], [f64; 2], Vec<(u8, Side, f32)>, &'a [(Region, Side)]);
    let cases: [Case; 4] = [
        (
            &[4],
            [1.0, 1.0],
            both(4).to_vec(),
            &[(Region::InnerBrow, Side::Left), (Region::InnerBrow, Side::Right)],
        ),
        (&[2], [1.0, 0.0], left(2), &[(Region::OuterBrow, Side::Left)]),
        (
            &[1, 2],
            [1.0, 1.0],
            [both(1), both(2)].concat(),
            &[(Region::InnerBrow, Side::Left), (Region::OuterBrow, Side::Right)],
        ),
        (&[12], [1.0, 0.0], left(12), &[(Region::MouthCorner, Side::Left)]),
    ];
    for (units, sides, parts, regions) in cases {
        let clip = clip_of(&base, Label::Surprise, units, sides);
        let signals = signals_of(&frames_of(&clip));
        let at = |time_s: f64| {
            signals.iter().min_by(|a, b| {
                let away = |s: &Signal| (s.captured_at.as_secs_f64() - time_s).abs();
                away(a).total_cmp(&away(b))
            })
        };
        for &(region, side) in regions {
            let id = RegionId { region, side };
            let [x, y] = expected(&base, &parts, id);
            let moved = at(APEX_S).unwrap().regions[id.index()].displacement_icd;
            let error = (moved[0] - x).hypot(moved[1] - y);
            println!(
                "AU {units:?} {}: {moved:?}, expected {x} {y}, error {:.1} % of the amplitude",
                id.name(),
                100.0 * error / 0.04
            );
            assert!(
                error < 0.25 * AMPLITUDE_ICD as f32,
                "AU {units:?} {}: {moved:?}, expected {x} {y}",
                id.name()
            );
            let end = at(0.9).unwrap().regions[id.index()].displacement_icd;
            assert!(end[0].hypot(end[1]) < 0.1 * AMPLITUDE_ICD as f32, "it returns: {end:?}");
            let before = at(0.39).unwrap().regions[id.index()].displacement_icd;
            assert!(
                before[0].hypot(before[1]) < 0.05 * AMPLITUDE_ICD as f32,
                "nothing before the onset: {before:?}"
            );
        }
    }
}

#[test]
fn pixels_outside_what_moves_keep_their_bytes() {
    let base = portrait();
    let clip = clip_of(&base, Label::Anger, &[4], [1.0, 1.0]);
    let frames = frames_of(&clip);
    let rest = &frames[0].1;
    let (_, apex) = frames.iter().find(|(time_s, _)| *time_s >= APEX_S).unwrap();
    let landmarks = base.landmarks(0).unwrap();
    let field = AuField::new(landmarks).unwrap();
    let pattern = field.pattern(&[(4, Side::Left, 1.0), (4, Side::Right, 1.0)]);
    let mut changed = 0;
    for (x, y, pixel) in apex.enumerate_pixels() {
        let around = [-3.0f32, 0.0, 3.0]
            .map(|dy| [-3.0f32, 0.0, 3.0].map(|dx| [x as f32 + 0.5 + dx, y as f32 + 0.5 + dy]));
        let is_still = around
            .iter()
            .flatten()
            .all(|&p| pattern.displacement(field.face_from_image().apply(p)) == [0.0; 2]);
        if is_still {
            assert_eq!(pixel, rest.get_pixel(x, y), "{x} {y} is outside");
        } else if pixel != rest.get_pixel(x, y) {
            changed += 1;
        }
    }
    let icd = icd_px(landmarks);
    assert!(changed as f32 > icd * icd, "the brows moved: {changed} pixels changed");
    for (time_s, frame) in frames.iter().filter(|(time_s, _)| *time_s <= 0.4 || *time_s >= 0.75) {
        assert_eq!(frame, rest, "at {time_s} nothing moves");
    }
}

#[test]
fn sharpness_does_not_betray_an_event() {
    let base = portrait();
    let clip = clip_of(&base, Label::Surprise, &[1, 2], [1.0, 1.0]);
    let face = base.landmarks(0).unwrap();
    // Brows and forehead.
    let icd = icd_px(face);
    let [x, y, _] = face[9];
    let (left, top) = ((x - 1.6 * icd) as usize, (y - 0.5 * icd) as usize);
    let (width, height) = ((3.2 * icd) as usize, (0.9 * icd) as usize);
    let values: Vec<f32> = frames_of(&clip)
        .iter()
        .map(|(_, frame)| {
            let luma = luma_of(frame);
            let stride = luma.width() as usize;
            let row = |row: usize| luma.as_raw()[row * stride + left..row * stride + left + width].to_vec();
            sharpness(&(top..top + height).flat_map(row).collect::<Vec<_>>(), width)
        })
        .collect();
    let (low, high) = values.iter().fold((f32::MAX, f32::MIN), |(low, high), v| (low.min(*v), high.max(*v)));
    println!("sharpness {low} to {high}");
    assert!(low > 0.93 * high, "sharpness goes from {low} to {high}");
}

#[test]
fn the_seed_decides_everything() {
    let base = portrait();
    let distractors = Distractors::all();
    let made = |seed: u64| -> (Vec<(f64, RgbImage)>, Vec<TruthRow>) {
        let params = ClipParams {
            seed,
            duration_s: 1.5,
            icd_px: Some(25.0),
            events: EventParams { per_minute: 30.0, ..EventParams::default() },
            distractors: distractors.clone(),
            ..ClipParams::default()
        };
        let clip = Clip::new(&base, &params).unwrap();
        (frames_of(&clip), clip.truth())
    };
    let (first, again, other) = (made(5), made(5), made(6));
    assert!(first == again, "the same seed gives the same frames and truth");
    assert_ne!(first.1, other.1);
    assert!(first.0 != other.0);
}

#[test]
fn a_base_without_a_face_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gray.png");
    RgbImage::from_pixel(320, 240, image::Rgb([90, 100, 110])).save(&path).unwrap();
    let error =
        Base::open(&BaseSpec::File(path), Part::default(), &mut engine(), &mut |_, _| true).err().unwrap();
    assert!(error.to_string().contains("gray.png: no face was found"), "{error}");
}
