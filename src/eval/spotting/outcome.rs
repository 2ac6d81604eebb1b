//! What became of each event of a clip: found, missed and why, or a false alarm and on what.

use super::action_units::is_seen;
use super::data::{Clip, MICRO, PredictedEvent, TruthEvent};
use super::matching::{Interval, apexes_inside, match_one_to_one};
use super::observed::RegionMask;
use super::report::ScoreParams;

/// At least this share of an interval must have been observable for it to count as observed: most of it.
const OBSERVED_SHARE: f64 = 0.5;

/// What lasts for this share of a clip lasts throughout: a length by frames may differ from the truth's by some of them.
const THROUGHOUT_SHARE: f64 = 0.98;

/// Where nothing else overlaps.
const NOTHING: &str = "nothing";

/// A truth that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spotted {
    /// Index in [`Clip::predicted`].
    pub(super) predicted: usize,
    pub(super) iou: f64,
}

/// What became of one true micro-expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TruthOutcome {
    /// Index in [`Clip::truth`].
    pub(super) truth: usize,
    /// The claim that found it.
    pub(super) spotted: Option<Spotted>,
    /// Its apex lies inside a claim of its own.
    pub(super) is_apex_inside: bool,
    /// Whether it could be seen; `None` where the tables don't say.
    pub(super) is_observable: Option<bool>,
    /// Kinds of other truth at the same time, sorted.
    pub(super) during: Vec<String>,
    /// For missed ones: what was there instead.
    pub(super) missed_as: Option<String>,
}

/// A claim without a truth.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FalseAlarm {
    /// Index in [`Clip::predicted`].
    pub(super) predicted: usize,
    /// What it fell on.
    pub(super) on: String,
    /// Whether brows or mouth could be seen then; `None` where the tables don't say.
    pub(super) is_observed: Option<bool>,
}

/// What became of one clip.
#[derive(Clone, Debug)]
pub(super) struct ClipOutcome<'a> {
    pub(super) clip: &'a Clip,
    pub(super) events: Vec<TruthOutcome>,
    pub(super) false_alarms: Vec<FalseAlarm>,
}

/// Brows or mouth: what counts as observed time.
pub(super) fn has_brow_or_mouth(regions: RegionMask) -> bool {
    regions.has_brow() || regions.has_mouth()
}

impl<'a> ClipOutcome<'a> {
    pub(super) fn of(clip: &'a Clip, params: &ScoreParams) -> Self {
        // In an order of their own, so that the order of the rows is of no account: truth by time, claims by score, which
        // decides between claims of one and the same interval.
        let mut truth = indices(&clip.truth, TruthEvent::is_micro);
        truth.sort_by_key(|t| {
            let event = &clip.truth[*t];
            (event.interval(), event.apex, event.emotion.as_str())
        });
        let mut claims = indices(&clip.predicted, |event| params.is_claim(event));
        claims.sort_by(|a, b| {
            let [a, b] = [a, b].map(|index| &clip.predicted[*index]);
            b.score.total_cmp(&a.score).then(a.id.cmp(&b.id))
        });
        let truth_intervals: Vec<Interval> = truth.iter().map(|t| clip.truth[*t].interval()).collect();
        let claim_intervals: Vec<Interval> = claims.iter().map(|c| clip.predicted[*c].interval()).collect();
        let apexes: Vec<_> = truth.iter().map(|t| clip.truth[*t].apex).collect();
        let inside = apexes_inside(&apexes, &claim_intervals);

        let mut spotted = vec![None; truth.len()];
        let mut is_matched = vec![false; clip.predicted.len()];
        for pair in match_one_to_one(&truth_intervals, &claim_intervals, params.min_iou) {
            let predicted = claims[pair.predicted];
            is_matched[predicted] = true;
            spotted[pair.truth] = Some(Spotted { predicted, iou: pair.iou });
        }
        let events = truth.iter().zip(spotted).zip(inside).map(|((&t, spotted), is_apex_inside)| {
            let event = &clip.truth[t];
            TruthOutcome {
                truth: t,
                spotted,
                is_apex_inside,
                is_observable: clip.observed.as_ref().map(|observed| {
                    observed.share(event.interval(), |regions| is_seen(event, regions)) >= OBSERVED_SHARE
                }),
                during: kinds_during(clip, event),
                missed_as: spotted.is_none().then(|| missed_as(clip, event, &is_matched, params)),
            }
        });
        let events = events.collect();
        claims.sort_by_key(|claim| (clip.predicted[*claim].interval(), clip.predicted[*claim].id));
        let false_alarms = claims.into_iter().filter(|claim| !is_matched[*claim]).map(|predicted| {
            let interval = clip.predicted[predicted].interval();
            FalseAlarm {
                predicted,
                on: fell_on(clip, interval),
                is_observed: clip
                    .observed
                    .as_ref()
                    .map(|observed| observed.share(interval, has_brow_or_mouth) >= OBSERVED_SHARE),
            }
        });
        let false_alarms = false_alarms.collect();
        Self { clip, events, false_alarms }
    }
}

fn indices<T>(items: &[T], is_wanted: impl Fn(&T) -> bool) -> Vec<usize> {
    items.iter().enumerate().filter(|(_, item)| is_wanted(item)).map(|(index, _)| index).collect()
}

fn kinds_during(clip: &Clip, event: &TruthEvent) -> Vec<String> {
    let others = happenings(clip).filter(|other| !other.is_micro());
    let mut kinds: Vec<String> = others
        .filter(|other| touches(&other.interval(), &event.interval()))
        .map(|other| other.kind.clone())
        .collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

/// Truth that happens at some time: not what lasts throughout the clip (noise, breathing), which is part of everything in it.
pub(super) fn happenings(clip: &Clip) -> impl Iterator<Item = &TruthEvent> {
    let is_throughout = |event: &TruthEvent| {
        clip.duration_s.is_some_and(|duration_s| event.interval().seconds() >= THROUGHOUT_SHARE * duration_s)
    };
    clip.truth.iter().filter(move |event| event.is_micro() || !is_throughout(event))
}

/// Steps of the light have no length, so sharing a moment is enough where overlapping is not possible.
fn touches(a: &Interval, b: &Interval) -> bool {
    a.overlap_s(b) > 0.0
        || (a.seconds() == 0.0 && b.contains(a.onset))
        || (b.seconds() == 0.0 && a.contains(b.onset))
}

/// What of the truth the claim is most like: the kind with the highest intersection over union.
fn fell_on(clip: &Clip, claim: Interval) -> String {
    let touched = happenings(clip).filter(|event| touches(&event.interval(), &claim));
    let best = touched.max_by(|a, b| {
        let iou = |event: &TruthEvent| event.interval().iou(&claim);
        // Ties by name, so that the order of rows is of no account.
        iou(a).total_cmp(&iou(b)).then_with(|| b.kind.cmp(&a.kind))
    });
    match best {
        None => NOTHING.to_owned(),
        Some(event) if event.is_micro() => "micro, not matched".to_owned(),
        Some(event) => event.kind.clone(),
    }
}

/// What the tables have in place of a claim that matches: the prediction with the highest intersection over union.
fn missed_as(clip: &Clip, event: &TruthEvent, is_matched: &[bool], params: &ScoreParams) -> String {
    let touched = clip.predicted.iter().enumerate();
    let touched = touched.filter(|(_, predicted)| touches(&predicted.interval(), &event.interval()));
    let best = touched.max_by(|(_, a), (_, b)| {
        let key = |p: &PredictedEvent| (p.interval().iou(&event.interval()), p.score);
        let ((iou_a, score_a), (iou_b, score_b)) = (key(a), key(b));
        iou_a.total_cmp(&iou_b).then(score_a.total_cmp(&score_b)).then_with(|| b.id.cmp(&a.id))
    });
    let Some((index, best)) = best else { return NOTHING.to_owned() };
    if !best.veto.is_empty() {
        format!("vetoed: {}", best.veto)
    } else if best.kind != MICRO {
        best.kind.clone()
    } else if !best.is_claim() {
        "flagged, never confirmed".to_owned()
    } else if !params.is_claim(best) {
        "score too low".to_owned()
    } else if is_matched.get(index).copied().unwrap_or_default() {
        "claim of another event".to_owned()
    } else {
        "overlap too small".to_owned()
    }
}
