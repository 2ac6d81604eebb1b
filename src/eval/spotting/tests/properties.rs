//! What must hold whatever the truth and the predictions.

use proptest::prelude::*;

use super::{claim, ms, truth};
use crate::eval::spotting::*;
use crate::types::Timestamp;

/// Coarse times, so that overlaps, ties and exact halves are common.
fn any_truth() -> impl Strategy<Value = TruthEvent> {
    let kind = prop_oneof![4 => Just("micro"), 1 => Just("blink"), 1 => Just("speech")];
    (kind, 0i64..100, 1i64..10, 0i64..10, 0u8..4).prop_map(|(kind, onset, length, apex, emotion)| {
        let (onset, length) = (onset * 50, length * 50);
        TruthEvent {
            emotion: ["", "anger", "fear", "happiness"][usize::from(emotion)].to_owned(),
            amplitude_icd: (emotion > 0).then(|| f64::from(emotion) * 0.013),
            ..truth(kind, [onset, onset + length * apex / 10, onset + length])
        }
    })
}

fn any_predicted() -> impl Strategy<Value = PredictedEvent> {
    (0i64..100, 1i64..10, 0u8..6, 0u8..8).prop_map(|(onset, length, score, sort)| {
        let event = claim(0, f64::from(score) / 5.0, [onset * 50, (onset + length) * 50]);
        match sort {
            0 => PredictedEvent { veto: "head".to_owned(), ..event },
            1 => PredictedEvent { is_confirmed: false, offset: None, ..event },
            2 => PredictedEvent { kind: "macro".to_owned(), ..event },
            _ => event,
        }
    })
}

fn any_clips() -> impl Strategy<Value = Vec<Clip>> {
    let events =
        (proptest::collection::vec(any_truth(), 0..8), proptest::collection::vec(any_predicted(), 0..8));
    let clip = (events, 0u8..3, 1u8..20, 0u8..3);
    proptest::collection::vec(clip, 0..5).prop_map(|clips| {
        type Raw = (usize, ((Vec<TruthEvent>, Vec<PredictedEvent>), u8, u8, u8));
        let named = |(index, ((mut truth, mut predicted), person, halves, base)): Raw| {
            // Two true events at the very same time cannot be told apart by any claim.
            truth.sort_by_key(TruthEvent::interval);
            truth.dedup_by_key(|event| event.interval());
            predicted.iter_mut().enumerate().for_each(|(id, event)| event.id = id as u64);
            Clip {
                name: format!("clip{index}"),
                fps: 30.0 * f64::from(base + 1),
                base_kind: ["still", "calm", "talking"][usize::from(base)].to_owned(),
                person: format!("p{person}"),
                // Halves add up exactly in any order.
                duration_s: Some(f64::from(halves) * 0.5),
                truth,
                predicted,
                ..Clip::default()
            }
        };
        clips.into_iter().enumerate().map(named).collect()
    })
}

const FAST: ScoreParams = ScoreParams { min_iou: 0.5, min_score: None, resamples: 20, seed: 1 };

/// The report without what names single events.
fn figures_of(clips: &[Clip]) -> SpottingReport {
    SpottingReport { clips: Vec::new(), ..score(clips, &FAST) }
}

proptest! {
    #[test]
    fn the_order_of_clips_and_events_changes_no_figure(clips in any_clips(), turn in 0usize..8) {
        let mut turned = clips.clone();
        turned.reverse();
        for clip in &mut turned {
            let (t, p) = (clip.truth.len().max(1), clip.predicted.len().max(1));
            clip.truth.rotate_left(turn % t);
            clip.predicted.rotate_left(turn % p);
        }
        let (mut was, mut is) = (figures_of(&clips), figures_of(&turned));
        // Which of several equal or overlapping predictions stands in place of a missed event may depend on their order.
        was.missed_as.clear();
        is.missed_as.clear();
        prop_assert_eq!(was, is);
    }

    #[test]
    fn shifting_everything_changes_nothing(clips in any_clips(), shift_ms in -1000i64..100_000) {
        let by = |at: Timestamp| Timestamp::from_nanos(at.as_nanos() + shift_ms * 1_000_000);
        let mut shifted = clips.clone();
        for clip in &mut shifted {
            for event in &mut clip.truth {
                (event.onset, event.apex, event.offset) = (by(event.onset), by(event.apex), by(event.offset));
            }
            for event in &mut clip.predicted {
                (event.onset, event.apex, event.offset) = (by(event.onset), by(event.apex), event.offset.map(by));
                (event.flagged_at, event.confirmed_at) = (event.flagged_at.map(by), event.confirmed_at.map(by));
            }
        }
        prop_assert_eq!(figures_of(&clips), figures_of(&shifted));
    }

    #[test]
    fn figures_stay_in_bounds_and_add_up(clips in any_clips()) {
        let report = score(&clips, &FAST);
        let all = &report.overall;
        let alarms = all.alarms.as_ref().unwrap();
        let shares = [all.recall, all.apex_inside_recall, alarms.precision, alarms.f1, report.curve.average_precision];
        prop_assert!(shares.into_iter().flatten().all(|share| (0.0..=1.0).contains(&share)));
        prop_assert_eq!(alarms.claims, all.found + alarms.false_alarms);
        prop_assert!(all.found <= all.truth);
        let sum = |tallies: &[Tally]| tallies.iter().map(|tally| tally.count).sum::<usize>();
        prop_assert_eq!(sum(&report.false_alarms_on), alarms.false_alarms);
        prop_assert_eq!(sum(&report.missed_as), all.truth - all.found);
        prop_assert_eq!(sum(&report.predicted), clips.iter().map(|clip| clip.predicted.len()).sum::<usize>());
        for groups in [&report.breakdown.fps, &report.breakdown.base_kind, &report.breakdown.duration] {
            if !groups.is_empty() {
                prop_assert_eq!(groups.iter().map(|group| group.figures.truth).sum::<usize>(), all.truth);
                prop_assert_eq!(groups.iter().map(|group| group.figures.found).sum::<usize>(), all.found);
            }
        }
        // Where the curve ends, everything is accepted.
        if let Some(last) = report.curve.points.last() {
            prop_assert_eq!((last.found, last.false_alarms), (all.found, alarms.false_alarms));
        }
        for pair in report.curve.points.windows(2) {
            prop_assert!(pair[0].score > pair[1].score && pair[0].claims < pair[1].claims);
        }
        // Every report can be shown.
        let traces = vec![Traces::default(); clips.len()];
        prop_assert!(page_of(&report, &clips, &traces).ends_with("</html>\n"));
        prop_assert!(text_of(&report).contains("true micro-expressions"));
    }

    #[test]
    fn perfect_predictions_are_perfect(clips in any_clips()) {
        let mut clips = clips;
        for clip in &mut clips {
            let micros = clip.truth.iter().filter(|event| event.kind == MICRO);
            clip.predicted = micros
                .map(|event| PredictedEvent { offset: Some(event.offset), onset: event.onset, ..claim(0, 0.5, [0, 1]) })
                .collect();
        }
        let report = score(&clips, &FAST);
        let alarms = report.overall.alarms.as_ref().unwrap();
        if report.overall.truth > 0 {
            prop_assert_eq!(alarms.f1, Some(1.0));
            prop_assert_eq!(report.overall.apex_inside_recall, Some(1.0));
            prop_assert_eq!(report.curve.average_precision, Some(1.0));
        }
        prop_assert_eq!(alarms.false_alarms, 0);
    }

    #[test]
    fn one_more_alarm_far_from_everything_costs_precision_only(clips in any_clips()) {
        prop_assume!(!clips.is_empty());
        let before = score(&clips, &FAST);
        let mut clips = clips;
        clips[0].predicted.push(PredictedEvent { offset: Some(ms(900_400)), ..claim(99, 0.5, [900_000, 900_400]) });
        let after = score(&clips, &FAST);
        prop_assert_eq!(before.overall.recall, after.overall.recall);
        let alarms = |report: &SpottingReport| report.overall.alarms.as_ref().unwrap().false_alarms;
        prop_assert_eq!(alarms(&before) + 1, alarms(&after));
    }
}
