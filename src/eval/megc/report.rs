//! `MegcReport`: videos in, every figure out.

use serde::Serialize;

use super::analysis::{Analysis, SpotThenRecognize};
use super::interval::{IntervalKind, TimeUnit, Video, unit_of};
use super::matching::{Matched, match_greedy};
use crate::eval::classes::share;

/// How intervals are compared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MegcParams {
    /// Smallest intersection over union of a true positive, `(0, 1]`. The challenges ask for 0.5.
    pub min_iou: f64,
    /// What onset and offset count; `None`: frames where all are whole numbers, else seconds.
    pub unit: Option<TimeUnit>,
    /// Labels that recognition leaves out, as the challenge leaves out `others`.
    pub without: Vec<String>,
}

impl Default for MegcParams {
    fn default() -> Self {
        Self { min_iou: 0.5, unit: None, without: Vec::new() }
    }
}

/// Figures of spotting, and of recognition behind it. Shares are `[0, 1]`, and 0 where there is nothing to take a share of.
///
/// Counts are pooled over all videos before shares are taken, as MEGC 2020 and later do ("MEGC2020: the third facial
/// micro-expression grand challenge", FG 2020): a video without truth adds its false alarms.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct MegcFigures {
    /// True intervals.
    pub truth: usize,
    /// Predicted intervals.
    pub predicted: usize,
    /// True intervals that were found.
    pub true_positives: usize,
    /// Predictions that found nothing.
    pub false_positives: usize,
    /// True intervals that were not found.
    pub false_negatives: usize,
    /// Share of the predictions that found something.
    pub precision: f64,
    /// Share of the truth that was found.
    pub recall: f64,
    /// 2 TP / (2 TP + FP + FN).
    pub f1: f64,
    /// Mean IoU of what was found; `None` where nothing was.
    pub mean_iou: Option<f64>,
    /// Recognition of what was found; `None` where the truth has no labels.
    pub analysis: Option<Analysis>,
    /// Spot-then-recognise score: F1 of spotting times F1 of the analysis; `None` where the truth has no labels.
    pub strs: Option<f64>,
    /// Where intervals end up, label by label.
    pub confusion: SpotThenRecognize,
}

/// Counts of one kind in one video.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VideoCounts {
    /// The video.
    pub video: String,
    /// The person; empty where it is not known.
    pub subject: String,
    /// The kind.
    pub kind: IntervalKind,
    /// True intervals.
    pub truth: usize,
    /// Predicted intervals.
    pub predicted: usize,
    /// True intervals that were found.
    pub true_positives: usize,
    /// Share of the predictions that found something.
    pub precision: f64,
    /// Share of the truth that was found.
    pub recall: f64,
    /// 2 TP / (2 TP + FP + FN).
    pub f1: f64,
}

/// Every figure of `onset evaluate megc`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MegcReport {
    /// How intervals were compared; the unit is the one in force.
    pub params: MegcParams,
    /// How many videos.
    pub videos: usize,
    /// How many people; 0 where none is known.
    pub subjects: usize,
    /// Micro-expressions. The challenge's spot-then-recognise task is about these alone.
    pub micro: MegcFigures,
    /// Longer expressions.
    #[serde(rename = "macro")]
    pub macro_: MegcFigures,
    /// Both: sums of their counts. What is found under the other kind's name is not found.
    pub overall: MegcFigures,
    /// Each video and kind of which there is truth or a prediction.
    pub by_video: Vec<VideoCounts>,
}

impl MegcFigures {
    fn of(all: &[&Matched<'_>], without: &[String]) -> Self {
        let sum = |count: fn(&Matched<'_>) -> usize| all.iter().map(|matched| count(matched)).sum::<usize>();
        let found = sum(|matched| matched.pairs.len());
        let (alarms, missed) =
            (sum(|matched| matched.false_alarms.len()), sum(|matched| matched.missed.len()));
        let f1 = share(2 * found, 2 * found + alarms + missed);
        let ious: f64 = all.iter().flat_map(|matched| &matched.pairs).map(|pair| pair.iou).sum();
        let analysis = Analysis::of(all, without);
        Self {
            truth: found + missed,
            predicted: found + alarms,
            true_positives: found,
            false_positives: alarms,
            false_negatives: missed,
            precision: share(found, found + alarms),
            recall: share(found, found + missed),
            f1,
            mean_iou: if found == 0 { None } else { Some(ious / found as f64) },
            strs: analysis.as_ref().map(|analysis| f1 * analysis.f1),
            analysis,
            confusion: SpotThenRecognize::of(all),
        }
    }
}

impl MegcReport {
    /// Compares what was found with what is known to be there. The order of videos and intervals changes no figure.
    pub fn of(videos: &[Video], params: &MegcParams) -> Self {
        let unit = params.unit.unwrap_or_else(|| unit_of(videos));
        let matched: Vec<(&Video, IntervalKind, Matched<'_>)> = videos
            .iter()
            .flat_map(|video| IntervalKind::ALL.map(|kind| (video, kind)))
            .map(|(video, kind)| {
                (video, kind, match_greedy(&video.truth, &video.predicted, kind, unit, params.min_iou))
            })
            .collect();
        let figures = |kinds: &[IntervalKind]| {
            let these =
                matched.iter().filter(|(_, kind, _)| kinds.contains(kind)).map(|(_, _, matched)| matched);
            MegcFigures::of(&these.collect::<Vec<_>>(), &params.without)
        };
        let mut subjects: Vec<&str> =
            videos.iter().map(|video| video.subject.as_str()).filter(|subject| !subject.is_empty()).collect();
        subjects.sort_unstable();
        subjects.dedup();
        let mut by_video: Vec<VideoCounts> = matched.iter().filter_map(|one| counts_of(one)).collect();
        by_video.sort_by(|a, b| (&a.subject, &a.video, a.kind).cmp(&(&b.subject, &b.video, b.kind)));
        Self {
            params: MegcParams { unit: Some(unit), ..params.clone() },
            videos: videos.len(),
            subjects: subjects.len(),
            micro: figures(&[IntervalKind::Micro]),
            macro_: figures(&[IntervalKind::Macro]),
            overall: figures(&IntervalKind::ALL),
            by_video,
        }
    }
}

fn counts_of((video, kind, matched): &(&Video, IntervalKind, Matched<'_>)) -> Option<VideoCounts> {
    let found = matched.pairs.len();
    let (truth, predicted) = (found + matched.missed.len(), found + matched.false_alarms.len());
    if truth + predicted == 0 {
        return None;
    }
    Some(VideoCounts {
        video: video.video.clone(),
        subject: video.subject.clone(),
        kind: *kind,
        truth,
        predicted,
        true_positives: found,
        precision: share(found, predicted),
        recall: share(found, truth),
        f1: share(2 * found, truth + predicted),
    })
}
