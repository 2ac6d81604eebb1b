//! `onset live` in a window under a virtual X server: it opens, does what keys say, and ends as it should.
//! Skips, saying so, where Xvfb or xdotool is missing.

#[path = "support/xvfb.rs"]
mod xvfb;

use std::process::Command;
use std::time::Duration;

use xvfb::{Guard, start_server, wait_for, xdotool};

/// Both on one server, one after the other: two servers that start at once may go for the same display number.
#[test]
fn the_demo_in_a_window() {
    if Command::new("xdotool").arg("version").output().is_err() {
        println!("SKIPPED the_demo_in_a_window: xdotool is missing; ./check installs it");
        return;
    }
    let Some((_server, display)) = start_server("1400x1000x24") else {
        println!("SKIPPED the_demo_in_a_window: Xvfb is missing; ./check installs it");
        return;
    };
    wait_for("the display", || xdotool(&display, &["getdisplaygeometry"]));
    takes_a_screenshot_and_quits(&display);
    ends_by_itself_after_its_duration(&display);
}

fn takes_a_screenshot_and_quits(display: &str) {
    let dir = tempfile::tempdir().unwrap();
    let picture = dir.path().join("shot.png");
    let mut command = Command::new(env!("CARGO_BIN_EXE_onset"));
    command.args(["live", "--demo", "--window", "960x720", "--screenshot"]).arg(&picture);
    let mut program = Guard(command.env("DISPLAY", display).spawn().unwrap());
    let window = wait_for("the window", || {
        xdotool(display, &["search", "--name", "Onset: "])?.lines().next().map(str::to_owned)
    });
    wait_for("the focus", || xdotool(display, &["windowfocus", &window]));
    let shot = wait_for("the screenshot", || {
        xdotool(display, &["key", "s"])?;
        std::thread::sleep(Duration::from_millis(300));
        // Written in place: readable once it is whole.
        image::open(&picture).ok()
    });
    assert_eq!((shot.width(), shot.height()), (960, 720));
    xdotool(display, &["key", "q"]);
    let status = wait_for("the end", || program.0.try_wait().unwrap());
    assert!(status.success(), "{status}");
}

fn ends_by_itself_after_its_duration(display: &str) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_onset"));
    command.args(["live", "--demo", "--duration", "2"]);
    let mut program = Guard(command.env("DISPLAY", display).spawn().unwrap());
    let status = wait_for("the end", || program.0.try_wait().unwrap());
    assert!(status.success(), "{status}");
}
