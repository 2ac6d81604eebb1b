//! `clip.json`, checked: names of pictures that stay in their folder, times that rise, traces of one length.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::candidate::{ClipFrame, Proposal};

/// Times beyond this many seconds (30 years) are mistakes.
const MAX_TIME_S: f64 = 1e9;
/// More pictures than a coder can look through: a broken file.
const MAX_FRAMES: usize = 20_000;

/// What is used of the file; its other fields are for other readers.
#[derive(Debug)]
pub(super) struct ClipFile {
    pub(super) session: String,
    pub(super) frames: Vec<ClipFrame>,
    pub(super) traces: BTreeMap<String, Vec<Option<f64>>>,
    pub(super) trace_t_s: Vec<f64>,
    pub(super) proposal: Option<Proposal>,
}

#[derive(Deserialize)]
struct Raw {
    id: String,
    #[serde(default)]
    session: String,
    frames: Vec<ClipFrame>,
    #[serde(default)]
    traces: BTreeMap<String, Vec<Option<f64>>>,
    #[serde(default)]
    trace_t_s: Vec<f64>,
    #[serde(default)]
    proposal: Option<Proposal>,
}

/// Reads the text of the `clip.json` in the folder `folder`.
///
/// # Errors
/// What is wrong, and what would be right.
pub(super) fn parse(text: &str, folder: &str) -> Result<ClipFile, String> {
    let raw: Raw = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if raw.id != folder {
        return Err(format!("id {:?} is not the name of its folder; build the candidates again", raw.id));
    }
    if raw.frames.is_empty() {
        return Err("it has no frames; build the candidates again".to_owned());
    }
    if raw.frames.len() > MAX_FRAMES {
        return Err(format!("{} frames; a candidate has at most {MAX_FRAMES}", raw.frames.len()));
    }
    for frame in &raw.frames {
        if !is_plain_picture(&frame.file) {
            return Err(format!(
                "frame {:?}: give the name of a .jpg or .png in the same folder",
                frame.file
            ));
        }
    }
    rising("frames", raw.frames.iter().map(|frame| frame.t_s))?;
    rising("trace_t_s", raw.trace_t_s.iter().copied())?;
    for (name, values) in &raw.traces {
        if values.len() != raw.trace_t_s.len() {
            return Err(format!(
                "trace {name:?} has {} values for {} times; build the candidates again",
                values.len(),
                raw.trace_t_s.len()
            ));
        }
    }
    Ok(ClipFile {
        session: raw.session,
        frames: raw.frames,
        traces: raw.traces,
        trace_t_s: raw.trace_t_s,
        proposal: raw.proposal,
    })
}

/// A file name without any way out of its folder.
fn is_plain_picture(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let lower = name.to_ascii_lowercase();
    let is_picture = [".jpg", ".jpeg", ".png"].iter().any(|ending| lower.ends_with(ending));
    is_picture && !name.starts_with('.') && !name.contains("..") && name.chars().all(is_plain)
}

fn rising(what: &str, times: impl Iterator<Item = f64>) -> Result<(), String> {
    let mut last = -MAX_TIME_S;
    for (index, t_s) in times.enumerate() {
        let is_fine = t_s > last && t_s < MAX_TIME_S;
        if !is_fine {
            return Err(format!("{what}: time {t_s} s at place {index} does not come after the one before"));
        }
        last = t_s;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str, why: &str) {
        let error = parse(text, "c1").unwrap_err();
        assert!(error.contains(why), "{error}");
    }

    #[test]
    fn a_clip_is_read_with_fields_that_are_not_ours() {
        let text = r#"{"id":"c1","session":"P07","participant":"P07","step":3,
            "frames":[{"t_s":1.0,"file":"0000.jpg"},{"t_s":1.5,"file":"0001.jpg"}],
            "traces":{"brow_left":[0.1,null]},"trace_t_s":[1.0,1.5],
            "proposal":{"kind":"micro","label":"","onset_s":1.0,"apex_s":1.2,"offset_s":null,"action_units":"4","score":0.5}}"#;
        let clip = parse(text, "c1").unwrap();
        assert_eq!(clip.frames.len(), 2);
        assert_eq!(clip.traces["brow_left"], [Some(0.1), None]);
        assert_eq!(clip.proposal.unwrap().offset_s, None);
        assert!(
            parse(r#"{"id":"c1","frames":[{"t_s":0,"file":"a.JPG"}]}"#, "c1").unwrap().proposal.is_none()
        );
    }

    #[test]
    fn what_would_mislead_is_refused() {
        refused("{", "EOF");
        refused(r#"{"id":"c2","frames":[]}"#, "name of its folder");
        refused(r#"{"id":"c1","frames":[]}"#, "no frames");
        for file in [
            "../a.jpg",
            "/etc/a.jpg",
            "a/b.jpg",
            "a\\\\b.jpg",
            "clip.json",
            ".a.jpg",
            "a..jpg",
            "",
            "a\\u0000.jpg",
        ] {
            refused(&format!(r#"{{"id":"c1","frames":[{{"t_s":0,"file":"{file}"}}]}}"#), "same folder");
        }
        let frames = r#""frames":[{"t_s":1,"file":"a.jpg"},{"t_s":1,"file":"b.jpg"}]"#;
        refused(&format!(r#"{{"id":"c1",{frames}}}"#), "does not come after");
        let one = r#""frames":[{"t_s":1,"file":"a.jpg"}]"#;
        refused(&format!(r#"{{"id":"c1",{one},"traces":{{"x":[1,2]}},"trace_t_s":[1]}}"#), "2 values for 1");
    }
}
