//! A small dataset of candidates, the real label server on it, and a client that sends it bytes.
#![allow(dead_code)] // Each test binary uses a part.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use onset::capture::{SyntheticParams, SyntheticSource};
use onset::types::Frame;
use serde_json::{Value, json};

/// Frames of each candidate.
pub const FRAMES: u64 = 36;
/// First time of every clip, in seconds.
pub const START_S: f64 = 12.0;

/// Capture time of a frame: 30 fps, and two frames missing after the 20th.
pub fn time_s(index: u64) -> f64 {
    let lost = if index >= 20 { 2 } else { 0 };
    ((START_S + (index + lost) as f64 / 30.0) * 1e6).round() / 1e6
}

/// A dataset folder with `count` candidates, `c01` and so on, of the synthetic face.
pub fn dataset(count: usize, width: u32, height: u32) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let params = SyntheticParams { width, height, ..SyntheticParams::default() };
    let mut source = SyntheticSource::new(params).unwrap();
    let mut frame = Frame::default();
    let pictures: Vec<Vec<u8>> = (0..FRAMES)
        .map(|index| {
            source.render_into(40 + index, &mut frame);
            let mut jpeg = Vec::new();
            image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 85)
                .encode(&frame.data, width, height, image::ExtendedColorType::Rgb8)
                .unwrap();
            jpeg
        })
        .collect();
    for number in 1..=count {
        let id = format!("c{number:02}");
        let folder = dir.path().join("candidates").join(&id);
        fs::create_dir_all(&folder).unwrap();
        for (index, picture) in pictures.iter().enumerate() {
            fs::write(folder.join(format!("{index:04}.jpg")), picture).unwrap();
        }
        fs::write(folder.join("clip.json"), clip_json(&id, number).to_string()).unwrap();
    }
    dir
}

/// As `onset dataset build` writes it, with a bump around frame 14.
fn clip_json(id: &str, number: usize) -> Value {
    let times: Vec<f64> = (0..FRAMES).map(time_s).collect();
    let names = [
        "brow_left",
        "brow_right",
        "inner_brow_left",
        "lid_left",
        "mouth_corner_left",
        "mouth_corner_right",
        "cheek_left",
        "chin_left",
    ];
    let traces: BTreeMap<&str, Vec<Value>> = names
        .iter()
        .enumerate()
        .map(|(place, name)| {
            let strength = 0.03 / (1.0 + ((place + number) % names.len()) as f64);
            let value = |index: u64| {
                let from_apex = index as f64 - 14.0 - place as f64 * 0.2;
                let noise = ((index * 7 + place as u64 * 13 + number as u64) % 5) as f64 * 4e-4;
                strength * (-from_apex * from_apex / 12.0).exp() + noise
            };
            (
                *name,
                (0..FRAMES)
                    .map(|index| if index == 20 { Value::Null } else { json!(value(index)) })
                    .collect(),
            )
        })
        .collect();
    json!({
        "id": id, "session": "P07-20261126T111500Z", "participant": "P07", "stimulus": "questionnaire", "step": "anger-03",
        "frames": times.iter().enumerate().map(|(i, t_s)| json!({"t_s": t_s, "file": format!("{i:04}.jpg")})).collect::<Vec<_>>(),
        "traces": traces, "trace_t_s": times,
        "proposal": {"kind": "micro", "label": "surprise", "onset_s": time_s(10), "apex_s": time_s(14), "offset_s": time_s(19),
            "action_units": "1+2", "score": 0.62},
    })
}

/// `onset dataset label`, running.
pub struct LabelServer {
    child: Child,
    /// As it printed it.
    pub url: String,
    /// Of 127.0.0.1.
    pub port: u16,
    /// In the address.
    pub token: String,
}

impl LabelServer {
    /// Starts it and waits for its line.
    pub fn start(dataset: &Path, coder: &str, options: &[&str]) -> Self {
        let mut child = command(dataset, coder, options).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        if line.is_empty() {
            let mut why = String::new();
            child.stderr.take().unwrap().read_to_string(&mut why).unwrap();
            panic!("the server did not start: {why}");
        }
        let url = line.trim().to_owned();
        let rest = url.strip_prefix("http://127.0.0.1:").unwrap_or_else(|| panic!("{line:?}"));
        let mut parts = rest.split('/');
        let port = parts.next().unwrap().parse().unwrap();
        let token = parts.next().unwrap().to_owned();
        Self { child, url, port, token }
    }

    /// An ordinary request of the page: the path below the token.
    pub fn get(&self, path: &str) -> Reply {
        self.send("GET", &format!("/{}/{path}", self.token), &[], b"")
    }

    /// A change, as the page sends it.
    pub fn edit(&self, body: &Value) -> Reply {
        let headers = [("Content-Type", "application/json")];
        self.send("POST", &format!("/{}/edit", self.token), &headers, body.to_string().as_bytes())
    }

    /// Any request, with our `Host` unless `headers` have one.
    pub fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        request(self.port, method, target, headers, body)
    }

    /// SIGINT, as Ctrl-C sends it; how it ended and what it said.
    #[cfg(unix)]
    pub fn interrupt(mut self) -> (ExitStatus, String) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        let status = self.child.wait().unwrap();
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (status, said)
    }

    /// As a power cut ends it.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for LabelServer {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program, to be spawned.
pub fn command(dataset: &Path, coder: &str, options: &[&str]) -> Command {
    let mut command = Command::new(PathBuf::from(env!("CARGO_BIN_EXE_onset")));
    command.args(["dataset", "label"]).arg(dataset).args(["--coder", coder, "--no-open"]).args(options);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// An answer.
pub struct Reply {
    pub status: u16,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}

/// One request over a connection of its own.
pub fn request(port: u16, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
    let mut head =
        format!("{method} {target} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        head += &format!("Host: 127.0.0.1:{port}\r\n");
    }
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
    // A server that refuses a long body may close before it has read it.
    let _ = stream.write_all(body);
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let status =
        line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("{line:?}"));
    let mut headers = BTreeMap::new();
    loop {
        line.clear();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let mut body = Vec::new();
    match headers.get("content-length").and_then(|length| length.parse::<u64>().ok()) {
        Some(length) => {
            reader.take(length).read_to_end(&mut body).unwrap();
        }
        None => {
            let _ = reader.read_to_end(&mut body);
        }
    }
    Reply { status, headers, body }
}
