//! What the overlay draws: properties that hold for every scene, and pictures compared with committed ones.

mod overlay_sample;

use std::path::PathBuf;

use image::RgbImage;
use onset::overlay::{Area, Canvas, DrawnText, KEYS, LayerKey, Layers, Painter, Scene, SceneText};
use onset::types::{Affine, EventKind, Expression, FrameStatus, LandmarkUpdate, RegionId, RegionMotion};
use overlay_sample::Sample;
use proptest::prelude::*;

const SIZES: [(usize, usize); 7] =
    [(640, 480), (800, 600), (854, 480), (1280, 720), (1600, 1200), (1920, 1080), (3840, 2160)];

fn draw(scene: &Scene<'_>, width: usize, height: usize) -> (Canvas, Vec<DrawnText>) {
    let mut canvas = Canvas::new(width, height);
    let mut painter = Painter::new().unwrap();
    painter.keep_texts(true);
    painter.draw(scene, &mut canvas);
    let texts = painter.texts().to_vec();
    (canvas, texts)
}

fn has_text(texts: &[DrawnText], wanted: &str) -> bool {
    texts.iter().any(|t| t.text == wanted)
}

/// The scenes whose texts are checked: with and without a face, with help, with long texts.
fn samples() -> Vec<Sample> {
    let mut long = Sample::new(640, 480).without_face(FrameStatus::Occluded);
    long.text = SceneText {
        source: "Integrated Webcam_HD: an exceedingly long name of a camera (046d:0825)".to_owned(),
        notice: "cannot save the screenshot to /a/rather/deep/folder/of/somebody/onset.png: no space left"
            .to_owned(),
        is_demo: true,
        is_paused: true,
    };
    long.stats.lost = 123_456;
    long.stats.fps = 1234.5;
    long.stats.latency_p95_ms = 12_345.6;
    let mut help = Sample::new(1280, 720);
    help.layers.help = true;
    help.traced = RegionId::all().collect();
    vec![Sample::new(640, 480), long, help, Sample::new(480, 640).without_face(FrameStatus::Blurred)]
}

/// The bounding box of the pixels that differ; `None` where all are equal.
fn changed(a: &Canvas, b: &Canvas) -> Option<Area> {
    let (mut x0, mut y0, mut x1, mut y1) = (i32::MAX, i32::MAX, i32::MIN, i32::MIN);
    for (i, (p, q)) in a.pixels().iter().zip(b.pixels()).enumerate() {
        if p != q {
            let (x, y) = ((i % a.width()) as i32, (i / a.width()) as i32);
            (x0, y0, x1, y1) = (x0.min(x), y0.min(y), x1.max(x), y1.max(y));
        }
    }
    (x0 <= x1).then(|| Area::new(x0, y0, x1 - x0 + 1, y1 - y0 + 1))
}

fn covers(outer: Area, inner: Area) -> bool {
    outer.intersect(&inner) == inner
}

#[test]
fn texts_stay_inside_the_window_at_every_size() {
    for sample in samples() {
        for (w, h) in SIZES {
            let (canvas, texts) = draw(&sample.scene(), w, h);
            for drawn in texts {
                assert!(covers(canvas.area(), drawn.area), "{w}x{h}: {drawn:?}");
            }
        }
    }
}

#[test]
fn the_demo_is_marked_at_every_size_and_nothing_else_is() {
    let mut sample = Sample::new(640, 480);
    for (w, h) in SIZES {
        sample.text.is_demo = true;
        sample.layers.stats = true;
        assert!(has_text(&draw(&sample.scene(), w, h).1, "DEMO"), "{w}x{h}");
        sample.layers.stats = false;
        assert!(has_text(&draw(&sample.scene(), w, h).1, "DEMO"), "{w}x{h}: hidden with the statistics");
        sample.text.is_demo = false;
        assert!(!has_text(&draw(&sample.scene(), w, h).1, "DEMO"), "{w}x{h}");
    }
}

#[test]
fn a_layer_changes_only_its_own_area() {
    let mut sample = Sample::new(640, 480);
    sample.text.is_demo = false;
    let face = sample.update.faces[0].box_px;
    let around_face =
        Area::new(face.x as i32 - 40, face.y as i32 - 40, face.w as i32 + 80, face.h as i32 + 80);
    let layers = [
        (LayerKey::Outline, around_face),
        (LayerKey::Landmarks, around_face),
        // Down to the tag that names the arrows' gain.
        (LayerKey::Arrows, Area::new(0, around_face.y, around_face.right(), 346 - around_face.y)),
        (LayerKey::Traces, Area::new(0, 345, 640, 135)),
        (LayerKey::Bars, Area::new(480, 26, 160, 160)),
        // The list, and below it the panel of a mismatch.
        (LayerKey::Events, Area::new(0, 26, 214, 220)),
        (LayerKey::Stats, Area::new(0, 0, 640, 26)),
    ];
    let (before, _) = draw(&sample.scene(), 640, 480);
    for (layer, area) in layers {
        sample.layers.toggle(layer);
        let change = changed(&before, &draw(&sample.scene(), 640, 480).0);
        assert!(change.is_some_and(|change| covers(area, change)), "{layer:?}: {change:?}");
        sample.layers.toggle(layer);
    }
}

#[test]
fn the_same_scene_gives_the_same_pixels_whatever_was_drawn_before() {
    let (first, other) = (Sample::new(640, 480), Sample::new(1280, 720).without_face(FrameStatus::NoFace));
    let (fresh, _) = draw(&first.scene(), 1280, 720);
    let mut painter = Painter::new().unwrap();
    let mut canvas = Canvas::new(333, 777);
    painter.draw(&other.scene(), &mut canvas);
    canvas.resize(1280, 720);
    painter.draw(&first.scene(), &mut canvas);
    assert!(canvas == fresh);
}

#[test]
fn the_mirror_turns_the_picture_and_the_face_but_no_text() {
    let mut sample = Sample::new(640, 480).observable();
    sample.text.is_demo = false;
    sample.layers =
        Layers { arrows: false, traces: false, bars: false, events: false, stats: false, ..sample.layers };
    let (plain, plain_texts) = draw(&sample.scene(), 640, 480);
    sample.is_mirrored = true;
    let (mirrored, mirrored_texts) = draw(&sample.scene(), 640, 480);
    assert_eq!(plain_texts, mirrored_texts);
    // Between the notice and the tags: picture and outline only, equal but for the rounding of smooth edges.
    let (plain, back) = (plain.to_rgb_image(), image::imageops::flip_horizontal(&mirrored.to_rgb_image()));
    let differ = |y: u32| {
        (0..640)
            .filter(|x| {
                plain.get_pixel(*x, y).0.iter().zip(back.get_pixel(*x, y).0).any(|(a, b)| a.abs_diff(b) > 30)
            })
            .count()
    };
    let far: usize = (70..310).map(differ).sum();
    assert!(far <= 20, "{far} pixels differ");
}

#[test]
fn arrows_are_left_out_where_a_region_was_not_measured() {
    let mut sample = Sample::new(640, 480).observable();
    let (with, _) = draw(&sample.scene(), 640, 480);
    let signal = sample.observation.signal.as_mut().unwrap();
    signal.regions.iter_mut().for_each(|motion| motion.is_valid = false);
    let (invalid, _) = draw(&sample.scene(), 640, 480);
    sample.region_points_px.clear();
    sample.layers.arrows = false;
    sample.layers.traces = false;
    let (without, _) = draw(&sample.scene(), 640, 480);
    let [mouth_x, mouth_y, _] = sample.update.faces[0].landmarks[291];
    let at = |canvas: &Canvas| canvas.pixels()[(mouth_y as usize - 9) * 640 + mouth_x as usize + 8];
    assert_ne!(at(&with), at(&without), "an arrow points up and out from the mouth's corner");
    assert_eq!(at(&invalid), at(&without));
}

#[test]
fn nothing_is_traced_while_no_face_was_seen() {
    let mut sample = Sample::new(640, 480);
    // Small enough for the scale to stay as it is without them.
    let halve = |m: &mut RegionMotion| m.displacement_icd = m.displacement_icd.map(|d| d / 2.0);
    sample.signals.iter_mut().for_each(|signal| signal.regions.iter_mut().for_each(halve));
    let (with, texts) = draw(&sample.scene(), 640, 480);
    assert!(has_text(&texts, "no face"));
    sample.signals.clear();
    let (without, _) = draw(&sample.scene(), 640, 480);
    let changes_between = |from: usize, to: usize| {
        (346..480)
            .flat_map(|y| (from..to).map(move |x| y * 640 + x))
            .filter(|i| with.pixels()[*i] != without.pixels()[*i])
            .count()
    };
    assert!(changes_between(110, 290) > 3 * 150, "three lanes, from 5 s to about 3 s ago");
    assert_eq!(changes_between(306, 345), 0, "half a second without a face");
}

#[test]
fn what_is_said_is_there() {
    let mut sample = Sample::new(640, 480);
    let (_, texts) = draw(&sample.scene(), 1280, 720);
    for wanted in [
        "59.9",
        "12 / 18",
        "demo portrait",
        "71 %",
        "EYES",
        "mismatch between mouth and eyes",
        "1:10.0",
        "0.82",
        "180 ms · 3.2 % ICD",
    ] {
        assert!(has_text(&texts, wanted), "{wanted}");
    }
    let at = |wanted: &str| texts.iter().find(|t| t.text == wanted).unwrap().area.y;
    assert!(at("mismatch between mouth and eyes") < at("brief brow lowering"), "newest first");

    // A network that does not know a label, and none for the eyes.
    if let Some(expression) = &mut sample.observation.expression {
        (expression.face[7], expression.eyes) = (None, None);
    }
    let (_, texts) = draw(&sample.scene(), 1280, 720);
    assert!(has_text(&texts, "n/a") && !has_text(&texts, "EYES"));

    sample.text.is_paused = true;
    sample.text.notice = "marker 2 set".to_owned();
    sample.observation.status = FrameStatus::Occluded;
    let (_, texts) = draw(&sample.scene(), 640, 480);
    for wanted in ["PAUSED", "marker 2 set", "face covered or turned away"] {
        assert!(has_text(&texts, wanted), "{wanted}");
    }
    sample.layers.help = true;
    let (_, texts) = draw(&sample.scene(), 640, 480);
    for binding in KEYS {
        assert!(has_text(&texts, binding.label) && has_text(&texts, binding.help), "{binding:?}");
    }
}

#[test]
fn what_could_not_be_seen_is_greyed_on_the_face_and_in_its_lane() {
    let mut sample = Sample::new(640, 480);
    sample.layers.arrows = false;
    let (grey, texts) = draw(&sample.scene(), 640, 480);
    assert!(has_text(&texts, "not observable") && has_text(&texts, "R not observable"));
    let [mouth_x, mouth_y, _] = sample.update.faces[0].landmarks[291];
    let [brow_x, brow_y, _] = sample.update.faces[0].landmarks[285];
    let mut sample = sample.observable();
    let (clear, texts) = draw(&sample.scene(), 640, 480);
    assert!(!texts.iter().any(|t| t.text.contains("not observable")));
    let at = |canvas: &Canvas, x: f32, y: f32| canvas.pixels()[y as usize * 640 + x as usize];
    assert_ne!(at(&grey, mouth_x, mouth_y), at(&clear, mouth_x, mouth_y), "the mouth is veiled");
    assert_eq!(at(&grey, brow_x, brow_y), at(&clear, brow_x, brow_y), "the brow is not");
    // The mouth's lane is the lowest of three; the brows' is the highest. Left of the newest second nothing else differs.
    let differ = |rows: std::ops::Range<usize>| {
        rows.flat_map(|y| (420..540).map(move |x| y * 640 + x))
            .filter(|i| grey.pixels()[*i] != clear.pixels()[*i])
            .count()
    };
    assert_eq!(differ(370..395), 0);
    assert!(differ(432..458) > 1000);

    sample.observability.iter_mut().for_each(|known| known.smallest_icd.fill(f32::INFINITY));
    sample.observation.observability = sample.observability.last().cloned();
    let (_, texts) = draw(&sample.scene(), 640, 480);
    assert!(texts.iter().any(|t| t.text.starts_with("not observable: ")), "a blind face is said to be so");
}

#[test]
fn a_flag_is_open_then_filled_and_a_withdrawn_one_fades_away() {
    let mut sample = Sample::new(640, 480);
    sample.layers.arrows = false;
    let flag = sample.events.pop().unwrap();
    sample.events.clear();
    let (none, _) = draw(&sample.scene(), 640, 480);
    let [x, y] = sample.region_points_px[2].1;
    let icd_px = sample.update.faces[0].icd_px;
    let at = |canvas: &Canvas, dx: f32| canvas.pixels()[y as usize * 640 + (x + dx) as usize];
    let (inside, rim) = (0.09 * icd_px, 0.19 * icd_px);

    sample.events = vec![flag.clone()];
    let (provisional, _) = draw(&sample.scene(), 640, 480);
    let (_, texts) = draw(&sample.scene(), 1280, 720);
    assert!(texts.iter().any(|t| t.text.contains("provisional")));
    assert_ne!(at(&provisional, rim), at(&none, rim));
    assert_eq!(at(&provisional, inside), at(&none, inside), "open");

    sample.events[0].event.confirmed_at = Some(flag.event.apex);
    let (confirmed, _) = draw(&sample.scene(), 640, 480);
    assert_ne!(at(&confirmed, inside), at(&none, inside), "filled");

    sample.events = vec![flag];
    sample.events[0].withdrawn_s = Some(overlay_sample::NOW_S - 0.3);
    let (fading, _) = draw(&sample.scene(), 640, 480);
    assert!(at(&fading, rim) != at(&none, rim) && at(&fading, rim) != at(&provisional, rim));
    sample.events[0].withdrawn_s = Some(overlay_sample::NOW_S - onset::overlay::FADE_S);
    let (gone, _) = draw(&sample.scene(), 640, 480);
    assert_eq!(at(&gone, rim), at(&none, rim));
}

#[test]
fn no_text_claims_to_read_minds() {
    for mut sample in samples() {
        for kind in [EventKind::Micro, EventKind::Macro, EventKind::Masked, EventKind::Blink] {
            sample.events.iter_mut().for_each(|shown| shown.event.kind = kind);
            for drawn in draw(&sample.scene(), 1920, 1080).1 {
                let text = drawn.text.to_lowercase();
                let words: Vec<&str> = text.split(|c: char| !c.is_alphabetic()).collect();
                for claim in
                    ["lie", "lies", "lying", "deception", "deceptive", "truth", "true", "hidden", "real"]
                {
                    assert!(!words.contains(&claim), "{text}");
                }
            }
        }
    }
}

/// Compares with `tests/screenshots/NAME.png`; with `ONSET_UPDATE_SCREENSHOTS=1` writes it instead.
fn compare(name: &str, canvas: &Canvas) {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/screenshots").join(format!("{name}.png"));
    let drawn = canvas.to_rgb_image();
    if std::env::var_os("ONSET_UPDATE_SCREENSHOTS").is_some() {
        use image::codecs::png::{CompressionType, FilterType, PngEncoder};
        let file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
        drawn
            .write_with_encoder(PngEncoder::new_with_quality(
                file,
                CompressionType::Best,
                FilterType::Adaptive,
            ))
            .unwrap();
        return;
    }
    let expected: RgbImage =
        image::open(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display())).to_rgb8();
    assert_eq!(expected.dimensions(), drawn.dimensions(), "{name}");
    // Sines and cosines are the system's, and not the same to the last bit everywhere: edges may differ slightly.
    let far = expected
        .pixels()
        .zip(drawn.pixels())
        .filter(|(a, b)| (0..3).any(|i| a.0[i].abs_diff(b.0[i]) > 12))
        .count();
    let count = (drawn.width() * drawn.height()) as usize;
    if far * 2000 > count {
        let seen = std::env::temp_dir().join(format!("onset-{name}.png"));
        drawn.save(&seen).unwrap();
        panic!(
            "{name}: {far} of {count} pixels differ from {}. If that is meant, set ONSET_UPDATE_SCREENSHOTS=1. Drawn: {}",
            path.display(),
            seen.display()
        );
    }
}

#[test]
fn screenshots_are_as_committed() {
    let mut sample = Sample::new(640, 480);
    compare("overlay-640x480", &draw(&sample.scene(), 640, 480).0);
    compare("overlay-1280x720", &draw(&sample.scene(), 1280, 720).0);
    sample.layers.help = true;
    sample.layers.landmarks = true;
    sample.is_mirrored = true;
    compare("overlay-help-640x480", &draw(&sample.scene(), 640, 480).0);
}

/// A number as it should not be.
fn odd() -> impl Strategy<Value = f32> {
    prop_oneof![
        Just(f32::NAN),
        Just(f32::INFINITY),
        Just(f32::NEG_INFINITY),
        Just(f32::MAX),
        Just(0.0),
        -1e6_f32..1e6,
        -1.0_f32..1.0,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn drawing_never_panics(
        size in prop_oneof![(1_usize..40, 1_usize..40), (1_usize..900, 1_usize..900)],
        picture in prop_oneof![(0_u32..4, 0_u32..4), (1_u32..300, 1_u32..300)],
        values in proptest::collection::vec(odd(), 24),
        flags in any::<u16>(),
        has_observation in any::<bool>(),
        shift_ns in any::<i64>(),
    ) {
        let mut sample = Sample::new(64, 48);
        let value = |i: usize| values[i % values.len()];
        sample.picture = RgbImage::new(picture.0, picture.1);
        sample.is_mirrored = flags & 1 != 0;
        sample.text.is_demo = flags & 2 != 0;
        sample.text.is_paused = flags & 4 != 0;
        sample.text.notice = if flags & 8 != 0 { "a\0b\u{1F600}\u{202E}".to_owned() } else { String::new() };
        let on = |bit: u16| flags >> bit & 1 != 0;
        sample.layers = Layers {
            outline: on(4), landmarks: on(5), arrows: on(6), traces: on(7),
            bars: on(8), events: on(9), stats: on(10), help: on(11),
        };
        let mut update: LandmarkUpdate = (*sample.update).clone();
        let face = &mut update.faces[0];
        face.landmarks.iter_mut().enumerate().for_each(|(i, p)| *p = [value(i), value(i + 1), 0.0]);
        face.icd_px = value(0);
        face.pose.roll_deg = value(1);
        let track = &mut sample.observation.faces[0];
        track.update = std::sync::Arc::new(update);
        track.index = usize::from(on(12));
        track.now_from_measured = Affine { rows: [[value(2), 0.0, 0.0], [0.0, value(3), value(4)]] };
        sample.signals.iter_mut().enumerate().for_each(|(i, signal)| {
            signal.regions.iter_mut().enumerate().for_each(|(k, m)| m.displacement_icd = [value(i + k), value(i * k)]);
        });
        sample.observation.expression = Some(Expression {
            face: std::array::from_fn(|i| Some(value(i))),
            eyes: Some(std::array::from_fn(|i| Some(value(i + 8)))),
        });
        sample.observation.signal = sample.signals.last().cloned();
        sample.region_points_px.iter_mut().enumerate().for_each(|(i, (_, p))| *p = [value(i), value(i + 2)]);
        sample.events.iter_mut().for_each(|shown| {
            shown.event.score = value(5);
            shown.event.amplitude_icd = Some(value(10));
            shown.event.onset = onset::types::Timestamp::from_nanos(shift_ns);
            shown.withdrawn_s = on(15).then(|| f64::from(value(11)));
        });
        sample.observability.iter_mut().enumerate().for_each(|(i, known)| {
            known.smallest_icd.iter_mut().enumerate().for_each(|(k, smallest)| *smallest = value(i / 40 + k));
        });
        sample.observation.observability = sample.observability.last().cloned();
        sample.markers_s = values.iter().map(|v| f64::from(*v)).collect();
        sample.statuses.iter_mut().step_by(7).for_each(|s| *s = (f64::from(value(6)), FrameStatus::Gap));
        sample.stats.fps = value(7);
        sample.stats.latency_p95_ms = value(8);
        sample.stats.elapsed_s = f64::from(value(9));
        if on(13) {
            sample.observation.captured_at = onset::types::Timestamp::from_nanos(shift_ns);
        }
        if on(14) {
            sample.signals.reverse();
            sample.observability.reverse();
        }
        let mut scene = sample.scene();
        if !has_observation {
            scene.observation = None;
            scene.update = None;
        }
        draw(&scene, size.0, size.1);
    }
}
