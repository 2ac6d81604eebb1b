//! Screens of a session: what is drawn where, and pictures to look at
//! (`ONSET_LOOK_DIR=/tmp/look cargo test --test session_screens pictures`).

mod overlay_sample;

use image::{Rgb, RgbImage};
use onset::overlay::{Canvas, OperatorView, Painter, Shown, StimulusPainter, StimulusScene};
use onset::session::{DEFAULT_TEXT, protocol};
use overlay_sample::Sample;

const QUESTION: &str =
    "Somebody takes the last biscuit and puts the empty box back. What do you say to them?";
const SIZES: [(usize, usize); 3] = [(640, 480), (1280, 720), (1920, 1080)];

fn scene(shown: Shown<'_>) -> StimulusScene<'_> {
    StimulusScene { shown, progress: Some(0.4), hint: "space bar: next" }
}

fn operator<'a>() -> OperatorView<'a> {
    OperatorView {
        step: "anger-03",
        kind: "question",
        text: QUESTION,
        number: (7, 38),
        step_left_s: Some(11.2),
        session_left_s: Some(498.0),
        progress: Some(0.17),
        disk_left_min: Some(47.3),
        frames_lost: 0,
        queue_fill: 0.06,
        bytes_written: 412_000_000,
        markers: &[('1', "laughs"), ('2', "looks away"), ('3', "interrupted")],
        marker_count: 2,
        last_marker: Some(("laughs", 13.0)),
        notice: "",
    }
}

/// A made-up picture with fine structure.
fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let ring = (((x as f32 - 200.0).hypot(y as f32 - 150.0) / 9.0).sin() * 60.0) as i32;
        Rgb([(120 + ring) as u8, (x * 255 / width) as u8, (y * 255 / height) as u8])
    })
}

#[test]
fn pictures() {
    let Some(folder) = std::env::var_os("ONSET_LOOK_DIR") else { return };
    let folder = std::path::PathBuf::from(folder);
    let mut painter = StimulusPainter::new().unwrap();
    let (landscape, tall) = (picture(1200, 800), picture(300, 900));
    for (w, h) in SIZES {
        let mut canvas = Canvas::new(w, h);
        for (name, shown) in [
            ("words", Shown::Words(QUESTION)),
            ("short", Shown::Words("Thank you!")),
            ("long", Shown::Words(&QUESTION.repeat(6))),
            ("image", Shown::Picture { image: &landscape, words: "" }),
            ("caption", Shown::Picture { image: &tall, words: "Take your time." }),
            ("blank", Shown::Blank),
            ("cross", Shown::Cross("")),
            ("calibration", Shown::Words(protocol::CALIBRATION_TEXT)),
            ("consent-0", Shown::Consent { text: DEFAULT_TEXT, page: 0 }),
            ("consent-1", Shown::Consent { text: DEFAULT_TEXT, page: 1 }),
        ] {
            painter.draw(&scene(shown), &mut canvas);
            canvas.to_rgb_image().save(folder.join(format!("{w}x{h}-{name}.png"))).unwrap();
        }
        let sample = Sample::new(640, 480);
        let mut live = Painter::new().unwrap();
        live.draw_session(&sample.scene(), &operator(), &mut canvas);
        canvas.to_rgb_image().save(folder.join(format!("{w}x{h}-operator.png"))).unwrap();
        let bad = OperatorView {
            disk_left_min: Some(4.2),
            frames_lost: 12,
            queue_fill: 0.8,
            step_left_s: None,
            session_left_s: None,
            bytes_written: 12_340_000_000,
            notice: "the disk is full in 4 minutes",
            ..operator()
        };
        live.draw_session(&sample.scene(), &bad, &mut canvas);
        canvas.to_rgb_image().save(folder.join(format!("{w}x{h}-operator-bad.png"))).unwrap();
    }
}

#[test]
fn every_word_is_on_the_screen_and_the_same_scene_gives_the_same_pixels() {
    let mut painter = StimulusPainter::new().unwrap();
    painter.keep_texts(true);
    for (w, h) in SIZES {
        let mut canvas = Canvas::new(w, h);
        let long = format!("{} {}", QUESTION.repeat(3), "a".repeat(300));
        for text in [QUESTION, "Thank you!", long.as_str()] {
            painter.draw(&scene(Shown::Words(text)), &mut canvas);
            let all = canvas.area();
            let mut words = String::new();
            for drawn in painter.texts() {
                assert_eq!(drawn.area.intersect(&all), drawn.area, "{w}x{h}: {drawn:?}");
                words += &drawn.text;
            }
            let solid = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            assert!(solid(&words).starts_with(&solid(text)), "{w}x{h}: {words}");
            let before = canvas.clone();
            painter.draw(&scene(Shown::Blank), &mut canvas);
            assert_ne!(before, canvas);
            painter.draw(&scene(Shown::Words(text)), &mut canvas);
            assert_eq!(before, canvas);
        }
    }
}

#[test]
fn the_pages_of_consent_hold_the_whole_text_once() {
    let mut painter = StimulusPainter::new().unwrap();
    painter.keep_texts(true);
    for (w, h) in [(640, 480), (1280, 720), (320, 240), (3840, 2160)] {
        let mut canvas = Canvas::new(w, h);
        let pages = painter.consent_pages(DEFAULT_TEXT, w, h);
        assert!(pages <= 4, "{w}x{h}: {pages} pages");
        let mut words = Vec::new();
        for page in 0..pages {
            painter.draw(
                &StimulusScene { hint: "", ..scene(Shown::Consent { text: DEFAULT_TEXT, page }) },
                &mut canvas,
            );
            for drawn in painter.texts().iter().filter(|drawn| !drawn.text.starts_with("page ")) {
                assert_eq!(drawn.area.intersect(&canvas.area()), drawn.area, "{w}x{h}: {drawn:?}");
                words.extend(drawn.text.split_whitespace().map(str::to_owned));
            }
        }
        assert_eq!(words, DEFAULT_TEXT.split_whitespace().collect::<Vec<_>>(), "{w}x{h}");
    }
}

#[test]
fn characters_that_the_font_lacks_are_named() {
    let painter = StimulusPainter::new().unwrap();
    assert_eq!(painter.missing_characters("Wie war Ihr Tag? Ça va… Привет!\n"), []);
    assert_eq!(painter.missing_characters("今天 ok 天"), ['今', '天']);
    for shipped in protocol::SHIPPED {
        assert_eq!(painter.missing_characters(shipped.text), []);
    }
    assert_eq!(painter.missing_characters(DEFAULT_TEXT), []);
}

#[test]
fn the_operator_is_told_what_goes_wrong() {
    let sample = Sample::new(640, 480);
    let mut painter = Painter::new().unwrap();
    painter.keep_texts(true);
    for (w, h) in SIZES {
        let mut canvas = Canvas::new(w, h);
        let mut said = |view: &OperatorView<'_>| {
            painter.draw_session(&sample.scene(), view, &mut canvas);
            let words: Vec<&str> = painter.texts().iter().map(|drawn| drawn.text.as_str()).collect();
            let strip: Vec<_> =
                painter.texts().iter().rev().take_while(|d| !d.text.starts_with("h  ")).collect();
            for (i, one) in strip.iter().enumerate() {
                assert_eq!(one.area.intersect(&canvas.area()), one.area, "{w}x{h}: {one:?}");
                for other in &strip[..i] {
                    assert!(one.area.intersect(&other.area).is_empty(), "{w}x{h}: {one:?} over {other:?}");
                }
            }
            words.join("|")
        };
        let well = said(&operator());
        for words in
            ["7 / 38 · question · anger-03", "0:12", "8:18", "47 min", "412 MB", "queue", "laughs, 0:13 ago"]
        {
            assert!(well.contains(words), "{w}x{h}: {words} is not in {well}");
        }
        assert!(!well.contains("falls behind"));
        let bad = said(&OperatorView {
            queue_fill: 0.7,
            frames_lost: 1,
            step_left_s: None,
            session_left_s: None,
            disk_left_min: None,
            ..operator()
        });
        for words in ["recording falls behind", "frame lost", "key", "open", "–"] {
            assert!(bad.contains(words), "{w}x{h}: {words} is not in {bad}");
        }
    }
}

#[test]
fn any_size_and_any_values_are_drawn() {
    let sample = Sample::new(64, 48);
    let (mut live, mut painter) = (Painter::new().unwrap(), StimulusPainter::new().unwrap());
    let odd = OperatorView {
        step_left_s: Some(f64::NAN),
        session_left_s: Some(f64::INFINITY),
        progress: Some(f32::NAN),
        disk_left_min: Some(-1.0),
        queue_fill: f32::NAN,
        bytes_written: u64::MAX,
        last_marker: Some(("", f64::NAN)),
        ..operator()
    };
    let picture = picture(3, 2);
    for (w, h) in [(1, 1), (2, 90), (90, 2), (200, 150), (2000, 100)] {
        let mut canvas = Canvas::new(w, h);
        live.draw_session(&sample.scene(), &odd, &mut canvas);
        live.draw_session(&sample.scene(), &OperatorView::default(), &mut canvas);
        for shown in [
            Shown::Words(QUESTION),
            Shown::Picture { image: &picture, words: QUESTION },
            Shown::Picture { image: &RgbImage::new(0, 0), words: "" },
            Shown::Cross(QUESTION),
            Shown::Consent { text: DEFAULT_TEXT, page: usize::MAX },
            Shown::Consent { text: "", page: 0 },
        ] {
            painter.draw(&StimulusScene { progress: Some(f32::NAN), ..scene(shown) }, &mut canvas);
        }
    }
}
