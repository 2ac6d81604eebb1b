//! Screens of a session: what is drawn where, and pictures to look at
//! (`ONSET_LOOK_DIR=/tmp/look cargo test --test session_look pictures`).

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
            ("calibration", Shown::Cross(protocol::CALIBRATION_TEXT)),
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
