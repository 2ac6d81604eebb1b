//! The library's own `Analyzer::push` on frames from a file, for `benches/python/push.py`: `push FILE WIDTH HEIGHT CHANNELS FPS` prints
//! seconds a call as JSON; `push --make FILE WIDTH HEIGHT CHANNELS FPS COUNT` writes frames of the synthetic face.
//!
//! Frames lie one after the other as bytes, 1 (gray) or 3 (RGB) a pixel. The analysis is what `onset.Analyzer()` makes: landmarks
//! on the same thread.

use std::{env, fs};

use onset::analysis::{AnalysisOptions, ProfileChoice};
use onset::capture::{Captured, SessionClock, Source, SyntheticParams, SyntheticSource};
use onset::pipeline::Analyzer;
use onset::types::{Frame, PixelFormat, Timestamp};

fn main() {
    let args: Vec<String> = env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["--make", file, width, height, channels, fps, count] => {
            make(
                file,
                number(width),
                number(height),
                format(channels),
                f64::from(number(fps)),
                number(count),
            );
        }
        [file, width, height, channels, fps] => {
            push(file, number(width), number(height), format(channels), f64::from(number(fps)));
        }
        // `cargo bench` without arguments runs every bench.
        _ => println!("push: see benches/python/push.py"),
    }
}

fn number(text: &str) -> u32 {
    text.parse().unwrap_or_else(|_| panic!("{text} is not a number"))
}

fn format(channels: &str) -> PixelFormat {
    if channels == "3" { PixelFormat::Rgb8 } else { PixelFormat::Gray8 }
}

fn make(file: &str, width: u32, height: u32, format: PixelFormat, fps: f64, count: u32) {
    let params = SyntheticParams { width, height, fps, format, ..SyntheticParams::default() };
    let mut source = SyntheticSource::new(params).unwrap();
    let (mut frame, mut bytes) = (Frame::default(), Vec::new());
    for _ in 0..count {
        assert_eq!(source.next(&mut frame).unwrap(), Captured::Frame);
        bytes.extend_from_slice(&frame.data);
    }
    fs::write(file, bytes).unwrap();
}

fn push(file: &str, width: u32, height: u32, format: PixelFormat, fps: f64) {
    let bytes = fs::read(file).unwrap();
    let size = width as usize * height as usize * if format == PixelFormat::Rgb8 { 3 } else { 1 };
    let frames: Vec<Frame> = bytes
        .chunks_exact(size)
        .enumerate()
        .map(|(index, data)| {
            let at = Timestamp::from_secs_f64(index as f64 / fps);
            Frame {
                seq: index as u64,
                captured_at: at,
                arrived_at: at,
                width,
                height,
                format,
                data: data.to_vec(),
            }
        })
        .collect();
    let in_force = ProfileChoice::default().load().unwrap();
    let mut analyzer = Analyzer::new(AnalysisOptions::default().params(&in_force)).unwrap();
    let clock = SessionClock::start();
    let mut seconds = Vec::new();
    let mut events = 0;
    for frame in &frames {
        let started = clock.now();
        let observation = analyzer.push(frame).unwrap();
        seconds.push(clock.now().seconds_since(started));
        events += observation.map_or(0, |observation| observation.events.len());
    }
    println!("{}", serde_json::json!({ "seconds": seconds, "events": events }));
}
