//! Splits samples into training and test: by frame as the seed paper does, by subject, or each subject once as the test.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rand::seq::SliceRandom;
use rand_pcg::Pcg64;
use rand_pcg::rand_core::SeedableRng;
use serde::Serialize;

use super::folder::{FolderError, write_whole};
use super::manifest::Sample;

/// What is split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitBy {
    /// Single frames, of each label the same share: people are in both parts.
    Frame,
    /// Participants: nobody is in both parts.
    Subject,
    /// Each participant is the test of one fold: leave one subject out.
    Loso,
}

/// How samples are split.
#[derive(Clone, Debug, PartialEq)]
pub struct SplitParams {
    /// What is split.
    pub by: SplitBy,
    /// Only samples of participants who gave this gender.
    pub gender: Option<String>,
    /// Share of the test, `0..1`, both ends excluded.
    pub test: f64,
    /// Another seed, another split; the same seed, the same split, whatever the order of the samples.
    pub seed: u64,
}

/// A sample with its part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SplitRow {
    /// The sample's name.
    pub sample: String,
    /// The gray crop.
    pub path: String,
    /// The participant.
    pub participant: String,
    /// The label.
    pub label: String,
    /// True for the test; `None` where that depends on the fold.
    pub is_test: Option<bool>,
    /// The fold in which it is tested; `None` without folds.
    pub fold: Option<usize>,
}

/// A split.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// In the order of the samples' names.
    pub rows: Vec<SplitRow>,
    /// Samples of another gender, or of none that is known.
    pub other_gender: usize,
    /// Participants who are in both parts.
    pub in_both: BTreeSet<String>,
}

/// Splits samples.
///
/// # Errors
/// [`FolderError::Asked`] where there are too few samples or participants, or the share is none.
pub fn split_samples(samples: &[Sample], params: &SplitParams) -> Result<Split, FolderError> {
    if !(params.test > 0.0 && params.test < 1.0) {
        return Err(FolderError::Asked(format!("--test {} cannot be; choose a share like 0.2", params.test)));
    }
    let is_meant = |sample: &&Sample| params.gender.as_ref().is_none_or(|gender| *gender == sample.gender);
    let mut meant: Vec<&Sample> = samples.iter().filter(is_meant).collect();
    meant.sort_by(|a, b| a.sample.cmp(&b.sample));
    if meant.is_empty() {
        return Err(nothing_to_split(samples, params));
    }
    let mut rows: Vec<SplitRow> = meant
        .iter()
        .map(|sample| SplitRow {
            sample: sample.sample.clone(),
            path: sample.path.clone(),
            participant: sample.participant.clone(),
            label: sample.label.clone(),
            is_test: None,
            fold: None,
        })
        .collect();
    match params.by {
        SplitBy::Frame => by_frame(&mut rows, params),
        SplitBy::Subject => by_subject(&mut rows, params)?,
        SplitBy::Loso => leave_one_out(&mut rows)?,
    }
    let of = |test: bool| -> BTreeSet<String> {
        rows.iter().filter(|row| row.is_test == Some(test)).map(|row| row.participant.clone()).collect()
    };
    let in_both = of(true).intersection(&of(false)).cloned().collect();
    Ok(Split { rows, other_gender: samples.len() - meant.len(), in_both })
}

fn nothing_to_split(samples: &[Sample], params: &SplitParams) -> FolderError {
    let Some(gender) = params.gender.as_ref().filter(|_| !samples.is_empty()) else {
        return FolderError::Asked("the dataset has no samples; nothing can be split".to_owned());
    };
    let known: BTreeSet<&str> =
        samples.iter().map(|sample| sample.gender.as_str()).filter(|gender| !gender.is_empty()).collect();
    let known = if known.is_empty() {
        "no participant's gender is known".to_owned()
    } else {
        format!("there are {}", known.into_iter().collect::<Vec<_>>().join(", "))
    };
    FolderError::Asked(format!("--gender {gender}: no sample is of a participant who gave it; {known}"))
}

fn by_frame(rows: &mut [SplitRow], params: &SplitParams) {
    let mut of_label: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, row) in rows.iter().enumerate() {
        of_label.entry(row.label.clone()).or_default().push(index);
    }
    let mut rng = Pcg64::seed_from_u64(params.seed);
    for mut indices in of_label.into_values() {
        indices.shuffle(&mut rng);
        let test = (indices.len() as f64 * params.test).round() as usize;
        for (place, index) in indices.into_iter().enumerate() {
            if let Some(row) = rows.get_mut(index) {
                row.is_test = Some(place < test);
            }
        }
    }
}

fn participants_of(rows: &[SplitRow]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts.entry(row.participant.clone()).or_default() += 1;
    }
    counts
}

fn two_at_least(participants: &BTreeMap<String, usize>) -> Result<(), FolderError> {
    match participants.keys().next() {
        Some(only) if participants.len() < 2 => Err(FolderError::Asked(format!(
            "all samples are of {only}: with one participant nothing can be split by subject; record more people, or \
             use --by frame"
        ))),
        _ => Ok(()),
    }
}

/// Takes participants in random order for as long as the test's share of samples comes nearer to what was asked for.
fn by_subject(rows: &mut [SplitRow], params: &SplitParams) -> Result<(), FolderError> {
    let participants = participants_of(rows);
    two_at_least(&participants)?;
    let wanted = rows.len() as f64 * params.test;
    let mut order: Vec<(&String, &usize)> = participants.iter().collect();
    order.shuffle(&mut Pcg64::seed_from_u64(params.seed));
    // Somebody is left for training.
    order.truncate(participants.len() - 1);
    let mut test: BTreeSet<&str> = BTreeSet::new();
    let mut count = 0;
    for (participant, samples) in order {
        let with = count + samples;
        if test.is_empty() || (with as f64 - wanted).abs() < (count as f64 - wanted).abs() {
            test.insert(participant);
            count = with;
        }
    }
    for row in rows {
        row.is_test = Some(test.contains(row.participant.as_str()));
    }
    Ok(())
}

fn leave_one_out(rows: &mut [SplitRow]) -> Result<(), FolderError> {
    let participants = participants_of(rows);
    two_at_least(&participants)?;
    let folds: BTreeMap<String, usize> =
        participants.into_keys().enumerate().map(|(fold, participant)| (participant, fold)).collect();
    for row in rows {
        row.fold = folds.get(&row.participant).copied();
    }
    Ok(())
}

const HEADER: [&str; 6] = ["sample", "path", "participant", "label", "part", "fold"];

/// Writes a split as CSV: `part` is `train` or `test`, and empty where there are folds.
///
/// # Errors
/// [`FolderError`], naming the file; one that is there is not overwritten.
pub fn write_split(path: &Path, split: &Split) -> Result<(), FolderError> {
    if path.exists() {
        let why = "there is such a file already, and nothing is ever overwritten; choose another --out";
        return Err(FolderError::file(path, why));
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |error: csv::Error| FolderError::file(path, error.to_string());
    writer.write_record(HEADER).map_err(failed)?;
    for row in &split.rows {
        let part = row.is_test.map_or("", |is_test| if is_test { "test" } else { "train" });
        let fold = row.fold.map_or_else(String::new, |fold| fold.to_string());
        writer
            .write_record([&row.sample, &row.path, &row.participant, &row.label, part, &fold])
            .map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|error| FolderError::file(path, error.to_string()))?;
    write_whole(path, &bytes)
}

/// Which samples are for the test, by name: of a split's file, where there are folds of fold `fold`.
///
/// # Errors
/// [`FolderError`], naming the file and line.
pub fn read_split(path: &Path, fold: Option<usize>) -> Result<BTreeMap<String, bool>, FolderError> {
    #[derive(serde::Deserialize)]
    struct Row {
        sample: String,
        part: String,
        fold: Option<usize>,
    }
    let text = std::fs::read(path).map_err(FolderError::io("read", path))?;
    let mut parts = BTreeMap::new();
    let mut folds = BTreeSet::new();
    let mut reader = csv::Reader::from_reader(text.as_slice());
    for row in reader.deserialize() {
        let row: Row = row.map_err(|error| {
            FolderError::file(path, format!("{error}; give a file that `onset dataset split` wrote"))
        })?;
        folds.extend(row.fold);
        let is_test = match (row.part.as_str(), row.fold, fold) {
            ("test", _, None) => true,
            ("train", _, None) => false,
            ("", Some(own), Some(fold)) => own == fold,
            ("", Some(_), None) => {
                let why = "each participant is the test of one fold; say which with --fold N";
                return Err(FolderError::Asked(format!("{}: {why}", path.display())));
            }
            ("test" | "train", _, Some(_)) => {
                return Err(FolderError::Asked(format!(
                    "{}: there are no folds; leave --fold out",
                    path.display()
                )));
            }
            (other, ..) => {
                let why = format!("sample {}: part {other:?} is not known; it is train or test", row.sample);
                return Err(FolderError::file(path, why));
            }
        };
        parts.insert(row.sample, is_test);
    }
    match (fold, folds.last()) {
        (Some(fold), Some(last)) if !folds.contains(&fold) => Err(FolderError::Asked(format!(
            "{}: there is no fold {fold}; there are 0 to {last}",
            path.display()
        ))),
        _ => Ok(parts),
    }
}
