//! `onset devices`: the cameras of this machine and what they can do.
//!
//! Without a camera the table form says so and ends with exit code 1, for people and for scripts that test for one;
//! `--json` prints an empty list and ends with 0, as the answer was given.

use std::fmt::Write as _;

use anyhow::{Result, bail};
use serde_json::json;

use super::print::print;
use crate::capture::camera::{CameraDevice, CameraFormat, list_cameras};

/// Options of `onset devices`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print JSON for programs: an array with one object for each camera, empty without any (exit code 0 then).
    #[arg(long)]
    json: bool,
    /// List the microphones alone.
    #[cfg(feature = "audio")]
    #[arg(long)]
    microphones: bool,
}

/// Runs the subcommand.
pub(super) fn run(args: Args) -> Result<()> {
    #[cfg(feature = "audio")]
    if args.microphones {
        return super::microphones::run(args.json);
    }
    let devices = list_cameras()?;
    let text = if args.json { json_of(&devices)? } else { table_of(&devices) };
    #[cfg(feature = "audio")]
    if !args.json {
        let microphones = super::microphones::table();
        if devices.is_empty() {
            print(&microphones)?;
        } else {
            return print(&(text + &microphones));
        }
    }
    if devices.is_empty() && !args.json {
        bail!(
            "no camera found; plug one in, or play a file with `onset live --input FILE` (`onset live` without a \
             camera plays the demo)"
        );
    }
    print(&text)
}

fn json_of(devices: &[CameraDevice]) -> Result<String> {
    let list: Vec<_> = devices
        .iter()
        .map(|device| {
            let formats: Vec<_> = device
                .formats
                .iter()
                .map(|f| json!({"pixel_format": f.pixels.name(), "width": f.width, "height": f.height, "fps": f.fps}))
                .collect();
            let controls: Vec<_> = device
                .controls
                .iter()
                .map(|c| {
                    json!({"name": c.name, "value": c.value, "min": c.range.map(|r| r.0), "max": c.range.map(|r| r.1)})
                })
                .collect();
            json!({
                "index": device.index,
                "name": device.name,
                "max_fps": device.max_fps(),
                "formats": formats,
                "controls": controls,
                "problem": device.fault.as_ref().map(ToString::to_string),
            })
        })
        .collect();
    Ok(serde_json::to_string_pretty(&list)? + "\n")
}

/// One block a camera: layouts with their sizes, each with its highest rate; then the controls.
fn table_of(devices: &[CameraDevice]) -> String {
    let mut text = String::new();
    for device in devices {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{:>3}  {}", device.index, device.name);
        if let Some(fault) = &device.fault {
            let _ = writeln!(text, "     cannot be asked: {fault}");
        }
        for (layout, sizes) in by_layout(&device.formats) {
            let _ = writeln!(text, "     {layout:<6} {}", sizes.join("  "));
        }
        if let Some(fps) = device.max_fps() {
            let _ = writeln!(text, "     highest frame rate: {} fps", short(fps));
        }
        for control in &device.controls {
            let range = control.range.map_or_else(String::new, |(min, max)| format!(" ({min} to {max})"));
            let _ = writeln!(text, "     {} = {}{range}", control.name, control.value);
        }
    }
    text
}

/// Sizes of each layout as `640x480@30`, each once with its highest rate, in the order of `formats`.
fn by_layout(formats: &[CameraFormat]) -> Vec<(&'static str, Vec<String>)> {
    let mut layouts: Vec<(&'static str, Vec<CameraFormat>)> = Vec::new();
    for format in formats {
        let name = format.pixels.name();
        if layouts.last().is_none_or(|(last, _)| *last != name) {
            layouts.push((name, Vec::new()));
        }
        if let Some((_, sizes)) = layouts.last_mut() {
            match sizes.iter_mut().find(|s| (s.width, s.height) == (format.width, format.height)) {
                Some(known) => known.fps = known.fps.max(format.fps),
                None => sizes.push(*format),
            }
        }
    }
    let shown = |f: &CameraFormat| format!("{}x{}@{}", f.width, f.height, short(f.fps));
    layouts.into_iter().map(|(name, sizes)| (name, sizes.iter().map(shown).collect())).collect()
}

/// At most two decimals: 30, 29.97.
fn short(fps: f64) -> f64 {
    (fps * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::camera::{CameraControl, CameraFault, CameraPixels};

    fn devices() -> Vec<CameraDevice> {
        let format = |pixels, width, height, fps| CameraFormat { width, height, fps, pixels };
        vec![
            CameraDevice {
                index: 0,
                name: "Integrated Camera".to_owned(),
                formats: vec![
                    format(CameraPixels::Mjpeg, 1280, 720, 30.0),
                    format(CameraPixels::Mjpeg, 1280, 720, 60_000.0 / 1001.0),
                    format(CameraPixels::Yuyv, 640, 480, 15.0),
                    format(CameraPixels::Yuyv, 640, 480, 30.0),
                ],
                controls: vec![CameraControl {
                    name: "Gain".to_owned(),
                    value: "3".to_owned(),
                    range: Some((0, 255)),
                }],
                fault: None,
            },
            CameraDevice {
                index: 2,
                name: "Other".to_owned(),
                formats: vec![],
                controls: vec![],
                fault: Some(CameraFault::Busy),
            },
        ]
    }

    #[test]
    fn the_table_shows_each_size_once_with_its_highest_rate() {
        let table = table_of(&devices());
        let expected = "  0  Integrated Camera\n     mjpeg  1280x720@59.94\n     yuyv   640x480@30\n     \
                        highest frame rate: 59.94 fps\n     Gain = 3 (0 to 255)\n  2  Other\n     \
                        cannot be asked: used by another program\n";
        assert_eq!(table, expected);
    }

    #[test]
    fn the_json_has_every_mode_and_nulls_for_what_is_unknown() {
        let json: serde_json::Value = serde_json::from_str(&json_of(&devices()).unwrap()).unwrap();
        assert_eq!(json[0]["formats"].as_array().unwrap().len(), 4);
        assert_eq!(json[0]["formats"][2]["pixel_format"], "yuyv");
        assert_eq!(json[0]["controls"][0]["max"], 255);
        assert_eq!(json[1]["problem"], "used by another program");
        assert!(json[1]["max_fps"].is_null() && json[0]["problem"].is_null());
        assert_eq!(json_of(&[]).unwrap(), "[]\n");
    }
}
