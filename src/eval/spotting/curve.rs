//! How the figures depend on the smallest score that is accepted: recall against false alarms a minute, and average
//! precision.

use serde::Serialize;

use super::data::{Clip, PredictedEvent, TruthEvent};
use super::figures::Counts;
use super::matching::{Interval, Pair, possible_pairs, take_one_to_one};

/// The figures with all claims of at least one score.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CurvePoint {
    /// The smallest score that is accepted.
    pub score: f64,
    /// Claims with it.
    pub claims: usize,
    /// True events found.
    pub found: usize,
    /// Claims without a truth.
    pub false_alarms: usize,
    /// `found / truth`.
    pub recall: Option<f64>,
    /// `found / claims`.
    pub precision: Option<f64>,
    /// `2 found / (claims + truth)`.
    pub f1: Option<f64>,
    /// False alarms a minute over all time (clips of known length).
    pub false_alarms_per_minute: Option<f64>,
}

/// One point for each score that occurs, highest first. It ends where the tables end: what the analysis did not claim, or
/// vetoed, is not in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Curve {
    /// The points.
    pub points: Vec<CurvePoint>,
    /// `Σ (recall_k - recall_k-1) precision_k`, highest score first; `None` without true events. What the tables don't claim
    /// adds nothing.
    pub average_precision: Option<f64>,
}

/// A clip while the smallest score falls.
struct Falling<'a> {
    clip: &'a Clip,
    truth_count: usize,
    /// Possible pairs, best first; `predicted` is an index into `Clip::predicted`.
    pairs: Vec<Pair>,
    counts: Counts,
}

impl<'a> Falling<'a> {
    fn new(clip: &'a Clip, min_iou: f64) -> Self {
        let truth: Vec<Interval> =
            clip.truth.iter().filter(|event| event.is_micro()).map(TruthEvent::interval).collect();
        // A prediction that is no claim has no length here, and matches nothing.
        let nothing = Interval::default();
        let interval = |event: &PredictedEvent| if event.is_claim() { event.interval() } else { nothing };
        let predicted: Vec<Interval> = clip.predicted.iter().map(interval).collect();
        Self {
            clip,
            truth_count: truth.len(),
            pairs: possible_pairs(&truth, &predicted, min_iou),
            counts: Counts {
                truth: truth.len(),
                seconds: clip.duration_s.unwrap_or(0.0),
                ..Counts::default()
            },
        }
    }

    fn accept(&mut self, min_score: f64) {
        let is_in = |event: &PredictedEvent| event.is_claim() && event.score >= min_score;
        let is_accepted = |pair: &&Pair| self.clip.predicted.get(pair.predicted).is_some_and(is_in);
        let found = take_one_to_one(self.pairs.iter().filter(is_accepted).copied(), self.truth_count).len();
        let claims = self.clip.predicted.iter().filter(|event| is_in(event)).count();
        self.counts.found = found;
        self.counts.false_alarms = claims - found;
        self.counts.timed_false_alarms = if self.clip.duration_s.is_some() { claims - found } else { 0 };
    }
}

impl Curve {
    /// Over every score of `clips`; matching starts anew at each.
    pub fn of(clips: &[Clip], min_iou: f64) -> Self {
        let mut clips: Vec<Falling> = clips.iter().map(|clip| Falling::new(clip, min_iou)).collect();
        let mut sum = Counts::default();
        clips.iter().for_each(|clip| sum += clip.counts);
        let mut scores: Vec<(f64, usize)> = Vec::new();
        for (index, falling) in clips.iter().enumerate() {
            let claims = falling.clip.predicted.iter().filter(|event| event.is_claim());
            scores.extend(claims.map(|event| (event.score, index)));
        }
        scores.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        scores.dedup();
        let mut points = Vec::new();
        for same_score in scores.chunk_by(|a, b| a.0 == b.0) {
            let Some(&(score, _)) = same_score.first() else { continue };
            for (_, index) in same_score {
                let Some(clip) = clips.get_mut(*index) else { continue };
                let before = clip.counts;
                clip.accept(score);
                sum.found = sum.found + clip.counts.found - before.found;
                sum.false_alarms = sum.false_alarms + clip.counts.false_alarms - before.false_alarms;
                sum.timed_false_alarms =
                    sum.timed_false_alarms + clip.counts.timed_false_alarms - before.timed_false_alarms;
            }
            points.push(CurvePoint {
                score,
                claims: sum.found + sum.false_alarms,
                found: sum.found,
                false_alarms: sum.false_alarms,
                recall: sum.recall(),
                precision: sum.precision(),
                f1: sum.f1(),
                false_alarms_per_minute: sum.false_alarms_per_minute(),
            });
        }
        let average_precision = (sum.truth > 0).then(|| {
            let mut before = 0.0;
            points.iter().fold(0.0, |area, point| {
                let (recall, precision) = (point.recall.unwrap_or(0.0), point.precision.unwrap_or(0.0));
                let step = recall - before;
                before = recall;
                area + step * precision
            })
        });
        Self { points, average_precision }
    }

    /// The point with the highest F1; the one with the higher score where several have it.
    pub fn best_f1(&self) -> Option<&CurvePoint> {
        // `max_by` takes the last of equals.
        self.points.iter().rev().max_by(|a, b| a.f1.unwrap_or(-1.0).total_cmp(&b.f1.unwrap_or(-1.0)))
    }

    /// The most that can be accepted at no more than `per_minute` false alarms: the last point before their rate first rises
    /// above it. How to set a threshold on held-out people (F1 is too flat for that).
    pub fn at_most(&self, per_minute: f64) -> Option<&CurvePoint> {
        self.points
            .iter()
            .take_while(|p| p.false_alarms_per_minute.is_some_and(|rate| rate <= per_minute))
            .last()
    }
}
