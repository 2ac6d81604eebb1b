//! The face stage on the embedded portrait: sizes, sides, identities, quality. Needs nothing but the checkout.

mod support;

use image::{GrayImage, RgbImage, imageops};
use onset::face::{FaceEngine, FaceError, FaceParams, align_into, crop_from_image};
use onset::types::{FaceMeasurement, LandmarkUpdate, Timestamp};
use support::{gray_of, open_rgb, repository};

fn portrait() -> RgbImage {
    open_rgb(&repository().join("assets/portrait.png"))
}

fn engine() -> FaceEngine {
    FaceEngine::new(FaceParams::default()).expect("networks load")
}

fn at(seconds: f64) -> Timestamp {
    Timestamp::from_secs_f64(seconds)
}

fn measure(engine: &mut FaceEngine, seconds: f64, rgb: &RgbImage) -> LandmarkUpdate {
    engine.measure(0, at(seconds), rgb, &gray_of(rgb)).unwrap()
}

fn only_face(rgb: &RgbImage) -> FaceMeasurement {
    let mut update = measure(&mut engine(), 0.0, rgb);
    assert_eq!(update.faces.len(), 1);
    update.faces.remove(0)
}

/// The portrait on a canvas, its top left corner at `x`, `y`.
fn on_canvas(width: u32, height: u32, places: &[(i64, i64)]) -> RgbImage {
    let mut canvas = RgbImage::from_pixel(width, height, image::Rgb([90, 100, 110]));
    for &(x, y) in places {
        imageops::replace(&mut canvas, &portrait(), x, y);
    }
    canvas
}

#[test]
fn the_portrait_is_measured() {
    let face = only_face(&portrait());
    assert!(face.confidence > 0.99);
    let [x, y] = face.box_px.centre();
    assert!((x - 224.0).abs() < 15.0 && (y - 120.0).abs() < 15.0, "{:?}", face.box_px);
    assert!((face.icd_px - 22.9).abs() < 1.5, "{}", face.icd_px);
    assert!(
        face.pose.yaw_deg.abs() < 10.0 && face.pose.pitch_deg.abs() < 15.0 && face.pose.roll_deg.abs() < 10.0
    );
    let smile = onset::types::BLENDSHAPE_NAMES.iter().position(|name| *name == "mouthSmileLeft").unwrap();
    assert!(face.blendshapes.unwrap()[smile] > 0.5, "she smiles");
    let quality = face.quality;
    assert!(!quality.is_occluded && !quality.is_blurred, "{quality:?}");
    assert!(quality.visible_share == 1.0 && quality.clipped_share < 0.05, "{quality:?}");
    assert!((120.0..220.0).contains(&quality.face_luma_mean), "{quality:?}");
    assert!(face.expression.is_none());
}

#[test]
fn a_mirror_changes_the_sign_of_yaw_and_roll() {
    let tilted = RgbImage::from_fn(512, 512, |x, y| {
        // Turned by 15 degrees clockwise on screen about the face.
        let (sin, cos) = (-15.0f64).to_radians().sin_cos();
        let (dx, dy) = (f64::from(x) - 224.0, f64::from(y) - 120.0);
        let (sx, sy) = (224.0 + cos * dx - sin * dy, 120.0 + sin * dx + cos * dy);
        *portrait_pixel(sx, sy)
    });
    let face = only_face(&tilted);
    let upright = only_face(&portrait());
    let turned = face.pose.roll_deg - upright.pose.roll_deg;
    assert!((turned - 15.0).abs() < 3.0, "clockwise is positive: {turned}");
    let mirrored = only_face(&imageops::flip_horizontal(&tilted));
    assert!((mirrored.pose.roll_deg + face.pose.roll_deg).abs() < 2.0, "{:?} {:?}", face.pose, mirrored.pose);
    assert!((mirrored.pose.yaw_deg + face.pose.yaw_deg).abs() < 3.0, "{:?} {:?}", face.pose, mirrored.pose);
    assert!((mirrored.pose.pitch_deg - face.pose.pitch_deg).abs() < 3.0);
}

fn portrait_pixel(x: f64, y: f64) -> &'static image::Rgb<u8> {
    static PORTRAIT: std::sync::OnceLock<RgbImage> = std::sync::OnceLock::new();
    let image = PORTRAIT.get_or_init(portrait);
    image.get_pixel(x.clamp(0.0, 511.0) as u32, y.clamp(0.0, 511.0) as u32)
}

#[test]
fn the_crop_has_its_icd_and_its_place() {
    let rgb = portrait();
    let face = only_face(&rgb);
    let map = crop_from_image(&face.landmarks).unwrap();
    let [right, left] =
        [133, 362].map(|index| map.apply([face.landmarks[index][0], face.landmarks[index][1]]));
    let icd = (left[0] - right[0]).hypot(left[1] - right[1]);
    assert!((icd - 64.0).abs() < 1.5, "{icd}");
    assert!((right[1] - left[1]).abs() < 2.0 && left[0] > right[0], "{right:?} {left:?}");
    // Brows and lips are inside.
    for index in [105, 334, 107, 336, 17, 61, 291] {
        let [x, y] = map.apply([face.landmarks[index][0], face.landmarks[index][1]]);
        assert!((0.0..256.0).contains(&x) && (0.0..256.0).contains(&y), "landmark {index} at {x}, {y}");
    }
    let mut pixels = Vec::new();
    align_into(&gray_of(&rgb), &map, &mut pixels);
    assert_eq!(pixels.len(), 256 * 256);
}

#[test]
fn odd_sizes_are_measured_or_empty_but_never_panic() {
    let mut engine = engine();
    for (width, height) in [(0, 0), (1, 1), (1, 500), (500, 1), (3, 2)] {
        let update =
            measure(&mut engine, 0.0, &RgbImage::from_pixel(width, height, image::Rgb([200, 150, 120])));
        assert!(update.faces.is_empty(), "{width}x{height}");
    }
    let gray = gray_of(&portrait());
    let gray_as_rgb = RgbImage::from_fn(512, 512, |x, y| image::Rgb([gray.get_pixel(x, y).0[0]; 3]));
    assert_eq!(measure(&mut engine, 10.0, &gray_as_rgb).faces.len(), 1);
    // 8K, with the portrait enlarged to 4096 rows.
    let large = imageops::resize(&portrait(), 4096, 4096, imageops::FilterType::Nearest);
    let mut canvas = RgbImage::new(7680, 4320);
    imageops::replace(&mut canvas, &large, 1800, 200);
    let gray = gray_of(&canvas);
    let update = engine.measure(0, at(20.0), &canvas, &gray).unwrap();
    let icd = update.faces[0].icd_px;
    assert!((icd / 8.0 - 22.9).abs() < 2.0, "{icd}");
}

#[test]
fn pictures_of_two_sizes_are_refused() {
    let error = engine().measure(7, at(0.0), &RgbImage::new(4, 4), &GrayImage::new(4, 5)).unwrap_err();
    assert!(matches!(error, FaceError::SizesDiffer { seq: 7, .. }));
    assert!(error.to_string().contains("frame 7"), "{error}");
}

#[test]
fn a_moving_face_keeps_its_id_and_a_lost_one_comes_back() {
    let mut engine = engine();
    let mut id = None;
    for step in 0..10 {
        let update =
            measure(&mut engine, f64::from(step) / 15.0, &on_canvas(640, 512, &[(i64::from(step) * 8, 0)]));
        let face = &update.faces[0];
        assert_eq!(*id.get_or_insert(face.id), face.id);
        let expected = 224.0 + 8.0 * step as f32;
        assert!((face.box_px.centre()[0] - expected).abs() < 15.0, "step {step}: {:?}", face.box_px);
    }
    let empty = on_canvas(640, 512, &[]);
    assert!(measure(&mut engine, 0.7, &empty).faces.is_empty());
    assert_eq!(measure(&mut engine, 0.8, &on_canvas(640, 512, &[(76, 0)])).faces[0].id, id.unwrap());
    // Gone for long: another person, as far as one can know.
    for step in 1..6 {
        assert!(measure(&mut engine, 0.8 + 0.4 * f64::from(step), &empty).faces.is_empty());
    }
    let later = measure(&mut engine, 3.0, &on_canvas(640, 512, &[(76, 0)]));
    assert_ne!(later.faces[0].id, id.unwrap());
    engine.reset();
    let after_reset = measure(&mut engine, 3.1, &on_canvas(640, 512, &[(76, 0)]));
    assert!(![id.unwrap(), later.faces[0].id].contains(&after_reset.faces[0].id), "ids are never reused");
}

/// Two heads side by side, or one of them.
fn heads(is_left: bool, is_right: bool) -> RgbImage {
    let head = imageops::crop_imm(&portrait(), 75, 0, 290, 300).to_image();
    let mut canvas = RgbImage::from_pixel(600, 320, image::Rgb([90, 100, 110]));
    for (x, _) in [(0, is_left), (305, is_right)].iter().filter(|(_, is_there)| *is_there) {
        imageops::replace(&mut canvas, &head, *x, 10);
    }
    canvas
}

#[test]
fn a_small_face_in_a_large_picture_is_found_within_half_a_second() {
    let mut engine = engine();
    let small = on_canvas(1600, 900, &[(1000, 350)]);
    let found = (0..8).position(|step| {
        let update = measure(&mut engine, f64::from(step) / 15.0, &small);
        update.faces.first().is_some_and(|face| (face.box_px.centre()[0] - 1224.0).abs() < 15.0)
    });
    assert!(found.is_some(), "ICD 23 px of 1600");
}

#[test]
fn a_second_face_is_found_within_a_second_and_the_first_stays_primary() {
    let mut engine = engine();
    let (alone, both) = (heads(true, false), heads(true, true));
    let first = measure(&mut engine, 0.0, &alone).faces[0].id;
    let mut found_at = None;
    for step in 1..=20 {
        let update = measure(&mut engine, f64::from(step) / 15.0, &both);
        assert_eq!(update.faces[0].id, first, "the primary face does not change");
        assert!(update.faces[0].blendshapes.is_some());
        if let Some(other) = update.faces.get(1) {
            assert!(other.id != first && other.blendshapes.is_none());
            found_at.get_or_insert(step);
        }
    }
    assert!(found_at.is_some_and(|step| step <= 15), "{found_at:?}");
    // The first leaves: the other takes over with its own id.
    let update = measure(&mut engine, 1.4, &heads(false, true));
    assert_eq!(update.faces.len(), 1);
    assert_ne!(update.faces[0].id, first);
    assert!(update.faces[0].blendshapes.is_some());
}

#[test]
fn a_gap_in_time_starts_with_the_detector() {
    let mut engine = engine();
    measure(&mut engine, 0.0, &heads(true, false));
    // Far away, too far to be followed; after the gap it is found at once.
    let update = measure(&mut engine, 5.0, &heads(false, true));
    assert!((update.faces[0].box_px.centre()[0] - 454.0).abs() < 15.0);
    // Time may run backwards at a cut.
    assert_eq!(measure(&mut engine, 1.0, &heads(true, false)).faces.len(), 1);
}

#[test]
fn quality_sees_blur_darkness_and_the_edge() {
    let sharp = only_face(&portrait()).quality;
    let blurred = only_face(&imageops::blur(&portrait(), 3.0)).quality;
    assert!(blurred.sharpness < 0.3 * sharp.sharpness, "{} {}", blurred.sharpness, sharp.sharpness);
    assert!(blurred.is_blurred);
    let mut dark = portrait();
    dark.pixels_mut().for_each(|pixel| pixel.0 = pixel.0.map(|value| value / 4));
    let dark = only_face(&dark).quality;
    assert!((dark.face_luma_mean - sharp.face_luma_mean / 4.0).abs() < 4.0);
    // The left half of the face lies outside.
    let cut = imageops::crop_imm(&portrait(), 205, 0, 300, 400).to_image();
    let update = measure(&mut engine(), 0.0, &cut);
    if let Some(face) = update.faces.first() {
        assert!(face.quality.visible_share < 0.9, "{:?}", face.quality);
    }
}

#[test]
fn an_engine_may_move_to_its_thread() {
    fn is_send<T: Send>() {}
    is_send::<FaceEngine>();
}

#[test]
fn two_engines_agree_to_the_bit() {
    let (first, second) = (only_face(&portrait()), only_face(&portrait()));
    assert_eq!(first.landmarks, second.landmarks);
    assert_eq!(first.blendshapes, second.blendshapes);
    assert_eq!(first.quality, second.quality);
}
