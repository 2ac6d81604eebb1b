//! Every figure of a study, worked out once for all files.

use serde::Serialize;

use super::compare::{Comparison, comparisons};
use super::data_set::{DataSet, protocol_order};
use super::maps::MapFile;
use super::summary::{Optimism, optimism};
use super::{Study, StudyData, StudyRun};
use crate::eval::recognition::Recognition;

/// Draws for the intervals of each run.
const RESAMPLES: u32 = 1000;
/// Seed of the draws.
const SEED: u64 = 1;

/// One run with its figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunResult {
    /// The network.
    pub network: String,
    /// `micro` or `masked`.
    pub kind: String,
    /// Only samples of this stimulus; `None`: of any.
    pub stimulus: Option<String>,
    /// Only participants of this gender; `None`: all.
    pub gender: Option<String>,
    /// How training and test were kept apart.
    pub protocol: String,
    /// Values that training set.
    pub learned: usize,
    /// How long it took, s.
    pub seconds: f64,
    /// Why there could be no run.
    pub why_not: Option<String>,
    /// The predictions, relative to the study's folder; `None` where there could be no run.
    pub predictions: Option<String>,
    /// The figures; missing where there could be no run.
    #[serde(flatten)]
    pub recognition: Option<Recognition>,
}

impl RunResult {
    pub(super) fn data_set(&self) -> DataSet<'_> {
        DataSet { kind: &self.kind, stimulus: self.stimulus.as_deref(), gender: self.gender.as_deref() }
    }
}

/// Everything that a study found: what `study.json` holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StudyResults {
    /// Its title.
    pub title: String,
    /// What another lab needs to know to repeat it; name and value.
    pub facts: Vec<(String, String)>,
    /// Counts of the data.
    pub dataset: StudyData,
    /// How much higher the figures of the frame split are.
    pub optimism: Option<Optimism>,
    /// Every run: data sets in the paper's order, networks in the study's, both protocols side by side.
    pub runs: Vec<RunResult>,
    /// Networks against each other on the same examples.
    pub comparisons: Vec<Comparison>,
    /// Which parts of a face decided.
    pub maps: Vec<MapFile>,
    /// What was not used, and why.
    pub left_out: Vec<(String, String)>,
    /// How long everything took, s.
    pub seconds: f64,
}

impl StudyResults {
    /// Works everything out.
    pub fn of(study: &Study) -> Self {
        let runs = sorted(study);
        let names = file_names(&runs);
        let results: Vec<RunResult> = runs
            .iter()
            .zip(names)
            .map(|(run, name)| {
                let has_figures = run.why_not.is_none() && !run.predictions.rows.is_empty();
                let nothing = || "nothing was predicted".to_owned();
                RunResult {
                    network: run.network.clone(),
                    kind: run.kind.clone(),
                    stimulus: run.stimulus.clone(),
                    gender: run.gender.clone(),
                    protocol: run.protocol.clone(),
                    learned: run.learned,
                    seconds: run.seconds,
                    why_not: if has_figures {
                        None
                    } else {
                        Some(run.why_not.clone().unwrap_or_else(nothing))
                    },
                    predictions: has_figures.then_some(name),
                    recognition: has_figures.then(|| Recognition::of(&run.predictions, RESAMPLES, SEED)),
                }
            })
            .collect();
        let mut left_out = study.left_out.clone();
        let mut maps = Vec::new();
        for map in &study.maps {
            match MapFile::of(map) {
                Ok(map) => maps.push(map),
                Err(why) => {
                    left_out.push((format!("attention map of {} ({})", map.example, map.network), why))
                }
            }
        }
        Self {
            title: study.title.clone(),
            facts: study.facts.clone(),
            dataset: study.dataset.clone(),
            optimism: optimism(&results),
            comparisons: comparisons(&runs),
            runs: results,
            maps,
            left_out,
            seconds: study.seconds,
        }
    }

    /// The data sets, in order, each with its runs.
    pub(super) fn by_data_set(&self) -> Vec<(DataSet<'_>, Vec<&RunResult>)> {
        let mut groups: Vec<(DataSet<'_>, Vec<&RunResult>)> = Vec::new();
        for run in &self.runs {
            match groups.last_mut().filter(|(data_set, _)| *data_set == run.data_set()) {
                Some((_, runs)) => runs.push(run),
                None => groups.push((run.data_set(), vec![run])),
            }
        }
        groups
    }

    /// Names of networks, in the order of the study.
    pub(super) fn networks(&self) -> Vec<&str> {
        distinct(self.runs.iter().map(|run| run.network.as_str()))
    }
}

/// Each once, in the order of first appearance.
pub(super) fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut all: Vec<&str> = Vec::new();
    for name in names {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
}

/// Runs by data set, network (in the order of first appearance) and protocol.
pub(super) fn sorted(study: &Study) -> Vec<&StudyRun> {
    let networks = distinct(study.runs.iter().map(|run| run.network.as_str()));
    let place = |run: &StudyRun| networks.iter().position(|network| *network == run.network);
    let mut runs: Vec<&StudyRun> = study.runs.iter().collect();
    runs.sort_by(|a, b| {
        let order = |run: &StudyRun| (place(run), run.network.clone());
        data_set_of(a)
            .order()
            .cmp(&data_set_of(b).order())
            .then_with(|| order(a).cmp(&order(b)))
            .then_with(|| protocol_order(&a.protocol).cmp(&protocol_order(&b.protocol)))
    });
    runs
}

pub(super) fn data_set_of(run: &StudyRun) -> DataSet<'_> {
    DataSet { kind: &run.kind, stimulus: run.stimulus.as_deref(), gender: run.gender.as_deref() }
}

/// One file name a run, below the study's folder: each only once, and of letters that every system takes.
fn file_names(runs: &[&StudyRun]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for run in runs {
        let all = |part: &Option<String>| part.clone().unwrap_or_else(|| "all".to_owned());
        let name = [
            run.network.clone(),
            run.kind.clone(),
            all(&run.stimulus),
            all(&run.gender),
            run.protocol.clone(),
        ];
        let plain = |c: char| if c.is_ascii_alphanumeric() || "-.".contains(c) { c } else { '-' };
        let stem = name.map(|part| part.chars().map(plain).collect::<String>()).join("_");
        let mut candidate = format!("predictions/{stem}.csv");
        let mut nth = 2;
        while names.contains(&candidate) {
            candidate = format!("predictions/{stem}_{nth}.csv");
            nth += 1;
        }
        names.push(candidate);
    }
    names
}
