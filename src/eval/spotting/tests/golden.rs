//! Every figure of a small case, computed by hand.

use crate::eval::Quantiles;
use crate::eval::spotting::*;
use crate::types::{RegionId, Side};

use super::{claim, ms, truth, two_clips};

fn near(figure: Option<f64>, expected: f64) {
    let figure = figure.expect("there is a figure");
    assert!((figure - expected).abs() < 1e-9, "{figure} instead of {expected}");
}

fn group<'a>(groups: &'a [Group], name: &str) -> &'a Figures {
    let found = groups.iter().find(|group| group.name == name);
    &found
        .unwrap_or_else(|| {
            panic!("no group {name} in {:?}", groups.iter().map(|g| &g.name).collect::<Vec<_>>())
        })
        .figures
}

fn tally(tallies: &[Tally]) -> Vec<(&str, usize)> {
    tallies.iter().map(|tally| (tally.what.as_str(), tally.count)).collect()
}

#[test]
fn overall_figures_of_two_clips() {
    let report = score(&two_clips(), &ScoreParams::default());
    let all = &report.overall;
    assert_eq!((all.clips, all.people, all.seconds, all.truth, all.found), (2, 2, 90.0, 4, 2));
    near(all.recall, 0.5);
    let alarms = all.alarms.as_ref().unwrap();
    assert_eq!((alarms.claims, alarms.false_alarms), (5, 3));
    near(alarms.precision, 0.4);
    near(alarms.f1, 4.0 / 9.0);
    near(alarms.false_alarms_per_minute, 2.0);
    // Happiness (1.1 in 1.0-1.4) and fear; anger's apex at 10.2 is before the claim.
    near(all.apex_inside_recall, 0.5);
    assert_eq!(all.flag_after_onset_ms, Quantiles { n: 2, p50: Some(150.0), p95: Some(150.0) });
    assert_eq!(all.flag_after_apex_ms, Quantiles { n: 2, p50: Some(50.0), p95: Some(50.0) });
    assert_eq!(all.confirmed_after_offset_ms, Quantiles { n: 2, p50: Some(25.0), p95: Some(92.5) });
    assert!(all.observable.is_none() && report.seen.is_none());
    assert!(report.notes.iter().any(|note| note.contains("observable")), "{:?}", report.notes);
}

#[test]
fn what_alarms_fell_on_and_what_is_in_place_of_missed_events() {
    let report = score(&two_clips(), &ScoreParams::default());
    assert_eq!(tally(&report.false_alarms_on), [("blink", 1), ("micro, not matched", 1), ("nothing", 1)]);
    assert_eq!(tally(&report.missed_as), [("overlap too small", 1), ("vetoed: speech", 1)]);
    assert_eq!(
        tally(&report.predicted),
        [("micro, claimed", 5), ("macro", 1), ("micro, never confirmed", 1), ("micro, vetoed: speech", 1)]
    );
    let sad = &report.clips[0].events[1];
    assert_eq!((sad.onset_s, sad.offset_s, sad.missed_as.as_deref()), (5.0, 5.15, Some("vetoed: speech")));
    assert_eq!(report.clips[1].events[0].found.as_ref().map(|found| found.event), Some(0));
    near(report.clips[1].events[0].found.as_ref().map(|found| found.iou), 2.0 / 3.0);
}

#[test]
fn what_lasts_throughout_a_clip_is_not_what_an_alarm_fell_on() {
    let mut clips = two_clips();
    clips[1].truth.push(truth("noise", [0, 15_000, 30_000]));
    let report = score(&clips, &ScoreParams::default());
    assert_eq!(tally(&report.false_alarms_on), [("blink", 1), ("micro, not matched", 1), ("nothing", 1)]);
    assert_eq!(report.clips[1].events[0].during, ["speech"]);
}

#[test]
fn missed_events_are_told_apart() {
    let missed_as = |predicted: Vec<PredictedEvent>, params: &ScoreParams| {
        let events = vec![truth("micro", [1000, 1100, 1400])];
        let clip = Clip { truth: events, predicted, ..Clip::default() };
        score(&[clip], params).missed_as.first().map(|tally| tally.what.clone()).unwrap_or_default()
    };
    let all = ScoreParams::default();
    let strict = ScoreParams { min_score: Some(0.5), ..all };
    assert_eq!(missed_as(vec![], &all), "nothing");
    assert_eq!(missed_as(vec![claim(0, 0.9, [5000, 5400])], &all), "nothing");
    assert_eq!(missed_as(vec![claim(0, 0.4, [1000, 1400])], &strict), "score too low");
    let open =
        PredictedEvent { is_confirmed: false, offset: None, apex: ms(1200), ..claim(0, 0.9, [1000, 1400]) };
    assert_eq!(missed_as(vec![open], &all), "flagged, never confirmed");
    let macro_event = PredictedEvent { kind: "macro".to_owned(), ..claim(0, 0.9, [1000, 1400]) };
    assert_eq!(missed_as(vec![macro_event], &all), "macro");
    // Two events, one claim over both.
    let events = vec![truth("micro", [1000, 1100, 1400]), truth("micro", [1300, 1350, 1500])];
    let clip = Clip { truth: events, predicted: vec![claim(0, 0.9, [1000, 1450])], ..Clip::default() };
    assert_eq!(tally(&score(&[clip], &all).missed_as), [("claim of another event", 1)]);
}

#[test]
fn groups_of_clips_have_alarms_and_groups_of_events_do_not() {
    let report = score(&two_clips(), &ScoreParams::default());
    let still = group(&report.breakdown.base_kind, "still");
    assert_eq!((still.clips, still.people, still.seconds, still.truth, still.found), (1, 1, 60.0, 3, 1));
    near(still.alarms.as_ref().unwrap().false_alarms_per_minute, 2.0);
    near(group(&report.breakdown.fps, "60 fps").alarms.as_ref().unwrap().precision, 0.5);
    assert!(report.breakdown.condition.is_empty() && report.breakdown.distractor.is_empty());
    for (name, truth, found) in
        [("1.5-2 % ICD", 1, 1), ("2-3 % ICD", 1, 1), ("3-4 % ICD", 1, 0), ("4-6 % ICD", 1, 0)]
    {
        let figures = group(&report.breakdown.amplitude, name);
        assert_eq!((figures.truth, figures.found, figures.alarms.is_none()), (truth, found, true), "{name}");
    }
    let names: Vec<&str> = report.breakdown.duration.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(names, ["under 200 ms", "200-350 ms", "350-500 ms"]);
    assert_eq!(group(&report.breakdown.duration, "under 200 ms").found, 0);
    assert_eq!(group(&report.breakdown.during, "speech").found, 1);
    assert_eq!(group(&report.breakdown.during, "nothing else").truth, 3);
    assert_eq!(group(&report.breakdown.emotion, "fear").found, 1);
}

#[test]
fn the_confusion_counts_found_events_and_the_missed_beside_them() {
    let confusion = score(&two_clips(), &ScoreParams::default()).confusion;
    assert_eq!(confusion.emotions, ["happiness", "sadness", "anger", "fear"]);
    assert_eq!(confusion.labels, ["happiness", "sadness"]);
    assert_eq!(confusion.counts, [[1, 0], [0, 0], [0, 0], [0, 1]]);
    assert_eq!(confusion.missed, [0, 1, 1, 0]);
    assert_eq!((confusion.agreeing, confusion.n, confusion.agreement), (1, 2, Some(0.5)));
}

#[test]
fn the_curve_and_its_area() {
    let curve = score(&two_clips(), &ScoreParams::default()).curve;
    let points: Vec<(f64, usize, usize)> =
        curve.points.iter().map(|p| (p.score, p.found, p.false_alarms)).collect();
    assert_eq!(points, [(0.9, 1, 0), (0.8, 1, 1), (0.6, 2, 1), (0.5, 2, 2), (0.3, 2, 3)]);
    near(curve.average_precision, 0.25 * 1.0 + 0.25 * 2.0 / 3.0);
    near(curve.points[3].false_alarms_per_minute, 2.0 / 1.5);
    assert_eq!(curve.best_f1().map(|point| point.score), Some(0.6));
    assert_eq!(curve.at_most(1.0).map(|point| point.score), Some(0.6));
    assert_eq!(curve.at_most(0.0).map(|point| point.score), Some(0.9));
    // The curve does not depend on the smallest score, the figures do.
    let strict = score(&two_clips(), &ScoreParams { min_score: Some(0.7), ..ScoreParams::default() });
    assert_eq!(strict.curve, curve);
    assert_eq!((strict.overall.found, strict.overall.alarms.unwrap().claims), (1, 2));
}

#[test]
fn equal_scores_are_one_point_and_a_curve_may_be_empty() {
    let mut clips = two_clips();
    clips.iter_mut().flat_map(|clip| &mut clip.predicted).for_each(|event| event.score = 0.5);
    let curve = score(&clips, &ScoreParams::default()).curve;
    assert_eq!(curve.points.len(), 1);
    near(curve.average_precision, 0.5 * 0.4);
    assert_eq!(score(&[], &ScoreParams::default()).curve, Curve::default());
}

/// One-second frames from 0 to 60 s in which `is_seen` says what is observable.
fn observed(is_seen: impl Fn(usize, RegionId) -> bool) -> Option<Observed> {
    let frames = (0..60).map(|second| {
        let mut regions = RegionMask::default();
        RegionId::all().filter(|id| is_seen(second, *id)).for_each(|id| regions.insert(id));
        SeenFrame { at: ms(second as i64 * 1000), until: ms(second as i64 * 1000 + 1000), regions }
    });
    Some(Observed { frames: frames.collect(), smallest_icd: Vec::new() })
}

#[test]
fn observable_figures_leave_out_what_could_not_be_seen() {
    let mut clips = two_clips();
    clips.truncate(1);
    // Happiness (mouth corners, second 1) and sadness (second 5) on observable regions, anger (second 10) hidden on one
    // side; nothing at all is seen from second 20 on.
    clips[0].truth.iter_mut().for_each(|event| event.sides = Sides::Both);
    clips[0].observed = observed(|second, id| second < 10 || (second < 20 && id.side == Side::Left));
    let report = score(&clips, &ScoreParams::default());
    let seen = report.overall.observable.as_ref().unwrap();
    assert_eq!((seen.judged, seen.truth, seen.found), (3, 2, 1));
    near(seen.recall, 0.5);
    near(seen.share, 2.0 / 3.0);
    // The false alarm on the blink came when nothing could be seen.
    assert_eq!((seen.seconds, seen.false_alarms), (20.0, 1));
    near(seen.false_alarms_per_minute, 3.0);
    assert_eq!(report.clips[0].events[2].is_observable, Some(false));
    assert_eq!(group(&report.breakdown.emotion, "anger").observable.as_ref().unwrap().truth, 0);
    let seen = report.seen.unwrap();
    assert_eq!((seen.brow_s, seen.mouth_s, seen.brow_or_mouth_s), (20.0, 20.0, 20.0));
    let side = |name: &str| seen.regions.iter().find(|region| region.region == name).unwrap().seconds;
    assert_eq!((side("chin_left"), side("chin_right")), (20.0, 10.0));
}

#[test]
fn clips_of_unknown_length_are_in_no_rate() {
    let mut clips = two_clips();
    clips[1].duration_s = None;
    let report = score(&clips, &ScoreParams::default());
    let alarms = report.overall.alarms.as_ref().unwrap();
    assert_eq!(alarms.false_alarms, 3);
    near(alarms.false_alarms_per_minute, 2.0);
    assert!(report.notes.iter().any(|note| note.contains("length of 1 of 2 clips")), "{:?}", report.notes);
}

#[test]
fn without_truth_or_claims_there_is_no_figure_and_no_number_is_made_up() {
    let empty = Clip { duration_s: Some(60.0), ..Clip::default() };
    let report = score(&[empty], &ScoreParams::default());
    let alarms = report.overall.alarms.as_ref().unwrap();
    assert_eq!((report.overall.recall, alarms.precision, alarms.f1), (None, None, None));
    near(alarms.false_alarms_per_minute, 0.0);
    // -ln 0.05
    near(report.intervals.unwrap().highest_rate_after_none, 2.995732273553991);
    assert!(report.notes.iter().any(|note| note.contains("no micro-expression")));
}

#[test]
fn intervals_need_two_units_and_people_count_as_one_each() {
    let clips = two_clips();
    let by_person = score(&clips, &ScoreParams::default()).intervals.unwrap();
    assert_eq!((by_person.unit, by_person.units), ("person", 2));
    // Draws of two: a and a, a and b, b and b; so recall is 1/3, 1/2 or 1, and both extremes are frequent.
    let [low, high] = by_person.recall.unwrap();
    assert!((low - 1.0 / 3.0).abs() < 1e-9 && (high - 1.0).abs() < 1e-9, "{low} {high}");
    let mut same_person = clips.clone();
    same_person[1].person = "p1".to_owned();
    let one = score(&same_person, &ScoreParams::default()).intervals.unwrap();
    assert_eq!((one.units, one.recall, one.f1), (1, None, None));
    let mut unknown = clips;
    unknown[1].person.clear();
    assert_eq!(score(&unknown, &ScoreParams::default()).intervals.unwrap().unit, "clip");
}

#[test]
fn the_same_seed_draws_the_same_intervals() {
    let clips: Vec<Clip> = (0..5)
        .flat_map(|n| {
            two_clips().into_iter().map(move |clip| Clip { person: format!("{}{n}", clip.person), ..clip })
        })
        .collect();
    let draw =
        |seed| score(&clips, &ScoreParams { seed, resamples: 300, ..ScoreParams::default() }).intervals;
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
    let [low, high] = draw(1).unwrap().recall.unwrap();
    assert!((1.0 / 3.0..0.5).contains(&low) && high > 0.5 && high < 1.0, "{low} {high}");
    assert_eq!(score(&clips, &ScoreParams { resamples: 0, ..ScoreParams::default() }).intervals, None);
}
