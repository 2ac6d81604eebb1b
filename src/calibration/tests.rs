//! Tests of profiles: what is written is read again, and what cannot be is refused by its key.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::expression::{ExpressionRecord, FaceRegion, RestExpression, RestProbabilities};
use crate::types::{BLENDSHAPE_NAMES, Expression, REGION_COUNT, RegionId};

const WHOLE: &str = r#"
[profile]
name = "anna"
created = "2026-11-23T22:10:05Z"
onset_version = "0.1.0"
[camera]
kind = "camera"
source = "Webcam \"HD\" \\ 2"
width_px = 640
height_px = 480
measured_fps = 29.97
format = "yuyv"
[face]
icd_px = 61.5
pitch_deg = -3.0
yaw_deg = 1.5
roll_deg = 0.0
[face.blendshapes]
jawOpen = 0.01
[face.regions_icd]
lid_left = [0.8, -0.1]
[expression.face]
model_sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
neutral = 0.35
happiness = 0.02
surprise = 0.02
sadness = 0.55
anger = 0.03
disgust = 0.01
fear = 0.01
contempt = 0.01
[expression.eyes]
model_sha256 = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
neutral = 1
happiness = 0.0
surprise = 0.0
sadness = 0.0
anger = 0.0
disgust = 0.0
fear = 0.0
contempt = 0.0
[noise]
lid_left_icd = 0.0021
[thresholds.motion]
min_icd_px = 9.0
"#;

fn parse(text: &str) -> Result<Profile, String> {
    Profile::parse(text.as_bytes(), "x.toml").map_err(|error| error.to_string())
}

#[test]
fn what_a_profile_leaves_out_is_as_by_default() {
    let profile = parse(WHOLE).unwrap();
    assert_eq!(profile.thresholds.motion.min_icd_px, 9.0);
    assert_eq!(profile.thresholds.face, Thresholds::default().face);
    let lid = RegionId::all().find(|id| id.name() == "lid_left").unwrap();
    assert_eq!(profile.noise_icd[lid.index()], Some(0.0021));
    assert_eq!(profile.noise_icd.iter().flatten().count(), 1);
    let least = parse("[profile]\nname = 'x'").unwrap();
    assert_eq!(least.thresholds, Thresholds::default());
    assert!(least.camera.is_none() && least.face.is_none() && least.expression.is_none());
    assert_eq!(
        least.rest_expression(),
        (RestExpression::default(), Vec::new()),
        "a profile of an older version"
    );
}

#[test]
fn the_carried_profile_is_the_defaults() {
    let profile = Profile::built_in().unwrap();
    assert_eq!(profile, Profile { identity: profile.identity.clone(), ..Profile::default() });
    assert_eq!(profile.identity.name, "default");
    assert_eq!(Profile::built_in_sha256().len(), 64);
}

#[test]
fn wrong_keys_and_values_are_named() {
    for (from, to, named) in [
        ("name = \"anna\"", "name = \"../anna\"", "profile.name"),
        ("name = \"anna\"", "nom = \"anna\"", "nom"),
        ("kind = \"camera\"", "kind = \"webcam\"", "webcam"),
        ("width_px = 640", "width_px = 0", "camera.width_px"),
        ("width_px = 640", "width_px = 640.5", "640.5"),
        ("measured_fps = 29.97", "measured_fps = nan", "camera.measured_fps"),
        ("format = \"yuyv\"", "format = \"yuyv\"\nnominal_fps = -1.0", "camera.nominal_fps"),
        ("icd_px = 61.5", "icd_px = 0.0", "face.icd_px"),
        ("yaw_deg = 1.5", "yaw_deg = 400.0", "face.yaw_deg"),
        ("jawOpen = 0.01", "jawOpen = 1.5", "face.blendshapes.jawOpen"),
        ("jawOpen = 0.01", "jawsOpen = 0.5", "face.blendshapes.jawsOpen"),
        ("lid_left = [0.8, -0.1]", "lid_middle = [0.8, -0.1]", "face.regions_icd.lid_middle"),
        ("lid_left = [0.8, -0.1]", "lid_left = [0.8]", "lid_left"),
        ("lid_left_icd = 0.0021", "lid_left_px = 0.0021", "noise.lid_left_px"),
        ("lid_left_icd = 0.0021", "lid_left_icd = -0.1", "noise.lid_left_icd"),
        ("min_icd_px = 9.0", "min_icd = 9.0", "min_icd"),
        ("min_icd_px = 9.0", "min_icd_px = -9.0", "thresholds.motion.min_icd_px"),
        ("min_icd_px = 9.0", "min_icd_px = inf", "thresholds.motion.min_icd_px"),
        ("[thresholds.motion]", "[thresholds.emotion]", "emotion"),
        ("[noise]", "[noises]", "noises"),
        ("sadness = 0.55", "sadness = nan", "expression.face.sadness"),
        ("sadness = 0.55", "sadness = -0.55", "expression.face.sadness"),
        ("sadness = 0.55", "sadness = 1.55", "expression.face.sadness"),
        ("sadness = 0.55", "sadness = 'much'", "expression.face.sadness"),
        ("sadness = 0.55\n", "", "expression.face.sadness is missing"),
        ("sadness = 0.55", "sadness = 0.9", "expression.face add up to 1.350"),
        ("sadness = 0.55", "sorrow = 0.55", "expression.face.sorrow"),
        ("neutral = 1\n", "neutral = 2\n", "expression.eyes.neutral"),
        ("neutral = 1\n", "neutral = 0\n", "expression.eyes add up to 0.000"),
        ("\"fedcba98", "\"FEDCBA98", "expression.eyes.model_sha256"),
        ("\"fedcba98", "\"fed", "expression.eyes.model_sha256"),
        ("[expression.eyes]", "[expression.mouth]", "expression.mouth"),
        ("[expression.eyes]", "[expression.face.eyes]", "expression.face.eyes"),
        ("[expression.face]", "[expressions.face]", "expressions"),
    ] {
        assert!(WHOLE.contains(from), "{from}");
        let error = parse(&WHOLE.replace(from, to)).unwrap_err();
        assert!(
            error.starts_with("x.toml ") && error.contains(named) && !error.contains('\n'),
            "{to}: {error}"
        );
    }
    let error = Profile::parse(b"\xff\xfe", "x.toml").unwrap_err().to_string();
    assert!(error.contains("not text"), "{error}");
}

#[test]
fn a_network_without_a_table_is_named() {
    let (before, rest) = WHOLE.split_once("[expression.eyes]").unwrap();
    let error = parse(&format!("{before}[noise]{}", rest.split_once("[noise]").unwrap().1)).unwrap_err();
    assert!(error.contains("expression.eyes is missing") && error.contains("onset calibrate"), "{error}");
}

#[test]
fn a_face_at_rest_corrects_the_networks_that_saw_it_alone() {
    let mut profile = parse(WHOLE).unwrap();
    let (correction, warnings) = profile.rest_expression();
    assert_eq!(correction, RestExpression::default(), "neither network is the present one");
    assert_eq!(warnings.len(), 2);
    for (warning, key) in warnings.iter().zip(["expression.face", "expression.eyes"]) {
        assert!(warning.contains("the profile anna") && warning.contains(key), "{warning}");
        assert!(
            warning.contains("another network") && warning.contains("onset calibrate --name anna"),
            "{warning}"
        );
    }
    let record = ExpressionRecord::embedded(FaceRegion::Face).unwrap();
    profile.expression.as_mut().unwrap().face.model_sha256 = record.sha256;
    let (correction, warnings) = profile.rest_expression();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    let sad = profile.expression.as_ref().unwrap().face.probabilities.map(Some);
    let shown = correction.corrected(&Expression { face: sad, eyes: Some(sad) });
    assert!(shown.face[0] > Some(0.6) && shown.face[3] < Some(0.2), "{shown:?}");
    assert_eq!(shown.eyes, Some(sad));
}

fn text() -> impl Strategy<Value = String> {
    any::<String>()
}

fn a_profile() -> impl Strategy<Value = Profile> {
    let number = -1000i32..1000;
    let identity = ("[a-z0-9][a-z0-9_.-]{0,20}", text(), text())
        .prop_map(|(name, created, onset_version)| Identity { name, created, onset_version });
    let kind = prop::sample::select(vec![SourceKind::Camera, SourceKind::File, SourceKind::Demo]);
    let rate = || 0.001f64..9999.0;
    let camera = (kind, text(), 1u32..=65_536, 1u32..=65_536, rate(), prop::option::of(rate()), text())
        .prop_map(|(kind, source, width_px, height_px, measured_fps, nominal_fps, format)| CameraFacts {
            kind,
            source,
            width_px,
            height_px,
            measured_fps,
            nominal_fps,
            format,
        });
    let scores = prop::collection::vec(0.0f32..=1.0, 52);
    let places = prop::collection::vec([-9.0f32..9.0, -9.0f32..9.0], REGION_COUNT);
    let face =
        (1e-3f32..1e4, number, scores, places).prop_map(|(icd_px, degrees, scores, places)| NeutralFace {
            icd_px,
            pitch_deg: degrees as f32 / 10.0,
            yaw_deg: -degrees as f32 / 7.0,
            roll_deg: 0.0,
            blendshapes: BLENDSHAPE_NAMES.iter().map(|name| (*name).to_owned()).zip(scores).collect(),
            regions_icd: RegionId::all().map(RegionId::name).zip(places).collect::<BTreeMap<_, _>>(),
        });
    let noise = prop::collection::vec(prop::option::of(1e-6f32..0.5), REGION_COUNT);
    let rest = ("[0-9a-f]{64}", prop::array::uniform8(1e-6f32..1.0)).prop_map(|(model_sha256, weights)| {
        let sum: f32 = weights.iter().sum();
        RestProbabilities { model_sha256, probabilities: weights.map(|weight| weight / sum) }
    });
    let expression =
        prop::option::of((rest.clone(), rest).prop_map(|(face, eyes)| NeutralExpression { face, eyes }));
    (identity, prop::option::of(camera), prop::option::of(face), expression, noise).prop_map(
        |(identity, camera, face, expression, noise)| Profile {
            identity,
            camera,
            face,
            expression,
            noise_icd: std::array::from_fn(|i| noise[i]),
            thresholds: Thresholds::default(),
        },
    )
}

/// Texts that look like profiles, with pieces that are wrong in some way.
fn nearly_a_profile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("[profile]\nname = 'x'\n".to_owned()),
        Just("[camera]\n".to_owned()),
        Just("[noise]\n".to_owned()),
        Just("[thresholds.face]\n".to_owned()),
        Just("max_faces = ".to_owned()),
        Just("[expression]\n".to_owned()),
        Just("[expression.face]\nneutral = ".to_owned()),
        Just("lid_left_icd = ".to_owned()),
        Just("9999999999999999999\n".to_owned()),
        Just("[[thresholds.motion]]\n".to_owned()),
        Just("{ a = [1, {}] }\n".to_owned()),
        any::<f64>().prop_map(|v| format!("{v:?}\n")),
        any::<String>(),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_bytes_make_the_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Profile::parse(&bytes, "x");
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in nearly_a_profile()) {
        if let Err(error) = Profile::parse(text.as_bytes(), "x") {
            prop_assert!(error.to_string().contains("onset calibrate"));
        }
    }

    #[test]
    fn an_unknown_key_is_named_wherever_it_stands(
        key in "[a-z]{3,12}_q", table in prop::sample::select(vec![
            "[profile]", "[camera]", "[face]", "[face.blendshapes]", "[face.regions_icd]", "[expression.eyes]",
            "[noise]", "[thresholds.motion]",
        ]),
    ) {
        let value = if table == "[face.regions_icd]" { "[0.0, 0.0]" } else { "0.5" };
        let text = WHOLE.replace(table, &format!("{table}\n{key} = {value}"));
        let error = parse(&text).unwrap_err();
        prop_assert!(error.contains(&key), "{error}");
    }

    #[test]
    fn what_is_written_is_read_again(profile in a_profile()) {
        let text = profile.to_toml();
        let read = Profile::parse(text.as_bytes(), "x").map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        prop_assert_eq!(read, profile);
    }
}
