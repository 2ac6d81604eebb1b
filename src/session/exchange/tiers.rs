//! Tracks as tiers of annotations in whole milliseconds, none of which overlap within a tier: what ELAN holds.

use std::collections::BTreeMap;

use super::Tracks;
use super::value::coding_value;
use crate::session::{Coding, EventRecord, StepSpan};

/// A moment is shown as long as this, or until the next on its tier: an annotation needs a length.
const MOMENT_MS: u64 = 100;
/// The tier of the steps.
pub(super) const STEPS: &str = "Steps";
/// The tier of the markers.
pub(super) const MARKERS: &str = "Markers";
/// Begins the name of each tier of events: `Events micro`.
pub(super) const EVENTS: &str = "Events ";
/// Begins the name of each tier of codings: `Coding anna`.
pub(super) const CODING: &str = "Coding ";
/// Ends the name of the tier of apexes.
pub(super) const APEX: &str = " apex";
/// Value of an apex at the begin of its annotation.
pub(super) const APEX_AT_BEGIN: &str = "apex";
/// Value of an apex at the end of its annotation: of an event whose apex is its offset.
pub(super) const APEX_AT_END: &str = "apex at end";

/// One annotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Annotation {
    pub begin_ms: u64,
    /// After `begin_ms`.
    pub end_ms: u64,
    pub value: String,
}

/// Annotations in order, none of which overlap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tier {
    pub name: String,
    /// Whose codings these are; empty for the program's.
    pub annotator: String,
    /// The tier within whose annotations these lie.
    pub parent: Option<String>,
    pub annotations: Vec<Annotation>,
}

/// The nearest millisecond; 0 for times before the start.
pub(super) fn ms_from_s(seconds: f64) -> u64 {
    // `as` saturates, and makes NaN zero.
    (seconds * 1000.0).round() as u64
}

/// All tiers that have annotations: steps, events by kind, markers, then each coder, apexes under their events.
pub(super) fn tiers_from_tracks(tracks: &Tracks<'_>) -> Vec<Tier> {
    let mut tiers = Vec::new();
    let steps = tracks.steps.iter().map(|step| {
        let end_s = step.end_s.unwrap_or(tracks.duration_s);
        (interval(step.start_s, end_s, step_value(step)), None)
    });
    tiers.extend(lanes(STEPS, "", steps.collect()));
    let mut by_kind: BTreeMap<&str, Vec<Spanned>> = BTreeMap::new();
    for event in tracks.events.iter().filter(|event| event.veto.is_empty()) {
        let end_s = event.offset_s.unwrap_or(tracks.duration_s);
        let spanned = with_apex(event.onset_s, Some(event.apex_s), end_s, event_value(event));
        by_kind.entry(&event.kind).or_default().push(spanned);
    }
    for (kind, events) in by_kind {
        tiers.extend(lanes(&format!("{EVENTS}{kind}"), "", events));
    }
    tiers.extend(moments(MARKERS, tracks));
    let mut by_coder: BTreeMap<&str, Vec<Spanned>> = BTreeMap::new();
    for coding in tracks.codings {
        let Coding { onset_s, apex_s, offset_s, .. } = *coding;
        let spanned = with_apex(onset_s, apex_s, offset_s, coding_value(coding));
        by_coder.entry(&coding.coder).or_default().push(spanned);
    }
    for (coder, codings) in by_coder {
        tiers.extend(lanes(&format!("{CODING}{coder}"), coder, codings));
    }
    tiers
}

/// An annotation with the one that shows its apex.
type Spanned = (Annotation, Option<Annotation>);

fn interval(begin_s: f64, end_s: f64, value: String) -> Annotation {
    let begin_ms = ms_from_s(begin_s);
    Annotation { begin_ms, end_ms: ms_from_s(end_s).max(begin_ms.saturating_add(1)), value }
}

fn with_apex(onset_s: f64, apex_s: Option<f64>, offset_s: f64, value: String) -> Spanned {
    let whole = interval(onset_s, offset_s, value);
    let apex = apex_s.map(|apex_s| {
        let apex_ms = ms_from_s(apex_s).clamp(whole.begin_ms, whole.end_ms);
        if apex_ms < whole.end_ms {
            let end_ms = apex_ms + 1;
            Annotation { begin_ms: apex_ms, end_ms, value: APEX_AT_BEGIN.to_owned() }
        } else {
            Annotation { begin_ms: apex_ms - 1, end_ms: apex_ms, value: APEX_AT_END.to_owned() }
        }
    });
    (whole, apex)
}

/// Annotations onto as few tiers as they need so that none overlap: `NAME`, `NAME 2`, ... with their apexes below.
fn lanes(name: &str, annotator: &str, mut spanned: Vec<Spanned>) -> Vec<Tier> {
    spanned.sort_by_key(|(whole, _)| (whole.begin_ms, whole.end_ms));
    let mut lanes: Vec<Vec<Spanned>> = Vec::new();
    for item in spanned {
        let begin_ms = item.0.begin_ms;
        let is_free = |lane: &&mut Vec<Spanned>| lane.last().is_none_or(|(last, _)| last.end_ms <= begin_ms);
        match lanes.iter_mut().find(is_free) {
            Some(lane) => lane.push(item),
            None => lanes.push(vec![item]),
        }
    }
    let mut tiers = Vec::new();
    for (index, lane) in lanes.into_iter().enumerate() {
        let name = lane_name(name, index);
        let (annotations, apexes): (Vec<_>, Vec<_>) = lane.into_iter().unzip();
        let apexes: Vec<Annotation> = apexes.into_iter().flatten().collect();
        let annotator = annotator.to_owned();
        let parent = Some(name.clone());
        tiers.push(Tier { name: name.clone(), annotator: annotator.clone(), parent: None, annotations });
        if !apexes.is_empty() {
            tiers.push(Tier { name: name + APEX, annotator, parent, annotations: apexes });
        }
    }
    tiers
}

/// The name of the tier that takes what overlaps on the one before.
pub(super) fn lane_name(name: &str, index: usize) -> String {
    if index == 0 { name.to_owned() } else { format!("{name} {}", index + 1) }
}

/// Markers: each until the next, and no longer than [`MOMENT_MS`]. Those within one millisecond share an annotation.
fn moments(name: &str, tracks: &Tracks<'_>) -> Option<Tier> {
    let mut at: Vec<(u64, String)> =
        tracks.markers.iter().map(|marker| (ms_from_s(marker.t_s), marker.name.clone())).collect();
    at.sort_by_key(|(at_ms, _)| *at_ms);
    let mut annotations: Vec<Annotation> = Vec::new();
    for (begin_ms, value) in at {
        match annotations.last_mut() {
            Some(last) if last.begin_ms == begin_ms => {
                last.value += &format!("; {value}");
                continue;
            }
            Some(last) => last.end_ms = last.end_ms.min(begin_ms),
            None => {}
        }
        annotations.push(Annotation { begin_ms, end_ms: begin_ms.saturating_add(MOMENT_MS), value });
    }
    let annotator = String::new();
    (!annotations.is_empty()).then(|| Tier { name: name.to_owned(), annotator, parent: None, annotations })
}

/// `anger-03 question anger`.
pub(super) fn step_value(step: &StepSpan) -> String {
    [&step.id, &step.kind, &step.target]
        .into_iter()
        .filter(|part| !part.is_empty())
        .cloned()
        .collect::<Vec<_>>()
        .join(" ")
}

/// `anger AU4+7 0.83`; the kind where there is no label.
pub(super) fn event_value(event: &EventRecord) -> String {
    let label = if event.label.is_empty() { &event.kind } else { &event.label };
    let units =
        if event.action_units.is_empty() { String::new() } else { format!(" AU{}", event.action_units) };
    format!("{label}{units} {:.2}", event.score)
}
