//! Clips of the synthetic face, and the program under test.
#![allow(dead_code)] // Each test binary uses a part.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use onset::capture::{Captured, Source, SyntheticParams, SyntheticSource};
use onset::types::Frame;

/// The program, ready for arguments.
pub fn onset() -> assert_cmd::Command {
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_onset"));
    command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    command
}

/// True where the ffmpeg program is there; else says that `test` is skipped.
pub fn has_ffmpeg(test: &str) -> bool {
    let is_there =
        Command::new("ffmpeg").arg("-version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if is_there.is_ok_and(|status| status.success()) {
        return true;
    }
    println!("SKIPPED {test}: the ffmpeg program is missing; ./check installs it");
    false
}

/// Frames of the synthetic face at 30 fps.
pub fn synthetic(seconds: f64, width: u32, height: u32) -> SyntheticSource {
    let params =
        SyntheticParams { width, height, fps: 30.0, duration_s: Some(seconds), ..SyntheticParams::default() };
    SyntheticSource::new(params).expect("the synthetic source is embedded")
}

/// Writes the synthetic face as `dir/name`, encoded by ffmpeg with these output options.
pub fn clip(dir: &Path, name: &str, seconds: f64, options: &[&str]) -> PathBuf {
    let path = dir.join(name);
    let mut ffmpeg = Command::new("ffmpeg")
        .args([
            "-y",
            "-loglevel",
            "error",
            "-f",
            "rawvideo",
            "-pix_fmt",
            "rgb24",
            "-s",
            "320x240",
            "-r",
            "30",
        ])
        .args(["-i", "-"])
        .args(options)
        .arg(&path)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = ffmpeg.stdin.take().unwrap();
    let (mut source, mut frame) = (synthetic(seconds, 320, 240), Frame::default());
    while source.next(&mut frame).unwrap() == Captured::Frame {
        pipe.write_all(&frame.data).unwrap();
    }
    drop(pipe);
    assert!(ffmpeg.wait().unwrap().success());
    path
}

/// Writes the synthetic face as PNG files.
pub fn images(dir: &Path, count: usize) {
    let (mut source, mut frame) = (synthetic(count as f64 / 30.0, 320, 240), Frame::default());
    for n in 0..count {
        assert_eq!(source.next(&mut frame).unwrap(), Captured::Frame);
        let picture = image::RgbImage::from_vec(frame.width, frame.height, frame.data.clone()).unwrap();
        picture.save(dir.join(format!("frame{n}.png"))).unwrap();
    }
}

/// A CSV file's header and rows.
pub fn csv(path: &Path) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader =
        csv::Reader::from_path(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let own = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
    let header = own(reader.headers().unwrap());
    (header, reader.records().map(|record| own(&record.unwrap())).collect())
}

/// One column of a CSV file.
pub fn column(path: &Path, name: &str) -> Vec<String> {
    let (header, rows) = csv(path);
    let index = header.iter().position(|column| column == name).unwrap_or_else(|| panic!("no column {name}"));
    rows.into_iter().map(|row| row[index].clone()).collect()
}
