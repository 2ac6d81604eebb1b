//! How far two people who coded the same candidates agree: labels, times, and where they differ.
//!
//! Pure functions over two coders' tables; more coders are compared in pairs.

mod codings;
mod kappa;
mod text;

use std::collections::BTreeSet;

use serde::Serialize;

pub use codings::{Coded, Codings, read_codings};
pub use kappa::Kappa;
pub use text::{disagreements_csv, text_of};

use super::Quantiles;

/// The label of a candidate without an event.
const NO_EVENT: &str = "none";

/// Two coders side by side.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Agreement {
    /// The two coders.
    pub coders: [String; 2],
    /// Candidates that each labelled.
    pub labelled: [usize; 2],
    /// Over all labels.
    pub labels: Kappa,
    /// Event, or none: the same question for every candidate.
    pub is_event: Kappa,
    /// How often each label met each.
    pub confusion: LabelConfusion,
    /// Moments that both marked of what both call an event.
    pub times: Times,
    /// Candidates with different labels, by name.
    pub disagreements: Vec<Disagreement>,
}

/// Row: the first coder's label; column: the second one's; candidates.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct LabelConfusion {
    /// Names of rows and columns: those that occur.
    pub labels: Vec<String>,
    /// Counts.
    pub matrix: Vec<Vec<usize>>,
}

/// Differences of the three moments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Times {
    /// Of the onset.
    pub onset: TimeDifference,
    /// Of the apex.
    pub apex: TimeDifference,
    /// Of the offset.
    pub offset: TimeDifference,
}

/// How far apart two coders set a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct TimeDifference {
    /// Size of the difference, in ms.
    pub absolute_ms: Quantiles,
    /// Median of the second coder's time less the first one's, in ms; `None` without values.
    pub median_later_ms: Option<f64>,
}

/// A candidate with two labels.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Disagreement {
    /// The candidate.
    pub id: String,
    /// What each says.
    pub labels: [String; 2],
    /// First visible change, in seconds on the session's clock, as each says.
    pub onset_s: [Option<f64>; 2],
    /// Strongest moment.
    pub apex_s: [Option<f64>; 2],
    /// Return.
    pub offset_s: [Option<f64>; 2],
    /// As `4+7`.
    pub action_units: [String; 2],
    /// What each noted.
    pub notes: [String; 2],
}

impl Agreement {
    /// Of two coders.
    pub fn of(a: &Codings, b: &Codings) -> Self {
        let both: Vec<(&String, &Coded, &Coded)> =
            a.by_id.iter().filter_map(|(id, coded)| Some((id, coded, b.by_id.get(id)?))).collect();
        let pairs = |name: fn(&Coded) -> &str| both.iter().map(move |(_, a, b)| (name(a), name(b)));
        let confusion = LabelConfusion::of(pairs(|coded| coded.label.as_str()));
        let events = LabelConfusion::of(pairs(|coded| if coded.is_event() { "event" } else { NO_EVENT }));
        let disagreements = both.iter().filter(|(_, a, b)| a.label != b.label);
        Self {
            coders: [a.coder.clone(), b.coder.clone()],
            labelled: [a.by_id.len(), b.by_id.len()],
            labels: Kappa::of(&confusion.matrix),
            is_event: Kappa::of(&events.matrix),
            confusion,
            times: Times {
                onset: TimeDifference::of(&both, |coded| coded.onset_s),
                apex: TimeDifference::of(&both, |coded| coded.apex_s),
                offset: TimeDifference::of(&both, |coded| coded.offset_s),
            },
            disagreements: disagreements.map(|(id, a, b)| Disagreement::of(id, a, b)).collect(),
        }
    }

    /// Of every two of several coders, in their order.
    pub fn of_pairs(coders: &[Codings]) -> Vec<Self> {
        coders
            .iter()
            .enumerate()
            .flat_map(|(index, a)| coders.iter().skip(index + 1).map(move |b| Self::of(a, b)))
            .collect()
    }
}

impl Coded {
    fn is_event(&self) -> bool {
        self.label != NO_EVENT
    }
}

impl LabelConfusion {
    fn of<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> Self {
        let names: BTreeSet<&str> = pairs.clone().flat_map(|(a, b)| [a, b]).collect();
        let labels: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut matrix = vec![vec![0; labels.len()]; labels.len()];
        for (a, b) in pairs {
            let place = |name: &str| names.iter().position(|other| *other == name);
            if let (Some(row), Some(column)) = (place(a), place(b)) {
                matrix[row][column] += 1;
            }
        }
        Self { labels, matrix }
    }
}

impl TimeDifference {
    fn of(both: &[(&String, &Coded, &Coded)], time: fn(&Coded) -> Option<f64>) -> Self {
        let events = both.iter().filter(|(_, a, b)| a.is_event() && b.is_event());
        let later_ms: Vec<f64> = events.filter_map(|(_, a, b)| Some((time(b)? - time(a)?) * 1e3)).collect();
        Self {
            absolute_ms: Quantiles::of(later_ms.iter().map(|ms| ms.abs()).collect()),
            median_later_ms: Quantiles::of(later_ms).p50,
        }
    }
}

impl Disagreement {
    fn of(id: &str, a: &Coded, b: &Coded) -> Self {
        let text = |get: fn(&Coded) -> &String| [get(a).clone(), get(b).clone()];
        Self {
            id: id.to_owned(),
            labels: text(|coded| &coded.label),
            onset_s: [a.onset_s, b.onset_s],
            apex_s: [a.apex_s, b.apex_s],
            offset_s: [a.offset_s, b.offset_s],
            action_units: text(|coded| &coded.action_units),
            notes: text(|coded| &coded.note),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codings(coder: &str, rows: &[(&str, &str, Option<f64>)]) -> Codings {
        let coded = |(id, label, onset_s): &(&str, &str, Option<f64>)| {
            let coded = Coded { label: (*label).to_owned(), onset_s: *onset_s, ..Coded::default() };
            ((*id).to_owned(), coded)
        };
        Codings { coder: coder.to_owned(), by_id: rows.iter().map(coded).collect() }
    }

    #[test]
    fn only_what_both_labelled_counts_and_only_events_have_times() {
        let a = codings(
            "a",
            &[
                ("1", "anger", Some(1.0)),
                ("2", "none", Some(9.0)),
                ("3", "fear", Some(3.0)),
                ("4", "fear", None),
                ("5", "anger", Some(5.0)),
            ],
        );
        let b = codings(
            "b",
            &[
                ("1", "anger", Some(1.04)),
                ("2", "none", None),
                ("3", "none", Some(3.0)),
                ("5", "sadness", Some(4.98)),
            ],
        );
        let agreement = Agreement::of(&a, &b);
        assert_eq!((agreement.labelled, agreement.labels.n), ([5, 4], 4));
        assert_eq!(agreement.labels.observed, Some(0.5));
        assert_eq!(agreement.is_event.observed, Some(0.75));
        assert_eq!(agreement.confusion.labels, ["anger", "fear", "none", "sadness"]);
        assert_eq!(agreement.confusion.matrix[0], [1, 0, 0, 1]);
        let onset = agreement.times.onset;
        assert_eq!(onset.absolute_ms.n, 2);
        assert!((onset.absolute_ms.p50.unwrap() - 30.0).abs() < 1e-9);
        assert!((onset.median_later_ms.unwrap() - 10.0).abs() < 1e-9);
        assert_eq!(agreement.times.apex, TimeDifference::default());
        let ids: Vec<&str> = agreement.disagreements.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(ids, ["3", "5"]);
        let csv = disagreements_csv(std::slice::from_ref(&agreement)).unwrap();
        assert_eq!(csv.lines().count(), 3);
        assert!(csv.contains("a,b,3,fear,none,3.000000,3.000000,"), "{csv}");
    }

    #[test]
    fn several_coders_are_compared_in_pairs() {
        let coders = ["a", "b", "c"].map(|name| codings(name, &[("1", "fear", None)]));
        let pairs: Vec<[String; 2]> =
            Agreement::of_pairs(&coders).into_iter().map(|pair| pair.coders).collect();
        assert_eq!(pairs, [["a", "b"], ["a", "c"], ["b", "c"]]);
        assert!(Agreement::of_pairs(&coders[..1]).is_empty());
    }
}
