//! What a video file says about itself.

use std::path::Path;

use serde::Deserialize;

use super::ffmpeg::{self, FfmpegPrograms};
use crate::capture::source::CaptureError;

/// The first video stream, as the container announces it. Estimates: only decoding tells the truth.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Announced {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) fps: Option<f64>,
    /// Exact where the container has an index (mp4, mov, avi).
    pub(super) indexed_frames: Option<u64>,
    pub(super) duration_s: Option<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Report {
    streams: Vec<Stream>,
    format: Format,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Stream {
    width: Option<u32>,
    height: Option<u32>,
    avg_frame_rate: Option<String>,
    nb_frames: Option<String>,
    duration: Option<String>,
    side_data_list: Vec<SideData>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SideData {
    rotation: Option<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Format {
    format_name: Option<String>,
    duration: Option<String>,
}

/// Asks ffprobe about `path`.
///
/// # Errors
/// [`CaptureError::NotAVideo`] with what is wrong and what to do; [`CaptureError::MissingProgram`].
pub(super) fn probe(programs: &FfmpegPrograms, path: &Path) -> Result<Announced, CaptureError> {
    let not_a_video = |why: String| CaptureError::NotAVideo { path: path.to_owned(), why };
    let output = ffmpeg::probe(programs, path)?;
    if !output.status.success() {
        return Err(not_a_video(reason(&String::from_utf8_lossy(&output.stderr))));
    }
    let report: Report = serde_json::from_slice(&output.stdout)
        .map_err(|e| not_a_video(format!("ffprobe's answer cannot be read ({e}); update ffmpeg")))?;
    // ffmpeg takes any text file for a film of coloured characters.
    if report.format.format_name.as_deref() == Some("tty") {
        return Err(not_a_video(
            "it is a text file; give a video, a picture or a folder of pictures".to_owned(),
        ));
    }
    announced(&report).ok_or_else(|| {
        not_a_video("it has no video track (sound only?); give a file with a video track".to_owned())
    })
}

fn announced(report: &Report) -> Option<Announced> {
    let stream = report.streams.first()?;
    let seconds = |text: &Option<String>| text.as_deref()?.parse::<f64>().ok().filter(|s| *s > 0.0);
    let (mut width, mut height) = (stream.width.unwrap_or(0), stream.height.unwrap_or(0));
    let rotation = stream.side_data_list.iter().find_map(|s| s.rotation).unwrap_or(0.0);
    if (rotation / 90.0).round() as i64 % 2 != 0 {
        (width, height) = (height, width);
    }
    Some(Announced {
        width,
        height,
        fps: stream.avg_frame_rate.as_deref().and_then(rate),
        indexed_frames: stream.nb_frames.as_deref().and_then(|n| n.parse().ok()).filter(|n| *n > 0),
        duration_s: seconds(&stream.duration).or_else(|| seconds(&report.format.duration)),
    })
}

/// `30000/1001` as a number; `None` for `0/0`.
fn rate(text: &str) -> Option<f64> {
    let (numerator, denominator) = text.split_once('/')?;
    let rate = numerator.parse::<f64>().ok()? / denominator.parse::<f64>().ok()?;
    (rate.is_finite() && rate > 0.0).then_some(rate)
}

/// ffprobe's complaint in a form that tells what to do.
fn reason(stderr: &str) -> String {
    if stderr.contains("moov atom not found") {
        return "the file is cut off before its index (moov atom), so nothing in it can be found; copy or export it \
                again, or try to repair it with `untrunc`"
            .to_owned();
    }
    if stderr.contains("End of file") {
        return "it has no frames; record or export it again".to_owned();
    }
    let last = stderr.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("no reason given");
    let last = last.rsplit_once(": ").map_or(last, |(_, message)| message);
    format!("ffprobe says \"{}\"; check that it plays in a video player", last.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frame_rates_are_fractions() {
        assert_eq!(rate("30/1"), Some(30.0));
        assert!((rate("30000/1001").unwrap() - 29.97).abs() < 0.001);
        for bad in ["0/0", "30", "", "a/b", "1/0", "-1/1"] {
            assert_eq!(rate(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_turned_stream_swaps_width_and_height() {
        let json = r#"{"streams": [{"width": 640, "height": 480, "avg_frame_rate": "25/1", "nb_frames": "50",
            "side_data_list": [{"rotation": -90}]}], "format": {"duration": "2.0"}}"#;
        let announced = announced(&serde_json::from_str(json).unwrap()).unwrap();
        assert_eq!((announced.width, announced.height), (480, 640));
        assert_eq!(
            (announced.fps, announced.indexed_frames, announced.duration_s),
            (Some(25.0), Some(50), Some(2.0))
        );
    }

    #[test]
    fn no_video_track_is_none() {
        assert_eq!(announced(&serde_json::from_str(r#"{"streams": [], "format": {}}"#).unwrap()), None);
    }

    #[test]
    fn complaints_name_a_next_step() {
        assert!(
            reason("[mov @ 0x1] moov atom not found\nfile:x.mp4: Invalid data").contains("copy or export")
        );
        assert!(
            reason("file:a:b.mp4: Invalid data found when processing input\n")
                .contains("\"Invalid data found")
        );
        assert!(reason("").contains("no reason given"));
    }
}
