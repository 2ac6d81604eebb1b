//! Intervals of time, how much two overlap, and which prediction belongs to which truth.

use std::cmp::Ordering;

use crate::types::Timestamp;

/// A stretch of time, both ends included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval {
    /// Its start.
    pub onset: Timestamp,
    /// Its end.
    pub offset: Timestamp,
}

impl Interval {
    /// Its length, in s; never negative.
    pub fn seconds(&self) -> f64 {
        self.offset.seconds_since(self.onset).max(0.0)
    }

    /// True where `at` lies in it, ends included.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.onset <= at && at <= self.offset
    }

    /// How long both last together, in s; 0 where they only touch.
    pub fn overlap_s(&self, other: &Self) -> f64 {
        self.overlap_ns(other) as f64 * 1e-9
    }

    /// Intersection over union, `[0, 1]`: the time that both cover over the time that at least one covers; 0 where they only
    /// touch.
    pub fn iou(&self, other: &Self) -> f64 {
        let shared = self.overlap_ns(other);
        // Exact: nanoseconds of any recording are whole numbers below 2^53 in f64.
        if shared == 0 { 0.0 } else { shared as f64 / self.union_ns(other) as f64 }
    }

    /// Whether [`Interval::iou`] is at least `min_iou`, without rounding: an overlap of exactly one half counts as one half.
    fn reaches(&self, other: &Self, min_iou: f64) -> bool {
        let shared = self.overlap_ns(other);
        shared > 0 && shared as f64 >= min_iou * self.union_ns(other) as f64
    }

    fn length_ns(&self) -> i128 {
        (i128::from(self.offset.as_nanos()) - i128::from(self.onset.as_nanos())).max(0)
    }

    fn overlap_ns(&self, other: &Self) -> i128 {
        Self { onset: self.onset.max(other.onset), offset: self.offset.min(other.offset) }.length_ns()
    }

    fn union_ns(&self, other: &Self) -> i128 {
        self.length_ns() + other.length_ns() - self.overlap_ns(other)
    }
}

/// A truth and a prediction that belong together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// Index of the truth.
    pub truth: usize,
    /// Index of the prediction.
    pub predicted: usize,
    /// How well they overlap.
    pub iou: f64,
}

/// All pairs with an intersection over union of at least `min_iou`, best first. Ties go to the earlier truth, then to the
/// earlier prediction, whatever the order of the slices.
pub(super) fn possible_pairs(truth: &[Interval], predicted: &[Interval], min_iou: f64) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (t, truth) in truth.iter().enumerate() {
        for (p, predicted) in predicted.iter().enumerate() {
            if truth.reaches(predicted, min_iou) {
                pairs.push(Pair { truth: t, predicted: p, iou: truth.iou(predicted) });
            }
        }
    }
    let key =
        |pair: &Pair| (truth.get(pair.truth), predicted.get(pair.predicted), pair.truth, pair.predicted);
    pairs.sort_by(|a, b| match b.iou.total_cmp(&a.iou) {
        Ordering::Equal => key(a).cmp(&key(b)),
        different => different,
    });
    pairs
}

/// Takes the pairs in order, each truth and each prediction at most once.
pub(super) fn take_one_to_one(pairs: impl IntoIterator<Item = Pair>, truth_count: usize) -> Vec<Pair> {
    let mut is_found = vec![false; truth_count];
    let mut taken: Vec<Pair> = Vec::new();
    for pair in pairs {
        let Some(is_found) = is_found.get_mut(pair.truth) else { continue };
        if !*is_found && taken.iter().all(|other| other.predicted != pair.predicted) {
            *is_found = true;
            taken.push(pair);
        }
    }
    taken
}

/// Which prediction belongs to which truth, one to one: of all pairs with an intersection over union of at least `min_iou`
/// (`(0, 1]`), the best one is taken, then the best of those that are left, and so on.
///
/// Ties go to the earlier truth, then to the earlier prediction. Where neither truths nor predictions overlap among
/// themselves and `min_iou > 0.5`, no truth reaches two predictions nor the reverse, and this is the only matching; at
/// exactly 0.5 it is the only one but for exact halves.
pub fn match_one_to_one(truth: &[Interval], predicted: &[Interval], min_iou: f64) -> Vec<Pair> {
    take_one_to_one(possible_pairs(truth, predicted, min_iou), truth.len())
}

/// For each apex, whether it lies inside a prediction of its own: as many as possible, each prediction used once.
pub(super) fn apexes_inside(apexes: &[Timestamp], predicted: &[Interval]) -> Vec<bool> {
    let mut order: Vec<usize> = (0..apexes.len()).collect();
    order.sort_by_key(|index| apexes.get(*index));
    let mut is_used = vec![false; predicted.len()];
    let mut is_inside = vec![false; apexes.len()];
    for index in order {
        let Some(apex) = apexes.get(index) else { continue };
        // The one that ends first: the others may hold later apexes too.
        let free =
            predicted.iter().enumerate().filter(|(p, interval)| !is_used[*p] && interval.contains(*apex));
        if let Some((p, _)) = free.min_by_key(|(_, interval)| (interval.offset, interval.onset)) {
            is_used[p] = true;
            is_inside[index] = true;
        }
    }
    is_inside
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ms(onset: i64, offset: i64) -> Interval {
        let at = |ms: i64| Timestamp::from_nanos(ms * 1_000_000);
        Interval { onset: at(onset), offset: at(offset) }
    }

    fn pairs(truth: &[Interval], predicted: &[Interval]) -> Vec<(usize, usize)> {
        match_one_to_one(truth, predicted, 0.5).iter().map(|pair| (pair.truth, pair.predicted)).collect()
    }

    #[test]
    fn intersection_over_union_by_hand() {
        assert_eq!(ms(0, 200).iou(&ms(0, 200)), 1.0);
        assert_eq!(ms(0, 200).iou(&ms(100, 300)), 1.0 / 3.0);
        assert_eq!(ms(0, 400).iou(&ms(100, 300)), 0.5);
        assert_eq!(ms(0, 200).iou(&ms(200, 300)), 0.0);
        assert_eq!(ms(0, 200).iou(&ms(500, 600)), 0.0);
        assert_eq!(ms(100, 100).iou(&ms(0, 200)), 0.0);
        assert_eq!(ms(100, 100).iou(&ms(100, 100)), 0.0);
    }

    #[test]
    fn exactly_one_half_is_enough_and_a_nanosecond_less_is_not() {
        // In seconds, (1.2 - 1.1) / (1.2 - 1.0) comes out as 0.4999999999999994.
        let at = |s: f64| Timestamp::from_secs_f64(s);
        let truth = Interval { onset: at(1.0), offset: at(1.2) };
        let half = Interval { onset: at(1.1), offset: at(1.2) };
        assert_eq!(pairs(&[truth], &[half]), [(0, 0)]);
        let less = Interval { onset: Timestamp::from_nanos(half.onset.as_nanos() + 1), ..half };
        assert_eq!(pairs(&[truth], &[less]), []);
    }

    #[test]
    fn each_truth_and_each_prediction_is_used_once_and_the_best_pair_wins() {
        // Two predictions of one event: the better one counts, the other is left over.
        assert_eq!(pairs(&[ms(0, 300)], &[ms(0, 200), ms(20, 300)]), [(0, 1)]);
        // One prediction over two events.
        assert_eq!(pairs(&[ms(0, 200), ms(150, 400)], &[ms(0, 300)]), [(0, 0)]);
        // Overlapping on both sides: the best pair (1, 0) is taken first, then what is left.
        assert_eq!(pairs(&[ms(0, 100), ms(30, 130)], &[ms(30, 130), ms(0, 110)]), [(1, 0), (0, 1)]);
        // Nothing on either side.
        assert_eq!(pairs(&[], &[ms(0, 100)]), []);
        assert_eq!(pairs(&[ms(0, 100)], &[]), []);
        assert_eq!(pairs(&[], &[]), []);
    }

    #[test]
    fn ties_go_to_the_earlier_truth_then_to_the_earlier_prediction() {
        // One prediction that two events share half and half.
        assert_eq!(pairs(&[ms(100, 200), ms(0, 100)], &[ms(0, 200)]), [(1, 0)]);
        assert_eq!(pairs(&[ms(0, 200)], &[ms(100, 200), ms(0, 100)]), [(0, 1)]);
    }

    #[test]
    fn apexes_share_predictions_sparingly() {
        let at = |ms: i64| Timestamp::from_nanos(ms * 1_000_000);
        // The short prediction can only take the first apex, so the long one is left for the second.
        assert_eq!(apexes_inside(&[at(300), at(100)], &[ms(0, 500), ms(50, 150)]), [true, true]);
        assert_eq!(apexes_inside(&[at(100), at(120)], &[ms(0, 500)]), [true, false]);
        assert_eq!(apexes_inside(&[at(100), at(501)], &[ms(100, 500)]), [true, false]);
        assert_eq!(apexes_inside(&[], &[ms(0, 1)]), Vec::<bool>::new());
    }

    fn intervals(most: usize) -> impl Strategy<Value = Vec<Interval>> {
        // Coarse times, so that overlaps, ties and exact halves are common.
        let one = (0i64..60, 1i64..12).prop_map(|(onset, length)| ms(onset * 20, (onset + length) * 20));
        proptest::collection::vec(one, 0..most)
    }

    /// The most pairs that any one-to-one choice could have, by trying all.
    fn most_pairs(truth: &[Interval], predicted: &[Interval]) -> usize {
        let Some((first, rest)) = truth.split_first() else { return 0 };
        let mut best = most_pairs(rest, predicted);
        for (p, interval) in predicted.iter().enumerate() {
            if first.reaches(interval, 0.5) {
                let others: Vec<Interval> =
                    predicted.iter().enumerate().filter(|(o, _)| *o != p).map(|(_, i)| *i).collect();
                best = best.max(1 + most_pairs(rest, &others));
            }
        }
        best
    }

    /// Without overlaps among themselves.
    fn apart(intervals: Vec<Interval>) -> Vec<Interval> {
        let mut kept: Vec<Interval> = Vec::new();
        for interval in intervals {
            if kept.iter().all(|other| other.overlap_ns(&interval) == 0) {
                kept.push(interval);
            }
        }
        kept
    }

    proptest! {
        #[test]
        fn pairs_are_one_to_one_good_enough_and_nothing_better_is_left(truth in intervals(12), predicted in intervals(12)) {
            let pairs = match_one_to_one(&truth, &predicted, 0.5);
            for (n, pair) in pairs.iter().enumerate() {
                prop_assert!(truth[pair.truth].reaches(&predicted[pair.predicted], 0.5));
                prop_assert!((0.5..=1.0).contains(&pair.iou));
                prop_assert!(pairs[..n].iter().all(|p| p.truth != pair.truth && p.predicted != pair.predicted));
            }
            for (t, a) in truth.iter().enumerate() {
                for (p, b) in predicted.iter().enumerate() {
                    let is_free = pairs.iter().all(|pair| pair.truth != t && pair.predicted != p);
                    prop_assert!(!(is_free && a.reaches(b, 0.5)), "{t} and {p} were left");
                }
            }
        }

        #[test]
        fn the_best_first_finds_the_most_pairs_where_neither_side_overlaps(t in intervals(6), p in intervals(6)) {
            let (truth, predicted) = (apart(t), apart(p));
            prop_assert_eq!(match_one_to_one(&truth, &predicted, 0.5).len(), most_pairs(&truth, &predicted));
        }

        #[test]
        fn the_order_of_the_slices_is_of_no_account(
            truth in intervals(10),
            predicted in intervals(10).prop_shuffle(),
            turn in 0usize..10,
        ) {
            let by_time = |truth: &[Interval], predicted: &[Interval]| {
                let pairs = match_one_to_one(truth, predicted, 0.5);
                let mut found: Vec<_> = pairs.iter().map(|p| (truth[p.truth], predicted[p.predicted])).collect();
                found.sort();
                found
            };
            let mut turned = truth.clone();
            turned.rotate_left(turn % truth.len().max(1));
            let reversed: Vec<Interval> = predicted.iter().rev().copied().collect();
            prop_assert_eq!(by_time(&truth, &predicted), by_time(&turned, &reversed));
        }

        #[test]
        fn iou_is_symmetric_within_bounds_and_blind_to_shifts(a in intervals(2), b in intervals(2), shift in -1_000_000i64..1_000_000) {
            let moved = |i: &Interval| Interval {
                onset: Timestamp::from_nanos(i.onset.as_nanos() + shift),
                offset: Timestamp::from_nanos(i.offset.as_nanos() + shift),
            };
            for (a, b) in a.iter().zip(&b) {
                prop_assert_eq!(a.iou(b), b.iou(a));
                prop_assert!((0.0..=1.0).contains(&a.iou(b)));
                prop_assert_eq!(a.iou(b), moved(a).iou(&moved(b)));
            }
        }
    }
}
