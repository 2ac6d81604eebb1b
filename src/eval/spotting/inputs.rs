//! Which files an evaluation reads: finds the tables of each clip of the truth, and loads them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::action_units::places;
use super::data::{Clip, TruthEvent};
use super::read_events::read_events;
use super::read_frames::{Traces, read_frames};
use super::read_truth::read_truth;
use crate::eval::EvalError;
use crate::eval::error::some_of;
use crate::types::{REGION_COUNT, RegionId};

/// A true event that ends this much later than its clip, in s, is a sign of the wrong clip or frame rate.
const BEYOND_END_S: f64 = 0.5;

/// What is compared.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// The table of truth.
    pub truth: PathBuf,
    /// A folder with one folder a clip, as `onset analyze` writes it; or the folder or the events table of one clip.
    pub predictions: PathBuf,
    /// Only these clips; all of them where it is empty.
    pub clips: Vec<String>,
    /// A clip without predictions counts as one in which nothing was found.
    pub missing_as_empty: bool,
}

/// A clip and where its predictions are.
#[derive(Clone, Debug)]
pub struct Found {
    /// The clip, without predictions yet.
    pub clip: Clip,
    /// Its events table; `None` where it has none and that is accepted.
    pub events: Option<PathBuf>,
}

/// What [`find`] found.
#[derive(Clone, Debug, Default)]
pub struct FoundAll {
    /// The clips of the truth, in its order.
    pub clips: Vec<Found>,
    /// What the user should know.
    pub warnings: Vec<String>,
}

/// Reads the truth and looks for the tables of each clip.
///
/// # Errors
/// A truth that cannot be used; a clip without predictions, unless they may be missing; tables in another format only.
pub fn find(inputs: &Inputs) -> Result<FoundAll, EvalError> {
    let mut clips = read_truth(&inputs.truth)?;
    let all: BTreeSet<String> = clips.iter().map(|clip| clip.name.clone()).collect();
    for wanted in &inputs.clips {
        if !all.contains(wanted) {
            return Err(EvalError::NoSuchClip {
                path: inputs.truth.clone(),
                clip: wanted.clone(),
                found: some_of(all.iter().map(String::as_str)),
            });
        }
    }
    clips.retain(|clip| inputs.clips.is_empty() || inputs.clips.contains(&clip.name));
    // The folder of one clip is as good as the table in it.
    let events = inputs.predictions.join("events.csv");
    let events = if events.is_file() { events } else { inputs.predictions.clone() };
    if events.is_dir() {
        return find_in_folder(inputs, clips, &all);
    }
    let [_] = clips.as_slice() else {
        return Err(EvalError::WhichClip {
            events,
            found: some_of(clips.iter().map(|clip| clip.name.as_str())),
        });
    };
    let clips = clips.into_iter().map(|clip| Found { clip, events: Some(events.clone()) }).collect();
    Ok(FoundAll { clips, warnings: Vec::new() })
}

fn find_in_folder(inputs: &Inputs, clips: Vec<Clip>, all: &BTreeSet<String>) -> Result<FoundAll, EvalError> {
    let dir = &inputs.predictions;
    let mut found = FoundAll::default();
    let mut missing = Vec::new();
    for clip in clips {
        let folder = dir.join(&clip.name);
        let events = folder.join("events.csv");
        if events.is_file() {
            found.clips.push(Found { clip, events: Some(events) });
            continue;
        }
        for (file, format) in [("events.parquet", "parquet"), ("events.jsonl", "jsonl")] {
            if folder.join(file).is_file() {
                return Err(EvalError::OtherFormat { dir: folder, found: file, format });
            }
        }
        missing.push(clip.name.clone());
        found.clips.push(Found { clip, events: None });
    }
    if !missing.is_empty() && !inputs.missing_as_empty {
        return Err(EvalError::NoPredictions {
            dir: dir.clone(),
            clips: some_of(missing.iter().map(String::as_str)),
        });
    }
    if !missing.is_empty() {
        let names = some_of(missing.iter().map(String::as_str));
        found.warnings.push(format!("no predictions for {names}: their events count as missed"));
    }
    let strangers: Vec<String> =
        folders_with_events(dir)?.into_iter().filter(|name| !all.contains(name)).collect();
    if !strangers.is_empty() {
        let names = some_of(strangers.iter().map(String::as_str));
        found.warnings.push(format!("{} has no truth for {names}: not counted", inputs.truth.display()));
    }
    Ok(found)
}

fn folders_with_events(dir: &Path) -> Result<Vec<String>, EvalError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).map_err(EvalError::io("read", dir))? {
        let entry = entry.map_err(EvalError::io("read", dir))?;
        if entry.path().join("events.csv").is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Reads the tables of one clip into it: events, and the frames table and the summary that lie beside them.
///
/// Gives the traces of the regions that its events name, `traced` of them at most.
///
/// # Errors
/// Names the file, and the line and column of a value that cannot be used.
pub fn load(found: Found, traced: usize, warnings: &mut Vec<String>) -> Result<(Clip, Traces), EvalError> {
    let Found { mut clip, events } = found;
    let Some(events) = events else { return Ok((clip, Traces::default())) };
    clip.predicted = read_events(&events)?;
    let beside = events.parent().unwrap_or(Path::new(""));
    let summary = read_summary(&beside.join("summary.json"))?;
    let frames = beside.join("frames.csv");
    let mut traces = Traces::default();
    if frames.is_file() {
        let read = read_frames(&frames, &regions_to_trace(&clip, traced))?;
        (clip.duration_s, clip.observed, traces) = (read.duration_s, read.observed, read.traces);
    }
    clip.duration_s = clip.duration_s.or(summary.duration_s);
    if let Some(problem) = summary.problem {
        warnings.push(format!("clip {}: {problem}", clip.name));
    }
    let last_truth_s = clip.truth.iter().map(|event| event.offset.as_secs_f64()).fold(0.0, f64::max);
    if let Some(duration_s) = clip.duration_s.filter(|duration_s| last_truth_s > duration_s + BEYOND_END_S) {
        warnings.push(format!(
            "clip {}: its truth goes on until {last_truth_s:.2} s, but its frames end after {duration_s:.2} s; is it the \
             right clip?",
            clip.name
        ));
    }
    Ok((clip, traces))
}

/// The regions that claims name, and the main ones of true events, by how often they occur.
fn regions_to_trace(clip: &Clip, most: usize) -> Vec<RegionId> {
    let mut counts = [0usize; REGION_COUNT];
    let claimed =
        clip.predicted.iter().filter(|event| event.is_claim()).flat_map(|event| event.regions.clone());
    let true_ones =
        clip.truth.iter().filter(|event| event.is_micro()).flat_map(|event: &TruthEvent| places(event));
    for id in claimed.chain(true_ones) {
        if let Some(count) = counts.get_mut(id.index()) {
            *count += 1;
        }
    }
    let mut ids: Vec<RegionId> =
        RegionId::all().filter(|id| counts.get(id.index()).is_some_and(|count| *count > 0)).collect();
    ids.sort_by_key(|id| std::cmp::Reverse(counts.get(id.index()).copied()));
    ids.truncate(most);
    ids.sort_by_key(|id| id.index());
    ids
}

#[derive(Default)]
struct SummaryFacts {
    duration_s: Option<f64>,
    problem: Option<String>,
}

fn read_summary(path: &Path) -> Result<SummaryFacts, EvalError> {
    if !path.is_file() {
        return Ok(SummaryFacts::default());
    }
    let text = fs::read(path).map_err(EvalError::io("read", path))?;
    let summary: serde_json::Value =
        serde_json::from_slice(&text).map_err(|error| EvalError::io("read", path)(error.into()))?;
    let problem = match summary.get("ended").and_then(serde_json::Value::as_str) {
        Some("interrupted") => {
            Some("its analysis was interrupted; the rest of it counts as missed".to_owned())
        }
        Some("source_failed") => {
            Some("its source failed during the analysis; the rest of it counts as missed".to_owned())
        }
        _ => None,
    };
    let duration_s = summary.pointer("/measured/duration_s").and_then(serde_json::Value::as_f64);
    Ok(SummaryFacts { duration_s: duration_s.filter(|s| *s > 0.0), problem })
}
