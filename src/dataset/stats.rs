//! What a dataset holds: counts, durations, and what is missing.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::folder::{DatasetFolder, WhyLeftOut};
use super::manifest::{Role, Sample};

/// What stands where a value is not known.
pub const NOT_KNOWN: &str = "(not known)";

/// Counts by a value.
pub type Counts = BTreeMap<String, usize>;

/// Figures of a dataset.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DatasetStats {
    /// Samples.
    pub samples: usize,
    /// Sessions.
    pub sessions: usize,
    /// Participants.
    pub participants: usize,
    /// Samples by label, over both kinds.
    pub by_label: Counts,
    /// By stimulus.
    pub by_stimulus: Counts,
    /// By kind.
    pub by_kind: Counts,
    /// By gender.
    pub by_gender: Counts,
    /// By who gave the label.
    pub by_label_source: Counts,
    /// By role.
    pub by_role: Counts,
    /// By participant, then by label.
    pub by_participant: BTreeMap<String, Counts>,
    /// Seconds of steps, by target.
    pub step_seconds: BTreeMap<String, f64>,
    /// Events of which there are samples, by kind.
    pub events: BTreeMap<String, EventFigures>,
    /// What is missing.
    pub missing: Missing,
}

/// How long events of a kind last.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct EventFigures {
    /// How many.
    pub count: usize,
    /// Of these, how many have no offset, so that their duration is not known.
    pub without_offset: usize,
    /// Median duration from onset to offset.
    pub median_ms: Option<f64>,
    /// The shortest.
    pub shortest_ms: Option<f64>,
    /// The longest.
    pub longest_ms: Option<f64>,
}

/// What a dataset lacks.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Missing {
    /// Frames that could not become samples, by reason.
    pub left_out: Counts,
    /// Samples without a label.
    pub without_label: usize,
    /// Participants whose gender is not known.
    pub participants_without_gender: Vec<String>,
    /// Sessions that gave no sample.
    pub sessions_without_samples: Vec<String>,
    /// Sessions whose clips have no motion traces.
    pub sessions_without_traces: Vec<String>,
    /// Sessions that `dataset.toml` and the manifest do not agree on: adding them broke off.
    pub incomplete_sessions: Vec<String>,
    /// Targets of steps of which there is no sample.
    pub targets_without_samples: Vec<String>,
    /// Participants of whom there is no sample of a label that others have.
    pub labels_without_samples: BTreeMap<String, Vec<String>>,
    /// Files that the manifest names and that are not there.
    pub files: Vec<String>,
}

fn counts<'a>(samples: &'a [Sample], value: impl Fn(&'a Sample) -> &'a str) -> Counts {
    let mut counts = Counts::new();
    for sample in samples {
        *counts.entry(known(value(sample)).to_owned()).or_default() += 1;
    }
    counts
}

fn known(value: &str) -> &str {
    if value.is_empty() { NOT_KNOWN } else { value }
}

/// Counts everything. Looks whether the files are there, and does not open them.
pub fn stats_of(folder: &DatasetFolder) -> DatasetStats {
    let samples = &folder.samples;
    let mut by_participant: BTreeMap<String, Counts> = BTreeMap::new();
    for entry in &folder.description.sessions {
        by_participant.entry(entry.participant.clone()).or_default();
    }
    for sample in samples {
        let counts = by_participant.entry(sample.participant.clone()).or_default();
        *counts.entry(known(&sample.label).to_owned()).or_default() += 1;
    }
    let mut step_seconds: BTreeMap<String, f64> = BTreeMap::new();
    for step in folder.description.sessions.iter().flat_map(|entry| &entry.steps) {
        *step_seconds.entry(step.target.clone()).or_default() += (step.end_s - step.start_s).max(0.0);
    }
    // Sums of times that were given in microseconds.
    step_seconds.values_mut().for_each(|seconds| *seconds = (*seconds * 1e6).round() / 1e6);
    DatasetStats {
        samples: samples.len(),
        sessions: folder.description.sessions.len(),
        participants: by_participant.len(),
        by_label: counts(samples, |sample| &sample.label),
        by_stimulus: counts(samples, |sample| &sample.stimulus),
        by_kind: counts(samples, |sample| sample.kind.name()),
        by_gender: counts(samples, |sample| &sample.gender),
        by_label_source: counts(samples, |sample| sample.label_source.name()),
        by_role: counts(samples, |sample| sample.role.name()),
        missing: missing(folder, &by_participant, &step_seconds),
        by_participant,
        step_seconds,
        events: events(samples),
    }
}

fn events(samples: &[Sample]) -> BTreeMap<String, EventFigures> {
    let mut durations: BTreeMap<&str, BTreeMap<&str, Option<f64>>> = BTreeMap::new();
    for sample in samples.iter().filter(|sample| !sample.event.is_empty() && sample.role != Role::Interval) {
        let duration_ms = match (sample.onset_s, sample.offset_s) {
            (Some(onset_s), Some(offset_s)) => Some(((offset_s - onset_s) * 1e6).round() / 1e3),
            _ => None,
        };
        durations.entry(sample.kind.name()).or_default().insert(&sample.event, duration_ms);
    }
    let figures = |events: BTreeMap<&str, Option<f64>>| {
        let mut known: Vec<f64> = events.values().copied().flatten().collect();
        known.sort_by(f64::total_cmp);
        let (low, high) = (known.len().saturating_sub(1) / 2, known.len() / 2);
        let median = known.get(low).zip(known.get(high)).map(|(low, high)| (low + high) / 2.0);
        EventFigures {
            count: events.len(),
            without_offset: events.len() - known.len(),
            median_ms: median,
            shortest_ms: known.first().copied(),
            longest_ms: known.last().copied(),
        }
    };
    durations.into_iter().map(|(kind, events)| (kind.to_owned(), figures(events))).collect()
}

fn missing(
    folder: &DatasetFolder,
    by_participant: &BTreeMap<String, Counts>,
    step_seconds: &BTreeMap<String, f64>,
) -> Missing {
    let samples = &folder.samples;
    let sessions = &folder.description.sessions;
    let mut left_out = Counts::new();
    for why in WhyLeftOut::ALL {
        let count = folder.left_out.iter().filter(|left| left.why == why).count();
        if count > 0 {
            left_out.insert(why.name().to_owned(), count);
        }
    }
    let labels: BTreeSet<&str> =
        samples.iter().map(|sample| sample.label.as_str()).filter(|label| !label.is_empty()).collect();
    let without = |has: &Counts| -> Vec<String> {
        labels.iter().filter(|label| !has.contains_key(**label)).map(|label| (*label).to_owned()).collect()
    };
    let with_gender: BTreeSet<&str> = samples
        .iter()
        .filter(|sample| !sample.gender.is_empty())
        .map(|sample| sample.participant.as_str())
        .collect();
    let is_missing = |path: &&String| !folder.dir.join(path).is_file();
    let named = |is_meant: fn(&super::SessionEntry) -> bool| -> Vec<String> {
        sessions.iter().filter(|entry| is_meant(entry)).map(|entry| entry.id.clone()).collect()
    };
    Missing {
        left_out,
        without_label: samples.iter().filter(|sample| sample.label.is_empty()).count(),
        participants_without_gender: by_participant
            .keys()
            .filter(|participant| !with_gender.contains(participant.as_str()))
            .cloned()
            .collect(),
        sessions_without_samples: named(|entry| entry.samples == 0),
        sessions_without_traces: named(|entry| entry.candidates > 0 && !entry.has_traces),
        incomplete_sessions: folder.incomplete_sessions(),
        targets_without_samples: step_seconds
            .keys()
            .filter(|target| !labels.contains(target.as_str()))
            .cloned()
            .collect(),
        labels_without_samples: by_participant
            .iter()
            .map(|(participant, has)| (participant.clone(), without(has)))
            .filter(|(_, labels)| !labels.is_empty())
            .collect(),
        files: samples
            .iter()
            .flat_map(|sample| [&sample.path, &sample.path_colour])
            .filter(is_missing)
            .cloned()
            .collect(),
    }
}
