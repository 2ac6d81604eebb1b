//! Intervals scored: an example worked out by hand, tables that cannot be used, and what must hold of all.

use std::path::Path;

use proptest::prelude::*;

use super::read::videos_from;
use super::*;
use crate::eval::csv_file::CsvFile;

/// Frames. Micro-expressions, with their IoU (both ends inside):
/// - v1 10-19 negative: found by 12-21, 8 of 12 frames, 0.667, called negative (right);
/// - v1 40-49 surprise: found by 40-44, 5 of 10 frames, 0.5 just reaches; called positive (wrong); 44-60 has 6 of 21, 0.286, too
///   little: a false alarm, called negative;
/// - v2 5-14 negative: found by 5-14, 1, called surprise (wrong);
/// - v2 200-209 positive: found by 203-212, 7 of 13 frames, 0.538, called positive (right);
/// - v2 300-309 surprise: missed;
/// - v3 has nothing: 1-10, called negative, is a false alarm.
///
/// Longer ones: v1 100-149 positive, found by 120-149, 30 of 50 frames, 0.6, called positive; v2 400-409 is a false alarm.
const TRUTH: &str = "video,subject,kind,onset,offset,label\n\
    v1,s1,micro,10,19,negative\n\
    v1,s1,micro,40,49,surprise\n\
    v1,s1,macro,100,149,positive\n\
    v2,s2,micro,5,14,negative\n\
    v2,s2,micro,200,209,positive\n\
    v2,s2,micro,300,309,surprise\n\
    v3,s2,none,,,\n";

const PREDICTIONS: &str = "video,kind,onset,offset,label\n\
    v1,micro,12,21,negative\n\
    v1,micro,40,44,positive\n\
    v1,micro,44,60,negative\n\
    v1,macro,120,149,positive\n\
    v2,micro,5,14,surprise\n\
    v2,micro,203,212,positive\n\
    v2,macro,400,409,negative\n\
    v3,micro,1,10,negative\n";

fn read(truth: &str, predictions: &str) -> Result<Vec<Video>, String> {
    let [truth_path, path] = ["truth.csv", "found.csv"].map(Path::new);
    let truth = CsvFile::new(truth_path, truth.as_bytes()).map_err(|error| error.to_string())?;
    let predictions = CsvFile::new(path, predictions.as_bytes()).map_err(|error| error.to_string())?;
    videos_from((truth_path, truth), (path, predictions)).map_err(|error| error.to_string())
}

fn report(truth: &str, predictions: &str) -> MegcReport {
    MegcReport::of(&read(truth, predictions).unwrap(), &MegcParams::default())
}

fn near(figure: f64, expected: f64) {
    assert!((figure - expected).abs() < 1e-12, "{figure} instead of {expected}");
}

#[test]
fn spotting_of_the_example_by_hand() {
    let report = report(TRUTH, PREDICTIONS);
    assert_eq!((report.videos, report.subjects, report.params.unit), (3, 2, Some(TimeUnit::Frames)));
    let counts =
        |f: &MegcFigures| (f.truth, f.predicted, f.true_positives, f.false_positives, f.false_negatives);
    // Micro: 4 found of 5, by 6: precision 4/6, recall 4/5, F1 8/11.
    assert_eq!(counts(&report.micro), (5, 6, 4, 2, 1));
    near(report.micro.precision, 4.0 / 6.0);
    near(report.micro.recall, 4.0 / 5.0);
    near(report.micro.f1, 8.0 / 11.0);
    near(report.micro.mean_iou.unwrap(), (8.0 / 12.0 + 0.5 + 1.0 + 7.0 / 13.0) / 4.0);
    // Macro: 1 of 1, by 2: F1 2/3. Overall: 5 of 6, by 8: F1 10/14.
    assert_eq!(counts(&report.macro_), (1, 2, 1, 1, 0));
    near(report.macro_.f1, 2.0 / 3.0);
    assert_eq!(counts(&report.overall), (6, 8, 5, 3, 1));
    near(report.overall.f1, 10.0 / 14.0);
    let v3 = report.by_video.iter().find(|one| one.video == "v3").unwrap();
    assert_eq!((v3.kind, v3.truth, v3.predicted, v3.f1), (IntervalKind::Micro, 0, 1, 0.0));
    let v1 = &report.by_video[0];
    assert_eq!((v1.video.as_str(), v1.truth, v1.predicted, v1.true_positives), ("v1", 2, 3, 2));
    near(v1.f1, 4.0 / 5.0);
}

#[test]
fn recognition_and_strs_of_the_example_by_hand() {
    let report = report(TRUTH, PREDICTIONS);
    // Micro, spotted: negative as negative, surprise as positive, negative as surprise, positive as positive.
    // negative: precision 1/1, recall 1/2, F1 2/3; positive: 1/2, 1/1, 2/3; surprise: 0, 0, 0.
    let micro = report.micro.analysis.as_ref().unwrap();
    assert_eq!((micro.count, micro.right, micro.classes.len()), (4, 2, 3));
    near(micro.precision, (1.0 + 0.5 + 0.0) / 3.0);
    near(micro.recall, (0.5 + 1.0 + 0.0) / 3.0);
    near(micro.f1, 0.5);
    near(micro.uf1, (2.0 / 3.0 + 2.0 / 3.0) / 3.0);
    near(report.micro.strs.unwrap(), 8.0 / 11.0 * 0.5);
    // Overall there is one more positive as positive: precision 2/3, recall 2/2.
    let overall = report.overall.analysis.as_ref().unwrap();
    near(overall.precision, (1.0 + 2.0 / 3.0) / 3.0);
    near(overall.recall, 0.5);
    near(overall.f1, 10.0 / 19.0);
    near(report.overall.strs.unwrap(), 10.0 / 14.0 * 10.0 / 19.0);
    let ends = &report.micro.confusion;
    assert_eq!(ends.labels, ["negative", "positive", "surprise"]);
    assert_eq!(ends.matrix, [[1, 0, 1], [0, 1, 0], [0, 1, 0]]);
    assert_eq!((ends.missed.as_slice(), ends.false_alarms.as_slice()), (&[0, 0, 1][..], &[2, 0, 0][..]));
}

#[test]
fn labels_may_be_left_out_and_may_be_missing() {
    let params = MegcParams { without: vec!["surprise".to_owned()], ..MegcParams::default() };
    let report = MegcReport::of(&read(TRUTH, PREDICTIONS).unwrap(), &params);
    // Left: negative as negative, negative as surprise, positive as positive. negative: 1, 1/2; positive: 1, 1.
    let micro = report.micro.analysis.unwrap();
    assert_eq!(
        (micro.count, micro.classes.as_slice()),
        (3, &["negative".to_owned(), "positive".to_owned()][..])
    );
    near(micro.precision, 1.0);
    near(micro.recall, 0.75);
    near(report.micro.f1, 8.0 / 11.0);
    let bare =
        self::report("video,kind,onset,offset\nv,micro,1,5\n", "video,kind,onset,offset\nv,micro,1,5\n");
    assert_eq!((bare.micro.f1, bare.micro.analysis, bare.micro.strs), (1.0, None, None));
}

#[test]
fn seconds_have_no_frame_at_the_end() {
    let table = |rows: &str| format!("video,kind,onset,offset\n{rows}");
    // 1.0-2.0 and 1.5-2.5 share a third; 0-1 and 0.5-1 a half.
    let report = self::report(
        &table("v,micro,1.0,2.0\nv,micro,4,5\n"),
        &table("v,micro,1.5,2.5\nv,micro-expression,4.5,5\n"),
    );
    assert_eq!((report.params.unit, report.micro.true_positives), (Some(TimeUnit::Seconds), 1));
    near(report.micro.mean_iou.unwrap(), 0.5);
}

#[test]
fn each_truth_is_found_once_and_each_prediction_finds_once() {
    let table = |rows: &str| format!("video,kind,onset,offset\n{rows}");
    let report = self::report(
        &table("v,micro,0,9\nv,micro,20,29\n"),
        &table("v,micro,0,9\nv,micro,1,9\nv,micro,0,8\nv,macro,20,29\n"),
    );
    assert_eq!(
        (report.micro.true_positives, report.micro.false_positives, report.micro.false_negatives),
        (1, 2, 1)
    );
    near(report.micro.mean_iou.unwrap(), 1.0);
    assert_eq!(report.macro_.false_positives, 1);
}

#[test]
fn the_text_has_the_figures() {
    let text = report(TRUTH, PREDICTIONS).text();
    for part in ["3 videos, 2 people", "IoU >= 0.5, in frames", "0.7273", "0.3636", "nothing there", "missed"]
    {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    let json = serde_json::to_value(report(TRUTH, PREDICTIONS)).unwrap();
    assert_eq!(json["macro"]["true_positives"], 1);
    assert_eq!(json["params"]["unit"], "frames");
    assert_eq!(json["micro"]["analysis"]["f1"], 0.5);
}

#[test]
fn the_documentation_explains_every_key() {
    let doc = include_str!("../../../docs/evaluate.md");
    let json = serde_json::to_value(report(TRUTH, PREDICTIONS)).unwrap();
    for part in [
        &json,
        &json["params"],
        &json["micro"],
        &json["micro"]["analysis"],
        &json["micro"]["confusion"],
        &json["by_video"][0],
    ] {
        for key in part.as_object().unwrap().keys().filter(|key| *key != "by_video") {
            assert!(doc.contains(&format!("`{key}`")), "docs/evaluate.md does not explain {key}");
        }
    }
}

#[test]
fn what_cannot_be_used_is_named_with_its_place() {
    let fails = |truth: &str, predictions: &str, part: &str| {
        let error = read(truth, predictions).unwrap_err();
        assert!(error.contains(part), "{error}");
    };
    let header = "video,kind,onset,offset\n";
    fails("video,kind,onset\n", header, "truth.csv, line 1: there is no column offset");
    fails(header, header, "truth.csv: there are no rows");
    fails(TRUTH, &format!("{header}v1,blink,1,2\n"), "found.csv, line 2, column kind: \"blink\" is no kind");
    fails(TRUTH, &format!("{header}v1,none,1,2\n"), "column kind");
    fails(TRUTH, &format!("{header}v1,micro,1,\n"), "column offset: it is empty");
    fails(TRUTH, &format!("{header}v1,micro,9,2\n"), "before the onset");
    fails(TRUTH, &format!("{header}v9,micro,1,2\nv8,micro,1,2\n"), "the truth has no video v8, v9");
    let twins = "video,subject,kind,onset,offset\nv,s1,micro,1,5\nv,s2,micro,1,5\n";
    fails(twins, &format!("{header}v,micro,1,5\n"), "several subjects have a video v");
    let named = read(twins, "video,subject,kind,onset,offset\nv,s2,micro,1,5\n").unwrap();
    assert_eq!((named[0].predicted.len(), named[1].predicted.len()), (0, 1));
}

fn any_intervals() -> impl Strategy<Value = Vec<Interval>> {
    let one = (0..2usize, 0..60u32, 0..12u32, 0..3usize).prop_map(|(kind, onset, length, label)| Interval {
        kind: IntervalKind::ALL[kind],
        onset: f64::from(onset),
        offset: f64::from(onset + length),
        label: ["", "a", "b"][label].to_owned(),
    });
    prop::collection::vec(one, 0..12)
}

proptest! {
    #[test]
    fn counts_add_up_whatever_the_order(truth in any_intervals(), predicted in any_intervals()) {
        let video = |truth: Vec<Interval>, predicted: Vec<Interval>| Video { truth, predicted, ..Video::default() };
        let report = MegcReport::of(&[video(truth.clone(), predicted.clone())], &MegcParams::default());
        let all = &report.overall;
        prop_assert_eq!(all.truth, truth.len());
        prop_assert_eq!(all.predicted, predicted.len());
        prop_assert_eq!(all.true_positives, report.micro.true_positives + report.macro_.true_positives);
        prop_assert!(all.true_positives <= truth.len().min(predicted.len()));
        let ends: usize = all.confusion.matrix.iter().flatten().sum();
        prop_assert_eq!(ends, all.true_positives);
        prop_assert_eq!(all.confusion.missed.iter().sum::<usize>(), all.false_negatives);
        for value in [all.f1, all.precision, all.recall, all.strs.unwrap_or(0.0)] {
            prop_assert!((0.0..=1.0).contains(&value));
        }
        let reversed = |mut all: Vec<Interval>| { all.reverse(); all };
        let again = MegcReport::of(&[video(reversed(truth.clone()), reversed(predicted))], &MegcParams::default());
        prop_assert_eq!(again, report);
        // What is found exactly is found whole.
        let perfect = MegcReport::of(&[video(truth.clone(), truth.clone())], &MegcParams::default());
        prop_assert_eq!(perfect.overall.true_positives, truth.len());
    }
}
