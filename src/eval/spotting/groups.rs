//! The same figures for parts of the data: by amplitude, duration, emotion, frame rate and the like.

use std::collections::BTreeSet;

use serde::Serialize;

use super::figures::{Figures, Member};
use super::outcome::{ClipOutcome, TruthOutcome};
use crate::types::Label;

/// What the truth does not say.
const UNKNOWN: &str = "unknown";

/// One part of the data.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    /// What is in it: `2-3 % ICD`, `talking`, ...
    pub name: String,
    /// Its figures.
    #[serde(flatten)]
    pub figures: Figures,
}

/// All divisions of the data. A division in which the truth says nothing is empty; a group without events and clips is left
/// out.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Breakdown {
    /// By the true amplitude.
    pub amplitude: Vec<Group>,
    /// By the true length, events under 200 ms apart.
    pub duration: Vec<Group>,
    /// By frame rate, rounded to whole frames a second.
    pub fps: Vec<Group>,
    /// By what the clip shows: still, calm, talking.
    pub base_kind: Vec<Group>,
    /// By the clip's condition (gaps, low light, ...).
    pub condition: Vec<Group>,
    /// By what was put into the clip on purpose; a clip with two distractors is in both groups.
    pub distractor: Vec<Group>,
    /// By what else happens during the event (speech, blink, ...); an event with two of them is in both groups.
    pub during: Vec<Group>,
    /// By the true emotion.
    pub emotion: Vec<Group>,
}

impl Breakdown {
    /// Of all outcomes.
    pub(super) fn of(outcomes: &[ClipOutcome]) -> Self {
        Self {
            amplitude: by_bin(outcomes, &AMPLITUDE_PERCENT, |outcome, event| {
                outcome.clip.truth.get(event.truth)?.amplitude_icd.map(|icd| icd * 100.0)
            }),
            duration: by_bin(outcomes, &DURATION_MS, |outcome, event| {
                let truth = outcome.clip.truth.get(event.truth)?;
                Some(truth.offset.millis_since(truth.onset))
            }),
            fps: by_clip(outcomes, |outcome| vec![fps_name(outcome)]),
            base_kind: by_clip(outcomes, |outcome| vec![outcome.clip.base_kind.clone()]),
            condition: by_clip(outcomes, |outcome| vec![outcome.clip.condition.clone()]),
            distractor: by_clip(outcomes, |outcome| match outcome.clip.distractors.as_slice() {
                [] => vec![String::new()],
                names => names.to_vec(),
            }),
            during: by_event(outcomes, |_, event| match event.during.as_slice() {
                [] => vec!["nothing else".to_owned()],
                kinds => kinds.to_vec(),
            }),
            emotion: by_event(outcomes, |outcome, event| {
                vec![
                    outcome
                        .clip
                        .truth
                        .get(event.truth)
                        .map(|truth| truth.emotion.clone())
                        .unwrap_or_default(),
                ]
            }),
        }
    }

    /// Every division with a title, in the order in which people want them.
    pub fn all(&self) -> [(&'static str, &[Group]); 8] {
        [
            ("by amplitude", &self.amplitude),
            ("by duration", &self.duration),
            ("by frame rate", &self.fps),
            ("by base", &self.base_kind),
            ("by condition", &self.condition),
            ("by distractor", &self.distractor),
            ("by what else happens", &self.during),
            ("by emotion", &self.emotion),
        ]
    }
}

/// Bins of a number: from each edge up to, and without, the next; the last one with it.
struct Bins {
    edges: &'static [f64],
    unit: &'static str,
}

/// Amplitudes as issue 3 asks for them.
const AMPLITUDE_PERCENT: Bins = Bins { edges: &[1.5, 2.0, 3.0, 4.0, 6.0], unit: "% ICD" };
/// 200 ms: the classic definition of a micro-expression; 500 ms: the longest that counts as one.
const DURATION_MS: Bins = Bins { edges: &[0.0, 200.0, 350.0, 500.0], unit: "ms" };

impl Bins {
    /// Position of `value`: 0 below all edges, then the bins, then what is above.
    fn index(&self, value: f64) -> usize {
        let last = self.edges.len() - 1;
        // Amplitudes and times are decimal; a hair's breadth of rounding must not move them to another bin.
        let is_above = |edge: f64| value >= edge - 1e-9;
        let above = self.edges.iter().filter(|edge| is_above(**edge)).count();
        if above == self.edges.len() && value <= self.edges[last] + 1e-9 { last } else { above }
    }

    fn name(&self, index: usize) -> String {
        let (unit, last) = (self.unit, self.edges.len() - 1);
        match index {
            0 => format!("under {} {unit}", self.edges[0]),
            1 if self.edges[0] == 0.0 => format!("under {} {unit}", self.edges[1]),
            index if index <= last => format!("{}-{} {unit}", self.edges[index - 1], self.edges[index]),
            _ => format!("over {} {unit}", self.edges[last]),
        }
    }
}

fn by_bin(
    outcomes: &[ClipOutcome],
    bins: &Bins,
    value: impl Fn(&ClipOutcome, &TruthOutcome) -> Option<f64>,
) -> Vec<Group> {
    let bin =
        |outcome: &ClipOutcome, event: &TruthOutcome| value(outcome, event).map(|value| bins.index(value));
    let events =
        || outcomes.iter().flat_map(|outcome| outcome.events.iter().map(move |event| (outcome, event)));
    if events().all(|(outcome, event)| bin(outcome, event).is_none()) {
        return Vec::new();
    }
    let present: BTreeSet<Option<usize>> = events().map(|(outcome, event)| bin(outcome, event)).collect();
    // Known ones first, in order of size.
    let ordered =
        present.iter().filter(|bin| bin.is_some()).chain(present.iter().filter(|bin| bin.is_none()));
    ordered
        .map(|wanted| Group {
            name: wanted.map_or(UNKNOWN.to_owned(), |index| bins.name(index)),
            figures: Figures::of(outcomes, &Member::Events(&|outcome, event| bin(outcome, event) == *wanted)),
        })
        .collect()
}

fn by_event(
    outcomes: &[ClipOutcome],
    names: impl Fn(&ClipOutcome, &TruthOutcome) -> Vec<String>,
) -> Vec<Group> {
    let mut present = BTreeSet::new();
    for outcome in outcomes {
        outcome.events.iter().for_each(|event| present.extend(names(outcome, event)));
    }
    groups(present, |wanted| {
        let is_in =
            |outcome: &ClipOutcome, event: &TruthOutcome| names(outcome, event).iter().any(|n| n == wanted);
        Figures::of(outcomes, &Member::Events(&is_in))
    })
}

fn by_clip(outcomes: &[ClipOutcome], names: impl Fn(&ClipOutcome) -> Vec<String>) -> Vec<Group> {
    let present: BTreeSet<String> = outcomes.iter().flat_map(&names).collect();
    groups(present, |wanted| {
        Figures::of(outcomes, &Member::Clips(&|outcome| names(outcome).iter().any(|name| name == wanted)))
    })
}

/// One group a name, in a sensible order; the empty name is what the truth does not say. None where it says nothing at all.
fn groups(present: BTreeSet<String>, figures: impl Fn(&str) -> Figures) -> Vec<Group> {
    if present.iter().all(String::is_empty) {
        return Vec::new();
    }
    let mut present: Vec<String> = present.into_iter().collect();
    present.sort_by_key(|name| order(name));
    let named = |name: String| if name.is_empty() { UNKNOWN.to_owned() } else { name };
    present.into_iter().map(|name| Group { figures: figures(&name), name: named(name) }).collect()
}

/// Numbers by size, emotions and bases as the project lists them, others by name; the unknown last.
pub(super) fn order(name: &str) -> (usize, u64, String) {
    let number = name.split(' ').next().and_then(|first| first.parse::<u64>().ok());
    let known = ["nothing else", "still", "calm", "talking"].into_iter();
    let known = known.chain(Label::ALL.into_iter().map(Label::name)).position(|known| known == name);
    match (name.is_empty(), number, known) {
        (true, ..) => (3, 0, String::new()),
        (_, Some(number), _) => (0, number, name.to_owned()),
        (_, _, Some(position)) => (1, position as u64, String::new()),
        _ => (2, 0, name.to_owned()),
    }
}

fn fps_name(outcome: &ClipOutcome) -> String {
    let fps = outcome.clip.fps;
    if fps > 0.0 { format!("{fps:.0} fps") } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_hold_their_lower_edge_and_the_last_one_its_upper() {
        let name = |percent: f64| AMPLITUDE_PERCENT.name(AMPLITUDE_PERCENT.index(percent));
        assert_eq!(name(1.4), "under 1.5 % ICD");
        assert_eq!(name(1.5), "1.5-2 % ICD");
        assert_eq!(name(0.02 * 100.0), "2-3 % ICD");
        // 2.9999999999999996 in binary.
        assert_eq!(name(0.029999999999999996 * 100.0), "3-4 % ICD");
        assert_eq!(name(5.99), "4-6 % ICD");
        assert_eq!(name(6.0), "4-6 % ICD");
        assert_eq!(name(6.1), "over 6 % ICD");
        let name = |ms: f64| DURATION_MS.name(DURATION_MS.index(ms));
        assert_eq!(name(199.9), "under 200 ms");
        assert_eq!(name(200.0), "200-350 ms");
        assert_eq!(name(500.0), "350-500 ms");
        assert_eq!(name(501.0), "over 500 ms");
    }

    #[test]
    fn names_are_in_the_order_of_size_or_of_the_project() {
        let mut names = ["", "zebra", "120 fps", "anger", "30 fps", "happiness", "talking", "still"];
        names.sort_by_key(|name| order(name));
        assert_eq!(names, ["30 fps", "120 fps", "still", "talking", "happiness", "anger", "zebra", ""]);
    }
}
