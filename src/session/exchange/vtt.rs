//! Events, steps and codings as WebVTT: subtitles that any player shows over the exported video.
//!
//! Form: W3C WebVTT (Candidate Recommendation, 2019). Cues may overlap there, so there are no lanes.

use super::Tracks;
use super::tiers::{event_value, ms_from_s, step_value};
use super::tsv::on_one_line;
use super::value::coding_value;

struct Cue {
    begin_ms: u64,
    end_ms: u64,
    id: String,
    text: String,
}

/// Cues for steps, events, markers and codings, in order of time; each has an identifier that says what it is.
pub fn vtt_from_tracks(tracks: &Tracks<'_>) -> String {
    let mut cues = Vec::new();
    let mut cue = |begin_s: f64, end_s: f64, id: String, text: String| {
        let begin_ms = ms_from_s(begin_s);
        cues.push(Cue { begin_ms, end_ms: ms_from_s(end_s).max(begin_ms.saturating_add(1)), id, text });
    };
    for step in tracks.steps {
        cue(
            step.start_s,
            step.end_s.unwrap_or(tracks.duration_s),
            format!("step {}", step.step),
            step_value(step),
        );
    }
    for event in tracks.events.iter().filter(|event| event.veto.is_empty()) {
        let end_s = event.offset_s.unwrap_or(tracks.duration_s);
        let text = format!("[{}] {}", event.kind, event_value(event));
        cue(event.onset_s, end_s, format!("event {}", event.event), text);
    }
    for (index, marker) in tracks.markers.iter().enumerate() {
        cue(marker.t_s, marker.t_s + 1.0, format!("marker {index}"), format!("[marker] {}", marker.name));
    }
    for (index, coding) in tracks.codings.iter().enumerate() {
        let text = format!("[{}] {}", coding.coder, coding_value(coding));
        cue(coding.onset_s, coding.offset_s, format!("coding {index}"), text);
    }
    cues.sort_by_key(|cue| (cue.begin_ms, cue.end_ms));
    let mut text = "WEBVTT\n".to_owned();
    for cue in cues {
        let (begin, end) = (time(cue.begin_ms), time(cue.end_ms));
        text += &format!("\n{}\n{begin} --> {end}\n{}\n", cue.id, escape(&cue.text));
    }
    text
}

/// `hh:mm:ss.ttt`.
fn time(ms: u64) -> String {
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}.{:03}", ms % 1000)
}

/// A cue's text must not hold `-->`, tags or empty lines: `&`, `<` and `>` are written as references.
fn escape(text: &str) -> String {
    on_one_line(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
