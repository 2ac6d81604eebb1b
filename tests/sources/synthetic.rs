//! The synthetic face: exact, repeatable, and really doing what its script says.

use image::{GrayImage, RgbImage};
use onset::capture::{Captured, Source, SyntheticParams, SyntheticSource};
use onset::image::convert::{luma_from_frame, rgb_from_frame};
use onset::types::{EventKind, Frame, PixelFormat, Region, Side, Timestamp, TimestampSource};

use super::{message, read_all};

/// No noise, and nothing moves unless a test turns it on.
fn still() -> SyntheticParams {
    SyntheticParams {
        noise: 0.0,
        head_motion: 0.0,
        expressions: 0.0,
        blinks: false,
        fps: 100.0,
        ..Default::default()
    }
}

fn luma_at(params: &SyntheticParams, time_s: f64) -> GrayImage {
    let mut source = SyntheticSource::new(params.clone()).unwrap();
    let (mut frame, mut luma) = (Frame::default(), GrayImage::default());
    source.render_into((time_s * params.fps).round() as u64, &mut frame);
    luma_from_frame(&frame, &mut luma).unwrap();
    luma
}

/// Mean absolute difference inside a box given in ICD units from the frame's centre.
fn change(a: &GrayImage, b: &GrayImage, icd_px: f32, [x0, y0, x1, y1]: [f32; 4]) -> f64 {
    let (cx, cy) = (a.width() as f32 / 2.0, a.height() as f32 / 2.0);
    let (mut sum, mut count) = (0.0, 0.0);
    for y in (cy + y0 * icd_px) as u32..(cy + y1 * icd_px) as u32 {
        for x in (cx + x0 * icd_px) as u32..(cx + x1 * icd_px) as u32 {
            sum += f64::from(a.get_pixel(x, y).0[0].abs_diff(b.get_pixel(x, y).0[0]));
            count += 1.0;
        }
    }
    sum / count
}

const BROWS: [f32; 4] = [-1.7, -1.0, 1.7, -0.55];
const EYES: [f32; 4] = [-1.5, -0.5, 1.5, 0.0];
const MOUTH_LEFT: [f32; 4] = [0.4, 1.0, 1.3, 1.8];
const MOUTH_RIGHT: [f32; 4] = [-1.4, 1.0, -0.5, 1.8];
const NOSE: [f32; 4] = [-0.2, 0.2, 0.2, 0.8];

#[test]
fn the_same_parameters_give_the_same_bytes_and_another_seed_others() {
    let params = SyntheticParams { duration_s: Some(0.2), ..Default::default() };
    let read = |params: &SyntheticParams| {
        read_all(&mut SyntheticSource::new(params.clone()).unwrap()).unwrap().frames
    };
    let (first, second) = (read(&params), read(&params));
    assert_eq!(first.len(), 6);
    assert!(first.iter().zip(&second).all(|(a, b)| a.data == b.data));
    assert!(first[0].data != first[1].data);
    assert!(first[0].data != read(&SyntheticParams { seed: 1, ..params })[0].data);
}

#[test]
fn frames_can_be_drawn_in_any_order() {
    let mut source = SyntheticSource::new(SyntheticParams::default()).unwrap();
    let (mut early, mut late, mut again) = (Frame::default(), Frame::default(), Frame::default());
    source.render_into(3, &mut early);
    source.render_into(60, &mut late);
    source.render_into(3, &mut again);
    assert_eq!((early.data == again.data, early.data == late.data), (true, false));
}

#[test]
fn times_count_from_the_frame_rate() {
    let params = SyntheticParams { fps: 30_000.0 / 1001.0, duration_s: Some(1.0), ..Default::default() };
    let mut source = SyntheticSource::new(params).unwrap();
    assert_eq!(source.info().timestamp_source, TimestampSource::Nominal);
    assert!(!source.info().is_live);
    let frames = read_all(&mut source).unwrap().frames;
    assert_eq!(frames.len() as u64, source.info().frame_count.unwrap());
    assert_eq!(frames[29].captured_at, Timestamp::from_secs_f64(29.0 * 1001.0 / 30_000.0));
}

#[test]
fn a_brow_lowering_moves_the_brows_and_nothing_else() {
    let params = SyntheticParams { expressions: 1.0, ..still() };
    let icd = SyntheticSource::new(params.clone()).unwrap().icd_px();
    let (rest, apex, after) = (luma_at(&params, 2.99), luma_at(&params, 3.12), luma_at(&params, 3.36));
    assert!(change(&rest, &apex, icd, BROWS) > 3.0);
    assert!(change(&rest, &apex, icd, NOSE) < 0.1);
    assert!(change(&rest, &apex, icd, MOUTH_LEFT) < 0.1);
    assert_eq!(rest, after);
}

#[test]
fn one_mouth_corner_moves_alone() {
    let params = SyntheticParams { expressions: 1.0, ..still() };
    let icd = SyntheticSource::new(params.clone()).unwrap().icd_px();
    let (rest, apex) = (luma_at(&params, 5.6), luma_at(&params, 5.8));
    // The subject's left is on the right of the picture.
    assert!(change(&rest, &apex, icd, MOUTH_LEFT) > 2.0);
    assert!(change(&rest, &apex, icd, MOUTH_RIGHT) < 0.1);
    assert!(change(&rest, &apex, icd, BROWS) < 0.1);
}

#[test]
fn a_blink_hides_the_whites_and_the_pupils() {
    let params = SyntheticParams { blinks: true, ..still() };
    let source = SyntheticSource::new(params.clone()).unwrap();
    let icd = source.icd_px();
    let blink =
        source.script().events_between(0.0, 6.0).into_iter().find(|e| e.kind == EventKind::Blink).unwrap();
    let (open, shut) = (luma_at(&params, blink.onset_s - 0.05), luma_at(&params, blink.apex_s));
    assert!(change(&open, &shut, icd, EYES) > 5.0);
    assert!(change(&open, &shut, icd, BROWS) < 1.0);
    // Catch light and pupil lie side by side in the open eye; skin has no such contrast.
    let contrast = |luma: &GrayImage| {
        let (cx, cy) = (luma.width() as f32 / 2.0, luma.height() as f32 / 2.0);
        let at = |dx: f32, dy: f32| luma.get_pixel((cx + dx * icd) as u32, (cy + dy * icd) as u32).0[0];
        // The pupil's rows: above the lash line of the closed eye.
        let grid = (-8..=8).flat_map(|i| (-3..=2).map(move |j| (i as f32 * 0.02, j as f32 * 0.02)));
        let eye: Vec<u8> = grid.map(|(dx, dy)| at(-0.95 + dx, -0.37 + dy)).collect();
        eye.iter().max().unwrap() - eye.iter().min().unwrap()
    };
    assert!(contrast(&open) > 120, "{}", contrast(&open));
    assert!(contrast(&shut) < contrast(&open) / 2, "{} of {}", contrast(&shut), contrast(&open));
}

#[test]
fn the_head_sways_before_a_still_background() {
    let params = SyntheticParams { head_motion: 1.0, ..still() };
    let icd = SyntheticSource::new(params.clone()).unwrap().icd_px();
    let (a, b) = (luma_at(&params, 0.0), luma_at(&params, 3.0));
    assert!(change(&a, &b, icd, NOSE) > 1.0);
    assert!(change(&a, &b, icd, [-5.4, -4.0, -5.0, 4.0]) < 0.05, "left edge");
    assert!(change(&a, &b, icd, [5.0, -4.0, 5.4, 4.0]) < 0.05, "right edge");
}

#[test]
fn all_formats_show_the_same_picture() {
    let params = SyntheticParams { noise: 0.0, ..Default::default() };
    let luma = |format| luma_at(&SyntheticParams { format, ..params.clone() }, 1.0);
    let (rgb, gray, yuyv) = (luma(PixelFormat::Rgb8), luma(PixelFormat::Gray8), luma(PixelFormat::Yuyv));
    let worst =
        |a: &GrayImage, b: &GrayImage| a.iter().zip(b.iter()).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
    assert!(worst(&rgb, &gray) <= 2, "{}", worst(&rgb, &gray));
    assert!(worst(&rgb, &yuyv) <= 3, "{}", worst(&rgb, &yuyv));
    let mut source = SyntheticSource::new(SyntheticParams { format: PixelFormat::Yuyv, ..params }).unwrap();
    let (mut frame, mut colour) = (Frame::default(), RgbImage::default());
    source.render_into(0, &mut frame);
    rgb_from_frame(&frame, &mut colour).unwrap();
    // Skin: red above green above blue.
    let [r, g, b] = colour.get_pixel(310, 290).0;
    assert!(r > g && g > b, "{r} {g} {b}");
}

#[test]
fn noise_has_the_asked_strength_and_no_mean() {
    let clean = luma_at(&SyntheticParams { format: PixelFormat::Gray8, ..still() }, 0.0);
    let noisy = luma_at(&SyntheticParams { format: PixelFormat::Gray8, noise: 3.0, ..still() }, 0.0);
    let difference: Vec<f64> = clean
        .iter()
        .zip(noisy.iter())
        .filter(|(c, _)| (30..220).contains(*c))
        .map(|(c, n)| f64::from(*n) - f64::from(*c))
        .collect();
    let count = difference.len() as f64;
    let mean = difference.iter().sum::<f64>() / count;
    let sigma = (difference.iter().map(|d| d * d).sum::<f64>() / count).sqrt();
    assert!(mean.abs() < 0.05, "{mean}");
    assert!((2.8..3.2).contains(&sigma), "{sigma}");
}

#[test]
fn the_script_tells_what_happens_when() {
    let source = SyntheticSource::new(SyntheticParams::default()).unwrap();
    let events = source.script().events_between(0.0, 240.0);
    assert!(events.is_sorted_by(|a, b| a.onset_s <= b.onset_s));
    let lowering: Vec<_> = events.iter().filter(|e| e.action_units == [4]).collect();
    assert_eq!(lowering.len(), 40, "one every 6 s");
    for event in lowering {
        assert_eq!(event.kind, EventKind::Micro);
        assert!((event.apex_s - event.onset_s - 0.12).abs() < 1e-9);
        assert!((event.offset_s - event.onset_s - 0.35).abs() < 1e-9);
        for side in [Side::Left, Side::Right] {
            assert!(event.regions.iter().any(|r| (r.region, r.side) == (Region::InnerBrow, side)));
        }
        // The face is at rest just before and just after, and strongest at the apex.
        let brow = |t: f64| source.script().state_at(t).brow_lower_icd;
        assert_eq!((brow(event.onset_s), brow(event.offset_s + 1e-6)), (0.0, 0.0));
        assert!((brow(event.apex_s) - event.amplitude_icd).abs() < 1e-4);
    }
    let blinks: Vec<_> = events.iter().filter(|e| e.kind == EventKind::Blink).collect();
    let gaps: Vec<f64> = blinks.windows(2).map(|pair| pair[1].onset_s - pair[0].onset_s).collect();
    assert!(gaps.iter().all(|gap| (2.0..=4.0).contains(gap)));
    assert!(gaps.iter().any(|gap| (gap - gaps[0]).abs() > 0.2), "not a metronome");
    for brow in events.iter().filter(|e| e.kind == EventKind::Micro && e.action_units != [12]) {
        assert!(blinks.iter().all(|b| b.offset_s + 0.15 < brow.onset_s || b.onset_s > brow.offset_s + 0.15));
    }
    assert!(events.iter().any(|e| e.kind == EventKind::Macro));
    assert_eq!(source.script().events_between(100.0, 100.0), []);
    assert_eq!(source.script().events_between(f64::NAN, 1.0), []);
}

#[test]
fn any_size_works() {
    for (width, height) in [(1, 1), (2, 1), (360, 640), (3, 500), (500, 3), (90, 160), (1280, 720), (7, 9)] {
        for format in [PixelFormat::Rgb8, PixelFormat::Gray8] {
            let params =
                SyntheticParams { width, height, format, duration_s: Some(0.1), ..Default::default() };
            let mut source = SyntheticSource::new(params).unwrap();
            let mut frame = Frame::default();
            for index in [0, 50, 95, 351] {
                source.render_into(index, &mut frame);
                assert_eq!((frame.width, frame.height), (width, height));
            }
            assert_eq!(source.next(&mut frame).unwrap(), Captured::Frame);
        }
    }
}

#[test]
fn bad_parameters_are_named() {
    let refuse = |params: SyntheticParams| message(SyntheticSource::new(params));
    let good = SyntheticParams::default();
    assert!(refuse(SyntheticParams { width: 0, ..good.clone() }).contains("0x480"));
    assert!(refuse(SyntheticParams { height: 9000, ..good.clone() }).contains("640x9000"));
    assert!(refuse(SyntheticParams { fps: 0.0, ..good.clone() }).contains("0 fps"));
    assert!(refuse(SyntheticParams { fps: f64::NAN, ..good.clone() }).contains("NaN fps"));
    assert!(refuse(SyntheticParams { noise: -1.0, ..good.clone() }).contains("noise -1"));
    assert!(refuse(SyntheticParams { format: PixelFormat::Mjpeg, ..good.clone() }).contains("Mjpeg"));
    assert!(
        refuse(SyntheticParams { width: 641, format: PixelFormat::Yuyv, ..good.clone() }).contains("even")
    );
    assert!(refuse(SyntheticParams { duration_s: Some(-1.0), ..good }).contains("0 s or more"));
}
