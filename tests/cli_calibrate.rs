//! `onset calibrate` and `--profile` from the outside: a profile is learned, used, and refused where it does not hold.

#[path = "support/clips.rs"]
mod clips;

use std::fs;
use std::path::Path;

use clips::{images, onset};
use image::imageops;
use onset::calibration::{Profile, SourceKind};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

/// A folder with the portrait, still but for a little noise; `edit` changes each frame.
fn still(dir: &Path, count: usize, edit: impl Fn(usize, &mut image::RgbImage)) {
    fs::create_dir_all(dir).unwrap();
    let portrait =
        image::open(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/portrait.png")).unwrap().to_rgb8();
    let head = imageops::crop_imm(&portrait, 100, 0, 256, 240).to_image();
    for n in 0..count {
        let mut frame = head.clone();
        edit(n, &mut frame);
        let mut noise = 0x9E37_79B9u32 ^ (n as u32 + 1);
        for value in frame.iter_mut() {
            noise ^= noise << 13;
            noise ^= noise >> 17;
            noise ^= noise << 5;
            *value = value.saturating_add((noise % 3) as u8);
        }
        frame.save(dir.join(format!("{n:04}.png"))).unwrap();
    }
}

#[test]
fn a_still_face_becomes_a_profile_that_analyze_uses_and_names() {
    let dir = tempfile::tempdir().unwrap();
    still(&dir.path().join("rest"), 80, |_, _| {});
    let output = onset()
        .current_dir(dir.path())
        .args(["calibrate", "--input", "rest", "--fps", "15", "--seconds", "5", "--name", "anna", "--json"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let brow = said["noise_icd"]["inner_brow_left"].as_f64().unwrap();
    assert!((1e-5..0.01).contains(&brow), "noise of a still picture: {brow}");

    let (profile, sha256) = Profile::load(&dir.path().join("calibration/anna.toml")).unwrap();
    let camera = profile.camera.as_ref().unwrap();
    assert_eq!((camera.kind, camera.width_px, camera.height_px), (SourceKind::File, 256, 240));
    assert!((camera.measured_fps - 15.0).abs() < 0.01, "{camera:?}");
    let face = profile.face.as_ref().unwrap();
    assert_eq!((face.blendshapes.len(), face.regions_icd.len()), (52, 22));
    // The subject's left brow lies to the right in the image, above the eyes; the chin far below.
    let [x, y] = face.regions_icd["outer_brow_left"];
    assert!(x > 0.5 && y < 0.0, "{x} {y}");
    assert!(face.regions_icd["chin_right"][1] > 1.0);

    let expression = profile.expression.as_ref().unwrap();
    for (name, rest) in [("face", &expression.face), ("eyes", &expression.eyes)] {
        assert!((rest.probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-4, "{rest:?}");
        // The portrait smiles, and so do its eyes.
        assert!(rest.probabilities[1] > 0.5, "{name}: {rest:?}");
        let happiness = said["expression"][name]["happiness"].as_f64().unwrap();
        assert!((happiness - f64::from(rest.probabilities[1])).abs() < 1e-5, "{said}");
    }

    // It is not replaced by accident.
    let again = ["calibrate", "--input", "rest", "--fps", "15", "--seconds", "5", "--name", "anna"];
    onset().current_dir(dir.path()).args(again).assert().code(1).stderr(contains("--force"));

    onset()
        .current_dir(dir.path())
        .args(["analyze", "rest", "--fps", "15", "--out", "out", "--profile", "anna"])
        .assert()
        .success();
    let summary: serde_json::Value =
        serde_json::from_slice(&fs::read(dir.path().join("out/rest/summary.json")).unwrap()).unwrap();
    assert_eq!(summary["profile"]["name"], "anna");
    assert_eq!(summary["profile"]["sha256"], sha256);

    // Another frame rate is refused with the reason, unless the user insists.
    let faster = ["analyze", "rest", "--fps", "30", "--out", "out30", "--profile", "calibration/anna.toml"];
    onset()
        .current_dir(dir.path())
        .args(faster)
        .assert()
        .code(1)
        .stderr(contains("15.0 frames a second, this source has 30.0").and(contains("--profile-anyway")));
    onset()
        .current_dir(dir.path())
        .args(["live", "--headless", "--demo", "--duration", "1", "--profile", "anna"])
        .assert()
        .code(1)
        .stderr(contains("256x240 px, these have 640x480"));
    onset().current_dir(dir.path()).args(faster).arg("--profile-anyway").assert().success();
    let summary: serde_json::Value =
        serde_json::from_slice(&fs::read(dir.path().join("out30/rest/summary.json")).unwrap()).unwrap();
    assert!(summary["warnings"][0].as_str().unwrap().contains("anna does not hold"), "{summary}");
}

/// The probabilities in a frames table, as text.
fn probabilities(table: &Path) -> Vec<String> {
    let mut reader = csv::Reader::from_path(table).unwrap();
    let header = reader.headers().unwrap().clone();
    let wanted: Vec<usize> = header
        .iter()
        .enumerate()
        .filter(|(_, name)| name.starts_with("p_") || name.starts_with("eye_p_"))
        .map(|(column, _)| column)
        .collect();
    assert_eq!(wanted.len(), 16);
    let text = |row: csv::StringRecord| wanted.iter().map(|column| format!("{};", &row[*column])).collect();
    reader.records().map(|row| text(row.unwrap())).collect()
}

#[test]
fn tables_stay_raw_and_profiles_of_other_networks_or_versions_are_told() {
    let dir = tempfile::tempdir().unwrap();
    still(&dir.path().join("rest"), 80, |_, _| {});
    onset()
        .current_dir(dir.path())
        .args(["calibrate", "--input", "rest", "--fps", "15", "--seconds", "5", "--name", "anna"])
        .assert()
        .success()
        .stdout(contains("at rest the networks see: whole face happiness"));
    let path = dir.path().join("calibration/anna.toml");
    let written = fs::read_to_string(&path).unwrap();
    let analyze = |out: &str, profile: &[&str]| {
        let args = [&["analyze", "rest", "--fps", "15", "--out", out], profile].concat();
        let done = onset().current_dir(dir.path()).args(args).output().unwrap();
        let errors = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success(), "{errors}");
        let folder = dir.path().join(out).join("rest");
        let summary: serde_json::Value =
            serde_json::from_slice(&fs::read(folder.join("summary.json")).unwrap()).unwrap();
        (probabilities(&folder.join("frames.csv")), summary["warnings"].to_string(), errors)
    };
    let (raw, warnings, _) = analyze("plain", &[]);
    let anna = ["--profile", "anna"];
    assert_eq!(analyze("anna", &anna), (raw.clone(), warnings.clone(), String::new()), "no warning");

    // An older version wrote no such tables: nothing is corrected, and nothing is wrong.
    let start = written.find("\n# What the expression networks say").unwrap();
    let end = written.find("\n# How much each region moves").unwrap();
    fs::write(&path, format!("{}{}", &written[..start], &written[end..])).unwrap();
    assert_eq!(analyze("older", &anna), (raw.clone(), warnings, String::new()));

    // Another network would have said something else.
    let sha256 = Profile::parse(written.as_bytes(), "anna").unwrap().expression.unwrap().eyes.model_sha256;
    fs::write(&path, written.replace(&sha256, &"0".repeat(64))).unwrap();
    let (same, warnings, errors) = analyze("other", &anna);
    assert_eq!(same, raw);
    for told in [warnings, errors] {
        assert!(told.contains("expression.eyes: it was learned with another network"), "{told}");
        assert!(
            told.contains("onset calibrate --name anna --force") && !told.contains("expression.face"),
            "{told}"
        );
    }
    onset()
        .current_dir(dir.path())
        .args([
            "live",
            "--headless",
            "--input",
            "rest",
            "--fps",
            "15",
            "--duration",
            "1",
            "--profile",
            "anna",
        ])
        .assert()
        .success()
        .stderr(contains("expression.eyes: it was learned with another network"));

    // What cannot be is named with its file and key.
    fs::write(&path, written.replacen("\nsadness = ", "\nsadness = -", 1)).unwrap();
    onset()
        .current_dir(dir.path())
        .args(["analyze", "rest", "--fps", "15", "--out", "bad", "--profile", "anna"])
        .assert()
        .code(1)
        .stderr(
            contains("anna.toml").and(contains("expression.face.sadness")).and(contains("onset calibrate")),
        );
}

#[test]
fn a_missing_face_movement_and_a_short_input_are_refused_with_the_reason() {
    let dir = tempfile::tempdir().unwrap();
    // Gone for the last two of five seconds.
    still(&dir.path().join("gone"), 76, |n, frame| {
        if n >= 45 {
            frame.fill(40);
        }
    });
    // The head shakes by 12 px to and fro, twice a second.
    still(&dir.path().join("shaking"), 76, |n, frame| {
        let shift = (12.0 * (n as f32 * 0.84).sin()) as i64;
        let base = frame.clone();
        imageops::replace(frame, &base, shift, 0);
    });
    for (input, seconds, why) in [
        ("gone", "5", "the face was missing"),
        ("shaking", "5", "moved in"),
        ("shaking", "8", "8.0 s are needed"),
    ] {
        onset()
            .current_dir(dir.path())
            .args(["calibrate", "--fps", "15", "--name", "x", "--input", input, "--seconds", seconds])
            .assert()
            .code(1)
            .stderr(contains(why).and(contains("try again").or(contains("--seconds"))));
    }
    assert!(!dir.path().join("calibration").exists(), "nothing is written");
}

#[test]
fn frames_that_come_unevenly_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("uneven");
    still(&folder, 90, |_, _| {});
    let times: Vec<String> =
        (0..90).map(|n| format!("{:.4}", n as f64 / 15.0 + f64::from(n % 3) * 0.02)).collect();
    fs::write(folder.join("timestamps.txt"), times.join("\n")).unwrap();
    onset()
        .current_dir(dir.path())
        .args(["calibrate", "--name", "x", "--seconds", "5", "--input", "uneven"])
        .assert()
        .code(1)
        .stderr(contains("the frame rate is unstable"));
}

#[test]
fn wrong_names_files_and_profiles_are_named() {
    let dir = tempfile::tempdir().unwrap();
    images(dir.path(), 2);
    let run = |args: &[&str]| onset().current_dir(dir.path()).args(args).assert();
    run(&["calibrate", "--demo", "--name", "../x"]).code(2).stderr(contains("--name ../x"));
    run(&["calibrate", "--demo", "--name", "default"]).code(2).stderr(contains("default"));
    run(&["calibrate", "--demo"]).code(2).stderr(contains("--name"));
    run(&["calibrate", "--demo", "--name", "x", "--seconds", "1"]).code(2).stderr(contains("5 to 120"));
    run(&["calibrate", "--input", "missing.mp4", "--name", "x"]).code(1).stderr(contains("missing.mp4"));
    let analyze = |profile: &str| {
        onset()
            .current_dir(dir.path())
            .args(["analyze", ".", "--fps", "30", "--out", "out", "--force", "--profile", profile])
            .assert()
    };
    analyze("anna").code(2).stderr(contains("anna.toml").and(contains("there are none yet")));
    fs::create_dir(dir.path().join("calibration")).unwrap();
    fs::write(
        dir.path().join("calibration/bert.toml"),
        "[profile]\nname = 'bert'\n[thresholds.blink]\nclosed = 1.0",
    )
    .unwrap();
    analyze("anna").code(2).stderr(contains("there are bert"));
    analyze("bert")
        .code(1)
        .stderr(contains("bert.toml").and(contains("closed")).and(contains("panicked").not()));
    run(&["analyze", ".", "--out", "o", "--profile-anyway"]).code(2);
}
