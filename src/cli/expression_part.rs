//! A classifier's word on every picture of a labelled part: for `onset evaluate expression`, and for the figures on a trained network's card.

use anyhow::Result;
use serde::Serialize;

use super::{interrupt, progress};
use crate::dataset::{Majority, Part};
use crate::eval::expression::{Judged, Scores, score};
use crate::expression::{ExpressionClassifier, FaceRegion, StillFaces, arithmetic_mean};
use crate::types::{LABEL_COUNT, Label};

/// Pictures that are not counted, by reason.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Dropped {
    /// Two or more choices share the first place.
    pub(super) ties: usize,
    /// Most could not tell, or saw no face.
    pub(super) unknown: usize,
    /// Not in labels.csv.
    pub(super) unlisted: usize,
    /// In labels.csv, but not there.
    pub(super) missing: usize,
}

/// Figures over pictures with a clear majority only.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Clear {
    pub(super) count: usize,
    pub(super) accuracy: f64,
    pub(super) macro_f1: f64,
}

/// What `--json` prints.
#[derive(Clone, Debug, Serialize)]
pub(super) struct PartReport {
    pub(super) part: String,
    pub(super) region: &'static str,
    pub(super) model_sha256: String,
    #[serde(flatten)]
    pub(super) scores: Scores,
    /// What is said of a typical neutral face, in the order of the labels: the mean over the pictures whose truth is neutral.
    pub(super) typical_neutral: Option<[f32; LABEL_COUNT]>,
    pub(super) dropped: Dropped,
    /// Counted pictures in which no face was found: they were cut out at the usual place.
    pub(super) faces_not_found: usize,
    /// Only pictures where more than half of the votes agree, as the published figures count.
    pub(super) clear_majority: Clear,
}

/// Runs the face stage and the classifier on each picture with a majority.
pub(super) fn judge_part(
    name: &str,
    part: &Part,
    region: FaceRegion,
    classifier: &mut ExpressionClassifier,
) -> Result<PartReport> {
    let bar = progress::counted(part.pictures.len() as u64, "pictures");
    let mut faces = StillFaces::new()?;
    let mut dropped =
        Dropped { unlisted: part.unlisted.len(), missing: part.missing.len(), ..Dropped::default() };
    let (mut judged, mut clear, mut faces_not_found) = (Vec::new(), Vec::new(), 0);
    for picture in &part.pictures {
        if interrupt::is_asked() {
            bar.finish_and_clear();
            anyhow::bail!("interrupted: nothing was written");
        }
        bar.inc(1);
        let truth = match picture.votes.majority() {
            Majority::Label(label) => label,
            Majority::Tie => {
                dropped.ties += 1;
                continue;
            }
            Majority::Unknown => {
                dropped.unknown += 1;
                continue;
            }
        };
        let luma = part.decode(picture)?;
        let place = faces.find(&luma)?;
        faces_not_found += usize::from(!place.is_found);
        let found = classifier.classify_at(&luma, &place)?;
        let mut probabilities = [0.0; LABEL_COUNT];
        for (probability, found) in probabilities.iter_mut().zip(found) {
            *probability = found.unwrap_or(0.0);
        }
        let one = Judged { truth, probabilities };
        judged.push(one);
        if picture.votes.is_clear() {
            clear.push(one);
        }
    }
    bar.finish_and_clear();
    let clear = score(&clear).classes;
    let neutral = judged.iter().filter(|one| one.truth == Label::Neutral);
    Ok(PartReport {
        part: name.to_owned(),
        region: region.name(),
        model_sha256: classifier.card().sha256.clone(),
        typical_neutral: arithmetic_mean(neutral.map(|one| one.probabilities)),
        scores: score(&judged),
        dropped,
        faces_not_found,
        clear_majority: Clear { count: clear.count, accuracy: clear.accuracy, macro_f1: clear.macro_f1 },
    })
}

/// What is not counted, in words.
pub(super) fn words(report: &PartReport) -> String {
    let Dropped { ties, unknown, unlisted, missing } = report.dropped;
    let typical = report.typical_neutral.map_or_else(String::new, |typical| {
        let named = |(label, p): (&Label, &f32)| format!("{} {p:.4}", label.name());
        let named: Vec<String> = Label::ALL.iter().zip(&typical).map(named).collect();
        format!("what is said of a typical neutral face (mean): {}\n", named.join(", "))
    });
    typical
        + &format!(
            "not counted: {ties} ties, {unknown} that most could not tell or saw no face in, {unlisted} that labels.csv does not list, \
         {missing} that it lists and that are missing\nno face was found in {} of the counted pictures: cut out at the usual place\n\
         where more than half of the votes agree (as the figures published with FER+ count): accuracy {:.1} % of {}\n",
            report.faces_not_found,
            100.0 * report.clear_majority.accuracy,
            report.clear_majority.count
        )
}
