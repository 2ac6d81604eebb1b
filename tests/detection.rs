//! How many frames with a face we find on the development clips, against MediaPipe, and what the status says.
//!
//! Not part of the usual run: it decodes all clips of the shared folder with ffmpeg and takes minutes.
//! `cargo test --release --test detection -- --ignored --nocapture`

mod support;

use onset::face::{FaceEngine, FaceParams};
use onset::types::Timestamp;
use support::{for_each_frame, gray_of, repository, shared};

/// Clips in which, seen by eye, a hand crosses the face or the head turns beyond 40 degrees.
const OCCLUDED: [&str; 6] = [
    "bird.mkv",
    "brother.mkv",
    "eat.mkv",
    "help.mkv",
    "WolfgangLanger_Pexels.mp4",
    "more/styletalk__nice_clip1.mp4",
];

/// A line of `benches/results/mediapipe-found.csv`.
struct Clip<'a> {
    name: &'a str,
    size: (u32, u32),
    fps: f64,
    /// Every so many frames are measured.
    step: usize,
    /// Whether MediaPipe finds a face in each of these.
    found: Vec<bool>,
}

impl<'a> Clip<'a> {
    fn parse(line: &'a str) -> Self {
        let fields: Vec<&str> = line.split(',').collect();
        let [name, width, height, fps, step, found] = fields[..] else { panic!("six fields: {line}") };
        Self {
            name,
            size: (width.parse().unwrap(), height.parse().unwrap()),
            fps: fps.parse().unwrap(),
            step: step.parse().unwrap(),
            found: found.bytes().map(|digit| digit == b'1').collect(),
        }
    }
}

#[derive(Default)]
struct Counts {
    frames: usize,
    theirs: usize,
    ours: usize,
    both: usize,
    occluded: usize,
    blurred: usize,
    ids: std::collections::BTreeSet<u32>,
    sharpness: Vec<f32>,
}

fn count(engine: &mut FaceEngine, folder: &std::path::Path, clip: &Clip<'_>) -> Counts {
    let mut counts = Counts::default();
    engine.reset();
    for_each_frame(&folder.join(clip.name), clip.size, &["-fps_mode", "passthrough"], |index, rgb| {
        if !index.is_multiple_of(clip.step) {
            return true;
        }
        let Some(&theirs) = clip.found.get(index / clip.step) else { return false };
        let at = Timestamp::from_secs_f64(index as f64 / clip.fps);
        let update = engine.measure(index as u64, at, rgb, &gray_of(rgb)).unwrap();
        counts.frames += 1;
        counts.theirs += usize::from(theirs);
        if let Some(face) = update.faces.first() {
            counts.ours += 1;
            counts.both += usize::from(theirs);
            counts.occluded += usize::from(face.quality.is_occluded);
            counts.blurred += usize::from(face.quality.is_blurred);
            counts.ids.insert(face.id);
            counts.sharpness.push(face.quality.sharpness);
        }
        true
    });
    counts.sharpness.sort_by(f32::total_cmp);
    counts
}

#[test]
#[ignore = "minutes long; see the top of the file"]
fn faces_are_found_where_mediapipe_finds_them() {
    let Some(shared) = shared("detection figures") else { return };
    let table = std::fs::read_to_string(repository().join("benches/results/mediapipe-found.csv")).unwrap();
    let mut engine = FaceEngine::new(FaceParams::default()).unwrap();
    let (mut theirs, mut both, mut empty_frames, mut false_faces) = (0, 0, 0, 0);
    println!(
        "{:45} {:>6} {:>9} {:>5} {:>5} {:>3} {:>8} {:>7} {:>15}",
        "clip", "frames", "MediaPipe", "ours", "both", "ids", "occluded", "blurred", "sharpness p5/50"
    );
    for line in table.lines().filter(|line| !line.starts_with('#')).skip(1) {
        let clip = Clip::parse(line);
        let counts = count(&mut engine, &shared.join("data/videos"), &clip);
        let quantile =
            |share: usize| counts.sharpness.get(counts.sharpness.len() * share / 100).copied().unwrap_or(0.0);
        println!(
            "{:45} {:6} {:9} {:5} {:5} {:3} {:8} {:7} {:8.4}/{:.4}",
            clip.name,
            counts.frames,
            counts.theirs,
            counts.ours,
            counts.both,
            counts.ids.len(),
            counts.occluded,
            counts.blurred,
            quantile(5),
            quantile(50)
        );
        assert_eq!(counts.frames, clip.found.len(), "{}: frames could not be decoded", clip.name);
        if clip.name.starts_with("no_face/") {
            empty_frames += counts.frames;
            false_faces += counts.ours;
        } else {
            theirs += counts.theirs;
            both += counts.both;
        }
        if OCCLUDED.contains(&clip.name) {
            assert!(counts.occluded >= 3, "{}: a covered or turned face is not reported", clip.name);
        }
    }
    let (found, wrong) = (both as f64 / theirs as f64, false_faces as f64 / empty_frames as f64);
    println!(
        "found {both} of {theirs} frames ({:.2} %); in no_face/ {false_faces} of {empty_frames} ({:.2} %)",
        100.0 * found,
        100.0 * wrong
    );
    assert!(found >= 0.98 && wrong <= 0.01);
}
