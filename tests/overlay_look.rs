//! Pictures to look at and what they cost: run on purpose, with an environment variable. Nothing is asserted.

mod overlay_sample;

use onset::overlay::{Canvas, Layers, Painter};
use overlay_sample::Sample;

fn draw(sample: &Sample, width: usize, height: usize) -> Canvas {
    let mut canvas = Canvas::new(width, height);
    Painter::new().unwrap().draw(&sample.scene(), &mut canvas);
    canvas
}

/// Writes pictures to look at: `ONSET_LOOK_DIR=/tmp/look cargo test --test overlay_look pictures_to_look_at`.
#[test]
fn pictures_to_look_at() {
    let Some(folder) = std::env::var_os("ONSET_LOOK_DIR") else { return };
    let folder = std::path::PathBuf::from(folder);
    for (w, h, pw, ph) in [
        (640, 480, 640, 480),
        (1280, 720, 640, 480),
        (1280, 720, 1280, 720),
        (1920, 1080, 1280, 720),
        (3840, 2160, 640, 480),
        (1600, 1200, 640, 480),
        (854, 480, 640, 480),
    ] {
        let sample = Sample::new(pw, ph);
        draw(&sample, w, h).to_rgb_image().save(folder.join(format!("{w}x{h}-of-{pw}x{ph}.png"))).unwrap();
    }
    let mut sample = Sample::new(640, 480).without_face(onset::types::FrameStatus::Occluded);
    sample.text.is_paused = true;
    sample.text.notice = "screenshot saved: onset-2026-01-12-101502.png".to_owned();
    sample.text.source = "Integrated Webcam HD: a long name".to_owned();
    draw(&sample, 640, 480).to_rgb_image().save(folder.join("no-face.png")).unwrap();
    draw(&sample, 1280, 720).to_rgb_image().save(folder.join("no-face-wide.png")).unwrap();
    let mut sample = Sample::new(640, 480);
    sample.layers.help = true;
    sample.layers.landmarks = true;
    sample.is_mirrored = true;
    draw(&sample, 640, 480).to_rgb_image().save(folder.join("help.png")).unwrap();
    sample.layers.help = false;
    sample.text.is_demo = false;
    draw(&sample, 1280, 720).to_rgb_image().save(folder.join("landmarks.png")).unwrap();
}

/// Processor time of this process, in ms (Linux): unlike a clock, it does not count other programs' turns.
fn processor_ms() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split_whitespace().next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(f64::NAN) * 1e-6
}

/// `ONSET_DRAW_TIMES=1 cargo test --test overlay_look draw_times -- --nocapture`: what a picture costs. Nothing is asserted.
#[test]
fn draw_times() {
    if std::env::var_os("ONSET_DRAW_TIMES").is_none() {
        return;
    }
    let mut painter = Painter::new().unwrap();
    let none = Layers {
        outline: false,
        landmarks: false,
        arrows: false,
        traces: false,
        bars: false,
        events: false,
        stats: false,
        help: false,
    };
    let variants = [
        ("as at the start", Layers::default()),
        ("picture only", none),
        ("picture and outline", Layers { outline: true, ..none }),
        ("picture and landmarks", Layers { landmarks: true, ..none }),
        ("picture and arrows", Layers { arrows: true, ..none }),
        ("picture and traces", Layers { traces: true, ..none }),
        ("picture and bars", Layers { bars: true, ..none }),
        ("picture and events", Layers { events: true, ..none }),
        ("picture and stats", Layers { stats: true, ..none }),
    ];
    for (w, h, pw, ph) in
        [(640, 480, 640, 480), (1280, 720, 640, 480), (1920, 1080, 1280, 720), (3840, 2160, 640, 480)]
    {
        let mut sample = Sample::new(pw, ph);
        let mut canvas = Canvas::new(w, h);
        for (name, layers) in variants {
            sample.layers = layers;
            painter.draw(&sample.scene(), &mut canvas);
            let start_ms = processor_ms();
            let count = 50;
            for _ in 0..count {
                painter.draw(&sample.scene(), &mut canvas);
            }
            let mean_ms = (processor_ms() - start_ms) / f64::from(count);
            println!("{pw}x{ph} shown at {w}x{h}, {name}: {mean_ms:.2} ms");
        }
    }
}
