//! Figures of parts of the examples: by stimulus, kind, gender, corpus, and pairs of these.

use std::collections::BTreeMap;

use serde::Serialize;

use super::figures::{Extras, Figures};
use super::{Prediction, Predictions};

/// A name, and what an example has there.
type Facet = (&'static str, fn(&Prediction) -> &str);

/// What examples are divided by.
const FACETS: [Facet; 4] = [
    ("stimulus", |row| &row.stimulus),
    ("kind", |row| &row.kind),
    ("gender", |row| &row.gender),
    ("corpus", |row| &row.corpus),
];

/// Figures of the examples of which something is the same.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SubsetFigures {
    /// What is the same: `stimulus`, `kind`, `gender`, `corpus` and its value; one or two of them.
    pub by: BTreeMap<&'static str, String>,
    /// The figures, with intervals.
    #[serde(flatten)]
    pub figures: Figures,
}

impl SubsetFigures {
    /// Its name: `image` or `image, female`.
    pub fn name(&self) -> String {
        let values = FACETS.iter().filter_map(|(facet, _)| self.by.get(facet));
        values.map(String::as_str).collect::<Vec<_>>().join(", ")
    }

    /// Every subset that occurs. Unknown values make none, and neither does what is the same for all examples.
    pub(super) fn all_of(predictions: &Predictions, extras: Extras) -> Vec<Self> {
        let rows = &predictions.rows;
        let varies = |(_, value): &&Facet| {
            rows.windows(2).any(|pair| match pair {
                [a, b] => value(a) != value(b),
                _ => false,
            })
        };
        let varying: Vec<&Facet> = FACETS.iter().filter(varies).collect();
        let mut groups: Vec<Vec<&Facet>> = varying.iter().map(|facet| vec![*facet]).collect();
        for (index, first) in varying.iter().enumerate() {
            groups.extend(varying.iter().skip(index + 1).map(|second| vec![*first, *second]));
        }
        let mut subsets = Vec::new();
        for facets in groups {
            let mut members: BTreeMap<Vec<&str>, Vec<&Prediction>> = BTreeMap::new();
            for row in rows {
                let values: Vec<&str> = facets.iter().map(|(_, value)| value(row)).collect();
                if values.iter().all(|value| !value.is_empty()) {
                    members.entry(values).or_default().push(row);
                }
            }
            for (values, rows) in members {
                let values = values.iter().map(|value| (*value).to_owned());
                let by = facets.iter().map(|(facet, _)| *facet).zip(values).collect();
                subsets.push(Self { by, figures: Figures::of(&predictions.classes, &rows, extras) });
            }
        }
        subsets
    }
}
