//! Which predicted interval is which true one.

use super::interval::{Interval, IntervalKind, TimeUnit};

/// A true interval and the predicted one that found it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pair<'a> {
    pub(super) truth: &'a Interval,
    pub(super) predicted: &'a Interval,
    pub(super) iou: f64,
}

/// What came of the intervals of one kind in one video.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Matched<'a> {
    pub(super) pairs: Vec<Pair<'a>>,
    pub(super) missed: Vec<&'a Interval>,
    pub(super) false_alarms: Vec<&'a Interval>,
}

/// Pairs intervals of one kind whose IoU reaches `min_iou`, each at most once.
///
/// Greedy: the pair that overlaps most first, of equals the earlier truth, then the earlier prediction. The challenge takes
/// predictions in the order of the file instead; both find the same where true intervals don't overlap each other, since a
/// prediction then cannot cover half of two of them (but for the seam at exactly 0.5), and the order of a file should be of no
/// account. In its script a prediction may find two truths; here it finds one.
pub(super) fn match_greedy<'a>(
    truth: &'a [Interval],
    predicted: &'a [Interval],
    kind: IntervalKind,
    unit: TimeUnit,
    min_iou: f64,
) -> Matched<'a> {
    let sorted = |intervals: &'a [Interval]| {
        let mut these: Vec<&Interval> = intervals.iter().filter(|interval| interval.kind == kind).collect();
        these.sort_by(|a, b| {
            let times = a.onset.total_cmp(&b.onset).then(a.offset.total_cmp(&b.offset));
            times.then_with(|| a.label.cmp(&b.label))
        });
        these
    };
    let (truth, predicted) = (sorted(truth), sorted(predicted));
    let mut candidates = Vec::new();
    for (t, one) in truth.iter().enumerate() {
        for (p, other) in predicted.iter().enumerate() {
            let iou = one.iou(other, unit);
            if iou > 0.0 && iou >= min_iou {
                candidates.push((iou, t, p));
            }
        }
    }
    candidates.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let (mut found, mut used) = (vec![false; truth.len()], vec![false; predicted.len()]);
    let mut matched = Matched::default();
    for (iou, t, p) in candidates {
        // Both are indexes from the loops above.
        if !found[t] && !used[p] {
            (found[t], used[p]) = (true, true);
            matched.pairs.push(Pair { truth: truth[t], predicted: predicted[p], iou });
        }
    }
    let left = |all: Vec<&'a Interval>, taken: &[bool]| {
        all.into_iter().zip(taken).filter(|(_, taken)| !**taken).map(|(one, _)| one).collect()
    };
    matched.missed = left(truth, &found);
    matched.false_alarms = left(predicted, &used);
    matched
}
