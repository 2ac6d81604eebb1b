//! `onset analyze` from the outside: tables of real files, and what it says of bad ones.

#[path = "support/clips.rs"]
mod clips;

use std::fs;
use std::path::Path;

use clips::{clip, column, csv, has_ffmpeg, images, onset};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

#[test]
fn a_clip_becomes_tables_with_one_row_a_frame() {
    if !has_ffmpeg("a_clip_becomes_tables") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let input = clip(dir.path(), "face.mp4", 2.0, &["-pix_fmt", "yuv420p"]);
    let out = dir.path().join("out");
    onset()
        .args(["analyze", "--format", "csv,jsonl,parquet", "--landmark-still-hz", "15", "--out"])
        .args([&out, &input])
        .assert()
        .success()
        .stdout(contains("60 frames").and(contains("60 with a face")));
    let tables = out.join("face");
    let frames = tables.join("frames.csv");
    assert_eq!(column(&frames, "frame"), (0..60).map(|n| n.to_string()).collect::<Vec<_>>());
    let times: Vec<f64> = column(&frames, "timestamp_s").iter().map(|t| t.parse().unwrap()).collect();
    for (n, time) in times.iter().enumerate() {
        assert!((time - n as f64 / 30.0).abs() < 1e-3, "frame {n} at {time}");
    }
    // Landmarks at an even 15 Hz: their columns are filled in every second row, never held.
    let smile: Vec<bool> =
        column(&frames, "b_mouthSmileLeft").iter().map(|value| !value.is_empty()).collect();
    assert!(smile.iter().enumerate().all(|(n, is_there)| *is_there == n.is_multiple_of(2)), "{smile:?}");
    // Motion in every row once the face is found.
    assert!(column(&frames, "m_inner_brow_left").iter().skip(1).all(|value| !value.is_empty()));
    let json = fs::read_to_string(tables.join("frames.jsonl")).unwrap();
    assert_eq!(json.lines().count(), 60);
    assert!(tables.join("frames.parquet").metadata().unwrap().len() > 1000);
    let summary: serde_json::Value =
        serde_json::from_slice(&fs::read(tables.join("summary.json")).unwrap()).unwrap();
    assert_eq!(summary["frames"]["rows"], 60);
    assert_eq!(summary["ended"], "end_of_input");
    assert_eq!(summary["models"].as_array().unwrap().len(), 6);
}

#[test]
fn the_same_input_gives_the_same_bytes_whatever_the_number_of_jobs() {
    if !has_ffmpeg("the_same_input_gives_the_same_bytes") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let inputs = [
        clip(dir.path(), "a.mp4", 1.0, &[]),
        clip(dir.path(), "b.mkv", 1.2, &[]),
        clip(dir.path(), "c.avi", 0.8, &[]),
    ];
    let outs = ["1", "2", "1"].map(|jobs| {
        let out = tempfile::tempdir_in(dir.path()).unwrap().keep();
        onset()
            .args(["analyze", "--jobs", jobs, "--format", "csv,jsonl,parquet", "--out"])
            .arg(&out)
            .args(&inputs)
            .assert()
            .success();
        out
    });
    for name in ["a", "b", "c"] {
        for file in ["frames.csv", "frames.jsonl", "frames.parquet", "events.csv", "summary.json"] {
            let bytes = outs.each_ref().map(|out| fs::read(out.join(name).join(file)).unwrap());
            assert!(bytes[0] == bytes[1] && bytes[0] == bytes[2], "{name}/{file} differs");
        }
    }
}

#[test]
fn variable_frame_rate_keeps_its_true_times() {
    if !has_ffmpeg("variable_frame_rate") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    // Every frame after the tenth comes twice as late.
    let times = "setpts='if(lt(N,10),N,10+2*(N-10))/30/TB'";
    let input = clip(dir.path(), "vfr.mkv", 1.0, &["-vf", times, "-fps_mode", "passthrough"]);
    let out = dir.path().join("out");
    onset().args(["analyze", "--out"]).args([&out, &input]).assert().success();
    let times: Vec<f64> =
        column(&out.join("vfr/frames.csv"), "timestamp_s").iter().map(|t| t.parse().unwrap()).collect();
    assert_eq!(times.len(), 30);
    assert!((times[9] - 9.0 / 30.0).abs() < 2e-3 && (times[29] - 48.0 / 30.0).abs() < 2e-3, "{times:?}");
}

#[test]
fn a_truncated_video_gives_what_it_holds_or_says_why_not() {
    if !has_ffmpeg("a_truncated_video") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let whole = clip(dir.path(), "whole.mp4", 1.0, &[]);
    let bytes = fs::read(&whole).unwrap();
    // An mp4's index is at its end: without it nothing can be read.
    let cut = dir.path().join("cut.mp4");
    fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    onset()
        .args(["analyze", "--out"])
        .args([&dir.path().join("o1"), &cut])
        .assert()
        .code(1)
        .stderr(contains("cut.mp4").and(contains("panicked").not()));
    // A Matroska file can be read up to the cut.
    let whole = clip(dir.path(), "whole.mkv", 1.0, &["-c:v", "mjpeg"]);
    let bytes = fs::read(&whole).unwrap();
    let cut = dir.path().join("cut.mkv");
    fs::write(&cut, &bytes[..bytes.len() * 2 / 3]).unwrap();
    let out = dir.path().join("o2");
    onset().args(["analyze", "--out"]).args([&out, &cut]).assert().success();
    let rows = column(&out.join("cut/frames.csv"), "frame").len();
    assert!((5..30).contains(&rows), "{rows} rows");
}

#[test]
fn inputs_that_are_no_videos_are_named_with_the_next_step() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let text = dir.path().join("notes.mp4");
    fs::write(&text, "not a video").unwrap();
    let empty = dir.path().join("empty.mp4");
    fs::write(&empty, "").unwrap();
    let folder = dir.path().join("folder");
    fs::create_dir(&folder).unwrap();
    for input in [&text, &empty, &folder] {
        let name = input.file_name().unwrap().to_str().unwrap();
        onset()
            .args(["analyze", "--fps", "30", "--out"])
            .args([&out, input])
            .assert()
            .code(1)
            .stderr(contains(name).and(contains("panicked").not()));
    }
    onset()
        .args(["analyze", "--out"])
        .arg(&out)
        .arg(dir.path().join("missing.mp4"))
        .assert()
        .code(2)
        .stderr(contains("missing.mp4").and(contains("check the path")));
    onset()
        .args(["analyze", "--format", "xls", "--out", "o", "x.mp4"])
        .assert()
        .code(2)
        .stderr(contains("csv, parquet or jsonl"));
    onset().args(["analyze"]).assert().code(2);
}

#[test]
fn one_bad_input_does_not_stop_the_others() {
    let dir = tempfile::tempdir().unwrap();
    let (good, bad) = (dir.path().join("good"), dir.path().join("bad.mp4"));
    fs::create_dir(&good).unwrap();
    images(&good, 3);
    fs::write(&bad, "not a video").unwrap();
    let out = dir.path().join("out");
    onset()
        .args(["analyze", "--fps", "30", "--jobs", "2", "--out"])
        .args([&out, &bad, &good])
        .assert()
        .code(1)
        .stderr(contains("bad.mp4").and(contains("1 of 2 inputs failed")));
    assert_eq!(column(&out.join("good/frames.csv"), "frame").len(), 3);
}

#[test]
fn pictures_of_every_kind_and_size_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let save = |name: &str, picture: image::DynamicImage| picture.save(dir.path().join(name)).unwrap();
    let portrait = image::open(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/portrait.png")).unwrap();
    save("a_rgb.png", portrait.clone());
    save("b_gray.png", image::DynamicImage::ImageLuma8(portrait.to_luma8()));
    save("c_alpha.png", image::DynamicImage::ImageRgba8(portrait.to_rgba8()));
    save("d_gray16.png", image::DynamicImage::ImageLuma16(portrait.to_luma16()));
    save("e_rgb16.png", image::DynamicImage::ImageRgb16(portrait.to_rgb16()));
    save("f_tiny.png", image::DynamicImage::new_rgb8(1, 1));
    let out = tempfile::tempdir().unwrap();
    onset()
        .args(["analyze", "--fps", "1", "--landmark-hz", "0", "--out"])
        .args([out.path(), dir.path()])
        .assert()
        .success();
    let name = dir.path().file_name().unwrap();
    let status = column(&out.path().join(name).join("frames.csv"), "status");
    assert_eq!(status, ["ok", "ok", "ok", "ok", "ok", "no_face"]);
}

#[test]
fn an_8k_picture_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("big.png");
    let portrait =
        image::open(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/portrait.png")).unwrap().to_rgb8();
    let mut big = image::RgbImage::new(7680, 4320);
    let head = image::imageops::crop_imm(&portrait, 120, 0, 216, 216).to_image();
    let head = image::imageops::resize(&head, 4320, 4320, image::imageops::FilterType::Nearest);
    image::imageops::replace(&mut big, &head, 1500, 0);
    big.save(&input).unwrap();
    let out = dir.path().join("out");
    onset()
        .args(["analyze", "--out"])
        .args([&out, &input])
        .assert()
        .success()
        .stdout(contains("1 with a face"));
}

#[test]
fn existing_tables_are_replaced_only_by_force() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("clip");
    fs::create_dir(&input).unwrap();
    images(&input, 2);
    let out = dir.path().join("out");
    let run = |force: bool| {
        let mut command = onset();
        command.args(["analyze", "--fps", "30", "--out"]).args([&out, &input]);
        if force {
            command.arg("--force");
        }
        command.assert()
    };
    run(false).success();
    run(false).code(1).stderr(contains("--force").and(contains("clip")));
    run(true).success();
}

/// Runs `onset analyze` in a mount namespace where `prepare` was done to `DIR`; `None` where that is not possible.
fn in_namespace(prepare: &str, dir: &Path, input: &Path) -> Option<std::process::Output> {
    let script = format!("{prepare} && exec \"$2\" analyze --fps 30 --out \"$1\" \"$3\"");
    let output = std::process::Command::new("unshare")
        .args(["-rm", "sh", "-c", &script, "sh"])
        .args([dir, Path::new(env!("CARGO_BIN_EXE_onset")), input])
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if said.contains("unshare:") || said.contains("mount:") {
        println!("SKIPPED: no mount namespace here: {said}");
        return None;
    }
    Some(output)
}

#[test]
fn a_read_only_and_a_full_disk_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let (input, out) = (dir.path().join("clip"), dir.path().join("out"));
    fs::create_dir(&input).unwrap();
    fs::create_dir(&out).unwrap();
    images(&input, 40);
    for (prepare, word) in [
        ("mount -t tmpfs -o ro tmpfs \"$1\"", "ead-only"),
        ("mount -t tmpfs -o size=16k tmpfs \"$1\"", "space"),
    ] {
        let Some(output) = in_namespace(prepare, &out, &input) else { return };
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(word) && said.contains("out") && !said.contains("panicked"), "{said}");
    }
}

#[test]
fn without_ffmpeg_the_message_says_how_to_install_it() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("clip.mp4");
    fs::write(&input, "anything").unwrap();
    onset()
        .env("PATH", dir.path())
        .args(["analyze", "--out", "out"])
        .arg(&input)
        .current_dir(dir.path())
        .assert()
        .code(1)
        .stderr(contains("install ffmpeg"));
}

#[test]
fn candidates_are_added_on_request_and_change_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("clip");
    fs::create_dir(&input).unwrap();
    // Eight seconds of the demo's face: two brow lowerings, a pulled mouth corner, blinks.
    images(&input, 240);
    let run = |out: &str, more: &[&str]| {
        let out = dir.path().join(out);
        onset().args(["analyze", "--fps", "30", "--out"]).args([&out, &input]).args(more).assert().success();
        let summary = fs::read(out.join("clip/summary.json")).unwrap();
        let summary: serde_json::Value = serde_json::from_slice(&summary).unwrap();
        (csv(&out.join("clip/events.csv")), summary)
    };
    let ((header, claimed), summary) = run("plain", &[]);
    let ((_, all), with) = run("all", &["--candidates"]);
    let veto = header.iter().position(|name| name == "veto").unwrap();
    assert!(claimed.len() >= 2 && claimed.iter().all(|row| row[veto].is_empty()), "{claimed:?}");
    let (kept, candidates): (Vec<_>, Vec<_>) = all.into_iter().partition(|row| row[veto].is_empty());
    assert_eq!(kept, claimed, "the same events under the same numbers");
    let counted: u64 = summary["candidates"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum();
    assert_eq!(counted, candidates.len() as u64);
    assert_eq!(summary["candidates"], with["candidates"]);
    assert_eq!(summary["spotter"], "auto");
    let (_, machine) = run("machine", &["--spotter", "state-machine"]);
    assert_eq!(machine["spotter"], "state_machine");
    assert_eq!(summary["profile"]["name"], "default");
    let minutes = |key: &str| summary["observed"][key].as_f64().unwrap();
    let (face, any) = (minutes("face_min"), minutes("any_region_min"));
    assert!(face > 0.1 && any > 0.05 && any <= face && face <= 8.0 / 60.0, "{face} {any}");
    assert!(minutes("any_brow_min") <= any && minutes("any_mouth_min") <= any);

    onset()
        .args(["analyze", "x.mp4", "--out", "o", "--spotter", "crystal-ball"])
        .assert()
        .code(2)
        .stderr(contains("state-machine, matched or network"));
    onset()
        .args(["analyze", "x.mp4", "--out", "o", "--without-veto", "blink,doubt"])
        .assert()
        .code(2)
        .stderr(contains("doubt is no reason that can be left out"));
    // A reason that is left out keeps nothing back.
    let (_, without) = run("without", &["--candidates", "--without-veto", "blink"]);
    assert_eq!(without["candidates"].get("blink"), None, "{}", without["candidates"]);
}

#[test]
fn the_overlay_video_runs_in_true_time() {
    if !has_ffmpeg("the_overlay_video") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let input = clip(dir.path(), "face.mp4", 1.0, &[]);
    let (out, video) = (dir.path().join("out"), dir.path().join("overlay.mp4"));
    onset().args(["analyze", "--out"]).args([&out, &input]).arg("--overlay").arg(&video).assert().success();
    // The overlay is a video again, of the same length.
    let again = dir.path().join("again");
    onset().args(["analyze", "--out"]).args([&again, &video]).assert().success();
    let times = column(&again.join("overlay/frames.csv"), "timestamp_s");
    assert_eq!(times.len(), 30);
    let (header, _) = csv(&out.join("face/events.csv"));
    assert_eq!(header[0], "event");
}
