//! A virtual X server for tests of the window, and a hand on its keyboard.
#![allow(dead_code)] // Each test binary uses a part.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A process that is ended when the test is over.
pub struct Guard(pub Child);

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A virtual X server of a screen like `1400x1000x24`, `None` where Xvfb is not installed.
pub fn start_server(screen: &str) -> Option<(Guard, String)> {
    // Two servers that start at once may go for the same display number.
    static STARTING: Mutex<()> = Mutex::new(());
    let _alone = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
    let mut command = Command::new("Xvfb");
    command.args(["-displayfd", "1", "-screen", "0", screen, "-nolisten", "tcp", "-noreset"]);
    let mut server = Guard(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?);
    let mut number = String::new();
    BufReader::new(server.0.stdout.take()?).read_line(&mut number).ok()?;
    Some((server, format!(":{}", number.trim())))
}

/// How long a window, a key or an end is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs xdotool on that display; what it prints, `None` where it fails.
pub fn xdotool(display: &str, args: &[&str]) -> Option<String> {
    let output = Command::new("xdotool").args(args).env("DISPLAY", display).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Asks until there is an answer.
#[expect(clippy::disallowed_methods, reason = "a test that drives real programs waits in real time")]
pub fn wait_for<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        if let Some(answer) = ask() {
            return answer;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("waited in vain for {what}");
}
