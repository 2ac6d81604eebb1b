//! Traces as they are drawn: without their slow drift, at one scale for a clip, thinned without losing peaks.

use crate::eval::spotting::data::{Clip, PredictedEvent, TruthEvent};
use crate::eval::spotting::matching::Interval;
use crate::eval::spotting::read_frames::Traces;
use crate::eval::stats::quantile;
use crate::types::RegionId;

/// Half the time over which a trace's median is taken, in s, and how far apart the medians are that are joined by lines.
const MEDIAN_HALF_S: f64 = 1.0;
const MEDIAN_STEP_S: f64 = 0.25;
/// The least and the most that half a lane stands for, in ICD units.
const SCALE_ICD: [f64; 2] = [0.02, 0.12];
/// Points of a trace in one strip: the lowest and highest of each of half as many slots.
const POINTS: usize = 600;

/// Traces less their running median, which an event of half a second does not move.
pub(super) struct Centred {
    pub(super) at_s: Vec<f64>,
    pub(super) regions: Vec<RegionId>,
    pub(super) displacement_icd: Vec<[Vec<f64>; 2]>,
    pub(super) scale_icd: f64,
}

impl Centred {
    pub(super) fn of(traces: &Traces, clip: &Clip) -> Self {
        let displacement_icd: Vec<[Vec<f64>; 2]> = traces
            .displacement_icd
            .iter()
            .map(|trace| {
                [0, 1].map(|axis| less_median(&traces.at_s, trace.iter().map(|point| f64::from(point[axis]))))
            })
            .collect();
        // Events are not cut off; what the face does between them may be.
        let micros = clip.truth.iter().filter(|event| event.is_micro()).map(TruthEvent::interval);
        let claims = clip.predicted.iter().filter(|event| event.is_claim()).map(PredictedEvent::interval);
        let mut largest = 0.0f64;
        for interval in micros.chain(claims) {
            let from = traces.at_s.partition_point(|at| *at < interval.onset.as_secs_f64());
            let to = traces.at_s.partition_point(|at| *at <= interval.offset.as_secs_f64());
            let within =
                displacement_icd.iter().flatten().filter_map(|values| values.get(from..to.max(from)));
            // `max` takes the other one where one is not a number.
            largest = within.flatten().fold(largest, |largest, icd| largest.max(icd.abs()));
        }
        let [least, most] = SCALE_ICD;
        let scale_icd = (largest * 1.1).clamp(least, most);
        Self { at_s: traces.at_s.clone(), regions: traces.regions.clone(), displacement_icd, scale_icd }
    }
}

/// `values` less their median over two seconds; NaN where there is none.
fn less_median(at_s: &[f64], values: impl Iterator<Item = f64>) -> Vec<f64> {
    let values: Vec<f64> = values.collect();
    let (Some(first_s), Some(last_s)) = (at_s.first(), at_s.last()) else { return values };
    let knots = ((last_s - first_s) / MEDIAN_STEP_S) as usize + 2;
    let medians: Vec<f64> = (0..knots)
        .map(|knot| {
            let at = first_s + knot as f64 * MEDIAN_STEP_S;
            let from = at_s.partition_point(|other| *other < at - MEDIAN_HALF_S);
            let to = at_s.partition_point(|other| *other <= at + MEDIAN_HALF_S).max(from);
            let mut window: Vec<f64> = values.get(from..to).unwrap_or_default().to_vec();
            window.retain(|value| value.is_finite());
            window.sort_by(f64::total_cmp);
            quantile(&window, 0.5).unwrap_or(f64::NAN)
        })
        .collect();
    let centred = at_s.iter().zip(&values).map(|(at, value)| {
        let place = (at - first_s) / MEDIAN_STEP_S;
        let knot = place as usize;
        let (Some(a), Some(b)) = (medians.get(knot), medians.get(knot + 1)) else { return f64::NAN };
        // Where only one of the two is known, it stands for both.
        let share = place - knot as f64;
        match (a.is_finite(), b.is_finite()) {
            (true, true) => value - (a + (b - a) * share),
            (true, false) => value - a,
            _ => value - b,
        }
    });
    centred.collect()
}

/// The points within `time`; of many, the lowest and highest of each slot of time, so that no peak is lost.
pub(super) fn thinned(at_s: &[f64], values: &[f64], time: Interval) -> Vec<(f64, f64)> {
    let from = at_s.partition_point(|at| *at < time.onset.as_secs_f64());
    let to = at_s.partition_point(|at| *at <= time.offset.as_secs_f64());
    let points: Vec<(f64, f64)> =
        at_s.iter().copied().zip(values.iter().copied()).take(to).skip(from).collect();
    if points.len() <= POINTS {
        return points;
    }
    let slots = points.chunks(points.len().div_ceil(POINTS / 2));
    slots
        .flat_map(|slot| {
            let low = slot.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1));
            let high = slot.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1));
            let mut both: Vec<(f64, f64)> = low.into_iter().chain(high).collect();
            both.sort_by(|a, b| a.0.total_cmp(&b.0));
            both.dedup();
            both
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Timestamp;

    #[test]
    fn drift_goes_and_an_event_stays() {
        let at_s: Vec<f64> = (0..300).map(|n| f64::from(n) / 30.0).collect();
        let event = |at: f64| if (5.0..5.4).contains(&at) { 0.03 } else { 0.0 };
        let centred = less_median(&at_s, at_s.iter().map(|at| 0.005 * at + event(*at)));
        for (at, value) in at_s.iter().zip(&centred).filter(|(at, _)| (1.0..9.0).contains(*at)) {
            assert!((value - event(*at)).abs() < 0.003, "{value} at {at} s");
        }
    }

    #[test]
    fn missing_values_stay_missing_and_spoil_no_others() {
        let at_s: Vec<f64> = (0..300).map(|n| f64::from(n) / 30.0).collect();
        let values = at_s.iter().map(|at| if (2.0..6.0).contains(at) { f64::NAN } else { 0.5 });
        let centred = less_median(&at_s, values);
        assert!(
            at_s.iter().zip(&centred).all(|(at, value)| (2.0..6.0).contains(at) == value.is_nan()),
            "{centred:?}"
        );
        assert!(less_median(&[], [].into_iter()).is_empty());
    }

    #[test]
    fn thinning_keeps_the_peak() {
        let at_s: Vec<f64> = (0..10_000).map(|n| f64::from(n) * 0.002).collect();
        let values: Vec<f64> = (0..10_000).map(|n| if n == 4321 { 1.0 } else { 0.0 }).collect();
        let time = Interval { onset: Timestamp::ZERO, offset: Timestamp::from_secs_f64(20.0) };
        let points = thinned(&at_s, &values, time);
        assert!(points.len() <= POINTS && points.iter().any(|(_, value)| *value == 1.0), "{}", points.len());
        assert!(points.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
