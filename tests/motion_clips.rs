//! Region motion on real clips with MediaPipe's own landmarks, where the shared development data are present.

use std::path::{Path, PathBuf};
use std::process::Command;

use image::GrayImage;
use onset::motion::{MotionParams, MotionTracker};
use onset::types::{
    FaceMeasurement, HeadPose, LANDMARK_COUNT, Landmarks, Quality, RectPx, Region, RegionId, Signal,
    Timestamp,
};

fn shared() -> PathBuf {
    std::env::var_os("ONSET_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from)
}

struct Clip {
    fps: f64,
    frames: Vec<(GrayImage, Option<FaceMeasurement>)>,
}

/// The first frames of a clip with their landmarks; `None`, said aloud, where something is missing.
fn load(name: &str) -> Option<Clip> {
    let golden = shared().join("golden").join(name).with_extension("json");
    let video = shared().join("data/videos").join(name).with_extension("mp4");
    let Ok(text) = std::fs::read_to_string(&golden) else {
        println!("SKIPPED: {} is not here", golden.display());
        return None;
    };
    let golden: serde_json::Value = serde_json::from_str(&text).unwrap();
    let (w, h) = (golden["width"].as_u64().unwrap() as u32, golden["height"].as_u64().unwrap() as u32);
    let faces = golden["frames"].as_array().unwrap();
    let decoded = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(&video)
        .args(["-frames:v", &faces.len().to_string(), "-f", "rawvideo", "-pix_fmt", "gray", "-"])
        .output();
    let Ok(decoded) = decoded else {
        println!("SKIPPED: ffmpeg is not here");
        return None;
    };
    let frames = decoded.stdout.chunks_exact((w * h) as usize).zip(faces).map(|(luma, face)| {
        let points = face["landmarks"].as_array().map(|points| {
            let mut landmarks: Box<Landmarks> = Box::new([[0.0; 3]; LANDMARK_COUNT]);
            for (out, p) in landmarks.iter_mut().zip(points) {
                *out = [p[0].as_f64().unwrap() as f32, p[1].as_f64().unwrap() as f32, 0.0];
            }
            measurement(landmarks)
        });
        (GrayImage::from_raw(w, h, luma.to_vec()).unwrap(), points)
    });
    Some(Clip { fps: golden["fps"].as_f64().unwrap(), frames: frames.collect() })
}

fn measurement(landmarks: Box<Landmarks>) -> FaceMeasurement {
    let (r, l) = (landmarks[133], landmarks[362]);
    FaceMeasurement {
        id: 0,
        confidence: 0.99,
        box_px: RectPx::default(),
        icd_px: (l[0] - r[0]).hypot(l[1] - r[1]),
        landmarks,
        blendshapes: None,
        pose: HeadPose::default(),
        expression: None,
        quality: Quality { visible_share: 1.0, ..Quality::default() },
    }
}

/// Landmarks every second frame, two frames late, as the pipeline delivers them.
fn run(clip: &Clip) -> Vec<Signal> {
    let mut tracker = MotionTracker::new(MotionParams::default());
    let time = |i: usize| Timestamp::from_secs_f64(i as f64 / clip.fps);
    let mut out = Vec::new();
    for (i, (luma, _)) in clip.frames.iter().enumerate() {
        let measured = if i == 0 { Some(0) } else { i.checked_sub(2).filter(|k| *k > 0 && k % 2 == 0) };
        let update = measured.and_then(|k| clip.frames[k].1.as_ref().map(|m| (m, time(k))));
        out.extend(tracker.push(luma, time(i), update));
    }
    out
}

fn quantile(mut values: Vec<f32>, share: f64) -> f32 {
    values.sort_by(f32::total_cmp);
    values.get(((values.len().max(1) - 1) as f64 * share) as usize).copied().unwrap_or(f32::NAN)
}

#[test]
fn talking_people_are_followed() {
    for name in ["cap12_edit", "lp_d19", "single_face"] {
        let Some(clip) = load(name) else { return };
        let signals = run(&clip);
        assert_eq!(signals.len(), clip.frames.len());
        let all = || signals.iter().flat_map(|s| s.regions);
        let valid_share = all().filter(|m| m.is_valid).count() as f32 / all().count() as f32;
        let residual = quantile(signals.iter().map(|s| s.residual_icd).collect(), 0.5);
        println!(
            "{name}: {:.0} % of regions valid, {} references, head up to {:.2} ICD/s, residual {:.2} % ICD (median)",
            100.0 * valid_share,
            signals.iter().filter(|s| s.is_new_reference).count(),
            quantile(signals.iter().map(|s| s.head_speed_icd_s).collect(), 1.0),
            100.0 * residual,
        );
        let mut upper = Vec::new();
        for id in RegionId::all() {
            let motion: Vec<_> =
                signals.iter().map(|s| s.regions[id.index()]).filter(|m| m.is_valid).collect();
            let velocity: Vec<f32> = motion.iter().map(|m| m.velocity_icd).collect();
            if id.region as usize <= Region::Glabella as usize {
                upper.extend(&velocity);
            }
            println!(
                "  {:18} in 100 ms: {:.2} % ICD (median), {:.2} (95 %); y over time in % ICD: {}",
                id.name(),
                100.0 * quantile(velocity.clone(), 0.5),
                100.0 * quantile(velocity, 0.95),
                motion
                    .iter()
                    .step_by(6)
                    .map(|m| format!("{:.1} ", 100.0 * m.displacement_icd[1]))
                    .collect::<String>(),
            );
        }
        assert!(valid_share > 0.9, "{name}: {valid_share}");
        assert!(residual < 0.015, "{name}: {residual}");
        assert!(quantile(upper, 0.5) < 0.012, "{name}: brows of a talking person move little");
    }
}
