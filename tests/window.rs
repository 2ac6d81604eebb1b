//! The window under a virtual X server: what it shows is what was drawn, and keys arrive as actions.
//!
//! The test starts its own Xvfb and runs itself again as the program with the window ([`child`]), so that a window
//! library that ended the process would fail a test and not all of them. Skips, saying so, where a tool is missing.

#![expect(clippy::disallowed_methods, reason = "a test that drives real programs waits in real time")]

mod overlay_sample;
#[path = "support/xvfb.rs"]
mod xvfb;

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use onset::overlay::{Action, Canvas, LayerKey, Painter, Window};
use overlay_sample::Sample;
use xvfb::{Guard, start_server};

const TITLE: &str = "onset window test";
const PATIENCE: Duration = Duration::from_secs(30);
/// Set for the process that opens the window: its size, `640x480`.
const CHILD_SIZE: &str = "ONSET_TEST_WINDOW_SIZE";

fn drawn(width: usize, height: usize) -> Canvas {
    let mut canvas = Canvas::new(width, height);
    Painter::new().unwrap().draw(&Sample::new(640, 480).scene(), &mut canvas);
    canvas
}

/// Not a test of its own: the program with the window, when the environment says so.
#[test]
fn child() {
    let Ok(size) = std::env::var(CHILD_SIZE) else { return };
    let (width, height) =
        size.split_once('x').map(|(w, h)| (w.parse().unwrap(), h.parse().unwrap())).unwrap();
    let mut out = std::io::stdout();
    let mut window = match Window::open(TITLE, width, height) {
        Ok(window) => window,
        Err(why) => {
            writeln!(out, "\nERROR {why}").unwrap();
            return;
        }
    };
    let mut canvas = Canvas::new(1, 1);
    let end = Instant::now() + 3 * PATIENCE;
    while Instant::now() < end {
        if window.size_px() != (canvas.width(), canvas.height()) {
            let (width, height) = window.size_px();
            canvas = drawn(width, height);
            writeln!(out, "\nSIZE {width} {height}").unwrap();
        }
        window.show(&canvas).unwrap();
        // Slower than a quick stroke on a key, which must not be lost all the same.
        std::thread::sleep(Duration::from_millis(60));
        for action in window.poll() {
            writeln!(out, "\nACTION {action:?}").unwrap();
            if action == Action::Quit {
                return;
            }
        }
    }
}

/// Runs this test file again as [`child`]; returns the lines that it prints.
fn start_child(size: &str, display: Option<&str>) -> (Guard, Receiver<String>) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child", "--nocapture"]).env(CHILD_SIZE, size).stdout(Stdio::piped());
    // An input method that does not answer must not matter.
    command.env("XMODIFIERS", "@im=absent");
    match display {
        Some(display) => command.env("DISPLAY", display),
        None => command.env_remove("DISPLAY"),
    };
    let mut child = Guard(command.spawn().unwrap());
    let lines = BufReader::new(child.0.stdout.take().unwrap()).lines();
    let (sender, receiver) = channel();
    std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| sender.send(line)));
    (child, receiver)
}

/// The rest of the next line that starts with `key`.
fn expect(lines: &Receiver<String>, key: &str) -> String {
    let end = Instant::now() + PATIENCE;
    loop {
        let line = lines.recv_timeout(end.saturating_duration_since(Instant::now()));
        let line = line.unwrap_or_else(|why| panic!("waiting for {key}: {why}"));
        if let Some(rest) = line.strip_prefix(key) {
            return rest.trim().to_owned();
        }
    }
}

fn run(program: &str, display: &str, args: &[&str]) -> Vec<u8> {
    let output = Command::new(program).args(args).env("DISPLAY", display).output().unwrap();
    assert!(output.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn window_id(display: &str) -> String {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        let search = Command::new("xdotool")
            .args(["search", "--name", TITLE])
            .env("DISPLAY", display)
            .output()
            .unwrap();
        if let Some(id) = String::from_utf8_lossy(&search.stdout).lines().next() {
            return id.to_owned();
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("no window named {TITLE}");
}

/// Width, height and `0x00RRGGBB` pixels of an xwd dump (X11/XWDFile.h, version 7; 32 bits a pixel, ZPixmap).
fn pixels_of_xwd(dump: &[u8]) -> (usize, usize, Vec<u32>) {
    let field = |i: usize| u32::from_be_bytes(dump[i * 4..i * 4 + 4].try_into().unwrap()) as usize;
    let (header_size, version, format, width, height) = (field(0), field(1), field(2), field(4), field(5));
    let (byte_order, bits_per_pixel, bytes_per_line, colors) = (field(7), field(11), field(12), field(19));
    assert_eq!((version, format, bits_per_pixel), (7, 2, 32));
    let data = &dump[header_size + colors * 12..];
    let pixels =
        (0..height).flat_map(|y| data[y * bytes_per_line..][..width * 4].chunks_exact(4)).map(|bytes| {
            let bytes: [u8; 4] = bytes.try_into().unwrap();
            let word = if byte_order == 0 { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) };
            word & 0x00FF_FFFF
        });
    (width, height, pixels.collect())
}

/// Waits until the window shows exactly what is drawn at its size.
fn expect_picture(display: &str, id: &str, width: usize, height: usize) {
    let expected: Vec<u32> = drawn(width, height).pixels().iter().map(|p| p & 0x00FF_FFFF).collect();
    let end = Instant::now() + PATIENCE;
    loop {
        let (shown_w, shown_h, shown) = pixels_of_xwd(&run("xwd", display, &["-silent", "-id", id]));
        if (shown_w, shown_h) == (width, height) && shown == expected {
            return;
        }
        if Instant::now() > end {
            let differ = shown.iter().zip(&expected).filter(|(a, b)| a != b).count();
            panic!("the window shows {shown_w}x{shown_h}, not {width}x{height}; {differ} pixels differ");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn shows_what_is_drawn_and_reports_keys() {
    for tool in ["Xvfb", "xdotool", "xwd"] {
        if Command::new(tool).arg("-help").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
            println!("skipped: {tool} is not installed (Debian: apt install xvfb xdotool x11-apps)");
            return;
        }
    }
    let (_server, display) = start_server("1400x1000x24").expect("Xvfb starts");
    let (mut child, lines) = start_child("640x480", Some(&display));
    assert_eq!(expect(&lines, "SIZE"), "640 480");
    let id = window_id(&display);
    expect_picture(&display, &id, 640, 480);

    run("xdotool", &display, &["windowsize", "--sync", &id, "1001", "567"]);
    assert_eq!(expect(&lines, "SIZE"), "1001 567");
    expect_picture(&display, &id, 1001, 567);

    run("xdotool", &display, &["windowfocus", "--sync", &id]);
    for (key, action) in [
        ("space", Action::Pause),
        ("m", Action::Marker),
        ("s", Action::Screenshot),
        ("r", Action::Recalibrate),
        ("x", Action::Mirror),
        ("Tab", Action::NextRegions),
        ("l", Action::ToggleLayer(LayerKey::Landmarks)),
        ("t", Action::ToggleLayer(LayerKey::Traces)),
        ("h", Action::Help),
        ("F1", Action::Help),
        ("question", Action::Help),
    ] {
        run("xdotool", &display, &["key", key]);
        assert_eq!(expect(&lines, "ACTION"), format!("{action:?}"), "{key}");
    }
    // Held down: one marker, however often the keyboard repeats it; then the next key.
    run("xdotool", &display, &["keydown", "m", "sleep", "1.2", "keyup", "m", "key", "Escape"]);
    assert_eq!(expect(&lines, "ACTION"), "Marker");
    assert_eq!(expect(&lines, "ACTION"), "Quit");
    assert!(child.0.wait().unwrap().success());
}

#[test]
fn without_a_display_it_says_what_to_do() {
    if !cfg!(target_os = "linux") {
        println!("skipped: only X11 can be without a display");
        return;
    }
    for (display, named) in
        [(None, "DISPLAY is not set"), (Some(":983"), "DISPLAY=:983"), (Some("no such"), "no such")]
    {
        let (mut child, lines) = start_child("640x480", display);
        let error = expect(&lines, "ERROR");
        assert!(
            error.starts_with("no display") && error.contains(named) && error.contains("--headless"),
            "{error}"
        );
        assert!(child.0.wait().unwrap().success());
    }
}

#[test]
fn a_display_with_too_few_colours_is_refused_with_a_reason() {
    let Some((_server, display)) = start_server("800x600x16") else {
        println!("skipped: Xvfb is not installed (Debian: apt install xvfb)");
        return;
    };
    let (mut child, lines) = start_child("640x480", Some(&display));
    let error = expect(&lines, "ERROR");
    assert!(error.contains("16 bits") && error.contains("--headless"), "{error}");
    assert!(child.0.wait().unwrap().success());
}
