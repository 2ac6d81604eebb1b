//! Who is learned from, who is watched for early stopping, who is tested.

use std::collections::{BTreeMap, BTreeSet};

use rand::RngExt;
use rand_pcg::Pcg64;
use rand_pcg::rand_core::SeedableRng;

use super::prepared::Prepared;
use crate::dataset::{Dataset, Example};
use crate::train::TrainError;

/// How examples are parted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// A share of each class's examples is tested, as in the seed paper. People are in both parts: optimistic.
    Holdout,
    /// People are parted into folds; each is tested by a network that saw none of its people.
    Subject,
    /// As [`Protocol::Subject`], each person a fold.
    Loso,
    /// Each corpus is tested by a network that saw the others.
    CrossCorpus,
    /// The data set's own parts: `train` is learned from, the others are tested.
    Parts,
}

impl Protocol {
    /// All protocols.
    pub const ALL: [Self; 5] = [Self::Holdout, Self::Subject, Self::Loso, Self::CrossCorpus, Self::Parts];

    /// The name used on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Holdout => "holdout",
            Self::Subject => "subject",
            Self::Loso => "loso",
            Self::CrossCorpus => "cross-corpus",
            Self::Parts => "parts",
        }
    }
}

/// How a plan is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlanParams {
    /// How examples are parted.
    pub protocol: Protocol,
    /// Share that is tested, for [`Protocol::Holdout`].
    pub test: f64,
    /// Number of folds, for [`Protocol::Subject`].
    pub folds: usize,
    /// Share of what may be learned from that is watched instead.
    pub watch: f64,
    /// Seed of the draws.
    pub seed: u64,
}

impl Default for PlanParams {
    fn default() -> Self {
        Self { protocol: Protocol::Subject, test: 0.2, folds: 5, watch: 0.15, seed: 1 }
    }
}

/// One training and its test. Numbers are those of the prepared examples.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fold {
    /// The fold's name: its number, its person, its corpus.
    pub name: String,
    /// Examples that are learned from.
    pub learn: Vec<usize>,
    /// Examples that decide when to stop; nobody in them is learned from, but with [`Protocol::Holdout`] and where fewer than three people are known.
    pub watch: Vec<usize>,
    /// Examples that are tested; they decide nothing.
    pub test: Vec<usize>,
}

/// Parts the examples.
///
/// # Errors
/// [`TrainError::TooLittle`] where the data set does not say what the protocol needs, or has too little of it.
pub fn plan(data: &Dataset, prepared: &Prepared, params: &PlanParams) -> Result<Vec<Fold>, TrainError> {
    let examples: Vec<&Example> = prepared.kept.iter().map(|index| &data.examples[*index]).collect();
    let parted = match params.protocol {
        Protocol::Holdout => {
            vec![("holdout".to_owned(), stratified(&prepared.class, params.test, params.seed))]
        }
        Protocol::Subject => by_people(&examples, params)?,
        Protocol::Loso => people_of(&examples)?,
        Protocol::CrossCorpus => {
            groups(&examples, |example| &example.corpus, "corpora", "join several with --data")?
        }
        Protocol::Parts => {
            let own = |example: &&Example| !example.part.is_empty() && example.part != "train";
            let test: Vec<usize> =
                examples.iter().enumerate().filter(|(_, example)| own(example)).map(|(n, _)| n).collect();
            if test.is_empty() || test.len() == examples.len() {
                return Err(TrainError::TooLittle(format!(
                    "{}: its own parts are not train and something to test; choose another --protocol",
                    data.path.display()
                )));
            }
            vec![("parts".to_owned(), test)]
        }
    };
    let folds = parted.into_iter().enumerate().map(|(number, (name, test))| {
        let tested: BTreeSet<usize> = test.iter().copied().collect();
        let rest: Vec<usize> = (0..examples.len()).filter(|index| !tested.contains(index)).collect();
        let (learn, watch) = watched(&examples, &prepared.class, rest, params, number as u64);
        Fold { name, learn, watch, test }
    });
    let folds: Vec<Fold> = folds.collect();
    if folds.iter().all(|fold| fold.test.is_empty() || fold.learn.is_empty()) {
        return Err(TrainError::TooLittle(format!(
            "{}: {} examples are too few to learn from some and test others",
            data.path.display(),
            examples.len()
        )));
    }
    Ok(folds)
}

/// For a network that is to be used, not tested: all is learned from but what is watched.
pub(super) fn all_but_watched(data: &Dataset, prepared: &Prepared, params: &PlanParams) -> Fold {
    let examples: Vec<&Example> = prepared.kept.iter().map(|index| &data.examples[*index]).collect();
    let all = (0..examples.len()).collect();
    let (learn, watch) = watched(&examples, &prepared.class, all, params, 0);
    Fold { name: "all".to_owned(), learn, watch, test: Vec::new() }
}

/// Parts what may be learned from: by people where at least three are known, else by examples of each class.
fn watched(
    examples: &[&Example],
    class: &[usize],
    rest: Vec<usize>,
    params: &PlanParams,
    number: u64,
) -> (Vec<usize>, Vec<usize>) {
    let seed = params.seed ^ (number + 1) << 32;
    let people: BTreeSet<&str> = rest.iter().map(|index| examples[*index].subject.as_str()).collect();
    let by_people = params.protocol != Protocol::Holdout && people.len() >= 3 && !people.contains("");
    let watch: BTreeSet<usize> = if by_people {
        let mut names: Vec<&str> = people.into_iter().collect();
        shuffle(&mut names, seed);
        let wanted = (params.watch * rest.len() as f64).max(1.0);
        let mut watch = BTreeSet::new();
        // At least one person, at most all but two.
        for name in names.iter().take(names.len() - 2) {
            if watch.len() as f64 >= wanted {
                break;
            }
            watch.extend(rest.iter().copied().filter(|index| examples[*index].subject == *name));
        }
        watch
    } else {
        let own: Vec<usize> = rest.iter().map(|index| class[*index]).collect();
        stratified(&own, params.watch, seed).into_iter().map(|at| rest[at]).collect()
    };
    rest.into_iter().partition(|index| !watch.contains(index))
}

/// A share of each class's examples; a class with one example gives none.
fn stratified(class: &[usize], share: f64, seed: u64) -> Vec<usize> {
    let mut by_class: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, class) in class.iter().enumerate() {
        by_class.entry(*class).or_default().push(index);
    }
    let mut chosen = Vec::new();
    for (class, mut own) in by_class {
        shuffle(&mut own, seed ^ (class as u64) << 16);
        let count = ((share * own.len() as f64).round() as usize).min(own.len() - 1);
        chosen.extend(&own[..if own.len() > 1 { count.max(1) } else { 0 }]);
    }
    chosen.sort_unstable();
    chosen
}

/// Examples of each person.
fn people_of(examples: &[&Example]) -> Result<Vec<(String, Vec<usize>)>, TrainError> {
    groups(examples, |example| &example.subject, "people", "use --protocol holdout, or say who is who")
}

/// Examples by a property that each must have, of which there must be two values.
fn groups(
    examples: &[&Example],
    of: impl Fn(&Example) -> &String,
    what: &str,
    next: &str,
) -> Result<Vec<(String, Vec<usize>)>, TrainError> {
    let mut groups: BTreeMap<&String, Vec<usize>> = BTreeMap::new();
    for (index, example) in examples.iter().enumerate() {
        groups.entry(of(example)).or_default().push(index);
    }
    let unknown = groups.get(&String::new()).map_or(0, Vec::len);
    if unknown > 0 {
        return Err(TrainError::TooLittle(format!(
            "{unknown} of {} examples do not say which of the {what} they belong to (the first: {}); {next}",
            examples.len(),
            groups.values().flatten().next().map_or("", |index| &examples[*index].name)
        )));
    }
    if groups.len() < 2 {
        return Err(TrainError::TooLittle(format!(
            "of {what} there are {}, two are needed; {next}",
            groups.len()
        )));
    }
    Ok(groups.into_iter().map(|(name, own)| (name.clone(), own)).collect())
}

/// People in folds of about the same size: the largest first, each into the smallest fold.
fn by_people(examples: &[&Example], params: &PlanParams) -> Result<Vec<(String, Vec<usize>)>, TrainError> {
    let mut people = people_of(examples)?;
    shuffle(&mut people, params.seed);
    people.sort_by_key(|(_, own)| std::cmp::Reverse(own.len()));
    let mut folds: Vec<Vec<usize>> = vec![Vec::new(); params.folds.clamp(2, people.len())];
    for (_, own) in people {
        if let Some(smallest) = folds.iter_mut().min_by_key(|fold| fold.len()) {
            smallest.extend(own);
        }
    }
    let named = folds.into_iter().enumerate().map(|(number, mut own)| {
        own.sort_unstable();
        (number.to_string(), own)
    });
    Ok(named.collect())
}

pub(super) fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut rng = Pcg64::seed_from_u64(seed);
    for last in (1..items.len()).rev() {
        items.swap(last, rng.random_range(0..=last));
    }
}
