//! `score`: clips in, every figure out.

use std::collections::BTreeMap;

use serde::Serialize;

use super::bootstrap::Intervals;
use super::clip_report::ClipReport;
use super::confusion::Confusion;
use super::curve::Curve;
use super::data::{Clip, MICRO, PredictedEvent};
use super::figures::{Figures, Member};
use super::groups::Breakdown;
use super::outcome::ClipOutcome;
use super::seen::Seen;

/// How predictions are compared with truth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ScoreParams {
    /// Smallest intersection over union of a match, `(0, 1]`. 0.5 is what the micro-expression spotting challenges ask for
    /// (MEGC 2019 and later).
    pub min_iou: f64,
    /// Smallest score of a claim; all of them unless told otherwise.
    pub min_score: Option<f64>,
    /// Draws for the intervals; 0 for none.
    pub resamples: u32,
    /// Seed of the draws.
    pub seed: u64,
}

impl Default for ScoreParams {
    fn default() -> Self {
        Self { min_iou: 0.5, min_score: None, resamples: 1000, seed: 1 }
    }
}

impl ScoreParams {
    /// Whether a prediction counts as a claim.
    pub(super) fn is_claim(&self, event: &PredictedEvent) -> bool {
        event.is_claim() && self.min_score.is_none_or(|min_score| event.score >= min_score)
    }
}

/// How often something was the case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// What.
    pub what: String,
    /// How often.
    pub count: usize,
}

/// Every figure of `onset evaluate spotting`; `docs/evaluate.md` defines them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SpottingReport {
    /// How they were compared.
    pub params: ScoreParams,
    /// What limits the figures: missing columns, clips of unknown length.
    pub notes: Vec<String>,
    /// Over everything.
    pub overall: Figures,
    /// 95 % intervals of the overall figures; `None` without draws.
    pub intervals: Option<Intervals>,
    /// The same figures for parts of the data.
    pub breakdown: Breakdown,
    /// How the figures depend on the smallest score.
    pub curve: Curve,
    /// Emotions.
    pub confusion: Confusion,
    /// What false alarms fell on, most frequent first.
    pub false_alarms_on: Vec<Tally>,
    /// What the tables have in place of missed events, most frequent first.
    pub missed_as: Vec<Tally>,
    /// What the tables hold, claims or not, most frequent first.
    pub predicted: Vec<Tally>,
    /// What could be seen; `None` where no table says.
    pub seen: Option<Seen>,
    /// Each clip, in the order given.
    pub clips: Vec<ClipReport>,
}

/// Compares what was predicted with what is known to be there.
///
/// Matching is one to one, within each clip: see [`super::match_one_to_one`]. The order of clips and of events within them
/// changes no figure.
pub fn score(clips: &[Clip], params: &ScoreParams) -> SpottingReport {
    let outcomes: Vec<ClipOutcome> = clips.iter().map(|clip| ClipOutcome::of(clip, params)).collect();
    let alarms = outcomes.iter().flat_map(|outcome| &outcome.false_alarms);
    let missed =
        outcomes.iter().flat_map(|outcome| &outcome.events).filter_map(|event| event.missed_as.as_deref());
    SpottingReport {
        params: *params,
        notes: notes(clips),
        overall: Figures::of(&outcomes, &Member::Clips(&|_| true)),
        intervals: Intervals::of(&outcomes, params.resamples, params.seed),
        breakdown: Breakdown::of(&outcomes),
        curve: Curve::of(clips, params.min_iou),
        confusion: Confusion::of(&outcomes),
        false_alarms_on: tally(alarms.map(|alarm| alarm.on.as_str())),
        missed_as: tally(missed),
        predicted: predicted(clips, params),
        seen: Seen::of(clips),
        clips: outcomes.iter().map(ClipReport::of).collect(),
    }
}

fn tally<'a>(all: impl Iterator<Item = &'a str>) -> Vec<Tally> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    all.for_each(|what| *counts.entry(what).or_default() += 1);
    let mut tally: Vec<Tally> =
        counts.into_iter().map(|(what, count)| Tally { what: what.to_owned(), count }).collect();
    tally.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.what.cmp(&b.what)));
    tally
}

fn predicted(clips: &[Clip], params: &ScoreParams) -> Vec<Tally> {
    let what = |event: &PredictedEvent| {
        if !event.veto.is_empty() {
            format!("{}, vetoed: {}", event.kind, event.veto)
        } else if event.kind != MICRO {
            event.kind.clone()
        } else if !event.is_claim() {
            "micro, never confirmed".to_owned()
        } else if !params.is_claim(event) {
            "micro, score too low".to_owned()
        } else {
            "micro, claimed".to_owned()
        }
    };
    let all: Vec<String> = clips.iter().flat_map(|clip| &clip.predicted).map(what).collect();
    tally(all.iter().map(String::as_str))
}

fn notes(clips: &[Clip]) -> Vec<String> {
    let mut notes = Vec::new();
    let of = |count: usize| format!("{count} of {} clips", clips.len());
    let untimed = clips.iter().filter(|clip| clip.duration_s.is_none()).count();
    if untimed > 0 {
        notes.push(format!(
            "the length of {} is unknown: their false alarms count for precision, but in no rate",
            of(untimed)
        ));
    }
    let unjudged = clips.iter().filter(|clip| clip.observed.is_none()).count();
    if unjudged > 0 {
        notes.push(format!(
            "the tables of {} do not say what was observable: figures over observable time stand on the others",
            of(unjudged)
        ));
    }
    if clips.iter().all(|clip| clip.truth.iter().all(|event| !event.is_micro())) {
        notes.push("the truth has no micro-expression: there is no recall".to_owned());
    }
    if clips.iter().any(|clip| clip.person.is_empty()) && clips.iter().any(|clip| !clip.person.is_empty()) {
        notes.push("the person is known for some clips only: the others count as a person each".to_owned());
    }
    notes
}
