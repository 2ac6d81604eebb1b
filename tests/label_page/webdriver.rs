//! Headless Chromium, driven over WebDriver: plain HTTP to `chromedriver`, as much of it as a coder's keys need.
//!
//! Reference: W3C, "WebDriver", 2018; the DevTools call is chromedriver's own.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::label_server::request;

/// Keys that have no character (W3C, "WebDriver", section 17.4.2).
pub mod key {
    pub const BACKSPACE: char = '\u{e003}';
    pub const ENTER: char = '\u{e007}';
    pub const SHIFT: char = '\u{e008}';
    pub const ESCAPE: char = '\u{e00c}';
    pub const END: char = '\u{e010}';
    pub const HOME: char = '\u{e011}';
    pub const UP: char = '\u{e013}';
    pub const RIGHT: char = '\u{e014}';
    pub const DOWN: char = '\u{e015}';
}

const LOOK_EVERY: Duration = Duration::from_millis(20);
const LOOKS: usize = 6000;

/// A browser with one page.
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts one of 1280 x 720; `None` with a printed line where Chromium or its driver is missing.
    pub fn start(test: &str) -> Option<Self> {
        let is_there = |name: &str| {
            let status =
                Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
            status.is_ok_and(|status| status.success())
        };
        if let Some(missing) = ["chromium", "chromedriver"].into_iter().find(|name| !is_there(name)) {
            println!(
                "SKIPPED {test}: {missing} is missing (Debian: apt-get install chromium chromium-driver)"
            );
            return None;
        }
        let profile = tempfile::tempdir().unwrap();
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(driver.stdout.take().unwrap());
        let port = loop {
            let mut line = String::new();
            assert!(said.read_line(&mut line).unwrap() > 0, "chromedriver ended before it listened");
            // "ChromeDriver was started successfully on port 39117."
            let port = line
                .split("successfully on port ")
                .nth(1)
                .and_then(|rest| rest.trim().trim_end_matches('.').parse().ok());
            if let Some(port) = port {
                break port;
            }
        };
        let mut browser = Self { driver, port, session: String::new(), _profile: profile };
        let directory = format!("--user-data-dir={}", browser._profile.path().display());
        let capabilities = json!({"capabilities": {"alwaysMatch": {
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {"binary": "/usr/bin/chromium", "args": [
                "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars",
                "--force-device-scale-factor=1", "--window-size=1280,720", "--no-first-run", directory,
            ]},
        }}});
        let made = browser.call("POST", "/session", &capabilities);
        browser.session = made["sessionId"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
        // The page's own size, without the frame of a window around it.
        let size = json!({"width": 1280, "height": 720, "deviceScaleFactor": 1, "mobile": false});
        browser.on(
            "POST",
            "goog/cdp/execute",
            &json!({"cmd": "Emulation.setDeviceMetricsOverride", "params": size}),
        );
        Some(browser)
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if method == "GET" { String::new() } else { body.to_string() };
        let headers = [("Content-Type", "application/json")];
        let mut reply = request(self.port, method, path, &headers, body.as_bytes()).json();
        reply["value"].take()
    }

    fn on(&self, method: &str, path: &str, body: &Value) -> Value {
        let value = self.call(method, &format!("/session/{}/{path}", self.session), body);
        assert!(value.get("error").is_none(), "{path}: {value}");
        value
    }

    /// Opens an address.
    pub fn open(&self, url: &str) {
        self.on("POST", "url", &json!({"url": url}));
    }

    /// Loads the page anew, as F5 does.
    pub fn reload(&self) {
        self.on("POST", "refresh", &json!({}));
    }

    /// What a piece of JavaScript returns.
    pub fn run(&self, script: &str) -> Value {
        self.on("POST", "execute/sync", &json!({"script": script, "args": []}))
    }

    /// Waits until a JavaScript expression is true.
    pub fn wait_for(&self, expression: &str) {
        for _ in 0..LOOKS {
            if self.run(&format!("return Boolean({expression})")) == json!(true) {
                return;
            }
            std::thread::sleep(LOOK_EVERY);
        }
        panic!("never true: {expression}; the page says: {}", self.run("return document.body.innerText"));
    }

    /// Presses keys, one after the other.
    pub fn press(&self, keys: impl IntoIterator<Item = char>) {
        let mut actions = Vec::new();
        for key in keys {
            actions.push(json!({"type": "keyDown", "value": key.to_string()}));
            actions.push(json!({"type": "keyUp", "value": key.to_string()}));
        }
        self.actions(&actions);
    }

    /// Presses a key while another one is held.
    pub fn press_with(&self, held: char, key: char) {
        let event = |kind: &str, key: char| json!({"type": kind, "value": key.to_string()});
        self.actions(&[
            event("keyDown", held),
            event("keyDown", key),
            event("keyUp", key),
            event("keyUp", held),
        ]);
    }

    /// Holds a key, or lets it go.
    pub fn hold(&self, key: char, is_held: bool) {
        let kind = if is_held { "keyDown" } else { "keyUp" };
        self.actions(&[json!({"type": kind, "value": key.to_string()})]);
    }

    fn actions(&self, actions: &[Value]) {
        let body = json!({"actions": [{"type": "key", "id": "keyboard", "actions": actions}]});
        self.on("POST", "actions", &body);
    }

    /// Takes a picture of the page.
    pub fn screenshot(&self, path: &Path) {
        let picture = self.on("GET", "screenshot", &Value::Null);
        fs::write(path, from_base64(picture.as_str().unwrap())).unwrap();
    }

    /// What the page complained of in the browser's console.
    pub fn complaints(&self) -> Vec<String> {
        let log = self.on("POST", "se/log", &json!({"type": "browser"}));
        let lines = log.as_array().unwrap().iter();
        lines.filter(|line| line["level"] == "SEVERE").map(|line| line["message"].to_string()).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() && !std::thread::panicking() {
            self.call("DELETE", &format!("/session/{}", self.session), &Value::Null);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

fn from_base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for byte in text.bytes().filter(|byte| *byte != b'=') {
        let digit = DIGITS.iter().position(|digit| *digit == byte).expect("chromedriver writes base64");
        held = (held << 6) | digit as u32;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    bytes
}
