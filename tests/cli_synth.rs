//! `onset synth` from the outside: clips, truth and strips, and what it says of wrong requests.

#[path = "support/clips.rs"]
mod clips;

use std::fs;
use std::path::Path;

use clips::{clip, column, csv, has_ffmpeg, onset};
use onset::capture::{Captured, Source, VideoSource};
use onset::image::convert::luma_of_rgb;
use onset::types::Frame;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

/// Small and short: the portrait at ICD 24 px.
fn synth(out: &Path, more: &[&str]) -> assert_cmd::assert::Assert {
    onset()
        .arg("synth")
        .args(["--duration", "3", "--icd-px", "24", "--events-per-minute", "30", "--out"])
        .arg(out)
        .args(more)
        .assert()
}

/// Times of a clip's frames, in seconds, and the frames.
fn read(path: &Path) -> Vec<(f64, Vec<u8>)> {
    let (mut source, mut frame, mut frames) =
        (VideoSource::open(path).unwrap(), Frame::default(), Vec::new());
    while source.next(&mut frame).unwrap() == Captured::Frame {
        frames.push((frame.captured_at.as_secs_f64(), frame.data.clone()));
    }
    assert!(source.warnings().is_empty(), "{:?}", source.warnings());
    frames
}

fn times(path: &Path) -> Vec<f64> {
    read(path).into_iter().map(|(time_s, _)| time_s).collect()
}

#[test]
fn a_clip_comes_with_its_truth_and_strips() {
    if !has_ffmpeg("a_clip_comes_with_its_truth_and_strips") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("clips");
    let printed = synth(&out, &["--fps", "120", "--seed", "4", "--person", "ec", "--json"]).success();
    let summary: serde_json::Value = serde_json::from_slice(&printed.get_output().stdout).unwrap();
    assert_eq!((summary[0]["clip"].as_str(), summary[0]["frames"].as_u64()), (Some("portrait_4"), Some(360)));

    // Times to the microsecond, which a millisecond container could not hold.
    let frames = read(&out.join("portrait_4.mkv"));
    assert_eq!(frames.len(), 360);
    for (index, (time_s, _)) in frames.iter().enumerate() {
        assert!((time_s - index as f64 / 120.0).abs() < 1.5e-6, "frame {index} at {time_s}");
    }

    let (header, rows) = csv(&out.join("truth.csv"));
    assert_eq!(header, onset::synth::TRUTH_COLUMNS);
    assert!(!rows.is_empty());
    for row in &rows {
        assert_eq!((row[0].as_str(), row[1].as_str(), row[2].as_str()), ("portrait_4", "120", "micro"));
        let [onset, apex, offset] = [3, 4, 5].map(|i| row[i].parse::<f64>().unwrap());
        assert!(0.0 < onset && onset < apex && apex < offset && offset < 3.0 && offset - onset <= 0.5);
        assert!((0.015..=0.06).contains(&row[8].parse::<f64>().unwrap()));
        assert_eq!(
            (row[10].as_str(), row[11].as_str(), row[12].as_str(), row[13].as_str()),
            ("portrait", "still", "ec", "")
        );
        // Between events nothing changes, and at the apex something does.
        let frame_at = |time_s: f64| &frames[((time_s * 120.0).round() as usize).min(359)].1;
        assert!(frame_at(onset - 0.01) == frame_at(offset + 0.01));
        assert!(frame_at(onset - 0.01) != frame_at(apex));
    }
    assert_eq!(fs::read_dir(out.join("strips")).unwrap().count(), rows.len());
    let (header, rows) = csv(&out.join("clips.csv"));
    assert_eq!(header, onset::synth::CLIP_COLUMNS);
    assert_eq!(rows[0][..3], ["portrait_4", "120", "360"]);
    let icd: f64 = rows[0][10].parse().unwrap();
    assert!((icd - 24.0).abs() < 0.1, "{icd}");
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_the_next_clip_the_next_seed() {
    if !has_ffmpeg("the_same_seed_gives_the_same_bytes") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let [a, b] = ["a", "b"].map(|name| dir.path().join(name));
    let more = ["--distractors", "all", "--no-strips", "--seed", "7"];
    synth(&a, &[&more[..], &["--clips", "2"]].concat()).success().stdout(contains("portrait_8.mkv"));
    synth(&b, &more).success();
    let file = "portrait_7.mkv";
    assert!(fs::read(a.join(file)).unwrap() == fs::read(b.join(file)).unwrap(), "{file} differs");
    let rows = |dir: &Path, clip: &str| {
        let text = fs::read_to_string(dir.join("truth.csv")).unwrap();
        text.lines()
            .filter(|line| line.starts_with(clip))
            .map(|line| line.replace(clip, ""))
            .collect::<Vec<_>>()
    };
    assert_eq!(rows(&a, "portrait_7"), rows(&b, "portrait_7"));
    assert_ne!(rows(&a, "portrait_7"), rows(&a, "portrait_8"));
    assert!(!a.join("strips").exists());
    let kinds = column(&b.join("truth.csv"), "kind");
    for kind in ["noise", "flicker", "dropped", "low_light", "head_shift", "variable_rate"] {
        assert!(kinds.iter().any(|k| k == kind), "{kind} is not in {kinds:?}");
    }
}

#[test]
fn smiles_come_with_rows_of_their_own_and_strips_of_the_masked_ones() {
    if !has_ffmpeg("smiles_come_with_rows_of_their_own") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let [a, b] = ["a", "b"].map(|name| dir.path().join(name));
    let ask = |out: &Path| {
        let no_events =
            ["--events-per-minute", "0", "--duration", "20", "--fps", "24", "--icd-px", "24", "--seed", "3"];
        let smiles = ["--smiles-per-minute", "9", "--smiles", "masked_sad,masked_angry,polite"];
        let others = ["--distractors", "frown=3,laughter=3"];
        let all = [&no_events[..], &smiles[..], &others[..]].concat();
        onset().arg("synth").args(all).arg("--out").arg(out).assert().success();
        csv(&out.join("truth.csv"))
    };
    let ((header, rows), again) = (ask(&a), ask(&b));
    assert_eq!(header, onset::synth::TRUTH_COLUMNS);
    assert_eq!(rows, again.1, "the same call gives the same truth");
    assert!(fs::read(a.join("portrait_3.mkv")).unwrap() == fs::read(b.join("portrait_3.mkv")).unwrap());
    let of = |kind: &str| rows.iter().filter(|row| row[2] == kind).collect::<Vec<_>>();
    let time = |row: &[String], column: usize| row[column].parse::<f64>().unwrap();
    assert_eq!(of("smile").len(), 3, "one of each: {rows:?}");
    assert!(of("smile").iter().all(|row| row[7] == "happiness" && (row[6] == "12" || row[6] == "6+12")));
    let mut masked: Vec<_> = of("masked").iter().map(|row| (row[7].as_str(), row[6].as_str())).collect();
    masked.sort_unstable();
    assert_eq!(masked, [("happy_but_angry", "4+7"), ("happy_but_sad", "1+4")]);
    for mask in of("masked") {
        let inside =
            |smile: &&&Vec<String>| time(smile, 3) <= time(mask, 3) && time(mask, 5) <= time(smile, 5);
        assert_eq!(of("smile").iter().filter(inside).count(), 1, "{mask:?} is part of a smile");
    }
    assert!(rows.iter().all(|row| row[13] == "frown+laughter"));
    assert_eq!(of("frown").len() + of("laughter").len() + 5, rows.len());
    let strips: Vec<String> = fs::read_dir(a.join("strips"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(strips.len(), 2);
    assert!(strips.iter().any(|name| name.contains("happy_but_sad_1+4_")), "{strips:?}");
    // Whoever scores micro-expressions finds none in it, and no smile taken for one.
    let clips = onset::eval::spotting::read_truth(&a.join("truth.csv")).unwrap();
    assert_eq!(clips.len(), 1);
    assert!(!clips[0].truth.is_empty() && clips[0].truth.iter().all(|event| !event.is_micro()));
}

#[test]
fn dropped_and_jittered_frames_keep_their_true_times() {
    if !has_ffmpeg("dropped_and_jittered_frames") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    synth(dir.path(), &["--distractors", "dropped=0.2", "--no-strips"]).success();
    let kept = times(&dir.path().join("portrait_0.mkv"));
    assert!((60..85).contains(&kept.len()), "{} of 90", kept.len());
    assert!(kept.iter().all(|t| ((t * 30.0).round() / 30.0 - t).abs() < 1.5e-6), "{kept:?}");
    synth(dir.path(), &["--jitter", "0.3", "--no-strips", "--seed", "1"]).success();
    let uneven = times(&dir.path().join("portrait_1.mkv"));
    assert_eq!(uneven.len(), 90);
    let steps: Vec<f64> = uneven.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(steps.iter().any(|s| *s < 0.027) && steps.iter().any(|s| *s > 0.04), "{steps:?}");
    assert!(steps.iter().all(|s| (0.013..0.054).contains(s)));
    // Both clips are in the tables.
    assert_eq!(column(&dir.path().join("clips.csv"), "clip"), ["portrait_0", "portrait_1"]);
}

#[test]
fn a_video_keeps_its_frames_and_times() {
    if !has_ffmpeg("a_video_keeps_its_frames_and_times") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let base = clip(dir.path(), "face.mp4", 2.0, &["-pix_fmt", "yuv420p"]);
    let out = dir.path().join("out");
    let ask = |more: &[&str]| {
        onset().arg("synth").arg(&base).arg("--out").arg(&out).arg("--no-strips").args(more).assert()
    };
    ask(&["--events-per-minute", "30", "--amplitude", "5", "--base-kind", "talking"]).success();
    let (before, after) = (read(&base), read(&out.join("face_0.mkv")));
    assert_eq!(before.len(), after.len());
    let truth = csv(&out.join("truth.csv")).1;
    assert_eq!((truth[0][2].as_str(), truth[0][11].as_str()), ("micro", "talking"));
    let [onset, apex, offset] = [3, 4, 5].map(|i| truth[0][i].parse::<f64>().unwrap());
    let mut differences = Vec::new();
    for ((time_s, a), (same_s, b)) in before.iter().zip(&after) {
        assert!((time_s - same_s).abs() < 1e-3, "{time_s} {same_s}");
        let luma =
            |bytes: &[u8]| bytes.as_chunks::<3>().0.iter().map(|rgb| luma_of_rgb(*rgb)).collect::<Vec<_>>();
        let difference: u64 = luma(a).iter().zip(luma(b)).map(|(a, b)| u64::from(a.abs_diff(b))).sum();
        differences.push((*time_s, 3.0 * difference as f64 / a.len() as f64));
    }
    let mean = |during: &dyn Fn(f64) -> bool| {
        let chosen: Vec<f64> = differences.iter().filter(|(t, _)| during(*t)).map(|(_, d)| *d).collect();
        chosen.iter().sum::<f64>() / chosen.len() as f64
    };
    let (quiet, busy) = (mean(&|t| t < onset || t > offset), mean(&|t| (t - apex).abs() < 0.03));
    println!("luma differs by {quiet} in rest (rounding of colours), {busy} at the apex");
    assert!(quiet < 0.2 && busy > quiet + 0.05, "{quiet} in rest, {busy} at the apex");
    // What a video cannot have.
    ask(&["--seed", "1", "--distractors", "head_turn"]).code(2).stderr(contains("head_turn needs a photo"));
    ask(&["--seed", "1", "--fps", "60"]).code(2).stderr(contains("--fps 60 would only repeat pictures"));
    ask(&["--seed", "1", "--start", "60"]).code(2).stderr(contains("choose a smaller --start"));
}

#[test]
fn wrong_requests_say_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    synth(&out, &["--fps", "500"]).code(2).stderr(contains("choose 24 to 240"));
    synth(&out, &["nowhere.png"]).code(2).stderr(contains("nowhere.png: there is no such file"));
    synth(&out, &["--amplitude", "6..2"]).code(2).stderr(contains("MIN..MAX"));
    synth(&out, &["--emotions", "boredom"]).code(2).stderr(contains("happiness"));
    synth(&out, &["--smiles-per-minute", "6", "--smiles", "grin"])
        .code(2)
        .stderr(contains("--smiles").and(contains("masked_sad, masked_angry, honest, polite")));
    synth(&out, &["--smiles", "honest"]).code(2).stderr(contains("--smiles-per-minute"));
    synth(&out, &["--smiles-per-minute", "99"]).code(2).stderr(contains("0 to 15"));
    synth(&out, &["--distractors", "dance"]).code(2).stderr(contains("head_turn"));
    synth(&out, &["--distractors", "noise=99"]).code(2).stderr(contains("0.1 to 20"));
    let gray = dir.path().join("gray.png");
    image::RgbImage::from_pixel(64, 64, image::Rgb([9; 3])).save(&gray).unwrap();
    synth(&out, &[gray.to_str().unwrap()]).code(1).stderr(contains("gray.png: no face was found"));
    onset()
        .args(["synth", "--out"])
        .arg(&out)
        .env("PATH", "")
        .assert()
        .code(1)
        .stderr(contains("install it"));
    assert_eq!(fs::read_dir(&out).unwrap().filter(|e| e.as_ref().unwrap().path().is_file()).count(), 0);
}

#[test]
fn clips_are_replaced_only_when_asked() {
    if !has_ffmpeg("clips_are_replaced_only_when_asked") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let short = ["--duration", "0.5", "--no-strips"];
    let ask = |more: &[&str]| {
        onset().args(["synth", "--icd-px", "24", "--out"]).arg(dir.path()).args(short).args(more).assert()
    };
    ask(&[]).success();
    assert_eq!(column(&dir.path().join("truth.csv"), "kind"), ["none"]);
    ask(&[]).code(2).stderr(contains("portrait_0.mkv is already there"));
    ask(&["--force", "--distractors", "noise"]).success();
    assert_eq!(column(&dir.path().join("truth.csv"), "kind"), ["noise"]);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 3, "a clip and two tables, nothing left over");
}

#[test]
fn photos_are_cut_to_size_and_videos_are_not() {
    if !has_ffmpeg("photos_are_cut_to_size_and_videos_are_not") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let ask = |base: &Path, out: &str| {
        let short = ["--duration", "0.2", "--no-strips", "--json", "--icd-px", "48", "--size", "320x240"];
        onset().arg("synth").arg(base).args(short).arg("--out").arg(dir.path().join(out)).assert()
    };
    let printed = ask(Path::new("portrait"), "cut").success();
    let summary: serde_json::Value = serde_json::from_slice(&printed.get_output().stdout).unwrap();
    assert_eq!((summary[0]["width"].as_u64(), summary[0]["height"].as_u64()), (Some(320), Some(240)));
    assert!((summary[0]["icd_px"].as_f64().unwrap() - 48.0).abs() < 1.0);
    ask(&dir.path().join("cut/portrait_0.mkv"), "video").code(2).stderr(contains("leave it out for videos"));
}
