//! Small cases whose figures are worked out by hand.

use super::{of, row};
use crate::eval::recognition::{Figures, Prediction, Recognition, mcnemar};

fn near(figure: f64, expected: f64) {
    assert!((figure - expected).abs() < 1e-12, "{figure} instead of {expected}");
}

#[test]
fn a_class_that_is_absent_and_one_that_is_only_said() {
    // Truth a a b; said a c b. d neither occurs nor is said.
    let predictions = of(
        &["a", "b", "c", "d"],
        vec![
            row("1", "", 0, &[0.7, 0.1, 0.1, 0.1]),
            row("2", "", 0, &[0.3, 0.1, 0.6, 0.0]),
            row("3", "", 1, &[0.2, 0.8, 0.0, 0.0]),
        ],
    );
    let figures = Figures::plain(&predictions);
    near(figures.scores.accuracy, 2.0 / 3.0);
    // F1: a 2/3 (recall 1/2, precision 1), b 1, c 0, d 0.
    near(figures.scores.macro_f1, (2.0 / 3.0 + 1.0) / 4.0);
    near(figures.scores.uf1, (2.0 / 3.0 + 1.0) / 3.0);
    near(figures.scores.uar, (0.5 + 1.0) / 2.0);
    near(figures.scores.macro_recall, (0.5 + 1.0) / 4.0);
    near(figures.per_class["c"].specificity, 2.0 / 3.0);
    assert_eq!((figures.per_class["d"].auc, figures.per_class["c"].auc), (None, None));
    // Kappa: 9 - 3 * 2 over 9 - (2*1 + 1*1).
    near(figures.scores.kappa.unwrap(), 1.0 - 3.0 / 6.0);
    assert_eq!(figures.confusion.matrix, [[1, 0, 1, 0], [0, 1, 0, 0], [0; 4], [0; 4]]);
}

#[test]
fn a_curve_with_a_tie() {
    // b's probabilities: so .9, not .6, so .6, so .4, not .1. In pairs: .9 wins 2, .6 wins 1 and ties 1, .4 wins 1: 4.5 of 6.
    let shares = [(1, 0.9), (0, 0.6), (1, 0.6), (1, 0.4), (0, 0.1)];
    let rows = shares.iter().enumerate();
    let rows = rows.map(|(index, (truth, b))| row(&index.to_string(), "", *truth, &[1.0 - b, *b])).collect();
    let recognition = Recognition::of(&of(&["a", "b"], rows), 0, 1);
    near(recognition.pooled.per_class["b"].auc.unwrap(), 0.75);
    let points: Vec<[f64; 2]> = recognition.pooled.roc["b"]
        .iter()
        .map(|point| [point.false_positive_rate, point.true_positive_rate])
        .collect();
    let third = 1.0 / 3.0;
    assert_eq!(points, [[0.0, 0.0], [0.0, third], [0.5, 2.0 / 3.0], [0.5, 1.0], [1.0, 1.0]]);
    assert!(recognition.pooled.intervals.is_none(), "no draws were asked for");
}

#[test]
fn calibration_of_a_case_by_hand() {
    let predictions = of(
        &["a", "b"],
        vec![row("1", "", 0, &[0.9, 0.1]), row("2", "", 1, &[0.9, 0.1]), row("3", "", 0, &[0.5, 0.5])],
    );
    let calibration = Figures::plain(&predictions).calibration;
    // 0.9 in bin 13 is right one time of two; 0.5 in bin 7 once of once.
    near(calibration.ece.unwrap(), ((1.8f64 - 1.0).abs() + (0.5f64 - 1.0).abs()) / 3.0);
    near(calibration.brier.unwrap(), (0.02 + 1.62 + 0.5) / 3.0);
    near(calibration.log_loss.unwrap(), -(0.9f64.ln() + 0.1f64.ln() + 0.5f64.ln()) / 3.0);
    assert_eq!((calibration.bins.len(), calibration.bins[13].count, calibration.bins[7].count), (15, 2, 1));
    assert_eq!(calibration.bins[13].right, Some(0.5));
    assert_eq!(calibration.bins[0].confidence, None);
}

/// 40 examples of four people over two folds; even ones are right.
fn four_people() -> super::Predictions {
    let rows = (0..40usize).map(|index| Prediction {
        fold: index % 4 / 2,
        stimulus: ["questionnaire", "image"][index / 20].to_owned(),
        gender: ["female", "male"][index % 2].to_owned(),
        kind: "micro".to_owned(),
        ..row(
            &format!("e{index:02}"),
            &format!("P{}", index % 4),
            index / 4 % 2,
            if (index % 2 == 0) == (index / 4 % 2 == 0) { &[0.8, 0.2] } else { &[0.3, 0.7] },
        )
    });
    of(&["anger", "sadness"], rows.collect())
}

#[test]
fn folds_subsets_and_intervals() {
    let recognition = Recognition::of(&four_people(), 200, 7);
    assert_eq!((recognition.pooled.count, recognition.pooled.subjects, recognition.unusable), (40, 4, 0));
    near(recognition.pooled.scores.accuracy, 0.5);
    assert_eq!(
        recognition.folds.iter().map(|fold| (fold.fold, fold.figures.count)).collect::<Vec<_>>(),
        [(0, 20), (1, 20)]
    );
    near(recognition.mean_over_folds.accuracy.mean, 0.5);
    near(recognition.mean_over_folds.accuracy.sd.unwrap(), 0.0);
    let names: Vec<String> = recognition.subsets.iter().map(|subset| subset.name()).collect();
    assert_eq!(
        names,
        [
            "image",
            "questionnaire",
            "female",
            "male",
            "image, female",
            "image, male",
            "questionnaire, female",
            "questionnaire, male"
        ]
    );
    // Even examples are the women's.
    near(recognition.subsets[2].figures.scores.accuracy, 1.0);
    near(recognition.subsets[3].figures.scores.accuracy, 0.0);
    assert!(recognition.subsets.iter().all(|subset| subset.figures.roc.is_empty()));
    let intervals = recognition.pooled.intervals.unwrap();
    assert_eq!((intervals.unit, intervals.units), ("subject", 4));
    // Each person is all right or all wrong: draws of four give 0, 1/4 .. 1.
    assert_eq!(intervals.accuracy, [0.0, 1.0]);
    let woman = recognition.subsets[2].figures.intervals.as_ref().unwrap();
    assert_eq!((woman.units, woman.accuracy), (2, [1.0, 1.0]));
}

#[test]
fn the_text_has_every_table() {
    let text = Recognition::of(&four_people(), 50, 7).text();
    for part in [
        "40 examples, 4 people, 2 folds",
        "accuracy",
        "kappa 0.000",
        "mean ± sd",
        "questionnaire, female",
        "row: the truth",
        "50 draws of 4 subjects",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[test]
fn the_json_has_its_keys() {
    let json = serde_json::to_value(Recognition::of(&four_people(), 50, 7)).unwrap();
    for key in [
        "accuracy",
        "uf1",
        "uar",
        "macro_f1",
        "per_class",
        "confusion",
        "roc",
        "calibration",
        "kappa",
        "intervals",
    ] {
        assert!(!json["pooled"][key].is_null(), "pooled.{key}");
    }
    assert_eq!(json["folds"][1]["fold"], 1);
    assert!(json["folds"][0]["accuracy"].is_number());
    assert_eq!(json["subsets"][0]["by"]["stimulus"], "image");
    assert_eq!(json["pooled"]["confusion"]["labels"][0], "anger");
}

#[test]
fn rows_that_are_no_prediction_are_counted_apart() {
    let mut predictions = four_people();
    predictions.rows[0].shares.pop();
    predictions.rows[1].truth = 9;
    predictions.rows[2].shares[0] = f64::NAN;
    let recognition = Recognition::of(&predictions, 10, 1);
    assert_eq!((recognition.pooled.count, recognition.unusable), (37, 3));
    assert!(recognition.text().contains("3 rows are no prediction"));
    let nothing = Recognition::of(&of(&[], vec![]), 10, 1);
    assert_eq!((nothing.pooled.count, nothing.pooled.scores.accuracy), (0, 0.0));
    assert!(nothing.pooled.calibration.ece.is_none() && !nothing.text().is_empty());
}

#[test]
fn mcnemar_pairs_by_name_whatever_the_order_of_rows_and_classes() {
    let a = four_people();
    let mut b = four_people();
    b.rows.iter_mut().take(3).for_each(|row| row.shares.reverse());
    b.rows.reverse();
    // The same classes in another order.
    b.classes.reverse();
    for row in &mut b.rows {
        row.truth = 1 - row.truth;
        row.shares.reverse();
    }
    let test = mcnemar(&a, &b).unwrap();
    // e00 and e02 were right, e01 was wrong.
    assert_eq!((test.both_right, test.only_first, test.only_second, test.both_wrong), (18, 2, 1, 19));
    assert!(test.exact);
    near(test.p, 1.0);
    assert!(
        test.text().contains("only the first 2, only the second 1")
            && test.text().contains("p = 1.0000 (exact")
    );
    let same = mcnemar(&a, &a).unwrap();
    assert_eq!((same.only_first, same.only_second), (0, 0));
    near(same.p, 1.0);
}

#[test]
fn predictions_of_other_examples_are_not_paired() {
    let a = four_people();
    let error = |b: &super::Predictions| mcnemar(&a, b).unwrap_err().to_string();
    let mut b = four_people();
    b.rows.pop();
    assert!(error(&b).contains("the second lacks example e39"), "{}", error(&b));
    b.rows.push(row("other", "", 0, &[1.0, 0.0]));
    assert!(error(&b).contains("e39"));
    let mut b = four_people();
    b.rows[5].truth = 1 - b.rows[5].truth;
    assert!(
        error(&b).contains("example e05 is sadness in the first and anger in the second"),
        "{}",
        error(&b)
    );
    b.rows[6] = b.rows[5].clone();
    assert!(error(&b).contains("the second has example e05 twice"));
}
