//! Which emotion was claimed for events of each true emotion.

use std::collections::BTreeSet;

use serde::Serialize;

use super::groups::order;
use super::outcome::ClipOutcome;

/// Found events by true emotion (rows) and claimed label (columns).
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Confusion {
    /// True emotions, one a row; an empty name where the truth has none.
    pub emotions: Vec<String>,
    /// Claimed labels, one a column; an empty name where none was claimed.
    pub labels: Vec<String>,
    /// Found events: `counts[emotion][label]`.
    pub counts: Vec<Vec<usize>>,
    /// Events of each emotion that were not found.
    pub missed: Vec<usize>,
    /// Found events whose truth has an emotion.
    pub n: usize,
    /// Of these, the ones with the right label.
    pub agreeing: usize,
    /// `agreeing / n`.
    pub agreement: Option<f64>,
}

impl Confusion {
    /// Of all outcomes.
    pub(super) fn of(outcomes: &[ClipOutcome]) -> Self {
        let mut found: Vec<(&str, Option<&str>)> = Vec::new();
        for outcome in outcomes {
            for event in &outcome.events {
                let Some(truth) = outcome.clip.truth.get(event.truth) else { continue };
                let predicted =
                    event.spotted.and_then(|spotted| outcome.clip.predicted.get(spotted.predicted));
                found.push((&truth.emotion, predicted.map(|predicted| predicted.label.as_str())));
            }
        }
        let emotions = ordered(found.iter().map(|(emotion, _)| *emotion));
        let labels = ordered(found.iter().filter_map(|(_, label)| *label));
        let count = |wanted: &dyn Fn(&str, Option<&str>) -> bool| {
            found.iter().filter(|(emotion, label)| wanted(emotion, *label)).count()
        };
        let counts = emotions.iter().map(|row| {
            labels.iter().map(|column| count(&|e, l| e == row && l == Some(column.as_str()))).collect()
        });
        let n = count(&|emotion, label| !emotion.is_empty() && label.is_some());
        let agreeing = count(&|emotion, label| !emotion.is_empty() && label == Some(emotion));
        Self {
            counts: counts.collect(),
            missed: emotions.iter().map(|row| count(&|e, l| e == row && l.is_none())).collect(),
            emotions,
            labels,
            n,
            agreeing,
            agreement: super::figures::ratio(agreeing, n),
        }
    }
}

fn ordered<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let names: BTreeSet<&str> = names.collect();
    let mut names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    names.sort_by_key(|name| order(name));
    names
}
